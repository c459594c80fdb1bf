"""NumPy, loaded when the first array is made: to load it takes as long as to enable all the rest of the extension."""

import importlib
from typing import Any


class Array:
    """Stands for numpy.ndarray where a function says what it takes, which is read when the extension is enabled."""


class Later:
    """A module that is loaded when something of it is first asked for, which may be in any thread."""

    ndarray = Array

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __getattr__(self, name: str) -> Any:
        value = getattr(importlib.import_module(self.__name__), name)
        setattr(self, name, value)  # asked for once
        return value


np = Later("numpy")


def unit_circle(corners: int) -> np.ndarray:
    """Points around a circle of radius 1, the last on the first, (corners + 1, 2)."""
    turn = np.linspace(0, 2 * np.pi, corners + 1)
    return np.stack([np.cos(turn), np.sin(turn)], axis=1)
