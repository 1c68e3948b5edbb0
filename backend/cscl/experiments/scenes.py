"""Simulated scenes, whole ones for training, for validation and for the test."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import torch
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract.atomic import remove, write_text
from cscl.contract.codes import NO_DATA, UNKNOWN
from cscl.contract.jobs import DatasetJob, SimulateJob
from cscl.dataset.job import build_dataset
from cscl.dataset.reader import ChipSample, Dataset, Statistics
from cscl.experiments.claims import claimed
from cscl.losses import count_pairs
from cscl.series.reader import SeriesReader
from cscl.simulation.job import simulate

FINE = 4
DONE = "done"
PATIENCE_SECONDS = 0.5
CLASS_FIELD = "crop"
RASTERS = ("labels", "labels_2m5", "parcels", "parcels_2m5", "mixed")


@dataclass(frozen=True)
class SceneRecipe:
    """One scene: its seed, its side in pixels of 10 m, its family, and the dates used of it."""

    seed: int
    size: int
    family: str = "temperate"
    dates: int = 16

    @property
    def name(self) -> str:
        """A folder's name."""
        return f"{self.family}_{self.size}_{self.dates}_{self.seed}"


def prepare_scene(recipe: SceneRecipe, base: Path, chip: int, ctx: JobContext) -> Path:
    """Simulate a scene and build its dataset below `base`, unless done; return their folder.

    It holds `scene` and `dataset`. Where another process is at it, this one waits.
    """
    folder = base / recipe.name
    done = folder / DONE
    while not done.is_file():
        with claimed(folder.with_suffix(".lock")) as mine:
            if mine and not done.is_file():
                _make_scene(recipe, folder, chip, ctx)
        if not mine:
            ctx.check()
            time.sleep(PATIENCE_SECONDS)
    return folder


def _make_scene(recipe: SceneRecipe, folder: Path, chip: int, ctx: JobContext) -> None:
    remove(folder)
    for name in ("scene", "dataset"):
        (folder / name).mkdir(parents=True)
    scene = folder / "scene"
    simulate(
        SimulateJob(output=str(scene), size=recipe.size, seed=recipe.seed, family=recipe.family),
        ctx,
    )
    dataset = DatasetJob(
        images=str(scene),
        parcels=str(scene / "parcels.gpkg"),
        class_field=CLASS_FIELD,
        output=str(folder / "dataset"),
        chip=chip,
        dates=recipe.dates,
        seed=recipe.seed,
    )
    build_dataset(dataset, ctx)
    write_text(folder / DONE, "")


@dataclass(frozen=True)
class SceneArrays:
    """A whole scene in memory: images (T, C, H, W), valid (T, H, W), label rasters by name."""

    days: NDArray[np.int64]
    images: NDArray[np.float32]
    valid: NDArray[np.bool_]
    rasters: dict[str, NDArray[Any]]

    @classmethod
    def read(cls, dataset: Dataset) -> SceneArrays:
        """Read the ground of a dataset whole, its split left aside."""
        with SeriesReader(dataset.series()) as reader:
            stack = reader.read(dataset.grid.whole)
        rasters = {}
        for name in RASTERS:
            with rasterio.open(dataset.label_path(name), driver="GTiff") as raster:
                rasters[name] = raster.read(1)
        return cls(dataset.days, stack.values, stack.valid, rasters)

    def cut(self, row: int, column: int, side: int) -> ChipSample:
        """Return the chip of `side` pixels whose upper left corner is at `row` and `column`."""

        def part(values: NDArray[Any], scale: int = 1) -> NDArray[Any]:
            rows = slice(row * scale, (row + side) * scale)
            return values[..., rows, column * scale : (column + side) * scale]

        return ChipSample(
            days=self.days,
            images=part(self.images),
            valid=part(self.valid),
            labels=part(self.rasters["labels"]),
            labels_fine=part(self.rasters["labels_2m5"], FINE),
            parcels=part(self.rasters["parcels"]),
            parcels_fine=part(self.rasters["parcels_2m5"], FINE),
            mixed=part(self.rasters["mixed"]),
        )


@dataclass(frozen=True)
class SceneSet(Dataset):
    """Chips of several scenes, each scene whole in one split; all in memory.

    Everything but chips, statistics and counts is the first scene's: they must agree in bands,
    classes and number of dates (`ValueError`). A chip's days are its own scene's.
    """

    scenes: tuple[SceneArrays, ...]
    places: tuple[tuple[int, int, int], ...]

    @classmethod
    def of(cls, training: Sequence[Dataset], validation: Sequence[Dataset], chip: int) -> SceneSet:
        """Return the scenes of `training` and of `validation`, cut into chips of `chip` pixels."""
        parts = [*training, *validation]
        first = parts[0]
        for part in parts:
            if part.bands != first.bands or part.classes != first.classes:
                raise ValueError("the scenes differ in bands or classes")
            if len(part.days) != len(first.days):
                raise ValueError("the scenes differ in their number of dates")
        scenes = tuple(SceneArrays.read(part) for part in parts)
        places = [
            (number, row, column)
            for number, scene in enumerate(scenes)
            for row in range(0, scene.images.shape[-2] - chip + 1, chip)
            for column in range(0, scene.images.shape[-1] - chip + 1, chip)
        ]
        splits = np.array(
            ["training" if place[0] < len(training) else "validation" for place in places],
            dtype="<U10",
        )
        learnt = scenes[: len(training)]
        same = {item.name: getattr(first, item.name) for item in fields(Dataset)}
        return cls(
            **same
            | {
                "chip": chip,
                "statistics": _statistics(learnt),
                "fingerprint": _fingerprint(training, validation, chip),
                "class_counts": _class_counts(learnt),
                "pair_counts": _pair_counts(learnt),
                "_grids": np.zeros(len(places), dtype=np.int64),
                "_cells": np.arange(len(places)),
                "_rows": np.arange(len(places)),
                "_splits": splits,
                "_corners": np.zeros((len(places), 2), dtype=np.int64),
                "_arrays": (),
                "_frames": {},
            },
            scenes=scenes,
            places=tuple(places),
        )

    def sample(self, index: int) -> ChipSample:
        """Return one chip."""
        number, row, column = self.places[index]
        return self.scenes[number].cut(row, column, self.chip)


def _statistics(scenes: Sequence[SceneArrays]) -> Statistics:
    pixels = np.concatenate(
        [scene.images.swapaxes(0, 1)[:, scene.valid].astype(np.float64) for scene in scenes], axis=1
    )
    return Statistics(pixels.mean(axis=1), pixels.std(axis=1))


def _class_counts(scenes: Sequence[SceneArrays]) -> dict[int, int]:
    total: Counter[int] = Counter()
    for scene in scenes:
        codes, numbers = np.unique(scene.rasters["labels"], return_counts=True)
        total.update(dict(zip(codes.tolist(), numbers.tolist(), strict=True)))
    return {code: n for code, n in sorted(total.items()) if code not in (NO_DATA, UNKNOWN)}


def _pair_counts(scenes: Sequence[SceneArrays]) -> dict[int, tuple[int, int]]:
    found = {}
    for scale, name in ((1, "labels"), (FINE, "labels_2m5")):
        counts = [
            count_pairs(torch.from_numpy(scene.rasters[name]).long()[None]) for scene in scenes
        ]
        found[scale] = (sum(item[0] for item in counts), sum(item[1] for item in counts))
    return found


def _fingerprint(training: Sequence[Dataset], validation: Sequence[Dataset], chip: int) -> str:
    text = repr(([d.fingerprint for d in training], [d.fingerprint for d in validation], chip))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
