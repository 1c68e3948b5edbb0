"""A model's confusion with the truth of whole scenes, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import rasterio
import torch
from numpy.typing import NDArray
from torch.nn import functional

from cscl.contract.codes import OUTSIDE
from cscl.dataset.reader import Dataset
from cscl.evaluation.bootstrap import Run
from cscl.evaluation.metrics import confusion, positions
from cscl.evaluation.scorer import softmax
from cscl.evaluation.zones import boundary, coarse_labels
from cscl.grid import Window
from cscl.mapping.predict import Predictor
from cscl.models.store import LoadedModel
from cscl.series.reader import SeriesReader

FINE = 4
BLOCK = 48  # pixels of 10 m: 480 m, wider than most parcels are long
ZONES = ("boundary", "interior")
# At 2.5 m: within 2.5 m, from there to 10 m, and beyond.
FINE_ZONES = ("within 2.5 m", "2.5 to 10 m", "beyond 10 m")
# Methods that look at the truth alone, so that every arm has the same figure.
OF_TRUTH = {"ceiling": "the true 10 m classes repeated"}

Number = TypeVar("Number", bound=np.generic)
Codes = NDArray[np.uint8]
Blocks = dict[str, NDArray[np.int64]]


@dataclass(frozen=True)
class TestScene:
    """A scene that no arm has seen: its dataset, its truth and its parcels' ids at 2.5 m."""

    name: str
    dataset: Dataset
    truth: Codes
    parcels: NDArray[np.uint32]

    @classmethod
    def open(cls, folder: Path) -> TestScene:
        """Open what `prepare_scene` made."""
        with rasterio.open(folder / "scene" / "truth" / "truth_2m5.tif", driver="GTiff") as raster:
            truth = raster.read(1)
        dataset = Dataset.open(folder / "dataset")
        with rasterio.open(dataset.label_path("parcels_2m5"), driver="GTiff") as raster:
            parcels = raster.read(1)
        return cls(folder.name, dataset, truth, parcels)


@dataclass
class Scores:
    """Confusion matrices by resolution, method, zone and block of ground."""

    tables: dict[tuple[str, str, str], Blocks]

    def run(self, resolution: str, method: str, zones: Sequence[str]) -> Run:
        """Return [block] -> confusion over the zones together."""
        parts = [self.tables[resolution, method, zone] for zone in zones]
        return {block: sum(part[block] for part in parts) for block in parts[0]}

    def to_json(self) -> list[list[object]]:
        """Return plain values: rows of resolution, method, zone, block, non-zero counts."""
        rows: list[list[object]] = []
        for key, blocks in sorted(self.tables.items()):
            for block, matrix in blocks.items():
                flat = matrix.ravel()
                places = np.flatnonzero(flat)
                rows.append([*key, block, len(matrix), places.tolist(), flat[places].tolist()])
        return rows

    @classmethod
    def from_json(cls, rows: Sequence[Sequence[object]]) -> Scores:
        """Return the scores that `to_json` wrote."""
        tables: dict[tuple[str, str, str], Blocks] = {}
        for resolution, method, zone, block, size, places, counts in rows:
            matrix = np.zeros(int(size) ** 2, np.int64)  # type: ignore[call-overload]
            matrix[places] = counts
            key = (str(resolution), str(method), str(zone))
            tables.setdefault(key, {})[str(block)] = matrix.reshape(size, size)
        return cls(tables)


def score_model(model: LoadedModel, scenes: Sequence[TestScene]) -> Scores:
    """Map the scenes through the product's mapping code and score every pixel once.

    At 10 m against the majority of the true 2.5 m classes: `1x`, and `4x pooled`, the mean of the
    fine head's probabilities over each pixel, where the model has one. At 2.5 m: `4x`, that head;
    `1x classes`, the coarse classes repeated; `1x logits`, the coarse logits interpolated
    bilinearly; `ceiling`, the true 10 m classes repeated; `parcel vote`, the coarse
    probabilities' mean over each declared parcel. METHOD sections 4 and 7.
    """
    tables: dict[tuple[str, str, str], Blocks] = {}
    codes = model.card.classes.network_codes(model.card.outside)
    for scene in scenes:
        logits = _logits(model, scene)
        coarse_truth, _ = coarse_labels(scene.truth)
        for resolution, truth, maps in (
            ("10", coarse_truth, _coarse_maps(logits)),
            ("2.5", scene.truth, _fine_maps(logits, coarse_truth, scene.parcels, codes)),
        ):
            zones = _zones(truth, resolution)
            for method, places in maps.items():
                found = np.asarray(codes, np.uint8)[places]
                for zone, mask in zones.items():
                    table = tables.setdefault((resolution, method, zone), {})
                    for block, part in _blocks(scene.name, truth.shape, resolution):
                        chosen = mask[part]
                        table[block] = confusion(truth[part][chosen], found[part][chosen], codes)
    return Scores(tables)


