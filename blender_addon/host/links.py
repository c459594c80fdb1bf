"""One file under several names."""

import os
import shutil
from pathlib import Path

from ...style_core.whole import written


def put(file: Path, place: Path) -> None:
    """Lets a file be found elsewhere as well, at once or not at all; it takes no more room where the disk can do that.

    Raises OSError if it cannot be written.
    """
    with written(place) as part:
        part.unlink(missing_ok=True)  # of a Blender that was killed
        try:
            os.link(file, part)
        except OSError:  # a disk that knows no two names of a file
            shutil.copyfile(file, part)
