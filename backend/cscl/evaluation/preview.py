"""The preview: image, truth and crop maps side by side, with a legend."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from PIL import Image
from rasterio.warp import Resampling
from rasterio.windows import Window as RasterWindow
from scipy import ndimage

from cscl.contract.atomic import replacing
from cscl.contract.classes import ClassTable
from cscl.contract.codes import NO_DATA, OUTSIDE, UNKNOWN
from cscl.evaluation.charts import INK, style
from cscl.evaluation.references import DRIVER, raster_classes
from cscl.grid import Grid, Window
from cscl.series.model import Acquisition, TimeSeries
from cscl.series.reader import SeriesReader

Picture = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint8]

TRUE_COLOUR = ("B04", "B03", "B02")
FALSE_COLOUR = ("B8A", "B11", "B05")
LARGEST_SIDE = 192
ZOOM_SIDE = 32
SMALL_SIDE = 80
FINE = 4
DPI = 150
LARGEST_BYTES = 1_000_000
NO_COLOUR = "#ffffff"
LEGEND_COLUMNS = 5


@dataclass(frozen=True)
class Panel:
    """One column of the preview: its title and its picture of any part of the grid."""

    title: str
    codes: Path | None


def write_preview(
    path: Path,
    *,
    series: TimeSeries,
    truth_or_labels: Path,
    crops_10m: Path,
    crops_2m5: Path | None,
    classes: ClassTable,
    is_truth: bool,
) -> None:
    """Write `preview.png`, below 1 MB: image, truth (or declared labels), 10 m map, 2.5 m map.

    All rasters lie on the series' grid or its 4x subdivision. The image is that of the clearest
    date in the middle of the season, in true colour where the bands allow, stretched between its
    2nd and 98th percentile. A large scene is shown by its centre, at most 192 pixels wide; below
    it stands a part of 32 pixels with many boundaries, so that the resolutions can be told apart.
    """
    panels = [
        Panel("Truth" if is_truth else "Declared parcels", truth_or_labels),
        Panel("Crop map, 10 m", crops_10m),
    ]
    if crops_2m5 is not None:
        panels.append(Panel("Crop map, 2.5 m", crops_2m5))
    area = centre(series.grid)
    part = busiest(_codes(truth_or_labels, series.grid, area, classes), area)
    with style("preview"):
        figure = _draw(series, panels, classes, area, part)
        _save(figure, path)


def centre(grid: Grid) -> Window:
    """Return the window that is shown: the middle of the grid, at most 192 pixels a side."""
    height, width = (min(side, LARGEST_SIDE) for side in grid.shape)
    return Window((grid.height - height) // 2, (grid.width - width) // 2, height, width)


def busiest(fine: Codes, area: Window) -> Window | None:
    """Return the 32 x 32 pixels of `area` where most classes meet, None for a small area.

    `fine` holds the codes of the area on the 4x grid.
    """
    if min(area.height, area.width) < SMALL_SIDE:
        return None
    edges = np.zeros(fine.shape, np.float32)
    crops = np.where(fine == OUTSIDE, 0, fine).astype(np.int16)
    edges[:, 1:] += (crops[:, 1:] != crops[:, :-1]) & (crops[:, 1:] > 0) & (crops[:, :-1] > 0)
    edges[1:] += (crops[1:] != crops[:-1]) & (crops[1:] > 0) & (crops[:-1] > 0)
    side = ZOOM_SIDE * FINE
    density = ndimage.uniform_filter(edges, side, mode="constant")
    half = side // 2
    inner = density[half : fine.shape[0] - half + 1, half : fine.shape[1] - half + 1]
    row, col = np.unravel_index(int(inner.argmax()), inner.shape)
    return Window(area.row + int(row) // FINE, area.col + int(col) // FINE, ZOOM_SIDE, ZOOM_SIDE)


def clearest(series: TimeSeries) -> Acquisition:
    """Return the date with the most valid pixels in the middle half of the season.

    Among equals the one nearest to two thirds of the season, when summer crops stand green; all
    dates count where none lies in the middle half.
    """
    length = max((series.season[1] - series.season[0]).days, 1)
    middle = [
        item for item in series.acquisitions if length / 4 <= item.day <= 3 * length / 4
    ] or list(series.acquisitions)

    def merit(item: Acquisition) -> tuple[float, float]:
        return round(item.valid_share, 2), -abs(item.day - 2 * length / 3)

    return max(middle, key=merit)


def image(series: TimeSeries, area: Window) -> tuple[Picture, str]:
    """Return an RGB picture (H, W, 3), 0..1, of the clearest date, and its title."""
    chosen = clearest(series)
    names, kind = colour_bands(series.bands)
    alone = replace(series, acquisitions=(chosen,), bands=names)
    with SeriesReader(alone) as reader:
        stack = reader.read(area)
    values, valid = stack.values[0], stack.valid[0]
    picture = np.ones((*valid.shape, 3), np.float32)
    if valid.any():
        for channel, plane in enumerate(values):
            low, high = np.percentile(plane[valid], (2, 98))
            scaled = (plane - low) / max(float(high - low), 1e-6)
            picture[..., channel] = np.where(valid, np.clip(scaled, 0, 1), 1)
    return picture, f"Sentinel-2, {chosen.date.isoformat()}{kind}"


def colour_bands(bands: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return three bands to show as red, green and blue, and what to add to the title."""
    if set(TRUE_COLOUR) <= set(bands):
        return TRUE_COLOUR, ""
    if set(FALSE_COLOUR) <= set(bands):
        return FALSE_COLOUR, "\nfalse colour " + " ".join(FALSE_COLOUR)
    chosen = tuple((list(bands) * 3)[:3])
    return chosen, "\nfalse colour " + " ".join(chosen)


