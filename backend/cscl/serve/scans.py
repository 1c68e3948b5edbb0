"""What was looked at last, so that thumbnails and cloud shares need not look again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace

from cscl.contract.errors import UserError
from cscl.grid import Grid
from cscl.series.grids import series_grid
from cscl.series.images import Image, Wanted
from cscl.series.job import series_files
from cscl.series.model import MASK_BAND, TimeSeries
from cscl.series.options import SeriesOptions
from cscl.series.scan import Inspection, inspect_images
from cscl.series.season import parse_season
from cscl.series.stac import read_series

KEPT = 4
_kept: OrderedDict[str, Inspection] = OrderedDict()
_lock = threading.Lock()  # questions of two threads look here


def look_again(images: str, wanted: Wanted) -> Inspection:
    """Inspect images, and keep what was found for the questions about one of them."""
    found = inspect_images(images, wanted)
    with _lock:
        _kept[images] = found
        _kept.move_to_end(images)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def last_look(images: str) -> Inspection | None:
    """Return what was found when these images were looked at last, None where that is long ago."""
    with _lock:
        return _kept.get(images)


def names_of(sources: Iterable[str]) -> list[str]:
    """Return a name for each source: itself, with a number where several are called the same."""
    counts: dict[str, int] = {}
    names = []
    for source in sources:
        count = counts[source] = counts.get(source, 0) + 1
        names.append(source if count == 1 else f"{source} ({count})")
    return names


def images_of(series: TimeSeries) -> list[Image]:
    """Return the passes of a time series as images, by date."""
    found = []
    for acquisition in series.acquisitions:
        for item in acquisition.passes:
            assets = dict(item.assets) | ({series.mask.band: item.mask} if item.mask else {})
            found.append(
                Image(
                    item.source,
                    next(iter(item.assets.values())).path,
                    acquisition.date,
                    {name: replace(a, grid=a.grid or series.grid) for name, a in assets.items()},
                    item.stamps,
                    series.level,
                )
            )
    return found


def image_named(images: str, name: str, wanted: Wanted) -> Image:
    """Return the image that `look` calls `name`, with the bands that are wanted.

    Raises `UserError` where there is none, or where it lacks a band.
    """
    kept = last_look(images)
    image = None if kept is None else _named(kept.described, name)
    if image is None or any(band not in image.assets for band in wanted.needed):
        # Not looked at yet, or for other bands: products say where those are that are asked for.
        hints = {} if kept is None else kept.wanted.hints
        image = _named(_described(images, replace(wanted, hints=hints)), name)
    if image is None:
        raise UserError(
            "no_such_image", f"{images}: {name}", "no usable image has this name", "Look again."
        )
    missing = [band for band in wanted.needed if band not in image.assets]
    if missing:
        here = ", ".join(band for band in image.assets if band != MASK_BAND)
        raise UserError(
            "bands_missing",
            image.source,
            f"it lacks {', '.join(missing)} and has {here or 'no bands'}",
            "Choose other bands.",
        )
    return image


def _described(images: str, wanted: Wanted) -> list[Image]:
    files = series_files(images)
    if files:
        return [image for path in files for image in images_of(read_series(path))]
    return inspect_images(images, wanted).described


def _named(found: list[Image], name: str) -> Image | None:
    names = names_of(image.source for image in found)
    return next((image for other, image in zip(names, found, strict=True) if other == name), None)


def grids_of(images: str) -> list[Grid]:
    """Return the grids of time series, or of images; raises `UserError` where there are none."""
    return extent_of(images, None)[0]


def extent_of(images: str, season: str | None) -> tuple[list[Grid], int]:
    """Return the grids of time series or images, that of most images first, and the dates there.

    Dates are counted within a season, START/END. Raises `UserError` where there are no grids.
    """
    period = parse_season(season) if season else None
    files = series_files(images)
    if files:
        found = [(series.grid, images_of(series)) for series in map(read_series, files)]
    else:
        look = last_look(images) or inspect_images(images, SeriesOptions().wanted)
        found = [(series_grid(group[0], look.wanted), group) for group in look.scan.grids]
    if not found:
        raise UserError(
            "no_images", images, "none of its images can be used", "Look at their faults first."
        )
    counts = [
        len({i.date for i in group if period is None or period[0] <= i.date <= period[1]})
        for _, group in found
    ]
    return [grid for grid, _ in found], max(counts)
