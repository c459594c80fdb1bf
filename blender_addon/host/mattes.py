"""Mattes that Blender draws, as pictures at a strip's own pixels: masks, other strips, and a strip's own alpha.

Every function writes greyscale pictures of 8 bits that are named by the frames of the strip's source, `000012.png`:
white is painted. Frames of the source that the strip leaves out, for being faster than the timeline or strobing, have
the matte of the frame before. A matte that is the same at all frames is one picture, named by the first of them.

What is animated is drawn as it is keyed. Changes without a key are not drawn and, as with every render of Blender, fall
back to the keys at the current frame; those of masks' points are put back.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import bpy
from bpy.types import Mask, Scene, Strip

from ...style_core.job import UserError, frame_name
from ..arrays import np
from . import versions
from .grey_png import write_grey
from .isolation import isolated
from .matte_inputs import TIMES, Input, existing, inputs_of, matte_named
from .moments import Moments, all_moments_of, times_of
from .painted import free_channel
from .projections import Draw, frame_size, is_animated, projections_of, size_of, with_metas
from .screen import Screen, points_of, screen
from .ways_in import way_into

# Told after every frame: how many are done, and of how many.
Tell = Callable[[int, int], None]

CHANNELS = ("luminance", "alpha")
# Two mattes that differ by no more than this, of 255, are the same, rounded differently.
SAME = 2
# How bright red, green and blue are (Rec. 709).
LUMINANCE = (0.2126, 0.7152, 0.0722)
OPAQUE = 255
ALPHA = 3
# What a mask's drawing depends on, beside the points.
OF_LAYERS = ("alpha", "blend", "invert", "falloff", "use_fill_holes", "use_fill_overlap", "hide_render")


class MatteFiles(NamedTuple):
    """Where a matte lies."""

    path: Path
    """A folder with a picture for each frame of the source that is painted; or one picture, for all of them."""
    is_still: bool


def silent(done: int, total: int) -> None:
    """Tells nobody."""


# What can be a matte


def mask_in_strip_space(
    scene: Scene, strip: Strip, mask: Mask | None, folder: Path, tell: Tell = silent, time: str = TIMES[0]
) -> MatteFiles:
    """A mask that was drawn on the strip's own picture, as Blender draws it at that picture's size.

    Args:
        scene: the scene of the strip.
        strip: what is painted.
        mask: without points it is black.
        folder: for the pictures; it is made if need be.
        tell: progress; it may raise an exception to cancel, and finished pictures stay.
        time: one of TIMES: whether the mask goes with the timeline or with the strip's content.

    Raises:
        UserError: the strip cannot be painted, the mask has been deleted, it moves while a frame of the source is held,
            or Blender is rendering.
    """
    moments, start = all_moments_of(strip, scene), start_of(strip, time)
    with (
        screen(size_of(strip, scene)) as own,
        drawn(own, times_of(moments), [Input(existing(mask), time)], start) as still,
    ):
        return write(folder, strip, moments, mask_of(own), still, tell)


def mask_in_frame_space(
    scene: Scene, strip: Strip, mask: Mask | None, folder: Path, tell: Tell = silent, time: str = TIMES[0]
) -> MatteFiles:
    """A mask that was drawn over the whole frame, as the preview shows it, brought to the strip's own pixels.

    Arguments and errors are those of `mask_in_strip_space`.
    """
    moments, start = all_moments_of(strip, scene), start_of(strip, time)
    projections = projections_of(strip, scene, times_of(moments))
    with screen(frame_size(scene)) as own, drawn(own, times_of(moments), [Input(existing(mask), time)], start) as still:
        draw = projections.onto_strip(mask_of(own))
        return write(folder, strip, moments, draw, still and projections.is_still, tell)


def modifier_mask(scene: Scene, strip: Strip, folder: Path, tell: Tell = silent) -> MatteFiles:
    """What the strip's own mask modifiers let through, all that are switched on together.

    Arguments are those of `mask_in_strip_space`.

    Raises:
        UserError: the strip has no such modifier, one of them has no mask or moves while a frame of the source is held,
            the strip cannot be painted, or Blender is rendering.
    """
    inputs_of(strip)
    moments = all_moments_of(strip, scene)
    projections = projections_of(strip, scene, times_of(moments), of_modifiers=True)
    with screen(frame_size(scene), scene) as own:
        twin = own.scene.sequence_editor.strips_all[strip.name]
        with drawn(own, times_of(moments), inputs_of(twin), versions.content_span(strip)[0]) as still:
            draw = projections.onto_strip(mask_of(own))
            return write(folder, strip, moments, draw, still and projections.is_still, tell)


def strip_matte(
    scene: Scene, strip: Strip, name: str, folder: Path, channel: str = CHANNELS[0], tell: Tell = silent
) -> MatteFiles:
    """Another strip as a matte, where and when the editor sees it; whether it is muted does not matter.

    Args:
        name: of the other strip.
        channel: one of CHANNELS; the luminance is that over black.

    The other arguments are those of `mask_in_strip_space`.

    Raises:
        UserError: there is no such strip or it has no picture, it is not everywhere where the strip is, it changes
            while a frame of the source is held, the strip cannot be painted, or Blender is rendering.
    """
    if channel not in CHANNELS:
        raise UserError(f"A strip has no channel {channel!r} to be a matte: choose one of {', '.join(CHANNELS)}.")
    moments = all_moments_of(strip, scene)
    times = times_of(moments)
    matte = matte_named(name, strip, scene, times)
    projections = projections_of(strip, scene, times)
    with screen(frame_size(scene), scene) as own:
        show_alone(own.scene, name)
        seen = channel_of(own, ALPHA) if channel == "alpha" else luminance_of(own)
        lacks = matte.type == "MASK" and versions.MASKS_LACK_A_PIXEL
        draw = projections.onto_strip(made_whole(seen) if lacks else seen)
        still = shows_one_picture(matte) and not is_animated(scene) and projections.is_still
        return write(folder, strip, moments, draw, still, tell)


def alpha_matte(scene: Scene, strip: Strip, folder: Path, tell: Tell = silent) -> MatteFiles:
    """The alpha of the strip's own pictures, whatever its place, blending and modifiers.

    Arguments are those of `mask_in_strip_space`.

    Raises:
        UserError: the pictures are opaque throughout, the strip cannot be painted, or Blender is rendering.
    """
    # A picture has its alpha whenever it is shown.
    moments = {number: shown[:1] for number, shown in all_moments_of(strip, scene).items()}
    seen = []
    with isolated(scene, strip, way_into(strip, scene)) as own:
        alpha = channel_of(own, ALPHA)

        def draw(frame: int) -> np.ndarray:
            matte = alpha(frame)
            seen.append(matte.min())
            return matte

        files = write(folder, strip, moments, draw, len(times_of(moments)) == 1, tell)
    if min(seen) == OPAQUE:
        raise UserError(
            f"The pictures of strip '{strip.name}' have no alpha, or are opaque everywhere: choose another matte."
        )
    return files


# What is drawn


def start_of(strip: Strip, time: str) -> float | None:
    """Where the content of a strip begins, if masks go with that."""
    return versions.content_span(strip)[0] if time == "RELATIVE" else None


@contextmanager
def drawn(own: Screen, times: list[int], inputs: list[Input], start: float | None = None) -> Iterator[bool]:
    """Lets the screen's alpha be what all inputs let through together, and says whether that is still.

    A white strip is laid over the frame that has a mask modifier for each input. Masks are copied, as Blender sets the
    points of animated masks that it draws, and not all that count their users are given back.

    Args:
        own: empty, or a copy of the scene that the inputs are in.
        times: when something is drawn.
        inputs: masks, and strips of the screen's own scene.
        start: the frame at which the content of the masked strip begins.
    """
    white = add_white(own, min(times), max(times) + 1, start)
    copies = []
    try:
        for given in inputs:
            modifier = white.modifiers.new("Mask", "MASK")
            modifier.input_mask_type, modifier.mask_time = "ID" if given.is_mask else "STRIP", given.time
            if given.is_mask:
                copies.append(given.mask.copy())
                modifier.input_mask_id = copies[-1]
            else:
                modifier.input_mask_strip = given.mask
        seen = [own_times(given, times, start) for given in inputs if given.is_mask]
        yield len(copies) == len(inputs) and all(map(lambda *one: is_still(own, *one), copies, seen))
    finally:
        for copy in copies:
            bpy.data.masks.remove(copy)


def add_white(own: Screen, left: int, right: int, start: float | None) -> Strip:
    """A white strip over the whole frame, and nothing else is shown; its content begins at `start`, or at `left`."""
    strips = own.scene.sequence_editor.strips
    for other in strips:
        other.mute = True
    # Two pictures: the content of a single one, as that of a colour, always begins at the left handle.
    picture = own.folder / "white.png"
    write_grey(picture, np.full(own.size[::-1], OPAQUE, np.uint8))
    start = left if start is None else round(start)
    channel = free_channel(strips, 0, min(left, start), max(right, start + 2))
    white = strips.new_image("White", str(picture), channel, start, fit_method="ORIGINAL")
    white.elements.append(picture.name)
    versions.set_right_handle(white, max(right, start + 2))
    setattr(white, "left_handle" if hasattr(white, "left_handle") else "frame_final_start", left)
    versions.set_right_handle(white, right)
    return white


def show_alone(scene: Scene, name: str) -> list[Strip]:
    """Shows nothing of a scene but one strip, and returns it with the metas that it is in."""
    strip = scene.sequence_editor.strips_all[name]
    chain = with_metas(strip)
    for other in scene.sequence_editor.strips_all:
        if strip not in with_metas(other):
            other.mute = other not in chain
    strip.mute = False
    for shown in chain:
        shown.blend_type = "ALPHA_OVER"
    return chain


def channel_of(own: Screen, channel: int) -> Draw:
    """Draws one channel of what a screen shows."""
    return lambda frame: own.picture(frame)[..., channel]


def mask_of(own: Screen) -> Draw:
    """Draws what the masks of a screen let through."""
    alpha = channel_of(own, ALPHA)
    return made_whole(alpha) if versions.MASKS_LACK_A_PIXEL else alpha


def made_whole(draw: Draw) -> Draw:
    """Gives the last pixel of a mask, which Blender leaves as the memory was, the value of the one beside it."""

    def draw_whole(frame: int) -> np.ndarray:
        matte = draw(frame).copy()
        matte[0, -1] = matte[0, -2]
        return matte

    return draw_whole


def luminance_of(own: Screen) -> Draw:
    """Draws how bright a screen is, over black."""

    def draw(frame: int) -> np.ndarray:
        picture = own.picture(frame).astype(np.float32)
        return np.rint(picture[..., :3] @ np.array(LUMINANCE, np.float32) * picture[..., 3] / OPAQUE).astype(np.uint8)

    return draw


def write(folder: Path, strip: Strip, moments: Moments, draw: Draw, is_still: bool, tell: Tell) -> MatteFiles:
    """Writes the mattes of all frames of the source, or of the first alone if they are all the same."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = list(moments)[: 1 if is_still else None]
    shown, matte = None, None
    for done, number in enumerate(numbers, 1):
        if moments[number] != shown:
            shown = moments[number]
            matte = draw(shown[0]) if is_still else matte_of_all(strip, number, shown, draw)
        write_grey(folder / frame_name(number), matte)
        tell(done, len(numbers))
    return MatteFiles(folder / frame_name(numbers[0]) if is_still else folder, is_still)


