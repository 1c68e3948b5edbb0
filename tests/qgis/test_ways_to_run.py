"""One algorithm from the toolbox, a batch, a model, scripts and terminals: the same result."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from test_process_tool import tool  # noqa: F401 - a fixture

SCENE = {"SIZE": 48, "DATES": 4, "CROPS": 3, "SEED": 7, "DIFFICULTY": "easy"}
QUIET = {"LOAD": False}  # the canvas of the tests is not there for long enough
NO_IMAGES = "/no/images"


def digest(folder: Path) -> str:
    """Return what the rasters of a scene and the parcels beside them hold, as one hash."""
    from qgis.core import QgsVectorLayer

    value = hashlib.sha256()
    rasters = sorted(folder.rglob("*.tif"))
    for path in rasters:
        value.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    parcels = QgsVectorLayer(str(folder / "parcels.gpkg"), "parcels", "ogr")
    for feature in parcels.getFeatures():
        value.update(repr(feature.attributes()).encode() + bytes(feature.geometry().asWkb()))
    assert rasters and parcels.featureCount() > 0
    return value.hexdigest()


def by_script(command: str, parameters: dict[str, Any]) -> bool:
    """Run as the Python console does."""
    import processing
    from qgis.core import QgsProcessingException

    try:
        results = processing.run(f"cscl:{command}", parameters)
    except QgsProcessingException:
        return False
    return bool(results["OUTPUT"] == parameters["OUTPUT"])


def by_model(command: str, parameters: dict[str, Any]) -> bool:
    """Run as the one step of a model."""
    import processing
    from qgis.core import (
        QgsProcessingException,
        QgsProcessingModelAlgorithm,
        QgsProcessingModelChildAlgorithm,
        QgsProcessingModelChildParameterSource,
        QgsProcessingModelOutput,
    )

    values = {name: value for name, value in parameters.items() if name != "OUTPUT"}
    child = QgsProcessingModelChildAlgorithm(f"cscl:{command}")
    child.setChildId("step")
    for name, value in values.items():
        source = QgsProcessingModelChildParameterSource.fromStaticValue(value)
        child.addParameterSources(name, [source])
    output = QgsProcessingModelOutput("Result", "Result")
    output.setChildId("step")
    output.setChildOutputName("OUTPUT")
    child.setModelOutputs({"Result": output})
    model = QgsProcessingModelAlgorithm("one step", "tests")
    model.addChildAlgorithm(child)
    model.updateDestinationParameters()
    name = next(item.name() for item in model.destinationParameterDefinitions())
    try:
        results = processing.run(model, {name: parameters["OUTPUT"]})
    except QgsProcessingException:
        return False
    return bool(results[name] == parameters["OUTPUT"])


class Dialogs:
    """The dialogs of the toolbox, filled and run by their own buttons."""

    def __init__(self, provider: Any, qtbot: Any) -> None:
        self._provider = provider
        self._qtbot = qtbot
        self.warnings: list[str] = []

    def single(self, command: str, parameters: dict[str, Any]) -> bool:
        """Fill the dialog of an algorithm and press Run."""
        from processing.gui.AlgorithmDialog import AlgorithmDialog

        dialog = AlgorithmDialog(self._provider.algorithm(command).create(), False)
        dialog.mainWidget().setParameters(parameters)
        ends: list[tuple[bool, Any]] = []
        dialog.algorithmFinished.connect(lambda ok, results: ends.append((ok, results)))
        dialog.show()
        dialog.runButton().click()
        self._qtbot.waitUntil(lambda: bool(ends) or bool(self.warnings), timeout=60000)
        dialog.close()
        return bool(ends) and ends[0][0] and ends[0][1]["OUTPUT"] == parameters["OUTPUT"]

    def batch(self, command: str, rows: list[dict[str, Any]]) -> list[bool]:
        """Fill a row of the batch panel for each set of parameters and press Run."""
        from qgis.core import QgsProcessingContext

        dialog, panel = self.batch_panel(command)
        for row, parameters in enumerate(rows):
            for name, value in parameters.items():
                fill(panel, name).setRowValue(row, value, QgsProcessingContext())
        done: list[list[Any]] = []
        # What both forms of the dialog call at the end, with all results.
        dialog.createSummaryTable = lambda results, errors: done.append(results)
        dialog.show()
        dialog.runButton().click()
        self._qtbot.waitUntil(lambda: bool(done), timeout=60000)
        dialog.close()
        finish_shown_progress()
        outputs = [item["results"]["OUTPUT"] for item in done[0]]
        return [parameters["OUTPUT"] in outputs for parameters in rows]

    def batch_panel(self, command: str) -> tuple[Any, Any]:
        """Return the batch dialog of an algorithm and the table in it."""
        from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog

        dialog = BatchAlgorithmDialog(self._provider.algorithm(command).create())
        return dialog, dialog.mainWidget()


def finish_shown_progress() -> None:
    """End the task that shows the progress of a batch.

    Where a row failed QGIS keeps it for ever, and the end of the tests would wait for it.
    """
    from qgis.core import QgsApplication, QgsProxyProgressTask
    from qgis.PyQt import sip

    for task in QgsApplication.taskManager().tasks():
        if task.description().startswith("Batch Processing"):
            sip.cast(task, QgsProxyProgressTask).finalize(True)


def fill(panel: Any, name: str) -> Any:
    """Return the button above a column of the batch panel, with its ways to fill it."""
    return panel.tblParameters.cellWidget(0, panel.parameter_to_column[name])


@pytest.fixture()
def dialogs(provider: Any, qtbot: Any, no_project: Any, monkeypatch: pytest.MonkeyPatch) -> Dialogs:
    """The toolbox's dialogs, which know no canvas here."""
    import processing.gui.BatchPanel
    import processing.gui.ParametersPanel
    import processing.gui.Postprocessing
    from qgis.PyQt.QtWidgets import QMessageBox

    gui = processing.gui
    for module in (gui.BatchPanel, gui.ParametersPanel, gui.Postprocessing):
        monkeypatch.setattr(module, "iface", None, raising=False)
    made = Dialogs(provider, qtbot)
    monkeypatch.setattr(
        QMessageBox, "warning", lambda parent, title, text, *_: made.warnings.append(text)
    )
    return made


