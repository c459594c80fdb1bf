"""The frames in which an object is known, beside its region, and where the object is according to them."""

import functools
import hashlib
import json
import shutil
from pathlib import Path

import bpy
from bpy.types import Scene, Strip

from ...style_core.job import UserError, frame_name, least_sure
from ...style_core.whole import written
from ..host.painted import blend_relative
from ..host.strips import absolute
from .settings import StylestripRegion

# Where mattes that a person has made go, in the cache.
FOLDER = "cut-outs"
CONFIDENCE = "confidence.json"


def kept(matte: Path, cache: Path) -> Path:
    """Moves a matte into the cache, where it never changes: its name is what is in it. Returns its place."""
    digest = hashlib.sha256(matte.read_bytes()).hexdigest()[:16]
    place = cache / FOLDER / f"{digest}.png"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        # Another disk: it must be whole as soon as it has its name.
        with written(place) as part:
            shutil.move(matte, part)
    except OSError as error:
        raise UserError(
            f"The matte '{place}' cannot be written ({error.strerror}): choose another cache folder in the preferences "
            "of Stylestrip."
        ) from error
    return place


def set_keyframe(region: StylestripRegion, frame: int, matte: Path) -> None:
    """Says where the object is in a frame of the source; what was said before about this frame counts no more."""
    known = next((keyframe for keyframe in region.keyframes if keyframe.frame == frame), None)
    keyframe = known or region.keyframes.add()
    keyframe.frame, keyframe.matte = frame, blend_relative(matte)


def knowledge(region: StylestripRegion) -> str:
    """What following the object depends on, to tell whether it has been followed since."""
    # Names say what is in the files, wherever those are seen from.
    known = sorted((keyframe.frame, bpy.path.basename(keyframe.matte)) for keyframe in region.keyframes)
    return json.dumps([known, region.refine])


def is_followed(region: StylestripRegion) -> bool:
    """Whether the object was followed from just these keyframes."""
    return bool(region.followed) and region.followed_from == knowledge(region)


def matte_at(region: StylestripRegion, frame: int, scene: Scene) -> str:
    """The file with the object's matte in a frame of the source; empty if it is not known there."""
    said = [keyframe.matte for keyframe in region.keyframes if keyframe.frame == frame]
    followed = [f"{region.followed}/{frame_name(frame)}"] if region.followed else []
    paths = (absolute(path, scene) for path in (*said, *followed))
    return next((path for path in paths if Path(path).is_file()), "")


def confidences(region: StylestripRegion, scene: Scene) -> dict[int, float]:
    """How sure the painter was of each frame when it followed the object, 0..1; empty if it has not, or is gone."""
    file = Path(absolute(region.followed, scene)) / CONFIDENCE
    return read_confidences(file, file.stat().st_mtime_ns) if region.followed and file.is_file() else {}


def doubtful(region: StylestripRegion, scene: Scene) -> dict[int, float]:
    """The frames that a person should look at, and how sure the painter was of them; those that they corrected not."""
    sure, said = confidences(region, scene), {keyframe.frame for keyframe in region.keyframes}
    return {number: sure[number] for number in sorted(least_sure(sure)) if number not in said}


@functools.lru_cache(maxsize=8)
def read_confidences(file: Path, written: int) -> dict[int, float]:
    """What a file says about frames. A panel asks for it whenever it is drawn; `written` is when the file was."""
    return {int(frame): float(sure) for frame, sure in json.loads(file.read_text(encoding="utf-8")).items()}


def chosen_object(strip: Strip) -> StylestripRegion | None:
    """The chosen region of a strip, if it is an object."""
    own = strip.stylestrip
    region = own.regions[own.region_index] if own.region_index < len(own.regions) else None
    return region if region is not None and region.source == "OBJECT" else None


def strip_named(scene: str, strip: str) -> tuple[Scene, Strip]:
    """A scene and a strip by their names, as they are now; raises UserError if they are gone."""
    found = bpy.data.scenes.get(scene)
    own = found and found.sequence_editor and found.sequence_editor.strips_all.get(strip)
    if not own:
        raise UserError(f"The strip '{strip}' was renamed or deleted meanwhile: undo that, and start again.")
    return found, own
