"""Says what this machine paints with, what is missing, and how to get it."""

import importlib
import importlib.util
import math
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import TemporaryDirectory

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
# The trial: a picture that comes along, painted in the style of another.
TRIAL_SIZE, TRIAL_STEPS = 256, 5
DRIVER_QUERY = ("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader")
DRIVER_SECONDS = 10.0


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
        if all(not finding.remedy for finding in findings):
            findings.append(trial())
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

    device = choose_device("auto")
    yield Finding("device", str(device))
    if torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        name = torch.cuda.get_device_name()
        yield Finding(
            "graphics card", f"{name}, {free / GIB:.1f} of {total / GIB:.1f} GiB free, CUDA {torch.version.cuda}"
        )
        yield Finding("driver", driver())
    elif device.type == "mps":
        yield Finding("graphics card", "Apple's own, through Metal")
    else:
        yield Finding("graphics card", "none that torch can use; the processor paints, more slowly")
    yield Finding("processor", f"{torch.get_num_threads()} threads")


def driver() -> str:
    """The version of the graphics card's driver, as its own program says."""
    try:
        said = subprocess.run(DRIVER_QUERY, capture_output=True, text=True, timeout=DRIVER_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return "its program nvidia-smi does not answer"
    return (said.stdout.strip().splitlines() or ["its program nvidia-smi does not answer"])[0]


def weights() -> Finding:
    """Whether the network's weights are whole."""
    from .weights import VGG19_FILE, load_vgg19

    try:
        load_vgg19()
    except UserError as error:
        return Finding("weights", "not usable", str(error))
    return Finding("weights", f"{VGG19_FILE} ({VGG19_FILE.stat().st_size / 1e6:.0f} MB)")


def trial() -> Finding:
    """Whether five steps can be painted, how long one takes, and what loss they come to."""
    from .job import Job, Output, Source
    from .look import Look
    from .sequence import Progress, paint_job
    from .styles import STYLES

    content, style, *_ = (str(picture.file) for picture in STYLES.values())
    losses: list[float] = []
    times: list[float] = []

    def notice(progress: Progress) -> None:
        if progress.loss is not None:
            losses.append(progress.loss)
            times.append(time.monotonic())

    with TemporaryDirectory(prefix="stylestrip-trial-") as folder:
        output = Output(size=TRIAL_SIZE, cache=folder, report=False)
        job = Job(source=Source(content), look=Look(styles=(style,), steps=TRIAL_STEPS), output=output)
        try:
            paint_job(job, notice)
        except (UserError, RuntimeError, OSError) as error:  # RuntimeError is what torch raises
            remedy = "press Repair in Blender's preferences; if that does not help, update the graphics card's driver"
            return Finding("trial", f"failed ({str(error).splitlines()[0]})", remedy)
    if not math.isfinite(losses[-1]):
        return Finding("trial", f"failed (the loss is {losses[-1]})", "update the graphics card's driver")
    # The first step takes what is got ready only once.
    seconds = (times[-1] - times[0]) / max(1, len(times) - 1)
    said = f"{TRIAL_STEPS} steps at {TRIAL_SIZE} pixels, {seconds:.2g} s each, loss {losses[-1]:.4g}"
    return Finding("trial", said)


def cache_space() -> Finding:
    """Where finished frames go and how much room is left."""
    from .kept import user_cache_folder

    folder = user_cache_folder()
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    return Finding("cache", f"{folder} ({shutil.disk_usage(existing).free / GIB:.0f} GiB free)")
