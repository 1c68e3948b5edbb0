"""The page of earlier runs: list, filter, copies that work, following, resuming, removing."""

# ruff: noqa: F811

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dock_windows import Window, press, settle, shown_dock, too_small
from page_answers import BEGAN, RUNS, Asked, asked, run_row  # noqa: F401
from qgis.core import QgsProject, QgsSettings, QgsVectorLayer
from qgis.gui import QgsFileWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox

FakeEngine = Callable[[str], Path]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture()
def dock(asked: type[Asked], dock_module: Any, window: Window, provider: Any) -> Iterator[Any]:
    """A dock turned to the page, whose questions are answered without an engine."""
    QgsSettings().remove("cscl/run_folders")
    made = shown_dock(dock_module, window)
    made.show_page("history")
    settle()
    yield made
    made.close_down()


@pytest.fixture()
def page(dock: Any) -> Any:
    return dock.page("history")


def names(page: Any) -> list[str]:
    """Return the runs that are listed."""
    tree = page.tree.tree
    return [tree.topLevelItem(row).text(0) for row in range(tree.topLevelItemCount())]


def listed(page: Any, qtbot: Any, rows: list[Any] | None = None) -> None:
    """Have the page list runs, those of the stand-in where none are given."""
    if rows is not None:
        Asked.answers["runs"] = lambda values: {"runs": rows}
    page.runs.refresh()
    wanted = len(RUNS["runs"] if rows is None else rows)
    qtbot.waitUntil(lambda: len(page.runs.runs) == wanted and not page.runs.is_busy())


def select(page: Any, name: str) -> None:
    """Select a run by its name."""
    (item,) = page.tree.tree.findItems(name, Qt.MatchFlag.MatchExactly)
    page.tree.tree.setCurrentItem(item)
    settle()


def record(
    plugin: SimpleNamespace, folder: Path, state: str = "complete", job: str = "simulate",
    pid: int = 1,
) -> Any:  # fmt: skip
    """Write the record of a job and return its row."""
    manifest = plugin.load("backend.cscl.contract.manifest")
    jobs = plugin.load("backend.cscl.contract.jobs")
    folder.mkdir(exist_ok=True)
    values = {"output": str(folder), "size": 48, "dates": 4, "crops": 2}
    document = jobs.job_document(jobs.make_job(job, values))
    (folder / "job.json").write_text(json.dumps(document))
    manifest.write_manifest(folder, manifest.Manifest(job, "0" * 16, state, "0.1", pid, BEGAN))
    return run_row(str(folder), job, state, parameters=values)


