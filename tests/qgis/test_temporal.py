"""Dates of a time series as layers: what is opened, in which colours, and when it is shown."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from osgeo import gdal, osr
from qgis.core import QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import Qt

LEFT, TOP = 500000.0, 5600000.0


def write_band(path: Path, value: int, side: int = 8, pixel: float = 10.0) -> Path:
    """Write one band of one value."""
    raster = gdal.GetDriverByName("GTiff").Create(str(path), side, side, 1, gdal.GDT_UInt16)
    system = osr.SpatialReference()
    system.ImportFromEPSG(32631)
    raster.SetProjection(system.ExportToWkt())
    raster.SetGeoTransform((LEFT, pixel, 0, TOP, 0, -pixel))
    raster.GetRasterBand(1).Fill(value)
    del raster
    return path


def asset(href: str, index: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a band of a pass as a time series has it."""
    band = {"scale": 0.0001, "offset": 0.0, "data_type": "uint16", "nodata": 0}
    band |= changes.pop("band", {})
    return {"href": href, "cscl:index": index, "raster:bands": [band], **changes}


def write_series(path: Path, days: dict[str, dict[str, Any]], bands: list[str]) -> str:
    """Write what the plugin reads of a time series."""
    features = [
        {"properties": {"datetime": f"{day}T12:00:00Z", "title": f"pass of {day}"},
         "assets": assets}
        for day, assets in days.items()
    ]  # fmt: skip
    document = {
        "features": features, "cscl:bands": bands, "cscl:season": "2021-04-01/2021-09-30",
        "cscl:grid": {"crs": "EPSG:32631", "height": 8, "width": 8,
                      "transform": [10.0, 0.0, LEFT, 0.0, -10.0, TOP]},
    }  # fmt: skip
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


@pytest.fixture()
def colour(plugin: SimpleNamespace) -> Any:
    """The module that says what to show of a time series."""
    return plugin.load("cscl_qgis.layers.true_colour")


@pytest.fixture()
def temporal(plugin: SimpleNamespace) -> Any:
    """The module that makes layers of it."""
    return plugin.load("cscl_qgis.layers.temporal")


class TestPictures:
    def test_bands_of_one_file_are_opened_as_they_are(self, colour: Any, tmp_path: Path) -> None:
        bands = {name: asset("a.tif", place) for place, name in enumerate(("B02", "B03", "B04"), 1)}
        series = write_series(tmp_path / "s.json", {"2021-05-01": bands}, list(bands))
        found = colour.pictures_of(series, tmp_path / "virtual")
        (picture,) = found.pictures
        assert (picture.source, picture.bands) == (str(tmp_path / "a.tif"), (3, 2, 1))
        assert found.bands == ("B04", "B03", "B02")
        assert not (tmp_path / "virtual").exists()

    def test_bands_in_files_of_their_own_are_joined_on_the_finest_grid(
        self, colour: Any, tmp_path: Path
    ) -> None:
        write_band(tmp_path / "red & co.tif", 100)
        write_band(tmp_path / "green.tif", 200, side=4, pixel=20.0)
        write_band(tmp_path / "blue.tif", 300)
        coarse = {"proj:shape": [4, 4], "proj:transform": [20.0, 0.0, LEFT, 0.0, -20.0, TOP]}
        bands = {
            "B04": asset("red & co.tif"), "B03": asset("green.tif", **coarse),
            "B02": asset("blue.tif"),
        }  # fmt: skip
        series = write_series(tmp_path / "s.json", {"2021-05-01": bands}, list(bands))
        (picture,) = colour.pictures_of(series, tmp_path / "virtual").pictures
        raster = gdal.Open(picture.source)
        assert (raster.RasterXSize, raster.RasterYSize) == (8, 8)
        assert raster.GetGeoTransform() == (LEFT, 10.0, 0.0, TOP, 0.0, -10.0)
        values = [raster.GetRasterBand(place).ReadAsArray() for place in (1, 2, 3)]
        assert [(int(item.min()), int(item.max())) for item in values] == [
            (100, 100), (200, 200), (300, 300),
        ]  # fmt: skip
        before = Path(picture.source).stat().st_mtime_ns
        again = colour.pictures_of(series, tmp_path / "virtual").pictures[0]
        assert (again, Path(again.source).stat().st_mtime_ns) == (picture, before)

    @pytest.mark.parametrize(
        ("href", "member", "source"),
        [
            ("a.zip", "IMG_DATA/{band}.jp2", "/vsizip/{folder}/a.zip/IMG_DATA/B04.jp2"),
            ("a.nc", "{band}", 'NETCDF:"{folder}/a.nc":B04'),
            ("a.nc", "bands[3]", ""),
            ("a.zarr", "B04", ""),
        ],
    )
    def test_bands_in_zips_and_cubes_are_named_as_gdal_names_them(
        self, colour: Any, tmp_path: Path, href: str, member: str, source: str
    ) -> None:
        bands = {
            band: asset(href, **{"cscl:member": member.format(band=band)})
            for band in ("B02", "B03", "B04")
        }
        series = write_series(tmp_path / "s.json", {"2021-05-01": bands}, list(bands))
        found = colour.pictures_of(series, tmp_path / "virtual")
        if not source:
            assert (found.pictures, found.left_out) == ((), ("pass of 2021-05-01",))
            return
        written = ElementTree.parse(found.pictures[0].source)
        assert next(written.iter("SourceFilename")).text == source.format(folder=tmp_path)

    def test_reflectance_is_stretched_by_each_files_own_scale(
        self, colour: Any, tmp_path: Path
    ) -> None:
        offset = {"band": {"offset": -0.1}}
        bands = {name: asset("a.tif", 1, **offset) for name in ("B02", "B03", "B04")}
        series = write_series(tmp_path / "s.json", {"2022-05-01": bands}, list(bands))
        low, high = colour.pictures_of(series, tmp_path).pictures[0].ranges[0]
        assert (round(low), round(high)) == (1000, 4000)

    @pytest.mark.parametrize(
        ("bands", "shown"),
        [
            (("B02", "B03", "B04", "B08"), ("B04", "B03", "B02")),
            (("B03", "B04", "B08"), ("B08", "B04", "B03")),
            (("B05", "B8A", "B11"), ("B11", "B8A", "B05")),
            (("B05", "B06"), ("B05", "B05", "B05")),
        ],
    )
    def test_colours_are_those_that_the_bands_allow(
        self, colour: Any, bands: tuple[str, ...], shown: tuple[str, ...]
    ) -> None:
        assert colour.composition(bands) == shown

    @pytest.mark.parametrize(
        "document",
        [
            "[]",
            "{}",
            '{"cscl:bands": [], "features": []}',
            '{"cscl:bands": ["B02"], "features": 3}',
        ],
    )
    def test_what_is_no_time_series_is_refused_in_words(
        self, colour: Any, plugin: SimpleNamespace, tmp_path: Path, document: str
    ) -> None:
        (tmp_path / "s.json").write_text(document, encoding="utf-8")
        error = plugin.load("backend.cscl.contract.errors").UserError
        with pytest.raises(error, match="it is no time series"):
            colour.pictures_of(str(tmp_path / "s.json"), tmp_path)

    def test_f23_a_series_that_names_an_address_is_refused(
        self, colour: Any, plugin: SimpleNamespace, tmp_path: Path
    ) -> None:
        bands = {name: asset("/vsicurl/http://127.0.0.1/a.tif") for name in ("B02", "B03", "B04")}
        series = write_series(tmp_path / "s.json", {"2021-05-01": bands}, list(bands))
        error = plugin.load("backend.cscl.contract.errors").UserError
        with pytest.raises(error, match="virtual path of GDAL"):
            colour.pictures_of(series, tmp_path)


