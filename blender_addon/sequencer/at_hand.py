"""What operators of the sequencer need, and the sentence that says so where it is not there: their `poll`."""

from bpy.types import Context, Operator

from ..host.counterparts import is_paint
from ..host.strips import why_not_paintable
from ..host.versions import active_strip, sequencer_scene


def has_strips(operator: type[Operator], context: Context) -> bool:
    """Whether there is anything in the sequencer."""
    scene = sequencer_scene(context)
    if not scene or not scene.sequence_editor or not scene.sequence_editor.strips_all:
        operator.poll_message_set("Add a film or a picture to the sequencer first")
        return False
    return True


def has_paintable_strip(operator: type[Operator], context: Context) -> bool:
    """Whether the active strip is one that is painted by its own settings."""
    strip = active_strip(context)
    if strip is None or is_paint(strip) or why_not_paintable(strip):
        operator.poll_message_set("Select a strip that can be painted")
        return False
    return True
