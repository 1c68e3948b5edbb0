"""The sections of a report on boundaries and on the course of the season."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cscl.contract.resolutions import SCALES
from cscl.evaluation.class_sections import class_name
from cscl.evaluation.curves import distance_curves, season_curves
from cscl.evaluation.sections import METHODS, REFERENCES
from cscl.evaluation.summary import best_reference, bounds, percent, span, value
from cscl.pages.html import Markup, drawing, element, section, table

Report = Mapping[str, Any]
Row = Mapping[str, Any]


def boundaries(report: Report) -> Markup:
    """Boundary IoU, and accuracy by the distance to the nearest boundary."""
    reference = best_reference(report)
    about = (
        f"Against {REFERENCES[reference]}. Boundary IoU: of each class, only the pixels within one "
        "or two pixels of another class count, in truth and map, as intersection over union; the "
        "mean is over the classes."
    )
    bands = [row for row in report["boundary_iou"] if row["reference"] == reference]
    return section(
        "boundaries",
        "Boundaries",
        element("p", about),
        _band_table(report, bands),
        _class_table(report, bands),
        *_strengths(report),
        *_distances(report, reference),
    )


def _band_table(report: Report, bands: Sequence[Row]) -> Markup:
    methods = list(METHODS)
    body = []
    for row in sorted(bands, key=lambda r: (r["width"], methods.index(r["method"]))):
        keys = {key: row[key] for key in ("reference", "resolution", "method")}
        where = {**keys, "zone": f"band {row['width']}", "figure": "boundary_iou"}
        found = next((item for item in report["intervals"] if _has(item, where)), None)
        mean = percent(row["mean"])
        pixels = f"{row['width']} pixel" + ("s" if row["width"] > 1 else "")
        line = (
            f"{row['resolution']} m, {pixels}",
            METHODS[row["method"]],
            element("b", mean) if row["method"] == "network" else mean,
            span(found and bounds(found)),
            span(found and bounds(found.get("ahead")), signed=True),
        )
        body.append((row["resolution"], line))
    headers = ("Band", "Map", "Mean boundary IoU", "95 % interval", "Minus the forest")
    lines = [line for resolution in SCALES for of, line in body if of == resolution]
    return table(headers, lines, text=2)


def _strengths(report: Report) -> list[Markup]:
    """Average precision of the boundary strengths; none in reports of before."""
    names = {
        "probabilities": "class probabilities",
        "projections": "projections of the loss",
        "projections_10m": "projections at 10 m, upsampled",
    }
    lines = [
        (
            f"{row['resolution']} m",
            names[row["source"]] + (", mapped" if row["mapped"] else ""),
            percent(row["average_precision"]),
            percent(row["edge_share"]),
        )
        for row in report.get("boundary_strength", ())
    ]
    headers = ("Boundary strength", "Made from", "Average precision", "By chance")
    about = (
        "Average precision against the edges of the dataset's parcels, also between two of one "
        "crop: a pixel is right where an edge lies within one pixel of it."
    )
    return [element("p", about), table(headers, lines, text=2)] if lines else []


def _has(row: Row, where: Mapping[str, Any]) -> bool:
    return all(row[key] == item for key, item in where.items())


def _class_table(report: Report, bands: Sequence[Row]) -> Markup:
    """Boundary IoU by class at 10 m, the network's and the forest's."""
    shown = [row for row in bands if row["resolution"] == "10"]
    columns = [(method, row) for method in ("network", "forest")
               for row in shown if row["method"] == method]  # fmt: skip
    body = []
    for item in report["classes"]:
        cells = [percent(value(row["classes"], "iou", code=item["code"])) for _, row in columns]
        body.append((class_name(report, item["code"]), *cells))
    headers = ("At 10 m, by class", *(f"{METHODS[m]}, {row['width']} px" for m, row in columns))
    return table(headers, body)


def _distances(report: Report, reference: str) -> list[Markup]:
    rows = [
        row
        for row in report["distances"]
        if row["reference"] == reference and row["method"] != "ceiling"
    ]
    parts = [
        element("h3", "Accuracy by distance to the nearest boundary"),
        drawing(
            distance_curves(rows),
            "To the nearest pixel of another label; the last point is all that is farther.",
        ),
    ]
    for resolution in SCALES:
        of = [row for row in rows if row["resolution"] == resolution]
        if of:
            parts.append(_distance_table(resolution, of))
    return parts


def _distance_table(resolution: str, rows: Sequence[Row]) -> Markup:
    body = []
    before = 0
    for place, item in enumerate(rows[0]["bins"]):
        name = distance_name(resolution, before, item["limit"])
        before = item["limit"] or before
        cells = [percent(row["bins"][place]["accuracy"]) for row in rows]
        body.append((name, f"{item['pixels']:,}", *cells))
    headers = (f"Distance at {resolution} m", "Pixels", *(METHODS[row["method"]] for row in rows))
    folded = element("summary", f"Table, {resolution} m")
    return element("details", Markup(folded + table(headers, body)))


def distance_name(resolution: str, before: int, limit: int | None) -> str:
    """Return a bin's name: pixels at 10 m, metres where they are finer."""
    unit = "px" if resolution == "10" else "m"
    factor = 1.0 if resolution == "10" else float(resolution)
    if limit is None:
        return f"over {before * factor:g} {unit}"
    if resolution == "10" and limit > before + 1:
        return f"{before + 1} to {limit} px"
    return (
        f"{limit * factor:g} {unit}"
        if limit == before + 1
        else (f"{before * factor:g} to {limit * factor:g} {unit}")
    )


def season(report: Report) -> Markup:
    """Figures of the map by the day at which the season is cut."""
    reference = best_reference(report)
    rows = [row for row in report["until"] if row["reference"] == reference]
    if not rows:
        return Markup("")
    body = [
        (
            row["until"],
            row["dates"],
            row["last"],
            percent(row["seen"]),
            element("b", percent(row["overall_accuracy"])),
            percent(row["mean_iou"]),
            percent(row["boundary_accuracy"]),
            percent(row["interior_accuracy"]),
        )
        for row in rows
    ]
    headers = ("Until", "Dates", "Last image", "Seen", "Accuracy", "Mean IoU", "On boundaries",
               "Interior")  # fmt: skip
    about = (
        f"The 10 m map made from the dates until a day, against {REFERENCES[reference]}. Seen: the "
        "share of the scored pixels with a clear date by then; the figures are over these. The "
        "model was trained on whole seasons."
    )
    return section(
        "season",
        "Through the season",
        element("p", about),
        drawing(season_curves(rows), ""),
        table(headers, body),
    )
