"""Which split of the training each parcel belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from cscl.dataset.split import SPLITS, to_split_coordinates
from cscl.dataset.split_plan import SplitPlan


class TrainingGround:
    """The ground that a model was trained on: its footprint and how it was split.

    `training` holds `split_rule` and `footprint` with `crs` and `bounds`, as the model's training
    record does, or lacks them: then nothing is known, and neither is it of a split by a field or
    a layer, which no record holds.
    """

    def __init__(self, training: Mapping[str, Any]) -> None:
        self.known = "split_rule" in training and "footprint" in training
        if self.known:
            self._plan = SplitPlan.from_json(training["split_rule"])
            self.known = self._plan.by_place
        if self.known:
            self._crs = str(training["footprint"]["crs"])
            self._bounds = tuple(float(value) for value in training["footprint"]["bounds"])

    def splits(self, points: NDArray[np.float64], crs: str) -> list[str | None]:
        """Return training, validation or test for each point in the footprint, else None.

        `points` (N, 2) lie inside the parcels, as those by which parcels were split in training;
        NaN where there is none.
        """
        if not self.known:
            return [None] * len(points)
        x, y = points.T
        across, up = Transformer.from_crs(crs, self._crs, always_xy=True).transform(x, y)
        left, bottom, right, top = self._bounds
        inside = (left <= across) & (across <= right) & (bottom <= up) & (up <= top)
        result: list[str | None] = [None] * len(points)
        rows = np.flatnonzero(inside)
        if len(rows):
            places = np.stack(to_split_coordinates(x[rows], y[rows], crs), axis=1)
            for row, code in zip(rows, self._plan.parcel_codes(places), strict=True):
                result[row] = SPLITS[code - 1] if code else None
        return result
