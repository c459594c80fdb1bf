"""Colours that do not shift: whatever a strip's depth, colour space and alpha, a job that changes nothing leaves the
edit as it was, as light and in every view."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from clips import style_picture, write_png

from style_core.media.pictures import read_pixels, write_pixels
from tests.conftest import Blender

pytestmark = [pytest.mark.blender, pytest.mark.slow]

SIZE = (48, 32)
VIEWS = ("Standard", "AgX", "Filmic")
PLACE = {"offset_x": 7, "offset_y": -5, "scale_x": 0.8, "scale_y": 0.9, "rotation": 0.2}
SEE_THROUGH = {"blend_type": "ALPHA_OVER", "blend_alpha": 0.6}
FILES = tuple(f"{kind}{alpha}" for kind in ("png8", "png16", "tif8", "tif16", "half", "float") for alpha in ("", "a"))
# What painted frames are stored in: their ending, and their type of numbers.
STORED = {"8": (".png", "uint8"), "16": (".png", "uint16"), "half": (".exr", "float16"), "float": (".exr", "float32")}
DISPLAYS = ("Linear Rec.709", "Rec.1886", "AgX Base sRGB", "Filmic sRGB")
CASES = {file: {"file": file} for file in (*FILES, "hdr", "jpg")}
CASES |= {
    f"{file}, {name}": {"file": file, "colours": name} for name in DISPLAYS for file in ("png8", "png16", "tif16")
}
# With alpha over another strip Blender 5.2 forgets the colour space.
CASES |= {
    f"{file}, {name}": {"file": file, "colours": name, "backdrop": False}
    for name in DISPLAYS
    for file in ("png8a", "png16a")
}
CASES |= {f"half, {name}": {"file": "half", "colours": name} for name in ("sRGB", "ACEScg", "Linear Rec.2020")}
CASES |= {f"halfa, {name}": {"file": "halfa", "colours": name} for name in ("Linear Rec.2020", "AgX Base sRGB")}
CASES |= {
    "halfa, straight": {"file": "halfa", "change": {"alpha_mode": "STRAIGHT"}},
    "halfa, over nothing": {"file": "halfa", "backdrop": False},
    "png16a, premultiplied": {"file": "png16a", "change": {"alpha_mode": "PREMUL"}},
    "png16a, see-through": {"file": "png16a", "change": SEE_THROUGH},
    "halfa, see-through": {"file": "halfa", "change": SEE_THROUGH, "transform": PLACE},
    "half, added": {"file": "half", "change": {"blend_type": "ADD"}},
    "half, in its place": {"file": "half", "transform": PLACE, "crop": {"min_x": 5, "max_y": 3}},
    "half, modifier": {"file": "half", "modifier": "COLOR_BALANCE"},
    "png8, modifier": {"file": "png8", "modifier": "BRIGHT_CONTRAST"},
    "png8, in floats": {"file": "png8", "modifier": "BRIGHT_CONTRAST", "change": {"use_float": True}},
    "half, below an adjustment": {"file": "half", "kind": "over", "change": {"color_multiply": 3.0}},
    "half, in another scene": {"file": "half", "kind": "sequencer"},
    "png8, in another scene": {"file": "png8", "kind": "sequencer"},
    "a lamp": {"kind": "lamp"},
    "ten bits": {"kind": "film", "file": "ten"},
    "ten bits, modifier": {"kind": "film", "file": "ten", "modifier": "COLOR_BALANCE"},
    "half, linear sequencer": {"file": "half", "sequencer colours": "Linear Rec.709"},
    "png8a, linear sequencer": {"file": "png8a", "sequencer colours": "Linear Rec.709"},
    "png8, modifier, linear sequencer":
        {"file": "png8", "sequencer colours": "Linear Rec.709", "modifier": "BRIGHT_CONTRAST"},
}  # fmt: skip
# A person may ask for less, or for more.
DEPTHS = {
    "half, as 8 bits": {"file": "half", "arguments": {"depth": "png8"}},
    "half, as 16 bits": {"file": "half", "arguments": {"depth": "png16"}},
    "png8a, as light": {"file": "png8a", "arguments": {"depth": "exr"}},
    "png16, as 8 bits": {"file": "png16", "arguments": {"depth": "png8"}},
}

done: dict[str, dict] = {}


@pytest.fixture
def told(blender: Blender, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What one run of each Blender has made of all cases."""
    if blender.name not in done:
        folder = tmp_path_factory.mktemp(f"colours-{blender.name}")
        files = write_files(folder / "files")
        done[blender.name] = blender.run(
            "colours.py",
            folder,
            cases=CASES | DEPTHS | {"painted": {"file": "half", "arguments": {"steps": 20, "style": files["style"]}}},
            files=files,
            size=SIZE,
            views=VIEWS,
            backdrop=files["png8"],
            arguments={"size": 0, "steps": 0, "device": "cpu"},
        )
    return done[blender.name]


