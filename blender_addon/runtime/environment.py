"""The environment variables of a worker: this process's, without what is meant for Blender's own Python."""

import os
from collections.abc import Mapping
from pathlib import Path

EXTENSION_FOLDER = Path(__file__).resolve().parent.parent.parent

# Set for Blender's own Python, these would break or change another one.
FOREIGN_VARIABLES = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "LD_LIBRARY_PATH", "LD_PRELOAD",
                     "DYLD_LIBRARY_PATH", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")  # fmt: skip


def own_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a Python that is not Blender's."""
    kept = {name: value for name, value in environment.items() if name not in FOREIGN_VARIABLES}
    return kept | {"PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}


def worker_environment(environment: Mapping[str, str], packages: Path | None = None) -> dict[str, str]:
    """The environment of a worker, which finds the painter's code in the extension.

    Args:
        packages: where torch and its companions lie, if its Python does not have them itself.
    """
    places = [str(EXTENSION_FOLDER), *([str(packages)] if packages else [])]
    return own_environment(environment) | {
        "PYTHONPATH": os.pathsep.join(places),
        "PYTHONDONTWRITEBYTECODE": "1",  # nothing is written beside the extension's code
    }
