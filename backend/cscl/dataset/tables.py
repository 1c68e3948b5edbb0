"""The tables of a dataset: one chip a row, and one parcel a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray

from cscl.contract import atomic, strict_json
from cscl.contract.codes import OUTSIDE
from cscl.dataset.chips import Chip
from cscl.dataset.parcels import Parcels
from cscl.dataset.split import SPLITS
from cscl.grid import Grid

CHIPS = "chips.parquet"
CHIPS_FGB = "chips.fgb"
PARCELS = "parcels.parquet"
# Of tables whose rows lie in several reference systems.
COMMON_CRS = "EPSG:4326"


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
    names = np.array(["", *SPLITS])[splits]
    frames = []
    for number, (name, grid) in enumerate(grids.items()):
        own = np.flatnonzero(parcels.grids == number)
        if len(own):
            columns = {
                "fid": parcels.fids[own],
                "class_code": codes[own],
                "split": names[own],
                "area": shapely.area(parcels.shapes[own]),
                "grid": name,
            }
            frames.append(
                gpd.GeoDataFrame(
                    columns, geometry=list(parcels.shapes[own]), crs=grid.crs, index=own
                )
            )
    own = in_one_system(frames).sort_index()
    frame = in_one_system([*([] if before is None else [before]), own]).reset_index(drop=True)
    with atomic.replacing(folder / PARCELS) as part:
        frame.to_parquet(part)


def write_chips(
    folder: Path,
    chips: Mapping[str, Sequence[Chip]],
    grids: Mapping[str, Grid],
    dates: Mapping[str, int],
    before: gpd.GeoDataFrame | None = None,
) -> None:
    """Write chips.parquet and chips.fgb: one chip a row, in the order of their numbers.

    The rows of `before` come first.
    """
    frames = [_chip_frame(own, grids[name], dates[name]) for name, own in chips.items() if own]
    if before is not None:
        frames.insert(0, before.drop(columns="chip"))
    frame = in_one_system(frames).reset_index(drop=True)
    frame.insert(0, "chip", np.arange(len(frame)))
    with atomic.replacing(folder / CHIPS) as part:
        frame.to_parquet(part)
    with atomic.replacing(folder / CHIPS_FGB) as part:
        pyogrio.write_dataframe(frame, part, driver="FlatGeobuf", layer="chips")


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


def in_one_system(frames: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return the rows of all frames, in longitude and latitude where their systems differ."""
    if len({frame.crs for frame in frames}) > 1:
        frames = [frame.to_crs(COMMON_CRS) for frame in frames]
    return gpd.GeoDataFrame(pd.concat(frames), crs=frames[0].crs)
