"""The page of an area estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cscl.evaluation.area_charts import area_intervals
from cscl.pages.html import (
    Markup,
    definitions,
    drawing,
    element,
    joined,
    page,
    section,
    swatch,
    table,
)

Report = Mapping[str, Any]
Row = Mapping[str, Any]
TITLE = "Areas and accuracy from a sample"


def render(report: Report) -> str:
    """Return the report of the job `area` as one HTML document."""
    parts = [
        _areas(report),
        _accuracy(report),
        _matrix(report),
        _units(report),
        _how(report),
    ]
    body = [_head(report), element("main", joined(part for part in parts if part))]
    return page(TITLE, body, report["version"])


def _head(report: Report) -> Markup:
    overall = report["overall_accuracy"]
    largest = max(report["classes"], key=lambda item: item["area_ha"])
    cards = [
        ("Overall accuracy of the map", _share(overall), "share of the area"),
        ("Labelled points", f"{report['points']:,}", f"in {len(report['strata'])} strata"),
        ("Area", f"{hectares(report['hectares'])} ha", "all strata together"),
        (f"Largest: {largest['name']}", _hectares(largest), "95 % interval"),
    ]
    shown = joined(
        element(
            "div",
            joined(
                [
                    element("div", name, css="name"),
                    element("div", figure, css="big", style="font-size:1.55rem"),
                    element("div", beside, css="beside"),
                ]
            ),
            css="card",
        )
        for name, figure, beside in cards
    )
    lead = "Estimated from points drawn at random and labelled, not counted from the map."
    return element(
        "header",
        joined(
            [
                element("h1", TITLE),
                element("p", lead, css="lead"),
                element("div", shown, css="cards"),
            ]
        ),
    )


def _areas(report: Report) -> Markup:
    rows = [
        (
            _name(item),
            f"{item['mapped_ha']:,.1f}",
            element("b", f"{item['area_ha']:,.1f}"),
            *_interval(item),
            f"{100 * item['share']:.1f} %",
            f"{item['points']:,}",
        )
        for item in report["classes"]
    ]
    headers = ("Class", "On the map, ha", "Estimate, ha", "± 95 %", "Interval, ha", "Share",
               "Points")  # fmt: skip
    about = (
        "Counting a map’s pixels counts its errors too. The estimate corrects them by what the "
        "labelled points show; where its interval does not hold the mapped area, the map is "
        "biased for that class. A dash: no point, or every one, is of the class."
    )
    return section(
        "areas",
        "Area by class",
        element("p", about),
        drawing(area_intervals(report["classes"]), "Bars: 95 % intervals. Hollow: on the map."),
        table(headers, rows),
    )


def _accuracy(report: Report) -> Markup:
    rows = [
        (_name(item), element("b", _share(item["users_accuracy"])),
         element("b", _share(item["producers_accuracy"])))
        for item in report["classes"]
    ]  # fmt: skip
    headers = ("Class", "User’s accuracy", "Producer’s accuracy")
    about = (
        "User’s: of the area mapped as a class, the share that is it. Producer’s: of a class’s "
        "true area, the share that is mapped as it. ± is half the 95 % interval."
    )
    return section("accuracy", "Accuracy by class", element("p", about), table(headers, rows))


def _matrix(report: Report) -> Markup:
    named = [item["name"] for item in report["classes"]]
    body = [
        (_name(item), *(f"{100 * cell:.2f}" if cell else "·" for cell in row))
        for item, row in zip(report["classes"], report["matrix"], strict=True)
    ]
    about = "Estimated share of the area, per cent. Rows are the map, columns the truth."
    return section("matrix", "Error matrix", element("p", about), table(("", *named), body))


def _units(report: Report) -> Markup:
    if not report["units"]:
        return Markup("")
    classes = report["classes"]
    body = []
    for row in report["units"]:
        of = {item["code"]: item for item in row["classes"]}
        cells = [_unit_cell(of.get(item["code"]), row["estimated"]) for item in classes]
        body.append((row["unit"] or "(no name)", hectares(row["hectares"]),
                     f"{row['points']:,}", *cells))  # fmt: skip
    about = (
        "Hectares, with half the 95 % interval. Poststratified by the map’s class within each "
        "unit. In grey: the area on the map alone, where a unit has too few points for an estimate."
    )
    headers = ("Unit", "ha", "Points", *(item["name"] for item in classes))
    return section("units", "Area by unit", element("p", about), table(headers, body))


def _unit_cell(item: Row | None, estimated: bool) -> object:
    if item is None:
        return "·"
    if not estimated:
        return element("span", hectares(item["mapped_ha"]), css="quiet")
    return f"{hectares(item['area_ha'])}{_margin(item)}"


def _how(report: Report) -> Markup:
    estimators = (
        "Strata are the map’s classes: Olofsson et al. 2014."
        if report["strata_are_classes"]
        else "Strata are not this map’s classes: Stehman 2014."
    )
    strata: Sequence[Row] = report["strata"]
    return section(
        "how",
        "How it was estimated",
        element("p", f"{estimators} Intervals are ± 1.96 standard errors."),
        table(
            ("Stratum", "Pixels", "Points"),
            [(_stratum(report, row), f"{row['pixels']:,}", f"{row['points']:,}") for row in strata],
        ),
        element("ul", joined(element("li", note) for note in report["notes"]), css="notes"),
        definitions(
            [
                ("Map", element("code", report["map"])),
                ("Sample", element("code", report["sample"])),
                ("Written", report["created"]),
            ]
        ),
    )


def _stratum(report: Report, row: Row) -> object:
    """Return a stratum's class where it is one of the map's, else its name."""
    of = {str(item["code"]): item for item in report["classes"]}
    if report["strata_are_classes"] and row["stratum"] in of:
        return _name(of[row["stratum"]])
    return row["stratum"]


def _name(item: Row) -> Markup:
    return Markup(swatch(item["colour"]) + element("bdi", item["name"]))


def _share(figure: Row) -> str:
    if figure["value"] is None:
        return "–"
    if figure["standard_error"] is None:
        return f"{100 * figure['value']:.1f} %"
    return f"{100 * figure['value']:.1f} % ± {196 * figure['standard_error']:.1f}"


def _hectares(item: Row) -> str:
    return f"{hectares(item['area_ha'])}{_margin(item)} ha"


def hectares(area: float) -> str:
    """Return an area in hectares, small ones with one decimal."""
    return f"{area:,.1f}" if area < 100 else f"{area:,.0f}"


def _margin(item: Row) -> str:
    error = item["standard_error_ha"]
    return "" if error is None else f" ± {hectares(1.96 * error)}"


def _interval(item: Row) -> tuple[str, str]:
    if item["standard_error_ha"] is None:
        return "–", "–"
    return (
        f"± {item['standard_error_ha'] * 1.96:,.1f}",
        f"{item['low_ha']:,.1f} to {item['high_ha']:,.1f}",
    )
