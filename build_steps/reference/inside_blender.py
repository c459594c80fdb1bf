"""Run in Blender, the program or the module: inside_blender.py [--] PLAN.json. Writes down what the add-on registers.

The plan names the "result", and the "zip" to install first where the add-on is not installed yet.
"""

import importlib
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from build_steps.reference import commands

EXTENSION = "bl_ext.user_default.stylestrip"
# The panels of a strip's settings, by what stands over them, and where the names in them stand.
PANELS = {
    "": "setting_panels.SIMPLE",
    "Strokes and Colours": "setting_panels.STROKES",
    "Movement": "setting_panels.MOVEMENT",
    "Time and Quality": "setting_panels.EFFORT",
    "Result": "sequencer.panel.RESULT",
    "Method": "setting_panels.METHOD",
}


def part(name: str) -> Any:
    """A module of the add-on."""
    return importlib.import_module(f"{EXTENSION}.blender_addon.{name}")


def property_of(one: bpy.types.Property, fresh: bpy.types.bpy_struct | None) -> dict[str, Any]:
    """A property in words: name, label, description, default, bounds and choices.

    What is chosen in `fresh`, which nobody has changed, is the default of a choice that is told by other settings.
    """
    told = {"name": one.identifier, "label": one.name, "text": one.description, "kind": one.type}
    told["hidden"] = one.is_hidden or ((not one.name or one.name == one.identifier) and not one.description)
    if one.type in ("INT", "FLOAT"):
        told |= {"low": one.hard_min, "high": one.hard_max, "usual": [one.soft_min, one.soft_max]}
        told["unit"] = {"PIXEL": "pixels", "PERCENTAGE": "%"}.get(one.subtype, "")
    if one.type in ("INT", "FLOAT", "BOOLEAN"):
        told["default"] = list(one.default_array) if one.is_array else one.default
    elif one.type == "STRING":
        told["default"] = one.default
    elif one.type == "ENUM":
        told["choices"] = [[item.identifier, item.name, item.description] for item in one.enum_items_static]
        told["default"] = getattr(fresh, one.identifier) if fresh else one.default if told["choices"] else ""
    return told


def group(rna: bpy.types.Struct, fresh: bpy.types.bpy_struct | None = None) -> list[dict[str, Any]]:
    """All properties of a group, an operator or the preferences that are its own, and not every group's."""
    every = {one.identifier: one.description for one in bpy.types.PropertyGroup.bl_rna.properties}
    own = [one for one in rna.properties if every.get(one.identifier) != one.description]
    hidden = ("rna_type", "bl_idname", "bl_system_properties_get")
    return [property_of(one, fresh) for one in own if one.identifier not in hidden]


def choices_of_region() -> dict[str, list[list[str]]]:
    """The mattes of a region, which depend on whether it is of a strip or of a node."""
    offered = part("regions.settings").OFFERED
    return {"strip": [list(item[:3]) for item in offered[False]], "node": [list(item[:3]) for item in offered[True]]}


def operators() -> list[dict[str, Any]]:
    """All operators of the add-on, by name."""
    found = []
    for name in sorted(dir(bpy.ops.stylestrip)):
        rna = getattr(bpy.ops.stylestrip, name).get_rna_type()
        found.append({"name": name, "label": rna.name, "text": rna.description, "properties": group(rna)})
    return found


def play(plan: dict[str, Any]) -> dict[str, Any]:
    """Everything that the pages are made of and that only Blender knows."""
    if plan.get("zip"):
        bpy.ops.extensions.package_install_files(filepath=plan["zip"], repo="user_default", enable_on_install=False)
    bpy.ops.preferences.addon_enable(module=EXTENSION)
    settings, regions = part("settings"), part("regions.settings")
    node = bpy.data.node_groups.new("Fresh", "CompositorNodeTree").stylestrip_node
    region = node.settings.regions.add()
    panels = {}
    for title, place in PANELS.items():
        module, _, constant = place.rpartition(".")
        panels[title] = list(getattr(part(module), constant))
    command, setup, cache = part("command"), part("setup_command"), part("cache_command")
    return {
        "groups": {
            "strip": group(settings.StylestripSettings.bl_rna, node.settings),
            "region": group(regions.StylestripRegion.bl_rna, region),
            "keyframe": group(regions.StylestripKeyframe.bl_rna),
            "thing": group(regions.StylestripThing.bl_rna),
            "node": group(part("compositor.settings").StylestripNode.bl_rna, node),
            "preferences": [
                one for one in group(part("preferences").StylestripPreferences.bl_rna) if one["name"] != "module"
            ],
        },
        "mattes": choices_of_region(),
        "panels": panels,
        "keyed": list(part("job_fields").ANIMATED),
        "operators": operators(),
        "commands": {
            "stylestrip": commands.described(command.parser()),
            **{f"stylestrip {name}": commands.described(setup.parser(name)) for name in setup.COMMANDS},
            f"stylestrip {cache.COMMAND}": commands.described(cache.parser()),
        },
        "keys": [[key.operator, key.key, key.modifiers] for key in part("sequencer.menus").KEYS],
    }


if __name__ == "__main__":
    code = 1
    try:
        asked = json.loads(Path(sys.argv[-1]).read_text(encoding="utf-8"))
        Path(asked["result"]).write_text(json.dumps(play(asked)), encoding="utf-8")
        code = 0
    except Exception:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the 4.5 module hangs when Python ends the usual way
