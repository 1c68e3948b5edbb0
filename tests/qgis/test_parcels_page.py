"""The page of parcels and classes: clicks against answers as the engine gives them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dock_windows import PlainWindow, too_small
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsRectangle,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.gui import QgsMapCanvas, QgsMessageBar
from qgis.PyQt.QtCore import QEvent, QPoint, Qt
from qgis.PyQt.QtGui import QColor, QDesktopServices
from qgis.PyQt.QtWidgets import (
    QAbstractButton,
    QApplication,
    QColorDialog,
    QFileDialog,
    QLineEdit,
    QSpinBox,
    QWidget,
)

PAGE_WIDTH = 340
LONGEST = 0.100  # seconds
COLOUR, VALUE, NAME, CODE, AREA, COUNT, HCAT = range(7)
UTM = "EPSG:32631"
CROPS = (
    ("winter wheat", 61, 203.4), ("maize", 48, 131.2), ("grassland", 39, 77.7),
    ("spring barley", 20, 30.1), ("oats", 6, 9.5), ("unknown", 2, 0.8),
)  # fmt: skip
PALETTE = ("#e6c229", "#f17105", "#8d6a9f", "#d11149", "#6aa84f", "#1a8fe3")


class Questions:
    """Answers as the engine would, once it is told to."""

    def __init__(self) -> None:
        self.asked: dict[int, tuple[str, dict[str, Any], Any, Any]] = {}
        self.forgotten: list[int] = []
        self._number = 0

    def ask(self, name: str, values: dict[str, Any], answered: Any, refused: Any) -> int:
        self._number += 1
        self.asked[self._number] = (name, values, answered, refused)
        return self._number

    def forget(self, number: int) -> None:
        self.forgotten.append(number)
        self.asked.pop(number, None)

    def close(self) -> None:
        self.asked.clear()

    def names(self) -> list[str]:
        return [name for name, *_ in self.asked.values()]

    def values(self, name: str) -> dict[str, Any]:
        return next(values for asked, values, *_ in self.asked.values() if asked == name)

    def answer(self, name: str, answer: dict[str, Any]) -> None:
        number = next(key for key, item in self.asked.items() if item[0] == name)
        self.asked.pop(number)[2](answer)

    def refuse(self, name: str, error: Exception) -> None:
        number = next(key for key, item in self.asked.items() if item[0] == name)
        self.asked.pop(number)[3](error)


class Window(PlainWindow):
    """What the page needs of QGIS's interface: a message bar and a map."""

    def __init__(self) -> None:
        super().__init__()
        self.canvas = QgsMapCanvas(self)
        self.canvas.setDestinationCrs(QgsCoordinateReferenceSystem(UTM))
        self.bar = QgsMessageBar(self)


@contextmanager
def page_alone(plugin: SimpleNamespace, questions: Any = None) -> Iterator[Any]:
    """Show the page alone, as wide as in a narrow dock; `questions` takes the engine's place."""
    window = Window()
    workspace = plugin.load("cscl_qgis.gui.workspace").Workspace(window)
    if questions is not None:
        workspace.questions = questions
    made = plugin.load("cscl_qgis.gui.pages.parcels").ParcelsPage(workspace)
    window.setCentralWidget(made)
    window.resize(PAGE_WIDTH, 900)
    window.show()
    settle()
    yield made
    made.close_down()
    workspace.close_down()
    window.close()
    window.deleteLater()


@pytest.fixture()
def page(plugin: SimpleNamespace, no_project: Any) -> Iterator[Any]:
    """The page alone, with answers by hand."""
    with page_alone(plugin, Questions()) as made:
        made.plugin = plugin
        yield made


def settle() -> None:
    """Let Qt lay out, paint and delete."""
    for _ in range(5):
        QgsApplication.processEvents()
        QgsApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def add_layer(name: str = "parcels") -> QgsVectorLayer:
    """Add a layer in memory with square parcels and two fields."""
    layer = QgsVectorLayer(f"Polygon?crs={UTM}&field=crop:string&field=part:string", name, "memory")
    for number, (crop, *_) in enumerate(CROPS):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([crop, "training"])
        left = 500000 + 60 * number
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(left, 5600000, left + 50, 5600050)))
        layer.dataProvider().addFeature(feature)
    QgsProject.instance().addMapLayer(layer)
    return layer


def values_found(*left_out: str) -> dict[str, Any]:
    """Return what the engine says of the layer."""
    rows = [
        {"value": crop, "name": crop, "code": code, "colour": PALETTE[code - 1], "hcat": "",
         "count": count, "area_ha": area, "pixels": None}
        for code, (crop, count, area) in enumerate(sorted(CROPS), 1)
        if crop not in left_out
    ]  # fmt: skip
    return {
        "classes": rows, "parcels": 176, "findings": [], "notes": [], "findings_layer": None,
    }  # fmt: skip


