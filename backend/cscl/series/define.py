"""From scanned images to a time series: season, passes of a day, empty dates, choice of dates."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from cscl.context import JobContext
from cscl.contract.errors import Findings, UserError
from cscl.grid import Grid
from cscl.series.grids import grid_text, series_grid
from cscl.series.images import DEFAULT_SCALE, Image, Wanted
from cscl.series.mask import SCL_NAMES
from cscl.series.measure import DateMeasure, measure_date
from cscl.series.model import (
    DEFAULT_BANDS,
    FEWEST_DATES,
    MASK_BAND,
    Acquisition,
    Pass,
    TimeSeries,
)
from cscl.series.scan import Scan, scan_images
from cscl.series.season import (
    Season,
    assumed_season,
    choose_dates,
    parse_day,
    parse_season,
    season_text,
)

# Dates with less of the grid valid than this add nothing but noise.
LEAST_VALID = 0.05
# Since baseline 04.00 products carry an offset of 0.1 in reflectance: METHOD, section 6.
OFFSET_STEP = (0.08, 0.12)


def series_of_images(
    images: str,
    bands: Sequence[str] | None,
    season: str | None,
    until: str | None,
    mask: str,
    dates: int | None,
    ctx: JobContext,
) -> TimeSeries:
    """Return the series of a folder of images; notes say all that was assumed or left out."""
    wanted = tuple(bands) if bands else DEFAULT_BANDS
    search = Wanted(wanted, MASK_BAND if mask == "scl" else "")
    scan = scan_images(images, search)
    if len(scan.grids) > 1:
        raise _several_grids(scan, search, images)
    notes = list(scan.notes)
    found = sorted(scan.images, key=lambda image: (image.date, image.source))
    period = _season(found, season, notes)
    inside = _inside(found, period, until, images, notes)
    notes += _reflectance_notes(inside, wanted)
    grid = series_grid(found[0], search)
    if abs(grid.resolution - 10.0) > 1e-6:
        notes.append(
            f"The pixels measure {grid.resolution:g} m: what is called 10 m and 2.5 m is "
            f"{grid.resolution:g} m and {grid.resolution / 4:g} m."
        )
    acquisitions, measures = _measure(inside, wanted, mask, grid, period[0], notes, ctx)
    notes += _mask_notes(acquisitions, measures) + _offset_warnings(acquisitions, measures)
    used = _drop_empty(acquisitions, images, notes)
    used = _spread(used, period, until, dates, notes)
    for note in notes:
        ctx.note(note)
    return TimeSeries(
        grid=grid,
        bands=wanted,
        season=period,
        level=next((image.level for image in inside if image.level), "") or _level(mask),
        acquisitions=tuple(used),
        mask_method=mask,
        notes=tuple(notes),
    )


def _several_grids(scan: Scan, wanted: Wanted, subject: str) -> UserError:
    grids = "; ".join(
        f"{series_grid(members[0], wanted).crs}, {grid_text(series_grid(members[0], wanted))}, "
        f"{len(members)} images"
        for members in scan.grids
    )
    return UserError(
        "several_grids",
        subject,
        f"its images lie on {len(scan.grids)} grids: {grids}",
        "Name the images of one of them, or define a time series of each.",
    )


def _level(mask: str) -> str:
    # Only L2A products come with a scene classification.
    return "L2A" if mask == "scl" else ""


def _season(found: Sequence[Image], season: str | None, notes: list[str]) -> Season:
    if season:
        return parse_season(season)
    period, note = assumed_season([image.date for image in found])
    notes.append(note)
    return period


def _inside(
    found: Sequence[Image], period: Season, until: str | None, subject: str, notes: list[str]
) -> list[Image]:
    last = min(period[1], parse_day(until, "until")) if until else period[1]
    inside = [image for image in found if period[0] <= image.date <= last]
    days = len({image.date for image in inside})
    if days < FEWEST_DATES:
        raise UserError(
            "too_few_dates",
            subject,
            f"{days} of its dates ({found[0].date} to {found[-1].date}) lie from {period[0]} to "
            f"{last}; a time series needs {FEWEST_DATES}",
            "Choose another season, or add images.",
        )
    if len(inside) < len(found):
        notes.append(
            f"{len(found) - len(inside)} of {len(found)} images lie outside the season "
            f"{season_text(period)}" + (f" or after {last}" if until else "") + " and are not used."
        )
    return inside


def _reflectance_notes(inside: Sequence[Image], bands: Sequence[str]) -> list[str]:
    assumed = sum(image.assumed_scale for image in inside)
    if not assumed:
        return []
    return [
        f"{assumed} of {len(inside)} images say nothing about scale and offset: reflectance = "
        f"number x {DEFAULT_SCALE:g}, offset 0 is assumed."
    ]


def _measure(
    inside: Sequence[Image],
    bands: tuple[str, ...],
    mask: str,
    grid: Grid,
    start: datetime.date,
    notes: list[str],
    ctx: JobContext,
) -> tuple[list[Acquisition], list[DateMeasure]]:
    """Decode all images; damaged ones are reported together."""
    findings = Findings()
    acquisitions: list[Acquisition] = []
    measures: list[DateMeasure] = []
    days = [(date, list(group)) for date, group in groupby(inside, key=lambda image: image.date)]
    for date, group in ctx.track("series", days, len(days)):
        passes = [_pass(image, bands, mask) for image in group]
        try:
            measure = measure_date(passes, bands, mask == "scl", grid, ctx)
        except UserError as error:
            findings.items.extend(error.findings)
            continue
        acquisitions.append(_acquisition(date, start, passes, measure))
        measures.append(measure)
        if len(passes) > 1:
            names = ", ".join(item.source for item in acquisitions[-1].passes)
            notes.append(
                f"{date}: {len(passes)} passes were merged, each pixel from the first that is "
                f"clear there ({names})."
            )
    findings.raise_errors()
    return acquisitions, measures


def _pass(image: Image, bands: tuple[str, ...], mask: str) -> Pass:
    return Pass(
        source=image.source,
        assets={name: image.assets[name] for name in bands},
        mask=image.assets[MASK_BAND] if mask == "scl" else None,
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


def _mask_notes(acquisitions: Sequence[Acquisition], measures: Sequence[DateMeasure]) -> list[str]:
    rows = []
    strange = 0
    for acquisition, measure in zip(acquisitions, measures, strict=True):
        for part in measure.passes:
            strange += part.strange
            shares = ", ".join(
                f"{SCL_NAMES[code]} {share:.0%}" for code, share in part.masked.items()
                if share >= 0.005
            )  # fmt: skip
            if shares:
                rows.append(f"{acquisition.date}: {shares}")
    # A date a line: that is a table in a log, and a wall of words in one line.
    notes = ["\n    ".join(["Masked by the scene classification:", *rows])] if rows else []
    if strange:
        notes.append(
            f"{strange} pixels have a scene classification above 11, which is undefined: masked."
        )
    return notes


def _offset_warnings(
    acquisitions: Sequence[Acquisition], measures: Sequence[DateMeasure]
) -> list[str]:
    """Warn where the dark end of B02 jumps as it does between processing baselines."""
    known = [
        (acquisition.date, measure.dark)
        for acquisition, measure in zip(acquisitions, measures, strict=True)
        if measure.dark is not None and measure.valid >= 0.2
    ]
    jumps = [
        f"{before} to {after} ({low:.3f} to {high:.3f})"
        for (before, low), (after, high) in pairwise(known)
        if OFFSET_STEP[0] <= abs(high - low) <= OFFSET_STEP[1]
    ]
    if not jumps:
        return []
    return [
        "Warning: the dark end of B02 jumps by about 0.1, as it does where images with and without "
        f"the offset of processing baseline 04.00 are mixed: {'; '.join(jumps[:5])}. Check that "
        "all images have the same offset."
    ]


def _drop_empty(
    acquisitions: Sequence[Acquisition], subject: str, notes: list[str]
) -> list[Acquisition]:
    used = [item for item in acquisitions if item.valid_share >= LEAST_VALID]
    dropped = [item for item in acquisitions if item.valid_share < LEAST_VALID]
    if dropped:
        dates = ", ".join(item.date.isoformat() for item in dropped)
        notes.append(
            f"{len(dropped)} of {len(acquisitions)} dates have less than {LEAST_VALID:.0%} valid "
            f"pixels and are not used: {dates}."
        )
    if len(used) < FEWEST_DATES:
        raise UserError(
            "no_clear_dates",
            subject,
            f"{len(used)} of {len(acquisitions)} dates have at least {LEAST_VALID:.0%} valid, "
            f"unclouded pixels; a time series needs {FEWEST_DATES}",
            "Add clearer images, choose another season, or use no cloud mask.",
        )
    return used


def _spread(
    used: list[Acquisition],
    period: Season,
    until: str | None,
    dates: int | None,
    notes: list[str],
) -> list[Acquisition]:
    if dates is None:
        return used
    if dates > len(used):
        notes.append(f"{dates} dates were asked for; all {len(used)} that there are are used.")
        return used
    last = min(period[1], parse_day(until, "until")) if until else period[1]
    length = (last - period[0]).days + 1
    chosen = choose_dates(
        used, [item.day for item in used], [item.valid_share for item in used], length, dates
    )
    if len(chosen) < len(used):
        notes.append(
            f"{len(chosen)} of {len(used)} dates are used, spread over the season, the clearest "
            "of each part."
        )
    return chosen
