"""The grid of a cube: its reference system as CF, GDAL and STAC write it, and its coordinates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.errors import CRSError

from cscl.contract.errors import Findings
from cscl.grid import Grid, crs_text
from cscl.series.cube_model import Cube, Variable
from cscl.series.georeference import check_georeference

REGULAR = 1e-6  # of a pixel
_ON_EDGE = 1e-3  # of a pixel
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")
MAXIMUM_WKT = 2**16
_MAPPINGS = ("spatial_ref", "crs")
# On the variable of the grid mapping: the attributes of CF and GDAL, then those of others.
_ON_MAPPING = ("crs_wkt", "spatial_ref", "spatial_epsg", "epsg_code", "proj:epsg", "proj:code")
# On the variable or the whole cube: rioxarray before 0.1, stackstac, STAC's data cubes.
_ON_DATA = ("crs", "proj:code", "proj:epsg", "epsg", "crs_wkt", "spatial_ref")
_EPSG = re.compile(r"(?:\+init=)?(?:epsg:)?(\d{4,6})", re.IGNORECASE)
_WKT = re.compile(r"[A-Z_]+\s*\[")


def grid_of(cube: Cube, variable: Variable, findings: Findings) -> Grid | None:
    """Return the grid of a variable, north up; what stands against it goes to `findings`.

    Coordinates are the centres of pixels, or their upper left corners where a transform that is
    written as well says so: stackstac writes corners. The transform itself does not count, for it
    stays as it was where a cube is cut.
    """
    before = len(findings.errors)
    mapping = _mapping(cube, variable)
    crs = _crs(cube, variable, mapping)
    written = _written_transform(cube, variable, mapping)
    transform = _transform(cube, variable, written, findings)
    if transform is None:
        return None
    check_georeference(cube.path, crs, transform, findings)
    if crs is None or len(findings.errors) > before:
        return None
    axes = variable.axes
    a, b, c, d, e, f = transform[:6]
    height, width = variable.shape[axes["y"]], variable.shape[axes["x"]]
    return Grid(crs_text(crs), (a, b, c, d, e, f), width, height)


def doubtful_corner(grid: Grid) -> str:
    """Return in words that pixels lie half a pixel off those of Sentinel-2, or an empty string."""
    left, size, top = grid.transform[2], grid.resolution, grid.transform[5]
    if all(abs(place / size % 1.0 - 0.5) < _ON_EDGE for place in (left, top)):
        return (
            f"its pixels begin half a pixel off the multiples of {size:g} m: if its coordinates "
            "are corners, not centres, everything is half a pixel off; stackstac's attribute "
            "transform, kept in the cube, would tell"
        )
    return ""


def _mapping(cube: Cube, variable: Variable) -> Variable | None:
    """Return the variable that holds the reference system, where there is one."""
    named = re.split(r"[:\s]", str(variable.attributes.get("grid_mapping", "")).strip())[0]
    for name in (named, *_MAPPINGS):
        if name in cube.variables:
            return cube.variables[name]
    return None


def _crs(cube: Cube, variable: Variable, mapping: Variable | None) -> CRS | None:
    for value in _candidates(cube, variable, mapping):
        text = str(value).strip()
        code = _EPSG.fullmatch(text)
        try:
            if code is not None:
                return CRS.from_epsg(int(code[1]))
            if _WKT.match(text) and len(text) <= MAXIMUM_WKT:
                return CRS.from_wkt(text)
        except CRSError:
            continue
    return None


def _candidates(cube: Cube, variable: Variable, mapping: Variable | None) -> Iterator[Any]:
    if mapping is not None:
        yield from (mapping.attributes[key] for key in _ON_MAPPING if key in mapping.attributes)
    for attributes in (variable.attributes, cube.attributes):
        yield from (attributes[key] for key in _ON_DATA if key in attributes)
    for name in ("proj:code", "proj:epsg", "epsg"):
        stored = cube.variables.get(name)
        if stored is not None and stored.shape == () and stored.dtype.kind in "iuU":
            yield stored.read(()).item()


def _transform(
    cube: Cube, variable: Variable, written: Affine | None, findings: Findings
) -> Affine | None:
    axes = variable.axes
    sides = {}
    for axis in ("x", "y"):
        name, count = variable.dims[axes[axis]], variable.shape[axes[axis]]
        numbers = cube.coordinate(name)
        if numbers is None or count < 2:
            return _without_coordinates(cube, written, findings)
        start, step, off = _regular(numbers.astype(np.float64))
        if not off <= REGULAR:
            findings.error(
                "grid_irregular",
                cube.path,
                f"the steps of its coordinate {name} are not equal (up to {off:.2g} pixels off)",
                "Warp the cube to one regular grid in metres.",
            )
            return None
        sides[axis] = start, step
    (left, width), (top, height) = sides["x"], sides["y"]
    if height > 0:  # from south to north: the cube is turned while it is read
        top, height = top + height * (variable.shape[axes["y"]] - 1), -height
    inset = 0.0 if _are_corners(left, width, written) else 0.5
    return Affine(width, 0.0, left - inset * width, 0.0, height, top - inset * height)


def _are_corners(left: float, width: float, written: Affine | None) -> bool:
    """Return whether a coordinate lies on the edges of pixels of the transform that is written."""
    if written is None or abs(written.a - width) > REGULAR * abs(width):
        return False
    pixels = (left - written.c) / width
    return abs(pixels - round(pixels)) < _ON_EDGE


def _regular(numbers: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return start, step, and the largest distance from such steps as a share of one."""
    step = round(float(numbers[-1] - numbers[0]) / (len(numbers) - 1), 9)
    if not np.isfinite(numbers).all() or step == 0:
        return 0.0, 0.0, float("inf")
    off = np.abs(numbers - (numbers[0] + step * np.arange(len(numbers)))).max()
    return float(numbers[0]), step, float(off) / abs(step)


def _written_transform(cube: Cube, variable: Variable, mapping: Variable | None) -> Affine | None:
    """Return the transform that GDAL and rioxarray, or stackstac, write beside coordinates."""
    of_gdal = mapping.attributes.get("GeoTransform", "") if mapping is not None else ""
    numbers = [float(text) for text in _NUMBER.findall(str(of_gdal))]
    if len(numbers) == 6:
        return Affine.from_gdal(*numbers)
    for attributes in (variable.attributes, cube.attributes):
        numbers = [float(text) for text in _NUMBER.findall(str(attributes.get("transform", "")))]
        if len(numbers) in (6, 9):
            return Affine(*numbers[:6])
    return None


def _without_coordinates(cube: Cube, written: Affine | None, findings: Findings) -> Affine | None:
    if written is None:
        findings.error(
            "no_grid",
            cube.path,
            "it has neither coordinates along y and x nor the attribute GeoTransform",
            "Write the cube with its coordinates, for example with xarray.",
        )
    return written
