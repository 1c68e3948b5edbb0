"""The report and the preview: what stands in them, and that nothing in them is a trap."""

from __future__ import annotations

import html.parser
import json
import re
from pathlib import Path

import numpy as np
import pytest
from cscl.contract.errors import UserError
from cscl.evaluation.background import calibration
from cscl.evaluation.describe import smoke_reasons
from cscl.evaluation.preview_data import busiest
from cscl.evaluation.report import read_report, write_report
from cscl.evaluation.summary import duration, percent, print_tables, stage_table, summary
from cscl.grid import Window
from cscl.pages.colours import colour_bands
from evaluation_sample import made_up_report
from PIL import Image
from rich.console import Console

HOSTILE = '<b>"x" & $y$</b><script>alert(1)</script>'


class Reader(html.parser.HTMLParser):
    """Collects the elements, their attributes and the text of a page; checks the nesting."""

    VOID = ("meta", "img", "br", "link")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def page_of(folder: Path) -> tuple[str, Reader]:
    text = (folder / "report.html").read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return text, reader


def test_report_json_holds_every_figure_and_is_read_back(tmp_path: Path):
    report = made_up_report()
    write_report(report, tmp_path)
    assert read_report(tmp_path / "report.json") == json.loads(json.dumps(report))
    (tmp_path / "report.json").write_text('{"schema": 99}')
    with pytest.raises(UserError, match="no report of version 1"):
        read_report(tmp_path / "report.json")


