"""Tables of images, cloud shares and thumbnails, with values that are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ask import ask, refused
from cscl.context import JobContext
from cscl.series.job import series_from_images
from cscl.series.stac import write_series
from PIL import Image
from small_scene import LEFT, TEN, TOP, flat_bands, write_folder, write_image


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own."""
    monkeypatch.setenv("CSCL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


class TestLook:
    def test_good_images_by_date(self, tmp_path: Path) -> None:
        write_folder(tmp_path / "in", ("20210601", "20210401", "20220301"))
        found = ask("look", images=str(tmp_path / "in"), season="2021-01-01/2021-12-31")
        assert [row["date"] for row in found["rows"]] == ["2021-04-01", "2021-06-01", "2022-03-01"]
        assert [row["used"] for row in found["rows"]] == [True, True, False]
        less = ask("look", images=str(tmp_path / "in"), without="2021-06-01")
        assert [row["used"] for row in less["rows"]] == [True, False, True]
        first = found["rows"][0]
        assert first["id"] == first["source"] == "S2_L2A_20210401.tif"
        assert first["bands"] == [*TEN, "SCL"]
        assert (first["level"], first["resolution"], first["problem"]) == ("L2A", 10.0, "")
        assert (first["cloud"], first["valid"], first["baseline"]) == (None, None, "")
        grid = found["grids"][0]
        assert grid["extent"] == [LEFT, TOP - 240, LEFT + 240, TOP]
        assert (grid["size"], grid["crs"], grid["images"]) == ([24, 24], "EPSG:32631", 3)
        assert first["grid"] == grid["name"]
        assert found["season"] == "2021-01-01/2021-12-31"
        assert found["wanted_bands"] == [*TEN, "SCL"]
        assert found["findings"] == []

    def test_rows_with_problems_stand_beside_the_good_ones(self, tmp_path: Path) -> None:
        folder = write_folder(tmp_path / "in", ("20210401", "20210601"))
        write_image(folder / "field.tif", flat_bands())
        few = {name: band for name, band in flat_bands().items() if name != "B05"}
        write_image(folder / "S2_L2A_20210501.tif", few)
        (folder / "S2_L2A_20210502.tif").write_bytes(b"II*\0 and no more")
        rows = {row["source"]: row for row in ask("look", images=str(folder))["rows"]}
        assert list(rows) == [
            "S2_L2A_20210401.tif",
            "S2_L2A_20210501.tif",
            "S2_L2A_20210502.tif",
            "S2_L2A_20210601.tif",
            "field.tif",
        ]
        assert "it lacks B05" in rows["S2_L2A_20210501.tif"]["problem"]
        assert rows["S2_L2A_20210501.tif"]["date"] == "2021-05-01"
        assert "cannot be opened" in rows["S2_L2A_20210502.tif"]["problem"]
        assert "hold a date" in rows["field.tif"]["problem"]
        assert (rows["field.tif"]["date"], rows["field.tif"]["asked"]) == (None, ["date"])
        assert [row["used"] for row in rows.values()] == [True, False, False, True, False]

    def test_what_is_told_of_an_image_mends_it(self, tmp_path: Path) -> None:
        folder = write_folder(tmp_path / "in", ("20210401", "20210601"))
        write_image(folder / "field.tif", flat_bands())
        told = ask("look", images=str(folder), dates_of={"field.tif": "2021-05-09"})
        assert [row["date"] for row in told["rows"]] == ["2021-04-01", "2021-05-09", "2021-06-01"]
        assert all(row["used"] for row in told["rows"])
        wrong = refused("look", images=str(folder), dates_of={"field.tif": "May"})
        assert wrong.code == "invalid_image_table"
        assert "image field.tif" in str(wrong)

    def test_bands_without_names_are_asked_for_and_told(self, tmp_path: Path) -> None:
        bands = flat_bands()
        nameless = {f"layer {place}": band for place, band in enumerate(bands.values())}
        (tmp_path / "in").mkdir()
        for date in ("20210401", "20210601"):
            write_image(tmp_path / "in" / f"S2_{date}.tif", nameless)
        folder = str(tmp_path / "in")
        assert [row["asked"] for row in ask("look", images=folder)["rows"]] == [["bands"]] * 2
        told = ask("look", images=folder, bands_of={"*": " ".join(bands)})
        assert [row["bands"] for row in told["rows"]] == [[*TEN, "SCL"]] * 2
        assert all(row["used"] for row in told["rows"])

    def test_a_series_tells_its_shares(self, tmp_path: Path) -> None:
        folder = tmp_path / "in"
        folder.mkdir()
        for date, clouds in (("20210401", 0), ("20210601", 6)):
            bands = flat_bands()
            bands["SCL"][:clouds] = 9
            write_image(folder / f"S2_L2A_{date}.tif", bands)
        series = tmp_path / "a.series.json"
        write_series(series_from_images(str(folder), ctx=JobContext()), series)
        rows = ask("look", images=str(series))["rows"]
        assert [row["cloud"] for row in rows] == [0.0, 0.25]
        # 20 m around clouds are hidden too: two more rows of 24.
        assert [row["valid"] for row in rows] == [1.0, 16 / 24]
        thumb = ask("thumbnail", images=str(series), id=rows[1]["id"], size=12)
        assert (thumb["width"], thumb["height"]) == (12, 12)

    def test_nothing_to_look_at_is_refused_in_words(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        assert refused("look", images=str(tmp_path / "empty")).code == "no_images"
        assert refused("look", images=str(tmp_path / "none")).code == "images_missing"
        good = str(write_folder(tmp_path / "in", ("20210401", "20210601")))
        assert refused("look", images=good, season="2021").code == "invalid_season"


class TestOneImage:
    def test_cloud_shares_are_those_of_the_series(self, tmp_path: Path) -> None:
        folder = write_folder(tmp_path / "in", ("20210401", "20210601"), size=40)
        series = series_from_images(str(folder), ctx=JobContext())
        for acquisition in series.acquisitions:
            found = ask("clouds", images=str(folder), id=acquisition.source)
            assert found == {
                "id": acquisition.source,
                "cloud": acquisition.cloud_share,
                "valid": acquisition.valid_share,
            }

    def test_shares_of_an_area_alone(self, tmp_path: Path) -> None:
        bands = flat_bands(size=40)
        bands["SCL"][:10, :10] = 9
        folder = tmp_path / "in"
        folder.mkdir()
        write_image(folder / "S2_L2A_20210401.tif", bands)
        where = {"images": str(folder), "id": "S2_L2A_20210401.tif"}
        area = [LEFT, TOP - 200, LEFT + 200, TOP]
        found = ask("clouds", **where, area=area)
        assert found["cloud"] == 100 / 400
        # Two pixels around the cloud, less the corner that is farther than 20 m.
        assert found["valid"] == 1 - (100 + 2 * 20 + 1) / 400
        assert ask("clouds", **where, area=area, mask="none")["valid"] == 1.0
        beyond = refused("clouds", **where, area=[0, 0, 10, 10], area_crs="EPSG:32631")
        assert beyond.code == "outside_image"

    def test_a_thumbnail_shows_reflectance(self, tmp_path: Path, home: Path) -> None:
        bands = flat_bands(size=40)
        bands["B04"][:] = 2500
        bands["B03"][:] = 1250
        bands["B02"][:] = 0
        bands["B02"][:, :20] = 25
        folder = tmp_path / "in"
        folder.mkdir()
        write_image(folder / "S2_L2A_20210401.tif", bands)
        where = {"images": str(folder), "id": "S2_L2A_20210401.tif"}
        found = ask("thumbnail", **where, size=20)
        path = Path(found["path"])
        assert home in path.parents
        with Image.open(path) as picture:
            pixels = np.asarray(picture)
        assert pixels.shape == (20, 20, 4)
        # Red at the brightest, green half as bright; numbers of 0 are no data, and see-through.
        assert pixels[0, 0].tolist() == [255, 128, 3, 255]
        assert pixels[0, 19, 3] == 0
        made = path.stat().st_mtime_ns
        assert ask("thumbnail", **where, size=20) == found
        assert path.stat().st_mtime_ns == made
        assert found["extent"] == [LEFT, TOP - 400, LEFT + 400, TOP]
        assert ask("thumbnail", **where, size=20, bands=["B08", "B04", "B03"])["path"] != str(path)

    def test_images_and_bands_that_are_not_there(self, tmp_path: Path) -> None:
        folder = str(write_folder(tmp_path / "in", ("20210401",)))
        assert refused("thumbnail", images=folder, id="other", size=9).code == "no_such_image"
        absent = {"images": folder, "id": "S2_L2A_20210401.tif", "size": 9}
        error = refused("thumbnail", **absent, bands=["B04", "B03", "B01"])
        assert error.code == "bands_missing"
        assert "it lacks B01" in str(error)
        assert refused("thumbnail", **{**absent, "size": 0}).code == "no_picture"


def test_real_products_are_looked_at(shared_data: Path) -> None:
    """Neither product can be used: one has no scene classification, one lacks files."""
    rows = {row["level"]: row for row in ask("look", images=str(shared_data / "safe"))["rows"]}
    assert "lacks SCL" in rows["L1C"]["problem"]
    assert "T29UNU_20221005T115411_B02_10m.jp2" in rows["L2A"]["problem"]
    assert [rows[level]["date"] for level in ("L1C", "L2A")] == ["2018-06-29", "2022-10-05"]
    assert [rows[level]["baseline"] for level in ("L1C", "L2A")] == ["02.06", "04.00"]
    assert not any(row["used"] for row in rows.values())


def test_a_real_product_is_pictured(shared_data: Path) -> None:
    product = str(next((shared_data / "safe").glob("*MSIL1C*")))
    bands = ["B02", "B03", "B04"]
    row = ask("look", images=product, mask="none", bands=bands)["rows"][0]
    assert (row["problem"], row["used"], row["bands"]) == ("", True, bands)
    found = ask("thumbnail", images=product, id=row["id"], size=64)
    assert (found["width"], found["height"], found["crs"]) == (64, 64, "EPSG:32756")
    with Image.open(found["path"]) as picture:
        pixels = np.asarray(picture)
    assert pixels[..., :3][pixels[..., 3] == 255].std() > 5


def test_a_real_cube_is_looked_at(shared_data: Path) -> None:
    cube = str(shared_data / "netcdf" / "belgium_s2_l2a_scl_2023.nc")
    rows = ask("look", images=cube, bands=["B02", "B03", "B04", "B08"])["rows"]
    assert len(rows) > 1 and len({row["id"] for row in rows}) == len(rows)
    found = ask("thumbnail", images=cube, id=rows[0]["id"], size=32)
    assert max(found["width"], found["height"]) == 32
