"""What NetCDF and Zarr cubes hold is described as their writers meant it, or refused in words."""

from __future__ import annotations

import datetime
import math
from pathlib import Path

import cube_samples as samples
import numpy as np
import pytest
import xarray as xr
from cscl.grid import Grid
from cscl.series.cube_model import Variable
from cscl.series.formats.common_names import known_band
from cscl.series.formats.cube import CUBE
from cscl.series.formats.cube_numbers import Scaling, nodata_of, scaling_of
from cscl.series.images import Hint, Image, Wanted
from small_scene import LEFT, TOP, UTM

GRID = Grid(UTM, (10.0, 0.0, LEFT, 0.0, -10.0, TOP), samples.WIDTH, samples.HEIGHT)
DATES = [datetime.date.fromisoformat(day) for day in samples.DAYS]


def refusal(path: Path, wanted: Wanted = samples.WANTED) -> str:
    """Return the one thing that stands against a cube."""
    images, problems, _ = samples.described(CUBE, path, wanted=wanted)
    assert images == []
    assert len(problems) == 1
    return problems[0].removeprefix(f"{path}: ")


def accepted(path: Path, wanted: Wanted = samples.WANTED) -> list[Image]:
    images, problems, _ = samples.described(CUBE, path, wanted=wanted)
    assert problems == []
    return images


@pytest.mark.parametrize("rising", [False, True])
@pytest.mark.parametrize("form", ["netcdf4", "netcdf3", "zarr2", "zarr3"])
def test_variables_by_band(tmp_path: Path, form: str, rising: bool) -> None:
    cube = samples.dataset(rising=rising)
    if form.startswith("zarr"):
        path = samples.write_zarr(tmp_path / "S2_L2A.zarr", cube, int(form[-1]))
    else:
        path = getattr(samples, f"write_{form}")(tmp_path / "S2_L2A.nc", cube)
    images = accepted(path)
    assert [image.date for image in images] == DATES
    assert [image.grid for image in images] == [GRID] * 4
    assert [image.source for image in images][:2] == [
        f"{path.name}: step 1 (2021-04-01)", f"{path.name}: step 2 (2021-05-01)"
    ]  # fmt: skip
    for step, image in enumerate(images, start=1):
        assert list(image.assets) == list(samples.BANDS)
        asset = image.assets["B03"]
        assert (asset.path, asset.member, asset.index, asset.dtype) == (path, "B03", step, "uint16")
        assert (asset.scale, asset.offset) == (0.0001, 0.0)
        assert image.assumed_scale and image.level == "L2A"
        assert set(image.stamps) == {path}


@pytest.mark.parametrize("form", ["netcdf4", "zarr2", "zarr3"])
def test_one_variable_with_a_dimension_of_bands(tmp_path: Path, form: str) -> None:
    cube = samples.stacked()
    if form == "netcdf4":
        path = samples.write_netcdf4(tmp_path / "a.nc", cube)
    else:
        path = samples.write_zarr(tmp_path / "a.zarr", cube, int(form[-1]))
    images = accepted(path)
    assert images[3].assets["B08"].member == "reflectance[4]"
    assert images[3].assets["B08"].index == 4
    assert images[3].assets["SCL"].member == "reflectance[5]"
    assert images[0].grid == GRID


def test_bands_of_classic_netcdf_are_single_characters(tmp_path: Path) -> None:
    path = samples.write_netcdf3(tmp_path / "a.nc", samples.stacked())
    assert accepted(path)[1].assets["SCL"].member == "reflectance[5]"


def test_descriptions_of_numbered_bands(tmp_path: Path) -> None:
    cube = samples.stacked().assign_coords(band=[1, 2, 3, 4, 5])
    cube["reflectance"].attrs["long_name"] = list(samples.BANDS)
    path = samples.write_netcdf4(tmp_path / "a.nc", cube)
    assert accepted(path)[0].assets["B04"].member == "reflectance[3]"


