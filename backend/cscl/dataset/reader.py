"""Reading a dataset: its description, its chips, its label rasters."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from cscl.contract import strict_json
from cscl.contract.classes import ClassTable
from cscl.contract.errors import Findings, UserError
from cscl.dataset.contents import Statistics, read_contents, read_description
from cscl.dataset.frames import StoredFrames
from cscl.dataset.grids import DatasetGrid
from cscl.dataset.rasters import layer_name
from cscl.dataset.shards import STORE, cell_items, chip_items
from cscl.dataset.split import SPLITS, SplitRule
from cscl.dataset.split_plan import SplitPlan
from cscl.dataset.spool import record_type
from cscl.dataset.tables import CHIPS, PARCELS
from cscl.grid import Grid, Window
from cscl.series.model import TimeSeries
from cscl.series.native import layout_of

SCHEMA = 2
DESCRIPTION = "dataset.json"
UNUSED = "unused"
REBUILD = "Build the dataset again."
# Apart from the random numbers that others draw from the same seed.
SHARE_STREAM = 7


@dataclass(frozen=True)
class ChipSample:
    """One chip: `images` float32 (T, C, H, W) reflectance, 0.0 where `valid` (T, H, W) is false.

    `days` int64 (T,) since the season's start. `labels` uint8 (H, W) and `labels_fine` (f H, f W),
    f the dataset's factor, hold 255 outside the chip's split and in its margin;
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
class Dataset:
    """A dataset folder; chips are numbered from 0 in the order of chips.parquet.

    `grids` have each their own dates, and a chip those of its grid. `statistics` are the training
    split's; `class_counts` training pixels by code; `pair_counts` (negative, positive) training
    pairs at window 3 by scale, 1 for 10 m and `factor` for the fine labels, which are `factor`
    times finer. A chip has `chip` pixels a side and `margin` more around them.
    """

    folder: Path
    bands: tuple[str, ...]
    grids: tuple[DatasetGrid, ...]
    level: str
    classes: ClassTable
    outside: str
    chip: int
    margin: int
    factor: int
    statistics: Statistics
    fingerprint: str
    split_plan: SplitPlan
    class_counts: dict[int, int]
    pair_counts: dict[int, tuple[int, int]]
    notes: tuple[str, ...]
    _grids: NDArray[np.int64] = field(repr=False)
    _cells: NDArray[np.int64] = field(repr=False)
    _rows: NDArray[np.int64] = field(repr=False)
    _splits: NDArray[np.str_] = field(repr=False)
    _corners: NDArray[np.int64] = field(repr=False)
    _arrays: tuple[dict[str, Any], ...] = field(repr=False)
    _frames: dict[int, StoredFrames] = field(repr=False, compare=False)

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
            raise _damaged(path, f"its description is not of version {SCHEMA}")
        try:
            description = read_description(path, value)
            dataset = cls(
                folder=path,
                **description,
                **read_contents(path, description["grids"], description["margin"]),
            )
            dataset._check_arrays()
        except (KeyError, TypeError, ValueError, OSError, AttributeError) as error:
            raise _damaged(path, f"it is damaged ({error!r})") from None
        return dataset

    def __len__(self) -> int:
        return len(self._cells)

    @property
    def side(self) -> int:
        """The side of a sample in 10 m pixels, its margin included."""
        return self.chip + 2 * self.margin

    @property
    def dates(self) -> int:
        """The largest number of dates that a chip has."""
        return max(len(item.days) for item in self.grids)

    @property
    def season(self) -> tuple[datetime.date, datetime.date]:
        """The season of the newest grid."""
        return max(item.season for item in self.grids)

    @property
    def split_rule(self) -> SplitRule:
        """The blocks of the split, or those over which intervals are drawn."""
        return self.split_plan.rule

    @property
    def grid(self) -> Grid:
        """The grid of a dataset that has one."""
        return self._only.grid

    @property
    def days(self) -> NDArray[np.int64]:
        """The days (T,) of a dataset with one grid."""
        return self._only.days

    def series(self) -> TimeSeries:
        """Return the time series of a dataset with one grid."""
        return self._only.series()

    def label_path(self, name: str) -> Path:
        """Return a label raster of a dataset with one grid."""
        return self._only.label_path(name)

    @property
    def _only(self) -> DatasetGrid:
        if len(self.grids) > 1:
            raise ValueError(f"{self.folder} has {len(self.grids)} grids: ask each of them")
        return self.grids[0]

    def grid_of(self, index: int) -> DatasetGrid:
        """Return the grid of a chip."""
        return self.grids[int(self._grids[index])]

    def _check_arrays(self) -> None:
        """Refuse arrays and statistics that are not those of the description."""
        findings = Findings()
        for number in range(len(self.grids)):
            self._check_grid(number, findings)
        bands = len(self.bands)
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

    def _check_grid(self, number: int, findings: Findings) -> None:
        place = self.grids[number]
        own = self._grids == number
        cells = self._cells[own]
        _, first = np.unique(cells, return_index=True)
        record = record_type(self._groups(place), self.side, self._corners[own][first])
        items = {
            name: (len(first), *shape)
            for name, (shape, _) in cell_items(
                record, sum(place.passes), self.side, self.factor
            ).items()
        }
        items |= {
            name: (len(cells), *shape)
            for name, (shape, _) in chip_items(self.side, self.factor).items()
        }
        items["days"] = (len(place.days),)
        arrays = self._arrays[number]
        for name, wanted in items.items():
            found = tuple(arrays[name].shape) if name in arrays else None
            if found != wanted:
                findings.error(
                    "dataset_shape", f"{self.folder}, {STORE}, {place.name}, {name}",
                    f"it is {'absent' if found is None else found}, {DESCRIPTION} and {CHIPS} "
                    f"make it {wanted}",
                    REBUILD,
                )  # fmt: skip

    def _groups(self, place: DatasetGrid) -> dict[int, list[str]]:
        """Return the bands by their factor."""
        groups: dict[int, list[str]] = {}
        for band in self.bands:
            groups.setdefault(place.factors[band], []).append(band)
        return groups

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
        number, cell, row = (int(v[index]) for v in (self._grids, self._cells, self._rows))
        arrays = self._arrays[number]
        top, left = self._corners[index].tolist()
        frames = self._frames_of(number)
        stored = {name: np.asarray(arrays[name][cell]) for name in frames.names}
        images, valid = frames.read(stored, Window(top, left, self.side, self.side))

        def layer(name: str, at: int, factor: int) -> NDArray[Any]:
            full = f"{name}_10" if factor == 1 else layer_name(name, factor)
            return np.asarray(arrays[full][at])

        return ChipSample(
            days=self.grids[number].days,
            images=images,
            valid=valid,
            labels=layer("labels", row, 1),
            labels_fine=layer("labels", row, self.factor),
            parcels=layer("parcels", cell, 1),
            parcels_fine=layer("parcels", cell, self.factor),
            mixed=layer("mixed", cell, 1),
        )

    def _frames_of(self, number: int) -> StoredFrames:
        if number not in self._frames:
            series = self.grids[number].series()
            self._frames[number] = StoredFrames(series, layout_of(series))
        return self._frames[number]

    def chip_table(self) -> gpd.GeoDataFrame:
        """Return chips.parquet: place, split, class counts and footprint of each chip."""
        return gpd.read_parquet(self.folder / CHIPS)

    def parcel_table(self) -> gpd.GeoDataFrame:
        """Return parcels.parquet; row i is parcel i + 1 of the label rasters."""
        return gpd.read_parquet(self.folder / PARCELS)


def _damaged(path: Path, found: str) -> UserError:
    return UserError("damaged_dataset", path, found, REBUILD)
