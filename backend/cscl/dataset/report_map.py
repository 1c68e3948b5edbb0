"""The map of a dataset's split: blocks, parcels and guard, one panel a grid."""

from __future__ import annotations

import io
import math

import numpy as np
import rasterio
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray
from rasterio.enums import Resampling

from cscl.contract.codes import OUTSIDE, UNKNOWN
from cscl.dataset.grids import DatasetGrid
from cscl.dataset.reader import Dataset
from cscl.dataset.split import CRS, SPLITS, SplitRule, transformer_between
from cscl.dataset.split_plan import outline
from cscl.grid import Grid
from cscl.pages.drawing import INK, style

DPI = 200
SCREEN_DPI = 96
WIDTHS = (7.2, 11.0)  # inches with one column of panels, and with two
MOST_GRIDS = 6
LARGEST_SIDE = 900  # pixels of a panel's picture
MOST_OUTLINES = 6000
MOST_BLOCK_LINES = 120
# Three hues that remain apart in grey and for colour-blind readers.
COLOURS = {"training": "#7fa88f", "validation": "#e2a33b", "test": "#3f6fb0"}
GUARD, UNUSED = "#c4c7c9", "#ffffff"
LAND = 0.62  # how much lighter land outside parcels is

Picture = NDArray[np.float32]


