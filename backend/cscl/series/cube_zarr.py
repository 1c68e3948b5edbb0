"""Zarr of versions 2 and 3 in local folders: known codecs alone, regular files alone."""

from __future__ import annotations

import json
import stat
import struct
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.abc.store import ByteRequest
from zarr.core.buffer import Buffer, BufferPrototype
from zarr.storage import LocalStore

from cscl.series.cube_model import (
    MAXIMUM_VARIABLES,
    Cube,
    Slices,
    Variable,
    largest_packed,
    plain_attribute,
    refused_cube,
)
from cscl.series.raster import MAXIMUM_BLOCK_BYTES, damaged_image

METADATA = ("zarr.json", ".zgroup", ".zarray", ".zattrs")
_COPIES = ".zmetadata"  # of the metadata, which need not agree with those that are checked
MAXIMUM_METADATA_BYTES = 4 * 2**20
# Codecs that turn bytes into numbers and do nothing else; pickles and objects are not among them.
CODECS = frozenset(
    ("blosc", "zstd", "lz4", "gzip", "zlib", "bz2", "lzma", "shuffle", "delta", "crc32", "crc32c",
     "adler32", "fletcher32", "bytes", "endian", "transpose", "sharding_indexed", "vlen-utf8")
)  # fmt: skip
# What zarr raises on metadata or chunks that are damaged.
_DAMAGE = (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError, IndexError,
           NotImplementedError)  # fmt: skip


_BLOSC_HEADER = struct.Struct("<4xI4xI")  # sizes of the content, and of what it was packed into


class _PlainStore(LocalStore):
    """A folder of which only regular files inside it are read, and none that is too large."""

    def __init__(self, root: Path, blosc: Collection[str]) -> None:
        super().__init__(root, read_only=True)
        self._blosc = blosc
        self.limits: dict[str, int] = {}  # bytes of a chunk's file, by array

    async def get(
        self,
        key: str,
        prototype: BufferPrototype | None = None,
        byte_range: ByteRequest | None = None,
    ) -> Buffer | None:
        if key == _COPIES:
            return None
        path, array = self.root / key, key.partition("/")[0]
        try:
            state = path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not stat.S_ISREG(state.st_mode) or self.root.resolve() not in path.resolve().parents:
            raise ValueError(f"{key} is no regular file inside the folder")
        is_metadata = path.name in METADATA
        limit = MAXIMUM_METADATA_BYTES if is_metadata else self.limits.get(array, 0)
        if state.st_size > limit:
            raise ValueError(f"{key} holds {state.st_size} bytes")
        found = await super().get(key, prototype, byte_range)
        if found is not None and array in self._blosc and not is_metadata:
            _check_blosc(key, found.to_bytes())
        return found


def _check_blosc(key: str, content: bytes) -> None:
    """Refuse a chunk whose header does not fit it: its decoder believes the header alone."""
    if len(content) < 16:
        raise ValueError(f"{key} is cut short")
    whole, packed = _BLOSC_HEADER.unpack_from(content)
    if packed != len(content) or whole > MAXIMUM_BLOCK_BYTES:
        raise ValueError(f"{key} holds {len(content)} bytes, not {packed}")


def open_zarr(path: Path) -> Cube:
    """Open a Zarr folder; raises `UserError` where it is damaged or holds anything but numbers."""
    try:
        arrays = _check_metadata(path)
        blosc = [name for name, codecs in arrays.items() if "blosc" in codecs]
        store = _PlainStore(path, blosc)
        group = zarr.open_group(store, mode="r", use_consolidated=False)
        variables = {name: _variable(path, name, group[name]) for name in arrays}
        for name, variable in variables.items():
            shape = group[name].shards or group[name].chunks
            store.limits[name] = largest_packed(shape, variable.dtype.itemsize)
        return Cube(path, dict(group.attrs), variables)
    except _DAMAGE as error:
        raise refused_cube(path, f"it cannot be opened as Zarr ({error})") from None


def _check_metadata(path: Path) -> dict[str, set[str]]:
    """Return the arrays and their codecs; refuse large metadata, and codecs not known."""
    folders = [path, *sorted(item for item in path.iterdir() if item.is_dir())]
    if len(folders) > MAXIMUM_VARIABLES:
        raise refused_cube(path, f"it holds more than {MAXIMUM_VARIABLES} arrays")
    arrays = {}
    for folder in folders:
        documents = {name: _document(path, folder / name) for name in METADATA}
        if documents[".zarray"] or documents["zarr.json"].get("node_type") == "array":
            # Where a folder holds metadata of both versions, either may be read.
            codecs = {*_codecs(documents[".zarray"]), *_codecs(documents["zarr.json"])}
            _check_codecs(path, folder, codecs)
            arrays[folder.name] = codecs
    return arrays


def _document(path: Path, file: Path) -> Mapping[str, Any]:
    try:
        state = file.lstat()
    except FileNotFoundError:
        return {}
    if not stat.S_ISREG(state.st_mode) or state.st_size > MAXIMUM_METADATA_BYTES:
        raise refused_cube(path, f"its {file.relative_to(path)} is no file of metadata")
    try:
        value = json.loads(file.read_bytes())
    except RecursionError:
        raise ValueError(f"{file.relative_to(path)} is nested too deep") from None
    if not isinstance(value, dict):
        raise ValueError(f"{file.relative_to(path)} is no JSON object")
    return value


def _check_codecs(path: Path, folder: Path, codecs: set[str]) -> None:
    unknown = sorted(codecs - CODECS)
    if {"blosc", "sharding_indexed"} <= codecs:
        # The sizes in the headers of such chunks cannot be checked before they are decoded.
        unknown.append("blosc in shards")
    if unknown:
        raise refused_cube(
            path,
            f"its array {folder.name!r} is coded with {', '.join(unknown)}, which is not allowed",
            "Write the cube again with numbers alone, compressed with zstd or gzip.",
        )


def _codecs(document: Mapping[str, Any]) -> Iterator[str]:
    """Give the names of all codecs of an array, of either version, those inside shards too."""
    entries: list[Any] = [document.get("compressor"), *(document.get("filters") or [])]
    entries += [*(document.get("codecs") or []), *(document.get("index_codecs") or [])]
    for entry in entries:
        if isinstance(entry, str):
            yield entry
        elif isinstance(entry, dict):
            name = str(entry.get("id", entry.get("name", "")))
            yield name.removeprefix("numcodecs.")
            if isinstance(entry.get("configuration"), dict):
                yield from _codecs(entry["configuration"])


def _variable(path: Path, name: str, array: Any) -> Variable:
    if not isinstance(array, zarr.Array):
        raise ValueError(f"{name} is no array")
    attributes = {key: plain_attribute(value) for key, value in dict(array.attrs).items()}
    names = array.metadata.dimension_names if array.metadata.zarr_format == 3 else None
    # xarray writes the dimensions of version 2 as an attribute.
    names = names or attributes.get("_ARRAY_DIMENSIONS") or ()
    names = [names] if isinstance(names, str) else list(names)
    if array.metadata.zarr_format == 2 and array.fill_value is not None:
        attributes.setdefault("_FillValue", plain_attribute(array.fill_value))

    def read(part: Slices) -> NDArray[Any]:
        try:
            return np.asarray(array[part])
        except _DAMAGE:
            raise damaged_image(path, f"a chunk of the variable {name}") from None

    return Variable(
        name=name,
        dims=tuple(str(item) for item in names),
        shape=tuple(array.shape),
        dtype=np.dtype(array.dtype),
        chunks=tuple(array.chunks),
        attributes=attributes,
        read=read,
    )
