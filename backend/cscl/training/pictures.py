"""Pictures of how a network does while it trains: one validation chip beside its truth."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cscl.context import JobContext
from cscl.contract.atomic import replacing
from cscl.contract.classes import ClassTable
from cscl.contract.codes import NO_DATA, UNKNOWN
from cscl.dataset.reader import ChipSample, Dataset
from cscl.pages.colours import colour_bands, stretched
from cscl.training.batches import ChipStore

NAME = "prediction"
SECONDS = 10.0
# A chip is looked for among so many: of any split more would take long to read.
MOST_CHIPS = 64
LARGEST_SIDE = 384

Codes = NDArray[np.uint8]
Rgba = NDArray[np.uint8]


class Pictures:
    """Keeps the newest picture of a run in one file, and says when there is another."""

    def __init__(self, path: Path, ctx: JobContext) -> None:
        self._path, self._ctx = path, ctx
        self._drawn = -SECONDS

    def show(self, step: int, draw: Callable[[], Rgba | None], *, last: bool = False) -> None:
        """Write what `draw` returns and announce it; at most every ten seconds but for the last.

        Nothing is written where there is nothing to draw.
        """
        if not last and time.monotonic() - self._drawn < SECONDS:
            return
        picture = draw()
        if picture is None:
            return
        self._drawn = time.monotonic()
        data = io.BytesIO()
        Image.fromarray(picture, "RGBA").save(data, "PNG")
        try:
            with replacing(self._path) as part:
                part.write_bytes(data.getvalue())
        except OSError as error:
            # Whoever looks at the last one may have it open; no picture is worth a training.
            self._ctx.note(f"The picture of the prediction was not written: {error}")
            return
        self._ctx.picture(NAME, step, self._path)


def telling_chip(dataset: Dataset, store: ChipStore) -> int | None:
    """Return the validation chip with the most classes, the one with most known pixels of these."""
    chips = dataset.chips("validation")
    chips = chips[:: max(1, -(-len(chips) // MOST_CHIPS))]

    def told(index: int) -> tuple[int, int]:
        labels = store.get(index).labels
        known = labels[(labels != UNKNOWN) & (labels != NO_DATA)]
        return len(np.unique(known)), len(known)

    return max(chips, key=told, default=None)


def draw_chip(sample: ChipSample, truth: Codes, found: Codes, dataset: Dataset) -> Rgba:
    """Return three squares side by side: image, truth and prediction, (H, 3 H, 4).

    `truth` and `found` are codes (H, H). The image is that of the date with the most clear pixels,
    of several the middle one. What is not known is transparent.
    """
    factor = truth.shape[0] // sample.labels.shape[0]
    image = _image(sample, dataset.bands).repeat(factor, 0).repeat(factor, 1)
    panels = (image, _coloured(truth, dataset.classes), _coloured(found, dataset.classes))
    step = -(-truth.shape[0] // LARGEST_SIDE)
    return np.ascontiguousarray(np.concatenate([item[::step, ::step] for item in panels], axis=1))


def _image(sample: ChipSample, bands: tuple[str, ...]) -> Rgba:
    clear = sample.valid.sum(axis=(1, 2))
    best = np.flatnonzero(clear == clear.max())
    at = int(best[len(best) // 2])
    shown = [bands.index(name) for name in colour_bands(bands)[0]]
    valid = sample.valid[at]
    colours = stretched(sample.images[at, shown], valid)
    return np.dstack([(255 * colours).astype(np.uint8), 255 * valid.astype(np.uint8)])


def _coloured(codes: Codes, classes: ClassTable) -> Rgba:
    table = np.zeros((256, 4), np.uint8)
    for code in np.unique(codes).tolist():
        if code not in (NO_DATA, UNKNOWN):
            table[code] = (*bytes.fromhex(classes.colour_of(code)[1:]), 255)
    return table[codes]