@pytest.fixture()
def terminal(tool: Any) -> Callable[[str, dict[str, Any]], bool]:  # noqa: F811
    """Run by qgis_process."""

    def run(command: str, parameters: dict[str, Any]) -> bool:
        words = [f"{name}={value}" for name, value in parameters.items()]
        status, text = tool("run", f"cscl:{command}", "--json", "--", *words)
        if status != 0:
            assert '"results"' not in text
            return False
        results = json.loads(text[text.index("{") : text.rindex("}") + 1])["results"]
        return bool(results["OUTPUT"] == parameters["OUTPUT"])

    return run


def by_command_line(command: str, parameters: dict[str, Any]) -> bool:
    """Run the engine's own command."""
    options = [
        text
        for name, value in parameters.items()
        for text in (f"--{name.lower().replace('_', '-')}", str(value))
    ]
    done = subprocess.run(
        [os.environ["CSCL_BACKEND_PYTHON"], "-m", "cscl", command, *options],
        env={**os.environ, "PYTHONPATH": str(ROOT / "backend")},
        stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
    )  # fmt: skip
    return done.returncode == 0


def test_f68_every_way_to_run_gives_the_same_result(
    dialogs: Dialogs, terminal: Any, tmp_path: Path
) -> None:
    ways: dict[str, Callable[[str, dict[str, Any]], bool]] = {
        "script": by_script,
        "model": by_model,
        "toolbox": dialogs.single,
        "batch": lambda command, values: dialogs.batch(command, [values])[0],
        "terminal": terminal,
        "command line": by_command_line,
    }
    digests = {}
    for name, run in ways.items():
        folder = tmp_path / name
        quiet = {} if name == "command line" else QUIET
        assert run("simulate", {**SCENE, **quiet, "OUTPUT": str(folder)}), name
        digests[name] = digest(folder)
    assert set(digests.values()) == {digests["script"]}
    other = tmp_path / "other"
    assert by_script("simulate", {**SCENE, **QUIET, "SEED": 8, "OUTPUT": str(other)})
    assert digest(other) != digests["script"]


def test_f68_every_way_to_run_fails_where_the_job_does(
    dialogs: Dialogs, terminal: Any, tmp_path: Path
) -> None:
    output = tmp_path / "a.series.json"
    values = {"IMAGES": NO_IMAGES, "OUTPUT": str(output)}
    assert not by_script("series", values)
    assert not by_model("series", values)
    assert not dialogs.single("series", values)
    assert f"{NO_IMAGES}: there is no such file or folder" in dialogs.warnings[0]
    assert dialogs.batch("series", [values]) == [False]
    assert not terminal("series", values)
    assert not by_command_line("series", values)
    assert not output.exists()


