"""The page that trains: its settings, what it asks, its curves, and a training by clicks."""

# ruff: noqa: F811

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dock_windows import Window, press, settle, shown_dock, too_small
from page_answers import BEGAN, Asked, asked, figures, run_row  # noqa: F401
from qgis.PyQt.QtGui import QColor, QImage

ROOT = Path(__file__).resolve().parents[2]
FakeEngine = Callable[[str], Path]
SETTINGS, CURVES, RUNS = range(3)


@pytest.fixture()
def dock(asked: type[Asked], dock_module: Any, window: Window) -> Any:
    """A dock turned to the page, whose questions are answered without an engine."""
    made = shown_dock(dock_module, window)
    made.show_page("train")
    settle()
    yield made
    made.close_down()


@pytest.fixture()
def page(dock: Any) -> Any:
    return dock.page("train")


def until(qtbot: Any, condition: Callable[[], bool], timeout: int = 10000) -> None:
    qtbot.waitUntil(condition, timeout=timeout)


def dataset_in(folder: Path, name: str = "dataset") -> str:
    """Make what the page takes for a dataset."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "dataset.json").write_text("{}")
    return str(folder / name)


def ready(page: Any, qtbot: Any, folder: Path) -> None:
    """Choose a dataset and wait until the page knows what lies in the output folder."""
    page.form.set_value("dataset", dataset_in(folder))
    until(qtbot, lambda: page.run_button.isEnabled() and page.expected.text().startswith("Exp"))


class TestSettings:
    def test_every_field_of_both_jobs_is_asked_once(
        self, page: Any, plugin: SimpleNamespace, tmp_path: Path
    ) -> None:
        jobs = plugin.load("backend.cscl.contract.jobs")
        page.form.set_value("dataset", "/data/dataset")
        page.form.set_value("output", "/data/out")
        (first, pretrain), (second, finetune) = page.form.settings().steps()
        assert (first, second) == ("pretrain", "finetune")
        assert jobs.make_job(first, pretrain) == jobs.PretrainJob(
            dataset="/data/dataset", output="/data/out_pretrained"
        )
        assert jobs.make_job(second, finetune) == jobs.FinetuneJob(
            dataset="/data/dataset", output="/data/out", model="/data/out_pretrained"
        )
        names = {item.name for item in plugin.load("backend.cscl.contract.fields").fields_of(
            jobs.FinetuneJob)}  # fmt: skip
        shown = {"model"}
        for rows in (page.form.first, page.form.main, page.form.both, page.form.own["finetune"]):
            assert not shown & set(rows.editors)
            shown |= set(rows.editors)
        assert shown == names

    def test_without_pretraining_a_pretrained_model_may_be_chosen(
        self, page: Any, qtbot: Any
    ) -> None:
        assert not page.form.model.isVisible()
        page.form.pretrain.click()
        assert page.form.model.isVisible()
        page.form.set_value("dataset", "/data/dataset")
        page.form.set_value("output", "/data/out")
        assert [name for name, _ in page.form.settings().steps()] == ["finetune"]
        assert "model" not in page.form.settings().steps()[0][1]
        page.form.model.editors["model"].set_value("/data/other")
        assert page.form.settings().steps()[0][1]["model"] == "/data/other"

    def test_time_memory_and_disk_are_told_before_the_start(
        self, dock: Any, page: Any, qtbot: Any, tmp_path: Path
    ) -> None:
        ready(page, qtbot, tmp_path)
        assert page.expected.text() == (
            "Expected: about 50 min, 1.9 GB of memory, 60 MB of disk. 85 GB are free there."
        )
        assert page.expected.toolTip() == "measured on this machine"
        asked = [item["job"]["name"] for item in dock.workspace.questions.values_of("estimate")]
        assert asked[-2:] == ["pretrain", "finetune"]

    def test_what_is_not_known_is_not_told(self, plugin: SimpleNamespace, qgis_app: Any) -> None:
        told = plugin.load("cscl_qgis.gui.training.expected").expectation
        nothing = dict.fromkeys(("seconds", "memory_bytes", "disk_bytes", "free_bytes"))
        assert told([nothing]) == "What it will take is not known yet."
        assert told([{**nothing, "seconds": 7200.0}]) == "Expected: about 2.0 h."
        assert told([{**nothing, "seconds": 7200.0}, nothing]).startswith("What it will take")

    def test_a_refused_estimate_is_said_and_stops_nothing(
        self, page: Any, asked: type[Asked], plugin: SimpleNamespace, qtbot: Any, tmp_path: Path
    ) -> None:
        error = plugin.load("backend.cscl.contract.errors").UserError
        asked.answers["estimate"] = error("x", "dataset", "it is gone", "Build it.")
        page.form.set_value("dataset", dataset_in(tmp_path))
        until(qtbot, lambda: "it is gone" in page.expected.text())
        assert page.run_button.isEnabled()

    def test_the_output_is_a_free_folder_beside_the_dataset(
        self, page: Any, qtbot: Any, tmp_path: Path
    ) -> None:
        (tmp_path / "model").mkdir()
        (tmp_path / "model" / "mine.txt").write_text("x")
        (tmp_path / "model_2_pretrained").mkdir()
        (tmp_path / "model_2_pretrained" / "mine.txt").write_text("x")
        ready(page, qtbot, tmp_path)
        assert page.form.value("output") == str(tmp_path / "model_3")

    def test_nothing_is_suggested_beside_what_is_no_dataset(
        self, page: Any, qtbot: Any, tmp_path: Path
    ) -> None:
        page.form.set_value("dataset", "/nope")
        until(qtbot, lambda: "it holds no dataset.json" in page.notice.text())
        assert page.notice.text() == (
            "Dataset '/nope': it holds no dataset.json. Choose a dataset: the page Parcels builds "
            "one from a series and parcels."
        )
        assert page.form.value("output") is None
        assert not page.run_button.isEnabled()
        ready(page, qtbot, tmp_path)
        assert page.form.value("output") == str(tmp_path / "model")
        assert page.notice.text() == ""

    def test_the_suggestion_follows_the_dataset(
        self, page: Any, qtbot: Any, tmp_path: Path
    ) -> None:
        ready(page, qtbot, tmp_path / "one")
        assert page.form.value("output") == str(tmp_path / "one" / "model")
        page.form.set_value("dataset", dataset_in(tmp_path / "two"))
        until(qtbot, lambda: page.form.value("output") == str(tmp_path / "two" / "model"))
        page.form.set_value("output", str(tmp_path / "mine"))
        page.form.set_value("dataset", dataset_in(tmp_path / "three"))
        until(qtbot, lambda: bool(page._places))
        assert page.form.value("output") == str(tmp_path / "mine")

    def test_what_is_typed_while_the_page_looks_is_not_written_over(
        self, page: Any, plugin: SimpleNamespace, qtbot: Any, tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        module = plugin.load("cscl_qgis.gui.pages.train")
        looks, goes_on, settled = [], threading.Event(), module.settle

        def slowly(settings: Any, movable: bool) -> Any:
            looks.append(movable)
            goes_on.wait(10)
            return settled(settings, movable)

        monkeypatch.setattr(module, "settle", slowly)
        page.form.set_value("dataset", dataset_in(tmp_path))
        until(qtbot, lambda: looks == [True])
        page.form.set_value("output", str(tmp_path / "mine"))
        goes_on.set()
        until(qtbot, lambda: bool(page._places))
        assert looks == [True, False]
        assert page.form.value("output") == str(tmp_path / "mine")

    @pytest.mark.parametrize(
        ("state", "button", "enabled", "words"),
        [
            ("interrupted", "Go on", True, "goes on where it stopped"),
            ("complete", "Train", False, "complete there"),
            ("running", "Train", False, "Another run lies"),
            ("other", "Train", False, "Another run lies"),
        ],
    )
    def test_what_lies_in_the_output_decides(
        self, page: Any, plugin: SimpleNamespace, qtbot: Any, tmp_path: Path, state: str,
        button: str, enabled: bool, words: str,
    ) -> None:  # fmt: skip
        manifest = plugin.load("backend.cscl.contract.manifest")
        jobs = plugin.load("backend.cscl.contract.jobs")
        page.form.pretrain.setChecked(False)
        page.form.set_value("dataset", str(tmp_path / "dataset"))
        page.form.set_value("output", str(tmp_path / "out"))
        ((name, values),) = page.form.settings().steps()
        digest = "0" * 16 if state == "other" else jobs.fingerprint(jobs.make_job(name, values))
        state = "complete" if state == "other" else state
        manifest.write_manifest(
            tmp_path / "out", manifest.Manifest(name, digest, state, "0.1", os.getpid(), 1.0)
        )
        page.shown()
        until(qtbot, lambda: words in page.notice.text())
        assert page.run_button.text() == button
        assert page.run_button.isEnabled() is enabled
        page.form.both.editors["overwrite"].set_value(True)
        until(qtbot, lambda: page.run_button.isEnabled())

    def test_the_settings_come_back_with_the_project(self, page: Any) -> None:
        page.form.set_value("dataset", "/data/dataset")
        page.form.own["pretrain"].editors["window"].set_value(7)
        page.form.own["finetune"].editors["window"].set_value(5)
        page.form.both.editors["seed"].set_value(9)
        page.form.pretrain.setChecked(False)
        state = json.loads(json.dumps(page.state()))
        page.restore({})
        assert page.form.pretrain.isChecked()
        assert page.form.settings().own["pretrain"]["window"] == 3
        page.restore(state)
        assert page.state() == state
        assert page.form.settings().own["finetune"]["window"] == 5

    def test_the_dataset_that_was_built_is_offered(self, dock: Any, page: Any) -> None:
        dock.workspace.choose("dataset", "/data/built")
        assert page.form.value("dataset") == "/data/built"

    def test_nothing_is_cut_off(self, dock: Any, page: Any) -> None:
        for box in page.form._groups.values():
            box.setCollapsed(False)
        for tab in (SETTINGS, CURVES, RUNS):
            page.tabs.setCurrentIndex(tab)
            settle()
            assert too_small(dock) == []
        page.tabs.setCurrentIndex(SETTINGS)
        page.form.pretrain.setChecked(False)
        settle()
        assert too_small(dock) == []


class TestRuns:
    def test_pretraining_then_fine_tuning_then_a_model(
        self, dock: Any, page: Any, qtbot: Any, fake_engine: FakeEngine, window: Window,
        tmp_path: Path,
    ) -> None:  # fmt: skip
        """Both jobs of an engine that trains until it is told to keep the best."""
        ready(page, qtbot, tmp_path)
        fake_engine("trainer")
        started: list[Any] = []
        dock.workspace.job_started.connect(lambda job, values: started.append((job, values)))
        press(qtbot, page, "cscl_train")
        assert page.tabs.currentIndex() == CURVES
        for job in ("pretrain", "finetune"):
            until(qtbot, lambda job=job: [name for name, _ in started][-1:] == [job])
            until(qtbot, lambda: dock.panel.finish_button.isEnabled())
            assert not page.run_button.isEnabled() and not page.form.isEnabled()
            press(qtbot, dock, "cscl_finish")
        until(qtbot, lambda: not page.jobs.is_running())
        assert (
            started[1][1]["model"] == started[0][1]["output"] == str(tmp_path / "model_pretrained")
        )
        assert dock.workspace.chosen("pretrained") == "/nowhere/model"
        assert dock.workspace.chosen("model") == "/nowhere/model"
        assert window.message() == "The training is complete: the model can map crops."
        losses = page.charts.charts[0].lines()
        assert [(line.name, list(line.x), list(line.y)) for line in losses] == [
            ("Training", [1.0, 2.0, 3.0], [1.0, 0.5, 1.0 / 3])
        ]

    def test_a_pretraining_that_fails_starts_nothing_after_it(
        self, dock: Any, page: Any, qtbot: Any, fake_engine: FakeEngine, tmp_path: Path
    ) -> None:
        ready(page, qtbot, tmp_path)
        fake_engine("killed")
        started: list[str] = []
        dock.workspace.job_started.connect(lambda job, _: started.append(job))
        with qtbot.waitSignal(page.jobs.ended, timeout=10000) as ended:
            press(qtbot, page, "cscl_train")
        assert ended.args == [False]
        qtbot.wait(50)
        assert started == ["pretrain"]
        assert not dock.workspace.runner.is_running()
        assert page.form.isEnabled()

    def test_f67_the_project_may_go_while_a_training_runs(
        self, dock: Any, page: Any, qtbot: Any, fake_engine: FakeEngine, no_project: Any,
        tmp_path: Path,
    ) -> None:  # fmt: skip
        ready(page, qtbot, tmp_path)
        page.form.pretrain.setChecked(False)
        until(qtbot, lambda: page.run_button.isEnabled() and bool(page._places))
        fake_engine("trainer")
        press(qtbot, page, "cscl_train")
        until(qtbot, lambda: dock.panel.finish_button.isEnabled())
        no_project.clear()
        assert dock.workspace.runner.is_running()
        press(qtbot, dock, "cscl_finish")
        until(qtbot, lambda: dock.workspace.chosen("model") == "/nowhere/model")


class TestCurves:
    def test_figures_of_each_stage_have_their_charts(
        self, page: Any, plugin: SimpleNamespace
    ) -> None:
        events = plugin.load("backend.cscl.contract.events")
        page.charts.take(events.Metric("validation/mean_iou", 1, 0.5))
        assert all(chart.lines() == () for chart in page.charts.charts)
        page.charts.take(events.Progress("pretrain", 0, 10))
        assert page.charts.stage_box.currentText() == "Pretraining"
        for step, value in ((5, 0.6), (10, 0.8)):
            page.charts.take(events.Metric("validation/pair_auc", step, value))
        assert [list(line.y) for line in page.charts.charts[1].lines()] == [[0.6, 0.8]]
        page.charts.take(events.Progress("finetune", 0, 10))
        assert page.charts.stage_box.currentText() == "Fine-tuning"
        for name, value in (("boundary", 0.3), ("interior", 0.7)):
            for ending, more in (("", 0.0), ("_2m5", 0.1)):
                metric = events.Metric(f"validation/{name}_mean_iou{ending}", 4, value + more)
                page.charts.take(metric)
        shown = {line.name: list(line.y) for line in page.charts.charts[2].lines()}
        assert shown == {"Interior": [pytest.approx(0.8)], "Boundaries": [pytest.approx(0.4)]}
        page.charts.show_stage("pretrain")
        assert [list(line.y) for line in page.charts.charts[1].lines()] == [[0.6, 0.8]]

    def test_an_earlier_runs_curves_are_drawn_beside(
        self, dock: Any, page: Any, asked: type[Asked], qtbot: Any, tmp_path: Path
    ) -> None:
        old, before = tmp_path / "old", tmp_path / "before"
        for folder in (old, before):
            folder.mkdir()
        (old / "metrics.csv").write_text(
            "step,split,name,value\n8,training,loss,0.9\n16,training,loss,0.4\n9,validation,x\n"
        )
        (old / "job.json").write_text(
            json.dumps({"schema": 1, "job": "finetune", "parameters": {"model": str(before)}})
        )
        lines = [
            {"event": "metric", "name": "validation/pair_auc", "step": 3, "value": 0.75},
            {"event": "note", "text": "metric"},
        ]
        (before / "events.jsonl").write_text(
            "".join(json.dumps(line) + "\n" for line in lines) + '{"event": "metric", "na'
        )
        asked.answers["runs"] = lambda values: {
            "runs": [] if values else [run_row(str(old), figures=figures(0.5, 0.4, 0.3))]
        }
        page.runs.refresh()
        page.tabs.setCurrentIndex(RUNS)
        until(qtbot, lambda: page.table.table.topLevelItemCount() == 1)
        item = page.table.table.topLevelItem(0)
        assert [item.text(column) for column in range(5)] == [
            "old", "Complete", "50.0", "40.0", "30.0"
        ]  # fmt: skip
        page.table.table.setCurrentItem(item)
        press(qtbot, page, "cscl_compare")
        until(qtbot, lambda: bool(page.charts.charts[0].lines()))
        (line,) = page.charts.charts[0].lines()
        assert (line.name, line.dashed, list(line.y)) == ("old", True, [0.9, 0.4])
        page.charts.show_stage("pretrain")
        (line,) = page.charts.charts[1].lines()
        assert (line.name, list(line.x), list(line.y)) == ("old", [3.0], [0.75])
        press(qtbot, page, "cscl_compare")
        assert page.charts.charts[1].lines() == ()

    def test_a_run_without_figures_is_said(
        self, page: Any, plugin: SimpleNamespace, window: Window, qtbot: Any, tmp_path: Path
    ) -> None:
        run = plugin.load("cscl_qgis.gui.history.runs").Run(
            str(tmp_path), "finetune", "failed", BEGAN, str(tmp_path)
        )
        page.compare(run)
        until(qtbot, lambda: "there are no figures of its training yet" in window.message())

    def test_the_picture_of_the_prediction_is_shown_with_its_three_parts(
        self, dock: Any, page: Any, plugin: SimpleNamespace, qtbot: Any, tmp_path: Path
    ) -> None:
        image = QImage(12, 4, QImage.Format.Format_RGBA8888)
        for column, colour in enumerate(("#ff0000", "#00ff00", "#0000ff")):
            for x in range(4):
                for y in range(4):
                    image.setPixelColor(4 * column + x, y, QColor(colour))
        image.save(str(tmp_path / "a.png"))
        picture = plugin.load("backend.cscl.contract.events").Picture
        page.tabs.setCurrentIndex(CURVES)
        settle()
        low = page.picture.height()
        dock.workspace.runner.event_received.emit(picture("prediction", 7, str(tmp_path / "a.png")))
        until(qtbot, lambda: page.picture.step == 7)
        settle()
        assert page.picture.height() > 2 * low
        seen = page.picture.grab().toImage()
        side = page.picture.width() // 3
        for column, colour in enumerate(("#ff0000", "#00ff00", "#0000ff")):
            at = seen.pixelColor(column * side + side // 2, seen.height() - 20)
            assert at == QColor(colour)
        dock.workspace.runner.event_received.emit(picture("prediction", 9, "/nowhere/a.png"))
        qtbot.wait(200)
        assert page.picture.step == 7


class TestEarlierRuns:
    def test_the_settings_of_an_earlier_run_are_taken_with_a_new_output(
        self, page: Any, asked: type[Asked], qtbot: Any, tmp_path: Path
    ) -> None:
        values = {
            "dataset": dataset_in(tmp_path), "output": str(tmp_path / "model"), "seed": 77,
            "objective": "log-cosh-dice", "preset": "quick", "model": None, "resolution": "10",
        }  # fmt: skip
        asked.answers["runs"] = lambda _: {
            "runs": [run_row(str(tmp_path / "model"), parameters=values)]
        }
        (tmp_path / "model").mkdir()
        (tmp_path / "model" / "model.json").write_text("{}")
        page.runs.refresh()
        page.tabs.setCurrentIndex(RUNS)
        until(qtbot, lambda: page.table.table.topLevelItemCount() == 1)
        page.table.table.setCurrentItem(page.table.table.topLevelItem(0))
        press(qtbot, page, "cscl_take")
        assert page.tabs.currentIndex() == SETTINGS
        until(qtbot, lambda: page.form.value("output") == str(tmp_path / "model_2"))
        ((name, taken),) = page.form.settings().steps()
        wanted = {**values, "output": str(tmp_path / "model_2")}
        del wanted["model"]
        assert name == "finetune"
        assert {key: taken.get(key) for key in wanted} == wanted

    def test_an_unfinished_run_is_resumed_by_one_click(
        self, dock: Any, page: Any, asked: type[Asked], qtbot: Any, fake_engine: FakeEngine,
        tmp_path: Path,
    ) -> None:  # fmt: skip
        values = {"dataset": str(tmp_path), "output": "/elsewhere", "seed": 5}
        asked.answers["runs"] = lambda _: {
            "runs": [run_row(str(tmp_path / "m"), state="interrupted", parameters=values)]
        }
        page.runs.refresh()
        page.tabs.setCurrentIndex(RUNS)
        until(qtbot, lambda: page.table.table.topLevelItemCount() == 1)
        page.table.table.setCurrentItem(page.table.table.topLevelItem(0))
        fake_engine("trainer")
        started: list[Any] = []
        dock.workspace.job_started.connect(lambda job, values: started.append((job, values)))
        press(qtbot, page, "cscl_resume")
        assert started == [("finetune", {**values, "output": str(tmp_path / "m")})]
        until(qtbot, lambda: dock.panel.finish_button.isEnabled())
        assert not page.table.resume_button.isEnabled()
        with qtbot.waitSignal(page.jobs.ended, timeout=10000):
            press(qtbot, dock, "cscl_finish")

    def test_a_table_without_runs_says_what_to_do(
        self, page: Any, asked: type[Asked], qtbot: Any
    ) -> None:
        asked.answers["runs"] = {"runs": []}
        page.runs.refresh()
        until(qtbot, lambda: page.runs.runs == ())
        page.tabs.setCurrentIndex(RUNS)
        settle()
        assert page.table.empty.isVisible() and not page.table.table.isVisible()


def test_a_training_by_clicks_with_the_real_engine(
    dock_module: Any, window: Window, scene: Path, qtbot: Any, tmp_path: Path
) -> None:
    """Dataset, Train, curves and picture live, then a model that later pages are offered."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "backend")}
    command = [
        os.environ["CSCL_BACKEND_PYTHON"], "-m", "cscl", "dataset", "--images", str(scene),
        "--parcels", str(scene / "parcels.gpkg"), "--class-field", "crop", "--chip", "16",
        "--output", str(tmp_path / "dataset"), "--workers", "1",
    ]  # fmt: skip
    subprocess.run(command, check=True, env=environment, stdin=subprocess.DEVNULL, timeout=200)
    dock = shown_dock(dock_module, window)
    try:
        dock.show_page("train")
        page = dock.page("train")
        page.form.set_value("dataset", str(tmp_path / "dataset"))
        page.form.set_value("preset", "quick")
        page.form.both.editors["width"].set_value(0.125)
        for rows in page.form.own.values():
            rows.editors["epochs"].set_value(2)
        until(qtbot, lambda: page.run_button.isEnabled() and bool(page._places), 30000)
        with qtbot.waitSignal(page.jobs.ended, timeout=240000) as ended:
            press(qtbot, page, "cscl_train")
        assert ended.args == [True], dock.panel.log.toPlainText()
        assert dock.workspace.chosen("model") == str(tmp_path / "model")
        for chart in page.charts.charts:
            assert all(len(line.y) == 2 for line in chart.lines())
            assert len(chart.lines()) == 2
        until(qtbot, lambda: not page.picture.image.isNull())
        assert page.picture.image.width() == 3 * page.picture.image.height() == 3 * 64
        page.charts.show_stage("pretrain")
        assert [line.name for line in page.charts.charts[1].lines()] == ["Validation"]
    finally:
        dock.close_down()
