"""The whole chain on the command line, on real images and on another area."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cscl.contract import strict_json
from cscl.contract.manifest import read_manifest

SEASON = "2018-10-01/2019-09-30"


def cscl(*arguments: object, home: Path) -> tuple[int, str, str]:
    """Run the command line, training a few steps, in a process of its own.

    Return status, output and error.
    """
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "CSCL_HOME": str(home), "PYTHONPATH": str(root / "backend")}
    done = subprocess.run(
        [sys.executable, str(root / "tests" / "short_engine.py"), *map(str, arguments)],
        env=environment, capture_output=True, text=True, timeout=280,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def contents(folder: Path) -> dict[str, str]:
    """Name and digest of every file of a folder."""
    return {
        str(item.relative_to(folder)): hashlib.sha256(item.read_bytes()).hexdigest()
        for item in sorted(folder.rglob("*"))
        if item.is_file()
    }


@pytest.fixture(scope="module")
def flanders(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The pipeline on the real images of one area, once."""
    images = shared_data / "flanders" / "a_2019"
    folder = tmp_path_factory.mktemp("flanders")
    before = contents(images)
    status, out, error = cscl(
        "pipeline", "--images", images, "--parcels", images / "parcels.gpkg",
        "--class-field", "ct_name", "--classes", shared_data / "flanders" / "classes.csv",
        "--season", SEASON, "--preset", "quick", "--width", "0.125", "--resolution", "10",
        "--output", folder / "result", home=folder / "home",
    )  # fmt: skip
    return {
        "images": images,
        "result": folder / "result",
        "home": folder / "home",
        "status": status,
        "out": out,
        "error": error,
        "unchanged": contents(images) == before,
    }


def test_real_images_end_in_a_map_and_classified_parcels(flanders: dict[str, Any]) -> None:
    import pyogrio
    import rasterio

    assert flanders["status"] == 0, flanders["error"]
    result: Path = flanders["result"]
    manifest = read_manifest(result)
    assert manifest is not None and manifest.state == "complete"
    first = sorted(flanders["images"].glob("*.tif"))[0]
    with rasterio.open(result / "map" / "crops.tif") as crops, rasterio.open(first) as image:
        assert (crops.transform, crops.crs, crops.shape) == (
            image.transform,
            image.crs,
            image.shape,
        )
        codes = set(np.unique(crops.read(1)).tolist())
    assert codes <= {1, 2, 3, 4, 5, 254} and len(codes) >= 2
    table = pyogrio.read_dataframe(result / "parcels.gpkg")
    assert len(table) == 19
    assert {"ct_code", "ct_name", "crop_name", "confidence", "agrees", "split"} <= set(table)
    assert table["pixels"].sum() > 1000
    report = strict_json.read(result / "report.json")
    assert report["schema"]
    assert (result / "report.html").stat().st_size > 10_000


def test_real_images_stay_as_they_were(flanders: dict[str, Any]) -> None:
    assert flanders["unchanged"]


def test_what_was_adapted_is_said(flanders: dict[str, Any]) -> None:
    for words in (
        "16 of 35 dates are used, spread over the season",
        "The images are small (64 x 64 pixels): chips of 16 pixels are used.",
        "The area is small: blocks of",
        "Smoke level: figures to show that the chain runs, no more.",
    ):
        assert words in flanders["out"]


def test_an_area_without_a_band_is_refused_by_its_name(
    flanders: dict[str, Any], shared_data: Path, tmp_path: Path
) -> None:
    status, _, error = cscl(
        "map", "--images", shared_data / "flanders" / "b_2019",
        "--model", flanders["result"] / "model", "--resolution", "10",
        "--output", tmp_path / "map", home=tmp_path / "home",
    )  # fmt: skip
    assert status == 1
    assert "it lacks B02, B03, B04, B08; wanted B02, B03" in error
    assert not (tmp_path / "map" / "crops.tif").exists()


def test_another_area_is_mapped_with_the_same_model(chain: Any, tmp_path: Path) -> None:
    import rasterio

    home = tmp_path / "home"
    other = tmp_path / "other"
    size = ("--size", 64, "--dates", 8, "--crops", 4, "--seed", 9)
    assert cscl("simulate", "--output", other, *size, home=home)[0] == 0
    words = ("--images", other, "--model", chain.model, "--output", tmp_path / "map")
    status, out, error = cscl("map", *words, home=home)
    assert status == 0, error
    assert "Season: the model's" in out
    with rasterio.open(tmp_path / "map" / "crops_2m5.tif") as crops:
        assert crops.shape == (256, 256)
        assert crops.transform.a == 2.5
        assert set(np.unique(crops.read(1)).tolist()) <= {0, 1, 2, 3, 4, 254}
