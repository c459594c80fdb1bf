"""What painted strips know: whose paint they are, and all versions of it that were painted so far."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)
from bpy.types import PropertyGroup, Scene, Strip

from ..style_core.job import Job, UserError
from ..style_core.styles import STYLES
from . import paint_within
from .host import counterparts, growing, versions
from .host.counterparts import family, is_paint
from .host.likeness import Likeness, likeness
from .host.own_modifier import paint_modifier, shows_paint
from .host.painted import Paint, add_painted_strip, blend_relative, grow_paint, repaint
from .host.place import put_above, take_place
from .host.strips import absolute
from .host.ways_in import WayIn, speed_effects_of
from .painted_settings import beside, in_words, look_name
from .properties import RELATIVE
from .settings import StylestripSettings
from .values import copy

MOST_TOLD = 3  # differences from the version before, in a version's name
# Settings that were sent to the painter and have not come back as paint; older ones were cancelled.
MOST_SENT = 16


class StylestripVersion(PropertyGroup):
    """One painting of a strip, which its painted twin can show."""

    __annotations__ = {
        "name": StringProperty(name="Version", description="What this version is called"),
        "folder": StringProperty(subtype="DIR_PATH", options={"HIDDEN", *RELATIVE}),
        # The source's frame at every frame of the timeline from `left` on, as JSON; where the content began then.
        "frames": StringProperty(options={"HIDDEN"}),
        "left": IntProperty(options={"HIDDEN"}),
        # Where the paint is in a modifier: how the strip ran through its source.
        "pace": StringProperty(options={"HIDDEN"}),
        # What it gave to the strip, and what was painted: JSON.
        "likeness": StringProperty(options={"HIDDEN"}),
        "job": StringProperty(options={"HIDDEN"}),
        # As they were when it was painted, unless that is not known any more.
        "settings": PointerProperty(type=StylestripSettings),
        "has_no_settings": BoolProperty(options={"HIDDEN"}),
        # What decided it beside them; see `beside`.
        "beside": StringProperty(options={"HIDDEN"}),
    }


class StylestripPaint(PropertyGroup):
    """What strips and their painted twins know of each other."""

    __annotations__ = {
        # The same in a strip and its paint.
        "source": StringProperty(options={"HIDDEN"}),
        # Of what shows paint, a painted strip or one with a modifier: from the first painted to the last, and which of
        # them it shows.
        "versions": CollectionProperty(type=StylestripVersion),
        "shown": IntProperty(options={"HIDDEN"}),
        # Of a source: settings that are being painted, by the job's identifier.
        "sent": CollectionProperty(type=StylestripVersion),
        # Of a strip with a modifier: where the paint begins on the timeline; and, when that was so, where its content
        # began and where it was seen.
        "left": IntProperty(options={"HIDDEN"}),
        "start": FloatProperty(options={"HIDDEN"}),
        "begin": IntProperty(options={"HIDDEN"}),
        "end": IntProperty(options={"HIDDEN"}),
    }


def note_sent(strip: Strip, identifier: str) -> None:
    """Keeps a strip's settings as they are now, until the paint in them is there."""
    counterparts.name_source(strip)
    sent = strip.stylestrip_paint.sent
    while len(sent) >= MOST_SENT:
        sent.remove(0)
    item = sent.add()
    item.name, item.beside = identifier, beside(strip)
    copy(strip.stylestrip, item.settings)


def prepare(scene: Scene, strip: Strip, paint: Paint, as_new: bool) -> Iterator[None]:
    """Does what takes long of `lay`, bit by bit: strips get as many pictures as there are frames.

    Arguments and errors are those of `lay`.
    """
    found = [] if as_new else counterparts.newest_paint(scene, strip)
    names = scene.name, [painted.name for painted in found]
    if not found:
        yield from grow_paint(scene, strip, paint)
    for name in names[1]:
        yield from growing.grow(names[0], name, paint.files)


