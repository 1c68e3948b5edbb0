"""What people choose about a series: masks, cloud limit, medians, filled gaps."""

from __future__ import annotations

import datetime
import json
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import SeriesJob, fingerprint, make_job
from cscl.grid import Window
from cscl.series.composite import compose, frames_of
from cscl.series.job import define_series, series_from_images
from cscl.series.mask import CloudMask
from cscl.series.options import cloud_mask
from cscl.series.reader import SeriesReader
from cscl.series.stac import read_series, write_series
from hypothesis import given
from hypothesis import strategies as st
from small_scene import flat_bands, write_folder, write_image

DAY = datetime.date
SUMMER = ("20210401", "20210501", "20210601", "20210701")
TWO = ("B02", "B03")


def defined(folder: Path, **options: object):
    """Run the job `series` into the folder's parent; return the series and the notes."""
    output = folder.parent / "a.series.json"
    ctx = JobContext()
    define_series(SeriesJob(images=str(folder), output=str(output), **options), ctx)
    return read_series(output), "\n".join(ctx.noted)


def pixels(series):
    with SeriesReader(series) as reader:
        return reader.read(series.grid.whole)


class TestMasks:
    def test_old_jobs_keep_their_fingerprints(self) -> None:
        values = {"images": "i", "output": "o.series.json"}
        assert fingerprint(make_job("series", values)) == "6050c64a6f036072"
        assert fingerprint(make_job("series", {**values, "gaps": "linear"})) != "6050c64a6f036072"

    def test_values_and_dilation_are_options(self) -> None:
        scl = np.full((9, 9), 4)
        scl[4, 4] = 9
        assert (~cloud_mask("scl", dilation=0).clear(scl, 10.0)).sum() == 1
        assert (~cloud_mask("scl", dilation=10).clear(scl, 10.0)).sum() == 5
        assert (~cloud_mask("scl").clear(scl, 10.0)).sum() == 13
        assert cloud_mask("scl", values="10,11").clear(scl, 10.0).all()
        # What the classification does not define is masked whatever is chosen.
        scl[4, 4] = 12
        assert (~cloud_mask("scl", values="10").clear(scl, 10.0)).sum() == 1
        # Cirrus is masked without what lies around it.
        scl[4, 4] = 10
        assert (~cloud_mask("scl", values="9,10", dilation=40).clear(scl, 10.0)).sum() == 1

    def test_values_may_be_a_range(self) -> None:
        values = np.arange(102).reshape(1, -1)
        mask = cloud_mask("band", "CLD", "1, 40-100", 0.0)
        assert np.flatnonzero(~mask.clear(values, 20.0)).tolist() == [1, *range(40, 101)]
        assert str(mask) == "the band CLD (values 1, 40-100; 0 m around 1, 40-100)"
        for text in ("100-40", "1-", "70000", "1-2-3", "-1"):
            with pytest.raises(UserError, match="Write them as 1,2,3 or 40-100"):
                cloud_mask("band", "CLD", text)

    def test_every_value_but_zero_of_a_band_masks(self) -> None:
        values = np.zeros((9, 9), np.uint16)
        values[4, 4] = 40_000
        assert (~cloud_mask("band", "CLM").clear(values, 10.0)).sum() == 13
        assert cloud_mask("band", "CLM", "1,2").clear(values, 10.0).all()
        assert (~cloud_mask("band", "CLM", "40000", 0.0).clear(values, 10.0)).sum() == 1

    @given(
        st.sampled_from(["scl", "band", "omnicloudmask", "none"]),
        st.lists(st.integers(0, 65535), min_size=1, max_size=5, unique=True),
        st.floats(0, 1000),
    )
    def test_json_round_trip(self, method: str, values: list[int], dilation: float) -> None:
        text = None if method == "none" else ",".join(map(str, values))
        mask = cloud_mask(method, "CLM" if method == "band" else None, text, dilation)
        assert CloudMask.from_json(json.loads(json.dumps(mask.to_json()))) == mask

    def test_series_of_before_tell_the_method_alone(self) -> None:
        assert CloudMask.from_json("scl") == CloudMask()
        assert CloudMask.from_json("none") == CloudMask.of("none")
        for value in ("band", {"method": "scl"}, {**CloudMask().to_json(), "masked": [-1]}):
            with pytest.raises((KeyError, ValueError)):
                CloudMask.from_json(value)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (
                {"mask": "band"},
                "mask_band: it has no value, and the mask is another band. Name the band that "
                "holds the mask.",
            ),
            (
                {"mask_band": "CLM"},
                "mask_band 'CLM': the mask is scl, which takes no band. Choose the mask band, or "
                "name no band.",
            ),
            (
                {"mask": "band", "mask_band": "B02"},
                "mask_band 'B02': it is a band of reflectance. Name the band that holds the mask.",
            ),
            (
                {"mask": "none", "mask_values": "1"},
                "mask_values '1': the mask is none. Choose a mask, or give no values.",
            ),
            (
                {"mask_values": "1;2"},
                "mask_values '1;2': they are no whole numbers from 0 to 65535. Write them as "
                "1,2,3 or 40-100.",
            ),
        ],
    )
    def test_contradictions_are_named(self, tmp_path: Path, options, message: str) -> None:
        folder = write_folder(tmp_path / "images", SUMMER[:2])
        with pytest.raises(UserError) as caught:
            defined(folder, **options)
        assert str(caught.value) == message

    def test_any_band_masks(self, tmp_path: Path) -> None:
        folder = tmp_path / "images"
        folder.mkdir()
        for date in SUMMER[:2]:
            bands = flat_bands(bands=TWO)
            del bands["SCL"]
            bands["CLM"] = np.zeros((24, 24))
            bands["CLM"][:6] = 1
            bands["CLM"][12, 12] = 255
            write_image(folder / f"{date}.tif", bands, nodata=None)
        chosen = {"bands": TWO, "mask": "band", "mask_band": "CLM", "mask_dilation": 0.0}
        series, notes = defined(folder, **chosen)
        assert series.mask == CloudMask("band", "CLM", (), (), 0.0)
        assert (~pixels(series).valid).sum(axis=(1, 2)).tolist() == [6 * 24 + 1] * 2
        assert "Masked by the band CLM:\n    2021-04-01: value 1 25%" in notes
        (tmp_path / "a.series.json").unlink()
        series, _ = defined(folder, **chosen, mask_values="255")
        assert (~pixels(series).valid).sum(axis=(1, 2)).tolist() == [1, 1]
        with pytest.raises(UserError, match="it lacks QA; wanted B02, B03, QA; found B02, B03"):
            defined(folder, **{**chosen, "mask_band": "QA"})

    def test_cloud_limit_leaves_out_dates_and_names_them(self, tmp_path: Path) -> None:
        folder = tmp_path / "images"
        folder.mkdir()
        for place, date in enumerate(SUMMER):
            bands = flat_bands(bands=TWO)
            bands["SCL"][: 6 * place] = 10
            write_image(folder / f"{date}.tif", bands)
        series, notes = defined(folder, bands=TWO, cloud_limit=30.0)
        assert [item.date.month for item in series.acquisitions] == [4, 5]
        assert (
            "Clouds hide more than 30% of the area on 2 of 4 dates, which are not used: "
            "2021-06-01 (50%), 2021-07-01 (75%)." in notes
        )
        with pytest.raises(UserError) as caught:
            defined(folder, bands=TWO, cloud_limit=10.0)
        assert caught.value.code == "no_clear_dates"
        assert str(caught.value) == (
            f"{folder}: clouds hide at most 10% of the area on 1 of 4 dates; a time series needs "
            "2. Allow more clouds, or choose another season."
        )


