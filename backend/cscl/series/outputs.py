"""The files of a job `series`: one a grid, all of them or none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from cscl.context import JobContext
from cscl.contract import atomic
from cscl.contract.errors import Findings
from cscl.series.model import TimeSeries
from cscl.series.omni import remove_others
from cscl.series.stac import ENDING, write_series

_TILE = re.compile(r"_(T\d{2}[A-Z]{3})_")


def mask_folder(output: Path) -> Path:
    """Return the folder for masks of our own, beside the series."""
    return output.with_name(output.name.removesuffix(ENDING) + ".masks")


def write_all(series: Sequence[TimeSeries], output: Path, overwrite: bool, ctx: JobContext) -> None:
    """Write one series to `output`, several beside it, named after their grids.

    Raises `UserError` naming each file that exists already, unless they may be overwritten.
    """
    paths = [output] if len(series) == 1 else _paths(series, output)
    findings = Findings()
    for path in paths:
        if len(series) > 1 and path.exists() and not overwrite:
            findings.error(
                "output_exists",
                path,
                "the output exists already",
                "Choose another output, or allow overwriting.",
            )
    findings.raise_errors()
    with ExitStack() as stack:
        parts = [stack.enter_context(atomic.replacing(path)) for path in paths]
        for one, part in zip(series, parts, strict=True):
            write_series(one, part)
    folder = mask_folder(output)
    if folder.is_dir():
        remove_others(folder, series)
    if len(paths) > 1:
        names = ", ".join(path.name for path in paths)
        ctx.note(f"The images lie on {len(paths)} grids: one time series each ({names}).")
    for number, path in enumerate(paths, start=1):
        ctx.artifact("series" if number == 1 else f"series_{number}", path)


def _paths(series: Sequence[TimeSeries], output: Path) -> list[Path]:
    """Return NAME_GRID.series.json of each: after the tile, else the reference system."""
    tiles = [_tile(one) for one in series]
    names = tiles if all(tiles) and len(set(tiles)) == len(tiles) else [_zone(o) for o in series]
    counts = Counter(names)
    seen: Counter[str] = Counter()
    base = output.name.removesuffix(ENDING)
    paths = []
    for name in names:
        seen[name] += 1
        tail = f"_{seen[name]}" if counts[name] > 1 else ""
        paths.append(output.with_name(f"{base}_{name}{tail}{ENDING}"))
    return paths


def _tile(series: TimeSeries) -> str:
    """Return the tile that the names of all its images hold, or an empty string."""
    found = {
        match.group(1) if (match := _TILE.search(f"_{item.source}_".upper())) else ""
        for acquisition in series.acquisitions
        for item in acquisition.passes
    }
    return found.pop() if len(found) == 1 else ""


def _zone(series: TimeSeries) -> str:
    return re.sub(r"\W+", "_", series.grid.crs)[:24].strip("_")
