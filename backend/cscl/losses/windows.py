"""Windows of neighbours around anchors on a regular grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor
from torch.nn import functional

AXES = (2, 3)


@dataclass(frozen=True)
class WindowGeometry:
    """Where the neighbours of each anchor lie, on grids S of two or three axes.

    S is (H, W) or (Z, H, W), by `axes`. `window` is odd and the same on each axis; `stride` is the
    step between anchors and `dilation` the step between neighbours, both in pixels and at least
    1, in any combination. The anchors S' lie at 0, stride, 2 stride, ..., so that
    S' = ceil(S / stride). Raises `ValueError` for anything else.
    """

    window: int
    stride: int = 1
    dilation: int = 1
    axes: int = 2

    def __post_init__(self) -> None:
        if self.window < 1 or self.window % 2 == 0:
            raise ValueError(f"the window must be odd and positive, not {self.window}")
        if self.stride < 1 or self.dilation < 1:
            raise ValueError("stride and dilation must be at least 1")
        if self.axes not in AXES:
            raise ValueError(f"a grid has 2 or 3 axes, not {self.axes}")

    @property
    def margin(self) -> int:
        """Pixels by which the window reaches beyond its anchor."""
        return self.dilation * (self.window // 2)

    @property
    def neighbours(self) -> int:
        """Number of positions in a window, K = window ** axes, the anchor's own included."""
        return int(self.window**self.axes)

    @property
    def centre(self) -> int:
        """Index of the anchor's own position among the neighbours, row by row."""
        return self.neighbours // 2

    def anchors(self, values: Tensor) -> Tensor:
        """Return the view of `values` (..., *S) at the anchors, (..., *S')."""
        return values[(..., *[slice(None, None, self.stride)] * self.axes)]

    def pad(self, values: Tensor, fill: float = 0.0) -> Tensor:
        """Return `values` (..., *S) with a margin of `fill` on each side of each axis."""
        return functional.pad(values, (self.margin,) * (2 * self.axes), value=fill)

    def shifted(self, padded: Tensor, offsets: tuple[int, ...]) -> Tensor:
        """Return the view (..., *S') of `padded` at one window position of every anchor.

        `offsets` are the position's indices on each axis, 0 to window - 1.
        """
        places = []
        for offset, size in zip(offsets, padded.shape[-self.axes :], strict=True):
            start = offset * self.dilation
            places.append(slice(start, start + size - 2 * self.margin, self.stride))
        return padded[(..., *places)]

    def positions(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield (index, offsets) of every position of the window, row by row."""
        return enumerate(product(range(self.window), repeat=self.axes))

    def gather(self, values: Tensor, fill: float = 0.0) -> Tensor:
        """Return `values` (B, *S) of all neighbours, (B, K, *S'); `fill` beyond the border."""
        padded = self.pad(values, fill)
        return torch.stack([self.shifted(padded, offsets) for _, offsets in self.positions()], 1)
