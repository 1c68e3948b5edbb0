"""Whether a map shows where the windows of an attention network end.

Run from the repository root with the engine's Python on a trained model and images:
`python benchmarks/window_lines.py MODEL IMAGES`.

A step is the absolute difference of the class probabilities of two neighbouring pixels, summed over
classes; rows and columns count together, by the scale of the map. The network sees patches of
pixels, and all its windows end where patches do. `lines_to_patches` divides the mean step across
the lines where its windows end by that between other patches, `patches_to_inside` that between
patches by that within them. Fields end somewhere too, by chance more often at some lines than at
others; so `lines_to_same_ground` divides the step across the lines by that at the same places of a
second map, for which the images lack their first rows and columns, half a window's stride, so that
no window ends there. `largest_between_tilings` is the largest difference of a probability between
small windows of the map and one that holds all, `largest_between_grids` that between the two maps.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.windows import Window as RasterWindow

# A module of this folder has the name of the package.
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "backend"))

SIDE = 48
SCALES = (1, 4)
WANTED = 1.05


def without_first(images: Path, target: Path, count: int) -> Path:
    """Write the GeoTIFFs of a folder without their first rows and columns."""
    target.mkdir()
    for path in sorted(images.glob("*.tif")):
        with rasterio.open(path) as file:
            part = RasterWindow(count, count, file.width - count, file.height - count)
            profile = file.profile | {
                "width": part.width, "height": part.height, "transform": file.window_transform(part)
            }  # fmt: skip
            with rasterio.open(target / path.name, "w", **profile) as out:
                out.write(file.read(window=part))
                out.descriptions = file.descriptions
                out.update_tags(**file.tags())
    return target


def probabilities(model: Path, images: Path, side: int | None) -> dict[int, np.ndarray]:
    """Return probabilities (K, H, W) by scale, computed in windows of `side`, or in one."""
    from cscl.context import JobContext
    from cscl.contract.jobs import MapJob
    from cscl.mapping.layers import softmax
    from cscl.mapping.predict import Predictor
    from cscl.mapping.season import series_for_map
    from cscl.models.store import load_model
    from cscl.series.reader import SeriesReader

    loaded = load_model(model)
    job = MapJob(images=str(images), model=str(model), output=str(images))
    series = series_for_map(job, loaded.card, JobContext())
    height, width = series.grid.shape
    with SeriesReader(series) as reader:
        predictor = Predictor(loaded, reader, series.days, window=side or max(height, width))
        classes = len(predictor.codes)
        found = {s: np.zeros((classes, s * height, s * width), np.float32) for s in SCALES}
        for window in predictor.windows(series.grid.whole):
            for scale, logits in predictor.predict(window, SCALES).logits.items():
                shares = softmax(logits, loaded.card.temperature(scale))
                found[scale][:, *window.times(scale).slices] = shares
    return found


def steps(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps between rows (H - 1, W) and between columns (H, W - 1)."""
    down, right = (np.abs(np.diff(shares, axis=axis)).sum(axis=0) for axis in (1, 2))
    return down, right


def line_places(count: int, stride: int) -> np.ndarray:
    """Tell which of `count` steps along an axis cross a multiple of `stride`."""
    return (np.arange(count) + 1) % stride == 0


def compare(first: np.ndarray, second: np.ndarray, scale: int) -> dict[str, float]:
    """Return the figures of one scale; the second map begins half a stride later."""
    from cscl.models.tsvit import PATCH, STEP

    shift = STEP // 2 * scale
    kinds: dict[str, list[np.ndarray]] = {"lines": [], "patches": [], "inside": []}
    there = []
    for axis, (found, shifted) in enumerate(zip(steps(first), steps(second), strict=True)):
        along = np.moveaxis(found, axis, 0)
        lines = line_places(len(along), STEP * scale)
        patches = line_places(len(along), PATCH * scale)
        # The same ground in both: without what the second map lacks.
        kept = along[shift:, shift:]
        kinds["lines"].append(kept[lines[shift:]].ravel())
        kinds["patches"].append(kept[(patches & ~lines)[shift:]].ravel())
        kinds["inside"].append(kept[~patches[shift:]].ravel())
        there.append(np.moveaxis(shifted, axis, 0)[lines[shift:]].ravel())
    mean = {name: float(np.concatenate(values).mean()) for name, values in kinds.items()}
    part = first[:, shift:, shift:]
    return {
        "lines_to_patches": round(mean["lines"] / mean["patches"], 4),
        "lines_to_same_ground": round(mean["lines"] / float(np.concatenate(there).mean()), 4),
        "patches_to_inside": round(mean["patches"] / mean["inside"], 4),
        "largest_between_grids": round(float(np.abs(part - second).max()), 4),
    }


def main() -> None:
    """Measure and print."""
    from cscl.models.store import load_model
    from cscl.models.tsvit import STEP

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("images", type=Path)
    options = parser.parse_args()
    figures: dict[str, Any] = {"architecture": load_model(options.model).card.architecture}
    with tempfile.TemporaryDirectory() as temporary:
        cut = without_first(options.images, Path(temporary) / "images", STEP // 2)
        first = probabilities(options.model, options.images, SIDE)
        whole = probabilities(options.model, options.images, None)
        second = probabilities(options.model, cut, SIDE)
    for scale in SCALES:
        found = compare(first[scale], second[scale], scale)
        found["largest_between_tilings"] = float(np.abs(first[scale] - whole[scale]).max())
        figures[f"scale_{scale}"] = found
    figures["holds"] = all(
        figures[f"scale_{scale}"][name] <= WANTED
        for scale in SCALES
        for name in ("lines_to_patches", "lines_to_same_ground")
    )
    print(json.dumps({"window_lines": figures}))


if __name__ == "__main__":
    main()
