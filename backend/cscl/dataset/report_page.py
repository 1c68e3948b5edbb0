"""The page of a dataset's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cscl.contract.codes import OUTSIDE
from cscl.dataset.report_charts import MOST_PANELS
from cscl.dataset.report_curves import NDVI
from cscl.dataset.report_map import COLOURS
from cscl.dataset.split import SPLITS
from cscl.pages.html import (
    Markup,
    definitions,
    drawing,
    element,
    embedded,
    joined,
    page,
    section,
    swatch,
    table,
)

Report = Mapping[str, Any]
CHIP_WIDTH = 1060
KINDS = {
    "blocks": "spatial blocks",
    "folds": "spatial blocks in folds",
    "tile": "spatial blocks, a tile held out",
    "year": "spatial blocks, a harvest year held out",
    "field": "a field of the parcels",
    "layer": "polygons of a layer",
}
NAVIGATION = (
    ("split", "Split"),
    ("classes", "Classes"),
    ("curves", "Season curves"),
    ("dates", "Dates and clouds"),
    ("chips", "Sample chips"),
    ("assumed", "Notes and findings"),
    ("origin", "Origin"),
)


@dataclass(frozen=True)
class Pictures:
    """PNG of the split and of the chips, SVG of the dates and of each quantity's curves."""

    split: bytes
    split_width: int
    chips: bytes
    dates: str
    curves: Mapping[str, str]


def render(report: Report, pictures: Pictures) -> str:
    """Return the report as one HTML document that loads nothing."""
    parts = [
        _split(report, pictures),
        _classes(report),
        _curves(report, pictures),
        _dates(report, pictures),
        _chips(report, pictures),
        _assumed(report),
        _origin(report),
    ]
    body = [_head(report), element("main", joined(parts))]
    return page(f"Dataset {report['name']}", body, report["version"])


def _head(report: Report) -> Markup:
    chips, dates, origin = report["chips"], report["dates"], report["origin"]
    crops = [row for row in report["classes"] if row["code"] < OUTSIDE and _used(row)]
    parcels = sum(share["parcels"] for row in crops for share in row["shares"].values())
    hectares = sum(share["hectares"] for row in crops for share in row["shares"].values())
    grids = origin["grids"]
    seasons = sorted({" to ".join(item["season"]) for item in grids})
    cards = [
        ("Parcels", f"{parcels:,}", f"{hectares:,.0f} ha in a split"),
        ("Classes", f"{len(crops)}", _largest(crops)),
        ("Chips", f"{sum(chips.values()):,}", f"{chips['training']:,} for training"),
        ("Dates", f"{len(dates)}", _clear(dates)),
    ]
    shown = joined(
        element(
            "div",
            joined([
                element("div", name, css="name"),
                element("div", figure, css="big"),
                element("div", beside, css="beside"),
            ]),
            css="card",
        )
        for name, figure, beside in cards
    )  # fmt: skip
    links = joined(element("a", title, href=f"#{name}") for name, title in NAVIGATION)
    lead = f"{len(grids)} grid{'s' if len(grids) > 1 else ''}, season {', '.join(seasons)}."
    return element(
        "header",
        joined([
            element("h1", f"Dataset {report['name']}"),
            element("p", lead, css="lead"),
            element("div", shown, css="cards"),
            element("nav", links),
        ]),
    )  # fmt: skip


def _largest(crops: Sequence[Mapping[str, Any]]) -> str:
    if not crops:
        return ""
    most = max(crops, key=lambda row: row["shares"]["training"]["pixels"])
    return f"most pixels: {most['name']}"


def _clear(dates: Sequence[Mapping[str, Any]]) -> str:
    if not dates:
        return ""
    return f"{sum(row['clear'] for row in dates) / len(dates):.0%} of the pixels clear"


def _split(report: Report, pictures: Pictures) -> Markup:
    split = report["origin"]["split"]
    text = (
        f"Split by {KINDS[split['kind']]}. Parcels stand in strong colours, land outside them in "
        f"light ones. No training label is taken within {split['guard']:g} m of validation and "
        "test ground: this guard is grey. "
    )
    lines = f"Lines are the borders of the blocks of {split['block_size']:g} m."
    if split["kind"] in ("field", "layer"):
        lines = f"Lines are blocks of {split['block_size']:g} m, over which intervals are drawn."
    caption = "A parcel belongs whole to the split of a point inside it."
    return section(
        "split", "Split", element("p", text + lines),
        embedded(pictures.split, "image/png", caption, width=pictures.split_width),
    )  # fmt: skip


def _classes(report: Report) -> Markup:
    rows, most = [row for row in report["classes"] if _used(row)], _most_pixels(report["classes"])
    absent = [row["name"] for row in report["classes"] if not _used(row)]
    body = []
    for row in rows:
        shares = [row["shares"][split] for split in SPLITS]
        cells: list[object] = [joined([swatch(row["colour"]), row["name"]])]
        cells.append(_bar([share["pixels"] for share in shares], most))
        for share in shares:
            cells += [f"{share['parcels']:,}", f"{share['hectares']:,.1f}", f"{share['pixels']:,}"]
        body.append(cells)
    totals = [
        (sum(row["shares"][s]["parcels"] for row in rows),
         sum(row["shares"][s]["hectares"] for row in rows),
         sum(row["shares"][s]["pixels"] for row in rows))
        for s in SPLITS
    ]  # fmt: skip
    last: list[object] = [element("b", "all"), ""]
    for parcels, hectares, pixels in totals:
        last += [element("b", text) for text in (f"{parcels:,}", f"{hectares:,.1f}", f"{pixels:,}")]
    body.append(last)
    return section(
        "classes",
        "Classes by split",
        element("p", "Pixels are the labelled ones of 10 m that are left after the guard."),
        table(
            ("Class", "Pixels", *(("Parcels", "ha", "Pixels") * 3)),
            body,
            text=2,
            groups=[("", 2), *((split.capitalize(), 3) for split in SPLITS)],
        ),
        element("p", f"In no split: {', '.join(absent)}.", css="quiet") if absent else "",
    )


