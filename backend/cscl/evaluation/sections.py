"""The sections of a report that show figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cscl.contract.resolutions import SCALES
from cscl.evaluation.summary import (
    SummaryRow,
    best_reference,
    duration,
    percent,
    span,
    summary,
    value,
)
from cscl.pages.html import (
    Markup,
    element,
    joined,
    picture,
    section,
    table,
)

Report = Mapping[str, Any]
Row = Mapping[str, Any]

REFERENCES = {"truth": "the truth", "declared": "the declared labels"}
METHODS = {
    "network": "Network",
    "network 1x": "Network’s 10 m map, nearest",
    "forest": "Random forest",
    "ceiling": "Perfect 10 m map, nearest",
}
NAVIGATION = (
    ("scores", "Scores"),
    ("zones", "Zones"),
    ("boundaries", "Boundaries"),
    ("season", "Through the season"),
    ("classes", "Classes"),
    ("confusion", "Confusion"),
    ("parcels", "Parcels"),
    ("calibration", "Calibration"),
    ("training", "Training"),
    ("assumed", "What was assumed"),
    ("origin", "Data and versions"),
)
CARDS = (
    ("Overall accuracy", "10"),
    ("Mean IoU", "10"),
    ("Accuracy on boundaries", "10"),
    ("Parcels right", "10"),
)


def head(report: Report) -> Markup:
    """Title, what was scored, the head figures and, at smoke level, a warning."""
    against = REFERENCES[best_reference(report)]
    pixels = value(
        report["zones"], "pixels", reference=best_reference(report), resolution="10",
        method="network", zone="all",
    ) or 0  # fmt: skip
    lead = f"{pixels:,} pixels of the {report['split']} split, against {against}."
    links = joined(
        element("a", title, href=f"#{name}")
        for name, title in NAVIGATION
        if name != "season" or report["until"]
    )
    return element(
        "header",
        joined(
            [
                element("h1", "Crop map report"),
                element("p", lead, css="lead"),
                _warning(report.get("smoke", [])),
                _cards(summary(report)),
                element("nav", links),
            ]
        ),
    )


def _warning(reasons: Sequence[str]) -> Markup:
    if not reasons:
        return Markup("")
    text = element(
        "b", "Smoke level: these figures show that the chain runs, not how accurate the map is."
    )
    listed = element(
        "ul", joined(element("li", f"{item[0].upper()}{item[1:]}") for item in reasons)
    )
    return element("div", joined([text, listed]), css="warning", role="note")


def _cards(rows: Sequence[SummaryRow]) -> Markup:
    cards = []
    for title, resolution in CARDS:
        row = next((r for r in rows if r.title == title and r.resolution == resolution), None)
        if row is None:
            continue
        beside = f"over {row.count:,} {row.unit}"
        if row.forest is not None:
            beside = f"random forest {percent(row.forest)}"
        cards.append(
            element(
                "div",
                joined(
                    [
                        element("div", row.title, css="name"),
                        element("div", percent(row.network), css="big"),
                        element("div", beside, css="beside"),
                    ]
                ),
                css="card",
            )
        )
    return element("div", joined(cards), css="cards")


def preview(pictures: Mapping[str, Path]) -> Markup:
    """The map beside image and truth."""
    if not pictures:
        return Markup("")
    shown = [picture(path, caption) for caption, path in pictures.items()]
    return section("map", "The map", *shown)


def stages(report: Report) -> Markup:
    """Each stage with its time and its figures, where the report is of a whole chain."""
    if not report.get("stages"):
        return Markup("")
    rows = [(item["title"], item["result"], duration(item["seconds"])) for item in report["stages"]]
    return section("stages", "Stages", table(("Stage", "Result", "Time"), rows, text=2))


def scores(report: Report) -> Markup:
    """The head figures of the network beside the random forest's."""
    rows = [
        (
            row.title,
            f"{row.resolution} m",
            element("b", percent(row.network)),
            span(row.interval),
            percent(row.forest),
            span(row.ahead, signed=True),
            row.verdict or "–",
            f"{row.count:,} {row.unit}",
        )
        for row in summary(report)
    ]
    headers = ("Figure", "Resolution", "Network", "95 % interval", "Forest", "Network − forest",
               "Ahead", "Over")  # fmt: skip
    blocks = max((row["blocks"] for row in report["intervals"]), default=0)
    about = (
        "One confusion matrix, every labelled pixel scored once through the mapping code. "
        f"Intervals come from drawing the {blocks} spatial blocks of the split anew: they hold "
        "for this model on ground like this, not for other seeds or scenes. “Ahead” is said only "
        "where the interval of the difference, in points, lies above 0."
    )
    return section("scores", "Scores", element("p", about), table(headers, rows), _forest(report))


def _forest(report: Report) -> Markup:
    forest = report.get("forest")
    if forest is None:
        return element("p", "No random forest was trained beside the network.", css="quiet")
    trials = [
        (
            item["variant"] + (" (chosen)" if item["variant"] == forest["chosen"] else ""),
            item["trees"],
            f"{item['training_pixels']:,}",
            percent(item["validation_accuracy"]),
            duration(item["seconds"]),
        )
        for item in forest["trials"]
    ]
    headers = ("Random forest on", "Trees", "Training pixels", "Validation accuracy", "Time")
    return table(headers, trials)


def zones(report: Report) -> Markup:
    """Figures by zone, at both resolutions, against each reference."""
    about = (
        "Boundary: the 3 x 3 (or 5 x 5) neighbourhood holds more than one label, other land "
        "included; interior: all else. Mixed: another class covers part of the pixel. On finer "
        "pixels by the distance to the nearest one of another label; “within 10 m” includes the "
        "nearest."
    )
    parts: list[object] = [element("p", about)]
    for reference in references_of(report):
        for resolution in SCALES:
            shown = _zone_table(report, reference, resolution)
            if shown:
                title = f"{resolution} m, against {REFERENCES[reference]}"
                parts += [element("h3", title), shown]
    return section("zones", "Zones", *parts)


def references_of(report: Report) -> list[str]:
    return [name for name in REFERENCES if name in report["references"]]


def _zone_table(report: Report, reference: str, resolution: str) -> Markup:
    rows = [
        row
        for row in report["zones"]
        if row["reference"] == reference and row["resolution"] == resolution
    ]
    if not any(row["pixels"] for row in rows):
        return Markup("")
    methods = [name for name in METHODS if any(row["method"] == name for row in rows)]
    names = list(dict.fromkeys(row["zone"] for row in rows))
    groups = [("", 2), *((METHODS[method], 2) for method in methods)]
    headers = ["Zone", "Pixels", *(["Accuracy", "Mean IoU"] * len(methods))]
    body = []
    for zone in names:
        where = {"zone": zone}
        cells: list[object] = [zone, f"{value(rows, 'pixels', method=methods[0], **where):,}"]
        for method in methods:
            accuracy = percent(value(rows, "overall_accuracy", method=method, **where))
            cells.append(element("b", accuracy) if method == "network" else accuracy)
            cells.append(percent(value(rows, "mean_iou", method=method, **where)))
        body.append(cells)
    return table(headers, body, groups=groups)
