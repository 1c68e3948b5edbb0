"""What a new user does from the zip to an exported layer, one chapter after the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyplugin_installer
from hands import Act, Steps, Until, answer, choose, click, click_row, named, pick, turn_to, write
from qgis.core import QgsProject
from qgis.gui import QgsCollapsibleGroupBox, QgsFileWidget, QgsSpinBox
from qgis.PyQt.QtCore import QPoint
from qgis.PyQt.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QProgressBar,
    QTableView,
    QTabWidget,
    QToolButton,
    QWidget,
)
from qgis.utils import iface, plugins

NAME = "cscl_qgis"
WINDOW = (0, 0, 1500, 960)
# Seconds for what the engine does.
INSTALLATION, JOB, TRAINING = 1200.0, 300.0, 900.0


class Scenery:
    """What the story needs and what it has seen."""

    def __init__(self, given: dict[str, str], take: Callable[[str], None]) -> None:
        self.given = given
        self.take = take
        self.seen: dict[str, Any] = {}

    @property
    def dock(self) -> QWidget:
        """The plugin's dock as it lies in QGIS's window."""
        return iface.mainWindow().findChild(QWidget, "CsclCropMappingDock")

    def page(self, name: str) -> QWidget:
        """Return the page that is shown."""
        return named(self.dock, QWidget, f"cscl_page_{name}")

    def output(self, name: str) -> str:
        """Return a place for results of a name."""
        return str(Path(self.given["results"]) / name)


def opened(scenery: Scenery) -> Steps:
    """QGIS as it is when it was started for the first time."""
    iface.mainWindow().setGeometry(*WINDOW)
    yield 2.0
    scenery.seen["window"] = window_size()
    scenery.take("qgis")


def installed(scenery: Scenery) -> Steps:
    """What the plugin manager does with a zip, and the page that opens by itself."""
    scenery.seen["before"] = NAME in plugins
    manager = pyplugin_installer.instance()
    yield Act(lambda: manager.installFromZipFile(scenery.given["zip"]))
    yield Until("the plugin", lambda: NAME in plugins)
    yield Until("the dock", lambda: scenery.dock is not None and scenery.dock.isVisible())
    install = named(scenery.dock, QAbstractButton, "cscl_setup_install")
    yield Until("a Python", lambda: "Looking" not in note(scenery))
    yield 1.0
    scenery.seen["plugin"] = plugins[NAME].__class__.__module__
    scenery.seen["install"] = install.text()
    scenery.seen["note"] = note(scenery)
    scenery.seen["window_with_dock"] = window_size()
    scenery.take("first-start")


def engine(scenery: Scenery) -> Steps:
    """The engine from a folder of wheels, or by a Python that has it."""
    wheels = scenery.given["wheels"]
    if wheels:
        source = named(scenery.dock, QComboBox, "cscl_setup_source")
        yield from choose(source, "A folder of wheels")
        yield from write_path(named(scenery.dock, QgsFileWidget, "cscl_setup_folder"), wheels)
        scenery.take("folder-of-wheels")
        yield from click(named(scenery.dock, QAbstractButton, "cscl_setup_install"))
        bar = named(scenery.dock, QProgressBar, "cscl_setup_progress")
        yield Until("some progress", lambda: bar.value() > 150, INSTALLATION)
        scenery.take("installing")
    else:
        yield from click(named(scenery.dock, QAbstractButton, "cscl_engine_choose"))
        yield from answer(scenery.given["python"])
    done = scenery.dock.findChild(QLabel, "cscl_setup_done")
    problem = scenery.dock.findChild(QLabel, "cscl_engine_problem")
    yield Until("the engine ready", lambda: done.isVisible() or bool(problem.text()), INSTALLATION)
    if problem.text():
        raise RuntimeError(problem.text())
    scenery.seen["engine"] = done.text()
    scenery.take("engine-ready")
    yield from click(named(scenery.dock, QAbstractButton, "cscl_setup_leave"))


def series(scenery: Scenery) -> Steps:
    """A time series of a folder of images."""
    yield from go_to(scenery, "Series")
    page = scenery.page("series")
    scenery.take("series-empty")
    yield from pick(named(page, QToolButton, "cscl_series_add"), "cscl_add_folder")
    yield from answer(scenery.given["scene"])
    table = named(page, QTableView, "cscl_series_table")
    yield Until("the dates", lambda: table.model().rowCount() > 0, 60)
    yield 3.0
    scenery.seen["dates"] = table.model().rowCount()
    scenery.take("series-dates")
    yield from write_path(
        named(page, QgsFileWidget, "cscl_output"), scenery.output("farm.series.json")
    )
    yield from click(named(page, QAbstractButton, "cscl_series_run"))
    yield from finished(scenery, JOB)
    scenery.take("series-defined")


def parcels(scenery: Scenery) -> Steps:
    """Parcels of a file, their classes, and the dataset."""
    yield from go_to(scenery, "Parcels")
    page = scenery.page("parcels")
    yield from choose_parcels(page, scenery)
    box = named(page, QComboBox, "cscl_class_field")
    scenery.take("parcels-chosen")
    yield from choose(box, "crop")
    status = named(page, QLabel, "cscl_read_status")
    yield Until("the classes", lambda: status.text().endswith("parcels"), 120)
    yield 1.0
    scenery.seen["read"] = status.text()
    scenery.take("parcels-classes")
    yield from write_path(named(page, QgsFileWidget, "cscl_output"), scenery.output("dataset"))
    group = named(page, QgsCollapsibleGroupBox, "cscl_dataset_details")
    yield from click(group, QPoint(12, 8))
    yield Until("the details", lambda: not group.isCollapsed())
    yield from write_number(named(page, QgsSpinBox, "cscl_chip"), "32")
    scenery.take("dataset-settings")
    yield from click(named(page, QAbstractButton, "cscl_build"))
    yield from finished(scenery, JOB)
    yield 2.0
    scenery.take("dataset-built")


def training(scenery: Scenery) -> Steps:
    """A small network, trained for a few epochs."""
    yield from go_to(scenery, "Train")
    page = scenery.page("train")
    yield from choose(named(page, QComboBox, "cscl_preset"), "Quick")
    yield from write_path(named(page, QgsFileWidget, "cscl_output"), scenery.output("model"))
    for name, field, value in (
        ("both", "cscl_width", "0.125"),
        ("pretrain", "cscl_pretrain_epochs", "1"),
        ("finetune", "cscl_finetune_epochs", "2"),
    ):
        group = named(page, QgsCollapsibleGroupBox, f"cscl_group_{name}")
        yield from click(group, QPoint(12, 8))
        yield Until("the group open", lambda group=group: not group.isCollapsed())
        yield from write_number(named(page, QWidget, field), value)
    button = named(page, QAbstractButton, "cscl_train")
    yield Until("the button", button.isEnabled)
    yield 3.0
    scenery.take("train-settings")
    yield from click(button)
    yield 12.0
    scenery.take("train-running")
    yield Until("a model", lambda: "training is complete" in message(), TRAINING)
    yield 1.0
    scenery.seen["model"] = scenery.output("model")
    scenery.take("trained")


def mapping(scenery: Scenery) -> Steps:
    """The map of the whole scene at both resolutions, with the parcels."""
    yield from go_to(scenery, "Map")
    page = scenery.page("map")
    yield 3.0
    scenery.take("map-model")
    yield from choose_parcels(page, scenery)
    yield from choose(named(page, QComboBox, "cscl_class_field"), "crop")
    yield from write_path(named(page, QgsFileWidget, "cscl_output"), scenery.output("map"))
    yield 3.0
    scenery.take("map-settings")
    yield from click(named(page, QAbstractButton, "cscl_run_map"))
    yield Until("a map", lambda: "crop map is complete" in message(), JOB)
    yield 1.0
    scenery.take("mapped")
    yield from click(named(page, QAbstractButton, "cscl_to_results"))


def results(scenery: Scenery) -> Steps:
    """The styled group, the list of what to check, and the report's button."""
    page = scenery.page("results")
    show = named(page, QAbstractButton, "cscl_show")
    yield Until("the results read", show.isEnabled)
    yield from click(show)
    root = QgsProject.instance().layerTreeRoot()
    yield Until("a group", lambda: len(root.findGroups()) == 1)
    yield 4.0
    scenery.take("results")
    scenery.seen["layers"] = [layer_seen(node) for node in root.findLayers()]
    scenery.seen["group"] = root.findGroups()[0].name()
    table = named(page, QTableView, "cscl_disagreements")
    model = table.model()
    scenery.seen["differ"] = [
        {name: model.index(row, column).data() for column, name in ((1, "declared"), (2, "mapped"))}
        for row in range(model.rowCount())
    ]
    scenery.seen["summary"] = named(page, QLabel, "cscl_disagreements_summary").text()
    scenery.seen["report"] = named(page, QAbstractButton, "cscl_report").isEnabled()
    if scenery.seen["differ"]:
        yield from click_row(table, 0)
        yield 3.0
        scenery.take("parcel-to-check")
    yield from turn_to(named(page, QTabWidget, "cscl_results_tabs"), "Matrix")
    yield 1.0
    cells = named(page, QTableView, "cscl_matrix").model()
    places = [(row, column) for row in range(cells.size) for column in range(cells.size)]
    texts = [cells.data(cells.index(*place)) for place in places]
    scenery.seen["matrix"] = sum(int(text or 0) for text in texts)
    scenery.take("matrix")


