"""Every image of a grid decoded once: what each date is worth, and which pass comes first."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from cscl.context import JobContext
from cscl.grid import Grid, Window
from cscl.parallel import run_tasks
from cscl.series.images import Image
from cscl.series.mask import CloudMask
from cscl.series.measure import DateMeasure, measure_date
from cscl.series.model import Acquisition, Pass
from cscl.series.options import SeriesOptions

# Numbers to decode: about a second of work for a core.
WORTH_PROCESSES = 100_000_000


@dataclass(frozen=True)
class _Day:
    """The passes of one date, and what is read of them."""

    date: datetime.date
    passes: tuple[Pass, ...]
    bands: tuple[str, ...]
    mask: CloudMask
    grid: Grid
    area: Window | None


def measured_dates(
    inside: Sequence[Image],
    options: SeriesOptions,
    grid: Grid,
    start: datetime.date,
    notes: list[str],
    ctx: JobContext,
    area: Window | None = None,
) -> tuple[list[Acquisition], list[DateMeasure]]:
    """Return the dates of images that are sorted by date, and what each is worth.

    `start` is the season's first day. With `area`, a window of the grid, shares are those of that
    part, and nothing else is decoded. Raises one `UserError` that names every damaged image.
    """
    bands, mask = options.used_bands, options.mask
    days = [
        _Day(date, tuple(pass_of(image, bands, mask) for image in group), bands, mask, grid, area)
        for date, group in groupby(inside, key=lambda image: image.date)
    ]
    measures: list[DateMeasure] = run_tasks(
        _measured,
        days,
        workers=options.workers or _enough_workers(len(inside), bands, area or grid),
        scheduler=options.scheduler,
        ctx=ctx,
        stage="series",
    )
    acquisitions = [
        _acquisition(day.date, start, day.passes, measure)
        for day, measure in zip(days, measures, strict=True)
    ]
    notes += [_merged(item) for item in acquisitions if len(item.passes) > 1]
    return acquisitions, measures


def _measured(day: _Day) -> DateMeasure:
    return measure_date(day.passes, day.bands, day.mask, day.grid, JobContext(), day.area)


def _enough_workers(images: int, bands: Sequence[str], grid: Grid | Window) -> int | None:
    """Return one worker for what is decoded sooner than processes start, else as many as fit."""
    return 1 if images * len(bands) * grid.width * grid.height < WORTH_PROCESSES else None


def _merged(acquisition: Acquisition) -> str:
    names = ", ".join(item.source for item in acquisition.passes)
    return (
        f"{acquisition.date}: {len(acquisition.passes)} passes were merged, each pixel from the "
        f"first that is clear there ({names})."
    )


def pass_of(image: Image, bands: tuple[str, ...], mask: CloudMask) -> Pass:
    """Return the pass of an image that has these bands and the mask's."""
    return Pass(
        source=image.source,
        assets={name: image.assets[name] for name in bands},
        mask=image.assets[mask.band] if mask.band else None,
        stamps=image.stamps,
    )


def _acquisition(
    date: datetime.date, start: datetime.date, passes: Sequence[Pass], measure: DateMeasure
) -> Acquisition:
    """Return the date with its passes, the clearest first."""
    measured = [
        replace(item, cloud_share=part.cloud, valid_share=part.valid)
        for item, part in zip(passes, measure.passes, strict=True)
    ]
    measured.sort(key=lambda item: (-item.valid_share, item.source))
    return Acquisition(date, (date - start).days, tuple(measured), measure.cloud, measure.valid)
