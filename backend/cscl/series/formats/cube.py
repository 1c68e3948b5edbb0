"""NetCDF and Zarr cubes as openEO, xarray, odc-stac and stackstac write them: an image a step."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cscl.contract.errors import Findings, UserError
from cscl.grid import Grid
from cscl.series.cube_model import Cube, Variable, band_member, check_size
from cscl.series.cube_open import is_cube, open_cube, stamp_of_cube
from cscl.series.dates import image_date, level_of
from cscl.series.formats.common_names import known_band
from cscl.series.formats.cube_grid import doubtful_corner, grid_of
from cscl.series.formats.cube_numbers import Scaling, nodata_of, scaling_of
from cscl.series.formats.cube_time import dates_of
from cscl.series.images import Hint, Image, Wanted
from cscl.series.model import Asset
from cscl.series.names import is_mask

SHOWN = 5


@dataclass(frozen=True)
class CubeFormat:
    """The format of files and folders that hold many dates."""

    title: str = "NetCDF and Zarr cubes"

    def claim(self, entries: Sequence[Path]) -> list[Path]:
        """Return NetCDF files and Zarr folders."""
        return [path for path in entries if is_cube(path)]

    def describe(
        self, paths: Sequence[Path], wanted: Wanted, findings: Findings, notes: list[str]
    ) -> list[Image]:
        """Return one image a step of time."""
        images: list[Image] = []
        for path in paths:
            try:
                cube = open_cube(path)
                try:
                    images += _describe(cube, wanted, findings, notes)
                finally:
                    cube.close()
            except UserError as error:
                findings.items.extend(error.findings)
        return images


CUBE = CubeFormat()


@dataclass(frozen=True)
class _Band:
    """A band of a cube: its name here, and how the file calls it."""

    name: str
    member: str
    variable: Variable


def _describe(cube: Cube, wanted: Wanted, findings: Findings, notes: list[str]) -> list[Image]:
    hint, before = wanted.hint(cube.path.name), len(findings.errors)
    bands = _bands(cube, wanted, hint, findings, notes)
    if not bands:
        return []
    for band in bands:
        check_size(cube.path, band.variable)
    _check_alike(cube, bands, findings)
    first = bands[0].variable
    dates = _dates(cube, first, hint, findings)
    grid = grid_of(cube, first, findings)
    scalings = _scalings(cube, bands, hint, findings)
    if grid is None or len(findings.errors) > before:
        return []
    if doubtful_corner(grid):
        notes.append(f"{cube.path.name}: {doubtful_corner(grid)}.")
    texts = (str(cube.attributes.get(key, "")) for key in ("title", "product_type", "level"))
    described = " ".join([cube.path.stem, *(band.member for band in bands), *texts])
    level = hint.level or level_of(described, {})
    stamps = {cube.path: stamp_of_cube(cube.path)}
    return [
        Image(
            source=f"{cube.path.name}: step {step} ({date})" if len(dates) > 1 else cube.path.name,
            path=cube.path,
            date=date,
            assets=_assets(cube.path, bands, scalings, hint, grid, step),
            stamps=stamps,
            level=level,
            assumed_scale=any(scaling.assumed for scaling in scalings.values()),
        )
        for step, date in enumerate(dates, start=1)
    ]


def _bands(
    cube: Cube, wanted: Wanted, hint: Hint, findings: Findings, notes: list[str]
) -> list[_Band]:
    """Return the bands that are named; the names of all others go into a note."""
    held = [item for variable in cube.variables.values() for item in _members(cube, variable)]
    if hint.bands and len(hint.bands) != len(held):
        findings.error(
            "band_names_count",
            cube.path,
            f"it has {len(held)} bands ({_shown([item[1] for item in held])}), and "
            f"{len(hint.bands)} names are given for them",
            "Name every band of the file in its order; leave empty what is not to be used.",
        )
        return []
    bands: dict[str, _Band] = {}
    others: list[str] = []
    for place, (member, own, variable) in enumerate(held):
        text = hint.bands[place] if hint.bands else own
        name = text if text == wanted.mask_band or hint.bands else ""
        name = known_band(text) or name
        if not name:
            others.append(own)
        elif name in bands:
            findings.error(
                "band_twice",
                cube.path,
                f"its {bands[name].member} and {member} are both {name}",
                "Give each band a name of its own.",
            )
        else:
            bands[name] = _Band(name, member, variable)
    if not bands:
        findings.error(
            "no_bands",
            cube.path,
            f"none of its variables over y and x is named after a band ({_shown(others)})",
            "Name them B02, B03, ..., or give their names in their order.",
        )
    elif others:
        notes.append(
            f"{cube.path.name}: variables that are no band of Sentinel-2 are passed over "
            f"({_shown(others)})."
        )
    return list(bands.values())


def _members(cube: Cube, variable: Variable) -> list[tuple[str, str, Variable]]:
    """Return each band of a variable: as assets name it, and as the cube calls it."""
    if not variable.is_spatial:
        return []
    axes = variable.axes
    # rioxarray numbers the bands, and writes their descriptions as long names.
    described = variable.attributes.get("long_name", "")
    if "band" not in axes:
        by_description = isinstance(described, str) and not known_band(variable.name)
        own = known_band(described) if by_description else ""
        return [(variable.name, own or variable.name, variable)]
    count = variable.shape[axes["band"]]
    names = cube.texts(variable.dims[axes["band"]])
    if names is None:
        names = [str(name) for name in described] if isinstance(described, list) else []
    if len(names) != count:
        names = [band_member(variable.name, place) for place in range(count)]
    return [(band_member(variable.name, place), name, variable) for place, name in enumerate(names)]


def _shown(names: Sequence[str]) -> str:
    return (", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")) or "none"


def _check_alike(cube: Cube, bands: Sequence[_Band], findings: Findings) -> None:
    """Report bands that do not share time, y and x."""

    def sides(variable: Variable) -> set[tuple[str, int]]:
        places = [place for axis, place in variable.axes.items() if axis != "band"]
        return {(variable.dims[place], variable.shape[place]) for place in places}

    first = sides(bands[0].variable)
    odd = [band.member for band in bands if sides(band.variable) != first]
    if odd:
        findings.error(
            "band_grid_differs",
            cube.path,
            f"its {_shown(odd)} have other dates or pixels than its {bands[0].member}",
            "Write all bands on the same dates and grid.",
        )


def _dates(cube: Cube, variable: Variable, hint: Hint, findings: Findings) -> list[datetime.date]:
    """Return a date a step; a single one may come from the person or the name."""
    dates, problem = dates_of(cube, variable)
    axes = variable.axes
    steps = variable.shape[axes["time"]] if "time" in axes else 1
    if steps == 1 and (hint.date or not dates):
        date = hint.date or image_date(cube.path.stem, {})[0]
        dates = [date] if date else dates
    if len(dates) != steps or not dates:
        findings.error(
            "no_date",
            cube.path,
            problem or "neither its name nor its metadata hold a date",
            "Write a coordinate t or time with units such as days since 1970-01-01.",
        )
    return dates


def _scalings(
    cube: Cube, bands: Sequence[_Band], hint: Hint, findings: Findings
) -> dict[str, Scaling]:
    """Return how numbers become reflectance; bands of which it cannot be told are a finding."""
    found: dict[str, Scaling] = {}
    unknown: list[_Band] = []
    for band in bands:
        scaling = Scaling(1.0) if is_mask(band.name) else scaling_of(band.variable, hint)
        if scaling is None:
            unknown.append(band)
        else:
            found[band.name] = scaling
    if unknown:
        kinds = ", ".join(sorted({band.variable.numbers.name for band in unknown}))
        findings.error(
            "no_scale",
            cube.path,
            f"its bands {', '.join(band.name for band in unknown)} are of type {kinds}, and "
            "neither scale nor units are written",
            "Give scale and offset: 1 and 0 where they hold reflectance of 0 to 1, 0.0001 and 0 "
            "where it is times 10000.",
        )
    return found


def _assets(
    path: Path,
    bands: Sequence[_Band],
    scalings: dict[str, Scaling],
    hint: Hint,
    grid: Grid,
    step: int,
) -> dict[str, Asset]:
    return {
        band.name: Asset(
            path=path,
            index=step,
            scale=scalings[band.name].scale,
            offset=scalings[band.name].offset,
            nodata=nodata_of(band.variable) if hint.nodata is None else hint.nodata,
            grid=grid,
            member=band.member,
            dtype=band.variable.numbers.name,
        )
        for band in bands
    }
