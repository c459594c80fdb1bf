"""Paints one picture: targets, sizes from coarse to fine, and what is kept of the source."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional as F

from ..glances import Glances
from ..job import Look, UserError
from ..media.pictures import read_picture
from ..weights import load_vgg19
from .adam import Adam
from .bands import Band, stride
from .colours import chroma, lay_colours, luma, recoloured
from .descent import OnStep, Optimiser, Watch, descend
from .encoder import Encoder
from .lbfgs import FIRST_STEP, Lbfgs
from .losses import STYLE_DISTANCES, Moments, StyleDistance, content_loss, moments
from .memory import budget, is_out_of_memory
from .objective import LEAST_BYTES, Coarser, Objective, Targets
from .precision import choose_precision, make_repeatable, matching
from .scales import Scale
from .temporal import Held, TemporalLoss

# The first step from paint that is good already, as the mean change of a pixel in 0..1: a longer one spoils it.
FIRST_STEP_ON_PAINT = 5e-4
# The same where a part of the frame is begun anew in the midst of good paint.
FIRST_STEP_ANEW = 3e-3
# Steps at a size before it is worth looking at: what comes of fewer is hardly another picture.
FIRST_LOOK = 4


def choose_device(name: str) -> torch.device:
    """The device called "auto", "cpu", "cuda" or "mps"; raises UserError if this machine has none such."""
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(kind for kind, is_present in present.items() if is_present)
    if not present[name]:
        raise UserError(f"Device '{name}' is not available on this machine; choose auto or cpu.")
    return torch.device(name)


def read_styles(look: Look) -> list[np.ndarray]:
    """The look's style pictures, (H, W, 3) uint8; raises UserError if one cannot be read."""
    return [read_picture(style).seen for style in look.styles]


class Earlier(NamedTuple):
    """Paint of earlier frames that a frame shall keep."""

    target: np.ndarray
    """(H, W, 3) in 0..255: where its things are now."""
    trust: np.ndarray
    """(H, W) in 0..1: how far it is to be trusted."""
    weight: float
    """Of the temporal loss."""


@dataclass(frozen=True)
class Canvas:
    """What is painted at one size, (1, C, H, W) in 0..1, without the colours that are kept."""

    content: torch.Tensor
    start: torch.Tensor
    own_colours: torch.Tensor
    mask: torch.Tensor | None
    held: Held | None

    def resized(self, size: tuple[int, int]) -> "Canvas":
        """The same at another height and width."""
        if tuple(self.content.shape[-2:]) == size:
            return self
        mask, held = self.mask, self.held
        return Canvas(
            resize(self.content, size),
            resize(self.start, size),
            self.own_colours,
            mask if mask is None else resize(mask, size),
            held if held is None else Held(resize(held.target, size), resize(held.trust, size), held.weight),
        )


