"""What is doubtful about parcels beside each other: copies, overlaps, slivers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract.errors import Finding
from cscl.dataset.findings import ParcelFinding, ParcelFindings, listed
from cscl.dataset.parcel_rules import (
    COPY_SHARE,
    OVERLAP_AREA,
    OVERLAP_SHARE,
    SLIVER_WIDTH,
    ParcelRules,
)
from cscl.vectors.meetings import Meetings, meetings
from cscl.vectors.outlines import PART, Outlines, OutlineWriter
from cscl.vectors.transformation import Transformation

Shapes = NDArray[np.object_]
Places = NDArray[np.int64]
UNUSED_AREA = "below the minimum area"
UNUSED_WIDTH = "below the minimum width"
UNUSED_BUFFER = "nothing is left within the inner buffer"


class ParcelChecks:
    """Checks parcels (N,) in the reference systems of their grids, and collects findings."""

    def __init__(
        self,
        name: str,
        ways: Sequence[Transformation],
        findings: ParcelFindings,
        ctx: JobContext,
    ) -> None:
        self.name, self.ways, self.findings, self.ctx = name, ways, findings, ctx

    def copies(self, shapes: Outlines, fids: Places, owner: Places, values: list[str]) -> Any:
        """Return which parcels to keep: of copies with one class only the lowest feature id."""
        keep = np.ones(len(fids), dtype=bool)
        seen: dict[bytes, list[int]] = {}
        alike_rows = _same_bounds(shapes)
        ordered = alike_rows[np.argsort(fids[alike_rows], kind="stable")]
        for index, outline in zip(ordered, _digests(shapes, ordered), strict=True):
            before = seen.setdefault(outline, [])
            alike = [other for other in before if values[other] == values[index]]
            keep[index] = not alike
            if before:
                first = fids[(alike or before)[0]]
                code = "copy" if alike else "copy_other_class"
                text = f"a copy of parcel {first} with "
                text += "the same class, not used" if alike else "another class"
                self._add(code, fids[index], text, (shapes, index), owner[index], str(first))
            before.append(int(index))
        self._warn(
            "copy",
            "copies of other parcels with the same class, not used",
            "Remove them from the layer.",
        )
        self._warn(
            "copy_other_class",
            "copies of other parcels with another class",
            "Their ground counts as unknown; remove the wrong ones.",
        )
        return keep

    def overlaps(
        self, shapes: Outlines, fids: Places, owner: Places, values: list[str]
    ) -> dict[int, Meetings]:
        """Find parcels of one grid that lie on each other; return them by the grid's number."""
        total = 0.0
        result = {}
        for grid in np.unique(owner).tolist():
            rows = np.flatnonzero(owner == grid)
            found = meetings(shapes.take(rows))
            found = result[grid] = Meetings(rows[found.first], rows[found.second], found.ground)
            area = found.ground.areas
            both = shapes.areas[np.stack([found.first, found.second])]
            smaller, larger = both.min(axis=0), both.max(axis=0)
            told = (area > OVERLAP_AREA) & (area > OVERLAP_SHARE * smaller)
            for pair in np.flatnonzero(told):
                one, two = found.first[pair], found.second[pair]
                same = values[one] == values[two]
                share = area[pair] / smaller[pair]
                text = f"lies on parcel {fids[two]} on {area[pair]:.0f} square metres ({share:.1%} "
                text += f"of the smaller), with {'the same' if same else 'another'} class"
                code = "overlap" if not same else "overlap_same_class"
                if area[pair] > COPY_SHARE * larger[pair]:
                    text, code = f"{text}: nearly a copy", "near_copy"
                self._add(code, fids[one], text, (found.ground, pair), grid, f"{area[pair]:.1f}")
                total += float(area[pair])
        share = total / max(float(shapes.areas.sum()), 1e-12)
        more = f", {total:.0f} square metres or {share:.2%} of all"
        self._warn(
            "overlap",
            "parcels that lie on others of another class",
            "Unknown where that is over a tenth of a pixel; correct the outlines.",
            more,
        )
        self._warn(
            "overlap_same_class",
            "parcels that lie on others of the same class",
            "Their ground counts once; correct the outlines.",
        )
        self._warn(
            "near_copy", "parcels that are nearly copies of others", "Remove one of each two."
        )
        return result

    def slivers(self, shapes: Outlines, fids: Places, owner: Places) -> None:
        """Find parcels that are narrower than half a pixel."""
        area = shapes.areas
        width = 2 * area / np.maximum(shapes.lengths, 1e-12)
        thin = np.flatnonzero(width < SLIVER_WIDTH)
        for row in thin:
            text = (
                f"a sliver: {width[row]:.1f} m wide on the average, {area[row]:.0f} square metres"
            )
            self._add("sliver", fids[row], text, (shapes, row), owner[row], f"{width[row]:.2f}")
        share = area[thin].sum() / max(area.sum(), 1e-12)
        self._warn(
            "sliver",
            f"slivers, less than {SLIVER_WIDTH:g} m wide on the average",
            "They are used; set a minimum width to leave them out.",
            f" of {len(fids)} parcels, {share:.2%} of the area",
        )

    def rules(
        self, shapes: Outlines, fids: Places, owner: Places, rules: ParcelRules
    ) -> tuple[Outlines, Shapes]:
        """Return what of each parcel is labelled (N,), and why it counts as unknown, or "".

        Without an inner buffer these are the parcels themselves.
        """
        reasons = np.full(len(shapes), "", dtype=object)
        if rules.minimum_area > 0:
            reasons[shapes.areas < rules.minimum_area] = UNUSED_AREA
        if rules.minimum_width > 0:
            for rows, part in shapes.parts():
                narrow = rows[narrower(part, rules.minimum_width)]
                reasons[narrow[reasons[narrow] == ""]] = UNUSED_WIDTH
        cores = shapes
        if rules.inner_buffer > 0:
            inner = OutlineWriter()
            for rows, part in shapes.parts():
                core = shapely.buffer(part, -rules.inner_buffer, join_style="mitre")
                reasons[rows[(reasons[rows] == "") & shapely.is_empty(core)]] = UNUSED_BUFFER
                inner.add(np.where(reasons[rows] == "", core, part))
            cores = inner.finish()
        for row in np.flatnonzero(reasons != ""):
            text = f"counts as unknown: {reasons[row]}"
            self._add("unused", fids[row], text, (shapes, row), owner[row], reasons[row])
        for reason in (UNUSED_AREA, UNUSED_WIDTH, UNUSED_BUFFER):
            found = fids[reasons == reason]
            if len(found):
                self.ctx.warn(
                    Finding(
                        "unused",
                        self.name,
                        f"parcels that count as unknown, {reason}: {len(found)} of {len(fids)} "
                        f"(FID {listed(found)})",
                        "They are not used for training or scoring.",
                        "warning",
                    )
                )
        return cores, reasons

    def _add(
        self, code: str, fid: int, text: str, ground: tuple[Outlines, int], grid: int, value: str
    ) -> None:
        """Add a finding about ground, which is the outline with a number."""
        placed = None
        if self.findings.room(code):
            shape = ground[0].read(np.array([ground[1]]))
            placed = self.ways[int(grid)].inverse(shape)[0]
        severity = "note" if code in ("copy", "sliver") else "warning"
        self.findings.add(ParcelFinding(code, int(fid), text, severity, value, placed))

    def _warn(self, code: str, found: str, remedy: str, more: str = "") -> None:
        count = self.findings.counts[code]
        if count:
            fids = listed(self.findings.parcels(code))
            self.ctx.warn(
                Finding(code, self.name, f"{found}: {count}{more} (FID {fids})", remedy, "warning")
            )


