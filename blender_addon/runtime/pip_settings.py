"""What a person or a studio has set up for pip: index, proxy and certificates, from its variables and files."""

import configparser
from collections.abc import Mapping
from pathlib import PurePath

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
