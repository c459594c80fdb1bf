"""Nets of points, (rows, columns, 3) in metres, x to the right, y away from the camera, z up; the upper row first."""

from collections.abc import Sequence

import numpy as np


def sheet(width: float, height: float, at: Sequence[float], rows: int = 2, columns: int = 2) -> np.ndarray:
    """An upright rectangle that faces the camera, about its middle."""
    z, x = np.meshgrid(np.linspace(height / 2, -height / 2, rows), np.linspace(-width / 2, width / 2, columns),
                       indexing="ij")  # fmt: skip
    return np.stack([x, np.zeros_like(x), z], axis=-1) + at


def floor(width: float, near: float, far: float, z: float, rows: int = 12, columns: int = 12) -> np.ndarray:
    """A level rectangle between two distances."""
    y, x = np.meshgrid(np.linspace(far, near, rows), np.linspace(-width / 2, width / 2, columns), indexing="ij")
    return np.stack([x, y, np.full_like(x, z)], axis=-1)


def lathe(profile: Sequence[tuple[float, float]], sides: int, turn: float = 0.0) -> np.ndarray:
    """A body turned about the z axis: `profile` lists (radius, z) from the top down.

    The left half of a picture comes to lie on the side of the camera, as far as `turn` (radians) leaves it there.
    """
    radius, z = np.transpose(profile)[:, :, None]
    angle = np.pi + turn + np.linspace(0, 2 * np.pi, sides + 1)
    return np.stack(np.broadcast_arrays(radius * np.cos(angle), radius * np.sin(angle), z), axis=-1)


def ball(radius: float, rows: int = 33, sides: int = 64) -> np.ndarray:
    """A sphere about the origin, its poles above and below."""
    latitude = np.linspace(np.pi / 2, -np.pi / 2, rows)
    return lathe([*zip(radius * np.cos(latitude), radius * np.sin(latitude), strict=True)], sides)


def beside(line: np.ndarray) -> np.ndarray:
    """Unit vectors (points, 3) across a line (points, 3), in the plane that faces the camera."""
    ahead = np.gradient(line, axis=0)
    across = np.stack([-ahead[:, 2], np.zeros(len(line)), ahead[:, 0]], axis=-1)
    return across / np.linalg.norm(across, axis=1, keepdims=True)


def ribbon(line: np.ndarray, breadth: np.ndarray | float) -> np.ndarray:
    """A strip along a line (rows, 3), as broad as said at each point, that faces the camera."""
    across = beside(line) * np.broadcast_to(breadth, len(line))[:, None] / 2
    return np.stack([line - across, line + across], axis=1)


def tube(line: np.ndarray, radius: float, sides: int = 10) -> np.ndarray:
    """A round bar along a line (rows, 3) that lies in a plane facing the camera."""
    angle = np.linspace(0, 2 * np.pi, sides + 1)[:, None]
    return line[:, None] + radius * (np.cos(angle) * beside(line)[:, None] + np.sin(angle) * np.array((0, 1, 0)))
