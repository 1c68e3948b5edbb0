"""Layers become files for the engine as they stand, and stay as they are."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest


@pytest.fixture(scope="module")
def snapshot(plugin: SimpleNamespace) -> Any:
    """The module under test."""
    return plugin.load("cscl_qgis.layers.snapshot")


def memory_layer(fields: str = "&field=crop:string(20)&field=n:integer") -> Any:
    """A layer in memory with three squares, the last without a geometry."""
    from qgis.core import QgsFeature, QgsGeometry, QgsVectorLayer

    layer = QgsVectorLayer(f"MultiPolygon?crs=EPSG:32631{fields}", "my: parcels/1", "memory")
    features = []
    for number in range(3):
        feature = QgsFeature(layer.fields())
        feature.setAttribute("crop", ["wheat", "prés", None][number])
        if number < 2:
            x = 500000 + 100 * number
            feature.setGeometry(
                QgsGeometry.fromWkt(
                    f"MULTIPOLYGON((({x} 0, {x + 50} 0, {x + 50} 50, {x} 50, {x} 0)))"
                )
            )
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def opened(path: str) -> Any:
    """Open a snapshot."""
    from qgis.core import QgsVectorLayer

    layer = QgsVectorLayer(path, "snapshot", "ogr")
    assert layer.isValid()
    return layer


def crops(layer: Any) -> list[Any]:
    """The values of the field crop."""
    return [feature["crop"] or None for feature in layer.getFeatures()]


def test_f48_memory_layer_with_all_that_is_in_it(snapshot: Any, qgis_app: Any) -> None:
    layer = memory_layer()
    path = snapshot.snapshot_layer(layer)
    copy = opened(path)
    assert crops(copy) == ["wheat", "prés", None]
    assert [feature.geometry().isEmpty() for feature in copy.getFeatures()] == [False, False, True]
    assert copy.crs().authid() == "EPSG:32631"
    assert [field.name() for field in copy.fields()] == ["fid", "crop", "n"]
    areas = [feature.geometry().area() for feature in copy.getFeatures()]
    assert areas[:2] == [2500.0, 2500.0]
    assert Path(path).name.startswith("my_parcels_1-")


def test_same_content_same_name_other_content_other_name(snapshot: Any, qgis_app: Any) -> None:
    first, second = memory_layer(), memory_layer()
    path = snapshot.snapshot_layer(first)
    assert snapshot.snapshot_layer(second) == path
    second.startEditing()
    second.changeAttributeValue(1, 0, "maize")
    assert snapshot.snapshot_layer(second) != path
    assert not list(Path(path).parent.glob(".cscl-part-*"))


def test_f48_unsaved_edits_and_selection_are_honoured(
    snapshot: Any, qgis_app: Any, tmp_path: Path
) -> None:
    source = tmp_path / "parcels.gpkg"
    shutil.copy(snapshot.snapshot_layer(memory_layer()), source)
    layer = opened(str(source))
    layer.startEditing()  # here QGIS itself changes the journal mode in the file's header
    before = source.read_bytes()
    identifier = next(layer.getFeatures()).id()
    layer.changeAttributeValue(identifier, layer.fields().lookupField("crop"), "maize")
    assert crops(opened(snapshot.snapshot_layer(layer))) == ["maize", "prés", None]
    layer.selectByIds([identifier])
    assert crops(opened(snapshot.snapshot_layer(layer, only_selected=True))) == ["maize"]
    layer.rollBack()
    assert source.read_bytes() == before


def test_file_of_a_layer_is_not_touched(snapshot: Any, qgis_app: Any, tmp_path: Path) -> None:
    source = tmp_path / "parcels.gpkg"
    shutil.copy(snapshot.snapshot_layer(memory_layer()), source)
    before = source.read_bytes()
    assert len(crops(opened(snapshot.snapshot_layer(opened(str(source)))))) == 3
    assert source.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["parcels.gpkg"]


def test_keys_of_the_file_are_kept(snapshot: Any, qgis_app: Any, tmp_path: Path) -> None:
    layer = memory_layer("&field=fid:integer&field=crop:string(20)")
    layer.startEditing()
    for number, feature in enumerate(layer.getFeatures()):
        layer.changeAttributeValue(feature.id(), 0, 10 + number)
    copy = opened(snapshot.snapshot_layer(layer))
    assert [feature.id() for feature in copy.getFeatures()] == [10, 11, 12]


def test_a_field_fid_that_is_no_key_is_an_ordinary_field(snapshot: Any, qgis_app: Any) -> None:
    layer = memory_layer("&field=fid:integer&field=crop:string(20)")
    layer.startEditing()
    for feature in layer.getFeatures():
        layer.changeAttributeValue(feature.id(), 0, 7)
    copy = opened(snapshot.snapshot_layer(layer))
    assert copy.featureCount() == 3
    assert [feature["fid"] for feature in copy.getFeatures()] == [7, 7, 7]


def test_geopackage_has_the_version_that_qgis_3_22_reads(snapshot: Any, qgis_app: Any) -> None:
    header = Path(snapshot.snapshot_layer(memory_layer())).read_bytes()[:72]
    assert header[68:72] == b"GPKG"
    assert int.from_bytes(header[60:64], "big") == 10200


def test_f48_joined_fields_are_in_it(snapshot: Any, no_project: Any) -> None:
    from qgis.core import QgsFeature, QgsVectorLayer, QgsVectorLayerJoinInfo

    layer = memory_layer()
    table = QgsVectorLayer("None?field=crop:string(20)&field=group:string(20)", "t", "memory")
    row = QgsFeature(table.fields())
    row.setAttributes(["wheat", "cereal"])
    table.dataProvider().addFeatures([row])
    no_project.addMapLayers([layer, table])
    join = QgsVectorLayerJoinInfo()
    join.setJoinLayer(table)
    join.setJoinFieldName("crop")
    join.setTargetFieldName("crop")
    join.setUsingMemoryCache(True)
    assert layer.addJoin(join)
    copy = opened(snapshot.snapshot_layer(layer))
    assert [feature["t_group"] or None for feature in copy.getFeatures()] == ["cereal", None, None]


def test_f48_a_service_that_does_not_answer_is_refused(
    snapshot: Any, plugin: Any, qgis_app: Any
) -> None:
    from qgis.core import QgsVectorLayer

    error = plugin.load("backend.cscl.contract.errors").UserError
    folder = plugin.load("backend.cscl.contract.home").data_folder() / "snapshots"
    before = sorted(folder.glob("*"))
    source = "url='http://127.0.0.1:9/wfs' typename='parcels' version='2.0.0' srsname='EPSG:32631'"
    layer = QgsVectorLayer(source, "fields of a service", "WFS")
    assert not layer.isValid()
    with pytest.raises(error) as caught:
        snapshot.snapshot_layer(layer)
    assert str(caught.value) == (
        "layer 'fields of a service': its source cannot be read (WFS). Mend its connection, or "
        "save its features as a GeoPackage and use that."
    )
    assert sorted(folder.glob("*")) == before


def test_a_layer_without_a_reference_system_is_refused_before_anything_is_written(
    snapshot: Any, plugin: Any, no_project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qgis.core import QgsCoordinateReferenceSystem

    error = plugin.load("backend.cscl.contract.errors").UserError
    folder = plugin.load("backend.cscl.contract.home").data_folder() / "snapshots"
    before = sorted(folder.glob("*"))
    layer = memory_layer()
    layer.setCrs(QgsCoordinateReferenceSystem())
    source = plugin.load("cscl_qgis.gui.parcel_source").ParcelSource(layer)
    for write in (
        lambda: snapshot.snapshot_layer(layer),
        lambda: snapshot.snapshot_source(source, no_project.transformContext()),
    ):
        with pytest.raises(error) as caught:
            write()
        assert caught.value.code == "no_crs"
        assert str(caught.value) == (
            "layer 'my: parcels/1': it has no reference system. Set it under Layer > Set CRS."
        )
    assert sorted(folder.glob("*")) == before
    monkeypatch.setattr(plugin.load("cscl_qgis.words"), "_words", {
        "layer {name}": "Layer {name}", "it has no reference system": "kein Bezugssystem",
    })  # fmt: skip
    with pytest.raises(error, match="^Layer 'my: parcels/1': kein Bezugssystem"):
        snapshot.snapshot_layer(layer)


def test_a_table_without_shapes_needs_no_reference_system(snapshot: Any, qgis_app: Any) -> None:
    from qgis.core import QgsVectorLayer

    layer = QgsVectorLayer("None?field=crop:string(20)", "table", "memory")
    assert Path(snapshot.snapshot_layer(layer)).name.startswith("table-")


def test_what_is_wrong_with_a_layer_is_said_in_the_persons_language(
    snapshot: Any, plugin: Any, qgis_app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qgis.core import QgsVectorLayer

    class Marked(dict):
        def get(self, text: str, default: Any = None) -> str:
            return f"[{text}]"

    monkeypatch.setattr(plugin.load("cscl_qgis.words"), "_words", Marked())
    error = plugin.load("backend.cscl.contract.errors").UserError
    with pytest.raises(error) as caught:
        snapshot.snapshot_layer(QgsVectorLayer("/nowhere/a.gpkg", "gone", "ogr"))
    assert str(caught.value).startswith("[layer 'gone']: [its source cannot be read (ogr)]. [Mend")

    class Full:
        def hasError(self) -> int:  # noqa: N802
            return 1

        def errorMessage(self) -> str:  # noqa: N802
            return "the disk is full"

    with pytest.raises(error) as caught:
        snapshot._raise_error(Full(), "a")
    assert str(caught.value) == (
        "[layer 'a']: [its features could not be written to a file (the disk is full)]. "
        "[Save the layer as a GeoPackage and use that.]"
    )


def test_processing_source_with_only_selected_features(snapshot: Any, no_project: Any) -> None:
    from qgis.core import QgsProcessingContext, QgsProcessingUtils

    layer = memory_layer()
    no_project.addMapLayer(layer)
    layer.selectByIds([2])
    context = QgsProcessingContext()
    context.setProject(no_project)
    from qgis.core import (
        QgsProcessingFeatureSourceDefinition,
        QgsProcessingParameterFeatureSource,
        QgsProcessingParameters,
    )

    source = QgsProcessingParameters.parameterAsSource(
        QgsProcessingParameterFeatureSource("IN"),
        {"IN": QgsProcessingFeatureSourceDefinition(layer.id(), True)},
        context,
    )
    assert QgsProcessingUtils.mapLayerFromString(layer.id(), context) is not None
    path = snapshot.snapshot_source(source, context.transformContext())
    assert crops(opened(path)) == ["prés"]


def test_cancelled_snapshot_leaves_nothing(snapshot: Any, plugin: Any, qgis_app: Any) -> None:
    cancelled = plugin.load("backend.cscl.contract.errors").Cancelled
    folder = plugin.load("backend.cscl.contract.home").data_folder() / "snapshots"
    before = sorted(folder.glob("*"))
    layer = memory_layer("&field=crop:string(20)&field=other:integer")
    with pytest.raises(cancelled):
        snapshot.snapshot_layer(layer, is_cancelled=lambda: True)
    assert sorted(folder.glob("*")) == before


def opened_geopackage(snapshot: Any, tmp_path: Path) -> Any:
    """A GeoPackage layer with the keys 1 to 3, of which the second is gone."""
    source = tmp_path / "parcels.gpkg"
    shutil.copy(snapshot.snapshot_layer(memory_layer()), source)
    layer = opened(str(source))
    assert layer.dataProvider().deleteFeatures([2])
    return layer


@pytest.mark.parametrize("key", [None, "Autogenerate"])
def test_f48_an_unsaved_feature_takes_no_other_ones_number(
    snapshot: Any, qgis_app: Any, tmp_path: Path, key: Any
) -> None:
    """What has a key keeps it, be it selected or not; what has none gets a number of its own."""
    from qgis.core import QgsFeature, QgsGeometry

    layer = opened_geopackage(snapshot, tmp_path)
    layer.startEditing()
    for number in range(2):
        new = QgsFeature(layer.fields())
        new.setGeometry(QgsGeometry.fromWkt("MULTIPOLYGON(((0 0, 9 0, 9 9, 0 0)))"))
        new["crop"] = f"new {number}"
        new["fid"] = key
        assert layer.addFeature(new)
    copy = opened(snapshot.snapshot_layer(layer))
    assert {feature["crop"] or None: feature.id() for feature in copy.getFeatures()} == {
        "wheat": 1, None: 3, "new 0": 2_000_000_000, "new 1": 2_000_000_001,
    }  # fmt: skip
    assert "cscl_fid" not in copy.fields().names()
    layer.selectByIds([feature.id() for feature in layer.getFeatures() if feature.id() != 1])
    copy = opened(snapshot.snapshot_layer(layer, only_selected=True))
    assert sorted(feature.id() for feature in copy.getFeatures()) == [
        3, 2_000_000_000, 2_000_000_001,
    ]  # fmt: skip
    assert snapshot.snapshot_layer(layer) == snapshot.snapshot_layer(layer)
    layer.rollBack()


def test_numbers_of_unsaved_features_lie_above_the_largest_key(
    snapshot: Any, qgis_app: Any
) -> None:
    layer = memory_layer("&field=fid:integer(10)&field=crop:string(20)")
    layer.startEditing()
    layer.changeAttributeValue(1, 0, 2_000_000_005)
    copy = opened(snapshot.snapshot_layer(layer))
    assert sorted(feature.id() for feature in copy.getFeatures()) == [
        2_000_000_005, 2_000_000_006, 2_000_000_007,
    ]  # fmt: skip


def test_a_field_fid_of_words_is_an_ordinary_field(snapshot: Any, qgis_app: Any) -> None:
    layer = memory_layer("&field=fid:string(10)&field=crop:string(20)")
    layer.startEditing()
    layer.changeAttributeValue(1, 0, "A 7")
    copy = opened(snapshot.snapshot_layer(layer))
    assert [feature["fid"] or None for feature in copy.getFeatures()] == ["A 7", None, None]
    assert [feature.id() for feature in copy.getFeatures()] == [1, 2, 3]
