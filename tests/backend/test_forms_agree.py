"""The same images as SAFE, stack, single files, NetCDF, Zarr and STAC give equal series."""

from __future__ import annotations

import datetime
import json
import warnings
from pathlib import Path

import cube_samples as samples
import numpy as np
import pystac
import pytest
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import SeriesJob
from cscl.grid import Window
from cscl.series.formats.file_names import describe_name
from cscl.series.job import define_series, series_from_images
from cscl.series.model import TimeSeries
from cscl.series.reader import SeriesReader
from cscl.series.stac import read_series
from safe_trees import write_safe
from small_scene import LEFT, TOP, write_image

FORMS = (
    "netcdf4", "netcdf3", "zarr2", "zarr3", "bands", "rising", "no suffix", "items", "collection",
    "safe", "safe zips", "safe of sen2cor", "files of sen2cor", "files of services",
    "files of sen2r",
)  # fmt: skip


def write(folder: Path, form: str) -> Path:
    """Write the sample series in one form, and return what a person would name."""
    folder.mkdir()
    if form.startswith("safe"):
        return write_products(folder, zipped=form == "safe zips", early=form == "safe of sen2cor")
    if form == "files of sen2r":
        return write_sen2r(folder)
    if form.startswith("files"):
        name = "T31UFS_{day}T105031_{band}_10m.tif" if "sen2cor" in form else "{day}_L2A/{band}.tif"
        return write_files(folder, name)
    if form == "stack":
        return samples.write_rasters(folder / "images")
    if form == "items":
        return samples.write_items(folder)
    if form == "collection":
        items = [samples.item(folder / "images", place) for place in range(4)]
        for item in items:
            for asset in item.assets.values():
                asset.href = f"./images/{Path(asset.href).name}"
        pystac.ItemCollection(items).save_object(str(folder / "items.json"))
        return folder / "items.json"
    if form.startswith("netcdf"):
        return getattr(samples, f"write_{form}")(folder / "S2_L2A.nc", samples.dataset())
    if form == "rising":
        return samples.write_netcdf4(folder / "S2_L2A.nc", samples.dataset(rising=True))
    cube = samples.stacked() if form == "bands" else samples.dataset()
    name = "S2_L2A" if form == "no suffix" else "S2_L2A.zarr"
    return samples.write_zarr(folder / name, cube, 2 if form == "zarr2" else 3)


def write_products(folder: Path, *, zipped: bool, early: bool) -> Path:
    """Write SAFE products of one tile, each of another processing baseline."""
    baselines = (
        ("02.04", "02.05", "02.06", "02.07") if early else ("03.00", "04.00", "05.00", "05.10")
    )
    for place, day in enumerate(samples.DAYS):
        numbers = {name: values[place] for name, values in samples.numbers().items()}
        scl = numbers.pop("SCL")
        write_safe(
            folder,
            date=datetime.date.fromisoformat(day),
            baseline=baselines[place],
            offset=-1000 if baselines[place] >= "04.00" else 0,
            arrays={name: np.where(v == 0, np.nan, v / 10_000) for name, v in numbers.items()},
            scl=scl,
            zipped=zipped and place != 1,
            naming="sen2cor" if early else "new",
            resolutions={"SCL": 10},
            corner=(LEFT, TOP),
        )
    return folder


def write_files(folder: Path, name: str) -> Path:
    """Write GeoTIFFs of one band and date each."""
    for place, day in enumerate(samples.DAYS):
        for band, values in samples.numbers().items():
            path = folder / name.format(day=day.replace("-", ""), band=band)
            path.parent.mkdir(exist_ok=True)
            write_image(path, {"": values[place]})
    return folder


def write_sen2r(folder: Path) -> Path:
    """Write files of all bands as sen2r does, without descriptions, and SCL in another folder."""
    (folder / "BOA").mkdir()
    (folder / "SCL").mkdir()
    for place, day in enumerate(samples.DAYS):
        numbers = {name: values[place] for name, values in samples.numbers().items()}
        stem = f"S2A2A_{day.replace('-', '')}_051_area"
        name = f"{stem}_BOA_10.tif"
        parts = describe_name(name)
        assert parts is not None
        empty = np.full((samples.HEIGHT, samples.WIDTH), 65535)
        bands = {f"layer {n}": numbers.get(band, empty) for n, band in enumerate(parts.bands)}
        write_image(folder / "BOA" / name, bands, nodata=65535)
        write_image(folder / "SCL" / f"{stem}_SCL_10.tif", {"": numbers["SCL"]})
    return folder


def series(images: Path) -> TimeSeries:
    return series_from_images(str(images), bands=samples.BANDS[:-1], ctx=JobContext())


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> TimeSeries:
    return series(write(tmp_path_factory.mktemp("stack") / "images", "stack"))