def split_map(dataset: Dataset) -> bytes:
    """Return a PNG with one panel a grid, at most six."""
    grids = dataset.grids[:MOST_GRIDS]
    columns = min(len(grids), 2 if len(grids) > 1 else 1)
    lines = -(-len(grids) // columns)
    with style("split"):
        figure = Figure(figsize=_size(grids, columns, lines), layout="constrained")
        panels = figure.subplots(lines, columns, squeeze=False)
        for place, panel in enumerate(panels.flat):
            # Axes that are off would not make room for their titles.
            panel.set(xticks=[], yticks=[])
            panel.spines[:].set_visible(False)
            panel.grid(visible=False)
            if place < len(grids):
                _panel(panel, dataset, grids[place])
                if len(grids) > 1:
                    panel.set_title(grids[place].name)
        _legend(figure)
        content = io.BytesIO()
        figure.savefig(content, format="png", dpi=DPI, metadata={"Software": None})
    return content.getvalue()


def map_width(dataset: Dataset) -> int:
    """Return how wide the map is shown, in pixels of a screen."""
    return round(WIDTHS[len(dataset.grids) > 1] * SCREEN_DPI)


def _size(grids: tuple[DatasetGrid, ...], columns: int, lines: int) -> tuple[float, float]:
    width = WIDTHS[columns - 1]
    tallest = max(item.grid.height / item.grid.width for item in grids)
    return width, min(lines * width / columns * tallest, 14.0) + 0.55


def _panel(panel: Axes, dataset: Dataset, item: DatasetGrid) -> None:
    left, bottom, right, top = item.grid.bounds
    if item.label_path("split").is_file():
        picture = _picture(item)
        panel.imshow(picture, extent=(left, right, bottom, top), interpolation="nearest")
        _outlines(panel, dataset, item)
    else:
        _chip_boxes(panel, dataset, item)
    _blocks(panel, dataset.split_rule, item.grid)
    panel.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    _scale_bar(panel, item.grid)


def _picture(item: DatasetGrid) -> Picture:
    """Return the split as colours: parcels strong, other land light, guard grey."""
    split, labels = (_decimated(item, name) for name in ("split", "labels"))
    result = np.ones((*split.shape, 3), np.float32)
    for number, name in enumerate(SPLITS, start=1):
        result[split == number] = to_rgb(COLOURS[name])
    result[(split == 0) & (labels != UNKNOWN)] = to_rgb(GUARD)
    land = labels == OUTSIDE
    result[land] += (1 - result[land]) * LAND
    return result


def _decimated(item: DatasetGrid, name: str) -> NDArray[np.uint8]:
    with (
        rasterio.Env(GDAL_PAM_ENABLED="NO"),
        rasterio.open(item.label_path(name), driver="GTiff") as file,
    ):
        step = max(1, math.ceil(max(file.shape) / LARGEST_SIDE))
        shape = tuple(max(1, side // step) for side in file.shape)
        found: NDArray[np.uint8] = file.read(1, out_shape=shape, resampling=Resampling.nearest)
    return found


def _outlines(panel: Axes, dataset: Dataset, item: DatasetGrid) -> None:
    """Draw the parcels' outlines in white, where they are few enough to be seen."""
    parcels = dataset.parcel_table()
    if "grid" in parcels:
        parcels = parcels[parcels["grid"] == item.name]
    if len(parcels) > MOST_OUTLINES:
        return
    shapes = shapely.get_parts(parcels.to_crs(item.grid.crs).geometry.to_numpy())
    lines = [shapely.get_coordinates(shape) for shape in shapely.get_exterior_ring(shapes)]
    panel.add_collection(LineCollection(lines, colors="white", linewidths=0.45, alpha=0.9))


def _chip_boxes(panel: Axes, dataset: Dataset, item: DatasetGrid) -> None:
    """Fill the chips by split, for a dataset that has no label rasters."""
    chips = dataset.chip_table()
    chips = chips[chips["grid"] == item.name].to_crs(item.grid.crs)
    for split, shape in zip(chips["split"], chips.geometry, strict=True):
        panel.fill(*shape.exterior.xy, color=COLOURS[split], lw=0.5, ec="white")


def _blocks(panel: Axes, rule: SplitRule, grid: Grid) -> None:
    """Draw the borders of the blocks, which run along the axes of EPSG:6933."""
    left, bottom, right, top = outline(grid).bounds
    size = rule.block_size
    if max(right - left, top - bottom) / size > MOST_BLOCK_LINES:
        return
    across = np.arange(math.floor(left / size), math.ceil(right / size) + 1) * size
    upward = np.arange(math.floor(bottom / size), math.ceil(top / size) + 1) * size
    back = transformer_between(CRS, grid.crs)
    steps = np.linspace(0, 1, 9)
    lines = [back.transform(np.full(9, x), bottom + steps * (top - bottom)) for x in across] + [
        back.transform(left + steps * (right - left), np.full(9, y)) for y in upward
    ]
    panel.add_collection(
        LineCollection(
            [np.stack(line, axis=1) for line in lines], colors=INK, linewidths=0.5, alpha=0.55
        )
    )


def _scale_bar(panel: Axes, grid: Grid) -> None:
    left, bottom, right, top = grid.bounds
    power = 10 ** math.floor(math.log10((right - left) / 4))
    length = max(step * power for step in (1, 2, 5) if step * power <= (right - left) / 4)
    x, y = left + 0.03 * (right - left), bottom + 0.035 * (top - bottom)
    for colour, width in (("white", 4.5), (INK, 2.2)):
        panel.plot([x, x + length], [y, y], color=colour, lw=width, solid_capstyle="butt")
    text = f"{length:g} m" if length < 1000 else f"{length / 1000:g} km"
    box = {"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 1.5}
    panel.annotate(
        text, (x + length / 2, y), (0, 4), textcoords="offset points", ha="center", va="bottom",
        fontsize=8, bbox=box,
    )  # fmt: skip


def _legend(figure: Figure) -> None:
    entries = [(COLOURS[name], name) for name in SPLITS]
    entries += [(GUARD, "guard, not used"), (UNUSED, "unknown")]
    figure.legend(
        handles=[Patch(facecolor=c, edgecolor="#8d9692", lw=0.6, label=t) for c, t in entries],
        loc="outside lower left",
        ncols=len(entries),
        handlelength=1.2,
        handleheight=1.1,
        fontsize=9,
    )
