"""What a time series is: dates, the files of each date, bands and season on one grid."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from cscl.contract.errors import UserError
from cscl.grid import Grid
from cscl.series.composite import Frame, frames_of, frames_text
from cscl.series.mask import CloudMask

# The bands of 10 m and 20 m without the one for aerosols: METHOD, section 3.
DEFAULT_BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
MASK_BAND = "SCL"
FEWEST_DATES = 2


@dataclass(frozen=True)
class Asset:
    """One band of one file: reflectance = number * scale + offset.

    `index` counts from 1: the band of a raster, the step along time of a cube. `member` is the
    path of a raster inside a zip, or the name of a cube's variable, else empty. `grid` is the
    file's own, None where it is the series'. `dtype` is the type that is stored.
    """

    path: Path
    index: int
    scale: float = 0.0001
    offset: float = 0.0
    nodata: float | None = 0.0
    grid: Grid | None = None
    member: str = ""
    dtype: str = "uint16"


@dataclass(frozen=True)
class Stamp:
    """What a file was when the series was defined: bytes, time of change, digest of its ends."""

    size: int
    modified: int
    digest: str


@dataclass(frozen=True)
class Pass:
    """One overflight: its bands, its scene classification and the state of its files."""

    source: str
    assets: Mapping[str, Asset]
    mask: Asset | None
    stamps: Mapping[Path, Stamp]
    cloud_share: float = 0.0
    valid_share: float = 1.0


@dataclass(frozen=True)
class Acquisition:
    """One date of a series; where passes of a day are merged, each pixel is the first valid one's.

    `day` counts from the season's start; `cloud_share` and `valid_share` are shares of the whole
    grid, 0..1, after merging.
    """

    date: datetime.date
    day: int
    passes: tuple[Pass, ...]
    cloud_share: float
    valid_share: float

    @property
    def assets(self) -> Mapping[str, Asset]:
        """The bands of the first pass."""
        return self.passes[0].assets

    @property
    def mask(self) -> Asset | None:
        """The scene classification of the first pass."""
        return self.passes[0].mask

    @property
    def source(self) -> str:
        """The names of the passes."""
        return ", ".join(item.source for item in self.passes)


@dataclass(frozen=True)
class TimeSeries:
    """Dates of one grid in one season, sorted; only those that are used.

    `composite` is none, month or dekad, `gaps` keep or linear: how the dates become the frames
    that a network takes.
    """

    grid: Grid
    bands: tuple[str, ...]
    season: tuple[datetime.date, datetime.date]
    level: str
    acquisitions: tuple[Acquisition, ...]
    mask: CloudMask = CloudMask()
    composite: str = "none"
    gaps: str = "keep"
    notes: tuple[str, ...] = ()

    @cached_property
    def frames(self) -> tuple[Frame, ...]:
        """What a network sees as one date each: the dates, or medians of periods."""
        acquired = [item.date for item in self.acquisitions]
        return frames_of(acquired, self.season, self.composite)

    @property
    def days(self) -> tuple[int, ...]:
        """Days since the season's start, one a frame."""
        return tuple((frame.date - self.season[0]).days for frame in self.frames)

    @property
    def dates(self) -> tuple[datetime.date, ...]:
        """The dates of the frames, ascending."""
        return tuple(frame.date for frame in self.frames)

    @property
    def mask_method(self) -> str:
        """How clouds are masked: scl, band, omnicloudmask or none."""
        return self.mask.method

    @property
    def plain(self) -> bool:
        """Whether the frames are the dates as they are."""
        return self.composite == "none" and self.gaps == "keep"

    @property
    def frames_text(self) -> str:
        """How dates become frames, in words."""
        return frames_text(self.composite, self.gaps)

    def until(self, day: datetime.date) -> TimeSeries:
        """Return the series without the dates after `day`."""
        kept = tuple(item for item in self.acquisitions if item.date <= day)
        return replace(self, acquisitions=kept)


def restrict_bands(
    series: TimeSeries, wanted: tuple[str, ...], subject: object = "time series"
) -> TimeSeries:
    """Return the series with the bands `wanted`, in that order.

    Raises `UserError` where it lacks one, naming the bands wanted, found and lacking.
    """
    missing = [name for name in wanted if name not in series.bands]
    if missing:
        raise bands_missing(subject, wanted, series.bands)
    return replace(series, bands=tuple(wanted))


def bands_missing(
    subject: object, wanted: tuple[str, ...], found: tuple[str, ...], extra: str = ""
) -> UserError:
    """Return the error for bands that are wanted and not there."""
    missing = ", ".join(name for name in wanted if name not in found)
    usable = ",".join(name for name in found if name != MASK_BAND)
    remedy = (
        f"Choose bands that every image has, for example {usable}."
        if usable
        else ("Give each band of the images its name (B02, B03, ...) as description.")
    )
    return UserError(
        "bands_missing",
        subject,
        f"it lacks {missing}; wanted {', '.join(wanted)}; found {', '.join(found) or 'none'}",
        extra or remedy,
    )
