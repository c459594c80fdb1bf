"""Paints one picture: targets, loss and the loop that minimises it over the pixels."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from ..job import Look, UserError
from ..weights import load_vgg19
from .encoder import Encoder
from .lbfgs import Lbfgs
from .losses import content_loss, gram_matrix, style_loss, total_variation

# Brings (3) and the variation to the size of (1) on photographs, so that a weight of 1 is a balanced painting.
STYLE_SCALE = 3e-4
VARIATION_SCALE = 10.0
# A step that multiplies the loss by more than this went astray.
ASTRAY = 4.0

# Called before each step with (steps done, loss); returns True to stop.
OnStep = Callable[[int, float], bool]


@dataclass(frozen=True)
class Targets:
    """What the painting shall agree with: content activations and style Gram matrices by layer."""

    content: dict[str, torch.Tensor]
    style: dict[str, torch.Tensor]


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
    """

    def __init__(self, look: Look, styles: Sequence[np.ndarray], device: torch.device) -> None:
        self.look, self.styles, self.device = look, styles, device
        self.encoder = Encoder(load_vgg19(), look.pooling).to(device)

    @functools.lru_cache(maxsize=4)  # noqa: B019 - a painter lives as long as its job
    def style_targets(self, height: int, width: int) -> dict[str, torch.Tensor]:
        """Mean Gram matrix of the style pictures per layer, each picture resized to the frame's area."""
        sums: dict[str, torch.Tensor] = {}
        with torch.no_grad():
            for style in self.styles:
                picture = resize_to_area(self.to_tensor(style), height * width)
                for name, features in self.encoder(picture, self.look.style_layers).items():
                    sums[name] = sums.get(name, 0) + gram_matrix(features) / len(self.styles)
        return sums

    def targets(self, content: np.ndarray) -> Targets:
        """The targets for a frame."""
        with torch.no_grad():
            features = self.encoder(self.to_tensor(content), self.look.content_layers)
        return Targets(features, self.style_targets(*content.shape[:2]))

    def paint(
        self,
        content: np.ndarray,
        start: np.ndarray,
        steps: int,
        region: np.ndarray | None = None,
        on_step: OnStep = lambda done, loss: False,
    ) -> np.ndarray:
        """Minimises equation (4) over the pixels from `start`, for `steps` steps.

        Args:
            content: the frame, (H, W, 3) uint8.
            start: the picture to begin from, (H, W, 3) uint8.
            region: where to paint, (H, W) in 0..1; None paints everywhere. Pixels where it is 0 stay as in `start`.

        Returns:
            The painted picture, (H, W, 3) uint8; meaningful only inside the region.
        """
        targets = self.targets(content)
        mask = None if region is None else torch.from_numpy(region).float()[None, None].to(self.device)
        x, optimiser = self.to_tensor(start), Lbfgs()
        best, least = x, float("inf")
        for done in range(steps + 1):  # one look more than steps: the last only judges the last step
            loss, gradient = self.loss_and_gradient(x, targets, mask)
            if not loss <= ASTRAY * least:  # also when it is not a number
                optimiser.forget()
                loss, gradient = self.loss_and_gradient(best, targets, mask)
                x = best
            if loss < least:
                best, least = x, loss
            if done == steps or on_step(done, loss):
                break
            x = optimiser.step(x, gradient)
        return to_picture(best)

    def loss_and_gradient(
        self, x: torch.Tensor, targets: Targets, mask: torch.Tensor | None = None
    ) -> tuple[float, torch.Tensor]:
        """Equation (4) at x (1, 3, H, W) and its gradient there, which is zero where the mask is."""
        x = x.detach().requires_grad_()
        loss = self.loss(x, targets, mask)
        (gradient,) = torch.autograd.grad(loss, x)
        return loss.item(), gradient if mask is None else gradient * (mask > 0)

    def loss(self, x: torch.Tensor, targets: Targets, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Equation (4): content, style and total variation, weighted as the look says."""
        look = self.look
        features = self.encoder(x, (*look.content_layers, *look.style_layers))
        masks = {name: layer_mask(mask, f) for name, f in features.items()}
        content = sum(content_loss(features[n], targets.content[n], masks[n]) for n in look.content_layers)
        style = sum(style_loss(gram_matrix(features[n], masks[n]), targets.style[n]) for n in look.style_layers)
        return (
            look.content_weight * content
            + look.style_weight * STYLE_SCALE * style
            + look.smoothness * VARIATION_SCALE * total_variation(x)
        )

    def to_tensor(self, picture: np.ndarray) -> torch.Tensor:
        """(H, W, 3) uint8 -> (1, 3, H, W) in 0..1 on the device."""
        return torch.from_numpy(picture).to(self.device).permute(2, 0, 1)[None].float() / 255


def to_picture(x: torch.Tensor) -> np.ndarray:
    """(1, 3, H, W) in 0..1 -> (H, W, 3) uint8."""
    return (x[0].permute(1, 2, 0) * 255).round().clamp(0, 255).byte().cpu().numpy()


def layer_mask(mask: torch.Tensor | None, features: torch.Tensor) -> torch.Tensor | None:
    """A region mask (1, 1, H, W) brought to a layer's grid by averaging."""
    return None if mask is None else F.adaptive_avg_pool2d(mask, features.shape[-2:])


def resize_to_area(picture: torch.Tensor, area: int) -> torch.Tensor:
    """(1, 3, H, W) with its shape kept and about `area` pixels, smoothed before it is made smaller."""
    height, width = picture.shape[-2:]
    factor = (area / (height * width)) ** 0.5
    size = [max(16, round(side * factor)) for side in (height, width)]
    return F.interpolate(picture, size, mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)
