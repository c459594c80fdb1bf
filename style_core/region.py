"""A part of the frame, and where it is. Like all of `job`, it needs nothing but the standard library."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .identity import PICTURE_ENDINGS, identity
from .look import Look
from .setting import Checked, UserError, require_file, setting

# Raise it when other mattes are made of the same frames.
FINDER_VERSION = 3
GUIDES = ("gram", "gradient")
# What the painter finds by itself, without being shown.
FOUND = ("people", "faces")
# What a render knows, where its passes were kept: exact, and never to be refined.
RENDERED = ("cryptomatte", "index")
MATTES = ("file", *FOUND, "object", *RENDERED)
# Of what a render's passes tell things apart; assets have no index.
KINDS = ("object", "material", "asset")
# Of an object, so many frames at most are named in which it may have been missed, and no two that are nearer; from this
# confidence on a frame needs no look.
MOST_UNSURE, APART, SURE = 3, 5, 0.8
REFINEMENTS = ("none", "guided", "crf")
# What finds people: a small network that comes with the package, or a large one whose weights do not.
PEOPLE_NETWORKS = ("selfie", "deeplabv3-mobilenet", "deeplabv3-resnet50", "lraspp-mobilenet")


@dataclass(frozen=True)
class Keyframe(Checked):
    """A frame in which a person has said where an object is."""

    frame: int = setting(1, "Frame", "The frame of the source, from 1, in which the object is known", low=1)
    matte: str = ""
    """A grey picture of the source's size: the object is white."""


