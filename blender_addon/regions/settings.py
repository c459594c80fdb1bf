"""What a region of a strip is set to, as Blender properties, and the Region of a Job that it describes."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain, count
from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, CollectionProperty, EnumProperty, IntProperty, PointerProperty, StringProperty
from bpy.types import Context, Mask, NodeTree, PropertyGroup, Scene

from ...style_core.job import Keyframe, Look, Region, UserError
from ...style_core.looks import with_look
from ..gallery import picture_properties, style_files
from ..host.painted import blend_relative
from ..host.strips import absolute
from ..job_fields import LOOKS, PEOPLE_FIELDS, REGION_FIELDS, RENDERED_FIELDS
from ..properties import NOT_KEYED, RELATIVE, blender_property, look_property, values_of

# Where a region's matte comes from: what it is called, and what it does.
SOURCES = {
    "OBJECT": ("Object", "A thing that you cut out of one frame, and that is followed through the others"),
    "MASK": ("Mask", "A mask of Blender's mask editor, with its animation and feather"),
    "PEOPLE": ("People", "All people in the picture, found by themselves"),
    "FACES": ("Faces", "All faces in the picture, found by themselves"),
    "MODIFIER": ("Mask Modifiers", "What the strip's own mask modifiers show"),
    "STRIP": ("Strip", "Another film or picture strip: its white is painted, its black is not"),
    "ALPHA": ("Alpha", "Where the strip's own pictures are opaque"),
    "FILE": ("File", "A picture, a film or a folder of pictures: white is painted, black is not"),
    "CRYPTOMATTE": (
        "Cryptomatte",
        "Objects, materials or assets of the scene, exactly as they are rendered: with smooth edges, and right in "
        "motion blur, depth of field and transparency",
    ),
    "INDEX": ("Pass Index", "Objects or materials of the scene that have a pass index; edges are hard. Cycles only"),
}
# Those that only a node can have, whose image comes from a scene; and those that it can have as well as a strip.
OF_SCENES = ("CRYPTOMATTE", "INDEX")
OF_NODES = (*OF_SCENES, "PEOPLE", "FACES", "FILE")
# Those that the painter finds by itself.
FOUND = {"OBJECT": "object", "PEOPLE": "people", "FACES": "faces"}
# How the painter calls what a render knows.
RENDERED = {"CRYPTOMATTE": "cryptomatte", "INDEX": "index"}

# What is painted in a region.
PAINTS = {
    "SAME": ("As Set Above", "In the style picture and look that are set for all of it"),
    "OWN": ("Own Style", "In a style picture and look of its own"),
    "KEEP": ("Not at All", "The picture is kept as it is"),
}


def choices(of: dict[str, tuple[str, str]]) -> list[tuple[str, str, str]]:
    """The items of an EnumProperty."""
    return [(key, *words) for key, words in of.items()]


class StylestripKeyframe(PropertyGroup):
    """A frame in which a person has said where the object is."""

    __annotations__ = {
        "frame": IntProperty(name="Frame", description="The frame of the source, from 1", min=1, options=NOT_KEYED),
        "matte": StringProperty(
            name="Matte", description="A grey picture: the object is white", subtype="FILE_PATH", options=RELATIVE
        ),
    }


def keep_unique(region: "StylestripRegion", context: Context) -> None:
    """Gives a region that was named as another one of its strip is, or not at all, a name of its own."""
    name = unique_name(region.name or "Region", {other.name for other in others_of(region)})
    if name != region.name:
        region.name = name


def unique_name(name: str, taken: set[str]) -> str:
    """The name, with a number after it if it is taken."""
    numbered = (f"{name} {number}" for number in count(2))
    return next(free for free in chain([name], numbered) if free not in taken)


def others_of(region: "StylestripRegion") -> list["StylestripRegion"]:
    """The other regions of a region's strip or node."""
    if is_of_node(region):
        lists = [region.id_data.stylestrip_node.settings.regions]
    else:
        editor = region.id_data.sequence_editor
        lists = [strip.stylestrip.regions for strip in editor.strips_all] if editor else []
    own = next((regions for regions in lists if any(region == one for one in regions)), ())
    return [other for other in own if other != region]


def is_of_node(region: "StylestripRegion") -> bool:
    """Whether a region is of a Neural Style node, and not of a strip."""
    return isinstance(region.id_data, NodeTree)


def sources_for(region: "StylestripRegion", context: Context | None) -> list[tuple[str, str, str, str, int]]:
    """The mattes that a region can have, as items of an EnumProperty."""
    return OFFERED[is_of_node(region)]


# Blender keeps the numbers in files, and no words that Python gives up.
ITEMS = [(key, *words, "", place) for place, (key, words) in enumerate(SOURCES.items())]
OFFERED = {
    False: [item for item in ITEMS if item[0] not in OF_SCENES],
    True: [item for item in ITEMS if item[0] in OF_NODES],
}
USUAL = list(SOURCES).index("FILE")


def take_source(region: "StylestripRegion", context: Context) -> None:
    """Edges that a render knows are smooth already, and paint ends just there; others fade out. The only mask of a file
    is the one that is meant."""
    if region.source == "MASK" and region.mask is None and len(bpy.data.masks) == 1:
        region.mask = bpy.data.masks[0]
    usual = REGION_FIELDS["feather"].spec.default
    if region.source in OF_SCENES and region.feather == usual:
        region.feather = 0.0
    elif region.source not in OF_SCENES and region.feather == 0.0:
        region.feather = usual


class StylestripThing(PropertyGroup):
    """Something in the scene that belongs to a region."""

    __annotations__ = {
        "name": StringProperty(
            name="Name",
            description="What belongs to the region, by its name; * stands for anything, as in Tree.*",
            options=NOT_KEYED,
        ),
    }


