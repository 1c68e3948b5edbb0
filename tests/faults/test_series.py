"""Dates and clouds that a time series must bear: skipped, merged or refused, and said so."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import MapJob, ParcelsJob, SeriesJob
from cscl.mapping.job import map_crops
from cscl.parcels.classify import classify_parcels
from cscl.series.frames import compose
from cscl.series.job import define_series
from cscl.series.reader import SeriesReader
from cscl.series.season import season_text
from cscl.series.stac import read_series
from map_scene import CRS, LEFT, TOP, write_images, write_model
from small_scene import flat_bands, noisy_bands, write_image

TWO = ("B02", "B03")
SUMMER = ("20210401", "20210501", "20210601", "20210701")


def defined(folder: Path, **options: object):
    """Run the job `series` into the folder's parent; return the series and the notes."""
    output, ctx = folder.parent / "a.series.json", JobContext()
    define_series(SeriesJob(images=str(folder), output=str(output), bands=TWO, **options), ctx)
    return read_series(output), "\n".join(ctx.noted)


def refused(folder: Path, **options: object) -> UserError:
    with pytest.raises(UserError) as caught:
        defined(folder, **options)
    assert not list(folder.parent.glob("*.series.json*"))
    return caught.value


def flat_folder(folder: Path, classes: dict[str, int]) -> Path:
    """Write a flat image a date, with one class of the scene classification."""
    folder.mkdir()
    for date, scl in classes.items():
        write_image(folder / f"S2_L2A_{date}.tif", flat_bands(size=8, bands=TWO, scl=scl))
    return folder


@pytest.mark.parametrize("scl", [3, 8, 9, 10])
def test_f31_one_date_under_cloud_is_skipped_and_said(tmp_path: Path, scl: int) -> None:
    clouds = dict.fromkeys(SUMMER, 4) | {"20210501": scl}
    series, notes = defined(flat_folder(tmp_path / "images", clouds))
    assert [date.month for date in series.dates] == [4, 6, 7]
    assert "1 of 4 dates have less than 5% valid pixels and are not used: 2021-05-01." in notes


def test_f31_clouds_on_all_dates_are_refused(tmp_path: Path) -> None:
    folder = flat_folder(tmp_path / "images", dict.fromkeys(SUMMER, 9))
    assert str(refused(folder)) == (
        f"{folder}: 0 of 4 dates have at least 5% valid, unclouded pixels; a time series needs 2. "
        "Add clearer images, choose another season, or use no cloud mask."
    )


def test_f31_a_parcel_always_under_cloud_has_no_class_and_a_reason(tmp_path: Path) -> None:
    images = write_images(tmp_path / "images", 48, 48)
    for path in images.glob("*.tif"):
        with rasterio.open(path, "r+") as file:
            scl = file.read(4)
            scl[20:30, 20:30] = 9
            file.write(scl, 4)
    model = write_model(tmp_path / "model")
    crop_map = tmp_path / "map"
    map_crops(
        MapJob(images=str(images), model=str(model), output=str(crop_map), resolution="10"),
        JobContext(),
    )
    shapes = [
        shapely.box(LEFT + left, TOP - 290, LEFT + left + 80, TOP - 210) for left in (210, 400)
    ]
    parcels = tmp_path / "parcels.gpkg"
    pyogrio.write_dataframe(
        geopandas.GeoDataFrame({"n": [1, 2]}, geometry=shapes, crs=CRS), parcels
    )
    ctx = JobContext()
    output = tmp_path / "out.gpkg"
    classify_parcels(ParcelsJob(map=str(crop_map), parcels=str(parcels), output=str(output)), ctx)
    rows = pyogrio.read_dataframe(output)
    assert rows["reason"].fillna("").tolist() == ["no data", ""]
    assert rows["crop_code"].isna().tolist() == [True, False]
    assert rows["pixels"].tolist() == [0, 64]


def test_f32_passes_of_a_day_are_merged_by_pixel_and_noted(tmp_path: Path) -> None:
    folder = flat_folder(tmp_path / "images", dict.fromkeys(SUMMER[:2], 4))
    bands = flat_bands(size=8, value=3000, bands=TWO)
    bands["SCL"][:, :2] = 10
    write_image(folder / "S2_L2A_20210401_2.tif", bands)
    series, notes = defined(folder)
    assert [len(item.passes) for item in series.acquisitions] == [2, 1]
    assert (
        "2021-04-01: 2 passes were merged, each pixel from the first that is clear there "
        "(S2_L2A_20210401.tif, S2_L2A_20210401_2.tif)." in notes
    )


def test_f32_dates_are_sorted_whatever_the_names(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for name, date in (("a", "20210701"), ("b", "20210401"), ("c", "20210531")):
        write_image(folder / f"{name}_{date}.tif", flat_bands(size=8, bands=TWO))
    series, _ = defined(folder)
    assert [date.month for date in series.dates] == [4, 5, 7]
    assert list(series.days) == sorted(series.days)


@pytest.mark.parametrize("name", ["S2_20211340.tif", "S2_2021060.tif_", "scene-17.tif"])
def test_f32_unreadable_date(tmp_path: Path, name: str) -> None:
    folder = flat_folder(tmp_path / "images", dict.fromkeys(SUMMER[:2], 4))
    path = write_image(folder / name.rstrip("_"), flat_bands(size=8, bands=TWO))
    if name.endswith("_"):  # the day of a year
        assert defined(folder)[0].dates[0] == datetime.date(2021, 3, 1)
        return
    error = refused(folder)
    assert [(item.code, item.subject) for item in error.findings] == [("no_date", str(path))]
    assert "neither its name nor its metadata hold a date" in str(error)
    assert f"image,date,bands,scale,offset,nodata,level\n{path.name},2021-06-01," in str(error)


def test_f32_over_370_days_without_a_season(tmp_path: Path) -> None:
    dates = ("20200105", "20200401", "20200601", "20201201", "20210301")
    folder = flat_folder(tmp_path / "images", dict.fromkeys(dates, 4))
    series, notes = defined(folder)
    assert season_text(series.season) == "2020-03-01/2021-02-28"
    assert (
        "The images cover 2020-01-05 to 2021-03-01 (422 days) and no season was given: the last "
        "full twelve months are used, 2020-03-01/2021-02-28." in notes
    )


def test_f32_400_dates_hold_few_files_and_one_period(tmp_path: Path, monkeypatch) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    image = write_image(tmp_path / "image.tif", noisy_bands(1, 8, TWO))
    start = datetime.date(2021, 1, 1)
    for number in range(400):
        day = start + datetime.timedelta(days=2 * number)
        shutil.copy(image, folder / f"{day:%Y%m%d}.tif")
    series, _ = defined(folder, season="2021-01-01/2023-03-31", composite="month")
    assert len(series.acquisitions) == 400 and len(series.frames) == 27
    sizes: list[int] = []

    def counting(values: np.ndarray, valid: np.ndarray):
        sizes.append(values.shape[0])
        return compose(values, valid)

    monkeypatch.setattr("cscl.series.frames.compose", counting)
    with SeriesReader(series) as reader:
        assert reader.read(series.grid.whole).values.shape == (27, 2, 8, 8)
        names = [path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    assert len([name for name in names if folder in name.parents]) <= 48
    assert len(sizes) == 27 and max(sizes) == 16
