"""The page that maps crops: card, check, area, preview, estimate, and the jobs it starts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dock_windows import MapWindow, settle, shown_dock, too_small
from fake_questions import FakeQuestions
from map_answers import ANSWERS, CARD, ESTIMATE, SEASON_MISMATCH
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QLabel, QPushButton
from results_folders import write_map, write_results
from test_dock import add_parcels

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier.NoModifier
VIEW = QgsRectangle(500000, 5596000, 504000, 5600000)


@pytest.fixture()
def window_kind() -> type[MapWindow]:
    """A window with a map."""
    return MapWindow


@pytest.fixture()
def questions(plugin: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> FakeQuestions:
    """A client that answers at once, in the place of the real one."""
    made = FakeQuestions(plugin, dict(ANSWERS))
    workspace = plugin.load("cscl_qgis.gui.workspace")
    monkeypatch.setattr(workspace, "Questions", lambda parent: made)
    return made


@pytest.fixture()
def dock(dock_module: Any, window: MapWindow, questions: FakeQuestions) -> Iterator[Any]:
    """A dock that shows the page, beside a map of some place in UTM."""
    window.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32631"))
    made = shown_dock(dock_module, window)
    made.page("map").restore({})
    made.show_page("map")
    window.canvas.setExtent(VIEW)
    settle()
    yield made
    made.close_down()


@pytest.fixture()
def page(dock: Any) -> Any:
    """The page that maps crops."""
    return dock.page("map")


def fill(page: Any, tmp_path: Path, qtbot: Any) -> None:
    """Choose model, images and output, and wait for what the engine says of them."""
    page.form.set_values(
        {"model": str(tmp_path / "model"), "images": str(tmp_path), "output": str(tmp_path / "out")}
    )
    qtbot.waitUntil(lambda: page.questions.card is not None, timeout=5000)
    qtbot.waitUntil(lambda: page.questions.images_crs is not None, timeout=5000)
    qtbot.wait(400)


def recorded(page: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Return a list to which every job that is started is added, in place of running it."""
    ran: list[tuple[Any, ...]] = []
    monkeypatch.setattr(page.workspace, "run", lambda *given: ran.append(given))
    return ran


def shapes(source: Any) -> list[str]:
    """Return the geometries of a source."""
    return [feature.geometry().asWkt(0) for feature in source.getFeatures()]


class TestCard:
    def test_it_says_what_the_model_needs_and_tells_apart(
        self, page: Any, questions: FakeQuestions, tmp_path: Path, qtbot: Any
    ) -> None:
        fill(page, tmp_path, qtbot)
        assert questions.of("card") == [{"model": str(tmp_path / "model")}]
        card = page.form.card
        texts = {name: label.text() for name, label in card._values.items() if label.isVisible()}
        assert texts == {
            "bands": "B02, B03, B04, B08",
            "dates": "16 from 1 Oct to 30 Sep",
            "level": "L2A; the scene classification",
            "maps": "10 m, 2.5 m",
            "outside": "is a class of its own",
            "trained": "2021, 71 epochs, preset quick",
            "figures": "10 m: overall accuracy 82.4 %, mean IoU 65.3 %\n"
            "2.5 m: overall accuracy 81.8 %",
        }
        assert card.classes.names() == ["maize", "winter wheat", "other land"]
        assert card.classes.accessibleName() == "maize, winter wheat, other land"

    def test_a_model_that_cannot_be_read_is_said_as_text(
        self, page: Any, plugin: SimpleNamespace, questions: FakeQuestions, qtbot: Any
    ) -> None:
        error = plugin.load("backend.cscl.contract.errors").UserError
        questions.answers["card"] = error("no_model", "<b>m</b>", "it is none", "Choose another.")
        page.form.set_values({"model": "/m"})
        message = page.form.card.message
        qtbot.waitUntil(lambda: "it is none" in message.text(), timeout=5000)
        assert message.text().startswith("<b>m</b>")
        assert message.textFormat() == Qt.TextFormat.PlainText
        assert not page.preview_button.isEnabled()

    def test_a_pretrained_model_is_told_apart(
        self, page: Any, questions: FakeQuestions, tmp_path: Path, qtbot: Any
    ) -> None:
        questions.answers["card"] = {**CARD, "stage": "pretrained"}
        fill(page, tmp_path, qtbot)
        assert page.form.card.message.text().startswith("This model is pretrained only")

    def test_a_model_without_other_land_maps_parcels_only(
        self, page: Any, questions: FakeQuestions, tmp_path: Path, qtbot: Any
    ) -> None:
        questions.answers["card"] = {**CARD, "outside": "ignore"}
        assert not page.form.clip.isChecked()
        fill(page, tmp_path, qtbot)
        assert page.form.clip.isChecked()
        assert page.form.card.classes.names() == ["maize", "winter wheat"]


