"""Package indexes: which file of a package there is, at what address, with which hash (PEP 503 and PEP 691)."""

import json
import re
import urllib.error
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import unquote, urldefrag, urljoin, urlparse

from ...style_core.job import UserError
from .lock import Wheel
from .network import Network

JSON_PAGE = "application/vnd.pypi.simple.v1+json"
ACCEPTED = f"{JSON_PAGE}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"


class Link(NamedTuple):
    """A file that an index offers."""

    file: str
    url: str
    sha256: str = ""
    size: int = 0


class Anchors(HTMLParser):
    """Collects the addresses of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def links(page: str, kind: str, url: str) -> list[Link]:
    """The files that a page of an index lists.

    Args:
        page: the page.
        kind: its content type.
        url: its own address, which those of files may be relative to.
    """
    if kind.partition(";")[0].strip() == JSON_PAGE:
        return [
            Link(one["filename"], urljoin(url, one["url"]), one["hashes"].get("sha256", ""), one.get("size", 0))
            for one in json.loads(page)["files"]
        ]
    anchors = Anchors()
    anchors.feed(page)
    found = []
    for address in anchors.found:
        plain, fragment = urldefrag(urljoin(url, address))
        digest = re.fullmatch(r"sha256=([0-9a-f]{64})", fragment)
        found.append(Link(unquote(urlparse(plain).path.rpartition("/")[2]), plain, digest[1] if digest else ""))
    return found


def package_page(network: Network, index: str, name: str) -> list[Link]:
    """The files of a package; none if the index does not have it. Raises NetworkError."""
    url = f"{index}/{name}/"
    try:
        with network.open(url, Accept=ACCEPTED) as answer:
            return links(answer.read().decode("utf-8"), answer.headers.get("Content-Type", ""), answer.url)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return []
        raise UserError(f"'{url}' answers with error {error.code} ({error.reason}): check the index.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"'{url}' is no page of a package index ({error}): check the index.") from error


def address_of(network: Network, wheel: Wheel) -> Wheel:
    """A wheel with the address at which the package index, or its mirror, has it, if none is known yet."""
    if wheel.url:
        return wheel
    offered = package_page(network, network.sources.index, wheel.name)
    found = next((link for link in offered if link.file == wheel.file), None)
    if found is None:
        raise UserError(
            f"The index '{network.sources.index}' has no '{wheel.file}': have it mirrored there, or take another index "
            "in the preferences of Stylestrip."
        )
    return wheel._replace(url=found.url)
