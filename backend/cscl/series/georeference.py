"""Whether an image lies on a grid that can be used: metres, north up, square pixels."""

from __future__ import annotations

from pathlib import Path

from affine import Affine
from rasterio.crs import CRS

from cscl.contract.errors import Findings


def check_georeference(
    path: Path | str, crs: CRS | None, transform: Affine, findings: Findings
) -> None:
    """Add to `findings` what stands against a reference system and a transform."""
    if crs is None:
        findings.error(
            "no_crs",
            path,
            "it has no coordinate reference system",
            "Assign the one it was made in, for example with gdal_edit or in QGIS.",
        )
        return
    if not crs.is_projected or crs.linear_units_factor[1] != 1.0:
        findings.error(
            "crs_not_metres",
            path,
            f"its coordinates ({crs.to_string()[:60]}) are not metres",
            "Reproject the images to the UTM zone of the area.",
        )
    a, b, _, d, e, _ = transform[:6]
    if b or d or a <= 0 or e >= 0 or abs(a + e) > 1e-6 * a:
        findings.error(
            "grid_not_north_up",
            path,
            f"its pixels are rotated, not square or not north up (transform {a:g}, {b:g}, {d:g}, "
            f"{e:g})",
            "Warp the images to one north-up grid of square pixels.",
        )
