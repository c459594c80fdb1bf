"""python -m style_core cache: what is kept of earlier work is listed, and nothing else is ever removed."""

import json
import os
import time

import pytest
from shots import write_shot

from style_core.__main__ import main

PAINTED, OLDER, FLOW, MATTES = "0123456789abcdef" * 2, "f" * 32, "flow-0123456789abcdef", "mattes/0123456789abcdef"
STYLE, RENDER, LIVE = "style-0123456789abcdef", "render-0123456789abcdef", "node-live-0123456789abcdef"
NODE = "node-0123456789abcdef-1"
HALF_DONE = ("mattes/drawing-0123456789abcdef", "rendering-0123456789abcdef", "writing-0123456789abcdef")
OTHERS = (
    "notes.txt",
    "style-mine/000001.png",
    "weights/raft.pth",
    "cut-outs/abc.png",
    "0123/000001.png",
    "mattes/mine/000001.png",
    "render-final/000001.png",
    "rendering-final/000001.png",
    "d41d8cd98f00b204e9800998ecf8427e/000001.png",
)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The user's cache with a thousand bytes of each kind, and files of others among it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    root = tmp_path / "stylestrip"
    folders = (PAINTED, OLDER, FLOW, MATTES, "mattes/cuts", STYLE, RENDER, LIVE, *HALF_DONE)
    for name in (*(f"{folder}/000001.png" for folder in folders), *OTHERS):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(bytes(1000))
    for folder in (PAINTED, OLDER):
        (root / folder / "job.json").touch()
    (root / NODE).mkdir()
    (root / NODE / "000007.png").hardlink_to(root / PAINTED / "000001.png")
    long_ago = time.time() - 40 * 24 * 3600
    for place in (*(root / OLDER).iterdir(), root / OLDER):
        os.utime(place, (long_ago, long_ago))
    return root


def told(capsys, *arguments):
    """What the command says to machines about each kind: folders and bytes."""
    assert main(["cache", "--json", *arguments]) == 0
    kinds = json.loads(capsys.readouterr().out)["kinds"]
    return {kind: (one["folders"], one["bytes"]) for kind, one in kinds.items()}


def test_what_is_kept_is_listed_by_its_kind_and_stays(cache, capsys):
    everything = {
        "painted frames": (2, 2000),
        "motion": (1, 1000),
        "rendered strips": (1, 1000),
        "frames of nodes": (1, 0),
        "live frames": (1, 1000),
        "mattes": (2, 2000),
        "style pictures": (1, 1000),
        "left half done": (3, 3000),
    }
    assert told(capsys) == everything
    assert main(["cache"]) == 0
    said = capsys.readouterr().out
    assert "painted frames       2 folders        0.0 MB" in said
    assert f"Kept in {cache}" in said
    assert told(capsys) == everything


def test_clearing_removes_what_can_be_made_again_and_nothing_of_others(cache, capsys):
    painted = (cache / PAINTED / "000001.png").open("rb")
    assert told(capsys, "--clear") == {
        "painted frames": (2, 2000),
        "motion": (1, 1000),
        "rendered strips": (1, 1000),
        "frames of nodes": (1, 0),
        "live frames": (1, 1000),
        "mattes": (2, 2000),
        "style pictures": (1, 1000),
        "left half done": (3, 3000),
    }
    assert sorted(str(f.relative_to(cache)) for f in cache.rglob("*") if f.is_file()) == sorted(OTHERS)
    assert set(told(capsys).values()) == {(0, 0)}
    with painted:
        assert os.fstat(painted.fileno()).st_nlink == 0, "no name holds what is removed on the disk"


def test_only_what_was_not_used_for_so_many_days_is_removed(cache, capsys):
    assert told(capsys, "--clear", "--older-than", "30")["painted frames"] == (1, 1000)
    assert not (cache / OLDER).exists()
    assert told(capsys) == {
        "painted frames": (1, 1000),
        "motion": (1, 1000),
        "rendered strips": (1, 1000),
        "frames of nodes": (1, 0),
        "live frames": (1, 1000),
        "mattes": (2, 2000),
        "style pictures": (1, 1000),
        "left half done": (3, 3000),
    }


def test_mattes_that_are_used_again_are_not_old(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    write_shot(tmp_path, 1)
    command = ["mask", "clip", "--start", "true/000001.png", "-o", "out"]
    main(command)
    (mattes,) = (tmp_path / "stylestrip" / "mattes").iterdir()
    long_ago = time.time() - 40 * 24 * 3600
    for place in (*mattes.iterdir(), mattes):
        os.utime(place, (long_ago, long_ago))
    capsys.readouterr()
    assert told(capsys, "--older-than", "30")["mattes"][0] == 1
    main(command)
    capsys.readouterr()
    assert told(capsys, "--older-than", "30")["mattes"][0] == 0


def test_a_link_out_of_the_cache_is_left_with_all_that_it_leads_to(cache, tmp_path, capsys):
    film = tmp_path / "film" / "000001.png"
    film.parent.mkdir()
    film.write_bytes(b"mine")
    (film.parent / "job.json").touch()
    (cache / ("a" * 32)).symlink_to(film.parent, target_is_directory=True)
    (cache / PAINTED / "link").symlink_to(film.parent, target_is_directory=True)
    assert told(capsys, "--clear")["painted frames"][0] == 2
    assert film.read_bytes() == b"mine"
    assert (cache / ("a" * 32)).is_symlink()


def test_without_a_cache_nothing_is_kept_and_wrong_input_gets_one_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert told(capsys, "--clear")["mattes"] == (0, 0)
    assert main(["cache", "--cache", str(tmp_path / "gone")]) == 2
    assert "gone' does not exist: check the path" in capsys.readouterr().err
    assert main(["cache", "--clear", "--older-than", "-1"]) == 2
    assert "--older-than is -1; it must be at least 0 days" in capsys.readouterr().err
