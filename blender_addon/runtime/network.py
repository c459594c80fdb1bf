"""How the outside is reached: index, proxy and certificates, as set in Stylestrip, in pip, or in the system."""

import os
import platform
import ssl
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from ...style_core.job import UserError
from .pip_settings import config_files, read_settings, usual_index

TORCH_INDEX = "https://download.pytorch.org/whl"
ANSWER_SECONDS = 30.0


class NetworkError(UserError):
    """A server cannot be reached, or does not go on: to try again may help."""


@dataclass(frozen=True)
class Sources:
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


class Network:
    """Opens addresses as the sources say."""

    def __init__(self, given: Sources) -> None:
        self.sources = given
        # Without a proxy of ours, urllib takes the one of the system and of its variables.
        proxies = urllib.request.ProxyHandler({"http": given.proxy, "https": given.proxy} if given.proxy else None)
        self.opener = urllib.request.build_opener(
            proxies, urllib.request.HTTPSHandler(context=trust(given.certificates))
        )

    def open(self, url: str, **headers: str) -> HTTPResponse:
        """The server's answer. Raises NetworkError with a sentence if there is none."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(url, headers={"User-Agent": "stylestrip", **named})
        try:
            return self.opener.open(request, timeout=ANSWER_SECONDS)
        except urllib.error.HTTPError:
            raise
        except (OSError, HTTPException) as error:
            raise unreachable(url, error) from error


def unreachable(url: str, error: Exception) -> NetworkError:
    """A sentence for a server that does not answer."""
    reason = getattr(error, "reason", None) or error
    host = urllib.request.urlparse(url).netloc
    return NetworkError(
        f"{host} cannot be reached ({reason}): check the network, or the index and proxy in the preferences of "
        "Stylestrip, and press Install again; it goes on from where it was."
    )


def trust(certificates: str) -> ssl.SSLContext:
    """Whom to believe: the file that is named, or the system's authorities and those that come with Blender."""
    if certificates:
        try:
            return ssl.create_default_context(cafile=certificates)
        except OSError as error:
            raise UserError(
                f"The certificates '{certificates}', which pip's settings name, cannot be read ({error.strerror}): "
                "correct that setting."
            ) from error
    context = ssl.create_default_context()
    with suppress(ImportError, OSError):
        import certifi

        context.load_verify_locations(certifi.where())
    return context
