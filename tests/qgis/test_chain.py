"""The chain through Processing against the real engine; the layers that come back are checked."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import SIZE, content_of

TRAINING = {"PRESET": "quick", "WIDTH": 0.125, "EPOCHS": 1}
RESULT_FIELDS = [
    "crop_code", "crop_name", "confidence", "second_code", "second_name", "margin", "pixels",
    "agrees", "reason", "split", "inner_share",
]  # fmt: skip


def run(command: str, **parameters: Any) -> Any:
    """Run an algorithm as a script does."""
    import processing

    return processing.run(f"cscl:{command}", parameters)


@pytest.fixture(scope="module")
def chain(provider: Any, scene: Path, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Every result of the chain, one algorithm after the other, chained by their outputs."""
    folder = tmp_path_factory.mktemp("chain")
    made = SimpleNamespace(folder=folder, scene=scene, before=content_of(scene))
    parcels = {"PARCELS": str(scene / "parcels.gpkg"), "CLASS_FIELD": "crop"}
    made.series = run("series", IMAGES=str(scene), OUTPUT=str(folder / "area.series.json"))
    made.dataset = run(
        "dataset", SERIES=made.series["OUTPUT"], CHIP=16, OUTPUT=str(folder / "dataset"), **parcels
    )
    dataset = made.dataset["OUTPUT"]
    made.pretrained = run("pretrain", DATASET=dataset, OUTPUT=str(folder / "pre"), **TRAINING)
    made.model = run(
        "finetune", DATASET=dataset, MODEL=made.pretrained["OUTPUT"],
        OUTPUT=str(folder / "model"), **TRAINING,
    )  # fmt: skip
    made.map = run(
        "map", SERIES=made.series["OUTPUT"], MODEL=made.model["OUTPUT"],
        OUTPUT=str(folder / "map"),
    )  # fmt: skip
    made.parcels = run(
        "parcels", MAP=made.map["OUTPUT"], OUTPUT=str(folder / "parcels.gpkg"), **parcels
    )
    return made


def raster(path: str) -> Any:
    """Open a raster as the plugin does."""
    import importlib

    inputs = importlib.import_module("cscl_qgis.cscl_qgis.layers.inputs")
    layer = inputs.open_raster(path, Path(path).stem)
    assert layer.isValid(), path
    return layer


def vector(path: str) -> Any:
    """Open a vector layer."""
    from qgis.core import QgsVectorLayer

    layer = QgsVectorLayer(path, Path(path).stem, "ogr")
    assert layer.isValid(), path
    return layer


def values(layer: Any, step: int = 1) -> dict[tuple[float, float], float]:
    """Return the value at the centre of every step-th pixel, sampled by coordinates."""
    from qgis.core import QgsPointXY

    extent, provider = layer.extent(), layer.dataProvider()
    width = extent.width() / layer.width()
    height = extent.height() / layer.height()
    found = {}
    for row in range(0, layer.height(), step):
        for column in range(0, layer.width(), step):
            point = QgsPointXY(
                extent.xMinimum() + (column + 0.5) * width,
                extent.yMaximum() - (row + 0.5) * height,
            )
            value, valid = provider.sample(point, 1)
            found[(point.x(), point.y())] = value if valid else 0.0
    return found


def classes_of(chain: SimpleNamespace) -> dict[int, str]:
    """Return the codes and names of the model's classes."""
    card = json.loads((Path(chain.model["OUTPUT"]) / "model.json").read_text())
    text = json.dumps(card)
    found = {}
    for item in _class_items(json.loads(text)):
        found[int(item["code"])] = item["name"]
    return found


def _class_items(value: Any) -> list[Any]:
    if isinstance(value, dict):
        if {"code", "name", "colour"} <= set(value):
            return [value]
        return [item for part in value.values() for item in _class_items(part)]
    if isinstance(value, list):
        return [item for part in value for item in _class_items(part)]
    return []


