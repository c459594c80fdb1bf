"""What to paint: the one description of the work, shared by panel, command line, worker and cache.

A setting's default, bounds, unit and help text stand here and nowhere else. Only the standard library is imported, so
that Blender reads this file with its own Python.
"""

import dataclasses
import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from .curve import OF_LOOK, Curve
from .identity import PICTURE_ENDINGS as PICTURE_ENDINGS
from .identity import identity
from .look import Look
from .motion_settings import BEGINNINGS as BEGINNINGS
from .motion_settings import FLOWS as FLOWS
from .motion_settings import Motion
from .motion_settings import beginning_of as beginning_of
from .region import FOUND, Region
from .region import Keyframe as Keyframe  # jobs are put together from what is here
from .region import least_sure as least_sure
from .setting import Checked, UserError, build, names_in, require_file, setting
from .setting import ScarceError as ScarceError

# Part of every fingerprint: raise it when the same job would paint other pixels than before.
PAINTER_VERSION = 16
# The same for how paint is laid over the source, where not all is painted.
COMPOSER_VERSION = 2

PRECISIONS = ("auto", "full", "half")
DEVICES = ("auto", "cpu", "cuda", "mps")
DEPTHS = ("auto", "png8", "png16", "exr")
# How the files of finished frames may end.
FRAME_ENDINGS = (".exr", ".png")


