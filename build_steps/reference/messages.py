"""Every sentence that Stylestrip says, read from the code: what cannot be done and why, and what has been done.

A sentence is whatever reads as one, wherever it stands in the code, and shorter words of errors, reports, and buttons
that cannot be pressed. What is put into it at the time stands there as a name in angle brackets.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# What says its texts to a person, however short they are.
SAYING = ("poll_message_set", "report", "wrong", "draw_sentence", "fail", "end", "refuse", "parser_error")
# Functions whose answers are said, by what their names begin with or end in.
ANSWERING = re.compile(
    r"^(why|problem|unpainted|refusal|what_is_wrong|lacks|missing)|_(problem|sentence|words)$|^told_of$"
)
RAISED = re.compile(r"(User|Host|Protocol|PythonGone|NoPython|Claimed|Build)Error$")
# A text has so many words at least.
FEWEST_WORDS = 3
# How a text reads as a sentence: it ends as one, or says after a colon what to do.
READS = re.compile(r"[\w>)'\"] ?(\.\.\.|[.!?](<[^<>]*>)?)$|[\w>)'\"]: \S")
# What explains settings, buttons and options, which stands on their own pages, by the names of keywords, functions and
# tables that have it; and what tells a programmer of a mistake.
EXPLAINING = ("description", "help", "about", "bl_description", "setting", "parser", "ValueError")
# The same in single files.
EXPLAINED: dict[str, tuple[str, ...]] = {
    "style_core/quality.py": ("QUALITIES",),
    "style_core/styles.py": ("STYLES",),
    "style_core/report/page.py": ("ROWS", "page", "sheet"),
    "blender_addon/properties.py": ("look_name_property",),
    "blender_addon/compositor/bake_node.py": ("AGAIN",),
    "blender_addon/regions/settings.py": ("SOURCES", "picture_properties"),
    "blender_addon/regions/cut_out.py": ("FIRST", "THEN"),  # keys that can be pressed
}


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
            file = path.relative_to(root).as_posix()
            tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
            for text in sentences(tree, (*EXPLAINING, *EXPLAINED.get(file, ()))):
                found.setdefault(text, Message(text, file))
    return list(found.values())


def sentences(tree: ast.Module, explaining: tuple[str, ...] = EXPLAINING) -> Iterator[str]:
    """The sentences of a file, without those in what has one of the names `explaining`."""
    yield from short_ones(tree)
    for text in worded(tree, explaining):
        if READS.search(text) and text[0] not in ",;" and "\n" not in text.strip():
            yield text


def short_ones(tree: ast.Module) -> Iterator[str]:
    """What is said by what is known to say something, though it may not read as a sentence."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and RAISED.search(called(node.exc)):
            yield from said(node.exc.args)
        elif isinstance(node, ast.Call) and called(node) in SAYING:
            yield from said(node.args)
        elif isinstance(node, ast.FunctionDef) and ANSWERING.search(node.name):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    yield from said([inner.value])


def worded(node: ast.AST, explaining: tuple[str, ...]) -> Iterator[str]:
    """All texts within, each as a whole, but for docstrings and what has one of the names `explaining`."""
    for inner in within(node):
        if name_of(inner) in explaining or (isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant)):
            continue
        if text := text_of(inner):
            yield from said([inner])
        if not text or isinstance(inner, ast.JoinedStr):
            yield from worded(inner, explaining)


def within(node: ast.AST) -> Iterator[ast.AST]:
    """What a node is made of; of a text what is put into it, and not its own words again."""
    if isinstance(node, ast.JoinedStr):
        yield from (part.value for part in node.values if isinstance(part, ast.FormattedValue))
    else:
        yield from ast.iter_child_nodes(node)


def name_of(node: ast.AST) -> str:
    """What a keyword, a function, something called, or something that is given a value is called; else empty."""
    match node:
        case ast.keyword(arg=str(name)) | ast.FunctionDef(name=name):
            return name
        case ast.Call():
            return called(node)
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return ""


def called(call: ast.Call) -> str:
    """The name of what is called, without what it is an attribute of."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def said(arguments: list[ast.expr]) -> Iterator[str]:
    """The sentences among arguments and what is put into them: of a choice both, with names for what is put in."""
    for argument in arguments:
        for one in choices(argument):
            text = text_of(one)
            if len(text.split()) >= FEWEST_WORDS and re.search(r"[a-z] [a-z]", text):
                yield text
            if isinstance(one, ast.JoinedStr):
                yield from said(list(within(one)))


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
        return re.sub(r"\{(\w+)\}", r"<\1>", node.value)
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
