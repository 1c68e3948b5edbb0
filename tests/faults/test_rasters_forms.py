"""Faulty images in other containers: JPEG 2000, zips and virtual rasters."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.series.job import series_from_images
from cscl.series.mask import CloudMask
from cscl.series.measure import measure_date
from cscl.series.model import Asset, Pass
from cscl.series.raster import check_unchanged, open_raster, reading_environment, stamp_of
from cscl.series.reader import SeriesReader
from cscl.series.sources import OpenFiles
from mixed_scene import (
    grid_of,
    mixed_pass,
    mixed_series,
    random_numbers,
    write_band,
    zipped,
)
from rasterio.shutil import copy
from small_scene import TEN, flat_bands, noisy_bands, write_folder, write_image

SIZE = 160
CUTS = (0.0, 0.0002, 0.001, 0.01, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999)
SUMMER = ("20210401", "20210501", "20210601", "20210701")
SECRET = b"the secret of another user"


def numbers(size: int = SIZE, seed: int = 1) -> np.ndarray:
    rng = np.random.Generator(np.random.PCG64(seed))
    return random_numbers(rng, grid_of(size, size))


def one_band(path: Path, member: str = "", size: int = SIZE) -> Pass:
    """Return a pass of one band without a mask."""
    asset = Asset(path, 1, grid=grid_of(size, size), member=member)
    return Pass(path.name, {"B02": asset}, None, {path: stamp_of(path)})


def measured(item: Pass, size: int = SIZE) -> float:
    """Decode all of a pass and return the share of valid pixels."""
    grid, bands = grid_of(size, size), tuple(item.assets)
    return measure_date([item], bands, CloudMask.of("none"), grid, JobContext()).valid


def refusal(path: Path, member: str = "") -> UserError:
    """Open a raster that must be refused."""
    with reading_environment(), pytest.raises(UserError) as caught:
        open_raster(path, member).close()
    return caught.value


# --- damaged files


@pytest.mark.parametrize("share", CUTS)
def test_f21_truncated_jpeg_2000(tmp_path: Path, share: float) -> None:
    path = write_band(tmp_path / "T31UES_B02.jp2", numbers())
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(UserError) as caught:
        measured(one_band(path))
    assert caught.value.code in ("damaged_image", "unreadable_image")
    assert caught.value.findings[0].subject == str(path)
    if caught.value.code == "damaged_image":
        assert "tile 0, " in str(caught.value) and "cannot be decoded" in str(caught.value)


def test_f21_jpeg_2000_without_its_last_byte(tmp_path: Path) -> None:
    path = write_band(tmp_path / "B02.jp2", numbers())
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(UserError, match="B02.jp2: tile 0, 2 .column, row. of band 1 cannot be"):
        measured(one_band(path))


def test_f21_cut_jpeg_2000_in_a_series_is_named_with_its_tile(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for seed, date in enumerate(SUMMER):
        for band in ("B02", "B03"):
            write_band(folder / f"T31UFS_{date}T104031_{band}_10m.jp2", numbers(seed=seed))
    cut = folder / "T31UFS_20210601T104031_B03_10m.jp2"
    cut.write_bytes(cut.read_bytes()[:-2000])
    with pytest.raises(UserError) as caught:
        series_from_images(str(folder), bands=("B02", "B03"), mask="none", ctx=JobContext())
    assert [item.code for item in caught.value.findings] == ["damaged_image"]
    assert f"{cut}: tile 0, 2 (column, row) of band 1 cannot be decoded" in str(caught.value)


@pytest.mark.parametrize("suffix", [".jp2", ".tif"])
@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_f21_truncated_zip(tmp_path: Path, share: float, suffix: str) -> None:
    archive = zipped(write_band(tmp_path / f"B02{suffix}", numbers()), tmp_path / "product.zip")
    item = one_band(archive, f"B02{suffix}")
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(UserError) as caught:
        measured(replace(item, stamps={}))
    assert caught.value.code == "unreadable_image"
    assert caught.value.findings[0].subject == f"{archive}: B02{suffix}"


@pytest.mark.parametrize("suffix", [".jp2", ".tif"])
def test_f21_zip_of_a_truncated_raster(tmp_path: Path, suffix: str) -> None:
    options = {} if suffix == ".jp2" else {"tiled": True, "blockxsize": 64, "blockysize": 64}
    path = write_band(tmp_path / f"B02{suffix}", numbers(), **options)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 7 // 10])
    archive = zipped(path, tmp_path / "product.zip", compress=zipfile.ZIP_DEFLATED)
    with pytest.raises(UserError) as caught:
        measured(one_band(archive, f"B02{suffix}"))
    assert caught.value.code == "damaged_image"
    assert f"{archive}: B02{suffix}: tile " in str(caught.value)


def test_f21_damaged_zip_in_the_middle(tmp_path: Path) -> None:
    path = write_band(tmp_path / "B02.tif", numbers())
    archive = zipped(path, tmp_path / "product.zip", compress=zipfile.ZIP_DEFLATED)
    content = bytearray(archive.read_bytes())
    content[20_000:20_400] = bytes(400)
    archive.write_bytes(content)
    with pytest.raises(UserError, match="product.zip: B02.tif: it is damaged in the zip"):
        measured(one_band(archive, "B02.tif"))


# --- rasters in zips


@pytest.mark.parametrize("compress", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("suffix", [".jp2", ".tif"])
def test_zips_are_read_in_place(tmp_path: Path, suffix: str, compress: int) -> None:
    values = numbers()
    path = write_band(tmp_path / f"B02{suffix}", values)
    member = f"S2A.SAFE/GRANULE/IMG é DATA/B02{suffix}"
    archive = zipped(path, tmp_path / "a {product} é.zip", member, compress)
    before = archive.read_bytes()
    item = one_band(archive, member)
    assert measured(item) == (values != 0).mean()
    with OpenFiles(grid_of(SIZE, SIZE)) as files:
        read = files.read(item, [item.assets["B02"]], grid_of(SIZE, SIZE).whole)
    assert np.array_equal(read[0], values)
    assert os.listdir(tmp_path) == [archive.name] and archive.read_bytes() == before


@pytest.mark.parametrize(
    "member",
    [
        "../B02.tif", "a/../../B02.tif", "/etc/passwd", "\\B02.tif", "a\\B02.tif", "C:B02.tif",
        "/vsicurl/http://127.0.0.1/a.tif", "a/./B02.tif", "a//B02.tif", "B02.tif/", "B\0.tif",
        "B\n02.tif", "./B02.tif",
    ],
)  # fmt: skip
def test_f23_unsafe_names_in_zips(tmp_path: Path, member: str) -> None:
    archive = zipped(write_band(tmp_path / "B02.tif", numbers(16)), tmp_path / "a.zip")
    error = refusal(archive, member)
    assert error.code == "member_unsafe"
    assert str(archive) in str(error) and repr(member) in str(error)


def test_f23_what_a_zip_does_not_hold(tmp_path: Path) -> None:
    archive = zipped(write_band(tmp_path / "B02.tif", numbers(16)), tmp_path / "a.zip")
    assert "the zip holds no such file" in str(refusal(archive, "B03.tif"))
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr("secret.txt", SECRET)
    assert "it is neither GeoTIFF nor JPEG 2000" in str(refusal(archive, "secret.txt"))
    other = tmp_path / "no.zip"
    other.write_bytes(b"no zip")
    assert refusal(other, "B02.tif").code == "unreadable_image"
    brace = archive.rename(tmp_path / "a}.zip")
    assert "a single brace" in str(refusal(brace, "B02.tif"))


def test_f23_paths_of_drivers_in_a_job() -> None:
    for text in ("/vsizip//tmp/a.zip/B02.tif", "JP2OpenJPEG:/tmp/a.jp2", "GTIFF_DIR:1:/tmp/a.tif"):
        with pytest.raises(UserError) as caught:
            series_from_images(text, ctx=JobContext())
        assert caught.value.code == "path_not_local" and text in str(caught.value)
        assert refusal(Path(text)).code == "path_not_local"


# --- virtual rasters


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port of this machine, and who connected to it."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.05)
    seen: list[object] = []
    stop = threading.Event()

    def listen() -> None:
        while not stop.is_set():
            try:
                seen.append(server.accept()[1])
            except TimeoutError:
                continue

    thread = threading.Thread(target=listen)
    thread.start()
    yield server.getsockname()[1], seen
    stop.set()
    thread.join()
    server.close()


HEAD = (
    '<VRTDataset rasterXSize="24" rasterYSize="24"><SRS>EPSG:32631</SRS>'
    "<GeoTransform>500000, 10, 0, 5600000, 0, -10</GeoTransform>"
)
SOURCE = '<SourceFilename relativeToVRT="{relative}">{name}</SourceFilename>'


def document(
    name: str, *, head: str = HEAD, extra: str = "", band: str = "", kind: str = "SimpleSource",
    relative: int = 0, inner: str = "", top: str = "",
) -> str:  # fmt: skip
    """Return a virtual raster of one band, with whatever is added to its elements."""
    return (
        f'{top}{head}<VRTRasterBand dataType="UInt16" band="1"{band}>{extra}'
        f"<{kind}>{SOURCE.format(relative=relative, name=name)}<SourceBand>1</SourceBand>{inner}"
        f"</{kind}></VRTRasterBand></VRTDataset>"
    )


HOSTILE = {
    "curl": lambda port, at: document(f"/vsicurl/http://127.0.0.1:{port}/a.tif"),
    "curl_relative": lambda port, at: document(
        f"/vsicurl/http://127.0.0.1:{port}/a.tif", relative=1
    ),
    "streaming": lambda port, at: document(f"/vsicurl_streaming/http://127.0.0.1:{port}/a.tif"),
    "address": lambda port, at: document(f"http://127.0.0.1:{port}/a.tif"),
    "service": lambda port, at: document(f"WCS:http://127.0.0.1:{port}/a"),
    "service_document": lambda port, at: document(
        f"&lt;GDAL_WMS&gt;&lt;Service name='TMS'&gt;&lt;ServerUrl&gt;http://127.0.0.1:{port}/"
        "&lt;/ServerUrl&gt;&lt;/Service&gt;&lt;/GDAL_WMS&gt;"
    ),
    "reference_system": lambda port, at: document(
        str(at / "a.tif"), head=HEAD.replace("EPSG:32631", f"http://127.0.0.1:{port}/a.prj")
    ),
    "memory": lambda port, at: document("MEM:::DATAPOINTER=1,PIXELS=24,LINES=24"),
    "zip": lambda port, at: document(f"/vsizip/{at}/a.zip/a.tif"),
    "secret": lambda port, at: document(str(at / "secret.txt")),
    "secret_above": lambda port, at: document("../secret.txt", relative=1),
    "gone": lambda port, at: document(str(at / "gone.tif")),
    "nested": lambda port, at: document(str(at / "inner.vrt")),
    "nested_in_disguise": lambda port, at: document(str(at / "inner.tif")),
    "polyglot": lambda port, at: document(str(at / "polyglot.tif")),
    "index": lambda port, at: document(str(at / "index.tif")),
    "service_in_disguise": lambda port, at: document(str(at / "service.tif")),
    "raw_band": lambda port, at: document(
        str(at / "secret.txt"), band=' subClass="VRTRawRasterBand"', extra="<ImageOffset>0"
        "</ImageOffset><PixelOffset>2</PixelOffset><LineOffset>48</LineOffset>",
    ),
    "derived_band": lambda port, at: document(
        str(at / "a.tif"), band=' subClass="VRTDerivedRasterBand"',
        extra="<PixelFunctionType>sum</PixelFunctionType>",
    ),
    "pixel_function": lambda port, at: document(
        str(at / "a.tif"), band=' subClass="VRTDerivedRasterBand"',
        extra="<PixelFunctionType>f</PixelFunctionType><PixelFunctionLanguage>Python"
        "</PixelFunctionLanguage><PixelFunctionCode>import os</PixelFunctionCode>",
    ),
    "pixel_function_without_its_class": lambda port, at: document(
        str(at / "a.tif"), extra="<PixelFunctionType>sum</PixelFunctionType>"
    ),
    "warped": lambda port, at: document(
        str(at / "a.tif"),
        head=HEAD.replace("<VRTDataset ", '<VRTDataset subClass="VRTWarpedDataset" '),
    ),
    "warp_options": lambda port, at: document(
        str(at / "a.tif"), head=HEAD + "<GDALWarpOptions><SourceDataset>/vsicurl/http://127.0.0.1"
        f":{port}/a.tif</SourceDataset></GDALWarpOptions>",
    ),
    "mask": lambda port, at: document(
        str(at / "a.tif"), extra="<MaskBand><VRTRasterBand dataType='Byte'/></MaskBand>"
    ),
    "kernel": lambda port, at: document(str(at / "a.tif"), kind="KernelFilteredSource"),
    "look_up": lambda port, at: document(
        str(at / "a.tif"), kind="ComplexSource", inner="<LUT>0:0,1:9</LUT>"
    ),
    "resampled": lambda port, at: document(
        str(at / "a.tif"), inner='<SrcRect xOff="0" yOff="0" xSize="24" ySize="24"/>'
        '<DstRect xOff="0" yOff="0" xSize="12" ySize="12"/>',
    ),
    "multidimensional": lambda port, at: HEAD + "<Group name='/'/></VRTDataset>",
    "entity": lambda port, at: document(
        "&x;", top=f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{at}/secret.txt">]>'
    ),
    "remote_entity": lambda port, at: document(
        "&x;", top=f'<!DOCTYPE a SYSTEM "http://127.0.0.1:{port}/a.dtd">'
    ),
    "half": lambda port, at: document(str(at / "a.tif"))[:-20],
    "other": lambda port, at: "<Other><VRTDataset/></Other>",
}  # fmt: skip


def hostile_neighbours(folder: Path, port: int) -> None:
    """Write what hostile documents name."""
    write_image(folder / "a.tif", {"B02": noisy_bands(1)["B02"]})
    (folder / "secret.txt").write_bytes(SECRET * 100)
    (folder.parent / "secret.txt").write_bytes(SECRET * 100)
    inner = document(f"/vsicurl/http://127.0.0.1:{port}/a.tif")
    (folder / "inner.vrt").write_text(inner)
    (folder / "inner.tif").write_text(inner)
    (folder / "polyglot.tif").write_bytes(b"II*\0" + inner.encode())
    (folder / "index.tif").write_bytes(b"II*\0<GDALTileIndexDataset/>")
    (folder / "service.tif").write_text(
        f"<GDAL_WMS><Service name='TMS'><ServerUrl>http://127.0.0.1:{port}/</ServerUrl></Service>"
        "</GDAL_WMS>"
    )
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.write(folder / "a.tif", "a.tif")


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("suffix", [".vrt", ".tif"])
def test_f22_hostile_virtual_rasters(
    tmp_path: Path, listener: tuple[int, list[object]], name: str, suffix: str
) -> None:
    port, seen = listener
    folder = tmp_path / "images"
    folder.mkdir()
    hostile_neighbours(folder, port)
    path = folder / f"S2_L2A_20210401{suffix}"
    path.write_text(HOSTILE[name](port, folder))
    error = refusal(path)
    assert error.code in ("virtual_raster_refused", "unreadable_xml", "unreadable_image")
    assert error.findings[0].subject == str(path)
    if suffix == ".vrt" and name not in ("entity", "remote_entity", "half"):
        assert error.code == "virtual_raster_refused"
        assert "Use a .vrt of plain bands over local" in str(error)
    assert "secret of another" not in str(error)
    with pytest.raises(UserError) as caught:
        series_from_images(str(folder), ctx=JobContext())
    assert path.name in str(caught.value)
    assert seen == []


def test_f22_what_is_refused_is_named(tmp_path: Path) -> None:
    hostile_neighbours(
        tmp_path / "images" if (tmp_path / "images").mkdir() else tmp_path / "images", 9
    )
    at = tmp_path / "images"
    found = {}
    for name, make in HOSTILE.items():
        path = at / f"{name}.vrt"
        path.write_text(make(9, at))
        found[name] = refusal(path).findings[0].found
    assert "it is a virtual path of GDAL" in found["curl"]
    assert "starts with 'http:'" in found["address"]
    assert found["raw_band"] == "its VRTRasterBand is a 'VRTRawRasterBand', which is not allowed"
    assert "'PixelFunctionType', which is not" in found["pixel_function_without_its_class"]
    assert found["warped"] == "its VRTDataset is a 'VRTWarpedDataset', which is not allowed"
    assert "inner.tif: it is a virtual raster itself" in found["nested_in_disguise"]
    assert "polyglot.tif: it is a virtual raster itself" in found["polyglot"]
    assert "secret.txt: it is neither GeoTIFF nor JPEG 2000" in found["secret"]
    assert "resamples a source" in found["resampled"]
    assert "is neither WKT nor a code" in found["reference_system"]
    assert "document type" in found["entity"] and "document type" in found["remote_entity"]


def virtual_copy(source: Path, target: Path) -> Path:
    """Write a virtual raster of one file as GDAL does."""
    copy(str(source), str(target), driver="VRT")
    return target


def test_honest_virtual_rasters_are_read(tmp_path: Path) -> None:
    """A time series of .vrt files, relative and absolute, equals that of the files they name."""
    pixels = write_folder(tmp_path / "pixels", SUMMER)
    names = tmp_path / "names"
    names.mkdir()
    for date in SUMMER:
        virtual_copy(pixels / f"S2_L2A_{date}.tif", names / f"S2_L2A_{date}.vrt")
    absolute = names / f"S2_L2A_{SUMMER[0]}.vrt"
    text = absolute.read_text().replace(
        'relativeToVRT="1">../pixels', f'relativeToVRT="0">{pixels}'
    )
    absolute.write_text(text)
    stacks = []
    for folder in (pixels, names):
        series = series_from_images(str(folder), ctx=JobContext())
        with SeriesReader(series) as reader:
            stacks.append(reader.read(series.grid.whole))
    assert stacks[0].valid.mean() > 0.3
    assert np.array_equal(stacks[0].values, stacks[1].values)
    assert np.array_equal(stacks[0].valid, stacks[1].valid)
    assert sorted(os.listdir(names)) == [f"S2_L2A_{date}.vrt" for date in SUMMER]


def test_honest_virtual_raster_of_jpeg_2000(tmp_path: Path) -> None:
    values = numbers()
    write_band(tmp_path / "B02.jp2", values)
    path = virtual_copy(tmp_path / "B02.jp2", tmp_path / "a.vrt")
    assert measured(one_band(path)) == (values != 0).mean()


def test_honest_virtual_raster_of_bands_of_several_types(tmp_path: Path) -> None:
    """One file a band joined to one image a date, as gdalbuildvrt -separate does."""
    values, codes = numbers(), np.full((SIZE, SIZE), 4, np.uint8)
    codes[:40] = 9
    parts = {"B02": ("UInt16", values), "SCL": ("Byte", codes), "B03": ("UInt16", values[::-1])}
    bands = ""
    for index, (name, (kind, layer)) in enumerate(parts.items(), start=1):
        write_band(tmp_path / f"{name}.tif", layer)
        bands += (
            f'<VRTRasterBand dataType="{kind}" band="{index}"><Description>{name}</Description>'
            f"<SimpleSource>{SOURCE.format(relative=1, name=name + '.tif')}"
            "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>"
        )
    path = tmp_path / "a.vrt"
    path.write_text(HEAD.replace('"24"', f'"{SIZE}"') + bands + "</VRTDataset>")
    grid = grid_of(SIZE, SIZE)
    assets = [Asset(path, 1), Asset(path, 2, dtype="uint8"), Asset(path, 3)]
    with OpenFiles(grid) as files:
        read = files.read(Pass("a", {}, None, {}), assets, grid.whole)
    assert [part.dtype.name for part in read] == ["uint16", "uint8", "uint16"]
    expected = (values, codes, values[::-1])
    assert all(np.array_equal(*pair) for pair in zip(read, expected, strict=True))


def test_virtual_raster_without_its_name_or_contents(tmp_path: Path) -> None:
    write_image(tmp_path / "a.tif", flat_bands())
    path = virtual_copy(tmp_path / "a.tif", tmp_path / "b.vrt")
    assert "neither GeoTIFF" in str(refusal(path.rename(tmp_path / "b.tif")))
    empty = tmp_path / "c.vrt"
    empty.write_bytes(b"")
    assert "neither GeoTIFF" in str(refusal(empty))
    # A GeoTIFF is one whatever it is called.
    with reading_environment():
        open_raster((tmp_path / "a.tif").rename(tmp_path / "d.vrt")).close()


# --- sizes


def sparse(path: Path, side: int, count: int, block: int) -> Path:
    with rasterio.open(
        path, "w", driver="GTiff", width=side, height=side, count=count, dtype="uint16",
        crs="EPSG:32631", sparse_ok=True, tiled=True, bigtiff="yes", blockxsize=block,
        blockysize=block,
    ):  # fmt: skip
        pass
    return path


def jpeg_2000_bomb(path: Path, side: int) -> Path:
    """Write a JPEG 2000 that declares `side` x `side` pixels in one tile."""
    write_band(path, numbers(64))
    content = bytearray(path.read_bytes())
    header = content.index(b"ihdr") + 4
    content[header : header + 8] = side.to_bytes(4, "big") * 2
    size = content.index(b"\xff\x4f\xff\x51") + 8
    content[size : size + 8] = side.to_bytes(4, "big") * 2  # the grid
    content[size + 16 : size + 24] = side.to_bytes(4, "big") * 2  # a tile
    path.write_bytes(content)
    return path


def test_f24_size_bombs_in_other_containers(tmp_path: Path) -> None:
    bomb = sparse(tmp_path / "a.tif", 300_000, 13, 4096)
    archive = zipped(bomb, tmp_path / "a.zip", compress=zipfile.ZIP_DEFLATED)
    assert archive.stat().st_size < 2**20
    error = refusal(archive, "a.tif")
    assert error.code == "image_too_large" and error.findings[0].subject == f"{archive}: a.tif"
    assert "300000 x 300000 pixels in 13 bands" in str(error)
    error = refusal(jpeg_2000_bomb(tmp_path / "b.jp2", 300_000))
    assert error.code == "image_too_large" and "300000 x 300000 pixels in 1 band" in str(error)
    virtual = tmp_path / "c.vrt"
    write_image(tmp_path / "c.tif", {"B02": noisy_bands(1)["B02"]})
    virtual.write_text(document(str(tmp_path / "c.tif"), head=HEAD.replace('"24"', '"300000"')))
    assert refusal(virtual).code == "image_too_large"


def test_f24_blocks_and_bands_without_bounds(tmp_path: Path) -> None:
    error = refusal(sparse(tmp_path / "a.tif", 49_152, 1, 49_152))
    assert error.code == "image_too_large" and "blocks of 49152 x 49152 pixels" in str(error)
    write_image(tmp_path / "b.tif", {str(n): np.ones((2, 2)) for n in range(65)})
    assert "2 x 2 pixels in 65 bands, more than" in str(refusal(tmp_path / "b.tif"))


BOMB = """
import resource, sys
from pathlib import Path
from cscl.context import JobContext
from cscl.grid import Grid
from cscl.series.mask import CloudMask
from cscl.series.measure import measure_date
from cscl.series.model import Asset, Pass
path, member, side = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
grid = Grid("EPSG:32631", (10.0, 0.0, 500000.0, 0.0, -10.0, 5600000.0), side, side)
item = Pass("bomb", {"B03": Asset(path, 1, member=member, nodata=None)}, None, {})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
measure = measure_date([item], ("B03",), CloudMask.of("none"), grid, JobContext())
print(measure.valid, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize(("form", "side", "bound"), [("tiles", 14_100, 300), ("zip", 10_000, 190)])
def test_f25_deflate_bomb_is_read_in_windows(
    tmp_path: Path, form: str, side: int, bound: int
) -> None:
    path = tmp_path / "bomb.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=side, height=side, count=1, dtype="uint16", tiled=True,
        blockxsize=512, blockysize=512, compress="deflate", sparse_ok=True, zlevel=9,
    ) as file:  # fmt: skip
        file.write(np.full((512, side), 7, np.uint16), 1, window=((0, 512), (0, side)))
    assert path.stat().st_size < 560 * 1024 and side**2 * 2 >= (390e6 if form == "tiles" else 200e6)
    member = ""
    if form == "zip":
        path, member = zipped(path, tmp_path / "bomb.zip", compress=zipfile.ZIP_DEFLATED), path.name
    done = subprocess.run(
        [sys.executable, "-c", BOMB, str(path), member, str(side)],
        capture_output=True, text=True, check=True, timeout=120,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    valid, grown = done.stdout.split()
    assert float(valid) == 512 / side
    assert int(grown) < bound  # MiB


# --- reflectance


def test_f29_offsets_are_applied_by_pass(tmp_path: Path) -> None:
    """The same ground by an old and a new processing baseline: one mean reflectance."""
    old = mixed_pass(tmp_path / "old", 7, offset=0.0)
    new = tmp_path / "new"
    new.mkdir()
    assets = {}
    for name, asset in old.assets.items():
        with rasterio.open(asset.path) as file:
            values = file.read(1).astype(np.int64)
        shifted = np.where(values == 0, 0, values + 1000).astype(np.uint16)
        factor = round(asset.grid.resolution / 10)
        path = write_band(new / f"{name}.jp2", shifted, factor)
        assets[name] = replace(asset, path=path, offset=-0.1)
    stamps = {asset.path: stamp_of(asset.path) for asset in assets.values()} | dict(old.stamps)
    series = mixed_series([[old], [replace(old, assets=assets, stamps=stamps)]])
    with SeriesReader(series) as reader:
        stack = reader.read(series.grid.whole)
    assert np.array_equal(stack.values[0], stack.values[1])
    assert np.array_equal(stack.valid[0], stack.valid[1])
    means = stack.values.sum(axis=(2, 3)) / stack.valid.sum(axis=(1, 2))[:, None]
    assert means[0] == pytest.approx(means[1]) and (means > 0.3).all()


def test_f29_negative_reflectance_is_kept(tmp_path: Path) -> None:
    path = write_band(tmp_path / "B02.tif", np.full((8, 8), 400, np.uint16))
    item = one_band(path, size=8)
    item = replace(item, assets={"B02": replace(item.assets["B02"], offset=-0.1)})
    series = replace(mixed_series([[item], [item]], (8, 8)), mask=CloudMask.of("none"))
    with SeriesReader(series) as reader:
        stack = reader.read(series.grid.whole)
    assert stack.valid.all() and np.allclose(stack.values, -0.06, atol=1e-7)


def test_f30_what_is_no_reflectance_is_masked(tmp_path: Path) -> None:
    """NaN, infinities, no data and saturation, in one band of one file each."""
    plain = numbers(16, 3).astype(np.float32) / 10_000
    plain[plain == 0] = 0.5
    faulty = plain.copy()
    faulty[0, :6] = (np.nan, np.inf, -np.inf, -9999, -10_000, -1)
    stored = np.full((16, 16), 500, np.uint16)
    stored[1, :3] = (0, 65535, 65534)
    assets = {
        "B02": Asset(
            write_band(tmp_path / "B02.tif", faulty), 1, 1.0, 0.0, -1.0, None, "", "float32"
        ),
        "B03": Asset(write_band(tmp_path / "B03.tif", stored), 1),
    }  # fmt: skip
    item = Pass("a", assets, None, {})
    series = replace(
        mixed_series([[item], [item]], (16, 16)), bands=("B02", "B03"), mask=CloudMask.of("none")
    )
    with SeriesReader(series) as reader:
        stack = reader.read(series.grid.whole)
    invalid = {tuple(place) for place in np.argwhere(~stack.valid[0])}
    assert invalid == {(0, col) for col in range(6)} | {(1, 0), (1, 1)}
    assert np.isfinite(stack.values).all() and (stack.values[:, :, ~stack.valid[0]] == 0).all()
    kept = stack.valid[0]
    assert np.abs(stack.values[0, 0][kept] - plain[kept]).max() <= 0.5001e-4


def test_f30_an_empty_pass_does_not_hide_another(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, SUMMER)
    empty = flat_bands(value=0, bands=TEN)
    for name in TEN:
        empty[name][:] = 65535
    write_image(folder / "S2_L2A_20210601_2.tif", empty)
    write_image(folder / "S2_L2A_20210615.tif", empty)
    ctx = JobContext()
    series = series_from_images(str(folder), ctx=ctx)
    assert [item.date.strftime("%Y%m%d") for item in series.acquisitions] == list(SUMMER)
    assert "2021-06-15" in "\n".join(ctx.noted)
    with SeriesReader(series) as reader:
        assert reader.read(series.grid.whole).valid[2].mean() > 0.3


# --- changes during a job


def test_f35_changed_files_of_other_containers(tmp_path: Path) -> None:
    archive = zipped(write_band(tmp_path / "B02.jp2", numbers()), tmp_path / "a.zip")
    jpeg = write_band(tmp_path / "B03.jp2", numbers(seed=2))
    source = write_band(tmp_path / "B04.tif", numbers(seed=3))
    virtual = virtual_copy(source, tmp_path / "B04.vrt")
    for path, member, touched in (
        (archive, "B02.jp2", archive), (jpeg, "", jpeg), (virtual, "", source)
    ):  # fmt: skip
        item = one_band(path, member)
        asset, whole = item.assets["B02"], grid_of(SIZE, SIZE).whole
        with OpenFiles(grid_of(SIZE, SIZE)) as files:
            files.read(item, [asset], whole)
            os.utime(touched)
            files.read(item, [asset], whole)
            content = bytearray(touched.read_bytes())
            content[-1] ^= 1
            touched.write_bytes(content)
            with pytest.raises(UserError) as caught:
                files.read(item, [asset], whole)
            assert caught.value.code == "image_changed" and str(path) in str(caught.value)
            touched.unlink()
            with pytest.raises(UserError) as caught:
                files.read(item, [asset], whole)
            assert caught.value.code == "image_missing" and str(touched) in str(caught.value)


def test_f35_another_size_than_the_series_says(tmp_path: Path) -> None:
    path = write_band(tmp_path / "B02.jp2", numbers())
    item = one_band(path)
    small = replace(item, assets={"B02": replace(item.assets["B02"], grid=grid_of(80, 80))})
    with pytest.raises(UserError, match="it has 160 x 160 pixels, the time series 80 x 80"):
        measured(small, 80)
    check_unchanged(path, item.stamps[path])
