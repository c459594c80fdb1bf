"""Where the content of a strip begins, and by how much it was moved since then."""

from bpy.types import Strip

from . import versions

# Kinds whose content has no beginning of its own: it begins wherever their left handle is.
WITHOUT_START = ("COLOR", "TEXT", "ADJUSTMENT", "MULTICAM")


def has_start(strip: Strip) -> bool:
    """Whether a strip's content begins somewhere, whatever its left handle."""
    still = strip.type == "IMAGE" and len(strip.elements) == 1
    return not still and strip.type not in WITHOUT_START and not getattr(strip, "input_count", 0)


def moved_by(strip: Strip, start: float, begin: int, end: int) -> int:
    """By how many frames a strip was moved since its content began at `start`, and it was seen from `begin` to before
    `end`."""
    if has_start(strip):
        return round(versions.content_span(strip)[0] - start)
    left, right = versions.handles(strip)
    # Its length tells a strip that was moved from one that was cut.
    return left - begin if right - left == end - begin else 0
