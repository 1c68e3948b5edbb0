"""Shards written as files of their own, read by zarr."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import zarr
from cscl.dataset.shard_files import ShardFile, compressor


def made(folder: Path, dtype: str, count: int = 7) -> tuple[zarr.Array, np.ndarray]:
    """Return an array of shards of three items, and random items for it."""
    group = zarr.create_group(folder).create_group("grid_0")
    array = group.create_array(
        "images", shape=(count, 2, 5, 4), chunks=(1, 2, 5, 4), shards=(3, 2, 5, 4), dtype=dtype,
        compressors=compressor(), fill_value=0,
    )  # fmt: skip
    random = np.random.default_rng(1)
    return array, random.integers(0, 2 if dtype == "bool" else 200, array.shape).astype(dtype)


@pytest.mark.parametrize("dtype", ["int16", "uint8", "uint32", "bool"])
def test_zarr_reads_what_was_written(tmp_path: Path, dtype: str) -> None:
    array, items = made(tmp_path, dtype)
    for first in (0, 6, 3):
        shard = ShardFile(array, first)
        for item in items[first : first + 3]:
            shard.add(item)
        shard.write()
    found = zarr.open_group(tmp_path, mode="r")["grid_0/images"]
    assert np.array_equal(found[:], items)
    assert np.array_equal(found[4], items[4])


def test_the_files_hold_what_zarr_itself_writes(tmp_path: Path) -> None:
    array, items = made(tmp_path / "ours", "int16")
    other, _ = made(tmp_path / "zarrs", "int16")
    other[:] = items
    for first in range(0, 7, 3):
        shard = ShardFile(array, first)
        for item in items[first : first + 3]:
            shard.add(item)
        shard.write()
    names = [path.relative_to(tmp_path / "ours") for path in (tmp_path / "ours").rglob("*")]
    assert set(names) == {
        path.relative_to(tmp_path / "zarrs") for path in (tmp_path / "zarrs").rglob("*")
    }
    for name in names:
        if name.name == "0":
            ours, theirs = (tmp_path / side / name for side in ("ours", "zarrs"))
            if ours.is_file():
                assert ours.stat().st_size == theirs.stat().st_size


def test_items_that_are_missing_or_damaged(tmp_path: Path) -> None:
    array, items = made(tmp_path, "int16")
    shard = ShardFile(array, 3)
    shard.add(items[3])
    shard.write()
    assert np.array_equal(array[3], items[3])
    assert not array[4].any() and not array[0].any()
    path = next(path for path in tmp_path.rglob("*") if path.is_file() and path.suffix == "")
    data = bytearray(path.read_bytes())
    data[-10] ^= 1
    path.write_bytes(data)
    with pytest.raises(ValueError, match="[Cc]hecksum"):
        array[3]


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    array, items = made(tmp_path, "int16")
    with pytest.raises(ValueError, match="grid_0/images: no shard begins at 4"):
        ShardFile(array, 4)
    shard = ShardFile(array, 0)
    with pytest.raises(ValueError, match="is none of its items"):
        shard.add(items[0].astype("int32"))
    with pytest.raises(ValueError, match="is none of its items"):
        shard.add(items[0][:1])