class TestList:
    def test_runs_of_all_folders_once_the_latest_first(self, page: Any, qtbot: Any) -> None:
        QgsSettings().setValue("cscl/run_folders", json.dumps(["/b", "/c"]))
        Asked.answers["runs"] = lambda values: RUNS if not values else {"runs": RUNS["runs"][:2]}
        page.runs.refresh()
        qtbot.waitUntil(lambda: not page.runs.is_busy())
        asked = page.workspace.questions.values_of("runs")[-3:]
        assert asked == [{}, {"folder": "/b"}, {"folder": "/c"}]
        assert names(page) == ["model_3", "model_2", "model_2_pretrained", "map", "model"]

    @pytest.mark.parametrize(
        ("words", "state", "found"),
        [
            ("", "Unfinished", ["model_3", "model"]), ("map crops", "All runs", ["map"]),
            ("MODEL_2 pretrain", "All runs", ["model_2_pretrained"]),
            ("seed=9", "All runs", []),
            ("", "Complete", ["model_2", "model_2_pretrained", "map"]),
        ],
    )  # fmt: skip
    def test_the_filter_takes_words_and_a_state(
        self, page: Any, qtbot: Any, words: str, state: str, found: list[str]
    ) -> None:
        listed(page, qtbot)
        qtbot.keyClicks(page.tree.words, words)
        page.tree.state.setCurrentText(state)
        assert names(page) == found
        if not found:
            assert page.tree.empty.text() == "No run passes the filter."
            assert page.tree.empty.isVisible()

    def test_a_run_is_shown_with_figures_and_parameters_by_their_titles(
        self, dock: Any, page: Any, qtbot: Any
    ) -> None:
        row = run_row(
            "/a/m", parameters={"seed": 4, "preset": "quick", "resolution": "2.5", "cover": False},
            figures={"mean_iou_2m5": 0.61234, "other": None},
        )  # fmt: skip
        listed(page, qtbot, [row])
        select(page, "m")
        table = page.details.table
        shown = {}
        for at in range(table.topLevelItemCount()):
            group = table.topLevelItem(at)
            children = [group.child(place) for place in range(group.childCount())]
            shown[group.text(0)] = [(item.text(0), item.text(1)) for item in children]
        assert shown["Figures"] == [("Mean IoU (2.5 m)", "0.6123")]
        assert shown["Parameters"][:2] == [("Preset", "Quick: minutes on two cores"), ("Seed", "4")]
        assert ("Learn cover", "no") in shown["Parameters"][2:]
        assert "took 13 min" in page.details.head.text()
        assert too_small(dock) == []

    def test_a_page_without_a_selection_says_what_to_do(self, page: Any) -> None:
        assert page.details.head.text() == "Select a run to see its parameters and figures."
        assert not page.buttons.copy_button.isEnabled()

    def test_what_can_be_done_depends_on_the_state(self, page: Any, qtbot: Any) -> None:
        listed(page, qtbot, [run_row(f"/a/{state}", "map", state) for state in (
            "complete", "running", "failed", "cancelled", "interrupted")])  # fmt: skip
        buttons = page.buttons
        for state in ("complete", "running", "failed", "cancelled", "interrupted"):
            select(page, state)
            assert buttons.open_button.isEnabled() is (state == "complete")
            assert buttons.resume_button.isEnabled() is (
                state in ("failed", "cancelled", "interrupted")
            )
            assert buttons.remove_button.isEnabled() is (state != "running")

    def test_an_engine_that_does_not_answer_is_said(
        self, page: Any, plugin: SimpleNamespace, qtbot: Any
    ) -> None:
        error = plugin.load("backend.cscl.contract.errors").UserError
        Asked.answers["runs"] = error("x", "engine", "it is not there", "Install it.")
        page.runs.refresh()
        qtbot.waitUntil(lambda: "it is not there" in page.tree.empty.text())
        assert page.tree.empty.isVisible()

    def test_a_folder_is_added_and_remembered(
        self, page: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/data/runs")
        press(qtbot, page, "cscl_history_folder")
        assert {"folder": "/data/runs"} in page.workspace.questions.values_of("runs")
        assert json.loads(QgsSettings().value("cscl/run_folders")) == ["/data/runs"]


class TestCopies:
    def copied(self, page: Any, form: str) -> str:
        """Choose an entry of the menu and return the clipboard."""
        for action in page.buttons.copy_button.menu().actions():
            if action.objectName() == f"cscl_copy_{form}":
                action.trigger()
        return str(QApplication.clipboard().text())

    @pytest.fixture()
    def simulated(self, page: Any, plugin: SimpleNamespace, qtbot: Any, tmp_path: Path) -> Path:
        """A run of a small scene is selected; its output does not exist any more."""
        folder = tmp_path / "a scene é"
        row = record(plugin, folder)
        listed(page, qtbot, [row])
        select(page, folder.name)
        for item in folder.iterdir():
            item.unlink()
        folder.rmdir()
        return folder

    def complete(self, plugin: SimpleNamespace, folder: Path) -> bool:
        manifest = plugin.load("backend.cscl.contract.manifest").read_manifest(folder)
        return manifest is not None and manifest.state == "complete"

    def run(self, command: list[str], folder: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "backend")}
        subprocess.run(
            command, check=True, env=environment, cwd=folder, stdin=subprocess.DEVNULL, timeout=120
        )

    def test_the_command_line_does_the_same_job(
        self, page: Any, plugin: SimpleNamespace, simulated: Path, tmp_path: Path
    ) -> None:
        text = self.copied(page, "command")
        assert text.endswith(
            f"-m cscl simulate --output '{simulated}' --size 48 --dates 4 --crops 2"
        )
        self.run(["/bin/sh", "-c", text], tmp_path)
        assert self.complete(plugin, simulated)

    def test_the_program_does_the_same_job(
        self, page: Any, plugin: SimpleNamespace, simulated: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "job.py").write_text(self.copied(page, "python"))
        self.run([os.environ["CSCL_BACKEND_PYTHON"], "job.py"], tmp_path)
        assert self.complete(plugin, simulated)

    def test_the_json_does_the_same_job_under_another_path(
        self, page: Any, plugin: SimpleNamespace, simulated: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "job.json").write_text(self.copied(page, "json"))
        (tmp_path / "there").mkdir()
        python, there = os.environ["CSCL_BACKEND_PYTHON"], tmp_path / "there"
        self.run(
            [python, "-m", "cscl", "run", "--path", f"{tmp_path}={there}", "job.json"], tmp_path
        )
        assert self.complete(plugin, there / simulated.name)
        assert not simulated.exists()

    def test_the_processing_call_does_the_same_job(
        self, page: Any, plugin: SimpleNamespace, simulated: Path, no_project: Any
    ) -> None:
        exec(compile(self.copied(page, "processing"), "call", "exec"), {})
        assert self.complete(plugin, simulated)

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ({"images": "/a/b.series.json"}, {"SERIES": "/a/b.series.json"}),
            ({"images": "/a;/b"}, {"IMAGE_LAYERS": ["/a", "/b"]}),
            ({"images": "/a", "bands": ["B02", "B04"]}, {"IMAGES": "/a", "BANDS": "B02,B04"}),
        ],
    )
    def test_images_and_lists_have_the_parameters_of_processing(
        self, plugin: SimpleNamespace, qgis_app: Any, values: Any, expected: Any
    ) -> None:
        copies = plugin.load("cscl_qgis.gui.history.copies")
        make = plugin.load("backend.cscl.contract.jobs").make_job
        text = copies.processing_call(make("series", {**values, "output": "/o/s.series.json"}))
        called: dict[str, Any] = {}
        program = text.replace("import processing", "").replace("processing.run", "run")
        exec(program, {"run": lambda name, given: called.update(given)})
        assert called == {**expected, "OUTPUT": "/o/s.series.json"}

    def test_quotes_of_windows(self, plugin: SimpleNamespace, qgis_app: Any) -> None:
        copies = plugin.load("cscl_qgis.gui.history.copies")
        make = plugin.load("backend.cscl.contract.jobs").make_job
        job = make("export", {"layer": "C:\\My data\\", "output": "D:\\a.gpkg", "overwrite": True})
        text = copies.command_line(job, ["cscl"], windows=True)
        assert text == (
            'cscl export --layer "C:\\My data\\\\" --output D:\\a.gpkg --overwrite'
        )  # fmt: skip


