"""Season's curves of pixels, parcels and classes, with values that are known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ask import ask, refused
from cscl.context import JobContext
from cscl.dataset.reader import Dataset
from cscl.grid import Window
from cscl.series.job import series_from_images
from cscl.series.model import Asset
from cscl.series.reader import SeriesReader
from cscl.series.sources import OpenFiles
from cscl.series.stac import write_series
from small_scene import LEFT, TEN, TOP, UTM, flat_bands, write_image

DATES = ("20210401", "20210501", "20210601")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three dates of 24 pixels; on the second, clouds hide the left half."""
    place = tmp_path_factory.mktemp("curve")
    for step, date in enumerate(DATES):
        bands = flat_bands(value=1000 + 100 * step)
        bands["B08"][:] = 3000
        bands["B04"][:] = np.arange(24)[None, :] * 10 + 500
        if step == 1:
            bands["SCL"][:, :12] = 9
            bands["B04"][:, :12] = 6000
        write_image(place / f"S2_L2A_{date}.tif", bands)
    return place


@pytest.fixture(scope="module")
def series(folder: Path) -> str:
    """The same as a time series."""
    path = folder.parent / "curve.series.json"
    write_series(series_from_images(str(folder), ctx=JobContext()), path)
    return str(path)


def at(column: float, row: float) -> dict[str, object]:
    """Return the point at a place in pixels."""
    return {"x": LEFT + 10 * column, "y": TOP - 10 * row, "crs": UTM}


def box(left: float, top: float, right: float, bottom: float) -> str:
    """Return a rectangle of pixels as WKT."""
    west, east, north, south = (
        LEFT + 10 * left,
        LEFT + 10 * right,
        TOP - 10 * top,
        TOP - 10 * bottom,
    )
    return (
        f"POLYGON(({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))"
    )


class TestPixel:
    def test_a_clear_pixel(self, series: str) -> None:
        found = ask("curve", series=series, **at(20.5, 3.5))
        assert found["dates"] == ["2021-04-01", "2021-05-01", "2021-06-01"]
        assert found["clear"] == [True, True, True]
        assert found["pixels"] == 1
        assert set(found["bands"]) == set(TEN)
        assert found["bands"]["B02"] == [0.1, 0.11, 0.12]
        assert found["bands"]["B04"] == [0.07, 0.07, 0.07]
        assert found["ndvi"] == pytest.approx([(0.3 - 0.07) / 0.37] * 3, abs=1e-5)

    def test_a_cloud_is_shown_and_marked(self, series: str) -> None:
        found = ask("curve", series=series, bands=["B04"], **at(4.5, 3.5))
        assert found["clear"] == [True, False, True]
        assert found["bands"] == {"B04": [0.054, 0.6, 0.054]}
        assert found["ndvi"][1] == pytest.approx((0.3 - 0.6) / 0.9, abs=1e-5)

    def test_it_is_what_models_see(self, series: str) -> None:
        defined = series_from_images(series, ctx=JobContext())
        with SeriesReader(defined) as reader:
            stack = reader.read(Window(3, 20, 1, 1))
        found = ask("curve", series=series, **at(20.5, 3.5))["bands"]
        for place, band in enumerate(defined.bands):
            assert found[band] == pytest.approx(stack.values[:, place, 0, 0].tolist(), abs=1e-5)

    def test_images_that_are_no_series_yet(self, folder: Path, series: str) -> None:
        assert ask("curve", series=str(folder), **at(4.5, 3.5)) == ask(
            "curve", series=series, **at(4.5, 3.5)
        )
        unmasked = ask("curve", series=str(folder), mask="none", **at(4.5, 3.5))
        assert unmasked["clear"] == [True, True, True]

    def test_other_reference_systems(self, series: str) -> None:
        from pyproj import Transformer

        point = at(20.5, 3.5)
        way = Transformer.from_crs(UTM, "EPSG:4326", always_xy=True)
        x, y = way.transform(point["x"], point["y"])
        found = ask("curve", series=series, x=x, y=y, crs="EPSG:4326")
        assert found == ask("curve", series=series, **point)

    def test_nothing_is_known_beyond_the_data(self, tmp_path: Path) -> None:
        for date in DATES:
            bands = flat_bands()
            bands["B05"][0, 0] = 0
            write_image(tmp_path / f"S2_L2A_{date}.tif", bands)
        found = ask("curve", series=str(tmp_path), **at(0.5, 0.5))
        assert found["bands"]["B05"] == [None, None, None]
        assert found["ndvi"] == [None, None, None]
        assert found["clear"] == [False, False, False]


