"""The windows of a map through the network, in this process or as a task of several."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch

from cscl.device import choose_devices
from cscl.grid import Window
from cscl.mapping.layers import BoolArray, Layers, make_layers, softmax
from cscl.mapping.parts import Part, write_part
from cscl.mapping.predict import Prediction, Predictor, Prepared
from cscl.mapping.stream import stream
from cscl.mapping.work import MapWork, open_work
from cscl.memory import return_freed_memory
from cscl.models.store import load_model
from cscl.series.reader import SeriesReader


class BlockTask(NamedTuple):
    """Neighbouring windows of the map in `folder`, by their numbers; `last` is not with them."""

    folder: str
    key: str
    first: int
    last: int
    device: str


@dataclass(frozen=True)
class _Read:
    """A window that is read, and the pixels that are mapped by scale; none: all are."""

    prepared: Prepared | None
    inside: dict[int, BoolArray]


@dataclass(frozen=True)
class _Computed:
    """A window that is computed."""

    prediction: Prediction | None
    inside: dict[int, BoolArray]
    device: str = ""
    cuts: int = 0


class Mapper:
    """Computes windows of a map into part files, with one network a device.

    Reading, computing and writing go on at the same time. Use it as a context manager.
    """

    def __init__(self, work: MapWork, devices: Sequence[torch.device]) -> None:
        return_freed_memory()
        self.work = work
        self._selection = work.places.selection(work.series.grid)
        self._parcels = work.accumulator()
        self._reader = SeriesReader(work.series)
        lock = threading.Lock()
        self._predictors = [
            Predictor(
                load_model(work.model),
                self._reader,
                work.series.days,
                device=device,
                window=work.side,
                narrow=work.narrow,
                reading=lock,
            )
            for device in devices
        ]

    def __enter__(self) -> Mapper:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()

    def run(self, numbers: Iterable[int], step: Callable[[], None]) -> None:
        """Write the parts of windows, by their numbers; `step` is called after each."""
        computes = [functools.partial(self._compute, each) for each in self._predictors]
        stream(numbers, self._read, computes, self._write, step)

    def _read(self, number: int) -> _Read:
        window = self.work.windows[number]
        inside = self._selection.masks(window)
        if inside and not inside[max(inside)].any() and not self._has_parcels(window):
            return _Read(None, inside)
        # One more pixel on each side: the boundary strength compares neighbours.
        return _Read(self._predictors[0].prepare(window.grown(1)), inside)

    def _compute(self, predictor: Predictor, found: _Read) -> _Computed:
        if found.prepared is None:
            return _Computed(None, found.inside)
        before = predictor.cuts
        prediction = predictor.compute(found.prepared, self.work.scales)
        cuts = predictor.cuts - before
        return _Computed(prediction, found.inside, str(predictor.device), cuts)

    def _write(self, number: int, found: _Computed) -> None:
        part = Part()
        if found.prediction is not None:
            self._gather(self.work.windows[number], found.prediction)
            layers = {
                scale: self._layers(found.prediction, scale, found.inside.get(scale))
                for scale in self.work.scales
            }
            part = Part(layers, found.device, found.cuts)
        write_part(self.work.part(number), part, self.work.probabilities)

    def _has_parcels(self, window: Window) -> bool:
        """Tell whether a parcel reaches into a window, if by less than a pixel's centre."""
        return self._parcels is not None and len(self._parcels.within(window)) > 0

    def _gather(self, window: Window, prediction: Prediction) -> None:
        """Add the window to the statistics of its parcels."""
        if self._parcels is None:
            return
        inner = (slice(1, -1), slice(1, -1))
        temperature = self._predictors[0].model.card.temperature(1)
        shares = softmax(prediction.logits[1][:, *inner], temperature)
        self._parcels.add(window, shares, prediction.seen[inner])

    def _layers(self, prediction: Prediction, scale: int, inside: BoolArray | None) -> Layers:
        first = self._predictors[0]
        seen = prediction.seen.repeat(scale, axis=0).repeat(scale, axis=1)
        shares = softmax(prediction.logits[scale], first.model.card.temperature(scale))
        source = first.model.card.boundary_source(scale)
        strength = prediction.strengths.get(scale, {}).get(source)
        layers = make_layers(shares, seen, first.codes, ring=scale, strength=strength)
        return layers if inside is None else layers.only(inside)


def map_block(task: BlockTask) -> None:
    """Write the parts of a block of windows that are not there yet."""
    mapper = _mapper(task.folder, task.key, task.device)
    wanted = [
        number for number in range(task.first, task.last) if not mapper.work.part(number).is_file()
    ]
    mapper.run(wanted, lambda: None)


@functools.lru_cache(maxsize=1)
def _mapper(folder: str, key: str, device: str) -> Mapper:
    """Return the mapper of a worker process, which keeps it for its next block."""
    return Mapper(open_work(folder, key), choose_devices(device))
