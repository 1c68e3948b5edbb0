"""An algorithm as the toolbox runs it: in a background task, while QGIS stays responsive."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

LONGEST_GAP = 0.1


class Task:
    """One run of an algorithm in QGIS's task manager, with the gaps of the main loop measured."""

    def __init__(self, provider: Any, project: Any, command: str, parameters: Any) -> None:
        from qgis.core import (
            QgsApplication,
            QgsProcessingAlgRunnerTask,
            QgsProcessingContext,
            QgsProcessingFeedback,
        )
        from qgis.PyQt.QtCore import QTimer

        self.algorithm = provider.algorithm(command).create()
        self.context, self.feedback = QgsProcessingContext(), QgsProcessingFeedback()
        self.context.setProject(project)
        self.parameters = parameters
        self.ended: list[tuple[bool, Any]] = []
        self.gaps: list[float] = []
        self._last = time.monotonic()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(5)
        self.task = QgsProcessingAlgRunnerTask(
            self.algorithm, parameters, self.context, self.feedback
        )
        self.task.executed.connect(lambda ok, results: self.ended.append((ok, results)))
        QgsApplication.taskManager().addTask(self.task)

    def _tick(self) -> None:
        now = time.monotonic()
        self.gaps.append(now - self._last)
        self._last = now

    def stop(self) -> None:
        """Stop measuring."""
        self._timer.stop()


def test_run_in_a_task_adds_its_results_on_the_main_thread(
    provider: Any, no_project: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from processing.gui import Postprocessing
    from processing.gui.Postprocessing import handleAlgorithmResults
    from qgis.PyQt.QtCore import QThread

    monkeypatch.setattr(Postprocessing, "iface", None, raising=False)
    folder = tmp_path / "scene"
    run = Task(provider, no_project, "simulate", {"SIZE": 64, "DATES": 8, "OUTPUT": str(folder)})
    qtbot.waitUntil(lambda: bool(run.ended), timeout=60000)
    run.stop()
    ok, results = run.ended[0]
    assert ok
    assert results["OUTPUT"] == str(folder)
    assert handleAlgorithmResults(
        run.algorithm, run.context, run.feedback, parameters=run.parameters
    )
    layers = list(no_project.mapLayers().values())
    assert {layer.name() for layer in layers} == {"Parcels", "Truth 2.5 m"}
    assert all(layer.isValid() and layer.thread() == QThread.currentThread() for layer in layers)
    groups = no_project.layerTreeRoot().children()
    assert [group.name() for group in groups] == ["Simulate a scene: scene"]
    assert max(run.gaps) <= LONGEST_GAP


def test_task_that_is_cancelled_ends_within_two_seconds(
    provider: Any, no_project: Any, qtbot: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "scene"
    run = Task(provider, no_project, "simulate", {"SIZE": 512, "DATES": 100, "OUTPUT": str(folder)})
    qtbot.waitUntil(lambda: run.feedback.progress() > 0, timeout=60000)
    began = time.monotonic()
    run.task.cancel()
    qtbot.waitUntil(lambda: bool(run.ended), timeout=5000)
    run.stop()
    assert time.monotonic() - began <= 2.5
    assert not run.ended[0][0]
    assert not list(folder.glob("*.tif"))
    assert no_project.mapLayers() == {}


def test_results_are_left_out_where_that_is_asked(
    provider: Any, no_project: Any, tmp_path: Path
) -> None:
    from qgis.core import QgsProcessingContext, QgsProcessingFeedback

    context = QgsProcessingContext()
    context.setProject(no_project)
    results, ok = provider.algorithm("simulate").create().run(
        {"SIZE": 48, "DATES": 4, "LOAD": False, "OUTPUT": str(tmp_path / "scene")},
        context, QgsProcessingFeedback(),
    )  # fmt: skip
    assert ok
    assert context.layersToLoadOnCompletion() == {}


@pytest.mark.parametrize("selected", [False, True])
def test_layer_of_the_project_with_edits_and_selection(
    provider: Any, scene: Path, no_project: Any, qtbot: Any, tmp_path: Path, selected: bool
) -> None:
    """The export of a layer has its unsaved edits, and of the selection only that."""
    from qgis.core import QgsProcessingFeatureSourceDefinition, QgsVectorLayer

    source = QgsVectorLayer(str(scene / "parcels.gpkg"), "parcels", "ogr")
    layer = source.materialize(_everything())
    no_project.addMapLayer(layer)
    layer.startEditing()
    first = next(layer.getFeatures()).id()
    layer.changeAttributeValue(first, layer.fields().lookupField("crop"), "edited")
    layer.selectByIds([first])
    target = tmp_path / "out.geojson"
    run = Task(
        provider, no_project, "export",
        {
            "LAYER": QgsProcessingFeatureSourceDefinition(layer.id(), selected),
            "FORMAT": "geojson", "LOAD": False, "OUTPUT": str(target),
        },
    )  # fmt: skip
    qtbot.waitUntil(lambda: bool(run.ended), timeout=60000)
    run.stop()
    assert run.ended[0][0]
    exported = QgsVectorLayer(str(target), "out", "ogr")
    crops = [feature["crop"] for feature in exported.getFeatures()]
    assert crops.count("edited") == 1
    assert len(crops) == (1 if selected else source.featureCount())
    assert "edited" not in [feature["crop"] for feature in source.getFeatures()]


def _everything() -> Any:
    from qgis.core import QgsFeatureRequest

    return QgsFeatureRequest()
