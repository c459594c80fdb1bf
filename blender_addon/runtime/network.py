"""How the outside is reached: through the proxy and with the certificates that are set; who waits can be stopped."""

import queue
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from typing import Any, TypeVar

from ...style_core.job import UserError
from .sources import Sources

Result = TypeVar("Result")

ANSWER_SECONDS = 15.0  # for which a server may be silent
HEARD_SECONDS = 0.1  # after which Cancel is heard meanwhile


class NetworkError(UserError):
    """A server cannot be reached, or does not go on: to try again may help."""


class Aside:
    """Makes calls in a thread of its own, one after the other, so that whoever waits for one can be stopped.

    Args:
        check: called again and again while a call is waited for; may raise, to stop.
    """

    def __init__(self, check: Callable[[], None]) -> None:
        self.check = check
        self.calls: queue.SimpleQueue[Callable[[], Any] | None] = queue.SimpleQueue()
        self.results: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        """Makes the calls."""
        while call := self.calls.get():
            try:
                self.results.put((call(), None))
            except BaseException as error:  # whoever waits for it takes it up
                self.results.put((None, error))

    def call(self, work: Callable[[], Result]) -> Result:
        """What `work` gives, or raises."""
        self.calls.put(work)
        while True:
            try:
                value, error = self.results.get(timeout=HEARD_SECONDS)
            except queue.Empty:
                self.check()
                continue
            if error:
                raise error
            return value

    def end(self, last: Callable[[], Any]) -> None:
        """Makes a last call when those before it are over; nobody waits for that."""
        self.calls.put(last)
        self.calls.put(None)


def heard(check: Callable[[], None], work: Callable[[], Result]) -> Result:
    """What `work` gives, or raises; while it is waited for, `check` may raise, to stop."""
    aside = Aside(check)
    try:
        return aside.call(work)
    finally:
        aside.end(lambda: None)


class Answer:
    """What a server sends, read aside; of http.client's class it has what is needed."""

    def __init__(self, aside: Aside, sent: HTTPResponse) -> None:
        self.aside, self.sent = aside, sent
        self.status, self.headers, self.url = sent.status, sent.headers, sent.url

    def read(self) -> bytes:
        """All of it."""
        return self.aside.call(self.sent.read)

    def read1(self, size: int) -> bytes:
        """What comes next, at most so many bytes; none at the end."""
        return self.aside.call(lambda: self.sent.read1(size))

    def __enter__(self) -> "Answer":
        return self

    def __exit__(self, *_: object) -> None:
        self.aside.end(self.sent.close)


class Network:
    """Opens addresses as the sources say.

    Args:
        given: the sources.
        check: called while a server is waited for; may raise, to stop.
    """

    def __init__(self, given: Sources, check: Callable[[], None] = lambda: None) -> None:
        self.sources, self.check = given, check
        # Without a proxy of ours, urllib takes the one of the system and of its variables.
        proxies = urllib.request.ProxyHandler({"http": given.proxy, "https": given.proxy} if given.proxy else None)
        self.opener = urllib.request.build_opener(
            proxies, urllib.request.HTTPSHandler(context=trust(given.certificates))
        )

    def open(self, url: str, **headers: str) -> Answer:
        """The server's answer. Raises NetworkError with a sentence if there is none."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(url, headers={"User-Agent": "stylestrip", **named})
        aside = Aside(self.check)
        try:
            return Answer(aside, aside.call(lambda: self.opener.open(request, timeout=ANSWER_SECONDS)))
        except urllib.error.HTTPError:
            aside.end(lambda: None)
            raise
        except (OSError, HTTPException) as error:
            aside.end(lambda: None)
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
