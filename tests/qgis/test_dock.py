"""The dock: its form, its runs against engines good and bad, what it shows and remembers."""

from __future__ import annotations

import dataclasses
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from html import escape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dock_windows import WIDTH, Window, settle, shown_dock, too_small
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsSettings,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate, Qt, QTimer
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QLabel, QPushButton, QWidget

MAIN_TITLES = ["Images", "Parcels", "Class field", "Preset", "Season", "Resolution", "Output"]
MUST = ["Images", "Class field", "Output"]


def whole(dock: Any) -> Any:
    """Return the page that does everything."""
    return dock.page("whole")


def looked(dock: Any) -> bool:
    """Tell whether the page that does everything has looked into the output folder."""
    finished = whole(dock).finished
    return not (finished._timer.isActive() or finished._reading.is_busy())


def add_parcels(count: int = 3) -> QgsVectorLayer:
    """Add a layer in memory with square parcels to the project."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:32631&field=crop:string", "fields", "memory")
    layer.dataProvider().addFeatures([parcel(layer, number) for number in range(count)])
    QgsProject.instance().addMapLayer(layer)
    return layer


def parcel(layer: QgsVectorLayer, number: int) -> QgsFeature:
    """Return a square of 50 m with a crop."""
    feature = QgsFeature(layer.fields())
    feature.setAttribute("crop", f"crop {number}")
    corner = QgsPointXY(500000 + 60 * number, 5600000)
    feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(corner, corner + one_side())))
    return feature


def one_side() -> Any:
    """Return the way from a parcel's corner to the opposite one."""
    return QgsPointXY(50, 50) - QgsPointXY(0, 0)


def fill(dock: Any, tmp_path: Path) -> QgsVectorLayer:
    """Choose what a job needs."""
    layer = add_parcels()
    whole(dock).form.images.set_value(str(tmp_path))
    whole(dock).form.parcels.set_layer(layer)
    whole(dock).form.class_field.setField("crop")
    whole(dock).form.set_values({"output": str(tmp_path / "result")})
    return layer


def run(dock: Any, qtbot: Any, timeout: int = 20000) -> Any:
    """Press Run, wait for the end and return the outcome."""
    with qtbot.waitSignal(dock.workspace.runner.ended, timeout=timeout) as ended:
        whole(dock).run_button.click()
    return ended.args[0]


def rows_of(path: str) -> list[tuple[Any, ...]]:
    """Return the crops in a GeoPackage."""
    with sqlite3.connect(path) as connection:
        table = connection.execute("select table_name from gpkg_contents").fetchone()[0]
        return connection.execute(f'select crop from "{table}" order by crop').fetchall()


