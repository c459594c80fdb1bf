"""The pages of the documentation: docs/ with what it takes from the code, as a site that needs no network."""

import json
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from . import ROOT, BuildError
from .blender import Blender, find_blender
from .console import run_quietly, say
from .environments import DOCS, ensure
from .package import write_zip
from .reference.job_schema import schema
from .reference.pages import filled
from .templates import make_templates

SOURCE, SITE = ROOT / "docs", ROOT / "dist" / "docs"
SCHEMA = "job.schema.json"
ASKING = Path(__file__).parent / "reference" / "inside_blender.py"
# What lies in docs/ and is not for readers.
NOT_SHOWN = ("pictures.json",)
# What only a server of pages could use.
NOT_NEEDED = ("404.html", "sitemap.xml*")


def build_pages(chosen: str | None) -> None:
    """Makes dist/docs/; BuildError if a page has a link that leads nowhere.

    Args:
        chosen: the Blender that tells what the add-on registers, as --blender names it.
    """
    python = ensure(DOCS)
    with TemporaryDirectory(prefix="stylestrip-docs-") as folder:
        known = registered(find_blender(chosen), Path(folder))
        pages = Path(folder) / "pages"
        write_pages(known, pages)
        make_templates(None, pages / "downloads", may_install=False)
        say(f"Pages: writing {SITE.relative_to(ROOT)} ...")
        made = Path(folder) / "site"
        command = [python, "-m", "mkdocs", "build", "--strict", "-f", ROOT / "mkdocs.yml", "-d", made]
        # Its makers' news are not ours.
        own = os.environ | {"STYLESTRIP_PAGES": str(pages), "NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "1"}
        code, lines = run_quietly(command, env=own)
        if code:
            said = [line for line in lines if line.startswith(("WARNING", "ERROR", "Aborted"))] or lines
            raise BuildError("\n  ".join(["The pages have faults: put right what is listed below.", *said]))
        shutil.rmtree(SITE, ignore_errors=True)
        shutil.copytree(made, SITE, ignore=shutil.ignore_patterns(*NOT_NEEDED))
    say(f"Pages: {SITE.relative_to(ROOT) / 'index.html'}")


def write_pages(known: dict[str, Any], folder: Path) -> None:
    """Puts into `folder` what mkdocs builds from; `known` is what Blender has told."""
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns(*NOT_SHOWN))
    for page in folder.glob("*.md"):
        page.write_text(filled(page.read_text(encoding="utf-8"), known), encoding="utf-8")
    (folder / SCHEMA).write_text(json.dumps(schema(), indent=2), encoding="utf-8")


def registered(blender: Blender, folder: Path) -> dict[str, Any]:
    """What the add-on registers in Blender; BuildError if it does not load there."""
    say("Pages: asking Blender for settings and operators ...")
    archive, plan, result = (folder / name for name in ("stylestrip.zip", "plan.json", "result.json"))
    write_zip(archive, ROOT)
    plan.write_text(json.dumps({"zip": str(archive), "result": str(result)}), encoding="utf-8")
    own = os.environ | {"BLENDER_USER_RESOURCES": str(folder / "user")}
    _, lines = run_quietly(blender.running(ASKING, plan), env=own)
    if not result.is_file():
        raise BuildError("\n  ".join([f"The add-on does not load in {blender.name}: it says what follows.", *lines]))
    return json.loads(result.read_text(encoding="utf-8"))
