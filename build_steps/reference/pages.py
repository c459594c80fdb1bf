"""The pages in docs/ with what they take from the code: a line `{{ name }}` stands for what NAMES makes of it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from style_core.__main__ import parser
from style_core.looks import presets
from style_core.styles import STYLES

from . import commands, job_schema
from .messages import Message, messages
from .tables import code, heading, options_table, settings_table, shown, table

ROOT = Path(__file__).resolve().parents[2]
PLACE = re.compile(r"^\{\{ (.+) \}\}$", re.MULTILINE)
# Rooms of the code, by what a person calls what they do; a message belongs to the first that fits.
ROOMS = {
    "blender_addon/compositor/": "Neural Style node",
    "blender_addon/preview/": "Preview",
    "blender_addon/regions/": "Regions and cut-outs",
    "blender_addon/host/matte": "Regions and cut-outs",
    "blender_addon/host/outlines": "Regions and cut-outs",
    "blender_addon/runtime/": "Painter: installing and checking",
    "blender_addon/painter": "Painter: installing and checking",
    "blender_addon/setup_command": "Painter: installing and checking",
    "blender_addon/preferences": "Painter: installing and checking",
    "blender_addon/client": "Painter: starting and answering",
    "blender_addon/connection": "Painter: starting and answering",
    "style_core/worker": "Painter: starting and answering",
    "style_core/protocol": "Painter: starting and answering",
    "style_core/doctor": "Painter: starting and answering",
    "blender_addon/command": "Without a window",
    "blender_addon/cache_command": "Without a window",
    "blender_addon/disk": "Painter: installing and checking",
    "blender_addon/presets": "Pictures and looks",
    "blender_addon/named_looks": "Pictures and looks",
    "style_core/look": "Pictures and looks",
    "style_core/styles": "Pictures and looks",
    "blender_addon/": "Strips, paint and the queue",
    "style_core/regions/": "Regions and cut-outs",
    "style_core/region": "Regions and cut-outs",
    "style_core/media/": "Films, pictures and files",
    "style_core/cache": "Films, pictures and files",
    "style_core/kept": "Films, pictures and files",
    "style_core/motion/": "Motion",
    "style_core/": "Command line and job files",
}


def filled(text: str, known: dict[str, Any]) -> str:
    """A page with everything put in that it takes from the code; KeyError if it asks for what is not there.

    Args:
        text: the page, in Markdown.
        known: what `inside_blender.py` has written down.
    """
    return PLACE.sub(lambda found: NAMES[found[1]](known).strip("\n"), text)


def settings_of_strip(known: dict[str, Any]) -> str:
    """All settings of a strip, panel by panel."""
    by_name = {one["name"]: one for one in known["groups"]["strip"] if not one["hidden"]}
    parts = []
    top = [name for name in ("picture", "style", "image", "look") if name in by_name]
    for title, names in known["panels"].items():
        names = names if title else [*top, *names]
        parts += [
            heading(3, title or "At the top"),
            settings_table([by_name.pop(name) for name in names], known["keyed"]),
        ]
    if by_name:
        parts += [heading(3, "With regions"), settings_table(list(by_name.values()), known["keyed"])]
    return "\n".join(parts)


def settings_of(group: str) -> Callable[[dict[str, Any]], str]:
    """The settings of another group that are no strip's."""

    def made(known: dict[str, Any]) -> str:
        return settings_table([one for one in known["groups"][group] if not one["hidden"]], ())

    return made


def mattes(known: dict[str, Any]) -> str:
    """What a region may be, for strips and for nodes."""
    of_node = {item[0] for item in known["mattes"]["node"]}
    of_strip = {item[0] for item in known["mattes"]["strip"]}
    rows = []
    for key, name, text in dict.fromkeys(map(tuple, [*known["mattes"]["strip"], *known["mattes"]["node"]])):
        where = [word for word, kinds in (("strip", of_strip), ("node", of_node)) if key in kinds]
        rows.append([name, text, " and ".join(where), code(key)])
    return table(["Matte", "What belongs to the region", "Of a", "In scripts"], rows)


def operators(known: dict[str, Any]) -> str:
    """All operators, each with its properties; those that are settings of a strip are named alone."""
    settings = {one["name"]: one["label"] for one in known["groups"]["strip"] if not one["hidden"]}
    parts = []
    for one in known["operators"]:
        parts += [
            heading(3, code(f"stylestrip.{one['name']}")),
            f"**{one['label'] or one['name']}**: {shown(one['text'])}.\n",
        ]
        own = [prop for prop in one["properties"] if not prop["hidden"]]
        same = [prop for prop in own if settings.get(prop["name"]) == prop["label"]]
        if further := [prop for prop in own if prop not in same]:
            parts.append(settings_table(further, ()))
        if same:
            names = ", ".join(code(prop["name"]) for prop in same)
            parts.append(f"\nInstead of the strip's own [settings](panel.md#every-setting): {names}.\n")
    return "\n".join(parts)


