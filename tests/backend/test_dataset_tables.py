"""The tables of a dataset are written by parts, and say the same however large these are."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from cscl.dataset import tables
from cscl.dataset.chips import Chip
from cscl.grid import Grid, Window
from cscl.vectors.geoparquet import GeoParquet

NORTH = Grid("EPSG:32631", (10.0, 0.0, 600000.0, 0.0, -10.0, 5700000.0), 640, 640)
EAST = Grid("EPSG:32632", (10.0, 0.0, 300000.0, 0.0, -10.0, 5700000.0), 640, 640)


def chips(grid: str, count: int) -> list[Chip]:
    return [
        Chip(
            grid, Window(32 * (i // 4), 32 * (i % 4), 32, 32), i, "training", {1: i, 254: 7}, i / 8
        )
        for i in range(count)
    ]


def written(folder: Path, found: dict[str, list[Chip]], **options: object) -> gpd.GeoDataFrame:
    folder.mkdir()
    grids = {"north": NORTH, "east": EAST}
    tables.write_chips(folder, found, grids, {"north": 6, "east": 5}, **options)
    return gpd.read_parquet(folder / tables.CHIPS)


@pytest.mark.parametrize("grids", [("north",), ("north", "east")])
def test_parts_give_the_same_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grids: tuple[str, ...]
) -> None:
    found = {name: chips(name, 5) for name in grids}
    whole = written(tmp_path / "whole", found)
    monkeypatch.setattr(tables, "PART", 2)
    parts = written(tmp_path / "parts", found)

    pd.testing.assert_frame_equal(parts, whole)
    assert parts["chip"].tolist() == list(range(5 * len(grids)))
    assert parts["dates"].tolist() == [6] * 5 + [5] * 5 * (len(grids) - 1)
    assert parts["labelled"].tolist() == [i + 7 for i in range(5)] * len(grids)
    assert parts["class_counts"][3] == '{"1":3,"254":7}'
    if len(grids) == 1:
        assert parts.crs.to_epsg() == 32631
        assert parts.geometry[1].bounds == (600320.0, 5699680.0, 600640.0, 5700000.0)
    else:
        # Two reference systems: longitude and latitude, each grid where it lies.
        assert parts.crs.to_epsg() == 4326
        back = parts.geometry[5:].to_crs(EAST.crs)
        assert np.allclose(back.iloc[0].bounds, (300000, 5699680, 300320, 5700000), atol=1e-3)


def test_both_files_hold_the_same_and_are_read_by_our_own_reader(tmp_path: Path) -> None:
    table = written(tmp_path / "tables", {"north": chips("north", 5)})
    flat = gpd.read_file(tmp_path / "tables" / tables.CHIPS_FGB).sort_values("chip")
    pd.testing.assert_frame_equal(
        pd.DataFrame(flat.drop(columns="geometry")).reset_index(drop=True),
        pd.DataFrame(table.drop(columns="geometry")),
    )
    assert flat.crs == table.crs
    assert flat.geometry.geom_equals(table.geometry, align=False).all()
    own = GeoParquet(tmp_path / "tables" / tables.CHIPS)
    assert (own.count, own.crs, own.bounds) == (5, "EPSG:32631", tuple(table.total_bounds))


def test_rows_of_an_earlier_table_come_first(tmp_path: Path) -> None:
    before = written(tmp_path / "before", {"north": chips("north", 3)})
    both = written(tmp_path / "both", {"east": chips("east", 2)}, before=before)
    assert both["chip"].tolist() == [0, 1, 2, 3, 4]
    assert both["grid"].tolist() == ["north"] * 3 + ["east"] * 2
    assert both["cell"].tolist() == [0, 1, 2, 0, 1]
    assert both.crs.to_epsg() == 4326
    assert np.allclose(both.geometry[0].bounds, before.geometry.to_crs(4326)[0].bounds)
