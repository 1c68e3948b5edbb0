"""Smooth random fields that can be read window by window."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

FloatArray = NDArray[np.float32]

LARGEST_PERIOD = 256

# Variance, per axis, of a cubic B-spline with independent unit coefficients (mean over a cell).
_AXIS_VARIANCE = 151.0 / 315.0


class SmoothField:
    """A random field with mean 0 and variance 1 that varies over about `scale` metres.

    Cubic B-splines over independent normal coefficients: values depend on the place alone, so
    windows of any layout agree. A very large field repeats itself after `LARGEST_PERIOD` cells, so
    that its memory stays bounded.

    `bounds` are left, bottom, right, top in metres; the field also answers a little outside.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        bounds: tuple[float, float, float, float],
        scale: float,
    ) -> None:
        left, bottom, right, top = bounds
        self._left, self._top, self._scale = left, top, scale
        rows = min(int(np.ceil((top - bottom) / scale)) + 4, LARGEST_PERIOD)
        columns = min(int(np.ceil((right - left) / scale)) + 4, LARGEST_PERIOD)
        values = rng.standard_normal((rows, columns))
        self._values = (values / _AXIS_VARIANCE).astype(np.float32)

    def on_grid(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> FloatArray:
        """Return the field (len(y), len(x)) on the grid of the coordinates `x` and `y`."""
        rows = _spline_matrix((self._top - y) / self._scale, self._values.shape[0])
        columns = _spline_matrix((x - self._left) / self._scale, self._values.shape[1])
        across: FloatArray = rows @ self._values
        return np.ascontiguousarray((columns @ np.ascontiguousarray(across.T)).T)

    def at(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the field at single points; `x` and `y` have the same length."""
        rows, columns = self._values.shape
        row, row_weights = _spline_weights((self._top - y) / self._scale)
        column, weights = _spline_weights((x - self._left) / self._scale)
        result = np.zeros(len(x))
        for i in range(4):
            for j in range(4):
                part = self._values[(row + i) % rows, (column + j) % columns]
                result += part * row_weights[:, i] * weights[:, j]
        return result


def _spline_weights(
    position: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    first = np.floor(position).astype(np.int64)
    t = position - first
    weights = np.stack(
        [
            (1 - t) ** 3,
            3 * t**3 - 6 * t**2 + 4,
            -3 * t**3 + 3 * t**2 + 3 * t + 1,
            t**3,
        ],
        axis=1,
    )
    return first, weights / 6.0


def _spline_matrix(position: NDArray[np.float64], count: int) -> csr_array:
    # Sparse, for speed and because its sums do not depend on the number of threads.
    first, weights = _spline_weights(position)
    columns = (first[:, None] + np.arange(4)) % count
    rows = np.repeat(np.arange(len(position)), 4)
    shape = (len(position), count)
    return csr_array((weights.ravel().astype(np.float32), (rows, columns.ravel())), shape=shape)


def fine_texture(rng: np.random.Generator, edge: int = 512) -> FloatArray:
    """Return a periodic texture (edge, edge), mean 0 and variance 1, for tree crowns and rows."""
    noise = rng.standard_normal((edge, edge))
    for axis in (0, 1):
        noise = (np.roll(noise, 1, axis) + 2 * noise + np.roll(noise, -1, axis)) / 4
    return ((noise - noise.mean()) / noise.std()).astype(np.float32)


def tiled(texture: FloatArray, row: int, height: int, width: int) -> FloatArray:
    """Return rows `row`.. of the endless repetition of `texture`, as (height, width)."""
    edge = texture.shape[0]
    rows = np.arange(row, row + height) % edge
    columns = np.arange(width) % edge
    return texture[rows[:, None], columns[None, :]]
