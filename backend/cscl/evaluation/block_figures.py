"""Counts by spatial block in a report: written, read back, and the intervals made from them.

Reports carry their counts, so that runs can be compared from their reports alone:
`paired_difference([block_counts(a, ...)], [block_counts(b, ...)], overall_accuracy)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from cscl.evaluation.bootstrap import (
    STATISTICS,
    Interval,
    Run,
    Statistic,
    bootstrap_interval,
    mean_boundary_iou,
    paired_difference,
)
from cscl.evaluation.metrics import Counts
from cscl.evaluation.scoring import BandKey, Key, Tally
from cscl.evaluation.zones import DISTANCES, FINE_ZONES

Row = dict[str, Any]
Report = Mapping[str, Any]

# The zones that runs are compared in.
BLOCK_ZONES = {
    "10": ("all", "boundary", "crop|crop", "crop|outside", "interior", "pure", "mixed"),
    **FINE_ZONES,
}
FIGURES = ("overall_accuracy", "mean_iou")
# Draws of blocks for the intervals of a report.
REPLICATES = 2000
RIVAL = "forest"


def block_rows(tally: Tally) -> list[Row]:
    """One row a reference, resolution, method and zone: its confusion matrix in each block.

    `counts` maps a block to text such as "254>4:56 4>4:19": code of the truth, code of the map,
    pixels. As lists the counts of a large area would be too long to be read back.
    """
    return [
        {**asdict(key), "counts": {name: _pairs(of, tally.codes) for name, of in found.items()}}
        for key, found in tally.by_block.items()
        if key.zone in BLOCK_ZONES[key.resolution] and key.method != "ceiling"
    ]


def _pairs(matrix: Counts, codes: Sequence[int]) -> str:
    return " ".join(
        f"{codes[row]}>{codes[column]}:{matrix[row, column]}"
        for row, column in zip(*np.nonzero(matrix), strict=True)
    )


def boundary_rows(tally: Tally) -> list[Row]:
    """One row a reference, resolution, method and width of the bands in pixels: boundary IoU.

    `classes` has a class's code, intersection and union in pixels, and its IoU (None where the
    class has no boundary in truth and map); `mean` is over the classes that have one. `counts`
    maps a block to text such as "4:12/30": code, intersection, union.
    """
    rows = []
    for key, found in tally.bands.items():
        both, either = sum(found.values(), start=np.zeros((2, len(tally.codes)), np.int64))
        mean = float(mean_boundary_iou(np.stack([both, either]).astype(np.float64)))
        rows.append(
            {
                **asdict(key),
                "mean": None if np.isnan(mean) else mean,
                "classes": [
                    {
                        "code": code,
                        "intersection": int(inner),
                        "union": int(outer),
                        "iou": int(inner) / int(outer) if outer else None,
                    }
                    for code, inner, outer in zip(tally.codes, both, either, strict=True)
                ],
                "counts": {
                    name: " ".join(
                        f"{code}:{inner}/{outer}"
                        for code, inner, outer in zip(tally.codes, *of, strict=True)
                        if outer
                    )
                    for name, of in found.items()
                },
            }
        )
    return rows


def block_counts(
    report: Report, *, reference: str, resolution: str, method: str, zone: str
) -> dict[str, Counts]:
    """Return a report's confusion matrices (K, K) by block, classes in the report's order.

    Raises `KeyError` where the report has no such counts.
    """
    wanted = {"reference": reference, "resolution": resolution, "method": method, "zone": zone}
    row = _row(report["blocks"], wanted)
    place = {str(item["code"]): number for number, item in enumerate(report["classes"])}
    matrices = {}
    for name, text in row["counts"].items():
        matrices[name] = np.zeros((len(place),) * 2, np.int64)
        for part in text.split():
            pair, pixels = part.split(":")
            truth, found = pair.split(">")
            matrices[name][place[truth], place[found]] = int(pixels)
    return matrices


def boundary_counts(
    report: Report, *, reference: str, resolution: str, method: str, width: int
) -> dict[str, Counts]:
    """Return a report's intersections and unions (2, K) of boundary bands by block.

    Raises `KeyError` where the report has no such counts.
    """
    wanted = {"reference": reference, "resolution": resolution, "method": method, "width": width}
    row = _row(report["boundary_iou"], wanted)
    place = {str(item["code"]): number for number, item in enumerate(report["classes"])}
    result = {}
    for name, text in row["counts"].items():
        result[name] = np.zeros((2, len(place)), np.int64)
        for part in text.split():
            code, counts = part.split(":")
            both, either = counts.split("/")
            result[name][:, place[code]] = int(both), int(either)
    return result


def _row(rows: Iterable[Row], wanted: Mapping[str, Any]) -> Row:
    for row in rows:
        if all(row[key] == item for key, item in wanted.items()):
            return row
    raise KeyError(f"the report has no counts of {', '.join(map(str, wanted.values()))}")


def interval_rows(tally: Tally) -> list[Row]:
    """One row a reference, resolution, method, zone and figure, with its 95 % interval.

    `zone` is that of boundary IoU's bands too, such as "band 1"; `ahead` is the method's figure
    minus the random forest's on the same blocks, where there is a forest.
    """
    rows = []
    for key, found in tally.by_block.items():
        if key.zone not in BLOCK_ZONES[key.resolution] or key.method == "ceiling":
            continue
        rival = tally.by_block.get(Key(key.reference, key.resolution, RIVAL, key.zone))
        for name in FIGURES:
            rows.append(_interval_row(asdict(key), name, STATISTICS[name], found, rival))
    for band, found in tally.bands.items():
        rival = tally.bands.get(BandKey(band.reference, band.resolution, RIVAL, band.width))
        names = {**asdict(band), "zone": f"band {band.width}"}
        names.pop("width")
        rows.append(_interval_row(names, "boundary_iou", mean_boundary_iou, found, rival))
    return rows


def _interval_row(
    names: Row, figure: str, statistic: Statistic, found: Run, rival: Run | None
) -> Row:
    row = {
        **names,
        "figure": figure,
        **_plain(bootstrap_interval([found], statistic, replicates=REPLICATES)),
    }
    if rival is not None and names["method"] != RIVAL:
        ahead = paired_difference([found], [rival], statistic, replicates=REPLICATES)
        row["ahead"] = _plain(ahead)
    return row


def _plain(interval: Interval) -> Row:
    return {
        "estimate": interval.estimate,
        "low": interval.low,
        "high": interval.high,
        "blocks": interval.blocks,
    }


def distance_rows(tally: Tally) -> list[Row]:
    """One row a reference, resolution and method: pixels and accuracy by distance to a boundary.

    `bins` gives each bin's upper limit in pixels of the resolution (None: beyond the last), its
    pixels and the share that is right.
    """
    rows = []
    for (reference, resolution, method), counts in tally.distances.items():
        limits = [*DISTANCES[resolution], None]
        rows.append(
            {
                "reference": reference,
                "resolution": resolution,
                "method": method,
                "bins": [
                    {
                        "limit": limit,
                        "pixels": int(of.sum()),
                        "accuracy": int(of[1]) / int(of.sum()) if of.sum() else None,
                    }
                    for limit, of in zip(limits, counts, strict=True)
                ],
            }
        )
    return rows
