"""Curves of a report: accuracy by distance to a boundary, and through the season."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from cscl.pages.drawing import FAINT, INK, NETWORK, SECOND, style, svg_text

Row = Mapping[str, Any]

LINES = {
    "network": ("network", NETWORK, "-"),
    "network 1x": ("network’s 10 m map", NETWORK, "--"),
    "forest": ("random forest", SECOND, "-"),
}
UNITS = {"10": ("pixels of 10 m", 1.0), "5": ("metres", 5.0), "2.5": ("metres", 2.5)}


def distance_curves(rows: Sequence[Row]) -> str:
    """Draw accuracy against distance to a boundary, a panel a resolution, a line a method."""
    shown = [name for name in UNITS if any(row["resolution"] == name for row in rows)]
    with style("distance"):
        figure = Figure(figsize=(4.3 * len(shown), 2.9), layout="constrained")
        panels = figure.subplots(1, len(shown), squeeze=False, sharey=True)
        for panel, resolution in zip(panels.flat, shown, strict=True):
            of = [row for row in rows if row["resolution"] == resolution]
            _distance_panel(panel, resolution, of)
        panels.flat[0].set_ylabel("accuracy")
        handles, labels = panels.flat[-1].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper right", ncols=len(labels))
        return svg_text(figure, "distance")


def _distance_panel(panel: Axes, resolution: str, rows: Sequence[Row]) -> None:
    unit, factor = UNITS[resolution]
    limits = [item["limit"] for item in rows[0]["bins"]]
    labels = [f"{limit * factor:g}" if limit else f">{limits[-2] * factor:g}" for limit in limits]
    for row in sorted(rows, key=lambda item: list(LINES).index(item["method"])):
        label, colour, dashes = LINES[row["method"]]
        points = [
            (place, item["accuracy"])
            for place, item in enumerate(row["bins"])
            if item["accuracy"] is not None
        ]
        if points:
            panel.plot(*zip(*points, strict=True), dashes, marker="o", ms=3.5, lw=1.5,
                       color=colour, label=label)  # fmt: skip
    panel.set_xticks(range(len(labels)), labels)
    panel.set_xlim(-0.4, len(labels) - 0.6)
    panel.set_title(f"{resolution} m")
    panel.set_xlabel(f"distance to a boundary, {unit}")
    panel.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))


def season_curves(rows: Sequence[Row]) -> str:
    """Draw the figures of a map against the day at which the season is cut."""
    lines = (
        ("overall_accuracy", "accuracy", NETWORK, "-"),
        ("interior_accuracy", "interior", NETWORK, ":"),
        ("boundary_accuracy", "on boundaries", SECOND, "-"),
        ("mean_iou", "mean IoU", INK, "--"),
    )
    days = [date.fromisoformat(row["until"]) for row in rows]
    with style("season"):
        figure = Figure(figsize=(7.2, 3.0), layout="constrained")
        panel = figure.subplots()
        for name, label, colour, dashes in lines:
            points = [(day, row[name]) for day, row in zip(days, rows, strict=True)
                      if row[name] is not None]  # fmt: skip
            if points:
                panel.plot(*zip(*points, strict=True), dashes, marker="o", ms=4, lw=1.6,
                           color=colour, label=label)  # fmt: skip
        for row in rows:
            panel.axvline(date.fromisoformat(row["last"]), color=FAINT, lw=0.8, zorder=0)
        locator = AutoDateLocator()
        panel.xaxis.set_major_locator(locator)
        panel.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        panel.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        panel.set_ylim(0, 1)
        panel.set_xlabel("dates until")
        figure.legend(loc="outside upper left", ncols=len(lines))
        return svg_text(figure, "season")
