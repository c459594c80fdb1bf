"""Mattes from the passes of a render: which pixels a region has, and how its paint is laid over what is not painted."""

from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - its documentation writes it so
import pytest
from clips import numbered_frame, style_picture, write_png

from style_core.job import Job, Look, Motion, Output, Region, Source, UserError
from style_core.media.clip import open_clip
from style_core.media.frame import Frame, frame_of_light
from style_core.media.light import decode_srgb
from style_core.media.pictures import read_pixels, write_pixels
from style_core.regions.matte import Matte, lay_over
from style_core.regions.passes import PassMatte, decoded, float_id
from style_core.sequence import paint_job

HEIGHT, WIDTH = 48, 64
# As Blender 4.5 and 5.2 wrote them into the manifest of a file.
HASHES = {
    "Left": 0x63A5D310,
    "Right": 0x8EB27AFA,
    "Floor": 0x6A2FB16E,
    "Sun": 0xEE8D1AE3,
    "default_surface": 0x78D05529,
}


@pytest.mark.parametrize("name", HASHES)
def test_a_name_has_the_id_that_blender_gives_it(name):
    assert float_id(name).view(np.uint32) == HASHES[name]


def disc(x: float, radius: float = 11) -> np.ndarray:
    """How much of each pixel a disc covers, with a smooth edge."""
    down, across = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    return (radius + 0.5 - np.hypot(down - HEIGHT / 2, across - x)).clip(0, 1)


def write_passes(file: Path, x: float = 24, in_parts: bool = False, index: float = 7) -> Path:
    """What Blender keeps of a frame in which the disc Near stands before the disc Far, both before the wall Wall."""
    near = disc(x)
    far = disc(40) * (1 - near)
    wall = 1 - near - far
    # Of each pixel, the thing that covers most of it is the first.
    ids = [np.full_like(near, float_id(name)) for name in ("Near", "Far", "Wall")]
    shares = np.stack([near, far, wall])
    order = np.argsort(-shares, axis=0, kind="stable")
    ids, shares = np.take_along_axis(np.stack(ids), order, 0), np.take_along_axis(shares, order, 0)
    ids = np.where(shares > 0, ids, 0).astype(np.float32)
    empty = np.zeros_like(near)
    parts = {
        "View.Layer.Combined": dict(zip("RGBA", [empty] * 4, strict=True)),
        "View.Layer.CryptoObject00": dict(zip("rgba", (ids[0], shares[0], ids[1], shares[1]), strict=True)),
        "View.Layer.CryptoObject01": dict(zip("rgba", (ids[2], shares[2], empty, empty), strict=True)),
        "View.Layer.Object Index" if in_parts else "View.Layer.IndexOB": {"X": index * (near > 0.5)},
    }
    if not in_parts:
        parts = {"": {f"{name}.{c}": values for name, one in parts.items() for c, values in one.items()}}
    specs = []
    for name, channels in parts.items():
        spec = oiio.ImageSpec(WIDTH, HEIGHT, len(channels), "float")
        spec.channelnames = [f"{name}.{channel}".lstrip(".") for channel in channels]
        if name:
            spec.attribute("oiio:subimagename", name)
        specs.append(spec)
    target = oiio.ImageOutput.create(str(file))
    assert target.open(str(file), specs)
    for place, channels in enumerate(parts.values()):
        assert not place or target.open(str(file), specs[place], "AppendSubimage")
        assert target.write_image(np.dstack(list(channels.values())).astype(np.float32))
    target.close()
    return file


def region(matte: str = "cryptomatte", **given: object) -> Region:
    return Region(matte=matte, layer="View.Layer", feather=0, **given)


@pytest.fixture(params=[False, True], ids=["in one part, as of Blender 4.5", "in parts, as of Blender 5"])
def passes(request, tmp_path) -> Path:
    return write_passes(tmp_path / "000001.exr", in_parts=request.param)


def test_a_thing_is_what_it_covers_of_each_pixel(passes):
    near, far = (decoded(passes, region(things=(name,))) for name in ("Near", "Far"))
    assert np.array_equal(near, disc(24)) and len(np.unique(near)) > 8
    assert np.allclose(far, disc(40) * (1 - disc(24)), atol=1e-6)


def test_several_things_are_one_region_without_a_seam(passes):
    both = decoded(passes, region(things=("Near", "Far", "Nobody")))
    assert np.allclose(both, 1 - (1 - disc(24)) * (1 - disc(40)), atol=1e-6)
    assert decoded(passes, region(things=("Near", "Far", "Wall"))).min() > 1 - 1e-6


def test_what_is_not_in_the_picture_is_nowhere(passes):
    assert not decoded(passes, region(things=("Nobody",))).any()


def test_an_index_has_the_pixels_that_have_that_number(passes):
    assert np.array_equal(decoded(passes, region("index", pass_index=7)), disc(24) > 0.5)
    assert not decoded(passes, region("index", pass_index=6)).any()


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (region(known_by="material", things=("Near",)), "has no pass 'View.Layer.CryptoMaterial'"),
        (region("index", known_by="material", pass_index=1), "has no pass 'View.Layer.Material Index'"),
        (Region(matte="cryptomatte", layer="Other", things=("Near",)), "has no pass 'Other.CryptoObject'"),
    ],
)
def test_a_pass_that_is_missing_is_named(passes, wanted, words):
    with pytest.raises(UserError, match=words):
        decoded(passes, wanted)