class TestFits:
    def test_each_mismatch_is_named_and_mended_by_its_button(
        self, page: Any, questions: FakeQuestions, tmp_path: Path, qtbot: Any
    ) -> None:
        mask = {**SEASON_MISMATCH, "what": "mask", "mend": None, "severity": "warning"}
        questions.answers["fits"] = {"fits": False, "mismatches": [SEASON_MISMATCH, mask]}
        fill(page, tmp_path, qtbot)
        view = page.form.fits
        assert view.message.text() == "These images do not suit the model yet:"
        words = [label.text() for label in view.findChildren(QLabel) if label.isVisible()]
        assert words == [
            "These images do not suit the model yet:",
            "Season",
            "Model: 10-01 to 09-30\nImages: 2020-10-01 to 2021-06-30",
            "Use the model's season.",
            "Cloud mask",
            "Model: 10-01 to 09-30\nImages: 2020-10-01 to 2021-06-30",
            "Use the model's season.",
        ]
        questions.answers["fits"] = {"fits": True, "mismatches": []}
        assert len(view.buttons()) == 1
        QTest.mouseClick(view.buttons()[0], LEFT)
        qtbot.waitUntil(lambda: view.message.text() == "The images suit the model.", timeout=5000)
        assert page.form.values()["season"] == "2020-10-01/2021-09-30"
        assert questions.of("fits") == [
            {"images": str(tmp_path), "model": str(tmp_path / "model"), "resolution": "2.5"},
            {"images": str(tmp_path), "model": str(tmp_path / "model"), "resolution": "2.5",
             "season": "2020-10-01/2021-09-30"},
        ]  # fmt: skip
        assert view.buttons() == []

    def test_what_is_wrong_with_the_images_is_forgotten_once_it_is_put_right(
        self, page: Any, plugin: SimpleNamespace, questions: FakeQuestions, tmp_path: Path,
        qtbot: Any, monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        error = plugin.load("backend.cscl.contract.errors").UserError
        fill(page, tmp_path, qtbot)
        message, good = page.form.fits.message, type(page.form).values
        assert message.text() == "The images suit the model."

        def bad(form: Any) -> Any:
            raise error("x", "images", "the layer has no file", "Choose another.")

        monkeypatch.setattr(type(page.form), "values", bad)
        page.questions.ask()
        assert message.text() == "images: the layer has no file. Choose another."
        assert page.message.text() == ""
        settle()
        monkeypatch.setattr(type(page.form), "values", good)
        page.questions.ask()
        qtbot.waitUntil(lambda: message.text() == "The images suit the model.", timeout=5000)
        qtbot.waitUntil(lambda: page.message.text().startswith("Expected"), timeout=5000)
        assert len(questions.of("fits")) == 2 and len(questions.of("card")) == 1

    def test_nothing_is_asked_twice(
        self, page: Any, questions: FakeQuestions, tmp_path: Path, qtbot: Any
    ) -> None:
        fill(page, tmp_path, qtbot)
        asked = len(questions.asked)
        page.form.editor("probabilities").widget.toggle()
        qtbot.wait(500)
        assert [name for name, _ in questions.asked[asked:]] == ["estimate"]

    def test_a_hidden_page_asks_nothing(
        self, dock: Any, page: Any, questions: FakeQuestions, tmp_path: Path, qtbot: Any
    ) -> None:
        dock.show_page("whole")
        page.form.set_values({"model": str(tmp_path)})
        qtbot.wait(500)
        assert questions.asked == []
        dock.show_page("map")
        qtbot.waitUntil(lambda: questions.of("card") != [], timeout=5000)


class TestArea:
    def test_the_view_is_given_in_the_images_coordinates(
        self, page: Any, window: MapWindow, tmp_path: Path, qtbot: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        ran = recorded(page, monkeypatch)
        fill(page, tmp_path, qtbot)
        page.form.area.choice.setCurrentIndex(1)
        extent = window.canvas.extent()
        QTest.mouseClick(page.run_button, LEFT)
        assert ran[0][0] == "map"
        corners = [float(text) for text in ran[0][1]["area"].split(",")]
        assert corners == pytest.approx(
            [extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()], abs=0.01
        )
        assert ran[0][2] == {}
        window.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
        settle()
        QTest.mouseClick(page.run_button, LEFT)
        again = [float(text) for text in ran[1][1]["area"].split(",")]
        assert again[0] > 490000 and again[3] < 5700000

    def test_the_view_waits_for_the_images(
        self, page: Any, window: MapWindow, questions: FakeQuestions, tmp_path: Path, qtbot: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        ran = recorded(page, monkeypatch)
        questions.answers["look"] = None
        page.form.set_values({"model": "/m", "images": "/i", "output": str(tmp_path / "o")})
        page.form.area.choice.setCurrentIndex(1)
        QTest.mouseClick(page.run_button, LEFT)
        assert ran == []
        assert "Wait until the images have been read" in window.message()

    def test_a_polygon_is_drawn_by_clicks(
        self, page: Any, window: MapWindow, questions: FakeQuestions, tmp_path: Path, qtbot: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        ran = recorded(page, monkeypatch)
        fill(page, tmp_path, qtbot)
        page.form.area.choice.setCurrentIndex(2)
        settle()
        QTest.mouseClick(page.run_button, LEFT)
        assert "no polygon is drawn" in window.message()
        QTest.mouseClick(page.form.area.draw_button, LEFT)
        viewport = window.canvas.viewport()
        for corner in ((20, 20), (200, 20), (200, 200)):
            QTest.mouseClick(viewport, LEFT, NONE, QPoint(*corner))
        QTest.mouseClick(viewport, RIGHT, NONE, QPoint(100, 100))
        settle()
        assert not page.form.area.draw_button.isChecked()
        assert page.form.area.draw_button.text() == "Draw anew"
        assert QgsProject.instance().mapLayers() == {}
        assert page.form.area._mark is not None
        QTest.mouseClick(page.run_button, LEFT)
        (wkt,) = shapes(ran[0][2]["area_polygons"])
        assert QgsGeometry.fromWkt(wkt).constGet().nCoordinates() == 4
        assert "area" not in ran[0][1]
        qtbot.waitUntil(
            lambda: "area" in questions.of("estimate")[-1]["job"]["values"], timeout=5000
        )

    def test_backspace_takes_a_corner_back_and_escape_all(
        self, page: Any, window: MapWindow
    ) -> None:
        page.form.area.choice.setCurrentIndex(2)
        items = len(window.canvas.scene().items())
        QTest.mouseClick(page.form.area.draw_button, LEFT)
        tool = window.canvas.mapTool()
        for corner in ((20, 20), (200, 20), (200, 200)):
            QTest.mouseClick(window.canvas.viewport(), LEFT, NONE, QPoint(*corner))
        QTest.keyClick(window.canvas, Qt.Key.Key_Backspace)
        assert len(tool._corners) == 2
        QTest.mouseClick(window.canvas.viewport(), RIGHT, NONE, QPoint(100, 100))
        assert window.canvas.mapTool() is tool
        QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
        assert window.canvas.mapTool() is not tool
        assert not page.form.area.draw_button.isChecked()
        assert len(window.canvas.scene().items()) == items

    def test_f66_tool_and_mark_go_with_the_page(
        self, dock: Any, page: Any, window: MapWindow
    ) -> None:
        items = len(window.canvas.scene().items())
        page.form.area.restore(
            {"kind": "drawn", "shape": "Polygon ((0 0, 9 0, 9 9, 0 0))", "crs":
             QgsCoordinateReferenceSystem("EPSG:32631").toWkt()}
        )  # fmt: skip
        assert len(window.canvas.scene().items()) == items + 1
        dock.show_page("whole")
        assert len(window.canvas.scene().items()) == items
        dock.show_page("map")
        assert len(window.canvas.scene().items()) == items + 1
        page.form.area.draw_button.setChecked(True)
        page.close_down()
        assert len(window.canvas.scene().items()) == items
        assert not page.form.area.draw_button.isChecked()

    def test_polygons_of_a_layer(
        self, page: Any, tmp_path: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ran = recorded(page, monkeypatch)
        layer = add_parcels(2)
        fill(page, tmp_path, qtbot)
        page.form.area.choice.setCurrentIndex(3)
        page.form.area.layers.set_layer(layer)
        QTest.mouseClick(page.run_button, LEFT)
        assert len(shapes(ran[0][2]["area_polygons"])) == 2
        assert layer.customPropertyKeys() == [] and not layer.isModified()


class TestPreview:
    def test_the_middle_of_the_view_is_mapped_and_shown(
        self, page: Any, window: MapWindow, questions: FakeQuestions, tmp_path: Path, qtbot: Any,
        no_project: Any,
    ) -> None:  # fmt: skip
        write_map(tmp_path / "p.tif")
        fill(page, tmp_path, qtbot)
        answer = {"path": str(tmp_path / "p.tif"), "seconds": 2.34, "notes": ["Bare."]}
        questions.answers["preview"] = answer
        centre = window.canvas.center()
        for _ in range(2):
            QTest.mouseClick(page.preview_button, LEFT)
            assert page.message.text() == "Mapping the middle of the view…"
            assert page.preview_button.text() == "Stop"
            qtbot.waitUntil(lambda: page.preview_button.text() == "Preview", timeout=5000)
        assert page.message.text() == "The preview took 2.3 seconds. Bare."
        assert questions.of("preview")[0] == {
            "images": str(tmp_path), "model": str(tmp_path / "model"), "resolution": "2.5",
            "centre": [centre.x(), centre.y()], "crs": "EPSG:32631", "size": 96,
        }  # fmt: skip
        (layer,) = no_project.mapLayers().values()
        assert layer.name() == "Preview 2.5 m"
        assert [(item.value, item.label) for item in layer.renderer().classes()] == [
            (1, "maize"), (2, "winter wheat"), (254, "other land"),
        ]  # fmt: skip
        groups = no_project.layerTreeRoot().findGroups()
        assert [group.name() for group in groups] == ["Crop mapping: preview"]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["p.tif"]

    def test_a_preview_keeps_the_name_of_what_was_asked(
        self, page: Any, questions: FakeQuestions, tmp_path: Path, qtbot: Any, no_project: Any
    ) -> None:
        write_map(tmp_path / "p.tif")
        fill(page, tmp_path, qtbot)
        questions.answers["preview"] = {
            "path": str(tmp_path / "p.tif"), "seconds": 2.34, "notes": []
        }  # fmt: skip
        QTest.mouseClick(page.preview_button, LEFT)
        page.form.set_values({"resolution": "10"})
        qtbot.waitUntil(lambda: page.preview_button.text() == "Preview", timeout=5000)
        assert [layer.name() for layer in no_project.mapLayers().values()] == ["Preview 2.5 m"]

    def test_a_preview_can_be_taken_back(
        self, page: Any, questions: FakeQuestions, tmp_path: Path, qtbot: Any, no_project: Any
    ) -> None:
        fill(page, tmp_path, qtbot)
        QTest.mouseClick(page.preview_button, LEFT)
        number = len(questions.asked)
        QTest.mouseClick(page.preview_button, LEFT)
        assert questions.forgotten[-1] == number
        assert page.preview_button.text() == "Preview"
        assert no_project.mapLayers() == {}

    def test_a_refused_preview_is_said(
        self, page: Any, window: MapWindow, plugin: SimpleNamespace, questions: FakeQuestions,
        tmp_path: Path, qtbot: Any,
    ) -> None:  # fmt: skip
        error = plugin.load("backend.cscl.contract.errors").UserError
        questions.answers["preview"] = error("off", "place", "it is off the images", "Move there.")
        fill(page, tmp_path, qtbot)
        QTest.mouseClick(page.preview_button, LEFT)
        qtbot.waitUntil(lambda: "off the images" in window.message(), timeout=5000)
        assert page.preview_button.text() == "Preview"


class TestParcelsOnly:
    """Parcels are classified on a map that is finished already."""

    def test_parcels_alone_are_classified_where_the_output_holds_a_map(
        self, page: Any, dock: Any, window: MapWindow, plugin: SimpleNamespace,
        fake_engine: Callable[[str], Path], tmp_path: Path, qtbot: Any,
    ) -> None:  # fmt: skip
        folder = write_results(tmp_path / "made", plugin) / "map"
        offer = page.parcels_only
        assert not offer.isVisible()
        page.form.set_values({"output": str(folder.parent)})
        qtbot.waitUntil(offer.isVisible, timeout=5000)
        assert not offer.button.isEnabled()
        assert offer.message.text().endswith("Choose parcels to classify them on it.")
        page.form.parcels.set_layer(add_parcels(2))
        page.form.class_field.set_text("crop")
        settle()
        assert offer.button.isEnabled() and too_small(dock) == []
        fake_engine("good")
        started: list[tuple[str, dict[str, Any]]] = []
        page.workspace.job_started.connect(lambda job, values: started.append((job, values)))
        with qtbot.waitSignal(page.run_part.finished, timeout=20000) as finished:
            QTest.mouseClick(offer.button, LEFT)
            assert not offer.isVisible()
        assert started == [
            ("parcels", {"map": str(folder), "output": str(folder / "parcels.gpkg"),
                         "class_field": "crop", "overwrite": False})
        ]  # fmt: skip
        assert finished.args == [str(folder)]
        assert window.message() == "The parcels are classified."
        assert page.workspace.chosen("map") == str(folder)

    def test_a_folder_without_a_finished_map_offers_nothing(
        self, page: Any, tmp_path: Path, qtbot: Any
    ) -> None:
        page.form.set_values({"output": str(tmp_path)})
        page.form.parcels.set_layer(add_parcels(1))
        qtbot.wait(500)
        assert not page.parcels_only.isVisible()


class TestEstimate:
    def test_it_follows_the_map_where_its_view_is_the_area(
        self, dock: Any, page: Any, window: MapWindow, questions: FakeQuestions, tmp_path: Path,
        qtbot: Any,
    ) -> None:  # fmt: skip
        def area() -> list[float]:
            return [float(part) for part in estimates()[-1]["job"]["values"]["area"].split(",")]

        def estimates() -> list[dict[str, Any]]:
            return questions.of("estimate")

        fill(page, tmp_path, qtbot)
        whole = len(estimates())
        window.canvas.zoomByFactor(0.5)
        qtbot.wait(400)
        assert len(estimates()) == whole
        page.form.area.choice.setCurrentIndex(1)
        qtbot.waitUntil(lambda: len(estimates()) == whole + 1, timeout=5000)
        window.canvas.zoomByFactor(0.5)
        window.canvas.zoomByFactor(0.5)
        qtbot.waitUntil(lambda: len(estimates()) == whole + 2, timeout=5000)
        seen = window.canvas.extent()
        assert area() == pytest.approx(
            [seen.xMinimum(), seen.yMinimum(), seen.xMaximum(), seen.yMaximum()], abs=0.01
        )
        dock.show_page("whole")
        window.canvas.zoomByFactor(2.0)
        qtbot.wait(400)
        assert len(estimates()) == whole + 2
        dock.show_page("map")
        qtbot.waitUntil(lambda: len(estimates()) == whole + 3, timeout=5000)
        page.form.area.choice.setCurrentIndex(0)
        qtbot.waitUntil(lambda: len(estimates()) == whole + 4, timeout=5000)
        window.canvas.zoomByFactor(2.0)
        qtbot.wait(400)
        assert len(estimates()) == whole + 4

    def test_time_memory_and_disk_are_said_before_the_start(
        self, page: Any, tmp_path: Path, qtbot: Any
    ) -> None:
        fill(page, tmp_path, qtbot)
        assert page.message.text() == (
            "Expected: about 6 min, 1.9 GB of memory, 240 MB on the disk. "
            "The last map on this machine."
        )

    def test_what_keeps_from_an_estimate_is_said(
        self, page: Any, plugin: SimpleNamespace, questions: FakeQuestions, tmp_path: Path,
        qtbot: Any,
    ) -> None:  # fmt: skip
        error = plugin.load("backend.cscl.contract.errors").UserError
        questions.answers["estimate"] = error("x", "/a/b", "it does not exist", "Choose others.")
        fill(page, tmp_path, qtbot)
        assert page.message.text() == (
            "What it will take is not known: /a/b: it does not exist. Choose others."
        )

    def test_a_disk_that_is_too_small_is_said(self, plugin: SimpleNamespace) -> None:
        words = plugin.load("cscl_qgis.gui.mapping.estimate").in_words
        text = words({**ESTIMATE, "seconds": None, "free_bytes": 10_000_000, "based_on": ""})
        assert text == (
            "Expected: 1.9 GB of memory, 240 MB on the disk. The disk has only 10 MB left."
        )

    @pytest.mark.parametrize(
        ("seconds", "words"),
        [(0.2, "1 s"), (89, "89 s"), (600, "10 min"), (9000, "2.5 h"), (40000, "11 h")],
    )
    def test_times_in_words(self, plugin: SimpleNamespace, seconds: float, words: str) -> None:
        assert plugin.load("cscl_qgis.gui.amounts").duration(seconds) == words


class TestRun:
    def test_parcels_are_classified_once_the_map_is_there(
        self, page: Any, dock: Any, window: MapWindow, fake_engine: Callable[[str], Path],
        tmp_path: Path, qtbot: Any,
    ) -> None:  # fmt: skip
        fake_engine("good")
        layer = add_parcels(2)
        fill(page, tmp_path, qtbot)
        page.form.parcels.set_layer(layer)
        page.form.class_field.set_text("crop")
        started: list[tuple[str, dict[str, Any]]] = []
        page.workspace.job_started.connect(lambda job, values: started.append((job, values)))
        with qtbot.waitSignal(page.run_part.finished, timeout=20000) as finished:
            QTest.mouseClick(page.run_button, LEFT)
        output = str(tmp_path / "out")
        assert finished.args == [output]
        assert [job for job, _ in started] == ["map", "parcels"]
        assert started[1][1] == {
            "map": output, "output": str(tmp_path / "out" / "parcels.gpkg"),
            "class_field": "crop", "overwrite": False,
        }  # fmt: skip
        assert page.workspace.chosen("map") == output
        assert window.message() == "The crop map is complete."
        assert dock.panel.status.line.text() == "Done"
        page.results_button.click()
        assert dock.page("results").isVisible()

    def test_no_parcels_no_second_job(
        self, page: Any, fake_engine: Callable[[str], Path], tmp_path: Path, qtbot: Any
    ) -> None:
        fake_engine("good")
        fill(page, tmp_path, qtbot)
        started: list[str] = []
        page.workspace.job_started.connect(lambda job, values: started.append(job))
        with qtbot.waitSignal(page.run_part.finished, timeout=20000):
            QTest.mouseClick(page.run_button, LEFT)
        assert started == ["map"]

    def test_a_map_that_failed_is_followed_by_nothing(
        self, page: Any, fake_engine: Callable[[str], Path], tmp_path: Path, qtbot: Any
    ) -> None:
        fake_engine("killed")
        layer = add_parcels(2)
        fill(page, tmp_path, qtbot)
        page.form.parcels.set_layer(layer)
        started: list[str] = []
        page.workspace.job_started.connect(lambda job, values: started.append(job))
        with qtbot.waitSignal(page.workspace.job_ended, timeout=20000):
            QTest.mouseClick(page.run_button, LEFT)
        qtbot.wait(200)
        assert started == ["map"]
        assert page.run_button.isEnabled()
        assert page.workspace.chosen("map") == ""

    def test_f67_the_parcels_may_leave_the_project_meanwhile(
        self, page: Any, fake_engine: Callable[[str], Path], tmp_path: Path, qtbot: Any,
        no_project: Any,
    ) -> None:  # fmt: skip
        fake_engine("good")
        layer = add_parcels(2)
        fill(page, tmp_path, qtbot)
        page.form.parcels.set_layer(layer)
        with qtbot.waitSignal(page.run_part.finished, timeout=20000):
            QTest.mouseClick(page.run_button, LEFT)
            no_project.removeMapLayer(layer)
        assert page.workspace.chosen("map") == str(tmp_path / "out")

    def test_the_map_is_clipped_to_the_parcels_where_that_is_wanted(
        self, page: Any, tmp_path: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ran = recorded(page, monkeypatch)
        layer = add_parcels(3)
        fill(page, tmp_path, qtbot)
        page.form.parcels.set_layer(layer)
        QTest.mouseClick(page.run_button, LEFT)
        assert ran[0][2] == {}
        page.form.clip.setChecked(True)
        QTest.mouseClick(page.run_button, LEFT)
        assert len(shapes(ran[1][2]["parcels"])) == 3

    def test_all_that_is_missing_is_said(self, page: Any, window: MapWindow) -> None:
        QTest.mouseClick(page.run_button, LEFT)
        assert not page.workspace.runner.is_running()
        for name in ("Images", "Model", "Output"):
            assert f"{name}: it has no value." in window.message()


class TestState:
    def test_what_other_pages_made_is_taken_over(self, dock: Any, page: Any) -> None:
        layer = add_parcels(1)
        for name, value in (
            ("model", "/made/model"), ("series", "/made/a.series.json"), ("parcels", layer.id()),
            ("class_field", "crop"),
        ):  # fmt: skip
            dock.workspace.choose(name, value)
        values = page.form.values()
        assert (values["model"], values["images"]) == ("/made/model", "/made/a.series.json")
        assert page.form.parcels.layer() is layer
        assert page.form.class_field.text() == "crop"

    def test_the_form_comes_back(self, page: Any, tmp_path: Path) -> None:
        layer = add_parcels(1)
        page.form.set_values(
            {"model": "/m", "images": str(tmp_path), "output": "/o", "resolution": "10",
             "season": "2020-10-01/2021-09-30", "device": "cpu", "precision": "bfloat16",
             "probabilities": False, "workers": 3}
        )  # fmt: skip
        page.form.parcels.set_layer(layer)
        page.form.class_field.set_text("crop")
        page.form.clip.setChecked(True)
        page.form.area.restore(
            {"kind": "drawn", "shape": "Polygon ((0 0, 9 0, 9 9, 0 0))", "crs":
             QgsCoordinateReferenceSystem("EPSG:32631").toWkt()}
        )  # fmt: skip
        state = json.loads(json.dumps(page.state()))
        values = page.form.values()
        page.restore({})
        assert page.form.values() != values
        assert page.form.area.choice.currentData() == "whole"
        page.restore(state)
        assert page.state() == state
        assert page.form.values() == values
        (wkt,) = shapes(page.form.area.source())
        assert QgsGeometry.fromWkt(wkt).boundingBox().width() == 9

    def test_a_mad_state_is_a_new_one(self, page: Any) -> None:
        before = page.form.values()
        page.restore({"area": 7, "model": None, "clip": "x", "workers": "many", "season": None})
        assert page.form.values() == before
        assert not page.form.clip.isChecked()


class TestLayout:
    def test_nothing_is_cut_off(
        self, page: Any, dock: Any, questions: FakeQuestions, tmp_path: Path, qtbot: Any
    ) -> None:
        settle()
        assert too_small(dock) == []
        questions.answers["fits"] = {"fits": False, "mismatches": [SEASON_MISMATCH] * 2}
        fill(page, tmp_path, qtbot)
        page.form._advanced.setCollapsed(False)
        for kind in range(page.form.area.choice.count()):
            page.form.area.choice.setCurrentIndex(kind)
            settle()
            assert too_small(dock) == []
        assert page.form.minimumSizeHint().width() <= 340

    def test_every_editor_has_a_label_and_help(self, page: Any) -> None:
        labels = [item for item in page.form.findChildren(QLabel) if item.buddy() is not None]
        assert [item.text() for item in labels][:9] == [
            "Model", "Images", "Season", "Area of interest", "Resolution", "Device", "Parcels",
            "Class field", "Output",
        ]  # fmt: skip
        assert all(item.toolTip() for item in labels)
        for button in page.findChildren(QPushButton):
            assert button.objectName().startswith("cscl_") or not button.text()

    def test_an_empty_page_says_what_to_do(self, page: Any) -> None:
        assert page.form.card.message.text() == "Choose the folder of a trained model."
        assert page.form.fits.message.text().startswith("Choose a model and images")
        assert QApplication.focusWidget() is None or page.isVisible()
