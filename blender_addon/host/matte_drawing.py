"""Mattes on their way: drawn in this process where there is no window, else in a Blender of its own.

What is drawn lies where it never changes, as its folder's name is what is in it: a worker may still read what was drawn
earlier, of this matte or of another one.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import bpy
from bpy.types import Scene, Strip

from ...style_core.job import UserError
from ...style_core.whole import written
from .child import Child
from .half_done import folder_for
from .matte_wanted import Wanted, wanted_at
from .mattes import Tell

# Where mattes go, in the cache; and while they are being drawn.
FOLDER, DRAWING = "mattes", "drawing"
# What a second Blender tells, in its temporary folder.
FAR, DRAWN = "far.json", "drawn.json"

# By the address of each matte: where it lies.
Places = dict[str, str]


def draw(wanted: Wanted, scene: Scene, strip: Strip, cache: Path, tell: Tell) -> Path:
    """Draws a matte of a strip and returns where it lies, a file or a folder in the cache folder.

    Raises UserError if it cannot be drawn, or written.
    """
    folder = cache / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with folder_for(DRAWING, folder) as fresh:
            made = wanted.draw(scene, strip, fresh, tell)
            files = sorted(fresh.iterdir())
            place = folder / digest_of(files)
            place.mkdir(exist_ok=True)
            for file in files:
                if not (place / file.name).is_file():
                    file.replace(place / file.name)
        os.utime(place)
    except OSError as error:
        raise unwritable(wanted.region, folder, error) from error
    return place / made.path.name if made.is_still else place


def unwritable(region: str, folder: Path, error: OSError) -> UserError:
    """Why no matte can be written."""
    return UserError(
        f"The matte of region '{region}' cannot be written below '{folder}' ({error.strerror}): make room there, or "
        "choose another cache folder in the preferences of Stylestrip."
    )


def digest_of(files: list[Path]) -> str:
    """A name for files that says what they are called and what is in them."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name} {file.stat().st_size}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def draw_all(scene: str, strip: str, addresses: list[str], cache: str) -> None:
    """What a second Blender does: draws mattes of a strip, and tells how far it is and where they lie."""
    own = bpy.data.scenes[scene]
    place, places = Path(tempfile.gettempdir()), {}
    for count, address in enumerate(addresses):
        tell = teller(place / FAR, count, len(addresses))
        wanted = wanted_at(address)
        places[address] = str(draw(wanted, own, own.sequence_editor.strips_all[strip], Path(cache), tell))
    put(place / DRAWN, places)


def teller(file: Path, before: int, mattes: int) -> Tell:
    """Writes down how many frames are drawn, after so many mattes that are whole, and of how many."""
    return lambda done, total: put(file, [before * total + done, mattes * total])


def put(file: Path, value: object) -> None:
    """Writes a value to a file at once or not at all."""
    with written(file) as part:
        part.write_text(json.dumps(value), encoding="utf-8")


class Drawing:
    """Mattes that a second Blender draws of a copy of this file, so that the window stays free.

    Args:
        wanted: what is drawn, of which strip.
        cache: the cache folder.
        take: gets where they lie, once all are drawn.
    """

    words = "Drawing the regions"
    cancelled = "Cancelled. Finished frames are kept."

    def __init__(
        self, wanted: list[Wanted], scene: str, strip: str, cache: Path, take: Callable[[Places], None]
    ) -> None:
        self.wanted, self.cache, self.take = wanted, cache, take
        self.values = {"scene": scene, "strip": strip, "addresses": [one.address for one in wanted]}
        self.done, self.total = 0, 1
        self.is_complete = False
        self.child: Child | None = None

    def advance(self) -> None:
        """Looks how far it is; raises UserError if that fails."""
        if self.child is None:  # not with the button that is pressed: to save a copy takes its time
            try:
                self.cache.mkdir(parents=True, exist_ok=True)
                self.child = Child(self.cache, "matte_drawing", "draw_all", self.values | {"cache": str(self.cache)})
            except OSError as error:
                raise unwritable(self.wanted[0].region, self.cache, error) from error
        running = self.child.is_running
        with suppress(OSError):  # it has told nothing yet
            self.done, self.total = json.loads((self.child.folder / FAR).read_text(encoding="utf-8"))
        if running:
            return
        try:
            places = json.loads((self.child.folder / DRAWN).read_text(encoding="utf-8"))
        except OSError:
            raise UserError(self.child.problem()) from None
        self.take(places)
        self.is_complete = True
        self.end()

    def end(self) -> None:
        """Stops at once."""
        if self.child:
            self.child.end()
