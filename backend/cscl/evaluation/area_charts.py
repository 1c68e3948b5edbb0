"""The drawing of an area estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from cscl.pages.drawing import INK, NETWORK, style, svg_text


def area_intervals(classes: Sequence[Mapping[str, Any]]) -> str:
    """Draw each class's estimate with its interval, and the mapped area beside it."""
    with style("area"):
        figure = Figure(figsize=(7.2, 0.6 + 0.34 * len(classes)), layout="constrained")
        panel = figure.subplots()
        rows = range(len(classes))
        area = [item["area_ha"] for item in classes]
        bounds = [
            (item["area_ha"], item["area_ha"])
            if item["low_ha"] is None
            else (item["low_ha"], item["high_ha"])
            for item in classes
        ]
        panel.barh(
            rows,
            [high - low for low, high in bounds],
            left=[low for low, _ in bounds],
            height=0.34,
            color=NETWORK,
            alpha=0.35,
            lw=0,
        )
        panel.plot(area, rows, "o", color=NETWORK, ms=5, label="estimate")
        panel.plot(
            [item["mapped_ha"] for item in classes],
            rows,
            "o",
            mfc="none",
            mec=INK,
            ms=6,
            clip_on=False,
            zorder=3,
            label="on the map",
        )
        panel.set_yticks(list(rows), [item["name"] for item in classes])
        panel.invert_yaxis()
        panel.set_xlim(left=0)
        panel.set_xlabel("hectares")
        panel.grid(visible=False, axis="y")
        panel.legend(loc="best")
        return svg_text(figure, "area")
