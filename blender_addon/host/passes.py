"""What of a render is kept beside its picture: the passes that tell how things move, and which thing is where.

Who renders a scene for a node asks `node_passes.passes_for` which are needed, renders within `switched_on`, and calls
`keep_passes` after each frame.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import bpy
from bpy.types import Scene

from ...style_core.job import frame_name
from . import versions
from .changed import format_kept, set_to
from .isolation import LIGHT

# Beside the frames of a node: the passes of renders for motion alone, and those of the frames themselves.
VECTORS, MATTES = "vectors", "mattes"
# The switch at a view layer for each pass that tells things apart, by a region's matte and what it is known by.
SWITCHES = {
    ("cryptomatte", "object"): "use_pass_cryptomatte_object",
    ("cryptomatte", "material"): "use_pass_cryptomatte_material",
    ("cryptomatte", "asset"): "use_pass_cryptomatte_asset",
    ("index", "object"): "use_pass_object_index",
    ("index", "material"): "use_pass_material_index",
}
# Engines that write each kind.
WRITING = {
    "cryptomatte": ("CYCLES", "BLENDER_EEVEE", "BLENDER_EEVEE_NEXT"),
    "index": ("CYCLES",),
}

Matte = tuple[str, str, str]
"""A view layer, a region's matte, and what it is known by."""


@dataclass(frozen=True)
class Passes:
    """The passes that are needed."""

    vectors: str = ""
    """The view layer whose motion is wanted; empty: none."""
    mattes: tuple[Matte, ...] = ()
    """What tells things apart, each once and in order."""

    @classmethod
    def of(cls, vectors: str, mattes: list[list[str]]) -> "Passes":
        """The same from what JSON holds."""
        return cls(vectors, tuple(tuple(one) for one in mattes))


@contextmanager
def switched_on(scene: Scene, passes: Passes) -> Iterator[None]:
    """Within, the view layers of a scene have the passes that are needed; afterwards all is as before."""
    wanted = [(passes.vectors, "use_pass_vector")] if passes.vectors else []
    wanted += [(layer, SWITCHES[matte, known_by]) for layer, matte, known_by in passes.mattes]
    with ExitStack() as stack:
        for layer, switch in wanted:
            stack.enter_context(set_to(scene.view_layers[layer], switch, True))
        yield


def keep_passes(scene: Scene, path: Path, unfinished: Path) -> None:
    """Writes the passes of what was rendered last to a file, complete or not at all; until then to a folder."""
    path.parent.mkdir(exist_ok=True)
    part = unfinished / f"passes-{path.name}"
    file = scene.render.image_settings
    with format_kept(scene):
        versions.set_file_format(file, "OPEN_EXR_MULTILAYER")
        file.color_depth, file.exr_codec = "32", "ZIP"
        bpy.data.images["Render Result"].save_render(str(part), scene=scene)
    part.replace(path)


def keep_mattes(scene: Scene, passes: Passes, folder: Path, number: int, unfinished: Path) -> None:
    """Keeps what tells things apart in the frame that was rendered last, beside the frames in `folder`, if need be."""
    if passes.mattes:
        keep_passes(scene, folder / MATTES / frame_name(number, LIGHT), unfinished)
