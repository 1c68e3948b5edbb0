"""The parts of a dataset's folder: its description, the places of its chips, its arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import zarr
from numpy.typing import NDArray

from cscl.contract.classes import ClassTable
from cscl.dataset.grids import DatasetGrid
from cscl.dataset.shards import STORE
from cscl.dataset.split_plan import SplitPlan
from cscl.dataset.tables import CHIPS


@dataclass(frozen=True)
class Statistics:
    """Mean and standard deviation of the training split's reflectance, float64 (C,) each."""

    mean: NDArray[np.float64]
    std: NDArray[np.float64]


def read_description(path: Path, value: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a dataset in the folder `path` that its description holds."""
    return {
        "bands": tuple(str(name) for name in value["bands"]),
        "grids": tuple(DatasetGrid.from_json(path, item) for item in value["grids"]),
        "level": str(value["level"]),
        "classes": ClassTable.from_json(value["classes"]),
        "outside": str(value["outside"]),
        "chip": int(value["chip"]),
        "margin": int(value["margin"]),
        "factor": int(value["factor"]),
        "statistics": Statistics(
            *(np.asarray(value["statistics"][name], dtype=np.float64) for name in ("mean", "std"))
        ),
        "fingerprint": str(value["fingerprint"]),
        "split_plan": SplitPlan.from_json(value["split"], path),
        "class_counts": {int(code): int(n) for code, n in value["class_counts"].items()},
        "pair_counts": {
            int(scale): (int(pair[0]), int(pair[1])) for scale, pair in value["pair_counts"].items()
        },
        "notes": tuple(str(note) for note in value["notes"]),
    }


def read_contents(path: Path, grids: tuple[DatasetGrid, ...], margin: int) -> dict[str, Any]:
    """Return the fields of a dataset that its table of chips and its arrays hold."""
    columns = ["grid", "cell", "row", "column", "split", "geometry"]
    table = gpd.read_parquet(path / CHIPS, columns=columns)
    names = [item.name for item in grids]
    numbers = np.array([names.index(name) for name in table["grid"]], dtype=np.int64)
    rows = np.zeros(len(numbers), dtype=np.int64)
    for number in range(len(grids)):
        rows[numbers == number] = np.arange((numbers == number).sum())
    store = zarr.open_group(path / STORE, mode="r")
    return {
        "_grids": numbers,
        "_cells": table["cell"].to_numpy(np.int64),
        "_rows": rows,
        "_splits": table["split"].to_numpy(str),
        "_corners": table[["row", "column"]].to_numpy(np.int64) - margin,
        "_arrays": tuple(dict(_group(store, name).arrays()) for name in names),
        "_frames": {},
    }


def _group(store: zarr.Group, name: str) -> zarr.Group:
    group = store[name]
    if not isinstance(group, zarr.Group):
        raise ValueError(f"{name} is no group")
    return group
