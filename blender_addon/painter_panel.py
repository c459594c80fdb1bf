"""The painter in the preferences: its state and what there is to say about it, and the buttons of that state."""

import bpy
from bpy.types import Context, UILayout

from . import painter
from .preferences import preferences, settings
from .runtime.sizes import in_megabytes
from .runtime.states import State, Status, Step
from .sentence import draw_sentence

POLL_SECONDS = 0.25
ICONS = {
    State.NOT_INSTALLED: "IMPORT",
    State.INSTALLING: "SORTTIME",
    State.UNCHECKED: "QUESTION",
    State.CHECKING: "SORTTIME",
    State.READY: "CHECKMARK",
    State.NEEDS_REPAIR: "ERROR",
    State.UPDATE_AVAILABLE: "FILE_REFRESH",
}
TITLES = {
    State.NOT_INSTALLED: "Not Installed",
    State.INSTALLING: "Installing",
    State.UNCHECKED: "Not Checked Yet",
    State.CHECKING: "Checking",
    State.READY: "Ready",
    State.NEEDS_REPAIR: "Needs Repair",
    State.UPDATE_AVAILABLE: "Update Available",
}
# Buttons by state, the first one is what to do.
BUTTONS = {
    State.NOT_INSTALLED: ("install_painter", "choose_python"),
    State.INSTALLING: ("cancel_painter",),
    State.UNCHECKED: ("check_painter", "install_painter", "choose_python", "remove_painter"),
    State.CHECKING: ("cancel_painter",),
    State.READY: ("check_painter", "repair_painter", "remove_painter", "choose_python"),
    State.NEEDS_REPAIR: ("repair_painter", "check_painter", "choose_python", "remove_painter"),
    State.UPDATE_AVAILABLE: ("install_painter", "check_painter", "remove_painter", "choose_python"),
}
LOG_LINES = 3
WARNINGS = ("WARNING", "DEPRECATION", "[notice]")


def draw(layout: UILayout, context: Context) -> None:
    """Its state and buttons."""
    now = painter.status(settings())
    # Where a first installation has failed there is nothing to repair.
    if now.state is State.NEEDS_REPAIR and not now.python:
        now = now._replace(state=State.NOT_INSTALLED)
    layout.label(text=f"Painter: {TITLES[now.state]}", icon=ICONS[now.state])
    draw_state(layout, context, now)
    draw_buttons(layout, now)


def draw_state(layout: UILayout, context: Context, now: Status) -> None:
    """What there is to say about a state."""
    if now.problem:
        draw_sentence(layout, context, now.problem, "ERROR")
    if now.state is State.INSTALLING:
        is_stopping = painter.setup is not None and painter.setup.commands.stopped
        layout.progress(factor=now.fraction, text="Cancelling ..." if is_stopping else progress_words(now))
        if now.detail:
            draw_sentence(layout, context, now.detail)
        said = list(painter.setup.log) if painter.setup else []
        # What pip warns of is for a report.
        for line in [line for line in said if not line.lstrip().startswith(WARNINGS)][-LOG_LINES:]:
            layout.label(text=line[:110], icon="BLANK1")
    elif now.state is State.CHECKING:
        draw_sentence(layout, context, f"Trying '{now.python}': five steps of a small frame are painted ...")
    elif now.state in (State.READY, State.UPDATE_AVAILABLE):
        memory = f", {now.memory}" if now.memory else ""
        draw_sentence(layout, context, f"Paints on {now.device}{memory}. {now.speed}".strip())
        draw_sentence(layout, context, now.versions)
    elif now.state is State.UNCHECKED:
        draw_sentence(layout, context, f"Found '{now.python}': press Check to see whether it can paint.")
    if now.note:
        draw_sentence(layout, context, now.note, "INFO")
    if now.state in (State.NOT_INSTALLED, State.UPDATE_AVAILABLE, State.NEEDS_REPAIR):
        outlook = painter.outlook_for(settings())
        redraw_soon()
        draw_sentence(layout, context, outlook.sentence or "Looking at this machine ...", "INFO")
        if not bpy.app.online_access and not preferences().wheels:
            draw_sentence(layout, context, "Install needs the network, which Blender may not use yet.", "ERROR")
            if not bpy.app.online_access_override:  # else it was started with --offline-mode
                layout.operator("extensions.userpref_allow_online", text="Allow Online Access", icon="INTERNET")


def draw_buttons(layout: UILayout, now: Status) -> None:
    """The buttons of a state. A Python of the person's own is not ours to repair; another can be installed."""
    row = layout.row(align=True)
    names = BUTTONS[now.state]
    if preferences().python:
        names = ("install_painter" if name == "repair_painter" else name for name in names)
    for name in names:
        text = {"text": "Update"} if name == "install_painter" and now.state is State.UPDATE_AVAILABLE else {}
        row.operator(f"stylestrip.{name}", **text)
    row.operator("stylestrip.copy_report")


def progress_words(now: Status) -> str:
    """How far a step is, in words."""
    if not now.total:
        return f"{now.step} ..."
    words = f"{now.step}: {in_megabytes(now.done)} of {in_megabytes(now.total)}"
    if now.step is Step.DOWNLOADING and now.rate:
        words += f", {in_megabytes(now.rate)} a second"
    if now.seconds_left is not None:
        minutes, seconds = divmod(round(now.seconds_left), 60)
        words += f", {minutes}:{seconds:02} left"
    return words


def redraw_soon() -> None:
    """Shows the state again as long as something is going on."""
    if not bpy.app.timers.is_registered(redraw):
        bpy.app.timers.register(redraw, first_interval=POLL_SECONDS)


def redraw() -> float | None:
    """Shows the state again while something is going on."""
    painter.notice()
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "PREFERENCES":
                area.tag_redraw()
    looking = painter.outlook and not painter.outlook.done
    return POLL_SECONDS if painter.is_busy() or looking else None


def redraw_no_more() -> None:
    """Leaves the state as it is shown now."""
    if bpy.app.timers.is_registered(redraw):
        bpy.app.timers.unregister(redraw)