def engine_runs(values: dict[str, Any]) -> Any:
    """Answer the question `runs` as the engine does."""
    program = (
        "import json, sys; from cscl.context import JobContext; from cscl.serve.runs import runs; "
        "print(json.dumps(runs(json.loads(sys.argv[1]), JobContext())))"
    )
    done = subprocess.run(
        [os.environ["CSCL_BACKEND_PYTHON"], "-c", program, json.dumps(values)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "backend")}, capture_output=True, text=True,
        check=True, timeout=120,
    )  # fmt: skip
    return json.loads(done.stdout)


class TestMoved:
    """The record of a folder that was moved names the place where it was."""

    @pytest.fixture()
    def moved(self, page: Any, plugin: SimpleNamespace, qtbot: Any, tmp_path: Path) -> Path:
        """The interrupted run of a folder that was moved is selected."""
        record(plugin, tmp_path / "scene", "interrupted", pid=2**30)
        (tmp_path / "in").mkdir()
        (tmp_path / "scene").rename(tmp_path / "in" / "moved")
        listed(page, qtbot, engine_runs({"folder": str(tmp_path / "in")})["runs"])
        select(page, "moved")
        return tmp_path / "in" / "moved"

    def test_it_is_shown_and_removed_where_it_lies(
        self, page: Any, qtbot: Any, moved: Path
    ) -> None:
        assert page.details.head.text().startswith(f"{moved}\n")
        press(qtbot, page, "cscl_history_remove")
        qtbot.waitUntil(lambda: page.findChild(QMessageBox, "cscl_remove_run") is not None)
        box = page.findChild(QMessageBox, "cscl_remove_run")
        assert "stays" not in box.text()
        box.reject()

    def test_it_goes_on_and_runs_again_beside_where_it_lies(
        self, dock: Any, page: Any, qtbot: Any, moved: Path, tmp_path: Path
    ) -> None:
        press(qtbot, page, "cscl_history_again")
        dialog = page.findChild(QDialog, "cscl_again")
        chooser = dialog.findChild(QgsFileWidget, "cscl_again_output")
        assert chooser.filePath() == str(tmp_path / "in" / "moved_2")
        dialog.reject()
        with qtbot.waitSignal(dock.workspace.job_ended, timeout=120000) as ended:
            press(qtbot, page, "cscl_history_resume")
        _, values, outcome = ended.args
        assert outcome.succeeded, outcome.message
        assert values["output"] == str(moved)
        assert not (tmp_path / "scene").exists()


