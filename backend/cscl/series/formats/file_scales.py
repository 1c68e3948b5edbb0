"""Scale and offset of reflectance in files that are no products."""

from __future__ import annotations

from cscl.series.formats.file_names import NameParts
from cscl.series.images import DEFAULT_SCALE, Hint

UNSCALED = (1.0, 0.0)


def scaling(
    own: tuple[float, float], hint: Hint, parts: NameParts | None
) -> tuple[float, float, bool]:
    """Return scale and offset, and whether they had to be assumed.

    What people say comes first, then what the file itself holds (`own`), then what the convention
    of its name fixes.
    """
    scale, offset = own
    assumed = False
    if own == UNSCALED:
        told = parts is not None and parts.scale is not None
        assumed = not told and hint.scale is None
        scale, offset = DEFAULT_SCALE, 0.0
        if parts is not None:
            scale, offset = parts.scale or scale, parts.offset or offset
    return (
        scale if hint.scale is None else hint.scale,
        offset if hint.offset is None else hint.offset,
        assumed,
    )
