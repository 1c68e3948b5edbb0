"""Reading a dataset: its description, its chips, its label rasters."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import zarr
from numpy.typing import NDArray

from cscl.contract import strict_json
from cscl.contract.classes import ClassTable
from cscl.contract.errors import Findings, UserError
from cscl.dataset.rasters import FINE, FOLDER, LAYERS, SPLIT_LAYER, layer_name
from cscl.dataset.split import SPLITS, SplitRule
from cscl.dataset.store import CELL_LAYERS, GROUP, INVALID, REFLECTANCE_SCALE, STORE
from cscl.grid import Grid
from cscl.series.model import TimeSeries
from cscl.series.stac import read_series

SCHEMA = 1
DESCRIPTION = "dataset.json"
CHIPS = "chips.parquet"
PARCELS = "parcels.parquet"
SERIES = "series.series.json"
UNUSED = "unused"
REBUILD = "Build the dataset again."
# Apart from the random numbers that others draw from the same seed.
SHARE_STREAM = 7
LABEL_NAMES = (
    *(layer_name(layer, factor) for layer in LAYERS for factor in (1, FINE)),
    SPLIT_LAYER,
)


@dataclass(frozen=True)
class ChipSample:
    """One chip: `images` float32 (T, C, H, W) reflectance, 0.0 where `valid` (T, H, W) is false.

    `days` int64 (T,) since the season's start. `labels` uint8 (H, W) and `labels_fine` (4 H, 4 W)
    hold 255 outside the chip's split;
    `parcels`, `parcels_fine` uint32 ids and `mixed` uint8 (H, W) are whole.
    """

    days: NDArray[np.int64]
    images: NDArray[np.float32]
    valid: NDArray[np.bool_]
    labels: NDArray[np.uint8]
    labels_fine: NDArray[np.uint8]
    parcels: NDArray[np.uint32]
    parcels_fine: NDArray[np.uint32]
    mixed: NDArray[np.uint8]


@dataclass(frozen=True)
class Statistics:
    """Mean and standard deviation of the training split's reflectance, float64 (C,) each."""

    mean: NDArray[np.float64]
    std: NDArray[np.float64]


