"""Training batches: which chips, which dates, which way round; all random choices in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from cscl import processes
from cscl.contract.codes import UNKNOWN
from cscl.dataset.reader import ChipSample, Dataset
from cscl.models.inputs import Normalisation, prepare

PRELOAD_BYTES = 2**30
# Observations that are clear in little of the chip are drawn rarely, not never.
LEAST_CHANCE = 0.05
FRAME_DROPOUT = 0.1
FEWEST_FRAMES = 4


@dataclass(frozen=True)
class Batch:
    """Network inputs and labels of several chips; dates that a chip lacks are not valid.

    images float32 (B, T, C, H, W) normalised, days float32 (B, T), valid bool (B, T, H, W),
    labels uint8 (B, H, W) and parcels int32 (B, H, W), 0 where there is none; labels_fine and
    parcels_fine the same at (B, f H, f W), f the dataset's factor.
    """

    images: Tensor
    days: Tensor
    valid: Tensor
    labels: Tensor
    labels_fine: Tensor
    parcels: Tensor
    parcels_fine: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def to(self, device: torch.device) -> Batch:
        """Return the batch on `device`."""
        return self._each(lambda item: item.to(device, non_blocking=True))

    def split(self, parts: int) -> list[Batch]:
        """Return the batch in at most `parts` parts, as even as possible."""
        size = -(-len(self) // parts)
        starts = range(0, len(self), size)
        return [self._each(lambda item, at=start: item[at : at + size]) for start in starts]

    def without_labels(self) -> Batch:
        """Return the batch as one that holds nothing: no observation, no label."""
        return replace(
            self,
            valid=torch.zeros_like(self.valid),
            labels=torch.full_like(self.labels, UNKNOWN),
            labels_fine=torch.full_like(self.labels_fine, UNKNOWN),
        )

    def _each(self, change: Callable[[Tensor], Tensor]) -> Batch:
        return Batch(*(change(getattr(self, item.name)) for item in fields(self)))


@dataclass(frozen=True)
class BandStatistics:
    """Mean and standard deviation of every band of a dataset's training split, reflectance."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def of(cls, dataset: Dataset) -> BandStatistics:
        """Return those of a dataset."""
        found = dataset.statistics
        return cls(tuple(map(float, found.mean)), tuple(map(float, found.std)))


class ChipStore:
    """Chips of a dataset, kept in memory where all of `indices` together fit into 1 GiB."""

    def __init__(self, dataset: Dataset, indices: Sequence[int]) -> None:
        self._dataset = dataset
        self._kept: dict[int, ChipSample] | None = None
        size = dataset.dates * (len(dataset.bands) * 4 + 1) * dataset.side**2
        if size * len(indices) <= PRELOAD_BYTES:
            self._kept = {}

    def get(self, index: int) -> ChipSample:
        """Return one chip, read at most once where chips are kept."""
        if self._kept is None:
            return self._dataset.sample(index)
        if index not in self._kept:
            self._kept[index] = self._dataset.sample(index)
        return self._kept[index]


@dataclass(frozen=True)
class View:
    """How one chip is looked at: its dates, the frames dropped of them, its part, its orientation.

    The part is the square of `side` pixels whose upper left corner is at `row` and `column`.
    """

    dates: NDArray[np.int64]
    dropped: NDArray[np.bool_]
    row: int
    column: int
    side: int
    quarter_turns: int
    flipped: bool

    def of(self, values: NDArray[Any], scale: int = 1) -> NDArray[Any]:
        """Return the part of `values` (..., H * scale, W * scale), flipped and turned."""
        rows = slice(self.row * scale, (self.row + self.side) * scale)
        columns = slice(self.column * scale, (self.column + self.side) * scale)
        part = values[..., rows, columns]
        part = part[..., ::-1] if self.flipped else part
        return np.rot90(part, self.quarter_turns, axes=(-2, -1))


def plain_view(dates: int, chip: int) -> View:
    """Return the view that changes nothing, with all dates and the whole chip."""
    return View(np.arange(dates), np.zeros(dates, dtype=bool), 0, 0, chip, 0, False)


def make_batch(
    samples: Sequence[ChipSample], views: Sequence[View], statistics: Normalisation
) -> Batch:
    """Return the batch of `samples` as their `views` show them."""
    images, valid, used_days = [], [], []
    maps: tuple[list[NDArray[Any]], ...] = ([], [], [], [])
    for sample, view in zip(samples, views, strict=True):
        seen = sample.valid[view.dates] & ~view.dropped[:, None, None]
        images.append(view.of(sample.images[view.dates]))
        valid.append(view.of(seen))
        used_days.append(sample.days[view.dates])
        maps[0].append(view.of(sample.labels))
        factor = sample.labels_fine.shape[-1] // sample.labels.shape[-1]
        maps[1].append(view.of(sample.labels_fine, factor))
        maps[2].append(view.of(sample.parcels.astype(np.int32)))
        maps[3].append(view.of(sample.parcels_fine.astype(np.int32), factor))
    inputs = _inputs(images, valid, used_days, statistics)
    return Batch(*inputs, *(torch.from_numpy(np.stack(item)) for item in maps))