def test_every_step_returns_what_it_wrote(chain: SimpleNamespace) -> None:
    assert set(chain.series) == {"OUTPUT"}
    assert len(json.loads(Path(chain.series["OUTPUT"]).read_text())["features"]) >= 2
    assert json.loads((Path(chain.dataset["OUTPUT"]) / "dataset.json").read_text())
    for name in ("model.safetensors", "model.json", "metrics.csv"):
        assert (Path(chain.model["OUTPUT"]) / name).is_file()
    folder = Path(chain.map["OUTPUT"])
    assert chain.map == {
        "OUTPUT": str(folder),
        "CROP_MAP": str(folder / "crops.tif"),
        "CROP_MAP_2M5": str(folder / "crops_2m5.tif"),
        "CONFIDENCE": str(folder / "confidence.tif"),
        "CONFIDENCE_2M5": str(folder / "confidence_2m5.tif"),
    }
    for result in (chain.pretrained, chain.model, chain.map):
        manifest = json.loads((Path(result["OUTPUT"]) / "manifest.json").read_text())
        assert manifest["state"] == "complete"


def test_map_lies_exactly_on_the_images_and_their_subdivision(chain: SimpleNamespace) -> None:
    image = raster(str(next(chain.scene.glob("S2*.tif"))))
    for name, factor in (("CROP_MAP", 1), ("CONFIDENCE", 1), ("CROP_MAP_2M5", 4)):
        layer = raster(chain.map[name])
        assert layer.crs() == image.crs()
        assert layer.extent() == image.extent()
        assert (layer.width(), layer.height()) == (SIZE * factor, SIZE * factor)
        assert layer.rasterUnitsPerPixelX() == 10.0 / factor
        assert layer.rasterUnitsPerPixelY() == 10.0 / factor


def test_sampled_points_hit_the_pixels_that_the_rows_and_columns_say(
    chain: SimpleNamespace,
) -> None:
    for name in ("CROP_MAP", "CROP_MAP_2M5"):
        layer = raster(chain.map[name])
        block = layer.dataProvider().block(1, layer.extent(), layer.width(), layer.height())
        extent, size = layer.extent(), layer.rasterUnitsPerPixelX()
        for (x, y), value in values(layer, 3).items():
            row, column = int((extent.yMaximum() - y) / size), int((x - extent.xMinimum()) / size)
            expected = 0.0 if block.isNoData(row, column) else block.value(row, column)
            assert value == expected


def test_map_holds_the_models_classes_and_no_other_codes(chain: SimpleNamespace) -> None:
    codes = set(classes_of(chain)) | {254}
    for name in ("CROP_MAP", "CROP_MAP_2M5"):
        found = {int(value) for value in values(raster(chain.map[name]), 2).values()}
        assert found - {0} <= codes
        assert found - {0}
    for value in values(raster(chain.map["CONFIDENCE"]), 4).values():
        assert 0 <= value <= 250 or value == 255


def test_training_labels_lie_where_the_parcels_lie(chain: SimpleNamespace) -> None:
    """The centre of a large parcel has its own declared crop in the labels, at both sizes."""
    labels = Path(chain.dataset["OUTPUT"]) / "labels" / "grid_0"
    table = {name: code for code, name in classes_of(chain).items()}
    coarse, fine = raster(str(labels / "labels.tif")), raster(str(labels / "labels_2m5.tif"))
    assert fine.width() == 4 * coarse.width()
    assert fine.extent() == coarse.extent()
    checked = 0
    for feature in vector(str(chain.scene / "parcels.gpkg")).getFeatures():
        core = feature.geometry().buffer(-15, 8)
        if core.isEmpty():
            continue
        point = core.pointOnSurface().asPoint()
        for layer in (coarse, fine):
            value, valid = layer.dataProvider().sample(point, 1)
            if valid and int(value) != 255:
                assert int(value) == table[feature["crop"]]
                checked += 1
    assert checked >= 4


def test_parcels_keep_their_features_and_get_the_results(chain: SimpleNamespace) -> None:
    before, after = vector(str(chain.scene / "parcels.gpkg")), vector(chain.parcels["OUTPUT"])
    own = [field.name() for field in before.fields()]
    assert [field.name() for field in after.fields()] == own + RESULT_FIELDS
    assert after.featureCount() == before.featureCount()
    assert after.crs() == before.crs()
    names = {**classes_of(chain), 254: "other land"}
    for old, new in zip(before.getFeatures(), after.getFeatures(), strict=True):
        assert [new[name] for name in own] == [old[name] for name in own]
        assert new.geometry().isGeosEqual(old.geometry())
        if new["crop_code"]:
            assert names[new["crop_code"]] == new["crop_name"]
            assert 0 <= new["confidence"] <= 1
            assert new["pixels"] > 0
    assert any(feature["crop_code"] for feature in after.getFeatures())