def lay(scene: Scene, strip: Strip, paint: Paint, job: Job, way: WayIn, identifier: str, as_new: bool) -> list[Strip]:
    """Shows paint over a strip: as a version of its painted strip if there is one, else in a new strip; or in a
    modifier of the strip, where the frames were painted for that.

    Args:
        scene: the scene of the strip.
        strip: the source of the paint.
        paint: its frames, and where they are seen.
        job: what was painted.
        way: how its frames came to the painter.
        identifier: of the job; see `note_sent`.
        as_new: adds a new strip even if there is one.

    Returns:
        The painted strip, or its pieces; the strip itself, where it shows its paint.

    Raises:
        UserError: a painted frame is missing, or there is no free channel.
    """
    paint.require()
    counterparts.name_source(strip)
    sent = strip.stylestrip_paint.sent.get(identifier)
    # Where it goes is decided when it is sent, as whether that is a modifier.
    place = (sent.settings if sent else strip.stylestrip).place
    found = [] if as_new or way.within else counterparts.newest_paint(scene, strip)
    if way.within:
        if strip.stylestrip_paint.versions:
            settle(strip)
        paint_within.show(scene, strip, paint, job)
        keep(strip, strip, paint, job, {}, identifier)
        shown_version(strip).pace = paint_within.pace_of(strip, scene)
        show_within_alone(scene, strip)
        found = [strip]
    elif not found:
        painted, taken = add_painted_strip(scene, strip, paint, job, way)
        painted.stylestrip_paint.source = strip.stylestrip_paint.source
        put_in_place(painted, scene, strip, place)
        keep(painted, strip, paint, job, taken, identifier)
        found = [painted]
    else:
        for painted in found:
            current = settle(painted)
            values = likeness(scene, strip, paint.size, way)
            repaint(painted, paint_of_version(painted, current), paint, job, json.loads(current.likeness), values)
            keep(painted, strip, paint, job, values, identifier)
        if len(found) == 1:
            put_in_place(found[0], scene, strip, place)
    if not way.within and shows_paint(strip):
        show_above_alone(scene, strip, found)
    sent = strip.stylestrip_paint.sent
    if identifier in sent:
        sent.remove(sent.find(identifier))
    return found


def show_within_alone(scene: Scene, strip: Strip) -> None:
    """Shows a strip with the paint in its modifier, and no more the painted strips of it, which are kept."""
    above = counterparts.paint_of(scene, strip)
    for painted in above:
        if painted.channel < strip.channel:
            put_above(painted, scene, strip)
        painted.mute = True
    # Also where the painted strips that it was muted for are deleted by now.
    for one in (strip, *speed_effects_of(strip, scene)):
        one.mute = False


def show_above_alone(scene: Scene, strip: Strip, above: list[Strip]) -> None:
    """Shows painted strips of a strip, and no more the paint in its modifier, which is kept."""
    paint_modifier(strip).mute = True
    for painted in above:
        painted.mute = False
    for one in (strip, *speed_effects_of(strip, scene)):
        one.mute = True


def put_in_place(painted: Strip, scene: Scene, strip: Strip, place: str) -> None:
    """Puts a painted strip in a place as settings name it; raises UserError if there is no free channel."""
    stands_instead = painted.channel < strip.channel
    if place == "INSTEAD" and not stands_instead:
        take_place(painted, scene, strip)
    elif place == "ABOVE" and stands_instead:
        put_above(painted, scene, strip)


def keep(painted: Strip, strip: Strip, paint: Paint, job: Job, values: Likeness, identifier: str) -> None:
    """Notes what a painted strip shows now: as a new version, unless it is one that it had."""
    own = painted.stylestrip_paint
    folder = blend_relative(paint.folder)
    known = [place for place, one in enumerate(own.versions) if one.folder == folder]
    item = own.versions[known[0]] if known else own.versions.add()
    sent = strip.stylestrip_paint.sent.get(identifier)
    before = shown_version(painted) if len(own.versions) > 1 else None
    item.name = item.name or name_of(job, sent and sent.settings, before)
    item.folder, item.frames, item.left = folder, json.dumps(paint.frames), paint.left
    item.likeness, item.job = json.dumps(values), job.to_json()
    if sent:
        copy(sent.settings, item.settings)
        item.beside = sent.beside
    if sent or not known:
        # Of what was gone on with after Blender had ended, only the job is known: the strip's own are today's.
        item.has_no_settings = sent is None
    own.shown = known[0] if known else len(own.versions) - 1


