"""All that was found about the parcels, in one list and as a layer that one can open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from cscl.contract import atomic
from cscl.contract.errors import Finding
from cscl.vectors.writing import write_layer

FINDINGS = "findings.gpkg"
LAYER = "findings"
POINTS = "findings_points"
# Rows of one kind: a layer whose every feature is at fault would be written a second time.
MOST_OF_A_KIND = 10_000
LISTED = 10

_SCHEMA = pa.schema(
    [
        ("parcel", pa.int64()),
        ("code", pa.string()),
        ("text", pa.string()),
        ("severity", pa.string()),
        ("value", pa.string()),
        ("geom", pa.binary()),
    ]
)


@dataclass(frozen=True)
class ParcelFinding:
    """What was found about one parcel.

    `parcel` is its feature id, None where no single parcel is meant; `value` the figure or text
    found; `shape` the ground concerned in the layer's reference system, None where there is none.
    """

    code: str
    parcel: int | None
    text: str
    severity: str = "warning"
    value: str = ""
    shape: Any = None


class ParcelFindings:
    """Collects findings about parcels: all are counted, `MOST_OF_A_KIND` of each kind kept."""

    def __init__(self) -> None:
        self.items: list[ParcelFinding] = []
        self.counts: Counter[str] = Counter()

    def add(self, finding: ParcelFinding) -> None:
        """Add one finding."""
        self.counts[finding.code] += 1
        if self.counts[finding.code] <= MOST_OF_A_KIND:
            self.items.append(finding)

    def room(self, code: str) -> bool:
        """Tell whether one more of a kind would be kept."""
        return self.counts[code] < MOST_OF_A_KIND

    def parcels(self, code: str) -> list[int]:
        """Return the feature ids of the findings of one kind, in order."""
        return [item.parcel for item in self.items if item.code == code and item.parcel is not None]


def listed(fids: Iterable[int]) -> str:
    """Return the first feature ids as text."""
    numbers = list(fids)
    shown = ", ".join(str(int(fid)) for fid in numbers[:LISTED])
    return shown + (", ..." if len(numbers) > LISTED else "")


def write_findings(
    folder: Path, findings: Sequence[ParcelFinding], general: Sequence[Finding], crs: str
) -> Path:
    """Write `findings.gpkg` into `folder` and return its path.

    The layer `findings` holds every finding, with its ground where that is a polygon; the layer
    `findings_points` a point of each finding that has a place, also of points and lines. `general`
    are findings about no single parcel. `crs` is the parcels' reference system.
    """
    rows = [*findings, *(_general(item) for item in general)]
    shapes = np.array([item.shape for item in rows], dtype=object)
    areas = np.array([_multipolygon(shape) for shape in shapes], dtype=object)
    placed = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    points = _points(shapes[placed])
    with atomic.replacing(folder / FINDINGS) as part:
        _write(part, LAYER, rows, areas, "MultiPolygon", crs)
        _write(part, POINTS, [rows[index] for index in placed], points, "Point", crs)
    return folder / FINDINGS


def _general(finding: Finding) -> ParcelFinding:
    text = f"{finding.subject}: {finding.found}. {finding.remedy}"
    return ParcelFinding(finding.code, None, text, finding.severity)


def _multipolygon(shape: Any) -> Any:
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
        return None
    return shape if shape.geom_type == "MultiPolygon" else shapely.multipolygons([shape])


def _points(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return a point inside each polygon, on each line, or the point itself."""
    return np.asarray(shapely.point_on_surface(shapes), dtype=object)


def _write(
    path: Path,
    layer: str,
    rows: Sequence[ParcelFinding],
    shapes: NDArray[np.object_],
    geometry_type: str,
    crs: str,
) -> None:
    batch = pa.RecordBatch.from_arrays(
        [
            pa.array([item.parcel for item in rows], pa.int64()),
            *(
                pa.array([getattr(item, name) for item in rows], pa.string())
                for name in ("code", "text", "severity", "value")
            ),
            pa.array(shapely.to_wkb(shapely.force_2d(shapes)), pa.binary()),
        ],
        schema=_SCHEMA,
    )
    write_layer(
        path,
        _SCHEMA,
        [batch],
        driver="GPKG",
        layer=layer,
        crs=crs,
        geometry_type=geometry_type,
        geometry="geom",
        dataset_options={"VERSION": "1.2"} if layer == LAYER else None,
        layer_options={"FID": "fid"},
    )
