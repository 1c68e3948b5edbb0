"""Simulated parcels beside real ones: area and elongation.

Draws docs/images/parcel-shapes.png. The real parcels are those of 0.3 to 15 ha in the folder
shared/data/parcels beside the repository. Run from the repository root with the backend's Python.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import geopandas as gpd
import matplotlib
import numpy as np
from cscl.simulation.family import TEMPERATE
from cscl.simulation.landscape import draw_landscape, elongation
from numpy.typing import NDArray

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("CSCL_SHARED_DATA", ROOT.parent / "shared"))
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
Shapes = tuple[NDArray[np.float64], NDArray[np.float64]]


def real_shapes(folder: Path) -> Shapes:
    """Return area in hectares and elongation of the real parcels."""
    polygons = []
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".gpkg", ".shp"):
            continue
        frame = gpd.read_file(path)
        frame = frame[~frame.geometry.is_empty & frame.geometry.notna()]
        polygons.extend(frame.to_crs(frame.estimate_utm_crs()).geometry.explode())
    return shapes(polygons)


def simulated_shapes(landscapes: int, edge: float) -> Shapes:
    """Return area in hectares and elongation of the parcels of some landscapes."""
    return shapes(
        [
            parcel
            for seed in range(1, landscapes + 1)
            for parcel in draw_landscape(seed, (0.0, 0.0, edge, edge)).parcels
        ]
    )


def shapes(polygons: list) -> Shapes:
    """Return area and elongation of the polygons of parcel size."""
    land = TEMPERATE.land
    kept = [item for item in polygons if land.smallest <= item.area <= land.largest]
    area = np.array([item.area for item in kept]) / 10_000
    return area, np.array([elongation(item) for item in kept])


def draw(real: Shapes, simulated: Shapes, path: Path) -> None:
    """Draw both histograms on logarithmic axes."""
    figure, axes = plt.subplots(1, 2, figsize=(8, 3))
    titles = ("area (ha)", "elongation (length / width)")
    bins = (np.geomspace(0.3, 16, 18), np.geomspace(1, 16, 18))
    ticks = ([0.3, 1, 3, 10], [1, 2, 4, 8, 16])
    for index, axis in enumerate(axes):
        for values, label, style in (
            (real[index], "real", {"color": "#7f7f7f", "alpha": 0.6}),
            (simulated[index], "simulated", {"color": "#d11149", "histtype": "step", "lw": 1.8}),
        ):
            share = np.full(len(values), 100 / len(values))
            label = f"{label} ({len(values)})"
            axis.hist(values, bins[index], weights=share, label=label, **style)
        axis.set_xscale("log")
        axis.minorticks_off()
        axis.set_xticks(ticks[index], [str(tick) for tick in ticks[index]])
        axis.set_xlabel(titles[index])
        axis.set_ylabel("parcels (%)")
        axis.legend(frameon=False)
        axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=90)


def main() -> None:
    """Measure, draw and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one small landscape")
    options = parser.parse_args()
    real = real_shapes(SHARED / "data" / "parcels")
    simulated = simulated_shapes(1, 2000.0) if options.quick else simulated_shapes(3, 4000.0)
    figures = {}
    print(f"{'quantile':24}" + "".join(f"{quantile:8}" for quantile in QUANTILES))
    for index, name in enumerate(("area", "elongation")):
        for kind, values in (("real", real), ("simulated", simulated)):
            row = np.quantile(values[index], QUANTILES).round(2).tolist()
            figures[f"{name}_{kind}"] = row
            print(f"{name + ', ' + kind:24}" + "".join(f"{value:8.2f}" for value in row))
    if not options.quick:
        draw(real, simulated, ROOT / "docs" / "images" / "parcel-shapes.png")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
