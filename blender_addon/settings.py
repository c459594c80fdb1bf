"""What a strip's painting is set to, as Blender properties beside the strip, and the Job that they describe."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty, StringProperty
from bpy.types import PropertyGroup, Scene, Strip

from ..style_core.job import Job, Source
from ..style_core.looks import PLAIN
from .host.strips import absolute
from .job_fields import JOB_FIELDS, LOOKS, JobField, look_values, make_job

# Blender keeps single precision; more digits than these are none that anybody has typed.
DIGITS = 6
SUBTYPES = {"": "NONE", "file": "FILE_PATH", "folder": "DIR_PATH"}


def blender_property(field: JobField, **further: Any) -> Any:
    """The Blender property for a setting, with its default, bounds and words."""
    given = {"name": field.label, "description": field.description, "default": field.spec.default} | further
    choices = field.spec.metadata["choices"]
    if choices:
        return EnumProperty(items=[(choice, choice.capitalize(), "") for choice in choices], **given)
    if field.kind is bool:
        return BoolProperty(**given)
    if field.kind is str:
        return StringProperty(**given, subtype=SUBTYPES[field.spec.metadata["path"]])
    low, high = field.spec.metadata["low"], field.spec.metadata["high"]
    bounds = ({} if low is None else {"min": low}) | ({} if high is None else {"max": high})
    return (IntProperty if field.kind is int else FloatProperty)(**given, **bounds)


def look_property(**further: Any) -> Any:
    """The Blender property that chooses a look by name."""
    items = [(key, look.name, look.about) for key, look in LOOKS.items()]
    description = "What kind of painting it shall be; choosing one sets all the numbers below it"
    return EnumProperty(name="Look", description=description, items=items, default=PLAIN, **further)


def take_look(settings: "StylestripSettings", context: bpy.types.Context) -> None:
    """Sets what the chosen look says."""
    for name, value in look_values(settings.look).items():
        setattr(settings, name, value)


class StylestripSettings(PropertyGroup):
    """The settings of one strip."""

    __annotations__ = {
        "style": StringProperty(
            name="Style Picture", description="The painting whose look the strip shall take", subtype="FILE_PATH"
        ),
        "mask": StringProperty(
            name="Mask",
            description="Where to paint: a picture, a film or a folder of pictures, white where paint goes. Empty: "
            "everywhere",
            subtype="FILE_PATH",
        ),
        "start_picture": StringProperty(
            name="Picture",
            description="The picture to begin from, where painting begins from a picture",
            subtype="FILE_PATH",
        ),
        "look": look_property(update=take_look),
        # Finds the strip again when its painting is done, whatever its name is by then.
        "ticket": StringProperty(options={"HIDDEN"}),
        **{name: blender_property(field) for name, field in JOB_FIELDS.items()},
    }


def values_of(properties: bpy.types.bpy_struct, names: list[str]) -> dict[str, Any]:
    """The settings `names` of a property group or operator as plain values."""
    values = {name: getattr(properties, name) for name in names}
    return {name: float(f"{v:.{DIGITS}g}") if isinstance(v, float) else v for name, v in values.items()}


def job_of(
    scene: Scene,
    strip: Strip,
    source: Source,
    cache: Path,
    *,
    look: str = "",
    styles: tuple[str, ...] = (),
    mask: str = "",
    overrides: Mapping[str, Any] | None = None,
) -> Job:
    """The Job that a strip's settings describe.

    Args:
        scene: the scene of the strip.
        strip: whose settings are taken.
        source: what to paint.
        cache: folder for the painted frames.
        look: a look to take instead of the strip's own, with all that it says.
        styles: pictures to take instead of the strip's own.
        mask: a mask to take instead of the strip's own.
        overrides: other values for settings by name.

    Raises:
        UserError: a value does not fit, or an input does not exist.
    """
    own = strip.stylestrip
    styles = styles or ((own.style,) if own.style else ())
    mask = mask or own.mask
    values = values_of(own, list(JOB_FIELDS)) | (look_values(look) if look else {}) | dict(overrides or {})
    paths = {name for name, field in JOB_FIELDS.items() if field.spec.metadata["path"]}
    values |= {name: absolute(values[name], scene) for name in paths if values[name]}
    job = make_job(
        source,
        look=look or own.look,
        styles=tuple(absolute(style, scene) for style in styles),
        start_picture=absolute(own.start_picture, scene) if own.start_picture else "",
        mask=absolute(mask, scene) if mask else "",
        cache=str(cache),
        values=values,
    )
    job.require_inputs()
    return job


def register() -> None:
    bpy.utils.register_class(StylestripSettings)
    bpy.types.Strip.stylestrip = PointerProperty(type=StylestripSettings)


def unregister() -> None:
    del bpy.types.Strip.stylestrip
    bpy.utils.unregister_class(StylestripSettings)
