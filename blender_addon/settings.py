"""What a strip's painting is set to, as Blender properties beside the strip."""

from typing import Any

import bpy
from bpy.props import BoolProperty, CollectionProperty, EnumProperty, IntProperty, PointerProperty, StringProperty
from bpy.types import PropertyGroup

from .gallery import picture_properties
from .host import versions
from .host.own_modifier import WITHIN, WITHIN_NUMBER
from .job_fields import JOB_FIELDS, LOOKS, look_values
from .properties import NOT_KEYED, RELATIVE, blender_property, look_property, quality_property
from .regions.settings import StylestripKeyframe, StylestripRegion, StylestripThing

# Where the paint of a strip goes.
PLACES = [
    ("ABOVE", "Above the Strip", "In a strip on the next free channel; the strip itself is muted", 0),
    (
        "INSTEAD",
        "In the Strip's Place",
        "In a strip on the strip's own channel, and transitions and effects of the strip act on the paint; the strip "
        "itself is kept above, and muted",
        1,
    ),
]
OF_COMPOSITORS = (
    WITHIN,
    "As a Modifier of the Strip",
    "In a Compositor modifier of the strip itself, which keeps its place, crop, blending and effects; muting the "
    "modifier shows the film again, and its Strength is how much of the paint is seen",
    WITHIN_NUMBER,
)


def place_property(**further: Any) -> Any:
    """The Blender property that says where paint goes."""
    items = PLACES + [OF_COMPOSITORS] * versions.STRIPS_HAVE_COMPOSITORS
    given = {"name": "Put It", "description": "Where the painted strip goes", "items": items, "options": NOT_KEYED}
    return EnumProperty(**given | further)


def take_look(settings: "StylestripSettings", context: bpy.types.Context) -> None:
    """Sets what the chosen look says; it is one of those that come along."""
    settings.preset = ""
    for name, value in look_values(LOOKS[settings.look]).items():
        setattr(settings, name, value)


class StylestripSettings(PropertyGroup):
    """The settings of one strip."""

    __annotations__ = {
        **picture_properties("The painting whose look the strip shall take", usual="oil-swirl"),
        "start_picture": StringProperty(
            name="Picture",
            description="The picture to begin from, where painting begins from a picture",
            subtype="FILE_PATH",
            options=RELATIVE,
        ),
        "look": look_property(update=take_look),
        "quality": quality_property(),
        "is_custom": BoolProperty(options={"HIDDEN"}),
        "place": place_property(),
        # The name of one's own look, where that is chosen.
        "preset": StringProperty(options={"HIDDEN"}),
        "regions": CollectionProperty(type=StylestripRegion),
        "region_index": IntProperty(options={"HIDDEN"}),
        # Finds the strip again when its painting is done, whatever its name is by then.
        "ticket": StringProperty(options={"HIDDEN"}),
        **{name: blender_property(field) for name, field in JOB_FIELDS.items()},
    }


def register() -> None:
    bpy.utils.register_class(StylestripKeyframe)
    bpy.utils.register_class(StylestripThing)
    bpy.utils.register_class(StylestripRegion)
    bpy.utils.register_class(StylestripSettings)
    bpy.types.Strip.stylestrip = PointerProperty(type=StylestripSettings)


def unregister() -> None:
    del bpy.types.Strip.stylestrip
    bpy.utils.unregister_class(StylestripSettings)
    bpy.utils.unregister_class(StylestripRegion)
    bpy.utils.unregister_class(StylestripThing)
    bpy.utils.unregister_class(StylestripKeyframe)
