"""Sample chips of a dataset's report: the image of the clearest date beside its labels."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from cscl.contract.codes import OUTSIDE, UNKNOWN
from cscl.dataset.reader import ChipSample, Dataset
from cscl.dataset.split import SPLITS
from cscl.pages.colours import Limits, Picture, colour_bands, contrast, stretched
from cscl.pages.drawing import INK, style

DPI = 200
CHIPS = {"training": 4, "validation": 2, "test": 2}
PANELS = ("image", "labels, 10 m", "labels, fine", "mixed pixels")
SIDE = 1.28  # inches of one picture
LEGEND_COLUMNS = 6


def chosen_chips(dataset: Dataset) -> list[int]:
    """Return chips of every split, those with most labels of most classes, far from each other."""
    table = dataset.chip_table()
    kinds = np.array([text.count(":") for text in table["class_counts"]])
    merit = kinds * table["labelled"].to_numpy() * (0.2 + table["boundary_share"].to_numpy())
    centres = table.geometry.to_crs("EPSG:6933").centroid
    places = np.stack([centres.x, centres.y], axis=1)
    chosen: list[int] = []
    for split in SPLITS:
        own = dataset.chips(split)
        for _ in range(min(CHIPS[split], len(own))):
            left = [index for index in own if index not in chosen]
            weights = merit[left] * _distance(places, left, chosen)
            chosen.append(left[int(np.argmax(weights))])
    return chosen


def _distance(
    places: NDArray[np.float64], candidates: Sequence[int], chosen: Sequence[int]
) -> NDArray[np.float64]:
    """Return how far candidates lie from what is chosen, relative to the farthest of them."""
    if not chosen:
        return np.ones(len(candidates))
    apart = np.hypot(*(places[candidates][:, None] - places[list(chosen)]).transpose(2, 0, 1))
    nearest: NDArray[np.float64] = apart.min(axis=1)
    return nearest / max(float(nearest.max()), 1e-9)


def chip_sheet(dataset: Dataset, chosen: Sequence[int]) -> bytes:
    """Return a PNG: two chips a line, each as image, labels at both resolutions, mixed pixels."""
    seen: set[int] = set()
    lines = -(-len(chosen) // 2)
    with style("chips"):
        figure = Figure(figsize=(8 * SIDE + 0.6, lines * (SIDE + 0.42) + 0.6))
        grid = figure.add_gridspec(
            lines, 9, width_ratios=[1] * 4 + [0.18] + [1] * 4, wspace=0.05, hspace=0.32,
            left=0.012, right=0.988, top=1 - 0.3 / figure.get_figheight(),
            bottom=0.55 / figure.get_figheight(),
        )  # fmt: skip
        table = dataset.chip_table()
        samples = [dataset.sample(index) for index in chosen]
        limits = contrast([_view(dataset, sample) for sample in samples])
        for place, (index, sample) in enumerate(zip(chosen, samples, strict=True)):
            seen.update(np.unique(sample.labels_fine).tolist(), np.unique(sample.labels).tolist())
            start = 5 * (place % 2)
            panels = [figure.add_subplot(grid[place // 2, start + n]) for n in range(4)]
            split = str(table["split"].iloc[index])
            _chip(panels, dataset, sample, limits, f"chip {index}, {split}", first=place < 2)
        _legend(figure, dataset, seen)
        content = io.BytesIO()
        figure.savefig(content, format="png", dpi=DPI, metadata={"Software": None})
    return content.getvalue()


def _chip(
    panels: Sequence[Axes],
    dataset: Dataset,
    sample: ChipSample,
    limits: Limits,
    name: str,
    *,
    first: bool,
) -> None:
    pictures = [
        stretched(*_view(dataset, sample), limits),
        _coloured(sample.labels, dataset),
        _coloured(sample.labels_fine, dataset),
        _mixed(sample),
    ]
    for place, (panel, picture) in enumerate(zip(panels, pictures, strict=True)):
        panel.imshow(picture, interpolation="nearest")
        panel.set(xticks=[], yticks=[])
        panel.grid(visible=False)
        panel.spines[:].set(visible=True, color="#9aa5a0", linewidth=0.6)
        if first and place:
            panel.set_title(PANELS[place], fontsize=7.5, fontweight="normal", pad=3)
    panels[0].set_title(name, fontsize=7.5, pad=3)


def _view(dataset: Dataset, sample: ChipSample) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return three bands (3, H, W) of the clearest date, and what is valid there (H, W)."""
    names, _ = colour_bands(dataset.bands)
    clear = sample.valid.mean(axis=(1, 2))
    last = max(int(sample.days.max()), 1)
    # Among equally clear dates the one nearest to two thirds of the season, when crops stand.
    step = int(np.argmax(np.round(clear, 2) - 1e-3 * np.abs(sample.days / last - 2 / 3)))
    bands = [dataset.bands.index(name) for name in names]
    return sample.images[step][bands], sample.valid[step]


def _coloured(codes: NDArray[np.uint8], dataset: Dataset) -> Picture:
    palette = np.ones((256, 3), np.float32)
    for code in (*dataset.classes.codes, OUTSIDE):
        palette[code] = to_rgb(dataset.classes.colour_of(code))
    return palette[codes]


def _mixed(sample: ChipSample) -> Picture:
    """Return mixed pixels dark, pure ones light, what is not this split's white."""
    result = np.ones((*sample.labels.shape, 3), np.float32)
    own = sample.labels != UNKNOWN
    result[own] = to_rgb("#dfe7e2")
    result[own & (sample.mixed > 0)] = to_rgb(INK)
    return result


def _legend(figure: Figure, dataset: Dataset, seen: set[int]) -> None:
    codes = [code for code in dataset.classes.codes if code in seen]
    codes += [OUTSIDE] if OUTSIDE in seen else []
    entries = [(dataset.classes.colour_of(c), dataset.classes.name_of(c)[:28]) for c in codes[:17]]
    entries.append(("#ffffff", "other split, guard or unknown"))
    figure.legend(
        handles=[Patch(facecolor=c, edgecolor="#7d8883", lw=0.5, label=t) for c, t in entries],
        loc="lower left",
        bbox_to_anchor=(0.004, 0.0),
        ncols=min(LEGEND_COLUMNS, len(entries)),
        handlelength=1.2,
        handleheight=1.0,
        fontsize=7.5,
    )
