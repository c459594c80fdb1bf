"""One machine, several users: an administrator has installed the extension where nobody else may write."""

import dataclasses
import shutil
import subprocess
from pathlib import Path

import pytest
from clips import style_picture, write_film, write_png

from tests.conftest import missing

pytestmark = pytest.mark.blender

SCRIPT = """
import os
from pathlib import Path

def play(plan):
    stage.EXTENSION = 'bl_ext.system.stylestrip'
    stage.enable()
    own = importlib.import_module(stage.EXTENSION)
    here = Path(own.__file__).parent
    told = {'extension': str(here)}
    try:
        (here / 'mine.txt').touch()
        told['written'] = True
    except OSError as error:
        told['written'] = error.strerror
    painter = importlib.import_module(stage.EXTENSION + '.blender_addon.painter')
    told['user folder'] = str(painter.user_folder())
    if plan['paints']:
        scene = stage.new_scene('Film', 32, 24)
        strip = scene.sequence_editor.strips.new_movie('Clip', plan['film'], 1, 1)
        scene.sequence_editor.active_strip, strip.select = strip, True
        strip.stylestrip.style = plan['style']
        strip.stylestrip.steps, strip.stylestrip.steps_per_frame, strip.stylestrip.size = 1, 1, 32
        told['painted'] = sorted(bpy.ops.stylestrip.stylize_strip(strip='Clip'))
        painted = next(one for one in scene.sequence_editor.strips if one.name != 'Clip')
        told['frames'] = str(Path(bpy.path.abspath(painted.directory)).resolve())
    return told
"""


def test_users_share_an_extension_that_none_of_them_can_write_to(oldest, tmp_path):
    shared = tmp_path / "Program Files" / "extensions"
    installed = next(oldest.resources.rglob("user_default/stylestrip"))
    shutil.copytree(installed, shared / "system" / "stylestrip", ignore=shutil.ignore_patterns("__pycache__"))
    # A mount that cannot be written to, in a view of the file system that only this process has: root heeds no modes.
    lock = f"mount --bind '{shared}' '{shared}' && mount -o remount,bind,ro '{shared}'"
    if subprocess.run(["unshare", "-rm", "sh", "-c", lock], capture_output=True).returncode:
        missing("unshare")
    program = tmp_path / "program"
    inner = tmp_path / "inner"
    inner.write_text(f"{lock}\nexec '{oldest.program}' \"$@\"\n")
    program.write_text(f"#!/bin/sh\nexec unshare -rm sh '{inner}' \"$@\"\n")
    program.chmod(0o755)
    plan = {"film": str(write_film(tmp_path / "clip.mp4", 1)),
            "style": str(write_png(tmp_path / "style.png", style_picture()))}  # fmt: skip
    told = {}
    for name in ("Ana", "Борис"):
        user = dataclasses.replace(oldest, program=str(program), resources=tmp_path / name)
        user.resources.mkdir()
        own = {"BLENDER_SYSTEM_EXTENSIONS": str(shared)}
        told[name] = user.play(SCRIPT, tmp_path, env=own, paints=name == "Ana", **plan)
        assert told[name]["written"] == "Read-only file system", told
        assert Path(told[name]["extension"]) == shared / "system" / "stylestrip"
        assert Path(told[name]["user folder"]).is_relative_to(user.resources), "each has a painter of his own"
    assert told["Ana"]["painted"] == ["FINISHED"]
    assert Path(told["Ana"]["frames"]).is_relative_to(tmp_path / "Ana")
    assert not list(shared.rglob("__pycache__")), "nothing is written beside the code"
