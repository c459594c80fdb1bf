"""Sentences for a person; in panels in lines that fit, as Blender cuts a label where the panel ends."""

import textwrap

from bpy.types import Context, UILayout

# Measured at the default text size: a letter's mean width, and what icon and margins take.
LETTER_PIXELS, MARGIN_PIXELS = 6.6, 60
LEAST_LETTERS = 12


def draw_sentence(layout: UILayout, context: Context, sentence: str, icon: str = "NONE") -> None:
    """A sentence in as many lines as the region's width asks for, the icon before the first."""
    scale = context.preferences.system.ui_scale
    letters = (context.region.width / scale - MARGIN_PIXELS) / LETTER_PIXELS if context.region else 80
    column = layout.column(align=True)
    for number, line in enumerate(textwrap.wrap(sentence, max(LEAST_LETTERS, int(letters)))):
        column.label(text=line, icon="BLANK1" if number else icon)


def frames_are(first: int, last: int) -> str:
    """The beginning of a sentence about some frames of the timeline, both included."""
    return f"frame {first} is" if first == last else f"frames {first} to {last} are"