def test_the_page_is_one_file_that_loads_nothing_and_runs_nothing(tmp_path: Path):
    picture = tmp_path / "preview.png"
    Image.new("RGB", (8, 8), "green").save(picture)
    write_report(made_up_report(), tmp_path, pictures={"The map": picture})
    text, reader = page_of(tmp_path)
    names = [name for name, _ in reader.elements]
    assert not {"script", "link", "iframe", "object", "embed", "form"} & set(names)
    for _, attributes in reader.elements:
        assert not [key for key in attributes if key.startswith("on")]
        for key in ("src", "href", "xlink:href", "data"):
            target = attributes.get(key)
            assert target is None or target.startswith(("#", "data:image/png;base64,"))
    # Every address in the page is the name of an XML namespace.
    addresses = set(re.findall(r"https?://[^\s\"'<>)]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "@import" not in text and not re.search(r"url\((?!#)", text)
    assert names.count("img") == 1 and "svg" in names


def test_references_inside_drawings_resolve_and_are_unique(tmp_path: Path):
    write_report(made_up_report(), tmp_path)
    text, reader = page_of(tmp_path)
    identifiers = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    used = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text))
    assert {one or other for one, other in used} <= set(identifiers)


def test_the_figures_stand_in_the_page(tmp_path: Path):
    report = made_up_report()
    write_report(report, tmp_path)
    _, reader = page_of(tmp_path)
    text = " ".join(" ".join(reader.text).split())
    for row in summary(report):
        assert percent(row.network) in text and percent(row.forest) in text
    for zone in ("crop|crop", "boundary 5x5", "within 2.5 m", "beyond 10 m"):
        assert zone in text
    for words in ("Something was assumed.", "Random forest", "Confusion matrix", "Calibration"):
        assert words in text
    assert "Smoke level" not in text


def test_names_are_text_and_nothing_else(tmp_path: Path):
    report = made_up_report(names=(HOSTILE, "a\u202eb", "$\\frac{", "other land"))
    report["notes"] = [HOSTILE]
    report["commands"]["evaluate"] = HOSTILE
    report["classes"][0]["colour"] = '"><script>'
    write_report(report, tmp_path)
    text, reader = page_of(tmp_path)
    assert not [name for name, _ in reader.elements if name == "script"]
    assert "<script" not in text and "\u202e" not in text
    assert "".join(reader.text).count(HOSTILE) >= 4


def test_a_report_at_smoke_level_says_so_and_renders_without_truth_forest_or_curves(
    tmp_path: Path,
):
    report = made_up_report(references=("declared",), side=4)
    report |= {"forest": None, "curves": [], "parcels": [], "calibration": [], "notes": []}
    report["zones"] = [row for row in report["zones"] if row["method"] == "network"]
    report["smoke"] = ["The test split has 16 labelled pixels, fewer than 5,000."]
    report["model"]["training"] = {}
    report["until"] = []
    write_report(report, tmp_path)
    text = " ".join(" ".join(page_of(tmp_path)[1].text).split())
    assert "Through the season" not in text
    assert "Smoke level" in text and "16 labelled pixels" in text
    assert "No random forest" in text and "against the truth" not in text


def test_summary_rows_carry_what_the_issue_asks_for():
    report = made_up_report()
    rows = {(row.title, row.resolution): row for row in summary(report)}
    wanted = {
        "Overall accuracy",
        "Mean IoU",
        "Accuracy on boundaries",
        "Accuracy in the interior",
        "Accuracy on mixed pixels",
        "Accuracy on pure pixels",
        "Parcels right",
        "Parcel area right",
    }
    assert wanted <= {title for title, _ in rows}
    truth = [
        row
        for row in report["zones"]
        if (row["reference"], row["resolution"], row["method"], row["zone"])
        == ("truth", "10", "network", "boundary")
    ]
    assert rows["Accuracy on boundaries", "10"].network == truth[0]["overall_accuracy"]
    assert rows["Overall accuracy", "10"].verdict == "yes"
    assert len(stage_table(report)) == len(rows)


def test_not_shown_stands_where_the_network_is_not_ahead():
    report = made_up_report()
    for row in report["intervals"]:
        if row["method"] == "network" and row["zone"] == "boundary":
            row["ahead"]["low"] = -0.01
    verdicts = {row.title: row.verdict for row in summary(report) if row.resolution == "10"}
    assert verdicts["Accuracy on boundaries"] == "not shown"
    report["zones"] = [row for row in report["zones"] if row["method"] != "forest"]
    assert {row.verdict for row in summary(report) if row.unit == "pixels"} == {""}


def test_a_temperature_that_stays_1_or_does_harm_is_told():
    report = made_up_report()
    for row in report["calibration"]:
        row["temperature"] = 1.0 if row["resolution"] == "10" else 2.0
        row["error_before"], row["error_after"] = 0.02, 0.02 + 0.03 * (row["resolution"] != "10")
    for row in report["parcel_calibration"]:
        row["temperature"] = 1.0
    section = str(calibration(report))
    assert "It stays 1 where fitting it made the error there worse" in section
    assert "On this split it makes the error worse at 2.5 m" in section
    assert "It stays 1 at 10 m: fitting it made" in section


def test_nothing_is_judged_at_smoke_level():
    report = made_up_report() | {"smoke": ["The test split has 3 parcels, fewer than 30."]}
    assert {row.verdict for row in summary(report)} == {""}


def test_smoke_level_is_told_from_pixels_parcels_and_parcels_on_the_pixel_grid():
    report = made_up_report()
    reasons = smoke_reasons(report)
    assert len(reasons) == 2 and "2,304 labelled pixels" in reasons[0] and "8 parcels" in reasons[1]
    for row in report["zones"]:
        row["pixels"] *= 0 if row["zone"] == "mixed" else 10
    for row in report["parcels"]:
        row["scored"] = 30
    assert [reason[:18] for reason in smoke_reasons(report)] == ["No pixel is mixed:"]


def test_the_tables_on_the_terminal_hold_the_figures():
    report = made_up_report(names=("[bold]x", "maize", "beet", "other land"))
    report["stages"] = [{"title": "Map", "seconds": 75.0, "result": "[red]48 x 48"}]
    console = Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    print_tables(report, console)
    text = console.export_text()
    assert "1:15 min" in text and "[red]48 x 48" in text
    assert percent(summary(report)[0].network) in text


def test_times_and_shares_in_words():
    assert [duration(x) for x in (None, 8.06, 185, 7500)] == ["–", "8.1 s", "3:05 min", "2:05 h"]
    assert [percent(x) for x in (None, 0.1234, 1)] == ["–", "12.3 %", "100.0 %"]


def test_the_part_shown_larger_lies_where_most_crops_meet():
    fine = np.full((4 * 100, 4 * 100), 1, np.uint8)
    fine[4 * 60 : 4 * 80, 4 * 10 : 4 * 12] = 2
    fine[4 * 60 : 4 * 80, 4 * 20 : 4 * 24] = 3
    fine[:, 4 * 90 :] = 254
    part = busiest(fine, Window(5, 7, 100, 100))
    assert part is not None and (part.height, part.width) == (32, 32)
    assert part.row - 5 <= 60 and part.row - 5 + 32 >= 80
    assert part.col - 7 <= 10 and part.col - 7 + 32 >= 24
    assert busiest(fine[:160, :160], Window(0, 0, 40, 40)) is None


def test_colours_follow_the_bands():
    assert colour_bands(("B02", "B03", "B04", "B08")) == (("B04", "B03", "B02"), "")
    assert colour_bands(("B05", "B06", "B07", "B8A", "B11", "B12"))[0] == ("B8A", "B11", "B05")
    assert colour_bands(("B08",)) == (("B08", "B08", "B08"), "\nfalse colour B08 B08 B08")
