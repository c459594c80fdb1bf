"""Whether a picture of the pages is as old as what it shows: docs/pictures.json keeps a digest of that for each.

What counts of a file of the add-on is what is seen of it: the words, settings, icons and buttons that its panels draw,
and the constants that say what stands where. So a picture is stale when somebody who looks at it would see something
else, and not whenever code was moved. Pictures of paint count the looks and style pictures that they show, by their
bytes; that the painter paints better by now does not make them wrong.
"""

import ast
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from . import ROOT, BuildError

PICTURES = ROOT / "docs" / "pictures"
FILE = ROOT / "docs" / "pictures.json"

WORDS = ("style_core/job.py", "style_core/look.py", "style_core/motion_settings.py", "blender_addon/properties.py")
CHOICES = ("blender_addon/gallery.py", "blender_addon/presets.py", "blender_addon/setting_panels.py")
STRIP = (*WORDS, *CHOICES, "blender_addon/sequencer/panel.py", "blender_addon/preview/panel.py")
PAINT = ("blender_addon/sequencer/paint_panel.py", "blender_addon/sequencer/queue_panel.py")
NODE = (*WORDS, *CHOICES, "blender_addon/compositor/panel.py", "blender_addon/compositor/node.py")
# What a picture shows, by the name of the visit that it is of; folders stand for all files in them.
SHOWS: dict[str, tuple[str, ...]] = {
    "first-steps": (*STRIP, *PAINT),
    "first-use": (*STRIP, *PAINT),
    "in-modifier": (*STRIP, *PAINT),
    "gallery": (*STRIP, "style_core/styles.py", "style_core/style_pictures"),
    "cut-out": ("blender_addon/regions/panel.py", "blender_addon/regions/object_panel.py", "style_core/region.py"),
    "node": NODE,
    "node-regions": (*NODE, "blender_addon/compositor/regions_panel.py"),
    "live": (*NODE, "blender_addon/compositor/live_window.py"),
    "painter": ("blender_addon/preferences.py", "blender_addon/painter_panel.py", "blender_addon/painter_buttons.py"),
    "styles": ("style_core/styles.py", "style_core/style_pictures"),
    "settings": ("build_steps/settings_sheet.py", "style_core/style_pictures/oil-swirl.jpg"),
    "looks": ("style_core/presets",),
    "result": ("style_core/style_pictures/oil-swirl.jpg", "build_steps/result_sheet.py"),
    "steady": ("benchmarks/scenes",),
    "film": ("build_steps/gallery.py",),
}


def visit_of(picture: Path) -> str | None:
    """The visit that a picture is of, the longest that its name begins with; None if it is of none."""
    return max((name for name in SHOWS if picture.stem.startswith(name)), key=len, default=None)


def digest_of(name: str) -> str:
    """16 hexadecimal digits of what the pictures of a visit show, in whichever of the files it stands."""
    shown: set[bytes] = set()
    for place in SHOWS[name]:
        for path in files_of(ROOT / place):
            shown |= seen_of(path)
    return hashlib.sha256(b"\n".join(sorted(shown))).hexdigest()[:16]


def files_of(path: Path) -> list[Path]:
    """A file, or the files in a folder, in order."""
    inside = [one for one in sorted(path.rglob("*")) if one.is_file() and "__pycache__" not in one.parts]
    return inside if path.is_dir() else [path]


def seen_of(path: Path) -> set[bytes]:
    """What of a file is seen: of code of the add-on and the painter its layout and words, of any other file all."""
    if path.suffix != ".py" or path.relative_to(ROOT).parts[0] not in ("blender_addon", "style_core"):
        return {path.read_bytes()}
    return {one.encode() for one in layout(ast.parse(path.read_text(encoding="utf-8")))}


def layout(tree: ast.Module) -> list[str]:
    """What panels show: words, settings, icons and buttons of all that draws, tables of what stands where, and labels.

    In which order code draws is left out, and so are comments, docstrings and tooltips.
    """
    shown: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("draw"):
            shown |= {name for inner in without_docstring(node) for name in drawn(inner)}
        elif isinstance(node, ast.Assign) and is_constant(node):
            shown.add(ast.unparse(node))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "setting" and len(node.args) > 1:
            shown.add(ast.unparse(node.args[1]))  # the label; the tooltip after it is not seen
    return sorted(shown)


def drawn(node: ast.stmt) -> Iterator[str]:
    """The texts in a statement, and the operators and menus whose names it draws."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value
        elif isinstance(inner, ast.Attribute) and inner.attr in ("bl_idname", "__name__"):
            yield ast.unparse(inner)


def without_docstring(node: ast.FunctionDef) -> list[ast.stmt]:
    """What a function does."""
    is_text = isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
    return node.body[is_text:]


def is_constant(node: ast.Assign) -> bool:
    """Whether a name in capitals or a label is given words, or a table of them."""
    name = ast.unparse(node.targets[0])
    worded = any(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in ast.walk(node.value))
    return (name.isupper() or name == "bl_label") and worded


def stale() -> list[str]:
    """The pictures that show what is not there any more, or were never stamped; drawings by hand are none of these."""
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
    now = {name: digest_of(name) for name in SHOWS}
    pictures = [(picture, visit_of(picture)) for picture in sorted(PICTURES.iterdir())]
    return [picture.name for picture, name in pictures if name and known.get(picture.name) != now[name]]


def stamp(pictures: list[str]) -> None:
    """Notes that pictures are made of what is there now; BuildError if it is not known what one shows."""
    for picture in pictures:
        if not visit_of(Path(picture)):
            raise BuildError(f"What the picture '{picture}' shows is not known: add that to SHOWS in stamps.py.")
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
    known = {picture: digest for picture, digest in known.items() if (PICTURES / picture).is_file()}
    known |= {picture: digest_of(visit_of(Path(picture))) for picture in pictures}
    FILE.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="utf-8")
