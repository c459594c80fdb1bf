"""A strip that is cut, moved or copied while it is painted: each piece gets its paint, and what gets none is named."""

import pytest
from clips import numbered_frame, style_picture, write_film, write_png
from test_addon import BEGIN, write_painter

pytestmark = pytest.mark.blender

CUT = """
def cut(strips, strip, frame, name, channel):
    # As K does: the right piece is a copy with everything that the strip has.
    right = strips.new_movie(name, strip.filepath, channel, 1)
    right.stylestrip.ticket = strip.stylestrip.ticket
    stage.change(strip, right=frame)
    stage.change(right, left=frame)
    return right

def ends(scene):
    strips = [strip for strip in scene.sequence_editor.strips if strip.get("stylestrip_job")]
    return sorted([getattr(strip, stage.LEFT), getattr(strip, stage.RIGHT)] for strip in strips)

def finish(module, painting):
    module("driver").wait(painting)
    return painting.message

def play(plan):
    stage.enable()
    told = {}
    scene, painting = begin(plan, "Cut")
    strips = scene.sequence_editor.strips
    right = cut(strips, strips["Clip"], 8, "Clip.001", 3)
    copy = cut(strips, right, 20, "Copy", 6)
    stage.change(copy, left=10)
    told["cut"] = [finish(module, painting), ends(scene)]
    scene, painting = begin(plan, "Grown")
    strips = scene.sequence_editor.strips
    del painting.footage.frames[10:]  # as if the strip had been that short
    cut(strips, strips["Clip"], 8, "Clip.001", 3)
    told["grown"] = [finish(module, painting), ends(scene)]
    scene, painting = begin(plan, "Dressed")
    strip = scene.sequence_editor.strips["Clip"]
    strip.transform.keyframe_insert("offset_x", frame=2)
    strip.modifiers.new("Bright", "BRIGHT_CONTRAST")
    told["dressed"] = finish(module, painting)
    scene, painting = begin(plan, "Gone")
    scene.sequence_editor.strips.remove(scene.sequence_editor.strips["Clip"])
    told["gone"] = [painting.state, finish(module, painting)]
    return told
"""


def test_all_pieces_are_painted_and_what_is_not_is_named(oldest, tmp_path):
    for number in range(1, 21):
        write_png(tmp_path / f"{number:06d}.png", numbered_frame(number))
    done = {"type": "done", "folder": str(tmp_path), "notes": []}
    answer = f"""
while job["type"] != "quit":
    if job["type"] == "run":
        print(json.dumps({done!r} | {{"id": job["id"]}}), flush=True)
    job = json.loads(sys.stdin.readline() or '{{"type": "quit"}}')
"""
    plan = {
        "painter": write_painter(tmp_path, answer),
        "film": str(write_film(tmp_path / "clip.mp4", 20)),
        "style": str(write_png(tmp_path / "style.png", style_picture())),
    }
    told = oldest.play(BEGIN + CUT, tmp_path, **plan)
    assert told["cut"] == ["'Clip' and 'Clip.001' are painted.", [[1, 8], [8, 20]]], "a copy stays as it is"
    assert told["grown"] == [
        "'Clip' is painted. 'Clip.001' shows more frames now than at the start: stylize it again.",
        [[1, 8]],
    ]
    assert told["dressed"] == (
        "'Clip' is painted. Of 'Clip' the keys and the modifiers were not carried over: set them again at the painted "
        "strip."
    )
    assert told["gone"][1].startswith("The strip 'Clip' was deleted while it was painted.")
