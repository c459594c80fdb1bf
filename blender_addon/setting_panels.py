"""The settings of a painting as panels show them, wherever they are: those of a strip and those of a node."""

from collections.abc import Callable, Sequence

from bpy.types import Context, UILayout

from . import EXTENSION, preferences
from .gallery import draw_picture
from .job_fields import OF_QUALITY, is_asked_for
from .later import painter
from .presets import draw_look
from .sentence import draw_sentence
from .settings import StylestripSettings

# What a painting is chosen by.
SIMPLE = ("style_weight", "brush_size", "keep_colours", "quality")
# What stands under More: by what a person wants of the painting, and what only those need who know the method.
STROKES = ("content_weight", "keep_colours_by", "smoothness", "coarse_weight", "rotation")
MOVEMENT = ("steadiness", "denoise", "cuts", "carry", "passes")
EFFORT = ("size", "steps", "steps_per_frame", "good_enough", "tolerance", "first_size", "device", "precision")
METHOD = (
    "style_loss",
    "pooling",
    "start",
    "start_picture",
    "noise_mean",
    "seed",
    "optimiser",
    "learning_rate",
    "flow",
    "flow_path",
    "flow_weights",
    "flow_size",
)
# Draws one setting by its name.
Draw = Callable[[str], None]


def draw_simple(layout: UILayout, own: StylestripSettings, draw: Draw | None = None) -> None:
    """The picture, the look, and what else a painting is chosen by; see `draw_settings`."""
    draw_look(draw_picture(layout, own, "Choose a file"), own)
    draw_settings(layout, own, simple_settings(own), draw)


def simple_settings(own: StylestripSettings) -> tuple[str, ...]:
    """The names of the settings that a painting is chosen by; where Custom was chosen, that is set right below. Who has
    set other numbers under More knows where they are."""
    return SIMPLE + (tuple(OF_QUALITY) if own.is_custom else ())


def draw_settings(layout: UILayout, own: StylestripSettings, names: Sequence[str], draw: Draw | None = None) -> None:
    """Those of these settings that mean something, as the others are.

    Args:
        layout: where they are drawn.
        own: whose they are.
        names: which of them.
        draw: draws one of them; without it, it is drawn with nothing beside it.
    """
    layout.use_property_split, layout.use_property_decorate = True, False
    for name in names:
        if is_asked_for(name, own):
            draw(name) if draw else layout.prop(own, name)


def draw_no_painter(layout: UILayout, context: Context) -> None:
    """Why nothing can be painted on this machine, and where that is changed; nothing if it can."""
    now = painter.status(preferences.settings())
    if now.state in (painter.State.NOT_INSTALLED, painter.State.NEEDS_REPAIR):
        draw_sentence(layout, context, now.problem or "The painter is not installed yet", "ERROR")
        layout.operator("preferences.addon_show", text="Open Preferences", icon="PREFERENCES").module = EXTENSION
