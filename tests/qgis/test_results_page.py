"""The page of results: what it reads, shows and selects, and what it leaves alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import content_of
from dock_windows import MapWindow, settle, shown_dock, too_small
from qgis.core import QgsApplication, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QPoint, Qt, QUrl
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QLabel
from results_folders import CONFUSION, NORTH, SIDE, WEST, write_results

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture()
def window_kind() -> type[MapWindow]:
    """A window with a map."""
    return MapWindow


@pytest.fixture()
def dock(dock_module: Any, window: MapWindow) -> Iterator[Any]:
    """A dock that shows the page of results."""
    made = shown_dock(dock_module, window)
    made.page("results").restore({})
    made.show_page("results")
    yield made
    made.close_down()


@pytest.fixture()
def folder(plugin: SimpleNamespace, tmp_path: Path) -> Path:
    """A folder of results."""
    return write_results(tmp_path / "wörk" / "result", plugin)


@pytest.fixture()
def page(dock: Any, folder: Path, qtbot: Any) -> Any:
    """The page with the results read."""
    return opened(dock, folder, qtbot)


def opened(dock: Any, folder: Path, qtbot: Any) -> Any:
    """Return the page once it has read a folder and its parcels."""
    page = dock.page("results")
    page.open_folder(str(folder))
    qtbot.waitUntil(lambda: page.source.folder is not None, timeout=10000)
    qtbot.waitUntil(lambda: not page.source.is_reading(), timeout=10000)
    settle()
    return page


def shown_rows(page: Any) -> list[list[str]]:
    """Return the texts of the list."""
    model = page.disagreements.model
    return [
        [model.data(model.index(row, column)) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


class TestFolder:
    def test_it_says_what_was_made_and_when(self, page: Any) -> None:
        lines = page.head.summary.text().splitlines()
        assert lines[0].startswith("Job pipeline of 2023-11-1")
        assert lines[1] == "Season 2020-10-01 to 2021-09-30, 2 dates"
        assert page.head.show_button.isEnabled()
        assert page.head.report_button.isEnabled()

    @pytest.mark.parametrize(
        ("spoil", "words"),
        [
            (lambda path: (path / "manifest.json").unlink(), "it holds no manifest.json"),
            (lambda path: (path / "manifest.json").write_text("{"), "not valid JSON"),
            (lambda path: change(path / "manifest.json", state="failed"), "is failed"),
            (lambda path: change(path / "manifest.json", outputs={"map": "../.."}), "stay in its"),
            (lambda path: change(path / "map" / "map.json", classes={}), "class table is damaged"),
        ],
    )
    def test_what_is_wrong_with_a_folder_is_said_in_its_place(
        self, dock: Any, folder: Path, qtbot: Any, spoil: Callable[[Path], Any], words: str
    ) -> None:
        spoil(folder)
        page = dock.page("results")
        page.head.chooser.setFilePath(str(folder))
        qtbot.waitUntil(lambda: words in page.head.summary.text(), timeout=10000)
        assert not page.head.show_button.isEnabled()
        assert not page.export.button.isEnabled()

    def test_a_damaged_report_hides_neither_map_nor_parcels(
        self, dock: Any, window: MapWindow, folder: Path, qtbot: Any
    ) -> None:
        change(folder / "report.json", confusion=[{"method": "network"}])
        page = opened(dock, folder, qtbot)
        assert "its confusion matrices are not as this version writes them" in window.message()
        assert page.head.show_button.isEnabled()
        assert len(shown_rows(page)) == 3

    def test_a_folder_opened_meanwhile_wins(
        self, dock: Any, plugin: SimpleNamespace, folder: Path, tmp_path: Path, qtbot: Any
    ) -> None:
        second = write_results(tmp_path / "second", plugin, job="demo")
        page = dock.page("results")
        page.open_folder(str(folder))
        page.open_folder(str(second))
        qtbot.waitUntil(lambda: page.source.folder is not None, timeout=10000)
        assert page.source.folder.folder == str(second)
        assert page.head.summary.text().startswith("Job demo")

    def test_the_report_is_opened(
        self, page: Any, folder: Path, plugin: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[QUrl] = []
        services = plugin.load("cscl_qgis.gui.pages.results").QDesktopServices
        monkeypatch.setattr(services, "openUrl", seen.append)
        QTest.mouseClick(page.head.report_button, LEFT)
        assert [url.toLocalFile() for url in seen] == [str(folder / "report.html")]


def added(page: Any) -> None:
    """Show the results on the map and wait for the last layer."""
    page.add_to_project()
    settle(20)


def change(path: Path, **values: Any) -> None:
    """Change values of a JSON file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**document, **values}), encoding="utf-8")


