"""Keeping the source's own colours (Gatys et al. 2017, "Controlling Perceptual Factors in Neural Style Transfer").

All pictures are (1, 3, H, W), display-referred RGB in 0..1.
"""

import torch

# Share of each channel in the brightness that the eye sees (ITU-R BT.709).
LUMA = (0.2126, 0.7152, 0.0722)
# Added to the variances of colours: a style picture without any would be divided by zero.
LEAST_VARIANCE = 1e-4


def luma(picture: torch.Tensor) -> torch.Tensor:
    """Brightness, (1, 1, H, W)."""
    return (picture * picture.new_tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)


def chroma(picture: torch.Tensor) -> torch.Tensor:
    """What a picture has beyond its brightness, (1, 3, H, W); its own luma is zero."""
    return picture - luma(picture)


def lay_colours(bright: torch.Tensor, colours: torch.Tensor) -> torch.Tensor:
    """The picture with a brightness (1, 1, H, W) and a chroma, made paler only where it would leave 0..1.

    Clipping instead would change hue and brightness.
    """
    bright = bright.clamp(0, 1)
    room = torch.where(colours > 0, 1 - bright, bright) / colours.abs().clamp_min(1e-6)
    return bright + colours * room.amin(1, keepdim=True).clamp(max=1)


def recoloured(style: torch.Tensor, source: torch.Tensor, how: str, strength: float) -> torch.Tensor:
    """A style picture prepared for keeping the colours of `source`.

    Args:
        style: the style picture.
        source: a picture with the colours to keep, of any size.
        how: "luminance": without its chroma, and as bright and contrasty as the source; "statistics": its colours moved
            so that their mean and covariance are the source's.
        strength: how far, 0..1.
    """
    if how == "luminance":
        bright, other = luma(style), luma(source)
        matched = (bright - bright.mean()) * (other.std() / bright.std().clamp_min(1e-3)) + other.mean()
        goal = matched.expand_as(style)
    else:
        goal = with_statistics(style, source)
    return torch.lerp(style, goal, strength).clamp(0, 1)


def with_statistics(style: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
    """The style picture's colours moved by the linear map that gives them the source's mean and covariance.

    Of all such maps it is the one that moves colours the least (Monge's map between Gaussians, Pitie and Kokaram 2007):
    A = S^-1/2 (S^1/2 C S^1/2)^1/2 S^-1/2 with covariances S of the style and C of the source.
    """
    (mean, S), (goal, C) = statistics(style), statistics(source)
    root = power(S, 0.5)
    inverse = power(S, -0.5)
    A = inverse @ power(root @ C @ root, 0.5) @ inverse
    colours = style[0].flatten(1).cpu().double()  # (3, H * W)
    return (A @ (colours - mean) + goal).view_as(style).to(style)


def statistics(picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean (3, 1) and covariance (3, 3) of a picture's colours, float64, on the processor."""
    colours = picture[0].flatten(1).cpu().double()
    mean = colours.mean(1, keepdim=True)
    spread = (colours - mean) @ (colours - mean).T / colours.shape[1]
    return mean, spread + LEAST_VARIANCE * torch.eye(3, dtype=torch.float64)


def power(symmetric: torch.Tensor, exponent: float) -> torch.Tensor:
    """A positive definite matrix to a power."""
    values, vectors = torch.linalg.eigh(symmetric)
    return (vectors * values.clamp_min(1e-12).pow(exponent)) @ vectors.T
