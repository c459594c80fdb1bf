"""Tells Blender of the command "stylestrip"."""

from typing import Any

import bpy

from .later import command

handle: Any = None


def run(arguments: list[str]) -> int:
    """Does what the command is asked for, and returns its exit code."""
    return command.run(arguments)


def register() -> None:
    global handle
    handle = bpy.utils.register_cli_command("stylestrip", run)


def unregister() -> None:
    bpy.utils.unregister_cli_command(handle)
