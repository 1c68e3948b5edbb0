"""Results in the layer tree: one styled group with a legend, and nothing else changed."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import content_of
from results_folders import document, write_results


@pytest.fixture(scope="module")
def mapped(
    provider: Any, scene: Path, short_engine: None, tmp_path_factory: pytest.TempPathFactory
) -> SimpleNamespace:
    """The smallest pipeline: its outputs, and the project's tree after its dialog was done."""
    import processing
    from processing.gui.Postprocessing import handleAlgorithmResults
    from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProject

    project = QgsProject.instance()
    project.clear()
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
    context.setProject(project)
    folder = tmp_path_factory.mktemp("pipeline") / "result"
    parameters = {
        "IMAGES": str(scene), "PARCELS": str(scene / "parcels.gpkg"), "CLASS_FIELD": "crop",
        "PRESET": "quick", "WIDTH": 0.125, "DATES": 3, "CHIP": 16, "BASELINE": False,
        "OUTPUT": str(folder),
    }  # fmt: skip
    progress: list[float] = []
    feedback.progressChanged.connect(progress.append)
    before = content_of(scene)
    results = processing.run("cscl:pipeline", parameters, context=context, feedback=feedback)
    algorithm = provider.algorithm("pipeline").create()
    waiting = len(context.layersToLoadOnCompletion())
    written = content_of(folder)
    assert handleAlgorithmResults(algorithm, context, feedback, False, parameters)
    return SimpleNamespace(
        project=project, results=results, folder=folder, waiting=waiting, progress=progress,
        scene=scene, before=before, written=written,
    )  # fmt: skip


def test_pipeline_returns_every_output(mapped: SimpleNamespace) -> None:
    folder = mapped.folder
    assert mapped.results["OUTPUT"] == str(folder)
    assert Path(mapped.results["SERIES_OUT"]).name.endswith(".series.json")
    wanted = {
        "DATASET": "dataset", "MODEL": "model", "MAP": "map", "CROP_MAP": "map/crops.tif",
        "CROP_MAP_2M5": "map/crops_2m5.tif", "CONFIDENCE": "map/confidence.tif",
        "PARCELS_OUT": "parcels.gpkg", "REPORT": "report.html",
    }  # fmt: skip
    for name, place in wanted.items():
        assert mapped.results[name] == str(folder / place)
        assert (folder / place).exists()


def test_progress_moves_forward_to_its_end(mapped: SimpleNamespace) -> None:
    during = mapped.progress[: mapped.progress.index(100.0) + 1]
    assert during == sorted(during)
    assert len(during) > 10


def test_results_are_one_group_on_top(mapped: SimpleNamespace) -> None:
    root = mapped.project.layerTreeRoot()
    groups = root.children()
    assert [group.nodeType() for group in groups] == [type(groups[0]).NodeType.NodeGroup]
    assert groups[0].name() == "All of it: from images and parcels to a crop map: result"
    shown = [(node.name(), node.itemVisibilityChecked()) for node in groups[0].children()]
    assert shown == [
        ("Parcels", True),
        ("Crop map 2.5 m", True),
        ("Crop map 10 m", True),
        ("Confidence 2.5 m", False),
        ("Confidence 10 m", False),
    ]
    assert mapped.waiting == len(shown)
    assert len(mapped.project.mapLayers()) == len(shown)


def layer_named(mapped: SimpleNamespace, name: str) -> Any:
    """Return the layer of a name."""
    return mapped.project.mapLayersByName(name)[0]


@pytest.mark.parametrize("name", ["Crop map 2.5 m", "Crop map 10 m"])
def test_crop_map_has_a_legend_of_crops(mapped: SimpleNamespace, name: str) -> None:
    from qgis.core import QgsVectorLayer

    renderer = layer_named(mapped, name).renderer()
    assert renderer.type() == "paletted"
    labels = {item.label for item in renderer.classes()}
    parcels = QgsVectorLayer(str(mapped.scene / "parcels.gpkg"), "parcels", "ogr")
    crops = {feature["crop"] for feature in parcels.getFeatures()}
    assert crops <= labels
    assert len({item.color.name() for item in renderer.classes()}) == len(labels)