def test_batch_goes_on_after_a_row_that_fails(
    dialogs: Dialogs, scene: Path, tmp_path: Path
) -> None:
    rows = [
        {"IMAGES": images, "OUTPUT": str(tmp_path / f"{number}.series.json")}
        for number, images in enumerate((str(scene), NO_IMAGES, str(scene)))
    ]
    assert dialogs.batch("series", rows) == [True, False, True]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.series.json", "2.series.json"]


def test_batch_column_is_filled_by_a_pattern(
    dialogs: Dialogs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time series of a folder become one row each; outputs follow by an expression."""
    import processing.gui.BatchPanel as module
    from qgis.core import Qgis, QgsProcessingContext

    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.series.json").touch()
    dialog, panel = dialogs.batch_panel("map")

    class Found:
        """What the pattern *.series.json finds."""

        def setWindowTitle(self, title: str) -> None:  # noqa: N802
            pass

        def exec_(self) -> bool:
            return True

        exec = exec_

        def files(self) -> list[str]:
            return sorted(str(path) for path in tmp_path.glob("*.series.json"))

    monkeypatch.setattr(module, "QgsFindFilesByPatternDialog", Found)
    fill(panel, "SERIES").addFilesByPattern()
    fill(panel, "MODEL").setRowValue(0, str(tmp_path), QgsProcessingContext())
    fill(panel, "MODEL").fillDown()
    # QGIS takes the empty path of the first row for a value, and fills from the second on.
    rows = [
        row
        for row in range(panel.batchRowCount())
        if isinstance(panel.valueForParameter(row, "SERIES"), str)
    ]
    for row in rows:
        fill(panel, "OUTPUT").setRowValue(row, str(tmp_path / f"map{row - rows[0]}"), None)
    later = [QgsProcessingContext()] if Qgis.QGIS_VERSION_INT >= 32800 else []
    values = [panel.parametersForRow(row, *later)[0] for row in rows]
    assert [Path(value["SERIES"]).name for value in values] == [
        "a.series.json", "b.series.json", "c.series.json",
    ]  # fmt: skip
    assert {value["MODEL"] for value in values} == {str(tmp_path)}
    assert [Path(value["OUTPUT"]).name for value in values] == ["map0", "map1", "map2"]
    assert {value["RESOLUTION"] for value in values} == {"2.5"}
    dialog.close()


@pytest.mark.parametrize("advanced", [False, True])
def test_batch_panel_hides_what_is_advanced(
    dialogs: Dialogs, provider: Any, advanced: bool
) -> None:
    dialog, panel = dialogs.batch_panel("map")
    panel.toggleAdvancedMode(advanced)
    for parameter in provider.algorithm("map").parameterDefinitions():
        hidden = panel.tblParameters.isColumnHidden(panel.parameter_to_column[parameter.name()])
        wanted = bool(parameter.flags() & type(parameter).Flag.FlagAdvanced) and not advanced
        assert hidden is wanted, parameter.name()
    dialog.close()


def test_json_input_where_qgis_has_it(
    tool: Any,  # noqa: F811
    tmp_path: Path,
) -> None:
    from qgis.core import Qgis

    if Qgis.QGIS_VERSION_INT < 32400:
        pytest.skip("qgis_process reads JSON from QGIS 3.24 on")
    folder = tmp_path / "é scene"
    inputs = {**SCENE, "OUTPUT": str(folder)}
    status, text = tool("run", "cscl:simulate", "-", standard_input=json.dumps({"inputs": inputs}))
    assert status == 0, text
    results = json.loads(text[text.index("{") : text.rindex("}") + 1])["results"]
    assert results["OUTPUT"] == str(folder)
    assert len(list(folder.glob("S2*.tif"))) == SCENE["DATES"]


def test_f69_a_warning_of_the_dialog_is_no_markup(dialogs: Dialogs, tmp_path: Path) -> None:
    """The dialog takes for markup whatever looks like it, also the name of a file."""
    from qgis.PyQt.QtCore import Qt

    name = "/no/<b>bold</b> &lt; %1 \u202egnp.tif"
    values = {"IMAGES": name, "OUTPUT": str(tmp_path / "a.series.json")}
    assert not dialogs.single("series", values)
    assert Qt.mightBeRichText(name)
    assert not Qt.mightBeRichText(dialogs.warnings[0])
    assert dialogs.warnings[0].replace("\u2060", "").startswith(name)
