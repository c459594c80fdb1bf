"""The description of work, Job, as a JSON schema and as tables, from the dataclasses themselves."""

import ast
import dataclasses
import inspect
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from style_core.job import Job

KINDS = {str: "string", int: "integer", float: "number", bool: "boolean"}
WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def parts() -> list[type]:
    """Job and every dataclass that its fields are of, in the order in which they are met."""
    found, waiting = [], [Job]
    while waiting:
        kind = waiting.pop(0)
        if kind not in found:
            found.append(kind)
            hints = get_type_hints(kind)
            waiting += [inner for spec in dataclasses.fields(kind) if (inner := dataclass_in(hints[spec.name]))]
    return found


def dataclass_in(hint: Any) -> type | None:
    """The dataclass that a type is, or is a list of, or may be."""
    if dataclasses.is_dataclass(hint):
        return hint
    return next((arg for arg in get_args(hint) if dataclasses.is_dataclass(arg)), None)


def schema() -> dict[str, Any]:
    """A JSON schema, draft 2020-12, of a job file."""
    defs = {kind.__name__: object_schema(kind) for kind in parts()}
    top = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Stylestrip job"}
    return top | defs.pop("Job") | {"$defs": defs}


def object_schema(kind: type) -> dict[str, Any]:
    """The schema of one dataclass."""
    hints, words = get_type_hints(kind), about(kind)
    properties = {}
    for spec in dataclasses.fields(kind):
        properties[spec.name] = value_schema(hints[spec.name]) | bounds(spec) | {"description": words[spec.name]}
        default = default_of(spec)
        if default is not None and not dataclasses.is_dataclass(default):
            properties[spec.name]["default"] = list(default) if isinstance(default, tuple) else default
    required = [spec.name for spec in dataclasses.fields(kind) if is_required(spec)]
    told = {"type": "object", "properties": properties, "additionalProperties": False}
    return told | ({"required": required} if required else {})


def value_schema(hint: Any) -> dict[str, Any]:
    """The schema of a type."""
    if isinstance(hint, UnionType):
        return {"anyOf": [value_schema(get_args(hint)[0]), {"type": "null"}]}
    if dataclasses.is_dataclass(hint):
        return {"$ref": f"#/$defs/{hint.__name__}"}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": value_schema(get_args(hint)[0])}
    return {"type": KINDS[hint]}


def bounds(spec: dataclasses.Field) -> dict[str, Any]:
    """What a setting says of its values: of each of them, where it is a list."""
    data = spec.metadata
    told = {"minimum": data.get("low"), "maximum": data.get("high"), "enum": list(data.get("choices") or ()) or None}
    told = {name: value for name, value in told.items() if value is not None}
    is_list = get_origin(spec.type) is tuple
    return {"items": {"type": KINDS[get_args(spec.type)[0]]} | told} if is_list and told else told


def about(kind: type) -> dict[str, str]:
    """What each field is for: its help, or the text that stands below it in the class."""
    (tree,) = ast.parse(inspect.getsource(kind)).body
    below = {}
    for before, after in zip(tree.body, tree.body[1:], strict=False):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if isinstance(before, ast.AnnAssign) and is_text:
            below[before.target.id] = " ".join(str(after.value.value).split())
    words = {}
    for spec in dataclasses.fields(kind):
        unit = spec.metadata.get("unit")
        words[spec.name] = spec.metadata.get("help", below.get(spec.name, "")) + (f" (in {unit})" if unit else "")
        inner = dataclass_in(get_type_hints(kind)[spec.name])
        if not words[spec.name] and inner:
            words[spec.name] = " ".join((inspect.getdoc(inner) or "").split("\n\n")[0].split())
    return words


def default_of(spec: dataclasses.Field) -> Any:
    """The default of a field; None if it has none, or None."""
    if spec.default is not dataclasses.MISSING:
        return spec.default
    return None if spec.default_factory is dataclasses.MISSING else spec.default_factory()


def is_required(spec: dataclasses.Field) -> bool:
    """Whether a field has no default."""
    return spec.default is dataclasses.MISSING and spec.default_factory is dataclasses.MISSING


def type_words(hint: Any) -> str:
    """A type as a person calls it."""
    if isinstance(hint, UnionType):
        return f"{type_words(get_args(hint)[0])}, or null"
    if dataclasses.is_dataclass(hint):
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    if get_origin(hint) is tuple:
        return f"list of {type_words(get_args(hint)[0])}"
    return WORDS[hint]
