"""Settings of Blender that are other ones for a while, and then as before."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bpy.types import Scene


@contextmanager
def set_to(owner: Any, name: str, value: object) -> Iterator[None]:
    """Within, a property has another value."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextmanager
def format_kept(scene: Scene) -> Iterator[None]:
    """Puts the format of a scene's files back."""
    file = scene.render.image_settings
    names = ("media_type", "file_format", "color_mode", "color_depth", "exr_codec", "color_management")
    # In this order: each decides what the next may be.
    before = [(name, getattr(file, name)) for name in names if hasattr(file, name)]
    space = file.linear_colorspace_settings.name
    try:
        yield
    finally:
        if space:  # a scene that was never given any has none, and takes none back
            file.linear_colorspace_settings.name = space
        for name, value in before:
            setattr(file, name, value)
