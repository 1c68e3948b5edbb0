"""Windows of neighbours around anchors on a regular grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class WindowGeometry:
    """Where the neighbours of each anchor lie.

    `window` is odd; `stride` is the step between anchors and `dilation` the step between
    neighbours, both in pixels and at least 1. Raises `ValueError` otherwise.
    """

    window: int
    stride: int = 1
    dilation: int = 1

    def __post_init__(self) -> None:
        if self.window < 1 or self.window % 2 == 0:
            raise ValueError(f"the window must be odd and positive, not {self.window}")
        if self.stride < 1 or self.dilation < 1:
            raise ValueError("stride and dilation must be at least 1")

    @property
    def margin(self) -> int:
        """Pixels by which the window reaches beyond its anchor."""
        return self.dilation * (self.window // 2)

    @property
    def neighbours(self) -> int:
        """Number of positions in a window, the anchor's own included."""
        return self.window**2

    @property
    def centre(self) -> int:
        """Index of the anchor's own position among the neighbours, row by row."""
        return self.neighbours // 2

    def anchors(self, values: Tensor) -> Tensor:
        """Return the view of `values` (..., H, W) at the anchors, (..., H', W')."""
        return values[..., :: self.stride, :: self.stride]

    def pad(self, values: Tensor, fill: float = 0.0) -> Tensor:
        """Return `values` (..., H, W) with a margin of `fill` on each side."""
        margin = self.margin
        return functional.pad(values, (margin, margin, margin, margin), value=fill)

    def shifted(self, padded: Tensor, row: int, column: int) -> Tensor:
        """Return the view of `padded` at window position (row, column) of every anchor."""
        top, left = row * self.dilation, column * self.dilation
        height = padded.shape[-2] - 2 * self.margin
        width = padded.shape[-1] - 2 * self.margin
        return padded[..., top : top + height : self.stride, left : left + width : self.stride]

    def positions(self) -> Iterator[tuple[int, int, int]]:
        """Yield (index, row, column) of every position of the window, row by row."""
        for row in range(self.window):
            for column in range(self.window):
                yield row * self.window + column, row, column

    def gather(self, values: Tensor, fill: float = 0.0) -> Tensor:
        """Return `values` (B, H, W) of all neighbours, (B, K, H', W'); `fill` beyond the border."""
        padded = self.pad(values, fill)
        return torch.stack([self.shifted(padded, row, col) for _, row, col in self.positions()], 1)
