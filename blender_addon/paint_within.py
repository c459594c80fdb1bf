"""Paint in a modifier of the strip itself: shown, moved along with the strip, and taken away."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import bpy
from bpy.types import CompositorNodeTree, Scene, Strip, StripModifier

from ..style_core.job import Job, UserError, frame_name
from .compositor.tree import BEGIN, EVER, FRAMES, MIX, STRENGTH, begin_at, hold, new_tree, show_frames, take_alpha
from .host import versions
from .host.links import put
from .host.moved import moved_by
from .host.own_modifier import JOB_KEY, paint_modifier
from .host.painted import Paint
from .host.screen import shown
from .host.strips import absolute
from .host.ways_in import speed_effects_of
from .sentence import frames_are

NAME = "Neural Style"
# In a folder of painted frames: the same in the order in which a strip shows them, which is not that of its source.
IN_ORDER = "order-{}"
AT_A_TIME = 50
# Kinds of strips, beside single pictures, that show the same at all times.
HELD = ("COLOR", "TEXT")
# By what an editor changes how fast a strip runs.
OF_SPEED = ("speed_control", "speed_factor", "speed_frame_number", "speed_length", "use_frame_interpolate")


def show(scene: Scene, strip: Strip, paint: Paint, job: Job) -> None:
    """Lets a strip show these frames in its modifier, which it gets if it has none.

    Raises UserError if a painted frame is missing, or they cannot be put in order.
    """
    paint.require()
    folder, files = in_order(paint)
    modifier = paint_modifier(strip)
    if modifier is None:
        with shown(scene):
            modifier = strip.modifiers.new(NAME, "COMPOSITOR")
        tree = new_tree(f"{strip.name} painted")
        take_alpha(tree)
        tree.interface.remove(tree.interface.items_tree[STRENGTH])  # that is a setting of the strip
        versions.offer_to_strips(tree)
        take(modifier, tree)
    elif users_of(modifier.node_group) > 1:  # a copy of the strip shows other frames
        take(modifier, modifier.node_group.copy())
    modifier.mute, tree = False, modifier.node_group
    show_frames(tree, folder, files, paint.left, as_image=True)
    if len(files) == 1 and (len(paint.frames) > 1 or shows_one_picture(strip)):
        hold(tree)
    tree[JOB_KEY] = job.to_json()
    strip.stylestrip_paint.left = paint.left
    note_place(strip)


def shows_one_picture(strip: Strip) -> bool:
    """Whether a strip shows the same picture at all times, however long it gets."""
    return strip.type in HELD or (strip.type == "IMAGE" and len(strip.elements) == 1)


def in_order(paint: Paint) -> tuple[Path, list[str]]:
    """The folder and the names of painted frames that follow each other as on the timeline; one if that is held.

    Raises UserError if they must be put in order, and cannot be.
    """
    for _ in put_in_order(paint):
        pass
    if follows(paint):
        return paint.folder, paint.files
    return place_in_order(paint), [frame_name(number, paint.ending) for number in range(1, len(paint.files) + 1)]


def follows(paint: Paint) -> bool:
    """Whether painted frames have numbers that follow each other as on the timeline, or are one."""
    first, count = paint.frames[0], len(paint.frames)
    return len(set(paint.frames)) == 1 or paint.frames == list(range(first, first + count))


def place_in_order(paint: Paint) -> Path:
    """Where painted frames are in the order of the timeline."""
    return paint.folder / IN_ORDER.format(hashlib.sha256(json.dumps(paint.frames).encode()).hexdigest()[:16])


def put_in_order(paint: Paint) -> Iterator[None]:
    """Puts painted frames in the order of the timeline, some at a time, where they are not; raises UserError."""
    if follows(paint):
        return
    place, ending = place_in_order(paint), paint.ending
    try:
        place.mkdir(exist_ok=True)
        for number, file in enumerate(paint.files, 1):
            name = frame_name(number, ending)
            if not (place / name).is_file():
                put(paint.folder / file, place / name)
            if number % AT_A_TIME == 0:
                yield
    except OSError as error:
        raise UserError(
            f"The painted frames cannot be put in order in '{place}' ({error.strerror}): make room there, or choose "
            "another cache folder in the preferences of Stylestrip."
        ) from error


def remove(strip: Strip) -> None:
    """Takes a strip's paint away, and what nobody else uses of it."""
    modifier = paint_modifier(strip)
    tree = modifier.node_group
    image = tree.nodes[FRAMES].image
    strip.modifiers.remove(modifier)
    if not users_of(tree):
        bpy.data.node_groups.remove(tree)
    if image and not image.users:
        bpy.data.images.remove(image)