def test_confidence_runs_from_0_to_100_per_cent(mapped: SimpleNamespace) -> None:
    renderer = layer_named(mapped, "Confidence 10 m").renderer()
    assert renderer.type() == "singlebandpseudocolor"
    items = renderer.shader().rasterShaderFunction().colorRampItemList()
    assert [(item.value, item.label) for item in items] == [
        (0.0, "0 %"), (125.0, "50 %"), (187.5, "75 %"), (250.0, "100 %"),
    ]  # fmt: skip


def test_layers_say_which_job_made_them(mapped: SimpleNamespace) -> None:
    metadata = layer_named(mapped, "Crop map 10 m").metadata()
    assert metadata.title() == "Crop map 10 m: result"
    assert ": job pipeline, version " in metadata.history()[0]
    assert f"images = {mapped.scene}" in metadata.history()
    links = {link.name: link.url for link in metadata.links()}
    assert links["Report"] == (mapped.folder / "report.html").as_uri()


def test_a_job_that_wrote_a_file_is_found_by_its_record(
    plugin: SimpleNamespace, mapped: SimpleNamespace, make_job: Any
) -> None:
    manifest = plugin.load("backend.cscl.contract.manifest")
    jobs = plugin.load("backend.cscl.contract.jobs")
    folder = plugin.load("cscl_qgis.layers.folder")
    parcels = mapped.folder / "parcels.gpkg"
    job = make_job(
        "parcels", map=str(mapped.folder / "map"), parcels=str(parcels), class_field="crop",
        output=str(mapped.folder / "again.gpkg"),
    )  # fmt: skip
    assert folder.results_of_job(job, {"parcels": str(parcels)}) is None
    home = plugin.load("backend.cscl.contract.home").data_folder()
    for stamp in ("20200101T000000", "20210101T000000"):
        record = home / "runs" / f"{stamp}-parcels-{jobs.fingerprint(job)}"
        record.mkdir(parents=True)
        made = manifest.Manifest("parcels", "0" * 16, "complete", stamp, 1, 1.0)
        manifest.write_manifest(record, made)
    found = folder.results_of_job(job, {"parcels": str(parcels)})
    assert found.manifest.package == "20210101T000000"
    assert found.class_field == "crop"
    assert found.table is not None and len(found.dates) == 3


