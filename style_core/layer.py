"""One layer of a film on its way: its paint, frame after frame, from the first that is missing."""

import numpy as np

from .cache import FrameCache
from .engine.painter import choose_device
from .glances import Glances
from .job import Layer
from .media.contents import Contents
from .media.frame import Frame
from .motion.cuts import is_flat
from .motion.flow import Flows
from .motion.flows import Shot
from .motion.flows.files import own_numbers
from .region import RENDERED
from .regions.matte import Matte, surroundings
from .regions.passes import PassMatte
from .session import Session, Subject, Tell


class PaintedLayer:
    """The frames of a layer, painted or still to be painted.

    What is stored is the paint of the region and of what lies around it. How it is laid over the frame is decided
    later: another feather, or another look elsewhere, costs no painting.

    Args:
        layer: what is painted.
        source: the frames.
        numbers: of the frames to paint.
        size: width and height of the painted frames.
        mask: the picture, film or folder with the masks of the layer's region, or with the passes of a render.

    Raises:
        UserError: the mask cannot be read or has another length, or nothing can be stored.
    """

    def __init__(self, layer: Layer, source: Contents, numbers: range, size: tuple[int, int], mask: str) -> None:
        self.layer, self.source, self.size = layer, source, size
        region, clip = layer.region, source.clip
        self.matte: Matte | PassMatte | None = None
        if region:
            is_rendered = region.matte in RENDERED
            self.matte = (
                PassMatte(region, mask, own_numbers(clip))
                if is_rendered
                else Matte(region, mask, layer.job.source, clip, numbers)
            )
        noted = source if layer.job.source.growing else None
        name = layer.fingerprint() if layer.is_painted else ""
        self.cache = FrameCache(layer.job, name, source.depth, noted) if name else None
        self.session: Session | None = None
        self.order, self.ready, self.flows = numbers, 0, None
        self.earlier: FrameCache | None = None
        self.stored = self.cache

    def opacity(self, number: int, content: Frame) -> np.ndarray:
        """How far a frame's paint is seen, (H, W) float32 in 0..1; `content` is the frame at the wanted size."""
        if self.matte is None:
            return np.ones(content.size[::-1], np.float32)
        return self.matte.opacity(number, content)

    def begin_pass(self, flows: Flows, number: int, order: range) -> None:
        """Gets ready for a pass, from the first frame of `order` that is missing; `ready` are not."""
        passes = self.layer.job.motion.passes
        self.stored = self.cache if number == passes else self.cache.of_pass(number)
        self.earlier = self.cache.of_pass(number - 1) if number > 1 else None
        self.flows, self.order = flows, order
        flows.own = own_numbers(self.source.clip)
        self.ready = next((place for place, frame in enumerate(order) if frame not in self.stored), len(order))
        if self.session:
            self.session.forget()

    def extend(self, order: range) -> None:
        """Lets the pass go on: more frames have come. Until there is something to paint, it begins after those that
        are ready."""
        self.order = order
        while self.session is None and self.ready < len(order) and order[self.ready] in self.stored:
            self.ready += 1
        self.flows.own = own_numbers(self.source.clip)

    def advance(self, place: int, tell: Tell, glances: Glances | None = None) -> None:
        """Paints the frame at `place` of the pass, unless it is ready.

        `tell` is called at every step; an exception that it raises stops the work. `glances` are shown the paint of
        the whole frame meanwhile.
        """
        if place < self.ready:
            return
        session = self.opened()
        session.glances = glances
        if place == self.ready:
            self.recall(session, self.order[:place])
        frame, subject = self.order[place], self.subject(self.order[place])
        if place + 1 < len(self.order):
            coming = self.order[place + 1]
            session.expect(subject, Shot(coming, self.source.read(coming).seen))
        if frame not in self.stored:
            self.stored.forget_after(frame)
        if session.begins_a_shot(subject):
            self.stored.remember_shot(frame)
        if frame not in self.stored:
            before = self.earlier.paint(frame, subject.content) if self.earlier else None
            painted = session.paint(subject, tell, before)
            self.cache.remember_memory(session.device.type, session.painter.most_bytes, session.is_lowered)
            self.stored.write(frame, painted.halved())
        session.follow(subject, self.stored.paint(frame, subject.content))

    def opened(self) -> Session:
        """The session, opened when there is something to paint."""
        if self.session is None:
            first = self.source.read(self.layer.job.source.first)
            memory = self.cache.memory(choose_device(self.layer.job.device).type)
            self.session = Session(self.layer, self.size, first, self.flows, *memory)
        return self.session

    def recall(self, session: Session, finished: range) -> None:
        """Tells a session that goes on after an interruption what it would know without one."""
        starts = [number for number in self.stored.shots() if number in finished]
        known = self.newest(finished, starts, session.history.reach)
        shown = next((subject.number for subject in known if not is_flat(subject.content.seen)), None)
        if shown is not None and shown not in starts:
            place = finished.index(shown)
            earlier = (self.subject(number) for number in reversed(starts) if finished.index(number) < place)
            first = next((subject for subject in earlier if not is_flat(subject.content.seen)), None)
            if first:
                session.begin_shot(session.history, first, self.stored.paint(first.number, first.content))
        session.recall([(one, self.stored.paint(one.number, one.content)) for one in known], starts)

    def newest(self, finished: range, starts: list[int], most: int) -> list[Subject]:
        """The newest frames that show something, `most` of them or to the beginning of the shot, and the flat ones
        after the last of them, in their order."""
        known, shown = [], 0
        for subject in map(self.subject, reversed(finished)):
            flat = is_flat(subject.content.seen)
            if subject.is_left_alone or shown == most:
                break
            if not flat or not shown:
                known.append(subject)
            shown += not flat
            if not flat and subject.number in starts:
                break
        return known[::-1]

    def subject(self, number: int) -> Subject:
        """A frame of the source at the painted size, with what belongs to it."""
        content = self.source.read(number)
        mask = surroundings(self.matte.read(number, *self.size, content)) if self.matte else None
        mask = None if mask is None or mask.min() == 1 else mask  # painted all over, it is no region
        near = (number - 1, number + 1) if self.layer.job.motion.denoise else ()
        beside = tuple(Shot(n, self.source.read(n).seen) for n in near if 1 <= n <= self.source.clip.count)
        return Subject(number, content, mask, beside)
