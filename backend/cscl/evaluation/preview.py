"""The preview: image, truth and crop maps side by side, with a legend."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from PIL import Image

from cscl.contract.atomic import replacing
from cscl.contract.classes import ClassTable
from cscl.contract.codes import NO_DATA, OUTSIDE, UNKNOWN
from cscl.evaluation.preview_data import Codes, Picture, busiest, centre, image, map_codes
from cscl.grid import Window
from cscl.pages.drawing import INK, style
from cscl.series.model import TimeSeries

DPI = 150
LARGEST_BYTES = 1_000_000
NO_COLOUR = "#ffffff"
LEGEND_COLUMNS = 5
# Inches.
WIDTH, EDGE, GAP = 12.0, 0.25, 0.13


@dataclass(frozen=True)
class Panel:
    """One column of the preview: its title and its picture of any part of the grid."""

    title: str
    codes: Path


def write_preview(
    path: Path,
    *,
    series: TimeSeries,
    truth_or_labels: Path,
    crops_10m: Path,
    fine: tuple[str, Path] | None,
    classes: ClassTable,
    is_truth: bool,
) -> None:
    """Write `preview.png`, below 1 MB: image, truth (or declared labels), the maps.

    `fine` is the finer map, if there is one: its pixels' side in metres and its path. All rasters
    lie on the series' grid or a subdivision of it. The image is that of the clearest
    date in the middle of the season, in true colour where the bands allow, stretched between its
    2nd and 98th percentile. A large scene is shown by its centre, at most 192 pixels wide; below
    it stands a part of 32 pixels with many boundaries, so that the resolutions can be told apart.
    """
    panels = [
        Panel("Truth" if is_truth else "Declared parcels", truth_or_labels),
        Panel("Crop map, 10 m", crops_10m),
    ]
    if fine is not None:
        panels.append(Panel(f"Crop map, {fine[0]} m", fine[1]))
    area = centre(series.grid)
    part = busiest(map_codes(truth_or_labels, series.grid, area, classes), area)
    with style("preview"):
        figure = _draw(series, panels, classes, area, part)
        _save(figure, path)


@dataclass(frozen=True)
class Layout:
    """Sizes of the figure in inches."""

    width: float
    head: float
    heights: tuple[float, ...]
    legend: float

    @property
    def total(self) -> float:
        """The figure's height."""
        return self.head + sum(self.heights) + GAP * (len(self.heights) - 1) + self.legend


def _layout(rows: Sequence[Window], columns: int, title: str, entries: int) -> Layout:
    side = (WIDTH - 2 * EDGE) / columns - GAP
    return Layout(
        WIDTH,
        0.42 + 0.2 * title.count("\n"),
        tuple(side * window.height / window.width for window in rows),
        0.27 * math.ceil(entries / LEGEND_COLUMNS) + 0.35,
    )


def _draw(
    series: TimeSeries,
    panels: Sequence[Panel],
    classes: ClassTable,
    area: Window,
    part: Window | None,
) -> Figure:
    rows = [area] if part is None else [area, part]
    shown, title = image(series, area)
    codes = [
        [map_codes(panel.codes, series.grid, window, classes) for panel in panels]
        for window in rows
    ]
    present = _present([item for line in codes for item in line], classes)
    layout = _layout(rows, 1 + len(panels), title, len(present))
    figure = Figure(figsize=(layout.width, layout.total), facecolor="white")
    grid = _grid(figure, layout, 1 + len(panels))
    for row, window in enumerate(rows):
        inside = Window(window.row - area.row, window.col - area.col, window.height, window.width)
        pictures = [shown[inside.slices], *(_coloured(item, classes) for item in codes[row])]
        for column, picture in enumerate(pictures):
            axes = figure.add_subplot(grid[row, column])
            _show(axes, picture, window)
            if row == 0:
                heading = title if column == 0 else panels[column - 1].title
                axes.set_title(heading, fontsize=11.5, pad=6, loc="left", linespacing=1.25)
            if row == 0 and part is not None:
                _frame(axes, part)
            if column == 0:
                _scale_bar(axes, window, series.grid.resolution)
    _legend(figure, present, layout)
    return figure


