"""A thing is cut out of the picture in Blender's window."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import write_png

from tests.conftest import Blender, missing

pytestmark = pytest.mark.blender

WIDTH, HEIGHT = 320, 180
FRAME = 400, 300
PLACE = {"offset_x": 23, "offset_y": -17, "scale_x": 1.3, "scale_y": 1.1, "rotation": 0.3, "origin": [0.3, 0.6]}


class Simulated(Blender):
    """Blender in a window that takes the events which a script makes up."""

    def command(self, script: str, plan: Path, window: bool = True) -> list[str]:
        start, program, *rest = super().command(script, plan, True)
        return [start, program, "--enable-event-simulate", *rest]


@pytest.fixture
def person(program) -> Simulated:
    """Somebody at the window."""
    if not shutil.which("with-display"):
        missing("blender")  # it has no virtual screen here
    return Simulated(**vars(program))


def disc(number: int) -> np.ndarray:
    """Where the red thing is in a frame, (H, W) uint8."""
    matte = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.ellipse(matte, (90 + 12 * number, 80), (46, 30), 20, 0, 360, 255, -1)
    return matte


def scene(number: int) -> np.ndarray:
    """A pure red thing on grey ground that is not even, (H, W, 3) uint8."""
    ground = np.random.default_rng(1).normal(120, 40, (HEIGHT // 6, WIDTH // 6, 1))
    ground = cv2.resize(ground, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC).clip(60, 180)
    picture = np.dstack([ground, ground + 10, ground + 20]).astype(np.uint8)
    picture[disc(number) > 0] = 255, 0, 0
    return picture


def overlap(matte: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union."""
    one, two = matte > 127, truth > 127
    return (one & two).sum() / (one | two).sum()


def test_a_rectangle_on_the_screen_cuts_out_what_is_in_it(person, tmp_path):
    files = [str(write_png(tmp_path / f"p{n}.png", scene(n))) for n in range(1, 4)]
    told = person.run("cut_out.py", tmp_path, files=files, frame=2, resolution=FRAME, transform=PLACE, change={"use_flip_x": True}, crop={"min_x": 10, "max_y": 12})
    print(told)
    assert "error" not in told, told["error"]
    [region] = told["accepted"]
    [[frame, matte]] = region["keyframes"]
    assert (region["source"], frame) == ("OBJECT", 2)
    assert Path(matte).is_relative_to(tmp_path / "cache")
    assert overlap(cv2.imread(matte, cv2.IMREAD_GRAYSCALE), disc(2)) > 0.9
    assert told["undo"] == []
    assert told["redo"] == told["accepted"]
