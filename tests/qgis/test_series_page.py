"""The page of time series, by clicks: with answers from a table, and a whole story for real."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dock_windows import CANVAS, PlainWindow, lay_beside, settle, too_small
from fake_questions import FakeQuestions
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsDateTimeRange,
    QgsFeature,
    QgsGeometry,
    QgsMimeDataUtils,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsTemporalNavigationObject,
    QgsVectorLayer,
)
from qgis.gui import QgsMapCanvas, QgsMapToolPan, QgsMessageBar
from qgis.PyQt.QtCore import QDate, QMimeData, QPoint, QPointF, Qt, QUrl
from qgis.PyQt.QtGui import QColor, QDropEvent, QImage, QPalette
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QDockWidget, QTreeWidget

WIDTH = 350
BANDS = ["B02", "B03", "B04", "B08", "SCL"]
UTM = "EPSG:32631"


class Window(PlainWindow):
    """A window with a map and what the page asks QGIS's interface for."""

    def __init__(self) -> None:
        super().__init__()
        self.canvas = QgsMapCanvas()
        self.canvas.setMinimumWidth(CANVAS)
        self.canvas.setDestinationCrs(QgsCoordinateReferenceSystem(UTM))
        self.canvas.setExtent(QgsRectangle(500000, 5600000, 501000, 5601000))
        self.controller = QgsTemporalNavigationObject()
        self.canvas.setTemporalController(self.controller)
        self.setCentralWidget(self.canvas)
        self.bar = QgsMessageBar(self.canvas)


@pytest.fixture()
def window_kind() -> type[Window]:
    """A window with a map that plays through time."""
    return Window


def row(number: int, date: str | None, **changes: Any) -> dict[str, Any]:
    """Return a row of the table of images."""
    values = {
        "id": f"{number}.tif", "date": date, "source": f"{number}.tif",
        "path": f"/data/{number}.tif", "bands": BANDS, "level": "L2A", "baseline": "",
        "cloud": None, "valid": None, "resolution": 10.0, "grid": "g", "used": date is not None,
        "problem": "", "asked": [],
    }  # fmt: skip
    return {**values, **changes}


ROWS = [
    row(1, "2021-04-01"),
    row(2, "2021-05-01"),
    row(3, "2021-06-01"),
    row(4, None, problem="it tells no date. Name it after its date.", asked=["date"]),
]


@pytest.fixture()
def questions(plugin: SimpleNamespace, tmp_path: Path) -> FakeQuestions:
    """An engine that knows four images; the fourth has no date until it is told."""
    picture = tmp_path / "picture.png"
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(QColor("#ff0000"))
    image.save(str(picture))

    def look(values: dict[str, Any]) -> dict[str, Any]:
        dates, bands = values.get("dates_of", {}), values.get("bands_of", {})
        rows = []
        for item in ROWS:
            told = dict(item)
            if item["source"] in dates:
                told |= {"date": dates[item["source"]], "problem": "", "used": True, "asked": []}
            if item["source"] in bands:
                told["bands"] = bands[item["source"]].split()
            rows.append(told)
        return {
            "rows": rows,
            "grids": [
                {"name": "g", "crs": UTM, "extent": [0, 0, 1, 1], "size": [100, 100], "images": 4}
            ],
            "season": values.get("season", "2021-04-01/2021-06-30"),
            "findings": [],
            "notes": ["No season was given."],
            "wanted_bands": BANDS,
        }

    def clouds(values: dict[str, Any]) -> dict[str, Any]:
        number = int(values["id"].split(".")[0])
        return {"id": values["id"], "cloud": number / 10, "valid": 1 - number / 10}

    def thumbnail(values: dict[str, Any]) -> dict[str, Any]:
        return {
            "path": str(picture), "width": 8, "height": 8, "extent": [0, 0, 1, 1], "crs": UTM,
        }  # fmt: skip

    return FakeQuestions(plugin, {"look": look, "clouds": clouds, "thumbnail": thumbnail})


def make_page(plugin: SimpleNamespace, window: Window, questions: Any = None) -> Any:
    """Return a page in a dock of its window, narrow as in QGIS."""
    workspace = plugin.load("cscl_qgis.gui.workspace").Workspace(window)
    if questions is not None:
        workspace.questions.close()
        workspace.questions = questions
    page = plugin.load("cscl_qgis.gui.pages.series").SeriesPage(workspace)
    dock = QDockWidget("Crop mapping", window)
    dock.setWidget(page)
    lay_beside(window, dock, WIDTH, 860)
    return page


@pytest.fixture()
def page(plugin: SimpleNamespace, window: Window, questions: FakeQuestions) -> Iterator[Any]:
    """A page whose engine answers from a table."""
    made = make_page(plugin, window, questions)
    yield made
    made.close_down()
    made.workspace.runner.close()


def looked(page: Any, qtbot: Any, path: str = "/data") -> Any:
    """Add a folder and wait for its images with their clouds; return the model."""
    page.sources.add_paths([path])
    model = page.dates.model
    qtbot.waitUntil(lambda: len(model.rows) == 4, timeout=20000)
    qtbot.waitUntil(lambda: all(model.has_shares(item) for item in model.rows[:3]), timeout=20000)
    return model


def text(model: Any, place: int, column: int) -> str:
    """Return what a cell shows."""
    return model.data(model.index(place, column), Qt.ItemDataRole.DisplayRole)


