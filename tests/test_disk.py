"""What lies on the disk: counted, limited and removed, and never what the open file shows."""

import os
import time
from pathlib import Path

from stylestrip.style_core.kept import Kept, not_used_since, over_the_limit

DAY = 24 * 3600
SHOWN, LAYER, OLD, OLDER = (letter * 32 for letter in "abcd")
NODE, OLD_NODE = "node-" + "4" * 16 + "-1", "node-" + "5" * 16 + "--12"
MATTES, UNUSED_MATTES, RENDER = "mattes/" + "1" * 16, "mattes/" + "2" * 16, "render-" + "3" * 16
OTHERS = "cut-outs/mine.png"


def kept(name: str, size: int, used: float, kind: str = "painted frames") -> Kept:
    return Kept(kind, Path(name), size, used)


def test_over_a_limit_the_longest_unused_goes_first_and_never_what_is_needed_or_was_used_lately():
    found = [kept("shown", 50, 1.0), kept("b", 30, 3.0), kept("a", 30, 2.0), kept("new", 30, 9.0)]
    needs = lambda one: one.folder.name == "shown"  # noqa: E731
    assert [one.folder.name for one in over_the_limit(found, 115, 5.0, needs)] == ["a"]
    assert [one.folder.name for one in over_the_limit(found, 100, 5.0, needs)] == ["a", "b"]
    assert [one.folder.name for one in over_the_limit(found, 0, 5.0, needs)] == ["a", "b"], "what must stay, stays"
    assert over_the_limit(found, 140, 5.0, needs) == []
    assert [one.folder.name for one in not_used_since(found, 3.0, needs)] == ["a"]


SCRIPT = """
import os
from pathlib import Path

def for_later(part, cache):
    # How many may go of the pictures that a job reads, of its source's paint and of motion, while it is left over, once
    # it has failed, and without it. Its source is gone: nothing of it can be read.
    core = importlib.import_module(stage.EXTENSION + '.style_core.job')
    disk, unfinished, queue = part('disk'), part('unfinished'), part('jobs').queue
    pictures = []
    for size in range(8, 12):  # as no two are alike
        image = bpy.data.images.new('Waves', size, size)
        image.pack()
        pictures.append(part('host.images').image_file(image, cache))
    look = core.Look(styles=(pictures[0],))
    own = core.Look(styles=(pictures[1],), start='picture', start_picture=pictures[2])
    job = core.Job(core.Source('clip'), look, regions=(core.Region(mask=pictures[3], look=own),), rest=True)
    about = dict(scene='Film', strip='Clip', job=job, footage=None)
    (cache / ('f' * 32)).mkdir()
    (cache / ('f' * 32) / 'job.json').write_text(job.to_json())
    (cache / ('flow-' + '6' * 16)).mkdir()
    kinds = ('style pictures', 'motion')
    of_it = lambda one: one.kind in kinds or one.folder.name == 'f' * 32
    spare = lambda: sum(map(of_it, disk.may_go(0)))
    unfinished.left.append(part('leftovers').Left(ticket='1', **about))
    told = [spare()]
    unfinished.left.clear()
    queue.append(part('painting').Painting(identifier='1', state='failed', **about))
    told.append(spare())
    queue.clear()
    told.append(spare())
    for one in disk.found():
        if of_it(one):
            disk.remove(one)
    return told

def play(plan):
    stage.enable()
    part = lambda name: importlib.import_module(stage.EXTENSION + '.blender_addon.' + name)
    disk, folder, names = part('disk'), Path(plan['folder']), plan['names']
    cache = folder / 'stylestrip_cache'
    preferences = bpy.context.preferences.addons[stage.EXTENSION].preferences
    preferences.cache_folder = ''
    scene = stage.new_scene()
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / 'film.blend'))
    strip = scene.sequence_editor.strips.new_image('Paint', str(cache / names['SHOWN'] / '000001.png'), 1, 1)
    version = strip.stylestrip_paint.versions.add()
    version.folder = str(cache / names['SHOWN'])
    older = strip.stylestrip_paint.versions.add()
    older.folder = str(cache / names['OLDER'])
    strip.stylestrip.regions.add().seen = str(cache / names['MATTES'])
    tree = bpy.data.node_groups.new('Node', 'CompositorNodeTree')
    tree.stylestrip_node.folder = str(cache / names['NODE'])
    files = lambda: [one for one in cache.rglob('*') if one.is_file() and one.name != 'job.json']
    left = lambda: sorted(str(one.relative_to(cache)) for one in files())
    told = {}
    sizes = disk.sizes()
    sizes.thread.join()
    told['sizes'] = [sizes.cache, sizes.painter, disk.places().cache == cache]
    told['may go'] = sorted(one.folder.name for one in disk.may_go(0))
    told['may go of thirty days'] = sorted(one.folder.name for one in disk.may_go(30))
    told['for later'] = for_later(part, cache)
    gone = disk.shrink([cache], 6500, disk.needed())
    told['limited'] = [one.folder.name for one in gone]
    told['said'] = disk.removed_last
    task = part('task').Task(state='running')
    part('jobs').queue.append(task)
    try:
        bpy.ops.stylestrip.clean_up(days=0)
    except RuntimeError as error:
        told['while painting'] = str(error)
    task.state = 'done'
    spare = disk.total(disk.may_go(0))
    told['cleaned'] = [spare, bpy.ops.stylestrip.clean_up(days=0) == {'FINISHED'}, left()]
    runtimes = part('painter').user_folder() / 'runtimes'
    (runtimes / '1').mkdir(parents=True)
    bpy.ops.stylestrip.remove_all(painter=True, networks=False, unsaved=False, cache=False)
    told['after the painter'] = [runtimes.exists(), left()]
    bpy.ops.stylestrip.remove_all(painter=False, networks=False, unsaved=True, cache=True)
    told['removed'] = left()
    part('jobs').queue.clear()
    command, others = part('cache_command').run, cache / ('e' * 32)
    others.mkdir()
    (others / 'job.json').touch()
    told['command'] = [command(['--older-than', '30']), command(['--clear']), others.exists()]
    for place in (others / 'job.json', others):
        os.utime(place, (plan['hours ago'],) * 2)
    told['command'] += [command(['--clear']), others.exists()]
    return told
"""


