"""Flow between the frames of a clip: found once, ahead of its use, and kept while it is needed."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import torch

from ..job import Motion, UserError
from ..media.frame import fitted_size
from ..whole import written
from .flows import LONGEST, Shot, flow_method
from .flows.files import fitted, is_exact
from .propagation import propagated
from .rest import settled

# Methods that are chosen to be quick: their flow is taken as it is.
QUICK = ("dis-fast",)


class Flows:
    """Flow by one method, found in a thread of its own while something else is done.

    Args:
        motion: which method, at what size.
        device: where networks compute.
        folder: where flows are kept for other jobs of the same clip; None: nowhere.

    Raises:
        UserError: the method lacks what it needs.
    """

    def __init__(self, motion: Motion, device: torch.device, folder: Path | None = None) -> None:
        self.motion, self.folder = motion, folder
        # To each of the frames that one looks back to, for two frames, and what denoising needs.
        self.most = 2 * len({1, *motion.long_term}) + 4
        self.method = flow_method(motion, device)
        # The frames' own numbers, by which files of flow are named.
        self.own: Callable[[int], int] = lambda number: number
        self.found: OrderedDict[tuple[int, int], Future] = OrderedDict()
        self.lock = threading.Lock()
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="flow")

    @cached_property
    def is_exact(self) -> bool:
        """Whether it is known for each pixel up to the very edge of a thing; asked for when there is some."""
        return is_exact(self.motion)

    def ahead(self, frame: Shot, other: Shot) -> Future:
        """Begins to find the flow between two frames, if that was not begun yet."""
        earlier, later = sorted((frame, other), key=lambda shot: shot.number)
        key = earlier.number, later.number
        with self.lock:
            if key not in self.found:
                self.found[key] = self.pool.submit(self.find, earlier, later)
            self.found.move_to_end(key)
            while len(self.found) > self.most:
                self.found.popitem(last=False)
            return self.found[key]

    def between(self, frame: Shot, other: Shot) -> tuple[np.ndarray, np.ndarray]:
        """Where each pixel of `frame` is found in `other`, and where each of `other` is found in `frame`, (H, W, 2)
        float32 each, pixels to the right and down."""
        forward, backward = (
            fitted(flow.astype(np.float32), frame.rgb.shape[1::-1]) for flow in self.ahead(frame, other).result()
        )
        return (forward, backward) if frame.number < other.number else (backward, forward)

    def find(self, earlier: Shot, later: Shot) -> np.ndarray:
        """The flow forward and backward from its file, or from the method, (2, h, w, 2) float16, at the size at which
        it was looked for.

        Rounded in any case: whether it comes from a file makes no difference to the paint.
        """
        if self.folder is None:
            return rounded(self.estimate(earlier, later))
        path = self.folder / f"{earlier.number:06d}-{later.number:06d}.npy"
        with suppress(OSError, ValueError, EOFError):  # not there yet, or damaged when the power went
            return np.load(path, allow_pickle=False)
        flow = rounded(self.estimate(earlier, later))
        keep(path, flow)
        return flow

    def estimate(self, earlier: Shot, later: Shot) -> tuple[np.ndarray, np.ndarray]:
        """The method's flow forward and backward."""
        if self.motion.flow == "files":
            one, two = (Shot(self.own(shot.number), shot.rgb) for shot in (earlier, later))
            return self.method(one, two), self.method(two, one)
        height, width = earlier.rgb.shape[:2]
        longer = max(width, height)
        small = fitted_size(width, height, min(self.motion.flow_size or longer, longer))
        one, two = (Shot(s.number, cv2.resize(s.rgb, small, interpolation=cv2.INTER_AREA)) for s in (earlier, later))
        forward, backward = settled(self.method(one, two), self.method(two, one), one.rgb, two.rgb)
        return (forward, backward) if self.motion.flow in QUICK else propagated(forward, backward, one.rgb, two.rgb)

    def close(self) -> None:
        """Ends the thread; what it has not begun is left undone."""
        self.pool.shutdown(wait=True, cancel_futures=True)


def rounded(flows: Sequence[np.ndarray]) -> np.ndarray:
    """Flows (H, W, 2) each as one array of float16, whose range they may not leave."""
    return np.stack(flows).clip(-LONGEST, LONGEST).astype(np.float16)


def keep(path: Path, flow: np.ndarray) -> None:
    """Writes a flow at once or not at all; raises UserError if that cannot be done."""
    try:
        with written(path) as part:
            np.save(part, flow, allow_pickle=False)
    except OSError as error:
        raise UserError(
            f"The flow file '{path}' cannot be written ({error.strerror}): free some space or choose another cache "
            "folder. Finished frames are kept."
        ) from error
