"""Says what this machine paints with, what is missing, and how to get it."""

import importlib
import importlib.util
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from .job import UserError

MODULES = {
    "torch": "torch",
    "torchvision": "torchvision",
    "cv2": "opencv-python-headless",
    "numpy": "numpy",
    "av": "av",
    "OpenImageIO": "OpenImageIO",
    "safetensors": "safetensors",
    "rich": "rich",
}
GIB = 1 << 30


@dataclass(frozen=True)
class Finding:
    """One line of the report; `remedy` is empty where all is well."""

    name: str
    value: str
    remedy: str = ""


def why_incomplete(error: ImportError) -> str:
    """A sentence about the libraries that this Python lacks, where importing one of them raised `error`."""
    lacking = [package for module, package in MODULES.items() if importlib.util.find_spec(module) is None]
    if not lacking:
        return f"The Python '{sys.executable}' has a library that does not load ({error}): reinstall it."
    return (
        f"The Python '{sys.executable}' lacks {', '.join(lacking)}: install them into it ({sys.executable} -m pip "
        f"install {' '.join(lacking)}), or press Install in Blender under Preferences > Add-ons > Stylestrip."
    )


def examine() -> list[Finding]:
    """All findings, in the order in which a person would ask."""
    findings = [
        Finding("python", f"{platform.python_version()} ({sys.executable})"),
        Finding("system", platform.platform()),
    ]
    findings += [library(module, package) for module, package in MODULES.items()]
    if all(not finding.remedy for finding in findings):
        findings += [*devices(), weights(), cache_space()]
    return findings


def library(module: str, package: str) -> Finding:
    """Version of one library, or how to get it."""
    try:
        found = importlib.import_module(module)
    except (ImportError, OSError) as error:
        return Finding(module, f"missing ({error})", f"{sys.executable} -m pip install {package}")
    return Finding(module, str(getattr(found, "__version__", "present")))


def devices() -> Iterator[Finding]:
    """Where the painter can compute and how much memory is there."""
    import torch

    from .engine.painter import choose_device

    yield Finding("device", str(choose_device("auto")))
    if torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        name = torch.cuda.get_device_name()
        yield Finding(
            "graphics card", f"{name}, {free / GIB:.1f} of {total / GIB:.1f} GiB free, CUDA {torch.version.cuda}"
        )
    else:
        yield Finding("graphics card", "none that torch can use; the processor paints, more slowly")
    yield Finding("processor", f"{torch.get_num_threads()} threads")


def weights() -> Finding:
    """Whether the network's weights are whole."""
    from .weights import VGG19_FILE, load_vgg19

    try:
        load_vgg19()
    except UserError as error:
        return Finding("weights", "not usable", str(error))
    return Finding("weights", f"{VGG19_FILE} ({VGG19_FILE.stat().st_size / 1e6:.0f} MB)")


def cache_space() -> Finding:
    """Where finished frames go and how much room is left."""
    from .cache import user_cache_folder

    folder = user_cache_folder()
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    return Finding("cache", f"{folder} ({shutil.disk_usage(existing).free / GIB:.0f} GiB free)")