class Painter:
    """Paints pictures of one look on one device. All pictures are RGB arrays (H, W, 3) in 0..255, uint8 or float32.

    Args:
        look: what to minimise.
        styles: the style pictures, of any size.
        device: where to compute.
        precision: one of PRECISIONS.
        most_bytes: what activations may take at once; larger frames are computed in bands. None: as memory allows.
        source: a picture with the colours that are kept, where the look keeps colours: a film's first frame, so that
            they are the same in all of them; None: each frame's own.
        by_gradient: whether a region is heeded by its gradient alone (see objective.py).
    """

    def __init__(
        self,
        look: Look,
        styles: Sequence[np.ndarray],
        device: torch.device,
        precision: str,
        most_bytes: int | None = None,
        source: np.ndarray | None = None,
        by_gradient: bool = False,
    ) -> None:
        make_repeatable(device)
        self.look, self.device, self.source, self.by_gradient = look, device, source, by_gradient
        self.styles = [turned(self.to_tensor(style), look.rotation) for style in styles]
        self.precision = choose_precision(precision, device)
        self.encoder = Encoder(load_vgg19(), look.pooling, self.precision).to(device)
        self.layers = (*look.content_layers, *look.style_layers)
        self.most_bytes = most_bytes or self.affordable_bytes()
        self.known_styles: dict[int, dict[str, StyleDistance]] = {}
        # How much of the source's chroma the network never sees, as it is kept.
        self.kept = look.keep_colours if look.keep_colours_by == "luminance" else 0.0

    def affordable_bytes(self) -> int:
        """What activations may take of the free memory, as a power of two.

        Other bands round otherwise in the last digits: a machine that has a little more or less free shall not paint
        other bytes.
        """
        return 1 << (max(LEAST_BYTES, budget(self.device)).bit_length() - 1)

    def style_targets(self, area: int) -> dict[str, StyleDistance]:
        """Distances to the style pictures' mix for frames of so many pixels, which is looked at once for each size."""
        if area not in self.known_styles:
            measure = STYLE_DISTANCES[self.look.style_loss]
            mix = self.mixed_styles(area * self.look.brush_size**2)
            self.known_styles[area] = {name: measure(own) for name, own in mix.items()}
        return self.known_styles[area]

    def mixed_styles(self, area: float) -> dict[str, Moments]:
        """Moments per position of the style pictures, each brought to `area` pixels, mixed by their shares."""
        shares = self.look.style_shares or [1.0] * len(self.styles)
        mix: dict[str, Moments] = {}
        for style, share in zip(self.styles, shares, strict=True):
            for name, own in self.moments_of(resize_to_area(style, area)).items():
                own = Moments(*(t * (share / sum(shares)) for t in own.per_position()))
                mix[name] = mix[name].plus(own) if name in mix else own
        return mix

    def take_colours(self, content: torch.Tensor) -> None:
        """Gives the style pictures the colours that are kept, once: of the source, or of the first frame painted."""
        if self.look.keep_colours and not self.known_styles:
            source = content if self.source is None else self.to_tensor(self.source)
            how, strength = self.look.keep_colours_by, self.look.keep_colours
            self.styles = [recoloured(style, source, how, strength) for style in self.styles]

    def look_at(self, picture: torch.Tensor, layers: Sequence[str]) -> Iterator[tuple[Band, str, torch.Tensor]]:
        """Activations of `layers`, without gradients: (band, layer, those of its core)."""
        with matching(self.precision):
            for band, cores in self.encoder.look(picture, self.encoder.plan(picture, layers, self.most_bytes)):
                yield from ((band, name, core) for name, core in cores.items() if name in layers)

    def moments_of(self, picture: torch.Tensor) -> dict[str, Moments]:
        """Moments of a picture's activations by style layer."""
        sums: dict[str, Moments] = {}
        for _, name, core in self.look_at(picture, self.look.style_layers):
            own = moments(core, unit=self.encoder.unit)
            sums[name] = sums[name].plus(own) if name in sums else own
        return sums

    def content_targets(self, picture: torch.Tensor) -> dict[str, torch.Tensor]:
        """Activations of a frame by content layer, put together from bands."""
        height, width = picture.shape[-2:]
        whole: dict[str, torch.Tensor] = {}
        for band, name, core in self.look_at(picture, self.look.content_layers):
            if name not in whole:
                size = (1, core.shape[1], height // stride(name), width // stride(name))
                whole[name] = core.new_empty(size).contiguous(memory_format=torch.channels_last)
            band.part_of(whole[name]).copy_(core)
        return whole

    def objective(
        self,
        content: torch.Tensor,
        mask: torch.Tensor | None,
        coarser: Sequence[Coarser] = (),
        temporal: TemporalLoss | None = None,
        area: int = 0,
    ) -> Objective:
        """What is minimised for a frame (1, 3, H, W) at its own size, or for a part of a frame of `area` pixels."""
        found = self.content_targets(content) if self.look.content_weight else {}
        targets = Targets(found, self.style_targets(area or content.shape[-2] * content.shape[-1]))
        return Objective(self.encoder, self.look, targets, mask, self.most_bytes, coarser, temporal, self.by_gradient)

    def coarser(self, scales: Sequence[Scale], height: int, width: int, mask: torch.Tensor | None) -> list[Coarser]:
        """The style loss at smaller sizes, for a frame of this size."""
        style_alone = dataclasses.replace(self.look, content_weight=0.0, smoothness=0.0)
        found = []
        for scale in scales if self.look.coarse_weight else ():
            small = (scale.height, scale.width)
            own_mask = mask if mask is None else resize(mask, small)
            targets = Targets({}, self.style_targets(scale.area))
            objective = Objective(
                self.encoder, style_alone, targets, own_mask, self.most_bytes, by_gradient=self.by_gradient
            )
            found.append(Coarser(objective, small, (height, width), self.look.coarse_weight))
        return found

    def paint(
        self,
        content: np.ndarray,
        start: np.ndarray,
        scales: Sequence[Scale],
        region: np.ndarray | None = None,
        on_step: OnStep = lambda done, loss: False,
        earlier: Earlier | None = None,
        first_step: float = FIRST_STEP,
        glances: Glances | None = None,
    ) -> np.ndarray:
        """Minimises equation (4) over the pixels from `start`, at one size after the other.

        Args:
            content: the frame, (H, W, 3).
            start: the picture to begin from, (H, W, 3).
            scales: the sizes from coarse to fine and the steps at each; the last is the frame's own. At a size without
                steps nothing is painted, but its strokes count at the larger ones.
            region: where to paint, (H, W) in 0..1; None paints everywhere. Pixels where it is 0 stay as in `start`.
            on_step: told of steps over all sizes; True ends the work with what there is.
            earlier: paint that is held; None: nothing.
            first_step: mean change of a pixel in the first step, in 0..1.
            glances: shown how the picture looks meanwhile, at its full size; None: nobody looks.

        Returns:
            The painted picture, (H, W, 3) of the type of `start`; meaningful only inside the region.
        """
        canvas = self.canvas(content, start, region, earlier)

        def watch(done: int, best: torch.Tensor) -> None:
            if glances and done >= FIRST_LOOK and glances.are_due:
                glances.show(self.finished(resize(best, canvas.content.shape[-2:]), canvas, start))

        return self.finished(self.from_coarse_to_fine(canvas, scales, on_step, first_step, watch), canvas, start)

    def finished(self, painted: torch.Tensor, canvas: Canvas, start: np.ndarray) -> np.ndarray:
        """Paint (1, 3, H, W) as a picture (H, W, 3) of the type of `start`, with the colours that are kept."""
        if self.kept:
            # Where nothing but brightness is painted, what the paint has of chroma is noise.
            own = canvas.own_colours
            painted = lay_colours(luma(painted), own if self.kept == 1 else own + chroma(painted))
        if canvas.mask is not None:
            painted = torch.where(canvas.mask > 0, painted, self.to_tensor(start))
        return to_picture(painted, start.dtype)

    def loss(
        self, content: np.ndarray, painted: np.ndarray, scales: Sequence[Scale], region: np.ndarray | None = None
    ) -> float:
        """Equation (4) for a painted frame at its own size, with the strokes of the smaller sizes; waits for it."""
        canvas = self.canvas(content, painted, region)
        objective = self.within_memory(lambda: self.objective_at(canvas, scales))
        return objective.evaluate(canvas.start)[0].item()

    def content_and_style(self, content: np.ndarray, painted: np.ndarray) -> tuple[float, float]:
        """Equations (1) and (3), unweighted, of a painted picture, both (H, W, 3)."""
        pictures = [self.to_tensor(picture) for picture in (content, painted)]
        self.take_colours(pictures[0])
        wanted, found = (self.content_targets(picture) for picture in pictures)
        shapes = sum(content_loss(found[name].float(), wanted[name].float()) for name in self.look.content_layers)
        targets, own = self.style_targets(painted.shape[0] * painted.shape[1]), self.moments_of(pictures[1])
        strokes = sum(targets[name](own[name].per_position()) for name in self.look.style_layers)
        return shapes.item() / self.encoder.unit**2, strokes.item()

    def canvas(
        self,
        content: np.ndarray,
        start: np.ndarray,
        region: np.ndarray | None = None,
        earlier: Earlier | None = None,
    ) -> Canvas:
        """A frame and a start as the network sees them: without the colours that are kept."""
        whole = self.to_tensor(content)
        self.take_colours(whole)
        own_colours = self.kept * chroma(whole)
        mask = None if region is None else torch.from_numpy(region).float()[None, None].to(self.device)
        held = None
        if earlier is not None and earlier.weight:
            target, trust = (torch.tensor(t, dtype=torch.float32, device=self.device) for t in earlier[:2])
            held = Held(self.seen(target.permute(2, 0, 1)[None] / 255, own_colours), trust[None, None], earlier.weight)
        return Canvas(whole - own_colours, self.seen(self.to_tensor(start), own_colours), own_colours, mask, held)

    def seen(self, picture: torch.Tensor, own_colours: torch.Tensor) -> torch.Tensor:
        """Paint (1, 3, H, W) without the colours that are kept."""
        return (picture - own_colours).clamp(0, 1) if self.kept < 1 else luma(picture).expand_as(picture)

    def from_coarse_to_fine(
        self, canvas: Canvas, scales: Sequence[Scale], on_step: OnStep, first_step: float, watch: Watch
    ) -> torch.Tensor:
        """The canvas painted at one size after the other, (1, 3, H, W)."""
        painted, begun, stopped = None, 0, False

        def tell(done: int, loss: float) -> bool:
            nonlocal stopped
            stopped = on_step(begun + done, loss)
            return stopped

        for level, scale in enumerate(scales):
            if not scale.steps or stopped:
                continue
            own = canvas.resized((scale.height, scale.width))
            x = own.start if painted is None else resize(painted, (scale.height, scale.width))
            # Outside the region, and at the frame's own size, nothing may come back from a smaller size.
            x = x if own.mask is None else torch.where(own.mask > 0, x, own.start)
            objective = self.within_memory(lambda own=own, level=level: self.objective_at(own, scales[: level + 1]))
            painted = descend(
                objective, x, scale.steps, self.optimiser(x, own.mask, first_step), self.look.tolerance, tell, watch
            )
            self.most_bytes = min(self.most_bytes, objective.most_bytes)
            begun += scale.steps
        return resize(canvas.start if painted is None else painted, canvas.content.shape[-2:])

    def objective_at(self, canvas: Canvas, scales: Sequence[Scale]) -> Objective:
        """What is minimised at the last of the sizes, the canvas's, while the strokes of smaller ones are kept."""
        coarser = self.coarser(scales[:-1], *canvas.content.shape[-2:], canvas.mask)
        temporal = TemporalLoss(canvas.held, canvas.mask) if canvas.held else None
        return self.objective(canvas.content, canvas.mask, coarser, temporal, scales[-1].area)

    def within_memory(self, make: Callable[[], Objective]) -> Objective:
        """What `make` gives, looked at in smaller pieces if memory runs out."""
        while True:
            try:
                return make()
            except RuntimeError as error:
                if not is_out_of_memory(error) or self.most_bytes <= LEAST_BYTES:
                    raise
            self.most_bytes = max(LEAST_BYTES, self.most_bytes // 2)

    def optimiser(self, x: torch.Tensor, mask: torch.Tensor | None, first_step: float) -> Optimiser:
        """The look's optimiser for a picture (1, 3, H, W); pixels outside the mask stay as they are."""
        fixed = None if mask is None else mask <= 0
        if self.look.optimiser == "adam":
            return Adam(x, self.look.learning_rate, fixed)
        return Lbfgs(x, fixed, first_step=first_step)

    def to_tensor(self, picture: np.ndarray) -> torch.Tensor:
        """(H, W, 3) in 0..255 -> (1, 3, H, W) in 0..1 on the device."""
        return torch.tensor(picture, device=self.device).permute(2, 0, 1)[None].float() / 255


def to_picture(x: torch.Tensor, kind: np.dtype) -> np.ndarray:
    """(1, 3, H, W) in 0..1 -> (H, W, 3) in 0..255, uint8 or float32."""
    values = x[0].permute(1, 2, 0) * 255
    if kind == np.uint8:
        return values.round().clamp(0, 255).byte().cpu().numpy()
    return values.float().clamp(0, 255).cpu().numpy()


def resize(picture: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """(1, C, H, W) at another height and width, in 0..1.

    Made smaller through a triangle filter, which leaves no ringing for the style loss to take for strokes; made larger
    cubically, which keeps edges.
    """
    if tuple(picture.shape[-2:]) == tuple(size):
        return picture
    mode = "bilinear" if size[0] * size[1] < picture.shape[-2] * picture.shape[-1] else "bicubic"
    return F.interpolate(picture, tuple(size), mode=mode, antialias=True, align_corners=False).clamp(0, 1)


def resize_to_area(picture: torch.Tensor, area: float) -> torch.Tensor:
    """(1, 3, H, W) with its shape kept and about `area` pixels, smoothed before it is made smaller."""
    height, width = picture.shape[-2:]
    factor = (area / (height * width)) ** 0.5
    return resize(picture, [max(16, round(side * factor)) for side in (height, width)])


def turned(picture: torch.Tensor, degrees: float) -> torch.Tensor:
    """(1, 3, H, W) rotated counter-clockwise and cropped to the largest upright rectangle without empty corners."""
    if degrees % 360 == 0:
        return picture
    if degrees % 90 == 0:
        return picture.rot90(int(degrees % 360) // 90, (-2, -1))
    height, width = picture.shape[-2:]
    angle = torch.deg2rad(torch.tensor(float(degrees)))
    cos, sin = angle.cos().item(), angle.sin().item()
    turn = torch.tensor([[cos, -sin * height / width, 0.0], [sin * width / height, cos, 0.0]])[None]
    grid = F.affine_grid(turn.to(picture.device), list(picture.shape), align_corners=False)
    full = F.grid_sample(picture, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
    # A rectangle of the picture's own shape fits inside the turned one when it is shrunk by this factor.
    shrink = 1 / max(abs(cos) + abs(sin) * height / width, abs(cos) + abs(sin) * width / height)
    rows, columns = (max(16, round(side * shrink)) for side in (height, width))
    top, left = (height - rows) // 2, (width - columns) // 2
    return full[..., top : top + rows, left : left + columns]
