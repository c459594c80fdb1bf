"""Files are there whole or not at all, whoever else writes them."""

import os

import pytest

from style_core.whole import add_line, written


def test_two_programs_write_one_file_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "getpid", lambda: 7)  # as in two containers
    file = tmp_path / "000031.png"
    with written(file) as one, written(file) as other:
        one.write_text("one")
        other.write_text("other")
    assert file.read_text() == "one"
    assert list(tmp_path.iterdir()) == [file]


def test_what_fails_half_way_leaves_the_file_as_it_was(tmp_path):
    file = tmp_path / "000031.png"
    file.write_text("good")

    def fail():
        with written(file) as part:
            part.write_text("half")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert [one.read_text() for one in tmp_path.iterdir()] == ["good"]


def test_a_line_that_was_cut_off_spoils_no_other(tmp_path):
    file = tmp_path / "notes" / "painted.txt"
    add_line(file, "1 of it")
    with file.open("a") as cut_off:
        cut_off.write("1")
    add_line(file, "13 of it")
    assert file.read_text() == "1 of it\n1\n13 of it\n"
