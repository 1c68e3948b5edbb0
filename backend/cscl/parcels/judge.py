"""One map's judgement of parcels: their classes, and how far these contradict declarations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from cscl.mapping.folder import MapFolder
from cscl.parcels.results import Declared, reasons_for, result_columns
from cscl.parcels.shares import ParcelShares
from cscl.parcels.training_ground import TrainingGround
from cscl.vectors.expression import Expression
from cscl.vectors.polygons import Polygons
from cscl.zonal.statistics import SMALLEST, Statistics, calibrated, outline_keys

# The split of parcels that no model was trained or chosen by.
TEST = "test"


@dataclass(frozen=True)
class Judgement:
    """What a map says of N parcels.

    `columns` are those of `results.COLUMNS` by name; `areas` (N,) in pixels, `unseen` (N,) marks
    parcels that the model has not seen. `doubt` (N,) is the natural logarithm of the probability
    of the parcel's class over that of the declared one, NaN where one of them is not known.
    """

    columns: dict[str, pa.Array]
    areas: NDArray[np.float64]
    unseen: NDArray[np.bool_]
    doubt: NDArray[np.float64]


class MapJudge:
    """Judges parcels by one map; `declared` tells their classes, where anything does.

    Use it as a context manager.
    """

    def __init__(self, folder: MapFolder, declared: Expression | None, crs: str) -> None:
        self.folder, self.declared, self.crs = folder, declared, crs
        self.ground = TrainingGround(folder.training)
        self.shares = ParcelShares(folder)
        self._extent = shapely.box(*folder.grid.bounds)

    def __enter__(self) -> MapJudge:
        self.shares.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.shares.__exit__()

    def judge(self, parcels: Polygons, wkb: pa.Array, batch: pa.RecordBatch) -> Judgement:
        """Return the judgement of a batch; `parcels` are its geometries in the map's system.

        `wkb` are the same as the layer has them.
        """
        folder, count = self.folder, batch.num_rows
        shapes = np.array(parcels.shapes, dtype=object)
        areas = np.nan_to_num(shapely.area(shapes)) / folder.grid.resolution**2
        on_map = shapely.intersects(shapes, self._extent)
        found = Statistics.empty(count, len(folder.codes))
        temperature = np.ones(count)
        rows = np.flatnonzero(on_map)
        if len(rows):
            statistics, voted = self.shares.read(shapes[rows], outline_keys(wkb.take(rows)))
            found.put(rows, statistics)
            # Votes are no probabilities: the temperature says nothing of them.
            temperature[rows] = np.where(voted, 1.0, folder.parcel_temperature)
        if self.declared is None:
            declared = Declared.none(count)
        else:
            declared = Declared.of(self.declared.evaluate(batch), folder.table)
        extents = shapely.bounds(shapes)
        splits = self.ground.splits(parcels.points, self.crs, extents, folder.grid.crs)
        columns = result_columns(
            found,
            reasons_for(parcels.reasons, areas, found.pixels, on_map),
            declared,
            splits,
            folder.table,
            folder.codes,
            temperature,
        )
        unseen = [self.ground.known and split in (None, TEST) for split in splits]
        doubt = _doubt(found, columns["crop_code"], declared, folder.codes, temperature)
        return Judgement(columns, areas, np.array(unseen, bool), doubt)


def _doubt(
    found: Statistics,
    codes: pa.Array,
    declared: Declared,
    known: tuple[int, ...],
    temperature: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the log of the odds of each parcel's class against the declared one."""
    place = np.full(256, -1)
    place[list(known)] = np.arange(len(known))
    given, own = place[declared.codes], place[codes.fill_null(0).to_numpy()]
    rows = np.flatnonzero((given >= 0) & (own >= 0))
    odds = np.log(np.maximum(calibrated(found.mean, temperature), SMALLEST))
    result = np.full(len(given), np.nan)
    result[rows] = odds[rows, own[rows]] - odds[rows, given[rows]]
    return result
