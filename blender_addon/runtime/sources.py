"""Where wheels come from, as set in Stylestrip or else in pip."""

import os
import platform
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from .builds import TORCH_INDEX
from .pip_settings import config_files, read_settings, usual_index


class Sources(NamedTuple):
    """Where wheels come from."""

    index: str = ""
    """Empty: none is needed, as there is a folder of wheels."""
    torch_index: str = TORCH_INDEX
    proxy: str = ""
    """Empty: what the system or its variables say."""
    certificates: str = ""
    """A file of authorities; empty: the system's."""
    wheels: str = ""
    """A folder that has all wheels; empty: they are downloaded."""


def sources(index: str = "", torch_index: str = "", proxy: str = "", wheels: str = "") -> Sources:
    """What is set here; where it is empty, what pip's settings say; else the usual places.

    Raises UserError if an index is needed and nothing tells which.
    """
    texts = []
    for path in config_files(platform.system(), os.environ, Path.home()):
        with suppress(OSError, UnicodeDecodeError):
            texts.append(Path(path).read_text(encoding="utf-8"))
    of_pip = read_settings(texts, os.environ)
    return Sources(
        (index or of_pip.get("index", "") or ("" if wheels else usual_index())).rstrip("/"),
        (torch_index or TORCH_INDEX).rstrip("/"),
        proxy or of_pip.get("proxy", ""),
        of_pip.get("certificates", ""),
        wheels,
    )
