"""Faulty images: every one is named, with what was found there, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import DatasetJob, SeriesJob
from cscl.dataset.job import build_dataset
from cscl.series.job import define_series, series_from_images
from cscl.series.reader import SeriesReader
from small_scene import LEFT, TEN, TOP, flat_bands, noisy_bands, write_folder, write_image

SUMMER = ("20210401", "20210501", "20210601", "20210701")
CUTS = (0.0, 0.001, 0.01, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999)


def refused(folder: Path | str, **options: object) -> UserError:
    """Define a series that must be refused; nothing may be left where it would have been."""
    output = Path(str(folder).split(";")[0]).parent / "out.series.json"
    with pytest.raises(UserError) as caught:
        define_series(SeriesJob(images=str(folder), output=str(output), **options), JobContext())
    assert list(output.parent.glob("*out.series.json*")) == []
    return caught.value


@pytest.mark.parametrize("share", CUTS)
@pytest.mark.parametrize("layout", ["tiles", "strips"])
def test_f21_truncated_image(tmp_path: Path, share: float, layout: str) -> None:
    options = {"tiled": True, "blockxsize": 16, "blockysize": 16} if layout == "tiles" else {}
    folder = write_folder(tmp_path / "images", SUMMER, size=48, compress="deflate", **options)
    image = folder / "S2_L2A_20210601.tif"
    content = image.read_bytes()
    image.write_bytes(content[: int(len(content) * share)])
    error = refused(folder)
    assert len(error.findings) == 1
    assert error.findings[0].subject == str(image)
    assert error.code in ("damaged_image", "unreadable_image")
    if error.code == "damaged_image":
        assert "tile " in str(error) and "(column, row) of " in str(error)
    assert "Copy or download" in str(error) or "Restore or remove" in str(error)


def test_f21_truncated_by_its_last_byte(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", SUMMER, size=48, compress="deflate")
    image = folder / "S2_L2A_20210601.tif"
    image.write_bytes(image.read_bytes()[:-1])
    assert refused(folder).findings[0].subject == str(image)


def test_f21_damaged_in_the_middle_names_the_tile(tmp_path: Path) -> None:
    options = {"tiled": True, "blockxsize": 16, "blockysize": 16, "interleave": "band"}
    folder = write_folder(tmp_path / "images", SUMMER, size=48, compress="deflate", **options)
    image = folder / "S2_L2A_20210601.tif"
    with rasterio.open(image) as file:
        start = int(file.get_tag_item("BLOCK_OFFSET_2_1", "TIFF", bidx=4))
    content = bytearray(image.read_bytes())
    content[start : start + 20] = bytes(20)
    image.write_bytes(content)
    error = refused(folder)
    assert error.code == "damaged_image"
    assert "S2_L2A_20210601.tif: tile 2, 1 (column, row) of B05 cannot be decoded" in str(error)


def test_f21_four_bytes_and_several_files(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", SUMMER, size=48)
    (folder / "S2_L2A_20210401.tif").write_bytes(b"II*\0")
    (folder / "S2_L2A_20210501.tif").write_bytes(b"")
    error = refused(folder)
    assert {Path(item.subject).name for item in error.findings} == {
        "S2_L2A_20210401.tif", "S2_L2A_20210501.tif"
    }  # fmt: skip


def test_f21_damaged_after_the_series_was_defined(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", SUMMER, size=48)
    series = series_from_images(str(folder), ctx=JobContext())
    image = folder / "S2_L2A_20210601.tif"
    image.write_bytes(image.read_bytes()[:-500])
    with SeriesReader(series) as reader, pytest.raises(UserError, match="S2_L2A_20210601.tif"):
        reader.read(series.grid.whole)


def test_f22_virtual_raster_in_disguise(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", SUMMER)
    secret = write_image(tmp_path / "secret.tif", flat_bands())
    (folder / "S2_L2A_20210801.tif").write_text(
        '<VRTDataset rasterXSize="24" rasterYSize="24"><VRTRasterBand dataType="UInt16" band="1">'
        f"<SimpleSource><SourceFilename>{secret}</SourceFilename><SourceBand>1</SourceBand>"
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )
    error = refused(folder)
    assert error.code == "unreadable_image" and "S2_L2A_20210801.tif" in str(error)


@pytest.mark.parametrize(
    "images", ["http://127.0.0.1:9/a", "/vsicurl/http://127.0.0.1:9/a", "MEM:::DATAPOINTER=1"]
)
def test_f23_images_that_are_no_local_path(images: str) -> None:
    with pytest.raises(UserError) as caught:
        series_from_images(images, ctx=JobContext())
    assert caught.value.code == "path_not_local" and images[:7] in str(caught.value)


def test_f24_size_bomb_is_refused_from_its_metadata(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", SUMMER[:2])
    with rasterio.open(
        folder / "S2_L2A_20210801.tif", "w", driver="GTiff", width=300_000, height=300_000,
        count=13, dtype="uint16", crs="EPSG:32631", sparse_ok=True, tiled=True, bigtiff="yes",
        blockxsize=4096, blockysize=4096, transform=Affine(10, 0, LEFT, 0, -10, TOP),
    ):  # fmt: skip
        pass
    error = refused(folder)
    assert error.code == "image_too_large"
    assert "300000 x 300000 pixels in 13 bands" in str(error)


def test_f26_without_a_reference_system(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", SUMMER)
    write_image(folder / "S2_L2A_20210601.tif", noisy_bands(9), crs=None)
    error = refused(folder)
    assert [item.code for item in error.findings] == ["no_crs"]
    assert "S2_L2A_20210601.tif: it has no coordinate reference system" in str(error)


def test_f26_reference_systems_that_differ(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", SUMMER)
    write_image(folder / "S2_L2A_20210401.tif", noisy_bands(9), crs="EPSG:32632")
    error = refused(folder)
    assert [item.code for item in error.findings] == ["crs_differs"]
    assert error.findings[0].subject.endswith("S2_L2A_20210401.tif")
    assert "EPSG:32632" in str(error) and "EPSG:32631" in str(error)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2225"])
def test_f26_reference_systems_that_are_not_in_metres(tmp_path: Path, crs: str) -> None:
    folder = write_folder(tmp_path / "images", SUMMER, crs=crs)
    error = refused(folder)
    assert error.code == "crs_not_metres" and "and 3 more images" in str(error)


def test_f26_parcels_in_another_reference_system_are_reprojected(tmp_path: Path) -> None:
    import geopandas as gpd

    folder = write_folder(tmp_path / "images", SUMMER, size=32)
    shapes = [
        shapely.box(LEFT + x, TOP - y - 80, LEFT + x + 80, TOP - y)
        for x in (0, 80, 160, 240)
        for y in (0, 80, 160, 240)
    ]
    frame = gpd.GeoDataFrame({"crop": ["wheat", "maize"] * 8}, geometry=shapes, crs="EPSG:32631")
    here, there = tmp_path / "here.gpkg", tmp_path / "there.gpkg"
    frame.to_file(here, driver="GPKG")
    frame.to_crs("EPSG:3035").to_file(there, driver="GPKG")
    labels = []
    for parcels in (here, there):
        output = tmp_path / parcels.stem
        ctx = JobContext()
        job = DatasetJob(
            images=str(folder), parcels=str(parcels), class_field="crop", output=str(output)
        )
        build_dataset(job, ctx)
        noted = "reprojected from EPSG:3035 to EPSG:32631" in "\n".join(ctx.noted)
        assert noted == (parcels == there)
        with rasterio.open(output / "labels" / "grid_0" / "labels_2m5.tif") as file:
            labels.append(file.read(1))
    assert np.array_equal(*labels)
    assert set(np.unique(labels[0])) == {1, 2}


@pytest.mark.parametrize(
    ("transform", "found"),
    [
        (Affine(10, 0, LEFT + 5, 0, -10, TOP), "from 500005, 5600000"),
        (Affine(10, 0, LEFT, 0, -10, TOP + 5), "from 500000, 5600005"),
        (Affine(20, 0, LEFT, 0, -20, TOP), "pixels of 20 m"),
        (Affine(10, 0, LEFT + 10, 0, -10, TOP), "from 500010, 5600000"),
    ],
)
def test_f27_grids_that_differ(tmp_path: Path, transform: Affine, found: str) -> None:
    folder = write_folder(tmp_path / "images", SUMMER)
    write_image(folder / "S2_L2A_20210501.tif", noisy_bands(9), transform=transform)
    error = refused(folder)
    assert [item.code for item in error.findings] == ["grid_differs"]
    assert error.findings[0].subject.endswith("S2_L2A_20210501.tif")
    assert found in str(error) and "24 x 24 pixels of 10 m from 500000, 5600000" in str(error)


def test_f27_other_size(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", SUMMER)
    write_image(folder / "S2_L2A_20210501.tif", noisy_bands(9, size=25))
    assert "its grid is 25 x 25 pixels" in str(refused(folder))


@pytest.mark.parametrize(
    "transform",
    [
        Affine(10, 0, LEFT, 0, 10, TOP),  # south up
        Affine(7, 7, LEFT, 7, -7, TOP),  # rotated
        Affine(10, 0, LEFT, 0, -20, TOP),  # not square
        Affine(-10, 0, LEFT, 0, -10, TOP),  # mirrored
    ],
)
def test_f27_rotated_south_up_and_oblong_pixels(tmp_path: Path, transform: Affine) -> None:
    folder = write_folder(tmp_path / "images", SUMMER, transform=transform)
    error = refused(folder)
    assert error.code == "grid_not_north_up" and "rotated, not square or not north up" in str(error)


def test_f27_rounding_errors_of_other_programs_are_no_difference(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", SUMMER)
    nearly = Affine(10.0000000001, 0, LEFT + 1e-7, 0, -10, TOP)
    write_image(folder / "S2_L2A_20210501.tif", noisy_bands(9), transform=nearly)
    assert len(series_from_images(str(folder), ctx=JobContext()).acquisitions) == 4


def test_f28_missing_band_names_wanted_and_found(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", SUMMER)
    fewer = {name: values for name, values in noisy_bands(9).items() if name not in ("B8A", "B11")}
    write_image(folder / "S2_L2A_20210501.tif", fewer)
    error = refused(folder)
    assert error.code == "bands_missing" and len(error.findings) == 1
    text = str(error)
    assert "S2_L2A_20210501.tif: it lacks B8A, B11; wanted B02, B03, B04" in text
    assert "found B02, B03, B04, B05, B06, B07, B08, B12, SCL" in text


def test_f28_order_swapped_is_read_by_name(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", SUMMER)
    bands = flat_bands()
    write_image(folder / "S2_L2A_20210501.tif", {name: bands[name] for name in sorted(bands)[::-1]})
    series = series_from_images(str(folder), ctx=JobContext())
    with SeriesReader(series) as reader:
        values = reader.read(series.grid.whole).values[1, :, 0, 0]
    assert np.allclose(values, (1000 + 10 * np.arange(10)) * 1e-4)


def test_f28_one_band_without_a_name(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", SUMMER)
    write_image(folder / "S2_L2A_20210501.tif", {"": noisy_bands(9)["B02"]})
    error = refused(folder)
    assert error.code == "bands_missing" and "found none" in str(error)
    assert "as description" in str(error)


def test_f28_no_scene_classification(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for date in SUMMER:
        bands = flat_bands()
        del bands["SCL"]
        write_image(folder / f"{date}.tif", bands)
    error = refused(folder)
    assert "it lacks SCL" in str(error) and "choose no cloud mask" in str(error)
    series = series_from_images(str(folder), mask="none", ctx=JobContext())
    assert len(series.acquisitions) == 4


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "uint8", "uint32"])
def test_f28_other_types(tmp_path: Path, dtype: str) -> None:
    folder = write_folder(tmp_path / "images", SUMMER)
    bands = flat_bands(value=10)
    write_image(folder / "S2_L2A_20210501.tif", bands, dtype=dtype)
    error = refused(folder)
    assert [item.code for item in error.findings] == ["wrong_type"]
    assert f"are of type {dtype}" in str(error) and "as uint16 or int16" in str(error)


def test_f28_band_twice(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", SUMMER)
    bands = flat_bands()
    write_image(folder / "S2_L2A_20210501.tif", bands | {"B02_20m": bands["B02"]})
    assert "its bands 1 and 12 are both B02" in str(refused(folder))


def test_all_findings_at_once(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", SUMMER)
    write_image(folder / "undated.tif", flat_bands())
    write_image(folder / "S2_L2A_20210801.tif", flat_bands(), dtype="float32")
    write_image(folder / "S2_L2A_20210802.tif", flat_bands(), crs=None)
    (folder / "S2_L2A_20210803.tif").write_bytes(b"no image")
    write_image(folder / "S2_L2A_20210804.tif", flat_bands(bands=TEN[1:]))
    error = refused(folder)
    assert {(Path(item.subject).name, item.code) for item in error.findings} == {
        ("undated.tif", "no_date"),
        ("S2_L2A_20210801.tif", "wrong_type"),
        ("S2_L2A_20210802.tif", "no_crs"),
        ("S2_L2A_20210803.tif", "unreadable_image"),
        ("S2_L2A_20210804.tif", "bands_missing"),
    }


def test_f32_one_date_and_none(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", SUMMER[:1])
    error = refused(folder)
    assert error.code == "too_few_dates" and "a time series needs 2" in str(error)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert refused(empty).code == "no_images"
    assert refused(tmp_path / "nowhere").code == "images_missing"
