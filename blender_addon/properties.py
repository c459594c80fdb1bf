"""Settings of a Job as Blender properties, with the bounds and words of the Job's own description."""

from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from ..style_core.looks import PLAIN
from ..style_core.quality import QUALITIES
from .job_fields import ANIMATED, LOOKS, OF_QUALITY, JobField
from .named_looks import saved_looks

# Blender keeps single precision; more digits than these are none that anybody has typed.
DIGITS = 6
SUBTYPES = {"": "NONE", "file": "FILE_PATH", "folder": "DIR_PATH"}
# "//" is the folder of the .blend file.
RELATIVE = {"PATH_SUPPORTS_BLEND_RELATIVE"}

# How Blender writes numbers with these units.
UNITS = {"pixels": "PIXEL", "% of frame width": "PERCENTAGE"}
# What choices are called where their own names are no words.
CHOICES = {
    "auto": "Automatic",
    "cpu": "Processor (CPU)",
    "cuda": "NVIDIA Card (CUDA)",
    "mps": "Apple Card (MPS)",
    "guided": "Quick",
    "crf": "Thorough",
    "warped": "Moved Along",
    "previous": "As It Is",
    "selfie": "Small Network",
    "deeplabv3-mobilenet": "DeepLabV3 MobileNet",
    "deeplabv3-resnet50": "DeepLabV3 ResNet-50",
    "lraspp-mobilenet": "LR-ASPP MobileNet",
    "dis-fast": "DIS, Fast",
    "dis-medium": "DIS, Medium",
    "dis-fine": "DIS, Fine",
    "raft-small": "RAFT, Small",
    "raft-large": "RAFT, Large",
    "lbfgs": "L-BFGS",
    "png8": "8 Bit (PNG)",
    "png16": "16 Bit (PNG)",
    "exr": "Scene-Linear (EXR)",
}

# Painting takes what is set; keys would do nothing, but of what may change through a film.
NOT_KEYED: set[str] = set()
KEYED = {"ANIMATABLE"}


def blender_property(field: JobField, clamped: bool = True, **further: Any) -> Any:
    """The Blender property for a setting, with its default, bounds and words.

    Blender moves a wrong number into its bounds without a word; where it is not `clamped`, the job refuses it.
    """
    given = {"name": field.label, "description": field.description, "default": field.spec.default}
    given |= {"options": KEYED if field.name in ANIMATED else NOT_KEYED} | further
    choices = field.spec.metadata["choices"]
    if choices:
        return EnumProperty(
            items=[(choice, CHOICES.get(choice, choice.capitalize()), "") for choice in choices], **given
        )
    if field.kind is bool:
        return BoolProperty(**given)
    if field.kind is str:
        path = field.spec.metadata["path"]
        options = given.pop("options") | (RELATIVE if path else set())
        return StringProperty(**given, options=options, subtype=SUBTYPES[path])
    low, high = field.spec.metadata["low"], field.spec.metadata["high"]
    usual = field.spec.metadata["usual"]
    bounds = ({} if low is None else {"min": low}) | ({} if high is None else {"max": high})
    bounds |= {} if usual is None else {"soft_max": usual}
    if not clamped:
        bounds = {f"soft_{name.removeprefix('soft_')}": value for name, value in bounds.items()}
    share = field.kind is float and (low, high) == (0.0, 1.0)
    subtype = "FACTOR" if share else UNITS.get(field.spec.metadata["unit"], "NONE")
    return (IntProperty if field.kind is int else FloatProperty)(**given, **bounds, subtype=subtype)


def look_property(**further: Any) -> Any:
    """The Blender property that chooses a look by name."""
    items = [(key, look.name, look.about) for key, look in LOOKS.items()]
    description = (
        "What kind of painting it shall be; choosing one sets the numbers of strokes and colours, and leaves Quality "
        "as it is"
    )
    given = {"name": "Look", "description": description, "items": items, "default": PLAIN, "options": NOT_KEYED}
    return EnumProperty(**given | further)


def look_name_property(**further: Any) -> Any:
    """The Blender property that names a look: one that comes along, one that was saved, or a look file."""
    description = "A look instead of the strip's own: one that comes along, one that was saved, or a .toml file"
    given = {"name": "Look", "description": description, "search": looks_like, "search_options": {"SUGGESTION"}}
    return StringProperty(**given | further)


def looks_like(operator: Any, context: bpy.types.Context, text: str) -> list[str]:
    """The names of looks with a text in them."""
    return [name for name in (*LOOKS, *saved_looks()) if text.lower() in name.lower()]


def quality_property(**further: Any) -> Any:
    """The Blender property that chooses how well it is painted, and tells what has been chosen by the numbers; Custom,
    once it is chosen, stays so whatever they are: `is_custom`."""
    keys = list(QUALITIES)

    def get(settings: bpy.types.PropertyGroup) -> int:
        now = {name: getattr(settings, name) for name in OF_QUALITY}
        fitting = (place for place, key in enumerate(keys) if now == quality_values(key) and not settings.is_custom)
        return next(fitting, len(keys))

    def put(settings: bpy.types.PropertyGroup, place: int) -> None:
        settings.is_custom = place == len(keys)
        for name, value in quality_values(keys[place]).items() if not settings.is_custom else ():
            setattr(settings, name, value)

    items = [(key, quality.name, quality.about) for key, quality in QUALITIES.items()]
    items.append(("own", "Custom", "Size and steps of your own: set them below, or under More, Time and Quality"))
    description = (
        "How large and how carefully it is painted; this sets Size, Steps and Steps per frame under More, Time and "
        "Quality. Looks that come along leave them as they are; one of your own brings the steps it was saved with"
    )
    given = {"name": "Quality", "description": description, "items": items, "get": get, "set": put}
    return EnumProperty(**given | {"options": NOT_KEYED} | further)


def quality_values(key: str) -> dict[str, Any]:
    """What a quality says about the settings here, by their names here."""
    return {name: getattr(QUALITIES[key], own) for name, own in OF_QUALITY.items()}


def values_of(properties: bpy.types.bpy_struct, names: list[str]) -> dict[str, Any]:
    """The settings `names` of a property group or operator as plain values."""
    values = {name: getattr(properties, name) for name in names}
    return {name: float(f"{v:.{DIGITS}g}") if isinstance(v, float) else v for name, v in values.items()}
