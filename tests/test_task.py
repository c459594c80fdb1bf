"""How far a task is, as a person is told."""

from itertools import pairwise

from stylestrip.blender_addon import task
from stylestrip.blender_addon.task import Task


def test_the_time_left_runs_down_evenly_though_steps_of_a_frame_take_unlike_long(monkeypatch):
    now = 0.0
    monkeypatch.setattr(task.time, "monotonic", lambda: now)
    own, shown = Task(), []
    for second in range(400):
        now = float(second)
        # Every other second, what the worker says jumps by a fifth.
        own.expect((400 - now) * (1.2 if second % 2 else 0.8))
        shown.append(own.seconds_left)
    steps = [before - after for before, after in pairwise(shown[50:])]
    assert max(abs(step - 1) for step in steps[:300]) < 4, "what was said jumps by up to 160"
    assert abs(shown[200] - 200) < 20
    assert shown[-1] < 5


def test_a_time_left_that_is_not_known_is_not_told():
    own = Task()
    own.expect(None)
    assert own.seconds_left is None
