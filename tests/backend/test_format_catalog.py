"""Static STAC is read from local files alone; what contradicts itself is refused in words."""

from __future__ import annotations

import datetime
import json
import shutil
import socket
from pathlib import Path

import cube_samples as samples
import numpy as np
import pystac
import pytest
import rasterio
from cscl.grid import Grid
from cscl.series.formats.catalog import CATALOG
from cscl.series.images import Hint, Image, Wanted
from small_scene import LEFT, TOP, UTM

DATES = [datetime.date.fromisoformat(day) for day in samples.DAYS]
GRID = Grid(UTM, (10.0, 0.0, LEFT, 0.0, -10.0, TOP), samples.WIDTH, samples.HEIGHT)
GIVE_OFFSET = (
    "Give scale and offset: 0.0001 and 0 where the pixels are without the offset of 1000, 0.0001 "
    "and -0.1 where they hold it."
)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection that is tried fails the test."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


def described(
    *paths: Path, wanted: Wanted = samples.WANTED
) -> tuple[list[Image], list[str], list[str]]:
    return samples.described(CATALOG, *paths, wanted=wanted)


def edited(path: Path, **changes: object) -> Path:
    """Change an item: `properties` are merged, `assets` by key; None removes."""
    document = json.loads(path.read_text())
    document["properties"].update(changes.get("properties", {}))
    for key, values in changes.get("assets", {}).items():
        for name, value in values.items():
            document["assets"][key].pop(name, None)
            if value is not None:
                document["assets"][key][name] = value
    path.write_text(json.dumps(document))
    return path


def one_item(folder: Path, **changes: object) -> Path:
    made = samples.item(folder, 0)
    path = folder / "item.json"
    made.save_object(include_self_link=False, dest_href=str(path))
    return edited(path, **changes)


def refusal(path: Path, wanted: Wanted = samples.WANTED) -> str:
    images, problems, _ = described(path, wanted=wanted)
    assert images == []
    assert len(problems) == 1
    return problems[0].removeprefix(f"{path}: ").removeprefix("item S2A_31UDS_2021-04-01")


def check(images: list[Image], problems: list[str]) -> None:
    """Assert that these are the four dates of the sample series."""
    assert problems == []
    assert sorted(image.date for image in images) == DATES
    for image in images:
        assert list(image.assets) == list(samples.BANDS)
        assert image.grid == GRID and image.level == "L2A" and not image.assumed_scale
        assert image.assets["B04"].scale == 0.0001 and image.assets["B04"].nodata == 0.0
        assert image.assets["SCL"].scale == 1.0
        assert {asset.path for asset in image.assets.values()} == set(image.stamps)


def test_items(tmp_path: Path) -> None:
    folder = samples.write_items(tmp_path / "items")
    images, problems, notes = described(*sorted(folder.iterdir()))
    check(images, problems)
    assert notes == []
    assert [image.source for image in images] == [f"S2A_31UDS_{day}" for day in samples.DAYS]


def test_images_of_items_are_claimed_with_them(tmp_path: Path) -> None:
    folder = samples.write_items(tmp_path / "items")
    (folder / "other.tif").write_bytes(b"")
    (folder / "notes.json").write_text("{}")
    (folder / "x.series.json").write_text('{"stac_version": "1.0.0"}')
    entries = sorted(folder.iterdir())
    left = {path.name for path in entries} - {path.name for path in CATALOG.claim(entries)}
    assert left == {"other.tif", "notes.json", "x.series.json"}


def test_item_collection(tmp_path: Path) -> None:
    items = [samples.item(tmp_path, place) for place in range(4)]
    path = tmp_path / "found.json"
    pystac.ItemCollection(items).save_object(str(path))
    images, problems, _ = described(path)
    check(images, problems)
    assert {image.path for image in images} == {path}


