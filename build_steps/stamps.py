"""Whether a picture of the pages is as old as what it shows: docs/pictures.json keeps a digest of that for each.

What counts of a file of the add-on is what is seen of it: its words and labels, and the settings, icons and buttons
that its panels draw. So a picture is stale when somebody who looks at it would see something else, and not whenever
code was moved. Pictures of paint count the looks and style pictures that they show, by their bytes, and PAINT; those of
films count CARRIED as well.
"""

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from . import ROOT, BuildError

PICTURES = ROOT / "docs" / "pictures"
FILE = ROOT / "docs" / "pictures.json"

# Raised by hand whenever paint looks otherwise, and not whenever the painter gives other bits: pictures of paint are
# made anew then.
PAINT = 15
# The pictures that show paint, by their visits.
PAINTED = (
    "first-steps", "first-use", "in-modifier", "node", "node-regions", "styles", "settings", "settings-film",
    "looks", "result", "steady", "film",
)  # fmt: skip
# The same of paint that is carried from frame to frame, and the pictures of films.
CARRIED = 16
FILMED = ("first-steps", "first-use", "in-modifier", "settings-film", "result", "steady", "film")

SIDE = "blender_addon/sequencer"
WORDS = (
    "style_core/job.py", "style_core/look.py", "style_core/motion_settings.py", "style_core/quality.py",
    "blender_addon/properties.py", "blender_addon/settings.py",
)  # fmt: skip
CHOICES = (
    "blender_addon/gallery.py", "blender_addon/presets.py", "blender_addon/setting_panels.py",
    "blender_addon/sentence.py",
)  # fmt: skip
QUEUE = (
    f"{SIDE}/queue_panel.py", f"{SIDE}/queue_rows.py", f"{SIDE}/queue_messages.py", f"{SIDE}/queue_buttons.py",
    f"{SIDE}/cancel_job.py", "blender_addon/task.py",
)  # fmt: skip
STRIP = (
    *WORDS, *CHOICES, *QUEUE, f"{SIDE}/panel.py", f"{SIDE}/outlook.py", f"{SIDE}/stylize_strip.py",
    f"{SIDE}/paint_state.py", f"{SIDE}/key_setting.py", "blender_addon/preview/panel.py",
    "blender_addon/preview/paint_preview.py", "blender_addon/preview/loop.py", "blender_addon/host/ways_in.py",
)  # fmt: skip
PAINTING = (
    *STRIP, f"{SIDE}/paint_panel.py", f"{SIDE}/paint_tools.py", "blender_addon/paint.py", "blender_addon/painting.py",
)  # fmt: skip
REGIONS = (
    "style_core/region.py", "blender_addon/regions/panel.py", "blender_addon/regions/settings.py",
    "blender_addon/regions/list_regions.py",
)  # fmt: skip
NODE = (
    *WORDS, *CHOICES, *QUEUE, "blender_addon/compositor/panel.py", "blender_addon/compositor/node.py",
    "blender_addon/compositor/tree.py", "blender_addon/compositor/settings.py", "blender_addon/compositor/bake_node.py",
    "blender_addon/compositor/baking.py", "blender_addon/compositor/convert.py", "blender_addon/compositor/check.py",
    "blender_addon/compositor/hiding.py", "blender_addon/compositor/menus.py",
)  # fmt: skip
PAINTER = (
    "blender_addon/preferences.py", "blender_addon/painter_panel.py", "blender_addon/painter_buttons.py",
    "blender_addon/disk_buttons.py", "blender_addon/painter.py", "blender_addon/sentence.py",
    "blender_addon/runtime/states.py", "blender_addon/runtime/settling.py", "blender_addon/runtime/check.py",
    "blender_addon/runtime/builds.py", "blender_addon/runtime/machine.py", "blender_addon/runtime/sizes.py",
)  # fmt: skip
# What a picture shows, by the name of the visit that it is of; folders stand for all files in them.
SHOWS: dict[str, tuple[str, ...]] = {
    "first-steps": (*PAINTING, "blender_addon/preview/overlay.py", "blender_addon/preview/slider.py"),
    "first-use": PAINTING,
    "in-modifier": PAINTING,
    "gallery": (*STRIP, "style_core/styles.py", "style_core/style_pictures"),
    "cut-out": (
        *STRIP, *REGIONS, "blender_addon/regions/object_panel.py", "blender_addon/regions/cut_out.py",
        "blender_addon/regions/cut_results.py", "blender_addon/regions/object_following.py",
        "blender_addon/regions/follow.py",
    ),
    "node": NODE,
    "node-regions": (*NODE, *REGIONS, "blender_addon/compositor/regions_panel.py"),
    "live": (*NODE, "blender_addon/compositor/live_window.py", "blender_addon/compositor/live.py"),
    "painter": PAINTER,
    "styles": ("style_core/styles.py", "style_core/style_pictures"),
    "settings": ("build_steps/settings_sheet.py", "style_core/style_pictures/oil-swirl.jpg"),
    "settings-film": ("build_steps/settings_film.py", "style_core/style_pictures/oil-swirl.jpg"),
    "looks": ("style_core/presets",),
    "result": ("style_core/style_pictures/oil-swirl.jpg", "build_steps/result_sheet.py"),
    "steady": ("benchmarks/scenes",),
    "film": ("build_steps/gallery.py",),
}  # fmt: skip
# What is said of something that went wrong, and what explains: no picture shows that.
SAID = ("report", "poll_message_set", "fail", "wrong", "refuse", "parser_error")
TOOLTIPS = ("description", "help", "bl_description")


