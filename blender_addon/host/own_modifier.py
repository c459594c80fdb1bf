"""The modifier by which a strip shows its own paint, and how it is told from all others."""

from itertools import takewhile

from bpy.types import ID, Scene, Strip, StripModifier

from . import versions

# The name under which a painted strip, and the node group of a modifier, keep the JSON of the job that they show.
JOB_KEY = "stylestrip_job"
# The setting of a strip whose paint goes into a modifier, and the number by which a .blend file keeps it; see
# `StylestripSettings.place`.
WITHIN, WITHIN_NUMBER = "MODIFIER", 2


def goes_within(strip: Strip) -> bool:
    """Whether the paint of a strip is to go into a modifier of it."""
    if not versions.STRIPS_HAVE_COMPOSITORS:
        return False
    if hasattr(strip, "stylestrip"):
        return strip.stylestrip.place == WITHIN
    # A second Blender, in which the add-on is not switched on.
    kept = strip.bl_system_properties_get()
    return bool(kept) and kept.get("stylestrip", {}).get("place") == WITHIN_NUMBER


def is_paint_modifier(modifier: StripModifier) -> bool:
    """Whether a modifier shows paint of the strip that has it."""
    group: ID | None = getattr(modifier, "node_group", None)
    return group is not None and JOB_KEY in group


def paint_modifier(strip: Strip) -> StripModifier | None:
    """The modifier by which a strip shows its paint; None if it has none."""
    return next(filter(is_paint_modifier, strip.modifiers), None)


def before_paint(strip: Strip) -> list[StripModifier]:
    """The modifiers whose work the paint of a strip is made of: those after it change the paint itself."""
    return list(takewhile(lambda one: not is_paint_modifier(one), strip.modifiers))


def has_own_paint(strip: Strip) -> bool:
    """Whether a modifier of a strip shows its own paint, and not that of another one which was copied to it."""
    modifier, own = paint_modifier(strip), strip.stylestrip_paint
    if modifier is None or not 0 <= own.shown < len(own.versions):
        return False
    return own.versions[own.shown].job == modifier.node_group[JOB_KEY]


def shows_paint(strip: Strip) -> bool:
    """Whether a strip shows its paint by a modifier that is switched on."""
    return has_own_paint(strip) and not paint_modifier(strip).mute


def strips_within(scene: Scene) -> list[Strip]:
    """The strips of a scene that have their paint in a modifier."""
    return [one for one in scene.sequence_editor.strips_all if has_own_paint(one)] if scene.sequence_editor else []
