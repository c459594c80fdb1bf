"""The pages say all that there is to say, nothing that is not so, and show what there is."""

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import Blender, missing
from stylestrip.blender_addon.job_fields import JOB_FIELDS, PEOPLE_FIELDS, REGION_FIELDS, RENDERED_FIELDS

import build
from build_steps import docs, settings_film, settings_sheet, stamps, templates
from build_steps.gallery import FILMS
from build_steps.reference import job_schema
from build_steps.reference.messages import messages
from build_steps.reference.pages import PLACE, filled
from style_core.__main__ import parser
from style_core.cutting import Stroke
from style_core.job import Job, Look, Motion, Output
from style_core.looks import presets
from style_core.region import Region
from style_core.setting import build as built
from style_core.setting import convert
from style_core.styles import STYLES
from templates import batch

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
WRITTEN = {path.name: path.read_text(encoding="utf-8") for path in (*sorted(DOCS.glob("*.md")), ROOT / "README.md")}
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Pages that tell of errors, and describe nothing.
NO_DESCRIPTIONS = ("messages.md", "troubleshooting.md")
# How texts begin that read as sentences and are none that anybody is told when something happens.
NO_MESSAGES = (
    # what the commands are for, in their --help
    "Paints pictures and films", "Paints strips", "Says how much is kept", "Installs the painter:",
    "Tries the painter:",
    # what looks and the preview's line are, in tooltips
    "A look instead of the strip's own", "Where the line is",
    # which keys do what
    "Drag a rectangle around", "Drag: belongs to it",
    # what the page of a report explains
    "How much paint changes", "The same", "The root of the first", "Standard deviation over time", "The farthest that",
    "How far", "1 is as strong as at first", "Shots begin at", ": the film's above",
    # mistakes in the program and files of its own that were damaged, told as faults
    "' ... ' cannot follow on '", "' ... ' is no EXR file with",
)  # fmt: skip
# What a build adds to the pages.
MADE = (docs.SCHEMA, f"downloads/{templates.DEMO}", f"downloads/{templates.BATCH}")


