"""How the paint looks. Like all of `job`, it needs nothing but the standard library."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from .identity import identity
from .setting import Checked, UserError, setting

LAYERS = tuple(
    f"conv{block}_{number}" for block, count in enumerate((2, 2, 4, 4, 4), 1) for number in range(1, count + 1)
)
POOLINGS = ("average", "max", "l2")
STYLE_LOSSES = ("gram", "covariance")
OPTIMISERS = ("lbfgs", "adam")
STARTS = ("content", "random", "picture")
COLOUR_KEEPERS = ("luminance", "statistics")


@dataclass(frozen=True)
class Look(Checked):
    """How the paint looks: equations (1) to (4) of the method, and how long to minimise them."""

    styles: tuple[str, ...] = ()
    """Picture files whose style is painted."""
    style_shares: tuple[float, ...] = setting(
        (), "Shares", "How much of each style picture goes into the mix; none: equal parts", low=0.0, high=1e6
    )
    content_layers: tuple[str, ...] = setting(
        ("conv4_2",), "Content layers", "Where shapes are compared; lower layers keep more detail", choices=LAYERS
    )
    content_layer_weights: tuple[float, ...] = setting(
        (), "Content layer weights", "How much each content layer counts; none: all the same", low=0.0, high=1e9
    )
    style_layers: tuple[str, ...] = setting(
        ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"),
        "Style layers",
        "Where textures are compared; lower layers are finer strokes",
        choices=LAYERS,
    )
    style_layer_weights: tuple[float, ...] = setting(
        (), "Style layer weights", "How much each style layer counts; none: all the same", low=0.0, high=1e9
    )
    content_weight: float = setting(
        1.0,
        "Keep shapes",
        "How strongly the frame's own shapes are kept against the strokes; more is nearer to the source",
        low=0.0,
        high=1e6,
        usual=20.0,
    )
    style_weight: float = setting(
        1.0,
        "Strength",
        "How strongly the picture's strokes and colours are painted; more is further from the source",
        low=0.0,
        high=1e6,
        usual=4.0,
    )
    smoothness: float = setting(
        1.0, "Smoothness", "How strongly speckles are smoothed away (total variation)", low=0.0, high=1e6
    )
    pooling: str = setting(
        "max",
        "Pooling",
        "Average paints softer, max paints with harder edges, l2 lies between",
        choices=POOLINGS,
    )
    style_loss: str = setting(
        "gram",
        "Compare strokes by",
        "Gram: correlations, as first published; covariance: means and correlations apart, with sharper strokes",
        choices=STYLE_LOSSES,
    )
    brush_size: float = setting(
        1.0, "Brush size", "Size of the strokes beside the frame: 2 is twice as broad", low=0.1, high=4.0
    )
    rotation: float = setting(
        0.0, "Rotation", "Turns the style picture, and with it the strokes", low=-360.0, high=360.0, unit="degrees"
    )
    first_size: int = setting(
        256,
        "Begin at size",
        "Longer side at which painting begins, before it goes on at twice the size and so on; it decides how large "
        "strokes are beside the frame, whatever the final size",
        low=64,
        high=16384,
        unit="pixels",
    )
    coarse_weight: float = setting(
        0.5,
        "Keep large strokes",
        "How strongly the strokes of the smaller sizes are kept while finer ones are painted at a larger size",
        low=0.0,
        high=1e6,
    )
    steps: int = setting(
        100,
        "Steps",
        "Rounds of painting for the first frame, at its first size; each larger size takes half as many; 0: nothing is "
        "painted, and the frames come back as they are",
        low=0,
        high=10000,
    )
    tolerance: float = setting(
        0.0,
        "Stop early",
        "A size is finished before its last step when ten steps lower the loss by less than this share; 0: never",
        low=0.0,
        high=1.0,
    )
    optimiser: str = setting(
        "lbfgs",
        "Optimiser",
        "L-BFGS needs fewer steps; Adam forgives looks with extreme weights",
        choices=OPTIMISERS,
    )
    learning_rate: float = setting(
        0.02,
        "Learning rate",
        "For Adam: how far a pixel moves in one step, where 1 is from black to white",
        low=1e-5,
        high=1.0,
    )
    start: str = setting(
        "content",
        "Begin from",
        "What painting begins from where no painted frame is carried along: the frame itself, noise, or a picture",
        choices=STARTS,
    )
    start_picture: str = ""
    """The picture to begin from, if `start` is "picture"; it is fitted to the frame."""
    noise_mean: float = setting(
        0.5, "Noise brightness", "Mean brightness of the random start; 0 is black, 1 white", low=0.0, high=1.0
    )
    seed: int = setting(0, "Seed", "Another number gives other noise for the random start", low=0, high=2**31 - 1)
    keep_colours: float = setting(
        0.0,
        "Keep colours",
        "How much of the source's own colours stays; 1: all, so that only strokes are painted",
        low=0.0,
        high=1.0,
    )
    keep_colours_by: str = setting(
        "luminance",
        "Keep colours by",
        "Luminance: paints light and dark alone and leaves the source's colours; statistics: paints with the style "
        "picture's colours changed to a palette like the source's",
        choices=COLOUR_KEEPERS,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for what, weights, named in (
            ("Shares", self.style_shares, self.styles),
            ("Content layer weights", self.content_layer_weights, self.content_layers),
            ("Style layer weights", self.style_layer_weights, self.style_layers),
        ):
            if weights and len(weights) != len(named):
                raise UserError(f"{what} are {len(weights)} for {len(named)}: give one for each, or none.")
        for what, layers in (("Content layers", self.content_layers), ("Style layers", self.style_layers)):
            if not layers:
                raise UserError(f"{what} are none: name at least one, and use the weight 0 to leave them out.")
            if len(set(layers)) < len(layers):
                raise UserError(f"{what} are {', '.join(layers)}: name each only once.")
        if self.style_shares and not sum(self.style_shares):
            raise UserError("Shares are all 0: give at least one style picture a share above 0.")
        if self.start == "picture" and not self.start_picture:
            raise UserError("Painting shall begin from a picture, but none is named: name it, or begin from content.")

    def fingerprint_parts(self) -> dict[str, object]:
        """The settings, with what is in the pictures instead of where they are."""
        begin = self.start == "picture" and identity(Path(self.start_picture))
        pictures = {"styles": [identity(Path(style)) for style in self.styles], "start_picture": begin}
        return dataclasses.asdict(self) | pictures