def test_names_that_a_person_gives(tmp_path: Path) -> None:
    path = samples.write_netcdf4(
        tmp_path / "a.nc", samples.stacked().assign_coords(band=[1, 2, 3, 4, 5])
    )
    assert refusal(path) == (
        "none of its variables over y and x is named after a band (reflectance[1], "
        "reflectance[2], reflectance[3], reflectance[4], reflectance[5]). Name them B02, B03, "
        "..., or give their names in their order."
    )
    given = Wanted(("B02",), "SCL", {"a.nc": Hint(bands=("B02", "", "red", "B8A", "SCL"))})
    assets = accepted(path, given)[0].assets
    assert {name: asset.member for name, asset in assets.items()} == {
        "B02": "reflectance[1]", "B04": "reflectance[3]", "B8A": "reflectance[4]",
        "SCL": "reflectance[5]",
    }  # fmt: skip
    short = Wanted(("B02",), "", {"*": Hint(bands=("B02",))})
    assert refusal(path, short) == (
        "it has 5 bands (reflectance[1], reflectance[2], reflectance[3], reflectance[4], "
        "reflectance[5]), and 1 names are given for them. Name every band of the file in its "
        "order; leave empty what is not to be used."
    )


def test_real_scl_cube(shared_data: Path) -> None:
    path = shared_data / "netcdf" / "belgium_s2_l2a_scl_2023.nc"
    images, problems, notes = samples.described(CUBE, path)
    assert problems == notes == []
    assert len(images) == 19
    assert (images[0].date, images[-1].date) == (
        datetime.date(2023, 10, 2), datetime.date(2023, 12, 31)
    )  # fmt: skip
    assert sorted(images[0].assets) == ["B02", "B03", "B04", "B08", "SCL"]
    assert images[0].grid == Grid(UTM, (10.0, 0.0, 587880.0, 0.0, -10.0, 5685430.0), 46, 52)
    assert images[0].level == "L2A" and images[0].assumed_scale
    assert images[0].assets["SCL"].dtype == "uint16"


def test_real_monthly_cube(shared_data: Path) -> None:
    path = shared_data / "netcdf" / "belgium_monthly_2021.nc"
    images, problems, notes = samples.described(CUBE, path)
    assert problems == []
    assert notes == [
        "belgium_monthly_2021.nc: variables that are no band of Sentinel-2 are passed over "
        "(S1-SIGMA0-VH, S1-SIGMA0-VV, slope, elevation, AGERA5-PRECIP, ...)."
    ]
    assert [image.date for image in images[:2]] == [
        datetime.date(2020, 11, 1), datetime.date(2020, 12, 1)
    ]  # fmt: skip
    assert len(images) == 12
    assert list(images[0].assets) == [
        "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B11", "B12"
    ]  # fmt: skip
    assert images[0].grid == Grid(UTM, (10.0, 0.0, 664000.0, 0.0, -10.0, 5612120.0), 100, 100)


def test_scale_and_offset_of_cf(tmp_path: Path) -> None:
    cube = samples.dataset()
    for name in samples.BANDS[:-1]:
        cube[name].attrs |= {"scale_factor": 0.0002, "add_offset": -0.1, "_FillValue": 9}
    image = accepted(samples.write_zarr(tmp_path / "a.zarr", cube, 2))[0]
    asset = image.assets["B02"]
    assert (asset.scale, asset.offset, asset.nodata) == (0.0002, -0.1, 9.0)
    assert not image.assumed_scale
    assert (image.assets["SCL"].scale, image.assets["SCL"].offset) == (1.0, 0.0)


def test_floats_need_a_scale_or_units(tmp_path: Path) -> None:
    cube = samples.dataset()
    for name in samples.BANDS[:-1]:
        cube[name] = cube[name].astype("float32") / 10000
    path = samples.write_netcdf4(tmp_path / "a.nc", cube)
    assert refusal(path) == (
        "its bands B02, B03, B04, B08 are of type float32, and neither scale nor units are "
        "written. Give scale and offset: 1 and 0 where they hold reflectance of 0 to 1, 0.0001 "
        "and 0 where it is times 10000."
    )
    given = Wanted(("B02",), "", {"*": Hint(scale=1.0, offset=0.0)})
    assert accepted(path, given)[0].assets["B02"].scale == 1.0
    for name in samples.BANDS[:-1]:
        cube[name].attrs["units"] = "reflectance"
    image = accepted(samples.write_netcdf4(tmp_path / "b.nc", cube))[0]
    assert (image.assets["B02"].scale, image.assets["B02"].dtype) == (1.0, "float32")
    assert not image.assumed_scale


