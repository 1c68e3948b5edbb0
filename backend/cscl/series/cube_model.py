"""A cube: variables over time, bands, y and x in one NetCDF file or Zarr folder."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.contract.errors import UserError
from cscl.series.raster import MAXIMUM_BLOCK_BYTES, MAXIMUM_SIDE

MAXIMUM_STEPS = 400
MAXIMUM_VARIABLES = 1000
MAXIMUM_ATTRIBUTE_BYTES = 2**20
MAXIMUM_TEXTS = 2**16

# Dimensions as openEO, xarray, rioxarray, odc-stac and stackstac name them.
AXES: Mapping[str, tuple[str, ...]] = {
    "time": ("t", "time"),
    "band": ("band", "bands", "variable"),
    "y": ("y", "northing", "lat", "latitude"),
    "x": ("x", "easting", "lon", "longitude"),
}
_BAND_MEMBER = re.compile(r"(?P<name>.+)\[(?P<place>[1-9]\d{0,3})\]")

Slices = tuple[slice, ...]


@dataclass(frozen=True)
class Variable:
    """An array of a cube.

    `dims` are the names of its dimensions, `chunks` the shape of what is stored and decoded as
    one, None where the numbers lie plainly in a file. `read` returns the stored numbers of a part.
    """

    name: str
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    chunks: tuple[int, ...] | None
    attributes: Mapping[str, Any]
    read: Callable[[Slices], NDArray[Any]]

    @property
    def axes(self) -> dict[str, int]:
        """The places of time, band, y and x among its dimensions, those that it has."""
        lower = [name.lower() for name in self.dims]
        return {
            axis: lower.index(name) for axis, names in AXES.items() for name in names
            if name in lower
        }  # fmt: skip

    @property
    def is_spatial(self) -> bool:
        """Whether it has y and x, no dimension but those of a cube, and plain numbers."""
        axes = self.axes
        return (
            {"y", "x"} <= set(axes)
            and len(axes) == len(self.dims) == len(self.shape)
            and self.dtype.kind in "iuf"
        )

    @property
    def numbers(self) -> np.dtype[Any]:
        """The type of its numbers in the machine's byte order.

        NetCDF's classic types have no unsigned ones: the attribute `_Unsigned` tells that the
        same bits mean them (NetCDF User Guide, attribute conventions).
        """
        native = self.dtype.newbyteorder("=")
        if native.kind == "i" and str(self.attributes.get("_Unsigned", "")).lower() == "true":
            return np.dtype(f"u{native.itemsize}")
        return native


@dataclass
class Cube:
    """An open cube; `variables` are those of its root, groups inside are left alone."""

    path: Path
    attributes: Mapping[str, Any]
    variables: Mapping[str, Variable]
    close: Callable[[], None] = field(default=lambda: None)

    def find(self, member: str) -> tuple[Variable, int | None]:
        """Return the variable that `member` names and the band's place in it from 0, or None.

        `member` is VARIABLE, or VARIABLE[PLACE] with a place from 1 where bands are a dimension.
        """
        match = _BAND_MEMBER.fullmatch(member)
        if member in self.variables or match is None:
            name, place = member, None
        else:
            name, place = match["name"], int(match["place"]) - 1
        variable = self.variables.get(name)
        if variable is None or not variable.is_spatial:
            raise changed_cube(self.path, f"it has no variable {name!r} over y and x")
        check_size(self.path, variable)
        return variable, place

    def coordinate(self, name: str) -> NDArray[Any] | None:
        """Return the numbers along a dimension, or None where none are written."""
        variable = self.variables.get(name)
        if variable is None or variable.dims != (name,) or variable.dtype.kind not in "iufM":
            return None
        if variable.shape[0] > MAXIMUM_SIDE or _block_bytes(variable) > MAXIMUM_BLOCK_BYTES:
            raise _too_large(self.path, f"its coordinate {name} declares {variable.shape[0]} steps")
        return variable.read((slice(None),)).astype(variable.dtype.newbyteorder("="))

    def texts(self, name: str) -> list[str] | None:
        """Return the texts along a dimension, such as the names of bands, or None."""
        variable = self.variables.get(name)
        if variable is None or not variable.dims or variable.dims[0] != name:
            return None
        if variable.dtype.kind not in "SUOT" or math.prod(variable.shape) > MAXIMUM_TEXTS:
            return None
        stored = variable.read((slice(None),) * len(variable.shape))
        if stored.ndim == 2:  # classic NetCDF holds single characters
            stored = np.array([b"".join(row.tolist()) for row in stored])
        return [str(plain_attribute(text)).strip() for text in stored.tolist()]


def band_member(name: str, place: int) -> str:
    """Return how band `place` (from 0) of a variable with a band dimension is named."""
    return f"{name}[{place + 1}]"


def rising_y(cube: Cube, variable: Variable) -> bool:
    """Return whether rows are stored from south to north."""
    numbers = cube.coordinate(variable.dims[variable.axes["y"]])
    return numbers is not None and len(numbers) > 1 and bool(numbers[0] < numbers[-1])


def check_size(path: Path, variable: Variable) -> None:
    """Raise `UserError` where a variable declares more than a cube may have, before any read."""
    axes = variable.axes
    sides = variable.shape[axes["y"]], variable.shape[axes["x"]]
    steps = math.prod(variable.shape[axes[axis]] for axis in ("time", "band") if axis in axes)
    if max(sides) > MAXIMUM_SIDE:
        raise _too_large(
            path,
            f"its variable {variable.name} declares {sides[1]} x {sides[0]} pixels, more than "
            f"{MAXIMUM_SIDE} x {MAXIMUM_SIDE}",
        )
    if "time" in axes and variable.shape[axes["time"]] > MAXIMUM_STEPS:
        raise _too_large(
            path,
            f"its variable {variable.name} declares {variable.shape[axes['time']]} steps of time, "
            f"more than {MAXIMUM_STEPS}",
        )
    if steps > MAXIMUM_STEPS * MAXIMUM_VARIABLES:
        raise _too_large(path, f"its variable {variable.name} declares {steps} layers")
    if _block_bytes(variable) > MAXIMUM_BLOCK_BYTES:
        chunk = " x ".join(str(side) for side in variable.chunks or variable.shape)
        raise _too_large(
            path,
            f"the chunks of its variable {variable.name} ({chunk}) take more than "
            f"{MAXIMUM_BLOCK_BYTES // 2**20} MiB",
        )


def largest_packed(shape: Sequence[int], itemsize: int) -> int:
    """Return how many bytes a chunk may take on disk: no codec makes much more of it.

    A chunk that takes more unpacks to more than it declares.
    """
    size = math.prod(shape) * itemsize
    return size + size // 64 + 4096


def _block_bytes(variable: Variable) -> int:
    """Return what must be held at once: a chunk, or a row where numbers lie plainly."""
    block: Sequence[int] = variable.chunks or variable.shape[-1:]
    return math.prod(block) * variable.dtype.itemsize


def _too_large(path: Path, found: str) -> UserError:
    return UserError(
        "image_too_large", path, found, "Cut the cube to the area and season, in smaller chunks."
    )


def refused_cube(path: Path, found: str, remedy: str = "") -> UserError:
    """Return the error for a cube that cannot or must not be read."""
    return UserError(
        "unreadable_cube", path, found, remedy or "Write the cube again, whole, in one local file."
    )


def changed_cube(path: Path, found: str) -> UserError:
    """Return the error for a cube that is not what the series says."""
    return UserError("image_changed", path, found, "Define the time series again.")


def plain_attribute(value: Any) -> Any:
    """Return an attribute as text, number or list, whatever library's type it came in."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").rstrip("\0")
    if isinstance(value, np.generic):
        return plain_attribute(value.item())
    if isinstance(value, np.ndarray):
        return plain_attribute(value.reshape(-1)[0]) if value.size == 1 else [
            plain_attribute(item) for item in value.reshape(-1)
        ]  # fmt: skip
    return value