def export(scenery: Scenery) -> Steps:
    """The classified parcels as a file for others."""
    page = scenery.page("results")
    yield from turn_to(named(page, QTabWidget, "cscl_results_tabs"), "Export")
    yield from choose(named(page, QComboBox, "cscl_format"), "GeoPackage")
    target = scenery.output("for the office.gpkg")
    yield from write_path(named(page, QgsFileWidget, "cscl_export_output"), target)
    scenery.take("export")
    yield from click(named(page, QAbstractButton, "cscl_export"))
    yield Until("the file", lambda: "were exported" in message(), JOB)
    yield 1.0
    scenery.seen["exported"] = target
    scenery.take("exported")


CHAPTERS: dict[str, Callable[[Scenery], Steps]] = {
    "QGIS": opened, "Install from ZIP": installed, "Engine": engine, "Series": series,
    "Parcels and dataset": parcels, "Train": training, "Map": mapping, "Results": results,
    "Export": export,
}  # fmt: skip


def window_size() -> list[int]:
    """Return the width and height of QGIS's window."""
    return [iface.mainWindow().width(), iface.mainWindow().height()]


def note(scenery: Scenery) -> str:
    """Return what the first page says below its choices."""
    return str(named(scenery.dock, QLabel, "cscl_setup_note").text())


