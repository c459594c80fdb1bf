"""What pip is set to, by its variables and files: index, proxy and certificates; and the index that it knows itself."""

import ast
import configparser
import importlib.util
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path, PurePath

from ...style_core.job import UserError

# Where pip's own code names the index that it asks without being told.
INDEX_MODULE, INDEX_CLASS, PAGES = "pip/_internal/models/index.py", "PackageIndex", "simple"
INDEX_OPTIONS = {"index": "index-url", "proxy": "proxy", "certificates": "cert"}
SECTIONS = ("global", "download", "install")


def config_files(system: str, environment: Mapping[str, str], home: PurePath) -> list[PurePath]:
    """Where pip reads its settings, those that count most last (pip's manual, "Configuration").

    Args:
        system: Linux, Darwin or Windows.
        home: the user's folder; its class decides the kind of paths.
    """
    own = type(home)
    given = environment.get("PIP_CONFIG_FILE", "")
    if given in ("/dev/null", "nul", "NUL"):
        return []  # that is how pip is told to read none
    if system == "Windows":
        files = [own(environment.get("PROGRAMDATA", "C:\\ProgramData")) / "pip" / "pip.ini", home / "pip" / "pip.ini",
                 own(environment.get("APPDATA", str(home / "AppData" / "Roaming"))) / "pip" / "pip.ini"]  # fmt: skip
    elif system == "Darwin":
        support = "Library/Application Support/pip/pip.conf"
        files = [own("/") / support, home / ".pip" / "pip.conf", home / support, home / ".config" / "pip" / "pip.conf"]
    else:
        config = own(environment.get("XDG_CONFIG_HOME") or str(home / ".config"))
        files = [own("/etc/xdg/pip/pip.conf"), own("/etc/pip.conf"), home / ".pip" / "pip.conf",
                 config / "pip" / "pip.conf"]  # fmt: skip
    return [*files, *([own(given)] if given else [])]


def read_settings(texts: list[str], environment: Mapping[str, str]) -> dict[str, str]:
    """The settings that matter here; a variable goes before all files, and of files the last before the others.

    Args:
        texts: what is in pip's files, in their order.
    """
    found = {}
    for text in texts:
        parser = configparser.RawConfigParser()
        try:
            parser.read_string(text)
        except configparser.Error:
            continue  # pip itself would refuse to run; here it may be that no setting is needed
        for section in SECTIONS:
            for name, option in INDEX_OPTIONS.items():
                if parser.has_option(section, option):
                    found[name] = parser.get(section, option).strip()
    for name, option in INDEX_OPTIONS.items():
        value = environment.get(f"PIP_{option.upper().replace('-', '_')}", "")
        if value:
            found[name] = value
    return found


@cache
def usual_index() -> str:
    """The package index that pip asks where nothing is set, as the pip says that comes with this Python.

    Raises UserError if none comes with it.
    """
    for source in pips():
        calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
        for call in calls:
            if getattr(call.func, "id", "") == INDEX_CLASS and isinstance(call.args[0], ast.Constant):
                return call.args[0].value + PAGES
    raise UserError(
        "This Python has no pip that tells where packages come from: name a package index in the preferences of "
        "Stylestrip, or a folder of wheels."
    )


def pips() -> Iterator[str]:
    """The code of each pip that comes with this Python: the installed one, and those in wheels that make new ones."""
    installed, bundled = (importlib.util.find_spec(name) for name in ("pip", "ensurepip"))
    if installed and installed.origin:
        file = Path(installed.origin).parents[1] / INDEX_MODULE
        if file.is_file():
            yield file.read_text(encoding="utf-8")
    folder = Path(bundled.origin).parent / "_bundled" if bundled and bundled.origin else None
    for wheel in sorted(folder.glob("pip-*.whl")) if folder else ():
        with zipfile.ZipFile(wheel) as archive:
            yield archive.read(INDEX_MODULE).decode("utf-8")
