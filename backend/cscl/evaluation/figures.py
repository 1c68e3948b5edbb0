"""The tidy tables of a report, made from what was collected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from cscl.evaluation.metrics import scores
from cscl.evaluation.scoring import Calibration, CalibrationKey, Key, ParcelVotes, Tally

Row = dict[str, Any]
Codes = npt.NDArray[np.uint8]


def zone_rows(tally: Tally) -> list[Row]:
    """One row a reference, resolution, method and zone: pixels and the figures of that zone."""
    rows = []
    for key, matrix in tally.matrices.items():
        found = scores(matrix, tally.codes)
        rows.append(
            {
                **asdict(key),
                "pixels": found.pixels,
                "overall_accuracy": found.overall_accuracy,
                "mean_iou": found.mean_iou,
                "mean_f1": found.mean_f1,
            }
        )
    return rows


def class_rows(tally: Tally) -> list[Row]:
    """One row a reference, resolution, method and class, over all zones together."""
    rows = []
    for key, matrix in tally.matrices.items():
        if key.zone == "all":
            rows += [
                {**_without_zone(key), **asdict(item)}
                for item in scores(matrix, tally.codes).classes
            ]
    return rows


def confusion_tables(tally: Tally) -> list[Row]:
    """One table a reference, resolution and method: rows are the truth, columns the map."""
    return [
        {**_without_zone(key), "codes": list(tally.codes), "matrix": matrix.tolist()}
        for key, matrix in tally.matrices.items()
        if key.zone == "all"
    ]


def _without_zone(key: Key) -> Row:
    return {"reference": key.reference, "resolution": key.resolution, "method": key.method}


def calibration_rows(calibration: Calibration) -> list[Row]:
    """One row a reference, resolution and zone: calibration error before and after scaling.

    `class_wise_*` is the mean over the classes of the error of each one's own probability.
    """
    rows = []
    for key, before in calibration.reliabilities.items():
        if key.scaled or key.code is not None:
            continue
        after = calibration.reliabilities[
            CalibrationKey(key.reference, key.resolution, key.zone, True)
        ]
        rows.append(
            {
                "reference": key.reference,
                "resolution": key.resolution,
                "zone": key.zone,
                "pixels": before.total,
                "temperature": calibration.temperatures[key.resolution],
                "error_before": before.error(),
                "error_after": after.error(),
                "class_wise_before": _class_wise(calibration, key, False),
                "class_wise_after": _class_wise(calibration, key, True),
                "bins_before": [asdict(item) for item in before.bins()],
                "bins_after": [asdict(item) for item in after.bins()],
            }
        )
    return rows


def _class_wise(calibration: Calibration, key: CalibrationKey, scaled: bool) -> float | None:
    found = [
        calibration.reliabilities.get(
            CalibrationKey(key.reference, key.resolution, key.zone, scaled, code)
        )
        for code in calibration.codes
    ]
    errors = [item.error() for item in found if item is not None]
    present = [error for error in errors if error is not None]
    return sum(present) / len(present) if present else None


def parcel_rows(
    votes: ParcelVotes,
    declared: Codes,
    areas: npt.NDArray[np.float64],
    chosen: npt.NDArray[np.bool_],
    references: Iterable[str],
) -> list[Row]:
    """One row a reference, resolution and method: share of parcels right, by count and by area.

    `declared`, `areas` (m2) and `chosen` (parcels of the split) have one entry a parcel. Parcels
    without a pixel or with a label outside the class table are counted but not scored.
    """
    rows = []
    known = np.isin(declared, votes.codes)
    for reference in references:
        truth = declared if reference == "declared" else votes.true_codes()[1:]
        for method, resolution in votes.votes:
            found = votes.predicted(method, resolution)[1:]
            scored = chosen & known & (found > 0) & (truth > 0)
            right = scored & (found == truth)
            count, area = int(scored.sum()), float(areas[scored].sum())
            rows.append(
                {
                    "reference": reference,
                    "resolution": resolution,
                    "method": method,
                    "parcels": int(chosen.sum()),
                    "scored": count,
                    "right": int(right.sum()),
                    "accuracy": int(right.sum()) / count if count else None,
                    "area_accuracy": float(areas[right].sum()) / area if area else None,
                    "area_hectares": area / 10_000,
                }
            )
    return rows