class TestMap:
    def test_results_are_one_group_that_says_where_it_comes_from(
        self, page: Any, folder: Path, no_project: Any
    ) -> None:
        before = content_of(folder)
        QTest.mouseClick(page.head.show_button, LEFT)
        QTest.mouseClick(page.head.show_button, LEFT)
        settle(20)
        root = no_project.layerTreeRoot()
        assert [node.name() for node in root.children()] == ["Crop map: result"]
        nodes = root.children()[0].findLayers()
        assert [(node.name(), node.itemVisibilityChecked()) for node in nodes] == [
            ("Map against declaration", False), ("Parcels", True), ("Crop map 10 m", True),
        ]  # fmt: skip
        assert content_of(folder) == before
        metadata = nodes[2].layer().metadata()
        assert metadata.title() == "Crop map 10 m: result"
        assert "Season: 2020-10-01 to 2021-09-30." in metadata.abstract()
        history = metadata.history()
        assert history[:2] == [
            "2023-11-14 22:13 UTC: job pipeline, version 0.1.0", "It took 10.0 minutes.",
        ]  # fmt: skip
        assert "images = /images" in history
        assert history[-1] == "2 of 3 dates are used."
        assert "Contains modified Copernicus Sentinel data 2020–2021" in metadata.rights()[0]
        assert len(metadata.licenses()) == 1
        links = {link.name: link.url for link in metadata.links()}
        assert links == {
            "Folder of the run": folder.as_uri(), "Report": (folder / "report.html").as_uri(),
        }  # fmt: skip

    def test_the_map_against_the_declaration_has_three_colours(
        self, page: Any, no_project: Any
    ) -> None:
        added(page)
        layer = no_project.mapLayersByName("Map against declaration")[0]
        legend = {}
        renderer = layer.renderer().clone()
        from qgis.core import QgsRenderContext

        context = QgsRenderContext()
        renderer.startRender(context, layer.fields())
        for feature in layer.getFeatures():
            symbol = renderer.symbolForFeature(feature, context)
            legend[feature.id()] = symbol.color().name()
        renderer.stopRender(context)
        agrees, differs, untold = "#4393c3", "#cb3c2c", "#969696"
        assert list(legend.values()) == [
            agrees, differs, differs, agrees, differs, agrees, untold, untold,
        ]  # fmt: skip

    def test_one_layer_is_opened_a_turn(
        self, page: Any, plugin: SimpleNamespace, no_project: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        """QGIS takes milliseconds to open a layer: all at once would be felt."""
        counts: list[int] = []
        QTest.mouseClick(page.head.show_button, LEFT)
        for _ in range(20):
            counts.append(len(no_project.mapLayers()))
            QgsApplication.processEvents()
        assert counts[0] == 0
        assert counts[-1] == 3
        assert max(counts[at] - counts[at - 1] for at in range(1, 20)) == 1

    def test_a_layer_that_cannot_be_opened_keeps_no_other_away(
        self, page: Any, window: MapWindow, folder: Path, no_project: Any
    ) -> None:
        (folder / "map" / "crops.tif").write_bytes(b"II*")
        added(page)
        assert sorted(layer.name() for layer in no_project.mapLayers().values()) == [
            "Map against declaration", "Parcels",
        ]  # fmt: skip
        assert "crops.tif: QGIS cannot open it as a layer" in window.message()

    def test_nothing_but_the_group_is_added(
        self, page: Any, folder: Path, no_project: Any, qtbot: Any
    ) -> None:
        other = QgsVectorLayer("Polygon?crs=EPSG:32631&field=a:int", "mine", "memory")
        no_project.addMapLayer(other)
        before = (other.customPropertyKeys(), other.renderer().type(), other.metadata().title())
        added(page)
        page.disagreements.view.setCurrentIndex(page.disagreements.model.index(0, 0))
        assert no_project.layerTreeRoot().children()[1].name() == "mine"
        after = (other.customPropertyKeys(), other.renderer().type(), other.metadata().title())
        assert after == before


class TestDisagreements:
    def test_the_surest_come_first(self, page: Any) -> None:
        assert shown_rows(page) == [
            ["3", "maize", "winter wheat", "97 %"],
            ["5", "winter wheat", "maize", "71 %"],
            ["2", "maize", "winter wheat", "62 %"],
        ]
        assert page.disagreements.summary.text().startswith(
            "Map and declaration differ in 3 of 6 parcels"
        )

    def test_parcels_that_the_model_was_trained_on_can_be_left_out(self, page: Any) -> None:
        QTest.mouseClick(page.disagreements.unseen, LEFT, NONE, QPoint(8, 8))
        assert [row[0] for row in shown_rows(page)] == ["5", "2"]
        assert "differ in 2 of 4 parcels" in page.disagreements.summary.text()

    def test_a_row_moves_the_map_to_its_parcel_and_flashes_it(
        self, page: Any, window: MapWindow, plugin: SimpleNamespace,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        flashed: list[Any] = []
        on_map = plugin.load("cscl_qgis.gui.results.on_map")
        monkeypatch.setattr(on_map, "flash", lambda canvas, layer, row: flashed.append(row.feature))
        added(page)
        view = page.disagreements.view
        row = view.visualRect(page.disagreements.model.index(1, 1)).center()
        QTest.mouseClick(view.viewport(), LEFT, NONE, row)
        assert flashed == [5]
        centre = window.canvas.extent().center()
        assert (round(centre.x()), round(centre.y())) == (WEST + SIDE // 2, NORTH - 4 * SIDE - 25)
        assert 3 * SIDE <= window.canvas.extent().height() < 20 * SIDE
        QTest.keyClick(view, Qt.Key.Key_Down)
        assert flashed == [5, 2]
        layer = QgsProject.instance().mapLayersByName("Parcels")[0]
        assert layer.selectedFeatureIds() == [2]

    def test_a_map_in_another_projection_moves_too(self, page: Any, window: MapWindow) -> None:
        from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsPointXY

        window.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
        page.disagreements.view.setCurrentIndex(page.disagreements.model.index(0, 0))
        back = QgsCoordinateTransform(
            QgsCoordinateReferenceSystem("EPSG:3857"), QgsCoordinateReferenceSystem("EPSG:32631"),
            QgsProject.instance(),
        )  # fmt: skip
        found = back.transform(window.canvas.extent().center())
        assert found.compare(QgsPointXY(WEST + SIDE / 2, NORTH - 2.5 * SIDE), 2)

    def test_a_list_for_inspectors_keeps_its_order(self, plugin: SimpleNamespace) -> None:
        table = plugin.load("cscl_qgis.gui.results.parcel_table")

        def row(feature: int, rank: int, sure: float) -> Any:
            return table.ParcelRow(
                feature, str(feature), "a", "b", 1, sure, "", False, "", "test", rank, (0, 0, 1, 1)
            )

        rows = [row(1, 2, 0.9), row(2, 1, 0.5), row(3, 3, 0.99)]
        assert [item.feature for item in table.disagreeing(rows)] == [2, 1, 3]

    def test_fields_with_a_number_are_the_engines(self, plugin: SimpleNamespace) -> None:
        agreement = plugin.load("cscl_qgis.layers.agreement")
        layer = QgsVectorLayer(
            "Polygon?field=agrees:string&field=crop_name:string&field=agrees_2:bool", "x", "memory"
        )
        assert agreement.result_field(layer.fields(), "agrees") == "agrees_2"
        assert agreement.result_field(layer.fields(), "crop_name") == "crop_name"
        assert agreement.result_field(layer.fields(), "crop") is None


class TestMatrix:
    def cells(self, page: Any) -> list[list[str]]:
        model = page.scores.matrix.model
        return [
            [model.data(model.index(row, column)) for column in range(model.columnCount())]
            for row in range(model.rowCount())
        ]

    def test_unseen_parcels_come_first_then_all_then_the_report(self, page: Any) -> None:
        choice = page.scores.matrix.choice
        assert [choice.itemText(index) for index in range(choice.count())] == [
            "Parcels that the model has not seen",
            "All parcels",
            "Test pixels of 10 m against declaration",
            "Test pixels of 10 m against declaration, random forest",
        ]
        assert self.cells(page) == [
            ["", "1", "", "", "0"],
            ["1", "1", "", "", "50"],
            ["", "", "1", "", "100"],
            ["", "", "", "", "–"],
            ["0", "50", "100", "–", ""],
        ]
        choice.setCurrentIndex(1)
        assert self.cells(page)[0] == ["1", "2", "", "", "33"]
        choice.setCurrentIndex(2)
        counts = [[int(text or 0) for text in row[:4]] for row in self.cells(page)[:4]]
        assert counts == CONFUSION
        assert page.scores.matrix.summary.text().startswith("93.8 % of 226 pixels")

    def test_a_cell_selects_its_parcels_on_the_map(
        self, page: Any, folder: Path, no_project: Any, window: MapWindow
    ) -> None:
        page.tabs.setCurrentIndex(1)
        page.scores.matrix.choice.setCurrentIndex(1)
        settle()
        click_cell(page, 0, 1)
        layer = no_project.mapLayersByName("Parcels")[0]
        assert sorted(layer.selectedFeatureIds()) == [2, 3]
        assert window.message() == "2 parcels are selected."
        extent = window.canvas.extent()
        assert extent.yMinimum() < NORTH - 3 * SIDE and extent.yMaximum() > NORTH - SIDE
        click_cell(page, 2, 2)
        assert layer.selectedFeatureIds() == [6]
        click_cell(page, 2, 0)
        assert layer.selectedFeatureIds() == []
        assert len(no_project.mapLayersByName("Parcels")) == 1

    def test_a_cell_of_test_pixels_selects_parcels_that_were_not_trained_on(
        self, page: Any, no_project: Any
    ) -> None:
        page.tabs.setCurrentIndex(1)
        page.scores.matrix.choice.setCurrentIndex(2)
        settle()
        click_cell(page, 0, 1)
        assert no_project.mapLayersByName("Parcels")[0].selectedFeatureIds() == [2]

    def test_another_field_of_the_declaration_is_read_again(self, page: Any, qtbot: Any) -> None:
        page.scores.class_field.setField("crop_name")
        qtbot.waitUntil(lambda: not page.source.is_reading(), timeout=10000)
        page.scores.matrix.choice.setCurrentIndex(page.scores.matrix.choice.findData("parcels"))
        assert [row[index] for index, row in enumerate(self.cells(page)[:3])] == ["2", "3", "2"]

    def test_every_choice_has_a_label_that_leads_to_it(self, page: Any) -> None:
        for widget in (page.head.chooser, page.scores.class_field, page.compare.layers):
            labels = [item for item in page.findChildren(QLabel) if item.buddy() is widget]
            assert len(labels) == 1


def click_cell(page: Any, row: int, column: int) -> None:
    """Click a cell of the matrix."""
    matrix = page.scores.matrix
    index = matrix.model.index(row, column)
    matrix.table.scrollTo(index)
    settle()
    QTest.mouseClick(matrix.table.viewport(), LEFT, NONE, matrix.table.visualRect(index).center())
    settle(20)


class TestSwipe:
    def test_the_other_layer_lies_right_of_the_line(
        self, page: Any, window: MapWindow, qtbot: Any, no_project: Any
    ) -> None:
        added(page)
        layer = no_project.mapLayersByName("Crop map 10 m")[0]
        page.tabs.setCurrentIndex(2)
        page.compare.choose(layer)
        settle()
        QTest.mouseClick(page.compare.button, LEFT)
        canvas, tool = window.canvas, page.compare._tool
        assert canvas.mapTool() is tool
        qtbot.waitUntil(lambda: tool._item._picture is not None, timeout=10000)
        assert tool._item._picture.width() == canvas.viewport().width()
        drag = QPoint(canvas.width() // 4, 50)
        QTest.mouseClick(canvas.viewport(), LEFT, NONE, drag)
        assert abs(tool._item.share - 0.25) < 0.02
        QTest.keyClick(canvas, Qt.Key.Key_Right)
        assert abs(tool._item.share - 0.30) < 0.02
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
        assert canvas.mapTool() is not tool
        assert tool._item is None
        assert not page.compare.button.isChecked()

    def test_f67_the_compared_layer_may_leave_the_project(
        self, page: Any, window: MapWindow, qtbot: Any, no_project: Any
    ) -> None:
        added(page)
        page.compare.choose(no_project.mapLayersByName("Crop map 10 m")[0])
        page.compare.button.setChecked(True)
        tool = page.compare._tool
        no_project.clear()
        settle()
        window.canvas.refresh()
        qtbot.waitUntil(lambda: not window.canvas.isDrawing(), timeout=10000)
        assert not page.compare.button.isChecked()
        assert window.canvas.mapTool() is not tool

    def test_f66_the_line_goes_with_the_dock(self, page: Any, window: MapWindow) -> None:
        added(page)
        items = len(window.canvas.scene().items())
        page.compare.button.setChecked(True)
        assert len(window.canvas.scene().items()) == items + 1
        page.close_down()
        assert len(window.canvas.scene().items()) == items


class TestExport:
    def test_what_was_entered_is_what_the_job_gets(
        self, page: Any, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ran: list[Any] = []
        monkeypatch.setattr(page.workspace, "run", lambda *given: ran.append(given))
        page.tabs.setCurrentIndex(3)
        export = page.export
        assert export.fields.count() == 9
        export.fields.setCheckedItems(["crop", "crop_name"])
        export.output.setFilePath(str(tmp_path / "fields.gpkg"))
        export.format.set_value("geojson")
        from qgis.core import QgsCoordinateReferenceSystem

        export.crs.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
        QTest.mouseClick(export.button, LEFT)
        assert ran == [
            ("export", {
                "layer": str(folder / "parcels.gpkg"), "output": str(tmp_path / "fields.geojson"),
                "format": "geojson", "fields": ["crop", "crop_name"], "crs": "EPSG:4326",
                "overwrite": False,
            })
        ]  # fmt: skip

    def test_a_missing_output_is_said(self, page: Any, window: MapWindow) -> None:
        QTest.mouseClick(page.export.button, LEFT)
        assert "Output: it has no value. Choose or enter one." in window.message()

    def test_the_real_engine_exports_chosen_fields(
        self, page: Any, window: MapWindow, tmp_path: Path, qtbot: Any
    ) -> None:
        page.export.fields.setCheckedItems(["crop_name", "crop"])
        page.export.output.setFilePath(str(tmp_path / "out.csv"))
        page.export.format.set_value("csv")
        with qtbot.waitSignal(page.workspace.job_ended, timeout=60000) as ended:
            QTest.mouseClick(page.export.button, LEFT)
        assert ended.args[2].state == "complete", ended.args[2].message
        lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
        assert sorted(lines[0].split(",")) == ["crop", "crop_name"]
        assert len(lines) == 9
        assert window.message().startswith("The parcels were exported to")


class TestState:
    def test_folder_tab_and_export_come_back(
        self, page: Any, dock: Any, folder: Path, qtbot: Any
    ) -> None:
        page.tabs.setCurrentIndex(3)
        page.export.format.set_value("fgb")
        page.disagreements.unseen.setChecked(True)
        state = json.loads(json.dumps(page.state()))
        page.restore({})
        assert page.source.folder is None
        assert page.head.path() == ""
        page.restore(state)
        assert page.state() == state
        assert page.source.folder is None
        page.shown()
        qtbot.waitUntil(lambda: page.source.folder is not None, timeout=10000)
        assert page.source.folder.folder == str(folder)

    def test_a_mad_state_is_a_new_one(self, page: Any) -> None:
        page.restore({"folder": 7, "tab": "x", "export": [1], "only_unseen": "yes"})
        assert page.tabs.currentIndex() == 0
        assert not page.disagreements.unseen.isChecked()

    def test_a_map_that_was_made_is_opened(self, dock: Any, folder: Path, qtbot: Any) -> None:
        page = dock.page("results")
        dock.workspace.choose("map", str(folder))
        qtbot.waitUntil(lambda: page.source.folder is not None, timeout=10000)
        assert page.head.path() == str(folder)


class TestLayout:
    def test_nothing_is_cut_off(self, page: Any, dock: Any) -> None:
        assert dock.width() <= 440
        bar = page.tabs.tabBar()
        for index in range(page.tabs.count()):
            page.tabs.setCurrentIndex(index)
            settle()
            assert too_small(dock) == []
            assert bar.tabRect(index).width() >= bar.fontMetrics().horizontalAdvance(
                bar.tabText(index)
            )
        assert bar.tabRect(bar.count() - 1).right() <= page.tabs.width()

    def test_empty_pages_say_what_to_do(self, dock: Any) -> None:
        page = dock.page("results")
        assert "can be opened here" in page.head.summary.text()
        assert page.disagreements.summary.text() == "Choose a folder of results above."
        assert page.scores.matrix.summary.text() == "Choose a folder with a map above."
        assert "Add an image or a reference map" in page.compare.hint.text()
        assert not page.compare.button.isEnabled()
        for index in range(page.tabs.count()):
            page.tabs.setCurrentIndex(index)
            settle()
            assert too_small(dock) == []
