"""Drawings of a dataset's report: season curves and dates, as SVG text."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.dates as mdates
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cscl.contract.classes import ClassTable
from cscl.dataset.report_curves import NDVI, Curve, Curves
from cscl.pages.drawing import FAINT, INK, NETWORK, SECOND, style, svg_text

MOST_PANELS = 16
COLUMNS = 4
CLEAR, CLOUDY = NETWORK, "#d6dcd9"


def curve_panels(curves: Curves, name: str, classes: ClassTable, codes: Sequence[int]) -> str:
    """Draw one panel a class: its median over the band of 10 to 90 %, the others faint behind.

    `codes` are the classes in the order of the panels, at most 16 are drawn.
    """
    own = curves.by_quantity[name]
    shown = [code for code in codes if code in own][:MOST_PANELS]
    columns = min(COLUMNS, len(shown))
    lines = -(-len(shown) // columns)
    with style(f"curves-{name}"):
        figure = Figure(figsize=(11, 0.35 + 1.75 * lines), layout="constrained")
        panels = figure.subplots(lines, columns, squeeze=False, sharex=True, sharey=True)
        for place, panel in enumerate(panels.flat):
            if place >= len(shown):
                panel.set_axis_off()
                continue
            code = shown[place]
            others = [own[other] for other in shown if other != code]
            _curve(panel, curves.start, own[code], others, classes.colour_of(code))
            panel.set_title(_short(classes.name_of(code)))
            if place % columns == 0:
                panel.set_ylabel(name if name == NDVI else f"{name} reflectance")
        _months(panels.flat[0])
        return svg_text(figure, f"curves-{name}")


def _curve(
    panel: Axes, start: datetime.date, curve: Curve, others: Sequence[Curve], colour: str
) -> None:
    for other in others:
        panel.plot(_dates(start, other.days), other.median, color=FAINT, lw=0.7, zorder=1)
    dates = _dates(start, curve.days)
    panel.fill_between(dates, curve.low, curve.high, color=colour, alpha=0.32, lw=0, zorder=2)
    # A dark line under the coloured one keeps pale classes visible.
    panel.plot(dates, curve.median, color=INK, lw=2.3, zorder=3, solid_capstyle="round")
    panel.plot(dates, curve.median, color=colour, lw=1.5, zorder=4, solid_capstyle="round")
    panel.text(
        0.985, 0.965, f"{curve.pixels:,} pixels", transform=panel.transAxes, ha="right", va="top",
        fontsize=7, color="#5d6b64",
    )  # fmt: skip


def _dates(start: datetime.date, days: Any) -> list[datetime.date]:
    return [start + datetime.timedelta(days=int(day)) for day in days]


def _months(panel: Axes) -> None:
    locator = mdates.AutoDateLocator(minticks=3, maxticks=6)
    panel.xaxis.set_major_locator(locator)
    panel.xaxis.set_major_formatter(mdates.DateFormatter("%b"))


def _short(name: str, most: int = 26) -> str:
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def date_chart(dates: Sequence[Mapping[str, Any]], months: Sequence[Mapping[str, Any]]) -> str:
    """Draw the clear share of every date, a row a grid, over the months' mean as a step behind."""
    grids = list(dict.fromkeys(row["grid"] for row in dates))
    with style("dates"):
        figure = Figure(figsize=(11, 0.5 + 1.75 * len(grids)), layout="constrained")
        panels = figure.subplots(len(grids), 1, squeeze=False, sharex=True)
        for grid, panel in zip(grids, panels.flat, strict=True):
            own = [row for row in dates if row["grid"] == grid]
            _dates_of_grid(panel, own)
            if len(grids) > 1:
                panel.set_title(grid)
        panels.flat[0].margins(x=0.015)
        last = panels.flat[-1]
        last.xaxis.set_major_locator(mdates.MonthLocator(interval=max(1, len(months) // 12)))
        last.xaxis.set_major_formatter(mdates.ConciseDateFormatter(last.xaxis.get_major_locator()))
        return svg_text(figure, "dates")


def _dates_of_grid(panel: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    days = [datetime.date.fromisoformat(row["date"]) for row in rows]
    clear = np.array([row["clear"] for row in rows]) * 100
    panel.vlines(days, clear, 100, color=CLOUDY, lw=3.2, zorder=1)
    panel.vlines(days, 0, clear, color=CLEAR, lw=3.2, zorder=2)
    panel.plot(days, clear, "o", color=SECOND, ms=3.4, zorder=3)
    panel.set(ylim=(0, 103), yticks=[0, 50, 100], ylabel="clear, %")
    panel.grid(visible=False, axis="x")