def mix_of(modifier: StripModifier) -> bpy.types.bpy_struct | None:
    """What holds how much of the paint is seen, as its `value`; None before Blender 5.2, which has no such thing."""
    return versions.input_of(modifier, modifier.node_group.interface.items_tree[MIX])


def take(modifier: StripModifier, tree: CompositorNodeTree) -> None:
    """Gives a modifier a tree, which is kept from now on: Blender 5.2 miscounts the modifiers that use one, and takes
    it for unused when one of two strips gets another."""
    modifier.node_group, tree.use_fake_user = tree, True


def users_of(tree: CompositorNodeTree) -> int:
    """How many strips show their paint by a tree."""
    return trees_in_use().count(tree)


def trees_in_use() -> list[CompositorNodeTree]:
    """The trees by which strips show their paint, or that of the strip whose modifier was copied to them, as often as
    they do."""
    strips = [one for scene in bpy.data.scenes if scene.sequence_editor for one in scene.sequence_editor.strips_all]
    return [modifier.node_group for one in strips if (modifier := paint_modifier(one))]


# Where it is on the timeline


def note_place(strip: Strip) -> None:
    """Keeps where a strip is, by which it is told later whether it was moved."""
    own, (left, right) = strip.stylestrip_paint, versions.handles(strip)
    own.start, own.begin, own.end = versions.content_span(strip)[0], left, right


def moved(strip: Strip) -> int:
    """By how many frames a strip was moved since its place was noted."""
    own = strip.stylestrip_paint
    return moved_by(strip, own.start, own.begin, own.end)


def follow(strip: Strip) -> int:
    """Moves the paint of a strip along with it; the frame of the timeline at which that begins."""
    own, modifier = strip.stylestrip_paint, paint_modifier(strip)
    if (own.begin, own.end) != versions.handles(strip) or moved(strip):
        own.left += moved(strip)
        note_place(strip)
    if modifier is None:  # it was deleted, and the paint is still known
        return own.left
    tree = modifier.node_group
    if not is_held(tree) and tree.nodes[FRAMES].frame_start != own.left:
        if users_of(tree) > 1:  # a piece that was cut off or a copy stays where it was
            take(modifier, tree.copy())
            tree = modifier.node_group
        begin_at(tree, own.left)
    return own.left


def is_held(tree: CompositorNodeTree) -> bool:
    """Whether a tree shows one frame at all times."""
    return tree.nodes[BEGIN].inputs[1].default_value == -EVER


def frame_within(strip: Strip, moment: int) -> int | None:
    """The source's frame whose paint a strip shows in its modifier at a frame of the timeline; None if it has none."""
    own = strip.stylestrip_paint
    frames = json.loads(own.versions[own.shown].frames)
    if is_held(paint_modifier(strip).node_group):
        return frames[0]
    place = moment - own.left
    return frames[place] if 0 <= place < len(frames) else None


def problem(strip: Strip, moment: int) -> str:
    """What is wrong with the paint in a strip's modifier at a frame of the timeline, as the end of a sentence."""
    frames = paint_modifier(strip).node_group.nodes[FRAMES]
    first, number = strip.stylestrip_paint.left, frames.frame_offset + 1
    if not is_held(frames.id_data):
        last = first + frames.frame_duration - 1
        if not first <= moment <= last:
            return f"{frames_are(first, last)} painted, and this one is not"
        number += moment - first
    shown_file = Path(absolute(frames.image.filepath, strip.id_data))
    file = shown_file.with_name(frame_name(number, shown_file.suffix))
    return "" if file.is_file() else f"its painted frame '{file}' is gone"


def pace_of(strip: Strip, scene: Scene) -> str:
    """How a strip runs through its source, as one word by which a change is noticed."""
    start = versions.content_span(strip)[0]
    keys = [round(key.timeline_frame - start) for key in getattr(strip, "retiming_keys", ())]
    effects = [[getattr(one, name) for name in OF_SPEED] for one in speed_effects_of(strip, scene)]
    backwards = getattr(strip, "use_reverse_frames", False), getattr(strip, "strobe", 0)
    return json.dumps([keys, effects, backwards, versions.content_trim(strip)])


def unpainted(strip: Strip) -> str:
    """Which frames of a strip have no paint, for a person; empty if all have."""
    tree, (left, right) = paint_modifier(strip).node_group, versions.handles(strip)
    first = strip.stylestrip_paint.left
    last = first + tree.nodes[FRAMES].frame_duration - 1
    if is_held(tree) or (first <= left and right - 1 <= last):
        return ""
    return f"{frames_are(first, last).capitalize()} painted, and the strip is seen from {left} to {right - 1}."
