"""Another language, another umask, another time zone, a clock that jumps: results stay the same."""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import Recorder


@pytest.fixture()
def german(qgis_app: Any) -> Iterator[None]:
    """Numbers with a decimal comma, as in a German QGIS."""
    from qgis.PyQt.QtCore import QLocale

    before = QLocale()
    QLocale.setDefault(QLocale("de_DE"))
    yield
    QLocale.setDefault(before)


@pytest.fixture()
def closed_umask() -> Iterator[None]:
    """New files belong to the person alone."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def test_f72_a_decimal_comma_is_for_the_eye_alone(plugin: SimpleNamespace, german: None) -> None:
    fields = plugin.load("backend.cscl.contract.fields")
    jobs = plugin.load("backend.cscl.contract.jobs")
    strict_json = plugin.load("backend.cscl.contract.strict_json")
    described = {field.name: field for field in fields.fields_of(jobs.PretrainJob)}
    editor = plugin.load("cscl_qgis.gui.editors").make_editor(described["width"])
    editor.set_value(0.25)
    assert "0,25" in editor.widget.text()
    assert editor.value() == 0.25
    job = jobs.make_job("pretrain", {"dataset": "/d", "output": "/o", "width": editor.value()})
    text = strict_json.dump(jobs.job_document(job))
    assert '"width": 0.25' in text or '"width":0.25' in text


def series_of(plugin: SimpleNamespace, qtbot: Any, make_job: Any, scene: Path, target: Path) -> str:
    """Define a time series by the engine as the dock does, and return what it wrote."""
    recorder = Recorder(plugin, qtbot)
    outcome = recorder.run(make_job("series", images=str(scene), output=str(target)), 120000)
    assert outcome.succeeded, outcome.message
    return target.read_text(encoding="utf-8").replace(target.stem, "NAME")


def test_f72_language_umask_and_time_zone_change_no_result(
    plugin: SimpleNamespace, qtbot: Any, make_job: Any, scene: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, german: None, closed_umask: None,
) -> None:  # fmt: skip
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    before = series_of(plugin, qtbot, make_job, scene, tmp_path / "a" / "x.series.json")
    for name in ("LANG", "LC_ALL", "LC_NUMERIC"):
        monkeypatch.setenv(name, "de_DE.UTF-8")
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")  # fourteen hours ahead
    target = tmp_path / "b" / "x.series.json"
    assert series_of(plugin, qtbot, make_job, scene, target) == before
    assert stat.S_IMODE(target.stat().st_mode) & 0o077 == 0
    items = json.loads(before)["features"]
    stamps = {item["properties"]["datetime"] for item in items}
    assert stamps
    assert all(stamp.endswith("Z") or stamp.endswith("+00:00") for stamp in stamps)


def test_f72_a_clock_that_jumps_moves_no_time_that_is_left(
    plugin: SimpleNamespace, qgis_app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = plugin.load("cscl_qgis.gui.status")
    progress = plugin.load("backend.cscl.contract.events").Progress
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    view = status.StatusView()
    view.begin("map")
    clock[0] += 100.0
    said = []
    for wall in (2e9, 1.0, 4e9):  # summer time begins, the clock is set back, and so on
        monkeypatch.setattr(time, "time", lambda wall=wall: wall)
        view.progress(progress("map", 1, 2))
        said.append(view.line.text())
    assert len(set(said)) == 1
    assert "2 min" in said[0] or "1 min" in said[0]


def test_f69_names_of_groups_are_shown_as_they_are(
    plugin: SimpleNamespace, no_project: Any, scene: Path, tmp_path: Path
) -> None:
    """A folder's name becomes the name of a group and of layers, never markup or a pattern."""
    name = "<b>fett</b> & %1 \u202egnp"
    results = plugin.load("cscl_qgis.layers.results")
    outputs = {"parcels": str(scene / "parcels.gpkg")}
    group = results.add_results(outputs, name)
    assert group is not None
    assert group.name() == name
    assert [node.name() for node in group.findLayers()] == ["Parcels"]
