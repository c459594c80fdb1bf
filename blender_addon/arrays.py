"""NumPy, loaded when the first array is made: to load it takes as long as to enable all the rest of the extension."""

from .later import Later


class Array:
    """Stands for numpy.ndarray where a function says what it takes, which is read when the extension is enabled."""


class NumPy(Later):
    """NumPy, but for what stands in annotations."""

    __slots__ = ()
    ndarray = Array


np = NumPy("numpy")


def unit_circle(corners: int) -> np.ndarray:
    """Points around a circle of radius 1, the last on the first, (corners + 1, 2)."""
    turn = np.linspace(0, 2 * np.pi, corners + 1)
    return np.stack([np.cos(turn), np.sin(turn)], axis=1)
