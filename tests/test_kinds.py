"""Every kind of strip: a job that changes nothing leaves the edit as it was, frame by frame and pixel by pixel."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import number_in, numbered_frame, write_film, write_png

from tests.conftest import Blender

pytestmark = [pytest.mark.blender, pytest.mark.slow]

COUNT = 12
# Nothing is painted.
ARGUMENTS = {"size": 0, "steps": 0, "device": "cpu"}
PLACE = {"offset_x": 7, "offset_y": -5, "scale_x": 0.8, "scale_y": 0.9, "rotation": 0.2}
CROP = {"min_x": 10, "max_x": 4, "min_y": 6, "max_y": 2}
SEE_THROUGH = {"right": 4, "blend_type": "ALPHA_OVER", "blend_alpha": 0.6}
# What is done to all kinds; of frames 1, 2 and the last, which show these numbers where pictures have some.
PROPERTIES = {
    "plain": {},
    "trim": {"change": {"left": 3, "right": 6}},
    "reverse": {"change": {"use_reverse_frames": True}},
    "transform": {"transform": PLACE, "change": {"right": 4}},
    "crop": {"crop": CROP, "change": {"right": 4}},
    "alpha": {"change": SEE_THROUGH},
}
# What only films and pictures have.
OF_FILES = {
    "speed": {"retime": 200},
    "slow, in its place, see-through": {"retime": 50, "transform": PLACE, "change": {"blend_alpha": 0.7}},
    "through a speed effect": {"shown_through": 2.0},
    "colour space": {"colours": "Non-Color"},
    "linear colour space": {"colours": "Linear Rec.709"},
    "modifier": {"modifier": "COLOR_BALANCE", "change": {"color_multiply": 0.8}},
    "modifier, in its place": {"modifier": "BRIGHT_CONTRAST", "transform": PLACE},
    "masked by a modifier": {"modifier": "MASK", "transform": PLACE},
    "strobe": {"change": {"strobe": 3.0}},
    "moved by keys": {"keys": {"transform.offset_x": [[1, -10], [6, 20]]}, "modifier": "BRIGHT_CONTRAST"},
    "in a meta": {"retime": 200, "meta": True},
    "flipped": {"retime": 200, "change": {"use_flip_x": True, "use_flip_y": True}, "transform": PLACE},
}
KINDS = (
    "film", "pictures", "picture", "transparent", "scene sequencer", "scene camera", "meta", "movie clip", "mask",
    "text", "colour", "cross", "speed effect", "blur", "glow", "adjustment", "multicam",
)  # fmt: skip
CASES = {f"{kind}, {name}": {"kind": kind} | what for kind in KINDS for name, what in PROPERTIES.items()}
CASES |= {f"{kind}, {name}": {"kind": kind} | what for kind in KINDS[:2] for name, what in OF_FILES.items()}
CASES |= {
    "film, through a placed speed effect": {"kind": "film", "shown_through": 2.0, "speed_transform": PLACE},
    "film, through a speed effect, in its place": {"kind": "film", "shown_through": 2.0, "transform": PLACE},
    "transparent, modifier": {"kind": "transparent", "modifier": "BRIGHT_CONTRAST"},
    "transparent, premultiplied": {"kind": "transparent", "change": {"alpha_mode": "PREMUL"}},
    "transparent, added": {"kind": "transparent", "change": {"blend_type": "ADD"}, "modifier": "COLOR_BALANCE"},
    "text, added": {"kind": "text", "change": {"blend_type": "ADD"}},
    "text, over nothing": {"kind": "text", "backdrop": False},
    "text, in a meta": {"kind": "text", "meta": True},
}
# The numbers that frames 1, 2 and the last one show.
NUMBERS = {"plain": [1, 2, 6], "trim": [3, 4, 5], "reverse": [12, 11, 7], "speed": [1, 3], "strobe": [1, 1, 4]}
WITH_NUMBERS = ("film", "pictures", "transparent", "scene sequencer", "movie clip", "adjustment")

# How far pixels may differ, of 255. Films are decoded by the painter itself unless they are rendered first.
DECODED = 1
# Pixels that lie between those of a picture are rounded before they are mixed, or afterwards.
MIXED = {"scene camera, transform": 1}
# Colours in floats, which Blender computes to a few digits, and here twice (see test_colours.py).
MIXED |= {f"{kind}, linear colour space": 1 for kind in KINDS[:2]}

done: dict[str, dict] = {}


@pytest.fixture
def told(blender: Blender, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What one run of each Blender has made of all cases."""
    if blender.name not in done:
        done[blender.name] = paint_all(blender, tmp_path_factory.mktemp(f"kinds-{blender.name}"), CASES)
    return done[blender.name]


