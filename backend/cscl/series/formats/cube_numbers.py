"""What the numbers of a cube mean: scale, offset and no data, from its attributes."""

from __future__ import annotations

import base64
import math
import struct
from dataclasses import dataclass
from typing import Any

from cscl.series.cube_model import Variable
from cscl.series.images import DEFAULT_SCALE, Hint

# CF (and rioxarray, which always writes them), odc-stac, and xarray's first reader of rasters.
_SCALES = (("scale_factor", "add_offset"), ("scale", "offset"), ("scales", "offsets"))
_NODATA = ("_FillValue", "missing_value", "nodata", "_nodata", "nodatavals")
_UNSCALED = (1.0, 0.0)
# Units of a float that is reflectance itself.
_REFLECTANCE_UNITS = ("1", "reflectance", "dimensionless", "unitless")


@dataclass(frozen=True)
class Scaling:
    """Reflectance = number * scale + offset; `assumed` where neither was written."""

    scale: float
    offset: float = 0.0
    assumed: bool = False


def scaling_of(variable: Variable, hint: Hint) -> Scaling | None:
    """Return how a variable's numbers become reflectance, None where that cannot be told.

    Whole numbers without a scale are reflectance times 10000, which is assumed; numbers with a
    point are reflectance only where their units say so.
    """
    if hint.scale is not None:
        return Scaling(hint.scale, hint.offset or 0.0)
    attributes = variable.attributes
    for scale_key, offset_key in _SCALES:
        if scale_key in attributes or offset_key in attributes:
            scale = _number(attributes.get(scale_key, 1.0))
            offset = _number(attributes.get(offset_key, 0.0))
            if scale is None or offset is None or scale <= 0:
                return None
            if (scale, offset) != _UNSCALED:
                return Scaling(scale, offset)
    if variable.numbers.kind in "iu":
        return Scaling(DEFAULT_SCALE, hint.offset or 0.0, assumed=hint.offset is None)
    if str(attributes.get("units", "")).strip().lower() in _REFLECTANCE_UNITS:
        return Scaling(*_UNSCALED)
    return None


def nodata_of(variable: Variable) -> float | None:
    """Return the stored number that stands for no data, or None; not finite ones always do."""
    for key in _NODATA:
        number = _number(variable.attributes.get(key))
        if number is not None:
            kind = variable.numbers
            # NetCDF writes the fill value of `_Unsigned` numbers in their signed type.
            return (
                number + 2.0 ** (8 * kind.itemsize) if kind.kind == "u" and number < 0 else number
            )
    return None


def _number(value: Any) -> float | None:
    """Return one finite number, or None."""
    if isinstance(value, list) and value and all(item == value[0] for item in value):
        value = value[0]
    if isinstance(value, str):
        value = _decoded(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)


def _decoded(text: str) -> float | None:
    """Return the number in a text; xarray writes doubles of Zarr 3 in base 64."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return float(struct.unpack("<d", base64.b64decode(text, validate=True))[0])
    except (ValueError, struct.error):
        return None
