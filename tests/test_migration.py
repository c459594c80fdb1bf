"""What an older version has left in a .blend file, in the preferences and on the disk means what it meant."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.blender

# As 0.1 wrote it before regions came: `mask`, `feather` and `invert` beside the strip's other settings.
SCRIPT = """
def play(plan):
    stage.enable()
    part = lambda name: importlib.import_module(stage.EXTENSION + '.blender_addon.' + name)
    kept_values, migration = part('host.versions').kept_values, part('migration')
    scene = stage.new_scene()
    for name, values in plan['strips'].items():
        strip = scene.sequence_editor.strips.new_image(name, plan['folder'] + '/a.png', 1, 1)
        strip.stylestrip.steps = 7  # so that there is something to hold them
        for key, value in values.items():
            kept_values(strip.stylestrip)[key] = value
    bpy.ops.wm.save_as_mainfile(filepath=plan['folder'] + '/old.blend')
    bpy.ops.wm.open_mainfile(filepath=plan['folder'] + '/old.blend')
    told = {'brought': migration.migrate(), 'again': migration.migrate()}
    for scene in bpy.data.scenes:
        for strip in scene.sequence_editor.strips_all if scene.sequence_editor else ():
            regions = [[one.source, one.path, round(one.feather, 3), one.invert] for one in strip.stylestrip.regions]
            left = [name for name in ('mask', 'feather', 'invert') if name in kept_values(strip.stylestrip)]
            told[strip.name] = [strip.stylestrip.steps, regions, left]
    own = bpy.context.preferences.addons[stage.EXTENSION].preferences
    own.python, own.cache_folder = plan['folder'] + '/python', plan['folder']  # all that 0.1 knew
    told['preferences'] = [own.python, own.cache_folder, own.build, own.index, own.wheels, own.cache_limit]
    return told
"""


def test_a_mask_of_a_strip_becomes_its_region_once_and_preferences_keep_their_names(modules, tmp_path):
    (tmp_path / "a.png").touch()
    strips = {
        "Masked": {"mask": "//mask.png", "feather": 2.5, "invert": 1},
        "Bare": {"mask": "", "feather": 3.0},
        "New": {},
    }
    told = modules.play(SCRIPT, tmp_path, strips=strips)
    assert (told["brought"], told["again"]) == (2, 0)
    assert told["Masked"] == [7, [["FILE", "//mask.png", 2.5, True]], []]
    assert told["Bare"] == [7, [], []], "where nothing was masked, nothing is"
    assert told["New"] == [7, [], []]
    folder = str(Path(tmp_path))
    assert told["preferences"] == [f"{folder}/python", folder, "auto", "", "", 0.0]
