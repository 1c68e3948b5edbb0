"""Which split of the training each parcel belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from cscl.dataset.split import SplitRule

SPLIT_CRS = "EPSG:6933"


class TrainingGround:
    """The ground that a model was trained on: its footprint and how it was split.

    `training` holds `split_rule` and `footprint` with `crs` and `bounds`, as the model's training
    record does, or lacks them: then nothing is known.
    """

    def __init__(self, training: Mapping[str, Any]) -> None:
        self.known = "split_rule" in training and "footprint" in training
        if self.known:
            self._rule = SplitRule.from_json(training["split_rule"])
            self._crs = str(training["footprint"]["crs"])
            self._bounds = tuple(float(value) for value in training["footprint"]["bounds"])

    def splits(self, polygons: Sequence[Any], crs: str) -> list[str | None]:
        """Return training, validation or test for each polygon in the footprint, else None.

        A parcel goes whole to the block of its representative point, as in training.
        """
        result: list[str | None] = [None] * len(polygons)
        rows = [index for index, polygon in enumerate(polygons) if polygon is not None]
        if not self.known or not rows:
            return result
        points = shapely.point_on_surface(np.array([polygons[row] for row in rows], dtype=object))
        x, y = shapely.get_x(points), shapely.get_y(points)
        across, up = _moved(crs, self._crs, x, y)
        left, bottom, right, top = self._bounds
        inside = (left <= across) & (across <= right) & (bottom <= up) & (up <= top)
        names = self._rule.split_of(*_moved(crs, SPLIT_CRS, x, y))
        for row, within, name in zip(rows, inside, names, strict=True):
            if within:
                result[row] = str(name)
        return result


def _moved(source: str, target: str, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return Transformer.from_crs(source, target, always_xy=True).transform(x, y)  # type: ignore[no-any-return]
