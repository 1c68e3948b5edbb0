"""Random streams: each part of a scene has its own, so that changing one leaves the others."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """What a random stream is for; the number is part of the seed and never changes."""

    PLAN = 1
    COVER = 2
    CROPS = 3
    YEAR = 4
    PARCELS = 5
    WITHIN = 6
    EDGES = 7
    DECLARATIONS = 8
    CALENDAR = 9
    CLOUDS = 10
    SENSOR = 11
    CLASSES = 12


def generator(seed: int, purpose: Stream, *keys: int) -> np.random.Generator:
    """Return the generator of one purpose; `keys` (year, date, strip) tell its parts apart."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, int(purpose), *keys])))