def _logits(model: LoadedModel, scene: TestScene) -> dict[int, NDArray[np.float32]]:
    """Return the logits (K, H * scale, W * scale) of a whole scene."""
    height, width = scene.dataset.grid.shape
    scales = tuple(model.card.heads)
    series = scene.dataset.series()
    whole: dict[int, NDArray[np.float32]] = {}
    with SeriesReader(series) as reader:
        predictor = Predictor(model, reader, series.days)
        for window in predictor.windows(Window(0, 0, height, width)):
            for scale, part in predictor.predict(window, scales).logits.items():
                shape = (len(part), height * scale, width * scale)
                target = whole.setdefault(scale, np.empty(shape, np.float32))
                target[:, *window.times(scale).slices] = part
    return whole


def _coarse_maps(logits: dict[int, NDArray[np.float32]]) -> dict[str, NDArray[np.int64]]:
    """Return class places (H, W) by method."""
    maps = {"1x": logits[1].argmax(axis=0)}
    if FINE in logits:
        chances = torch.from_numpy(softmax(logits[FINE], 1.0))
        maps["4x pooled"] = functional.avg_pool2d(chances, FINE).argmax(dim=0).numpy()
    return maps


def _fine_maps(
    logits: dict[int, NDArray[np.float32]],
    coarse_truth: Codes,
    parcels: NDArray[np.uint32],
    codes: Sequence[int],
) -> dict[str, NDArray[np.int64]]:
    """Return class places (4 H, 4 W) by method."""
    places = positions(codes).astype(np.int64)
    smooth = functional.interpolate(
        torch.from_numpy(logits[1])[None], scale_factor=FINE, mode="bilinear", align_corners=False
    )
    maps = {
        "1x classes": _repeated(logits[1].argmax(axis=0)),
        "1x logits": smooth[0].argmax(dim=0).numpy(),
        "ceiling": _repeated(places[coarse_truth]),
        "parcel vote": _parcel_vote(logits[1], parcels, int(places[OUTSIDE])),
    }
    return maps | ({"4x": logits[FINE].argmax(axis=0)} if FINE in logits else {})


def _parcel_vote(
    logits: NDArray[np.float32], parcels: NDArray[np.uint32], outside: int
) -> NDArray[np.int64]:
    """Return the class (4 H, 4 W) of the parcel that each pixel lies in, `outside` beside them."""
    chances = _repeated(softmax(logits, 1.0))
    ids = parcels.ravel().astype(np.int64)
    votes = np.stack([np.bincount(ids, layer.ravel()) for layer in chances])
    winners = votes.argmax(axis=0)
    winners[0] = outside
    return winners[parcels]


def _repeated(values: NDArray[Number]) -> NDArray[Number]:
    return values.repeat(FINE, axis=-2).repeat(FINE, axis=-1)


def _zones(truth: Codes, resolution: str) -> dict[str, NDArray[np.bool_]]:
    """Return masks that share every pixel out among the zones."""
    near = boundary(truth, 3)
    if resolution == "10":
        return dict(zip(ZONES, (near, ~near), strict=True))
    wide = boundary(truth, 2 * FINE + 1)
    return dict(zip(FINE_ZONES, (near, wide & ~near, ~wide), strict=True))


def _blocks(
    name: str, shape: tuple[int, ...], resolution: str
) -> Iterator[tuple[str, tuple[slice, slice]]]:
    """Yield the blocks of ground of a scene by name."""
    side = BLOCK * (1 if resolution == "10" else FINE)
    for row in range(0, shape[0], side):
        for column in range(0, shape[1], side):
            block = f"{name}/{row // side}/{column // side}"
            yield block, (slice(row, row + side), slice(column, column + side))
