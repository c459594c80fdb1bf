"""Paints one picture: targets, sizes from coarse to fine, and the loop that minimises the loss over the pixels."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch.nn import functional as F

from ..job import Look, UserError
from ..weights import load_vgg19
from .encoder import Encoder
from .lbfgs import Lbfgs
from .losses import Moments, moments
from .memory import budget, is_out_of_memory
from .objective import Objective, Targets
from .precision import choose_precision, matching
from .scales import Scale
from .tiles import bytes_per_pixel, plan_tiles, stride

# A step that multiplies the loss by more than this went astray.
ASTRAY = 4.0
# Where smaller pieces would be all margin.
LEAST_PIXELS = 64 * 64

# Called before each step with (steps done, loss); returns True to stop.
OnStep = Callable[[int, float], bool]


def choose_device(name: str) -> torch.device:
    """The device called "auto", "cpu", "cuda" or "mps"; raises UserError if this machine has none such."""
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(kind for kind, is_present in present.items() if is_present)
    if not present[name]:
        raise UserError(f"Device '{name}' is not available on this machine; choose auto or cpu.")
    return torch.device(name)


class Painter:
    """Paints pictures of one look on one device. All pictures are (H, W, 3) uint8 RGB arrays.

    Args:
        look: what to minimise.
        styles: the style pictures, of any size.
        device: where to compute.
        precision: one of PRECISIONS.
        most_pixels: larger frames are computed in pieces of at most this size; None: as memory allows.
    """

    def __init__(
        self,
        look: Look,
        styles: Sequence[np.ndarray],
        device: torch.device,
        precision: str,
        most_pixels: int | None = None,
    ) -> None:
        self.look, self.styles, self.device = look, styles, device
        self.precision = choose_precision(precision, device)
        self.encoder = Encoder(load_vgg19(), look.pooling, self.precision).to(device)
        self.layers = (*look.content_layers, *look.style_layers)
        self.most_pixels = most_pixels or self.affordable_pixels()
        self.known_styles: dict[tuple[int, int], dict[str, Moments]] = {}

    def affordable_pixels(self) -> int:
        """The largest piece of a frame whose gradient fits into the free memory."""
        each = bytes_per_pixel(self.layers, self.precision.itemsize)
        return max(LEAST_PIXELS, budget(self.device) // each)

    def style_targets(self, height: int, width: int) -> dict[str, Moments]:
        """Moments per position of the style pictures' mix for frames of a size, which are found once for each size."""
        if (height, width) not in self.known_styles:
            self.known_styles[height, width] = self.mixed_styles(height * width * self.look.brush_size**2)
        return self.known_styles[height, width]

    def mixed_styles(self, area: float) -> dict[str, Moments]:
        """Moments per position of the style pictures, each brought to `area` pixels, mixed by their shares."""
        shares = self.look.style_shares or [1.0] * len(self.styles)
        mix: dict[str, Moments] = {}
        for style, share in zip(self.styles, shares, strict=True):
            picture = resize_to_area(turned(self.to_tensor(style), self.look.rotation), area)
            for name, own in self.moments_of(picture).items():
                own = Moments(*(t * (share / sum(shares)) for t in own.per_position()))
                mix[name] = mix[name].plus(own) if name in mix else own
        return mix

    def moments_of(self, picture: torch.Tensor) -> dict[str, Moments]:
        """Moments of a picture's activations by style layer, tile by tile."""
        sums: dict[str, Moments] = {}
        with torch.no_grad():
            for tile in plan_tiles(*picture.shape[-2:], self.look.style_layers, self.most_pixels):
                features = self.encoder(tile.crop(picture), self.look.style_layers)
                for name in self.look.style_layers:
                    own = moments(tile.core_of(features[name], name))
                    sums[name] = sums[name].plus(own) if name in sums else own
        return sums

    def content_targets(self, picture: torch.Tensor) -> dict[str, torch.Tensor]:
        """Activations of a frame by content layer, put together from tiles."""
        height, width = picture.shape[-2:]
        whole: dict[str, torch.Tensor] = {}
        with torch.no_grad():
            for tile in plan_tiles(height, width, self.look.content_layers, self.most_pixels):
                for name, features in self.encoder(tile.crop(picture), self.look.content_layers).items():
                    step = stride(name)
                    if name not in whole:
                        size = (1, features.shape[1], height // step, width // step)
                        whole[name] = features.new_empty(size).contiguous(memory_format=torch.channels_last)
                    tile.part_of(whole[name], name).copy_(tile.core_of(features, name))
        return whole

    def objective(self, content: torch.Tensor, mask: torch.Tensor | None) -> Objective:
        """What is minimised for a frame (1, 3, H, W) at its own size."""
        targets = Targets(self.content_targets(content), self.style_targets(*content.shape[-2:]))
        return Objective(self.encoder, self.look, targets, mask, self.most_pixels)

    def paint(
        self,
        content: np.ndarray,
        start: np.ndarray,
        scales: Sequence[Scale],
        region: np.ndarray | None = None,
        on_step: OnStep = lambda done, loss: False,
    ) -> np.ndarray:
        """Minimises equation (4) over the pixels from `start`, at one size after the other.

        Args:
            content: the frame, (H, W, 3) uint8.
            start: the picture to begin from, (H, W, 3) uint8.
            scales: the sizes from coarse to fine and the steps at each; the last is the frame's own.
            region: where to paint, (H, W) in 0..1; None paints everywhere. Pixels where it is 0 stay as in `start`.
            on_step: told of steps over all sizes; True ends the work with what there is.

        Returns:
            The painted picture, (H, W, 3) uint8; meaningful only inside the region.
        """
        whole, first = self.to_tensor(content), self.to_tensor(start)
        mask = None if region is None else torch.from_numpy(region).float()[None, None].to(self.device)
        x, painted, begun = first, None, 0
        for scale in scales:
            size = (scale.height, scale.width)
            own_start, own_mask = resize(first, size), mask if mask is None else resize(mask, size)
            x = own_start if painted is None else resize(painted, size)
            # Outside the region, and at the frame's own size, nothing may come back from a smaller size.
            x = x if own_mask is None else torch.where(own_mask > 0, x, own_start)
            objective = self.objective(resize(whole, size), own_mask)
            stopped = False

            def tell(done: int, loss: float, begun: int = begun) -> bool:
                nonlocal stopped
                stopped = on_step(begun + done, loss)
                return stopped

            painted = self.minimise(objective, x, scale.steps, tell)
            begun += scale.steps
            if stopped:
                break
        return to_picture(resize(painted, whole.shape[-2:]))

    def minimise(self, objective: Objective, x: torch.Tensor, steps: int, on_step: OnStep) -> torch.Tensor:
        """The best x that `steps` steps from x lead to, (1, 3, H, W)."""
        fixed = None if objective.mask is None else objective.mask <= 0
        optimiser = Lbfgs(x.shape, fixed)
        best, least = x, float("inf")
        with matching(self.precision):
            for done in range(steps + 1):  # one look more than steps: the last only judges the last step
                loss, gradient = self.evaluate(objective, x)
                if not loss <= ASTRAY * least:  # also when it is not a number
                    optimiser.forget()
                    loss, gradient = self.evaluate(objective, best)
                    x = best
                if loss < least:
                    best, least = x, loss
                if done == steps or on_step(done, loss):
                    break
                x = optimiser.step(x, gradient)
        return best

    def evaluate(self, objective: Objective, x: torch.Tensor) -> tuple[float, torch.Tensor]:
        """Loss and gradient; a frame that does not fit into memory is computed in smaller pieces from then on."""
        while True:
            try:
                loss, gradient = objective.evaluate(x)
                return loss.item(), gradient
            except RuntimeError as error:
                if not is_out_of_memory(error) or objective.most_pixels <= LEAST_PIXELS:
                    raise
            if self.device.type == "cuda":
                torch.cuda.empty_cache()
            pixels = min(objective.most_pixels, x.shape[-2] * x.shape[-1])
            objective.most_pixels = self.most_pixels = max(LEAST_PIXELS, pixels // 2)

    def to_tensor(self, picture: np.ndarray) -> torch.Tensor:
        """(H, W, 3) uint8 -> (1, 3, H, W) in 0..1 on the device."""
        return torch.tensor(picture, device=self.device).permute(2, 0, 1)[None].float() / 255


def to_picture(x: torch.Tensor) -> np.ndarray:
    """(1, 3, H, W) in 0..1 -> (H, W, 3) uint8."""
    return (x[0].permute(1, 2, 0) * 255).round().clamp(0, 255).byte().cpu().numpy()


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
