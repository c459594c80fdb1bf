"""The two ways into a strip: straight from its file where it is just that, else through a render of the one strip."""

from dataclasses import dataclass

from bpy.types import Scene, Strip, StripModifier

from .keys import keyed
from .own_modifier import before_paint, goes_within, is_paint_modifier
from .versions import MODIFIERS_SEE_THE_FRAME

# Kinds of strips that show files.
FILES = ("MOVIE", "IMAGE")
# The colour space in which films and pictures are read unless they are scene-linear, as Blender and the painter do.
USUAL_COLOURS, USUAL_ALPHA = "sRGB", "STRAIGHT"
LINEAR_ENDINGS, LINEAR_COLOURS, LINEAR_ALPHA = (".exr", ".hdr"), "Linear Rec.709", "PREMUL"

# Modifiers that change each pixel by its own colour alone, wherever it lies in the frame.
BY_PIXEL = ("BRIGHT_CONTRAST", "COLOR_BALANCE", "CURVES", "HUE_CORRECT", "WHITE_BALANCE")
# What hides a part of the frame, whatever the picture: the painted strip gets it as well.
MASKING = "MASK"
OF_SOUND = ("SOUND_EQUALIZER", "PITCH", "ECHO")

# What strips do beyond their own picture, by the beginnings of the names.
BLENDING, PLACING = ("blend_type", "blend_alpha"), ("transform.", "crop.", "use_flip_")
COLOURS = ("color_saturation", "color_multiply")

# What strips of other kinds are to an editor.
KINDS = {
    "SCENE": "a scene",
    "META": "a meta strip",
    "MOVIECLIP": "a movie clip",
    "MASK": "a mask",
    "TEXT": "a text",
    "COLOR": "a colour",
    "ADJUSTMENT": "an adjustment layer",
    "MULTICAM": "a multicam selector",
}


@dataclass(frozen=True)
class WayIn:
    """How the frames of a strip come to the painter."""

    reason: str = ""
    """Why they are rendered, as the end of a sentence; empty: they are read straight from the strip's files."""
    has_files: bool = False
    """Whether these are several."""
    covers_frame: bool = False
    """Whether the render shows the whole frame with the strip in its place; else the strip's own picture, unplaced."""
    within: bool = False
    """Whether the paint goes into a modifier of the strip: what is painted is the picture that its modifiers see last,
    before it is placed; of strips that have no picture of their own it is as large as the frame."""

    @property
    def is_render(self) -> bool:
        """Whether the strip is rendered first."""
        return bool(self.reason)

    @property
    def is_placed(self) -> bool:
        """Whether the render has the strip in its place."""
        return self.covers_frame and not self.within

    @property
    def sentence(self) -> str:
        """The way for a person."""
        if not self.is_render:
            return f"Painted straight from its {'files' if self.has_files else 'file'}."
        return f"Painted from a render of the strip, as {self.reason}."


def way_into(strip: Strip, scene: Scene) -> WayIn:
    """The way into a strip, by what it is, what is done to it, and where its paint goes."""
    within = goes_within(strip)
    if strip.type not in FILES:
        return WayIn(f"it is {KINDS.get(strip.type, 'an effect')}", covers_frame=True, within=within)
    if within:
        return way_within(strip, scene)
    effects = speed_effects_of(strip, scene)
    modifiers = changes_of(strip)
    of_frame = [one for one in modifiers if not works_by_pixel(one)]
    reason = why_retimed(strip, scene)
    if modifiers and not effects:
        reason = f"its modifier '{(of_frame or modifiers)[0].name}' changes its picture"
    reason = reason or why_read_otherwise(strip)
    if not reason:
        return WayIn(has_files=strip.type == "IMAGE" and len(strip.elements) > 1)
    placed = [one for one in effects if active_modifiers(one) or not is_plain(one)]
    moved = [name for name in keyed(scene, strip) if name.startswith(PLACING)]
    # Between pixels, what is changed before it is mixed is not what is changed afterwards.
    later = modifiers and MODIFIERS_SEE_THE_FRAME and not is_unplaced(strip)
    return WayIn(reason, covers_frame=bool(placed or of_frame or moved or later))


