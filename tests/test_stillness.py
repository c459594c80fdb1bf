"""Over a long time: what stands still keeps its paint, its colours and its strength."""

import cv2
import numpy as np
import pytest
from clips import style_picture, write_png

from style_core.job import Job, Look, Motion, Output, Source
from style_core.media.pictures import read_picture
from style_core.report.measures import mean_lab
from style_core.sequence import paint_job


def still_shot(folder, count, grain):
    """Frames of a scene in which nothing moves, taken by a camera with noise."""
    folder.mkdir()
    rng = np.random.default_rng(4)
    scene = cv2.GaussianBlur(rng.integers(0, 256, (72, 128, 3)).astype(np.uint8), (0, 0), 3).astype(float)
    scene = np.clip(128 + 3 * (scene - 128), 20, 235)
    for number in range(1, count + 1):
        noisy = scene + rng.normal(0, grain, scene.shape)
        write_png(folder / f"{number:04d}.png", np.rint(noisy).clip(0, 255).astype(np.uint8))


@pytest.mark.slow
def test_a_static_shot_neither_flickers_nor_drifts_nor_fades(tmp_path):
    still_shot(tmp_path / "clip", 60, grain=2.0)
    write_png(tmp_path / "style.png", style_picture())
    look = Look(styles=(str(tmp_path / "style.png"),), steps=40, first_size=64)
    output = Output(size=128, cache=str(tmp_path / "cache"), report=False)
    job = Job(source=Source(path=str(tmp_path / "clip")), look=look, motion=Motion(), output=output, device="cpu")
    painted = np.stack([read_picture(file).rgb for file in paint_job(job, lambda progress: None).files])
    assert painted[24:].std(0).mean() < 1, "of 255, after the first second"
    drift = np.linalg.norm(mean_lab(painted[-1]) - mean_lab(painted[0]))
    assert drift < 1
    assert np.abs(painted[0].astype(int) - read_picture(tmp_path / "clip" / "0001.png").rgb).mean() > 8, "it is painted"
