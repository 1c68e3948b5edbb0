"""NetCDF of version 4, which is HDF5: nothing is followed out of the file."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from cscl.series.cube_model import (
    MAXIMUM_ATTRIBUTE_BYTES,
    MAXIMUM_VARIABLES,
    Cube,
    Slices,
    Variable,
    largest_packed,
    plain_attribute,
    refused_cube,
)
from cscl.series.raster import damaged_image

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_NO_VARIABLE = "This is a netCDF dimension but not a netCDF variable"
# What h5py raises on files that are cut or damaged.
DAMAGE = (OSError, RuntimeError, ValueError, KeyError, TypeError)


def open_hdf5(path: Path) -> Cube:
    """Open a NetCDF 4 file; raises `UserError` where it is damaged or leads to other files."""
    try:
        file = h5py.File(path, "r", locking="best-effort")
    except DAMAGE as error:
        raise refused_cube(path, f"it cannot be opened as NetCDF ({error})") from None
    try:
        _check_links(path, file)
        datasets = {name: item for name, item in file.items() if isinstance(item, h5py.Dataset)}
        for name, item in datasets.items():
            _check_storage(path, name, item)
        variables = {
            name: _variable(path, name, item)
            for name, item in datasets.items()
            if not _is_bare(item)
        }
        return Cube(path, _attributes(file), variables, file.close)
    except DAMAGE as error:
        file.close()
        raise refused_cube(path, f"its structure is damaged ({error})") from None
    except BaseException:
        file.close()
        raise


def _check_links(path: Path, file: h5py.File) -> None:
    names = list(file)
    if len(names) > MAXIMUM_VARIABLES:
        raise refused_cube(path, f"it holds {len(names)} variables, more than {MAXIMUM_VARIABLES}")
    for name in names:
        if not isinstance(file.get(name, getlink=True), h5py.HardLink):
            raise refused_cube(
                path,
                f"its {name!r} is a link to another place or file",
                "Write the cube again into one file, without links.",
            )


def _check_storage(path: Path, name: str, dataset: h5py.Dataset) -> None:
    """Refuse numbers that lie in other files."""
    if dataset.is_virtual or dataset.external:
        raise refused_cube(
            path,
            f"the numbers of its variable {name!r} lie in other files",
            "Write the cube again into one file, without virtual or external storage.",
        )


def _is_bare(dataset: h5py.Dataset) -> bool:
    """Return whether NetCDF holds a dimension here that has no coordinates."""
    return dataset.is_scale and plain_attribute(dataset.attrs.get("NAME", "")).startswith(
        _NO_VARIABLE
    )


def _variable(path: Path, name: str, dataset: h5py.Dataset) -> Variable:
    def read(part: Slices) -> NDArray[Any]:
        try:
            _check_packed(dataset, part)
            return np.asarray(dataset[part])
        except DAMAGE:
            raise damaged_image(path, f"a chunk of the variable {name}") from None

    return Variable(
        name=name,
        dims=_dims(name, dataset),
        shape=tuple(dataset.shape or ()),
        dtype=dataset.dtype,
        chunks=dataset.chunks,
        attributes={**_fill(dataset), **_attributes(dataset)},
        read=read,
    )


def _check_packed(dataset: h5py.Dataset, part: Slices) -> None:
    """Raise `ValueError` where a chunk of a part takes more bytes than it may unpack to."""
    if dataset.chunks is None:
        return
    limit = largest_packed(dataset.chunks, dataset.dtype.itemsize)
    ranges = [
        range(steps.indices(side)[0] // chunk * chunk, steps.indices(side)[1], chunk)
        for steps, side, chunk in zip(part, dataset.shape, dataset.chunks, strict=True)
    ]
    for corner in product(*ranges):
        if dataset.id.get_chunk_info_by_coord(corner).size > limit:
            raise ValueError(f"the chunk at {corner} takes more bytes than it declares")


def _dims(name: str, dataset: h5py.Dataset) -> tuple[str, ...]:
    """Return the names of the dimensions, from the scales that NetCDF attaches."""
    if dataset.is_scale and dataset.ndim == 1:
        return (name,)
    return tuple(
        dimension[0].name.rpartition("/")[2] if len(dimension) else f"#{place}"
        for place, dimension in enumerate(dataset.dims)
    )


def _fill(dataset: h5py.Dataset) -> dict[str, Any]:
    """Return what NetCDF holds where nothing was written, its own default or a chosen one."""
    properties = dataset.id.get_create_plist()
    chosen = properties.fill_value_defined() == h5py.h5d.FILL_VALUE_USER_DEFINED
    if not chosen or dataset.dtype.kind not in "iuf" or dataset.dtype.itemsize == 1:
        return {}
    return {"_FillValue": plain_attribute(dataset.fillvalue)}


def _attributes(item: h5py.File | h5py.Dataset) -> dict[str, Any]:
    """Return the attributes that are text or numbers; references to scales are none."""
    result: dict[str, Any] = {}
    for name in item.attrs:
        stored = item.attrs.get_id(name)
        kind = stored.dtype
        is_text = kind.kind == "S" or h5py.check_string_dtype(kind) is not None
        small = stored.get_storage_size() <= MAXIMUM_ATTRIBUTE_BYTES
        if small and (kind.kind in "iuf" or is_text):
            value = item.attrs[name]
            if not isinstance(value, h5py.Empty):
                result[name] = plain_attribute(value)
    return result
