"""Sentences in panels: Blender cuts a label where the panel ends, so a sentence is broken into lines that fit."""

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
