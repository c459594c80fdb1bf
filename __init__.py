"""Stylestrip: neural style transfer for Blender's video editor."""


def register() -> None:
    """Adds Stylestrip to Blender."""
    from . import blender_addon

    blender_addon.register()


def unregister() -> None:
    """Takes Stylestrip out of Blender."""
    from . import blender_addon

    blender_addon.unregister()