class TestDaysLeftOut:
    def test_days_left_out_are_named_and_not_used(self, tmp_path: Path) -> None:
        folder = write_folder(tmp_path / "images", SUMMER)
        series, notes = defined(folder, bands=TWO, without="2021-05-01, 2021-05-02")
        assert [item.date.month for item in series.acquisitions] == [4, 6, 7]
        assert "Left out as chosen: 2021-05-01." in notes
        assert "There is nothing of these days, which were to be left out: 2021-05-02." in notes

    def test_days_left_out_do_not_move_the_season(self, tmp_path: Path) -> None:
        folder = write_folder(tmp_path / "images", SUMMER)
        whole, _ = defined(folder, bands=TWO)
        (tmp_path / "a.series.json").unlink()
        series, _ = defined(folder, bands=TWO, without="2021-04-01")
        assert series.season == whole.season

    @pytest.mark.parametrize(
        ("without", "message"),
        [
            ("2021-04-01,2021-05-01,2021-06-01", "1 of its dates"),
            (",".join(f"2021-0{month}-01" for month in (4, 5, 6, 7)), "all of its 4 dates"),
            ("1 May, 2021-06-01", "without '1 May': it is no day. Write it as YYYY-MM-DD."),
        ],
    )
    def test_too_few_days_and_words_that_are_none_are_refused(
        self, tmp_path: Path, without: str, message: str
    ) -> None:
        folder = write_folder(tmp_path / "images", SUMMER)
        with pytest.raises(UserError, match=message):
            defined(folder, bands=TWO, without=without)

    def test_a_series_that_is_there_is_narrowed_too(self, tmp_path: Path) -> None:
        folder = write_folder(tmp_path / "images", SUMMER)
        defined(folder, bands=TWO)
        ctx, output = JobContext(), tmp_path / "b.series.json"
        define_series(
            SeriesJob(
                images=str(tmp_path / "a.series.json"), output=str(output), bands=TWO,
                without="2021-06-01",
            ),
            ctx,
        )  # fmt: skip
        assert [item.date.month for item in read_series(output).acquisitions] == [4, 5, 7]
        assert "a.series.json: Left out as chosen: 2021-06-01." in ctx.noted


