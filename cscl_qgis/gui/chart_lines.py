"""What a chart shows: its lines, their ranges, and where a value lies on the widget."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QPointF, QRectF

from .ticks import Tick


@dataclass(frozen=True)
class Line:
    """One line: a gap where `y` is `None`, a shaded band from `low` to `high` where given.

    `dots` marks each point; the line leaves out points that are `muted`, which are drawn hollow.
    """

    name: str
    colour: str
    x: Sequence[float]
    y: Sequence[Optional[float]]
    dots: bool = False
    dashed: bool = False
    low: Sequence[Optional[float]] = ()
    high: Sequence[Optional[float]] = ()
    muted: Sequence[bool] = ()

    def is_muted(self, index: int) -> bool:
        """Tell whether a point is one of those drawn hollow."""
        return index < len(self.muted) and bool(self.muted[index])


@dataclass(frozen=True)
class Frame:
    """The area of the lines in pixels, the ranges that it shows, and the ticks along it."""

    area: QRectF
    x_range: Tuple[float, float]
    y_range: Tuple[float, float]
    x_ticks: Tuple[Tick, ...]
    y_ticks: Tuple[Tick, ...]

    def point(self, x: float, y: float) -> QPointF:
        """Return where a value lies on the widget."""
        across = (x - self.x_range[0]) / (self.x_range[1] - self.x_range[0])
        up = (y - self.y_range[0]) / (self.y_range[1] - self.y_range[0])
        return QPointF(
            self.area.left() + across * self.area.width(),
            self.area.bottom() - up * self.area.height(),
        )


def ranges_of(
    lines: Sequence[Line],
) -> Optional[Tuple[Tuple[float, float], Tuple[float, float]]]:
    """Return the ranges of x and y over all points and bands; `None` where there is no point."""
    xs: List[float] = []
    ys: List[float] = []
    for line in lines:
        for index, x in enumerate(line.x):
            found = [
                float(values[index])  # type: ignore[arg-type]
                for values in (line.y, line.low, line.high)
                if index < len(values) and values[index] is not None
            ]
            found = [value for value in found if math.isfinite(value)]
            if found:
                xs.append(float(x))
                ys.extend(found)
    if not xs:
        return None
    return _widened(min(xs), max(xs), 0.0), _widened(min(ys), max(ys), 0.04)


def _widened(low: float, high: float, share: float) -> Tuple[float, float]:
    if high == low:
        reach = abs(high) / 2 or 0.5
        return low - reach, high + reach
    margin = share * (high - low)
    return low - margin, high + margin


def runs(present: Sequence[bool]) -> List[List[int]]:
    """Return the indices of each unbroken run of what is present."""
    runs: List[List[int]] = [[]]
    for index, here in enumerate(present):
        if here:
            runs[-1].append(index)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]