@pytest.mark.parametrize(
    "name, band",
    [("B02", "B02"), ("B2", "B02"), ("b8a", "B8A"), ("S2-L2A-B11", "B11"), ("SCL", "SCL"),
     ("S2-L2A-SCL", "SCL"), ("TOC-B02_10M", "B02"), ("B05_20m", "B05"), ("SCL_20m", "SCL"),
     ("blue", "B02"), ("rededge2", "B06"), ("nir08", "B8A"), ("swir22", "B12"), ("scl", "SCL"),
     ("rededge", ""), ("S1-SIGMA0-VV", ""), ("L8-B04", ""), ("LC08_B4", ""), ("B13", ""),
     ("B02_std", ""), ("AGERA5-TMEAN", ""), ("B002", ""), ("visual", ""), ("", "")],
)  # fmt: skip
def test_names_of_bands(name: str, band: str) -> None:
    assert known_band(name) == band


@pytest.mark.parametrize(
    "units, values",
    [("days since 1990-01-01", [11413, 11443.5]), ("hours since 2021-4-1 00:00:00", [0, 732]),
     ("seconds since 1970-01-01T00:00:00Z", [1617235200, 1619870400]),
     ("milliseconds since 1970-01-01", [1617235200000, 1619870400000]),
     ("minutes since 2021-03-31 23:00:00.000000", [60, 43980])],
)  # fmt: skip
@pytest.mark.parametrize("calendar", ["standard", "proleptic_gregorian", None])
def test_time_as_cf_writes_it(
    tmp_path: Path, units: str, values: list[float], calendar: str | None
) -> None:
    cube = samples.dataset().isel(time=slice(0, 2))
    attributes = {"units": units} | ({"calendar": calendar} if calendar else {})
    cube = cube.assign_coords(time=("time", np.array(values, "float64"), attributes))
    images = accepted(samples.write_netcdf4(tmp_path / "a.nc", cube))
    assert [image.date for image in images] == [
        datetime.date(2021, 4, 1), datetime.date(2021, 5, 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "attributes, problem",
    [({"units": "days since 1990-01-01", "calendar": "360_day"},
      "the calendar of its coordinate time is 360_day"),
     ({"units": "months since 1990-01-01"},
      "the units of its coordinate time are 'months since 1990-01-01', no time since a date"),
     ({}, "the units of its coordinate time are '', no time since a date"),
     ({"units": "days since 1990-13-01"}, "its coordinate time holds steps that are no dates")],
)  # fmt: skip
def test_f32_time_that_is_none(tmp_path: Path, attributes: dict[str, str], problem: str) -> None:
    cube = samples.dataset().assign_coords(time=("time", [1.0, 2.0, 3.0, 4.0], attributes))
    assert refusal(samples.write_netcdf4(tmp_path / "a.nc", cube)) == (
        f"{problem}. Write a coordinate t or time with units such as days since 1970-01-01."
    )


def test_passes_of_a_day_stay_apart_and_a_single_date_is_enough(tmp_path: Path) -> None:
    cube = samples.dataset()
    day = np.array(["2021-04-01T10", "2021-04-01T11"], "datetime64[ns]")
    twice = cube.isel(time=slice(0, 2)).assign_coords(time=day)
    images = accepted(samples.write_netcdf4(tmp_path / "a.nc", twice))
    assert [(image.date, image.assets["B02"].index) for image in images] == [
        (DATES[0], 1), (DATES[0], 2)
    ]  # fmt: skip
    single = accepted(samples.write_netcdf4(tmp_path / "b.nc", cube.isel(time=2)))
    assert [(image.date, image.source) for image in single] == [(DATES[2], "b.nc")]
    bare = cube.isel(time=2).drop_vars("time")
    named = accepted(samples.write_netcdf4(tmp_path / "S2_20210601.nc", bare))
    assert [image.date for image in named] == [DATES[2]]
    assert refusal(samples.write_netcdf4(tmp_path / "c.nc", bare)) == (
        "neither its name nor its metadata hold a date. Write a coordinate t or time with units "
        "such as days since 1970-01-01."
    )
    hinted = Wanted(("B02",), "", {"c.nc": Hint(date=DATES[1])})
    assert [image.date for image in accepted(tmp_path / "c.nc", hinted)] == [DATES[1]]


def reference(cube: xr.Dataset, where: str) -> xr.Dataset:
    """Write the reference system in one of the places that tools use."""
    bare = cube.drop_vars("spatial_ref")
    for name in bare.data_vars:
        bare[name].attrs.pop("grid_mapping")
    if where == "crs":
        return bare.assign_attrs(crs="EPSG:32631")
    if where == "init":
        return bare.assign_attrs(crs="+init=epsg:32631")
    if where == "proj:epsg":
        return bare.assign_coords({"proj:epsg": 32631})
    mapping = {
        "spatial_ref": {"spatial_ref": samples.wkt()},
        "spatial_epsg": {"spatial_epsg": 32631},
    }
    bare["crs"] = ((), 0, mapping[where])
    for name in samples.BANDS:
        bare[name].attrs["grid_mapping"] = "crs"
    return bare


@pytest.mark.parametrize("where", ["crs", "init", "proj:epsg", "spatial_ref", "spatial_epsg"])
def test_places_of_the_reference_system(tmp_path: Path, where: str) -> None:
    cube = reference(samples.dataset(), where)
    assert accepted(samples.write_zarr(tmp_path / "a.zarr", cube, 3))[0].grid == GRID


def test_f26_no_reference_system_or_degrees(tmp_path: Path) -> None:
    cube = samples.dataset()
    bare = reference(cube, "crs").assign_attrs(crs="somewhere")
    assert refusal(samples.write_netcdf4(tmp_path / "a.nc", bare)) == (
        "it has no coordinate reference system. Assign the one it was made in, for example with "
        "gdal_edit or in QGIS."
    )
    degrees = bare.assign_attrs(crs="EPSG:4326").assign_coords(
        x=3 + 1e-4 * np.arange(30), y=50 - 1e-4 * np.arange(22)
    )
    assert refusal(samples.write_netcdf4(tmp_path / "b.nc", degrees)) == (
        "its coordinates (EPSG:4326) are not metres. Reproject the images to the UTM zone of the "
        "area."
    )


def test_f27_grids_of_cubes(tmp_path: Path) -> None:
    cube = samples.dataset()
    uneven = cube.assign_coords(x=cube.x + np.where(np.arange(30) == 4, 0.5, 0.0))
    assert refusal(samples.write_netcdf4(tmp_path / "a.nc", uneven)) == (
        "the steps of its coordinate x are not equal (up to 0.05 pixels off). Warp the cube to "
        "one regular grid in metres."
    )
    nothing = cube.drop_vars(("x", "y"))
    assert refusal(samples.write_netcdf4(tmp_path / "b.nc", nothing)) == (
        "it has neither coordinates along y and x nor the attribute GeoTransform. Write the cube "
        "with its coordinates, for example with xarray."
    )
    nothing["spatial_ref"].attrs["GeoTransform"] = f"{LEFT} 10 0 {TOP} 0 -10"
    assert accepted(samples.write_netcdf4(tmp_path / "c.nc", nothing))[0].grid == GRID
    mirrored = cube.isel(x=slice(None, None, -1))
    assert "rotated, not square or not north up" in refusal(
        samples.write_netcdf4(tmp_path / "d.nc", mirrored)
    )
    # A cube that was cut keeps the attribute of the whole one: its coordinates count.
    cut = cube.isel(x=slice(5, 20), y=slice(2, 12))
    cut["spatial_ref"].attrs["GeoTransform"] = f"{LEFT} 10 0 {TOP} 0 -10"
    grid = accepted(samples.write_netcdf3(tmp_path / "e.nc", cut))[0].grid
    assert grid == Grid(UTM, (10.0, 0.0, LEFT + 50, 0.0, -10.0, TOP - 20), 15, 10)


def test_f28_bands_twice_or_on_other_dates(tmp_path: Path) -> None:
    cube = samples.dataset()
    twice = cube.assign({"S2-L2A-B02": cube["B02"]})
    assert refusal(samples.write_netcdf4(tmp_path / "a.nc", twice)) == (
        "its B02 and S2-L2A-B02 are both B02. Give each band a name of its own."
    )
    other = cube.assign(B03=cube["B03"].isel(time=0, drop=True))
    assert refusal(samples.write_netcdf4(tmp_path / "b.nc", other)) == (
        "its B03 have other dates or pixels than its B02. Write all bands on the same dates and "
        "grid."
    )


@pytest.mark.parametrize("text", ["Affine(10.0, 0.0, 500000.0,\n       0.0, -10.0, 5600000.0)",
                                  [10.0, 0.0, 500000.0, 0.0, -10.0, 5600000.0]])  # fmt: skip
def test_f27_coordinates_of_stackstac_are_corners(tmp_path: Path, text: object) -> None:
    cube = samples.stacked()
    cube["reflectance"].attrs["transform"] = text
    assert accepted(samples.write_netcdf4(tmp_path / "a.nc", cube))[0].grid == GRID
    corners = cube.assign_coords(x=cube.x - 5, y=cube.y + 5)
    assert accepted(samples.write_netcdf4(tmp_path / "b.nc", corners))[0].grid == GRID
    del corners["reflectance"].attrs["transform"]
    path = samples.write_netcdf4(tmp_path / "d.nc", corners)
    images, problems, notes = samples.described(CUBE, path)
    assert problems == [] and images[0].grid.transform[2] == LEFT - 5
    assert notes == [
        "d.nc: its pixels begin half a pixel off the multiples of 10 m: if its coordinates are "
        "corners, not centres, everything is half a pixel off; stackstac's attribute transform, "
        "kept in the cube, would tell."
    ]
    corners["reflectance"].attrs["transform"] = text
    cut = corners.isel(x=slice(4, None), y=slice(2, None))
    grid = accepted(samples.write_zarr(tmp_path / "c.zarr", cut, 3))[0].grid
    assert grid.transform == (10.0, 0.0, LEFT + 40, 0.0, -10.0, TOP - 20)


def test_descriptions_of_numbered_variables(tmp_path: Path) -> None:
    cube = samples.dataset()
    for name in samples.BANDS:
        cube[name].attrs["long_name"] = name
    cube = cube.rename({name: f"band_{n}" for n, name in enumerate(samples.BANDS, start=1)})
    image = accepted(samples.write_zarr(tmp_path / "a.zarr", cube, 3))[0]
    members = {name: asset.member for name, asset in image.assets.items()}
    assert members == {name: f"band_{n}" for n, name in enumerate(samples.BANDS, start=1)}


def variable(dtype: str, **attributes: object) -> Variable:
    return Variable("B02", ("y", "x"), (2, 2), np.dtype(dtype), None, attributes, lambda part: None)


@pytest.mark.parametrize(
    "attributes, nodata",
    [({}, None), ({"_FillValue": 0}, 0.0), ({"missing_value": -9999}, -9999.0),
     ({"_FillValue": math.nan}, None), ({"_FillValue": math.nan, "nodata": 5}, 5.0),
     ({"_FillValue": "AAAAAAAA+H8="}, None), ({"_FillValue": "AAAAAACI08A="}, -20000.0),
     ({"nodatavals": [7, 7]}, 7.0), ({"nodatavals": [7, 8]}, None), ({"_FillValue": True}, None)],
)  # fmt: skip
def test_numbers_that_stand_for_no_data(attributes: dict, nodata: float | None) -> None:
    assert nodata_of(variable("int16", **attributes)) == nodata


def test_no_data_of_unsigned_numbers() -> None:
    assert nodata_of(variable("int16", _Unsigned="true", _FillValue=-1)) == 65535.0
    assert nodata_of(variable("uint16", _FillValue=65535)) == 65535.0


@pytest.mark.parametrize(
    "dtype, attributes, scaling",
    [("uint16", {}, Scaling(0.0001, 0.0, assumed=True)),
     ("uint16", {"scale_factor": 1.0, "add_offset": 0.0}, Scaling(0.0001, 0.0, assumed=True)),
     ("int16", {"scale_factor": 0.001}, Scaling(0.001)),
     ("int16", {"scales": [0.01, 0.01], "offsets": [0.0, 0.0]}, Scaling(0.01)),
     ("int16", {"scale_factor": 0.0}, None), ("int16", {"scale_factor": "x"}, None),
     ("float32", {}, None), ("float32", {"units": ""}, None),
     ("float32", {"units": "1"}, Scaling(1)),
     ("float64", {"scale_factor": 1.0, "add_offset": 0.0}, None),
     ("float64", {"scale_factor": 1e-4}, Scaling(1e-4))],
)  # fmt: skip
def test_scales(dtype: str, attributes: dict, scaling: Scaling | None) -> None:
    assert scaling_of(variable(dtype, **attributes), Hint()) == scaling
