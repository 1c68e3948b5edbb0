"""The few figures that say how a run went, for the terminal and the head of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

Row = Mapping[str, Any]


@dataclass(frozen=True)
class SummaryRow:
    """One figure, the network's and the random forest's, each 0..1 or None where there is none.

    `count` is what the figure is over, in the unit `unit`. Figures at smoke level are not
    `judged`.
    """

    title: str
    resolution: str
    network: float | None
    forest: float | None
    count: int
    unit: str
    judged: bool = True

    @property
    def verdict(self) -> str:
        """Whether the network is ahead: "yes", "not shown", or "" where nothing can be said."""
        if not self.judged or self.network is None or self.forest is None:
            return ""
        return "yes" if self.network > self.forest else "not shown"


_PIXEL_ROWS = (
    ("Overall accuracy", "10", "all", "overall_accuracy"),
    ("Mean IoU", "10", "all", "mean_iou"),
    ("Accuracy on boundaries", "10", "boundary", "overall_accuracy"),
    ("Mean IoU on boundaries", "10", "boundary", "mean_iou"),
    ("Accuracy in the interior", "10", "interior", "overall_accuracy"),
    ("Accuracy on mixed pixels", "10", "mixed", "overall_accuracy"),
    ("Accuracy on pure pixels", "10", "pure", "overall_accuracy"),
    ("Overall accuracy", "2.5", "all", "overall_accuracy"),
    ("Mean IoU", "2.5", "all", "mean_iou"),
    ("Accuracy within 10 m of a boundary", "2.5", "within 10 m", "overall_accuracy"),
)
_PARCEL_ROWS = (("Parcels right", "accuracy"), ("Parcel area right", "area_accuracy"))


def value(rows: Sequence[Row], name: str, **wanted: str) -> Any:
    """Return the figure `name` of the row with these keys, None where there is none."""
    for row in rows:
        if all(row.get(key) == item for key, item in wanted.items()):
            return row[name]
    return None


def best_reference(report: Mapping[str, Any]) -> str:
    """The reference to judge by: the truth where it was given, else the declared labels."""
    return "truth" if "truth" in report["references"] else "declared"


def summary(report: Mapping[str, Any]) -> list[SummaryRow]:
    """Return the head figures of a report, on pixels at both resolutions and on parcels."""
    reference = best_reference(report)
    rows = [
        _row(report["zones"], title, name, "pixels", reference, resolution, zone=zone)
        for title, resolution, zone, name in _PIXEL_ROWS
    ]
    rows += [
        _row(report["parcels"], title, name, "scored", reference, "10")
        for title, name in _PARCEL_ROWS
    ]
    judged = not report.get("smoke")
    return [replace(row, judged=judged) for row in rows if row.count]


def _row(
    rows: Sequence[Row],
    title: str,
    name: str,
    count: str,
    reference: str,
    resolution: str,
    **where: str,
) -> SummaryRow:
    keys = {"reference": reference, "resolution": resolution, **where}
    return SummaryRow(
        title,
        resolution,
        value(rows, name, method="network", **keys),
        value(rows, name, method="forest", **keys),
        value(rows, count, method="network", **keys) or 0,
        "parcels" if count == "scored" else "pixels",
    )


def stage_table(report: Mapping[str, Any]) -> list[tuple[str, str, str, str, str]]:
    """Return the head figures as text: title with resolution, network, forest, verdict, count."""
    return [
        (
            f"{row.title}, {row.resolution} m",
            percent(row.network),
            percent(row.forest),
            row.verdict or "–",
            f"{row.count:,} {row.unit}",
        )
        for row in summary(report)
    ]


def percent(number: float | None, digits: int = 1) -> str:
    """Return a share as a percentage, an en dash where there is none."""
    return "–" if number is None else f"{100 * number:.{digits}f} %"


def print_tables(report: Mapping[str, Any], console: Console) -> None:
    """Print the stages with their time and figures, where the report has them, and the scores."""
    if report.get("stages"):
        console.print()
        console.print(_stages(report["stages"]))
    console.print()
    console.print(_scores(report))
    if report.get("smoke"):
        console.print(Text("Smoke level: figures to show that the chain runs, no more."))
        for reason in report["smoke"]:
            console.print(Text(f"  {reason}"))


def _stages(stages: Sequence[Row]) -> Table:
    table = Table(title="Stages", title_justify="left")
    table.add_column("stage")
    table.add_column("time", justify="right")
    table.add_column("result")
    for stage in stages:
        table.add_row(Text(stage["title"]), duration(stage["seconds"]), Text(stage["result"]))
    return table


def _scores(report: Mapping[str, Any]) -> Table:
    against = "the truth" if best_reference(report) == "truth" else "the declared labels"
    table = Table(title=f"On the {report['split']} split, against {against}", title_justify="left")
    table.add_column("figure")
    for title in ("network", "random forest"):
        table.add_column(title, justify="right")
    table.add_column("network ahead")
    table.add_column("over", justify="right")
    for row in stage_table(report):
        table.add_row(*(Text(cell) for cell in row))
    return table


def duration(seconds: float | None) -> str:
    """Return a time in words: 8.1 s, 3:05 min, 2:10 h."""
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02d} h"
