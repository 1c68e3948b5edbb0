"""The table of images or of a time series: what there is, and what is wrong with it."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cscl.context import JobContext
from cscl.contract.errors import Finding
from cscl.grid import Grid
from cscl.series.dates import image_date, level_of, product_of
from cscl.series.grids import grid_key, grid_text, series_grid
from cscl.series.image_table import is_asked_for
from cscl.series.images import Image, Wanted
from cscl.series.job import series_files
from cscl.series.options import SeriesOptions
from cscl.series.scan import Inspection
from cscl.series.season import Season, season_text
from cscl.series.selection import last_day, season_of
from cscl.series.stac import read_series
from cscl.serve.choices import options_of
from cscl.serve.scans import images_of, look_again, names_of

Row = dict[str, Any]
# What may be told of an image, by the code of the finding that it does not tell it.
_ASKED = {"no_date": "date", "no_bands": "bands", "bands_missing": "bands"}


def look(values: Row, ctx: JobContext) -> Row:
    """Return one row an image of `images`, those with faults too; see `LOOK` of the contract."""
    options = options_of(values)
    files = series_files(values["images"])
    return _series(files, options) if files else _images(values["images"], options)


def _images(images: str, options: SeriesOptions) -> Row:
    found = look_again(images, options.wanted)
    notes = list(found.scan.notes)
    period = season_of(found.described, options.season, notes) if found.described else None
    grids = _Grids(options.wanted)
    used = {id(image) for image in found.scan.images}
    rows = [
        _row(name, image, grids.name_of(image))
        | {
            "used": id(image) in used and _is_inside(image.date, period, options),
            "problem": "",
            "asked": [],
        }
        for name, image in zip(
            names_of(image.source for image in found.described), found.described, strict=True
        )
    ]
    return {
        "rows": _in_order([*_with_problems(rows, found), *_left_out(found)]),
        "grids": grids.rows(),
        "season": season_text(period) if period else options.season,
        "findings": [finding.to_json() for finding in found.joined()],
        "notes": notes,
        "wanted_bands": list(options.wanted.needed),
    }


def _series(files: Sequence[Path], options: SeriesOptions) -> Row:
    """Return the rows of time series that are defined already, with their shares of clouds."""
    rows: list[Row] = []
    seasons: dict[str, None] = {}
    bands: dict[str, None] = {}
    notes: list[str] = []
    grids = _Grids(options.wanted)
    for path in files:
        series = read_series(path)
        period = season_of((), options.season, notes) if options.season else series.season
        seasons[season_text(period)] = None
        bands |= dict.fromkeys((*series.bands, *([series.mask.band] if series.mask.band else [])))
        notes += series.notes
        passes = [item for acquisition in series.acquisitions for item in acquisition.passes]
        for item, image in zip(passes, images_of(series), strict=True):
            rows.append(
                _row(image.source, image, grids.name_of(image))
                | {
                    "cloud": item.cloud_share,
                    "valid": item.valid_share,
                    "used": _is_inside(image.date, period, options),
                    "problem": "",
                    "asked": [],
                }
            )
    for name, row in zip(names_of(row["source"] for row in rows), rows, strict=True):
        row["id"] = name
    return {
        "rows": _in_order(rows),
        "grids": grids.rows(),
        "season": next(iter(seasons)) if len(seasons) == 1 else None,
        "findings": [],
        "notes": notes,
        "wanted_bands": list(bands),
    }


class _Grids:
    """The grids that images lie on, named as they are met."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._found: dict[Any, Grid] = {}
        self._counts: Counter[Any] = Counter()

    def name_of(self, image: Image) -> str:
        """Return the name of the grid of an image, and count it there."""
        if all(asset.grid is None for asset in image.assets.values()):
            return ""
        grid = series_grid(image, self._wanted)
        key = grid_key(grid)
        self._found.setdefault(key, grid)
        self._counts[key] += 1
        return _grid_name(grid)

    def rows(self) -> list[Row]:
        """Return one row a grid, that of most images first."""
        return [
            {
                "name": _grid_name(self._found[key]),
                "crs": self._found[key].crs,
                "extent": list(self._found[key].bounds),
                "size": list(self._found[key].shape),
                "images": count,
            }
            for key, count in self._counts.most_common()
        ]


def _grid_name(grid: Grid) -> str:
    return f"{grid.crs}, {grid_text(grid)}"


def _row(name: str, image: Image, grid: str) -> Row:
    grids = [asset.grid.resolution for asset in image.assets.values() if asset.grid is not None]
    return {
        "id": name,
        "date": image.date.isoformat(),
        "source": image.source,
        "path": str(image.path),
        "bands": list(image.assets),
        "level": image.level,
        "baseline": _baseline(image.product),
        "cloud": None,
        "valid": None,
        "resolution": min(grids) if grids else None,
        "grid": grid,
    }


def _is_inside(date: datetime.date, period: Season | None, options: SeriesOptions) -> bool:
    in_season = period is not None and period[0] <= date <= last_day(period, options.until)
    return in_season and date not in options.without


def _errors(found: Inspection) -> list[Finding]:
    return [item for item in found.findings.items if item.severity == "error"]


def _with_problems(rows: list[Row], found: Inspection) -> list[Row]:
    """Return the rows, those that a finding names with its words."""
    for row in rows:
        against = [item for item in _errors(found) if _is_about(item, row["path"], row["source"])]
        if against:
            row |= {**_problem(against), "used": False}
    return rows


def _left_out(found: Inspection) -> list[Row]:
    """Return a row for each file that a finding names and that became no image."""
    described = [(str(image.path), image.source) for image in found.described]
    left: dict[Path, list[Finding]] = {}
    for item in _errors(found):
        if any(_is_about(item, path, source) for path, source in described):
            continue
        entry = max(
            (path for path in found.entries if _is_about(item, str(path), path.name)),
            key=lambda path: len(str(path)),
            default=None,
        )
        if entry is not None:
            left.setdefault(entry, []).append(item)
    return [_left_row(entry, against) for entry, against in left.items()]


def _left_row(entry: Path, against: Sequence[Finding]) -> Row:
    """Return the row of a file or product of which no more than its name is known."""
    date, _ = image_date(entry.stem, {})
    product = product_of(entry.name)
    return {
        "id": f"{entry.name} ({entry.parent})",
        "date": date.isoformat() if date else None,
        "source": entry.name,
        "path": str(entry),
        "bands": [],
        "level": level_of(entry.stem, {}),
        "baseline": _baseline(product),
        "cloud": None,
        "valid": None,
        "resolution": None,
        "grid": "",
        "used": False,
        **_problem(against),
    }


def _baseline(product: tuple[str, int] | None) -> str:
    """Return a processing baseline as products write it, such as 04.00."""
    return "" if product is None else f"{product[1] // 100:02d}.{product[1] % 100:02d}"


def _is_about(finding: Finding, path: str, source: str) -> bool:
    """Tell whether a finding's subject is a file, something in it, or the image called so."""
    subject = finding.subject
    return subject == source or (
        subject.startswith(path) and (len(subject) == len(path) or subject[len(path)] in ",:/\\ ")
    )


def _problem(against: Sequence[Finding]) -> Row:
    asked = [_ASKED.get(item.code, "scale") for item in against if is_asked_for(item)]
    return {
        "problem": "\n".join(f"{item.found}. {item.remedy}" for item in against),
        "asked": list(dict.fromkeys(asked)),
    }


def _in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["date"] or "9999", row["source"]))