def edit(page: Any, qtbot: Any, place: int, column: int, typed: str) -> None:
    """Open a cell with a double click, type, and press Return."""
    table = page.dates.table
    index = table.images.index(place, column)
    area = table.visualRect(index)
    spot = QPoint(area.right() - 6, area.center().y())
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    editor = table.viewport().focusWidget()
    editor.clear()
    QTest.keyClicks(editor, typed)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    settle()


class TestSources:
    def test_layers_come_with_their_groups_and_a_group_ticks_its_own(
        self, page: Any, scene: Path, qtbot: Any
    ) -> None:
        add_raster_layers(scene, 3)
        page.sources.choose_layers()
        dialog = page.window().findChild(QDialog, "cscl_layers_dialog")
        tree = dialog.findChild(QTreeWidget, "cscl_layers_tree")
        assert [tree.topLevelItem(at).text(0) for at in range(tree.topLevelItemCount())] == [
            "Season"
        ]
        button = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
        assert not button.isEnabled()
        tree.topLevelItem(0).setCheckState(0, Qt.CheckState.Checked)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        names = [item.name for item in page.sources.sources()]
        assert names == ["Season / day 0", "Season / day 1", "Season / day 2"]
        files = sorted(str(path) for path in scene.glob("*.tif"))[:3]
        assert page.sources.images() == ";".join(files)
        assert page.sources.list.item(0).text() == "Season / day 0"

    def test_f69_a_layer_of_a_service_is_refused_as_plain_text(
        self, page: Any, window: Window
    ) -> None:
        layer = QgsRasterLayer("type=xyz&url=http://127.0.0.1/{x}", "<b>tiles</b>", "wms")
        page.sources.add_layers([layer])
        assert "it comes from a service (wms), not from a file" in window.message()
        assert "&lt;b&gt;tiles" in window.message()
        assert page.sources.sources() == []

    def test_files_and_layers_are_dropped(self, page: Any, scene: Path) -> None:
        files = sorted(scene.glob("*.tif"))
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(files[0])), QUrl("http://example.org/a.tif")])
        drop(page.sources.list, data)
        assert page.sources.images() == str(files[0])
        layer = add_raster_layers(scene, 2)[1]
        drop(page.sources.list, QgsMimeDataUtils.encodeUriList([QgsMimeDataUtils.Uri(layer)]))
        assert page.sources.images() == f"{files[0]};{files[1]}"

    def test_the_same_is_listed_once_and_what_is_removed_is_gone(self, page: Any) -> None:
        page.sources.add_paths(["/data/a", "/data/b", "/data/a"])
        assert page.sources.images() == "/data/a;/data/b"
        page.sources.list.item(0).setSelected(True)
        QTest.mouseClick(page.sources.remove_button, Qt.MouseButton.LeftButton)
        assert page.sources.images() == "/data/b"
        page.sources.list.item(0).setSelected(True)
        QTest.keyClick(page.sources.list, Qt.Key.Key_Delete)
        assert page.sources.images() == ""
        assert not page.run_button.isEnabled()

    @pytest.mark.parametrize("path", ["/vsicurl/http://x/a.tif", "/data/a;b", "http://x/a.tif"])
    def test_f23_what_no_job_may_name_is_refused(
        self, page: Any, window: Window, path: str
    ) -> None:
        page.sources.add_paths([path])
        assert page.sources.sources() == []
        assert "Choose another place for it." in window.message()


