"""Measures a painted film, frame by frame."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from ..engine.painter import Painter
from ..job import Motion
from ..media.frame import Frame, fitted_size, resize
from ..motion.consistency import visible
from ..motion.cuts import Cuts, is_flat
from ..motion.flow import Flows
from ..motion.flows import Shot
from ..motion.warp import warp
from .measures import STILL, Flicker, lai_error, mean_lab, ruder_error, stability

# Longer side at which motion is looked for, and of the frames that the network looks at. Differences are measured in
# all pixels: made smaller, fine strokes that boil would average out.
SIZE, NETWORK_SIZE = 384, 512
# So many frames of a film are looked at by the network, and shown on the sheet.
LOOKED_AT, SHOWN = 12, 12
# Frames that a still pixel has to settle: about a second.
SETTLING = 24


@dataclass
class Measured:
    """One painted frame; None where there is nothing to measure it by."""

    number: int
    begins_shot: bool
    ruder: float | None = None
    lai: float | None = None
    flicker: float | None = None
    drift: float | None = None
    """Change of the mean L*a*b* since the shot's first frame, beyond that of the source."""
    content_loss: float | None = None
    style_loss: float | None = None


@dataclass
class Report:
    """A measured film."""

    size: tuple[int, int]
    """Width and height at which it was measured."""
    frames: list[Measured] = field(default_factory=list)
    pictures: list[tuple[int, np.ndarray, np.ndarray]] = field(default_factory=list)
    """Some frames for the sheet: number, source, painted."""

    def values(self, name: str) -> list[float]:
        """A measure of all frames that have it."""
        return [value for frame in self.frames if (value := getattr(frame, name)) is not None]

    def summary(self) -> dict[str, float | None]:
        """One number for the film by the name of the measure."""
        ruder, styles = self.values("ruder"), self.style_ratios()
        return {
            "warp_error_ruder": mean(ruder),
            "warp_error_lai": mean(self.values("lai")),
            "e_stab": stability(ruder) if ruder else None,
            "static_flicker": mean(self.values("flicker")),
            "drift": max(self.values("drift"), default=None),
            "content_loss": mean(self.values("content_loss")),
            "style_loss": mean(self.values("style_loss")),
            "style_last_to_first": styles[-1] if styles else None,
            "style_worst_to_first": max(styles, default=None),
        }

    def style_ratios(self) -> list[float]:
        """Style loss beside that of the shot's first frame."""
        found, first = [], None
        for frame in self.frames:
            first = None if frame.begins_shot else first
            if frame.style_loss is not None:
                first = frame.style_loss if first is None else first
                found.append(frame.style_loss / max(first, 1e-30))
        return found

    def as_json(self) -> dict:
        """All numbers."""
        return {"size": list(self.size), "summary": self.summary(), "frames": [asdict(frame) for frame in self.frames]}


def mean(values: list[float]) -> float | None:
    """The mean; None of nothing."""
    return float(np.mean(values)) if values else None


class Pair(NamedTuple):
    """A frame and its paint."""

    shot: Shot
    painted: np.ndarray
    """(H, W, 3) uint8."""


