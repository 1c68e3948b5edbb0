"""The report of an evaluation: `report.json` with every figure, `report.html` to read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cscl.contract import atomic, strict_json
from cscl.contract.errors import UserError
from cscl.contract.version import VERSION
from cscl.evaluation import background, block_sections, class_sections, sections
from cscl.pages.html import element, joined, page

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
        block_sections.boundaries(report),
        block_sections.season(report),
        class_sections.classes(report),
        class_sections.confusions(report),
        class_sections.parcels(report),
        background.calibration(report),
        background.courses(report),
        background.assumed(report),
        background.origin(report),
    ]
    body = [
        sections.head(report),
        element("main", joined(part for part in parts if part)),
    ]
    return page("Crop map report", body, VERSION)
