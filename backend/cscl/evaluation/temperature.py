"""The temperature that makes a network's probabilities mean what they say."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from cscl.evaluation.calibration import Reliability, top_log_odds

GOLDEN = (math.sqrt(5) - 1) / 2
LOG_TEMPERATURES = (math.log(0.1), math.log(10.0))


def fit_temperature(logits: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Return the temperature that gives logits (N, K) the least negative log-likelihood.

    Golden section search over its logarithm, 0.1 to 10. It stays 1 where the expected calibration
    error would get worse, and without pixels (METHOD section 7).
    """
    if not len(truth):
        return 1.0
    values, wanted = torch.from_numpy(logits).double(), torch.from_numpy(truth)

    def cost(log_temperature: float) -> float:
        return float(functional.cross_entropy(values / math.exp(log_temperature), wanted))

    low, high = LOG_TEMPERATURES
    while high - low > 1e-3:
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        if cost(left) < cost(right):
            high = right
        else:
            low = left
    found = round(math.exp((low + high) / 2), 4)
    better = calibration_error(logits, truth, found) < calibration_error(logits, truth, 1.0)
    return found if better else 1.0


def calibration_error(
    logits: NDArray[np.float32], truth: NDArray[np.int64], temperature: float
) -> float:
    """Return the expected calibration error of the top class, 0..1, of logits (N, K)."""
    reliability = Reliability()
    reliability.add(top_log_odds(logits.T, temperature), logits.argmax(axis=1) == truth)
    error = reliability.error()
    return math.nan if error is None else error
