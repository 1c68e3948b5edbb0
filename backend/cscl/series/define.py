"""From scanned images to time series, one a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cscl.context import JobContext
from cscl.contract.errors import Findings, UserError
from cscl.series.grids import grid_text, series_grid
from cscl.series.ground import outline
from cscl.series.images import Image
from cscl.series.measuring import measured_dates
from cscl.series.model import FEWEST_DATES, TimeSeries
from cscl.series.omni import Predict, mask_maker, with_mask
from cscl.series.options import SeriesOptions
from cscl.series.remarks import (
    beyond_notes,
    frame_notes,
    grid_notes,
    mask_notes,
    offset_warnings,
    reflectance_notes,
)
from cscl.series.scan import Scan, scan_images
from cscl.series.season import Season
from cscl.series.selection import (
    clear_dates,
    images_inside,
    season_of,
    spread_dates,
    without_days,
)


def series_of_images(
    images: str, options: SeriesOptions, ctx: JobContext, *, one_grid: bool
) -> list[TimeSeries]:
    """Return the series of a folder of images, one a grid; notes say all that was assumed.

    The season is the same for all grids. Raises one `UserError` with what stands against the
    images of any grid, and with `one_grid` where there are several.
    """
    predict = mask_maker(options, images)
    scan = scan_images(images, options.wanted)
    if one_grid:
        _refuse_several_grids(scan, options, images)
    notes = list(scan.notes)
    period = season_of(scan.images, options.season, notes)
    scan.grids = without_days(scan.grids, options.without, images, notes)
    for note in notes:
        ctx.note(note)
    findings = Findings()
    found: list[TimeSeries] = []
    for members in _by_place(scan, options):
        place = "" if len(scan.grids) == 1 else _grid_name(members, options)
        subject = f"{images}, {place}" if place else images
        try:
            series = _of_grid(members, period, options, predict, subject, ctx)
        except UserError as error:
            findings.items.extend(error.findings)
            continue
        for note in series.notes:
            ctx.note(f"{place}: {note}" if place else note)
        found.append(replace(series, notes=(*notes, *series.notes)))
    findings.raise_errors()
    return found


def _by_place(scan: Scan, options: SeriesOptions) -> list[list[Image]]:
    """Return the images of each grid in an order that names of files do not change."""

    def place(members: Sequence[Image]) -> tuple[object, ...]:
        grid = series_grid(members[0], options.wanted)
        return grid.crs, -grid.transform[5], grid.transform[2], grid.shape

    return sorted(scan.grids, key=place)


def _grid_name(members: Sequence[Image], options: SeriesOptions) -> str:
    """Return in words on which grid images lie."""
    grid = series_grid(members[0], options.wanted)
    return f"{grid.crs}, {grid_text(grid)}"


def _refuse_several_grids(scan: Scan, options: SeriesOptions, subject: str) -> None:
    """Raise `UserError` where the images do not lie on one grid."""
    if len(scan.grids) < 2:
        return
    grids = "; ".join(
        f"{_grid_name(members, options)}, {len(members)} images"
        for members in _by_place(scan, options)
    )
    raise UserError(
        "several_grids",
        subject,
        f"its images lie on {len(scan.grids)} grids: {grids}",
        "Name the images of one of them, or define a time series of each with cscl series, which "
        "writes one file a grid.",
    )


def _of_grid(
    members: Sequence[Image],
    period: Season,
    options: SeriesOptions,
    predict: Predict | None,
    subject: str,
    ctx: JobContext,
) -> TimeSeries:
    notes: list[str] = []
    found = sorted(members, key=lambda image: (image.date, image.source))
    inside = images_inside(found, period, options.until, subject, notes)
    notes += reflectance_notes(inside)
    grid = series_grid(found[0], options.wanted)
    outline(grid, subject)  # refuses ground that no outline in degrees can tell
    notes += grid_notes(grid)
    mask = options.mask
    if predict is not None and options.masks is not None:
        inside = [with_mask(image, grid, options.masks, predict, ctx) for image in inside]
    acquisitions, measures = measured_dates(inside, options, grid, period[0], notes, ctx)
    notes += beyond_notes(acquisitions, measures, subject)
    notes += mask_notes(acquisitions, measures, mask) + offset_warnings(acquisitions, measures)
    used = clear_dates(acquisitions, options.cloud_limit, subject, notes)
    if options.composite == "none":
        used = spread_dates(used, period, options.until, options.dates, notes)
    series = TimeSeries(
        grid=grid,
        bands=options.used_bands,
        season=period,
        level=next((image.level for image in inside if image.level), "") or _level(mask.method),
        acquisitions=tuple(used),
        mask=mask,
        composite=options.composite,
        gaps=options.gaps,
    )
    notes += frame_notes(series, options.dates)
    _check_frames(series, subject)
    return replace(series, notes=tuple(notes))


def _level(method: str) -> str:
    # Only L2A products come with a scene classification.
    return "L2A" if method == "scl" else ""


def _check_frames(series: TimeSeries, subject: object) -> None:
    """Raise `UserError` where the dates make fewer frames than a time series needs."""
    if len(series.frames) < FEWEST_DATES:
        raise UserError(
            "too_few_frames",
            subject,
            f"its {len(series.acquisitions)} dates make {len(series.frames)} median by "
            f"{series.composite}; a time series needs {FEWEST_DATES}",
            "Choose shorter periods, another season, or add images.",
        )
