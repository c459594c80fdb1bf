"""Frames of a scene of our own, rendered to arrays; the user's scene stays as it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import bpy
from bpy.app.handlers import persistent
from bpy.types import Depsgraph, MaskSpline, Scene

from ...style_core.job import ScarceError, UserError
from ..arrays import np
from . import handlers

NAME = "Stylestrip matte"
# Uncompressed, so that it is written quickly and read without a decoder: a header of so many bytes, then BGRA upwards.
FORMAT, HEADER = "TARGA_RAW", 18
# What is keyed of a mask's points, and how many numbers each is.
OF_POINTS = {"co": 2, "handle_left": 2, "handle_right": 2, "weight": 1}

# How many renders are on their way: one may hold another, of a scene strip.
renders = 0


@persistent
def on_render_begin(*_: object) -> None:
    """A render begins."""
    global renders
    renders += 1


@persistent
def on_render_end(*_: object) -> None:
    """A render ends."""
    global renders
    renders = max(0, renders - 1)


HANDLERS = (("render_init", on_render_begin), ("render_complete", on_render_end), ("render_cancel", on_render_end))


def register() -> None:
    """Watches for renders."""
    handlers.attach_in_program(HANDLERS)


def unregister() -> None:
    """Watches no more."""
    handlers.detach(HANDLERS)


def is_rendering() -> bool:
    """Whether Blender is rendering: no datablock may come or go meanwhile."""
    return renders > 0 or bpy.app.is_job_running("RENDER")


def read_frame(path: Path, size: tuple[int, int]) -> np.ndarray:
    """A file in FORMAT of that width and height, (H, W, 4) uint8: red, green, blue and alpha, rows downwards."""
    width, height = size
    pixels = np.fromfile(path, np.uint8, offset=HEADER, count=width * height * 4)
    return pixels.reshape(height, width, 4)[::-1, :, [2, 1, 0, 3]]


class Screen:
    """A scene that nobody sees, and its frames.

    Args:
        scene: set up by `screen`.
        folder: for one file at a time.
    """

    def __init__(self, scene: Scene, folder: Path) -> None:
        self.scene, self.folder = scene, folder
        self.size = scene.render.resolution_x, scene.render.resolution_y

    def file(self, frame: int) -> Path:
        """A frame of the timeline as a file in the scene's format; raises UserError if Blender cannot render."""
        self.scene.frame_start = self.scene.frame_end = frame
        path = Path(self.scene.render.frame_path(frame=frame))
        problem = "the render was cancelled"
        try:
            # With write_still instead, Blender renders the frame at which the window's scene is.
            bpy.ops.render.render(animation=True, scene=self.scene.name)
        except RuntimeError as error:
            problem = str(error).strip()
        if not path.is_file():
            raise ScarceError(f"Blender could not render frame {frame}: {problem}")
        return path

    def picture(self, frame: int) -> np.ndarray:
        """A frame of the timeline, (H, W, 4) uint8: red, green, blue, and alpha that is not multiplied into them.

        Raises UserError if Blender cannot render.
        """
        path = self.file(frame)
        pixels = read_frame(path, self.size)
        path.unlink()
        return pixels

    @contextmanager
    def evaluated(self) -> Iterator[Depsgraph]:
        """Within, `scene.frame_set` evaluates what the scene uses, without rendering it."""
        with bpy.context.temp_override(scene=self.scene, view_layer=self.scene.view_layers[0]):
            yield bpy.context.evaluated_depsgraph_get()


@contextmanager
def screen(size: tuple[int, int], like: Scene | None = None) -> Iterator[Screen]:
    """A scene of its own with frames of that size, empty or a copy; it is gone afterwards, whatever happens.

    Raises UserError during a render.
    """
    if is_rendering():
        raise UserError("Blender is rendering: wait until it has finished, and start again.")
    images = set(bpy.data.images)
    scene = like.copy() if like else bpy.data.scenes.new(NAME)
    try:
        with TemporaryDirectory(prefix="stylestrip_") as folder, shown(scene), masks_kept():
            scene.name = NAME
            set_up(scene, size, Path(folder))
            yield Screen(scene, Path(folder))
    finally:
        bpy.data.scenes.remove(scene)
        # The first render of a session makes an image for its result.
        for image in set(bpy.data.images) - images:
            bpy.data.images.remove(image)


@contextmanager
def shown(scene: Scene) -> Iterator[None]:
    """Gives the workspace a sequencer scene where it has none: without one, Blender 5.0 crashes on new modifiers."""
    workspace = bpy.context.workspace
    needed = hasattr(workspace, "sequencer_scene") and workspace.sequencer_scene is None
    if needed:
        workspace.sequencer_scene = scene
    try:
        yield
    finally:
        if needed:
            workspace.sequencer_scene = None


@contextmanager
def masks_kept() -> Iterator[None]:
    """Puts points of masks back where a person has moved them without a key: a render moves them to their keys."""
    splines = [spline for mask in bpy.data.masks for layer in mask.layers for spline in layer.splines]
    before = [(spline.points, points_of(spline)) for spline in splines]
    try:
        yield
    finally:
        for points, values in before:
            for name, value in values.items():
                points.foreach_set(name, value)


def points_of(spline: MaskSpline) -> dict[str, np.ndarray]:
    """Where the points of a mask's spline are, and how far it is feathered there, by property."""
    values = {}
    for name, length in OF_POINTS.items():
        values[name] = np.zeros(len(spline.points) * length, np.float32)
        spline.points.foreach_get(name, values[name])
    return values


def set_up(scene: Scene, size: tuple[int, int], folder: Path) -> None:
    """Makes a scene render its sequencer alone, to files whose values are those of its strips."""
    scene.sequence_editor_create()
    for child in list(scene.collection.children):
        scene.collection.children.unlink(child)
    for child in list(scene.collection.objects):
        scene.collection.objects.unlink(child)
    render, view, file = scene.render, scene.view_settings, scene.render.image_settings
    render.resolution_x, render.resolution_y, render.resolution_percentage = *size, 100
    render.filepath, render.use_file_extension = f"{folder}/", True
    render.use_sequencer, render.dither_intensity = True, 0
    render.frame_map_old = render.frame_map_new = 100
    scene.frame_step = 1
    for name in ("use_compositing", "use_border", "use_multiview", "use_stamp", "use_placeholder"):
        setattr(render, name, False)
    render.use_overwrite = True
    scene.display_settings.display_device = "sRGB"
    view.view_transform, view.look, view.exposure, view.gamma = "Standard", "None", 0, 1
    view.use_curve_mapping = False
    if hasattr(file, "media_type"):
        file.media_type = "IMAGE"
    file.file_format, file.color_mode, file.color_management = FORMAT, "RGBA", "FOLLOW_SCENE"
