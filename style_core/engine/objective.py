"""Equation (4) for one frame at one size, and its gradient, in one piece or in bands.

Nothing here waits for a number from the device.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch.nn import functional as F

from ..job import Look
from .backwards import Addition, joined, joined_below_pool, like_activations
from .bands import Band, Plan, all_whole, stride
from .encoder import Encoder
from .losses import (
    STYLE_DISTANCES,
    Moments,
    StyleDistance,
    moments,
    rows_of,
    second_moment_back,
    squared_difference,
    total_variation,
)
from .precision import matching
from .temporal import TemporalLoss

# Brings (1) to a size at which a weight of 1 is a balanced painting, as `StyleDistance.scale` does with (3).
CONTENT_SCALE = 3.0
# A picture that is all one colour leaves layers without any energy.
LEAST_ENERGY = 0.01  # of the usual
# By how much gradients are made smaller that have left the range of float16.
OVERFLOW = 1 / 16
# Where bands would be all margin.
LEAST_BYTES = 1 << 20


@dataclass(frozen=True)
class Targets:
    """What the painting shall agree with."""

    content: dict[str, torch.Tensor]
    """Activations of the frame by content layer, (1, N, H, W)."""
    style: dict[str, StyleDistance]
    """Distance to the style pictures by style layer."""


@dataclass(frozen=True)
class Seen:
    """What a band's own activations add to the loss, and what it hands on."""

    moments: dict[str, Moments]
    """By style layer: sums over the core."""
    content: torch.Tensor
    """Equation (1) over the core, weighted, ()."""
    pooled: torch.Tensor | None
    """The core for the next block, (1, N, h / 2, W / 2); None after the last."""
    features: dict[str, torch.Tensor]
    """Outer activations by layer, where they are kept for the way back."""


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
        most_bytes: what activations may take at once (see `bands`).
        coarser: the same frame at smaller sizes, whose style loss counts as well, so that what is painted there is
            kept while finer strokes are added.
        temporal: what holds earlier paint; None: nothing.
        by_gradient: how the mask is heeded. The losses are those of what is inside (Gatys et al. 2017), or with this
            those of the whole picture, and their gradient is multiplied by the mask.
    """

    def __init__(
        self,
        encoder: Encoder,
        look: Look,
        targets: Targets,
        mask: torch.Tensor | None,
        most_bytes: int,
        coarser: Sequence["Coarser"] = (),
        temporal: TemporalLoss | None = None,
        by_gradient: bool = False,
    ) -> None:
        self.encoder, self.look, self.targets = encoder, look, targets
        # What the gradient is multiplied by, and what the losses are limited to.
        self.let_through = mask if mask is None or by_gradient else (mask > 0).to(mask.dtype)
        self.mask = None if by_gradient else mask
        self.most_bytes, self.coarser, self.temporal = most_bytes, coarser, temporal
        weights = layer_weights(look.content_layers, look.content_layer_weights)
        self.content = weights if look.content_weight else {}
        # The style loss is a mean over the sizes, so that content counts as much in a large frame as in its preview.
        self.style_share = 1 / (1 + sum(coarse.weight for coarse in coarser))
        self.style = layer_weights(look.style_layers, look.style_layer_weights)
        self.measure = STYLE_DISTANCES[look.style_loss]
        usual = self.measure.energies
        self.evenness = {n: usual[n] / targets.style[n].energy.clamp_min(LEAST_ENERGY * usual[n]) for n in self.style}
        self.layers = (*self.content, *self.style)
        self.masks = {name: layer_mask(self.mask, name) for name in self.layers}
        # Lowered when gradients have left the range of float16.
        self.headroom = torch.ones((), device=encoder.mean.device)

    def evaluate(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Equation (4) at x (1, 3, H, W), (), and its gradient there, which is zero where the mask is."""
        with matching(self.encoder.precision):
            loss, gradient = self.content_and_style(x)
        for coarse in self.coarser:
            value, slope = coarse(x)
            loss, gradient = loss + self.style_share * value, gradient + self.style_share * slope
        smoothing = (self.variation,) if self.look.smoothness else ()
        holding = (self.temporal,) if self.temporal else ()
        for further in (*smoothing, *holding):
            value, slope = further(x)
            loss, gradient = loss + value, gradient + slope
        return loss, gradient if self.let_through is None else gradient * self.let_through

    def plan(self, x: torch.Tensor) -> Plan:
        """The bands in which x is computed."""
        return self.encoder.plan(x, self.layers, self.most_bytes)

    def is_whole(self, x: torch.Tensor) -> bool:
        """Whether all activations of x fit into memory at once."""
        return all_whole(self.plan(x))

    def cut_smaller(self, x: torch.Tensor) -> bool:
        """Has x computed in less memory; False if bands are as small as is of use."""
        if self.most_bytes <= LEAST_BYTES:
            return False
        self.most_bytes //= 2
        while self.most_bytes > LEAST_BYTES and self.is_whole(x):
            self.most_bytes //= 2
        for coarse in self.coarser:
            coarse.objective.most_bytes = self.most_bytes
        return True

    def gradient_scale(self, loss: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """What the loss is multiplied by on the way back, (): only float16 has so few exponents that it matters.

        A pixel's share in the loss is about what its gradient is like; that is brought near 1, in the middle of the
        range in which gradients were found to be exact: a million times smaller and a thousand times larger.
        """
        if self.encoder.precision != torch.float16:
            return torch.ones_like(loss)
        return self.headroom * (x.shape[-2] * x.shape[-1]) / loss.clamp_min(1e-30)

    def lower_gradients(self) -> None:
        """Makes the factor smaller, after gradients have left the range of float16."""
        for objective in (self, *(coarse.objective for coarse in self.coarser)):
            objective.headroom *= OVERFLOW

    def content_and_style(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Equations (1) and (3), weighted, and their gradient.

        On the way forwards all bands add up their moments and their share of the content loss. The style loss is a
        function of the moments alone: its gradient with respect to them, found in between, is what every band's own
        moments are weighted with on the way back. That is the chain rule, and no approximation.
        """
        way, source = [], x
        plan = self.plan(x)
        with torch.no_grad():
            for bands in plan:
                keep = len(bands) == 1
                seen = [self.see(band, band.crop(source), bands is plan[-1]) for band in bands]
                handed_on = [one.pooled for one in seen if one.pooled is not None]
                # What does not fit is computed once more on the way back.
                seen = seen if keep else [replace(one, pooled=None, features={}) for one in seen]
                way.append((source, list(zip(bands, seen, strict=True))))
                source = torch.cat(handed_on, -2) if len(handed_on) > 1 else handed_on[0] if handed_on else source
                del handed_on
        everything = [one for _, pairs in way for _, one in pairs]
        loss, slopes = self.style_and_slopes(everything)
        loss = loss + sum(one.content for one in everything)
        scale = self.gradient_scale(loss, x)
        slopes = {key: slope * scale for key, slope in slopes.items()}
        back = None
        with torch.no_grad():
            while way:
                source, pairs = way.pop()
                back = self.pass_back(source, pairs, slopes, scale, back)
        return loss, back / scale

    def see(self, band: Band, part: torch.Tensor, is_last: bool) -> Seen:
        """Passes the outer rows `part` of a block's input."""
        features = self.encoder.pass_block(part, band.block)
        content = torch.zeros((), device=self.encoder.mean.device)
        found, core = {}, None
        for name, activations in features.items():
            core, mask = band.core_of(activations), self.mask_in(band, name)
            if name in self.style:
                found[name] = moments(core, mask, self.encoder.unit, self.measure.needs_means)
            if name in self.content:
                target = band.part_of(self.targets.content[name])
                share = self.content[name] * self.content_share(name)
                content = content + share * squared_difference(core, target, mask)
        return Seen(found, content, None if is_last else self.encoder.pool(core), features)

    def mask_in(self, band: Band, name: str) -> torch.Tensor | None:
        """The mask's part in a band's core on a layer's grid; None where everything is painted."""
        mask = self.masks.get(name)
        return mask if mask is None else band.part_of(mask)

    def style_and_slopes(self, everything: Sequence[Seen]) -> tuple[torch.Tensor, dict[tuple[str, int], torch.Tensor]]:
        """Equation (3), weighted, and its gradient by style layer and kind of moment."""
        leaves = {}
        for name in self.style:
            parts = [one.moments[name] for one in everything if name in one.moments]
            total = Moments(*(sum(kind).detach() for kind in zip(*parts, strict=True)))
            leaves[name] = Moments(*(kind.requires_grad_() for kind in total))
        loss = self.style_part(leaves)
        keys = [(name, kind) for name in self.style for kind in range(2)]
        slopes = torch.autograd.grad(loss, [leaves[name][kind] for name, kind in keys], allow_unused=True)
        return loss.detach(), {key: slope for key, slope in zip(keys, slopes, strict=True) if slope is not None}

    def pass_back(
        self,
        source: torch.Tensor,
        pairs: Sequence[tuple[Band, Seen]],
        slopes: dict[tuple[str, int], torch.Tensor],
        scale: torch.Tensor,
        back: torch.Tensor | None,
    ) -> torch.Tensor:
        """The gradient of a block's input from that of its output `back`, and from what its own layers add."""
        total = None if len(pairs) == 1 else torch.zeros_like(source)
        for band, one in pairs:
            if not one.features:
                one = self.see(band, band.crop(source), is_last=back is None)
            gradient = self.block_back(
                band, one.features, slopes, scale, back if back is None else band.pooled_part_of(back)
            )
            if total is None:
                return gradient
            band.crop(total).add_(gradient)
        return total

    def block_back(
        self,
        band: Band,
        features: dict[str, torch.Tensor],
        slopes: dict[tuple[str, int], torch.Tensor],
        scale: torch.Tensor,
        back: torch.Tensor | None,
    ) -> torch.Tensor:
        """The gradient of a band's outer input from that of its pooled core `back`."""
        gradient = None
        for name in reversed(band.block.layers):
            activations = features[name]
            additions = self.additions(band, name, band.core_of(activations), slopes, scale)
            if back is not None:
                gradient = joined_below_pool(activations, back, additions, band.inner, self.encoder.pool)
            else:
                gradient = joined(activations, gradient, additions, band.inner)
            gradient, back = self.encoder.layer_back(name, gradient), None
        return gradient

    def additions(
        self,
        band: Band,
        name: str,
        core: torch.Tensor,
        slopes: dict[tuple[str, int], torch.Tensor],
        scale: torch.Tensor,
    ) -> list[Addition]:
        """What the losses add to the gradient of a layer's activations in a band's core."""
        found, mask, unit = [], self.mask_in(band, name), self.encoder.unit
        if (name, 0) in slopes:
            rows, factor = second_moment_back(rows_of(core), slopes[name, 0] / unit**2)
            values = like_activations(rows, core)
            found.append(Addition(values if mask is None else (values * mask).to(values.dtype), factor))
        if (name, 1) in slopes:
            values = (slopes[name, 1] / unit).view(1, -1, 1, 1)
            found.append(Addition((values if mask is None else values * mask).to(core.dtype).expand_as(core), None))
        if name in self.content:
            values = core - band.part_of(self.targets.content[name])
            pull = 2 * scale * self.content[name] * self.content_share(name)
            found.append(Addition(values if mask is None else (values * mask).to(values.dtype), pull))
        return found

    def style_part(self, found: dict[str, Moments]) -> torch.Tensor:
        """Equation (3) over all style layers, weighted; `found` are sums over the frame."""
        losses = [w * self.evenness[n] * self.targets.style[n](found[n].per_position()) for n, w in self.style.items()]
        return self.style_share * self.look.style_weight * self.measure.scale * sum(losses)

    def content_share(self, name: str) -> float | torch.Tensor:
        """What a layer's summed squared difference is multiplied by for equation (1)."""
        target, mask = self.targets.content[name], self.masks[name]
        weight = CONTENT_SCALE * self.look.content_weight / self.encoder.unit**2
        return weight / (target.numel() if mask is None else (mask.sum() * target.shape[1]).clamp_min(1e-6))

    def variation(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Total variation, weighted, and its gradient."""
        x = x.detach().requires_grad_()
        # Of what is painted, as the other losses are: the rest does not change.
        share = 1.0 if self.mask is None else self.mask.mean().clamp_min(1e-6)
        loss = self.look.smoothness * self.measure.variation_scale / share * total_variation(x)
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
        # What may change, the frame's own mask tells.
        objective.let_through = None
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
