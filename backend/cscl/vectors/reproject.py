"""Geometries of Arrow batches in another coordinate reference system."""

from __future__ import annotations

import functools

import numpy as np
import pyarrow as pa
import shapely
from pyproj import Transformer

from cscl.contract.errors import UserError


def reprojected(batch: pa.RecordBatch, geometry: str, source: str, target: str) -> pa.RecordBatch:
    """Return the batch with the WKB column `geometry` transformed; heights stay as they are.

    Raises `UserError` where a coordinate has no place in the target.
    """
    column = batch.column(geometry)
    shapes = shapely.from_wkb(column.to_numpy(zero_copy_only=False))
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
    index = batch.schema.get_field_index(geometry)
    values = pa.array(shapely.to_wkb(moved), type=pa.binary())
    # A new field: the old one's metadata names the old reference system.
    return batch.set_column(index, pa.field(geometry, pa.binary()), values)


@functools.cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)