@dataclass(frozen=True)
class Region(Checked):
    """A part of the frame, and its own look if it has one. White is painted, black stays as it is, grey is between."""

    mask: str = ""
    """A picture, a film or a folder of pictures, where the matte comes from a file; where it comes from a render, the
    folder with the passes, an EXR file for each frame that is named by it."""
    matte: str = setting(
        "file",
        "Matte",
        "Where the region is: in the file of the mask, what the painter finds by itself, all people or all faces, an "
        "object that is followed from the frames in which it is known, or what the passes of a render tell: "
        "cryptomatte by names and with smooth edges, index by a number and with hard ones",
        choices=MATTES,
    )
    keyframes: tuple[Keyframe, ...] = ()
    """For an object: the frames in which it is known, at least one."""
    layer: str = ""
    """Of a render: the view layer."""
    known_by: str = setting("object", "Known By", "What the passes of a render tell apart", choices=KINDS)
    things: tuple[str, ...] = ()
    """Of a Cryptomatte: the names of all things that are in the region."""
    pass_index: int = setting(
        0, "Pass Index", "The pass index that objects or materials of the region have", low=0, high=32767
    )
    network: str = setting(
        "selfie",
        "Find people by",
        "Selfie is a small network that comes with Stylestrip; the others are larger, need their weights, and also "
        "find people who are far away or in odd poses",
        choices=PEOPLE_NETWORKS,
    )
    network_weights: str = setting(
        "",
        "People weights",
        "File with the weights of the larger network that finds people; empty: those that were fetched",
        path="file",
    )
    refine: str = setting(
        "none",
        "Refine edges",
        "How the matte's edges are brought to those of the picture: guided bends them to the colours (quick), crf "
        "learns the colours on either side and finds what is missing (slow)",
        choices=REFINEMENTS,
    )
    name: str = ""
    """What a person calls it."""
    look: Look | None = None
    """None: the job's."""
    feather: float = setting(
        1.0,
        "Feather",
        "Width over which paint fades out at the mask's edge",
        low=0.0,
        high=50.0,
        unit="% of frame width",
    )
    invert: bool = setting(False, "Invert", "Paint the black part of the mask instead of the white")
    strength: float = setting(
        1.0, "Strength", "How much of the paint is seen; 0 keeps the source as it is there", low=0.0, high=1.0
    )
    guide: str = setting(
        "gram",
        "Guide by",
        "Gram: the region's own strokes are compared with the picture's (guided Gram matrices), however small it is; "
        "gradient: those of all around it, and only the region is changed (as first published)",
        choices=GUIDES,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        what = f"The region '{self.name}'" if self.name else "A region"
        if self.matte == "object" and not self.keyframes:
            raise UserError(f"{what} follows an object, but no frame says where it is: cut it out in one at least.")
        if self.matte != "object" and self.keyframes:
            raise UserError(
                f"{what} has keyframes, which say where an object is, but its matte is {self.matte!r}: make it "
                "'object', or leave them out."
            )
        if self.matte in RENDERED and self.refine != "none":
            raise UserError(f"{what} is known exactly from a render: its edges cannot be refined; choose none.")
        if self.matte == "index" and self.known_by == "asset":
            raise UserError(f"{what} is by an index, which assets do not have: choose object or material.")
        for frame, times in Counter(keyframe.frame for keyframe in self.keyframes).items():
            if times > 1:
                raise UserError(f"{what} has {times} mattes for frame {frame}: give only one for each frame.")

    @property
    def inputs(self) -> list[str]:
        """The files and folders that say where it is, as far as they are named."""
        return [path for path in (self.mask, *(keyframe.matte for keyframe in self.keyframes)) if path]

    def require_inputs(self) -> None:
        """Raises UserError for the first file that is not named or does not exist."""
        if self.matte == "cryptomatte" and not self.things:
            raise UserError(f"Region '{self.name}' has nothing in it: name an object, material or asset.")
        if self.matte in ("file", *RENDERED):
            if not self.mask:
                raise UserError(f"Region '{self.name}' has no mask: name a picture, a film or a folder of pictures.")
            require_file(self.mask, "mask")
        if self.own_weights:
            require_file(self.own_weights, "file of weights")
        for keyframe in self.keyframes:
            if not keyframe.matte:
                raise UserError(f"No matte says where the object is in frame {keyframe.frame}: name a picture.")
            require_file(keyframe.matte, f"matte of frame {keyframe.frame}")

    @property
    def waits_for(self) -> str:
        """Why it is not known before all frames are there; empty if one picture says where it is in all of them."""
        name = self.name or self.mask or self.matte
        if self.matte != "file" or self.refine != "none":
            return f"the region '{name}' is made for all frames together"
        is_still = self.mask.lower().endswith(PICTURE_ENDINGS)
        return "" if is_still else f"the region '{name}' has a mask of its own for each frame"

    @property
    def own_weights(self) -> str:
        """The file with the weights of the network that finds it; empty where those that are known are taken."""
        return self.network_weights if self.matte == "people" and self.network != "selfie" else ""

    def source_parts(self) -> object:
        """Where its mattes come from, with what is in files instead of where they are."""
        if self.matte == "file":
            return identity(Path(self.mask))
        if self.matte == "people":
            return [self.matte, self.network, identity(Path(self.own_weights)) if self.own_weights else ""]
        if self.matte in RENDERED:
            wanted = sorted(set(self.things)) if self.matte == "cryptomatte" else self.pass_index
            return [self.matte, self.layer, self.known_by, wanted, identity(Path(self.mask))]
        known = sorted(self.keyframes, key=lambda keyframe: keyframe.frame)
        return [self.matte, *([keyframe.frame, identity(Path(keyframe.matte))] for keyframe in known)]

    def matte_parts(self) -> list[object]:
        """What decides which pixels it has."""
        is_as_it_is = self.matte in ("file", *RENDERED) and self.refine == "none"
        made = [] if is_as_it_is else [FINDER_VERSION]
        return [*made, self.source_parts(), self.refine, self.invert]


def least_sure(confidence: dict[int, float]) -> list[int]:
    """The frames in which a look is worth most, the least sure first; none where all are sure.

    One problem lasts for many frames, and is named where it is worst.
    """
    order = sorted(confidence, key=lambda number: (confidence[number], number))
    place = {number: rank for rank, number in enumerate(order)}
    far = len(order)
    worst = [
        number
        for number in order
        if all(place[number] <= place.get(number + apart, far) for apart in range(1 - APART, APART))
    ]
    return [number for number in worst if confidence[number] < SURE][:MOST_UNSURE]
