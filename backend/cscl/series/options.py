"""What people choose about a time series: season, dates, mask, composite."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict, Unpack

from cscl.contract.errors import Findings
from cscl.series.images import Hint, Wanted
from cscl.series.mask import LARGEST, OMNI_BANDS, CloudMask
from cscl.series.model import DEFAULT_BANDS
from cscl.series.names import is_mask
from cscl.series.season import parse_day

_VALUES = re.compile(r"\s*([0-9]{1,5})(?:-([0-9]{1,5}))?\s*")


@dataclass(frozen=True)
class SeriesOptions:
    """How a time series is defined; None leaves a choice to the images.

    `without` are days that are not used. `cloud_limit` is a share of the grid, 0..1. `hints` are
    what people say about images. `masks` is the folder for masks that are computed. `workers` and
    `scheduler` are those of `run_tasks`.
    """

    bands: tuple[str, ...] | None = None
    season: str | None = None
    until: str | None = None
    without: frozenset[datetime.date] = frozenset()
    mask: CloudMask = CloudMask()
    cloud_limit: float | None = None
    dates: int | None = None
    composite: str = "none"
    gaps: str = "keep"
    hints: Mapping[str, Hint] = field(default_factory=dict)
    masks: Path | None = None
    workers: int | None = None
    scheduler: str | None = None

    @property
    def used_bands(self) -> tuple[str, ...]:
        """The bands of the series."""
        return self.bands or DEFAULT_BANDS

    @property
    def wanted(self) -> Wanted:
        """What the images must hold."""
        if self.mask.method == "omnicloudmask":
            # Its masks are made from the images, which then need its bands.
            extra = tuple(name for name in OMNI_BANDS if name not in self.used_bands)
            return Wanted((*self.used_bands, *extra), "", self.hints)
        return Wanted(self.used_bands, self.mask.band, self.hints)


class Choices(TypedDict, total=False):
    """What callers may choose; `mask` is a method, or a mask with its values."""

    bands: Sequence[str] | None
    season: str | None
    until: str | None
    mask: str | CloudMask
    dates: int | None
    composite: str
    gaps: str
    workers: int | None
    scheduler: str | None


def series_options(**choices: Unpack[Choices]) -> SeriesOptions:
    """Return the options of these choices and the usual ones for all others."""
    values: dict[str, Any] = dict(choices)
    mask, bands = values.get("mask", CloudMask()), values.get("bands")
    values["mask"] = mask if isinstance(mask, CloudMask) else cloud_mask(mask)
    values["bands"] = tuple(bands) if bands else None
    return SeriesOptions(**values)


def cloud_mask(
    method: str,
    band: str | None = None,
    values: str | None = None,
    dilation: float | None = None,
) -> CloudMask:
    """Return the mask of a job's fields; raises one `UserError` with all that contradicts.

    `values` is a list such as 1,2,3 or 40-100, `dilation` in metres.
    """
    findings = Findings()
    if method == "band" and not band:
        findings.error(
            "mask_band_missing",
            "mask_band",
            "it has no value, and the mask is another band",
            "Name the band that holds the mask.",
        )
    if band and method != "band":
        findings.error(
            "mask_band_unused",
            f"mask_band {band!r}",
            f"the mask is {method}, which takes no band",
            "Choose the mask band, or name no band.",
        )
    if band and not is_mask(band):
        findings.error(
            "mask_band_unused",
            f"mask_band {band!r}",
            "it is a band of reflectance",
            "Name the band that holds the mask.",
        )
    masked = _values(values, method, findings)
    findings.raise_errors()
    changes: dict[str, object] = {}
    if band:
        changes["band"] = band
    if masked:
        changes["masked"] = masked
    if dilation is not None and method != "none":
        changes["dilation"] = float(dilation)
    return CloudMask.of(method, **changes)


def days_of(text: str | None) -> frozenset[datetime.date]:
    """Return the days of a list with commas; raises one `UserError` naming each that is none."""
    findings, days = Findings(), set()
    for part in (text or "").split(","):
        with findings.collecting():
            days |= {parse_day(part, "without")} if part.strip() else set()
    findings.raise_errors()
    return frozenset(days)


def _values(text: str | None, method: str, findings: Findings) -> tuple[int, ...]:
    if not text:
        return ()
    if method == "none":
        findings.error(
            "mask_values_unused",
            f"mask_values {text!r}",
            "the mask is none",
            "Choose a mask, or give no values.",
        )
        return ()
    found: set[int] = set()
    for part in text.split(","):
        match = _VALUES.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not first <= last <= LARGEST:
            findings.error(
                "invalid_mask_values",
                f"mask_values {text!r}",
                f"they are no whole numbers from 0 to {LARGEST}",
                "Write them as 1,2,3 or 40-100.",
            )
            return ()
        found.update(range(first, last + 1))
    return tuple(sorted(found))
