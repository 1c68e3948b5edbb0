"""A dataset in the layout of PASTIS, as the loader of VSainteuf/pastis-benchmark reads it.

One patch a chip: its labels are those of its split, the rest is void. Folds 1 to 3 are training,
4 validation and 5 test, the first of the published protocol. The targets are semantic: heat maps
and zones of the panoptic task are not written.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract import atomic, strict_json
from cscl.contract.codes import OUTSIDE
from cscl.dataset.exchange_pastis import LABEL_NAMES
from cscl.dataset.reader import ChipSample, Dataset
from cscl.models.gaps import fill_gaps

IMAGES, TARGETS, INSTANCES = "DATA_S2", "ANNOTATIONS", "INSTANCE_ANNOTATIONS"
NODATA = -10000
SCALE = 10_000
TRAINING_FOLDS = 3
FOLDS = {"validation": 4, "test": 5}
CRS84 = "urn:ogc:def:crs:OGC:1.3:CRS84"


def write_pastis(dataset: Dataset, folder: Path, ctx: JobContext) -> None:
    """Write metadata.geojson, DATA_S2, ANNOTATIONS, INSTANCE_ANNOTATIONS, norms and class names."""
    for name in (IMAGES, TARGETS, INSTANCES):
        (folder / name).mkdir(parents=True, exist_ok=True)
    chips = dataset.chip_table()
    outlines = chips.geometry.to_crs("EPSG:4326")
    lookup, names = _numbers(dataset)
    features = []
    hidden = 0
    for index in ctx.track("export", range(len(dataset)), len(dataset)):
        sample = dataset.sample(index)
        target = lookup[sample.labels]
        _save(folder / IMAGES / f"S2_{index}.npy", _stored(sample))
        _save(folder / TARGETS / f"TARGET_{index}.npy", np.stack([target] * 3))
        _save(folder / TARGETS / f"ParcelIDs_{index}.npy", sample.parcels.astype(np.int32))
        instances = np.where((target > 0) & (target < len(names) - 1), sample.parcels, 0)
        _save(folder / INSTANCES / f"INSTANCES_{index}.npy", instances.astype(np.int32))
        hidden += int((~sample.valid).sum())
        split = str(chips["split"].iloc[index])
        features.append(
            {
                "type": "Feature",
                "properties": _properties(dataset, index, sample, split, target),
                "geometry": outlines.iloc[index].__geo_interface__,
            }
        )
    if hidden:
        ctx.note(
            f"{hidden} hidden pixels, over all dates, are filled linearly in time, and {NODATA} "
            "where no date is clear: the layout has no mask."
        )
    document = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": CRS84}},
        "features": features,
    }
    atomic.write_text(folder / "metadata.geojson", strict_json.dump(document))
    atomic.write_text(folder / "NORM_S2_patch.json", strict_json.dump(_norms(dataset)))
    atomic.write_text(folder / LABEL_NAMES, strict_json.dump(names))


def _numbers(dataset: Dataset) -> tuple[NDArray[np.uint8], dict[str, str]]:
    """Return the number of each of our codes, and the names by number.

    0 is land outside parcels, the classes follow in the order of their codes, the last is void.
    """
    void = len(dataset.classes.codes) + 1
    lookup = np.full(256, void, dtype=np.uint8)
    lookup[OUTSIDE] = 0
    names = {"0": dataset.classes.name_of(OUTSIDE), str(void): "Void label"}
    for number, code in enumerate(dataset.classes.codes, start=1):
        lookup[code] = number
        names[str(number)] = dataset.classes.name_of(code)
    return lookup, names


def _stored(sample: ChipSample) -> NDArray[np.int16]:
    """Return numbers with what is hidden filled in time, as for our networks."""
    filled = fill_gaps(sample.images, sample.valid, sample.days)
    numbers = np.clip(np.rint(filled * SCALE), NODATA + 1, 32767)
    known = sample.valid.any(axis=0)[None, None]
    return np.where(known, numbers, NODATA).astype(np.int16)


def _save(path: Path, array: NDArray[Any]) -> None:
    with atomic.replacing(path) as part, open(part, "wb") as handle:
        np.save(handle, array, allow_pickle=False)


def _properties(
    dataset: Dataset, index: int, sample: ChipSample, split: str, target: NDArray[np.uint8]
) -> dict[str, Any]:
    place = dataset.grid_of(index)
    start = place.season[0]
    dates = [start + datetime.timedelta(days=int(day)) for day in sample.days]
    crops = (target > 0) & (sample.labels != OUTSIDE) & (sample.labels < OUTSIDE)
    return {
        "ID_PATCH": index,
        "Fold": FOLDS.get(split, index % TRAINING_FOLDS + 1),
        "TILE": _tile(place.name, place.grid.crs),
        "N_Parcel": len(np.unique(sample.parcels[crops])),
        "Parcel_Cover": float(crops.mean()),
        "dates-S2": {str(at): int(f"{day:%Y%m%d}") for at, day in enumerate(dates)},
    }


def _tile(name: str, crs: str) -> str:
    """Return a grid's name with its UTM zone in front, as names of tiles have it."""
    zone = re.fullmatch(r"EPSG:32([67])(\d{2})", crs)
    return (
        name if zone is None else f"T{zone.group(2)}{'N' if zone.group(1) == '6' else 'M'}_{name}"
    )


def _norms(dataset: Dataset) -> dict[str, dict[str, list[float]]]:
    """Return mean and spread by fold in the numbers stored: the training split's for every fold."""
    values = {
        "mean": (dataset.statistics.mean * SCALE).tolist(),
        "std": (dataset.statistics.std * SCALE).tolist(),
    }
    return {f"Fold_{fold}": values for fold in range(1, 6)}
