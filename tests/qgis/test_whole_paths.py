"""Paths and values that the dock gives to the engine: whole paths, and the words of a form."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dock_windows import Window
from qgis.core import QgsVectorLayer

NOT_WHOLE = (
    "it is a relative path. Choose a folder or file with the … button, or give the whole path."
)
# What fields without a default are given, by kind, where they are no paths.
SAMPLES = {"field": "crop", "choice": None, "text": "10", "season": "2020-10-01/2021-09-30"}


@pytest.fixture()
def runner(plugin: SimpleNamespace, qgis_app: Any) -> Iterator[Any]:
    """A runner of jobs whose process ends with the test."""
    made = plugin.load("cscl_qgis.gui.runner").JobRunner()
    yield made
    made.close()


@pytest.fixture()
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's own folder."""
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    return tmp_path


def jobs_of(plugin: SimpleNamespace) -> dict[str, tuple[Any, ...]]:
    """Return the fields of every job."""
    fields_of = plugin.load("backend.cscl.contract.fields").fields_of
    jobs = plugin.load("backend.cscl.contract.jobs").JOBS
    return {name: fields_of(job) for name, job in jobs.items()}


def path_kinds(plugin: SimpleNamespace) -> tuple[str, ...]:
    """Return the kinds of fields that are paths."""
    return tuple(plugin.load("backend.cscl.contract.fields").PATH_KINDS)


def needed(fields: tuple[Any, ...], kinds: tuple[str, ...], path: str) -> dict[str, Any]:
    """Return values for all fields of a job that must have one, and for all of its paths."""
    values: dict[str, Any] = {}
    for field in fields:
        if field.kind in kinds:
            values[field.name] = f"{path}/{field.name}"
        elif field.required:
            values[field.name] = SAMPLES[field.kind] or field.choices[0][0]
    return values


def refusal(plugin: SimpleNamespace, work: Callable[[], Any]) -> Any:
    """Return the error that a piece of work raises."""
    with pytest.raises(plugin.load("backend.cscl.contract.errors").UserError) as caught:
        work()
    return caught.value