class TestOmniCloudMask:
    """With a module in the package's place that has its signature."""

    @pytest.fixture
    def calls(self, monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
        found: list[np.ndarray] = []

        def predict_from_array(input_array: np.ndarray, *, no_data_value: int) -> np.ndarray:
            found.append(input_array)
            assert no_data_value == 0
            # Bright red is thick cloud.
            return (input_array[:1] > 3000).astype(np.uint8)

        module = types.ModuleType("omnicloudmask")
        module.predict_from_array = predict_from_array
        monkeypatch.setitem(sys.modules, "omnicloudmask", module)
        return found

    def images(self, tmp_path: Path) -> Path:
        folder = tmp_path / "images"
        folder.mkdir()
        for date in SUMMER[:3]:
            bands = flat_bands()
            bands["B04"][:6] = 5000
            bands["B04"][20, 20] = 0
            del bands["SCL"]
            write_image(folder / f"{date}.tif", bands)
        return folder

    def test_masks_are_computed_once_and_kept_beside_the_series(self, tmp_path, calls) -> None:
        folder = self.images(tmp_path)
        before = sorted(path.name for path in folder.iterdir())
        series, notes = defined(folder, bands=TWO, mask="omnicloudmask", mask_dilation=10.0)
        assert len(calls) == 3 and calls[0].shape == (3, 24, 24)
        assert calls[0][:, 20, 20].tolist() == [0, 0, 0]
        assert calls[0][:, 10, 10].tolist() == [1020, 1010, 1060]
        masks = sorted((tmp_path / "a.masks").iterdir())
        assert [path.name[:10] for path in masks] == ["2021-04-01", "2021-05-01", "2021-06-01"]
        assert sorted(path.name for path in folder.iterdir()) == before
        assert (~pixels(series).valid).sum(axis=(1, 2)).tolist() == [7 * 24] * 3
        assert "Masked by OmniCloudMask:\n    2021-04-01: thick cloud 25%" in notes
        assert series.acquisitions[0].mask.path == masks[0]
        # Again: the masks are there. A mask of an image that is gone is removed.
        (folder / f"{SUMMER[0]}.tif").unlink()
        (tmp_path / "a.masks" / "mine.tif").write_bytes(b"")
        defined(folder, bands=TWO, mask="omnicloudmask")
        assert len(calls) == 3
        assert sorted((tmp_path / "a.masks").iterdir()) == [
            *masks[1:],
            masks[0].parent / "mine.tif",
        ]

    def test_what_the_package_refuses_is_said(self, tmp_path, calls, monkeypatch) -> None:
        def fails(input_array: np.ndarray, *, no_data_value: int) -> np.ndarray:
            raise ValueError("too small")

        monkeypatch.setattr(sys.modules["omnicloudmask"], "predict_from_array", fails)
        with pytest.raises(UserError) as caught:
            defined(self.images(tmp_path), mask="omnicloudmask")
        assert str(caught.value) == (
            "20210401.tif: omnicloudmask could not mask it (too small). Check that its weights "
            "could be fetched and that the image measures at least 32 pixels, or choose another "
            "mask."
        )
        assert not list((tmp_path / "a.masks").glob("*"))

    def test_without_the_package_words_say_what_to_install(self, tmp_path, monkeypatch) -> None:
        monkeypatch.setitem(sys.modules, "omnicloudmask", None)
        with pytest.raises(UserError) as caught:
            defined(self.images(tmp_path), mask="omnicloudmask")
        assert caught.value.code == "package_missing"
        assert str(caught.value).startswith(
            "mask omnicloudmask: the package omnicloudmask cannot be imported ("
        )
        assert str(caught.value).endswith(
            "). Install it into the engine's Python (pip install omnicloudmask); it fetches its "
            "weights when it first runs. Or choose another mask."
        )

    def test_other_jobs_need_the_series_first(self, tmp_path: Path, calls) -> None:
        images = str(self.images(tmp_path))
        with pytest.raises(UserError) as caught:
            series_from_images(images, mask=CloudMask.of("omnicloudmask"), ctx=JobContext())
        assert str(caught.value) == (
            f"{images}: its clouds are to be masked by OmniCloudMask, whose masks lie beside a "
            "time series. Define the time series first with cscl series, and give its "
            ".series.json."
        )


class TestFrames:
    def test_periods_of_ten_days(self) -> None:
        dates = [DAY(2020, 2, 10), DAY(2020, 2, 11), DAY(2020, 2, 29), DAY(2020, 3, 21)]
        frames = frames_of(dates, (DAY(2020, 1, 1), DAY(2020, 12, 31)), "dekad")
        assert [(frame.date, frame.members) for frame in frames] == [
            (DAY(2020, 2, 5), (0,)),
            (DAY(2020, 2, 15), (1,)),
            (DAY(2020, 2, 25), (2,)),
            (DAY(2020, 3, 5), ()),
            (DAY(2020, 3, 15), ()),
            (DAY(2020, 3, 26), (3,)),
        ]

    def test_months_end_with_the_season(self) -> None:
        dates = [DAY(2020, 10, 20), DAY(2020, 10, 30), DAY(2020, 12, 5)]
        frames = frames_of(dates, (DAY(2020, 10, 15), DAY(2020, 12, 9)), "month")
        assert [(frame.date, frame.members) for frame in frames] == [
            (DAY(2020, 10, 23), (0, 1)), (DAY(2020, 11, 15), ()), (DAY(2020, 12, 5), (2,))
        ]  # fmt: skip

    @given(
        st.lists(st.dates(DAY(2020, 1, 1), DAY(2021, 12, 31)), min_size=1, unique=True),
        st.sampled_from(["none", "month", "dekad"]),
    )
    def test_every_date_is_in_one_frame(self, dates: list[DAY], composite: str) -> None:
        dates.sort()
        frames = frames_of(dates, (DAY(2020, 1, 1), DAY(2021, 12, 31)), composite)
        assert [n for frame in frames for n in frame.members] == list(range(len(dates)))
        days = [frame.date for frame in frames]
        assert days == sorted(set(days))
        assert frames[0].members and frames[-1].members

    @given(st.integers(0, 2**32 - 1), st.integers(1, 7))
    def test_median_over_valid_dates(self, seed: int, count: int) -> None:
        generator = np.random.Generator(np.random.PCG64(seed))
        values = generator.random((count, 2, 3, 4), dtype=np.float32)
        valid = generator.random((count, 3, 4)) < 0.6
        middle, seen = compose(values, valid)
        assert middle.dtype == np.float32
        assert np.array_equal(seen, valid.any(axis=0))
        masked = np.ma.masked_array(values, np.repeat(~valid[:, None], 2, axis=1))
        assert np.allclose(middle, np.ma.median(masked, axis=0).filled(0), rtol=0, atol=1e-6)

    def test_until_shortens_a_composite(self, tmp_path: Path) -> None:
        folder = write_folder(tmp_path / "images", ("20210405", "20210415", *SUMMER[1:]), size=8)
        season = "2021-04-01/2021-09-30"
        series, notes = defined(folder, composite="month", season=season, dates=2)
        assert series.days == (14, 45, 75, 106) and series.composite == "month"
        assert "2 dates were asked for, which does not count for medians." in notes
        assert "5 dates became 4 medians, one for each month" in notes
        part = read_series(tmp_path / "a.series.json").until(DAY(2021, 5, 20))
        assert part.days == (14, 45)
        again, _ = defined(folder, composite="month", season=season, until="2021-05-20",
                           overwrite=True)  # fmt: skip
        assert again.days == part.days
        assert np.array_equal(pixels(again).values, pixels(part).values)

    def test_a_period_without_a_date_is_a_frame_without_data(self, tmp_path: Path) -> None:
        folder = write_folder(tmp_path / "images", ("20210405", "20210610", "20210615"), size=8)
        series, notes = defined(folder, composite="month")
        assert series.dates == (DAY(2021, 4, 15), DAY(2021, 5, 16), DAY(2021, 6, 15))
        stack = pixels(series)
        assert not stack.valid[1].any() and (stack.values[1] == 0).all()
        assert "Medians of periods without a date are without data: 2021-05-16." in notes

    def test_f32_dates_of_one_month_are_too_few_medians(self, tmp_path: Path) -> None:
        folder = write_folder(tmp_path / "images", ("20210605", "20210610"), size=8)
        with pytest.raises(UserError) as caught:
            defined(folder, composite="month")
        assert str(caught.value) == (
            f"{folder}: its 2 dates make 1 median by month; a time series needs 2. Choose shorter "
            "periods, another season, or add images."
        )

    def test_gaps_are_filled_between_clear_dates_and_held_at_the_ends(self, tmp_path) -> None:
        folder = tmp_path / "images"
        folder.mkdir()
        clear = {0: (1, 3), 1: (0, 2), 2: ()}  # by column, the dates that are clear
        for place, date in enumerate(("20210401", "20210411", "20210421", "20210511")):
            bands = flat_bands(size=8, value=1000 * (place + 1), bands=TWO)
            for column, dates in clear.items():
                if place not in dates:
                    bands["SCL"][:, column] = 10
            write_image(folder / f"{date}.tif", bands)
        series, notes = defined(folder, bands=TWO, gaps="linear")
        stack = pixels(series)
        assert stack.valid[:, :, 2].sum() == 0 and (stack.values[..., 2] == 0).all()
        assert stack.valid[:, :, [0, 1, 3]].all()
        # 10 of 30 days between 0.2 and 0.4.
        expected = [0.2, 0.2, 0.2667, 0.4], [0.1, 0.2, 0.3, 0.3], [0.1, 0.2, 0.3, 0.4]
        for column, values in zip((0, 1, 3), expected, strict=True):
            assert np.allclose(stack.values[:, 0, 0, column], values, atol=1e-6)
        assert "Hidden pixels are filled linearly in time" in notes

    @pytest.mark.parametrize("composite", ["none", "month", "dekad"])
    @pytest.mark.parametrize("gaps", ["keep", "linear"])
    def test_values_never_depend_on_the_window(self, tmp_path, composite: str, gaps: str) -> None:
        dates = ("20210403", "20210412", "20210418", "20210429", "20210611", "20210630")
        folder = write_folder(tmp_path / "images", dates, size=40)
        series, _ = defined(folder, composite=composite, gaps=gaps)
        with SeriesReader(series) as reader:
            whole = reader.read(series.grid.whole)
            for window in (Window(0, 0, 7, 9), Window(11, 13, 16, 16), Window(39, 39, 1, 1)):
                part = reader.read(window)
                assert np.array_equal(part.values, whole.values[:, :, *window.slices])
                assert np.array_equal(part.valid, whole.valid[:, *window.slices])
            beyond = reader.read(Window(30, -5, 20, 20), pad=3)
        assert len(series.days) == whole.values.shape[0] == {"none": 6, "month": 3, "dekad": 9}[
            composite
        ]  # fmt: skip
        assert not beyond.valid[:, :, :8].any() and not beyond.valid[:, 13:].any()
        if not series.plain:  # whole numbers, as a dataset stores them
            numbers = whole.values.astype(np.float64) * 10_000
            assert np.abs(numbers - np.rint(numbers)).max() < 1e-3

    @pytest.mark.parametrize("change", [{"cscl:composite": "week"}, {"cscl:gaps": "cubic"},
                                        {"cscl:mask": "magic"}])  # fmt: skip
    def test_unknown_choices_in_a_file_are_refused(self, tmp_path: Path, change) -> None:
        folder = write_folder(tmp_path / "images", SUMMER[:2], size=8)
        defined(folder)
        path = tmp_path / "a.series.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
        with pytest.raises(UserError, match="it is damaged") as caught:
            read_series(path)
        assert caught.value.code == "invalid_series"

    def test_files_of_before_are_dates_as_they_are(self, tmp_path: Path) -> None:
        folder = write_folder(tmp_path / "images", SUMMER[:2], size=8)
        series, _ = defined(folder)
        path = tmp_path / "a.series.json"
        document = json.loads(path.read_text())
        del document["cscl:composite"], document["cscl:gaps"]
        path.write_text(json.dumps({**document, "cscl:mask": "scl"}))
        assert read_series(path) == series

    def test_a_ready_series_keeps_its_choice(self, tmp_path: Path) -> None:
        folder = write_folder(tmp_path / "images", SUMMER, size=8)
        ctx = JobContext()
        first = series_from_images(str(folder), composite="month", gaps="linear", ctx=ctx)
        path = tmp_path / "b.series.json"
        write_series(first, path)
        again = series_from_images(str(path), mask="none", dates=2, ctx=ctx)
        assert (again.composite, again.gaps, again.mask) == ("month", "linear", CloudMask())
        assert len(again.frames) == 4
        notes = "\n".join(ctx.noted)
        assert (
            "b.series.json: its own dates (medians by month, gaps filled linearly) are used."
            in notes
        )
        assert "b.series.json: all its 4 medians are used; the 2 dates that were asked" in notes
