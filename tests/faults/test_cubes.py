"""Hostile and damaged cubes: refused from their metadata, nothing followed, nothing executed."""

from __future__ import annotations

import json
import os
import pickle
import tracemalloc
import warnings
import zlib
from pathlib import Path

import cube_samples as samples
import h5py
import numcodecs
import numpy as np
import pytest
import zarr
from cscl.contract.errors import UserError
from cscl.grid import Window
from cscl.series.cube_open import open_cube
from cscl.series.cubes import CubeFiles
from cscl.series.formats.cube import CUBE
from cscl.series.images import Wanted
from cscl.series.model import Asset

REWRITE = "Write the cube again, whole, in one local file."
SMALLER = "Cut the cube to the area and season, in smaller chunks."


def refused(path: Path) -> str:
    """Describe a cube that must be refused, and return the one message without its name."""
    images, problems, _ = samples.described(CUBE, path, wanted=Wanted(("B02",)))
    assert images == []
    assert len(problems) == 1, problems
    return problems[0].removeprefix(f"{path}: ")


def sparse_netcdf(path: Path, shape: tuple[int, ...], chunks: tuple[int, ...]) -> Path:
    """Write a file that declares more than it holds."""
    with h5py.File(path, "w") as file:
        band = file.create_dataset("B02", shape, "u2", chunks=chunks, fillvalue=0)
        for place, (name, side) in enumerate(zip(("time", "y", "x"), shape, strict=True)):
            scale = file.create_dataset(name, (side,), "f8", chunks=(min(side, 100_000),))
            scale.make_scale(name)
            band.dims[place].attach_scale(scale)
    return path


def sparse_zarr(path: Path, shape: tuple[int, ...], chunks: tuple[int, ...]) -> Path:
    group = zarr.create_group(path)
    group.create_array(
        "B02", shape=shape, chunks=chunks, dtype="u2", dimension_names=("time", "y", "x")
    )
    return path


@pytest.mark.parametrize("write", [sparse_netcdf, sparse_zarr])
@pytest.mark.parametrize(
    "shape, chunks, found",
    [((2, 60_000, 100), (1, 512, 100),
      "its variable B02 declares 100 x 60000 pixels, more than 50000 x 50000"),
     ((2, 100, 300_000), (1, 100, 512),
      "its variable B02 declares 300000 x 100 pixels, more than 50000 x 50000"),
     ((401, 64, 64), (1, 64, 64), "its variable B02 declares 401 steps of time, more than 400"),
     ((4, 20_000, 20_000), (1, 20_000, 20_000),
      "the chunks of its variable B02 (1 x 20000 x 20000) take more than 256 MiB")],
)  # fmt: skip
def test_f24_size_bomb_cube(
    tmp_path: Path, write: object, shape: tuple[int, ...], chunks: tuple[int, ...], found: str
) -> None:
    path = write(tmp_path / ("a.nc" if write is sparse_netcdf else "a.zarr"), shape, chunks)
    assert refused(path) == f"{found}. {SMALLER}"
    with CubeFiles() as files, pytest.raises(UserError, match="declares|take more than"):
        files.read([Asset(path, 1, member="B02")], Window(0, 0, 2, 2))


def test_f24_classic_file_that_declares_more_than_it_holds(tmp_path: Path) -> None:
    path = samples.write_netcdf3(tmp_path / "a.nc", samples.dataset())
    content = bytearray(path.read_bytes())
    place = content.index(b"\0\0\0\1y\0\0\0") + 8
    assert content[place : place + 4] == samples.HEIGHT.to_bytes(4, "big")
    content[place : place + 4] = (2**31 - 1).to_bytes(4, "big")
    path.write_bytes(content)
    message = refused(path)
    assert message.startswith("it cannot be opened as classic NetCDF (")
    assert message.endswith(f"). {REWRITE}")


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("form", ["netcdf4", "netcdf3"])
def test_f21_truncated_cube(tmp_path: Path, form: str, share: float) -> None:
    path = getattr(samples, f"write_{form}")(tmp_path / "a.nc", samples.dataset())
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    message = refused(path)
    assert message.endswith(REWRITE)
    assert message.startswith(("it cannot be opened as ", "it is neither NetCDF 4, nor classic"))


