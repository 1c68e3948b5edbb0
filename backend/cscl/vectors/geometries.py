"""Geometries of Arrow batches: in another reference system, or all of the multiple kind."""

from __future__ import annotations

import functools

import numpy as np
import pyarrow as pa
import shapely
from pyproj import Transformer

from cscl.contract.errors import UserError
from cscl.vectors.curves import shapes_of


def reprojected(batch: pa.RecordBatch, geometry: str, source: str, target: str) -> pa.RecordBatch:
    """Return the batch with the WKB column `geometry` transformed; heights stay as they are.

    Raises `UserError` where a coordinate has no place in the target.
    """
    column = batch.column(geometry)
    shapes = shapes_of(column.to_numpy(zero_copy_only=False))
    transform = _transformer(source, target).transform
    moved = shapely.transform(
        shapes, lambda x, y: transform(x, y), include_z=False, interleaved=False
    )
    has_z = shapely.has_z(shapes)
    if has_z.any():
        moved[has_z] = shapely.transform(
            shapes[has_z], lambda x, y, z: (*transform(x, y), z), include_z=True, interleaved=False
        )
    if not np.isfinite(shapely.get_coordinates(moved)).all():
        raise UserError(
            "not_transformable",
            "geometry",
            f"some coordinates cannot be transformed to {target[:40]}",
            "Choose a coordinate reference system that covers the layer.",
        )
    return with_shapes(batch, geometry, moved)


MULTIPLE = {
    "Polygon": (3, shapely.multipolygons),
    "LineString": (1, shapely.multilinestrings),
    "Point": (0, shapely.multipoints),
}


def promoted_type(geometry_type: str) -> str:
    """Return the type of a layer whose single geometries are made multiple ones."""
    kind, _, rest = geometry_type.partition(" ")
    return " ".join(filter(None, (f"Multi{kind}" if kind in MULTIPLE else kind, rest)))


def promoted(batch: pa.RecordBatch, geometry: str) -> pa.RecordBatch:
    """Return the batch with each polygon, line and point as a collection of one."""
    shapes = shapes_of(batch.column(geometry).to_numpy(zero_copy_only=False))
    kinds = shapely.get_type_id(shapes)
    for number, collect in MULTIPLE.values():
        single = kinds == number
        if single.any():
            shapes[single] = collect(shapes[single][:, None])
    return with_shapes(batch, geometry, shapes)


def with_shapes(batch: pa.RecordBatch, geometry: str, shapes: np.ndarray) -> pa.RecordBatch:
    """Return the batch with `shapes` as WKB in the column `geometry`."""
    index = batch.schema.get_field_index(geometry)
    values = pa.array(shapely.to_wkb(shapes), type=pa.binary())
    # A new field: the old one's metadata names the old reference system.
    return batch.set_column(index, pa.field(geometry, pa.binary()), values)


@functools.cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)
