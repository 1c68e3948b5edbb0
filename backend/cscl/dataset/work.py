"""The unfinished part of a dataset: what its tasks have to know and what they have done so far."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.contract import atomic, strict_json
from cscl.contract.version import VERSION
from cscl.dataset.grids import label_folder, series_path
from cscl.dataset.rasters import LabelFiles
from cscl.dataset.split_plan import SplitPlan
from cscl.grid import Grid
from cscl.memory import trim_memory
from cscl.series.model import TimeSeries
from cscl.series.native import Layout, layout_of
from cscl.series.stac import read_series
from cscl.vectors.outlines import Outlines, load

FOLDER = "work"
_KEY = "key"
_PLAN = "plan.json"
_SPLITS = "splits.npy"


@dataclass(frozen=True)
class Shapes:
    """What is burnt into one grid: polygons in its system, their codes, ids and overlaps."""

    shapes: Outlines
    codes: NDArray[np.uint8]
    ids: NDArray[np.int64]
    overlaps: Outlines


@dataclass(frozen=True)
class Near:
    """What of `Shapes` lies at one place."""

    shapes: NDArray[np.object_]
    codes: NDArray[np.uint8]
    ids: NDArray[np.int64]
    overlaps: NDArray[np.object_]


@dataclass(frozen=True)
class Work:
    """What is known of a dataset before its pixels are read; `folder` is the dataset's.

    `chip` and `margin` in 10 m pixels, `factor` is that of the fine labels; `chips` tells whether
    they lie on a grid or on parcels. `series` and `years`
    (harvest years) by the names of the grids, in their order; `splits` (N + 1,) the split of each
    parcel by its id, 0 at place 0. `before` is the dataset that this one is appended to.
    """

    folder: Path
    chip: int
    margin: int
    factor: int
    outside: str
    chips: str
    plan: SplitPlan
    series: Mapping[str, TimeSeries]
    years: Mapping[str, int]
    splits: NDArray[np.uint8]
    before: Path | None = None
    _layouts: dict[str, Layout] = field(default_factory=dict, repr=False, compare=False)

    @property
    def side(self) -> int:
        """The side of what is stored of a chip, in 10 m pixels."""
        return self.chip + 2 * self.margin

    @property
    def path(self) -> Path:
        """The folder of the unfinished work."""
        return self.folder / FOLDER

    def grid(self, name: str) -> Grid:
        """Return the pixel grid of a grid."""
        return self.series[name].grid

    def layout(self, name: str) -> Layout:
        """Return how coarse the bands of a grid are."""
        if name not in self._layouts:
            self._layouts[name] = layout_of(self.series[name])
        return self._layouts[name]

    def labels(self, name: str) -> LabelFiles:
        """Return the label rasters of a grid."""
        return LabelFiles(label_folder(self.folder, name))

    def cells(self, name: str) -> NDArray[np.int64]:
        """Return row and column (N, 2) of each cell of a grid, without its margin."""
        return np.asarray(np.load(self.path / f"cells-{name}.npy", allow_pickle=False))

    def write_cells(self, name: str, cells: NDArray[np.int64]) -> None:
        """Keep the cells of a grid."""
        write_array(self.path / f"cells-{name}.npy", cells)

    def shapes_path(self, name: str) -> Path:
        """Return the outlines of what is burnt into a grid."""
        return self.path / f"parcels-{name}.wkb"

    def marks_path(self, name: str) -> Path:
        """Return the ids and codes of what is burnt into a grid, in the order of the outlines."""
        return self.path / f"marks-{name}.npy"

    def overlaps_path(self, name: str) -> Path:
        """Return the outlines of the overlaps of a grid."""
        return self.path / f"overlaps-{name}.wkb"

    def write(self, shapes: Mapping[str, Shapes]) -> str:
        """Keep all that tasks need, and return the key of this work.

        What another work left in the folder is removed; what this very work left stays.
        """
        value, key = self._value(), self.key(shapes)
        kept = self.path / _KEY
        if not kept.is_file() or kept.read_text() != key:
            for name in (FOLDER, "labels", "chips.zarr"):
                atomic.remove(self.folder / name)
        self.path.mkdir(parents=True, exist_ok=True)
        for folder in (self.folder, *(path for path in self.folder.rglob("*") if path.is_dir())):
            atomic.sweep(folder)
        for name, part in shapes.items():
            label_folder(self.folder, name).mkdir(parents=True, exist_ok=True)
            part.shapes.save(self.shapes_path(name))
            part.overlaps.save(self.overlaps_path(name))
            write_array(self.marks_path(name), np.stack([part.ids, part.codes], axis=1))
        write_array(self.path / _SPLITS, self.splits)
        self.plan.write_shapes(self.path)
        atomic.write_text(self.path / _PLAN, strict_json.dump(value))
        atomic.write_text(self.path / _KEY, key)
        return key

    def _value(self) -> dict[str, Any]:
        return {
            "chip": self.chip,
            "margin": self.margin,
            "factor": self.factor,
            "outside": self.outside,
            "chips": self.chips,
            "split": self.plan.to_json(),
            "years": dict(self.years),
            "before": None if self.before is None else str(self.before),
        }

    def key(self, shapes: Mapping[str, Shapes]) -> str:
        """Return a digest of everything that decides the dataset's contents."""
        digest = hashlib.sha256(f"{VERSION}\n{strict_json.dump(self._value())}".encode())
        digest.update(self.splits.tobytes())
        if self.before is not None:
            digest.update((self.before / "dataset.json").read_bytes())
        for name, part in shapes.items():
            digest.update(series_path(self.folder, name).read_bytes())
            digest.update(part.ids.tobytes() + part.codes.tobytes())
            for outline in part.shapes.encoded():
                digest.update(outline)
        return digest.hexdigest()


