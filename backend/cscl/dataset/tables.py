"""The tables of a dataset: one chip a row, and one parcel a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray

from cscl.contract import atomic, strict_json
from cscl.contract.codes import OUTSIDE
from cscl.dataset.chips import Chip
from cscl.dataset.parcels import Parcels
from cscl.dataset.split import SPLITS
from cscl.grid import Grid
from cscl.vectors.geoparquet import GeoParquet, write_geoparquet
from cscl.vectors.outlines import PART

CHIPS = "chips.parquet"
CHIPS_FGB = "chips.fgb"
PARCELS = "parcels.parquet"
# Of tables whose rows lie in several reference systems.
COMMON_CRS = "EPSG:4326"
# Rows without geometries, and their geometries.
TablePart: TypeAlias = tuple[pd.DataFrame, gpd.GeoSeries]


def write_parcels(
    folder: Path,
    parcels: Parcels,
    codes: NDArray[np.uint8],
    splits: NDArray[np.uint8],
    grids: Mapping[str, Grid],
    before: gpd.GeoDataFrame | None = None,
) -> None:
    """Write parcels.parquet; row i is parcel i + 1 of the label rasters.

    `splits` (N,) are the parcels' own; the rows of `before` come first.
    """
    own = pd.DataFrame(
        {
            "fid": parcels.fids,
            "class_code": codes,
            "split": np.array(["", *SPLITS])[splits],
            "area": parcels.shapes.areas,
            "grid": np.array(list(grids))[parcels.grids],
        }
    )
    systems = [pyproj.CRS.from_user_input(grid.crs) for grid in grids.values()]
    used = {systems[number] for number in np.unique(parcels.grids)}
    old = before if before is not None else gpd.GeoDataFrame(geometry=[], crs=next(iter(used)))
    crs = common_system({*used, old.crs})
    frame = pd.concat([old.drop(columns=old.geometry.name), own], ignore_index=True)
    with atomic.replacing(folder / PARCELS) as part:
        write_geoparquet(part, _rows(frame, _outlines(old, parcels, systems, crs)), crs)


def _rows(frame: pd.DataFrame, outlines: Iterable[gpd.GeoSeries]) -> Iterator[TablePart]:
    """Yield the rows of a table with their outlines, which come by parts."""
    first = 0
    for own in outlines:
        yield frame.iloc[first : first + len(own)], own
        first += len(own)


def _outlines(
    before: gpd.GeoDataFrame, parcels: Parcels, systems: Sequence[pyproj.CRS], crs: pyproj.CRS
) -> Iterator[gpd.GeoSeries]:
    """Yield the outlines of all rows by parts, in one reference system."""
    for first in range(0, len(before), PART):
        yield before.geometry.iloc[first : first + PART].to_crs(crs)
    for rows, shapes in parcels.shapes.parts():
        for number in np.unique(parcels.grids[rows]):
            own = parcels.grids[rows] == number
            if systems[number] != crs:
                shapes[own] = gpd.GeoSeries(shapes[own], crs=systems[number]).to_crs(crs)
        yield gpd.GeoSeries(shapes, crs=crs)


def write_chips(
    folder: Path,
    chips: Mapping[str, Sequence[Chip]],
    grids: Mapping[str, Grid],
    dates: Mapping[str, int],
    before: gpd.GeoDataFrame | None = None,
) -> None:
    """Write chips.parquet and chips.fgb: one chip a row, in the order of their numbers.

    The rows of `before` come first. A whole tile has a hundred thousand chips: no more than a part
    of them are a table in memory.
    """
    systems = {pyproj.CRS.from_user_input(grids[name].crs) for name, own in chips.items() if own}
    crs = common_system(systems if before is None else {*systems, before.crs})
    with atomic.replacing(folder / CHIPS) as part:
        write_geoparquet(part, _chip_parts(chips, grids, dates, before, crs), crs)
    with (
        atomic.replacing(folder / CHIPS_FGB) as part,
        GeoParquet(folder / CHIPS).batches(None, None, "", PART) as (schema, batches),
    ):
        pyogrio.write_arrow(
            pa.RecordBatchReader.from_batches(schema, batches),
            part,
            driver="FlatGeobuf",
            layer="chips",
            geometry_name=schema.names[-1],
            geometry_type="Polygon",
            crs=crs.to_wkt(),
        )


def _chip_parts(
    chips: Mapping[str, Sequence[Chip]],
    grids: Mapping[str, Grid],
    dates: Mapping[str, int],
    before: gpd.GeoDataFrame | None,
    crs: pyproj.CRS,
) -> Iterator[TablePart]:
    """Yield the rows of all chips by parts, their outlines in one reference system."""
    number = 0
    for frame in _chip_frames(chips, grids, dates, before):
        columns = pd.DataFrame(frame.drop(columns=[frame.geometry.name, "chip"], errors="ignore"))
        columns.insert(0, "chip", np.arange(number, number + len(frame)))
        number += len(frame)
        yield columns, frame.geometry.to_crs(crs)


def _chip_frames(
    chips: Mapping[str, Sequence[Chip]],
    grids: Mapping[str, Grid],
    dates: Mapping[str, int],
    before: gpd.GeoDataFrame | None,
) -> Iterator[gpd.GeoDataFrame]:
    if before is not None:
        for first in range(0, len(before), PART):
            yield before.iloc[first : first + PART]
    for name, own in chips.items():
        for first in range(0, len(own), PART):
            yield _chip_frame(own[first : first + PART], grids[name], dates[name])


def _chip_frame(chips: Sequence[Chip], grid: Grid, dates: int) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "grid": [chip.grid for chip in chips],
            "cell": [chip.cell for chip in chips],
            "row": [chip.window.row for chip in chips],
            "column": [chip.window.col for chip in chips],
            "split": [chip.split for chip in chips],
            "labelled": [sum(chip.class_counts.values()) for chip in chips],
            "outside": [chip.class_counts.get(OUTSIDE, 0) for chip in chips],
            "class_counts": [
                strict_json.line({str(k): v for k, v in chip.class_counts.items()}).decode().strip()
                for chip in chips
            ],
            "boundary_share": [chip.boundary_share for chip in chips],
            "first_date": 0,
            "dates": dates,
        },
        geometry=[shapely.box(*grid.part(chip.window).bounds) for chip in chips],
        crs=grid.crs,
    )


def common_system(systems: Set[pyproj.CRS]) -> pyproj.CRS:
    """Return the one reference system of `systems`, or that of longitude and latitude."""
    return next(iter(systems)) if len(systems) == 1 else pyproj.CRS.from_user_input(COMMON_CRS)