class TestDates:
    def test_the_table_shows_what_the_engine_said(self, page: Any, qtbot: Any) -> None:
        model = looked(page, qtbot)
        assert [text(model, 0, column) for column in range(5)] == [
            "2021-04-01", "10 %", "90 %", "5/5", "1.tif",
        ]  # fmt: skip
        assert text(model, 3, 0) == "no date"
        assert text(model, 3, 1) == ""
        assert page.dates.summary.text() == (
            "3 of 4 images are used. One has a fault: choose it to see which. "
            "Season 2021-04-01 to 2021-06-30."
        )
        page.dates.table.choose_row(3)
        assert page.dates.problem.text() == "4.tif: it tells no date. Name it after its date."
        assert page.dates.problem.isVisible()
        page.dates.table.choose_row(0)
        assert not page.dates.problem.isVisible()

    def test_pictures_are_asked_for_once_and_shown(
        self, page: Any, qtbot: Any, questions: FakeQuestions
    ) -> None:
        model = looked(page, qtbot)
        qtbot.waitUntil(lambda: len(questions.of("thumbnail")) == 3, timeout=20000)
        settle()
        page.dates.table.viewport().repaint()
        settle()
        assert [item["id"] for item in questions.of("thumbnail")].count("1.tif") == 1
        assert "4.tif" not in [item["id"] for item in questions.of("thumbnail")]
        assert [item["id"] for item in questions.of("thumbnail")] == ["1.tif", "2.tif", "3.tif"]
        assert questions.of("thumbnail")[0]["bands"] == ["B04", "B03", "B02"]
        icon = model.data(model.index(0, 0), Qt.ItemDataRole.DecorationRole)
        image = icon.pixmap(16, 16).toImage()
        assert QColor(image.pixel(8, 8)).name() == "#ff0000"

    def test_pictures_of_rows_that_nobody_sees_are_not_asked_for(
        self, page: Any, qtbot: Any, questions: FakeQuestions
    ) -> None:
        many = [row(number, f"2021-04-{number:02d}") for number in range(1, 29)] + [
            row(100 + number, f"2021-05-{number:02d}") for number in range(1, 31)
        ]
        answer = questions.answers["look"]
        questions.answers["look"] = lambda values: {**answer(values), "rows": many}
        page.sources.add_paths(["/data"])
        qtbot.waitUntil(lambda: len(page.dates.model.rows) == 58, timeout=20000)
        qtbot.waitUntil(lambda: len(questions.of("clouds")) == 58, timeout=20000)
        assert 3 <= len(questions.of("thumbnail")) < 30

    def test_a_wrong_date_is_mended_in_its_cell(
        self, page: Any, qtbot: Any, questions: FakeQuestions, window: Window
    ) -> None:
        model = looked(page, qtbot)
        edit(page, qtbot, 3, 0, "soon")
        assert "soon is no day. Write it as 2021-06-01." in window.message()
        edit(page, qtbot, 3, 0, "2021-06-20")
        qtbot.waitUntil(lambda: text(model, 3, 0) == "2021-06-20", timeout=20000)
        assert questions.of("look")[-1]["dates_of"] == {"4.tif": "2021-06-20"}
        assert page.dates.summary.text().startswith("4 of 4 images are used.")
        edit(page, qtbot, 3, 0, "")
        qtbot.waitUntil(lambda: text(model, 3, 0) == "no date", timeout=20000)

    def test_what_is_typed_stays_while_pictures_come_in(
        self, page: Any, qtbot: Any, tmp_path: Path
    ) -> None:
        model = looked(page, qtbot)
        table = page.dates.table
        table.edit(model.index(0, 0))
        editor = table.viewport().focusWidget()
        editor.setText("2021-04-0")
        model.show_picture("1.tif", str(tmp_path / "picture.png"))
        model.show_shares("1.tif", 0.5, 0.5)
        assert editor.text() == "2021-04-0"

    def test_bands_are_named_for_all_selected_rows(
        self, page: Any, qtbot: Any, questions: FakeQuestions
    ) -> None:
        model = looked(page, qtbot)
        page.dates.table.selectAll()
        table = page.dates.table
        index = model.index(0, 3)
        table.edit(index)
        editor = table.viewport().focusWidget()
        assert editor.text() == "B02 B03 B04 B08 SCL"
        editor.setText("B04, B03 B02 - SCL")
        QTest.keyClick(editor, Qt.Key.Key_Return)
        names = {f"{number}.tif": "B04 B03 B02 - SCL" for number in (1, 2, 3, 4)}
        qtbot.waitUntil(lambda: questions.of("look")[-1].get("bands_of") == names, timeout=20000)
        qtbot.waitUntil(lambda: text(model, 0, 3) == "4/5", timeout=20000)
        tip = model.data(model.index(0, 3), Qt.ItemDataRole.ToolTipRole)
        assert tip == "Found: B04, B03, B02, -, SCL\nLacking: B08"

    def test_options_that_all_images_allow_are_a_click_away(
        self, page: Any, qtbot: Any, questions: FakeQuestions, window: Window
    ) -> None:
        answer = questions.answers["look"]

        def without_infrared(values: dict[str, Any]) -> dict[str, Any]:
            lacking = {"bands": BANDS[:3], "problem": "it lacks B08, SCL. Choose others."}
            if values.get("mask") == "none":
                lacking["problem"] = ""
            rows = [{**ROWS[0], **lacking}, {**ROWS[1], **lacking, "bands": BANDS[:2]}]
            return {**answer(values), "rows": rows}

        questions.answers["look"] = without_infrared
        page.sources.add_paths(["/data"])
        qtbot.waitUntil(page.dates.mend_button.isVisible, timeout=20000)
        said = "Bands: B02, B03; Cloud mask: No mask"
        assert page.dates.mend_button.toolTip() == said
        QTest.mouseClick(page.dates.mend_button, Qt.MouseButton.LeftButton)
        assert said in window.message()
        qtbot.waitUntil(lambda: questions.of("look")[-1].get("mask") == "none", timeout=20000)
        assert questions.of("look")[-1]["bands"] == ["B02", "B03"]
        qtbot.waitUntil(lambda: not page.dates.mend_button.isVisible(), timeout=20000)

    def test_products_and_steps_of_cubes_are_not_mended_where_they_tell(
        self, plugin: SimpleNamespace
    ) -> None:
        kind = plugin.load("cscl_qgis.gui.series.images").ImageRow
        product = kind.of(row(1, "2021-04-01", source="A.SAFE", path="/data/A.SAFE"))
        step = kind.of(row(1, "2021-04-01", source="a.nc: step 3 (2021-04-01)", path="/data/a.nc"))
        assert (product.takes_date, product.takes_bands) == (False, False)
        assert (step.takes_date, step.takes_bands, step.told_name) == (False, True, "a.nc")

    def test_a_day_is_switched_off_by_its_tick(self, page: Any, qtbot: Any) -> None:
        model = looked(page, qtbot)
        table = page.dates.table
        area = table.visualRect(model.index(1, 0))
        spot = QPoint(area.left() + 8, area.center().y())
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        assert page.said.without == {"2021-05-01"}
        assert [dot.used for dot in page.dates.timeline.dots()] == [True, False, True]
        assert page.dates.summary.text().startswith("2 of 4 images are used.")
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        assert page.said.without == set()

    def test_dates_with_hardly_a_valid_pixel_are_told_and_not_counted_as_used(
        self, page: Any, qtbot: Any, questions: FakeQuestions
    ) -> None:
        """The engine leaves out dates below 5 %; those of an area of interest say nothing."""
        valid = {"1.tif": 0.04, "2.tif": 0.05, "3.tif": 0.6}
        questions.answers["clouds"] = lambda values: {
            "id": values["id"], "cloud": 0.1, "valid": valid[values["id"]]
        }  # fmt: skip
        model = looked(page, qtbot)
        summary = page.dates.summary
        qtbot.waitUntil(lambda: summary.text().startswith("2 of 4"), timeout=20000)
        assert summary.text().startswith(
            "2 of 4 images are used. One has less than 5 % valid pixels and is left out. One has"
        )
        assert [dot.used for dot in page.dates.timeline.dots()] == [False, True, True]
        tip = model.data(model.index(0, 0), Qt.ItemDataRole.ToolTipRole)
        assert tip == "Less than 5 % of its pixels are valid: a time series leaves it out."
        page.dates.area.setCurrentIndex(page.dates.area.findData("canvas"))
        page.dates.area.activated.emit(1)
        qtbot.waitUntil(lambda: len(questions.of("clouds")) == 6, timeout=20000)
        qtbot.waitUntil(lambda: summary.text().startswith("3 of 4"), timeout=20000)
        assert "left out" not in summary.text()

    def test_images_of_one_day_and_grid_are_one_date(self, plugin: SimpleNamespace) -> None:
        hardly = plugin.load("cscl_qgis.gui.series.hardly")
        images = plugin.load("cscl_qgis.gui.series.images")
        valid = {"1.tif": 0.03, "2.tif": 0.03, "3.tif": 0.03, "4.tif": None, "5.tif": 0.0}
        rows = [
            images.ImageRow.of(row(number, date, grid=grid))
            for number, date, grid in (
                (1, "2021-04-01", "g"), (2, "2021-04-01", "g"), (3, "2021-04-01", "h"),
                (4, "2021-04-02", "g"), (5, None, "g"),
            )
        ]  # fmt: skip
        found = hardly.hardly_valid(rows, lambda item: (None, valid[item.id]))
        assert found == {"3.tif"}
        assert hardly.hardly_text(2).startswith("2 have less than 5 % valid pixels")

    def test_shares_are_counted_over_the_map_view(
        self, page: Any, qtbot: Any, questions: FakeQuestions
    ) -> None:
        looked(page, qtbot)
        assert all("area" not in item for item in questions.of("clouds"))
        page.dates.area.setCurrentIndex(page.dates.area.findData("canvas"))
        page.dates.area.activated.emit(1)
        qtbot.waitUntil(lambda: len(questions.of("clouds")) == 6, timeout=20000)
        asked = questions.of("clouds")[-1]
        assert asked["area_crs"] == UTM
        west, south, east, north = asked["area"]
        assert west <= 500000 < 501000 <= east and south <= 5600000 < 5601000 <= north

    def test_shares_of_whole_products_wait_until_they_are_wanted(
        self, page: Any, qtbot: Any, questions: FakeQuestions
    ) -> None:
        answer = questions.answers["look"]
        questions.answers["look"] = lambda values: {
            **answer(values),
            "grids": [{**answer(values)["grids"][0], "size": [10980, 10980]}],
        }
        page.sources.add_paths(["/data"])
        qtbot.waitUntil(lambda: len(page.dates.model.rows) == 4, timeout=20000)
        settle()
        assert questions.of("clouds") == []
        QTest.mouseClick(page.dates.measure_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: len(questions.of("clouds")) == 3, timeout=20000)

    def test_why_an_image_has_no_shares_is_its_tooltip(
        self, page: Any, qtbot: Any, questions: FakeQuestions, plugin: SimpleNamespace
    ) -> None:
        error = plugin.load("backend.cscl.contract.errors").UserError
        questions.answers["clouds"] = lambda values: error(
            "x", values["id"], "it is cut", "Copy it."
        )
        model = looked(page, qtbot)
        tip = model.data(model.index(0, 1), Qt.ItemDataRole.ToolTipRole)
        assert tip == "1.tif: it is cut. Copy it."

    def test_edits_in_quick_succession_are_looked_at_once(
        self, page: Any, qtbot: Any, questions: FakeQuestions
    ) -> None:
        looked(page, qtbot)
        before = len(questions.of("look"))
        for path in ("/data/x", "/data/y", "/data/z"):
            page.sources.add_paths([path])
        qtbot.wait(500)
        assert len(questions.of("look")) == before + 1

    def test_an_answer_about_former_images_is_not_wanted(
        self, page: Any, qtbot: Any, questions: FakeQuestions
    ) -> None:
        looked(page, qtbot)
        page.dates.looking._look()
        page.sources.list.item(0).setSelected(True)
        QTest.mouseClick(page.sources.remove_button, Qt.MouseButton.LeftButton)
        settle()
        assert page.dates.model.rows == []

    def test_a_refusal_is_said_in_place_of_the_table(
        self, page: Any, qtbot: Any, questions: FakeQuestions, plugin: SimpleNamespace
    ) -> None:
        error = plugin.load("backend.cscl.contract.errors").UserError
        questions.answers["look"] = lambda _: error("x", "/data", "it holds no images", "Look.")
        page.sources.add_paths(["/data"])
        qtbot.waitUntil(
            lambda: page.dates.summary.text() == "/data: it holds no images. Look.", timeout=20000
        )


