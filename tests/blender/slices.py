"""How long the add-on's code holds the window's thread in one go: its timers, handlers, operators and panels."""

import functools
import time
from collections.abc import Callable, Iterator

import bpy
import stage

# What Blender calls of an operator, a panel or a list.
CALLED = ("execute", "invoke", "modal", "poll", "draw", "draw_item", "draw_header")
KINDS = ("Operator", "Panel", "UIList", "Menu", "FileHandler")


class Slices:
    """Watches the add-on, which is switched on, from now on.

    `taken` has a line for every call: what was called, the processor's time that it took, and the time that passed,
    both in seconds. Blender's own functions that it calls count as its own.
    """

    def __init__(self) -> None:
        self.taken: list[tuple[str, float, float]] = []
        self.depth = 0
        self.watch_timers()
        for name in dir(bpy.app.handlers):
            handlers = getattr(bpy.app.handlers, name)
            if isinstance(handlers, list):
                handlers[:] = [self.timed(one) for one in handlers]
        for kind in KINDS:
            for cls in ours_below(getattr(bpy.types, kind)):
                for name in set(CALLED) & set(vars(cls)):
                    self.watch_method(cls, name)

    def watch_timers(self) -> None:
        """Lets every timer that is begun be watched."""
        timers, watched = bpy.app.timers, {}
        register, unregister, is_registered = timers.register, timers.unregister, timers.is_registered

        def register_watched(function: Callable, **how: object) -> None:
            watched[function] = self.timed(function)
            register(watched[function], **how)

        timers.register = register_watched
        timers.unregister = lambda function: unregister(watched.pop(function, function))
        timers.is_registered = lambda function: is_registered(watched.get(function, function))

    def watch_method(self, cls: type, name: str) -> None:
        """Lets a method be watched; a class's own stays one."""
        own = vars(cls)[name]
        if isinstance(own, classmethod):
            setattr(cls, name, classmethod(like(own.__func__, self.timed(own.__func__, cls.__name__))))
        else:
            setattr(cls, name, like(own, self.timed(own, cls.__name__)))

    def timed(self, function: Callable, owner: str = "") -> Callable:
        """The function, watched if it is the add-on's."""
        if not getattr(function, "__module__", "").startswith(stage.EXTENSION):
            return function
        name = f"{owner or function.__module__.rpartition('blender_addon.')[2]}.{function.__name__}"

        @functools.wraps(function)
        def watched(*given: object, **named: object) -> object:
            self.depth += 1
            cpu, began = time.thread_time(), time.perf_counter()
            try:
                return function(*given, **named)
            finally:
                self.depth -= 1
                # What one of ours calls of ours is a part of that.
                if not self.depth:
                    self.taken.append((name, time.thread_time() - cpu, time.perf_counter() - began))

        return watched

    def longest(self) -> dict[str, tuple[int, float, float]]:
        """By name how often it was called, and its longest time of the processor and by the clock."""
        found = {}
        for name, cpu, seconds in self.taken:
            count, most, longest = found.get(name, (0, 0.0, 0.0))
            found[name] = count + 1, max(most, round(cpu, 5)), max(longest, round(seconds, 5))
        return dict(sorted(found.items(), key=lambda one: -one[1][1]))


def like(function: Callable, other: Callable) -> Callable:
    """The other function with the arguments of this one: Blender counts them, and crashes where they are too few."""
    names = ", ".join(function.__code__.co_varnames[: function.__code__.co_argcount])
    return functools.wraps(function)(eval(f"lambda {names}: other({names})", {"other": other}))


def ours_below(kind: type) -> Iterator[type]:
    """The classes of the add-on that are of a kind of Blender's."""
    for cls in kind.__subclasses__():
        yield from ours_below(cls)
        if cls.__module__.startswith(stage.EXTENSION):
            yield cls