class TestFollowing:
    def test_a_run_of_a_shell_is_followed_by_its_events(
        self, dock: Any, page: Any, plugin: SimpleNamespace, qtbot: Any, tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setattr(plugin.load("cscl_qgis.gui.history.follow"), "LOOK_MS", 30)
        page.follower._timer.setInterval(30)
        events = tmp_path / "events.jsonl"
        hello = {
            "event": "hello", "protocol": 1, "package": "0.1.0", "job": "finetune",
            "device": "cpu", "output": str(tmp_path),
        }  # fmt: skip

        def write(*lines: Any, end: str = "\n") -> None:
            with events.open("a") as handle:
                for line in lines:
                    handle.write(json.dumps(line) + end)

        def figure(step: int, value: float) -> dict[str, Any]:
            return {
                "event": "metric", "name": "training/loss", "step": step, "value": value
            }  # fmt: skip

        write(hello, {"event": "progress", "stage": "finetune", "done": 1, "total": 4})
        write(figure(1, 0.9))
        listed(page, qtbot, [run_row(str(tmp_path), "finetune", "running")])
        select(page, tmp_path.name)
        lines = page.charts.charts[0].lines
        qtbot.waitUntil(lambda: [list(line.y) for line in lines()] == [[0.9]])
        assert page.details.status.isVisible()
        assert page.details.status.line.text() == "Fine-tuning"
        write(figure(2, 0.7))
        write({"event": "surprise"})
        write(figure(3, 0.5), end="")
        qtbot.waitUntil(lambda: [list(line.y) for line in lines()] == [[0.9, 0.7]])
        with events.open("a") as handle:
            handle.write("\n")
        qtbot.waitUntil(lambda: [list(line.y) for line in lines()] == [[0.9, 0.7, 0.5]])
        # It is started anew: its curves begin again. Then it ends.
        write(hello, {"event": "progress", "stage": "finetune", "done": 1, "total": 4})
        write(figure(1, 0.4), {"event": "done", "outputs": {}})
        Asked.answers["runs"] = lambda _: {"runs": [run_row(str(tmp_path))]}
        qtbot.waitUntil(lambda: not page.follower.is_following())
        qtbot.waitUntil(lambda: page.tree.run() is not None and page.tree.run().state == "complete")
        assert not page.details.status.isVisible()

    def test_a_real_run_of_a_shell(
        self, dock: Any, page: Any, qtbot: Any, tmp_path: Path
    ) -> None:  # fmt: skip
        folder = tmp_path / "scene"
        command = [
            os.environ["CSCL_BACKEND_PYTHON"], "-m", "cscl", "simulate", "--output", str(folder),
            "--size", "128", "--dates", "40",
        ]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "backend")}
        shell = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        try:
            listed(page, qtbot, [run_row(str(folder), "simulate", "running")])
            select(page, "scene")
            with qtbot.waitSignal(page.follower.over, timeout=120000):
                pass
            assert page.details.status.bar.value() == page.details.status.bar.maximum()
        finally:
            shell.wait(60)

    def test_a_line_without_end_is_passed_over(
        self, plugin: SimpleNamespace, tmp_path: Path, qgis_app: Any
    ) -> None:
        follow = plugin.load("cscl_qgis.gui.history.follow")
        file = tmp_path / "events.jsonl"
        file.write_bytes(b"x" * (follow.PIECE + 5) + b'\n{"event":"heartbeat","seconds":1}\n{"ev')
        events, offset = follow.read_events(file, 0)
        assert (events, offset) == ([], follow.PIECE)
        events, offset = follow.read_events(file, offset)
        assert [event.kind for event in events] == ["heartbeat"]
        assert follow.read_events(file, offset) == ([], offset)
        assert follow.read_events(tmp_path / "gone", 7) == ([], 7)