def message() -> str:
    """Return the newest message of QGIS."""
    item = iface.messageBar().currentItem()
    return "" if item is None else str(item.text())


def go_to(scenery: Scenery, short: str) -> Steps:
    """Click a page in the dock's list."""
    pages = named(scenery.dock, QListWidget, "cscl_pages")
    row = next(at for at in range(pages.count()) if pages.item(at).text() == short)
    yield from click_row(pages, row)
    yield 0.5


def choose_parcels(page: QWidget, scenery: Scenery) -> Steps:
    """Choose the file of parcels by the button beside the list of layers."""
    yield from click(named(page, QToolButton, "cscl_parcels_browse"))
    yield from answer(scenery.given["parcels"])
    box = named(page, QComboBox, "cscl_parcels_layer")
    yield Until("the parcels", lambda: box.currentText().startswith("parcels"))


def write_path(chooser: QgsFileWidget, path: str) -> Steps:
    """Type a path."""
    yield from write(named(chooser, QLineEdit, ""), path)
    yield Until("the path", lambda: chooser.filePath() == path)


def write_number(box: QWidget, text: str) -> Steps:
    """Type a number."""
    yield from write(box.lineEdit(), text)


def finished(scenery: Scenery, seconds: float) -> Steps:
    """Wait for the running job, which has to end well."""
    status = named(scenery.dock, QLabel, "cscl_status")
    ends = ("Done", "Failed", "Cancelled")
    yield Until("a job", lambda: status.text() not in ends, 10)
    yield Until("its end", lambda: status.text() in ends, seconds)
    if status.text() != "Done":
        raise RuntimeError(f"the job: {status.text()}: {message()}")
    yield 0.5


def layer_seen(node: Any) -> dict[str, Any]:
    """Return what can be seen of a layer: its name, renderer, and the entries of its legend."""
    layer = node.layer()
    renderer = layer.renderer()
    legend: list[Any] = []
    if renderer.type() == "paletted":
        legend = [[item.value, item.label, item.color.name()] for item in renderer.classes()]
    elif renderer.type() == "categorizedSymbol":
        legend = [
            [item.value(), item.label(), item.symbol().color().name()]
            for item in renderer.categories()
        ]
    return {
        "name": node.name(), "visible": node.isVisible(), "renderer": renderer.type(),
        "source": layer.source(), "legend": legend,
    }  # fmt: skip
