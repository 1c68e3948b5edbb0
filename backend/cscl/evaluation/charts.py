"""Drawings of a report: courses of training and reliability, as SVG text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cscl.contract.resolutions import without_ending
from cscl.pages.drawing import FAINT, INK, NETWORK, SECOND, SPLIT_COLOURS, style, svg_text

Row = Mapping[str, Any]

LARGEST_PANELS = 12
ABBREVIATIONS = {"auc": "AUC", "iou": "IoU"}


def learning_curves(stage: str, rows: Sequence[Sequence[Any]]) -> str:
    """Draw one panel a figure of `metrics.csv` (step, split, name, value), a line a split."""
    names = list(dict.fromkeys(row[2] for row in rows))[:LARGEST_PANELS]
    columns = min(4, len(names))
    lines = -(-len(names) // columns)
    with style(stage):
        figure = Figure(figsize=(2.75 * columns, 2.05 * lines), layout="constrained")
        panels = figure.subplots(lines, columns, squeeze=False)
        for place, panel in enumerate(panels.flat):
            if place < len(names):
                _course(panel, names[place], rows)
            else:
                panel.set_axis_off()
        return svg_text(figure, stage)


def _course(panel: Axes, name: str, rows: Sequence[Sequence[Any]]) -> None:
    splits = list(dict.fromkeys(row[1] for row in rows if row[2] == name))
    for split in splits:
        points = sorted((row[0], row[3]) for row in rows if row[1] == split and row[2] == name)
        steps, values = zip(*points, strict=True)
        colour = SPLIT_COLOURS.get(split, INK)
        panel.plot(steps, values, "o-", color=colour, lw=1.4, ms=2.5, label=split)
    panel.set_title(figure_title(name))
    panel.set_xlabel("step")
    panel.xaxis.set_major_locator(MaxNLocator(4, integer=True, min_n_ticks=1))
    panel.yaxis.set_major_locator(MaxNLocator(5))
    panel.legend(loc="best", handlelength=1.2)


def figure_title(name: str) -> str:
    """Return the name of a figure in `metrics.csv` in words."""
    stem, resolution = without_ending(name)
    words = stem.replace("_", " ") + ("" if stem == name else f", {resolution} m")
    return re.sub(r"\b(auc|iou)\b", lambda found: ABBREVIATIONS[found.group()], words)


def reliability_diagram(rows: Sequence[Row]) -> str:
    """Draw share against probability, before and after the temperature, a panel a row."""
    with style("reliability"):
        figure = Figure(figsize=(3.3 * len(rows), 3.6), layout="constrained")
        panels = figure.subplots(1, len(rows), squeeze=False)
        for panel, row in zip(panels.flat, rows, strict=True):
            _reliability(panel, row)
        handles, labels = panels.flat[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper left", ncols=2, handlelength=1.2)
        return svg_text(figure, "reliability")


def _reliability(panel: Axes, row: Row) -> None:
    lowest = 1.0
    panel.plot([0, 1], [0, 1], color=FAINT, lw=1, zorder=1)
    for name, colour, label in (
        ("before", SECOND, "as trained"),
        ("after", NETWORK, "with temperature"),
    ):
        bins = row[f"bins_{name}"]
        across = [item["probability"] for item in bins]
        share = [item["share"] for item in bins]
        lowest = min([lowest, *across, *share])
        panel.plot(across, share, "o-", color=colour, lw=1.3, ms=3, label=label, zorder=2)
    low = max(0.0, lowest - 0.03)
    panel.set(xlim=(low, 1.005), ylim=(low, 1.005), aspect="equal")
    panel.set_title(f"{row['resolution']} m, {row['zone']}")
    panel.set_xlabel("probability of the mapped class")
    panel.set_ylabel("share that is right")
