"""The unfinished part of a map: what its tasks have to know and which windows they have done."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cscl.contract import atomic, strict_json
from cscl.contract.version import VERSION
from cscl.grid import Grid, Window
from cscl.mapping.areas import Places
from cscl.mapping.windows import by_blocks, tiles
from cscl.models.card_file import load_card
from cscl.series.model import TimeSeries
from cscl.series.stac import ENDING, read_series, write_series
from cscl.zonal.accumulator import ParcelAccumulator

FOLDER = "work"
_KEY, _PLAN, _SERIES = "key", "plan.json", f"images{ENDING}"


@dataclass(frozen=True)
class MapWork:
    """What is known of a map before its pixels are read; `folder` is the map's.

    `area` counts pixels of the series' grid, `side` is that of the windows, `block` the rows and
    columns that files decode at once, `narrow` tells whether the network computes in bfloat16.
    """

    folder: Path
    model: str
    series: TimeSeries
    area: Window
    side: int
    block: tuple[int, int]
    scales: tuple[int, ...]
    probabilities: bool
    narrow: bool
    places: Places

    @property
    def path(self) -> Path:
        """The folder of the unfinished work."""
        return self.folder / FOLDER

    @property
    def grid(self) -> Grid:
        """The 10 m grid of the map."""
        return self.series.grid.part(self.area)

    @functools.cached_property
    def windows(self) -> list[Window]:
        """The windows of the series' grid that cover the area, block by block of the files."""
        parts = tiles(self.area.height, self.area.width, self.side)
        return by_blocks(
            (
                Window(p.row + self.area.row, p.col + self.area.col, p.height, p.width)
                for p in parts
            ),
            self.block,
        )

    @property
    def parcels(self) -> Path:
        """The folder of what is gathered of the parcels."""
        return self.path / "parcels"

    def accumulator(self) -> ParcelAccumulator | None:
        """Return what gathers the parcels' statistics, where the map has parcels."""
        if not self.places.parcels:
            return None
        return ParcelAccumulator(self.parcels, self.series.grid, self.codes)

    @functools.cached_property
    def codes(self) -> tuple[int, ...]:
        """The codes of the model's classes, in the order of the probabilities."""
        return load_card(self.model).codes

    def part(self, number: int) -> Path:
        """Return the file of one window's layers."""
        return self.path / "parts" / f"{number:06d}.zip"

    def missing(self) -> list[int]:
        """Return the numbers of the windows that are still to be done."""
        return [number for number in range(len(self.windows)) if not self.part(number).is_file()]

    def begin(self) -> str:
        """Keep all that tasks need, and return the key of this work.

        What another work left in the folder is removed; what this very work left stays.
        """
        parts = self.path / "parts"
        fresh = self.path / f"new{ENDING}"
        self.path.mkdir(parents=True, exist_ok=True)
        write_series(self.series, fresh)
        key = self._key(fresh.read_bytes())
        kept = self.path / _KEY
        if not kept.is_file() or kept.read_text() != key:
            kept.unlink(missing_ok=True)
            atomic.remove(parts)
            atomic.remove(self.parcels)
        parts.mkdir(exist_ok=True)
        for folder in (self.path, parts):
            atomic.sweep(folder)
        fresh.replace(self.path / _SERIES)
        atomic.write_text(self.path / _PLAN, strict_json.dump(self._value()))
        atomic.write_text(kept, key)
        return key

    def end(self) -> None:
        """Remove what only unfinished work needs."""
        atomic.remove(self.path)

    def _value(self) -> dict[str, Any]:
        area = self.area
        return {
            "model": self.model,
            "area": [area.row, area.col, area.height, area.width],
            "side": self.side,
            "block": list(self.block),
            "scales": list(self.scales),
            "probabilities": self.probabilities,
            "narrow": self.narrow,
            "places": self.places.to_json(),
        }

    def _key(self, series: bytes) -> str:
        """Return a digest of everything that decides the map's contents."""
        digest = hashlib.sha256(f"{VERSION}\n{strict_json.dump(self._value())}".encode())
        # The card holds the digest of the weights, and what else the answers depend on.
        digest.update(strict_json.dump(load_card(self.model).to_json()).encode())
        digest.update(self.places.digest())
        digest.update(series)
        return digest.hexdigest()


@functools.lru_cache(maxsize=2)
def open_work(folder: str, key: str) -> MapWork:
    """Return the work that `MapWork.begin` kept in a map's folder under `key`."""
    place = Path(folder)
    value = strict_json.read(place / FOLDER / _PLAN)
    return MapWork(
        folder=place,
        model=str(value["model"]),
        series=read_series(place / FOLDER / _SERIES),
        area=Window(*value["area"]),
        side=int(value["side"]),
        block=(int(value["block"][0]), int(value["block"][1])),
        scales=tuple(value["scales"]),
        probabilities=bool(value["probabilities"]),
        narrow=bool(value["narrow"]),
        places=Places(**value["places"]),
    )