@pytest.fixture(scope="module")
def known(beds: dict[str, Blender], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the add-on registers in Blender."""
    bed = beds["bpy-5.2"] if "bpy-5.2" in beds else missing("bpy-5.2")
    return bed.run(str(docs.ASKING), tmp_path_factory.mktemp("docs"))


@pytest.fixture(scope="module")
def pages(known: dict[str, Any]) -> dict[str, str]:
    """The pages as they are read, by file."""
    return {name: filled(text, known) for name, text in WRITTEN.items()}


def examples(name: str, language: str) -> list[str]:
    """The fenced examples of a page in one language."""
    return [text for kind, text in FENCE.findall(WRITTEN[name]) if kind == language]


def plain(text: str) -> str:
    """Markdown and HTML without its signs, and every gap one space."""
    text = re.sub(r"\\(.)", r"\1", text).replace("&lt;", "<").replace("&gt;", ">")
    return " ".join(text.split())


# What is said


def test_every_setting_and_every_operator_of_blender_is_on_the_pages(known: dict, pages: dict[str, str]):
    text = "\n".join(pages.values())
    shown = [one for group in known["groups"].values() for one in group if not one["hidden"]]
    names = {one["name"] for one in shown} | {*JOB_FIELDS, *REGION_FIELDS, *PEOPLE_FIELDS, *RENDERED_FIELDS}
    assert len(shown) > 70 and not [name for name in names if f"`{name}`" not in text]
    assert not [one["label"] for one in shown if f"**{one['label']}**" not in text]
    idnames = {found for _, tree in code("blender_addon") for found in class_constants(tree, "bl_idname")}
    own = {name for name in idnames if name.startswith("stylestrip.")}
    assert len(own) > 40 and not [name for name in own if f"`{name}`" not in text]


def test_every_option_of_every_command_is_on_its_page(known: dict, pages: dict[str, str]):
    (commands,) = (
        action for action in parser()._actions if hasattr(action, "choices") and action.dest == "==SUPPRESS=="
    )
    for name, command in commands.choices.items():
        assert f"### `{name}`" in pages["command-line.md"]
        flags = {flag for action in command._actions for flag in action.option_strings} - {"-h", "--help"}
        assert not [flag for flag in flags if f"`{flag}`" not in pages["command-line.md"]]
    for name, told in known["commands"].items():
        flags = [flag for one in told["options"] for flag in one["names"]]
        assert flags and not [
            flag
            for flag in flags
            if f"`{flag}`" not in pages["headless.md" if name == "stylestrip" else "installing.md"]
        ]


def test_every_look_every_style_picture_and_every_part_of_a_job_is_on_the_pages(pages: dict[str, str]):
    assert not [key for key in (*presets(), *STYLES) if f"`{key}`" not in pages["looks.md"]]
    for kind in job_schema.parts():
        section = pages["scripting.md"].partition(f"### {kind.__name__}\n")[2].partition("\n### ")[0]
        assert not [spec for spec in job_schema.about(kind) if f"| `{spec}` |" not in section]


def test_every_sentence_that_is_said_is_in_the_list_of_messages(pages: dict[str, str]):
    listed = plain(pages["messages.md"])
    # What explains a setting, a button or an option stands where that is described.
    described = " ".join(plain(text) for name, text in pages.items() if name not in NO_DESCRIPTIONS).lower()
    said = [one for part in ("style_core", "blender_addon") for _, tree in code(part) for one in spoken(tree)]
    lacking = [one for one in said if not all(piece in listed for piece in one)]
    assert len(said) - len(lacking) > 450
    lost = [" ... ".join(one) for one in lacking if not all(piece.lower() in described for piece in one)]
    assert not [words for words in lost if not words.startswith(NO_MESSAGES)]
    assert not [start for start in NO_MESSAGES if not any(words.startswith(start) for words in lost)]


def test_what_troubleshooting_quotes_is_said_somewhere():
    known = [re.sub(r"<[^>]*>", "...", message.text) for message in messages(ROOT)]
    for quote in re.findall(r'^\*\*"(.+)"\*\*', WRITTEN["troubleshooting.md"], re.MULTILINE):
        form = ".+?".join(map(re.escape, quote.split("...")))
        assert any(re.search(form, text) for text in known), quote


def test_the_schema_of_jobs_knows_all_that_a_job_is():
    schema = job_schema.schema()

    def check(value: dict, part: dict) -> None:
        assert set(value) == set(part["properties"])
        for name, inner in value.items():
            reference = part["properties"][name].get("$ref", "").rpartition("/")[2]
            if isinstance(inner, dict) and reference:
                check(inner, schema["$defs"][reference])

    check(json.loads(Job().to_json()), schema)


# Examples


def test_examples_of_commands_are_what_the_commands_take():
    for arguments in called("style_core"):
        parser().parse_args(arguments)
    for arguments in called("build.py"):
        build.parser().parse_args(build.split(arguments)[0])
    for arguments in called("batch.py"):
        batch.parser().parse_args(build.split(arguments)[0])
    assert len(called("style_core")) > 15 and len(called("build.py")) > 8 and len(called("stylestrip")) > 6


def test_examples_of_files_are_read():
    for text in examples("scripting.md", "json"):
        Job.from_json(text)
    for text in examples("command-line.md", "json"):
        convert(tuple[Stroke, ...], json.loads(text), "strokes")
    written = re.findall(r"(?:^    \w+ = .*\n)+", WRITTEN["looks.md"], re.MULTILINE)
    for text in [*examples("developing.md", "toml"), *map(unindented, written)]:
        data = tomllib.loads(text)
        built(Look, {name: value for name, value in data.items() if name not in ("name", "about")}, "look")
    assert written and examples("scripting.md", "json") and examples("command-line.md", "json")


def test_examples_run_in_blender_and_the_template_opens(modules: Blender, tmp_path: Path, template: Path):
    told = modules.run(
        "docs.py",
        tmp_path,
        template=str(template),
        examples=examples("scripting.md", "python"),
        commands=called("stylestrip"),
    )
    assert told["refused"] == []
    assert told["code"] == 0 and told["baked"] == 1 and told["regions"] == ["FACES"]
    (paint,) = (versions for name, versions in told["versions"].items() if name != "Clip")
    assert [version.split(",")[0] for version in paint] == ["Watercolour", "Oil Swirl", "Watercolour"]
    shown = told["template"]
    assert shown["paintable"] == "" and shown["picture"] == "oil-swirl" and shown["rendered"] == 1
    assert shown["node"] == ["watercolour", "woodcut", "Ball"]
    assert shown["files"] == []  # nothing that would have to come along


@pytest.fixture(scope="module")
def template(beds: dict[str, Blender], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo file, as it is given to others: saved by the oldest Blender."""
    bed = beds["bpy-4.5"] if "bpy-4.5" in beds else missing("bpy-4.5")
    folder = tmp_path_factory.mktemp("template")
    bed.run(str(templates.SOURCE / "demo_file.py"), folder, file=str(folder / templates.DEMO))
    return folder / templates.DEMO


# Links and pictures


def test_no_link_leads_nowhere(pages: dict[str, str]):
    wrong = []
    for name, text in pages.items():
        folder = ROOT if name == "README.md" else DOCS
        for _, _, target in LINK.findall(FENCE.sub("", text)):
            path, _, anchor = target.partition("#")
            if "://" in target or path in MADE:
                continue
            file = folder / path if path else folder / name
            is_page = file.suffix == ".md" and file.is_file()
            if not file.is_file() or (anchor and not (is_page and anchor in anchors(pages[file.name]))):
                wrong.append(f"{name}: {target}")
    assert wrong == []


def test_every_picture_has_words_for_those_who_do_not_see_it_and_none_is_left_over():
    used = set()
    for name, text in WRITTEN.items():
        for is_picture, words, target in LINK.findall(text):
            if is_picture:
                assert len(words) > 20, f"{name}: {target}"
                used.add(Path(target).name)
    assert used == {path.name for path in stamps.PICTURES.iterdir()}


def test_what_a_setting_changes_is_shown_or_there_is_a_reason_why_not():
    shown = {name for name, *_ in settings_sheet.SHOWN} | {name for _, name, *_ in settings_film.SHOWN}
    kinds = (Look, Motion, Output, Job, Region)
    known = {one.name for kind in kinds for one in fields(kind) if one.metadata.get("label")}
    assert known == shown | set(settings_film.NOT_SHOWN)
    assert not {name for _, name, *_ in settings_film.SHOWN if name in settings_film.NOT_SHOWN}


def test_the_gallery_says_how_its_films_are_painted():
    page = WRITTEN["gallery.md"]
    assert [Path(path).name for _, _, path in LINK.findall(page) if "/film-" in path] == [one.picture for one in FILMS]
    for film in FILMS:
        after = page.split(f"({stamps.PICTURES.name}/{film.picture})")[1]
        words = after.partition("$P -m style_core video ")[2].partition("\n")[0].removesuffix(" -o painted.mp4").split()
        assert words[1:] == [*film.command, *(("--flow-path", "FOLDER") if "files" in film.command else ())], film.key


def test_headings_are_in_order():
    for name, text in WRITTEN.items():
        levels = [len(signs) for signs in re.findall(r"^(#+) ", PLACE.sub("", FENCE.sub("", text)), re.MULTILINE)]
        assert levels[0] == 1 and levels.count(1) == 1, name
        assert all(after <= before + 1 for before, after in pairwise(levels)), name


def test_every_page_is_in_the_navigation():
    listed = re.findall(r"[\w-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(path.name for path in DOCS.glob("*.md"))


# What the tests read


@cache
def code(part: str) -> list[tuple[Path, ast.Module]]:
    """The parsed files of a folder."""
    files = sorted((ROOT / part).rglob("*.py"))
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in files]


def class_constants(tree: ast.Module, name: str) -> Iterator[str]:
    """What classes give a name, where that is a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                is_text = isinstance(inner, ast.Assign) and isinstance(inner.value, ast.Constant)
                if is_text and ast.unparse(inner.targets[0]) == name:
                    yield inner.value.value


def spoken(tree: ast.AST) -> Iterator[list[str]]:
    """The words of all texts that read as sentences, or that a button says of why it cannot be pressed."""
    for node in ast.walk(tree):
        is_error = isinstance(node, ast.Raise) and "UserError" in ast.unparse(node)
        is_poll = isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("poll_message_set", ".report"))
        if is_error or is_poll:
            yield from ([text] for inner in texts(node) for text in inner if re.search(r"[a-z]{2} [a-z]{2}.* ", text))
    yield from (pieces for pieces in texts(tree) if is_sentence(" ... ".join(pieces)))


def is_sentence(text: str) -> bool:
    """Whether a text of three words or more ends as a sentence, or says something after a colon."""
    return bool(re.search(r"[a-z] .*[a-z] .*\w", text) and re.search(r"^[^,;].*([.!?]$|\w\S?: \S)", text))


def texts(node: ast.AST) -> Iterator[list[str]]:
    """The words of each text on one line within, in pieces where others are put in; docstrings are none."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant):
            continue
        parts = inner.values if isinstance(inner, ast.JoinedStr) else [inner]
        words = [one.value for one in parts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        pieces = [" ".join(piece.split()) for one in words for piece in re.split(r"\{\w+\}", one)]
        if any(pieces) and not any("\n" in one.strip() for one in words):
            yield [piece for piece in pieces if piece]
        for part in parts:
            if not isinstance(part, ast.Constant):
                yield from texts(part)


def called(program: str) -> list[list[str]]:
    """The arguments of all calls of a program in the pages: in indented examples, and in a line's own."""
    lines = [line.strip() for text in WRITTEN.values() for line in re.findall(r"^    (.+)$", text, re.MULTILINE)]
    lines += [line for text in WRITTEN.values() for line in re.findall(r"`((?:python3 |blender -b)[^`]+)`", text)]
    form = {
        "style_core": r"^(?:\$P|python) -m style_core (.*)",
        "build.py": r"^python3 build\.py (.*)",
        "batch.py": r"^python3 batch\.py (.*)",
        "stylestrip": r"^blender .*--command stylestrip ?(.*)",
    }[program]
    found = [
        match[1] for line in lines if (match := re.match(form, line)) and "..." not in line and "--help" not in line
    ]
    return [shlex.split(arguments, comments=True) for arguments in found]


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as they are made of their words."""
    words = [re.sub(r"[`*\[\]]|\(.*?\)", "", line) for line in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", word).strip().lower()) for word in words}


def unindented(text: str) -> str:
    """An indented example, as it stands in a file."""
    return "\n".join(line[4:] for line in text.splitlines())


def run(text: str) -> dict[str, Any]:
    """The names that a piece of Python gives."""
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(text, "example", "exec"), names)
    return names
