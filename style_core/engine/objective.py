"""Equation (4) for one frame at one size, and its gradient, in one piece or tile by tile.

Nothing here waits for a number from the device.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from ..job import Look
from .encoder import Encoder
from .losses import CovarianceDistance, GramDistance, Moments, moments, squared_difference, total_variation
from .precision import matching
from .tiles import Tile, plan_tiles, stride

# Bring (3) and the variation to the size of (1) on photographs, so that a weight of 1 is a balanced painting: chosen by
# eye on a town, a face and an animated film in two styles.
STYLE_SCALES = {"gram": 1.5e-4, "covariance": 5.0}
VARIATION_SCALES = {"gram": 5.0, "covariance": 0.75}
# By how much gradients are made smaller that have left the range of float16.
OVERFLOW = 1 / 16
# Where smaller pieces would be all margin.
LEAST_PIXELS = 64 * 64


@dataclass(frozen=True)
class Targets:
    """What the painting shall agree with."""

    content: dict[str, torch.Tensor]
    """Activations of the frame by content layer, (1, N, H, W)."""
    style: dict[str, GramDistance | CovarianceDistance]
    """Distance to the style pictures by style layer."""


def layer_weights(layers: Sequence[str], weights: Sequence[float]) -> dict[str, float]:
    """Weight by layer; no weights: all equal."""
    return dict(zip(layers, weights or [1.0] * len(layers), strict=True))


class Objective:
    """What is minimised over the pixels of one frame.

    Args:
        encoder: sees the painting.
        look: layers, weights and losses.
        targets: what the painting shall agree with.
        mask: where to paint, (1, 1, H, W) in 0..1; None: everywhere.
        most_pixels: larger frames are cut into tiles of at most this size.
        coarser: the same frame at smaller sizes, whose style loss counts as well, so that what is painted there is
            kept while finer strokes are added.
    """

    def __init__(
        self,
        encoder: Encoder,
        look: Look,
        targets: Targets,
        mask: torch.Tensor | None,
        most_pixels: int,
        coarser: Sequence["Coarser"] = (),
    ) -> None:
        self.encoder, self.look, self.targets, self.mask = encoder, look, targets, mask
        self.most_pixels, self.coarser = most_pixels, coarser
        weights = layer_weights(look.content_layers, look.content_layer_weights)
        self.content = weights if look.content_weight else {}
        self.style = layer_weights(look.style_layers, look.style_layer_weights)
        self.layers = (*self.content, *self.style)
        self.masks = {name: layer_mask(mask, name) for name in self.layers}
        # Lowered when gradients have left the range of float16.
        self.headroom = torch.ones((), device=encoder.mean.device)
        # Of the evaluation before.
        self.known_loss = torch.zeros((), device=encoder.mean.device)

    def evaluate(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Equation (4) at x (1, 3, H, W), (), and its gradient there, which is zero where the mask is."""
        tiles = self.tiles(x)
        with matching(self.encoder.precision):
            loss, gradient = self.in_one_piece(x) if len(tiles) == 1 else self.tile_by_tile(x, tiles)
        self.known_loss.copy_(torch.nan_to_num(loss))
        smoothing = (self.variation,) if self.look.smoothness else ()
        for further in (*smoothing, *self.coarser):
            value, slope = further(x)
            loss, gradient = loss + value, gradient + slope
        return loss, gradient if self.mask is None else gradient * (self.mask > 0)

    def tiles(self, x: torch.Tensor) -> list[Tile]:
        """The pieces in which x is computed."""
        return plan_tiles(*x.shape[-2:], self.layers, self.most_pixels)

    def cut_smaller(self, x: torch.Tensor) -> bool:
        """Halves the pieces of x; False if they are as small as is of use."""
        if self.most_pixels <= LEAST_PIXELS:
            return False
        self.most_pixels = max(LEAST_PIXELS, min(self.most_pixels, x.shape[-2] * x.shape[-1]) // 2)
        for coarse in self.coarser:
            coarse.objective.most_pixels = self.most_pixels
        return True

    def gradient_scale(self, loss: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """What the loss is multiplied by on the way back, (): only float16 has so few exponents that it matters.

        A pixel's share in the loss is about what its gradient is like; that is brought near 1, in the middle of the
        range in which gradients were found to be exact: a million times smaller and a thousand times larger. Between
        the passes over tiles only the style loss is known: what content adds is taken from the evaluation before.
        """
        if self.encoder.precision != torch.float16:
            return torch.ones_like(loss)
        known = torch.maximum(loss.detach(), self.known_loss).clamp_min(1e-30)
        return self.headroom * (x.shape[-2] * x.shape[-1]) / known

    def lower_gradients(self) -> None:
        """Makes the factor smaller, after gradients have left the range of float16."""
        for objective in (self, *(coarse.objective for coarse in self.coarser)):
            objective.headroom *= OVERFLOW

    def in_one_piece(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Content and style, and their gradient, with all activations in memory at once."""
        x = x.detach().requires_grad_()
        features = self.encoder(x, self.layers)
        found = {name: self.moments(features[name], self.masks[name]) for name in self.style}
        loss = self.style_part(found)
        for name, weight in self.content.items():
            difference = squared_difference(features[name], self.targets.content[name], self.masks[name])
            loss = loss + weight * self.content_share(name) * difference
        scale = self.gradient_scale(loss, x)
        (gradient,) = torch.autograd.grad(loss, x, scale)
        return loss.detach(), gradient / scale

    def moments(self, features: torch.Tensor, mask: torch.Tensor | None) -> Moments:
        """Sums over positions, in the network's own units."""
        return moments(features, mask, self.encoder.unit)

    def tile_by_tile(self, x: torch.Tensor, tiles: Sequence[Tile]) -> tuple[torch.Tensor, torch.Tensor]:
        """The same in two passes over tiles: one adds up the moments, one brings the gradient back to the pixels.

        The style loss is a function of the moments alone. Its gradient with respect to them, found between the passes,
        is what each tile's own moments are weighted with in the second pass; that is the chain rule, and no
        approximation.
        """
        found = self.moments_of(x, tiles)
        leaves = {name: Moments(*(t.detach().requires_grad_() for t in found[name])) for name in self.style}
        loss = self.style_part(leaves)
        flat = [leaves[name][i] for name in self.style for i in range(2)]
        slopes = iter(torch.autograd.grad(loss, flat, allow_unused=True))
        pulls = {name: (next(slopes), next(slopes)) for name in self.style}
        loss, gradient, scale = loss.detach(), torch.zeros_like(x), self.gradient_scale(loss, x)
        for tile in tiles:
            part = tile.crop(x).detach().requires_grad_()
            share = self.tile_share(tile, self.encoder(part, self.layers), pulls)
            (back,) = torch.autograd.grad(sum(share), part, scale)
            tile.crop(gradient).add_(back)
            loss = loss + share[0].detach()
        return loss, gradient / scale

    def moments_of(self, x: torch.Tensor, tiles: Sequence[Tile]) -> dict[str, Moments]:
        """The moments of the whole frame by style layer."""
        sums: dict[str, Moments] = {}
        with torch.no_grad():
            for tile in tiles:
                features = self.encoder(tile.crop(x), self.style)
                for name in self.style:
                    own = self.moments(tile.core_of(features[name], name), self.mask_in(tile, name))
                    sums[name] = sums[name].plus(own) if name in sums else own
        return sums

    def tile_share(
        self,
        tile: Tile,
        features: dict[str, torch.Tensor],
        pulls: dict[str, tuple[torch.Tensor | None, torch.Tensor | None]],
    ) -> list[torch.Tensor]:
        """The tile's content loss, and a stand-in for the style loss that has its gradient here."""
        content = torch.zeros((), device=self.encoder.mean.device)
        for name, weight in self.content.items():
            target = tile.part_of(self.targets.content[name], name)
            difference = squared_difference(tile.core_of(features[name], name), target, self.mask_in(tile, name))
            content = content + weight * self.content_share(name) * difference
        stand_in = torch.zeros_like(content)
        for name, (gram, mean) in pulls.items():
            own = self.moments(tile.core_of(features[name], name), self.mask_in(tile, name))
            stand_in = stand_in + (own.gram * gram).sum()
            stand_in = stand_in if mean is None else stand_in + (own.mean * mean).sum()
        return [content, stand_in]

    def style_part(self, found: dict[str, Moments]) -> torch.Tensor:
        """Equation (3) over all style layers, weighted; `found` are sums over the frame."""
        losses = [w * self.targets.style[n](found[n].per_position()) for n, w in self.style.items()]
        return self.look.style_weight * STYLE_SCALES[self.look.style_loss] * sum(losses)

    def content_share(self, name: str) -> float | torch.Tensor:
        """What a layer's summed squared difference is multiplied by for equation (1)."""
        target, mask = self.targets.content[name], self.masks[name]
        weight = self.look.content_weight / self.encoder.unit**2
        return weight / (target.numel() if mask is None else (mask.sum() * target.shape[1]).clamp_min(1e-6))

    def mask_in(self, tile: Tile, name: str) -> torch.Tensor | None:
        """The mask of a layer inside a tile's core."""
        mask = self.masks[name]
        return mask if mask is None else tile.part_of(mask, name)

    def variation(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Total variation, weighted, and its gradient."""
        x = x.detach().requires_grad_()
        loss = self.look.smoothness * VARIATION_SCALES[self.look.style_loss] * total_variation(x)
        (gradient,) = torch.autograd.grad(loss, x)
        return loss.detach(), gradient


class Coarser:
    """The style loss of a frame seen at a smaller size, as a function of the frame at its own.

    Args:
        objective: with style alone, at the smaller size.
        small, whole: height and width of the smaller size, and of the frame.
        weight: of its loss.
    """

    def __init__(self, objective: Objective, small: Sequence[int], whole: Sequence[int], weight: float) -> None:
        self.objective, self.weight = objective, weight
        device = objective.encoder.mean.device
        self.down, self.across = (shrinking(*pair).to(device) for pair in zip(whole, small, strict=True))

    def __call__(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Weighted loss at x (1, 3, H, W), and its gradient there."""
        loss, gradient = self.objective.evaluate(self.down @ x @ self.across.T)
        return self.weight * loss, self.weight * (self.down.T @ gradient @ self.across)


def shrinking(length: int, shorter: int) -> torch.Tensor:
    """The matrix (shorter, length) that makes a side shorter through a cubic filter.

    It is as sharp as what people see a preview through: a triangle would let the large picture become too sharp, a box
    too soft. As a matrix, its transpose brings gradients back in the same order every time; torch's own way back has no
    order on CUDA.
    """
    units = torch.eye(length)[None, None]
    return F.interpolate(units, (shorter, length), mode="bicubic", antialias=True, align_corners=False)[0, 0]


def layer_mask(mask: torch.Tensor | None, name: str) -> torch.Tensor | None:
    """A region mask (1, 1, H, W) brought to a layer's grid by averaging."""
    if mask is None:
        return None
    height, width = mask.shape[-2:]
    # On the processor: MPS refuses sizes that are no multiple of the layer's.
    small = F.adaptive_avg_pool2d(mask.cpu(), (height // stride(name), width // stride(name)))
    return small.to(mask.device)
