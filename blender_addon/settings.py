"""Settings of a strip as Blender properties, made from the job's own description, and back to a job."""

import dataclasses
import types
from pathlib import Path

import bpy

from ..style_core.job import Job, Look, Motion, Output, Region, Source

# Property of the strip -> the part of the job and its setting. Words, bounds and defaults come from there.
SHOWN: dict[str, tuple[type, str]] = {
    "size": (Output, "size"),
    "steps": (Look, "steps"),
    "following_steps": (Motion, "steps"),
    "start": (Motion, "start"),
    "style_weight": (Look, "style_weight"),
    "content_weight": (Look, "content_weight"),
    "smoothness": (Look, "smoothness"),
    "pooling": (Look, "pooling"),
    "flow": (Motion, "flow"),
    "seed": (Look, "seed"),
    "feather": (Region, "feather"),
    "invert": (Region, "invert"),
    "device": (Job, "device"),
}


def specification(name: str) -> dataclasses.Field:
    """The description in job.py that a property stands for."""
    kind, setting = SHOWN[name]
    return next(f for f in dataclasses.fields(kind) if f.name == setting)


def blender_property(name: str) -> object:
    """The Blender property for a setting."""
    spec = specification(name)
    unit = f" ({spec.metadata['unit']})" if spec.metadata["unit"] else ""
    words = {"name": spec.metadata["label"], "description": spec.metadata["help"] + unit, "default": spec.default}
    if spec.metadata["choices"]:
        items = [(choice, choice.capitalize(), "") for choice in spec.metadata["choices"]]
        return bpy.props.EnumProperty(items=items, **words)
    if isinstance(spec.default, bool):
        return bpy.props.BoolProperty(**words)
    kind = bpy.props.IntProperty if isinstance(spec.default, int) else bpy.props.FloatProperty
    bounds = {"min": spec.metadata["low"]} | ({"max": spec.metadata["high"]} if spec.metadata["high"] else {})
    return kind(**words, **bounds)


def file_property(name: str, words: str) -> object:
    """A property that names a file."""
    return bpy.props.StringProperty(name=name, description=words, subtype="FILE_PATH")


def properties() -> dict[str, object]:
    """All properties of a strip, by name."""
    return {
        "style": file_property("Style", "The picture whose look the strip takes"),
        "mask": file_property("Mask", "Paint only where this picture or film is white; empty: everywhere"),
    } | {name: blender_property(name) for name in SHOWN}


def annotated(namespace: dict[str, object]) -> None:
    """Gives a class that is being made the properties of a strip."""
    namespace["__annotations__"] = properties()
    namespace["__doc__"] = "How a strip is painted."


# Made from the description at import, and not written out here: there is no second place for a default.
StripSettings = types.new_class("StripSettings", (bpy.types.PropertyGroup,), exec_body=annotated)


def job_for(settings: object, source: Source, cache: Path) -> Job:
    """The job that a strip's settings (or an operator's properties of the same names) describe."""
    parts: dict[type, dict[str, object]] = {Look: {}, Region: {}, Motion: {}, Output: {}, Job: {}}
    for name, (kind, setting) in SHOWN.items():
        parts[kind][setting] = getattr(settings, name)
    styles = (bpy.path.abspath(settings.style),) if settings.style else ()
    return Job(
        source=source,
        look=Look(styles=styles, **parts[Look]),
        region=Region(mask=bpy.path.abspath(settings.mask), **parts[Region]),
        motion=Motion(**parts[Motion]),
        output=Output(cache=str(cache), **parts[Output]),
        **parts[Job],
    )


def register() -> None:
    """Puts the settings on every strip."""
    bpy.utils.register_class(StripSettings)
    bpy.types.Strip.stylestrip = bpy.props.PointerProperty(type=StripSettings)


def unregister() -> None:
    """Takes them off again."""
    del bpy.types.Strip.stylestrip
    bpy.utils.unregister_class(StripSettings)
