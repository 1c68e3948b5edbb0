"""The job `dataset` with parcels that leave something to say: all errors at once, all findings."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import DatasetJob
from cscl.dataset.job import build_dataset
from cscl.dataset.reader import Dataset
from parcel_layers import frame, square, state
from small_scene import squares, write_folder

DATES = ("20210401", "20210601")


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("scene") / "images", DATES, size=60)


def run(images: Path, parcels: Path, output: Path, **values: object) -> JobContext:
    ctx = JobContext()
    job = DatasetJob(images=str(images), parcels=str(parcels), output=str(output),
                     **({"class_field": "crop"} | values))  # fmt: skip
    build_dataset(job, ctx)
    return ctx


def labels(output: Path) -> np.ndarray:
    with rasterio.open(next((output / "labels").rglob("labels.tif"))) as file:
        return file.read(1)


def test_errors_of_images_parcels_and_table_come_together(tmp_path: Path) -> None:
    table = tmp_path / "classes.csv"
    table.write_text("source_value,name,code\nmaize,maize,0\nwheat,wheat,x\n")
    parcels = tmp_path / "a.gpkg"
    frame([square(0, 0)], crs=None).to_file(parcels, layer="p")
    (tmp_path / "images").mkdir()
    with pytest.raises(UserError) as caught:
        run(tmp_path / "images", parcels, tmp_path / "out", class_field="crops", classes=str(table))
    error = caught.value
    assert [item.code for item in error.findings[:4]] == [
        "class_code", "class_code", "class_field_missing", "no_crs"
    ]  # fmt: skip
    assert len(error.findings) > 4 and "images" in error.findings[4].subject
    assert not [item for item in (tmp_path / "out").rglob("*") if item.is_file()]


def test_findings_and_rules_reach_the_dataset(images: Path, tmp_path: Path) -> None:
    shapes = [*squares(6, 100.0), square(580, 580, 15)]
    crops = ["maize", "wheat", "beet"] * 12 + ["maize"]
    crops[5] = "unheard of"
    parcels = tmp_path / "in" / "a.gpkg"
    parcels.parent.mkdir()
    frame(shapes, crop=crops).to_file(parcels, layer="p")
    table = tmp_path / "classes.csv"
    table.write_text(
        "source_value;name;code\nmaize;Mais;3\nwheat;Weizen;1\nbeet;Rüben;9\n", "cp1252"
    )
    before = state(parcels.parent)
    output = tmp_path / "out"
    ctx = run(images, parcels, output, classes=str(table), inner_buffer=10.0, minimum_area=400.0,
              outside="ignore")  # fmt: skip
    assert state(parcels.parent) == before
    assert ctx.listener.artifacts["findings"] == output / "findings.gpkg"
    found = gpd.read_file(output / "findings.gpkg", layer="findings")
    rows = set(zip(found.code, found.parcel.fillna(0).astype(int), strict=True))
    assert {("class_not_in_table", 6), ("unused", 37), ("overlap", 36)} <= rows
    assert ("class_not_in_table", 0) in rows and found.crs.to_epsg() == 32631
    notes = "\n".join(ctx.noted)
    assert "was read as Windows-1252" in notes
    assert f"findings.gpkg lists {len(found)} findings" in notes
    codes = labels(output)
    assert (codes[1:9, 1:9] == 3).all() and (codes[0] == 255).all() and (codes[:, 0] == 255).all()
    assert (codes[0:10, 50:60] == 255).all()
    assert Dataset.open(output).classes.names == ("Weizen", "Mais", "Rüben")


def test_a_class_by_expression(images: Path, tmp_path: Path) -> None:
    parcels = tmp_path / "a.gpkg"
    crops, groups = ["maize", "wheat", "rye"] * 12, [1, 2, 2] * 12
    frame(squares(6, 100.0), crop=crops, group=groups).to_file(parcels, layer="p")
    run(images, parcels, tmp_path / "out", class_field="'cereal' if group == 2 else crop")
    dataset = Dataset.open(tmp_path / "out")
    assert dataset.classes.names == ("cereal", "maize")
    assert (labels(tmp_path / "out")[:10, :30:10] == [[2, 1, 1]]).all()
