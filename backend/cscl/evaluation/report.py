"""The report of an evaluation: `report.json` with every figure, `report.html` to read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cscl.contract import atomic, strict_json
from cscl.contract.errors import UserError
from cscl.contract.version import VERSION
from cscl.evaluation import background, sections
from cscl.evaluation.html import Markup, element, joined
from cscl.evaluation.style import STYLE_SHEET

SCHEMA = 1


def write_report(
    report: Mapping[str, Any], folder: Path, *, pictures: Mapping[str, Path] | None = None
) -> None:
    """Write `report.json` and `report.html` into `folder`.

    `pictures` maps captions to PNG files, which are embedded at the head: the HTML is one file
    that needs neither network nor scripts.
    """
    atomic.write_text(folder / "report.json", strict_json.dump(report))
    atomic.write_text(folder / "report.html", render(report, pictures or {}))


def read_report(path: Path) -> dict[str, Any]:
    """Return a `report.json` of this version."""
    report = strict_json.read(path)
    if not isinstance(report, dict) or report.get("schema") != SCHEMA:
        raise UserError(
            "invalid_report",
            path,
            f"it is no report of version {SCHEMA}",
            "Run the evaluation again with this version.",
        )
    return report


def render(report: Mapping[str, Any], pictures: Mapping[str, Path]) -> str:
    """Return the report as one HTML document."""
    parts = [
        sections.preview(pictures),
        sections.stages(report),
        sections.scores(report),
        sections.zones(report),
        sections.classes(report),
        sections.confusions(report),
        sections.parcels(report),
        background.calibration(report),
        background.courses(report),
        background.assumed(report),
        background.origin(report),
    ]
    body = joined(
        [
            sections.head(report),
            element("main", joined(part for part in parts if part)),
            element("footer", f"Written by cscl-backend {VERSION}."),
        ]
    )
    return str(
        Markup("<!DOCTYPE html>\n")
        + element("html", joined([_head(), element("body", body)]), lang="en")
        + "\n"
    )


def _head() -> Markup:
    return element(
        "head",
        joined(
            [
                Markup('<meta charset="utf-8">'),
                Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
                # Nothing may be loaded from anywhere, whatever a name in the data says.
                Markup(
                    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
                    "img-src data:; style-src 'unsafe-inline'\">"
                ),
                element("title", "Crop map report"),
                Markup(f"<style>{STYLE_SHEET}</style>"),
            ]
        ),
    )