def test_f21_cut_after_it_was_described(tmp_path: Path) -> None:
    path = samples.write_netcdf3(tmp_path / "a.nc", samples.dataset())
    with CubeFiles() as files:
        files.read([Asset(path, 1, member="B02")], Window(0, 0, 2, 2))
        os.truncate(path, path.stat().st_size // 2)
        with pytest.raises(UserError) as caught:
            files.read([Asset(path, 4, member="B08")], Window(10, 0, 8, 8))
    assert str(caught.value) == (
        f"{path}: the variable B08 cannot be decoded: the file is cut short or damaged. Copy or "
        "download this file again, or remove it."
    )


@pytest.mark.parametrize("version", [2, 3])
def test_f21_damaged_chunk(tmp_path: Path, version: int) -> None:
    path = samples.write_zarr(tmp_path / "a.zarr", samples.dataset(), version)
    chunk = path / "B02" / ("0.1.0" if version == 2 else "c/0/1/0")
    # The decoder of blosc, which version 2 uses, would read on beyond the end.
    chunk.write_bytes(chunk.read_bytes()[:20])
    with CubeFiles() as files:
        files.read([Asset(path, 1, member="B02")], Window(0, 0, 4, 4))
        with pytest.raises(UserError) as caught:
            files.read([Asset(path, 1, member="B02")], Window(6, 0, 4, 4))
    assert str(caught.value) == (
        f"{path}: a chunk of the variable B02 cannot be decoded: the file is cut short or "
        "damaged. Copy or download this file again, or remove it."
    )


def test_f21_damaged_chunk_of_netcdf(tmp_path: Path) -> None:
    path = samples.write_netcdf4(tmp_path / "a.nc", samples.dataset())
    with h5py.File(path) as file:
        chunk = file["B02"].id.get_chunk_info(0)
    content = bytearray(path.read_bytes())
    content[chunk.byte_offset : chunk.byte_offset + chunk.size] = bytes(chunk.size)
    path.write_bytes(content)
    with CubeFiles() as files, pytest.raises(UserError) as caught:
        files.read([Asset(path, 1, member="B02")], Window(0, 0, 22, 30))
    assert str(caught.value) == (
        f"{path}: a chunk of the variable B02 cannot be decoded: the file is cut short or "
        "damaged. Copy or download this file again, or remove it."
    )


def test_f25_chunk_that_unpacks_to_more_than_it_declares(tmp_path: Path) -> None:
    bomb = zlib.compress(bytes(64 * 2**20))
    path = sparse_netcdf(tmp_path / "a.nc", (2, 64, 64), (1, 64, 64))
    with h5py.File(path, "a") as file:
        del file["B02"]
        band = file.create_dataset("B02", (2, 64, 64), "u2", chunks=(1, 64, 64), compression="gzip")
        for place, name in enumerate(("time", "y", "x")):
            band.dims[place].attach_scale(file[name])
        band.id.write_direct_chunk((0, 0, 0), bomb)
    folder = tmp_path / "a.zarr"
    zarr.create_group(folder, zarr_format=2).create_array(
        "B02", shape=(2, 64, 64), chunks=(1, 64, 64), dtype="u2",
        compressors=numcodecs.Zlib(), attributes={"_ARRAY_DIMENSIONS": ["time", "y", "x"]},
    )  # fmt: skip
    (folder / "B02" / "0.0.0").write_bytes(bomb)
    for cube in (path, folder):
        tracemalloc.start()
        with CubeFiles() as files, pytest.raises(UserError, match="a chunk of the variable B02"):
            files.read([Asset(cube, 1, member="B02")], Window(0, 0, 2, 2))
        assert tracemalloc.get_traced_memory()[1] < 16 * 2**20
        tracemalloc.stop()


def test_f22_files_that_are_something_else(tmp_path: Path) -> None:
    for name, content in (
        ("a.nc", b"<VRTDataset/>"),
        ("b.nc", b"CDF\x05" + bytes(60)),
        ("c.nc", b""),
    ):
        (tmp_path / name).write_bytes(content)
        assert refused(tmp_path / name) == (
            f"it is neither NetCDF 4, nor classic NetCDF, nor a Zarr folder. {REWRITE}"
        )


def test_f23_external_links_are_not_followed(tmp_path: Path) -> None:
    secret = samples.write_netcdf4(tmp_path / "secret.nc", samples.dataset())
    for name, link in (
        ("external.nc", h5py.ExternalLink(str(secret), "/B02")),
        ("soft.nc", h5py.SoftLink("/B03")),
    ):
        path = samples.write_netcdf4(tmp_path / name, samples.dataset().drop_vars("B02"))
        with h5py.File(path, "a") as file:
            file["B02"] = link
        assert refused(path) == (
            "its 'B02' is a link to another place or file. Write the cube again into one file, "
            "without links."
        )


def test_f23_numbers_in_other_files(tmp_path: Path) -> None:
    path = samples.write_netcdf4(tmp_path / "a.nc", samples.dataset().drop_vars("B02"))
    secret = tmp_path / "secret.bin"
    secret.write_bytes(b"x" * 10_000)
    with h5py.File(path, "a") as file:
        file.create_dataset("B02", (4, 22, 30), "u2", external=[(str(secret), 0, 5280)])
    wanted = (
        "the numbers of its variable 'B02' lie in other files. Write the cube again into one file, "
        "without virtual or external storage."
    )
    assert refused(path) == wanted
    other = samples.write_netcdf4(tmp_path / "b.nc", samples.dataset().drop_vars("B02"))
    layout = h5py.VirtualLayout((4, 22, 30), "u2")
    layout[:] = h5py.VirtualSource(str(path), "B03", (4, 22, 30))
    with h5py.File(other, "a") as file:
        file.create_virtual_dataset("B02", layout)
    assert refused(other) == wanted


class _Payload:
    """Writes a file where it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.canary}",)


@pytest.mark.parametrize("codec", ["pickle", "json2", "msgpack2", "categorize"])
def test_f49_objects_in_zarr(tmp_path: Path, codec: str) -> None:
    canary = tmp_path / "canary"
    path = samples.write_zarr(tmp_path / "a.zarr", samples.dataset(), 2)
    for name in ("B02", "time"):
        array = path / name
        document = json.loads((array / ".zarray").read_text())
        document |= {
            "dtype": "|O",
            "filters": [{"id": codec}],
            "compressor": None,
            "fill_value": None,
        }
        (array / ".zarray").write_text(json.dumps(document))
        for chunk in array.glob("[0-9]*"):
            chunk.write_bytes(pickle.dumps(np.array([_Payload(canary)], object)))
    assert refused(path) == (
        f"its array 'B02' is coded with {codec}, which is not allowed. Write the cube again with "
        "numbers alone, compressed with zstd or gzip."
    )
    with CubeFiles() as files, pytest.raises(UserError):
        files.read([Asset(path, 1, member="B02")], Window(0, 0, 2, 2))
    assert not canary.exists()


@pytest.mark.parametrize("place", ["codecs", "shard", "index"])
def test_f49_codecs_of_zarr_3(tmp_path: Path, place: str) -> None:
    path = samples.write_zarr(tmp_path / "a.zarr", samples.dataset(), 3)
    file = path / "B02" / "zarr.json"
    document = json.loads(file.read_text())
    evil = {"name": "numcodecs.pickle", "configuration": {}}
    plain = [{"name": "bytes", "configuration": {"endian": "little"}}]
    inner = {"chunk_shape": [1, 8, 8], "codecs": plain, "index_codecs": plain}
    if place == "codecs":
        document["codecs"] = [evil]
    else:
        inner["codecs" if place == "shard" else "index_codecs"] = [evil]
        document["codecs"] = [{"name": "sharding_indexed", "configuration": inner}]
    file.write_text(json.dumps(document))
    harmless = {"zarr_format": 2, "compressor": None, "filters": None}
    (file.parent / ".zarray").write_text(json.dumps(harmless))
    assert refused(path).startswith("its array 'B02' is coded with pickle, which is not allowed. ")


def test_f49_blosc_in_shards(tmp_path: Path) -> None:
    group = zarr.create_group(tmp_path / "a.zarr")
    group.create_array(
        "B02", shape=(4, 32, 32), shards=(1, 32, 32), chunks=(1, 16, 16), dtype="u2",
        dimension_names=("time", "y", "x"), compressors=zarr.codecs.BloscCodec(),
    )  # fmt: skip
    assert refused(tmp_path / "a.zarr").startswith(
        "its array 'B02' is coded with blosc in shards, which is not allowed. "
    )


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_f54_chunks_that_are_no_files_of_the_folder(tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"x" * 1000)
    path = samples.write_zarr(tmp_path / "a.zarr", samples.dataset(), 3)
    chunk = path / "B02" / "c" / "0" / "0" / "0"
    if kind == "folder":
        (path / "B02").rename(tmp_path / "elsewhere")
        (path / "B02").symlink_to(tmp_path / "elsewhere")
        assert refused(path).startswith("it cannot be opened as Zarr (")
        return
    chunk.unlink()
    if kind == "link":
        chunk.symlink_to(secret)
    else:
        os.mkfifo(chunk)
    with CubeFiles() as files, pytest.raises(UserError, match="a chunk of the variable B02 cannot"):
        files.read([Asset(path, 1, member="B02")], Window(0, 0, 4, 4))


@pytest.mark.parametrize(
    "text, found",
    [("{", "it cannot be opened as Zarr (Expecting property name"),
     ("[]", "it cannot be opened as Zarr (B02/zarr.json is no JSON object)"),
     ('{"a": ' + "[" * 200_000 + "]" * 200_000 + "}",
      "it cannot be opened as Zarr (B02/zarr.json is nested too deep)"),
     (" " * (4 * 2**20 + 1), "its B02/zarr.json is no file of metadata"),
     ('{"zarr_format": 3, "node_type": "array"}', "it cannot be opened as Zarr (")],
)  # fmt: skip
def test_f55_damaged_metadata(tmp_path: Path, text: str, found: str) -> None:
    path = samples.write_zarr(tmp_path / "a.zarr", samples.dataset(), 3)
    (path / "B02" / "zarr.json").write_text(text)
    assert refused(path).startswith(found)


def test_f23_paths_of_drivers() -> None:
    for name in ("NETCDF:a.nc:B02", "/vsicurl/a.nc", "http://example.invalid/a.zarr"):
        with pytest.raises(UserError) as caught:
            open_cube(Path(name))
        assert caught.value.code == "path_not_local"


def test_f30_nothing_is_said_without_need(tmp_path: Path) -> None:
    """Libraries warn of nothing while a sound cube is described and read."""
    paths = [
        samples.write_netcdf3(tmp_path / "a.nc", samples.dataset()),
        samples.write_netcdf4(tmp_path / "b.nc", samples.dataset()),
        samples.write_zarr(tmp_path / "c.zarr", samples.dataset(), 2),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        images, problems, _ = samples.described(CUBE, *paths)
        assert problems == [] and len(images) == 12
        with CubeFiles() as files:
            for image in images:
                files.read([image.assets["B02"]], Window(0, 0, 4, 4), image.stamps)
