"""Making the geometries of parcels usable: polygons, valid, in the images' reference system."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract.errors import Finding, UserError
from cscl.dataset.labels import polygonal
from cscl.grid import Grid

AREA_CHANGE = 0.01
LISTED = 10


def polygons(
    name: str, shapes: NDArray[np.object_], fids: NDArray[np.int64], ctx: JobContext
) -> tuple[NDArray[np.bool_], NDArray[np.object_]]:
    """Return which features hold polygons, and these; the others are counted by kind."""
    kinds = np.array(
        [
            "NULL" if shape is None else "empty" if shape.is_empty else shape.geom_type
            for shape in shapes
        ],
        dtype=object,
    )
    present = ~np.isin(kinds, ("NULL", "empty"))
    found = np.full(len(shapes), None, dtype=object)
    found[present] = polygonal(shapes[present])
    kept = present & ~shapely.is_empty(found)
    for kind, count in sorted(Counter(kinds[~kept]).items()):
        ctx.warn(
            Finding(
                "no_polygon",
                name,
                f"features without a polygon: {count} {kind} (FID {listed(fids[kinds == kind])})",
                "They are not used.",
                "warning",
            )
        )
    if not kept.any():
        raise UserError(
            "no_parcels",
            name,
            f"none of its {len(shapes)} features is a polygon",
            "Choose a layer with parcels.",
        )
    finite = np.array([np.isfinite(shapely.get_coordinates(item)).all() for item in found[kept]])
    if not finite.all():
        raise bad_coordinates(name, fids[kept][~finite])
    return kept, found[kept]


def bad_coordinates(name: str, fids: NDArray[np.int64]) -> UserError:
    """Return the error for coordinates that are not finite, before or after reprojection."""
    return UserError(
        "bad_coordinates",
        name,
        f"{len(fids)} parcels have coordinates that are no place on Earth (FID {listed(fids)})",
        "Repair or remove them, or check the layer's coordinate reference system.",
    )


def repaired(
    name: str, shapes: NDArray[np.object_], fids: NDArray[np.int64], ctx: JobContext
) -> NDArray[np.object_]:
    """Return valid polygons; repairs that change the area by more than 1 % are listed."""
    bad = ~shapely.is_valid(shapes)
    if not bad.any():
        return shapes
    result = shapes.copy()
    result[bad] = polygonal(shapely.make_valid(shapes[bad]))
    before, after = shapely.area(shapes[bad]), shapely.area(result[bad])
    change = np.abs(after - before) / np.maximum(np.maximum(before, after), 1e-12)
    text = f"parcels with invalid outlines, repaired: {int(bad.sum())}"
    large = change > AREA_CHANGE
    if large.any():
        rows = [
            f"{fid} ({share:.0%})"
            for fid, share in zip(fids[bad][large][:LISTED], change[large][:LISTED], strict=True)
        ]
        text += f"; area changed by more than 1 % in {int(large.sum())}: FID {', '.join(rows)}"
    ctx.warn(Finding("repaired", name, text, "Check these parcels.", "warning"))
    return result


def reprojected(
    name: str,
    shapes: NDArray[np.object_],
    fids: NDArray[np.int64],
    crs: str,
    grid: Grid,
    ctx: JobContext,
) -> NDArray[np.object_]:
    """Return polygons in the grid's reference system; refused where only a rough way exists."""
    source, target = pyproj.CRS.from_user_input(crs), pyproj.CRS.from_user_input(grid.crs)
    if source.equals(target, ignore_axis_order=True):
        return shapes
    try:
        transformer = pyproj.Transformer.from_crs(
            source, target, always_xy=True, allow_ballpark=False
        )
    except pyproj.exceptions.ProjError:
        raise UserError(
            "cannot_reproject",
            name,
            f"there is no exact way from {source.name} to {target.name}",
            f"Reproject the parcels to {grid.crs[:40]} yourself, for example in QGIS.",
        ) from None
    moved = shapely.transform(shapes, transformer.transform, interleaved=False)
    finite = np.array([np.isfinite(shapely.get_coordinates(shape)).all() for shape in moved])
    if not finite.all():
        raise bad_coordinates(name, fids[~finite])
    ctx.note(f"{name}: reprojected from {_crs_name(source)} to {_crs_name(target)}.")
    # Straight edges stay straight, so a parcel may in rare cases touch itself.
    invalid = ~shapely.is_valid(moved)
    if invalid.any():
        moved[invalid] = polygonal(shapely.make_valid(moved[invalid]))
    return moved


def _crs_name(crs: pyproj.CRS) -> str:
    authority = crs.to_authority()
    return f"{authority[0]}:{authority[1]}" if authority else str(crs.name)


def listed(fids: NDArray[np.int64]) -> str:
    """Return the first FIDs as text."""
    shown = ", ".join(str(fid) for fid in fids[:LISTED])
    return shown + (", ..." if len(fids) > LISTED else "")
