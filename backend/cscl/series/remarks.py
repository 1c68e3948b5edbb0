"""What is said about the images of a series: what was assumed, masked, filled or looks wrong."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from cscl.contract.errors import UserError
from cscl.grid import Grid
from cscl.series.images import DEFAULT_SCALE, Image
from cscl.series.mask import CloudMask
from cscl.series.measure import DateMeasure
from cscl.series.model import Acquisition, TimeSeries
from cscl.series.numbers import LARGEST, STEPS

# Since baseline 04.00 products carry an offset of 0.1 in reflectance: METHOD, section 6.
OFFSET_STEP = (0.08, 0.12)
LEAST_CLEAR = 0.2
SHOWN = 5
# Of a date's reflectance: bright cloud and sunglint seldom reach so far, a wrong scale does.
TOLD_BEYOND, REFUSED_BEYOND = 0.01, 0.2
LEAST_SHARE = 0.005
_PERIODS = {"month": "month", "dekad": "ten days"}


def grid_notes(grid: Grid) -> list[str]:
    """Say where the pixels are not of 10 m."""
    if abs(grid.resolution - 10.0) <= 1e-6:
        return []
    return [
        f"The pixels measure {grid.resolution:g} m: what is called 10 m and 2.5 m is "
        f"{grid.resolution:g} m and {grid.resolution / 4:g} m."
    ]


def reflectance_notes(inside: Sequence[Image]) -> list[str]:
    """Say of how many images scale and offset were assumed."""
    assumed = sum(image.assumed_scale for image in inside)
    if not assumed:
        return []
    return [
        f"{assumed} of {len(inside)} images say nothing about scale and offset: reflectance = "
        f"number x {DEFAULT_SCALE:g}, offset 0 is assumed."
    ]


def mask_notes(
    acquisitions: Sequence[Acquisition], measures: Sequence[DateMeasure], mask: CloudMask
) -> list[str]:
    """Say which share of each date each value of the mask hides."""
    rows = []
    strange = 0
    for acquisition, measure in zip(acquisitions, measures, strict=True):
        for part in measure.passes:
            strange += part.strange
            shares = ", ".join(
                f"{mask.name_of(value)} {share:.0%}"
                for value, share in part.masked.items()
                if share >= LEAST_SHARE and not mask.is_strange(value)
            )
            if shares:
                rows.append(f"{acquisition.date}: {shares}")
    # A date a line: that is a table in a log, and a wall of words in one line.
    notes = ["\n    ".join([f"Masked by {mask.words}:", *rows])] if rows else []
    if strange:
        notes.append(
            f"{strange} pixels have a scene classification above 11, which is undefined: masked."
        )
    return notes


def beyond_notes(
    acquisitions: Sequence[Acquisition], measures: Sequence[DateMeasure], subject: object
) -> list[str]:
    """Say where reflectance is larger than a series can hold; `UserError` where much of it is."""
    shares = {
        acquisition.date: max(part.beyond for part in measure.passes)
        for acquisition, measure in zip(acquisitions, measures, strict=True)
    }
    told = {date: share for date, share in shares.items() if share >= TOLD_BEYOND}
    if not told:
        return []
    worst = sorted(told, key=lambda date: (-told[date], date))[:SHOWN]
    listed = ", ".join(f"{date}: {told[date]:.0%}" for date in worst)
    found = f"reflectance beyond {LARGEST / STEPS} on {len(told)} of {len(shares)} dates ({listed})"
    clear = {item.date for item, seen in zip(acquisitions, measures, strict=True)
             if seen.valid >= LEAST_CLEAR}  # fmt: skip
    if any(told[date] >= REFUSED_BEYOND for date in clear & told.keys()):
        raise UserError(
            "reflectance_beyond", subject, found,
            "Check scale and offset: reflectance is between 0 and about 1. An image table gives "
            "those that the images do not tell.",
        )  # fmt: skip
    return [f"Warning: {found}, held as that: check scale and offset."]


def offset_warnings(
    acquisitions: Sequence[Acquisition], measures: Sequence[DateMeasure]
) -> list[str]:
    """Warn where the dark end of B02 jumps as it does between processing baselines."""
    known = [
        (acquisition.date, measure.dark)
        for acquisition, measure in zip(acquisitions, measures, strict=True)
        if measure.dark is not None and measure.valid >= LEAST_CLEAR
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
        f"the offset of processing baseline 04.00 are mixed: {'; '.join(jumps[:SHOWN])}. "
        "Check that all images have the same offset."
    ]


def frame_notes(series: TimeSeries, dates: int | None) -> list[str]:
    """Say what the dates became: medians of periods, and what is filled.

    `dates` is how many were asked for.
    """
    notes = []
    if series.composite != "none":
        if dates is not None:
            notes.append(f"{dates} dates were asked for, which does not count for medians.")
        period = _PERIODS[series.composite]
        empty = [frame.date.isoformat() for frame in series.frames if not frame.members]
        notes.append(
            f"{len(series.acquisitions)} dates became {len(series.frames)} medians, one for each "
            f"{period} from the first date's to the last's."
        )
        if empty:
            state = "filled from the others" if series.gaps == "linear" else "without data"
            notes.append(f"Medians of periods without a date are {state}: {', '.join(empty)}.")
    if series.gaps == "linear":
        notes.append(
            "Hidden pixels are filled linearly in time; before the first and after the last clear "
            "date of a pixel its nearest value is kept."
        )
    return notes
