"""Where a strip's pixels lie in the frame, whatever its transform and the metas that it is in."""

from collections.abc import Callable

from bpy.types import Scene, Strip

from ..arrays import np
from .placement import Placement, Projection
from .screen import screen
from .strips import files_of, picture_size
from .versions import MODIFIERS_SEE_THE_FRAME
from .ways_in import way_into

# Brings a matte at a frame of the timeline, (H, W) uint8.
Draw = Callable[[int], np.ndarray]


class Projections:
    """Brings what lies in the frame to a strip's own pixels, at every frame of the timeline."""

    def __init__(self, matrices: dict[int, np.ndarray], size: tuple[int, int], frame: tuple[int, int]) -> None:
        self.matrices, self.size, self.frame = matrices, size, frame
        self.is_still = len({matrix.tobytes() for matrix in matrices.values()}) == 1
        self.latest: tuple[bytes, Projection] | None = None

    def onto_strip(self, draw: Draw) -> Draw:
        """Draws at the strip's pixels what `draw` draws at the frame's."""
        return lambda frame: self.at(frame).read(draw(frame))

    def at(self, frame: int) -> Projection:
        """The projection at a frame; as long as the strip lies still, it is computed once."""
        key = self.matrices[frame].tobytes()
        if self.latest is None or self.latest[0] != key:
            self.latest = key, Projection(self.matrices[frame], self.size, self.frame)
        return self.latest[1]


def size_of(strip: Strip, scene: Scene) -> tuple[int, int]:
    """Width and height of a strip's own pictures, or of a render that has it in its place."""
    if way_into(strip, scene).covers_frame:
        return frame_size(scene)
    return picture_size(strip, files_of(strip, scene)[0])


def frame_size(scene: Scene) -> tuple[int, int]:
    """Width and height of the frame, whatever share of it is rendered: masks and strips are placed by this."""
    return scene.render.resolution_x, scene.render.resolution_y


def is_animated(scene: Scene) -> bool:
    """Whether anything of a scene itself, and so of its strips, may change by keys or drivers."""
    own = scene.animation_data
    return own is not None and bool(own.action or len(own.drivers) or len(own.nla_tracks))


def projections_of(strip: Strip, scene: Scene, times: list[int], of_modifiers: bool = False) -> Projections:
    """Where the strip lies in the frame at all these times; or, `of_modifiers`, in the frame that its modifiers see,
    which is that of the innermost meta."""
    size, frame = size_of(strip, scene), frame_size(scene)
    # The modifiers of a strip whose picture covers the frame see just that.
    chain = [one.name for one in placed_by(strip, scene) if not of_modifiers or one == strip]
    flips = not of_modifiers or MODIFIERS_SEE_THE_FRAME
    if not is_animated(scene):
        matrix = matrix_of(scene, chain, size, frame, flips)
        return Projections(dict.fromkeys(times, matrix), size, frame)
    matrices = {}
    with screen(frame, scene) as own, own.evaluated() as depsgraph:
        for time in times:
            own.scene.frame_set(time)
            matrices[time] = matrix_of(own.scene.evaluated_get(depsgraph), chain, size, frame, flips)
    return Projections(matrices, size, frame)


def matrix_of(scene: Scene, chain: list[str], size: tuple[int, int], frame: tuple[int, int], flips: bool) -> np.ndarray:
    """From a strip's picture to the frame, through the metas it is in, with or without flips, (3, 3)."""
    matrix = np.eye(3)
    for name in chain:
        matrix = placement_of(scene.sequence_editor.strips_all[name], flips).matrix(size, frame) @ matrix
        size = frame  # a meta's picture is a frame
    return matrix


def placement_of(strip: Strip, flips: bool) -> Placement:
    """How Blender lays a strip's picture over the frame."""
    transform = strip.transform
    return Placement(
        (transform.offset_x, transform.offset_y),
        (transform.scale_x, transform.scale_y),
        transform.rotation,
        tuple(transform.origin),
        (strip.use_flip_x and flips, strip.use_flip_y and flips),
    )


def placed_by(strip: Strip, scene: Scene) -> list[Strip]:
    """What lays a strip's picture over the frame, from within: the metas alone if it has the strip in its place."""
    return with_metas(strip)[1 if way_into(strip, scene).is_placed else 0 :]


def with_metas(strip: Strip) -> list[Strip]:
    """A strip and the metas around it, from within."""
    meta = strip.parent_meta()
    return [strip, *(with_metas(meta) if meta else ())]
