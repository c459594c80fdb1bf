"""What was previewed of a strip: a picture for each frame, and whether the strip would still be painted so."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy
from bpy.types import ID, Scene, Strip

from ...style_core.job import Source
from ..host import versions
from ..host.ways_in import FILES
from ..regions.shown_frames import shown_frames

# What is set beside a strip that changes nothing in its paint.
SKIPPED = {"rna_type", "name", "ticket", "region_index", "preset", "seen", "seen_source", "show_expanded"}


@dataclass(frozen=True)
class Picture:
    """A picture of a frame, finished or not."""

    file: Path
    is_finished: bool


@dataclass
class Previewed:
    """Frames of one strip, painted with the same settings."""

    scene: str
    strip: str
    settings: tuple
    """What the strip was set to."""
    source: Source
    """Where the frames come from."""
    pictures: dict[int, Picture] = field(default_factory=dict)
    """By the frame of the source."""

    @property
    def place(self) -> tuple[Scene, Strip] | None:
        """The strip and its scene; None if it is gone."""
        scene = bpy.data.scenes.get(self.scene)
        strip = scene and scene.sequence_editor and scene.sequence_editor.strips_all.get(self.strip)
        return (scene, strip) if strip else None

    @property
    def is_up_to_date(self) -> bool:
        """Whether the strip would still be painted so."""
        place = self.place
        return place is not None and settings_of(place[1]) == self.settings

    def number_at(self, moment: int) -> int | None:
        """The frame of the source that the strip shows at a frame of the timeline; None if it shows none there."""
        place = self.place
        return number_at(*place, moment) if place else None


# What is shown; None: nothing was previewed, or it was put away.
latest: Previewed | None = None


def number_at(scene: Scene, strip: Strip, moment: int) -> int | None:
    """The source's frame that a strip shows at a frame of the timeline; None if it shows none, or is not known yet."""
    left, right = versions.handles(strip)
    frames = shown_frames(scene, strip)
    is_seen = left <= moment < right and moment - left < len(frames)
    return frames[moment - left] if is_seen else None


def previewed_of(scene: Scene, strip: Strip, source: Source) -> Previewed:
    """What the pictures of a strip go to: with what was previewed of it before, if its settings are the same."""
    fresh = Previewed(scene.name, strip.name, settings_of(strip), source)
    if latest is not None and (latest.scene, latest.strip, latest.settings) == (
        fresh.scene,
        fresh.strip,
        fresh.settings,
    ):
        fresh.pictures |= latest.pictures
    return fresh


def show(previewed: Previewed) -> None:
    """Shows these pictures from now on."""
    global latest
    latest = previewed


def put_away() -> None:
    """Shows nothing any more."""
    global latest
    latest = None


def settings_of(strip: Strip) -> tuple:
    """All that a strip's paint is set to, and which files it shows."""
    files = ()
    if strip.type in FILES:
        files = strip.filepath if strip.type == "MOVIE" else (strip.directory, len(strip.elements))
    return files, values_of(strip.stylestrip)


def values_of(struct: Any) -> tuple:
    """All that is set in a property group, with what it holds."""
    values = []
    for known in struct.bl_rna.properties:
        if known.identifier in SKIPPED:
            continue
        value = getattr(struct, known.identifier)
        if known.type == "COLLECTION":
            value = tuple(values_of(one) for one in value)
        elif known.type == "POINTER":
            value = value and (value.name_full if isinstance(value, ID) else values_of(value))
        elif not isinstance(value, (str, int, float, bool)):
            value = tuple(value)
        values.append((known.identifier, value))
    return tuple(values)