def paint_all(blender: Blender, folder: Path, cases: dict) -> dict:
    """Paints all cases with a job that changes nothing."""
    numbers = range(1, COUNT + 1)
    grey = np.full((64, 96, 3), (60, 60, 90), np.uint8)
    return blender.run(
        "kinds.py",
        folder,
        cases=cases,
        film=str(write_film(folder / "clip.mp4", COUNT)),
        pictures=[str(write_png(folder / f"p{n}.png", numbered_frame(n))) for n in numbers],
        transparent=[str(write_png(folder / f"t{n}.png", see_through(n))) for n in numbers],
        backdrop=str(write_png(folder / "backdrop.png", grey)),
        arguments=ARGUMENTS,
    )


def see_through(number: int) -> np.ndarray:
    """A numbered frame that fades out to the left below its number, and has a hole."""
    alpha = np.full((64, 96), 255, np.uint8)
    alpha[20:] = np.minimum(4 * np.arange(96), 255)
    alpha[40:, :30] = 0
    return np.dstack([numbered_frame(number), alpha])


def difference(files: tuple[str, str], kind: str, blender: Blender) -> int:
    """How far the pixels of two rendered frames differ at most.

    One pixel of a mask does not count in Blender 4.5, which leaves it as the memory was: it may be mixed into four.
    """
    first, second = (cv2.imread(file, cv2.IMREAD_UNCHANGED).astype(int).reshape(-1, 4) for file in files)
    found = np.sort(np.abs(first - second).max(axis=1))
    return found[-5 if kind == "mask" and blender.name == "bpy-4.5" else -1]


def limit(name: str, told: dict) -> int:
    """How far the pixels of a case may differ."""
    decoded = name.startswith("film") and told["way"] == "Painted straight from its file."
    return MIXED.get(name, DECODED if decoded else 0)


def test_an_edit_looks_as_before_whatever_kind_of_strip_is_painted(blender, told):
    assert set(told) == set(CASES)
    for name, found in told.items():
        assert "error" not in found, f"{name}: {found['error']}"
        assert found["span"][0] == found["span"][1], name
        assert "Clip" in found["muted"], name
        for files in zip(found["before"], found["after"], strict=True):
            assert difference(files, CASES[name]["kind"], blender) <= limit(name, found), f"{name}: {files[0]}"


def test_the_frames_are_those_that_the_strip_shows(told):
    seen = 0
    for name, found in told.items():
        kind, _, what = name.partition(", ")
        if what in NUMBERS and kind in WITH_NUMBERS and (what != "reverse" or kind in ("film", "pictures")):
            files = found["after"][: len(NUMBERS[what])]
            assert [number_in(cv2.imread(file)) for file in files] == NUMBERS[what], name
            seen += 1
    assert seen >= 18


def test_every_case_shows_something_and_moves(told):
    for name, found in told.items():
        frames = [cv2.imread(file) for file in found["before"]]
        assert all(frame.std() > 1 for frame in frames), name
        if CASES[name]["kind"] not in ("picture", "mask"):
            assert (frames[0] != frames[-1]).any(), name


def test_the_way_in_is_told_with_its_reason(told):
    ways = {
        "film, plain": "Painted straight from its file.",
        "pictures, transform": "Painted straight from its files.",
        "film, masked by a modifier": "Painted straight from its file.",
        "scene sequencer, plain": "Painted from a render of the strip, as it is a scene.",
        "meta, plain": "Painted from a render of the strip, as it is a meta strip.",
        "movie clip, plain": "Painted from a render of the strip, as it is a movie clip.",
        "mask, plain": "Painted from a render of the strip, as it is a mask.",
        "text, plain": "Painted from a render of the strip, as it is a text.",
        "colour, plain": "Painted from a render of the strip, as it is a colour.",
        "cross, plain": "Painted from a render of the strip, as it is an effect.",
        "adjustment, plain": "Painted from a render of the strip, as it is an adjustment layer.",
        "multicam, plain": "Painted from a render of the strip, as it is a multicam selector.",
        "film, speed": "Painted from a render of the strip, as it is retimed.",
        "film, through a speed effect":
            "Painted from a render of the strip, as it is shown through the speed effect 'Faster'.",
        "pictures, colour space": "Painted from a render of the strip, as its colour space is 'Non-Color'.",
        "transparent, premultiplied": "Painted from a render of the strip, as its alpha is 'Premultiplied'.",
        "film, modifier":
            "Painted from a render of the strip, as its modifier 'COLOR_BALANCE' changes its picture.",
    }  # fmt: skip
    assert {name: told[name]["way"] for name in ways} == ways


def test_what_a_strip_is_shown_through_is_muted_with_it_and_so_is_what_an_effect_hides(told):
    assert told["film, through a speed effect"]["muted"] == ["Clip", "Faster"]
    assert told["blur, plain"]["muted"] == ["Clip", "Film"]
    assert told["cross, plain"]["muted"] == ["A", "B", "Clip"]
    assert told["adjustment, plain"]["muted"] == ["Clip"], "what lies below is seen elsewhere too"
