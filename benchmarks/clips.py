"""Renders four short clips with Blender, and writes down exactly how everything in them moves.

    .envs/bpy-5.2/bin/python -m benchmarks.clips OUT [--clips NAME ...] [--frames N] [--width W]

In OUT/NAME, frames counted from 1:
    frames/0001.png           the frame, 8 bits sRGB
    flow/forward/0001.flo     to where each pixel's middle is in the next frame; Middlebury's format, float32, pixels
                              to the right and down; for every frame that has a next one
    flow/backward/0002.flo    to where it was in the frame before; for every frame that has one
    occlusion/0002.png        255 where the pixel's middle shows what the frame before does not, hidden there or beyond
                              its borders; 0 elsewhere
Flow is Cycles' Vector pass, rendered apart from the frames with a single ray through each pixel's middle, so that
nothing is blended at outlines. Occlusions are found by rays too, which ask for the same surface points a frame before.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy
import numpy as np

from benchmarks.scenes import fast_occluder, rotating, sight, slow_pan, stage, thin_deforming
from build_steps.environments import RUNTIME

ROOT = Path(__file__).resolve().parent.parent
SCENES = {scene.__name__.rpartition(".")[2]: scene for scene in (slow_pan, fast_occluder, rotating, thin_deforming)}
FRAMES, WIDTH = 24, 256
BEAUTY_RAYS = 32  # a pixel of a frame
POINT = 0.01  # pixels: Cycles' narrowest filter, which sends the ray through the pixel's middle


def make_clip(name: str, out: Path, frames: int, width: int) -> dict[str, float]:
    """Renders one clip into `out`; the figures of `truth`."""
    for part in ("frames", "flow", "occlusion"):  # an earlier clip may have had more frames
        shutil.rmtree(out / part, ignore_errors=True)
    scene, size = stage.empty_scene(), (width, round(width * 9 / 16))
    SCENES[name].build(frames)
    prepare(scene, frames, size)
    render_frames(scene, out / "frames")
    with tempfile.TemporaryDirectory() as passes:
        render_vectors(scene, Path(passes))
        for number, hidden in sight.occlusions(scene, size):
            np.save(Path(passes) / f"{number:04d}.npy", hidden)
        return measure(Path(passes), out)


def prepare(scene: bpy.types.Scene, frames: int, size: tuple[int, int]) -> None:
    """Cycles on the processor, without what would blur, guess or differ from run to run."""
    scene.frame_start, scene.frame_end = 1, frames
    scene.render.engine, scene.cycles.device = "CYCLES", "CPU"
    scene.cycles.use_denoising = scene.cycles.use_adaptive_sampling = scene.render.use_motion_blur = False
    scene.cycles.max_bounces, scene.cycles.seed, scene.cycles.use_animated_seed = 0, 0, False
    scene.view_settings.view_transform, scene.view_settings.look = "Standard", "None"
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.resolution_percentage = 100


def render_frames(scene: bpy.types.Scene, folder: Path) -> None:
    """The frames as one sees them: each pixel is the mean over its square."""
    scene.cycles.samples, scene.cycles.pixel_filter_type = BEAUTY_RAYS, "BOX"
    settings = image_settings(scene, "IMAGE")
    settings.file_format, settings.color_mode, settings.color_depth = "PNG", "RGB", "8"
    render(scene, folder)


def render_vectors(scene: bpy.types.Scene, folder: Path) -> None:
    """The Vector pass, in which a single ray meets the middle of each pixel."""
    scene.view_layers[0].use_pass_vector = True
    scene.cycles.samples, scene.cycles.pixel_filter_type, scene.cycles.filter_width = 1, "GAUSSIAN", POINT
    settings = image_settings(scene, "MULTI_LAYER_IMAGE")
    settings.file_format, settings.color_depth, settings.exr_codec = "OPEN_EXR_MULTILAYER", "32", "ZIP"
    render(scene, folder)


def image_settings(scene: bpy.types.Scene, media: str) -> bpy.types.ImageFormatSettings:
    """What files are written as; Blender 5 asks for the kind of media before the format."""
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = media
    return settings


def render(scene: bpy.types.Scene, folder: Path) -> None:
    """All frames, named by their numbers."""
    scene.render.filepath = f"{folder}{os.sep}####"
    with silence():
        bpy.ops.render.render(animation=True)


@contextmanager
def silence() -> Iterator[None]:
    """Keeps Blender's own account, hundreds of lines a frame, from the standard output."""
    sys.stdout.flush()
    kept = os.dup(1)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def measure(passes: Path, out: Path) -> dict[str, float]:
    """Lets the runtime, which can read such files, write flow and occlusions."""
    python = os.environ.get("STYLESTRIP_RUNTIME") or RUNTIME.python
    command = [python, "-m", "benchmarks.scenes.truth", passes, out]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"Measuring the motion of {out} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("out", type=Path)
    options.add_argument("--clips", nargs="+", choices=SCENES, default=list(SCENES), metavar="NAME", help="%(choices)s")
    options.add_argument("--frames", type=int, default=FRAMES)
    options.add_argument("--width", type=int, default=WIDTH, help="pixels; frames are 16:9")
    given = options.parse_args()
    for name in given.clips:
        began = time.perf_counter()
        found = make_clip(name, given.out.resolve() / name, given.frames, given.width)
        print(
            f"{name}: {given.frames} frames in {time.perf_counter() - began:.0f} s, {found['occluded']:.1%} occluded; "
            f"carried along the flow, a frame differs by {found['outside']:.2f} of 255 outside of occlusions, by "
            f"{found['inside']:.2f} inside",
            flush=True,
        )


if __name__ == "__main__":
    main()
