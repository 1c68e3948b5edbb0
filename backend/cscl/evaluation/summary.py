"""The few figures that say how a run went, for the terminal and the head of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cscl.contract.resolutions import SCALES

Row = Mapping[str, Any]
Bounds = tuple[float, float] | None


@dataclass(frozen=True)
class SummaryRow:
    """One figure, the network's and the random forest's, each 0..1 or None where there is none.

    `count` is what the figure is over, in the unit `unit`. `interval` is the network's 95 %
    interval and `ahead` that of its lead over the forest, where there is one. Figures at smoke
    level are not `judged`.
    """

    title: str
    resolution: str
    network: float | None
    forest: float | None
    count: int
    unit: str
    interval: Bounds = None
    ahead: Bounds = None
    judged: bool = True

    @property
    def verdict(self) -> str:
        """Whether the network is ahead: "yes", "not shown", or "" where nothing can be said.

        It is only where the interval of its lead lies above 0 (METHOD section 7).
        """
        if not self.judged or self.forest is None or self.ahead is None:
            return ""
        return "yes" if self.ahead[0] > 0 else "not shown"


_PIXEL_ROWS = (
    ("Overall accuracy", "10", "all", "overall_accuracy"),
    ("Mean IoU", "10", "all", "mean_iou"),
    ("Accuracy on boundaries", "10", "boundary", "overall_accuracy"),
    ("Mean IoU on boundaries", "10", "boundary", "mean_iou"),
    ("Accuracy in the interior", "10", "interior", "overall_accuracy"),
    ("Accuracy on mixed pixels", "10", "mixed", "overall_accuracy"),
    ("Accuracy on pure pixels", "10", "pure", "overall_accuracy"),
    *(
        (title, resolution, zone, name)
        for resolution in SCALES
        if resolution != "10"
        for title, zone, name in (
            ("Overall accuracy", "all", "overall_accuracy"),
            ("Mean IoU", "all", "mean_iou"),
            ("Accuracy within 10 m of a boundary", "within 10 m", "overall_accuracy"),
        )
    ),
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
        replace(
            _row(report["zones"], title, name, "pixels", reference, resolution, zone=zone),
            **_bounds(report["intervals"], reference, resolution, zone, name),
        )
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


def _bounds(
    rows: Sequence[Row], reference: str, resolution: str, zone: str, figure: str
) -> dict[str, Bounds]:
    keys = {"reference": reference, "resolution": resolution, "zone": zone, "figure": figure}
    for row in rows:
        if row["method"] == "network" and all(row[key] == item for key, item in keys.items()):
            return {"interval": bounds(row), "ahead": bounds(row.get("ahead"))}
    return {}


def bounds(interval: Row | None) -> Bounds:
    """Return low and high of an interval, None where it has none."""
    if interval is None or interval["low"] is None:
        return None
    return interval["low"], interval["high"]


def span(interval: Bounds, *, signed: bool = False) -> str:
    """Return an interval of shares in per cent, an en dash where there is none."""
    if interval is None:
        return "–"
    sign = "+" if signed else ""
    low, high = (f"{100 * item:{sign}.1f}".replace("-", "−") for item in interval)
    return f"{low} to {high}"


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
    """Print the figures of a report: stages, where it has them, and scores; or areas.

    The report on a dataset has none that its job has not said already.
    """
    if report.get("kind") == "dataset":
        return
    if report.get("kind") == "area":
        console.print()
        console.print(_areas(report))
        return
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


def _areas(report: Mapping[str, Any]) -> Table:
    table = Table(title="Area from the labelled points", title_justify="left")
    table.add_column("class")
    for title in ("on the map, ha", "estimate, ha", "95 % interval, ha"):
        table.add_column(title, justify="right")
    for item in report["classes"]:
        interval = "–"
        if item["low_ha"] is not None:
            interval = f"{item['low_ha']:,.1f} to {item['high_ha']:,.1f}"
        cells = (item["name"], f"{item['mapped_ha']:,.1f}", f"{item['area_ha']:,.1f}", interval)
        table.add_row(*(Text(cell) for cell in cells))
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
