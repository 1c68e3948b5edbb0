"""What is said before and after a run that cannot succeed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def run(command: str, **parameters: Any) -> Any:
    """Run an algorithm as a script does."""
    import processing

    return processing.run(f"cscl:{command}", parameters)


def failure(command: str, **parameters: Any) -> str:
    """Run an algorithm that must fail, and return what it says."""
    from qgis.core import QgsProcessingException

    with pytest.raises(QgsProcessingException) as caught:
        run(command, **parameters)
    return str(caught.value)


def test_no_images_and_two_images(provider: Any, tmp_path: Path) -> None:
    said = failure("map", MODEL=str(tmp_path), OUTPUT=str(tmp_path / "out"))
    assert "IMAGES, IMAGE_LAYERS, SERIES: none of them has a value. Give exactly one" in said
    said = failure(
        "map", IMAGES=str(tmp_path), SERIES=str(tmp_path / "a.series.json"),
        MODEL=str(tmp_path), OUTPUT=str(tmp_path / "out"),
    )  # fmt: skip
    assert "IMAGES and SERIES have values" in said
    assert not (tmp_path / "out").exists()


def test_folder_that_is_not_there(provider: Any, tmp_path: Path) -> None:
    said = failure("map", IMAGES="/no/images", MODEL="/no/model", OUTPUT=str(tmp_path / "out"))
    assert "/no/images: there is no such file or folder" in said
    assert "/no/model: there is no such folder" in said


def test_parcels_that_cannot_be_opened(provider: Any, scene: Path, tmp_path: Path) -> None:
    said = failure(
        "dataset", IMAGES=str(scene), PARCELS=str(tmp_path / "none.gpkg"), CLASS_FIELD="crop",
        OUTPUT=str(tmp_path / "out"),
    )  # fmt: skip
    assert "none.gpkg" in said


def test_class_field_that_the_layer_lacks(provider: Any, scene: Path, tmp_path: Path) -> None:
    said = failure(
        "dataset", IMAGES=str(scene), PARCELS=str(scene / "parcels.gpkg"), CLASS_FIELD="kultur",
        OUTPUT=str(tmp_path / "out"),
    )  # fmt: skip
    assert "kultur" in said
    assert "crop" in said


def test_virtual_and_remote_paths(provider: Any, tmp_path: Path) -> None:
    from qgis.core import QgsRasterLayer

    said = failure(
        "series", IMAGE_LAYERS=[QgsRasterLayer("/vsimem/none.tif", "memory image", "gdal")],
        OUTPUT=str(tmp_path / "a.series.json"),
    )  # fmt: skip
    assert "memory image" in said or "IMAGE_LAYERS" in said


def test_layer_of_a_service_is_refused_by_name(plugin: Any, qgis_app: Any) -> None:
    from qgis.core import QgsRasterLayer

    inputs = plugin.load("cscl_qgis.layers.inputs")
    errors = plugin.load("backend.cscl.contract.errors")
    layer = QgsRasterLayer("url=http://localhost:1/&layers=a&styles=&crs=EPSG:4326", "web", "wms")
    with pytest.raises(errors.UserError) as caught:
        inputs.images_of_layers([layer])
    assert "layer 'web'" in str(caught.value)
    assert "it comes from a service (wms), not from a file" in str(caught.value)


def test_every_layer_that_cannot_be_used_is_named(
    plugin: Any, qgis_app: Any, scene: Path, tmp_path: Path
) -> None:
    from qgis.core import QgsRasterLayer, QgsVectorLayer

    inputs = plugin.load("cscl_qgis.layers.inputs")
    errors = plugin.load("backend.cscl.contract.errors")
    good = QgsRasterLayer(str(next(scene.glob("*.tif"))), "good", "gdal")
    vector = QgsVectorLayer(str(scene / "parcels.gpkg"), "parcels", "ogr")
    gone = QgsRasterLayer(str(tmp_path / "gone.tif"), "gone", "gdal")
    with pytest.raises(errors.UserError) as caught:
        inputs.images_of_layers([good, vector, gone])
    assert len(caught.value.findings) == 2
    assert "layer 'parcels'" in str(caught.value)
    assert "gone.tif" in str(caught.value)


def test_output_that_exists_is_refused_and_kept(provider: Any, scene: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.series.json"
    target.write_text("mine")
    said = failure("series", IMAGES=str(scene), OUTPUT=str(target))
    assert str(target) in said
    assert "exists already" in said
    assert target.read_text() == "mine"


def test_export_ending_and_format_must_agree(provider: Any, scene: Path, tmp_path: Path) -> None:
    said = failure(
        "export", LAYER=str(scene / "parcels.gpkg"), FORMAT="shp",
        OUTPUT=str(tmp_path / "out.geojson"),
    )  # fmt: skip
    assert "it ends in 'geojson', but FORMAT is 'shp'" in said


def test_f14_engine_that_ends_early_raises(
    provider: Any, fake_engine: Any, scene: Path, tmp_path: Path
) -> None:
    fake_engine("exit_without_done")
    said = failure("series", IMAGES=str(scene), OUTPUT=str(tmp_path / "a.series.json"))
    assert "without saying that the job was done" in said


def test_output_that_the_engine_did_not_write_raises(
    provider: Any, fake_engine: Any, scene: Path, tmp_path: Path
) -> None:
    fake_engine("good")
    said = failure("series", IMAGES=str(scene), OUTPUT=str(tmp_path / "a.series.json"))
    assert "it is not there" in said


def test_f16_no_engine_raises_in_words(
    provider: Any, scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSCL_BACKEND_PYTHON", "/no/such/python")
    said = failure("series", IMAGES=str(scene), OUTPUT=str(tmp_path / "a.series.json"))
    assert "/no/such/python" in said


def test_cancelled_run_raises_and_leaves_nothing(provider: Any, tmp_path: Path) -> None:
    import processing
    from qgis.core import QgsProcessingException, QgsProcessingFeedback
    from qgis.PyQt.QtCore import QTimer

    feedback = QgsProcessingFeedback()
    timer = QTimer()
    timer.setSingleShot(True)
    timer.timeout.connect(feedback.cancel)
    timer.start(2500)
    folder = tmp_path / "scene"
    with pytest.raises(QgsProcessingException, match="cancelled"):
        processing.run(
            "cscl:simulate", {"SIZE": 512, "DATES": 100, "OUTPUT": str(folder)}, feedback=feedback
        )
    assert not list(folder.glob("*.tif"))