@pytest.mark.parametrize("form", FORMS)
def test_equal_arrays(tmp_path: Path, stack: TimeSeries, form: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        images = write(tmp_path / "images", form)
    found = series(images)
    assert found.grid == stack.grid
    assert (found.days, found.dates) == (stack.days, stack.dates)
    assert (found.level, found.season) == (stack.level, stack.season)
    for one, other in zip(found.acquisitions, stack.acquisitions, strict=True):
        assert (one.cloud_share, one.valid_share) == (other.cloud_share, other.valid_share)
    with SeriesReader(found) as reader, SeriesReader(stack) as known:
        for window, pad in ((found.grid.whole, 2), (Window(4, 7, 9, 11), 3)):
            one, other = reader.read(window, pad), known.read(window, pad)
            np.testing.assert_array_equal(one.values, other.values)
            np.testing.assert_array_equal(one.valid, other.valid)
    assert 0.5 < float(other.valid.mean()) < 1.0


@pytest.mark.parametrize("form", ["netcdf3", "zarr3", "items", "safe zips", "files of services"])
def test_written_and_read_again(tmp_path: Path, stack: TimeSeries, form: str) -> None:
    images = write(tmp_path / "images", form)
    output = tmp_path / "a.series.json"
    bands = samples.BANDS[:-1]
    define_series(SeriesJob(images=str(images), output=str(output), bands=bands), JobContext())
    with SeriesReader(read_series(output)) as reader, SeriesReader(stack) as known:
        one, other = reader.read(stack.grid.whole), known.read(stack.grid.whole)
    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(one.valid, other.valid)
    # The output beside them is no image.
    assert series(images).days == stack.days


def test_real_cubes_say_what_is_missing(shared_data: Path) -> None:
    folder = shared_data / "netcdf"
    scl = folder / "belgium_s2_l2a_scl_2023.nc"
    found = series_from_images(str(scl), bands=samples.BANDS[:-1], ctx=JobContext())
    assert [str(date) for date in found.dates] == ["2023-10-07", "2023-10-22", "2023-12-26"]
    # Clear pixels counted from the file by SCL and a disc of 20 m around its clouds.
    assert [round(item.valid_share, 3) for item in found.acquisitions] == [0.416, 1.0, 1.0]
    assert found.level == "L2A"
    monthly = folder / "belgium_monthly_2021.nc"
    with pytest.raises(UserError) as caught:
        series_from_images(str(monthly), bands=("B02", "B11"), ctx=JobContext())
    assert str(caught.value) == (
        f"{monthly} (12 images): it lacks SCL; wanted B02, B11, SCL; found B02, B03, B04, "
        "B05, B06, B07, B08, B11, B12. Add the band SCL, or choose no cloud mask."
    )
    found = series_from_images(str(monthly), bands=("B02", "B11"), mask="none", ctx=JobContext())
    # In December and January all of its unsigned numbers are 65535, no data.
    assert [date.month for date in found.dates] == [11, *range(2, 11)]


def test_contradicting_offset_is_asked_for_and_can_be_given(tmp_path: Path) -> None:
    """Items of Earth Search: the flag says that the offset is applied, the offset stands there."""
    folder = samples.write_items(
        tmp_path / "items",
        {"s2:processing_baseline": "05.09", "earthsearch:boa_offset_applied": True},
    )
    for path in folder.glob("*.json"):
        document = json.loads(path.read_text())
        for name, asset in document["assets"].items():
            if name != "SCL":
                asset["raster:bands"][0]["offset"] = -0.1
        path.write_text(json.dumps(document))
    with pytest.raises(UserError) as caught:
        series(folder)
    message = str(caught.value)
    first = folder / "S2A_31UDS_2021-04-01.json"
    assert message.startswith(f"{first}: item S2A_31UDS_2021-04-01, S2A_31UDS_2021-05-01.json: ")
    assert (
        ": boa_offset_applied is true, and raster:offset is -0.1 all the same. Give scale and "
        "offset: 0.0001 and 0 where the pixels are without the offset of 1000, 0.0001 and -0.1 "
        "where they hold it. Or tell what the images do not, each in a row or all in one with the "
        "image *, in a table "
    ) in message
    assert message.splitlines()[-1].startswith("S2A_31UDS_2021-04-01.json,")
    table = tmp_path / "table.csv"
    table.write_text("image,scale,offset\n*,0.0001,0\n")
    output = tmp_path / "a.series.json"
    job = SeriesJob(
        images=str(folder), output=str(output), bands=samples.BANDS[:-1], image_table=str(table)
    )
    define_series(job, JobContext())
    assert read_series(output).acquisitions[0].assets["B02"].offset == 0.0