def _used(row: Mapping[str, Any]) -> bool:
    return any(share["parcels"] or share["pixels"] for share in row["shares"].values())


def _most_pixels(rows: Sequence[Mapping[str, Any]]) -> int:
    return max((sum(s["pixels"] for s in row["shares"].values()) for row in rows), default=1)


def _bar(pixels: Sequence[int], most: int) -> Markup:
    """Return one bar of the three splits' pixels, relative to the largest class."""
    parts = "".join(
        f'<span style="display:inline-block;width:{100 * n / max(most, 1):.2f}%;'
        f'background:{COLOURS[split]}"></span>'
        for split, n in zip(SPLITS, pixels, strict=True)
    )
    return Markup(f'<span class="bar" style="white-space:nowrap;font-size:0">{parts}</span>')


def _curves(report: Report, pictures: Pictures) -> Markup:
    curves = report["curves"]
    text = (
        "Median of the clear pixels of each date, with the band that holds 10 to 90 % of them, "
        "from a sample of training pixels that no other class or land shares. Grey lines are the "
        "other classes."
    )
    if curves["pooled"]:
        text += " Dates of all grids are put together by ten days."
    parts: list[object] = [element("p", text)]
    for name, svg in pictures.curves.items():
        if name == NDVI or len(pictures.curves) == 1:
            parts += [element("h3", name), drawing(svg, "")]
        else:
            inner = joined([element("summary", f"{name} by class"), drawing(svg, "")])
            parts.append(element("details", inner))
    count = max((len(item) for item in curves["quantities"].values()), default=0)
    if not pictures.curves:
        parts = [element("p", "No class has unmixed training pixels.", css="quiet")]
    elif count > MOST_PANELS:
        more = f"The {MOST_PANELS} classes with most training pixels are drawn, of {count}."
        parts.append(element("p", more, css="quiet"))
    return section("curves", "Season curves", *parts)


def _dates(report: Report, pictures: Pictures) -> Markup:
    rows = [
        (
            row["month"],
            row["dates"],
            _percent(row["clear"]),
            _percent(row["cloud"]),
            _percent(row["best"]),
        )
        for row in report["months"]
    ]
    if not rows:
        return section("dates", "Dates and clouds", element("p", "No date is known.", css="quiet"))
    return section(
        "dates",
        "Dates and clouds",
        drawing(pictures.dates, "Share of clear pixels over the whole grid, date by date."),
        table(("Month", "Dates", "Clear, mean", "Cloud, mean", "Clear, best date"), rows),
    )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _chips(report: Report, pictures: Pictures) -> Markup:
    chips = report["chips"]
    text = (
        f"{chips['training']:,} chips hold training labels, {chips['validation']:,} validation and "
        f"{chips['test']:,} test labels; a chip that straddles splits counts for each of them."
    )
    caption = (
        "For each chip the image of its clearest date, its labels at both resolutions, and the "
        "pixels that more than one class or other land share (dark)."
    )
    return section(
        "chips",
        "Sample chips",
        element("p", text),
        embedded(pictures.chips, "image/png", caption, width=CHIP_WIDTH),
    )


def _assumed(report: Report) -> Markup:
    # The balance of classes has its own table above.
    notes = [note for note in report["notes"] if not note.startswith("Classes by split")]
    if not notes:
        body = element("p", "Nothing was noted.", css="quiet")
    else:
        body = element("ul", joined(element("li", note) for note in notes), css="notes")
    return section("assumed", "Notes and findings", body)


def _origin(report: Report) -> Markup:
    origin = report["origin"]
    grids = [
        (
            item["name"],
            item["crs"][:40],
            f"{item['width']:,} × {item['height']:,}",
            f"{item['resolution']:g} m",
            " to ".join(item["season"]),
            item["dates"],
        )
        for item in origin["grids"]
    ]
    return section(
        "origin",
        "Origin",
        definitions(
            [
                ("Dataset", element("code", origin["path"])),
                *((name.capitalize(), element("code", t)) for name, t in origin["sources"].items()),
                ("Classes", origin["classes"]),
                ("Bands", ", ".join(origin["bands"])),
                ("Level", origin["level"] or "not known"),
                ("Cloud mask", origin["mask"]),
                ("Chips", f"{origin['chip']} × {origin['chip']} pixels"),
                ("Other land", "a class of its own" if origin["outside"] == "class" else "ignored"),
                ("Split", f"{KINDS[origin['split']['kind']]}, seed {origin['split']['seed']}"),
                ("Fingerprint", element("code", origin["fingerprint"])),
                ("Command", element("code", origin["job"]) if origin["job"] else ""),
                ("Made with", f"cscl-backend {origin['made_with']}"),
                ("Report written", report["created"]),
            ]
        ),
        table(("Grid", "System", "Pixels", "Pixel", "Season", "Dates"), grids, text=3),
    )
