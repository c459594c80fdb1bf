"""What of a strip's settings has changed since a version of its paint was painted; asked while panels are drawn."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import Any

from bpy.types import ID, FCurve, PropertyGroup, Strip, bpy_prop_collection

from .gallery import FILE, IMAGE
from .host import versions
from .host.curves import curve_of
from .host.images import stamp_of_image
from .host.strips import absolute, spread, stamp_of
from .host.ways_in import FILES
from .job_fields import ANIMATED, JOB_FIELDS, LOOKS, is_asked_for

# What changes nothing in paint, or only tells of others.
SKIPPED = {
    "rna_type", "name", "ticket", "region_index", "thing_index", "preset", "seen", "seen_source", "device", "quality",
    "is_custom",
}  # fmt: skip
# Settings of one thing have one name.
LABELS = {"style": "Picture", "image": "Picture", "start_picture": "Begin from", "regions": "Regions"}
FIRST = ("picture", "style", "image", "look", "style_weight", "brush_size", "keep_colours", "size")
OF_KEYS = ("handle_left", "co", "handle_right")
HOW_KEYS = ("interpolation", "easing", "amplitude", "back", "period")
FILM = "The film"


def changes(strip: Strip, then: PropertyGroup, beside_then: str) -> list[str]:
    """What a strip is set to otherwise than before, as a person knows it.

    Args:
        strip: whose settings they are.
        then: as they were.
        beside_then: what `beside` said then; empty: that is not known.
    """
    own, found = strip.stylestrip, []
    keyed = {name for name in ANIMATED if curve_of(strip.id_data, strip, name)}
    for name in ordered(known.identifier for known in own.bl_rna.properties):
        # What has keys has another value at every frame.
        if name in SKIPPED | keyed or not (counts(name, own) or counts(name, then)):
            continue
        if value_of(own, name) != value_of(then, name):
            found.append(LABELS.get(name, own.bl_rna.properties[name].name))
    if beside_then:
        before, now = json.loads(beside_then), json.loads(beside(strip))
        found += [JOB_FIELDS[name].label for name in ANIMATED if before["keys"].get(name) != now["keys"].get(name)]
        found += [FILM] * (before["files"] != now["files"])
        # Which files these are is told by the settings.
        known = {(label, file): stamp for label, file, stamp in before.get("stamps", ())}
        found += [label for label, file, stamp in now["stamps"] if known.get((label, file), stamp) != stamp]
    return list(dict.fromkeys(found))


def ordered(names: Iterable[str]) -> list[str]:
    """Names of settings, those first that a person sees first."""
    return sorted(names, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))


def counts(name: str, own: PropertyGroup) -> bool:
    """Whether a setting has a say, as the others are."""
    if name in ("style", "image"):
        return own.picture == {"style": FILE, "image": IMAGE}[name]
    return is_asked_for(name, own)


def value_of(struct: PropertyGroup, name: str) -> Any:
    """A setting in a form that can be compared, with all that it holds."""
    value = getattr(struct, name)
    if isinstance(value, bpy_prop_collection):
        return [value_of_group(one) for one in value]
    if isinstance(value, ID):
        return value.name_full
    return value_of_group(value) if isinstance(value, PropertyGroup) else value


def value_of_group(group: PropertyGroup) -> dict[str, Any]:
    """The same of a region, or of what that holds."""
    names = [known.identifier for known in group.bl_rna.properties]
    return {name: value_of(group, name) for name in names if name not in SKIPPED - {"name"}}


def beside(strip: Strip) -> str:
    """What decides a strip's paint beside its settings, as JSON: its files, and keys of settings."""
    files: list[Any] = []
    if strip.type in FILES:
        # Where they lie changes when a project is moved.
        files = [PurePath(strip.filepath).name] if strip.type == "MOVIE" else [strip.elements[0].filename]
    curves = {name: curve for name in ANIMATED if (curve := curve_of(strip.id_data, strip, name))}
    start = versions.content_span(strip)[0]
    keys = {name: keys_of(curve, start) for name, curve in curves.items()}
    return json.dumps({"files": files, "keys": keys, "stamps": list(stamps(strip))})


def stamps(strip: Strip) -> Iterator[tuple[str, str, Any]]:
    """By what it is noticed that files of a strip's paint were replaced under their names: what a person calls the
    setting, the file, and that."""
    own, scene = strip.stylestrip, strip.id_data
    if strip.type == "MOVIE":
        yield FILM, "", stamp_of(Path(absolute(strip.filepath, scene)))
    elif strip.type == "IMAGE":
        folder = Path(absolute(strip.directory, scene))
        names = [strip.elements[place].filename for place in spread(len(strip.elements))]
        yield from ((FILM, name, stamp_of(folder / name)) for name in names)
    yield LABELS["style"], *stamp_of_picture(own)
    if counts("start_picture", own) and own.start_picture:
        yield LABELS["start_picture"], own.start_picture, stamp_of(Path(absolute(own.start_picture, scene)))
    for region in own.regions:
        if region.enabled and region.source == "FILE" and region.path:
            yield LABELS["regions"], region.path, stamp_of(Path(absolute(region.path, scene)))
        if region.enabled and region.paint == "OWN":
            yield LABELS["regions"], *stamp_of_picture(region)


def stamp_of_picture(own: PropertyGroup) -> tuple[str, Any]:
    """A style picture, and the same of it; those that come along stay as they are."""
    if own.picture == FILE and own.style:
        return own.style, stamp_of(Path(absolute(own.style, own.id_data)))
    return own.picture, stamp_of_image(own.image) if own.picture == IMAGE and own.image else None


def keys_of(curve: FCurve, start: float) -> list[Any]:
    """All that the keys of a curve are set to, counted from where the strip's content begins."""
    keys = []
    for key in curve.keyframe_points:
        places = [getattr(key, name) for name in OF_KEYS]
        keys.append([[[x - start, y] for x, y in places], [getattr(key, name) for name in HOW_KEYS]])
    return [curve.extrapolation, len(curve.modifiers), keys]


def in_words(own: PropertyGroup, then: PropertyGroup) -> list[str]:
    """The numbers and choices of a look in which settings differ from those before them, with their values."""
    names = [name for name, field in JOB_FIELDS.items() if field.part in ("look", "motion") and counts(name, own)]
    return [told(own, name) for name in ordered(names) if getattr(own, name) != getattr(then, name)]


def told(own: PropertyGroup, name: str) -> str:
    """A setting and its value, for a person."""
    value, known = getattr(own, name), own.bl_rna.properties[name]
    if known.type == "ENUM":
        return f"{known.name} {known.enum_items[value].name}"
    if known.type == "BOOLEAN":
        return f"{known.name} {'on' if value else 'off'}"
    return f"{known.name} {value:.3g}" if known.type in ("INT", "FLOAT") else known.name


def look_name(own: PropertyGroup) -> str:
    """What the look of settings is called."""
    return own.preset or LOOKS[own.look].name