class TestAgain:
    def test_an_interrupted_run_is_resumed_by_one_click(
        self, dock: Any, page: Any, plugin: SimpleNamespace, qtbot: Any, tmp_path: Path
    ) -> None:
        """The real engine goes on in the same folder."""
        row = record(plugin, tmp_path / "scene", "interrupted", pid=2**30)
        listed(page, qtbot, [row])
        select(page, "scene")
        with qtbot.waitSignal(dock.workspace.job_ended, timeout=120000) as ended:
            press(qtbot, page, "cscl_history_resume")
            assert not page.buttons.again_button.isEnabled()
        job, values, outcome = ended.args
        assert outcome.succeeded, outcome.message
        assert (job, values["output"], values["size"]) == ("simulate", str(tmp_path / "scene"), 48)

    def test_a_job_runs_again_with_another_output(
        self, dock: Any, page: Any, qtbot: Any, fake_engine: FakeEngine, plugin: SimpleNamespace,
        tmp_path: Path,
    ) -> None:  # fmt: skip
        listed(page, qtbot, [record(plugin, tmp_path / "scene")])
        select(page, "scene")
        press(qtbot, page, "cscl_history_again")
        dialog = page.findChild(QDialog, "cscl_again")
        chooser = dialog.findChild(QgsFileWidget, "cscl_again_output")
        assert chooser.filePath() == str(tmp_path / "scene_2")
        fake_engine("good")
        with qtbot.waitSignal(dock.workspace.job_ended, timeout=10000) as ended:
            press(qtbot, dialog, "cscl_again_run")
        assert ended.args[1]["output"] == str(tmp_path / "scene_2")
        assert ended.args[1]["size"] == 48

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("/a/map", "/a/map_2"), ("/a/map_2", "/a/map_3"), ("/a/b_x", "/a/b_x_2"),
            ("/a/s.series.json", "/a/s_2.series.json"), ("/a/p_9.gpkg", "/a/p_10.gpkg"),
        ],
    )  # fmt: skip
    def test_the_next_name(
        self, plugin: SimpleNamespace, qgis_app: Any, path: str, expected: str
    ) -> None:
        assert plugin.load("cscl_qgis.gui.history.again").another(path) == expected

    def test_a_training_fills_its_page(self, dock: Any, page: Any, qtbot: Any) -> None:
        row = run_row("/a/m", parameters={"dataset": "/a/d", "seed": 8, "window": 5})
        listed(page, qtbot, [row])
        select(page, "m")
        press(qtbot, page, "cscl_history_again")
        train = dock.page("train")
        assert train.isVisible()
        assert train.form.value("dataset") == "/a/d"
        assert train.form.settings().both["seed"] == 8
        assert train.form.settings().own["finetune"]["window"] == 5

    def test_parameters_of_another_version_are_refused_in_words(
        self, page: Any, window: Window, qtbot: Any
    ) -> None:
        row = run_row("/a/m", "series", "failed", parameters={"colour": "red", "images": "/a"})
        listed(page, qtbot, [row])
        select(page, "m")
        press(qtbot, page, "cscl_history_resume")
        assert "this job has no such field" in window.message()


class TestOpening:
    @pytest.mark.parametrize(
        ("job", "outputs", "chosen", "wanted"),
        [
            ("dataset", {"dataset": "."}, "dataset", "train"),
            ("finetune", {"model": "."}, "model", "map"),
            ("pretrain", {"model": "."}, "pretrained", "train"),
        ],
    )
    def test_results_go_to_the_page_that_shows_them(
        self, dock: Any, page: Any, plugin: SimpleNamespace, qtbot: Any, tmp_path: Path, job: str,
        outputs: dict[str, str], chosen: str, wanted: str,
    ) -> None:  # fmt: skip
        manifest = plugin.load("backend.cscl.contract.manifest")
        made = manifest.Manifest(job, "0" * 16, "complete", "0.1", 1, BEGAN, outputs=outputs)
        manifest.write_manifest(tmp_path, made)
        listed(page, qtbot, [run_row(str(tmp_path), job)])
        select(page, tmp_path.name)
        press(qtbot, page, "cscl_history_open")
        qtbot.waitUntil(lambda: dock.workspace.chosen(chosen) == str(tmp_path))
        assert dock.page(wanted).isVisible()

    def test_layers_of_other_jobs_are_added(
        self, page: Any, scene: Path, qtbot: Any, no_project: Any
    ) -> None:
        listed(page, qtbot, [run_row(str(scene), "simulate")])
        select(page, scene.name)
        press(qtbot, page, "cscl_history_open")
        qtbot.waitUntil(lambda: len(no_project.mapLayers()) == 2)

    def test_results_that_are_gone_are_said(
        self, page: Any, window: Window, qtbot: Any, tmp_path: Path
    ) -> None:
        listed(page, qtbot, [run_row(str(tmp_path / "gone"), "map")])
        select(page, "gone")
        press(qtbot, page, "cscl_history_open")
        qtbot.waitUntil(lambda: "names no results that are there" in window.message())


