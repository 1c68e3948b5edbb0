"""Patches of another dataset as images, parcels and patches that a dataset is built from."""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.features import shapes as regions
from rasterio.io import DatasetWriter
from rasterio.windows import Window as RasterWindow

from cscl.context import JobContext
from cscl.contract import atomic
from cscl.contract.classes import ClassTable
from cscl.dataset.exchange_patches import Patch, PatchPixels, PatchSet
from cscl.disk import check_raster, writing
from cscl.grid import Grid, Window

IMAGES, PARCELS, PATCHES, CLASSES = "images", "parcels.gpkg", "patches.gpkg", "classes.csv"
CLASS_FIELD, SPLIT_FIELD = "class", "split"
COMMON_CRS = "EPSG:4326"  # of layers over several zones
OPEN_FILES = 120
MOVED = 0.01  # metres by which a patch may lie beside the pixel grid before it is told


@dataclass(frozen=True)
class Tile:
    """One mosaic: its grid of 10 m, and the patches that lie in it with their windows."""

    name: str
    grid: Grid
    members: tuple[tuple[Patch, Window], ...]

    @property
    def dates(self) -> list[datetime.date]:
        """All dates that any patch has, ascending."""
        return sorted({date for patch, _ in self.members for date in patch.dates})


def tiles_of(source: PatchSet, ctx: JobContext) -> list[Tile]:
    """Return the mosaics, each patch moved to whole pixels of its coarsest band; says how far."""
    step = 10.0 * max(source.coarse.values())
    groups: dict[tuple[str, str], list[Patch]] = {}
    furthest, moved = 0.0, 0
    for patch in source.patches:
        left, top = (round(patch.place.transform[at] / step) * step for at in (2, 5))
        shift = max(abs(left - patch.place.transform[2]), abs(top - patch.place.transform[5]))
        furthest, moved = max(furthest, shift), moved + (shift > MOVED)
        place = replace(patch.place, transform=(10.0, 0.0, left, 0.0, -10.0, top))
        groups.setdefault((patch.tile, place.crs), []).append(replace(patch, place=place))
    if moved:
        ctx.note(
            f"{source.title}: {moved} patches lay beside the pixel grid and were moved by up to "
            f"{furthest:.1f} m."
        )
    return [_tile(name, crs, members) for (name, crs), members in sorted(groups.items())]


def _tile(name: str, crs: str, members: Sequence[Patch]) -> Tile:
    bounds = np.array([patch.place.bounds for patch in members])
    left, bottom = bounds[:, :2].min(axis=0)
    right, top = bounds[:, 2:].max(axis=0)
    width, height = round((right - left) / 10), round((top - bottom) / 10)
    grid = Grid(crs, (10.0, 0.0, float(left), 0.0, -10.0, float(top)), width, height)
    placed = []
    for patch in members:
        row = round((top - patch.place.transform[5]) / 10)
        col = round((patch.place.transform[2] - left) / 10)
        placed.append((patch, Window(row, col, patch.place.height, patch.place.width)))
    return Tile(name, grid, tuple(placed))


def image_bytes(source: PatchSet) -> int:
    """Return how much room the images of all patches take."""
    share = sum(1 / factor**2 for factor in source.coarse.values())
    pixels = sum(
        patch.place.width * patch.place.height * len(patch.dates) for patch in source.patches
    )
    return int(pixels * share * np.dtype(np.int16).itemsize)