class TestForm:
    def test_the_jobs_main_fields_come_first_in_their_order(self, dock: Any) -> None:
        titles = [
            label.text()
            for label in whole(dock).form.findChildren(QLabel)
            if label.isVisible() and label.buddy() is not None
        ]
        assert titles == MAIN_TITLES

    def test_every_field_of_the_job_has_a_row_with_its_help(
        self, dock: Any, plugin: SimpleNamespace
    ) -> None:
        jobs = plugin.load("backend.cscl.contract.jobs")
        fields = plugin.load("backend.cscl.contract.fields").fields_of(jobs.PipelineJob)
        labels = {label.text(): label.toolTip() for label in whole(dock).form.findChildren(QLabel)}
        labels.update(
            {box.text(): box.toolTip() for box in whole(dock).form.findChildren(QCheckBox)}
        )
        assert {field.title: labels.get(field.title) for field in fields} == {
            field.title: field.help for field in fields
        }

    def test_an_untouched_form_gives_the_jobs_defaults(
        self, dock: Any, plugin: SimpleNamespace, tmp_path: Path
    ) -> None:
        fill(dock, tmp_path)
        jobs = plugin.load("backend.cscl.contract.jobs")
        job = jobs.make_job("pipeline", {**whole(dock).form.values(), "parcels": "p.gpkg"})
        assert job == jobs.PipelineJob(
            images=str(tmp_path), parcels="p.gpkg", class_field="crop",
            output=str(tmp_path / "result"),
        )  # fmt: skip

    def test_what_is_typed_is_what_the_job_gets(
        self, dock: Any, plugin: SimpleNamespace, tmp_path: Path
    ) -> None:
        fill(dock, tmp_path)
        typed = {
            "preset": "quick", "resolution": "10", "season": "2018-10-01/2019-09-30",
            "bands": "B02, B8A", "dates": 12, "chip": 16, "width": 0.25, "seed": 7,
            "device": "cpu", "baseline": False, "overwrite": True, "mask": "none",
            "outside": "ignore", "classes": str(tmp_path / "classes.csv"),
        }  # fmt: skip
        whole(dock).form.set_values(typed)
        jobs = plugin.load("backend.cscl.contract.jobs")
        job = jobs.make_job("pipeline", {**whole(dock).form.values(), "parcels": "p.gpkg"})
        got = dataclasses.asdict(job)
        assert {name: got[name] for name in typed} == {**typed, "bands": ("B02", "B8A")}

    def test_a_season_is_two_days_in_iso_form(self, plugin: SimpleNamespace, qgis_app: Any) -> None:
        edit = plugin.load("cscl_qgis.gui.season").SeasonEdit()
        assert edit.text() == ""
        edit.set_text("2018-10-01/2019-09-30")
        assert edit.text() == "2018-10-01/2019-09-30"
        edit.findChild(QWidget, "cscl_season_end").setDate(QDate(2019, 8, 5))
        assert edit.text() == "2018-10-01/2019-08-05"
        edit.set_text("rubbish")
        assert edit.text() == ""

    def test_the_class_field_follows_the_layer(self, dock: Any, tmp_path: Path) -> None:
        layer = add_parcels()
        whole(dock).form.parcels.set_layer(layer)
        assert whole(dock).form.class_field.layer() is layer
        whole(dock).form.parcels.set_layer(None)
        assert whole(dock).form.class_field.layer() is None

    def test_parcels_of_a_file_need_not_be_in_the_project(
        self, dock: Any, scene: Path, no_project: Any
    ) -> None:
        whole(dock).form.parcels.open_file(str(scene / "parcels.gpkg"))
        layer = whole(dock).form.parcels.layer()
        assert layer.featureCount() > 3
        assert "crop" in layer.fields().names()
        assert whole(dock).form.class_field.layer() is layer
        assert no_project.mapLayers() == {}

    def test_a_file_without_polygons_is_refused_in_words(
        self, dock: Any, plugin: SimpleNamespace, tmp_path: Path
    ) -> None:
        table = tmp_path / "table.csv"
        table.write_text("a,b\n1,2\n", encoding="utf-8")
        errors = plugin.load("backend.cscl.contract.errors")
        with pytest.raises(errors.UserError, match="its first layer holds no polygons"):
            whole(dock).form.parcels.open_file(str(table))
        with pytest.raises(errors.UserError, match="QGIS cannot open it as a vector layer"):
            whole(dock).form.parcels.open_file(str(tmp_path / "absent.gpkg"))

    def test_raster_layers_of_the_project_become_their_files(
        self, dock: Any, plugin: SimpleNamespace, scene: Path, no_project: Any
    ) -> None:
        files = sorted(scene.glob("S2_*.tif"))[:2]
        open_raster = plugin.load("cscl_qgis.layers.inputs").open_raster
        layers = [open_raster(str(path), path.stem) for path in files]
        no_project.addMapLayers(layers)
        whole(dock).form.images.choose_layers(layers)
        assert whole(dock).form.images.value() is not None
        assert sorted(whole(dock).form.images.value().split(";")) == [str(path) for path in files]


