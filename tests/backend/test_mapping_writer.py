"""The files of a map folder: what is written is read again, from cloud-optimised GeoTIFFs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from cscl.grid import Grid
from cscl.mapping.layers import Layers
from cscl.mapping.writer import SMOOTH, MapWriter
from map_scene import CLASSES, CRS, LEFT, TOP

CODES = (1, 7, 12, 254)
SIZE = 320
GRID = Grid(CRS, (10.0, 0.0, LEFT, 0.0, -10.0, TOP), SIZE, SIZE)


@pytest.fixture(scope="module")
def layers() -> Layers:
    """Layers of one map, each with values of its own; shares change slowly."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    slow = ((rows + columns) // 4 % 250).astype(np.uint8)
    crops = np.array(CODES, np.uint8)[rows // 90]
    bands = np.stack([np.roll(slow, 11 * number, 1) for number in range(len(CODES))])
    return Layers(crops, slow, crops.T.copy(), slow[::-1].copy(), slow[:, ::-1].copy(), bands)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, layers: Layers) -> Path:
    """The folder of that map."""
    folder = tmp_path_factory.mktemp("map")
    with MapWriter(
        folder, GRID, CLASSES, CODES, scales=(1,), side=64, probabilities=True
    ) as writer:
        writer.write(GRID.whole, 1, layers)
        writer.finish({"map.json": "{}"}, lambda: None)
    return folder


@pytest.mark.parametrize(
    "name", ["crops", "second", "confidence", "margin", "boundary", "probabilities"]
)
def test_a_layer_is_a_cloud_optimised_file_with_its_values(
    folder: Path, layers: Layers, name: str
) -> None:
    with rasterio.open(folder / f"{name}.tif") as file:
        wanted = getattr(layers, name)
        assert np.array_equal(file.read(), wanted if wanted.ndim == 3 else wanted[None])
        told = file.tags(ns="IMAGE_STRUCTURE")
        assert told["LAYOUT"] == "COG"
        assert told["COMPRESSION"] == "DEFLATE"
        assert told.get("PREDICTOR") == ("2" if name in SMOOTH else None)
        assert file.overviews(1) == [2]


def test_nothing_else_is_left_in_the_folder(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        "boundary.tif", "confidence.tif", "crops.tif", "map.json", "margin.tif",
        "probabilities.tif", "second.tif",
    ]  # fmt: skip
