"""The grids of a dataset: each has its own dates, season, label rasters and arrays of chips."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray

from cscl.dataset.rasters import FOLDER, LABEL_NAME
from cscl.grid import Grid
from cscl.series.model import TimeSeries
from cscl.series.native import layout_of
from cscl.series.stac import ENDING, read_series

SERIES_FOLDER = "series"


def grid_name(number: int) -> str:
    """Return the name of a dataset's grid by its number from 0."""
    return f"grid_{number}"


def series_path(folder: Path, name: str) -> Path:
    """Return where a dataset keeps the time series of a grid."""
    return folder / SERIES_FOLDER / f"{name}{ENDING}"


def label_folder(folder: Path, name: str) -> Path:
    """Return where a dataset keeps the label rasters of a grid."""
    return folder / FOLDER / name


@dataclass(frozen=True)
class DatasetGrid:
    """One grid of the dataset `folder`: one time series and its ground.

    `days` int64 (T,) count from the start of `season`, the grid's own. `passes` is how many passes
    each of its dates has, `factors` how coarse each band is, 1 for 10 m.
    """

    folder: Path
    name: str
    grid: Grid
    season: tuple[datetime.date, datetime.date]
    days: NDArray[np.int64]
    passes: tuple[int, ...]
    factors: Mapping[str, int]

    def series(self) -> TimeSeries:
        """Return the time series that the grid's chips were cut from."""
        return read_series(series_path(self.folder, self.name))

    def label_path(self, name: str) -> Path:
        """Return the raster labels, labels_2m5, parcels, ..., or split."""
        if not LABEL_NAME.fullmatch(name):
            raise ValueError(f"no label raster {name!r}")
        return label_folder(self.folder, self.name) / f"{name}.tif"

    @classmethod
    def from_json(cls, folder: Path, value: dict[str, Any]) -> DatasetGrid:
        """Return the grid that `grid_description` described."""
        start, end = (datetime.date.fromisoformat(day) for day in value["season"])
        return cls(
            folder,
            str(value["name"]),
            Grid.from_json(value["grid"]),
            (start, end),
            np.asarray(value["days"], dtype=np.int64),
            tuple(int(number) for number in value["passes"]),
            {str(band): int(factor) for band, factor in value["factors"].items()},
        )


def grid_description(name: str, series: TimeSeries) -> dict[str, Any]:
    """Return what dataset.json says about a grid."""
    layout = layout_of(series)
    return {
        "name": name,
        "days": list(series.days),
        "dates": [day.isoformat() for day in series.dates],
        "season": [day.isoformat() for day in series.season],
        "passes": [len(item.passes) for item in series.acquisitions],
        "factors": dict(zip(layout.bands, layout.factors, strict=True)),
        "grid": series.grid.to_json(),
        "area": list(geographic_bounds(series.grid)),
    }


def geographic_bounds(grid: Grid) -> tuple[float, ...]:
    """Return west, south, east, north in degrees."""
    transformer = pyproj.Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    return tuple(round(value, 6) for value in transformer.transform_bounds(*grid.bounds))
