"""What a map is scored against: the declared labels of a dataset, or a raster of true codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.windows import Window as RasterWindow

from cscl.context import JobContext
from cscl.contract.classes import ClassTable
from cscl.contract.codes import NO_DATA, OUTSIDE, OUTSIDE_NAME, UNKNOWN
from cscl.contract.errors import UserError
from cscl.contract.resolutions import SCALES, ending, resolution_of
from cscl.evaluation.zones import MARGINS, View, coarse_labels, fine_view, view_10m
from cscl.grid import Grid, Window

Codes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

# The one driver that may interpret labels; cloud-optimised files are GeoTIFFs too.
DRIVER = "GTiff"
# How many times finer than 10 m a raster of true codes is.
TRUTH_SCALE = max(SCALES.values())


class Reference(Protocol):
    """Gives the labels to score against, window by window of the 10 m grid."""

    name: str

    def at_10m(self, window: Window) -> View: ...

    def at_fine(self, window: Window, scale: int) -> View | None: ...


def read_padded(raster: rasterio.DatasetReader, window: Window, fill: int) -> npt.NDArray[np.uint8]:
    """Read band 1 of a window that may reach beyond the raster, which there is `fill`."""
    inside = window.clipped(raster.height, raster.width)
    result = np.full((window.height, window.width), fill, raster.dtypes[0])
    if inside.height and inside.width:
        part = raster.read(
            1, window=RasterWindow(inside.col, inside.row, inside.width, inside.height)
        )
        top, left = inside.row - window.row, inside.col - window.col
        result[top : top + inside.height, left : left + inside.width] = part
    return result


@dataclass
class Rasters:
    """Open rasters of labels, by name; a context manager that closes them."""

    paths: Mapping[str, Path]
    opened: dict[str, rasterio.DatasetReader] = field(default_factory=dict)

    def __enter__(self) -> Rasters:
        with rasterio.Env(GDAL_PAM_ENABLED="NO"):
            for name, path in self.paths.items():
                self.opened[name] = _opened(path)
        return self

    def __exit__(self, *_: object) -> None:
        for raster in self.opened.values():
            raster.close()

    def read(self, name: str, window: Window, fill: int) -> npt.NDArray[np.uint8]:
        """Read a window of the raster `name`; beyond it, `fill`."""
        return read_padded(self.opened[name], window, fill)


def _opened(path: Path) -> rasterio.DatasetReader:
    try:
        return rasterio.open(path, driver=DRIVER)
    except rasterio.errors.RasterioError as error:
        raise UserError(
            "unreadable_raster",
            path,
            f"it cannot be read as a GeoTIFF ({error})",
            "Check the path, or build the dataset again.",
        ) from None


class Declared:
    """The dataset's own labels, rasterised from the declared parcels."""

    name = "declared"

    def __init__(self, rasters: Rasters) -> None:
        self.rasters = rasters

    def at_10m(self, window: Window) -> View:
        """Labels and zones at 10 m; mixed pixels are those of the exact cover of the parcels."""
        margin = MARGINS["10"]
        grown = window.grown(margin)
        codes = self.rasters.read("labels", grown, UNKNOWN)
        mixed = self.rasters.read("mixed", grown, 0) > 0
        return view_10m(codes, mixed).cut(margin)

    def at_fine(self, window: Window, scale: int) -> View | None:
        """Labels and zones on pixels `scale` times finer, or None where the dataset has none."""
        name, margin = f"labels{ending(scale)}", MARGINS[resolution_of(scale)]
        if name not in self.rasters.opened:
            return None
        codes = self.rasters.read(name, window.times(scale).grown(margin), UNKNOWN)
        return fine_view(codes, scale).cut(margin)


