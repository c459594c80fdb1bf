"""What the host makes for the painter is kept for a while, as it can be made again. Needs no bpy."""

import shutil
import time
from pathlib import Path

# Painting a film takes days at most, and rendering a frame less than one.
KEPT_SECONDS = 30 * 24 * 3600.0
LEFT_SECONDS = 24 * 3600.0


def remove_stale(folder: Path, names: str = "*", seconds: float = KEPT_SECONDS) -> None:
    """Removes the folders of such names in a folder that were not used for a long time."""
    for place in folder.glob(names):
        if place.is_dir() and time.time() - place.stat().st_mtime > seconds:
            shutil.rmtree(place, ignore_errors=True)