class TestParcel:
    def test_the_mean_of_the_pixels_whose_centres_lie_in_it(self, series: str) -> None:
        found = ask("curve", series=series, wkt=box(16.2, 4.2, 19.8, 5.8), crs=UTM, bands=["B04"])
        assert found["pixels"] == 4 * 2
        # Columns 16 to 19.
        assert found["bands"]["B04"] == [0.0675, 0.0675, 0.0675]

    def test_clear_where_half_is_and_of_the_clear_ones_alone(self, series: str) -> None:
        # The mask reaches 20 m beyond the cloud, so columns 14 and on are clear.
        found = ask("curve", series=series, wkt=box(12, 0, 18, 2), crs=UTM, bands=["B04"])
        assert found["clear"] == [True, True, True]
        assert found["bands"]["B04"] == pytest.approx([0.0645, 0.0655, 0.0645])
        found = ask("curve", series=series, wkt=box(10, 0, 16, 2), crs=UTM, bands=["B04"])
        assert found["clear"] == [True, False, True]
        assert found["bands"]["B04"][1] == pytest.approx(
            (2 * 0.6 + 0.062 + 0.063 + 0.064 + 0.065) / 6, abs=1e-5
        )

    def test_a_parcel_smaller_than_a_pixel_is_its_pixel(self, series: str) -> None:
        found = ask("curve", series=series, wkt=box(20.1, 3.1, 20.3, 3.3), crs=UTM)
        assert found == ask("curve", series=series, **at(20.5, 3.5))

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"wkt": "POINT(1 2)", "crs": UTM}, "no_polygon"),
            ({"wkt": "POLYGON((", "crs": UTM}, "no_polygon"),
            ({"x": 1.0, "y": 2.0, "crs": UTM}, "outside_series"),
            ({"wkt": box(100, 100, 110, 110), "crs": UTM}, "outside_series"),
            ({"x": 1.0, "y": 2.0, "crs": "nonsense"}, "unknown_crs"),
            ({"x": 1.0, "crs": UTM}, "invalid_question"),
            ({"x": LEFT + 5, "y": TOP - 5, "crs": UTM, "bands": ["B01"]}, "bands_missing"),
        ],
    )
    def test_what_has_no_curve_is_refused_in_words(
        self, series: str, values: dict[str, object], code: str
    ) -> None:
        assert refused("curve", series=series, **values).code == code


def test_a_file_that_changed_is_said_and_looked_at_anew(tmp_path: Path) -> None:
    for date in DATES:
        write_image(tmp_path / f"S2_L2A_{date}.tif", flat_bands())
    path = tmp_path / "a.series.json"
    write_series(series_from_images(str(tmp_path), ctx=JobContext()), path)
    ask("curve", series=str(path), **at(3.5, 3.5))
    write_image(tmp_path / f"S2_L2A_{DATES[0]}.tif", flat_bands(size=30))
    assert refused("curve", series=str(path), **at(3.5, 3.5)).code == "image_changed"


def test_a_curve_reads_the_blocks_it_needs_and_keeps_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One block of each date and file: 64 x 256 of 1024 x 1024 pixels, and none the second time."""
    for date in DATES:
        write_image(
            tmp_path / f"S2_L2A_{date}.tif", flat_bands(size=1024), tiled=True,
            blockxsize=64, blockysize=64, compress="deflate",
        )  # fmt: skip
    read: list[int] = []
    raster = OpenFiles._raster

    def noted(
        self: OpenFiles, path: Path, member: str, assets: Sequence[Asset], window: Window
    ) -> list[Any]:
        read.append(window.height * window.width)
        return raster(self, path, member, assets, window)

    monkeypatch.setattr(OpenFiles, "_raster", noted)
    ask("curve", series=str(tmp_path), bands=["B04", "B08"], **at(500.5, 500.5))
    assert 0 < sum(read) <= 2 * len(DATES) * 64 * 256
    read.clear()
    ask("curve", series=str(tmp_path), bands=["B04", "B08"], **at(501.5, 500.5))
    assert read == []


class TestClasses:
    def test_curves_of_a_datasets_classes(self, chain: object) -> None:
        dataset = Dataset.open(chain.dataset)
        found = ask("class_curves", dataset=str(chain.dataset), bands=["B04", "B08"])
        assert found["season"] == "2020-10-01/2021-09-30"
        assert {row["code"] for row in found["classes"]} <= set(dataset.classes.codes)
        assert len(found["classes"]) >= 2
        start = dataset.season[0]
        for row in found["classes"]:
            assert row["name"] == dataset.classes.name_of(row["code"])
            assert row["colour"] == dataset.classes.colour_of(row["code"])
            assert set(row["mean"]) == {"B04", "B08"}
            assert row["days"] == sorted(row["days"]) and len(row["days"]) >= 3
            first = (start.toordinal() + row["days"][0]) - start.replace(month=1, day=1).toordinal()
            assert row["dates"][0] == first % 366 + 1 or row["dates"][0] == first % 365 + 1
            for low, mean, high in zip(row["low"], row["ndvi"], row["high"], strict=True):
                assert -1 <= low <= high <= 1 and -1 <= mean <= 1
        again = ask("class_curves", dataset=str(chain.dataset), bands=["B04", "B08"])
        assert again == found

    def test_bands_that_the_dataset_lacks(self, chain: object) -> None:
        assert refused("class_curves", dataset=str(chain.dataset), bands=["B01"]).code == (
            "band_missing"
        )