@pytest.mark.parametrize(
    "kind", [pystac.CatalogType.SELF_CONTAINED, pystac.CatalogType.ABSOLUTE_PUBLISHED]
)
@pytest.mark.parametrize("collection", [False, True])
def test_catalogs_and_collections(
    tmp_path: Path, kind: pystac.CatalogType, collection: bool
) -> None:
    root = pystac.Catalog("root", "images")
    parent: pystac.Catalog = root
    if collection:
        box = pystac.SpatialExtent([[3.0, 50.5, 3.01, 50.51]])
        time = pystac.TemporalExtent([[datetime.datetime(2021, 4, 1, tzinfo=datetime.UTC), None]])
        parent = pystac.Collection("s2", "images", pystac.Extent(box, time))
        root.add_child(parent)
    images = tmp_path / "images"
    for place in range(4):
        made = samples.item(images, place)
        made.set_self_href(str(images / f"{made.id}.json"))
        made.make_asset_hrefs_absolute()
        parent.add_item(made)
    root.normalize_and_save(str(tmp_path / "catalog"), kind)
    found, problems, _ = described(tmp_path / "catalog" / "catalog.json")
    check(found, problems)
    # Named with its items it is the same: each document is read once.
    everything = sorted((tmp_path / "catalog").rglob("*.json"))
    found, problems, _ = described(*everything)
    check(found, problems)


def test_catalog_that_links_in_a_circle_or_away(tmp_path: Path) -> None:
    path = tmp_path / "catalog.json"
    links = [
        {"rel": "self", "href": "https://example.invalid/catalog.json"},
        {"rel": "child", "href": "./catalog.json"},
        {"rel": "item", "href": "https://example.invalid/a.json"},
        {"rel": "item", "href": "gone.json"},
    ]
    path.write_text(json.dumps({"type": "Catalog", "stac_version": "1.0.0", "links": links}))
    images, problems, _ = described(path)
    assert images == []
    assert problems == [
        f"{path}: it links to https://example.invalid/a.json, which is no local file. Download "
        "the items with their images, and let the catalog link to them.",
        f"{tmp_path / 'gone.json'}: it cannot be read (No such file or directory). Restore or "
        "remove this file.",
    ]


@pytest.mark.parametrize(
    "href, kind",
    [("https://example.invalid/B02.tif", "https"), ("s3://bucket/B02.tif", "s3"),
     ("gs://bucket/B02.tif", "gs"), ("/vsicurl/https://example.invalid/B02.tif", "/vsicurl/https"),
     ("/vsizip/a.zip/B02.tif", "/vsizip/a.zip/B02.ti"), ("ftp://example.invalid/B02.tif", "ftp"),
     ("file://host/B02.tif", "file"), ("NETCDF:a.nc:B02", "NETCDF")],
)  # fmt: skip
def test_f23_links_that_are_no_local_files(tmp_path: Path, href: str, kind: str) -> None:
    path = one_item(tmp_path, assets={"B02": {"href": href}, "SCL": {"href": href}})
    assert refusal(path) == (
        f": its assets B02, SCL are no local files ({kind}:...). Download them first, and let the "
        "item name the files on disk."
    )
    images, problems, _ = described(path, wanted=Wanted(("B03", "B04")))
    assert problems == [] and list(images[0].assets) == ["B03", "B04"]