def test_parcels_that_were_classified_afterwards_keep_their_class_field(
    plugin: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A map's own job has no class field, and a table from a file names none."""
    monkeypatch.setenv("CSCL_HOME", str(tmp_path / "home"))
    made = write_results(tmp_path / "map", plugin, "map")
    record = {"schema": 1, "job": "map", "parameters": {"images": "/images"}}
    (made / "job.json").write_text(json.dumps(record), encoding="utf-8")
    content = document()
    content["classes"]["source"] = "classes.csv"
    (made / "map" / "map.json").write_text(json.dumps(content), encoding="utf-8")
    read = plugin.load("cscl_qgis.layers.folder").read_results
    assert read(str(made)).class_field == ""
    runs = plugin.load("backend.cscl.contract.home").data_folder() / "runs"
    for stamp, field, output in (
        ("20240101T000000", "old", made / "parcels.gpkg"),
        ("20250101T000000", "kultur", made / "parcels.gpkg"),
        ("20260101T000000", "other", made / "others.gpkg"),
    ):
        run = runs / f"{stamp}-parcels-{16 * '0'}"
        run.mkdir(parents=True)
        values = {"class_field": field, "output": str(output)}
        record = {"schema": 1, "job": "parcels", "parameters": values}
        (run / "job.json").write_text(json.dumps(record), encoding="utf-8")
    assert read(str(made)).class_field == "kultur"


def test_parcels_are_coloured_by_crop(mapped: SimpleNamespace) -> None:
    renderer = layer_named(mapped, "Parcels").renderer()
    assert renderer.type() != "singleSymbol"


def test_f13_nothing_is_loaded_twice_and_nothing_beside_the_results(
    mapped: SimpleNamespace,
) -> None:
    sidecars = [path for path in mapped.folder.rglob("*.aux.xml")]
    assert sidecars == []
    assert content_of(mapped.folder) == mapped.written
    assert content_of(mapped.scene) == mapped.before


def test_dock_way_of_adding_results(
    plugin: SimpleNamespace, mapped: SimpleNamespace, qgis_app: Any
) -> None:
    from qgis.core import QgsProject

    project = QgsProject()
    results = plugin.load("cscl_qgis.layers.results")
    outputs = {
        "crop_map": mapped.results["CROP_MAP"], "parcels": mapped.results["PARCELS_OUT"],
        "report": mapped.results["REPORT"],
    }  # fmt: skip
    group = results.add_results(outputs, "My area", project)
    assert [node.name() for node in group.children()] == ["Parcels", "Crop map 10 m"]
    assert project.layerTreeRoot().children()[0].name() == "My area"
    assert results.add_results({"report": mapped.results["REPORT"]}, "x", project) is None


def test_a_result_that_is_no_layer_is_named(plugin: SimpleNamespace, tmp_path: Path) -> None:
    results = plugin.load("cscl_qgis.layers.results")
    errors = plugin.load("backend.cscl.contract.errors")
    broken = tmp_path / "crops.tif"
    broken.write_bytes(b"II*\0")
    with pytest.raises(errors.UserError, match="crops.tif"):
        results.open_result(results.results_of({"crop_map": str(broken)})[0])


def test_the_pages_map_with_the_real_engine(
    plugin: SimpleNamespace, mapped: SimpleNamespace, tmp_path: Path, qtbot: Any, qgis_app: Any
) -> None:
    """Clicks alone, from a model's card to parcels that are compared with their declaration."""
    from dock_windows import MapWindow, shown_dock
    from qgis.core import QgsProject, QgsSettings, QgsVectorLayer
    from qgis.PyQt.QtCore import Qt
    from qgis.PyQt.QtTest import QTest

    window = MapWindow()
    QgsSettings().remove("cscl/dock")
    dock = shown_dock(plugin.load("cscl_qgis.gui.dock"), window)
    try:
        layer = QgsVectorLayer(str(mapped.scene / "parcels.gpkg"), "fields", "ogr")
        QgsProject.instance().addMapLayer(layer)
        dock.show_page("map")
        page, results = dock.page("map"), dock.page("results")
        output = tmp_path / "mäp"
        page.form.set_values(
            {"model": str(mapped.folder / "model"), "images": str(mapped.scene),
             "resolution": "10", "output": str(output)}
        )  # fmt: skip
        page.form.parcels.set_layer(layer)
        page.form.class_field.set_text("crop")
        fits = page.form.fits.message
        qtbot.waitUntil(lambda: fits.text().startswith("The images suit"), timeout=120000)
        qtbot.waitUntil(lambda: page.message.text().startswith("Expected:"), timeout=120000)
        assert page.form.card.classes.names()[-1] == "other land"
        with qtbot.waitSignal(page.run_part.finished, timeout=240000):
            QTest.mouseClick(page.run_button, Qt.MouseButton.LeftButton)
        assert {"map.json", "crops.tif", "parcels.gpkg"} <= {p.name for p in output.iterdir()}
        QTest.mouseClick(page.results_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: len(results.source.parcels) > 0, timeout=60000)
        told = [row for row in results.source.parcels if row.agrees is not None]
        assert len(results.source.parcels) == layer.featureCount()
        agreeing = sum(row.agrees for row in told)
        matrix = results.scores.matrix
        matrix.choice.setCurrentIndex(matrix.choice.findData("parcels"))
        counted = matrix.model._matrix
        assert (counted.right, counted.total) == (agreeing, len(told))
        assert content_of(mapped.scene) == mapped.before
    finally:
        dock.close_down()
        window.close()
