"""Which split of the training each parcel belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.dataset.split import SPLITS, to_split_coordinates, transformer_between
from cscl.dataset.split_plan import SplitPlan

# Of an extent: parcels beside the footprint do not overlap it by rounding.
TOUCH = 0.01
Floats = NDArray[np.float64]


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

    def splits(
        self, points: Floats, crs: str, extents: Floats, extents_crs: str
    ) -> list[str | None]:
        """Return training, validation or test for each parcel that meets the footprint, else None.

        `points` (N, 2) lie inside the parcels, as those by which parcels were split in training;
        NaN where there is none. `extents` (N, 4) are the parcels' bounds: of one that the edge of
        the images cuts, what lies in them was trained on, wherever its point is.
        """
        if not self.known:
            return [None] * len(points)
        inside = self._meets(extents, extents_crs) & np.isfinite(points).all(axis=1)
        x, y = points.T
        result: list[str | None] = [None] * len(points)
        rows = np.flatnonzero(inside)
        if len(rows):
            places = np.stack(to_split_coordinates(x[rows], y[rows], crs), axis=1)
            for row, code in zip(rows, self._plan.parcel_codes(places), strict=True):
                result[row] = SPLITS[code - 1] if code else None
        return result

    def _meets(self, extents: Floats, crs: str) -> NDArray[np.bool_]:
        """Tell which extents overlap the footprint by more than a touch."""
        left, bottom, right, top = extents.T
        x, y = np.stack([left, right, left, right]), np.stack([bottom, bottom, top, top])
        across, up = transformer_between(crs, self._crs).transform(x, y)
        (west, east), (south, north) = _shrunk(across), _shrunk(up)
        own = self._bounds
        return (west < own[2]) & (east > own[0]) & (south < own[3]) & (north > own[1])


def _shrunk(values: Floats) -> tuple[Floats, Floats]:
    """Return least and greatest of the corners (4, N), moved towards each other."""
    least, greatest = values.min(axis=0), values.max(axis=0)
    margin = TOUCH * (greatest - least)
    return least + margin, greatest - margin