def test_only_what_the_open_file_does_not_need_is_removed_and_what_was_cut_out_by_hand_never(modules, tmp_path):
    cache = tmp_path / "stylestrip_cache"
    for name in (SHOWN, LAYER, OLD, OLDER, MATTES, UNUSED_MATTES, RENDER):
        (cache / name).mkdir(parents=True)
        (cache / name / "000001.png").write_bytes(bytes(1000))
        (cache / name / "job.json").touch()
    (cache / SHOWN / "layers.txt").write_text(LAYER)
    (cache / OTHERS).parent.mkdir()
    (cache / OTHERS).write_bytes(bytes(1000))
    for shown, painted in ((NODE, OLD), (OLD_NODE, OLDER)):
        (cache / shown).mkdir()
        (cache / shown / "000001.png").hardlink_to(cache / painted / "000001.png")
    for age, name in ((50, OLDER), (45, OLD_NODE), (40, OLD), (40, NODE), (2, RENDER)):
        for place in (*(cache / name).iterdir(), cache / name):
            os.utime(place, (time.time() - age * DAY,) * 2)
    names = {"SHOWN": SHOWN, "OLDER": OLDER, "NODE": NODE, "MATTES": MATTES}
    told = modules.play(SCRIPT, tmp_path, names=names, **{"hours ago": time.time() - 7200})
    assert told["sizes"][::2] == [7000 + len(LAYER), True]
    assert told["may go"] == sorted([OLD, OLDER, OLD_NODE, RENDER, UNUSED_MATTES[7:]])
    assert told["may go of thirty days"] == sorted([OLD, OLDER, OLD_NODE])
    assert told["for later"] == [0, 0, 6], "whatever a job reads stays until it is painted, whoever made it"
    assert told["limited"] == [OLDER, OLD_NODE], "the longest unused first, until the rest fits: with both, it is free"
    assert told["said"].startswith("Over the limit: 0 MB that were longest unused")
    stay = sorted([f"{name}/000001.png" for name in (SHOWN, LAYER, NODE, MATTES)] + [f"{SHOWN}/layers.txt", OTHERS])
    assert "wait until it is done" in told["while painting"]
    assert told["cleaned"] == [2000, True, stay], "the node still shows what was painted before"
    assert told["after the painter"] == [False, stay]
    assert told["removed"] == [OTHERS]
    assert told["command"] == [2, 0, True, 0, False], "what another Blender may be painting stays, and it is 0 days old"