def visit_of(picture: Path) -> str | None:
    """The visit that a picture is of, the longest that its name begins with; None if it is of none."""
    return max((name for name in SHOWS if picture.stem.startswith(name)), key=len, default=None)


def digest_of(name: str) -> str:
    """16 hexadecimal digits of what the pictures of a visit show, in whichever of the files it stands."""
    shown = {f"paint {PAINT}".encode()} if name in PAINTED else set()
    shown |= {f"carried {CARRIED}".encode()} if name in FILMED else set()
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
    """What is seen of a file: its words and labels, tables of what stands where, and all that its panels draw.

    In which order code draws is left out, and so are comments, docstrings, tooltips and errors.
    """
    shown = set(words(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("draw"):
            shown |= {name for inner in without_docstring(node) for name in drawn(inner)}
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and is_constant(node):
            shown.add(ast.unparse(node.value))
    return sorted(shown)


def words(node: ast.AST) -> Iterator[str]:
    """The texts within that are words for a person: a capital before small letters, or more words than one."""
    for inner in ast.iter_child_nodes(node):
        if is_unseen(inner):
            continue
        if isinstance(inner, ast.Call) and called(inner) == "setting":
            yield from words(ast.Tuple(inner.args[1:2]))  # the label; the tooltip after it is not seen
        elif is_text(inner):
            if re.search(r"^[A-Z][a-z]|[a-z] | [a-z]", inner.value):
                yield inner.value
        else:
            yield from words(inner)


def is_unseen(node: ast.AST) -> bool:
    """Whether a part of a file is a docstring, a tooltip, an error or a report."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.Call):
        return called(node) in SAID
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) in TOOLTIPS
    return isinstance(node, ast.Raise) or (isinstance(node, ast.keyword) and node.arg in TOOLTIPS)


def called(call: ast.Call) -> str:
    """The name of what is called, without what it is an attribute of."""
    return ast.unparse(call.func).rpartition(".")[2]


def drawn(node: ast.stmt) -> Iterator[str]:
    """The texts in a statement, and the operators and menus whose names it draws."""
    for inner in ast.walk(node):
        if is_text(inner):
            yield inner.value
        elif isinstance(inner, ast.Attribute) and inner.attr in ("bl_idname", "__name__"):
            yield ast.unparse(inner)


def without_docstring(node: ast.FunctionDef) -> list[ast.stmt]:
    """What a function does."""
    has_docstring = isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
    return node.body[has_docstring:]


def is_constant(node: ast.Assign | ast.AnnAssign) -> bool:
    """Whether a name in capitals or a label is given words, or a table of them."""
    name = ast.unparse(node.target if isinstance(node, ast.AnnAssign) else node.targets[0])
    return (name.isupper() or name == "bl_label") and any(map(is_text, ast.walk(node.value or node.target)))


def is_text(node: ast.AST) -> bool:
    """Whether a node is a text, and no program of several lines."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value


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