def matte_of_all(strip: Strip, number: int, shown: list[int], draw: Draw) -> np.ndarray:
    """The matte of a frame of the source at all times when it is shown; UserError if it is not the same at all."""
    matte = draw(shown[0])
    for time in shown[1:]:
        if np.abs(np.subtract(draw(time), matte, dtype=np.int16)).max() > SAME:
            raise UserError(
                f"Frame {number} of strip '{strip.name}' is shown at {len(shown)} frames of the timeline and painted "
                f"once, but its matte at frame {time} is not that of frame {shown[0]}: let the matte stand still while "
                "the picture does, or render the strip to a film at the scene's frame rate and paint that."
            )
    return matte


# Whether it moves


def own_times(given: Input, frames: list[int], start: float | None) -> list[int]:
    """The frames at which a mask is drawn where these frames of the timeline are."""
    shift = given.mask.frame_start - round(start) if given.time == "RELATIVE" else 0
    return [frame + shift for frame in frames]


def is_still(own: Screen, mask: Mask, frames: list[int]) -> bool:
    """Whether a mask is drawn in the same way at all these frames."""
    points = [point for layer in mask.layers for spline in layer.splines for point in spline.points]
    if any(point.parent.id for point in points):  # follows a track of a movie clip
        return False
    # Scripts cannot see a mask's keys, but what they make of it.
    with own.evaluated() as depsgraph:
        states = set()
        for frame in frames:
            own.scene.frame_set(frame)
            states.add(state_of(mask.evaluated_get(depsgraph)))
    return len(states) == 1


def state_of(mask: Mask) -> tuple:
    """What decides how a mask is drawn."""
    state = []
    for layer in mask.layers:
        state += [getattr(layer, name) for name in OF_LAYERS]
        for spline in layer.splines:
            state += [values.tobytes() for values in points_of(spline).values()]
    return tuple(state)


def shows_one_picture(strip: Strip) -> bool:
    """Whether a strip is a single picture throughout."""
    return strip.type == "IMAGE" and len(strip.elements) == 1 and not len(strip.modifiers)
