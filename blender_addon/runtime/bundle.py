"""The bundled delivery: Blender itself unpacks the painter's wheels when the extension is installed."""

import sys
from collections.abc import Sequence
from pathlib import Path

from .environment import EXTENSION_FOLDER

# The extension's folder of wheels, which only that delivery has.
WHEELS = "wheels"
# Where Blender unpacks the wheels of extensions: extensions/.local/lib/python3.13/site-packages.
UNPACKED = ".local"


def bundled_packages(extension: Path = EXTENSION_FOLDER, path: Sequence[str] | None = None) -> Path | None:
    """Where Blender has unpacked the wheels that came with the extension; None: none came, or it has not.

    Args:
        extension: the extension's folder.
        path: where Python looks for modules; None: this one's.
    """
    if not (extension / WHEELS).is_dir():
        return None
    places = (Path(place) for place in (sys.path if path is None else path))
    return next((place for place in places if UNPACKED in place.parts and (place / "torch").is_dir()), None)


def bundled_python() -> Path | None:
    """The Python that runs the bundled packages: Blender's own, as a process of its own; None: none are bundled."""
    return Path(sys.executable) if bundled_packages() else None


def packages_for(python: Path) -> Path | None:
    """The bundled packages, if this is the Python that runs them."""
    return bundled_packages() if python == bundled_python() else None
