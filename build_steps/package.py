"""The extension as a zip: the same bytes every time, and checked by Blender's own code."""

import hashlib
import os
import shutil
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from style_core.whole import written

from . import ROOT, BuildError
from .blender import Blender
from .console import run_quietly, say
from .environments import BPYS, Environment, NoPythonError, ensure
from .people_weights import MEMBERS as PEOPLE
from .people_weights import make_people_weights
from .weights import FILE as WEIGHTS
from .weights import make_weights

MANIFEST = "blender_manifest.toml"
NEEDED = ("__init__.py", MANIFEST, "LICENSE", "pyproject.toml")
ALSO = ("README.md",)
PACKAGES = ("blender_addon", "style_core")
KINDS = {".py", ".json", ".toml", ".txt", ".md", ".png", ".jpg", ".svg", ".blend"}
VALIDATE = ("--command", "extension", "validate")
VALIDATOR = "scripts/addons_core/bl_pkg/cli/blender_ext.py"
# A zip can date no file earlier; what was packed when shall not change the bytes.
COPIED_BYTES = 1 << 20  # at a time: a wheel may have a gigabyte
BEGINNING_OF_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Extra:
    """What a zip holds besides, or instead of, a file of the extension."""

    name: str
    """Its place in the zip."""
    file: Path | None = None
    text: str = ""
    """What is in it, where there is no file."""


def package(blender: Blender | None = None) -> Path:
    """dist/stylestrip-VERSION.zip, validated by the Blender that is given, with the weights inside."""
    make_weights()
    make_people_weights()
    path = ROOT / "dist" / f"{name_and_version()}.zip"
    say(f"Package: writing {path.relative_to(ROOT)} ...")
    try:
        write_zip(path, ROOT)
    except OSError as error:
        raise BuildError(f"'{path}' cannot be written ({error.strerror}): check the disk and try again.") from error
    validate(path, blender)
    size, digest = path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()
    say(f"Package: {path.relative_to(ROOT)}, {size:,} bytes ({size / 1e6:.1f} MB), sha256 {digest}")
    return path


def name_and_version() -> str:
    """As in the manifest; BuildError if pyproject.toml has another version."""
    manifest = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if manifest["version"] != project["version"]:
        raise BuildError(
            f"blender_manifest.toml says version {manifest['version']}, pyproject.toml {project['version']}: "
            "give both the same."
        )
    return f"{manifest['id']}-{manifest['version']}"


def members(root: Path) -> Iterator[str]:
    """Names of the files that make the extension, relative to `root`, in order."""
    missing = [name for name in NEEDED if not (root / name).is_file()]
    if missing:
        raise BuildError(f"'{root / missing[0]}' is missing: get it back with git checkout, and try again.")
    found = [name for name in (*NEEDED, *ALSO) if (root / name).is_file()]
    for package in PACKAGES:
        found += [path.relative_to(root).as_posix() for path in (root / package).rglob("*") if belongs(path)]
    yield from sorted(found)


def belongs(path: Path) -> bool:
    """Whether a file inside a package is part of it: no caches, no leavings of editors, no other weights."""
    if not path.is_file() or "__pycache__" in path.parts or path.name.startswith("."):
        return False
    return path.suffix in KINDS or path.name in (WEIGHTS.name, *PEOPLE)


def write_zip(path: Path, root: Path, extras: Sequence[Extra] = ()) -> None:
    """Writes the zip beside its place and then moves it there.

    Args:
        extras: what else goes in; the manifest may be among them, and is then taken instead of the extension's own.

    Stored, not deflated: deflate's bytes differ between versions of zlib, and of the weights it saves only 8 %.
    """
    with written(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        taken = {extra.name: extra for extra in extras}
        for name in sorted({*members(root), *taken}):
            entry = zipfile.ZipInfo(name, BEGINNING_OF_TIME)
            entry.create_system = 3  # Unix, wherever it was built: the permissions below mean what they say
            entry.external_attr = 0o100644 << 16
            extra = taken.get(name, Extra(name, root / name))
            if extra.file is None:
                archive.writestr(entry, extra.text.encode("utf-8"))
                continue
            entry.file_size = extra.file.stat().st_size  # more than 2 GB must be known beforehand
            with extra.file.open("rb") as source, archive.open(entry, "w") as place:
                shutil.copyfileobj(source, place, COPIED_BYTES)


def validate(path: Path, blender: Blender | None = None) -> None:
    """Has Blender's own code look at the zip, that of a program if one is given; BuildError if it finds fault."""
    found = ([blender.command[0], *VALIDATE], blender.name) if blender else validator()
    if found is None:
        say("Package: not checked, as there is neither a Blender nor a Python 3.11 or 3.13 for its module: name a "
            "Blender with --blender PATH. What Blender installs it checks itself.")  # fmt: skip
        return
    command, whose = found
    code, lines = run_quietly([*command, path])
    if code:
        raise BuildError("\n  ".join([f"Blender refuses '{path}': put right what it says below.", *lines]))
    say(f"Package: found valid by {whose}.")


def validator() -> tuple[list[str | Path], str] | None:
    """The command that validates an extension, from a bpy module here or a Blender, and whose it is; None where there
    is neither."""
    scripts = [(env.name, script) for env in BPYS for script in scripts_of(env.folder)]
    blender = os.environ.get("BLENDER") or shutil.which("blender")
    if not scripts and blender:
        return [blender, *VALIDATE], blender
    if not scripts:
        made = first_bpy()
        if made is None:
            return None
        scripts = [(made.name, script) for script in scripts_of(made.folder)]
    if not scripts:
        raise BuildError("The bpy module holds no validator for extensions: delete .envs/bpy-* and try again.")
    name, script = scripts[0]
    return [sys.executable, script, "validate"], name


def scripts_of(folder: Path) -> list[Path]:
    """Blender's extension tool inside a bpy environment."""
    patterns = ("lib/python*/site-packages", "Lib/site-packages")
    return [found for pattern in patterns for found in folder.glob(f"{pattern}/bpy/*/{VALIDATOR}")]


def first_bpy() -> Environment | None:
    """The first bpy environment that can be made here; None if no Python is the right one."""
    for environment in BPYS:
        try:
            ensure(environment)
        except NoPythonError:
            continue
        return environment
    return None
