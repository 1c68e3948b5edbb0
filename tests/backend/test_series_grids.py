"""Images of several grids, tables of what images do not tell, and where grids may lie."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import PipelineJob, SeriesJob
from cscl.grid import Grid
from cscl.pipeline import run_pipeline
from cscl.series.ground import outline
from cscl.series.image_table import read_image_table
from cscl.series.images import Hint
from cscl.series.job import all_series, define_series, series_from_images
from cscl.series.reader import SeriesReader
from cscl.series.season import season_text
from cscl.series.stac import read_series
from small_scene import LEFT, TOP, flat_bands, write_folder, write_image

DAY = datetime.date
SUMMER = ("20210401", "20210501", "20210601")
TWO = ("B02", "B03")
BANDS = flat_bands(size=12, bands=TWO)


def define(images: Path | str, output: Path, **options: object) -> JobContext:
    ctx = JobContext()
    job = SeriesJob(images=str(images), output=str(output), bands=TWO, **options)
    define_series(job, ctx)
    return ctx


def two_zones(folder: Path) -> Path:
    folder.mkdir()
    for date in SUMMER:
        write_image(folder / f"west_{date}.tif", BANDS)
        write_image(folder / f"east_{date}.tif", BANDS, crs="EPSG:32632")
    return folder


class TestSeveralGrids:
    def test_f34_two_zones_become_one_series_each(self, tmp_path: Path) -> None:
        images = two_zones(tmp_path / "images")
        ctx = define(images, tmp_path / "area.series.json")
        written = sorted(path.name for path in tmp_path.glob("*.series.json"))
        assert written == ["area_EPSG_32631.series.json", "area_EPSG_32632.series.json"]
        for path, name in zip(written, ("west", "east"), strict=True):
            series = read_series(tmp_path / path)
            assert {item.source[:4] for item in series.acquisitions} == {name}
            assert len(series.acquisitions) == 3
            with SeriesReader(series) as reader:
                assert reader.read(series.grid.whole).valid.all()
        assert set(ctx.listener.artifacts) == {"series", "series_2"}
        assert (
            "The images lie on 2 grids: one time series each (area_EPSG_32631.series.json, "
            "area_EPSG_32632.series.json)." in ctx.noted
        )
        found = all_series(str(tmp_path), ctx=JobContext(), bands=TWO)
        assert [series.grid.crs for series in found] == ["EPSG:32631", "EPSG:32632"]
        listed = ";".join(str(tmp_path / name) for name in reversed(written))
        assert [series.grid.crs for series in all_series(listed, ctx=JobContext())] == [
            "EPSG:32632", "EPSG:32631"
        ]  # fmt: skip

    def test_f34_one_series_of_two_zones_is_refused(self, tmp_path: Path) -> None:
        images = two_zones(tmp_path / "images")
        with pytest.raises(UserError) as caught:
            series_from_images(str(images), bands=TWO, ctx=JobContext())
        place = "12 x 12 pixels of 10 m from 500000, 5600000, 3 images"
        assert str(caught.value) == (
            f"{images}: its images lie on 2 grids: EPSG:32631, {place}; EPSG:32632, {place}. "
            "Name the images of one of them, or define a time series of each with cscl series, "
            "which writes one file a grid."
        )

    def test_tiles_of_one_zone_give_their_names(self, tmp_path: Path) -> None:
        images = tmp_path / "images"
        images.mkdir()
        for tile, left in (("T31UES", LEFT), ("T31UFS", LEFT + 100_000)):
            for date in SUMMER:
                write_image(
                    images / f"S2A_MSIL2A_{date}T105031_N0500_R051_{tile}_{date}T135645.tif",
                    BANDS,
                    transform=Affine(10, 0, left, 0, -10, TOP),
                )
        define(images, tmp_path / "area.series.json")
        written = sorted(path.name for path in tmp_path.glob("*.series.json"))
        assert written == ["area_T31UES.series.json", "area_T31UFS.series.json"]
        assert read_series(tmp_path / written[1]).grid.transform[2] == LEFT + 100_000

    def test_parts_of_one_zone_are_numbered(self, tmp_path: Path) -> None:
        images = tmp_path / "images"
        images.mkdir()
        for place, left in enumerate((LEFT, LEFT + 5_000)):
            for date in SUMMER[: 3 - place]:
                write_image(
                    images / f"{place}_{date}.tif", BANDS,
                    transform=Affine(10, 0, left, 0, -10, TOP),
                )  # fmt: skip
        define(images, tmp_path / "area.series.json")
        assert [
            len(read_series(tmp_path / f"area_EPSG_32631_{number}.series.json").acquisitions)
            for number in (1, 2)
        ] == [3, 2]

    def test_all_files_or_none(self, tmp_path: Path) -> None:
        images = two_zones(tmp_path / "images")
        there = tmp_path / "area_EPSG_32632.series.json"
        there.write_text("mine")
        with pytest.raises(UserError) as caught:
            define(images, tmp_path / "area.series.json")
        assert caught.value.code == "output_exists" and str(there) in str(caught.value)
        assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [there.name]
        assert there.read_text() == "mine"
        define(images, tmp_path / "area.series.json", overwrite=True)
        assert read_series(there).grid.crs == "EPSG:32632"

    def test_what_stands_against_every_grid_is_told_at_once(self, tmp_path: Path) -> None:
        images = two_zones(tmp_path / "images")
        with pytest.raises(UserError) as caught:
            define(images, tmp_path / "a.series.json", season="2022-01-01/2022-12-31")
        assert [item.code for item in caught.value.findings] == ["too_few_dates"] * 2
        assert "EPSG:32631" in caught.value.findings[0].subject
        assert "EPSG:32632" in caught.value.findings[1].subject
        assert not list(tmp_path.glob("*.series.json"))

    def test_a_series_a_year(self, tmp_path: Path) -> None:
        folder = write_folder(tmp_path / "images", (*SUMMER, "20220401", "20220501"), size=8)
        for year in (2021, 2022):
            define(folder, tmp_path / f"y{year}.series.json", season=f"{year}-03-01/{year}-08-31")
        found = all_series(str(tmp_path), ctx=JobContext())
        assert [season_text(series.season) for series in found] == [
            "2021-03-01/2021-08-31", "2022-03-01/2022-08-31"
        ]  # fmt: skip
        assert [len(series.acquisitions) for series in found] == [3, 2]

    def test_the_whole_chain_takes_one_grid(self, tmp_path: Path) -> None:
        images = two_zones(tmp_path / "images")
        job = PipelineJob(
            images=str(images), parcels="p.gpkg", class_field="crop", output=str(tmp_path),
            bands=TWO,
        )  # fmt: skip
        with pytest.raises(UserError) as caught:
            run_pipeline(job, JobContext())
        assert str(caught.value).startswith(
            f"{images}: its images lie on several grids, one time series each "
            "(images_EPSG_32631.series.json, images_EPSG_32632.series.json). Give the images"
        )

    def test_series_and_images_are_not_mixed(self, tmp_path: Path) -> None:
        images = write_folder(tmp_path / "images", SUMMER, size=8)
        define(images, tmp_path / "a.series.json")
        mixed = f"{tmp_path / 'a.series.json'};{images / 'S2_L2A_20210401.tif'}"
        with pytest.raises(UserError) as caught:
            all_series(mixed, ctx=JobContext())
        assert str(caught.value) == (
            f"{mixed}: it names 1 time series and 1 other files. Name images, or time series that "
            "were defined from them."
        )
        # A folder that holds images is one of images, whatever else lies there.
        define(images, images / "b.series.json")
        assert len(all_series(str(images), bands=TWO, ctx=JobContext())) == 1


class TestGround:
    @pytest.mark.parametrize(
        ("crs", "x", "y", "code", "words"),
        [
            # 180 degrees lies at 812 km in zone 60 at 17 degrees south.
            ("EPSG:32760", 800_000, 8_119_000, "crosses_antimeridian",
             "its ground crosses the antimeridian, from 17"),
            ("EPSG:3413", -5_000, 5_000, "holds_pole",
             "its ground holds the north pole (EPSG:3413)"),
            ("EPSG:3031", -5_000, 5_000, "holds_pole",
             "its ground holds the south pole (EPSG:3031)"),
        ],
    )  # fmt: skip
    def test_f34_antimeridian_and_poles_are_refused(
        self, tmp_path: Path, crs: str, x: float, y: float, code: str, words: str
    ) -> None:
        images = tmp_path / "images"
        images.mkdir()
        size = 2_500
        bands = {name: np.full((12, 12), 1000) for name in (*TWO, "SCL")} | {
            "SCL": np.full((12, 12), 4)
        }
        for date in SUMMER[:2]:
            write_image(
                images / f"{date}.tif", bands, crs=crs,
                transform=Affine(size, 0, x, 0, -size, y),
            )  # fmt: skip
        with pytest.raises(UserError) as caught:
            define(images, tmp_path / "a.series.json")
        assert caught.value.code == code and words in str(caught.value)
        assert str(caught.value).endswith("Cut the images so that each lies on one side of it.")
        assert not list(tmp_path.glob("*.series.json*"))

    def test_f34_an_outline_follows_the_globe(self) -> None:
        found = outline(Grid("EPSG:32631", (10.0, 0.0, 600_000.0, 0.0, -10.0, 5_700_000.0), 10980,
                             10980))  # fmt: skip
        west, south, east, north = found.bounds
        assert found.is_valid and east - west < 1.8 and north - south < 1.1
        assert (west, north) == (pytest.approx(4.4, abs=0.1), pytest.approx(51.4, abs=0.1))


class TestImageTable:
    def write(self, folder: Path, text: str) -> Path:
        path = folder / "table.csv"
        path.write_text(text)
        return path

    def unnamed(self, folder: Path) -> Path:
        """Write images that tell neither date nor bands."""
        images = folder / "images"
        images.mkdir()
        for place in range(3):
            bands = {str(n): values for n, values in enumerate(BANDS.values())}
            write_image(images / f"scene_{place}.tif", bands)
        return images

    def test_rows_are_read_and_a_row_for_all_fills_them(self, tmp_path: Path) -> None:
        path = self.write(
            tmp_path,
            "\ufeffimage,date,bands,scale,offset,nodata,level\n"
            "a.tif,2021-06-01,,,,,\n"
            "*,,B02 - SCL,0.0001,-0.1,nan,l2a\n"
            "b.tif,2021-07-01,B03,1,0,0,\n",
        )
        hints = read_image_table(path)
        assert list(hints) == ["a.tif", "*", "b.tif"]
        first = hints["a.tif"]
        assert first.date == DAY(2021, 6, 1) and first.bands == ("B02", "", "SCL")
        assert (first.scale, first.offset, first.level) == (0.0001, -0.1, "L2A")
        assert first.nodata is not None and np.isnan(first.nodata)
        assert hints["b.tif"] == Hint(DAY(2021, 7, 1), ("B03",), 1.0, 0.0, 0.0, "L2A")
        assert hints["*"].date is None

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("image,day\na.tif,1\n", "{0}: it has the columns image, day."),
            ("", "{0}: it has the columns none."),
            ("image,date\na.tif,2021-06-01,x\n", "{0}, line 2: it has more values than columns."),
            ("image,date\na.tif,1.6.2021\n",
             "{0}, line 2, date: it is '1.6.2021'. Write a day as YYYY-MM-DD."),
            ("image,scale\na.tif,-1\n", "{0}, line 2, scale: it is '-1'. Write a number above 0."),
            ("image,offset\na.tif,inf\n", "{0}, line 2, offset: it is 'inf'. Write a number."),
            ("image,level\na.tif,L3\n", "{0}, line 2, level: it is 'L3'. Write L1C or L2A."),
            ("image,scale\na.tif,1\na.tif,2\n", "{0}, line 3: it names a.tif again."),
            ("image,scale\n,1\n", "{0}, line 2: it names no image."),
        ],
    )  # fmt: skip
    def test_what_is_wrong_in_a_table_is_named(self, tmp_path: Path, text, message: str) -> None:
        path = self.write(tmp_path, text)
        with pytest.raises(UserError) as caught:
            read_image_table(path)
        assert str(caught.value).startswith(message.format(path))

    def test_several_faults_at_once(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, "image,date,scale\na.tif,x,y\nb.tif,,z\n")
        with pytest.raises(UserError) as caught:
            read_image_table(path)
        assert len(caught.value.findings) == 3

    def test_what_could_not_be_told_is_asked_for_in_one_message(self, tmp_path: Path) -> None:
        images = self.unnamed(tmp_path)
        write_image(images / "undated.tif", BANDS)
        with pytest.raises(UserError) as caught:
            define(images, tmp_path / "a.series.json")
        text = str(caught.value)
        asked = f"{images / 'scene_0.tif'}, scene_1.tif, scene_2.tif, undated.tif"
        assert f"{asked}: neither its name nor its metadata hold a date." in text
        assert text.count("image,date,bands,scale,offset,nodata,level\n") == 1
        assert text.endswith(
            "in a table (--image-table FILE.csv) such as:\n"
            "image,date,bands,scale,offset,nodata,level\n"
            "scene_0.tif,2021-06-01,B02 B03 B04 B08 SCL,0.0001,0,,L2A"
        )

    def test_a_table_tells_what_images_do_not(self, tmp_path: Path) -> None:
        images = self.unnamed(tmp_path)
        rows = "".join(f"scene_{n}.tif,2021-0{n + 4}-05\n" for n in range(3))
        path = self.write(tmp_path, f"image,date\n{rows}")
        with pytest.raises(UserError) as caught:
            define(images, tmp_path / "a.series.json", image_table=str(path))
        text = str(caught.value)
        named = f"{images / 'scene_0.tif'}, scene_1.tif, scene_2.tif"
        assert f"{named}: it lacks B02, B03, SCL; wanted B02, B03, SCL; found none." in text
        assert "image,date,bands,scale,offset,nodata,level\nscene_0.tif," in text
        rows = rows.replace("-05\n", "-05,,,\n")
        path = self.write(
            tmp_path, f"image,date,bands,scale,offset\n{rows}*,,B02 B03 SCL,0.0002,-0.1\n"
        )
        ctx = define(images, tmp_path / "a.series.json", image_table=str(path))
        assert not [note for note in ctx.noted if "is assumed" in note]
        series = read_series(tmp_path / "a.series.json")
        assert series.dates == (DAY(2021, 4, 5), DAY(2021, 5, 5), DAY(2021, 6, 5))
        with SeriesReader(series) as reader:
            values = reader.read(series.grid.whole).values
        assert np.allclose(values[:, :, 0, 0], [0.1, 0.102], atol=1e-6)

    def test_names_that_match_no_image_are_findings(self, tmp_path: Path) -> None:
        images = write_folder(tmp_path / "images", SUMMER, size=8)
        path = self.write(tmp_path, "image,level\nS2_L2A_20210401.tif,L2A\nother.tif,L2A\n")
        with pytest.raises(UserError) as caught:
            define(images, tmp_path / "a.series.json", image_table=str(path))
        assert str(caught.value) == (
            "image_table, image 'other.tif': no image has this name; there are "
            "S2_L2A_20210401.tif, S2_L2A_20210501.tif, S2_L2A_20210601.tif. Write names as those "
            "of the files, or * for all of them."
        )

    def test_the_series_keeps_what_was_told(self, tmp_path: Path) -> None:
        images = write_folder(tmp_path / "images", SUMMER, size=8)
        path = self.write(tmp_path, "image,scale,offset,level\n*,0.0001,-0.1,L2A\n")
        define(images, tmp_path / "a.series.json", image_table=str(path))
        document = json.loads((tmp_path / "a.series.json").read_text())
        assert document["cscl:level"] == "L2A"
        band = document["features"][0]["assets"]["B02"]["raster:bands"][0]
        assert (band["scale"], band["offset"]) == (0.0001, -0.1)


class TestWorkers:
    def test_two_processes_give_the_same_series_and_all_findings(self, tmp_path: Path) -> None:
        images = write_folder(tmp_path / "images", SUMMER, size=24, compress="deflate")
        define(images, tmp_path / "one.series.json", workers=1)
        define(images, tmp_path / "two.series.json", workers=2)
        one, two = (read_series(tmp_path / f"{name}.series.json") for name in ("one", "two"))
        assert one == two
        for date in SUMMER[::2]:
            path = images / f"S2_L2A_{date}.tif"
            with rasterio.open(path) as file:
                start = int(file.get_tag_item("BLOCK_OFFSET_0_0", "TIFF", bidx=1))
            content = bytearray(path.read_bytes())
            content[start : start + 20] = bytes(20)
            path.write_bytes(content)
        with pytest.raises(UserError) as caught:
            define(images, tmp_path / "three.series.json", workers=2)
        assert [(item.code, Path(item.subject).name) for item in caught.value.findings] == [
            ("damaged_image", f"S2_L2A_{date}.tif") for date in SUMMER[::2]
        ]
        assert not (tmp_path / "three.series.json").exists()
