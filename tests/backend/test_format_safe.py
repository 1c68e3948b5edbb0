"""SAFE products: real ones, and complete trees of every naming, level and baseline."""

from __future__ import annotations

import datetime
import re
import shutil
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import rasterio
from cscl.context import JobContext
from cscl.contract.errors import Finding, Findings, UserError
from cscl.grid import Grid, Window
from cscl.series.formats.safe import SAFE
from cscl.series.formats.safe_files import MAXIMUM_FILES
from cscl.series.images import Hint, Image, Wanted
from cscl.series.job import series_from_images
from cscl.series.model import DEFAULT_BANDS, Asset
from cscl.series.raster import open_raster, reading_environment
from cscl.series.reader import SeriesReader
from cscl.series.xml_document import MAXIMUM_BYTES, parse_xml
from safe_trees import BANDS, CORNER, NATIVE, jp2_bytes, write_safe

DAY = datetime.date(2021, 5, 1)
REAL_L2A = "S2A_MSIL2A_20221005T115411_N0400_R023_T29UNU_20221005T164454.SAFE"
REAL_L1C = "S2A_MSIL1C_20180629T000241_N0206_R030_T56JMM_20180629T012042.zip"
TEN_METRES = ("B02", "B03", "B04", "B08")


def found(
    paths: Sequence[Path], bands: Sequence[str] = DEFAULT_BANDS, mask: str = ""
) -> tuple[list[Image], list[Finding], list[str]]:
    """Return images, findings and notes of what SAFE claims among `paths`."""
    findings, notes = Findings(), []
    images = SAFE.describe(SAFE.claim(paths), Wanted(tuple(bands), mask), findings, notes)
    return images, findings.items, notes


def only(path: Path, bands: Sequence[str] = DEFAULT_BANDS, mask: str = "") -> Image:
    images, findings, _ = found([path], bands, mask)
    assert not findings
    (image,) = images
    return image


def refused(path: Path, bands: Sequence[str] = DEFAULT_BANDS, mask: str = "") -> Finding:
    images, (finding,), _ = found([path], bands, mask)
    assert not images
    return finding


def numbers(asset: Asset) -> np.ndarray:
    with reading_environment(), open_raster(asset.path, asset.member) as dataset:
        return dataset.read(asset.index)


def reflectance(asset: Asset) -> np.ndarray:
    stored = numbers(asset)
    return np.where(stored == asset.nodata, np.nan, stored * asset.scale + asset.offset)