class Evaluation:
    """Takes frames in their order.

    Args:
        size: width and height of the painted frames.
        count: how many frames will come.
        motion: how flow is found, and which cuts there are.
        painter: knows the style, so that content and style losses are measured too; None: they are not.
        own: what frames are numbered as where flow comes from files.
    """

    def __init__(
        self,
        size: tuple[int, int],
        count: int,
        motion: Motion,
        painter: Painter | None,
        own: Callable[[int], int] = lambda number: number,
    ) -> None:
        self.report = Report(size)
        self.every = max(1, -(-count // LOOKED_AT))
        self.shown = {round(i * (count - 1) / max(1, min(SHOWN, count) - 1)) for i in range(min(SHOWN, count))}
        quick = motion if motion.flow == "files" else replace(motion, flow_size=SIZE)
        self.flows, self.cuts = Flows(quick, torch.device("cpu")), Cuts(motion)
        self.flows.own = own
        self.flicker = Flicker(SETTLING)
        # The newest frame that shows something and its paint, and the flat one that has followed it.
        self.last: Pair | None = None
        self.flat: Pair | None = None
        self.anchor: tuple[np.ndarray, np.ndarray] | None = None
        self.painter = painter

    def add(self, number: int, source: Frame, painted: Frame) -> None:
        """Measures the next frame."""
        shot, place = Shot(number, source.seen), len(self.report.frames)
        before = self.before(shot)
        frame = Measured(number, before is None)
        self.measure_motion(frame, shot, painted.seen, before)
        self.measure_colour(frame, source.seen, painted.seen)
        if self.painter and (before is None or place % self.every == 0):
            self.measure_losses(frame, source, painted)
        self.report.frames.append(frame)
        if place in self.shown:
            small = fitted_size(*self.report.size, min(SIZE, max(self.report.size)))
            self.report.pictures.append((number, *(resize(picture.seen, *small) for picture in (source, painted))))
        pair = Pair(shot, painted.seen)
        self.last, self.flat = (self.last, pair) if is_flat(shot.rgb) else (pair, None)

    def before(self, shot: Shot) -> Pair | None:
        """The frame that a frame goes on from, as the painter has it; None: it begins a shot."""
        shown, flat = (pair and pair.shot for pair in (self.last, self.flat))
        found = self.cuts.before(shot, shown, flat)
        return None if found is None else self.flat if found is flat else self.last

    def measure_motion(self, frame: Measured, shot: Shot, paint: np.ndarray, before: Pair | None) -> None:
        """What is told by the frame before."""
        if before is None:
            self.flicker.add(paint, None)
            return
        back, there = self.flows.between(shot, before.shot)
        seen = visible(there, back) >= 0.5
        warped = warp(before.painted, back)
        frame.ruder, frame.lai = ruder_error(paint, warped, seen), lai_error(paint, warped, seen)
        frame.flicker = self.flicker.add(paint, seen & (np.square(back).sum(-1) < STILL**2))

    def measure_colour(self, frame: Measured, source: np.ndarray, paint: np.ndarray) -> None:
        """What is told by the first frame of the shot."""
        means = mean_lab(source), mean_lab(paint)
        if frame.begins_shot:
            self.anchor = means
        changes = [now - first for now, first in zip(means, self.anchor, strict=True)]
        frame.drift = float(np.linalg.norm(changes[1] - changes[0]))

    def measure_losses(self, frame: Measured, source: Frame, painted: Frame) -> None:
        """What the network says."""
        size = fitted_size(*painted.size, min(NETWORK_SIZE, max(painted.size)))
        pair = (resize(picture.seen, *size) for picture in (source, painted))
        frame.content_loss, frame.style_loss = self.painter.content_and_style(*pair)

    def close(self) -> Report:
        """The finished report."""
        self.flows.close()
        return self.report


def evaluate(
    numbers: range,
    source: Callable[[int], Frame],
    painted: Callable[[int], Frame],
    motion: Motion,
    painter: Painter | None,
    on_frame: Callable[[int], None] = lambda number: None,
    own: Callable[[int], int] = lambda number: number,
) -> Report:
    """Measures the frames `numbers`; `on_frame` is told of each, and may stop the work with an exception; `own` tells
    what they are numbered as where flow comes from files."""
    evaluation = Evaluation(painted(numbers[0]).size, len(numbers), motion, painter, own)
    try:
        for number in numbers:
            on_frame(number)
            evaluation.add(number, source(number), painted(number))
    finally:
        report = evaluation.close()
    return report


def default_output(painted: Path) -> Path:
    """Where the report on a painted film or folder goes by itself."""
    return painted / "report.html" if painted.is_dir() else painted.with_name("report.html")
