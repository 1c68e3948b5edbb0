"""Administrative units on a map: their pixels by class, and which unit a point lies in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
import shapely
from rasterio.features import rasterize

from cscl.contract.errors import UserError
from cscl.evaluation.sampling import stripes
from cscl.grid import Grid, Window
from cscl.vectors.layers import open_layer
from cscl.vectors.polygons import PolygonReader

Places = npt.NDArray[np.int64]
MOST_UNITS = 65_000


@dataclass(frozen=True)
class Units:
    """Units by name, with one geometry each in the map's reference system."""

    names: tuple[str, ...]
    shapes: tuple[Any, ...]


@dataclass(frozen=True)
class UnitCounts:
    """`pixels` (U, 256) by code of the map, and the unit of each point (n,), -1 where none."""

    pixels: Places
    of_points: Places


def read_units(source: str, field: str | None, crs: str) -> Units:
    """Return the units of a polygon layer; parts of one name are one unit.

    Raises `UserError` where there is no such field, no polygon or no reference system.
    """
    layer = open_layer(source)
    if field is None or field not in layer.fields:
        raise UserError(
            "no_such_field",
            f"{layer.path}, field {field!r}",
            f"the layer has the fields {', '.join(layer.fields) or 'none'}",
            "Name the field that holds the units' names.",
        )
    if not layer.crs:
        raise UserError(
            "no_crs",
            layer.path,
            f"the layer {layer.name!r} has no coordinate reference system",
            "Assign the one it was made in, for example in QGIS.",
        )
    reader, parts = PolygonReader(layer.crs, crs), dict[str, list[Any]]()
    with layer.batches() as (_, batches):
        for batch in batches:
            names = batch.column(field).to_pylist()
            polygons = reader.read(batch.column(layer.geometry)).shapes
            for name, polygon in zip(names, polygons, strict=True):
                if polygon is not None:
                    parts.setdefault("" if name is None else str(name), []).append(polygon)
    if not parts or len(parts) > MOST_UNITS:
        raise UserError(
            "unusable_units",
            layer.path,
            f"it holds {len(parts)} units with polygons",
            f"Give a polygon layer with 1 to {MOST_UNITS:,} units.",
        )
    return Units(tuple(parts), tuple(shapely.union_all(of) for of in parts.values()))


def count_units(
    raster: rasterio.DatasetReader, units: Units, rows: Places, columns: Places
) -> UnitCounts:
    """Count a map's pixels by unit and class; a pixel belongs to the unit over its middle.

    `rows` and `columns` (n,) are the points' pixels. The map is read in stripes.
    """
    grid, tree = Grid.of(raster), shapely.STRtree(units.shapes)
    pixels = np.zeros((len(units.names), 256), np.int64)
    of_points = np.full(len(rows), -1, np.int64)
    for top, codes in stripes(raster):
        part = grid.part(Window(top, 0, *codes.shape))
        near = np.sort(tree.query(shapely.box(*part.bounds)))
        if not len(near):
            continue
        index = _unit_raster(units.shapes, near, part)
        known = index > 0
        flat = (index[known].astype(np.int64) - 1) * 256 + codes[known]
        pixels += np.bincount(flat, minlength=pixels.size).reshape(pixels.shape)
        inside = (rows >= top) & (rows < top + codes.shape[0])
        of_points[inside] = index[rows[inside] - top, columns[inside]].astype(np.int64) - 1
    return UnitCounts(pixels, of_points)


def _unit_raster(shapes: Sequence[Any], near: Places, part: Grid) -> npt.NDArray[np.uint16]:
    """Return 1 + place of the unit of each pixel, 0 where there is none."""
    found: npt.NDArray[np.uint16] = rasterize(
        [(shapes[place], int(place) + 1) for place in near],
        out_shape=part.shape,
        transform=part.affine,
        dtype="uint16",
    )
    return found