def write_images(source: PatchSet, tiles: Sequence[Tile], folder: Path, ctx: JobContext) -> None:
    """Write one GeoTIFF a band and date of each tile, at the band's own resolution.

    Numbers are those of the set, with its scale 0.0001; ground without a patch is no data.
    """
    batch = max(1, OPEN_FILES // len(source.coarse))
    work = [
        (tile, tile.dates[at : at + batch])
        for tile in tiles
        for at in range(0, len(tile.dates), batch)
    ]
    for tile, dates in ctx.track("import", work, len(work)):
        place = folder / IMAGES / tile.name
        place.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            files = {
                (date, band): stack.enter_context(_writer(place, source, tile, date, band))
                for date in dates
                for band in source.coarse
            }
            for patch, window in tile.members:
                ctx.check()
                _write_patch(source, patch, window, files)


def _write_patch(
    source: PatchSet,
    patch: Patch,
    window: Window,
    files: Mapping[tuple[datetime.date, str], DatasetWriter],
) -> None:
    steps = [at for at, date in enumerate(patch.dates) if (date, "B02") in files]
    if not steps:
        return
    pixels = patch.read()
    for band, factor in source.coarse.items():
        part = [value // factor for value in (window.col, window.row, window.width, window.height)]
        for step in steps:
            numbers = np.asarray(pixels.bands[band][step])
            files[patch.dates[step], band].write(
                _stored(numbers, source.nodata), 1, window=RasterWindow(*part)
            )


def _stored(numbers: NDArray[np.generic], nodata: int) -> NDArray[np.int16]:
    """Return numbers as int16; what is not finite is no data, what is too large the largest."""
    values = np.where(np.isfinite(numbers), numbers, nodata)
    return np.clip(np.rint(values), -32767, 32767).astype(np.int16)


def _writer(
    folder: Path, source: PatchSet, tile: Tile, date: datetime.date, band: str
) -> contextlib.AbstractContextManager[DatasetWriter]:
    factor = source.coarse[band]
    a, _, c, _, e, f = tile.grid.transform
    return _open(
        folder / f"{tile.name}_{source.level}_{date:%Y%m%d}_{band}.tif",
        Grid(tile.grid.crs, (a * factor, 0.0, c, 0.0, e * factor, f),
             -(-tile.grid.width // factor), -(-tile.grid.height // factor)),
        source.nodata,
    )  # fmt: skip


@contextlib.contextmanager
def _open(path: Path, grid: Grid, nodata: int) -> Iterator[DatasetWriter]:
    """Open a sparse raster to write windows of; blocks that hold no patch take no room."""
    with (
        writing(path),
        rasterio.Env(GDAL_PAM_ENABLED="NO"),
        rasterio.open(
            path, "w", driver="GTiff", width=grid.width, height=grid.height, count=1,
            dtype="int16", crs=grid.crs, transform=grid.affine, nodata=nodata, tiled=True,
            blockxsize=128, blockysize=128, sparse_ok=True, bigtiff="if_safer",
        ) as file,
    ):  # fmt: skip
        file.scales = (0.0001,)
        yield file
    check_raster(path)


def write_layers(source: PatchSet, tiles: Sequence[Tile], folder: Path, ctx: JobContext) -> None:
    """Write the parcels with their class, the patches with their split, and the class table."""
    parcels, patches = [], []
    for tile in tiles:
        outlines = [shapely.box(*patch.place.bounds) for patch, _ in tile.members]
        words = [patch.split for patch, _ in tile.members]
        patches.append(_frame(tile, {SPLIT_FIELD: words}, outlines))
        found = []
        for patch, _ in tile.members:
            ctx.check()
            found += _regions(source, patch.place, patch.read())
        classes, places = [item[0] for item in found], [item[1] for item in found]
        parcels.append(_frame(tile, {CLASS_FIELD: classes}, places))
    for name, frames in ((PARCELS, parcels), (PATCHES, patches)):
        _in_one_system(frames).to_file(folder / name, driver="GPKG", layer=Path(name).stem)
    atomic.write_text(folder / CLASSES, class_csv(source.classes))


def _regions(
    source: PatchSet, place: Grid, pixels: PatchPixels
) -> list[tuple[str | None, shapely.Geometry]]:
    """Return the connected ground of each class and parcel number; None where the class is unknown.

    Two parcels of one class that touch and have no numbers are one.
    """
    factor = pixels.labels.shape[0] // place.height
    pairs = np.stack([pixels.labels.reshape(-1), pixels.parcels.reshape(-1)], axis=1)
    unique, index = np.unique(pairs, axis=0, return_inverse=True)
    numbers = index.reshape(pixels.labels.shape).astype(np.int32)
    used = ~np.isin(pixels.labels, list(source.outside))
    fine = place.subdivide(factor)
    result: list[tuple[str | None, shapely.Geometry]] = []
    for outline, number in regions(numbers, mask=used, connectivity=4, transform=fine.affine):
        label = int(unique[int(number), 0])
        value = None if label in source.unknown else str(label)
        result.append((value, shapely.geometry.shape(outline)))
    return result


def _frame(
    tile: Tile, columns: Mapping[str, Sequence[object]], shapes: Sequence[shapely.Geometry]
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(dict(columns), geometry=list(shapes), crs=tile.grid.crs)


def _in_one_system(frames: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    if len({frame.crs for frame in frames}) > 1:
        frames = [frame.to_crs(COMMON_CRS) for frame in frames]
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs)


def class_csv(classes: ClassTable) -> str:
    """Return a class table as CSV with the columns that `cscl dataset` reads."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("source_value", "name", "code", "colour"))
    for item in classes.classes:
        writer.writerows((value, item.name, item.code, item.colour) for value in item.values)
    return text.getvalue()