@dataclass(frozen=True)
class Source(Checked):
    """The frames to paint. Frames are counted from 1, as the source itself counts them, both ends included."""

    path: str = ""
    """A film, a picture, or a folder of pictures."""
    files: tuple[str, ...] = ()
    """Names inside the folder `path`, in order; empty: every picture in it, sorted by the numbers in their names."""
    first: int = setting(1, "First frame", "First frame to paint", low=1)
    last: int = setting(0, "Last frame", "Last frame to paint; 0 is the source's own last frame", low=0)
    growing: bool = False
    """Whether the pictures, named in `files`, are made one after the other, and may be made anew: then it is known
    frame by frame what paint was made from, and not by all of them together."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.last and self.last < self.first:
            raise UserError(f"Frames {self.first}-{self.last} are no range: the last comes before the first.")
        if self.growing and (not self.files or self.first != 1 or self.last):
            raise UserError("Pictures that are made one after the other are to be named, and painted from the first.")

    def require_inputs(self) -> None:
        """Raises UserError for the first file that is not named or does not exist."""
        if not self.path:
            raise UserError("There is nothing to paint: name a film, a picture or a folder of pictures.")
        require_file(self.path, "source")
        # A folder is listed once: to ask for each of some thousand pictures takes long, on a network above all.
        there = names_in(Path(self.path)) if self.files else set()
        for name in self.files:
            if name not in there:
                require_file(str(Path(self.path) / name), "picture")

    def fingerprint_parts(self) -> list[object]:
        """What is in the files, and where it begins; of those that are still made, what the folder is called."""
        return [Path(self.path).name if self.growing else identity(Path(self.path), self.files), self.first]

    @property
    def beginning(self) -> str:
        """What tells paint that begins at another picture from this, where pictures are still made; else empty."""
        return f"-{Path(self.files[0]).stem}" if self.growing else ""


@dataclass(frozen=True)
class Output(Checked):
    """How large to paint and where finished frames go."""

    size: int = setting(
        512, "Size", "Longer side of the painted frames; 0 is the source's own size", low=0, high=16384, unit="pixels"
    )
    path: str = ""
    """A film or a folder to deliver to; empty: the frames stay in the cache only."""
    cache: str = ""
    """Folder for finished frames; empty: the user's cache folder."""
    rate: float = 0.0
    """Frames a second of a film that is made from pictures, which have no rate of their own; 0: 25."""
    depth: str = setting(
        "auto",
        "Colour depth",
        "What painted frames are stored in: PNG of 8 or 16 bits, or scene-linear EXR, which alone holds light that is "
        "brighter than white; auto takes what the source has",
        choices=DEPTHS,
    )
    full_size: bool = setting(
        False,
        "Full size",
        "Where not all is painted: finished frames have the source's own size, to which paint is brought, and what is "
        "not painted stays as it is, to the bit",
    )
    report: bool = setting(
        True, "Report", "Measure how steady the finished film is, and write that down beside its frames"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if 0 < self.size < 32:
            raise UserError(f"Size is {self.size}; it must be at least 32 pixels, or 0 for the source's own size.")
        if not 0 <= self.rate <= 1000:
            raise UserError(f"Rate is {self.rate:g}; it must be between 0 and 1000 frames a second.")

    def depth_parts(self) -> list[str]:
        """What decides the depth, beside the source."""
        return [] if self.depth == "auto" else [self.depth]


def frame_name(number: int, ending: str = ".png") -> str:
    """The name of the file that holds frame `number`, wherever frames are files."""
    return f"{number:06d}{ending}"


def device_setting() -> Any:
    """What all kinds of work may be told about where they are done."""
    return setting("auto", "Device", "What computes: the graphics card or the processor", choices=DEVICES)


@dataclass(frozen=True)
class Job(Checked):
    """One piece of work: these frames, in this look, here."""

    source: Source = Source()
    look: Look = field(default_factory=Look)
    """Of the whole frame, or of what lies outside of all regions, and of the regions that have none of their own."""
    regions: tuple[Region, ...] = ()
    """From the lowest; each is laid over those before it. None: the whole frame is painted."""
    rest: bool = setting(
        False, "Paint the rest", "Where there are regions: whether what lies outside of all of them is painted too"
    )
    mix: float = setting(
        1.0,
        "Mix",
        "How much of the paint is seen; the rest is the source as it is. Costs no painting to change",
        low=0.0,
        high=1.0,
    )
    curves: tuple[Curve, ...] = ()
    """Settings that change through the film, instead of their one value; of a look, those of the job's own."""
    motion: Motion = field(default_factory=Motion)
    output: Output = Output()
    device: str = device_setting()
    precision: str = setting(
        "auto",
        "Precision",
        "Half is several times faster where the device is made for it and looks the same; auto takes it there",
        choices=PRECISIONS,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        named = [curve.setting for curve in self.curves]
        for curve in self.curves:
            if named.count(curve.setting) > 1:
                raise UserError(f"There are two curves of '{curve.setting}': leave one of them out.")
            if curve.setting == "mix":
                for value in curve.values:
                    replace(self, mix=value, curves=())

    @property
    def curve_of(self) -> dict[str, Curve]:
        """The curves by the settings that they change."""
        return {curve.setting: curve for curve in self.curves}

    @property
    def is_mixed(self) -> bool:
        """Whether source is seen through the paint anywhere."""
        return self.mix < 1 or "mix" in self.curve_of

    @property
    def is_composed(self) -> bool:
        """Whether finished frames are laid together, and not paint all over, which is finished as it is."""
        return bool(self.regions) or self.is_mixed or not self.layers[0].is_painted

    def mix_at(self, number: int) -> float:
        """How much of the paint is seen in a frame of the source."""
        curve = self.curve_of.get("mix")
        return curve.at(number - self.source.first) if curve else self.mix

    @property
    def layers(self) -> tuple["Layer", ...]:
        """What is painted by itself, from the lowest."""
        whole = () if self.regions and not self.rest else (Layer(self, self.look),)
        return (*whole, *(Layer(self, region.look or self.look, region) for region in self.regions))

    @property
    def inputs(self) -> list[str]:
        """The files and folders that the job reads, as far as they are named."""
        looks = [layer.look for layer in self.layers]
        named = [path for look in looks for path in (look.start_picture, *look.styles)]
        masks = [path for region in self.regions for path in region.inputs]
        flow = [self.motion.flow_path] if self.motion.flow == "files" else []
        return [path for path in (self.source.path, *masks, *flow, *named) if path]

    def require_inputs(self) -> None:
        """Raises UserError for the first input that is not named or does not exist."""
        self.source.require_inputs()
        self.require_settings()

    def require_settings(self, coming: Collection[str] = ()) -> None:
        """The same for all but the source and the masks that are coming: these may still have to be made."""
        for layer in self.layers:
            layer.require_inputs(coming)
        if self.motion.flow == "files" and self.motion.flow_path:
            require_file(self.motion.flow_path, "folder of flow files")
        if self.motion.flow.startswith("raft") and self.motion.flow_weights:
            require_file(self.motion.flow_weights, "file of flow weights")

    def fingerprint(self) -> str:
        """What changes exactly when the pixels of a finished frame may change: the job's key, and where its source is
        growing the name of the first picture, such as -000012."""
        return self.key() + self.source.beginning

    def key(self) -> str:
        """32 hexadecimal digits; those of a growing source are the same wherever it begins."""
        if not self.is_composed:
            return self.layers[0].key()
        parts: list[object] = [COMPOSER_VERSION]
        parts += [[layer.key() if layer.is_painted else "", *layer.edge] for layer in self.layers]
        mixed = self.curve_of["mix"].parts if "mix" in self.curve_of else [self.mix] if self.is_mixed else []
        parts += [self.source.fingerprint_parts(), self.output.size, *self.output.depth_parts(), *mixed]
        parts += ["full size"] if self.output.full_size else []
        return digest(parts)

    @property
    def waits_for(self) -> str:
        """What makes a frame depend on later ones, as a person knows it; empty: it can be painted before they are
        there."""
        motion = {spec.name: spec.metadata.get("label", "") for spec in dataclasses.fields(Motion)}
        if self.motion.passes > 1:
            return f"'{motion['passes']}' is {self.motion.passes}"
        if self.motion.denoise:
            return f"'{motion['denoise']}' is {self.motion.denoise:g}"
        if self.curves:
            return f"'{self.curves[0].setting}' changes through the film"
        return next(filter(None, (region.waits_for for region in self.regions)), "")

    def flow_fingerprint(self) -> str:
        """16 hexadecimal digits that change exactly when the flow between two frames may change."""
        identified = identity(Path(self.source.path), self.source.files)
        return digest([PAINTER_VERSION, identified, self.output.size, self.motion.flow_parts()])[:16]

    def to_json(self) -> str:
        """The job as JSON text that `from_json` reads back to an equal job."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> "Job":
        """Raises UserError if the text is no JSON, or has an unknown setting or a value that does not fit."""
        try:
            data = json.loads(text)
        except ValueError as error:
            raise UserError(f"The job is not valid JSON ({error}).") from error
        return build(cls, data, "job")


@dataclass(frozen=True)
class MatteJob(Checked):
    """Less work than a Job: the mattes of one region of a clip, at the clip's own size, and no paint."""

    source: Source = Source()
    region: Region = field(default_factory=Region)
    output: Output = Output()
    """Where the mattes go: a folder, or the cache alone. Its size is that of paint, and means nothing here."""
    device: str = device_setting()

    @property
    def inputs(self) -> list[str]:
        """The files and folders that the job reads, as far as they are named."""
        return [path for path in (self.source.path, *self.region.inputs) if path]

    def require_inputs(self) -> None:
        """Raises UserError for the first input that is not named or does not exist."""
        self.source.require_inputs()
        self.region.require_inputs()


class Layer(NamedTuple):
    """What of a job is painted by itself, whatever is painted elsewhere: the whole frame, or one region."""

    job: Job
    look: Look
    region: Region | None = None
    """None: the whole frame."""

    @property
    def is_painted(self) -> bool:
        """Whether any paint of it is seen; else the source is."""
        is_seen = self.job.mix > 0 or "mix" in self.job.curve_of
        return is_seen and self.look.steps > 0 and (self.region is None or self.region.strength > 0)

    @property
    def curves(self) -> list[Curve]:
        """What of its look changes through the film."""
        is_own = self.region is None or self.region.look is None
        return [curve for curve in self.job.curves if curve.setting in OF_LOOK] if is_own else []

    def look_at(self, number: int) -> Look:
        """Its look in a frame of the source."""
        return replace(self.look, **{one.setting: one.at(number - self.job.source.first) for one in self.curves})

    def strength_at(self, number: int) -> float:
        """How much of its paint is seen in a frame of the source."""
        return self.job.mix_at(number) * (self.region.strength if self.region else 1.0)

    @property
    def edge(self) -> list[object]:
        """How it is laid over what is below it, which costs no painting to change."""
        region = self.region
        return [region and region.matte_parts(), region and region.feather, region and region.strength, self.end]

    @property
    def end(self) -> int:
        """The last frame of the source where it has a say in those before; else 0."""
        steadied = self.region is not None and self.region.matte in FOUND
        return self.job.source.last if steadied or self.job.motion.passes > 1 else 0

    def require_inputs(self, coming: Collection[str] = ()) -> None:
        """Raises UserError for the first input, but for masks that are coming, that is not named or does not exist."""
        if self.region and self.region.mask not in coming:
            self.region.require_inputs()
        self.require_look()

    def require_look(self) -> None:
        """Raises UserError for the first picture of the look that is not named or does not exist."""
        if not self.is_painted:
            return
        if not self.look.styles:
            where = f" for the region '{self.region.name or self.region.mask}'" if self.region else ""
            raise UserError(f"No style picture is chosen{where}: choose a painting, on the command line with --style.")
        for style in self.look.styles:
            require_file(style, "style picture")
        if self.look.start == "picture":
            require_file(self.look.start_picture, "picture to begin from")

    def fingerprint(self) -> str:
        """The layer's key, and where the source is growing the name of its first picture."""
        return self.key() + self.job.source.beginning

    def key(self) -> str:
        """32 hexadecimal digits that change exactly when the paint of a frame may change.

        The last frame, device, delivery, report and cache folder are left out: a longer film goes on from a shorter
        one, unless it is also gone through backwards or its mattes are steadied by frames to come.
        """
        job = self.job
        parts = {
            "painter": PAINTER_VERSION,
            "source": job.source.fingerprint_parts(),
            "last": self.end,
            # What a curve changes has no say by the one value that it has besides.
            "look": self.look_at(job.source.first).fingerprint_parts(),
            "region": self.region and [*self.region.matte_parts(), self.region.guide],
            "motion": dataclasses.asdict(job.motion) | job.motion.flow_parts(job.source.growing),
            "size": job.output.size,
            "precision": job.precision,
        }
        if job.output.depth_parts():
            parts["depth"] = job.output.depth
        if self.curves:
            parts["curves"] = [curve.parts for curve in self.curves]
        return digest(parts)


def digest(parts: object) -> str:
    """32 hexadecimal digits that tell whether two descriptions are the same."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