def narrower(shapes: Shapes, width: float) -> NDArray[np.bool_]:
    """Tell in which polygons no circle with the diameter `width` fits."""
    radius = width / 2
    # The inner radius is at least area / perimeter, so that most need no buffer.
    doubtful = shapely.area(shapes) < radius * shapely.length(shapes)
    result = np.zeros(len(shapes), dtype=bool)
    # A circle that only just fits leaves a point, which a buffer drops: a millimetre is given.
    inner = shapely.buffer(shapes[doubtful], 0.001 - radius, quad_segs=16)
    result[doubtful] = shapely.is_empty(inner)
    return result


def _same_bounds(shapes: Outlines) -> Places:
    """Return the numbers of polygons whose bounds another one has too, as every copy has."""
    _, place, count = np.unique(shapes.bounds, axis=0, return_inverse=True, return_counts=True)
    return np.flatnonzero(count[place.reshape(-1)] > 1)


def _digests(shapes: Outlines, rows: Places) -> Iterator[bytes]:
    """Yield a digest of each outline that does not depend on where its rings begin."""
    for start in range(0, len(rows), PART):
        part = shapely.normalize(shapes.read(rows[start : start + PART]))
        for outline in shapely.to_wkb(part):
            yield hashlib.blake2b(outline, digest_size=16).digest()
