"""Time series: dates, bands, season, masks, the file, and values that no window changes."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import SeriesJob
from cscl.grid import Window
from cscl.series.dates import dates_in, image_date, level_of, product_of
from cscl.series.job import define_series, series_from_images
from cscl.series.mask import clear_pixels
from cscl.series.model import restrict_bands
from cscl.series.names import band_name
from cscl.series.reader import SeriesReader
from cscl.series.season import assumed_season, choose_dates, parse_season, season_text
from cscl.series.stac import read_series, write_series
from hypothesis import given
from hypothesis import strategies as st
from small_scene import TEN, flat_bands, noisy_bands, write_folder, write_image

DAY = datetime.date
SUMMER = ("20210401", "20210501", "20210601", "20210701")


def series_of(folder: Path, **options: object):
    ctx = JobContext()
    return series_from_images(str(folder), ctx=ctx, **options), "\n".join(ctx.noted)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("S2_L2A_20190720", [DAY(2019, 7, 20)]),
        ("S2_L2A_20181122_2", [DAY(2018, 11, 22)]),
        ("2019-07-20_B02", [DAY(2019, 7, 20)]),
        ("2019_07_20", [DAY(2019, 7, 20)]),
        ("2019:07:20 10:50:31", [DAY(2019, 7, 20)]),
        (
            "S2A_MSIL2A_20190720T105031_N0213_R051_T31UES_20190721T135645",
            [DAY(2019, 7, 20), DAY(2019, 7, 21)],
        ),
        ("LC08_2019201", [DAY(2019, 7, 20)]),
        ("2019367", []),
        ("20191340", []),
        ("120190720", []),
        ("image_17", []),
    ],
)
def test_dates_in_names(text: str, expected: list[datetime.date]) -> None:
    assert dates_in(text) == expected


def test_acquisition_tag_before_name_before_creation_tag() -> None:
    tags = {"ACQUISITION_DATE": "2020-05-06", "TIFFTAG_DATETIME": "2022:01:02 03:04:05"}
    assert image_date("a_20200506", tags) == (DAY(2020, 5, 6), "")
    date, doubt = image_date("a_20200507", tags)
    assert date == DAY(2020, 5, 6)
    assert "2020-05-06" in doubt and "2020-05-07" in doubt
    created = {"TIFFTAG_DATETIME": "2022:01:02 03:04:05"}
    assert image_date("a_20200507", created) == (DAY(2020, 5, 7), "")
    assert image_date("a", created)[0] == DAY(2022, 1, 2)
    assert image_date("a", {}) == (None, "")


def test_products_and_levels() -> None:
    old = "S2A_MSIL2A_20190720T105031_N0213_R051_T31UES_20190720T135645.tif"
    new = "S2A_MSIL2A_20190720T105031_N0500_R051_T31UES_20230601T010203.tif"
    assert product_of(old) == ("S2A_MSIL2A_20190720T105031_R051_T31UES", 213)
    assert product_of(new) == ("S2A_MSIL2A_20190720T105031_R051_T31UES", 500)
    assert product_of("S2_L2A_20190720.tif") is None
    assert level_of(old, {}) == "L2A"
    assert level_of("a", {"PROCESSING_LEVEL": "Level-1C"}) == "L1C"
    assert level_of("a", {}) == ""


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("B02", "B02"), ("B2", "B02"), ("b8a", "B8A"), ("B08_10m", "B08"), ("S2 B11 (20 m)", "B11"),
        ("SCL_20m", "SCL"), ("SCL", "SCL"), ("SUB02", ""), ("", ""), (None, ""), ("NDVI", ""),
    ],
)  # fmt: skip
def test_band_names(description: str | None, expected: str) -> None:
    assert band_name(description) == expected


def test_season_is_parsed_and_refused_in_words() -> None:
    assert parse_season(" 2018-10-01/2019-09-30") == (DAY(2018, 10, 1), DAY(2019, 9, 30))
    for text in ("2018-10-01", "2018-10-01/2018-09-30", "2018-13-01/2019-09-30", "10-01/09-30"):
        with pytest.raises(UserError) as caught:
            parse_season(text)
        assert caught.value.code == "invalid_season" and text in str(caught.value)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        # Flanders: the last full twelve months of sixteen.
        ("2018-08-04", "2019-11-27", "2018-11-01/2019-10-31"),
        ("2018-08-04", "2019-11-30", "2018-12-01/2019-11-30"),
        # 375 days hold only eleven whole months: the year up to the last date.
        ("2020-01-15", "2021-01-23", "2020-01-24/2021-01-23"),
        ("2020-10-20", "2021-09-15", "2020-10-01/2021-09-30"),
        ("2020-10-20", "2021-10-15", "2020-10-20/2021-10-15"),
        ("2021-04-03", "2021-04-29", "2021-04-01/2021-04-30"),
    ],
)
def test_season_where_none_is_given(first: str, last: str, expected: str) -> None:
    season, note = assumed_season([DAY.fromisoformat(last), DAY.fromisoformat(first)])
    assert season_text(season) == expected
    assert expected in note


@given(
    st.dates(DAY(2016, 1, 1), DAY(2030, 1, 1)),
    st.integers(1, 1500),
)
def test_assumed_season_is_a_year_at_most_and_holds_dates(first: datetime.date, span: int) -> None:
    last = first + datetime.timedelta(days=span)
    (start, end), _ = assumed_season([first, last])
    length = (end - start).days + 1
    assert length <= 371
    if span + 1 > 370:
        assert length in (365, 366)
        assert first <= start and end <= last
    else:
        assert start <= first and last <= end


def test_chosen_dates_are_the_clearest_of_each_part() -> None:
    days = [0, 10, 20, 100, 110, 200, 300, 305, 310]
    clear = [0.2, 0.9, 0.5, 0.3, 0.3, 0.1, 0.6, 0.7, 0.7]
    assert choose_dates(days, days, clear, 365, 4) == [10, 100, 200, 305]
    # Two of the seven parts are empty: the clearest of the rest fill up.
    assert choose_dates(days, days, clear, 365, 7) == [10, 100, 110, 200, 300, 305, 310]
    assert choose_dates(days, days, clear, 365, 20) == days


def test_cloud_mask_reaches_twenty_metres() -> None:
    scl = np.full((9, 9), 4)
    scl[4, 4] = 9
    clear = clear_pixels(scl, 10.0)
    rows, columns = np.nonzero(~clear)
    assert {(r - 4, c - 4) for r, c in zip(rows, columns, strict=True)} == {
        (r, c) for r in range(-2, 3) for c in range(-2, 3) if r * r + c * c <= 4
    }
    # Cirrus, snow, no data and defective pixels are masked as they are, without a margin.
    for code in (0, 1, 10, 11, 12, 200):
        scl[4, 4] = code
        assert (~clear_pixels(scl, 10.0)).sum() == 1
    for code in (2, 4, 5, 6, 7):
        scl[4, 4] = code
        assert clear_pixels(scl, 10.0).all()
    scl[4, 4] = 8
    assert (~clear_pixels(scl, 20.0)).sum() == 5


def test_reflectance_validity_and_order_of_bands(tmp_path: Path) -> None:
    bands = flat_bands()
    bands["B02"][3, 5] = 0
    bands["B12"][7, 1] = 65535
    shuffled = {name: bands[name] for name in ("SCL", *reversed(TEN))}
    write_image(tmp_path / "20210401.tif", shuffled)
    write_image(tmp_path / "20210601.tif", flat_bands(value=2000), scales=(0.0002, -0.1))
    series, notes = series_of(tmp_path)
    assert series.bands == TEN
    assert series.days == (0, 61)
    assert "1 of 2 images say nothing about scale and offset" in notes
    with SeriesReader(series) as reader:
        stack = reader.read(series.grid.whole)
    assert stack.values.shape == (2, 10, 24, 24) and stack.values.dtype == np.float32
    invalid = {tuple(place) for place in np.argwhere(~stack.valid[0])}
    assert invalid == {(3, 5), (7, 1)}
    assert stack.valid[1].all()
    expected = np.array([0.1 + 0.001 * n for n in range(10)], dtype=np.float32)
    assert np.allclose(stack.values[0, :, 0, 0], expected, atol=1e-7)
    assert (stack.values[0, :, 3, 5] == 0).all() and (stack.values[0, :, 7, 1] == 0).all()
    assert np.allclose(stack.values[1, :, 0, 0], (2000 + 10 * np.arange(10)) * 0.0002 - 0.1)


def test_signed_numbers_of_other_processors(tmp_path: Path) -> None:
    for date in ("20210401", "20210601"):
        bands = flat_bands()
        bands["B02"][0, :4] = (-9999, -10000, -50, 0)
        write_image(tmp_path / f"{date}.tif", bands, dtype="int16", nodata=-9999)
    series, _ = series_of(tmp_path)
    with SeriesReader(series) as reader:
        stack = reader.read(series.grid.whole)
    assert stack.valid[0, 0, :5].tolist() == [False, False, True, True, True]
    assert stack.values[0, 0, 0, 2] == np.float32(-50) * np.float32(0.0001)


@pytest.mark.parametrize("interleave", ["pixel", "band"])
def test_values_never_depend_on_the_window(tmp_path: Path, interleave: str) -> None:
    write_folder(tmp_path, SUMMER, size=40, interleave=interleave, compress="deflate",
                 tiled=True, blockxsize=16, blockysize=16)  # fmt: skip
    series, _ = series_of(tmp_path)
    with SeriesReader(series) as reader:
        whole = reader.read(series.grid.whole)
        assert 0.3 < whole.valid.mean() < 0.95
        for window in (Window(0, 0, 7, 9), Window(11, 13, 16, 16), Window(39, 39, 1, 1)):
            part = reader.read(window)
            assert np.array_equal(part.values, whole.values[:, :, *window.slices])
            assert np.array_equal(part.valid, whole.valid[:, *window.slices])
        beyond = reader.read(Window(30, -5, 20, 20), pad=3)
        assert beyond.values.shape == (4, 10, 26, 26)
        assert not beyond.valid[:, :, :8].any() and not beyond.valid[:, 13:].any()
        assert np.array_equal(beyond.values[:, :, :13, 8:], whole.values[:, :, 27:40, :18])
        assert not reader.read(Window(100, 100, 4, 4)).valid.any()


def test_passes_of_a_day_are_merged_by_pixel(tmp_path: Path) -> None:
    first, second = flat_bands(value=1000), flat_bands(value=3000)
    first["SCL"][:, :12] = 10  # half cirrus, without dilation
    second["B03"][20:, :] = 0
    second["B03"][0, 20] = 65535
    first["SCL"][0, 20] = 11
    write_image(tmp_path / "S2_L2A_20210501.tif", first)
    write_image(tmp_path / "S2_L2A_20210501_2.tif", second)
    write_image(tmp_path / "S2_L2A_20210401.tif", flat_bands())
    series, notes = series_of(tmp_path)
    assert [item.date.day for item in series.acquisitions] == [1, 1]
    assert len(series.acquisitions[1].passes) == 2
    assert "2021-05-01: 2 passes were merged" in notes
    # The second pass is clearer, so it comes first.
    assert series.acquisitions[1].passes[0].source == "S2_L2A_20210501_2.tif"
    assert series.acquisitions[1].valid_share == pytest.approx(1 - (4 * 12 + 1) / 576)
    with SeriesReader(series) as reader:
        stack = reader.read(series.grid.whole)
    values, valid = stack.values[1], stack.valid[1]
    assert np.allclose(values[:, 5, 5], (3000 + 10 * np.arange(10)) * 1e-4)
    assert np.allclose(values[:, 22, 15], (1000 + 10 * np.arange(10)) * 1e-4)
    assert not valid[20:, :12].any() and not valid[0, 20] and valid.sum() == 576 - 49


def test_newest_baseline_of_a_datatake(tmp_path: Path) -> None:
    old = "S2A_MSIL2A_20190720T105031_N0213_R051_T31UES_20190720T135645.tif"
    new = "S2A_MSIL2A_20190720T105031_N0500_R051_T31UES_20230601T010203.tif"
    for name in (old, new, "S2B_MSIL2A_20190725T105031_N0213_R051_T31UES_20190725T135645.tif"):
        write_image(tmp_path / name, flat_bands())
    series, notes = series_of(tmp_path)
    assert [len(item.passes) for item in series.acquisitions] == [1, 1]
    assert series.acquisitions[0].source == new
    assert old in notes and new in notes and series.level == "L2A"


def test_empty_dates_are_dropped_and_all_empty_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "a", SUMMER)
    write_image(folder / "20210715.tif", flat_bands(scl=9))
    empty = flat_bands()
    empty["B05"][:] = 0
    write_image(folder / "20210716.tif", empty)
    series, notes = series_of(folder)
    assert len(series.acquisitions) == 4
    assert "2 of 6 dates have less than 5% valid pixels" in notes
    assert "2021-07-15, 2021-07-16" in notes
    cloudy = tmp_path / "b"
    cloudy.mkdir()
    for date in SUMMER:
        write_image(cloudy / f"{date}.tif", flat_bands(scl=8))
    with pytest.raises(UserError, match="0 of 4 dates") as caught:
        series_of(cloudy)
    assert caught.value.code == "no_clear_dates"
    unmasked, _ = series_of(cloudy, mask="none")
    assert len(unmasked.acquisitions) == 4 and unmasked.mask_method == "none"


def test_season_until_and_dates(tmp_path: Path) -> None:
    dates = tuple(f"2021{month:02d}{day:02d}" for month in range(1, 13) for day in (5, 20))
    folder = write_folder(tmp_path, ("20191120", *dates), size=12)
    series, notes = series_of(folder)
    assert season_text(series.season) == "2020-12-01/2021-11-30"
    assert "last full twelve months" in notes and "370" not in notes
    assert len(series.acquisitions) == 22
    with pytest.raises(UserError, match="begins after 2021-03-01, up to which dates are used"):
        series_of(folder, season="2021-04-01/2021-09-30", until="2021-03-01")
    summer, notes = series_of(folder, season="2021-04-01/2021-09-30", until="2021-06-30")
    assert [item.date.month for item in summer.acquisitions] == [4, 4, 5, 5, 6, 6]
    assert summer.days[0] == 4 and "19 of 25 images" in notes
    six, notes = series_of(folder, season="2021-01-01/2021-12-31", dates=6)
    assert [(item.date.month - 1) // 2 for item in six.acquisitions] == list(range(6))
    assert "6 of 24 dates" in notes
    with pytest.raises(UserError, match="1 of its dates"):
        series_of(folder, season="2021-01-01/2021-01-10")


def test_reflectance_that_a_wrong_scale_makes_is_refused(tmp_path: Path) -> None:
    for date in ("20210401", "20210501", "20210601"):
        write_image(tmp_path / f"{date}.tif", flat_bands(value=4000))
    series_of(tmp_path)
    # One bright spot is told, a date of nothing else refused.
    bands = flat_bands(value=4000)
    bands["B04"] = bands["B04"].copy()
    bands["B04"][:12] = 40_000
    write_image(tmp_path / "20210501.tif", bands)
    _, notes = series_of(tmp_path)
    share = (12 / len(bands["B04"])) / 10
    told = f"beyond 3.2767 on 1 of 3 dates (2021-05-01: {share:.0%}), held as that"
    assert told in notes
    write_image(tmp_path / "20210601.tif", flat_bands(value=40_000))
    with pytest.raises(
        UserError, match=r"on 2 of 3 dates \(2021-06-01: 100%, 2021-05-01: "
    ) as caught:
        series_of(tmp_path)
    assert caught.value.code == "reflectance_beyond"
    assert "Check scale and offset" in str(caught.value)


def test_warns_of_a_jump_of_the_dark_end(tmp_path: Path) -> None:
    for index, date in enumerate(("20211201", "20211220", "20220201", "20220301")):
        write_image(tmp_path / f"{date}.tif", flat_bands(value=300 + 1000 * (index > 1)))
    _, notes = series_of(tmp_path)
    assert "2021-12-20 to 2022-02-01 (0.030 to 0.130)" in notes
    assert notes.count(" to 2022") == 1


def test_series_file_reads_back_equal_and_moves_with_its_images(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "one" / "images", SUMMER)
    output = tmp_path / "one" / "area.series.json"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    define_series(SeriesJob(images=str(folder), output=str(output)), JobContext())
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    series = read_series(output)
    assert series == series_of(folder)[0]
    document = json.loads(output.read_text())
    assert document["type"] == "FeatureCollection"
    assert document["features"][0]["assets"]["B02"]["href"] == "./images/S2_L2A_20210401.tif"
    assert document["features"][0]["properties"]["proj:code"] == "EPSG:32631"
    (tmp_path / "one").rename(tmp_path / "two")
    moved = read_series(tmp_path / "two" / "area.series.json")
    with SeriesReader(moved) as reader:
        assert reader.read(Window(0, 0, 4, 4)).valid.any()
    assert moved.acquisitions[0].assets["B02"].path.parent == tmp_path / "two" / "images"


def test_series_file_is_narrowed(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", SUMMER)
    path = tmp_path / "a.series.json"
    write_series(series_of(folder)[0], path)
    narrow, _ = series_of(path, bands=("B08", "B04"), season="2021-05-01/2021-12-31")
    assert narrow.bands == ("B08", "B04") and narrow.days == (0, 31, 61)
    two, _ = series_of(path, dates=2)
    assert len(two.acquisitions) == 2
    with pytest.raises(UserError, match="lacks B01; wanted B01, B02; found B02, B03"):
        series_of(path, bands=("B01", "B02"))
    with pytest.raises(UserError, match="0 of its dates"):
        series_of(path, season="2022-05-01/2022-12-31")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: d.update({"cscl:series": 2}), "invalid_series"),
        (lambda d: d.pop("cscl:grid"), "invalid_series"),
        (lambda d: d["cscl:bands"].append("B01"), "invalid_series"),
        (lambda d: d.update({"features": d["features"][:1]}), "invalid_series"),
        (
            lambda d: d["features"][0]["assets"]["B02"].update(
                href="/vsicurl/http://127.0.0.1/a.tif"
            ),
            "path_not_local",
        ),
        (
            lambda d: d["features"][0]["assets"]["B02"].update(href="http://127.0.0.1/a.tif"),
            "path_not_local",
        ),
    ],
)
def test_damaged_series_files_are_refused(tmp_path: Path, change, code: str) -> None:
    folder = write_folder(tmp_path / "images", SUMMER[:2], size=8)
    path = tmp_path / "a.series.json"
    write_series(series_of(folder)[0], path)
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(UserError) as caught:
        read_series(path)
    assert caught.value.code == code


def test_f35_changed_images_are_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, SUMMER)
    series, _ = series_of(folder)
    image = folder / "S2_L2A_20210501.tif"
    content = image.read_bytes()
    with SeriesReader(series) as reader:
        reader.read(series.grid.whole)
        os.utime(image)  # a copy has another time and equal contents
        reader.read(series.grid.whole)
        image.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(UserError, match="S2_L2A_20210501.tif") as caught:
            reader.read(series.grid.whole)
        assert caught.value.code == "image_changed"
        image.unlink()
        with pytest.raises(UserError) as caught:
            reader.read(series.grid.whole)
        assert caught.value.code == "image_missing"


def test_images_as_a_list_of_files(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, SUMMER)
    files = sorted(folder.glob("*.tif"))
    series, _ = series_of(f"{files[2]};{files[0]}")
    assert [item.date.month for item in series.acquisitions] == [4, 6]
    with pytest.raises(UserError, match="gone.tif: there is no such file"):
        series_of(f"{files[0]};{tmp_path / 'gone.tif'}")


def test_bands_of_a_model_are_required_by_name(tmp_path: Path) -> None:
    series, _ = series_of(write_folder(tmp_path, SUMMER), bands=("B02", "B03", "B04"))
    assert restrict_bands(series, ("B04", "B02")).bands == ("B04", "B02")
    with pytest.raises(UserError, match="lacks B08; wanted B04, B08; found B02, B03, B04"):
        restrict_bands(series, ("B04", "B08"))


def test_many_dates_keep_few_files_open(tmp_path: Path) -> None:
    dates = tuple(
        (DAY(2021, 1, 1) + datetime.timedelta(days=2 * n)).strftime("%Y%m%d") for n in range(120)
    )
    for seed, date in enumerate(dates):
        write_image(tmp_path / f"{date}.tif", noisy_bands(seed, 8, ("B02", "B03")))
    series, _ = series_of(tmp_path, bands=("B02", "B03"))
    with SeriesReader(series) as reader:
        reader.read(series.grid.whole)
        open_files = [link for link in Path("/proc/self/fd").iterdir()
                      if str(tmp_path) in os.path.realpath(link)]  # fmt: skip
        assert len(open_files) <= 48
        assert len(series.acquisitions) > 100
        first = reader.read(series.grid.whole)
        assert np.array_equal(first.values, reader.read(series.grid.whole).values)


class TestFlanders:
    """Real images: modified Copernicus Sentinel data."""

    def test_season_and_real_values(self, shared_data: Path) -> None:
        folder = shared_data / "flanders" / "a_2019"
        before = {path: hashlib.sha256(path.read_bytes()).digest() for path in folder.iterdir()}
        series, notes = series_of(folder, season="2018-10-01/2019-09-30")
        assert len(series.acquisitions) == 35
        assert series.days[0] == 12 and series.level == "L2A"
        assert "18 of 72 images lie outside the season" in notes
        with SeriesReader(series) as reader:
            whole = reader.read(series.grid.whole)
            part = reader.read(Window(10, 20, 16, 16))
        assert np.array_equal(part.values, whole.values[:, :, 10:26, 20:36])
        red, infrared = whole.values[:, 2], whole.values[:, 6]
        summer = [n for n, date in enumerate(series.dates) if date == DAY(2019, 7, 20)]
        index = (infrared - red) / np.maximum(infrared + red, 1e-3)
        assert 0.2 < np.median(index[summer[0]][whole.valid[summer[0]]]) < 0.9
        after = {path: hashlib.sha256(path.read_bytes()).digest() for path in folder.iterdir()}
        assert after == before

    def test_without_a_season(self, shared_data: Path) -> None:
        series, notes = series_of(shared_data / "flanders" / "a_2019", dates=12)
        assert season_text(series.season) == "2018-11-01/2019-10-31"
        assert len(series.acquisitions) == 12
        assert "481 days" in notes

    def test_bands_that_are_not_there(self, shared_data: Path) -> None:
        folder = shared_data / "flanders" / "b_2019"
        with pytest.raises(UserError) as caught:
            series_of(folder)
        text = str(caught.value)
        assert "it lacks B02, B03, B04, B08" in text and "and 145 more images" in text
        series, notes = series_of(folder, bands=("B05", "B06", "B07", "B8A", "B11", "B12"))
        merged = [item for item in series.acquisitions if len(item.passes) == 2]
        assert "2018-11-22: 2 passes were merged" in notes
        assert merged and {item.date for item in merged} <= {
            DAY(2018, 11, 22), DAY(2019, 1, 1), DAY(2019, 1, 14)
        }  # fmt: skip