@dataclass(frozen=True)
class Dataset:
    """A dataset folder; chips are numbered from 0 in the order of chips.parquet.

    `days` int64 (T,) since the season's start; `statistics` are the training split's;
    `class_counts` training pixels by code; `pair_counts` (negative, positive) training pairs at
    window 3 by scale, 1 for 10 m and 4 for 2.5 m.
    """

    folder: Path
    bands: tuple[str, ...]
    days: NDArray[np.int64]
    season: tuple[datetime.date, datetime.date]
    level: str
    classes: ClassTable
    outside: str
    chip: int
    grid: Grid
    statistics: Statistics
    fingerprint: str
    split_rule: SplitRule
    class_counts: dict[int, int]
    pair_counts: dict[int, tuple[int, int]]
    notes: tuple[str, ...]
    _cells: NDArray[np.int64] = field(repr=False)
    _splits: NDArray[np.str_] = field(repr=False)
    _arrays: dict[str, Any] = field(repr=False)

    @classmethod
    def open(cls, folder: str | Path) -> Dataset:
        """Open a dataset folder; raises `UserError` where it is none or damaged."""
        path = Path(folder)
        if not (path / DESCRIPTION).is_file():
            raise UserError(
                "not_a_dataset", path, f"it holds no {DESCRIPTION}", "Choose a dataset folder."
            )
        value = strict_json.read(path / DESCRIPTION)
        if not isinstance(value, dict) or value.get("schema") != SCHEMA:
            raise _damaged(path, "its description is not of version 1")
        try:
            dataset = cls(folder=path, **_description(value), **_contents(path))
            dataset._check_arrays()
        except (KeyError, TypeError, ValueError, OSError, AttributeError) as error:
            raise _damaged(path, f"it is damaged ({error!r})") from None
        return dataset

    def __len__(self) -> int:
        return len(self._cells)

    def _check_arrays(self) -> None:
        """Refuse arrays and statistics that are not those of the description."""
        size, bands, dates, chips = self.chip, len(self.bands), len(self.days), len(self)
        cells = int(self._cells.max(initial=-1)) + 1
        described: dict[str, tuple[int, ...]] = {
            "images": (cells, dates, bands, size, size),
            "valid": (cells, dates, size, size),
            "labels_10": (chips, size, size),
            "labels_2m5": (chips, FINE * size, FINE * size),
            **{f"{name}_10": (cells, size, size) for name in CELL_LAYERS},
            **{f"{name}_2m5": (cells, FINE * size, FINE * size) for name in CELL_LAYERS},
        }
        findings = Findings()
        for name, wanted in described.items():
            found = tuple(self._arrays[name].shape) if name in self._arrays else None
            if found != wanted:
                findings.error(
                    "dataset_shape", f"{self.folder}, {STORE}, {name}",
                    f"it is {'absent' if found is None else found}, {DESCRIPTION} and {CHIPS} "
                    f"make it {wanted}",
                    REBUILD,
                )  # fmt: skip
        for name in ("mean", "std"):
            numbers = getattr(self.statistics, name)
            if numbers.shape != (bands,) or (name == "std" and not (numbers > 0).all()):
                findings.error(
                    "dataset_statistics", f"{self.folder}, {DESCRIPTION}, {name}",
                    f"it is {numbers.tolist()}; there are {bands} bands ({', '.join(self.bands)}), "
                    "and no spread is zero",
                    REBUILD,
                )  # fmt: skip
        findings.raise_errors()

    def chips(self, split: str) -> list[int]:
        """Return the numbers of the chips of training, validation or test."""
        if split not in SPLITS:
            raise ValueError(f"no split {split!r}")
        return [int(index) for index in np.nonzero(self._splits == split)[0]]

    def with_label_share(self, share: float, seed: int) -> Dataset:
        """Return this dataset with a share of its training chips, at least one, chosen by seed.

        A smaller share's chips are among a larger one's. Statistics and counts stay those of the
        whole training split; the other chips' labels are not seen, for nothing reads them.
        """
        training = self.chips("training")
        generator = np.random.Generator(np.random.PCG64([seed, SHARE_STREAM]))
        kept = max(1, round(share * len(training)))
        splits = self._splits.copy()
        splits[generator.permutation(training)[kept:]] = UNUSED
        return replace(self, _splits=splits)

    def sample(self, index: int) -> ChipSample:
        """Read one chip."""
        cell = int(self._cells[index])
        numbers = self._item("images", cell)
        images = numbers.astype(np.float32) * np.float32(1 / REFLECTANCE_SCALE)
        images[numbers == INVALID] = 0.0
        return ChipSample(
            days=self.days,
            images=images,
            valid=self._item("valid", cell),
            labels=self._item("labels_10", index),
            labels_fine=self._item("labels_2m5", index),
            parcels=self._item("parcels_10", cell),
            parcels_fine=self._item("parcels_2m5", cell),
            mixed=self._item("mixed_10", cell),
        )

    def _item(self, name: str, index: int) -> NDArray[Any]:
        return np.asarray(self._arrays[name][index])

    def series(self) -> TimeSeries:
        """Return the time series that the chips were cut from."""
        return read_series(self.folder / SERIES)

    def label_path(self, name: str) -> Path:
        """Return the raster labels, labels_2m5, parcels, ..., or split."""
        if name not in LABEL_NAMES:
            raise ValueError(f"no label raster {name!r}")
        return self.folder / FOLDER / f"{name}.tif"

    def chip_table(self) -> gpd.GeoDataFrame:
        """Return chips.parquet: place, split, class counts and footprint of each chip."""
        return gpd.read_parquet(self.folder / CHIPS)

    def parcel_table(self) -> gpd.GeoDataFrame:
        """Return parcels.parquet; row i is parcel i + 1 of the label rasters."""
        return gpd.read_parquet(self.folder / PARCELS)


def _description(value: dict[str, Any]) -> dict[str, Any]:
    start, end = (datetime.date.fromisoformat(day) for day in value["season"])
    return {
        "bands": tuple(str(name) for name in value["bands"]),
        "days": np.asarray(value["days"], dtype=np.int64),
        "season": (start, end),
        "level": str(value["level"]),
        "classes": ClassTable.from_json(value["classes"]),
        "outside": str(value["outside"]),
        "chip": int(value["chip"]),
        "grid": Grid.from_json(value["grid"]),
        "statistics": Statistics(
            *(np.asarray(value["statistics"][name], dtype=np.float64) for name in ("mean", "std"))
        ),
        "fingerprint": str(value["fingerprint"]),
        "split_rule": SplitRule.from_json(value["split"]),
        "class_counts": {int(code): int(n) for code, n in value["class_counts"].items()},
        "pair_counts": {
            int(scale): (int(pair[0]), int(pair[1])) for scale, pair in value["pair_counts"].items()
        },
        "notes": tuple(str(note) for note in value["notes"]),
    }


def _contents(path: Path) -> dict[str, Any]:
    table = gpd.read_parquet(path / CHIPS, columns=["cell", "split", "geometry"])
    group = zarr.open_group(path / STORE / GROUP, mode="r")
    return {
        "_cells": table["cell"].to_numpy(np.int64),
        "_splits": table["split"].to_numpy(str),
        "_arrays": dict(group.arrays()),
    }


def _damaged(path: Path, found: str) -> UserError:
    return UserError("damaged_dataset", path, found, REBUILD)
