"""Logits of any window of a time series, the same whatever the windows are."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from cscl.contract.errors import UserError
from cscl.grid import Window
from cscl.mapping.bands import Bands
from cscl.mapping.layers import BoolArray, FloatArray
from cscl.mapping.windows import aligned, by_blocks, quarters, tiles
from cscl.models.boundary import BoundaryStrength
from cscl.models.inputs import prepare_rows
from cscl.models.registry import architecture, halo, head_radius, pooling_stride
from cscl.models.store import LoadedModel
from cscl.series.reader import SeriesReader, Stack

# Sides of windows to choose from, in 10 m pixels; multiples of 16, as GeoTIFF tiles have to be.
SIDES = (256, 192, 128, 96, 64, 48, 32)
MEMORY_BUDGET = 1.25e9
# Bytes that the network holds at once for each feature channel: of each padded pixel four float32
# maps of each date in the last stage, then of each pixel the maps of the 4x head, which are sixteen
# times as large.
BYTES_A_DATE = 16
BYTES_OF_HEAD = 320


@dataclass(frozen=True)
class Prediction:
    """Logits of a window by scale, (K, H * scale, W * scale), and where anything was observed.

    `seen` (H, W) is false where no date has a valid observation: the logits mean nothing there.
    `strengths` are the boundary strengths of the model's projections by scale and source.
    """

    logits: dict[int, FloatArray]
    seen: BoolArray
    strengths: Mapping[int, Mapping[str, FloatArray]] = field(default_factory=dict)


@dataclass(frozen=True)
class Read:
    """A window that is read, and where it lies in the pixels that the network computes.

    `stack` is read with the halo around these, None where nothing was observed in the window.
    """

    window: Window
    seen: BoolArray
    place: Window
    stack: Stack | None


@dataclass(frozen=True)
class Prepared:
    """A window that the network may take.

    `inputs` are images, days and validity with the halo, None where nothing was observed.
    """

    window: Window
    seen: BoolArray
    place: Window
    inputs: tuple[torch.Tensor, torch.Tensor, torch.Tensor] | None


class Predictor:
    """Runs a network over windows of a time series.

    Windows are read with a halo of the network's receptive radius, on multiples of its pooling
    stride, so that the result does not depend on how an area is cut into windows; a network of
    fixed windows gets them at the same places of the grid whatever the area. `days` are the
    days since the season's start of the series' dates; `window` is the side of the windows that
    `windows` yields, by default what the memory allows for this network and number of dates,
    whatever the area's size. One thread may prepare windows while another computes; predictors of
    one reader share the lock `reading`. `cuts` counts the windows that the device's memory did not
    hold whole; `bands` are threads that fill gaps. With `narrow` the network computes in bfloat16.
    Of the boundary strengths those are computed that the model's card chose, or all that its
    projections allow with `every_boundary`.
    """

    def __init__(
        self,
        model: LoadedModel,
        reader: SeriesReader,
        days: Sequence[int],
        *,
        device: torch.device | str = "cpu",
        window: int | None = None,
        narrow: bool = False,
        every_boundary: bool = False,
        reading: threading.Lock | None = None,
        bands: Bands | None = None,
    ) -> None:
        self.model = model
        self.reader = reader
        self.days = tuple(days)
        self.device = torch.device(device)
        self.codes = model.card.classes.network_codes(model.card.outside)
        self.scales = tuple(model.card.heads)
        self.stride = pooling_stride(model.card.architecture)
        self.halo = halo(model.card.architecture, len(self.days), model.card.context)
        self.parts = 2 if self.device.type == "cpu" else 1
        self.side = window or self._fitting_side()
        self.narrow = narrow
        self.cuts = 0
        self._reading = reading or threading.Lock()
        self._bands = bands or Bands(1)
        self._network = model.network.to(self.device).eval()
        card = model.card
        self._boundary = BoundaryStrength.of(model.losses, card.boundary).to(self.device)
        self._strengths = {
            scale: tuple(
                name
                for name in self._boundary.sources(scale)
                if every_boundary or name == card.boundary_source(scale)
            )
            for scale in self.scales
        }

    def windows(self, area: Window) -> Iterator[Window]:
        """Yield the windows of the grid that cover `area`, block by block of the files."""
        parts = tiles(area.height, area.width, self.side)
        places = (
            Window(area.row + part.row, area.col + part.col, part.height, part.width)
            for part in parts
        )
        yield from by_blocks(places, self.reader.block_shape)

    def logits(self, window: Window, scale: int) -> FloatArray:
        """Return float32 logits (K, height * scale, width * scale) of a window of the grid."""
        return self.predict(window, (scale,)).logits[scale]

    def predict(self, window: Window, scales: Sequence[int]) -> Prediction:
        """Return logits at `scales` and validity of a window, which may reach beyond the grid.

        Raises `UserError` as `compute` does.
        """
        return self.compute(self.prepare(window), scales)

    def prepare(self, window: Window) -> Prepared:
        """Read a window, which may reach beyond the grid, with all that `compute` needs."""
        return self.fill(self.read(window))

    def read(self, window: Window) -> Read:
        """Read a window, which may reach beyond the grid."""
        inner = aligned(window, self.stride * self.parts)
        with self._reading:
            stack = self.reader.read(inner, pad=self.halo)
        top, left = window.row - inner.row, window.col - inner.col
        place = Window(top, left, window.height, window.width)
        around = Window(top + self.halo, left + self.halo, window.height, window.width)
        seen = stack.valid[:, *around.slices].any(axis=0)
        return Read(window, seen, place, stack if seen.any() else None)

    def fill(self, found: Read) -> Prepared:
        """Return what the network sees of a window: normalised, without gaps, in `parts`.

        torch takes its fast convolutions for small maps only if the batch has two samples or more;
        so a window becomes `parts` of its rows, each with a halo of its own.
        """
        if found.stack is None:
            return Prepared(found.window, found.seen, found.place, None)
        values, valid = found.stack.values, found.stack.valid
        dates, bands, height, width = values.shape
        rows = (height - 2 * self.halo) // self.parts
        tall = rows + 2 * self.halo
        images = np.empty((self.parts, dates, bands, tall, width), np.float32)
        known = np.empty((self.parts, dates, tall, width), np.bool_)
        days = np.tile(np.asarray(self.days, np.float32), (self.parts, 1))
        card = self.model.card
        for part in range(self.parts):
            sources = values, valid, days[part], card, part * rows
            filled = images[part], known[part]
            self._bands.each(tall, lambda own: prepare_rows(*sources, own, *filled))  # noqa: B023
        inputs = torch.from_numpy(images), torch.from_numpy(days), torch.from_numpy(known)
        return Prepared(found.window, found.seen, found.place, inputs)

    def compute(self, prepared: Prepared, scales: Sequence[int]) -> Prediction:
        """Return logits at `scales` of a window that was read.

        Where a CUDA device lacks the memory, the window is cut into quarters, down to the pooling
        stride; then `UserError`.
        """
        if prepared.inputs is None:
            return self._prediction(self._empty(prepared.window, scales), prepared.seen)
        window = prepared.window
        try:
            with (
                torch.inference_mode(),
                torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.narrow),
            ):
                moved = (tensor.to(self.device) for tensor in prepared.inputs)
                found = self._run(*moved, scales)
        except torch.cuda.OutOfMemoryError as error:
            if max(window.height, window.width) <= self.stride:
                raise UserError(
                    "out_of_memory",
                    f"device {self.device}",
                    "its memory does not suffice even for the smallest window",
                    "Close other programs that use it, or choose the device cpu.",
                ) from error
        else:
            place = prepared.place
            inner = {scale: maps[:, *place.times(scale).slices] for scale, maps in found.items()}
            return self._prediction(inner, prepared.seen)
        # Outside the handler, so that the failed tensors are no longer referenced.
        torch.cuda.empty_cache()
        self.cuts += 1
        return self._in_quarters(window, scales)

    def _prediction(self, maps: Mapping[int, FloatArray], seen: BoolArray) -> Prediction:
        """Return maps (K + strengths, H, W), as `_run` makes them, by their names."""
        count = len(self.codes)
        return Prediction(
            {scale: item[:count] for scale, item in maps.items()},
            seen,
            {
                scale: dict(zip(self._strengths[scale], item[count:], strict=True))
                for scale, item in maps.items()
            },
        )

    def _run(
        self, images: torch.Tensor, days: torch.Tensor, valid: torch.Tensor, scales: Sequence[int]
    ) -> dict[int, FloatArray]:
        """Return logits and strengths without the halo, the parts put together, by scale.

        They are (K + strengths, H * scale, W * scale), the strengths in the order of their names.

        The heads see only what they need of it.
        """
        reach = head_radius(self.model.card.context)
        rim = self.halo - reach
        near = (..., slice(rim, -rim), slice(rim, -rim))
        features = self._network.features(images, days, valid)[near]
        seen = valid.any(dim=1, keepdim=True)[near]
        maps = self._network.refine(features, seen, scales)
        known = {**maps, 1: features}
        found = {}
        answers = self._network.classify(maps, seen)
        for scale in scales:
            names = self._strengths[scale]
            strengths = self._boundary.strengths(known, seen[:, 0], scale, names)
            layers = [answers[scale].float(), *(strengths[name][:, None] for name in names)]
            rim = reach * scale
            inner = torch.cat([layer[..., rim:-rim, rim:-rim] for layer in layers], dim=1)
            found[scale] = np.concatenate(list(inner.cpu().numpy()), axis=1)
        return found

    def _empty(self, window: Window, scales: Sequence[int]) -> dict[int, FloatArray]:
        sizes = {scale: (window.height * scale, window.width * scale) for scale in scales}
        return {
            scale: np.zeros((len(self.codes) + len(self._strengths[scale]), *size), np.float32)
            for scale, size in sizes.items()
        }

    def _in_quarters(self, window: Window, scales: Sequence[int]) -> Prediction:
        maps = self._empty(window, scales)
        seen = np.zeros((window.height, window.width), np.bool_)
        for part in quarters(window, self.stride):
            result = self.predict(part, scales)
            own = Window(part.row - window.row, part.col - window.col, part.height, part.width)
            seen[own.slices] = result.seen
            for scale in scales:
                strengths = (item[None] for item in result.strengths[scale].values())
                parts = np.concatenate([result.logits[scale], *strengths])
                maps[scale][:, *own.times(scale).slices] = parts
        return self._prediction(maps, seen)

    def _fitting_side(self) -> int:
        """Return the largest side of a window that the memory budget allows."""
        channels = self.model.network.channels
        dates = -(-len(self.days) // self.stride) * self.stride
        if architecture(self.model.card.architecture).window is not None:
            # Attention over dates has a token for each class too.
            dates += len(self.codes)
        for side in SIDES:
            padded = (side + 2 * self.halo * self.parts) * (side + 2 * self.halo)
            # The heads see little of the halo, and the backbone's maps are gone by then.
            held = max(padded * BYTES_A_DATE * dates, (side + 8) ** 2 * BYTES_OF_HEAD)
            if held * channels <= MEMORY_BUDGET:
                return side
        return SIDES[-1]
