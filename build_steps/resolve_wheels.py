"""Run by the runtime's Python: which wheels a platform and Python need, as pip finds them, and how large they are."""

import io
import json
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from email.parser import HeaderParser

from pip._internal.cli.main import main as pip
from pip._vendor.packaging import markers

LICENCE_CHARACTERS = 80
TAIL = 1 << 16  # bytes of a wheel that are asked for at once: most lists of members fit


class RemoteFile(io.RawIOBase):
    """A file on a server that is read in pieces: of a wheel of gigabytes only its list of members is fetched."""

    def __init__(self, url: str) -> None:
        self.url, self.place = url, 0
        with self.ask(0, 0) as answer:
            self.size = int(answer.headers["Content-Range"].rpartition("/")[2])

    def ask(self, first: int, last: int):
        """The server's answer with the bytes from `first` to `last`, both included."""
        return urllib.request.urlopen(urllib.request.Request(self.url, headers={"Range": f"bytes={first}-{last}"}))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: self.size}[whence]
        return self.place

    def readinto(self, buffer: memoryview) -> int:
        last = min(self.place + len(buffer), self.size) - 1
        if last < self.place:
            return 0
        with self.ask(self.place, last) as answer:
            data = answer.read()
        buffer[: len(data)] = data
        self.place += len(data)
        return len(data)


def resolved(pins: list[str], platforms: list[str], python: str, environment: dict[str, str]) -> list[dict]:
    """pip's report about each wheel that would be installed; pip's own words go to stderr."""
    # pip takes the tags of another platform, but judges markers ("only on Linux") by the Python that runs it.
    markers.default_environment = lambda: environment
    arguments = ["install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-", "--target", "never-made"]
    arguments += ["--only-binary", ":all:", "--use-feature", "fast-deps", "--implementation", "cp"]
    arguments += ["--python-version", python, *(word for name in platforms for word in ("--platform", name))]
    said, sys.stdout = sys.stdout, io.StringIO()
    try:
        code, report = pip([*arguments, *pins]), sys.stdout.getvalue()
    finally:
        sys.stdout = said
    if code:
        sys.exit(code)
    return json.loads(report)["install"]


def described(found: dict) -> dict:
    """What the lock keeps of one wheel."""
    url, metadata = found["download_info"]["url"], found["metadata"]
    remote = RemoteFile(url)
    with zipfile.ZipFile(io.BufferedReader(remote, TAIL)) as archive:
        members = archive.infolist()
        name = next(one.filename for one in members if one.filename.endswith(".dist-info/METADATA"))
        headers = HeaderParser().parsestr(archive.read(name).decode("utf-8"))
    return {
        "name": metadata["name"].lower().replace("_", "-"),
        "version": metadata["version"],
        "file": url.rpartition("/")[2],
        "sha256": found["download_info"]["archive_info"]["hashes"]["sha256"],
        "size": remote.size,
        "installed": sum(one.file_size for one in members),
        "longest_path": max(len(one.filename) for one in members),
        "licence": licence(headers),
    }


def licence(headers) -> str:
    """A package's licence, in the words of its own metadata."""
    written = headers.get("License-Expression") or headers.get("License") or ""
    classified = [value.rpartition(" :: ")[2] for value in licences(headers)]
    words = (written.strip().splitlines() or [""])[0]
    short = words if 0 < len(words) <= LICENCE_CHARACTERS else ""
    return short or ", ".join(classified) or "see its own files"


def licences(headers) -> Iterator[str]:
    """The classifiers that are about licences."""
    yield from (value for value in headers.get_all("Classifier", []) if value.startswith("License ::"))


if __name__ == "__main__":
    asked = json.loads(sys.stdin.read())
    print(json.dumps([described(found) for found in resolved(**asked)]))