def test_images_as_layers_give_the_same_map_as_their_folder(
    chain: SimpleNamespace, tmp_path: Path
) -> None:
    layers = [raster(str(path)) for path in sorted(chain.scene.glob("S2*.tif"))]
    result = run(
        "map", IMAGE_LAYERS=layers, MODEL=chain.model["OUTPUT"], RESOLUTION="10",
        OUTPUT=str(tmp_path / "map"),
    )  # fmt: skip
    assert set(result) == {"OUTPUT", "CROP_MAP", "CONFIDENCE"}
    assert values(raster(result["CROP_MAP"])) == values(raster(chain.map["CROP_MAP"]))


def test_map_of_an_extent_in_degrees(chain: SimpleNamespace, tmp_path: Path) -> None:
    from qgis.core import (
        QgsCoordinateReferenceSystem,
        QgsCoordinateTransform,
        QgsProject,
        QgsRectangle,
        QgsReferencedRectangle,
    )

    image = raster(str(next(chain.scene.glob("S2*.tif"))))
    whole = image.extent()
    part = QgsRectangle(
        whole.xMinimum() + 100, whole.yMinimum() + 150, whole.xMinimum() + 300,
        whole.yMinimum() + 350,
    )  # fmt: skip
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    transform = QgsCoordinateTransform(image.crs(), degrees, QgsProject.instance())
    area = QgsReferencedRectangle(transform.transformBoundingBox(part), degrees)
    result = run(
        "map", SERIES=chain.series["OUTPUT"], MODEL=chain.model["OUTPUT"], RESOLUTION="10",
        AREA=area, OUTPUT=str(tmp_path / "map"),
    )  # fmt: skip
    mapped = raster(result["CROP_MAP"])
    assert mapped.extent().contains(part)
    assert mapped.extent().width() <= 200 + 60
    whole_values = values(raster(chain.map["CROP_MAP"]))
    part_values = values(mapped)
    inside = {point: value for point, value in part_values.items() if part.contains(*point)}
    assert len(inside) == 400
    assert all(whole_values[point] == value for point, value in inside.items())


def test_two_areas_in_batch(chain: SimpleNamespace, provider: Any, tmp_path: Path) -> None:
    """One algorithm object run twice, as the batch dialog does."""
    from qgis.core import QgsProcessingContext, QgsProcessingFeedback

    other = tmp_path / "other"
    shutil.copytree(chain.scene, other, ignore=shutil.ignore_patterns("*.json*", "truth"))
    algorithm = provider.algorithm("map").create()
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
    maps = []
    for number, images in enumerate((chain.scene, other)):
        results, ok = algorithm.run(
            {
                "IMAGES": str(images), "MODEL": chain.model["OUTPUT"], "RESOLUTION": "10",
                "LOAD": False, "OUTPUT": str(tmp_path / f"map{number}"),
            },
            context, feedback,
        )  # fmt: skip
        assert ok
        maps.append(values(raster(results["CROP_MAP"])))
    assert maps[0] == maps[1]
    assert maps[0] == values(raster(chain.map["CROP_MAP"]))
    assert context.layersToLoadOnCompletion() == {}


def test_images_that_lack_a_band_are_refused_by_its_name(
    chain: SimpleNamespace, shared_data: Path, tmp_path: Path
) -> None:
    from qgis.core import QgsProcessingException

    with pytest.raises(QgsProcessingException, match="B02"):
        run(
            "map", IMAGES=str(shared_data / "flanders" / "b_2019"), MODEL=chain.model["OUTPUT"],
            SEASON="2018-10-01/2019-09-30", OUTPUT=str(tmp_path / "map"),
        )  # fmt: skip
    assert not list((tmp_path / "map").glob("*.tif"))


def test_evaluation_returns_its_report(chain: SimpleNamespace, tmp_path: Path) -> None:
    result = run(
        "evaluate", DATASET=chain.dataset["OUTPUT"], MODEL=chain.model["OUTPUT"], BASELINE=False,
        OUTPUT=str(tmp_path / "evaluation"),
    )  # fmt: skip
    assert result["REPORT"].endswith("report.html")
    page = Path(result["REPORT"]).read_text(encoding="utf-8")
    assert "<html" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert json.loads(Path(result["REPORT_DATA"]).read_text())


