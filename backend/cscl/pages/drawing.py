"""Drawings of a report as SVG text, in one style."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.figure import Figure

INK, FAINT = "#26312c", "#c9d1cc"
NETWORK, SECOND = "#2f7d5b", "#c07a1e"
SPLIT_COLOURS = {"training": "#8a958f", "validation": NETWORK, "test": SECOND}

# Names of classes are text, never formulas; glyphs become outlines, so no font is needed.
STYLE: dict[str, Any] = {
    "text.parse_math": False,
    "svg.fonttype": "path",
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e8ecea",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.frameon": False,
    "legend.fontsize": 8,
}


@contextmanager
def style(salt: str = "cscl") -> Iterator[None]:
    """Draw in the report's style; `salt` makes names inside an SVG the same in every run."""
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": salt}):
        yield


def svg_text(figure: Figure, identifier: str) -> str:
    """Return a figure as an <svg> element whose names do not clash with another drawing's."""
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="', f'id="{identifier}-', svg)
    return re.sub(r'(href="#|url\(#)', rf"\1{identifier}-", svg)