def scene(size: int = 120, seed: int = 5, *, level: str = "L2A") -> dict[str, np.ndarray]:
    """Return reflectance of all bands of a level over a square of `size` metres."""
    rng = np.random.default_rng(seed)
    bands = [band for band in BANDS if level == "L1C" or band != "B10"]
    return {
        band: np.round(rng.uniform(0.01, 0.6, (size // NATIVE[band],) * 2), 4) for band in bands
    }


def classes(size: int = 120) -> np.ndarray:
    return np.random.default_rng(9).integers(0, 12, (size // 20, size // 20))


def test_real_l2a_at_60_metres(shared_data: Path) -> None:
    product = shared_data / "safe" / REAL_L2A
    image = only(product, ("B01", "B09"), "SCL")
    assert (image.date, image.level) == (datetime.date(2022, 10, 5), "L2A")
    assert image.product == ("S2A_MSIL2A_20221005T115411_R023_T29UNU", 400)
    assert (image.source, image.path) == (REAL_L2A, product)
    grid = Grid("EPSG:32629", (60.0, 0.0, 499980.0, 0.0, -60.0, 5900040.0), 1830, 1830)
    assert {name: asset.grid for name, asset in image.assets.items()} == dict.fromkeys(
        ("B01", "B09", "SCL"), grid
    )
    aerosol, classification = image.assets["B01"], image.assets["SCL"]
    assert (aerosol.scale, aerosol.offset, aerosol.nodata, aerosol.dtype) == (
        0.0001,
        -0.1,
        0.0,
        "uint16",
    )
    assert (classification.scale, classification.offset, classification.dtype) == (1.0, 0, "uint8")
    assert set(image.stamps) == {asset.path for asset in image.assets.values()}
    stored = numbers(aerosol)
    # The metadata say that 40.419397 % of the pixels hold no data.
    assert (stored == 0).mean() == pytest.approx(0.40419397, abs=2e-3)
    values = stored[stored > 0] * aerosol.scale + aerosol.offset
    assert values.mean() == pytest.approx((stored[stored > 0].mean() - 1000) / 10_000)
    assert 0.05 < np.median(values) < 0.5


def test_real_l2a_as_a_series_of_60_metres(shared_data: Path, tmp_path: Path) -> None:
    """The product and a copy of another date, as there is only one: real pixels all the same."""
    product = shared_data / "safe" / REAL_L2A
    other = tmp_path / REAL_L2A.replace("20221005", "20221015")
    shutil.copytree(product, other, ignore=shutil.ignore_patterns("*_10m.jp2", "*_20m.jp2"))
    document = other / "MTD_MSIL2A.xml"
    document.write_text(document.read_text().replace("2022-10-05T11", "2022-10-15T11"))
    context = JobContext()
    series = series_from_images(
        f"{product};{other}", ctx=context, bands=("B01", "B09"), season="2022-10-01/2022-10-31"
    )
    assert (series.grid.resolution, series.grid.shape) == (60, (1830, 1830))
    assert [item.date.day for item in series.acquisitions] == [5, 15]
    # Counted apart: neither without data nor masked by SCL, whose 20 m are less than a pixel.
    assert series.acquisitions[0].valid_share == pytest.approx(0.17833, abs=1e-4)
    with SeriesReader(series) as reader:
        stack = reader.read(Window(1200, 600, 120, 120))
    np.testing.assert_array_equal(stack.values[0], stack.values[1])
    with rasterio.open(next(product.rglob("*_B09_60m.jp2"))) as dataset:
        expected = dataset.read(1, window=((1200, 1320), (600, 720))) * 0.0001 - 0.1
    valid = stack.valid[0]
    assert valid.sum() == 305
    np.testing.assert_allclose(stack.values[0, 1][valid], expected[valid], atol=1e-6)


def test_real_l2a_says_which_files_are_missing(shared_data: Path) -> None:
    product = shared_data / "safe" / REAL_L2A
    finding = refused(product, DEFAULT_BANDS, "SCL")
    stem = "T29UNU_20221005T115411"
    names = [f"{stem}_{band}_10m.jp2" for band in TEN_METRES]
    names += [f"{stem}_{band}_20m.jp2" for band in ("B05", "B06", "B07", "B11", "B12", "B8A")]
    assert str(finding) == (
        f"{product}: its metadata name files of 10 m and 20 m that it does not hold (10): "
        f"{', '.join(names)}. Download the product again, whole, or choose bands whose files are "
        "there (B01, B09)."
    )
    assert finding.code == "files_missing"


def test_real_l1c_zip_is_read_in_place(shared_data: Path) -> None:
    product = shared_data / "safe" / REAL_L1C
    before = sorted(item.name for item in product.parent.iterdir())
    images, findings, notes = found([product], BANDS)
    (image,) = images
    assert not findings
    assert (image.date, image.level) == (datetime.date(2018, 6, 29), "L1C")
    assert image.product == ("S2A_MSIL1C_20180629T000241_R030_T56JMM", 206)
    assert list(image.stamps) == [product]
    # Its pixels were decimated by those who published it: the files know where they lie.
    assert len(notes) == 1
    assert notes[0].startswith(
        f"{REAL_L1C}: its files hold larger or smaller pixels than its metadata say (B01 "
        "1504.109589 m, B02 250.1138952 m, "
    )
    for name, shape in (("B04", (439, 439)), ("B8A", (219, 219)), ("B10", (73, 73))):
        asset = image.assets[name]
        assert asset.grid is not None and asset.grid.shape == shape
        left, bottom, right, top = asset.grid.bounds
        assert (left, top, right, bottom) == pytest.approx((399960, 6700000, 509760, 6590200))
        assert (asset.scale, asset.offset, asset.nodata) == (0.0001, 0.0, 0.0)
        values = reflectance(asset)
        assert values.shape == shape
        assert 0.0 < np.nanmean(values) < 0.5
    assert sorted(item.name for item in product.parent.iterdir()) == before


def test_real_l1c_has_no_classification(shared_data: Path) -> None:
    product = shared_data / "safe" / REAL_L1C
    assert str(refused(product, ("B02", "B04"), "SCL")) == (
        f"{product}: it lacks SCL; wanted B02, B04, SCL; found B01, B02, B03, B04, B05, B06, B07, "
        "B08, B09, B10, B11, B12, B8A. Choose no cloud mask: the scene classification comes with "
        "L2A products only."
    )


@pytest.mark.parametrize("zipped", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize(
    ("level", "naming", "baseline", "offset"),
    [
        ("L1C", "old", "02.01", 0),
        ("L1C", "new", "02.07", 0),
        ("L1C", "new", "04.00", -1000),
        ("L2A", "old", "02.04", 0),
        ("L2A", "sen2cor", "02.05", 0),
        ("L2A", "new", "02.07", 0),
        ("L2A", "new", "04.00", -1000),
        ("L2A", "new", "05.09", -1000),
    ],
)
def test_every_naming_level_and_baseline(
    tmp_path: Path, level: str, naming: str, baseline: str, offset: int, zipped: bool
) -> None:
    arrays = scene(level=level)
    scl = classes() if level == "L2A" else None
    path = write_safe(
        tmp_path,
        date=DAY,
        baseline=baseline,
        level=level,
        offset=offset,
        arrays=arrays,
        scl=scl,
        zipped=zipped,
        naming=naming,
    )
    image = only(path, tuple(arrays), "SCL" if scl is not None else "")
    assert (image.date, image.level) == (DAY, level)
    number = int(baseline.replace(".", ""))
    assert image.product == (f"S2A_MSI{level}_20210501T105031_R051_T31UFS", number)
    assert image.path == path
    for band, expected in arrays.items():
        asset = image.assets[band]
        assert asset.grid == Grid(
            "EPSG:32631",
            (NATIVE[band], 0.0, CORNER[0], 0.0, -NATIVE[band], CORNER[1]),
            120 // NATIVE[band],
            120 // NATIVE[band],
        )
        assert (asset.offset, bool(asset.member)) == (offset / 10_000, zipped)
        np.testing.assert_allclose(
            numbers(asset) * asset.scale + asset.offset, expected, rtol=0, atol=1e-9
        )
    if scl is not None:
        np.testing.assert_array_equal(numbers(image.assets["SCL"]), scl)
        assert image.assets["SCL"].grid.resolution == 20
    assert set(image.stamps) == ({path} if zipped else {a.path for a in image.assets.values()})


def test_f29_mixed_baselines_give_continuous_reflectance(tmp_path: Path) -> None:
    arrays = scene(360)
    dates = {
        datetime.date(2021, 12, 1): ("03.01", 0),
        datetime.date(2022, 2, 1): ("04.00", -1000),
        datetime.date(2022, 6, 1): ("02.07", 0),  # older processing of a later date
        datetime.date(2023, 6, 1): ("05.09", -1000),
    }
    for date, (baseline, offset) in dates.items():
        write_safe(tmp_path, date=date, baseline=baseline, offset=offset, arrays=arrays)
    images, findings, _ = found(sorted(tmp_path.iterdir()))
    assert not findings
    assert {image.date: image.product[1] for image in images} == {
        date: int(baseline.replace(".", "")) for date, (baseline, _) in dates.items()
    }
    for band in DEFAULT_BANDS:
        means = [np.nanmean(reflectance(image.assets[band])) for image in images]
        stored = [numbers(image.assets[band]).mean() for image in images]
        assert means == pytest.approx([arrays[band].mean()] * 4, abs=1e-9)
        assert max(stored) - min(stored) == pytest.approx(1000)


def test_f29_one_series_over_baselines(tmp_path: Path) -> None:
    arrays = scene(240)
    scl = np.full((12, 12), 4)
    for month, (baseline, offset) in enumerate((("03.01", 0), ("04.00", -1000), ("05.09", -1000))):
        write_safe(
            tmp_path,
            date=datetime.date(2022, month + 1, 10),
            baseline=baseline,
            offset=offset,
            arrays=arrays,
            scl=scl,
            zipped=month == 1,
        )
    series = series_from_images(str(tmp_path), ctx=JobContext(), season="2021-10-01/2022-09-30")
    assert [item.date.month for item in series.acquisitions] == [1, 2, 3]
    with SeriesReader(series) as reader:
        stack = reader.read(series.grid.whole)
    assert stack.valid.all()
    np.testing.assert_array_equal(stack.values[0], stack.values[1])
    np.testing.assert_array_equal(stack.values[0], stack.values[2])
    for band in TEN_METRES:
        values = stack.values[0, series.bands.index(band)]
        np.testing.assert_allclose(values, arrays[band], atol=1e-6)


def test_strips_of_a_tile_in_two_products_are_merged(tmp_path: Path) -> None:
    whole = scene(240)
    rows = {band: values.shape[0] // 2 for band, values in whole.items()}
    upper = {
        band: np.where(np.arange(len(v))[:, None] < rows[band], v, np.nan)
        for band, v in whole.items()
    }
    lower = {
        band: np.where(np.arange(len(v))[:, None] >= rows[band], v, np.nan)
        for band, v in whole.items()
    }
    for arrays, ending in ((upper, "140000"), (lower, "150000")):
        path = write_safe(tmp_path, date=DAY, arrays=arrays)
        path.rename(path.with_name(f"{path.stem[:-6]}{ending}.SAFE"))
    old = write_safe(tmp_path, date=DAY, baseline="03.00", arrays=upper)
    write_safe(tmp_path, date=datetime.date(2021, 6, 1), arrays=whole)
    context = JobContext()
    season = "2021-01-01/2021-12-31"
    series = series_from_images(str(tmp_path), ctx=context, season=season, mask="none")
    with SeriesReader(series) as reader:
        stack = reader.read(series.grid.whole)
    assert stack.valid.all()
    for band in TEN_METRES:
        values = stack.values[0, series.bands.index(band)]
        np.testing.assert_allclose(values, whole[band], atol=1e-6)
    notes = "\n".join(context.noted)
    assert f"{old.name} and " in notes and "are one datatake: the newer processing" in notes
    assert "2021-05-01: 2 passes were merged" in notes


def test_offsets_are_those_of_each_band(tmp_path: Path) -> None:
    path = write_safe(tmp_path, date=DAY, offset=-1000, arrays=scene())
    document = path / "MTD_MSIL2A.xml"
    text = document.read_text()
    # band_id counts B8A as 8 and B09 as 9.
    for number, value in ((8, -500), (9, -250), (11, 0)):
        text = text.replace(f'band_id="{number}">-1000', f'band_id="{number}">{value}')
    document.write_text(text)
    assets = only(path, ("B08", "B8A", "B09", "B11", "B12")).assets
    assert {name: asset.offset for name, asset in assets.items()} == {
        "B08": -0.1,
        "B8A": -0.05,
        "B09": -0.025,
        "B11": 0.0,
        "B12": -0.1,
    }


def test_no_data_and_negative_reflectance_are_kept_apart(tmp_path: Path) -> None:
    arrays = {"B02": np.full((12, 12), -0.02)}
    arrays["B02"][3, 4] = np.nan
    path = write_safe(tmp_path, date=DAY, baseline="04.00", offset=-1000, arrays=arrays)
    values = reflectance(only(path, ("B02",)).assets["B02"])
    assert np.argwhere(np.isnan(values)).tolist() == [[3, 4]]
    assert np.nanmax(np.abs(values + 0.02)) < 1e-9


def test_table_does_not_change_a_product(tmp_path: Path) -> None:
    path = write_safe(tmp_path, date=DAY, offset=-1000, arrays={"B02": np.full((6, 6), 0.1)})
    hints = {path.name: Hint(scale=1.0, offset=5.0, date=datetime.date(2020, 1, 1))}
    notes: list[str] = []
    (image,) = SAFE.describe([path], Wanted(("B02",), "", hints), Findings(), notes)
    assert notes == [f"{path.name}: its own metadata are used, not what the image table says."]
    assert (image.date, image.assets["B02"].offset) == (DAY, -0.1)


def test_old_product_has_one_image_a_granule(tmp_path: Path) -> None:
    path = write_safe(
        tmp_path,
        date=DAY,
        baseline="02.04",
        level="L1C",
        arrays=scene(level="L1C"),
        naming="old",
        other_tiles=("T31UGS", "T32UKB"),
    )
    images, findings, _ = found([path])
    assert not findings
    assert [image.source for image in images] == [
        f"{path.name} {tile}" for tile in ("T31UFS", "T31UGS", "T32UKB")
    ]
    assert [image.grid.transform[2] - CORNER[0] for image in images] == [0, 120, 240]
    assert len({image.product for image in images}) == 3


def test_two_strips_of_one_tile_are_two_passes(tmp_path: Path) -> None:
    path = write_safe(
        tmp_path,
        date=DAY,
        baseline="02.04",
        level="L1C",
        arrays=scene(level="L1C"),
        naming="old",
        other_tiles=("T31UGS",),
    )
    granules = sorted((path / "GRANULE").iterdir())
    document = next(granules[1].glob("*.xml"))
    text = document.read_text().replace("_T31UGS_", "_T31UFS_").replace("T10:52:31", "T10:52:40")
    document.write_text(text)
    images, _, _ = found([path])
    assert [image.product for image in images] == [
        ("S2A_MSIL1C_20210501T105031_R051_T31UFS_105231", 204),
        ("S2A_MSIL1C_20210501T105031_R051_T31UFS_105240", 204),
    ]


def test_next_resolution_where_the_finest_is_not_named(tmp_path: Path) -> None:
    arrays = {"B02": np.full((6, 6), 0.1), "B05": np.full((2, 2), 0.2), "B01": np.full((6, 6), 0.3)}
    path = write_safe(
        tmp_path, date=DAY, arrays=arrays, resolutions={"B02": 20, "B05": 60, "B01": 20}
    )
    assets = only(path, ("B01", "B02", "B05")).assets
    assert {name: asset.grid.resolution for name, asset in assets.items()} == {
        "B01": 20,
        "B02": 20,
        "B05": 60,
    }


def test_bands_are_not_taken_from_finer_copies(tmp_path: Path) -> None:
    arrays = {"B01": np.full((2, 2), 0.3)}
    path = write_safe(tmp_path, date=DAY, arrays=arrays)
    copy = write_safe(
        tmp_path / "copy", date=DAY, arrays={"B01": np.full((6, 6), 0.9)}, resolutions={"B01": 20}
    )
    shutil.copytree(copy, path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.xml"))
    asset = only(path, ("B01",)).assets["B01"]
    assert (asset.grid.resolution, asset.path.name) == (60, "T31UFS_20210501T105031_B01_60m.jp2")


def test_cloud_probability_is_a_mask_band(tmp_path: Path) -> None:
    path = write_safe(tmp_path, date=DAY, arrays={"B02": np.full((6, 6), 0.1)})
    folder = next((path / "GRANULE").iterdir()) / "QI_DATA"
    folder.mkdir()
    values = np.arange(9, dtype=np.uint8).reshape(3, 3)
    (folder / "MSK_CLDPRB_20m.jp2").write_bytes(jp2_bytes(values, "EPSG:32631", CORNER, 20))
    (folder / "MSK_DETFOO_B02.jp2").write_bytes(jp2_bytes(values, "EPSG:32631", CORNER, 20))
    assets = only(path, ("B02",), "CLDPRB").assets
    np.testing.assert_array_equal(numbers(assets["CLDPRB"]), values)
    assert (assets["CLDPRB"].scale, assets["CLDPRB"].nodata) == (1.0, None)
    assert assets["B02"].path.parent.name == "R10m"


def test_mask_is_no_finer_than_the_bands(tmp_path: Path) -> None:
    arrays = {"B09": np.full((2, 2), 0.3)}
    path = write_safe(tmp_path, date=DAY, arrays=arrays, scl=np.full((6, 6), 4))
    coarse = write_safe(
        tmp_path / "copy",
        date=DAY,
        arrays=arrays,
        scl=np.full((2, 2), 5),
        resolutions={"SCL": 60},
    )
    shutil.copytree(coarse, path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.xml"))
    image = only(path, ("B09",), "SCL")
    assert image.assets["SCL"].grid.resolution == 60
    assert (numbers(image.assets["SCL"]) == 5).all()


@pytest.mark.parametrize("zipped", [False, True], ids=["folder", "zip"])
def test_absent_files_are_one_finding_and_never_zeros(tmp_path: Path, zipped: bool) -> None:
    path = write_safe(
        tmp_path, date=DAY, arrays=scene(), zipped=zipped, absent=("B03", "B8A", "B01")
    )
    stem = "T31UFS_20210501T105031"
    assert str(refused(path)) == (
        f"{path}: its metadata name files of 10 m and 20 m that it does not hold (2): "
        f"{stem}_B03_10m.jp2, {stem}_B8A_20m.jp2. Download the product again, whole, or choose "
        "bands whose files are there (B02, B04, B05, B06, B07, B08, B09, B11, B12)."
    )
    assert set(only(path, ("B02", "B11")).assets) == {"B02", "B11"}


def test_all_files_absent(tmp_path: Path) -> None:
    path = write_safe(tmp_path, date=DAY, arrays={"B02": np.ones((2, 2))}, absent=("B02",))
    assert str(refused(path, ("B02",))) == (
        f"{path}: its metadata name files of 10 m that it does not hold (1): "
        "T31UFS_20210501T105031_B02_10m.jp2. Download the product again, whole."
    )


def test_band_that_no_product_has(tmp_path: Path) -> None:
    path = write_safe(tmp_path, date=DAY, arrays=scene())
    finding = refused(path, ("B04", "B10"))
    assert finding.code == "bands_missing"
    assert finding.found.startswith("it lacks B10; wanted B04, B10; found B01, B02, B03")
    assert refused(path, ("B04",), "SCL").remedy == (
        "Choose no cloud mask, or products that have the band SCL."
    )


def test_granule_folder_of_another_name(tmp_path: Path) -> None:
    arrays = scene()
    path = write_safe(tmp_path, date=DAY, arrays=arrays)
    granule = next((path / "GRANULE").iterdir())
    granule.rename(granule.with_name("L2A_T31UFS_A021289_20210501T105333"))
    images, findings, notes = found([path])
    assert not findings
    assert notes == [
        f"{path.name}: its granule is in GRANULE/L2A_T31UFS_A021289_20210501T105333, not in "
        "GRANULE/L2A_T31UFS_A021289_20210501T105031."
    ]
    np.testing.assert_allclose(reflectance(images[0].assets["B04"]), arrays["B04"], atol=1e-9)


def test_claim_of_folders_zips_and_unpacked_products(tmp_path: Path) -> None:
    arrays = {"B02": np.full((2, 2), 0.1)}
    folder = write_safe(tmp_path, date=DAY, arrays=arrays)
    packed = write_safe(tmp_path, date=datetime.date(2021, 6, 1), arrays=arrays, zipped=True)
    renamed = packed.rename(tmp_path / "download (1).zip")
    plain = tmp_path / "plain"
    write_safe(tmp_path, date=datetime.date(2021, 7, 1), arrays=arrays).rename(plain)
    inside = sorted(item for item in plain.rglob("*") if item.is_file())
    other = tmp_path / "S1A_IW_GRDH_1SDV_20210501T105031.SAFE"
    other.mkdir()
    (tmp_path / "notes.zip").write_bytes(b"no zip")
    with zipfile.ZipFile(tmp_path / "parcels.zip", "w") as archive:
        archive.writestr("parcels.shp", b"")
    entries = [*tmp_path.glob("*.zip"), folder, other, *inside, tmp_path / "S2_20210501.tif"]
    assert set(SAFE.claim(entries)) == {folder, renamed, *inside}
    images, findings, _ = found(entries, ("B02",))
    assert not findings
    assert sorted((image.date.month, image.path.name) for image in images) == [
        (5, folder.name),
        (6, "download (1).zip"),
        (7, "plain"),
    ]


def test_two_products_in_one_zip(tmp_path: Path) -> None:
    arrays = {"B02": np.full((2, 2), 0.1)}
    names = [
        write_safe(tmp_path, date=datetime.date(2021, month, 1), arrays=arrays) for month in (5, 6)
    ]
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for product in names:
            for item in product.rglob("*"):
                archive.write(item, f"data/{item.relative_to(tmp_path)}")
    images, findings, _ = found([path], ("B02",))
    assert not findings
    assert [image.source for image in images] == [name.name for name in names]
    for image in images:
        np.testing.assert_allclose(reflectance(image.assets["B02"]), 0.1, atol=1e-9)


def _edit(path: Path, name: str, change: Callable[[str], str]) -> Path:
    document = next(path.rglob(name))
    document.write_text(change(document.read_text()))
    return document


@pytest.mark.parametrize(
    ("pattern", "text", "found_text"),
    [
        (r"<PROCESSING_LEVEL>.*?</PROCESSING_LEVEL>", "", "it lacks the element PROCESSING_LEVEL"),
        ("Level-2A<", "Level-3A<", "its element PROCESSING_LEVEL is 'Level-3A'"),
        ("05.09", "five", "its element PROCESSING_BASELINE is 'five'"),
        (
            "2021-05-01T10",
            "2021-13-01T10",
            "its element DATATAKE_SENSING_START is '2021-13-01T10:50:31'",
        ),
        (">10000<", ">0<", "it lacks a BOA_QUANTIFICATION_VALUE above 0"),
        (">10000<", ">nan<", "its element BOA_QUANTIFICATION_VALUE is 'nan'"),
        ('band_id="3"', 'band_id="13"', "its element BOA_ADD_OFFSET has the band_id '13'"),
        ('band_id="3"', 'band_id="1"', None),
        (r'band_id="2">-1000', 'band_id="1">-999', "it has two values of BOA_ADD_OFFSET for B02"),
        (r"<IMAGE_FILE>.*</IMAGE_FILE>", "", "it names no images (IMAGE_FILE)"),
        ("Sentinel-2A", "Landsat-9", "its element SPACECRAFT_NAME is 'Landsat-9'"),
    ],
)
def test_metadata_that_say_too_little(
    tmp_path: Path, pattern: str, text: str, found_text: str | None
) -> None:
    path = write_safe(tmp_path, date=DAY, offset=-1000, arrays={"B04": np.ones((2, 2))})
    document = _edit(path, "MTD_MSIL2A.xml", lambda old: re.sub(pattern, text, old))
    found_text = found_text or "it gives offsets for other bands and none for B04"
    finding = refused(path, ("B04",))
    assert finding.code == "safe_metadata"
    assert finding.subject == f"{path}: {document.name}"
    assert finding.found == found_text


def test_saturated_number_of_another_kind_is_a_warning(tmp_path: Path) -> None:
    path = write_safe(tmp_path, date=DAY, arrays={"B04": np.ones((2, 2))})
    _edit(path, "MTD_MSIL2A.xml", lambda old: old.replace("65535", "4095"))
    images, (finding,), _ = found([path], ("B04",))
    assert len(images) == 1
    assert (finding.severity, str(finding)) == (
        "warning",
        f"{path}: its metadata give 4095 as the number of saturated pixels, not 65535. Such "
        "pixels are taken as reflectance.",
    )


def test_place_that_contradicts_the_metadata(tmp_path: Path) -> None:
    path = write_safe(tmp_path, date=DAY, arrays={"B04": np.ones((6, 6)), "B05": np.ones((3, 3))})
    _edit(path, "MTD_TL.xml", lambda old: old.replace("<ULX>600000<", "<ULX>600005<", 1))
    finding = refused(path, ("B04", "B05"))
    assert (finding.code, finding.found) == (
        "grid_differs",
        "it does not lie where the metadata of its granule say",
    )
    assert finding.subject.endswith("IMG_DATA/R10m/T31UFS_20210501T105031_B04_10m.jp2")


def test_metadata_of_the_tile_are_needed(tmp_path: Path) -> None:
    path = write_safe(tmp_path, date=DAY, arrays={"B04": np.ones((2, 2))})
    document = next(path.rglob("MTD_TL.xml"))
    document.write_text(document.read_text().replace("Tile_Geocoding", "Nothing"))
    text = re.sub("<Size .*?</Size>", "", document.read_text())
    document.write_text(text)
    assert refused(path, ("B04",)).found == "it lacks the tile's size and place (Tile_Geocoding)"
    document.unlink()
    assert str(refused(path, ("B04",))) == (
        f"{path}: GRANULE/L2A_T31UFS_A021289_20210501T105031/MTD_TL.xml: it is not there. Copy or "
        "download it again, or remove it."
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]>',
        '<!DOCTYPE a SYSTEM "file:///etc/hostname">',
        "<!DOCTYPE a>",
    ],
)
def test_document_types_are_refused(tmp_path: Path, doctype: str, encoding: str) -> None:
    path = write_safe(tmp_path, date=DAY, arrays={"B04": np.ones((2, 2))})
    document = path / "MTD_MSIL2A.xml"
    text = document.read_text().split("?>", 1)[1]
    declared = f'<?xml version="1.0" encoding="{encoding}"?>{doctype}{text}'
    document.write_bytes(declared.encode(encoding))
    assert str(refused(path, ("B04",))) == (
        f"{path}: MTD_MSIL2A.xml: it declares a document type (DOCTYPE). Copy or download it "
        "again, or remove it."
    )


def test_entities_without_a_type_are_refused() -> None:
    with pytest.raises(UserError, match="it is no valid XML"):
        parse_xml(b"<a>&b;</a>", "a.xml")


def test_size_of_metadata_is_bounded(tmp_path: Path) -> None:
    path = write_safe(tmp_path, date=DAY, arrays={"B04": np.ones((2, 2))}, zipped=True)
    bomb = tmp_path / f"{path.stem}_2.zip"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            padding = b" " * MAXIMUM_BYTES if name.endswith("MTD_MSIL2A.xml") else b""
            new.writestr(name, content + padding)
    assert bomb.stat().st_size < 2**20
    assert refused(bomb, ("B04",)).found == "it holds more than 64 MiB"


@pytest.mark.parametrize(
    ("name", "found_text"),
    [
        ("../escape.jp2", "it holds a file with an unsafe path ('../escape.jp2')"),
        ("/etc/passwd", "it holds a file with an unsafe path ('/etc/passwd')"),
        ("a/../../b.jp2", "it holds a file with an unsafe path ('a/../../b.jp2')"),
        ("C:\\b.jp2", "it holds a file with an unsafe path ('C:\\\\b.jp2')"),
        ("a\nb.jp2", "it holds a file with an unsafe path ('a\\nb.jp2')"),
    ],
)
def test_unsafe_names_in_zips_are_refused(tmp_path: Path, name: str, found_text: str) -> None:
    path = write_safe(tmp_path, date=DAY, arrays={"B04": np.ones((2, 2))}, zipped=True)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"")
    finding = refused(path, ("B04",))
    assert (finding.code, finding.found) == ("unsafe_product", found_text)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_zips_that_are_refused(tmp_path: Path) -> None:
    path = write_safe(tmp_path, date=DAY, arrays={"B04": np.ones((2, 2))}, zipped=True)
    whole = path.read_bytes()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(archive.namelist()[0], b"other")
    assert refused(path, ("B04",)).found == "it holds two files of one name"
    path.write_bytes(whole[: len(whole) // 2])
    assert refused(path, ("B04",)).code == "unreadable_zip"
    path.write_bytes(whole)
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(MAXIMUM_FILES):
            archive.writestr(f"filler/{number}", b"")
    assert refused(path, ("B04",)).found == f"it holds more than {MAXIMUM_FILES} files"


def test_product_without_metadata(tmp_path: Path) -> None:
    path = write_safe(tmp_path, date=DAY, arrays={"B04": np.ones((2, 2))})
    (path / "MTD_MSIL2A.xml").unlink()
    assert str(refused(path, ("B04",))) == (
        f"{path}: it holds no metadata of a product (MTD_MSIL1C.xml or MTD_MSIL2A.xml). Copy or "
        "download the product again, or remove it."
    )


@pytest.mark.parametrize("zipped", [False, True], ids=["folder", "zip"])
def test_damaged_image_is_named(tmp_path: Path, zipped: bool) -> None:
    path = write_safe(tmp_path, date=DAY, arrays={"B04": np.ones((2, 2)), "B05": np.ones((1, 1))})
    image = next(path.rglob("*_B04_10m.jp2"))
    image.write_bytes(b"no image")
    if zipped:
        packed = path.with_suffix(".zip")
        with zipfile.ZipFile(packed, "w") as archive:
            for item in path.rglob("*"):
                archive.write(item, item.relative_to(tmp_path))
        path = packed
    finding = refused(path, ("B04", "B05"))
    assert finding.code == "unreadable_image"
    assert finding.subject.endswith("T31UFS_20210501T105031_B04_10m.jp2")