def is_shaded(timeline: Any, row: int) -> bool:
    """Tell whether the ground beside a row's dot is that of the season."""
    place = timeline.place_of(row)
    spot = QPoint(round(place.x()) - 8, round(timeline._area().top()))
    base = timeline.palette().color(QPalette.ColorRole.Base)
    return QColor(timeline.grab().toImage().pixel(spot)) != base


class TestTimeline:
    def test_a_click_on_a_dot_chooses_its_row(self, page: Any, qtbot: Any) -> None:
        looked(page, qtbot)
        timeline = page.dates.timeline
        place = timeline.place_of(2)
        QTest.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=place.toPoint())
        assert page.dates.table.currentIndex().row() == 2
        QTest.keyClick(timeline, Qt.Key.Key_Left)
        assert page.dates.table.currentIndex().row() == 1

    def test_cloudier_dots_lie_lower_and_the_season_is_shaded(self, page: Any, qtbot: Any) -> None:
        looked(page, qtbot)
        timeline = page.dates.timeline
        heights = [timeline.place_of(place).y() for place in range(3)]
        assert heights == sorted(heights) and heights[0] < heights[2]
        assert is_shaded(timeline, 2)
        page.options.season.set_value("2021-04-15/2021-05-15")
        qtbot.waitUntil(lambda: timeline._season == "2021-04-15/2021-05-15", timeout=20000)
        settle()
        assert is_shaded(timeline, 1)
        assert not is_shaded(timeline, 2)

    def test_a_dot_tells_its_day_and_clouds(self, page: Any, qtbot: Any) -> None:
        looked(page, qtbot)
        dot = page.dates.timeline.dots()[1]
        assert page.dates.timeline.text_of(dot) == "2021-05-01: 20 % clouds"


