"""The windows of a map through the network, in this process or as a task of several."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch

from cscl.device import choose_devices
from cscl.grid import Window
from cscl.mapping.bands import Bands
from cscl.mapping.layers import BoolArray, Layers, draw_layers, softmax
from cscl.mapping.parts import Part, write_part
from cscl.mapping.predict import Prediction, Predictor, Prepared, Read
from cscl.mapping.stream import stream
from cscl.mapping.work import MapWork, open_work
from cscl.memory import keep_freed_memory
from cscl.models.store import load_model
from cscl.series.blocks import CACHE_BYTES, keep_at_most
from cscl.series.reader import SeriesReader


class BlockTask(NamedTuple):
    """Neighbouring windows of the map in `folder`, by their numbers; `last` is not with them."""

    folder: str
    key: str
    first: int
    last: int
    device: str


@dataclass(frozen=True)
class _Window:
    """A window under way: `found` is what is known of it, None where it has nothing to map.

    `inside` are the pixels that are mapped by scale; where it is empty, all are.
    """

    number: int
    inside: dict[int, BoolArray]
    found: Read | Prepared | Prediction | None
    device: str = ""
    cuts: int = 0


@dataclass(frozen=True)
class _Drawn:
    """A window that is ready to be written; the prediction where parcels are gathered."""

    part: Part
    prediction: Prediction | None


class Mapper:
    """Computes windows of a map into part files, with one network a device.

    Reading, computing and writing go on at the same time. Use it as a context manager.
    """

    def __init__(self, work: MapWork, devices: Sequence[torch.device]) -> None:
        self.work = work
        self._selection = work.places.selection(work.series.grid)
        self._parcels = work.accumulator()
        self._reader = SeriesReader(work.series)
        self._bands = Bands(torch.get_num_threads())
        self._on_processor = all(device.type == "cpu" for device in devices)
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
                bands=self._bands,
            )
            for device in devices
        ]
        around = self._reader.bytes_around(work.side, self._predictors[0].halo)
        self._kept_before = keep_at_most(min(CACHE_BYTES, around))

    def __enter__(self) -> Mapper:
        return self

    def __exit__(self, *_: object) -> None:
        keep_at_most(self._kept_before)
        self._reader.close()
        self._bands.close()

    def run(self, numbers: Iterable[int], step: Callable[[], None]) -> None:
        """Write the parts of windows, by their numbers; `step` is called after each.

        Beside a network on the processor there is no core left: what else is to be computed there
        comes before and after it, by all threads, since torch's threads wait for the one that has
        to share its core. Other devices would wait meanwhile: for them it is done beside.
        """
        if self._on_processor:
            computes = [functools.partial(self._compute, own) for own in self._predictors]
            stream(numbers, self._read, computes, self._write, step)
            return
        stream(
            numbers,
            lambda number: self._fill(self._read(number)),
            [functools.partial(self._predict, own) for own in self._predictors],
            lambda number, item: self._write(number, self._draw(item)),
            step,
        )

    def _read(self, number: int) -> _Window:
        window = self.work.windows[number]
        inside = self._selection.masks(window)
        if inside and not inside[max(inside)].any() and not self._has_parcels(window):
            return _Window(number, inside, None)
        # One more pixel on each side: the boundary strength compares neighbours.
        return _Window(number, inside, self._predictors[0].read(window.grown(1)))

    def _fill(self, item: _Window) -> _Window:
        if not isinstance(item.found, Read):
            return item
        return replace(item, found=self._predictors[0].fill(item.found))

    def _predict(self, predictor: Predictor, item: _Window) -> _Window:
        if not isinstance(item.found, Prepared):
            return item
        before = predictor.cuts
        prediction = predictor.compute(item.found, self.work.scales)
        cuts = predictor.cuts - before
        return replace(item, found=prediction, device=str(predictor.device), cuts=cuts)

    def _compute(self, predictor: Predictor, item: _Window) -> _Drawn:
        return self._draw(self._predict(predictor, self._fill(item)))

    def _draw(self, item: _Window) -> _Drawn:
        if not isinstance(item.found, Prediction):
            return _Drawn(Part(), None)
        layers = {
            scale: self._layers(item.found, scale, item.inside.get(scale))
            for scale in self.work.scales
        }
        part = Part(layers, item.device, item.cuts)
        return _Drawn(part, item.found if self._parcels is not None else None)

    def _write(self, number: int, drawn: _Drawn) -> None:
        if drawn.prediction is not None:
            self._gather(self.work.windows[number], drawn.prediction)
        write_part(self.work.part(number), drawn.part, self.work.probabilities)

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
        card = first.model.card
        strength = prediction.strengths.get(scale, {}).get(card.boundary_source(scale))
        layers = draw_layers(
            prediction.logits[scale], prediction.seen, scale, card.temperature(scale), first.codes,
            strength, self._bands,
        )  # fmt: skip
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
    keep_freed_memory()
    return Mapper(open_work(folder, key), choose_devices(device))
