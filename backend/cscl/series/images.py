"""What a format finds on disk: images, one a pass and grid, and what people say about them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cscl.contract.errors import Findings
from cscl.grid import Grid
from cscl.series.model import Asset, Stamp

DEFAULT_SCALE = 0.0001  # quantification of Sentinel-2 products
ANY_IMAGE = "*"


@dataclass(frozen=True)
class Image:
    """One pass over one grid.

    `source` is its name in messages (product, file or item), `path` the file or folder that
    stands for it. `assets` are by band (B01 to B12, B8A, SCL and other masks), each with its own
    grid. `level` is L1C, L2A or empty. `product` is datatake with tile, and processing baseline
    as a number (N0400 is 400). `stamps` are those of every file that holds pixels.
    `assumed_scale` tells that scale and offset were not written anywhere.
    """

    source: str
    path: Path
    date: datetime.date
    assets: Mapping[str, Asset]
    stamps: Mapping[Path, Stamp]
    level: str = ""
    product: tuple[str, int] | None = None
    assumed_scale: bool = False

    @property
    def grid(self) -> Grid:
        """The grid of its finest band."""
        grids = [asset.grid for asset in self.assets.values() if asset.grid is not None]
        return min(grids, key=lambda grid: grid.resolution)


@dataclass(frozen=True)
class Hint:
    """What a person says about an image; None and empty where they say nothing.

    `bands` are the names of a raster's bands in their order, an empty name for one not to use.
    """

    date: datetime.date | None = None
    bands: tuple[str, ...] = ()
    scale: float | None = None
    offset: float | None = None
    nodata: float | None = None
    level: str = ""


@dataclass(frozen=True)
class Wanted:
    """What is looked for: bands in order, the band of the mask (or none), and what people say."""

    bands: tuple[str, ...]
    mask_band: str = ""
    hints: Mapping[str, Hint] = field(default_factory=dict)

    @property
    def needed(self) -> tuple[str, ...]:
        """The bands, and that of the mask."""
        return (*self.bands, self.mask_band) if self.mask_band else self.bands

    def hint(self, name: str) -> Hint:
        """Return what is said about the image `name`, or about any image."""
        return self.hints.get(name) or self.hints.get(ANY_IMAGE) or Hint()


class Format(Protocol):
    """One form in which images come."""

    @property
    def title(self) -> str:
        """What it is called in messages."""

    def claim(self, entries: Sequence[Path]) -> list[Path]:
        """Return those of `entries` (files, and folders that are one product) of this form.

        Looks at names, and at no more than a header where a name does not tell.
        """

    def describe(
        self, paths: Sequence[Path], wanted: Wanted, findings: Findings, notes: list[str]
    ) -> list[Image]:
        """Return the images in what was claimed.

        What stands against an image goes to `findings`, each naming file, value and remedy, and
        the image is left out; what was assumed or passed over goes to `notes`.
        """
