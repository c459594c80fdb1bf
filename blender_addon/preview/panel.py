"""The preview's part of the Stylestrip tab."""

from bpy.types import Context, Strip, UILayout

from ..host.versions import sequencer_scene
from ..later import both_sides, frames, previewing, sources
from ..sentence import draw_sentence
from ..sequencer.cancel_job import CancelJob
from . import loop
from .loop import PlayPreview
from .paint_preview import SHOT, PreviewStrip
from .slider import PutPreviewAway


def draw_preview(layout: UILayout, context: Context) -> None:
    """The buttons that preview."""
    task = previewing.newest()
    row = layout.row(align=True)
    if task is not None and not task.is_over:
        row.progress(factor=task.fraction, text=task.words)
        row.operator(CancelJob.bl_idname, text="", icon="CANCEL")
    else:
        row.operator(PreviewStrip.bl_idname, text="Preview", icon="RESTRICT_VIEW_OFF").frames = 1
        row.operator(PreviewStrip.bl_idname, text=f"Preview {SHOT} Frames", icon="RENDER_ANIMATION").frames = SHOT


def draw_news(layout: UILayout, context: Context, strip: Strip) -> None:
    """What is to be said of a strip's own preview."""
    for sentence, icon in sentences_at(strip):
        draw_sentence(layout, context, sentence, icon)


def sentences_at(strip: Strip) -> list[tuple[str, str]]:
    """What is to be said of a strip's own preview, with an icon each."""
    task, shown = previewing.newest(), frames.latest
    found = []
    if task is not None and task.state == "failed" and task.previewed.is_of(strip):
        found.append((task.message, "ERROR"))
    if shown is not None and shown.is_of(strip) and not shown.is_up_to_date:
        found.append(("Settings changed: preview again.", "INFO"))
    return found


def draw_sides(layout: UILayout, context: Context) -> None:
    """What is seen left and right of the line, if there is anything to be seen."""
    manager, scene = context.window_manager, sequencer_scene(context)
    can_compare = manager.stylestrip_compare or both_sides.painted_at(scene) is not None
    if frames.latest is None and not can_compare:
        return
    row = layout.row(align=True)
    row.use_property_split = False
    if frames.latest is not None:
        row.prop(manager, "stylestrip_show_preview", text="", icon="HIDE_OFF", toggle=True)
        playing = loop.began is not None
        row.operator(PlayPreview.bl_idname, text="", icon="PAUSE" if playing else "PLAY", depress=playing)
    if can_compare:
        row.prop(manager, "stylestrip_compare", text="", icon="ARROW_LEFTRIGHT", toggle=True)
    row.prop(manager, "stylestrip_split", slider=True)
    row.operator(PutPreviewAway.bl_idname, text="", icon="X")
    if sources.problem:
        draw_sentence(layout, context, sources.problem, "ERROR")
