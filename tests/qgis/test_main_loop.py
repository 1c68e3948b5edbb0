"""QGIS stays responsive: over a whole run in the dock, and when it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dock_windows import settle
from main_loop import Watch
from qgis.core import QgsProject, QgsVectorLayer
from test_dock import whole

LONGEST, P99 = 0.100, 0.020
STARTED = 0.200
# A busy machine may take the processor away; what the plugin itself holds up comes again.
TRIES = 3
PARTS = {
    "preset": "quick", "resolution": "10", "season": "2020-10-01/2021-09-30", "width": 0.125,
    "dates": 3, "chip": 16, "baseline": False,
}  # fmt: skip


def whole_run(dock: Any, qtbot: Any, scene: Path, output: Path) -> Watch:
    """Go through everything by the page's own buttons, the parcels' layer removed in between."""
    layer = QgsVectorLayer(str(scene / "parcels.gpkg"), "parcels", "ogr")
    QgsProject.instance().addMapLayer(layer)
    form = whole(dock).form
    form.images.set_value(str(scene))
    form.parcels.set_layer(layer)
    form.class_field.setField("crop")
    form.set_values({**PARTS, "output": str(output)})
    dock.show_page("whole")
    settle()
    with Watch() as watch:
        with qtbot.waitSignal(dock.workspace.runner.ended, timeout=800000) as ended:
            whole(dock).run_button.click()
            qtbot.waitUntil(lambda: "Engine" in dock.panel.log.toPlainText(), timeout=60000)
            QgsProject.instance().removeMapLayer(layer)
        qtbot.waitUntil(whole(dock).open_button.isEnabled, timeout=5000)
        whole(dock).open_button.click()
        for name in dock.pages:
            dock.show_page(name)
            qtbot.wait(50)
    assert ended.args[0].state == "complete", ended.args[0].message
    return watch


@pytest.mark.timeout(1800)
def test_f67_a_whole_run_whose_layer_goes_holds_nothing_up(
    dock: Any,
    qtbot: Any,
    scene: Path,
    no_project: Any,
    tmp_path: Path,
) -> None:
    """The layer is removed while the job runs: it goes on, and its results are added."""
    said = []
    for number in range(TRIES):
        no_project.clear()
        watch = whole_run(dock, qtbot, scene, tmp_path / f"result {number}")
        said.append(str(watch))
        print(watch)
        names = [node.name() for node in no_project.layerTreeRoot().findLayers()]
        assert "Crop map 10 m" in names
        assert "parcels" not in names
        if watch.longest <= LONGEST and watch.p99 <= P99:
            return
    pytest.fail("\n".join(said))


def test_the_watch_sees_what_holds_it_up(qtbot: Any) -> None:
    import time

    with Watch() as watch:
        qtbot.wait(50)
        time.sleep(0.15)
        qtbot.wait(50)
    assert watch.longest >= 0.15
    assert "time.sleep(0.15)" in watch.stack


START = """
import sys, time
sys.path[:0] = sys.argv[1:3]
from unittest.mock import MagicMock
from qgis.core import QgsApplication
from qgis.gui import QgsMessageBar
from qgis.PyQt.QtWidgets import QMainWindow

application = QgsApplication([], True)
application.initQgis()
window = QMainWindow()
iface = MagicMock()
iface.mainWindow = lambda: window
bar = QgsMessageBar(window)
iface.messageBar = lambda: bar
before = set(sys.modules)
# Of the processor: a busy machine takes it away for longer than the plugin needs it.
began = time.process_time()
from cscl_qgis import classFactory

plugin = classFactory(iface)
plugin.initGui()
print(time.process_time() - began)
print(sorted({"torch", "rasterio", "numpy", "pandas"} & set(sys.modules) - before))
plugin.unload()
application.exitQgis()
"""


def test_the_plugin_starts_at_once(plugin: SimpleNamespace, tmp_path: Path) -> None:
    script = tmp_path / "start.py"
    script.write_text(START, encoding="utf-8")
    folders = [str(plugin.root.parent), "/usr/share/qgis/python/plugins"]
    environment = {**os.environ, "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path / "profile")}
    times = []
    for _ in range(2):  # the first one compiles
        done = subprocess.run(
            [sys.executable, str(script), *folders],
            env=environment, capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
        seconds, heavy = done.stdout.strip().splitlines()[-2:]
        assert heavy == "[]"
        times.append(float(seconds))
    print(f"import and initGui: {[round(1000 * seconds) for seconds in times]} ms")
    assert times[1] <= STARTED