class StylestripRegion(PropertyGroup):
    """The settings of one region."""

    __annotations__ = {
        "name": StringProperty(
            name="Name", description="What the region is called", update=keep_unique, options=NOT_KEYED
        ),
        "enabled": BoolProperty(
            name="Enabled", description="Whether the region counts", default=True, options=NOT_KEYED
        ),
        "source": EnumProperty(
            name="Matte",
            description="Where the region is",
            items=sources_for,
            default=USUAL,
            update=take_source,
            options=NOT_KEYED,
        ),
        "path": StringProperty(
            name="File",
            description="A picture, a film or a folder of pictures: white is painted, black is not",
            subtype="FILE_PATH",
            options=RELATIVE,
        ),
        "mask": PointerProperty(name="Mask", description="A mask of Blender's mask editor", type=Mask),
        "mask_lies_over": EnumProperty(
            name="Drawn On",
            description="What the mask was drawn on",
            options=NOT_KEYED,
            items=[
                ("FRAME", "The Preview", "The mask covers the whole frame, as the preview shows it"),
                ("STRIP", "The Strip's Picture", "The mask was drawn on the strip's own picture, and moves with it"),
            ],
        ),
        "mask_time": EnumProperty(
            name="Keys Go With",
            description="What the keys of the mask go with",
            options=NOT_KEYED,
            items=[
                ("ABSOLUTE", "Timeline", "The mask is as it is at the same frame of the timeline"),
                ("RELATIVE", "Strip", "The mask begins where the strip's content does, and moves in time with it"),
            ],
        ),
        "strip": StringProperty(name="Strip", description="The strip that is the matte", options=NOT_KEYED),
        "use_alpha": BoolProperty(
            name="Use Its Alpha", description="Take the matte's alpha instead of its brightness", options=NOT_KEYED
        ),
        "things": CollectionProperty(type=StylestripThing),
        "thing_index": IntProperty(options={"HIDDEN"}),
        "layer": StringProperty(
            name="View Layer",
            description="The view layer that shows what belongs to the region; empty: the only one that comes in",
            options=NOT_KEYED,
        ),
        "keyframes": CollectionProperty(type=StylestripKeyframe),
        # The folder with the mattes of an object that was followed, and from what.
        "followed": StringProperty(subtype="DIR_PATH", options={"HIDDEN", *RELATIVE}),
        "followed_from": StringProperty(options={"HIDDEN"}),
        # The mattes that were drawn or found last, and what the region was then.
        "seen": StringProperty(subtype="DIR_PATH", options={"HIDDEN", *RELATIVE}),
        "seen_source": StringProperty(options={"HIDDEN"}),
        # Finds the region again when what the painter does for it is done, whatever its name is by then.
        "ticket": StringProperty(options={"HIDDEN"}),
        "paint": EnumProperty(
            name="Paint", description="What is painted in the region", items=choices(PAINTS), options=NOT_KEYED
        ),
        **picture_properties("The painting whose look the region shall take; no file: the strip's"),
        "look": look_property(description="What kind of painting the region shall be"),
        **{name: blender_property(field) for name, field in (REGION_FIELDS | PEOPLE_FIELDS | RENDERED_FIELDS).items()},
    }


def see(region: StylestripRegion, mattes: Path, source: str) -> None:
    """Notes which mattes a region has had as `source`, one of SOURCES, so that they can be shown."""
    region.seen, region.seen_source = blend_relative(mattes), source


def region_of(
    own: StylestripRegion, look: Look, scene: Scene, mask: str, overrides: Mapping[str, Any], cache: Path | None = None
) -> Region:
    """The Region that a region's settings describe.

    Args:
        own: the settings.
        look: that of the strip.
        scene: the scene of the strip.
        mask: the file or folder with the region's matte; empty where the painter finds it by itself.
        overrides: other values for settings by name.
        cache: the cache folder, where the region is painted; None: its style picture is of no concern.

    Raises:
        UserError: a value does not fit, or the style picture cannot be used.
    """
    values = values_of(own, list(REGION_FIELDS)) | dict(overrides)
    if own.source == "PEOPLE":
        values |= {"network": own.network, "network_weights": own.network_weights}
        if own.network_weights:
            values["network_weights"] = absolute(own.network_weights, scene)
    if own.source in RENDERED:
        values |= values_of(own, list(RENDERED_FIELDS)) | {"refine": "none"}
    if own.paint == "KEEP":
        values["strength"] = 0.0
    if own.paint == "OWN":
        named = with_look(look, LOOKS[own.look])
        styles = style_files(own, scene, cache) if cache else ()
        values["look"] = replace(named, styles=styles, style_shares=()) if styles else named
    keyframes = keyframes_of(own, scene) if own.source == "OBJECT" else ()
    matte = (FOUND | RENDERED).get(own.source, "file")
    return Region(mask=mask, name=own.name, matte=matte, keyframes=keyframes, **values)


def keyframes_of(region: StylestripRegion, scene: Scene) -> tuple[Keyframe, ...]:
    """The keyframes of a region for a job, in order; raises UserError if there is none, or a matte is gone."""
    if not region.keyframes:
        raise UserError(f"Region '{region.name}' has no cut-out yet: press Cut Out, and show where the thing is.")
    found = [Keyframe(own.frame, absolute(own.matte, scene)) for own in region.keyframes]
    for keyframe in found:
        if not Path(keyframe.matte).is_file():
            raise UserError(
                f"What was cut out for the region '{region.name}' in frame {keyframe.frame} of its film is gone from "
                f"the cache ('{keyframe.matte}'): cut it out again there, or remove that frame from the region."
            )
    return tuple(sorted(found, key=lambda keyframe: keyframe.frame))