class TestRemoval:
    def answer(self, page: Any, qtbot: Any, text: str) -> str:
        """Press Remove, then a button of the question; return what was asked."""
        press(qtbot, page, "cscl_history_remove")
        qtbot.waitUntil(lambda: page.findChild(QMessageBox, "cscl_remove_run") is not None)
        box = page.findChild(QMessageBox, "cscl_remove_run")
        asked = str(box.text())
        next(button for button in box.buttons() if button.text() == text).click()
        return asked

    def test_a_run_is_removed_after_its_size_was_told(
        self, page: Any, plugin: SimpleNamespace, qtbot: Any, tmp_path: Path
    ) -> None:
        row = record(plugin, tmp_path / "scene")
        (tmp_path / "mine.txt").write_text("x")
        listed(page, qtbot, [row])
        select(page, "scene")
        asked = self.answer(page, qtbot, "Keep it")
        assert asked == (
            f"Remove {tmp_path / 'scene'} with all that is in it (123 MB)? This cannot be undone."
        )
        qtbot.wait(100)
        assert (tmp_path / "scene").is_dir()
        Asked.answers["runs"] = {"runs": []}
        qtbot.waitUntil(lambda: page.findChild(QMessageBox, "cscl_remove_run") is None)
        self.answer(page, qtbot, "Remove")
        qtbot.waitUntil(lambda: names(page) == [])
        assert [item.name for item in tmp_path.iterdir()] == ["mine.txt"]

    def test_a_run_that_the_project_shows_stays(
        self, page: Any, plugin: SimpleNamespace, window: Window, qtbot: Any, tmp_path: Path
    ) -> None:
        row = record(plugin, tmp_path / "scene")
        (tmp_path / "scene" / "a.geojson").write_text(
            '{"type": "FeatureCollection", "features": []}'
        )
        layer = QgsVectorLayer(str(tmp_path / "scene" / "a.geojson"), "my layer", "ogr")
        QgsProject.instance().addMapLayer(layer)
        listed(page, qtbot, [row])
        select(page, "scene")
        self.answer(page, qtbot, "Remove")
        qtbot.waitUntil(lambda: "the project shows it (my layer)" in window.message())
        assert (tmp_path / "scene" / "job.json").is_file()

    @pytest.mark.parametrize(
        ("state", "found"), [("running", "its job runs as process"), ("", "no record of a job")]
    )
    def test_what_is_no_ended_run_of_ours_stays(
        self, plugin: SimpleNamespace, tmp_path: Path, qgis_app: Any, state: str, found: str
    ) -> None:
        if state:
            record(plugin, tmp_path, state, pid=os.getpid())
        else:
            (tmp_path / "photo.jpg").write_text("x")
        before = sorted(item.name for item in tmp_path.iterdir())
        error = plugin.load("backend.cscl.contract.errors").UserError
        with pytest.raises(error, match=found):
            plugin.load("cscl_qgis.gui.history.removal").remove_run(str(tmp_path))
        assert sorted(item.name for item in tmp_path.iterdir()) == before


def test_the_filter_comes_back_with_the_project(page: Any) -> None:
    page.tree.words.setText("maize")
    page.tree.state.setCurrentIndex(3)
    state = json.loads(json.dumps(page.state()))
    page.restore({})
    assert (page.tree.words.text(), page.tree.state.currentIndex()) == ("", 0)
    page.restore(state)
    assert page.state() == {"words": "maize", "state": 3}


def test_the_real_engine_lists_what_ran(
    dock_module: Any, window: Window, scene: Path, qtbot: Any
) -> None:
    """The scene of the tests was simulated on the command line; removing is told its size."""
    dock = shown_dock(dock_module, window)
    try:
        dock.show_page("history")
        page = dock.page("history")
        qtbot.waitUntil(lambda: scene.name in names(page), timeout=60000)
        select(page, scene.name)
        run = page.tree.run()
        assert (run.job, run.state, run.output) == ("simulate", "complete", str(scene))
        assert run.parameters["size"] == 64
        press(qtbot, page, "cscl_history_remove")
        qtbot.waitUntil(
            lambda: page.findChild(QMessageBox, "cscl_remove_run") is not None, timeout=60000
        )
        box = page.findChild(QMessageBox, "cscl_remove_run")
        assert box.text().startswith(f"Remove {scene} with all that is in it (")
        box.reject()
        assert scene.is_dir()
    finally:
        dock.close_down()