def test_f23_links_stay_in_the_items_folder(tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere.tif"
    path = one_item(tmp_path / "items", assets={"B02": {"href": "../elsewhere.tif"}})
    shutil.copy(tmp_path / "items" / "B02_0.tif", outside)
    images, problems, _ = described(path)
    assert images == [] and len(problems) == 1
    assert problems[0].endswith(
        "its link ../elsewhere.tif leads out of the folder of item.json. Keep the images in the "
        "item's folder or below it, or link to them by whole paths."
    )
    edited(path, assets={"B02": {"href": str(outside)}})
    images, problems, _ = described(path)
    assert problems == [] and images[0].assets["B02"].path == outside.resolve()


def test_links_to_files_on_disk(tmp_path: Path) -> None:
    path = one_item(
        tmp_path / "items",
        assets={
            "B02": {"href": (tmp_path / "items" / "B02_0.tif").as_uri()},
            "B03": {"href": str(tmp_path / "items" / "B03_0.tif")},
            "B04": {"href": "../items/B04_0.tif"},
        },
    )
    images, problems, _ = described(path)
    assert problems == []
    assert images[0].assets["B02"].path == (tmp_path / "items" / "B02_0.tif").resolve()
    (tmp_path / "items" / "B03_0.tif").unlink()
    assert refusal(path) == (
        f", asset B03: its file {tmp_path / 'items' / 'B03_0.tif'} does not exist. Restore or "
        "download the file, or remove the item."
    )


def test_local_copies_and_small_pixels_are_preferred(tmp_path: Path) -> None:
    path = one_item(tmp_path)
    document = json.loads(path.read_text())
    assets = document["assets"]
    for name, band, href in (
        ("red", "B04", "B04_0.tif"), ("red-jp2", "B04", "s3://bucket/B04.jp2"),
        ("B02_20m", "B02", "B03_0.tif"), ("B02_10m", "B02", "B02_0.tif"),
    ):  # fmt: skip
        assets.pop(band, None)
        assets[name] = {
            "href": href,
            "eo:bands": [{"name": band}],
            "raster:bands": [{"scale": 1e-4}],
        }
    assets["visual"] = {"href": "B02_0.tif", "roles": ["visual"], "eo:bands": [{"name": "B03"}]}
    assets["TCI_10m"] = {"href": "B02_0.tif", "bands": [{"name": "B03"}]}
    path.write_text(json.dumps(document))
    images, problems, _ = described(path)
    assert problems == []
    names = {name: asset.path.name for name, asset in images[0].assets.items()}
    assert names == {
        "B02": "B02_0.tif", "B03": "B03_0.tif", "B04": "B04_0.tif", "B08": "B08_0.tif",
        "SCL": "SCL_0.tif",
    }  # fmt: skip


RASTER_2 = {"raster:scale": 2e-4, "raster:offset": -0.01}
RASTER_1 = {"raster:bands": [{"scale": 2e-4, "offset": -0.01}]}


@pytest.mark.parametrize(
    "key, asset",
    [("red", RASTER_1), ("B04", RASTER_2), ("B04_10m", RASTER_1),
     ("image", {"eo:bands": [{"name": "x", "common_name": "red"}], **RASTER_1}),
     ("image", {"eo:bands": [{"name": "B04"}], **RASTER_1}),
     ("image", {"bands": [{"name": "red", **RASTER_2}]}),
     ("image", {"bands": [{"name": "1", "eo:common_name": "red", **RASTER_2}]})],
)  # fmt: skip
def test_names_and_scales_by_version(tmp_path: Path, key: str, asset: dict) -> None:
    """Keys of Earth Search and Copernicus, both versions of the extensions `eo` and `raster`."""
    path = one_item(tmp_path)
    document = json.loads(path.read_text())
    document["assets"] = {key: {"href": "B04_0.tif", **asset}, "scl": {"href": "SCL_0.tif"}}
    document["properties"].pop("s2:processing_baseline")
    path.write_text(json.dumps(document))
    images, problems, _ = described(path, wanted=Wanted(("B04",), "SCL"))
    assert problems == []
    band, mask = images[0].assets["B04"], images[0].assets["SCL"]
    assert (band.path.name, band.scale, band.offset) == ("B04_0.tif", 2e-4, -0.01)
    assert (mask.path.name, mask.scale, mask.offset) == ("SCL_0.tif", 1.0, 0.0)


def test_several_bands_in_one_file(tmp_path: Path) -> None:
    path = one_item(tmp_path)
    stack = samples.write_rasters(tmp_path / "stack") / "S2_L2A_20210401.tif"
    document = json.loads(path.read_text())
    bands = [{"name": name, "raster:scale": 1e-4, "raster:offset": 0} for name in samples.BANDS]
    document["assets"] = {"data": {"href": str(stack), "bands": bands}}
    path.write_text(json.dumps(document))
    images, problems, _ = described(path)
    assert problems == []
    assert [asset.index for asset in images[0].assets.values()] == [1, 2, 3, 4, 5]
    document["assets"]["data"]["bands"] = bands[:3]
    path.write_text(json.dumps(document))
    _, problems, _ = described(path, wanted=Wanted(("B02",)))
    assert problems == [
        f"{path}: item S2A_31UDS_2021-04-01, asset data: its file has 5 bands, and the item names "
        "3. Let the asset name every band of the file in its order."
    ]


@pytest.mark.parametrize(
    "baseline, flag, offset, problem",
    [
        ("05.09", True, -0.1,
         "boa_offset_applied is true, and raster:offset is -0.1 all the same"),
        ("05.09", False, 0,
         "boa_offset_applied is false at baseline 05.09, and raster:offset is 0"),
        ("05.09", None, None,
         "its processing baseline 05.09 adds an offset, and no raster:offset is written"),
        ("03.01", False, -0.1, "raster:offset is -0.1, and its processing baseline 03.01 has none"),
        ("03.01", None, -0.1, "raster:offset is -0.1, and its processing baseline 03.01 has none"),
        ("05.09", True, 0, ""), ("05.09", False, -0.1, ""), ("05.09", None, -0.1, ""),
        ("05.09", None, 0, ""), ("03.01", False, 0, ""), ("03.01", None, None, ""),
        ("03.01", True, 0, ""),
    ],
)  # fmt: skip
def test_f29_offset_and_flag(
    tmp_path: Path, baseline: str, flag: bool | None, offset: float | None, problem: str
) -> None:
    band = {"scale": 0.0001} | ({} if offset is None else {"offset": offset})
    properties = {"s2:processing_baseline": baseline}
    if flag is not None:
        properties["earthsearch:boa_offset_applied"] = flag
    assets = {name: {"raster:bands": [band]} for name in samples.BANDS[:-1]}
    path = one_item(tmp_path, properties=properties, assets=assets)
    images, problems, _ = described(path)
    if not problem:
        assert problems == [] and images[0].assets["B02"].offset == (offset or 0.0)
        return
    assert images == []
    assert problems == [f"{path}: item S2A_31UDS_2021-04-01: {problem}. {GIVE_OFFSET}"]
    given = Wanted(("B02",), "", {"S2A_31UDS_2021-04-01": Hint(scale=0.0001, offset=0.0)})
    images, problems, _ = described(path, wanted=given)
    assert problems == [] and images[0].assets["B02"].offset == 0.0


def test_scale_of_item_and_file_contradict(tmp_path: Path) -> None:
    path = one_item(tmp_path)
    with rasterio.open(tmp_path / "B02_0.tif", "r+") as file:
        file.scales, file.offsets = (0.0001,), (-0.1,)
    assert refusal(path, Wanted(("B02",))) == (
        ", asset B02: the item says scale 0.0001 and offset 0, its file 0.0001 and -0.1. Give "
        "scale and offset."
    )
    edited(path, assets={"B02": {"raster:bands": None}}, properties={"s2:processing_baseline": ""})
    images, problems, _ = described(path, wanted=Wanted(("B02",)))
    assert problems == [] and images[0].assets["B02"].offset == -0.1
    images, problems, _ = described(
        edited(path, assets={"B03": {"raster:bands": None}}), wanted=Wanted(("B03",))
    )
    assert problems == [] and images[0].assumed_scale


def test_floats_need_a_scale(tmp_path: Path) -> None:
    path = one_item(tmp_path)
    profile = samples.profile() | {"dtype": "float32"}
    with rasterio.open(tmp_path / "B02_0.tif", "w", **profile) as file:
        file.write(np.full((1, samples.HEIGHT, samples.WIDTH), 0.2, "float32"))
    edited(path, assets={"B02": {"raster:bands": [{"nodata": 0}]}})
    assert refusal(path, Wanted(("B02",))) == (
        ", asset B02: its numbers are of type float32, and no scale is written. Give scale and "
        "offset: 1 and 0 where they hold reflectance of 0 to 1, 0.0001 and 0 where it is times "
        "10000."
    )
    edited(path, assets={"B02": {"raster:bands": [{"scale": 1.0, "offset": 0}]}})
    images, problems, _ = described(path, wanted=Wanted(("B02",)))
    assert problems == [] and images[0].assets["B02"].scale == 1.0


def test_dates(tmp_path: Path) -> None:
    path = one_item(tmp_path, properties={"datetime": "2021-04-01T23:30:00-02:00"})
    assert described(path)[0][0].date == datetime.date(2021, 4, 2)
    edited(path, properties={"datetime": None, "start_datetime": "2021-04-03T00:00:00Z"})
    assert described(path)[0][0].date == datetime.date(2021, 4, 3)
    edited(path, properties={"start_datetime": "soon"})
    assert refusal(path) == (
        ": its properties hold no datetime. Write datetime or start_datetime into the item."
    )


def test_product_and_level_of_items(tmp_path: Path) -> None:
    uri = "S2A_MSIL1C_20210401T105621_N0300_R094_T31UDS_20210401T130000.SAFE"
    path = one_item(tmp_path, properties={"s2:product_uri": uri, "s2:product_type": "S2MSI1C"})
    image = described(path)[0][0]
    assert image.product == ("S2A_MSIL1C_20210401T105621_R094_T31UDS", 300)
    assert image.level == "L1C"
    edited(
        path, properties={"s2:product_uri": "", "s2:product_type": "", "processing:level": "L2A"}
    )
    assert described(path)[0][0].level == "L2A"


def test_size_that_the_item_says_and_item_without_bands(tmp_path: Path) -> None:
    path = one_item(tmp_path, properties={"proj:shape": [100, 200]})
    images, problems, notes = described(path, wanted=Wanted(("B02",)))
    assert problems == [] and images[0].grid == GRID
    assert notes == [
        "S2A_31UDS_2021-04-01: the file of B02 has 30 x 22 pixels, its item says 200 x 100: the "
        "file counts."
    ]
    document = json.loads(path.read_text())
    document["assets"] = {"thumbnail": {"href": "a.png"}}
    path.write_text(json.dumps(document))
    assert described(path) == (
        [], [], ["item.json: item S2A_31UDS_2021-04-01 has no band of Sentinel-2 and is not used."]
    )  # fmt: skip


@pytest.mark.parametrize(
    "text, found",
    [('{"stac_version": "1.0.0"', "it is not valid JSON (Expecting ',' delimiter: line 1 column 25 "
      "(char 24))"),
     ('["stac_version", {"stac_version":1}]', "it is no JSON object"),
     ('{"stac_version": "1.0.0", "type": "Feature", "properties": {}}',
      "one of its features has no properties and assets"),
     ('{"stac_version": "1.0.0", "type": "Topology"}', "its type 'Topology' is none of STAC"),
     ('{"stac_version": "1.0.0", "a": ' + "[" * 100 + "]" * 100 + "}",
      "it is nested deeper than 64 levels")],
)  # fmt: skip
def test_f55_documents_that_are_damaged(tmp_path: Path, text: str, found: str) -> None:
    path = tmp_path / "item.json"
    path.write_text(text)
    assert refusal(path) == f"{found}. Restore or remove this file."


def test_sources_stay_as_they_are(tmp_path: Path) -> None:
    folder = samples.write_items(tmp_path / "items")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    described(*sorted(folder.iterdir()))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    shutil.rmtree(folder)
