"""Stylestrip: repaints video strips in the style of a picture. Blender loads this file."""


def register() -> None:
    """Adds Stylestrip to Blender."""
    # Imported here, so that the package can be imported where there is no bpy.
    from . import blender_addon

    blender_addon.register()


def unregister() -> None:
    """Takes Stylestrip out of Blender and ends its worker."""
    from . import blender_addon

    blender_addon.unregister()
