"""The best way from one reference system to another, with its name and accuracy.

Nothing is fetched over a network: where the best operation needs a grid that is not installed, the
next best is taken and the better one named.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.aoi import AreaOfInterest
from pyproj.enums import TransformDirection
from pyproj.transformer import TransformerGroup

from cscl.contract.errors import UserError

pyproj.network.set_network_enabled(False)

WGS84 = "EPSG:4326"
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Transformation:
    """One operation between two reference systems, x before y.

    `accuracy` in metres, None where it is unknown; 0 where nothing is lost. `better` names an
    operation that would be more accurate but needs a grid file that is not installed.
    """

    source: str
    target: str
    name: str
    accuracy: float | None
    better: str
    transformer: pyproj.Transformer | None

    def __call__(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return geometries (N,) in the target, flat; coordinates may come out infinite."""
        if self.transformer is None:
            return np.asarray(shapely.force_2d(shapes), dtype=object)
        transform = self.transformer.transform
        return np.asarray(shapely.transform(shapes, transform, interleaved=False), dtype=object)

    def inverse(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return geometries (N,) of the target in the source."""
        if self.transformer is None:
            return shapes
        transformer, direction = self.transformer, TransformDirection.INVERSE

        def back(x: Any, y: Any) -> Any:
            return transformer.transform(x, y, direction=direction)

        return np.asarray(shapely.transform(shapes, back, interleaved=False), dtype=object)

    def back(self, bounds: Bounds) -> Bounds:
        """Return a box of the target in the source, with its curved sides and a margin."""
        if self.transformer is None:
            return bounds
        inverse = TransformDirection.INVERSE
        left, bottom, right, top = self.transformer.transform_bounds(
            *bounds, densify_pts=21, direction=inverse
        )
        margin = 0.01 * max(abs(right - left), abs(top - bottom))
        return left - margin, bottom - margin, right + margin, top + margin

    def forward(self, bounds: Bounds) -> Bounds:
        """Return a box of the source in the target."""
        if self.transformer is None:
            return bounds
        left, bottom, right, top = self.transformer.transform_bounds(*bounds, densify_pts=21)
        return left, bottom, right, top

    @property
    def in_words(self) -> str:
        """The operation with its accuracy, for notes and reports."""
        if self.accuracy is None:
            accuracy = "accuracy unknown"
        else:
            accuracy = f"accuracy {self.accuracy:g} m" if self.accuracy else "exact"
        return f"from {self.source} to {self.target} by {self.name} ({accuracy})"


def transformation(
    source: str, target: str, subject: object, area: Bounds | None = None
) -> Transformation:
    """Return the best operation from `source` to `target` that is installed.

    `area` is where it has to hold: west, south, east, north in degrees. Raises `UserError`, with
    `subject` named, where there is none but a rough one without a change of datum.
    """
    first, second = pyproj.CRS.from_user_input(source), pyproj.CRS.from_user_input(target)
    names = crs_name(first), crs_name(second)
    if _flat(first).equals(_flat(second), ignore_axis_order=True):
        return Transformation(*names, "no change", 0.0, "", None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is missing is said in `better`
        group = TransformerGroup(
            _flat(first),
            _flat(second),
            always_xy=True,
            allow_ballpark=False,
            area_of_interest=AreaOfInterest(*area) if area else None,
        )
    if not group.transformers:
        raise _no_way(subject, first, second, area)
    chosen = group.transformers[0]
    accuracy = chosen.accuracy if chosen.accuracy is not None and chosen.accuracy >= 0 else None
    better = "" if group.best_available else _better(group.unavailable_operations, accuracy)
    return Transformation(*names, _operation_name(chosen), accuracy, better, chosen)


def crs_name(crs: pyproj.CRS) -> str:
    """Return EPSG:n or the like where the reference system has such a code, else its name."""
    authority = crs.to_authority()
    return f"{authority[0]}:{authority[1]}" if authority else str(crs.name)


def degrees(bounds: Bounds, crs: str) -> Bounds:
    """Return west, south, east, north of a box; west lies beyond east across the antimeridian."""
    transformer = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True)
    west, south, east, north = transformer.transform_bounds(*bounds, densify_pts=21)
    return west, south, east, north


def _flat(crs: pyproj.CRS) -> pyproj.CRS:
    """Return a reference system without its heights, which parcels do not need."""
    return crs.to_2d() if len(crs.axis_info) > 2 or crs.is_compound else crs


def _operation_name(transformer: pyproj.Transformer) -> str:
    parts = str(transformer.description).split(" + ")
    kept = [part for part in parts if not part.startswith("axis order change")]
    return " + ".join(kept) or "axis order change"


def _better(operations: Sequence[object], accuracy: float | None) -> str:
    for operation in operations:
        found = getattr(operation, "accuracy", -1.0)
        grids = [grid.short_name for grid in getattr(operation, "grids", ()) if grid.short_name]
        if grids and found >= 0 and (accuracy is None or found < accuracy):
            return f"{getattr(operation, 'name', '')} ({found:g} m), which needs {', '.join(grids)}"
    return ""


def _no_way(
    subject: object, source: pyproj.CRS, target: pyproj.CRS, area: Bounds | None
) -> UserError:
    where = ""
    if area:
        west, south, east, north = area
        where = f" where the images lie (longitude {west:.2f} to {east:.2f}, "
        where += f"latitude {south:.2f} to {north:.2f})"
        use = source.area_of_use
        if use:
            where += f"; the parcels' system is meant for longitude {use.west:.2f} to "
            where += f"{use.east:.2f}, latitude {use.south:.2f} to {use.north:.2f}"
    return UserError(
        "cannot_reproject",
        subject,
        f"there is no exact way from {source.name} to {target.name}{where}",
        f"Check that images and parcels are of one area, or reproject to {crs_name(target)} "
        "yourself, for example in QGIS.",
    )