class TestJobs:
    def test_no_job_takes_a_path_that_is_not_whole(
        self, plugin: SimpleNamespace, runner: Any
    ) -> None:
        kinds = path_kinds(plugin)
        checked = 0
        for name, fields in jobs_of(plugin).items():
            for field in (item for item in fields if item.kind in kinds):
                for path in ("a", "rel/a.gpkg", "./a", "../a", "~nobody-of-this-name/a"):
                    values = {**needed(fields, kinds, "/nowhere"), field.name: path}
                    error = refusal(plugin, lambda: runner.start(name, values, {}))  # noqa: B023
                    assert str(error) == f"{field.title} {path!r}: {NOT_WHOLE}", (name, field)
                    assert not runner.is_running()
                    checked += 1
        assert checked > 200

    def test_every_path_is_named_those_of_images_too(
        self, plugin: SimpleNamespace, runner: Any
    ) -> None:
        values = {"images": "/data/a.tif; b.tif;c.tif", "output": "my.series.json"}
        assert str(refusal(plugin, lambda: runner.start("series", values, {}))).split("\n") == [
            f"Images 'b.tif': {NOT_WHOLE}",
            f"Images 'c.tif': {NOT_WHOLE}",
            f"Output 'my.series.json': {NOT_WHOLE}",
        ]

    def test_what_is_no_local_path_is_refused_in_its_own_words_alone(
        self, plugin: SimpleNamespace, runner: Any
    ) -> None:
        values = {"images": "https://example.org/a.tif", "output": "/vsimem/a"}
        error = refusal(plugin, lambda: runner.start("series", values, {}))
        assert [item.code for item in error.findings] == ["path_not_local"] * 2

    def test_nothing_a_job_may_write_lies_below_its_temporary_folder(
        self, plugin: SimpleNamespace, runner: Any, qtbot: Any, home: Path,
        fake_engine: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        """What was given in the person's own folder is written to job.json as a whole path."""
        module = plugin.load("cscl_qgis.gui.runner")
        started: list[tuple[Path, dict[str, Any]]] = []

        class Kept(module.EngineProcess):
            def start(self, job: Any) -> None:
                super().start(job)
                document = json.loads((self._folder / "job.json").read_text(encoding="utf-8"))
                started.append((self._folder, document))

        monkeypatch.setattr(module, "EngineProcess", Kept)
        fake_engine("good")
        kinds = path_kinds(plugin)
        for name, fields in jobs_of(plugin).items():
            with qtbot.waitSignal(runner.ended, timeout=20000):
                runner.start(name, needed(fields, kinds, "~/made"), {})
            folder, document = started.pop()
            assert document["job"] == name
            paths = {
                field.name: Path(document["parameters"][field.name])
                for field in fields
                if field.kind in kinds
            }
            assert paths == {field: home / "made" / field for field in paths} and paths
            assert not any(folder in path.parents for path in paths.values())

    def test_what_the_real_engine_writes_is_there_when_it_is_done(
        self, runner: Any, qtbot: Any, home: Path
    ) -> None:
        values = {"output": "~/my scene", "size": 64, "dates": 4, "crops": 3}
        with qtbot.waitSignal(runner.ended, timeout=120000) as ended:
            runner.start("simulate", values, {})
        assert ended.args[0].state == "complete", ended.args[0].message
        assert len(list((home / "my scene").glob("S2_*.tif"))) == 4


class TestFields:
    def test_the_persons_own_folder_is_meant_by_its_sign_everywhere(
        self, plugin: SimpleNamespace, home: Path
    ) -> None:
        jobs = plugin.load("backend.cscl.contract.jobs")
        fields = plugin.load("backend.cscl.contract.fields")
        editors = plugin.load("cscl_qgis.gui.editors")
        (field,) = (item for item in fields.fields_of(jobs.MapJob) if item.name == "output")
        editor = editors.make_editor(field)
        editor.set_value("~/a map")
        assert editor.value() == str(home / "a map")
        images = plugin.load("cscl_qgis.gui.images").ImagesEdit()
        images.set_value("~/scene")
        assert images.value() == str(home / "scene")

    def test_images_of_before_are_gone_in_every_way_of_choosing_them(
        self, plugin: SimpleNamespace
    ) -> None:
        module = plugin.load("cscl_qgis.gui.images")
        images = module.ImagesEdit()
        images.set_value("/data/a.series.json")
        images.set_value(None)
        for way in (module.FOLDER, module.SERIES):
            images._source.setCurrentIndex(way)
            assert images.value() is None


class TestMissing:
    def test_all_that_is_missing_is_said_by_its_title_and_in_the_persons_language(
        self, plugin: SimpleNamespace, runner: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        error = refusal(plugin, lambda: runner.start("pipeline", {"seed": -1, "images": ""}, {}))
        assert str(error).split("\n") == [
            "Images: it has no value. Choose or enter one.",
            "Parcels: it has no value. Choose or enter one.",
            "Class field: it has no value. Choose or enter one.",
            "Output: it has no value. Choose or enter one.",
            "seed: it is -1. Use a whole number of 0 to 2147483647.",
        ]
        assert {item.code for item in error.findings} == {"missing_value", "out_of_range"}
        words = {"Output": "Ausgabe", "it has no value": "kein Wert", "Choose or enter one.": "!"}
        monkeypatch.setattr(plugin.load("cscl_qgis.words"), "_words", words)
        error = refusal(plugin, lambda: runner.start("demo", {}, {}))
        assert str(error) == "Ausgabe: kein Wert. !"

    def test_missing_and_relative_are_said_in_one_message(
        self, plugin: SimpleNamespace, runner: Any
    ) -> None:
        error = refusal(plugin, lambda: runner.start("series", {"output": "a.series.json"}, {}))
        assert [item.code for item in error.findings] == ["missing_value", "path_not_whole"]

    def test_a_job_that_there_is_none_of_is_refused_as_before(
        self, plugin: SimpleNamespace, runner: Any
    ) -> None:
        assert refusal(plugin, lambda: runner.start("bake", {"a": "b"}, {})).code == "unknown_job"


class TestPages:
    def test_a_relative_output_is_refused_at_the_button(
        self, dock: Any, window: Window, no_project: Any, tmp_path: Path
    ) -> None:
        layer = QgsVectorLayer("Polygon?crs=EPSG:32631&field=crop:string", "fields", "memory")
        no_project.addMapLayer(layer)
        page = dock.page("whole")
        page.form.images.set_value(str(tmp_path))
        page.form.parcels.set_layer(layer)
        page.form.class_field.setField("crop")
        page.form.set_values({"output": "result", "classes": "tables/classes.csv"})
        page.run_button.click()
        assert not dock.workspace.runner.is_running()
        assert window.message() == escape(
            f"Output 'result': {NOT_WHOLE}\nClass table 'tables/classes.csv': {NOT_WHOLE}"
        )

    def test_results_are_looked_for_where_they_are_written(self, dock: Any, home: Path) -> None:
        form = dock.page("whole").form
        for given, folder in (("~/out", str(home / "out")), ("rel/out", ""), ("", "")):
            form.set_values({"output": given})
            assert form.output() == folder

    def test_a_training_is_not_looked_for_in_the_folder_that_qgis_works_in(
        self, plugin: SimpleNamespace, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(home)
        (home / "dataset").mkdir()
        (home / "dataset" / "dataset.json").write_text("{}")
        plan = plugin.load("cscl_qgis.gui.training.plan")
        values = {"dataset": "dataset", "output": "model"}
        error = refusal(plugin, lambda: plan.look_at(("finetune", values)))
        assert [item.subject for item in error.findings] == ["Dataset 'dataset'", "Output 'model'"]
        own: dict[str, Any] = {"pretrain": {}, "finetune": {}}
        settings = plan.Settings({"dataset": "dataset"}, {}, own, False)
        assert refusal(plugin, lambda: plan.settle(settings, True)).code == "path_not_whole"
        settings = plan.Settings({"dataset": "~/dataset"}, {}, own, False)
        output, places = plan.settle(settings, True)
        assert output == str(home / "model")
        assert [(place.folder, place.state) for place in places] == [(output, "free")]
