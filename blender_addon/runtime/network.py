"""How the outside is reached: through the proxy and with the certificates that are set."""

import ssl
import urllib.error
import urllib.request
from contextlib import suppress
from http.client import HTTPException, HTTPResponse

from ...style_core.job import UserError
from .sources import Sources

ANSWER_SECONDS = 15.0  # Cancel is heard no later than that


class NetworkError(UserError):
    """A server cannot be reached, or does not go on: to try again may help."""


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