def test_a_file_that_is_gone_or_broken_is_told(tmp_path):
    (tmp_path / "broken.exr").write_bytes(b"no picture")
    for name in ("gone.exr", "broken.exr"):
        with pytest.raises(UserError, match=rf"{name}' cannot be read, as they are gone or damaged: render"):
            decoded(tmp_path / name, region(things=("Near",)))


def test_regions_that_make_no_sense_are_refused():
    for given, words in (
        ({"matte": "cryptomatte", "things": ("A",), "refine": "crf"}, "cannot be refined"),
        ({"matte": "index", "known_by": "asset"}, "which assets do not have"),
    ):
        with pytest.raises(UserError, match=words):
            Region(**given)
    with pytest.raises(UserError, match="nothing in it: name an object"):
        Region(matte="cryptomatte", mask="/", name="One").require_inputs()


def test_where_the_picture_is_transparent_all_that_is_seen_of_a_thing_is_of_it(tmp_path):
    write_passes(tmp_path / "000001.exr")
    matte = PassMatte(region(things=("Near",)), str(tmp_path), lambda number: number)
    near = disc(24)
    content = frame_of_light(np.dstack([np.dstack([near] * 3) * 0.5, near]), is_half=False)
    seen = matte.read(1, WIDTH, HEIGHT, content)
    assert np.array_equal(seen, near > 0), "the thing is alone: what there is of a pixel is all its"
    opaque = frame_of_light(np.full((HEIGHT, WIDTH, 3), 0.5, np.float32), is_half=False)
    assert np.abs(matte.read(1, WIDTH, HEIGHT, opaque) - near).max() < 1e-4


@pytest.fixture
def job(tmp_path) -> Job:
    """Two frames of light, numbered from 11, in which Near and Far are painted in two styles."""
    folder, passes = tmp_path / "frames", tmp_path / "passes"
    for place in (folder, passes):
        place.mkdir()
    styles = [
        str(write_png(tmp_path / f"{name}.png", style_picture() // share)) for name, share in (("a", 1), ("b", 3))
    ]
    for number in (11, 12):
        light = decode_srgb(numbered_frame(number, WIDTH, HEIGHT) / np.float32(255)) * np.float32(3)
        write_pixels(folder / f"{number:06d}.exr", light)
        write_passes(passes / f"{number:06d}.exr", x=2 * number)
    looks = [Look(styles=(style,), steps=4) for style in styles]
    regions = [
        region(things=(name,), mask=str(passes), look=look) for name, look in zip(("Near", "Far"), looks, strict=True)
    ]
    return Job(
        source=Source(str(folder), ("000011.exr", "000012.exr")),
        look=looks[0],
        regions=tuple(regions),
        motion=Motion(steps=2, flow="dis-fast"),
        output=Output(size=32, full_size=True, cache=str(tmp_path / "cache"), report=False),
        device="cpu",
    )


def test_paint_lies_over_things_alone_and_is_mixed_as_light_at_their_edges(job):
    result = paint_job(job, lambda progress: None)
    for number, file in zip((11, 12), result.files, strict=True):
        source = read_pixels(Path(job.source.path) / f"{number:06d}.exr")
        painted = read_pixels(file)
        near, far = disc(2 * number), disc(40) * (1 - disc(2 * number))
        outside, inside = near + far == 0, near == 1
        assert painted.shape == source.shape and painted.dtype == source.dtype == np.float32
        assert np.array_equal(painted[outside], source[outside]), "to the bit, though paint is smaller"
        assert np.abs(painted[inside] - source[inside]).mean() > 0.05
        assert np.abs(painted[far == 1] - source[far == 1]).mean() > 0.05


def test_a_region_that_is_seen_nowhere_is_told_and_one_that_is_seen_at_times_is_not(tmp_path):
    for number, x in ((11, -90), (12, 24)):
        write_passes(tmp_path / f"{number:06d}.exr", x=x)
    matte = PassMatte(region(things=("Near",), name="Card"), str(tmp_path), lambda number: number + 10)
    assert matte.unseen(range(1, 3)) == ""
    assert "Nothing of the region 'Card' is seen in frame 11, so nothing is painted" in matte.unseen(range(1, 2))


def test_mattes_that_are_numbered_as_the_pictures_are_belong_to_them(job, tmp_path):
    folder = tmp_path / "mattes"
    folder.mkdir()
    for number in (11, 12):
        write_png(folder / f"{number:06d}.png", np.full((HEIGHT, WIDTH), 20 * number, np.uint8))
    source = job.source
    clip = open_clip(source.path, source.files)
    matte = Matte(Region(mask=str(folder)), str(folder), source, clip, range(1, 3))
    assert [round(255 * matte.read(number, WIDTH, HEIGHT)[0, 0]) for number in (1, 2)] == [220, 240]


def test_half_of_paint_and_half_of_light_is_half_of_both_as_light(job):
    light = np.full((2, 2, 3), 0.04, np.float32)
    light[0, 0] = np.inf
    content = frame_of_light(light, is_half=False)
    paint = np.full((2, 2, 3), 255, np.uint8).astype(np.float32)
    over = lay_over(content, content, paint, np.array([[0, 0.5], [1, 0.5]], np.float32), 1.0).light.pixels
    assert np.array_equal(over[0, 0], light[0, 0]), "what is not painted stays, whatever it is"
    assert np.allclose(over[0, 1], 0.52) and np.allclose(over[1, 0], 1.0)
    bytes_below = Frame(np.full((1, 1, 3), 100, np.uint8))
    mixed = lay_over(bytes_below, bytes_below, np.full((1, 1, 3), 200, np.uint8), np.full((1, 1), 0.5, np.float32), 1.0)
    assert mixed.rgb.tolist() == [[[150, 150, 150]]]
