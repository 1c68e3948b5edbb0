"""What `map.json` and the styles of a map say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cscl.contract import strict_json
from cscl.contract.jobs import MapJob
from cscl.mapping.folder import DOCUMENT, SCHEMA
from cscl.mapping.parts import Part
from cscl.mapping.style import raster_style
from cscl.mapping.work import MapWork
from cscl.mapping.writer import MapWriter, layer_file
from cscl.models.card import ModelCard
from cscl.series.choice import SeriesChoice


@dataclass
class Account:
    """What became of the windows: how many, where, and how often memory was short."""

    windows: int = 0
    skipped: int = 0
    cuts: int = 0
    devices: Counter[str] = field(default_factory=Counter)

    def add(self, part: Part) -> None:
        """Count one window."""
        self.windows += 1
        self.cuts += part.cuts
        if part.layers:
            self.devices[part.device] += 1
        else:
            self.skipped += 1

    def to_json(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "windows": self.windows,
            "skipped": self.skipped,
            "cut_for_memory": self.cuts,
            "devices": dict(self.devices),
        }


def map_texts(
    work: MapWork,
    job: MapJob,
    card: ModelCard,
    writer: MapWriter,
    account: Account,
    notes: Sequence[str],
) -> dict[str, str]:
    """Return the styles and, last, `map.json`, by their names."""
    style = raster_style(card.classes, card.codes)
    texts = {layer_file("crops", s).replace(".tif", ".qml"): style for s in writer.scales}
    texts[DOCUMENT] = strict_json.dump(_document(work, job, card, writer, account, notes))
    return texts


def _document(
    work: MapWork,
    job: MapJob,
    card: ModelCard,
    writer: MapWriter,
    account: Account,
    notes: Sequence[str],
) -> dict[str, Any]:
    series, grid = work.series, work.grid
    return {
        "schema": SCHEMA,
        "classes": card.classes.to_json(),
        "codes": list(card.codes),
        "outside": card.outside,
        "clipped": job.parcels is not None,
        "only_in_polygons": job.area_polygons is not None,
        "only_on_cropland": job.cropland is not None,
        "precision": job.precision,
        "computed": account.to_json(),
        "model": {"sha256": card.sha256, "architecture": card.architecture, "width": card.width},
        "bands": list(series.bands),
        "level": series.level,
        "season": [day.isoformat() for day in series.season],
        "dates": [day.isoformat() for day in series.dates],
        "series": SeriesChoice.of(series).to_json(),
        "grid": grid.to_json(),
        "resolutions": [grid.resolution / scale for scale in writer.scales],
        "probabilities": job.probabilities,
        "mean_confidence": {
            layer_file("crops", scale): tally.mean_confidence
            for scale, tally in writer.tallies.items()
        },
        "pixels": {
            layer_file("crops", scale): {
                str(code): int(tally.pixels[code]) for code in np.flatnonzero(tally.pixels)
            }
            for scale, tally in writer.tallies.items()
        },
        # Whether parcels.parquet holds what was gathered of the parcels while mapping.
        "parcel_table": job.parcels is not None,
        "parcel_temperature": card.training.get("parcel_temperature"),
        # What the parcels' field `split` is made from.
        "training": {
            key: card.training[key] for key in ("footprint", "split_rule") if key in card.training
        },
        "notes": list(notes),
    }