class Truth:
    """A raster of true codes at 2.5 m, its classes matched by name to the model's table.

    `offset` is the row and column of the grid's corner in the raster, in fine pixels.
    """

    name = "truth"

    def __init__(
        self, raster: rasterio.DatasetReader, grid: Grid, table: ClassTable, ctx: JobContext
    ) -> None:
        self.raster = raster
        self.row, self.col = _offset(raster, grid)
        self.lookup = _lookup(raster, table, ctx)

    def _read(self, window: Window, margin: int) -> Codes:
        fine = window.times(TRUTH_SCALE)
        moved = Window(fine.row + self.row, fine.col + self.col, fine.height, fine.width)
        codes: Codes = self.lookup[read_padded(self.raster, moved.grown(margin), UNKNOWN)]
        return codes

    def at_10m(self, window: Window) -> View:
        """Labels by the rule for labels from parcels, zones from the whole truth."""
        margin = MARGINS["10"]
        codes, mixed = coarse_labels(self._read(window, TRUTH_SCALE * margin))
        return view_10m(codes, mixed).cut(margin)

    def at_fine(self, window: Window, scale: int) -> View | None:
        """Labels and zones on pixels `scale` times finer; at 5 m by the rule of those at 10 m."""
        margin, parts = MARGINS[resolution_of(scale)], TRUTH_SCALE // scale
        codes = self._read(window, parts * margin)
        if parts > 1:
            codes, _ = coarse_labels(codes, parts)
        return fine_view(codes, scale).cut(margin)


def open_truth(path: str) -> rasterio.DatasetReader:
    """Open a truth raster, which must hold one band of 8-bit codes."""
    raster = _opened(Path(path))
    if raster.count != 1 or raster.dtypes[0] != "uint8":
        found = f"it has {raster.count} bands of type {raster.dtypes[0]}"
        raster.close()
        raise UserError(
            "truth_format", path, found, "Give a raster with one band of 8-bit class codes."
        )
    return raster


def _offset(raster: rasterio.DatasetReader, grid: Grid) -> tuple[int, int]:
    """Return the grid's corner in a raster that must be aligned with its 4x subdivision."""
    fine = grid.subdivide(TRUTH_SCALE)
    if raster.crs is None or raster.crs != rasterio.crs.CRS.from_user_input(grid.crs):
        raise UserError(
            "truth_crs",
            raster.name,
            f"its coordinate reference system is {raster.crs}, that of the images {grid.crs}",
            "Give the truth in the images' coordinate reference system.",
        )
    col, row = ~raster.transform * (fine.transform[2], fine.transform[5])
    same = np.allclose(raster.transform[:6:4], fine.transform[::4], rtol=1e-9)
    straight = raster.transform.b == 0 and raster.transform.d == 0
    if not (same and straight and abs(row - round(row)) < 1e-3 and abs(col - round(col)) < 1e-3):
        raise UserError(
            "truth_grid",
            raster.name,
            f"its pixels of {raster.transform.a:g} by {-raster.transform.e:g} with their corner at "
            f"{raster.transform.c:g}, {raster.transform.f:g} do not divide the images' pixels",
            f"Give the truth on the images' grid with pixels of {fine.resolution:g}.",
        )
    return round(row), round(col)


def raster_classes(raster: rasterio.DatasetReader) -> dict[int, str]:
    """Return the names that a raster's tags `class_<code>=<name>` give to its codes."""
    tags = {**raster.tags(), **raster.tags(1)}
    return {
        int(key[6:]): value
        for key, value in tags.items()
        if key.startswith("class_") and key[6:].isdigit()
    }


def _lookup(raster: rasterio.DatasetReader, table: ClassTable, ctx: JobContext) -> Codes:
    """Return the table's code of each code of the raster, matched by name."""
    names = raster_classes(raster)
    lookup = np.full(256, UNKNOWN, np.uint8)
    lookup[OUTSIDE] = OUTSIDE
    wanted = dict(zip(table.names, table.codes, strict=True))
    if not set(names.values()) & set(wanted):
        raise UserError(
            "truth_classes",
            raster.name,
            f"its classes are {_listed(names.values())}, the model's {_listed(wanted)}",
            "Tag its band with class_<code>=<name>, with names of the model's class table.",
        )
    missing = []
    for code, name in names.items():
        if code in (NO_DATA, UNKNOWN):
            continue
        if name in wanted:
            lookup[code] = wanted[name]
        elif code == OUTSIDE or name == OUTSIDE_NAME:
            lookup[code] = OUTSIDE
        else:
            missing.append(name)
    if missing:
        ctx.note(
            f"The truth holds classes that the model does not know, and their pixels are not "
            f"scored: {_listed(missing)}."
        )
    return lookup


def _listed(names: Iterable[str]) -> str:
    items = sorted(names)
    return ", ".join(items) if items else "none"