CURVE = {
    "dates": ["2021-04-01", "2021-05-01", "2021-06-01"],
    "bands": {"B04": [0.1, 0.2, None], "B08": [0.3, 0.4, None]},
    "ndvi": [0.5, 0.33, None],
    "clear": [True, False, False],
    "pixels": 1,
}
CLASSES = {
    "classes": [
        {
            "code": code, "name": name, "colour": colour, "dates": [91, 121], "days": [0, 30],
            "ndvi": [0.2, 0.6], "low": [0.1, 0.5], "high": [0.3, 0.7],
            "mean": {"B04": [0.1, 0.1]}, "band_low": {"B04": [0.0, 0.0]},
            "band_high": {"B04": [0.2, 0.2]},
        }
        for code, name, colour in ((1, "wheat & rye", "#aa0000"), (2, "maize", "#00aa00"))
    ],
    "season": "2018-04-01/2018-09-30",
    "based_on": "2 chips",
}  # fmt: skip


@pytest.fixture()
def curves(page: Any, qtbot: Any, questions: FakeQuestions) -> Any:
    """The page's curves, of images that were looked at."""
    questions.answers["curve"] = lambda _: CURVE
    questions.answers["class_curves"] = lambda _: CLASSES
    looked(page, qtbot)
    page.tabs.setCurrentWidget(page.curve)
    settle()
    return page.curve


def click_map(window: Window, x: float, y: float) -> None:
    """Click on a place of the map."""
    spot = window.canvas.getCoordinateTransform().transform(QgsPointXY(x, y))
    QTest.mouseClick(
        window.canvas.viewport(),
        Qt.MouseButton.LeftButton,
        pos=QPointF(spot.x(), spot.y()).toPoint(),
    )


class TestCurve:
    def test_a_click_on_the_map_draws_the_pixels_curve(
        self, curves: Any, window: Window, qtbot: Any, questions: FakeQuestions
    ) -> None:
        QTest.mouseClick(curves.click_button, Qt.MouseButton.LeftButton)
        click_map(window, 500500, 5600500)
        qtbot.waitUntil(lambda: len(curves.chart.lines()) == 1, timeout=20000)
        # The first question lets the engine open the images; nothing is drawn of it.
        assert len(questions.of("curve")) == 2
        asked = questions.of("curve")[-1]
        assert asked["series"] == "/data"
        assert asked["crs"] == UTM
        assert abs(asked["x"] - 500500) < 5 and abs(asked["y"] - 5600500) < 5
        line = curves.chart.lines()[0]
        assert (line.name, list(line.y), list(line.muted)) == ("Pixel", [0.5, 0.33], [False, True])
        assert curves.line.text() == "Pixel: 1 of 3 dates are clear, the cloudy ones hollow."

    def test_bands_are_drawn_too(self, curves: Any, qtbot: Any) -> None:
        curves.pick(QgsPointXY(1, 1), QgsCoordinateReferenceSystem(UTM))
        qtbot.waitUntil(lambda: len(curves.chart.lines()) == 1, timeout=20000)
        assert [curves.shown_box.itemData(at) for at in range(4)] == ["ndvi", "B04", "B08", "all"]
        curves.shown_box.setCurrentIndex(3)
        assert [line.name for line in curves.chart.lines()] == ["B04", "B08"]
        curves.shown_box.setCurrentIndex(1)
        assert [list(line.y) for line in curves.chart.lines()] == [[0.1, 0.2]]

    def test_the_parcel_under_the_click_is_asked_for(
        self, curves: Any, qtbot: Any, questions: FakeQuestions
    ) -> None:
        assert not curves.place_box.isEnabled()
        layer = add_parcel()
        curves._workspace.choose("parcels", layer.id())
        assert curves.place_box.currentData() == "parcel"
        crs = QgsCoordinateReferenceSystem(UTM)
        curves.pick(QgsPointXY(500500, 5600500), crs)
        qtbot.waitUntil(lambda: len(questions.of("curve")) == 1, timeout=20000)
        asked = questions.of("curve")[0]
        assert "x" not in asked and asked["wkt"].upper().startswith("POLYGON")
        curves.pick(QgsPointXY(500900, 5600900), crs)
        qtbot.waitUntil(lambda: len(questions.of("curve")) == 2, timeout=20000)
        assert "wkt" not in questions.of("curve")[1]

    def test_curves_of_classes_lie_behind_in_the_season_shown(
        self, curves: Any, qtbot: Any, questions: FakeQuestions
    ) -> None:
        curves._workspace.choose("dataset", "/data/set")
        assert questions.of("class_curves") == []
        curves.pick(QgsPointXY(1, 1), QgsCoordinateReferenceSystem(UTM))
        qtbot.waitUntil(lambda: len(curves.chart.lines()) == 3, timeout=20000)
        first, second, ndvi = curves.chart.lines()
        assert (first.name, second.name, ndvi.name) == ("wheat & rye", "maize", "Pixel")
        assert first.dashed and first.x[0] == ndvi.x[0] and not first.low
        curves.class_button.menu().actions()[1].trigger()
        first, ndvi = curves.chart.lines()
        assert list(first.low) == [0.1, 0.5]
        curves._workspace.choose("dataset", "")
        assert [line.name for line in curves.chart.lines()] == ["Pixel"]

    def test_what_is_refused_is_said_below_the_chart(
        self, curves: Any, qtbot: Any, questions: FakeQuestions, plugin: SimpleNamespace
    ) -> None:
        error = plugin.load("backend.cscl.contract.errors").UserError
        questions.answers["curve"] = lambda _: error("x", "a", "it lies beyond", "Click there.")
        curves.pick(QgsPointXY(1, 1), QgsCoordinateReferenceSystem(UTM))
        qtbot.waitUntil(
            lambda: curves.line.text() == "a: it lies beyond. Click there.", timeout=20000
        )
        assert curves.chart.lines() == ()

    def test_the_maps_tool_is_given_back(self, curves: Any, window: Window, page: Any) -> None:
        pan = QgsMapToolPan(window.canvas)
        window.canvas.setMapTool(pan)
        curves.click_button.click()
        assert window.canvas.mapTool() is not pan
        curves.click_button.click()
        assert window.canvas.mapTool() is pan
        curves.click_button.click()
        page.parent().close()
        assert window.canvas.mapTool() is pan
        assert not curves.click_button.isChecked()

    def test_another_tool_turns_the_click_off(self, curves: Any, window: Window) -> None:
        curves.click_button.click()
        pan = QgsMapToolPan(window.canvas)
        window.canvas.setMapTool(pan)
        assert not curves.click_button.isChecked()
        assert window.canvas.mapTool() is pan

    def test_marks_leave_the_map_with_the_page(
        self, curves: Any, window: Window, qtbot: Any
    ) -> None:
        before = len(window.canvas.scene().items())
        curves.click_button.click()
        click_map(window, 500500, 5600500)
        assert len(window.canvas.scene().items()) == before + 1
        curves.turn_off()
        assert len(window.canvas.scene().items()) == before