def settle(painted: Strip) -> StylestripVersion:
    """Lets all versions of a painted strip begin where they are by now, wherever it was moved; gives the shown one."""
    current = shown_version(painted)
    now = round(versions.content_span(painted)[0]) if is_paint(painted) else paint_within.follow(painted)
    moved = now - current.left
    for one in painted.stylestrip_paint.versions:
        one.left += moved
    return current


def switch(scene: Scene, painted: Strip, index: int) -> str:
    """Lets what shows paint show another of its versions; a sentence if that covers less than the one before.

    Raises UserError if its frames are gone.
    """
    own = painted.stylestrip_paint
    current, item = settle(painted), own.versions[index]
    old, paint = paint_of_version(painted, current), paint_of_version(painted, item)
    missing = paint.missing()
    if missing:
        raise UserError(
            f"The version '{item.name}' cannot be shown, as {len(missing)} of its frames are gone from "
            f"'{paint.folder}': take its settings, and paint it again."
        )
    job = Job.from_json(item.job)
    if is_paint(painted):
        repaint(painted, old, paint, job, json.loads(current.likeness), json.loads(item.likeness))
    else:
        paint_within.show(scene, painted, paint, job)
        item.job = job.to_json()  # by which it is known what the modifier shows
    own.shown = index
    if len(paint.frames) < len(old.frames):
        return f"'{item.name}' has {len(paint.frames)} frames and not {len(old.frames)}: Update paints the others."
    return ""


def pieces_of(scene: Scene, painted: Strip) -> list[Strip]:
    """What shows paint and what was cut off from it: all on its channel with the same versions of the same paint."""
    if not painted.stylestrip_paint.source:
        return [painted]
    own = identity_of(painted)
    showing = [one for one in family(scene, painted) if is_paint(one) or paint_modifier(one)]
    return [one for one in showing if identity_of(one) == own]


def identity_of(painted: Strip) -> tuple[object, ...]:
    """What pieces of a painted strip share, and copies of it elsewhere do not."""
    versions_of = [one.folder for one in painted.stylestrip_paint.versions]
    return is_paint(painted), painted.channel, versions.content_span(painted)[0], versions_of


def shown_version(painted: Strip) -> StylestripVersion:
    """The version that is shown."""
    return painted.stylestrip_paint.versions[painted.stylestrip_paint.shown]


def paint_of_version(painted: Strip, item: StylestripVersion) -> Paint:
    """The frames of a version of a settled strip."""
    return Paint(Path(absolute(item.folder, painted.id_data)), json.loads(item.frames), item.left)


def name_of(job: Job, own: StylestripSettings | None = None, before: StylestripVersion | None = None) -> str:
    """What a version is called: its picture and look, its size, and when it was painted.

    Args:
        job: what was painted.
        own: the settings that it was painted with, if they are known.
        before: the version before it: where that has the same picture and look, what differs is named.
    """
    files = {str(style.file): style.name for style in STYLES.values()}
    styles = [path for layer in job.layers for path in layer.look.styles][:1]
    picture = (files.get(styles[0]) or bpy.path.display_name(Path(styles[0]).name)) if styles else "As It Is"
    parts = [picture, look_name(own)] if own else [picture]
    if own and before and not before.has_no_settings and before.name.split(", ")[:2] == parts:
        parts += in_words(own, before.settings)[:MOST_TOLD]
    size = f"{job.output.size} px" if job.output.size else "full size"
    return ", ".join([*parts, size, f"{datetime.now():%d %b %H:%M}"])


CLASSES = (StylestripVersion, StylestripPaint)


def register() -> None:
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Strip.stylestrip_paint = PointerProperty(type=StylestripPaint)


def unregister() -> None:
    del bpy.types.Strip.stylestrip_paint
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
