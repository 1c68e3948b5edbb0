"""The model that comes with the plugin: series, dataset, training and map in one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from test_chain import raster, values

NAME = "Crop map from images and parcels"


def test_model_chains_the_four_algorithms(provider: Any) -> None:
    model = provider.algorithm(NAME).create()
    steps = {child.algorithmId() for child in model.childAlgorithms().values()}
    assert steps == {"cscl:series", "cscl:dataset", "cscl:finetune", "cscl:map"}
    assert model.canExecute()[0]
    names = [item.name() for item in model.parameterDefinitions()]
    assert names[:6] == ["IMAGES", "PARCELS", "CLASS_FIELD", "SEASON", "PRESET", "EPOCHS"]


def test_model_runs_without_a_window_and_its_pixels_are_crops(
    provider: Any, scene: Path, tmp_path: Path
) -> None:
    import processing

    folder = tmp_path / "map"
    results = processing.run(
        f"cscl:{NAME}",
        {
            "IMAGES": str(scene), "PARCELS": str(scene / "parcels.gpkg"), "CLASS_FIELD": "crop",
            "SEASON": "2020-10-01/2021-09-30", "PRESET": "quick", "EPOCHS": 1,
            "finetune:Model": str(tmp_path / "model"), "map:Map": str(folder),
        },
    )  # fmt: skip
    assert results["map:Map"] == str(folder)
    assert (tmp_path / "model" / "model.safetensors").is_file()
    crops, fine = raster(str(folder / "crops.tif")), raster(str(folder / "crops_2m5.tif"))
    image = raster(str(next(scene.glob("S2*.tif"))))
    assert crops.extent() == fine.extent() == image.extent()
    assert fine.width() == 4 * crops.width()
    codes = {int(entry.value) for entry in _legend(folder)}
    found = {int(value) for value in values(crops, 2).values()}
    assert found - {0}
    assert found - {0} <= codes


def _legend(folder: Path) -> Any:
    layer = raster(str(folder / "crops.tif"))
    message, loaded = layer.loadNamedStyle(str(folder / "crops.qml"))
    assert loaded, message
    return layer.renderer().classes()