@functools.lru_cache(maxsize=2)
def open_work(folder: str, key: str) -> Work:
    """Return the work that `Work.write` kept in a dataset's folder under `key`."""
    place = Path(folder)
    value = strict_json.read(place / FOLDER / _PLAN)
    return Work(
        folder=place,
        chip=int(value["chip"]),
        margin=int(value["margin"]),
        factor=int(value["factor"]),
        outside=str(value["outside"]),
        chips=str(value["chips"]),
        plan=SplitPlan.from_json(value["split"], place / FOLDER),
        series={str(name): read_series(series_path(place, name)) for name in value["years"]},
        years={str(name): int(year) for name, year in value["years"].items()},
        splits=np.load(place / FOLDER / _SPLITS, allow_pickle=False),
        before=None if value["before"] is None else Path(value["before"]),
    )


@functools.lru_cache(maxsize=4)
def open_labels(folder: str, key: str, grid: str, thread: int) -> LabelFiles:
    """Return the label rasters of a grid, which stay open for the shards that follow in a thread.

    Those lie beside each other, so that most blocks that they need are still decoded.
    """
    return open_work(folder, key).labels(grid)


@functools.lru_cache(maxsize=1)
def make_room(folder: str, key: str, grid: str, stage: str, first: int) -> None:
    """Give back memory that is free, once in each process where another stage or strip begins.

    Each takes most of what a worker may: nothing of other tasks may stay. To do so for each task
    would make all of them take the same memory anew.
    """
    open_labels.cache_clear()
    trim_memory()


def read_shapes(work: Work, name: str, bounds: tuple[float, float, float, float]) -> Near:
    """Return what is burnt into a part of a grid."""
    rows, shapes = load(work.shapes_path(name), bounds)
    ids, codes = np.load(work.marks_path(name), mmap_mode="r", allow_pickle=False)[rows].T
    _, overlaps = load(work.overlaps_path(name), bounds)
    return Near(shapes, codes.astype(np.uint8), np.ascontiguousarray(ids), overlaps)


def write_array(path: Path, values: NDArray[Any]) -> None:
    """Write an array, whole or not at all."""
    with atomic.replacing(path) as part, open(part, "wb") as file:
        np.save(file, values, allow_pickle=False)
