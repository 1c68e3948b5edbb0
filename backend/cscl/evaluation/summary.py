"""The few figures that say how a run went, for the terminal and the head of the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cscl.evaluation.figures import value


@dataclass(frozen=True)
class SummaryRow:
    """One figure, the network's and the random forest's, each 0..1 or None where there is none.

    `verdict` says whether the network is ahead: "yes", "not shown", or "" where none is to be
    told. `count` is what the figure is over, in the unit `unit`.
    """

    title: str
    network: float | None
    forest: float | None
    count: int
    unit: str

    @property
    def verdict(self) -> str:
        """Whether the network is ahead of the forest in this figure."""
        if self.network is None or self.forest is None:
            return ""
        return "yes" if self.network > self.forest else "not shown"


_PIXEL_ROWS = (
    ("Overall accuracy", "10", "all", "overall_accuracy"),
    ("Mean IoU", "10", "all", "mean_iou"),
    ("Boundary: accuracy", "10", "boundary", "overall_accuracy"),
    ("Boundary: mean IoU", "10", "boundary", "mean_iou"),
    ("Interior: accuracy", "10", "interior", "overall_accuracy"),
    ("Mixed pixels: accuracy", "10", "mixed", "overall_accuracy"),
    ("Pure pixels: accuracy", "10", "pure", "overall_accuracy"),
    ("Overall accuracy", "2.5", "all", "overall_accuracy"),
    ("Mean IoU", "2.5", "all", "mean_iou"),
    ("Within 10 m of a boundary: accuracy", "2.5", "within 10 m", "overall_accuracy"),
)


def best_reference(report: Mapping[str, Any]) -> str:
    """The reference to judge by: the truth where it was given, else the declared labels."""
    return "truth" if "truth" in report["references"] else "declared"


def summary(report: Mapping[str, Any]) -> list[SummaryRow]:
    """Return the head figures of a report, on pixels at both resolutions and on parcels."""
    reference = best_reference(report)
    rows = []
    for title, resolution, zone, name in _PIXEL_ROWS:
        where = {"reference": reference, "resolution": resolution, "zone": zone}
        count = value(report["zones"], "pixels", method="network", **where)
        if count:
            rows.append(
                SummaryRow(
                    f"{title}, {resolution} m" if resolution != "10" else title,
                    value(report["zones"], name, method="network", **where),
                    value(report["zones"], name, method="forest", **where),
                    count,
                    "pixels",
                )
            )
    for title, name in (("Parcels right", "accuracy"), ("Parcel area right", "area_accuracy")):
        where = {"reference": reference, "resolution": "10"}
        count = value(report["parcels"], "scored", method="network", **where)
        if count:
            rows.append(
                SummaryRow(
                    title,
                    value(report["parcels"], name, method="network", **where),
                    value(report["parcels"], name, method="forest", **where),
                    count,
                    "parcels",
                )
            )
    return rows


def stage_table(report: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return the head figures as text: title, network, random forest, what it is over."""
    return [
        (row.title, percent(row.network), percent(row.forest), f"{row.count:,} {row.unit}")
        for row in summary(report)
    ]


def percent(number: float | None, digits: int = 1) -> str:
    """Return a share as a percentage, an en dash where there is none."""
    return "–" if number is None else f"{100 * number:.{digits}f} %"
