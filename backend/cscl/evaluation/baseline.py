"""The yardstick: a random forest on the pixels' own time series."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import RandomForestClassifier

from cscl.context import JobContext
from cscl.grid import Window
from cscl.models.gaps import fill_gaps

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint8]

TREES = 300
# Enough to tell which variant is the better one.
TRIAL_TREES = 60
TREES_AT_ONCE = 10
BLOCK = 64
# Above this both variants together would take longer than the training of a quick network.
PIXELS_FOR_BOTH = 80_000
# 1 GiB of float32 features; more pixels than fit are thinned out evenly, and that is said.
LARGEST_TABLE = 256 * 1024 * 1024
VARIANTS = ("pixels", "pixels and 3x3 means")


class Stack(Protocol):
    """Reflectance (T, C, H, W), 0 where invalid, and validity (T, H, W)."""

    @property
    def values(self) -> Floats: ...

    @property
    def valid(self) -> npt.NDArray[np.bool_]: ...


class Reader(Protocol):
    """Reads windows of a time series."""

    def read(self, window: Window, pad: int = 0) -> Stack: ...


def local_means(filled: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """Return 3 x 3 means (F, H-2, W-2) of features (F, H, W) over the `known` (H, W) pixels."""
    weights = known.astype(np.float32)
    height, width = known.shape[0] - 2, known.shape[1] - 2
    total = np.zeros((len(filled), height, width), np.float32)
    count = np.zeros((height, width), np.float32)
    for row in range(3):
        for col in range(3):
            part = weights[row : row + height, col : col + width]
            total += filled[:, row : row + height, col : col + width] * part
            count += part
    return total / np.maximum(count, 1)


def features(
    reader: Reader, window: Window, days: npt.NDArray[np.int64], variant: str
) -> npt.NDArray[np.float32]:
    """Return the features (H, W, F) of a window: every band of every date, gaps filled.

    With `pixels and 3x3 means` the means over the 3 x 3 neighbourhood follow.
    """
    if variant == VARIANTS[0]:
        stack = reader.read(window)
        filled = fill_gaps(stack.values, stack.valid, days)
        return _rows(filled.reshape(-1, *filled.shape[2:]))
    stack = reader.read(window, pad=1)
    filled = fill_gaps(stack.values, stack.valid, days)
    flat = filled.reshape(-1, *filled.shape[2:])
    known: npt.NDArray[np.bool_] = np.any(stack.valid, axis=0)
    means = local_means(flat, known)
    return _rows(np.concatenate([flat[:, 1:-1, 1:-1], means]))


def _rows(planes: Floats) -> Floats:
    return np.ascontiguousarray(np.moveaxis(planes, 0, -1))


@dataclass
class Forest:
    """A forest that can still grow, with the table it is trained on."""

    classifier: RandomForestClassifier
    variant: str
    table: Floats
    labels: Codes
    labelled_pixels: int
    seconds: float = 0.0

    @property
    def pixels(self) -> int:
        """The number of training pixels."""
        return len(self.labels)

    def grow(self, trees: int, ctx: JobContext, done: int, total: int) -> int:
        """Grow to a number of trees; `done` of `total` are grown before, the sum is returned."""
        started = time.monotonic()
        for count in range(self.classifier.n_estimators + TREES_AT_ONCE, trees + 1, TREES_AT_ONCE):
            self.classifier.set_params(n_estimators=count)
            self.classifier.fit(self.table, self.labels)
            done += TREES_AT_ONCE
            ctx.progress("baseline", done, total)
        self.seconds += time.monotonic() - started
        return done

    def probabilities(
        self, reader: Reader, window: Window, days: npt.NDArray[np.int64], codes: Sequence[int]
    ) -> Floats:
        """Return the trees' mean votes (K, H, W) for the classes `codes`, in their order.

        A class that the training pixels lack gets 0.
        """
        table = features(reader, window, days, self.variant)
        votes = self.classifier.predict_proba(table.reshape(-1, table.shape[-1]))
        result = np.zeros((len(codes), window.height, window.width), np.float32)
        for column, code in enumerate(self.classifier.classes_):
            result[list(codes).index(int(code))] = votes[:, column].reshape(
                window.height, window.width
            )
        return result


def plant_forest(
    reader: Reader,
    labels: Codes,
    days: npt.NDArray[np.int64],
    *,
    variant: str,
    seed: int,
    ctx: JobContext,
) -> Forest:
    """Return a forest without trees yet, for every pixel of the grid with a label.

    `labels` is (H, W), 0 where there is none. Were the pixels to need more than 1 GiB of
    features, an even share of them is drawn and noted.
    """
    table, codes = training_table(reader, labels, days, variant, seed)
    labelled = int(np.count_nonzero(labels))
    if len(codes) < labelled:
        ctx.note(
            f"The random forest is trained on {len(codes)} of {labelled} labelled pixels, drawn "
            "evenly, because the table of all of them would not fit into 1 GiB."
        )
    classifier = RandomForestClassifier(
        n_estimators=0, warm_start=True, n_jobs=-1, random_state=seed
    )
    return Forest(classifier, variant, table, codes, labelled)


def training_table(
    reader: Reader, labels: Codes, days: npt.NDArray[np.int64], variant: str, seed: int
) -> tuple[Floats, Codes]:
    """Return features (N, F) and codes (N,) of the labelled pixels, thinned to 1 GiB at most."""
    chosen, width = labels > 0, 0
    tables: list[Floats] = []
    codes: list[Codes] = []
    for window in blocks(labels.shape):
        if not np.any(chosen[window.slices]):
            continue
        table = features(reader, window, days, variant)
        if not width:
            width = table.shape[-1]
            chosen = _thinned(chosen, LARGEST_TABLE // width, seed)
        wanted = chosen[window.slices]
        tables.append(table[wanted])
        codes.append(labels[window.slices][wanted])
    if not tables:
        return np.zeros((0, 0), np.float32), np.zeros(0, np.uint8)
    return np.concatenate(tables), np.concatenate(codes)


def _thinned(chosen: npt.NDArray[np.bool_], most: int, seed: int) -> npt.NDArray[np.bool_]:
    places = np.flatnonzero(chosen)
    if len(places) <= most:
        return chosen
    kept = np.random.default_rng(seed).choice(places, most, replace=False)
    thinned = np.zeros(chosen.size, bool)
    thinned[kept] = True
    return thinned.reshape(chosen.shape)


def blocks(shape: tuple[int, ...], side: int = BLOCK) -> Iterator[Window]:
    """Yield windows of at most `side` x `side` that cover a raster of `shape` (H, W)."""
    for row in range(0, shape[0], side):
        for col in range(0, shape[1], side):
            yield Window(row, col, min(side, shape[0] - row), min(side, shape[1] - col))


def accuracy(
    forest: Forest,
    reader: Reader,
    labels: Codes,
    days: npt.NDArray[np.int64],
    codes: Sequence[int],
) -> float | None:
    """Share of the labelled pixels of a grid (`labels` (H, W), 0 none) that the forest hits."""
    names, hits, count = np.asarray(codes, np.uint8), 0, 0
    for window in blocks(labels.shape):
        truth = labels[window.slices]
        if not np.any(truth):
            continue
        found = names[forest.probabilities(reader, window, days, codes).argmax(axis=0)]
        hits += int(np.count_nonzero((found == truth) & (truth > 0)))
        count += int(np.count_nonzero(truth))
    return hits / count if count else None


@dataclass
class Baseline:
    """The forest that was chosen on validation, and how each variant fared there."""

    forest: Forest
    trials: list[dict[str, object]]


def choose_forest(
    reader: Reader,
    training: Codes,
    validation: Codes,
    days: npt.NDArray[np.int64],
    codes: Sequence[int],
    *,
    seed: int,
    ctx: JobContext,
    variants: Sequence[str] | None = None,
) -> Baseline | None:
    """Train 300 trees of the variant with the higher accuracy on the validation pixels.

    `training` and `validation` are label rasters (H, W) with 0 where a pixel is not used. Each
    variant is judged by its first 60 trees, and the better one grows on. Without `variants` both
    are tried, or the pixels alone where there are more than 80,000 of them, which is noted. None
    where fewer than two classes have training pixels.
    """
    if len(np.unique(training[training > 0])) < 2:
        ctx.note("There is no random forest beside: the training pixels hold fewer than 2 classes.")
        return None
    if variants is None:
        variants = _affordable(int(np.count_nonzero(training)), ctx)
    first = TRIAL_TREES if len(variants) > 1 else TREES
    done, total = 0, first * len(variants) + TREES - first
    forests = []
    for variant in variants:
        forest = plant_forest(reader, training, days, variant=variant, seed=seed, ctx=ctx)
        done = forest.grow(first, ctx, done, total)
        forests.append((forest, accuracy(forest, reader, validation, days, codes)))
    best, _ = max(forests, key=lambda item: item[1] or 0.0)
    best.grow(TREES, ctx, done, total)
    trials: list[dict[str, object]] = [
        {
            "variant": forest.variant,
            "validation_accuracy": score,
            "training_pixels": forest.pixels,
            "labelled_pixels": forest.labelled_pixels,
            "trees": forest.classifier.n_estimators,
            "seconds": round(forest.seconds, 1),
        }
        for forest, score in forests
    ]
    return Baseline(best, trials)


def _affordable(pixels: int, ctx: JobContext) -> tuple[str, ...]:
    if pixels <= PIXELS_FOR_BOTH:
        return VARIANTS
    ctx.note(
        f"The random forest sees the pixels alone, without 3x3 means, because there are {pixels} "
        f"training pixels, more than {PIXELS_FOR_BOTH}."
    )
    return VARIANTS[:1]
