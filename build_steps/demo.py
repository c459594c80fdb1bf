"""A real clip painted through the add-on in a headless Blender, out of the packaged zip."""

from pathlib import Path

from . import BuildError


def run_demo(blender: str | None, clip: Path | None, style: Path | None) -> None:
    """Not there before the add-on is."""
    raise BuildError("The demo needs the add-on, which is not in this copy yet: take a newer one.")