class TestLayout:
    def test_nothing_is_cut_off_in_a_narrow_dock(self, dock: Any) -> None:
        assert dock.width() <= WIDTH
        whole(dock).form._advanced.setCollapsed(False)
        for source in range(3):
            whole(dock).form.findChild(QComboBox, "cscl_images_source").setCurrentIndex(source)
            settle()
            assert too_small(dock) == []

    def test_the_way_to_an_engine_is_not_cut_off(
        self, dock: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CSCL_BACKEND_PYTHON", "/nowhere/python")
        assert dock.setup.look() is False
        settle()
        assert too_small(dock) == []
        dock.show_setup()
        settle()
        assert too_small(dock) == []

    def test_the_check_sees_a_label_that_is_cut_off(self, dock: Any) -> None:
        whole(dock).run_button.setMaximumWidth(8)
        settle()
        assert too_small(dock) == [("Run", 8)]

    def test_the_form_is_as_wide_as_the_dock_and_no_wider(self, dock: Any) -> None:
        assert whole(dock).form.width() <= dock.width()
        assert whole(dock).form.minimumSizeHint().width() <= WIDTH


class TestRuns:
    def test_a_run_goes_through_and_says_so(
        self, dock: Any, window: Window, qtbot: Any, fake_engine: Callable[[str], Path],
        tmp_path: Path,
    ) -> None:  # fmt: skip
        fake_engine("good")
        fill(dock, tmp_path)
        outcome = run(dock, qtbot)
        assert outcome.state == "complete"
        assert dock.panel.status.line.text() == "Done"
        assert dock.panel.status.bar.value() == dock.panel.status.bar.maximum()
        lines = dock.panel.log.toPlainText().splitlines()
        assert lines[0] == f"Output: {tmp_path / 'result'}"
        assert "Engine 0.1.0 on fake" in lines
        assert "Note: all is well" in lines
        assert window.message() == "The crop map is complete."
        assert whole(dock).run_button.isEnabled()
        assert not dock.panel.cancel_button.isEnabled()

    def test_qgis_lives_on_while_the_engine_works(
        self, dock: Any, qtbot: Any, fake_engine: Callable[[str], Path], tmp_path: Path
    ) -> None:
        fake_engine("obedient")
        fill(dock, tmp_path)
        ticks: list[int] = []
        timer = QTimer()
        timer.timeout.connect(lambda: ticks.append(1))
        whole(dock).run_button.click()
        assert dock.workspace.runner.is_running()
        assert not whole(dock).run_button.isEnabled()
        assert not whole(dock).form.isEnabled()
        timer.start(5)
        qtbot.waitUntil(
            lambda: "Engine 0.1.0 on fake" in dock.panel.log.toPlainText(), timeout=10000
        )
        qtbot.waitUntil(lambda: len(ticks) >= 20, timeout=2000)
        with qtbot.waitSignal(dock.workspace.runner.ended, timeout=10000) as ended:
            dock.panel.cancel_button.click()
        assert ended.args[0].state == "cancelled"
        assert dock.panel.status.line.text() == "Cancelled"
        assert whole(dock).form.isEnabled()

    def test_f01_an_engine_that_dies_is_told_in_words(
        self, dock: Any, window: Window, qtbot: Any, fake_engine: Callable[[str], Path],
        tmp_path: Path,
    ) -> None:  # fmt: skip
        fake_engine("killed")
        fill(dock, tmp_path)
        outcome = run(dock, qtbot)
        assert outcome.code == "backend_died"
        assert dock.panel.status.line.text() == "Failed"
        assert "ended by signal 9" in window.message()
        assert "goes on from its last checkpoint" in window.message()
        assert whole(dock).run_button.isEnabled()

    def test_the_real_engine_says_in_the_dock_what_is_wrong(
        self, dock: Any, window: Window, qtbot: Any, scene: Path, tmp_path: Path
    ) -> None:
        """Parcels in memory reach the real engine, which finds no images in an empty folder."""
        empty = tmp_path / "no images"
        empty.mkdir()
        fill(dock, tmp_path)
        whole(dock).form.images.set_value(str(empty))
        outcome = run(dock, qtbot, timeout=60000)
        assert outcome.state == "failed"
        assert outcome.code not in ("bug", "backend_died", "engine_start_failed")
        assert str(empty) in window.message()
        assert window.message() in escape(dock.panel.log.toPlainText())

    def test_one_job_after_another(
        self, dock: Any, qtbot: Any, fake_engine: Callable[[str], Path], tmp_path: Path
    ) -> None:
        fill(dock, tmp_path)
        fake_engine("exit_without_done")
        assert run(dock, qtbot).state == "failed"
        fake_engine("good")
        assert run(dock, qtbot).state == "complete"
        with pytest.raises(RuntimeError, match="one job at a time"):
            fake_engine("obedient")
            whole(dock).run_button.click()
            dock.workspace.runner.start("pipeline", {}, None)

    def test_everything_missing_is_said_at_once(self, dock: Any, window: Window) -> None:
        whole(dock).run_button.click()
        missing = [f"{name}: it has no value. Choose or enter one." for name in MUST]
        no_layer = (
            "Parcels: no layer is chosen. Choose a polygon layer, or a file with the button "
            "beside the list."
        )
        assert window.message().split("\n") == [no_layer, missing[0], missing[2]]
        whole(dock).form.parcels.set_layer(add_parcels())
        whole(dock).run_button.click()
        assert not dock.workspace.runner.is_running()
        assert window.message().split("\n") == missing

    def test_f69_what_comes_from_outside_is_text_and_never_markup(
        self, dock: Any, window: Window
    ) -> None:
        text = '<b>bold</b> & %1 <img src="http://example.org/x">'
        dock.workspace.warn(text)
        assert window.message() == escape(text)
        assert dock.panel.log.toPlainText() == text
        dock.panel.status.say(text)
        assert dock.panel.status.line.text() == text
        assert dock.panel.status.line.textFormat() == Qt.TextFormat.PlainText

    def test_f66_a_running_job_ends_with_the_dock(
        self, dock: Any, qtbot: Any, fake_engine: Callable[[str], Path], tmp_path: Path
    ) -> None:
        fake_engine("obedient")
        fill(dock, tmp_path)
        whole(dock).run_button.click()
        qtbot.waitUntil(
            lambda: "Engine 0.1.0 on fake" in dock.panel.log.toPlainText(), timeout=10000
        )
        ends: list[Any] = []
        dock.workspace.runner.ended.connect(ends.append)
        dock.close_down()
        settle()
        assert not dock.workspace.runner.is_running()
        assert ends == []


class TestParcelSource:
    def test_f48_unsaved_edits_are_in_the_snapshot(
        self, plugin: SimpleNamespace, no_project: Any, qtbot: Any
    ) -> None:
        layer = add_parcels(2)
        layer.startEditing()
        layer.addFeature(parcel(layer, 7))
        first = next(item for item in layer.getFeatures() if item["crop"] == "crop 0")
        layer.changeAttributeValue(first.id(), 0, "changed")
        path = snapshot_in_task(plugin, qtbot, layer)
        assert rows_of(path) == [("changed",), ("crop 1",), ("crop 7",)]
        layer.rollBack()

    def test_f48_the_selection_alone_where_it_is_wanted(
        self, plugin: SimpleNamespace, no_project: Any, qtbot: Any
    ) -> None:
        layer = add_parcels(4)
        layer.selectByExpression("crop in ('crop 1', 'crop 3')")
        path = snapshot_in_task(plugin, qtbot, layer, only_selected=True)
        assert rows_of(path) == [("crop 1",), ("crop 3",)]

    def test_f67_the_layer_may_go_while_its_parcels_are_written(
        self, plugin: SimpleNamespace, no_project: Any
    ) -> None:
        layer = add_parcels(3)
        source = plugin.load("cscl_qgis.gui.parcel_source").ParcelSource(layer)
        no_project.removeMapLayer(layer)
        snapshot = plugin.load("cscl_qgis.layers.snapshot")
        path = snapshot.snapshot_source(source, no_project.transformContext())
        assert rows_of(path) == [("crop 0",), ("crop 1",), ("crop 2",)]


def snapshot_in_task(
    plugin: SimpleNamespace, qtbot: Any, layer: QgsVectorLayer, only_selected: bool = False
) -> str:
    """Write a layer's parcels as the dock does, and return the file."""
    source = plugin.load("cscl_qgis.gui.parcel_source").ParcelSource(layer, only_selected)
    task = plugin.load("cscl_qgis.gui.runner").SnapshotTask({"parcels": source})
    with qtbot.waitSignal(task.taskCompleted, timeout=10000):
        QgsApplication.taskManager().addTask(task)
    assert task.error is None
    return str(task.paths["parcels"])


# What the test of a new project enters besides images, parcels and class field.
CHANGED = (
    "images", "parcels_layer", "class_field", "output", "preset", "season", "resolution", "seed",
    "classes", "outside", "inner_buffer", "bands", "dates", "width", "baseline", "overwrite",
    "advanced",
)  # fmt: skip


class TestState:
    def test_the_form_comes_back_after_a_restart(
        self, dock: Any, dock_module: Any, window: Window, scene: Path, tmp_path: Path
    ) -> None:
        whole(dock).form.images.set_value(str(scene))
        whole(dock).form.parcels.open_file(str(scene / "parcels.gpkg"))
        whole(dock).form.class_field.setField("crop")
        whole(dock).form.set_values(
            {"preset": "quick", "seed": 5, "season": "2020-10-01/2021-09-30", "width": 0.5,
             "output": str(tmp_path / "é result")}
        )  # fmt: skip
        before = whole(dock).form.state()
        dock.close_down()
        again = shown_dock(dock_module, window)
        assert whole(again).form.state() == before
        assert whole(again).form.parcels.layer().source() == str(scene / "parcels.gpkg")
        assert whole(again).form.output() == str(tmp_path / "é result")

    def test_what_is_gone_is_not_restored(
        self, dock: Any, dock_module: Any, window: Window, tmp_path: Path
    ) -> None:
        state = {
            **whole(dock).form.state(),
            "parcels": str(tmp_path / "gone.gpkg"),
            "preset": "mad",
        }
        whole(dock).form.restore(state)
        assert whole(dock).form.parcels.layer() is None
        assert whole(dock).form.state()["preset"] == "standard"

    def test_a_new_project_has_nothing_of_the_former_one(
        self, dock: Any, no_project: Any, tmp_path: Path
    ) -> None:
        form = whole(dock).form
        new = form.state()
        fill(dock, tmp_path)
        form.parcels.set_only_selected(True)
        form.set_values(
            {"preset": "quick", "season": "2020-10-01/2021-09-30", "resolution": "10", "seed": 7,
             "classes": str(tmp_path / "c.csv"), "outside": "ignore", "inner_buffer": 4.0,
             "bands": "B02", "dates": 12, "width": 0.25, "baseline": False, "overwrite": True}
        )  # fmt: skip
        form._advanced.setCollapsed(False)
        filled = form.state()
        assert [name for name in new if filled[name] == new[name]] == [
            name for name in new if name not in CHANGED
        ]
        no_project.clear()
        settle()
        assert form.state() == new
        form.parcels.set_layer(add_parcels())
        assert not form.parcels.only_selected()

    def test_a_layer_of_the_project_comes_back_with_it(
        self, dock: Any, no_project: Any, tmp_path: Path
    ) -> None:
        wanted = fill(dock, tmp_path).id()
        add_parcels(1)
        file = str(tmp_path / "a.qgs")
        assert no_project.write(file)
        no_project.clear()
        assert whole(dock).form.parcels.layer() is None
        assert no_project.read(file)
        settle()
        assert whole(dock).form.parcels.layer().id() == wanted
        assert whole(dock).form.class_field.currentField() == "crop"
        assert whole(dock).form.state()["parcels"] == ""

    def test_a_damaged_state_counts_as_none(self, plugin: SimpleNamespace, qgis_app: Any) -> None:
        state = plugin.load("cscl_qgis.gui.state")
        for text in ("{", "[1]", "null", ""):
            QgsSettings().setValue("cscl/dock", text)
            assert state.read_state() == {}
        state.write_state({"seed": 3})
        assert state.read_state() == {"seed": 3}


class Marked(dict):
    """A language in which every text stands in brackets."""

    def get(self, text: str, default: Any = None) -> str:
        return f"[{text}]"


class TestLanguage:
    @pytest.fixture()
    def marked(self, plugin: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
        """Speak that language."""
        monkeypatch.setattr(plugin.load("cscl_qgis.words"), "_words", Marked())

    def test_the_help_of_every_part_of_the_form(
        self, plugin: SimpleNamespace, qgis_app: Any, marked: None
    ) -> None:
        form = plugin.load("cscl_qgis.gui.form").JobForm()
        jobs = plugin.load("backend.cscl.contract.jobs")
        fields = plugin.load("backend.cscl.contract.fields").fields_of(jobs.PipelineJob)
        help_of = {field.name: f"[{field.help}]" for field in fields}
        for name, part in (
            ("images", form.images), ("parcels", form.parcels), ("class_field", form.class_field),
        ):  # fmt: skip
            assert part.toolTip() == help_of[name]
        form.parcels.close_down()

    def test_what_the_plugin_words_itself(
        self, plugin: SimpleNamespace, dock: Any, window: Window, tmp_path: Path, marked: None
    ) -> None:
        table = tmp_path / "table.csv"
        table.write_text("a,b\n1,2\n", encoding="utf-8")
        errors = plugin.load("backend.cscl.contract.errors")
        for path in (table, tmp_path / "absent.gpkg"):
            with pytest.raises(errors.UserError) as caught:
                whole(dock).form.parcels.open_file(str(path))
            (finding,) = caught.value.findings
            assert (finding.found[0], finding.remedy[0]) == ("[", "[")
        whole(dock).run()
        assert window.message().startswith("[Parcels]: [no layer is chosen]. [Choose")
        runner = dock.workspace.runner
        task = plugin.load("cscl_qgis.gui.runner").SnapshotTask({})
        task.error, runner._task = OSError("it is gone"), task
        ends: list[Any] = []
        runner.ended.connect(ends.append)
        runner._layers_failed(task)
        assert ends[0].message.startswith("[The parcels could not be read (OSError: it is gone).")


class TestEngine:
    def test_f16_a_missing_engine_is_said_with_what_to_do(
        self, dock: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert not dock.setup.isVisible()
        assert whole(dock).run_button.isEnabled()
        monkeypatch.setenv("CSCL_BACKEND_PYTHON", "/nowhere/python")
        dock.findChild(QPushButton, "cscl_engine_again").click()
        text = dock.findChild(QLabel, "cscl_engine_problem").text()
        assert dock.findChild(QWidget, "cscl_setup_banner").isVisible()
        assert not whole(dock).run_button.isEnabled()
        assert text.startswith("/nowhere/python: ")
        assert "Install the engine" in text
        monkeypatch.undo()
        dock.findChild(QPushButton, "cscl_engine_again").click()
        assert whole(dock).run_button.isEnabled()


class TestResults:
    def test_buttons_open_with_a_complete_job_in_the_output_folder(
        self, dock: Any, plugin: SimpleNamespace, tmp_path: Path, qtbot: Any
    ) -> None:
        manifest = plugin.load("backend.cscl.contract.manifest")
        record = manifest.Manifest(
            "pipeline", "0" * 16, "running", "0.1.0", 1, 1.0, outputs={"report": "report.html"}
        )
        whole(dock).form.set_values({"output": str(tmp_path)})
        assert not whole(dock).report_button.isEnabled()
        for state, enabled in (("failed", False), ("cancelled", False), ("complete", True)):
            manifest.write_manifest(tmp_path, record.with_state(state))
            whole(dock).form.set_values({"output": ""})
            whole(dock).form.set_values({"output": str(tmp_path)})
            assert not whole(dock).report_button.isEnabled()  # nobody has looked yet
            qtbot.waitUntil(lambda: looked(dock), timeout=5000)
            assert whole(dock).report_button.isEnabled() is enabled
            assert whole(dock).open_button.isEnabled() is enabled

    def test_a_folder_is_read_beside_the_main_thread_and_once_for_a_word(
        self, dock: Any, plugin: SimpleNamespace, tmp_path: Path, qtbot: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        finished = plugin.load("cscl_qgis.gui.finished")
        threads: list[tuple[str, bool]] = []

        def read(folder: str) -> dict[str, str]:
            threads.append((folder, threading.current_thread() is threading.main_thread()))
            return {"report": f"{folder}/report.html"}

        monkeypatch.setattr(finished, "outputs_in", read)
        for letters in range(4, 8):
            whole(dock).form.set_values({"output": "/result"[:letters]})
        qtbot.waitUntil(lambda: whole(dock).open_button.isEnabled(), timeout=5000)
        whole(dock).form.set_values({"preset": "quick"})
        qtbot.wait(300)
        assert threads == [("/result", False)]

    def test_what_a_shell_made_is_seen_when_the_page_is_turned_to(
        self, dock: Any, plugin: SimpleNamespace, tmp_path: Path, qtbot: Any
    ) -> None:
        whole(dock).form.set_values({"output": str(tmp_path)})
        qtbot.waitUntil(lambda: looked(dock), timeout=5000)
        assert not whole(dock).open_button.isEnabled()
        manifest = plugin.load("backend.cscl.contract.manifest")
        record = manifest.Manifest(
            "pipeline", "0" * 16, "complete", "0.1.0", 1, 1.0, outputs={"report": "report.html"}
        )
        manifest.write_manifest(tmp_path, record)
        dock.show_page("map")
        dock.show_page("whole")
        qtbot.waitUntil(lambda: whole(dock).open_button.isEnabled(), timeout=5000)

    @pytest.mark.parametrize("name", ["whole", "parcels", "map"])
    def test_f66_the_layer_of_a_file_goes_with_the_page(
        self, dock: Any, scene: Path, name: str
    ) -> None:
        """QGIS ends in a crash where such a layer outlives the list that shows it."""
        page = dock.page(name)
        edits = page.findChildren(type(whole(dock).form.parcels))
        assert len(edits) == {"whole": 1, "parcels": 1, "map": 2}[name]
        for edit in edits:
            edit.open_file(str(scene / "parcels.gpkg"))
        page.close_down()
        for edit in edits:
            assert edit.layer() is None and edit._opened == []
            assert edit.findChild(QComboBox, "cscl_parcels_layer").additionalLayers() == []

    def test_results_are_added_once(
        self, dock: Any, scene: Path, no_project: Any, qtbot: Any
    ) -> None:
        """The simulated scene is a complete job with a truth raster and parcels."""
        whole(dock).form.set_values({"output": str(scene)})
        qtbot.waitUntil(whole(dock).open_button.isEnabled, timeout=5000)
        for _ in range(2):
            whole(dock).open_button.click()
            qtbot.waitUntil(lambda: len(no_project.mapLayers()) == 2, timeout=10000)
        qtbot.wait(200)
        groups = no_project.layerTreeRoot().findGroups()
        assert [group.name() for group in groups] == [f"Crop map: {scene.name}"]
        names = [node.name() for node in groups[0].findLayers()]
        assert names == ["Parcels", "Truth 2.5 m"]


class TestSize:
    def test_the_dock_leaves_qgis_its_place_on_a_small_screen(self, dock: Any) -> None:
        """QGIS cannot be lower than its docks; its own bars take some 130 pixels beside them."""
        assert dock.minimumSizeHint().height() <= 768 - 130
        for name in dock.pages:
            dock.show_page(name)
            settle()
            assert dock.minimumSizeHint().height() <= 768 - 130


class TestTimeLeft:
    @pytest.mark.parametrize(
        ("elapsed", "share", "words"),
        [
            (2.0, 0.5, ""), (60.0, 0.01, ""), (60.0, 0.9, "less than a minute left"),
            (60.0, 0.5, "about 1 min left"), (600.0, 0.25, "about 30 min left"),
            (3600.0, 0.25, "about 3 h left"), (100.0, 1.0, "less than a minute left"),
        ],
    )  # fmt: skip
    def test_the_time_that_is_left_in_words(
        self, plugin: SimpleNamespace, elapsed: float, share: float, words: str
    ) -> None:
        module = plugin.load("cscl_qgis.gui.time_left")
        assert module.in_words(module.seconds_left(elapsed, share)) == words


CYCLES = """
import sys, time
sys.path[:0] = sys.argv[1:3]
from qgis.core import QgsApplication
from qgis.gui import QgsMessageBar
from qgis.PyQt.QtWidgets import QMainWindow, QToolBar

application = QgsApplication([], True)
application.initQgis()


class Window(QMainWindow):
    def __init__(self):
        super().__init__()
        self.bar, self.tools, self.menu = QgsMessageBar(self), QToolBar(), []
        self.addToolBar(self.tools)
        self.mainWindow, self.messageBar = lambda: self, lambda: self.bar
        self.addToolBarIcon = self.tools.addAction
        self.removeToolBarIcon = self.tools.removeAction
        self.addPluginToMenu = lambda name, action: self.menu.append((name, action.text()))
        self.removePluginMenu = lambda name, action: self.menu.remove((name, action.text()))
        self.registerApplicationExitBlocker = self.unregisterApplicationExitBlocker = id
        self.registerOptionsWidgetFactory = self.unregisterOptionsWidgetFactory = id

    def addDockWidget(self, area, dock):
        super().addDockWidget(area, dock)
        dock.show()


def settle():
    for _ in range(5):
        QgsApplication.processEvents()
        QgsApplication.sendPostedEvents(None, 52)


window = Window()
window.show()
before = set(sys.modules)  # later releases of QGIS import numpy themselves
seen = []
for _ in range(50):
    from cscl_qgis import classFactory

    plugin = classFactory(window)
    plugin.initGui()
    deadline = time.monotonic() + 10
    while plugin._opening is not None and time.monotonic() < deadline:
        settle()
    settle()
    provider = QgsApplication.processingRegistry().providerById("cscl")
    action = window.tools.actions()[-1]
    found = [item for item in window.children() if "Dock" in type(item).__name__]
    states = [any(item.isVisible() for item in found)]
    for _ in range(3):
        action.trigger()
        settle()
        states.append(plugin.dock.isVisible())
    seen.append((len(provider.algorithms()) >= 10, list(window.menu), states))
    plugin.unload()
    settle()
left = QgsApplication.processingRegistry().providerById("cscl")
docks = [item.objectName() for item in window.children() if "Dock" in type(item).__name__]
heavy = sorted({"torch", "rasterio", "numpy", "pandas"} & set(sys.modules) - before)
menu = [("&Crop mapping (CSCL)", "Crop mapping (CSCL)")]
# Nobody has seen the dock at the first start: it shows itself. Later it is as it was left.
first, later = [True, False, True, False], [False, True, False, True]
order = [later if number % 2 else first for number in range(50)]
print(seen == [(True, menu, states) for states in order], left, window.menu, docks, heavy)
application.exitQgis()
"""


class TestPlugin:
    def test_f66_everything_comes_and_goes_with_the_plugin(
        self, plugin: SimpleNamespace, tmp_path: Path
    ) -> None:
        script = tmp_path / "cycles.py"
        script.write_text(CYCLES, encoding="utf-8")
        folders = [str(plugin.root.parent), "/usr/share/qgis/python/plugins"]
        result = subprocess.run(
            [sys.executable, str(script), *folders],
            env={**os.environ, "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path / "profile")},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert result.stdout.strip().splitlines()[-1:] == ["True None [] [] []"], result.stderr
        assert result.returncode == 0