def _inputs(
    images: Sequence[NDArray[np.float32]],
    valid: Sequence[NDArray[np.bool_]],
    days: Sequence[NDArray[np.int64]],
    statistics: Normalisation,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return what the network takes of chips that may differ in their number of dates.

    Gaps are filled from a chip's own dates; only then come the dates that it lacks, which are not
    valid and so have no influence: METHOD, section 3.
    """
    longest = max(len(item) for item in days)
    if all(len(item) == longest for item in days):
        return prepare(np.stack(images), np.stack(valid), np.stack(days), statistics)
    parts = [prepare(*item, statistics) for item in zip(images, valid, days, strict=True)]
    first, second, third = (
        torch.cat([_lengthened(part[place], longest) for part in parts]) for place in range(3)
    )
    return first, second, third


def _lengthened(item: Tensor, dates: int) -> Tensor:
    """Return (1, T, ...) with zeros after its own dates."""
    return torch.cat([item, item.new_zeros((1, dates - item.shape[1], *item.shape[2:]))], dim=1)


class Sampler:
    """Draws training batches; its whole state is the generator, the order and the position.

    An epoch visits every chip once, in batches as even as possible; with `weights`, one for each
    training chip in the dataset's order, it draws as many chips with these chances. Of each chip a
    random part of `side` pixels is taken, turned and flipped at random; `dates` (None: all) of its
    dates are drawn, clear ones more often, and a tenth of the frames are dropped. Where several
    processes train together, each gets its part of the batch; the batches are the same however
    many there are.
    """

    def __init__(
        self,
        dataset: Dataset,
        store: ChipStore,
        *,
        batch: int,
        side: int,
        dates: int | None,
        seed: Sequence[int],
        weights: NDArray[np.float64] | None = None,
    ) -> None:
        self._dataset = dataset
        self._store = store
        self._chips = np.asarray(dataset.chips("training"))
        self._batches = max(1, -(-len(self._chips) // batch))
        self._statistics = BandStatistics.of(dataset)
        self._side = side
        self._chances = None if weights is None else weights / weights.sum()
        self._dates = dataset.dates if dates is None else dates
        self._generator = np.random.Generator(np.random.PCG64(list(seed)))
        self._order: list[int] = []
        self._position = 0

    def state(self) -> dict[str, Any]:
        """Return all that decides the coming batches, as plain values."""
        return {
            "generator": self._generator.bit_generator.state,
            "order": list(self._order),
            "position": self._position,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken."""
        self._generator.bit_generator.state = state["generator"]
        self._order = [int(index) for index in state["order"]]
        self._position = int(state["position"])

    def next(self) -> Batch:
        """Return this process's part of the next training batch."""
        if self._position == 0:
            self._order = [int(index) for index in self._draw_epoch()]
        chosen = np.array_split(np.asarray(self._order), self._batches)[self._position]
        self._position = (self._position + 1) % self._batches
        # One number a chip, so that a process need not read the chips of the others.
        seeds = self._generator.integers(2**63, size=len(chosen))
        own = range(processes.number(), len(chosen), processes.count())
        # A process without a chip computes on one that holds nothing: the others wait for it.
        taken = list(own) or [0]
        samples = [self._store.get(int(chosen[index])) for index in taken]
        views = [
            self._draw_view(sample, np.random.Generator(np.random.PCG64(int(seeds[index]))))
            for index, sample in zip(taken, samples, strict=True)
        ]
        batch = make_batch(samples, views, self._statistics)
        return batch if own else batch.without_labels()

    def _draw_epoch(self) -> NDArray[np.int64]:
        if self._chances is None:
            return self._generator.permutation(self._chips)
        return self._generator.choice(self._chips, size=len(self._chips), p=self._chances)

    def _draw_view(self, sample: ChipSample, generator: np.random.Generator) -> View:
        chance = sample.valid.mean(axis=(1, 2)) + LEAST_CHANCE
        count = min(self._dates, len(chance))
        dates = generator.choice(
            len(chance), count, replace=False, p=chance / chance.sum(), shuffle=False
        )
        dates.sort()
        dropped = generator.random(count) < FRAME_DROPOUT
        if (~dropped).sum() < FEWEST_FRAMES:
            dropped[:] = False
        row, column = (
            int(i) for i in generator.integers(self._dataset.side - self._side + 1, size=2)
        )
        turns, flipped = int(generator.integers(4)), bool(generator.integers(2))
        return View(dates, dropped, row, column, self._side, turns, flipped)


def plain_batches(
    dataset: Dataset, store: ChipStore, indices: Sequence[int], batch: int
) -> Iterator[Batch]:
    """Yield the chips `indices` in order, unchanged and with all dates, `batch` at a time."""
    statistics = BandStatistics.of(dataset)
    for start in range(0, len(indices), batch):
        samples = [store.get(index) for index in indices[start : start + batch]]
        views = [plain_view(len(sample.days), dataset.side) for sample in samples]
        yield make_batch(samples, views, statistics)


def labels_at(batch: Batch, scale: int) -> Tensor:
    """Return the label codes of the resolution `scale` times the images'."""
    return batch.labels if scale == 1 else batch.labels_fine


def shares_at(batch: Batch, scale: int, codes: Sequence[int]) -> Tensor:
    """Return the share of each class of `codes` in every pixel, float32 (B, K, H * s, W * s).

    They are those of the fine labels in it, of which unknown ones are left out: the shares of a
    pixel add up to 1, or are all 0 where none is known. METHOD section 5, cover.
    """
    fine = batch.labels_fine
    parts = torch.stack([fine == code for code in codes], dim=1).float()
    factor = fine.shape[-1] // batch.labels.shape[-1]
    if scale != factor:
        parts = functional.avg_pool2d(parts, factor // scale)
    return parts / parts.sum(1, keepdim=True).clamp_min(torch.finfo(parts.dtype).eps)


def parcels_at(batch: Batch, scale: int) -> Tensor:
    """Return the parcel numbers of the resolution `scale` times the images'."""
    return batch.parcels if scale == 1 else batch.parcels_fine
