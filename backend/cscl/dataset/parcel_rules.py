"""What a person may ask of parcels, and the thresholds of what is reported about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FINEST_LABELS = 2.5  # metres


@dataclass(frozen=True)
class ParcelRules:
    """How parcels become labels.

    `inner_buffer` metres along the outline count as unknown; parcels smaller than `minimum_area`
    square metres, or in which no circle of `minimum_width` metres fits, count as unknown whole.
    `finest` is the side of the finest labels in metres. 0 turns a rule off.
    """

    inner_buffer: float = 0.0
    minimum_area: float = 0.0
    minimum_width: float = 0.0
    finest: float = FINEST_LABELS

    @classmethod
    def of(cls, job: Any) -> ParcelRules:
        """Return the rules of a job that has these fields."""
        return cls(float(job.inner_buffer), float(job.minimum_area), float(job.minimum_width))


# Of the operation between two reference systems, in metres.
ACCURACY_TOLD = 1.0
ACCURACY_REFUSED = 5.0  # where labels are finer than a pixel of 10 m
PIXEL = 10.0

# An overlap is told where it is larger than this and than this share of the smaller parcel.
OVERLAP_AREA = 1.0  # square metres
OVERLAP_SHARE = 0.001
COPY_SHARE = 0.95  # of both parcels: one and the same field drawn twice
# A sliver is on the average narrower than half a pixel: 2 x area / perimeter, which also holds for
# all that is smaller than a pixel.
SLIVER_WIDTH = 5.0  # metres
