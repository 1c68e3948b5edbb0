"""Time series kept open between questions, and their pixels at a place by date."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.grid import Grid, Window
from cscl.parallel.resources import free_bytes
from cscl.series.blocks import CACHE_BYTES, BlockCache, keep_at_most
from cscl.series.grids import series_grid
from cscl.series.images import Wanted
from cscl.series.job import series_files
from cscl.series.mask import CloudMask
from cscl.series.measuring import pass_of
from cscl.series.model import Acquisition
from cscl.series.names import is_mask
from cscl.series.native import Layout, layout_of_passes, read_native
from cscl.series.options import SeriesOptions
from cscl.series.passes import merge_passes
from cscl.series.scan import Inspection, inspect_images
from cscl.series.sources import OpenFiles
from cscl.series.stac import read_series
from cscl.serve.choices import options_of
from cscl.serve.scans import last_look

# A click is answered by a few threads: decoding is most of the work, and they do it side by side.
THREADS = 8
OPEN_FILES = 320
KEPT_SEASONS = 2
# Of the free memory, and no more than thirty dates of a product's blocks need.
KEPT_SHARE = 16


@dataclass(frozen=True)
class DayMean:
    """Mean reflectance by band of a place on a date, None where nothing is known there.

    Where `clear` those of the clear pixels, which are half of them or more; else of all known.
    """

    values: NDArray[np.float64] | None
    clear: bool


class Season:
    """The dates of one grid, whose files stay open between questions."""

    def __init__(
        self,
        grid: Grid,
        bands: tuple[str, ...],
        mask: CloudMask,
        acquisitions: tuple[Acquisition, ...],
    ) -> None:
        self.grid, self.bands, self.mask, self.acquisitions = grid, bands, mask, acquisitions
        count = max(1, min(THREADS, os.cpu_count() or 1))
        self._files = [OpenFiles(grid, _open_files() // count) for _ in range(count)]
        self._blocks = [BlockCache(files) for files in self._files]

    def close(self) -> None:
        """Close all files."""
        for blocks, files in zip(self._blocks, self._files, strict=True):
            blocks.close()
            files.close()

    def means(
        self,
        window: Window,
        inside: NDArray[np.bool_],
        bands: tuple[str, ...],
        ctx: JobContext,
    ) -> list[DayMean]:
        """Return for each date what `bands` are over the pixels `inside` (H, W) of a window."""
        passes = [item for acquisition in self.acquisitions for item in acquisition.passes]
        layout = layout_of_passes(passes, bands, self.grid, self.mask)
        count = len(self._blocks)
        found: dict[int, DayMean] = {}

        def read(thread: int) -> None:
            for number in range(thread, len(self.acquisitions), count):
                ctx.check()
                blocks, acquisition = self._blocks[thread], self.acquisitions[number]
                found[number] = _mean(blocks, acquisition, layout, window, inside)

        with ThreadPoolExecutor(count) as pool:
            for done in [pool.submit(read, thread) for thread in range(count)]:
                done.result()
        return [found[number] for number in range(len(self.acquisitions))]


def _mean(
    blocks: BlockCache,
    acquisition: Acquisition,
    layout: Layout,
    window: Window,
    inside: NDArray[np.bool_],
) -> DayMean:
    shape = (window.height, window.width)
    values = np.zeros((len(layout.bands), *shape), np.float32)
    valid = np.zeros(shape, bool)
    natives = [read_native(blocks, item, layout, window) for item in acquisition.passes]
    merge_passes(natives, layout, values, valid)
    clear = 2 * int((valid & inside).sum()) >= int(inside.sum())
    if not clear:
        # A cloud is a value too: it is shown as what it is, and marked.
        seen = (replace(item, clear=np.ones(shape, bool)) for item in natives)
        merge_passes(seen, layout, values, valid)
    known = valid & inside
    if not known.any():
        return DayMean(None, False)
    return DayMean(values[:, known].mean(axis=1, dtype=np.float64), clear)


# With what was found when the images were looked at, which tells one look from the next.
_kept: OrderedDict[Any, tuple[Inspection | None, list[Season]]] = OrderedDict()


def seasons_of(values: Mapping[str, Any]) -> list[Season]:
    """Return the series that `series` names or that its images make, one a grid.

    Images are taken as `look` found them, those with faults left out.
    """
    text, options = values["series"], replace(options_of(values), bands=None)
    files = series_files(text)
    # Images that were looked at again are another season: some may be new.
    look = None if files else last_look(text)
    key = (text, *[_state(path) for path in files], id(look), repr(options))
    if key not in _kept:
        keep_at_most(min(CACHE_BYTES, free_bytes() // KEPT_SHARE))
        made = [_defined(path) for path in files] or _of_images(text, options, look)
        _kept[key] = look, made
        while len(_kept) > KEPT_SEASONS:
            _close(next(iter(_kept)))
    _kept.move_to_end(key)
    return _kept[key][1]


def _open_files() -> int:
    """Return how many files may be open: half of what the system allows, which may be little."""
    try:
        import resource
    except ImportError:  # Windows, which allows thousands
        return OPEN_FILES
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return OPEN_FILES if allowed < 0 else max(THREADS, min(OPEN_FILES, allowed // 2))


def forget_seasons() -> None:
    """Close all that is kept open: its files may have changed."""
    for key in list(_kept):
        _close(key)


def _close(key: Any) -> None:
    for season in _kept.pop(key)[1]:
        season.close()


def _state(path: Path) -> tuple[str, int, int]:
    try:
        state = path.stat()
    except OSError as error:
        raise UserError(
            "unreadable_file", path, f"it cannot be read ({error.strerror})", "Check the path."
        ) from None
    return str(path), state.st_size, state.st_mtime_ns


def _defined(path: Path) -> Season:
    series = read_series(path)
    return Season(series.grid, series.bands, series.mask, series.acquisitions)


def _of_images(images: str, options: SeriesOptions, look: Inspection | None) -> list[Season]:
    found = look or inspect_images(images, options.wanted)
    if not found.scan.grids:
        found = inspect_images(images, _shared(found, images))
    seasons = []
    for grid_images in found.scan.grids:
        members = sorted(grid_images, key=lambda image: (image.date, image.source))
        masked = all(options.mask.band in image.assets for image in members)
        mask, bands = options.mask if masked else CloudMask.of("none"), found.wanted.bands
        acquisitions = tuple(
            Acquisition(date, 0, tuple(pass_of(image, bands, mask) for image in group), 0.0, 1.0)
            for date, group in groupby(members, key=lambda image: image.date)
        )
        grid = series_grid(members[0], found.wanted)
        seasons.append(Season(grid, bands, mask, acquisitions))
    return seasons


def _shared(found: Inspection, images: str) -> Wanted:
    """Return the bands that all images have; raises `UserError` where they share none."""
    held = [image.assets for image in found.described]
    bands = [name for name in (held[0] if held else ()) if not is_mask(name)]
    shared = tuple(name for name in bands if all(name in assets for assets in held))
    if not shared:
        raise UserError(
            "no_images", images, "none of its images can be used", "Look at their faults first."
        )
    return Wanted(shared, "", found.wanted.hints)
