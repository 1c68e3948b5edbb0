"""What importers of other datasets have in common: patches of images with labels on a grid."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.contract.classes import ClassTable
from cscl.contract.errors import UserError
from cscl.grid import Grid
from cscl.zips import DAMAGED_ZIP

LARGEST_ARRAY = 2**31  # bytes of one file, as its header declares


@dataclass(frozen=True)
class PatchPixels:
    """The contents of a patch of H x W pixels of 10 m on T dates.

    `bands` by name (T, H, W), or (T, H / f, W / f) for bands f times coarser. `labels` are the
    set's own class numbers and `parcels` its parcel numbers, 0 where there is none, both (H, W) or
    as many times finer as the set has them.
    """

    bands: Mapping[str, NDArray[Any]]
    labels: NDArray[np.int64]
    parcels: NDArray[np.int64]


@dataclass(frozen=True)
class Patch:
    """One patch: its name, tile, place (10 m pixels), split ("" unused), dates, and its reader."""

    name: str
    tile: str
    place: Grid
    split: str
    dates: tuple[datetime.date, ...]
    read: Callable[[], PatchPixels]


@dataclass(frozen=True)
class PatchSet:
    """A dataset of others: its patches and what their numbers mean.

    `coarse` says how much coarser than 10 m each band is. `nodata` is the number that stands for
    nothing in the images. `unknown` are labels of unknown class, `outside` those of other land;
    `ignore` says whether other land was not labelled, so that nothing can be learnt from it.
    """

    title: str
    patches: Sequence[Patch]
    coarse: Mapping[str, int]
    level: str
    nodata: int
    classes: ClassTable
    unknown: frozenset[int]
    outside: frozenset[int]
    ignore: bool
    notes: tuple[str, ...] = field(default=())


def read_array(path: Path) -> NDArray[Any]:
    """Open a .npy file as a map of its numbers; raises `UserError` where it is none.

    Arrays of Python objects are refused: to read them would run what they hold.
    """
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise _unreadable(path, error) from None
    if not isinstance(found, np.ndarray) or found.dtype.kind not in "iuf":
        raise _unreadable(path, "it holds no array of numbers")
    return found


def read_arrays(path: Path, names: Sequence[str] | None = None) -> dict[str, NDArray[Any]]:
    """Read a .npz file, or those of its arrays that `names` has.

    Raises `UserError` where it is none or its arrays are too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(item.file_size for item in archive.infolist())
        if size > LARGEST_ARRAY:
            raise _unreadable(path, f"its arrays hold {size} bytes")
        with np.load(path, allow_pickle=False) as found:
            return {name: found[name] for name in found.files if names is None or name in names}
    except (*DAMAGED_ZIP, ValueError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, found: object) -> UserError:
    return UserError(
        "unreadable_array",
        path,
        f"it is no array of numbers that can be read ({found})",
        "Use the files as published; arrays of Python objects are never read.",
    )


def check_shape(path: Path, name: str, found: NDArray[Any], wanted: tuple[int | None, ...]) -> None:
    """Raise `UserError` where an array has another shape; None stands for any length."""
    fits = len(found.shape) == len(wanted) and all(
        want in (None, own) for own, want in zip(found.shape, wanted, strict=False)
    )
    if not fits:
        text = " x ".join("any" if item is None else str(item) for item in wanted)
        raise UserError(
            "array_shape",
            path,
            f"{name} has the shape {' x '.join(map(str, found.shape))}, {text} is wanted",
            "Use the files as published.",
        )