class TestTimes:
    def test_each_date_is_shown_until_the_next_and_the_last_to_the_seasons_end(
        self, colour: Any, temporal: Any
    ) -> None:
        picture = colour.Picture
        passes = [
            picture(day, "p", "a.tif", (1, 2, 3), ())
            for day in ("2021-05-01", "2021-05-01", "2021-06-01")
        ]
        pictures = colour.Pictures(tuple(passes), "2021-04-01/2021-09-30", ("B04",), ())
        texts = [
            [end.toString(Qt.DateFormat.ISODate) for end in (item.begin(), item.end())]
            for item in temporal.shown_times(pictures)
        ]
        first = ["2021-05-01T00:00:00Z", "2021-05-31T23:59:59Z"]
        assert texts == [first, first, ["2021-06-01T00:00:00Z", "2021-09-30T23:59:59Z"]]

    def test_a_layer_is_stretched_titled_and_leaves_nothing_beside_the_file(
        self, colour: Any, temporal: Any, tmp_path: Path, no_project: Any
    ) -> None:
        write_band(tmp_path / "a.tif", 100)
        picture = colour.Picture(
            "2021-05-01", "pass", str(tmp_path / "a.tif"), (1, 1, 1), ((0.0, 3000.0),) * 3
        )
        pictures = colour.Pictures((picture,), "2021-04-01/2021-09-30", ("B04",), ())
        layer = temporal.open_picture(picture, temporal.shown_times(pictures)[0])
        assert layer.name() == "2021-05-01"
        assert layer.metadata().title() == "pass"
        stretch = layer.renderer().redContrastEnhancement()
        assert (stretch.minimumValue(), stretch.maximumValue()) == (0.0, 3000.0)
        assert layer.temporalProperties().isActive()
        assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]

    def test_a_file_that_is_gone_is_told_in_words(
        self, colour: Any, temporal: Any, plugin: SimpleNamespace, tmp_path: Path
    ) -> None:
        picture = colour.Picture("2021-05-01", "pass", str(tmp_path / "a.tif"), (1, 1, 1), ())
        pictures = colour.Pictures((picture,), "2021-04-01/2021-09-30", ("B04",), ())
        error = plugin.load("backend.cscl.contract.errors").UserError
        with pytest.raises(error, match="pass: QGIS cannot open it as a layer"):
            temporal.open_picture(picture, temporal.shown_times(pictures)[0])


class TestGroup:
    def test_it_lies_below_the_outlines_on_top_and_above_the_background(
        self, temporal: Any, tmp_path: Path, no_project: Any
    ) -> None:
        write_band(tmp_path / "a.tif", 100)
        project = QgsProject.instance()
        project.addMapLayer(QgsRasterLayer(str(tmp_path / "a.tif"), "background"))
        project.addMapLayer(QgsVectorLayer("Polygon", "fields", "memory"))
        temporal.new_group("/data/a.series.json", "season")
        names = [node.name() for node in project.layerTreeRoot().children()]
        assert names == ["fields", "season", "background"]

    def test_the_same_series_has_one_group_and_another_keeps_its_own(
        self, temporal: Any, tmp_path: Path, no_project: Any
    ) -> None:
        write_band(tmp_path / "a.tif", 100)
        project = QgsProject.instance()
        group = temporal.new_group("/data/a.series.json", "one")
        layer = QgsRasterLayer(str(tmp_path / "a.tif"), "day")
        project.addMapLayer(layer, False)
        group.addLayer(layer)
        temporal.new_group("/data/b.series.json", "two")
        temporal.new_group("/data/a.series.json", "three")
        names = [node.name() for node in project.layerTreeRoot().children()]
        assert sorted(names) == ["three", "two"]
        assert project.mapLayers() == {}