def write_files(folder: Path) -> dict[str, str]:
    """The same picture in all depths; as light it is up to six times as bright as white."""
    folder.mkdir()
    y, x = np.mgrid[: SIZE[1], : SIZE[0]].astype(np.float32)
    shown = np.dstack([x / x.max(), y / y.max(), (x + y) / (x + y).max()])
    alpha = np.clip(1.2 - np.hypot(x - 24, y - 16) / 16, 0, 1)[..., None]
    light, found = 6 * shown**3, {}
    for name, with_alpha in (("", False), ("a", True)):
        bits = np.dstack([shown, alpha]) if with_alpha else shown
        values = np.dstack([light * alpha, alpha]) if with_alpha else light
        pictures = {
            f"png8{name}.png": np.rint(bits * 255).astype(np.uint8),
            f"png16{name}.png": np.rint(bits * 65535).astype(np.uint16),
            f"tif8{name}.tif": np.rint(bits * 255).astype(np.uint8),
            f"tif16{name}.tif": np.rint(bits * 65535).astype(np.uint16),
            f"half{name}.exr": values.astype(np.float16),
            f"float{name}.exr": values.astype(np.float32),
        }
        pictures |= {} if with_alpha else {"hdr.hdr": light, "jpg.jpg": np.rint(bits * 255).astype(np.uint8)}
        for file, picture in pictures.items():
            write_pixels(folder / file, picture)
            found[Path(file).stem] = str(folder / file)
    found["style"] = str(write_png(folder / "style.png", style_picture()))
    return found | {"ten": str(write_film(folder / "ten.mkv", shown))}


def write_film(path: Path, shown: np.ndarray) -> Path:
    """A film of 10 bits that shows a picture (H, W, 3) in 0..1, in grey."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv444p10le"
        for _ in range(3):
            frame = av.VideoFrame(*SIZE, "yuv444p10le")
            for plane, values in zip(frame.planes, (64 + 876 * shown.mean(axis=2), 512, 512), strict=True):
                samples = np.zeros((plane.height, plane.line_size // 2), np.uint16)
                samples[:, : plane.width] = np.rint(values)
                plane.update(samples.tobytes())
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


# Blender computes colours in floats to 4 or 5 digits, and a strip that is rendered first goes twice through that.
DIGITS = 1e-4
FLIPPED = 0.03  # of the pixels may be rounded the other way then


# White in a film of more than 8 bits is 254 of 255 in Blender.
DECODED = {"ten bits": 1.0}


def is_exact(name: str, found: dict) -> bool:
    """Whether the edit must be the same to the last bit: nothing was rendered as light first."""
    return name not in ("hdr", "ten bits") and not (found["is_render"] and found["file"].endswith(".exr"))


def difference(files: tuple[str, str]) -> np.ndarray:
    """How far the pixels of two pictures differ at most, as they are seen, (H, W) in 0..255; alpha as well."""
    first, second = (cv2.imread(file, cv2.IMREAD_UNCHANGED).astype(np.float32) for file in files)
    seen = [np.dstack([one[..., :3] * one[..., 3:] / 255, one[..., 3]]) for one in (first, second)]
    return np.abs(np.subtract(*seen)).max(axis=2)


def test_an_edit_looks_as_before_in_every_view(told):
    assert set(told) == {*CASES, *DEPTHS, "painted"}
    for name in CASES:
        found = told[name]
        assert "error" not in found, f"{name}: {found['error']}"
        for view in VIEWS:
            differs = difference((found["before"][view], found["after"][view]))
            if is_exact(name, found):
                assert not differs.any(), f"{name}, {view}"
            else:
                assert differs.max() <= 1 and (differs > 0).mean() <= DECODED.get(name, FLIPPED), f"{name}, {view}"


def test_its_light_is_as_before(told):
    for name in CASES:
        found = told[name]
        before, after = (read_pixels(found[when]["light"]) for when in ("before", "after"))
        if is_exact(name, found):
            assert np.array_equal(before, after), name
        digits = DECODED.get(name, 0) / 100 or DIGITS
        assert (np.abs(after - before) <= digits * np.maximum(1, np.abs(before))).all(), name


def test_light_above_white_is_there_in_the_first_place(told):
    bright = [name for name in CASES if read_pixels(told[name]["before"]["light"]).max() > 1.5]
    assert {"half", "floata", "hdr", "a lamp", "half, in another scene", "png8, AgX Base sRGB"} <= {*bright}


def test_frames_are_stored_as_fine_as_the_strip_is(told):
    wanted = {file: STORED["16" if "16" in file else "8"] for file in FILES if "png" in file or "tif" in file}
    wanted |= {
        file: STORED["half" if "half" in file else "float"] for file in FILES if "half" in file or "float" in file
    }
    wanted |= {"jpg": STORED["8"], "png8, modifier": STORED["8"], "png8, in another scene": STORED["8"]}
    wanted |= dict.fromkeys(
        ("a lamp", "half, modifier", "png16, Rec.1886", "tif16a", "png8, in floats"), STORED["float"]
    )
    wanted |= {"ten bits": STORED["16"], "ten bits, modifier": STORED["float"]}
    wanted |= {"half, as 8 bits": STORED["8"], "half, as 16 bits": STORED["16"], "png8a, as light": STORED["half"]}
    stored = {name: (Path(told[name]["file"]).suffix, read_pixels(told[name]["file"]).dtype) for name in wanted}
    assert stored == wanted
    colours = {name: told[name]["colours"] for name in wanted}
    assert colours == {name: "sRGB" if ending == ".png" else "Linear Rec.709" for name, (ending, _) in wanted.items()}


def test_a_person_may_ask_for_another_depth(told):
    for name in DEPTHS:
        found = told[name]
        assert "error" not in found, f"{name}: {found['error']}"
        # Light above white is lost in bytes, and that alone.
        assert difference((found["before"]["Standard"], found["after"]["Standard"])).max() <= 1, name


def test_light_is_as_bright_in_the_edit_where_it_is_painted(told):
    before, after = (read_pixels(told["painted"][when]["light"])[..., :3].max(axis=2) for when in ("before", "after"))
    assert Path(told["painted"]["file"]).suffix == ".exr" and (before != after).mean() > 0.9
    bright, dark = before > 3, before < 0.9
    assert after[bright].mean() > 0.4 * before[bright].mean() > 1.2
    assert after[dark].max() < 1.001
