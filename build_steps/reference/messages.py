"""Every sentence with which Stylestrip says that something cannot be done, read from the code.

A sentence is what is raised as an error, reported by an operator, or said of a button that cannot be pressed. What is
put into it at the time stands there as a name in angle brackets.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# What says its first text, or its last, to a person.
SAYING = ("poll_message_set", "report", "wrong", "draw_sentence", "fail", "end", "refuse", "parser_error")
# Functions whose answers are sentences, by what their names begin with or end in.
ANSWERING = re.compile(
    r"^(why|problem|unpainted|refusal|what_is_wrong|lacks|missing)|_(problem|sentence|words)$|^told_of$"
)
RAISED = re.compile(r"(User|Host|Protocol|PythonGone|NoPython|Claimed|Build)Error$")
# A text is a sentence if it has so many words.
FEWEST_WORDS = 3


@dataclass(frozen=True)
class Message:
    """One sentence, and the file that says it."""

    text: str
    file: str


def messages(root: Path, parts: tuple[str, ...] = ("style_core", "blender_addon")) -> list[Message]:
    """All sentences of these folders of the repository, by file and in their order, each once."""
    found: dict[str, Message] = {}
    for part in parts:
        for path in sorted((root / part).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
            for text in sentences(tree):
                found.setdefault(text, Message(text, path.relative_to(root).as_posix()))
    return list(found.values())


def sentences(tree: ast.Module) -> Iterator[str]:
    """The sentences of a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and RAISED.search(called(node.exc)):
            yield from said(node.exc.args)
        elif isinstance(node, ast.Call) and called(node) in SAYING:
            yield from said(node.args)
        elif isinstance(node, ast.FunctionDef) and ANSWERING.search(node.name):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    yield from said([inner.value])
        elif isinstance(node, ast.Assign) and constant_of_sentence(node):
            yield from said([node.value])


def constant_of_sentence(node: ast.Assign) -> bool:
    """Whether a name in capitals is given a sentence that ends as one: it is said somewhere."""
    named = isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper()
    return named and isinstance(node.value, (ast.Constant, ast.JoinedStr)) and text_of(node.value).endswith(".")


def called(call: ast.Call) -> str:
    """The name of what is called, without what it is an attribute of."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def said(arguments: list[ast.expr]) -> Iterator[str]:
    """The sentences among arguments: of a choice both, with names for what is put in."""
    for argument in arguments:
        for one in choices(argument):
            text = text_of(one)
            if len(text.split()) >= FEWEST_WORDS and re.search(r"[a-z] [a-z]", text):
                yield text


def choices(node: ast.expr) -> Iterator[ast.expr]:
    """What an expression may be: both sides of an if, or of an or."""
    if isinstance(node, ast.IfExp):
        yield from choices(node.body)
        yield from choices(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from choices(value)
    else:
        yield node


def text_of(node: ast.expr) -> str:
    """A text with a name for everything that is put in; empty if it is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(map(piece, node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return text_of(node.left) + text_of(node.right)
    return ""


def piece(node: ast.expr) -> str:
    """A part of an f-string: its words, or the name of what is put in."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    value = node.value
    while isinstance(value, (ast.Call, ast.Subscript, ast.IfExp, ast.BinOp, ast.BoolOp)):
        if isinstance(value, ast.Call):
            inner = value.args[0] if value.args else value.func
        elif isinstance(value, ast.Subscript):
            inner = value.value
        elif isinstance(value, ast.IfExp):
            inner = value.body if not isinstance(value.body, ast.Constant) else value.orelse
        elif isinstance(value, ast.BinOp):
            inner = value.left
        else:
            inner = value.values[0]
        value = inner
    name = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
    return f"<{name.strip('_').replace('_', ' ')}>" if name else "<...>"
