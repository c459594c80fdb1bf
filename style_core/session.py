"""Frames are fed one by one, painted frames come back: batch, sequencer and live node all paint through this."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from .box import Box
from .engine.lbfgs import FIRST_STEP
from .engine.memory import give_back, is_out_of_memory, make_room
from .engine.objective import LEAST_BYTES
from .engine.painter import FIRST_STEP_ANEW, FIRST_STEP_ON_PAINT, Earlier, Painter, choose_device, read_styles
from .engine.precision import can_be_lowered
from .engine.scales import Scale, following, pyramid
from .fresh import Fresh
from .glances import Glances
from .job import Layer, Look, Motion
from .media.frame import Frame, rounded
from .media.pictures import read_picture
from .motion.cuts import Cuts, is_black, is_empty, is_flat
from .motion.denoise import denoised
from .motion.flow import Flows
from .motion.flows import Shot
from .motion.history import MATURE, Carried, Finished, History
from .motion.light import relit

# Told of (steps done, sizes and their steps, loss).
Tell = Callable[[int, list[Scale], float], None]

# How much the frame beside brings where a pass before has painted the frame already (Ruder et al. 2016: delta).
BLEND = 0.5

IN_PIECES = "Little memory was left, so that frames are painted in smaller pieces: they look the same and take longer."
IN_HALF = "Too little memory was left, so that it goes on in half precision and in small pieces, which takes longer."


@dataclass(frozen=True)
class Subject:
    """A frame to paint."""

    number: int
    """As the source counts."""
    content: Frame
    mask: np.ndarray | None = None
    """Where paint may move, a region and its surroundings, (H, W) in 0..1; None: everywhere."""
    beside: tuple[Shot, ...] = ()
    """The frames before and after it, as far as they are known: its grain is told by them."""

    @property
    def shot(self) -> Shot:
        return Shot(self.number, self.content.seen)

    @property
    def is_left_alone(self) -> bool:
        """Whether there is nothing to paint in it."""
        return self.mask is not None and not self.mask.any()


class Session:
    """Paints one layer of a film, frame after frame; each may take over the paint of those before it.

    Args:
        layer: what to paint.
        size: width and height of the painted frames.
        first: the job's first frame, whose colours are kept where the look keeps colours.
        flows: between the frames, which all layers share.
        most_bytes: what activations may take at once (see engine/bands.py); None: as memory allows.
        is_lowered: whether half precision was taken before to save memory.
    """

    def __init__(
        self,
        layer: Layer,
        size: tuple[int, int],
        first: Frame,
        flows: Flows,
        most_bytes: int | None = None,
        is_lowered: bool = False,
    ) -> None:
        self.layer, self.job, self.look, self.size = layer, layer.job, layer.look, size
        self.device = choose_device(self.job.device)
        self.first, self.is_lowered = first, is_lowered
        self.notes: list[str] = []
        """What was done to make do with the memory there is: a sentence each."""
        self.painter = self.new_painter(most_bytes)
        self.begin_with = read_picture(self.look.start_picture).seen if self.look.start == "picture" else None
        self.flows, self.cuts = flows, Cuts(self.job.motion)
        # The newest frames that show something; and the flat ones that have followed them, with those before them.
        self.history = History(self.job.motion, flows)
        self.flats: History | None = None
        # The frame in work: its number, what it goes on from, and what it takes over.
        self.now: tuple[int, History] | None = None
        self.carried: tuple[int, Carried] | None = None
        # Shown the frame in work meanwhile; None: nobody looks.
        self.glances: Glances | None = None
        # The first frame of the shot, and the loss with which frames that take over its paint are finished.
        self.enough: tuple[Finished, float] | None = None

    def new_painter(self, most_bytes: int | None) -> Painter:
        """What computes."""
        region, precision = self.layer.region, "half" if self.is_lowered else self.job.precision
        by_gradient = region is not None and region.guide == "gradient"
        styles = read_styles(self.look)
        return Painter(self.look, styles, self.device, precision, most_bytes, self.first.rgb, by_gradient)

    def forget(self) -> None:
        """What comes takes over nothing."""
        self.history.cut()
        self.flats = self.now = self.carried = None

    def goes_on_from(self, subject: Subject) -> History:
        """The painted frames that a frame may take over from; empty where it begins a shot."""
        if self.now is None or self.now[0] != subject.number:
            flat = is_flat(subject.content.seen)
            history = (self.flats or self.history.fork()) if flat else self.history
            shown, dim = (past.last.shot if past and past.last else None for past in (self.history, self.flats))
            if self.cuts.before(subject.shot, shown, dim) is None:
                history.cut()
            self.now = subject.number, history
        return self.now[1]

    def follow(self, subject: Subject, painted: Frame) -> bool:
        """Tells the session of a finished frame, whose paint the next one may take over; whether it begins a shot."""
        if subject.is_left_alone:
            self.forget()
            return False
        history = self.goes_on_from(subject)
        begins = history.last is None
        if begins:
            self.begin_shot(history, subject, painted)
        self.add(history, subject, painted, self.age_of(history, subject))
        return begins

    def begin_shot(self, history: History, subject: Subject, painted: Frame) -> None:
        """Tells what a shot begins with that goes on with `history`."""
        clean = self.clean(subject)
        history.begin(Finished(clean.shot, painted.rgb, clean.mask))

    def add(self, history: History, subject: Subject, painted: Frame, age: np.ndarray | None) -> None:
        """Makes a finished frame the newest, with the ages of its paint."""
        history.add(Finished(subject.shot, painted.rgb, subject.mask, age))
        self.flats = None if history is self.history else history

    def begins_a_shot(self, subject: Subject) -> bool:
        """Whether a frame takes over nothing."""
        return not subject.is_left_alone and self.goes_on_from(subject).last is None

    def recall(self, finished: Sequence[tuple[Subject, Frame]], starts: Container[int]) -> None:
        """Tells a session that goes on after an interruption what it would know without one.

        Args:
            finished: the newest frames that show something, as many as the history goes back or to the beginning of
                the shot, then the flat ones after them, in their order.
            starts: the frames that shots begin with.
        """
        flat = [is_flat(subject.content.seen) for subject, _ in finished]
        for place, (subject, painted) in enumerate(finished):
            history = (self.flats or self.history.fork()) if flat[place] else self.history
            if subject.number in starts:
                history.cut()
                self.begin_shot(history, subject, painted)
            # What older paint came into sight as long ago as that has the same age in any case.
            counts = flat[place:].count(flat[place]) <= MATURE
            self.add(history, subject, painted, self.age_of(history, subject) if counts else None)

    def age_of(self, history: History, subject: Subject) -> np.ndarray | None:
        """How many frames ago each pixel of a frame came into sight; None where it took over nothing."""
        last = history.last
        if self.job.motion.carry != "warped" or last is None:
            return None
        if is_shown_again(last, subject) or is_empty(subject.content.seen):
            return last.age if last.age is None else np.minimum(last.age + 1, MATURE)
        if self.carried and self.carried[0] == subject.number:
            return self.carried[1].age
        return history.carry(subject.shot, subject.content.rgb).age

    def expect(self, subject: Subject, coming: Shot) -> None:
        """Lets the flow for the frame after this one be found while this one is painted, if it will be wanted."""
        if self.job.motion.carry != "warped" or subject.is_left_alone or is_empty(coming.rgb):
            return
        history, now = self.goes_on_from(subject), subject.shot
        if is_flat(now.rgb) and not is_flat(coming.rgb):
            history, now = self.history, None
        last = now or (history.last and history.last.shot)
        if last and not np.array_equal(last.rgb, coming.rgb) and not self.cuts.between(last, coming):
            history.expect(now, coming)

    def paint(self, subject: Subject, tell: Tell, before: Frame | None = None) -> Frame:
        """Paints a frame whose pixels have the session's size; where its mask is 0 it stays as it is, to the bit.

        Where memory runs out, it is painted in smaller pieces, and where that is not enough in half precision, if that
        was left to us; `notes` say so.

        Args:
            subject: the frame; its number seeds its noise.
            tell: called at every step; an exception that it raises stops the work.
            before: what the pass before made of the frame; None: there was none.

        Raises RuntimeError, as torch does, if there is too little memory all the same.
        """
        make_room(self.device)
        most_bytes = self.painter.most_bytes
        try:
            painted = self.paint_once(subject, tell, before)
        except RuntimeError as error:
            lowers = can_be_lowered(self.job.precision, self.painter.precision, self.device)
            if self.is_lowered or not lowers or not is_out_of_memory(error):
                raise
        else:
            if self.painter.most_bytes < most_bytes:
                self.note(IN_PIECES)
            return painted
        # Outside of the handler, whose error holds on to what is to be freed.
        self.is_lowered, self.enough, self.painter = True, None, None
        give_back()
        self.painter = self.new_painter(LEAST_BYTES)
        self.note(IN_HALF)
        return self.paint_once(subject, tell, before)

    def note(self, sentence: str) -> None:
        """Keeps what a person should know."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def paint_once(self, subject: Subject, tell: Tell, before: Frame | None) -> Frame:
        """The same, with what there is."""
        if subject.is_left_alone:
            return subject.content
        self.painter.look = self.layer.look_at(subject.number)
        history, carry = self.goes_on_from(subject), self.job.motion.carry
        last = history.last
        if carry == "warped" and before is None:
            if last and is_shown_again(last, subject):
                return subject.content.repainted(last.painted)
            if last and is_empty(subject.content.seen):
                return subject.content.repainted(dimmed(last, subject))
        if not last and carry == "warped" and is_black(subject.content.seen):
            return subject.content  # strokes would be as bright as any
        clean = self.clean(subject)
        if last and carry == "warped":
            paint = self.go_on(clean, subject.shot, history, tell, before)
        else:
            paint = self.begin(clean, tell, last.painted if last and carry == "previous" else None, before)
        return subject.content.repainted(paint)

    def begin(self, subject: Subject, tell: Tell, carried: np.ndarray | None, before: Frame | None) -> np.ndarray:
        """Paints a frame that nothing is held in, (H, W, 3) in 0..255."""
        begun = before.rgb if before else carried
        scales = scales_of(self.look, self.job.motion, self.size, begun is not None)
        start = self.beginning(subject) if begun is None else begun
        return self.painted(subject, start, scales, tell)

    def beginning(self, subject: Subject) -> np.ndarray:
        """What a frame begins from that takes over nothing, (H, W, 3) in 0..255."""
        look, content = self.look, subject.content
        if look.start == "random":
            start = noise(content.rgb.shape, look.noise_mean, look.seed + subject.number)
        elif self.begin_with is not None:
            start = Frame(self.begin_with).resized(*content.size).rgb
        else:
            start = content.rgb
        return rounded(start, content.rgb.dtype)

    def go_on(self, subject: Subject, shot: Shot, history: History, tell: Tell, before: Frame | None) -> np.ndarray:
        """Paints a frame that takes over earlier paint along the motion, (H, W, 3) in 0..255.

        `shot` is the frame with its grain, which all flow is found in: in the same whatever has been found before.
        """
        carried = history.carry(shot, subject.content.rgb)
        self.carried = subject.number, carried
        held = Earlier(carried.target, carried.trust, self.job.motion.temporal)
        scales = scales_of(self.look, self.job.motion, self.size, True)
        start, fresh = carried.paint, Fresh(carried.young, subject.mask)
        if before is not None:
            share = BLEND * ~carried.fresh[..., None]
            start = rounded(share * start + (1 - share) * before.rgb, start.dtype)
        elif fresh.is_worth_painting:
            start = self.painted_anew(subject, carried, fresh, held, lambda loss: tell(0, scales, loss))
        return self.painted(subject, start, scales, tell, held, self.loss_that_is_enough(history.first))

    def painted(
        self,
        subject: Subject,
        start: np.ndarray,
        scales: list[Scale],
        tell: Tell,
        held: Earlier | None = None,
        enough: float = 0.0,
    ) -> np.ndarray:
        """Paints until the steps are done, or the loss is no more than `enough`, (H, W, 3) in 0..255."""
        first_step = FIRST_STEP_ON_PAINT if held else FIRST_STEP

        def on_step(done: int, loss: float) -> bool:
            tell(done, scales, loss)
            return loss <= enough

        box, content = self.box_of(subject.mask), subject.content.rgb
        mask, part = None if subject.mask is None else subject.mask[box.inside], content[box.inside]
        begun = start[box.inside] if mask is None else np.where(mask[..., None] > 0, start[box.inside], part)
        if held:
            held = Earlier(held.target[box.inside], held.trust[box.inside], held.weight)

        def whole(painted: np.ndarray) -> np.ndarray:
            frame = content.copy()
            frame[box.inside] = painted
            return frame

        glances = self.glances and self.glances.through(whole)
        return whole(self.painter.paint(part, begun, box.scales(scales), mask, on_step, held, first_step, glances))

    def box_of(self, mask: np.ndarray | None) -> Box:
        """The part of a frame in which it is painted: nothing beyond is computed."""
        return Box(0, 0, *self.size) if mask is None else Box.around(mask)

    def loss_that_is_enough(self, first: Finished | None) -> float:
        """The loss of the shot's first frame, but for the tolerance; 0 where no frame shall stop early."""
        if first is None or not self.job.motion.tolerance or self.layer.look_at(first.shot.number) != self.painter.look:
            return 0.0
        if self.enough is None or self.enough[0] is not first:
            box, scales = self.box_of(first.mask), scales_of(self.look, self.job.motion, self.size, True)
            mask = None if first.mask is None else first.mask[box.inside]
            pictures = first.shot.rgb[box.inside], first.painted[box.inside]
            loss = self.painter.loss(*pictures, box.scales(scales), mask)
            self.enough = first, loss * (1 + self.job.motion.tolerance)
        return self.enough[1]

    def painted_anew(
        self, subject: Subject, carried: Carried, fresh: Fresh, held: Earlier, tell: Callable[[float], None]
    ) -> np.ndarray:
        """The carried paint with what has come into sight painted from coarse to fine, (H, W, 3) in 0..255."""

        def on_step(done: int, loss: float) -> bool:
            tell(loss)
            return False

        part = fresh.box.inside
        # The less there is of it, the more its paint must change: it is held as a part of the frame, and no firmer.
        earlier = Earlier(held.target[part], held.trust[part], held.weight * float(fresh.around[part].mean()))
        content, start = subject.content.rgb[part], carried.paint[part]
        mask = fresh.around[part]
        anew = self.painter.paint(content, start, fresh.scales, mask, on_step, earlier, FIRST_STEP_ANEW)
        return fresh.laid_in(anew, carried.paint)

    def clean(self, subject: Subject) -> Subject:
        """The frame with its grain averaged away along the motion, if that is wanted."""
        if not self.job.motion.denoise:
            return subject
        rgb = denoised(subject.content.rgb, subject.shot, subject.beside, self.flows, self.job.motion.denoise)
        return replace(subject, content=replace(subject.content, rgb=rgb))