def way_within(strip: Strip, scene: Scene) -> WayIn:
    """The way into the picture of a film or of pictures that a modifier of the strip sees."""
    reason = why_retimed(strip, scene)
    before = before_paint(strip)
    changes = [one for one in changes_of(strip) if one in before]
    if not reason and changes:
        reason = f"its modifier '{changes[0].name}' changes its picture"
    if not reason and not is_coloured_as_it_is(strip, scene):
        reason = "its saturation or brightness is changed"
    reason = reason or why_read_otherwise(strip)
    return WayIn(reason, not reason and strip.type == "IMAGE" and len(strip.elements) > 1, within=True)


def why_retimed(strip: Strip, scene: Scene) -> str:
    """Why the frames of a film or of pictures are not told by the strip's trims alone; empty if they are."""
    effects = speed_effects_of(strip, scene)
    if effects:
        return f"it is shown through the speed effect '{effects[-1].name}'"
    return "it is retimed" if len(strip.retiming_keys) else ""


def shown_by(strip: Strip, scene: Scene) -> Strip:
    """What is seen of a strip in the frame: the strip, or the last speed effect that it is shown through."""
    return [strip, *speed_effects_of(strip, scene)][-1]


def speed_effects_of(strip: Strip, scene: Scene) -> list[Strip]:
    """The speed effects that a strip is shown through, from the first; those that are muted count if the strip is."""
    found = [
        other
        for other in scene.sequence_editor.strips_all
        if other.type == "SPEED" and other.input_1 == strip and (strip.mute or not other.mute)
    ]
    return [found[0], *speed_effects_of(found[0], scene)] if found else []


def active_modifiers(strip: Strip) -> list[StripModifier]:
    """The modifiers that act on a strip's picture, but for its own paint."""
    return [one for one in strip.modifiers if not one.mute and one.type not in OF_SOUND and not is_paint_modifier(one)]


def changes_of(strip: Strip) -> list[StripModifier]:
    """The modifiers that change the colours of a picture."""
    return [one for one in active_modifiers(strip) if one.type != MASKING]


def masks_of(strip: Strip) -> list[StripModifier]:
    """The modifiers that hide a part of the frame."""
    return [one for one in active_modifiers(strip) if one.type == MASKING]


def works_by_pixel(modifier: StripModifier) -> bool:
    """Whether a modifier does the same to a pixel wherever the strip lies in the frame."""
    has_mask = modifier.input_mask_strip is not None or modifier.input_mask_id is not None
    return modifier.type in BY_PIXEL and not has_mask


def is_plain(strip: Strip) -> bool:
    """Whether a strip shows its picture as it is but for blending."""
    return is_unplaced(strip) and (strip.color_multiply, strip.color_saturation) == (1, 1) and strip.strobe <= 1


def is_coloured_as_it_is(strip: Strip, scene: Scene) -> bool:
    """Whether a strip's colours are those of its files."""
    return (strip.color_multiply, strip.color_saturation) == (1, 1) and not set(COLOURS) & set(keyed(scene, strip))


def is_unplaced(strip: Strip) -> bool:
    """Whether a strip shows all of its picture, at its size and in the middle of the frame."""
    place, crop = strip.transform, strip.crop
    shifts = (place.offset_x, place.offset_y, place.rotation, crop.min_x, crop.max_x, crop.min_y, crop.max_y)
    return (place.scale_x, place.scale_y) == (1, 1) and not any((*shifts, strip.use_flip_x, strip.use_flip_y))


def why_read_otherwise(strip: Strip) -> str:
    """Why Blender reads a strip's files in another way than the painter; empty if it does not."""
    colours = strip.colorspace_settings.name
    if colours != usual_colours(strip):
        return f"its colour space is '{colours}'"
    if strip.alpha_mode != usual_alpha(strip):
        return f"its alpha is '{strip.bl_rna.properties['alpha_mode'].enum_items[strip.alpha_mode].name}'"
    if strip.use_deinterlace:
        return "it is deinterlaced"
    if strip.use_multiview:
        return "it is stereoscopic"
    return ""


def usual_colours(strip: Strip) -> str:
    """The colour space in which the painter reads a strip's files."""
    return LINEAR_COLOURS if is_linear(strip) else USUAL_COLOURS


def usual_alpha(strip: Strip) -> str:
    """How the painter reads the alpha of a strip's files."""
    return LINEAR_ALPHA if is_linear(strip) else USUAL_ALPHA


def is_linear(strip: Strip) -> bool:
    """Whether a strip's pictures are scene-linear."""
    return strip.type == "IMAGE" and strip.elements[0].filename.lower().endswith(LINEAR_ENDINGS)
