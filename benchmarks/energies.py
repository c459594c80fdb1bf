"""Energy by layer of a style picture: the `energies` of a new style loss (style_core/engine/losses.py).

    .envs/runtime/bin/python -m benchmarks.energies PICTURE [--losses NAME ...]

Those there are of The Starry Night beside a frame of 256 by 144 pixels. Printed are 16 numbers for each style loss,
from conv1_1 to conv5_4, as they stand there.
"""

import argparse
from collections.abc import Sequence

import torch

from style_core.engine.losses import STYLE_DISTANCES
from style_core.engine.painter import Painter
from style_core.job import Look
from style_core.look import LAYERS, STYLE_LOSSES
from style_core.media.pictures import read_picture

AREA = 256 * 144  # pixels of the frame, beside which the picture is seen


def energies(picture: str, loss: str, layers: Sequence[str] = LAYERS, area: float = AREA) -> dict[str, float]:
    """Energy of a picture's distance by layer, beside a frame of `area` pixels."""
    look = Look(styles=(picture,), style_layers=tuple(layers), style_loss=loss)
    targets = Painter(look, [read_picture(picture).rgb], torch.device("cpu"), "full").mixed_styles(area)
    return {layer: STYLE_DISTANCES[loss](targets[layer]).energy.item() for layer in layers}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("picture")
    options.add_argument("--losses", nargs="+", choices=STYLE_LOSSES, default=STYLE_LOSSES, metavar="NAME",
                         help="%(choices)s")  # fmt: skip
    given = options.parse_args()
    for loss in given.losses:
        numbers = ", ".join(f"{energy:.2g}" for energy in energies(given.picture, loss).values())
        print(f"energies = by_layer({numbers})  # {loss}")


if __name__ == "__main__":
    main()