def _draw(
    series: TimeSeries,
    panels: Sequence[Panel],
    classes: ClassTable,
    area: Window,
    part: Window | None,
) -> Figure:
    shown, title = image(series, area)
    rows = [area] if part is None else [area, part]
    columns = 1 + len(panels)
    codes = {
        (row, column): _codes(panel.codes, series.grid, window, classes)
        for row, window in enumerate(rows)
        for column, panel in enumerate(panels, 1)
        if panel.codes is not None
    }
    present = _present(codes.values(), classes)
    width, side = 12.0, (12.0 - 0.5) / columns - 0.12
    ratio = area.height / area.width
    heights = [side * ratio, *([side] if part is not None else [])]
    legend = 0.27 * math.ceil(len(present) / LEGEND_COLUMNS) + 0.35
    head = 0.42 + 0.2 * title.count("\n")
    total = head + sum(heights) + 0.14 * (len(rows) - 1) + legend
    figure = Figure(figsize=(width, total), facecolor="white")
    grid = GridSpec(
        len(rows),
        columns,
        figure,
        left=0.25 / width,
        right=1 - 0.25 / width,
        top=1 - head / total,
        bottom=legend / total,
        wspace=0.03,
        hspace=0.04,
        height_ratios=heights,
    )
    for row, window in enumerate(rows):
        for column in range(columns):
            axes = figure.add_subplot(grid[row, column])
            picture = (
                _crop(shown, area, window)
                if column == 0
                else _coloured(codes[row, column], classes)
            )
            extent = (window.col, window.col + window.width, window.row + window.height, window.row)
            axes.imshow(picture, interpolation="nearest", extent=extent)
            axes.set(xticks=[], yticks=[])
            axes.grid(False)
            axes.spines[:].set(visible=True, color="#9aa5a0", linewidth=0.8)
            if row == 0:
                heading = title if column == 0 else panels[column - 1].title
                axes.set_title(heading, fontsize=11.5, pad=6, loc="left", linespacing=1.25)
            if part is not None and row == 0:
                _frame(axes, part)
            if column == 0:
                _scale_bar(axes, window, series.grid.resolution)
    _legend(figure, present, total)
    return figure


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


def _crop(shown: Picture, area: Window, window: Window) -> Picture:
    inside = Window(window.row - area.row, window.col - area.col, window.height, window.width)
    return shown[inside.slices]


def _legend(figure: Figure, present: Sequence[tuple[str, str]], total: float) -> None:
    handles = [
        Patch(facecolor=colour, edgecolor="#7d8883", linewidth=0.6, label=_short(name))
        for name, colour in present
    ]
    if handles:
        figure.legend(
            handles=handles,
            loc="lower left",
            bbox_to_anchor=(0.25 / 12.0 - 0.004, 0.06 / total),
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


def _codes(path: Path, grid: Grid, window: Window, classes: ClassTable) -> Codes:
    """Return a window's codes on the 4x grid, matched by name where the raster names its own."""
    with rasterio.Env(GDAL_PAM_ENABLED="NO"), rasterio.open(path, driver=DRIVER) as raster:
        left, top = grid.affine * (window.col, window.row)
        right, bottom = grid.affine * (window.col + window.width, window.row + window.height)
        start, stop = ~raster.transform * (left, top), ~raster.transform * (right, bottom)
        part = RasterWindow(
            round(start[0]), round(start[1]), round(stop[0] - start[0]), round(stop[1] - start[1])
        )
        found = raster.read(
            1,
            window=part,
            boundless=True,
            fill_value=UNKNOWN,
            out_shape=(window.height * FINE, window.width * FINE),
            resampling=Resampling.nearest,
        )
        names = raster_classes(raster)
    by_name = dict(zip(classes.names, classes.codes, strict=True))
    lookup = np.arange(256, dtype=np.uint8)
    for code, name in names.items():
        if 0 < code < OUTSIDE:
            lookup[code] = by_name.get(name, UNKNOWN)
    result: Codes = lookup[found]
    return result


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
