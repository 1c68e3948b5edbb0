"""Parcels become classes and a dataset by clicks alone, with the real engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from qgis.core import QgsFeature, QgsFeatureRequest, QgsGeometry, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QDesktopServices
from test_parcels_page import (
    VALUE,
    classes_of,
    message,
    page_alone,
    press,
    select,
    settle,
)

ENGINE_MS = 240_000


@pytest.fixture()
def page(plugin: SimpleNamespace, no_project: Any) -> Iterator[Any]:
    """The page with an engine that answers."""
    with page_alone(plugin) as made:
        yield made


def with_an_overlap(path: Path) -> QgsVectorLayer:
    """Add the parcels as a layer in memory, with one more that lies on another as an edit."""
    source = QgsVectorLayer(str(path), "parcels", "ogr")
    layer = source.materialize(QgsFeatureRequest())
    layer.setName("my parcels")
    QgsProject.instance().addMapLayer(layer)
    first = next(layer.getFeatures())
    other = QgsFeature(layer.fields())
    crops = sorted({item["crop"] for item in layer.getFeatures()} - {first["crop"]})
    other.setAttribute("crop", crops[0])
    other.setGeometry(QgsGeometry.fromRect(first.geometry().boundingBox()))
    layer.startEditing()
    layer.addFeature(other)
    return layer


def choose_field(page: Any, qtbot: Any, field: str) -> None:
    """Type a field and wait for the engine's answer."""
    line = page.choice.field.lineEdit()
    qtbot.keyClick(line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(line, field)
    with qtbot.waitSignals([page.reading.answered], timeout=ENGINE_MS, raising=True):
        qtbot.keyClick(line, Qt.Key.Key_Return)
    settle()


def run_job(page: Any, qtbot: Any, button: str) -> Any:
    """Press a button that starts a job and return how it ended."""
    with qtbot.waitSignal(page.workspace.job_ended, timeout=ENGINE_MS) as ended:
        press(page, qtbot, button)
    return ended.args[2]


def test_from_parcels_to_a_dataset_and_its_report(
    page: Any, qtbot: Any, scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    layer = with_an_overlap(scene / "parcels.gpkg")
    page.choice.parcels.set_layer(layer)
    choose_field(page, qtbot, "crop")

    counts: dict[str, int] = {}
    areas: dict[str, float] = {}
    for item in layer.getFeatures():
        counts[item["crop"]] = counts.get(item["crop"], 0) + 1
        areas[item["crop"]] = areas.get(item["crop"], 0.0) + item.geometry().area() / 10_000
    rows = {row.value: row for row in page.table.model.legend.rows}
    assert {value: row.count for value, row in rows.items()} == counts
    for value, row in rows.items():
        assert row.area == pytest.approx(areas[value], rel=1e-3)
    shown = [page.table.view.model().index(n, VALUE).data() for n in range(len(rows))]
    assert shown == sorted(areas, key=lambda value: -areas[value])

    qtbot.waitUntil(lambda: page.findings.next.isEnabled(), timeout=ENGINE_MS)
    kinds = page.findings.kinds
    listed = {kinds.topLevelItem(n).text(0) for n in range(kinds.topLevelItemCount())}
    assert "Overlap with another class" in listed
    press(page, qtbot, "cscl_finding_next")
    assert page.findings.text.text().startswith("1 of ")

    merged = sorted(counts)[:2]
    select(page, qtbot, *merged)
    press(page, qtbot, "cscl_legend_merge_button")
    table = tmp_path / "my classes.csv"
    page.exchange.export_file(str(table))
    qtbot.waitUntil(table.is_file, timeout=ENGINE_MS)
    before = classes_of(page)
    press(page, qtbot, "cscl_legend_undo_button")
    assert classes_of(page) != before
    page.exchange.import_file(str(table))
    qtbot.waitUntil(lambda: classes_of(page).keys() == before.keys(), timeout=ENGINE_MS)

    output = tmp_path / "é dataset"
    page.dataset.images.set_value(str(scene))
    page.dataset.main.editors["output"].set_value(str(output))
    page.rules.main.editors["outside"].set_value("ignore")
    outcome = run_job(page, qtbot, "cscl_build")
    assert outcome.succeeded, message(page)
    description = json.loads((output / "dataset.json").read_text(encoding="utf-8"))
    built = {item["name"]: item["values"] for item in description["classes"]["classes"]}
    assert {name: set(values) for name, values in built.items()} == {
        name: set(values) for name, values in before.items()
    }
    assert description["outside"] == "ignore"
    assert page.workspace.chosen("dataset") == str(output)
    qtbot.waitUntil(lambda: page.view.bars.bars() != [], timeout=ENGINE_MS)
    bars = page.view.bars.bars()
    assert {bar.name for bar in bars} == set(built)
    assert all(sum(bar.parts) == pytest.approx(1.0) for bar in bars)

    outcome = run_job(page, qtbot, "cscl_dataset_report")
    assert outcome.succeeded, message(page)
    assert len(opened) == 1 and Path(opened[0]).read_text(encoding="utf-8").startswith("<!")
    assert layer.isEditable() and layer.isModified()
    assert list(QgsProject.instance().mapLayers().values()) == [layer]


REAL = {
    "be_vlg/*.gpkg": "GWSNAM_H",
    "ch/*.gpkg": "nutzung",
    "nl/*.gpkg": "gewas",
    "france_rpg.gpkg": "code_cultu",
    "latvia_eurocrops/*.shp": "PRODUCT_CO",
}


def test_layers_of_five_authorities_are_read(
    page: Any, qtbot: Any, shared_data: Path, tmp_path: Path
) -> None:
    for pattern, field in REAL.items():
        (path,) = (shared_data / "parcels").glob(pattern)
        page.choice.parcels.open_file(str(path))
        layer = page.choice.parcels.layer()
        choose_field(page, qtbot, field)
        values = [str(item[field]).strip() for item in layer.getFeatures()]
        rows = {row.value: row for row in page.table.model.legend.rows}
        assert set(rows) == set(values), pattern
        # Copies of a parcel are not counted twice.
        assert 0.9 * len(values) <= sum(row.count for row in rows.values()) <= len(values)
        assert len(page.table.model.legend.codes()) == len(rows)
    hcats = {row.value: row for row in rows.values() if row.hcat}
    assert len(hcats) == len(rows) and all(row.name != row.value for row in hcats.values())


def test_what_is_wrong_with_the_parcels_is_said_in_words(
    page: Any, qtbot: Any, scene: Path
) -> None:
    page.choice.parcels.open_file(str(scene / "parcels.gpkg"))
    page.choice.field.set_text("crop if")
    with qtbot.waitSignal(page.reading.refused, timeout=ENGINE_MS):
        press(page, qtbot, "cscl_read_classes")
    assert "crop" in message(page)
    assert page.choice.button.text() == "Read classes"
    assert page.table.model.legend.rows == []