def keys(known: dict[str, Any]) -> str:
    """The keys that call operators."""
    by_name = {f"stylestrip.{one['name']}": one["label"] for one in known["operators"]}
    rows = [
        [
            "+".join([*(held.capitalize() for held, is_held in held_with.items() if is_held), key]),
            by_name[name],
            code(name),
        ]
        for name, key, held_with in known["keys"]
    ]
    return table(["Key", "What it does", "In scripts"], rows)


def command_of_blender(name: str) -> Callable[[dict[str, Any]], str]:
    """The options of one of the commands in Blender."""
    return lambda known: options_table(known["commands"][name]["options"])


def command_line(known: dict[str, Any]) -> str:
    """All commands of the painter with their options."""
    parts = []
    for name, told in commands.subcommands(parser()).items():
        parts += [heading(3, code(name)), told["about"][:1].upper() + told["about"][1:] + ".\n"]
        if told["options"]:
            parts.append(options_table(told["options"]))
    return "\n".join(parts)


def job_tables(known: dict[str, Any]) -> str:
    """All parts of a job file."""
    parts = []
    for kind in job_schema.parts():
        hints, words = job_schema.get_type_hints(kind), job_schema.about(kind)
        intro = " ".join((kind.__doc__ or "").split("\n\n")[0].split())
        rows = []
        for spec in job_schema.dataclasses.fields(kind):
            low, high = spec.metadata.get("low"), spec.metadata.get("high")
            choices = ", ".join(map(code, spec.metadata.get("choices") or ()))
            limits = choices or ("" if low is None else f"from {low:g}" + ("" if high is None else f" to {high:,.10g}"))
            default = job_schema.default_of(spec)
            is_part = job_schema.dataclasses.is_dataclass(default)
            usual = "" if is_part or default is None else code(json.dumps(default))
            usual += ("; " if usual and limits else "") + limits
            rows.append([code(spec.name), words[spec.name], job_schema.type_words(hints[spec.name]), usual])
        parts += [heading(3, kind.__name__), intro + "\n"]
        parts.append(table(["Name", "What it is", "Type", "Default, and range"], rows))
    return "\n".join(parts)


def looks(known: dict[str, Any]) -> str:
    """The looks that come along, each with what it sets."""
    rows = []
    for key, look in presets().items():
        sets = ", ".join(f"{code(name)} {json.dumps(value)}" for name, value in look.settings.items())
        rows.append([look.name, code(key), look.about, sets or "nothing: all is at its default"])
    return table(["Look", "By name", "What it does", "What it sets"], rows)


def style_pictures(known: dict[str, Any]) -> str:
    """The style pictures that come along."""
    return table(["Picture", "By name", "What it is"], [[s.name, code(s.key), s.about] for s in STYLES.values()])


def all_messages(known: dict[str, Any]) -> str:
    """All messages, by what says them, in the order of the alphabet."""
    rooms: dict[str, list[Message]] = {name: [] for name in ROOMS.values()}
    for message in messages(ROOT):
        rooms[next(name for start, name in ROOMS.items() if message.file.startswith(start))].append(message)
    parts = []
    for name, said in rooms.items():
        parts.append(heading(2, name))
        parts += [f"- {shown(one.text)}" for one in sorted(said, key=lambda one: one.text.strip("'<").lower())]
    return "\n".join(parts)


NAMES: dict[str, Callable[[dict[str, Any]], str]] = {
    "settings of a strip": settings_of_strip,
    "settings of a region": settings_of("region"),
    "settings of a node": settings_of("node"),
    "settings of a keyframe": settings_of("keyframe"),
    "settings of a thing": settings_of("thing"),
    "preferences": settings_of("preferences"),
    "mattes": mattes,
    "operators": operators,
    "keys": keys,
    "command stylestrip": command_of_blender("stylestrip"),
    "command stylestrip setup": command_of_blender("stylestrip setup"),
    "command stylestrip doctor": command_of_blender("stylestrip doctor"),
    "command stylestrip cache": command_of_blender("stylestrip cache"),
    "command line": command_line,
    "job": job_tables,
    "looks": looks,
    "style pictures": style_pictures,
    "messages": all_messages,
}
