"""A package index of tiny wheels on this machine, which can fail as real ones do, and a lock of what is in it."""

import ensurepip
import hashlib
import http.server
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
TARGET = f"linux-x86_64 {PYTHON}"
PIP = next((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))


def put_wheel(folder: Path, name: str, size: int = 0, version: str = "1.0", needs: str = "") -> Path:
    """A wheel with one module, as many bytes beside it as are wanted, and what it requires."""
    path, info = folder / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    files = {f"{name}.py": f"version = '{version}'\n".encode(), f"{name}_data.bin": bytes(size)}
    needed = f"Requires-Dist: {needs}\n" if needs else ""
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needed}".encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = "".join(f"{file},,\n" for file in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(path, "w") as archive:
        for file, data in (*files.items(), (f"{info}/RECORD", record.encode())):
            archive.writestr(file, data)
    return path


@dataclass
class Shelf:
    """A server of wheels. What it does wrong is set by tests while it runs."""

    folder: Path
    url: str = ""
    cut_after: int | None = None
    """Bytes after which each answer is cut off."""
    slow: float = 0.0
    """Seconds between pieces of an answer."""
    silent_after: int | None = None
    """Bytes after which an answer does not go on, though the connection stays; -1: no answer is begun."""
    ranges: bool = True
    """Whether it can go on in the middle."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """(path, Range) of each request."""
    over: threading.Event = field(default_factory=threading.Event)

    def lock(self) -> dict:
        """The lock of all wheels that are there now."""
        wheels = {path.name: self.locked(path) for path in sorted(self.folder.glob("*.whl"))}
        return {"pins": [], "targets": {TARGET: list(wheels)}, "wheels": wheels}

    def locked(self, path: Path) -> dict:
        """What a lock says of one wheel."""
        name, version, *_ = path.name.split("-")
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
        return {
            "name": name,
            "version": version,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "size": path.stat().st_size,
            "installed": sum(member.file_size for member in members),
            "longest_path": max(len(member.filename) for member in members),
            "licence": "MIT",
        }


@contextmanager
def shelf_at(folder: Path) -> Iterator[Shelf]:
    """A shelf with pip on it, as an index at `url`/simple and files at `url`/files."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / PIP.name).exists():
        (folder / PIP.name).symlink_to(PIP)
    shelf = Shelf(folder)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            shelf.asked.append((self.path, self.headers.get("Range", "")))
            if shelf.silent_after == -1:
                shelf.over.wait(60)
            if self.path.startswith("/files/"):
                self.send_wheel(folder / unquote(self.path.rpartition("/")[2]))
            else:
                self.send_page(self.path.strip("/").rpartition("/")[2])

        def send_page(self, name: str) -> None:
            found = [path for path in folder.glob("*.whl") if path.name.split("-")[0].replace("_", "-") == name]
            rows = "".join(f'<a href="/files/{p.name}#sha256={sha256(p)}">{p.name}</a><br>' for p in found)
            page = f"<!DOCTYPE html><html><body>{rows}</body></html>".encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def send_wheel(self, path: Path) -> None:
            data, wanted = path.read_bytes(), self.headers.get("Range", "")
            first = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted and shelf.ranges else 0
            last = wanted.rpartition("-")[2] if wanted and shelf.ranges else ""
            part = data[first : int(last) + 1 if last else None]
            self.send_response(206 if wanted and shelf.ranges else 200)
            self.send_header("Content-Length", str(len(part)))
            if wanted and shelf.ranges:
                self.send_header("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(data)}")
            self.end_headers()
            for begin in range(0, len(part), 1 << 14):
                if shelf.cut_after is not None and begin >= shelf.cut_after:
                    self.close_connection = True
                    return
                if shelf.silent_after is not None and begin >= shelf.silent_after:
                    shelf.over.wait(60)
                try:
                    self.wfile.write(part[begin : begin + (1 << 14)])
                except OSError:  # the other side has gone
                    return
                if shelf.slow and shelf.over.wait(shelf.slow):
                    return

        def log_message(self, *words: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        shelf.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield shelf
        shelf.over.set()
        server.shutdown()


def sha256(path: Path) -> str:
    """Of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