def test_a_sample_labelled_in_qgis_gives_areas(chain: SimpleNamespace, tmp_path: Path) -> None:
    drawn = run(
        "sample", MAP=chain.map["OUTPUT"], POINTS=60, MINIMUM=5,
        OUTPUT=str(tmp_path / "sample.gpkg"),
    )  # fmt: skip
    layer = vector(drawn["OUTPUT"])
    layer.loadNamedStyle(str(tmp_path / "sample.qml"))
    assert layer.featureCount() == 60
    setup = layer.editorWidgetSetup(layer.fields().indexOf("reference"))
    assert setup.type() == "ValueMap"
    assert layer.editorWidgetSetup(layer.fields().indexOf("map_name")).type() == "Hidden"
    names = [next(iter(item)) for item in setup.config()["map"]]
    assert "other land" in names
    assert layer.startEditing()
    place = layer.fields().indexOf("reference")
    for feature in layer.getFeatures():
        assert feature["map_name"] in names
        layer.changeAttributeValue(feature.id(), place, feature["map_name"])
    # Not saved: what the job sees is the layer as it is edited.
    result = run(
        "area", MAP=chain.map["OUTPUT"], SAMPLE=layer, UNITS=str(chain.scene / "parcels.gpkg"),
        UNIT_FIELD="crop", OUTPUT=str(tmp_path / "area"),
    )  # fmt: skip
    layer.rollBack()
    report = json.loads(Path(result["REPORT_DATA"]).read_text())
    assert report["overall_accuracy"]["value"] == 1.0
    for item in report["classes"]:
        assert item["area_ha"] == pytest.approx(item["mapped_ha"])
    units = vector(result["UNIT_AREAS"])
    assert units.featureCount() == len(report["units"]) > 0
    assert Path(result["AREA_TABLE"]).name == "area.csv"
    assert "<html" in Path(result["REPORT"]).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["geojson", "fgb", "csv"])
def test_export_of_some_fields(chain: SimpleNamespace, tmp_path: Path, name: str) -> None:
    target = tmp_path / f"out.{name}"
    result = run(
        "export", LAYER=chain.parcels["OUTPUT"], FORMAT=name, FIELDS=["crop", "crop_name"],
        OUTPUT=str(target),
    )  # fmt: skip
    assert result == {"OUTPUT": str(target)}
    layer = vector(str(target))
    original = vector(chain.parcels["OUTPUT"])
    assert {"crop", "crop_name"} == {field.name() for field in layer.fields()}
    assert sorted(str(item["crop_name"]) for item in layer.getFeatures()) == sorted(
        str(item["crop_name"]) for item in original.getFeatures()
    )


def test_temporary_output_of_an_export_has_the_ending_of_its_format(
    chain: SimpleNamespace,
) -> None:
    result = run("export", LAYER=chain.parcels["OUTPUT"], FORMAT="fgb", OUTPUT="TEMPORARY_OUTPUT")
    assert result["OUTPUT"].endswith(".fgb")
    assert vector(result["OUTPUT"]).featureCount() > 0


def test_users_folder_is_what_it_was(chain: SimpleNamespace, tmp_path: Path) -> None:
    """Given as paths that QGIS loads, mapped with a reference map and an extent: all as before."""
    images = [str(path) for path in sorted(chain.scene.glob("S2*.tif"))]
    run("series", IMAGE_LAYERS=images, OUTPUT=str(tmp_path / "b.series.json"))
    for path in images:
        assert raster(path).crs().isValid()
    truth = str(next(chain.scene.glob("truth/*.tif")))
    run(
        "evaluate", DATASET=chain.dataset["OUTPUT"], MODEL=chain.model["OUTPUT"], BASELINE=False,
        TRUTH=truth, OUTPUT=str(tmp_path / "evaluation"),
    )  # fmt: skip
    assert content_of(chain.scene) == chain.before


def test_series_of_layers_is_that_of_their_folder(chain: SimpleNamespace, tmp_path: Path) -> None:
    images = [str(path) for path in sorted(chain.scene.glob("S2*.tif"))]
    result = run("series", IMAGE_LAYERS=images, OUTPUT=str(tmp_path / "b.series.json"))
    ours = json.loads(Path(result["OUTPUT"]).read_text())
    theirs = json.loads(Path(chain.series["OUTPUT"]).read_text())
    assert [item["properties"]["datetime"] for item in ours["features"]] == [
        item["properties"]["datetime"] for item in theirs["features"]
    ]
