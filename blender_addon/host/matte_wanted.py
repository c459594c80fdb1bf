"""Mattes that Blender is still to draw: what they are, as text that stands in a job where their files will."""

import json
from pathlib import Path
from typing import NamedTuple

import bpy
from bpy.types import Mask, Scene, Strip

from ...style_core.job import UserError
from . import mattes

# What a job's mask begins with while it is none yet.
PREFIX = "blender-matte:"


class Wanted(NamedTuple):
    """A matte that is not drawn yet."""

    region: str
    """The region's name, for a person."""
    source: str
    """MASK, MODIFIER, STRIP or ALPHA."""
    name: str = ""
    """Of the mask, or the strip."""
    over_strip: bool = False
    """Whether a mask was drawn on the strip's own picture."""
    time: str = mattes.TIMES[0]
    """What a mask goes with."""
    channel: str = mattes.CHANNELS[0]
    """Of another strip."""

    @property
    def address(self) -> str:
        """What stands for its files."""
        return PREFIX + json.dumps(self._asdict(), sort_keys=True)

    def draw(self, scene: Scene, strip: Strip, folder: Path, tell: mattes.Tell) -> mattes.MatteFiles:
        """Draws it for a strip into a folder; errors are those of the function that does."""
        if self.source == "MASK":
            draw = mattes.mask_in_strip_space if self.over_strip else mattes.mask_in_frame_space
            return draw(scene, strip, self.mask, folder, tell, self.time)
        if self.source == "MODIFIER":
            return mattes.modifier_mask(scene, strip, folder, tell)
        if self.source == "STRIP":
            return mattes.strip_matte(scene, strip, self.name, folder, self.channel, tell)
        return mattes.alpha_matte(scene, strip, folder, tell)

    @property
    def mask(self) -> Mask:
        """The mask; raises UserError if it is gone."""
        mask = bpy.data.masks.get(self.name)
        if mask is None:
            raise UserError(f"The mask '{self.name}' of region '{self.region}' is gone: choose another one.")
        return mask


def wanted_at(address: str) -> Wanted | None:
    """What an address stands for; None: it is a path. Raises UserError if it is neither."""
    if not address.startswith(PREFIX):
        return None
    try:
        return Wanted(**json.loads(address.removeprefix(PREFIX)))
    except (ValueError, TypeError) as error:
        raise UserError(f"'{address}' is no matte that can be drawn ({error}): stylize the strip again.") from error