def read(page: Any, qtbot: Any, answer: dict[str, Any] | None = None) -> QgsVectorLayer:
    """Choose layer and field by hand and let the engine answer."""
    layer = add_layer()
    page.choice.parcels.set_layer(layer)
    qtbot.keyClicks(page.choice.field.lineEdit(), "crop")
    qtbot.keyClick(page.choice.field.lineEdit(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.workspace.questions.names() == ["parcels"], timeout=10000)
    page.workspace.questions.answer("parcels", answer or values_found())
    settle()
    return layer


KINDS = (("overlap", 3), ("sliver", 2), ("class_null", 2), ("no_polygon", 1))


def write_findings(path: Path, kinds: tuple[tuple[str, int], ...] = KINDS) -> Path:
    """Write a findings' layer as the check does: polygons, rows without a place, and points."""
    fields = "field=parcel:integer&field=code:string&field=text:string&field=severity:string"
    areas = QgsVectorLayer(f"MultiPolygon?crs={UTM}&{fields}&field=value:string", "a", "memory")
    points = QgsVectorLayer(f"Point?crs={UTM}&{fields}&field=value:string", "p", "memory")
    number = 0
    found, placed = [], []
    for code, count in kinds:
        for _ in range(count):
            number += 1
            row = QgsFeature(areas.fields())
            row.setAttributes([number, code, f"what {code} is", "warning", "12 m2"])
            left = 500000 + 100 * number
            box = QgsGeometry.fromRect(QgsRectangle(left, 5600000, left + 50, 5600050))
            if code == "no_polygon":
                point = QgsFeature(row)
                point.setGeometry(QgsGeometry.fromPointXY(box.centroid().asPoint()))
                placed.append(point)
            elif code != "class_null":
                row.setGeometry(box)
            found.append(row)
    general = QgsFeature(areas.fields())
    general.setAttributes([None, "accuracy", "The transformation is good to 2 m.", "note", ""])
    areas.dataProvider().addFeatures([*found, general])
    points.dataProvider().addFeatures(placed)
    options = QgsVectorFileWriter.SaveVectorOptions()
    for layer, name in ((areas, "findings"), (points, "findings_points")):
        options.layerName = name
        QgsVectorFileWriter.writeAsVectorFormatV3(
            layer, str(path), QgsProject.instance().transformContext(), options
        )
        options.actionOnExistingFile = QgsVectorFileWriter.CreateOrOverwriteLayer
    return path


def with_findings(path: Path) -> dict[str, Any]:
    """Return an answer with findings."""
    general = {
        "code": "transformation_accuracy", "subject": "parcels",
        "found": "The transformation is good to 2 m", "remedy": "Install the grid.",
        "severity": "note",
    }  # fmt: skip
    return {
        **values_found(), "findings": [general], "findings_layer": str(write_findings(path)),
    }  # fmt: skip


def share(training: int, validation: int, test: int) -> dict[str, Any]:
    """Return the balance of one class."""
    return {
        name: {"parcels": pixels // 50, "hectares": pixels / 100, "pixels": pixels}
        for name, pixels in (("training", training), ("validation", validation), ("test", test))
    }


BALANCE = {
    "classes": [
        {"code": 1, "name": "grassland", "colour": "#e6c229", **share(600, 200, 200)},
        {"code": 2, "name": "maize", "colour": "#f17105", **share(1500, 250, 250)},
        {"code": 3, "name": "oats", "colour": "#8d6a9f", **share(0, 0, 0)},
    ]
}


def row_of(page: Any, value: str) -> int:
    """Return where a value stands in the shown table."""
    model = page.table.view.model()
    shown = [model.index(row, VALUE).data() for row in range(model.rowCount())]
    return shown.index(value)


def cell(page: Any, value: str, column: int) -> Any:
    """Return the index of a shown cell."""
    return page.table.view.model().index(row_of(page, value), column)


def click(page: Any, qtbot: Any, index: Any, twice: bool = False, **keys: Any) -> None:
    """Click into the middle of a cell."""
    view = page.table.view
    view.scrollTo(index)
    place = view.visualRect(index).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place, **keys)
    if twice:
        qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def select(page: Any, qtbot: Any, *values: str) -> None:
    """Click on rows, with Ctrl from the second on."""
    page.table.view.clearSelection()
    for value in values:
        click(page, qtbot, cell(page, value, AREA), modifier=Qt.KeyboardModifier.ControlModifier)


def press(page: Any, qtbot: Any, name: str) -> None:
    """Click a button by its name."""
    button = page.findChild(QAbstractButton, name)
    assert button.isEnabled(), name
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def type_into(page: Any, qtbot: Any, index: Any, text: str) -> None:
    """Edit a cell as a person does."""
    click(page, qtbot, index, twice=True)
    (editor,) = [
        item for item in page.table.view.viewport().findChildren(QWidget)
        if isinstance(item, (QLineEdit, QSpinBox)) and item.parent() is page.table.view.viewport()
    ]  # fmt: skip
    qtbot.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(editor, text)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    settle()


def classes_of(page: Any) -> dict[str, tuple[str, ...]]:
    """Return the values of each class by its name."""
    return {item.name: item.values for item in page.table.model.legend.table().classes}


def message(page: Any) -> str:
    """Return the newest message."""
    return page.workspace.iface.message()


class TestReading:
    def test_a_field_that_is_chosen_is_read_from_a_snapshot(self, page: Any, qtbot: Any) -> None:
        assert page.hint.isVisible() and not page.table.isVisible()
        layer = add_layer()
        page.choice.parcels.set_layer(layer)
        assert [page.choice.field.itemText(n) for n in range(2)] == ["crop", "part"]
        page.rules.details.editors["minimum_width"].set_value(12.5)
        page.dataset.images.set_value("/data/a.series.json")
        qtbot.keyClicks(page.choice.field.lineEdit(), "crop")
        qtbot.keyClick(page.choice.field.lineEdit(), Qt.Key.Key_Return)
        assert page.choice.button.text() == "Stop"
        qtbot.waitUntil(lambda: page.workspace.questions.names() == ["parcels"], timeout=10000)
        values = page.workspace.questions.values("parcels")
        path = values.pop("parcels")
        assert values == {
            "class_field": "crop", "series": "/data/a.series.json",
            "inner_buffer": 0.0, "minimum_area": 0.0, "minimum_width": 12.5,
        }  # fmt: skip
        snapshot = QgsVectorLayer(path, "snapshot", "ogr")
        assert snapshot.featureCount() == len(CROPS)
        page.workspace.questions.answer("parcels", values_found())
        assert page.choice.button.text() == "Read classes"
        assert page.choice.status.text() == "176 parcels"
        assert not page.hint.isVisible() and page.table.isVisible()
        assert page.workspace.chosen("parcels") == layer.id()
        assert page.workspace.chosen("class_field") == "crop"

    def test_reading_can_be_stopped_and_tells_what_is_wrong(self, page: Any, qtbot: Any) -> None:
        page.choice.parcels.set_layer(add_layer())
        press(page, qtbot, "cscl_read_classes")
        assert "Choose the field that holds the crop" in message(page)
        page.choice.field.set_text("left(crop, 3)")
        press(page, qtbot, "cscl_read_classes")
        qtbot.waitUntil(lambda: page.workspace.questions.names() == ["parcels"], timeout=10000)
        assert page.workspace.questions.values("parcels")["class_field"] == "left(crop, 3)"
        press(page, qtbot, "cscl_read_classes")
        assert page.workspace.questions.forgotten == [1]
        assert page.choice.button.text() == "Read classes"
        press(page, qtbot, "cscl_read_classes")
        qtbot.waitUntil(lambda: page.workspace.questions.names() == ["parcels"], timeout=10000)
        error = page.plugin.load("backend.cscl.contract.errors").UserError(
            "no_crs", "parcels", "it has no coordinate reference system", "Assign one."
        )
        page.workspace.questions.refuse("parcels", error)
        assert message(page) == str(error)
        assert page.choice.button.text() == "Read classes"

    def test_values_read_again_keep_what_was_made_of_them(self, page: Any, qtbot: Any) -> None:
        layer = read(page, qtbot, values_found("oats"))
        type_into(page, qtbot, cell(page, "maize", NAME), "corn")
        press(page, qtbot, "cscl_read_classes")
        qtbot.waitUntil(lambda: page.workspace.questions.names() == ["parcels"], timeout=10000)
        page.workspace.questions.answer("parcels", values_found("unknown"))
        rows = {row.value: row for row in page.table.model.legend.rows}
        assert rows["maize"].name == "corn"
        assert (rows["unknown"].count, rows["unknown"].code) == (0, 5)
        assert (rows["oats"].count, rows["oats"].code) == (6, None)
        assert "Values that are not in the table: 1." in message(page)
        other = add_layer("other")
        page.choice.parcels.set_layer(other)
        assert "of another layer or field" in page.choice.status.text()
        page.choice.field.set_text("crop")
        press(page, qtbot, "cscl_read_classes")
        qtbot.waitUntil(lambda: page.workspace.questions.names() == ["parcels"], timeout=10000)
        page.workspace.questions.answer("parcels", values_found())
        assert classes_of(page) == {crop: (crop,) for crop, *_ in CROPS}
        assert layer.featureCount() == len(CROPS)


class TestLegend:
    def test_the_values_stand_by_area_with_parcels_and_code(self, page: Any, qtbot: Any) -> None:
        read(page, qtbot)
        model = page.table.view.model()
        shown = [
            [model.index(row, column).data() for column in (VALUE, NAME, CODE, AREA, COUNT)]
            for row in range(model.rowCount())
        ]
        codes = {crop: str(code) for code, (crop, *_) in enumerate(sorted(CROPS), 1)}
        assert shown == [
            [crop, crop, codes[crop], str(area), str(count)] for crop, count, area in CROPS
        ]
        assert cell(page, "maize", COLOUR).data(Qt.ItemDataRole.DecorationRole).name() == "#f17105"
        assert page.table.summary.text() == "6 classes of 6 values, 176 parcels, 453 ha"
        bars = page.balance.bars()
        assert [bar.name for bar in bars] == [crop for crop, *_ in CROPS]
        assert bars[1].parts == (pytest.approx(131.2 / 203.4),) and bars[1].text == "29 %"

    def test_a_new_name_is_the_classes_and_a_known_one_joins(self, page: Any, qtbot: Any) -> None:
        read(page, qtbot)
        type_into(page, qtbot, cell(page, "maize", NAME), "corn")
        assert classes_of(page)["corn"] == ("maize",)
        type_into(page, qtbot, cell(page, "oats", NAME), "spring barley")
        assert classes_of(page)["spring barley"] == ("oats", "spring barley")
        type_into(page, qtbot, cell(page, "oats", NAME), "spring cereals")
        assert classes_of(page)["spring cereals"] == ("oats", "spring barley")
        assert cell(page, "spring barley", NAME).data() == "spring cereals"

    def test_a_code_is_a_crops_and_one_that_is_taken_joins(self, page: Any, qtbot: Any) -> None:
        read(page, qtbot)
        type_into(page, qtbot, cell(page, "maize", CODE), "253")
        assert cell(page, "maize", CODE).data() == "253"
        page.table.model.legend.recode(row_of(page, "maize"), 254)
        assert cell(page, "maize", CODE).data() == "253"
        type_into(page, qtbot, cell(page, "oats", CODE), "253")
        assert classes_of(page)["maize"] == ("maize", "oats")

    def test_selected_values_are_merged_split_and_undone(self, page: Any, qtbot: Any) -> None:
        read(page, qtbot)
        select(page, qtbot, "oats", "spring barley", "winter wheat")
        press(page, qtbot, "cscl_legend_merge_button")
        assert classes_of(page)["winter wheat"] == ("oats", "spring barley", "winter wheat")
        assert page.table.summary.text() == "4 classes of 6 values, 176 parcels, 453 ha"
        assert page.balance.bars()[0].name == "winter wheat"
        assert page.balance.bars()[0].text == "54 %"
        before = page.table.model.legend.state()
        select(page, qtbot, "oats")
        press(page, qtbot, "cscl_legend_split_button")
        assert classes_of(page) == {crop: (crop,) for crop, *_ in CROPS}
        press(page, qtbot, "cscl_legend_undo_button")
        assert page.table.model.legend.state() == before
        press(page, qtbot, "cscl_legend_undo_button")
        assert not page.findChild(QAbstractButton, "cscl_legend_undo_button").isEnabled()
        assert classes_of(page) == {crop: (crop,) for crop, *_ in CROPS}

    def test_a_value_without_its_tick_is_ignored(self, page: Any, qtbot: Any) -> None:
        read(page, qtbot)
        view, index = page.table.view, cell(page, "unknown", VALUE)
        box = view.visualRect(index).topLeft() + QPoint(12, view.rowHeight(0) // 2)
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=box)
        assert "unknown" not in classes_of(page)
        assert page.table.summary.text() == (
            "5 classes of 5 values, 174 parcels, 452 ha\nIgnored values: 1"
        )
        assert cell(page, "unknown", CODE).data() == ""
        assert cell(page, "unknown", COLOUR).data(Qt.ItemDataRole.DecorationRole) is None
        click(page, qtbot, index)
        qtbot.keyClick(view, Qt.Key.Key_Space)
        assert classes_of(page)["unknown"] == ("unknown",)

    def test_the_menu_ignores_and_uses_all_that_is_selected(self, page: Any, qtbot: Any) -> None:
        read(page, qtbot)
        select(page, qtbot, "oats", "unknown")
        page.table.view.customContextMenuRequested.emit(QPoint(5, 5))
        menu = QApplication.activePopupWidget()
        actions = {action.objectName(): action for action in menu.actions()}
        assert not actions["cscl_legend_use"].isEnabled()
        actions["cscl_legend_ignore"].trigger()
        menu.close()
        assert {"oats", "unknown"} & set(classes_of(page)) == set()
        assert actions["cscl_legend_use"].isEnabled()

    def test_a_click_on_a_colour_asks_for_another(self, page: Any, qtbot: Any) -> None:
        read(page, qtbot)
        select(page, qtbot, "oats", "maize")
        press(page, qtbot, "cscl_legend_merge_button")
        click(page, qtbot, cell(page, "oats", COLOUR))
        dialog = page.findChild(QColorDialog)
        assert dialog.isVisible() and dialog.currentColor().name() == "#f17105"
        dialog.setCurrentColor(QColor("#123456"))
        dialog.accept()
        settle()
        for value in ("oats", "maize"):
            colour = cell(page, value, COLOUR).data(Qt.ItemDataRole.DecorationRole)
            assert colour.name() == "#123456"
        assert page.findChild(QColorDialog) is None

    def test_the_filter_finds_values_names_and_codes(self, page: Any, qtbot: Any) -> None:
        read(page, qtbot)
        type_into(page, qtbot, cell(page, "maize", NAME), "Zea mays")
        model = page.table.view.model()
        for text, found in (
            ("zea", ["maize"]),
            ("BARLEY", ["spring barley"]),
            ("6", ["winter wheat"]),
        ):
            page.table.filter.clear()
            qtbot.keyClicks(page.table.filter, text)
            assert [model.index(n, VALUE).data() for n in range(model.rowCount())] == found
        page.table.filter.clear()
        assert model.rowCount() == len(CROPS)

    def test_f69_a_value_that_looks_like_markup_is_text(self, page: Any, qtbot: Any) -> None:
        answer = values_found()
        answer["classes"][0].update(value="<b>x</b> & y", name="<b>x</b> & y")
        read(page, qtbot, answer)
        index = cell(page, "<b>x</b> & y", VALUE)
        assert index.data() == "<b>x</b> & y"
        assert index.data(Qt.ItemDataRole.ToolTipRole) == ("<qt>&lt;b&gt;x&lt;/b&gt; &amp; y</qt>")

    def test_two_hundred_and_fifty_three_classes_are_the_most(
        self, plugin: SimpleNamespace
    ) -> None:
        module = plugin.load("cscl_qgis.gui.classes.legend")
        legend = module.Legend()
        legend.read(module.Row(f"v{n}", f"v{n}", None, "#000000") for n in range(260))
        legend.use(range(260))
        assert len(legend.codes()) == 253
        assert [row.code for row in legend.rows[253:]] == [None] * 7
        legend.merge([0, 1])
        legend.use([255])
        assert legend.rows[255].code == 2


class TestClassTable:
    def test_the_table_is_kept_as_a_file_for_the_next_pages(
        self, page: Any, qtbot: Any, plugin: SimpleNamespace
    ) -> None:
        layer = read(page, qtbot)
        qtbot.waitUntil(lambda: page.workspace.chosen("classes") != "", timeout=3000)
        first = page.workspace.chosen("classes")
        select(page, qtbot, "oats", "spring barley")
        press(page, qtbot, "cscl_legend_merge_button")
        qtbot.waitUntil(lambda: page.workspace.chosen("classes") != first, timeout=3000)
        path = Path(page.workspace.chosen("classes"))
        assert path.is_relative_to(os.environ["CSCL_HOME"])
        table = plugin.load("backend.cscl.contract.class_csv").read_class_table(path)
        assert table.classes == page.table.model.legend.table().classes
        assert dict(zip(table.names, table.codes, strict=True))["spring barley"] == 4
        page.choice.field.set_text("part")
        page.choice.changed.emit()
        qtbot.waitUntil(lambda: page.workspace.chosen("classes") == "", timeout=3000)
        assert layer.isValid()

    def test_a_table_is_imported_and_what_it_lacks_is_ignored(
        self, page: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read(page, qtbot)
        monkeypatch.setattr(
            QFileDialog, "getOpenFileName", lambda *_: ("/tables/eurocrops.csv", "")
        )
        press(page, qtbot, "cscl_import_classes")
        questions = page.workspace.questions
        assert questions.values("class_table") == {"path": "/tables/eurocrops.csv"}
        rows = [
            {"value": value, "name": name, "code": code, "colour": "#010203", "hcat": hcat}
            for value, name, code, hcat in (
                ("winter wheat", "cereal", 7, "3301010000"), ("oats", "cereal", 7, "3301010000"),
                ("maize", "maize", 9, "3301060000"), ("rice", "rice", 10, ""),
            )
        ]  # fmt: skip
        questions.answer("class_table", {"rows": rows, "notes": ["columns taken: all."]})
        assert classes_of(page) == {
            "cereal": ("winter wheat", "oats"), "maize": ("maize",), "rice": ("rice",),
        } or classes_of(page) == {
            "cereal": ("oats", "winter wheat"), "maize": ("maize",), "rice": ("rice",),
        }  # fmt: skip
        assert cell(page, "oats", HCAT).data() == "3301010000"
        assert "Values that are not in the table: 3." in message(page)
        assert cell(page, "rice", COUNT).data() == "0"

    def test_a_table_is_exported_without_what_is_ignored(
        self, page: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert not page.exchange.export_button.isEnabled()
        read(page, qtbot)
        select(page, qtbot, "unknown", "oats")
        page.table.ignore()
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("/tables/mine", ""))
        press(page, qtbot, "cscl_export_classes")
        values = page.workspace.questions.values("save_class_table")
        assert values["path"] == "/tables/mine.csv"
        assert {row["value"] for row in values["rows"]} == {
            "winter wheat", "maize", "grassland", "spring barley",
        }  # fmt: skip
        page.workspace.questions.answer("save_class_table", {"path": "/tables/mine.csv"})
        assert message(page) == "The class table is written: /tables/mine.csv"


class TestFindings:
    def test_they_are_listed_by_kind_and_walked_through_on_the_map(
        self, page: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flashed: list[Any] = []
        canvas = page.workspace.iface.canvas
        monkeypatch.setattr(
            canvas, "flashGeometries", lambda shapes, crs: flashed.append(shapes[0].asWkt())
        )
        read(page, qtbot, with_findings(tmp_path / "findings.gpkg"))
        kinds = page.findings.kinds
        qtbot.waitUntil(lambda: kinds.topLevelItemCount() == 5, timeout=10000)
        listed = [(kinds.topLevelItem(n).text(0), kinds.topLevelItem(n).text(1)) for n in range(5)]
        assert listed == [
            ("Overlap with another class", "3"), ("Narrower than a pixel", "2"), ("No class", "2"),
            ("No polygon", "1"), ("Reference system", ""),
        ]  # fmt: skip
        for _ in range(2):
            press(page, qtbot, "cscl_finding_next")
        assert page.findings.text.text() == "2 of 6: parcel 2: what overlap is (12 m2)"
        centre = canvas.extent().center()
        assert (centre.x(), centre.y()) == (500225.0, 5600025.0)
        assert len(flashed) == 2 and "500200" in flashed[1]
        press(page, qtbot, "cscl_finding_previous")
        press(page, qtbot, "cscl_finding_previous")
        assert page.findings.text.text().startswith("6 of 6: parcel 8: what no_polygon is")
        assert flashed[-1].startswith("Point")

    def test_one_kind_alone_and_kinds_without_a_place(
        self, page: Any, qtbot: Any, tmp_path: Path
    ) -> None:
        read(page, qtbot, with_findings(tmp_path / "findings.gpkg"))
        kinds = page.findings.kinds
        qtbot.waitUntil(lambda: kinds.topLevelItemCount() == 5, timeout=10000)
        kinds.setCurrentItem(kinds.topLevelItem(1))
        press(page, qtbot, "cscl_finding_next")
        assert page.findings.text.text().startswith("1 of 2: parcel 4: what sliver is")
        kinds.setCurrentItem(kinds.topLevelItem(2))
        assert not page.findings.next.isEnabled()
        kinds.setCurrentItem(kinds.topLevelItem(4))
        assert page.findings.text.text() == "The transformation is good to 2 m. Install the grid."

    def test_they_are_layers_in_a_group_of_ours_once_that_is_asked_for(
        self, page: Any, qtbot: Any, tmp_path: Path, no_project: Any
    ) -> None:
        layer = read(page, qtbot, with_findings(tmp_path / "findings.gpkg"))
        qtbot.waitUntil(lambda: page.findings.layer.isEnabled(), timeout=10000)
        assert list(no_project.mapLayers()) == [layer.id()]
        press(page, qtbot, "cscl_findings_layer")
        press(page, qtbot, "cscl_findings_layer")
        groups = no_project.layerTreeRoot().findGroups()
        assert [group.name() for group in groups] == ["Findings in parcels"]
        layers = [node.layer() for node in groups[0].findLayers()]
        assert sorted(item.featureCount() for item in layers) == [1, 9]
        # What was not found is no entry of the legend.
        assert [item.label() for item in layers[1].renderer().categories()] == [
            "No polygon", "Overlap with another class", "Narrower than a pixel", "No class",
        ]  # fmt: skip
        assert len(no_project.mapLayers()) == 3

    def test_a_layer_that_cannot_be_read_is_told(
        self, page: Any, qtbot: Any, tmp_path: Path
    ) -> None:
        broken = tmp_path / "findings.gpkg"
        broken.write_bytes(b"no geopackage")
        read(page, qtbot, {**values_found(), "findings_layer": str(broken)})
        qtbot.waitUntil(lambda: "QGIS cannot open its layer" in message(page), timeout=10000)
        assert not page.findings.next.isEnabled()

    def test_nothing_found_is_said(self, page: Any, qtbot: Any) -> None:
        assert page.findings.text.text() == "Not checked yet."
        read(page, qtbot)
        assert page.findings.text.text().startswith("Nothing was found")
        assert not page.findings.kinds.isVisible()


class TestDataset:
    def test_the_job_gets_parcels_classes_rules_and_split(
        self, page: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch, plugin: SimpleNamespace
    ) -> None:
        runs: list[Any] = []
        monkeypatch.setattr(page.workspace, "run", lambda *args: runs.append(args))
        read(page, qtbot)
        page.workspace.choose("series", "/data/a.series.json")
        page.rules.main.editors["outside"].set_value("ignore")
        page.rules.details.editors["rare_pixels"].set_value(50)
        page.dataset.main.editors["output"].set_value("/data/dataset")
        page.dataset.main.editors["split"].set_value("field")
        assert page.dataset.split_field.isVisible()
        assert not page.dataset.split["blocks"].isVisible()
        page.dataset.split_field.setField("part")
        press(page, qtbot, "cscl_build")
        qtbot.waitUntil(lambda: len(runs) == 1, timeout=10000)
        job, values, sources = runs[0]
        assert job == "dataset" and list(sources) == ["parcels"]
        table = plugin.load("backend.cscl.contract.class_csv").read_class_table(values["classes"])
        assert set(table.names) == {crop for crop, *_ in CROPS}
        made = plugin.load("backend.cscl.contract.jobs").make_job(
            job, {**values, "parcels": "p.gpkg"}
        )
        told = (
            made.images, made.class_field, made.output, made.outside, made.rare_pixels, made.split,
            made.split_field, made.split_layer, made.hold_out, made.folds, made.resolution,
        )  # fmt: skip
        assert told == (
            "/data/a.series.json", "crop", "/data/dataset", "ignore", 50, "field", "part", None,
            None, None, "2.5",
        )  # fmt: skip
        page.dataset.main.editors["split"].set_value("layer")
        zones = add_layer("zones")
        page.dataset.split_layer.setLayer(zones)
        press(page, qtbot, "cscl_build")
        qtbot.waitUntil(lambda: len(runs) == 2, timeout=10000)
        _, values, sources = runs[1]
        assert set(sources) == {"parcels", "split_layer"} and "split_field" not in values
        assert sources["split_layer"].sourceName() == "zones"

    def test_the_output_is_a_free_folder_beside_the_images(self, page: Any, tmp_path: Path) -> None:
        output = page.dataset.main.editors["output"]
        page.dataset.images.set_value(str(tmp_path / "a.series.json"))
        assert output.value() == str(tmp_path / "dataset")
        (tmp_path / "dataset").mkdir()
        page.dataset.suggest_output()
        assert output.value() == str(tmp_path / "dataset_2")
        output.set_value("/data/mine")
        page.dataset.images.set_value(str(tmp_path / "b.series.json"))
        assert output.value() == "/data/mine"

    def test_what_is_missing_is_said_at_once(self, page: Any, qtbot: Any) -> None:
        press(page, qtbot, "cscl_build")
        assert "no layer is chosen" in message(page)
        page.choice.parcels.set_layer(add_layer())
        page.choice.field.set_text("crop")
        press(page, qtbot, "cscl_build")
        for name in ("Images", "Output"):
            assert f"{name}: it has no value." in message(page)

    def test_a_dataset_shows_its_balance_and_opens_its_report(
        self, page: Any, qtbot: Any, plugin: SimpleNamespace, monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
    ) -> None:  # fmt: skip
        outcome = plugin.load("cscl_qgis.engine.outcome").Outcome
        runs: list[Any] = []
        opened: list[str] = []
        monkeypatch.setattr(page.workspace, "run", lambda *args: runs.append(args))
        monkeypatch.setattr(
            QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile())
        )
        folder = str(tmp_path / "dataset")
        assert not page.report_button.isEnabled()
        failed = outcome("failed", {}, "x", "y")
        page.workspace.job_ended.emit("dataset", {"output": folder}, failed)
        assert not page.report_button.isEnabled() and page.workspace.chosen("dataset") == ""
        page.workspace.job_ended.emit("dataset", {"output": folder}, outcome("complete", {}))
        assert page.workspace.chosen("dataset") == folder
        page.workspace.questions.answer("balance", BALANCE)
        bars = page.view.bars.bars()
        assert [(bar.name, bar.parts, bar.text) for bar in bars] == [
            ("grassland", (0.6, 0.2, 0.2), "60 / 20 / 20 %"),
            ("maize", (0.75, 0.125, 0.125), "75 / 12 / 12 %"),
        ]
        assert "Validation: 4 parcels, 2.0 ha, 200 pixels" in bars[0].tip
        press(page, qtbot, "cscl_dataset_report")
        job, values = runs[0]
        assert job == "report" and values["dataset"] == folder
        write_report(plugin, Path(values["output"]))
        page.workspace.job_ended.emit("report", values, outcome("complete", {}))
        press(page, qtbot, "cscl_dataset_report")
        assert opened == [str(Path(values["output"]) / "report.html")] * 2 and len(runs) == 1


def write_report(plugin: SimpleNamespace, folder: Path) -> None:
    """Write what a complete job of a report leaves."""
    manifest = plugin.load("backend.cscl.contract.manifest")
    folder.mkdir()
    (folder / "report.html").write_text("<html></html>")
    record = manifest.Manifest(
        "report", "0" * 16, "complete", "0.1.0", 1, 1.0, outputs={"report": "report.html"}
    )
    manifest.write_manifest(folder, record)


class TestState:
    def test_the_project_keeps_the_page(self, page: Any, qtbot: Any) -> None:
        layer = read(page, qtbot)
        select(page, qtbot, "oats", "spring barley")
        press(page, qtbot, "cscl_legend_merge_button")
        page.rules.details.editors["inner_buffer"].set_value(5.0)
        page.dataset.main.editors["output"].set_value("/data/é dataset")
        page.runs.keep("/data/dataset")
        state = json.loads(json.dumps(page.state()))
        page.restore({})
        assert page.table.model.legend.rows == [] and page.hint.isVisible()
        assert page.choice.parcels.layer() is None and page.runs.dataset == ""
        page.restore(state)
        assert page.state() == state
        assert page.choice.parcels.layer() is layer
        assert classes_of(page)["spring barley"] == ("oats", "spring barley")
        assert page.workspace.questions.names() == []
        page.shown()
        assert page.workspace.questions.values("balance") == {"dataset": "/data/dataset"}

    def test_a_damaged_state_counts_as_none(self, page: Any) -> None:
        rows = [{"value": "a"}, 3, {**dict.fromkeys(page_row(), ""), "count": 1, "area": 2.0}]
        page.restore({"parcels": 3, "classes": rows, "rules": [], "dataset": "x", "read_of": [1]})
        assert [row.code for row in page.table.model.legend.rows] == [None]
        page.restore({"classes": {"a": 1}})
        assert page.table.model.legend.rows == []


def page_row() -> tuple[str, ...]:
    """Return the keys of a row in the state."""
    return (
        "value", "name", "code", "colour", "hcat", "own_name", "own_hcat", "count", "area",
    )  # fmt: skip


class TestLook:
    def test_nothing_is_cut_off_in_a_narrow_dock(
        self, page: Any, qtbot: Any, tmp_path: Path
    ) -> None:
        read(page, qtbot, with_findings(tmp_path / "findings.gpkg"))
        page.rules.group.setCollapsed(False)
        page.dataset.group.setCollapsed(False)
        qtbot.waitUntil(lambda: page.findings.kinds.topLevelItemCount() == 5, timeout=10000)
        for split in ("blocks", "folds", "field", "layer"):
            page.dataset.main.editors["split"].set_value(split)
            settle()
            assert too_small(page) == []
        assert page.width() == PAGE_WIDTH

    def test_every_control_says_what_it_does(self, page: Any) -> None:
        controls = page.findChildren(QAbstractButton) + page.findChildren(QLineEdit)
        ours = [item for item in controls if item.objectName().startswith("cscl_")]
        assert len(ours) > 12
        assert [item.objectName() for item in ours if not item.toolTip()] == []


MANY = 20_000


def many_parcels() -> QgsVectorLayer:
    """Return a layer in memory with many parcels of many classes."""
    layer = QgsVectorLayer(f"Polygon?crs={UTM}&field=crop:string", "many", "memory")
    features = []
    for number in range(MANY):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([f"crop {number % 250}"])
        left, bottom = 500000 + 60 * (number % 200), 5600000 + 60 * (number // 200)
        feature.setGeometry(
            QgsGeometry.fromRect(QgsRectangle(left, bottom, left + 50, bottom + 50))
        )
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    QgsProject.instance().addMapLayer(layer)
    return layer


def many_findings(path: Path) -> Path:
    """Write as many findings as a check keeps of two kinds."""
    return write_findings(path, (("overlap", MANY // 2), ("sliver", MANY // 2)))


class TestMainLoop:
    def test_many_parcels_classes_and_findings_hold_nothing_up(
        self, page: Any, qtbot: Any, tmp_path: Path
    ) -> None:
        answer = {
            "classes": [
                {"value": f"crop {n}", "name": f"crop {n}", "code": n + 1, "colour": "#aabbcc",
                 "hcat": "", "count": MANY // 250, "area_ha": float(n), "pixels": None}
                for n in range(250)
            ],
            "parcels": MANY, "findings": [], "notes": [],
            "findings_layer": str(many_findings(tmp_path / "findings.gpkg")),
        }  # fmt: skip
        page.choice.parcels.set_layer(many_parcels())
        page.choice.field.set_text("crop")
        press(page, qtbot, "cscl_read_classes")
        qtbot.waitUntil(lambda: bool(page.workspace.questions.names()), timeout=60000)
        held = [processor_time(lambda: page.workspace.questions.answer("parcels", answer))]
        held.append(processor_time(settle))
        qtbot.waitUntil(lambda: page.findings.next.isEnabled(), timeout=60000)
        page.table.view.selectAll()
        held.append(processor_time(page.table.merge))
        held.append(processor_time(lambda: press(page, qtbot, "cscl_finding_next")))
        assert max(held) <= LONGEST, held
        assert page.findings.kinds.topLevelItem(0).text(1).replace(",", "") == str(MANY // 2)
        assert page.findings.text.text().startswith(f"1 of {MANY:,}: parcel 1: what overlap is")


def processor_time(act: Callable[[], Any]) -> float:
    """Return the seconds that the main thread computes; a busy machine does not add to them."""
    began = time.thread_time()
    act()
    return time.thread_time() - began
