"""Fetching a file: all of it or nothing, and only what it should be."""

import hashlib
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from style_core.fetch import fetch, fetch_command
from style_core.job import FLOWS, UserError
from style_core.motion.flows import raft
from style_core.region import PEOPLE_NETWORKS
from style_core.regions import semantic

CONTENT = bytes(range(256)) * 4000


class Server(BaseHTTPRequestHandler):
    """Has one file, and one that breaks off."""

    def do_GET(self):
        if self.path not in ("/whole", "/half"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT if self.path == "/whole" else CONTENT[: len(CONTENT) // 2])

    def log_message(self, *args):
        """Says nothing."""


@pytest.fixture(scope="module")
def address():
    server = HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


DIGITS = hashlib.sha256(CONTENT).hexdigest()[:8]


def test_a_file_is_fetched_and_its_progress_told(address, tmp_path):
    told = []
    fetch(f"{address}/whole", DIGITS, tmp_path / "weights" / "a.pth", lambda done, total: told.append((done, total)))
    assert (tmp_path / "weights" / "a.pth").read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert len(told) > 1


@pytest.mark.parametrize(
    "path, digits, words",
    [
        ("whole", "00000000", "is not the file it should be"),
        ("half", DIGITS, "is not the file it should be"),
        ("none", DIGITS, "cannot be fetched"),
    ],
)
def test_what_is_not_the_file_leaves_nothing_behind(address, tmp_path, path, digits, words):
    with pytest.raises(UserError, match=words):
        fetch(f"{address}/{path}", digits, tmp_path / "a.pth")
    assert not list(tmp_path.iterdir())


def test_without_a_network_one_sentence_says_so(tmp_path):
    with pytest.raises(UserError, match="check the network"):
        fetch("http://127.0.0.1:9/x", DIGITS, tmp_path / "a.pth")


def test_the_weights_of_networks_come_encrypted_and_are_known_by_their_digits():
    for home in (raft, semantic):
        for name, url in home.URLS.items():
            assert url.startswith("https://")
            assert len(home.fetched(name).stem.rpartition("-")[2]) == 8


def test_every_network_that_a_job_can_name_can_be_fetched():
    assert set(raft.URLS) == {name for name in FLOWS if name.startswith("raft")}
    assert {"selfie", *semantic.URLS} == set(PEOPLE_NETWORKS)


@pytest.mark.skipif(os.name == "nt", reason="what stands there is for PowerShell")
def test_whoever_paints_in_blender_is_told_a_command_that_works_in_any_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    assert fetch_command("raft-small") == "python -m style_core fetch raft-small"
    monkeypatch.setenv("PYTHONPATH", str(Path(raft.__file__).parents[3]))
    command = fetch_command("--help")
    monkeypatch.delenv("PYTHONPATH")
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and "raft-small" in done.stdout, done.stderr
