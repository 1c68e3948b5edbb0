"""Whether the probabilities of parcels mean what they say, with a temperature of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from cscl.evaluation.calibration import Reliability, class_log_odds, top_log_odds
from cscl.evaluation.metrics import positions
from cscl.evaluation.scoring import ParcelVotes
from cscl.evaluation.temperature import fit_temperature

Row = dict[str, Any]
Codes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

METHOD = "network"
# Below this a class counts as impossible; a logarithm needs something.
SMALLEST = 1e-12


def parcel_calibration_rows(
    votes: ParcelVotes,
    chosen: Mask,
    validation: ParcelVotes,
    fitted_on: Mask,
    declared: Codes,
    references: Iterable[str],
) -> list[Row]:
    """One row a reference and resolution: calibration error of parcels before and after scaling.

    A parcel's probabilities are the means over its pixels. One temperature a resolution is fitted
    to their logarithms on the parcels `fitted_on`, by their declared classes; it stays 1 where it
    would make the error there worse (METHOD section 7). It is scored on the parcels `chosen`.
    `declared`, `chosen` and `fitted_on` have one entry a parcel.
    """
    temperatures = {}
    for method, resolution in validation.votes:
        if method == METHOD:
            logits, truth = _known(validation, resolution, fitted_on, declared)
            fitted = fit_temperature(logits.T.astype(np.float32), truth)
            temperatures[resolution] = (fitted, len(truth))
    rows = []
    for reference in references:
        true = declared if reference == "declared" else votes.true_codes()[1:]
        for resolution, (temperature, count) in temperatures.items():
            if (METHOD, resolution) not in votes.votes:
                continue
            logits, truth = _known(votes, resolution, chosen, true)
            if len(truth):
                row = {
                    "reference": reference,
                    "resolution": resolution,
                    "parcels": len(truth),
                    "fitted_on": count,
                    "temperature": temperature,
                }
                rows.append(row | _errors(logits, truth, 1.0, "before")
                            | _errors(logits, truth, temperature, "after"))  # fmt: skip
    return rows


def _known(
    votes: ParcelVotes, resolution: str, chosen: Mask, codes: Codes
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return log-probabilities (K, N) and places of the classes (N,) of parcels that have both."""
    sums = votes.votes[METHOD, resolution][1:]
    total = sums.sum(axis=1)
    truth = positions(votes.codes.tolist())[codes].astype(np.int64)
    known = chosen & (total > 0) & (truth >= 0)
    shares = sums[known] / total[known, None]
    return np.log(np.maximum(shares.T, SMALLEST)), truth[known]


def _errors(
    logits: Floats, truth: npt.NDArray[np.int64], temperature: float, name: str
) -> dict[str, Any]:
    top = Reliability()
    top.add(top_log_odds(logits, temperature), logits.argmax(axis=0) == truth)
    errors = []
    for place, odds in enumerate(class_log_odds(logits, temperature)):
        of_class = Reliability()
        of_class.add(odds, truth == place)
        errors.append(of_class.error() or 0.0)
    return {
        f"error_{name}": top.error(),
        f"class_wise_{name}": float(np.mean(errors)),
        f"bins_{name}": [asdict(item) for item in top.bins()],
    }
