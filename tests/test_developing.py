"""What is worked through for developers, done as the page says: in a copy of the painter, which then paints with all of
it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from clips import style_picture, write_png
from paintings import textured

from style_core.engine.losses import Moments
from style_core.job import Motion
from style_core.motion.flows import Shot

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "developing.md").read_text(encoding="utf-8")
ASKED, ANSWERED = 'if self.region.matte == "bright":', "return bright_mattes(frames)"


def example(heading: str) -> str:
    """The first fenced example below a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.search(r"^```\w+\n(.*?)^```", section, re.MULTILINE | re.DOTALL)[1]


FLOW, LOSS, SOURCE = map(example, ("A flow method", "A loss", "A region source"))


def run(text: str) -> dict[str, Any]:
    """The names that a piece of Python gives."""
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(text, "example", "exec"), names)
    return names


def without_imports(text: str) -> str:
    """A piece of Python for a file that imports all of it."""
    return re.sub(r"^(import|from) .*\n", "", text, flags=re.MULTILINE).strip()


def change(file: Path, pattern: str, replacement: str) -> None:
    """Changes the one place in a file that has this form."""
    text, places = re.subn(pattern, lambda found: found.expand(replacement), file.read_text(encoding="utf-8"))
    assert places == 1, f"{file.name}: {pattern}"
    file.write_text(text, encoding="utf-8")


def lengthen(file: Path, table: str, line: str) -> None:
    """Puts something to the end of a table."""
    change(file, rf"(?m)^({table}\b.* = [({{].*)([)}}])$", rf"\1, {line}\2")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with a painter that has all that the page works through."""
    folder = tmp_path_factory.mktemp("developing")
    core = shutil.copytree(ROOT / "style_core", folder / "style_core", ignore=shutil.ignore_patterns("__pycache__"))
    (core / "presets" / "chalk.toml").write_text(example("A look"), encoding="utf-8")
    flow = FLOW.replace("style_core.job", "...job").replace("style_core.motion.flows", ".")
    (core / "motion" / "flows" / "slide.py").write_text(flow, encoding="utf-8")
    lengthen(core / "motion_settings.py", "FLOWS", '"slide"')
    losses = core / "engine" / "losses.py"
    change(losses, r"(?m)^# .*\nSTYLE_DISTANCES: ", rf"{without_imports(LOSS)}\n\n\n\g<0>")
    lengthen(losses, "STYLE_DISTANCES", '"mean": MeanDistance')
    lengthen(core / "look.py", "STYLE_LOSSES", '"mean"')
    (core / "regions" / "bright.py").write_text(SOURCE, encoding="utf-8")
    lengthen(core / "region.py", "FOUND", '"bright"')
    finding = core / "regions" / "finding.py"
    assert f"`{ASKED}`" in PAGE and f"`{ANSWERED}`" in PAGE
    change(finding, r"(def steadied.*\n +\"\"\".*\n)", rf"\1        {ASKED}\n            {ANSWERED}\n")
    change(finding, r"(?m)^from \.faces import", r"from .bright import bright_mattes\n\g<0>")
    return folder


def painted(folder: Path, *more: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """A film of two frames that slides, half of it bright, and its paint."""
    wide = textured(1, 48, 72) // 2
    wide[:24] = 250
    frames = [wide[:, start : start + 64] for start in (0, 4)]
    (folder / "clip").mkdir()
    for number, frame in enumerate(frames, 1):
        write_png(folder / "clip" / f"{number}.png", frame)
    write_png(folder / "style.png", style_picture())
    given = ["video", "clip", "-s", "style.png", "-o", "out", "--size", "64", "--steps", "8", "--steps-per-frame", "4"]
    given += ["--no-report", "--device", "cpu", "--cache", "cache", *more]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-m", "style_core", *given], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return frames, [cv2.imread(str(file))[..., ::-1] for file in sorted((folder / "out").glob("*.png"))]


def test_a_look_a_flow_a_loss_and_a_region_that_are_added_as_the_page_says_paint_a_film(changed: Path):
    more = ("--look", "chalk", "--style-loss", "mean", "--flow", "slide", "--region", "bright=")
    frames, paint = painted(changed, *more)
    assert len(paint) == 2
    for frame, own in zip(frames, paint, strict=True):
        change = np.abs(frame.astype(int) - own).mean(-1)
        assert change[:20].max() == 0 and change[28:].mean() > 3  # what is bright stays


def test_what_is_worked_through_finds_what_it_says():
    frame = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8), (0, 0), 2)
    moved = np.roll(frame, (2, 3), (0, 1))
    found = run(FLOW)["make"]("slide", Motion(), torch.device("cpu"))(Shot(1, frame), Shot(2, moved))
    np.testing.assert_allclose(found.mean((0, 1)), (3, 2), atol=0.1)
    means = (torch.zeros(4), torch.ones(4))
    target, other = (Moments(torch.eye(4), mean, torch.ones(())) for mean in means)
    distance = run(LOSS)["MeanDistance"](target)
    assert distance(other) == 1 and distance(target) == 0
    half = np.zeros((8, 8, 3), np.uint8)
    half[:4] = 255
    (matte,) = run(SOURCE)["bright_mattes"]([half])
    assert matte[:4].min() == 1 and matte[4:].max() == 0