def _grid(figure: Figure, layout: Layout, columns: int) -> GridSpec:
    return GridSpec(
        len(layout.heights),
        columns,
        figure,
        left=EDGE / layout.width,
        right=1 - EDGE / layout.width,
        top=1 - layout.head / layout.total,
        bottom=layout.legend / layout.total,
        wspace=0.03,
        hspace=0.04,
        height_ratios=layout.heights,
    )


def _show(axes: Axes, picture: Picture, window: Window) -> None:
    """Draw a picture of a window, its axes in pixels of the 10 m grid."""
    right, bottom = window.col + window.width, window.row + window.height
    axes.imshow(picture, interpolation="nearest", extent=(window.col, right, bottom, window.row))
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    axes.spines[:].set(visible=True, color="#9aa5a0", linewidth=0.8)


def _frame(axes: Axes, part: Window) -> None:
    """Mark the part that is shown larger, visible on dark and on bright ground."""
    for colour, width in (("white", 3.0), (INK, 1.3)):
        axes.add_patch(
            Rectangle(
                (part.col, part.row),
                part.width,
                part.height,
                fill=False,
                edgecolor=colour,
                linewidth=width,
            )
        )


def _scale_bar(axes: Axes, window: Window, resolution: float) -> None:
    """Draw a bar of a round length, about a quarter of the window, with its length in metres."""
    metres = window.width * resolution / 4
    power = 10 ** math.floor(math.log10(metres))
    length = max(step * power for step in (1, 2, 5) if step * power <= metres)
    across = length / resolution
    left, base = window.col + window.width * 0.04, window.row + window.height * 0.955
    box = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 2.0}
    text = f"{length:g} m" if length < 1000 else f"{length / 1000:g} km"
    axes.text(
        left + across / 2,
        base - window.height * 0.02,
        text,
        ha="center",
        va="bottom",
        fontsize=8.5,
        bbox=box,
    )
    for colour, width in (("white", 4.5), (INK, 2.2)):
        axes.add_line(Line2D([left, left + across], [base, base], color=colour, linewidth=width))


def _legend(figure: Figure, present: Sequence[tuple[str, str]], layout: Layout) -> None:
    handles = [
        Patch(facecolor=colour, edgecolor="#7d8883", linewidth=0.6, label=_short(name))
        for name, colour in present
    ]
    if handles:
        figure.legend(
            handles=handles,
            loc="lower left",
            bbox_to_anchor=(EDGE / layout.width - 0.004, 0.06 / layout.total),
            ncols=min(LEGEND_COLUMNS, len(handles)),
            fontsize=10,
            handlelength=1.3,
            handleheight=1.1,
            columnspacing=1.8,
            borderpad=0.2,
        )


def _short(name: str, most: int = 28) -> str:
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def _present(arrays: Iterable[Codes], classes: ClassTable) -> list[tuple[str, str]]:
    """Return name and colour of the codes that are shown, crops first."""
    seen = np.zeros(256, bool)
    for codes in arrays:
        seen[np.unique(codes)] = True
    crops = [(item.name, item.colour) for item in classes.classes if seen[item.code]]
    if seen[OUTSIDE]:
        crops.append((classes.name_of(OUTSIDE), classes.colour_of(OUTSIDE)))
    if seen[UNKNOWN] or seen[NO_DATA]:
        crops.append(("no data", NO_COLOUR))
    return crops


def _coloured(codes: Codes, classes: ClassTable) -> Picture:
    palette = np.ones((256, 3), np.float32)
    for code in (*classes.codes, OUTSIDE):
        palette[code] = to_rgb(classes.colour_of(code))
    return palette[codes]


def _save(figure: Figure, path: Path) -> None:
    """Write a PNG with a palette where that is what it takes to stay below 1 MB."""
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=DPI, metadata={"Software": None})
    if data.tell() > LARGEST_BYTES:
        data.seek(0)
        with Image.open(data) as full:
            small = full.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        data = io.BytesIO()
        small.save(data, format="png", optimize=True)
    with replacing(path) as part:
        part.write_bytes(data.getvalue())
