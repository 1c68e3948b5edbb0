"""Which pixels clouds hide: by the scene classification (SCL), any band, or OmniCloudMask."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

METHODS = ("scl", "band", "omnicloudmask", "none")
SCL_BAND = "SCL"
OMNI_BANDS = ("B04", "B03", "B08")  # red, green, near infrared
OMNI_BAND = "OCM"  # the name under which our own mask files stand in a series
DILATION = 20.0  # metres
# Values of SCL: METHOD, section 6. Values that the classification does not define are masked too.
SCL_MASKED = (0, 1, 3, 8, 9, 10, 11)
SCL_DILATED = (3, 8, 9)
SCL_CLOUD = (3, 8, 9, 10)
SCL_LARGEST = 11
OMNI_MASKED = (1, 2, 3)
LARGEST = 65_535
LONG_RUN = 5
SCL_NAMES = {
    0: "no data",
    1: "defective",
    2: "dark",
    3: "shadow",
    4: "vegetation",
    5: "bare soil",
    6: "water",
    7: "unclassified",
    8: "probable cloud",
    9: "cloud",
    10: "cirrus",
    11: "snow",
}
OMNI_NAMES = {0: "clear", 1: "thick cloud", 2: "thin cloud", 3: "cloud shadow"}
_WORDS = {
    "scl": "the scene classification",
    "band": "the band {band}",
    "omnicloudmask": "OmniCloudMask",
    "none": "no cloud mask",
}


@dataclass(frozen=True)
class CloudMask:
    """How clouds are masked: METHOD, section 6.

    `method` is scl, band, omnicloudmask or none. `masked` are the values that hide a pixel; empty
    for a band whose every value but 0 does. Those of `dilated` hide pixels up to `dilation` metres
    around too. `band` names the band that holds the values, empty without a mask.
    """

    method: str = "scl"
    band: str = SCL_BAND
    masked: tuple[int, ...] = SCL_MASKED
    dilated: tuple[int, ...] = SCL_DILATED
    dilation: float = DILATION

    @classmethod
    def of(cls, method: str, **changes: Any) -> CloudMask:
        """Return a method's mask with the usual values, but for those of `changes`.

        Where `masked` is given, what is dilated is that of it which the method dilates.
        """
        band, masked, dilated = _USUAL[method]
        masked = tuple(changes.get("masked", masked))
        dilated = tuple(v for v in masked if v in dilated) if method == "scl" else masked
        usual = {"band": band, "masked": masked, "dilated": dilated}
        return cls(method, **{**usual, **changes})

    @classmethod
    def from_json(cls, value: Any) -> CloudMask:
        """Return the mask that `to_json` wrote, or that an older version wrote as its method.

        Raises KeyError, TypeError or ValueError where it is none.
        """
        if isinstance(value, str):
            if value not in ("scl", "none"):
                raise ValueError(value)
            return cls.of(value)
        mask = cls(
            method=str(value["method"]),
            band=str(value["band"]),
            masked=_values(value["masked"]),
            dilated=_values(value["dilated"]),
            dilation=float(value["dilation"]),
        )
        if mask.method not in METHODS or bool(mask.band) != (mask.method != "none"):
            raise ValueError(value)
        if not 0 <= mask.dilation < math.inf:
            raise ValueError(value)
        return mask

    def to_json(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "method": self.method,
            "band": self.band,
            "masked": list(self.masked),
            "dilated": list(self.dilated),
            "dilation": self.dilation,
        }

    @property
    def words(self) -> str:
        """What masks, in words."""
        return _WORDS[self.method].format(band=self.band)

    def __str__(self) -> str:
        if self.method == "none":
            return self.words
        values = values_text(self.masked) or "all but 0"
        return f"{self.words} (values {values}; {self.dilation:g} m around {self._dilated_text()})"

    def _dilated_text(self) -> str:
        return values_text(self.dilated) or ("none" if self.masked else "all of them")

    def name_of(self, value: int) -> str:
        """Return what a value of the mask means."""
        names: Mapping[int, str] = {"scl": SCL_NAMES, "omnicloudmask": OMNI_NAMES}.get(
            self.method, {}
        )
        return names.get(value, f"value {value}")

    def radius(self, resolution: float) -> int:
        """Return in pixels of `resolution` metres how far the mask reaches beyond clouds."""
        if self.method == "none" or (self.masked and not self.dilated):
            return 0
        return math.ceil(self.dilation / resolution - 1e-9)

    def hides(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Return where values of the mask hide a pixel, without what lies around."""
        if self.method == "none":
            return np.zeros(values.shape, dtype=bool)
        if not self.masked:
            return np.asarray(values != 0)
        hidden = _among(values, self.masked)
        if self.method == "scl":
            hidden |= (values < 0) | (values > SCL_LARGEST)
        return hidden

    def is_strange(self, value: int) -> bool:
        """Tell whether the scene classification does not define a value."""
        return self.method == "scl" and not 0 <= value <= SCL_LARGEST

    def clouds(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Return where values mean cloud or its shadow: not no data, nor snow."""
        if self.method == "scl":
            return _among(values, SCL_CLOUD)
        return self.hides(values)

    def clear(self, values: NDArray[Any], resolution: float) -> NDArray[np.bool_]:
        """Return where pixels are clear; `values` is (H, W), `resolution` in metres.

        The outer `radius` pixels of the result are right only where nothing lies beyond.
        """
        hidden = self.hides(values)
        wide = _among(values, self.dilated) if self.masked else hidden
        if self.radius(resolution) and wide.any():
            hidden |= _grown(wide, self.dilation, resolution)
        return ~hidden


# Band, values masked and values dilated of each method.
_USUAL: Mapping[str, tuple[str, tuple[int, ...], tuple[int, ...]]] = {
    "scl": (SCL_BAND, SCL_MASKED, SCL_DILATED),
    "band": ("", (), ()),
    "omnicloudmask": (OMNI_BAND, OMNI_MASKED, OMNI_MASKED),
    "none": ("", (), ()),
}


def values_text(values: Sequence[int]) -> str:
    """Return ascending values as text, long runs of them as FIRST-LAST."""
    runs: list[list[int]] = []
    for value in values:
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    return ", ".join(
        f"{run[0]}-{run[-1]}" if len(run) >= LONG_RUN else ", ".join(map(str, run)) for run in runs
    )


def clear_pixels(values: NDArray[Any], resolution: float) -> NDArray[np.bool_]:
    """Return where a scene classification (H, W) is clear by METHOD, section 6."""
    return CloudMask().clear(values, resolution)


def _values(value: Any) -> tuple[int, ...]:
    if not all(isinstance(item, int) and 0 <= item <= LARGEST for item in value):
        raise ValueError(value)
    return tuple(value)


def _among(values: NDArray[Any], chosen: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return where values are among those chosen; few are, and comparing is faster than a table."""
    found = np.zeros(values.shape, dtype=bool)
    for value in chosen:
        found |= np.asarray(values == value)
    return found


def _grown(wide: NDArray[np.bool_], reach: float, resolution: float) -> NDArray[np.bool_]:
    """Return the pixels whose centre lies at most `reach` metres from that of one in `wide`.

    A disc is a pile of rows: each pixel is spread along its row first, farther the nearer the
    row of the disc lies to its middle, and then to the rows above and below.
    """
    height = wide.shape[0]
    result, spread, width = wide.copy(), wide.copy(), 0
    for down in range(math.floor(reach / resolution + 1e-9), -1, -1):
        across = math.sqrt(max(reach**2 - (down * resolution) ** 2, 0.0))
        half = math.floor(across / resolution + 1e-9)
        for step in range(width + 1, half + 1):
            spread[:, step:] |= wide[:, :-step]
            spread[:, :-step] |= wide[:, step:]
        width = half
        result[down:] |= spread[: max(height - down, 0)]
        result[: max(height - down, 0)] |= spread[down:]
    return result