class TestJob:
    def test_what_was_mended_becomes_options_of_the_job(
        self, page: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        looked(page, qtbot)
        edit(page, qtbot, 3, 0, "2021-06-20")
        page.said.without = {"2021-05-01", "2021-04-01"}
        theirs = tmp_path / "theirs.csv"
        theirs.write_text("image,scale\n*,0.0001\n4.tif,0.0002\n", encoding="utf-8")
        page.options.rows.restore({"image_table": str(theirs), "bands": "B02, B04"})
        page.options.season.set_value("2021-04-01/2021-06-30")
        page.options.output.set_value(str(tmp_path / "a.series.json"))
        runs: list[tuple[str, dict[str, Any]]] = []
        monkeypatch.setattr(page.workspace, "run", lambda job, values: runs.append((job, values)))
        QTest.mouseClick(page.run_button, Qt.MouseButton.LeftButton)
        (job, values) = runs[0]
        table = values.pop("image_table")
        assert job == "series"
        assert values["without"] == "2021-04-01, 2021-05-01"
        assert values["images"] == "/data"
        assert values["season"] == "2021-04-01/2021-06-30"
        assert "overwrite" not in values or values["overwrite"] is False
        with open(table, encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        assert {item["image"]: (item["date"], item["scale"]) for item in rows} == {
            "*": ("", "0.0001"),
            "4.tif": ("2021-06-20", "0.0002"),
        }

    def test_a_table_with_unknown_columns_is_refused(
        self, page: Any, qtbot: Any, window: Window, tmp_path: Path
    ) -> None:
        looked(page, qtbot)
        edit(page, qtbot, 3, 0, "2021-06-20")
        theirs = tmp_path / "theirs.csv"
        theirs.write_text("image,colour\n*,red\n", encoding="utf-8")
        page.options.rows.restore({"image_table": str(theirs)})
        QTest.mouseClick(page.run_button, Qt.MouseButton.LeftButton)
        assert "it has the columns colour" in window.message()

    def test_the_output_is_named_after_the_images_beside_the_project(
        self, page: Any, tmp_path: Path
    ) -> None:
        QgsProject.instance().setFileName(str(tmp_path / "project.qgz"))
        (tmp_path / "fields.series.json").write_text("{}", encoding="utf-8")
        page.sources.add_paths(["/data/fields"])
        assert page.options.output.value() == str(tmp_path / "fields-2.series.json")
        page.restore({})
        page.sources.add_paths(["/data/2021/day_1.tif"])
        assert page.options.output.value() == str(tmp_path / "day_1.series.json")
        page.sources.add_paths(["/data/2021/day_2.tif"])
        assert page.options.output.value() == str(tmp_path / "2021.series.json")
        page.options.output.set_value(str(tmp_path / "mine.series.json"))
        page.sources.add_paths(["/data/more"])
        assert page.options.output.value() == str(tmp_path / "mine.series.json")

    def test_a_time_series_that_is_listed_is_chosen_as_it_is(self, page: Any) -> None:
        page.sources.add_paths(["/data/a.series.json"])
        assert page.workspace.chosen("series") == "/data/a.series.json"
        assert page.map_button.isEnabled()
        page.sources.add_paths(["/data/b"])
        assert page.workspace.chosen("series") == ""

    def test_the_project_keeps_what_was_entered(
        self, page: Any, qtbot: Any, questions: FakeQuestions
    ) -> None:
        looked(page, qtbot)
        edit(page, qtbot, 3, 0, "2021-06-20")
        page.said.without = {"2021-05-01"}
        page.options.season.set_value("2021-04-01/2021-06-30")
        page.options.output.set_value("/data/out.series.json")
        page.options.rows.restore({"cloud_limit": 40.0})
        kept = page.state()
        page.restore({})
        assert (page.sources.images(), page.said.dates, page.said.without) == ("", {}, set())
        assert page.options.season.value() is None
        page.restore(kept)
        assert page.state() == kept
        qtbot.waitUntil(lambda: text(page.dates.model, 3, 0) == "2021-06-20", timeout=20000)
        assert page.dates.model.off == frozenset({"2021-05-01"})

    @pytest.mark.parametrize(
        "state",
        [
            {"sources": 3, "said": [], "options": 1, "made": "x", "curve": 7},
            {"sources": [1, {"path": 4}], "said": {"dates": {"a": 1}, "without": 3}, "season": 5},
        ],
    )
    def test_a_state_of_something_else_is_as_a_new_project(self, page: Any, state: Any) -> None:
        page.restore(state)
        assert page.sources.sources() == []
        assert (page.said.dates, page.said.without) == ({}, set())

    def test_nothing_is_asked_while_nobody_sees_the_page(
        self, page: Any, qtbot: Any, questions: FakeQuestions
    ) -> None:
        page.parent().hide()
        page.sources.add_paths(["/data"])
        qtbot.wait(450)
        assert questions.asked == []
        page.parent().show()
        qtbot.waitUntil(lambda: len(questions.of("look")) == 1, timeout=20000)


class TestLayout:
    def test_no_text_is_cut_off_in_a_narrow_dock(self, page: Any, qtbot: Any) -> None:
        looked(page, qtbot)
        page.dates.table.choose_row(3)
        for tab in range(page.tabs.count()):
            page.tabs.setCurrentIndex(tab)
            settle()
            assert too_small(page) == []
            assert page.width() <= WIDTH


def add_raster_layers(scene: Path, count: int) -> list[QgsRasterLayer]:
    """Add images of a scene as layers of a group."""
    group = QgsProject.instance().layerTreeRoot().addGroup("Season")
    layers = []
    for number, path in enumerate(sorted(scene.glob("*.tif"))[:count]):
        layer = QgsRasterLayer(str(path), f"day {number}")
        QgsProject.instance().addMapLayer(layer, False)
        group.addLayer(layer)
        layers.append(layer)
    return layers


def add_parcel() -> QgsVectorLayer:
    """Add a layer with one square parcel."""
    layer = QgsVectorLayer(f"Polygon?crs={UTM}", "fields", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(500450, 5600450, 500550, 5600550)))
    layer.dataProvider().addFeatures([feature])
    QgsProject.instance().addMapLayer(layer)
    return layer


def drop(widget: Any, data: QMimeData) -> None:
    """Drop something on a widget."""
    widget.dropEvent(
        QDropEvent(
            QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )  # fmt: skip


def days_of(period: QgsDateTimeRange) -> tuple[str, str]:
    """Return first and last day of a range."""
    return tuple(  # type: ignore[return-value]
        item.date().toString(Qt.DateFormat.ISODate) for item in (period.begin(), period.end())
    )


class TestRealEngine:
    def test_from_layers_to_a_season_that_plays(
        self, plugin: SimpleNamespace, window: Window, scene: Path, qtbot: Any, tmp_path: Path,
        fake_engine: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        before = {path.name: path.stat().st_mtime_ns for path in scene.iterdir()}
        page = make_page(plugin, window)
        layers = add_raster_layers(scene, 6)
        try:
            self._tell_the_story(page, window, layers, qtbot, tmp_path)
        finally:
            page.close_down()
            page.workspace.runner.close()
            page.workspace.questions.close()
        written = {name for name in os.listdir(scene) if name not in before}
        assert {name for name in written if not name.endswith(".aux.xml")} == set()
        assert all((scene / name).stat().st_mtime_ns == at for name, at in before.items())

    def _tell_the_story(
        self, page: Any, window: Window, layers: list[Any], qtbot: Any, tmp_path: Path
    ) -> None:
        output = tmp_path / "season.series.json"
        page.sources.add_layers(layers)
        model = page.dates.model
        qtbot.waitUntil(lambda: len(model.rows) == 6, timeout=90000)
        qtbot.waitUntil(lambda: all(model.has_shares(item) for item in model.rows), timeout=90000)
        qtbot.waitUntil(lambda: len(model._pictures) == 6, timeout=90000)
        days = [item.date for item in model.rows]
        assert days == sorted(days) and text(model, 0, 3) == "11/11"
        # One day is left out, and the series is defined.
        page.dates.model.switched.emit(days[1], False)
        page.options.output.set_value(str(output))
        with qtbot.waitSignal(page.workspace.job_ended, timeout=240000) as ended:
            QTest.mouseClick(page.run_button, Qt.MouseButton.LeftButton)
        assert ended.args[2].succeeded, ended.args[2].message
        assert page.workspace.chosen("series") == str(output)
        # Its dates come as layers that the temporal controller plays.
        with qtbot.waitSignal(page.map_show.finished, timeout=90000):
            QTest.mouseClick(page.map_button, Qt.MouseButton.LeftButton)
        root = QgsProject.instance().layerTreeRoot()
        group = root.children()[0]
        assert group.name() == "season (B04, B03, B02)"
        shown = [node.layer() for node in group.findLayers()]
        used = [day for day in days if day != days[1]]
        assert [layer.name() for layer in shown] == used
        spans = [days_of(layer.temporalProperties().fixedTemporalRange()) for layer in shown]
        assert [first for first, _ in spans] == used
        following = [QDate.fromString(day, Qt.DateFormat.ISODate).addDays(-1) for day in used[1:]]
        assert [last for _, last in spans[:-1]] == [
            day.toString(Qt.DateFormat.ISODate) for day in following
        ]
        assert window.controller.totalFrameCount() == len(used)
        window.controller.setCurrentFrameNumber(2)
        now = window.canvas.mapSettings().temporalRange()
        visible = [
            layer.name()
            for layer in shown
            if layer.temporalProperties().isVisibleInTemporalRange(now)
        ]
        assert visible == [used[2]]
        # The person's own layers are as they were.
        assert [node.name() for node in root.findGroup("Season").findLayers()] == [
            f"day {number}" for number in range(6)
        ]
        assert not layers[0].temporalProperties().isActive()
        # The same again takes the place of the group.
        with qtbot.waitSignal(page.map_show.finished, timeout=90000):
            QTest.mouseClick(page.map_button, Qt.MouseButton.LeftButton)
        assert [node.name() for node in root.children()].count("season (B04, B03, B02)") == 1
        # A click on the map draws the curve.
        page.tabs.setCurrentWidget(page.curve)
        window.canvas.setExtent(layers[0].extent())
        settle()
        page.curve.click_button.click()
        centre = layers[0].extent().center()
        click_map(window, centre.x(), centre.y())
        qtbot.waitUntil(lambda: len(page.curve.chart.lines()) == 1, timeout=10000)
        assert f"of {len(used)} dates are clear" in page.curve.line.text()

    def test_images_that_do_not_tell_their_date_are_mended_and_used(
        self, plugin: SimpleNamespace, window: Window, scene: Path, qtbot: Any, tmp_path: Path
    ) -> None:
        folder = tmp_path / "images"
        folder.mkdir()
        first, *others = sorted(scene.glob("*.tif"))[:3]
        for path in others:
            shutil.copy(path, folder)
        raster = gdal.Translate(str(folder / "field.tif"), str(first))
        raster.SetMetadata({})
        del raster
        page = make_page(plugin, window)
        try:
            page.sources.add_paths([str(folder)])
            model = page.dates.model
            qtbot.waitUntil(lambda: len(model.rows) == 3, timeout=90000)
            assert [item.date for item in model.rows][2] == ""
            edit(page, qtbot, 2, 0, "2021-01-15")
            qtbot.waitUntil(lambda: model.rows and model.rows[-1].date != "", timeout=90000)
            mended = {item.source: (item.date, item.used) for item in model.rows}
            assert mended["field.tif"] == ("2021-01-15", True)
            # Without a mask, so that no date is left out for its clouds.
            page.options.set_values({"mask": "none"})
            output = tmp_path / "mended.series.json"
            page.options.output.set_value(str(output))
            with qtbot.waitSignal(page.workspace.job_ended, timeout=240000) as ended:
                QTest.mouseClick(page.run_button, Qt.MouseButton.LeftButton)
            assert ended.args[2].succeeded, ended.args[2].message
            features = json.loads(output.read_text(encoding="utf-8"))["features"]
            days = {
                item["properties"]["title"]: item["properties"]["datetime"] for item in features
            }
            assert days.get("field.tif", "2021-01-15").startswith("2021-01-15")
        finally:
            page.close_down()
            page.workspace.runner.close()
            page.workspace.questions.close()

    def test_a_cube_of_openeo_is_used_with_the_bands_that_it_has(
        self, plugin: SimpleNamespace, window: Window, shared_data: Path, qtbot: Any,
        tmp_path: Path,
    ) -> None:  # fmt: skip
        page = make_page(plugin, window)
        try:
            page.sources.add_paths([str(shared_data / "netcdf" / "belgium_s2_l2a_scl_2023.nc")])
            qtbot.waitUntil(lambda: len(page.dates.model.rows) == 19, timeout=90000)
            assert page.dates.summary.text().startswith("0 of 19 images are used.")
            QTest.mouseClick(page.dates.mend_button, Qt.MouseButton.LeftButton)
            begins = "19 of 19 images are used."
            qtbot.waitUntil(lambda: page.dates.summary.text().startswith(begins), timeout=90000)
            page.options.output.set_value(str(tmp_path / "cube.series.json"))
            with qtbot.waitSignal(page.workspace.job_ended, timeout=240000) as ended:
                QTest.mouseClick(page.run_button, Qt.MouseButton.LeftButton)
            assert ended.args[2].succeeded, ended.args[2].message
            with qtbot.waitSignal(page.map_show.finished, timeout=90000):
                QTest.mouseClick(page.map_button, Qt.MouseButton.LeftButton)
            layers = list(QgsProject.instance().mapLayers().values())
            assert sorted(layer.name() for layer in layers) == [
                "2023-10-07", "2023-10-22", "2023-12-26",
            ]  # fmt: skip
            red = layers[0].dataProvider().sample(layers[0].extent().center(), 1)
            assert red[1] and 0 < red[0] < 10000
        finally:
            page.close_down()
            page.workspace.runner.close()
            page.workspace.questions.close()
