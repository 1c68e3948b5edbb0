"""Windows of NetCDF and Zarr cubes equal what xarray reads, whatever the layout."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import cube_samples as samples
import numpy as np
import pytest
import xarray as xr
from cscl.contract.errors import UserError
from cscl.grid import Grid, Window
from cscl.series.cube_open import check_cube_unchanged, open_cube, stamp_of_cube
from cscl.series.cubes import CubeFiles
from cscl.series.model import Asset
from hypothesis import given
from hypothesis import strategies as some

FORMS = ("netcdf4", "netcdf3", "zarr2", "zarr3")


def write(folder: Path, form: str, cube: xr.Dataset) -> Path:
    if form.startswith("zarr"):
        return samples.write_zarr(folder / f"{form}.zarr", cube, int(form[-1]))
    return getattr(samples, f"write_{form}")(folder / f"{form}.nc", cube)


@pytest.fixture(scope="module")
def cubes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[Path], CubeFiles]]:
    """The series in every form, stored from north to south and from south to north."""
    paths = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for form in FORMS:
            for rising in (False, True):
                folder = tmp_path_factory.mktemp("cube")
                paths.append(write(folder, form, samples.dataset(rising=rising)))
    with CubeFiles(cache_bytes=20_000) as files:
        yield paths, files


LAYERS = some.tuples(some.sampled_from(samples.BANDS), some.integers(0, 3))


@given(
    form=some.integers(0, 2 * len(FORMS) - 1),
    row=some.integers(0, samples.HEIGHT - 1),
    col=some.integers(0, samples.WIDTH - 1),
    height=some.integers(1, samples.HEIGHT),
    width=some.integers(1, samples.WIDTH),
    layers=some.lists(LAYERS, min_size=1),
)
def test_any_window_of_any_layers(
    cubes: tuple[list[Path], CubeFiles],
    form: int,
    row: int,
    col: int,
    height: int,
    width: int,
    layers: list[tuple[str, int]],
) -> None:
    paths, files = cubes
    window = Window(row, col, height, width).clipped(samples.HEIGHT, samples.WIDTH)
    read = files.read([Asset(paths[form], step + 1, member=name) for name, step in layers], window)
    held = samples.numbers()
    assert read.dtype == np.uint16
    wanted = np.stack([held[name][step][window.slices] for name, step in layers])
    np.testing.assert_array_equal(read, wanted)


@pytest.mark.parametrize("form", FORMS)
def test_dimension_of_bands(tmp_path: Path, form: str) -> None:
    path = write(tmp_path, form, samples.stacked())
    assets = [Asset(path, 3, member="reflectance[4]"), Asset(path, 1, member="reflectance[1]")]
    with CubeFiles() as files:
        read = files.read(assets, Window(3, 5, 9, 20))
    held = samples.numbers()
    np.testing.assert_array_equal(read[0], held["B08"][2, 3:12, 5:25])
    np.testing.assert_array_equal(read[1], held["B02"][0, 3:12, 5:25])


def test_dimensions_in_another_order(tmp_path: Path) -> None:
    path = samples.write_netcdf4(tmp_path / "a.nc", samples.dataset().transpose("x", "time", "y"))
    with CubeFiles() as files:
        read = files.read([Asset(path, 2, member="B03")], Window(2, 4, 10, 13))
    np.testing.assert_array_equal(read[0], samples.numbers()["B03"][1, 2:12, 4:17])


def test_shards_of_zarr_3(tmp_path: Path) -> None:
    encoding = {"B04": {"chunks": (1, 8, 10), "shards": (2, 16, 20)}}
    samples.dataset().to_zarr(tmp_path / "a.zarr", zarr_format=3, encoding=encoding)
    asset = Asset(tmp_path / "a.zarr", 4, member="B04")
    with CubeFiles() as files:
        assert files.block_rows(asset) == 8
        read = files.read([asset], Window(5, 7, 12, 19))
    np.testing.assert_array_equal(read[0], samples.numbers()["B04"][3, 5:17, 7:26])


def test_types_and_byte_orders_are_kept(tmp_path: Path) -> None:
    cube = samples.dataset()
    for place, kind in enumerate((">i2", "<i4", ">f4", "f8", "u1")):
        cube[f"v{place}"] = cube["B02"].astype(kind)
    path = samples.write_zarr(tmp_path / "a.zarr", cube, 2)
    with CubeFiles() as files:
        for place, kind in enumerate(("int16", "int32", "float32", "float64", "uint8")):
            read = files.read([Asset(path, 1, member=f"v{place}")], Window(0, 0, 4, 4))
            assert read.dtype == kind
            np.testing.assert_array_equal(read[0], cube[f"v{place}"].values[0, :4, :4])


@pytest.mark.parametrize("form", ["netcdf4", "zarr3"])
def test_each_chunk_is_decoded_once_in_a_walk(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, form, samples.dataset())
    decoded: list[tuple[str, object]] = []
    from cscl.series import cubes

    read_part = cubes._read_part
    monkeypatch.setattr(
        cubes,
        "_read_part",
        lambda variable, part: (decoded.append((variable.name, tuple(part))),
                                read_part(variable, part))[1],
    )  # fmt: skip
    assets = [Asset(path, step, member=name) for step in (1, 2, 3, 4) for name in samples.BANDS]
    with CubeFiles() as files:
        for row in range(0, samples.HEIGHT, 5):
            for col in range(0, samples.WIDTH, 7):
                window = Window(row, col, 5, 7).grown(2).clipped(samples.HEIGHT, samples.WIDTH)
                files.read(assets, window)
    chunks = 3 * 2 * len(samples.BANDS) * (2 if form == "zarr3" else 4)
    assert len(decoded) == len(set(decoded)) == chunks


def test_kept_chunks_are_bounded(tmp_path: Path) -> None:
    path = samples.write_netcdf4(tmp_path / "a.nc", samples.dataset())
    with CubeFiles(cache_bytes=1000) as files:
        for step in (1, 2, 3, 4):
            read = files.read([Asset(path, step, member="B02")], Window(0, 0, 22, 30))
            np.testing.assert_array_equal(read[0], samples.numbers()["B02"][step - 1])
            assert files._held <= 1000


def test_few_files_are_open(tmp_path: Path) -> None:
    paths = [samples.write_netcdf4(tmp_path / f"{n}.nc", samples.dataset()) for n in range(3)]
    with CubeFiles(limit=2) as files:
        for path in [*paths, *paths]:
            files.read([Asset(path, 1, member="B02")], Window(0, 0, 2, 2))
            assert len(files._open) <= 2
        assert files.block_rows(Asset(paths[0], 1, member="B02")) == 8


@pytest.mark.parametrize("name", ["belgium_s2_l2a_scl_2023.nc", "belgium_monthly_2021.nc"])
def test_real_files_equal_what_xarray_reads(shared_data: Path, name: str) -> None:
    path = shared_data / "netcdf" / name
    engine = "h5netcdf" if "monthly" in name else "scipy"
    with xr.open_dataset(path, engine=engine, mask_and_scale=False) as known:
        bands = [str(band) for band in known.data_vars if str(band).startswith("S2")]
        steps, height, width = known[bands[0]].shape
        assets = [Asset(path, t + 1, member=band) for band in bands for t in range(steps)]
        with CubeFiles() as files:
            read = files.read(assets, Window(3, 5, height - 6, width - 9))
        # Their signed numbers are marked as `_Unsigned`, which mask_and_scale=False leaves alone.
        wanted = np.concatenate([known[band].values for band in bands]).astype("<i2").view("<u2")
        np.testing.assert_array_equal(read, wanted[:, 3 : height - 3, 5 : width - 4])
    assert read.dtype == np.uint16


def test_grid_and_steps_of_a_series_are_checked(tmp_path: Path) -> None:
    path = samples.write_netcdf4(tmp_path / "a.nc", samples.dataset())
    window = Window(0, 0, 2, 2)
    grid = Grid("EPSG:32631", (10, 0, 0, 0, -10, 0), 31, 22)
    cases = [
        (Asset(path, 1, member="B02", grid=grid),
         "its variable B02 has 30 x 22 pixels, the time series 31 x 22"),
        (Asset(path, 5, member="B02"), "its variable B02 has no step 5 of B02"),
        (Asset(path, 1, member="B99"), "it has no variable 'B99' over y and x"),
        (Asset(path, 1, member="time"), "it has no variable 'time' over y and x"),
        (Asset(path, 1, member="B02[2]"), "its variable B02 has no step 1 of B02[2]"),
    ]  # fmt: skip
    for asset, found in cases:
        with CubeFiles() as files, pytest.raises(UserError) as caught:
            files.read([asset], window)
        assert str(caught.value) == f"{path}: {found}. Define the time series again."
        assert caught.value.code == "image_changed"


@pytest.mark.parametrize("form", ["netcdf4", "zarr2"])
def test_f35_changed_cube(tmp_path: Path, form: str) -> None:
    path = write(tmp_path, form, samples.dataset())
    stamp = stamp_of_cube(path)
    check_cube_unchanged(path, stamp)
    changed = path / "B02" / "0.0.0" if path.is_dir() else path
    changed.write_bytes(changed.read_bytes() + b"x")
    with CubeFiles() as files, pytest.raises(UserError) as caught:
        files.read([Asset(path, 1, member="B02")], Window(0, 0, 2, 2), {path: stamp})
    assert str(caught.value) == (
        f"{path}: it changed after the time series was defined ({stamp.size} bytes then, "
        f"{stamp.size + 1} bytes now). Define the time series again."
    )


def test_f35_folder_changed_while_it_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = samples.write_zarr(tmp_path / "a.zarr", samples.dataset(), 3)
    stamps, asset = {path: stamp_of_cube(path)}, Asset(path, 1, member="B02")
    with CubeFiles() as files:
        files.read([asset], Window(0, 0, 2, 2), stamps)
        (path / "B08" / "c" / "0" / "0" / "0").unlink()
        monkeypatch.setattr("cscl.series.cubes.LOOK_AGAIN", 1e9)
        files.read([asset], Window(0, 0, 2, 2), stamps)
        monkeypatch.setattr("cscl.series.cubes.LOOK_AGAIN", 0)
        with pytest.raises(UserError, match="it changed after the time series was defined"):
            files.read([asset], Window(0, 0, 2, 2), stamps)


def test_metadata_of_real_file(shared_data: Path) -> None:
    cube = open_cube(shared_data / "netcdf" / "belgium_monthly_2021.nc")
    try:
        band = cube.variables["S2-L2A-B05"]
        assert (band.dims, band.shape, band.chunks) == (
            ("t", "y", "x"), (12, 100, 100), (1, 100, 100)
        )  # fmt: skip
        assert band.attributes["grid_mapping"] == "crs"
        assert cube.attributes["Conventions"] == "CF-1.9"
    finally:
        cube.close()
