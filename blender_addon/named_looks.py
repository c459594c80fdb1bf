"""Looks by a name that a person gives: those that come along, one's own presets in Blender, and look files."""

import ast
from pathlib import Path
from typing import Any

import bpy

from ..style_core.job import UserError
from ..style_core.looks import NamedLook, find_look, read_look
from .job_fields import JOB_FIELDS, LOOKS

# Where Blender keeps presets of this kind.
FOLDER = "stylestrip"
# What belongs to one film, one machine or one try, and not to a look.
NOT_OF_A_LOOK = ("size", "depth", "cuts", "flow_path", "flow_weights", "rest", "device", "precision")
SETTINGS = "settings"  # what a preset calls those of the strip
ENDING = ".toml"


def named_look(name: str) -> tuple[NamedLook, dict[str, Any]]:
    """A look, and settings that go before what it says.

    Args:
        name: of a look that comes along, or of one that was saved in Blender; or the path of a look file.

    Raises:
        UserError: there is none such, or its file does not fit.
    """
    if name.lower().endswith(ENDING):
        return read_look(Path(name)), {}
    saved = saved_looks()
    file = next((file for known, file in saved.items() if name.lower() in (known.lower(), file.stem.lower())), None)
    if file:
        values = read_preset(file)
        return LOOKS[values.pop("look", next(iter(LOOKS)))], values
    try:
        return find_look(name), {}
    except UserError as error:
        own = ", ".join(saved) or "none"
        raise UserError(f"{error} Of those that were saved in Blender there are {own}.") from error


def saved_looks() -> dict[str, Path]:
    """The files of the looks that were saved in Blender, by their names."""
    files = [file for folder in bpy.utils.preset_paths(FOLDER) for file in sorted(Path(folder).glob("*.py"))]
    return {name_of(file): file for file in files}


def name_of(file: Path) -> str:
    """What a preset is called; one that cannot be read is called as its file, and refused when it is wanted."""
    try:
        return ast.literal_eval(assigned(file)["preset"])
    except (UserError, KeyError, ValueError):
        return bpy.path.display_name(file.name)


def read_preset(file: Path) -> dict[str, Any]:
    """The settings in a preset of Blender; raises UserError if they are none of a look."""
    values = {}
    for name, node in assigned(file).items():
        if name == "preset":
            continue
        try:
            values[name] = checked(name, ast.literal_eval(node))
        except ValueError as error:
            raise UserError(
                f"The look in '{file}' cannot be used, as its setting '{name}' is {ast.unparse(node)}: save it again."
            ) from error
    return values


def checked(name: str, value: Any) -> Any:
    """A setting's value, as it is held here; raises ValueError if it is none of a look."""
    if name == "look":
        if value in LOOKS:
            return value
        raise ValueError(name)
    kind = JOB_FIELDS[name].kind if name in JOB_FIELDS and name not in NOT_OF_A_LOOK else None
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ValueError(name)
    return value


def assigned(file: Path) -> dict[str, ast.expr]:
    """What a preset assigns to settings; it is a script, which is read and not run. Raises UserError if it is none."""
    try:
        lines = ast.parse(file.read_text(encoding="utf-8")).body
    except (OSError, SyntaxError, ValueError) as error:
        raise UserError(f"The look in '{file}' cannot be read ({error}).") from error
    values = {}
    for line in lines:
        match line:
            case ast.Assign([ast.Attribute(ast.Name(owner), name)], value) if owner == SETTINGS:
                values[name] = value
    return values