def is_shown_again(last: Finished, subject: Subject) -> bool:
    """Whether a frame is the one before it once more, to be painted at the same places."""
    same = subject.mask is last.mask or (
        subject.mask is not None and last.mask is not None and np.array_equal(subject.mask, last.mask)
    )
    return same and np.array_equal(last.shot.rgb, subject.shot.rgb)


def dimmed(last: Finished, subject: Subject) -> np.ndarray:
    """A frame that shows nothing at all, after one of its shot: that one's paint in its light, (H, W, 3) in 0..255.

    By itself it would be painted with strokes as bright as any, and black would not be black.
    """
    own = subject.content.rgb
    paint = rounded(relit(last.painted, last.shot.rgb, subject.shot.rgb), own.dtype)
    where = last.is_painted if subject.mask is None else last.is_painted & (subject.mask > 0)
    return np.where(where[..., None], paint, own)


def scales_of(look: Look, motion: Motion, size: tuple[int, int], follows: bool) -> list[Scale]:
    """Sizes and steps for a frame: one that takes over paint is painted at its own size alone, in fewer steps."""
    scales = pyramid(*size, look.first_size, look.steps)
    return following(scales, motion.steps) if follows else scales


def noise(shape: tuple[int, ...], mean: float, seed: int) -> np.ndarray:
    """Uniform noise of this mean (0..1), as wide as fits into 0..255 around it, uint8."""
    generator = torch.Generator().manual_seed(seed)
    width = min(mean, 1 - mean)
    values = mean + width * (2 * torch.rand(shape, generator=generator) - 1)
    return (values * 255).round().byte().numpy()
