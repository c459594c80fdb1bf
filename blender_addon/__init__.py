"""The host side: Blender's operators, panels and strips. Never imports torch or cv2; another process paints."""

import importlib

# The extension's own name in Blender ("bl_ext.user_default.stylestrip"), by which it finds its folders and preferences.
EXTENSION = __package__.rpartition(".")[0]

# Every module with something to register, in the order in which they need each other.
MODULES = (
    "gallery",
    "own_picture",
    "settings",
    "paint",
    "migration",
    "presets",
    "preferences",
    "painter_buttons",
    "saved_paths",
    "host.screen",
    "host.growing",
    "sequencer.stylize_strip",
    "sequencer.cancel_job",
    "sequencer.copy_settings",
    "sequencer.drop_picture",
    "sequencer.paint_tools",
    "sequencer.paint_panel",
    "preview.paint_preview",
    "preview.overlay",
    "preview.slider",
    "preview.loop",
    "sequencer.queue_rows",
    "sequencer.queue_buttons",
    "sequencer.queue_messages",
    "sequencer.key_setting",
    "sequencer.panel",
    "sequencer.queue_panel",
    "sequencer.menus",
    "regions.list_regions",
    "regions.cut_out",
    "regions.to_mask",
    "regions.follow",
    "regions.find",
    "regions.new_mask",
    "regions.show_region",
    "regions.panel",
    "regions.object_panel",
    "following",
    "compositor.settings",
    "compositor.node",
    "compositor.bake_node",
    "compositor.live_painter",
    "compositor.live_window",
    "compositor.hiding",
    "compositor.check",
    "compositor.check_strips",
    "compositor.convert",
    "compositor.list_things",
    "compositor.panel",
    "compositor.regions_panel",
    "compositor.menus",
    "driver",
    "speed",
    "unfinished",
    "disk_watch",
    "disk_buttons",
    "command_entry",
)


def register() -> None:
    """Registers all modules; they are imported only now, as they need bpy."""
    for name in MODULES:
        importlib.import_module(f".{name}", __package__).register()


def unregister() -> None:
    """Unregisters all modules, the last one first."""
    for name in reversed(MODULES):
        importlib.import_module(f".{name}", __package__).unregister()
