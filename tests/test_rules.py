"""The three rules that hold the house up (docs: the design), each proven to catch its own breach."""

import ast
import dataclasses
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from style_core import job

ROOT = Path(__file__).resolve().parent.parent
SHARED = ("curve", "file_lock", "job", "kept", "looks", "options", "protocol", "quality", "styles", "whole")
# What those import in their turn.
BENEATH = ("identity", "look", "motion_settings", "region", "setting")
SETTINGS = {
    spec.name
    for kind in vars(job).values()
    if isinstance(kind, type) and dataclasses.is_dataclass(kind)
    for spec in dataclasses.fields(kind)
    if "label" in spec.metadata
}


def sources(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file of a folder, or the file itself, parsed."""
    for path in [folder] if folder.is_file() else sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(root: Path, part: str) -> Iterator[tuple[str, str]]:
    """(place, absolute name of an imported module or member) for all imports of a part, wherever in the file."""
    for path, tree in sources(root / part):
        package = path.relative_to(root).with_suffix("").parts[:-1]
        for node in ast.walk(tree):
            place = f"{path.relative_to(root).as_posix()}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import):
                yield from ((place, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = [*package[: len(package) - node.level + 1]] if node.level else []
                base += node.module.split(".") if node.module else []
                yield from ((place, ".".join([*base, alias.name])) for alias in node.names)
            elif isinstance(node, ast.Call) and "import" in ast.unparse(node.func):
                # importlib.import_module("torch") and __import__("torch") count as well.
                names = [word.value for word in node.args[:1] if isinstance(word, ast.Constant)]
                yield from ((place, name) for name in names if isinstance(name, str))


def of_any(name: str, modules: set[str] | frozenset[str]) -> bool:
    """Whether an imported name is, or lies in, one of these top-level modules."""
    return name.split(".")[0] in modules


def breaches_of_bpy(root: Path) -> list[str]:
    """style_core knows nothing of Blender."""
    return [f"{place} {name}" for place, name in imports(root, "style_core") if of_any(name, BLENDERS_OWN)]


def breaches_of_torch(root: Path) -> list[str]:
    """blender_addon loads no torch and no OpenCV into Blender."""
    return [f"{place} {name}" for place, name in imports(root, "blender_addon") if of_any(name, PAINTERS_OWN)]


def breaches_of_contract(root: Path) -> list[str]:
    """Of style_core, blender_addon sees job, looks and protocol alone."""
    core = [(place, name) for place, name in imports(root, "blender_addon") if of_any(name, {"style_core"})]
    return [f"{place} {name}" for place, name in core if [*name.split("."), ""][1] not in SHARED]


def breaches_of_standard_library(root: Path) -> list[str]:
    """What both sides import, build.py and what it runs in its own Python import nothing from elsewhere."""
    own = {"style_core", "build_steps"}
    folder = root / "build_steps"
    steps = [one.relative_to(folder) for one in folder.rglob("*.py") if one.name not in RUN_ELSEWHERE]
    steps = [one.as_posix() for one in steps if one.parts[0] not in RUN_ELSEWHERE]
    shared = [f"style_core/{name}.py" for name in (*SHARED, *BENEATH) if (root / "style_core" / f"{name}.py").is_file()]
    parts = [*shared, "build.py", *(f"build_steps/{name}" for name in steps)]
    found = [item for part in parts for item in imports(root, part)]
    # Of the painter's own, what both sides import may use no more than each other.
    inner = [(place, name) for part in shared for place, name in imports(root, part) if of_any(name, {"style_core"})]
    deeper = [item for item in inner if [*item[1].split("."), ""][1] not in (*SHARED, *BENEATH)]
    return [
        f"{place} {name}"
        for place, name in found
        if not of_any(name, sys.stdlib_module_names | own) or (place, name) in deeper
    ]


def breaches_of_one_default(root: Path) -> list[str]:
    """No setting of Job has a second default: not as an option, not as a Blender property, not as a parameter."""
    found = []
    for part in ("style_core", "blender_addon"):
        for path, tree in sources(root / part):
            if path != root / "style_core" / "job.py":
                place = path.relative_to(root).as_posix()
                found += [f"{place}:{line} {name}" for line, name in defaults(tree) if name in SETTINGS]
    return found


def defaults(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, name) of everything in a file that is given a literal default by its name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arguments):
            yield from parameter_defaults(node)
        elif isinstance(node, ast.Call) and called(node) == "add_argument" and has_default(node):
            yield from ((node.lineno, word) for word in option_names(node))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            if is_property(node.annotation) or is_literal(node.value):
                yield node.lineno, node.target.id
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and is_property(value):
                    yield value.lineno, key.value


def parameter_defaults(node: ast.arguments) -> Iterator[tuple[int, str]]:
    """The parameters of a function that have a literal default."""
    positional = [*node.posonlyargs, *node.args]
    pairs = [*zip(positional[::-1], node.defaults[::-1], strict=False)]
    pairs += zip(node.kwonlyargs, node.kw_defaults, strict=True)
    yield from ((argument.lineno, argument.arg) for argument, value in pairs if is_literal(value))


def option_names(call: ast.Call) -> list[str]:
    """The names that an add_argument call gives, as attributes."""
    words = [word.value for word in call.args if isinstance(word, ast.Constant) and isinstance(word.value, str)]
    return [word.lstrip("-").replace("-", "_") for word in words]


def called(node: ast.Call) -> str:
    """The last part of what a call calls."""
    return ast.unparse(node.func).rpartition(".")[2]


def has_default(call: ast.Call) -> bool:
    """Whether a call passes a literal default."""
    return any(word.arg == "default" and is_literal(word.value) for word in call.keywords)


def is_property(node: ast.AST) -> bool:
    """Whether this is a call such as IntProperty(default=50)."""
    return isinstance(node, ast.Call) and called(node).endswith("Property") and has_default(node)


def is_literal(node: ast.AST | None) -> bool:
    """Whether a value is written out, and says something: None, "", () and 0 mean "not given" or "none yet"."""
    try:
        return node is not None and bool(ast.literal_eval(node))
    except (ValueError, TypeError):
        return False


BLENDERS_OWN = frozenset({"bpy", "bpy_extras", "bmesh", "mathutils", "gpu", "blf", "aud", "imbuf", "blender_addon"})
PAINTERS_OWN = frozenset({"torch", "torchvision", "cv2"})
# Scripts, and a folder of them, that build.py or a person hands to the runtime's Python or to Blender.
RUN_ELSEWHERE = frozenset(
    {
        "convert_weights.py",
        "resolve_wheels.py",
        "looks_sheet.py",
        "styles_sheet.py",
        "settings_sheet.py",
        "result_sheet.py",
        "look_at_pages.py",
        "steady_film.py",
        "gallery_film.py",
        "settings_film.py",
        "excerpt.py",
        "contact_sheet.py",
        "demo_scene.py",
        "inside_blender.py",
        "style_pictures",
    }
)

RULES = {
    breaches_of_bpy: {
        "style_core/engine/a.py": "def f():\n    import bpy\n",
        "style_core/b.py": "from bpy.types import Strip\n",
        "style_core/c.py": "from importlib import import_module\nimport_module('mathutils')\n",
    },
    breaches_of_torch: {
        "blender_addon/host/a.py": "import cv2\n",
        "blender_addon/b.py": "from torch.nn import functional\n",
        "blender_addon/c.py": "__import__('torchvision')\n",
    },
    breaches_of_contract: {
        "blender_addon/host/a.py": "from ...style_core.weights import load_vgg19\n",
        "blender_addon/b.py": "from ..style_core import worker\n",
        "blender_addon/c.py": "import style_core\n",
    },
    breaches_of_standard_library: {
        "style_core/job.py": "import numpy\n",
        "style_core/protocol.py": "def f():\n    from rich import print\n",
        "style_core/setting.py": "from .engine import painter\n",
        "build.py": "import requests\n",
        "build_steps/a.py": "import tomlkit\n",
        "build_steps/reference/b.py": "import yaml\n",
    },
    breaches_of_one_default: {
        "style_core/a.py": "parser.add_argument('-n', '--steps', type=int, default=100)\n",
        "blender_addon/b.py": "class P:\n    size: IntProperty(name='Size', default=512)\n",
        "blender_addon/c.py": "P = {'feather': bpy.props.FloatProperty(default=1.0)}\n",
        "style_core/d.py": "def f(x, *, pooling='max'):\n    pass\n",
        "style_core/e.py": "@dataclass\nclass Look:\n    style_weight: float = 1.0\n",
    },
}
# What resembles a breach and is none.
INNOCENT = {
    "style_core/__init__.py": '"""Says bpy and torch."""\n',
    "style_core/engine/fine.py": "import torch\nfrom .job import Job\n",
    "style_core/job.py": "import json\n",
    "style_core/protocol.py": "import json\nfrom .job import UserError\n",
    "style_core/line.py": "add_argument('--steps', default=spec.default)\nadd_argument('--json', default=1)\n",
    "blender_addon/fine.py": "import bpy\nfrom ..style_core.job import Job\nfrom ..style_core import protocol\n",
    "blender_addon/own.py": "P = {'size': IntProperty(default=field.default)}\n",
    "build.py": "import sys\nfrom build_steps import demo\n",
    "build_steps/fine.py": "from . import ROOT\nimport tomllib\n",
    "build_steps/contact_sheet.py": "import cv2\n",
}

rules = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)


def plant(root: Path, files: dict[str, str]) -> Path:
    """Writes a small tree on which to try a rule."""
    for name, text in (INNOCENT | files).items():
        path = root / "stylestrip" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root / "stylestrip"


@rules
def test_the_rule_holds(rule: Callable[[Path], list[str]]) -> None:
    assert rule(ROOT) == []


@rules
def test_the_rule_catches_each_breach_and_nothing_else(rule: Callable[[Path], list[str]], tmp_path: Path) -> None:
    caught = rule(plant(tmp_path, RULES[rule]))
    assert {breach.partition(":")[0] for breach in caught} == set(RULES[rule])


@rules
def test_the_rule_leaves_the_innocent_alone(rule: Callable[[Path], list[str]], tmp_path: Path) -> None:
    assert rule(plant(tmp_path, {})) == []


def test_the_rules_look_at_real_files() -> None:
    assert {"steps", "size", "pooling", "feather", "device"} <= SETTINGS
    assert any(name.endswith("job.Job") for _, name in imports(ROOT, "blender_addon"))
    assert any(name.startswith("torch") for _, name in imports(ROOT, "style_core"))
