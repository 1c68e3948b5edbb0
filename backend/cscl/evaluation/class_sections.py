"""The sections of a report by class and by parcel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cscl.evaluation.sections import METHODS, REFERENCES, references_of
from cscl.evaluation.summary import best_reference, percent
from cscl.pages.html import Markup, bar, element, escaped, joined, section, swatch, table

Report = Mapping[str, Any]
Row = Mapping[str, Any]


def class_name(report: Report, code: int) -> Markup:
    """Return the swatch and name of a class."""
    for item in report["classes"]:
        if item["code"] == code:
            return Markup(swatch(item["colour"]) + element("bdi", item["name"]))
    return escaped(code)


def classes(report: Report) -> Markup:
    """Figures by class of the network's 10 m map, the random forest's IoU beside."""
    reference = best_reference(report)
    of = [
        row
        for row in report["per_class"]
        if row["reference"] == reference and row["resolution"] == "10"
    ]
    rows = []
    for row in of:
        if row["method"] != "network":
            continue
        forest = next(
            (r["iou"] for r in of if r["method"] == "forest" and r["code"] == row["code"]), None
        )
        rows.append(
            (
                class_name(report, row["code"]),
                bar(row["iou"]),
                element("b", percent(row["iou"])),
                percent(forest),
                percent(row["f1"]),
                percent(row["precision"]),
                percent(row["recall"]),
                f"{row['support']:,}",
            )
        )
    headers = (
        "Class", "", "IoU", "Forest’s IoU", "F1", "Precision (user’s)",
        "Recall (producer’s)", "Pixels",
    )  # fmt: skip
    about = f"At 10 m, against {REFERENCES[reference]}. A dash: the class does not occur."
    return section("classes", "Classes", element("p", about), table(headers, rows, text=2))


def confusions(report: Report) -> Markup:
    """The confusion matrix of the network's 10 m map, the forest's folded away."""
    reference = best_reference(report)
    parts: list[object] = [
        element(
            "p",
            f"At 10 m, against {REFERENCES[reference]}. Rows are the {reference}, columns the map; "
            "pixels, shaded by their share of the row.",
        )
    ]
    for found in report["confusion"]:
        if found["reference"] != reference or found["resolution"] != "10":
            continue
        shown = _matrix(report, found)
        if found["method"] != "network":
            title = element("summary", f"{METHODS[found['method']]}’s confusion matrix")
            shown = element("details", joined([title, shown]))
        parts.append(shown)
    return section("confusion", "Confusion matrix", *parts)


def _matrix(report: Report, found: Row) -> Markup:
    matrix, codes = found["matrix"], found["codes"]
    used = [
        place
        for place in range(len(codes))
        if sum(matrix[place]) or sum(line[place] for line in matrix)
    ]
    named = {item["code"]: item["name"] for item in report["classes"]}
    head = joined(
        [
            element("th"),
            *(
                element("th", element("bdi", named[codes[place]]), css="figure", scope="col")
                for place in used
            ),
        ]
    )
    lines = []
    for row in used:
        whole = sum(matrix[row]) or 1
        cells = [element("th", class_name(report, codes[row]), scope="row")]
        cells += [_cell(matrix[row][column], whole, row == column) for column in used]
        lines.append(element("tr", joined(cells)))
    inner = joined([element("thead", element("tr", head)), element("tbody", joined(lines))])
    return element("div", element("table", inner, css="matrix"), css="scroll")


def _cell(count: int, whole: int, hit: bool) -> Markup:
    share = count / whole
    colour = "47,125,91" if hit else "192,115,30"
    ink = ";color:#fff" if hit and share > 0.55 else ""
    return element(
        "td",
        f"{count:,}" if count else "·",
        css="figure hit" if hit else "figure",
        style=f"background:rgba({colour},{(0.95 if hit else 0.65) * share:.2f}){ink}",
    )


def parcels(report: Report) -> Markup:
    """Share of the split's parcels that the map gets right."""
    rows = []
    for reference in references_of(report):
        rows += [
            (
                f"{METHODS[row['method']]}, {row['resolution']} m",
                REFERENCES[reference],
                element("b", percent(row["accuracy"])),
                percent(row["area_accuracy"]),
                f"{row['right']:,} of {row['scored']:,}",
                f"{row['parcels'] - row['scored']:,}",
            )
            for row in report["parcels"]
            if row["reference"] == reference
        ]
    headers = ("Map", "Against", "By count", "By area", "Right", "Not scored")
    about = (
        "A parcel’s crop is the class with the largest sum of probabilities over its pixels. Not "
        "scored: parcels without a pixel in the split, or of a class that the model does not know."
    )
    return section("parcels", "Parcels", element("p", about), table(headers, rows, text=2))
