"""Streaming a layer of parcels: what touches the images is kept, what is wrong is collected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract.errors import Findings, UserError
from cscl.dataset.findings import ParcelFinding, ParcelFindings, listed
from cscl.dataset.parcel_places import ImageGround, Places
from cscl.vectors.curves import shapes_of
from cscl.vectors.expression import Expression
from cscl.vectors.layers import VectorLayer
from cscl.vectors.outlines import Outlines, OutlineWriter
from cscl.vectors.polygons import REPAIR_SHARE, polygonal, repaired

STAGE = "parcels read"


@dataclass(frozen=True)
class Gathered:
    """The parcels that touch the images, in the order of the layer.

    `shapes` (N,) are valid polygons in the reference system of the grid `owner` (N,), which holds
    most of each; `inner` (N, 2) points inside them in the layer's reference system; `values` the
    class field's, `names` and `hcats` those of EuroCrops, all as the layer has them; `elsewhere`
    the places (number of the parcel, its shape there) at which a parcel touches another grid.
    """

    shapes: Outlines
    fids: NDArray[np.int64]
    owner: NDArray[np.int64]
    inner: NDArray[np.float64]
    values: list[Any]
    names: list[Any]
    hcats: list[Any]
    elsewhere: tuple[tuple[tuple[int, Any], ...], ...]


class ParcelSource:
    """One pass over the layer; memory holds one batch and the parcels that are kept."""

    def __init__(
        self,
        layer: VectorLayer,
        wanted: Expression,
        eurocrops: tuple[str, str],
        grounds: Sequence[ImageGround],
        findings: ParcelFindings,
    ) -> None:
        self.layer, self.wanted, self.eurocrops = layer, wanted, eurocrops
        self.grounds, self.findings = grounds, findings
        self.name = f"{layer.path.name}, layer {layer.name}"
        self.places = Places(layer, grounds)
        self.kinds: Counter[str] = Counter()
        self.unplaced: list[int] = []
        self.read = 0
        self._known: dict[tuple[type, Any], Any] = {}

    def gather(self, ctx: JobContext, folder: Path | None = None) -> Gathered:
        """Return the parcels, their outlines in a file of `folder` (`OutlineWriter`).

        Raises `UserError` with all that is wrong with the coordinates.
        """
        kept = _Kept(len(self.grounds), folder)
        columns = list(dict.fromkeys((*self.wanted.fields, *filter(None, self.eurocrops))))
        ctx.progress(STAGE, 0, max(self.layer.count, 1))
        with self.layer.batches(columns=columns, ids=True) as (_, batches):
            for batch in batches:
                self._take(batch, kept)
                self.read += batch.num_rows
                ctx.progress(STAGE, self.read, max(self.read, self.layer.count))
        errors = Findings()
        if self.read < self.layer.count:
            errors.error(
                "unreadable_layer",
                self.layer.path,
                f"only {self.read} of its {self.layer.count} features can be read",
                "Check or repair the file.",
            )
        self.places.tell(self.name, len(kept.shapes) > 0, errors)
        if self.unplaced:
            errors.items.append(bad_place(self.name, self.unplaced))
        errors.raise_errors()
        return kept.result()

    def _take(self, batch: pa.RecordBatch, kept: _Kept) -> None:
        raw = batch.column(self.layer.geometry).to_numpy(zero_copy_only=False)
        fids = batch.column(self.layer.id_column).to_numpy(zero_copy_only=False).astype(np.int64)
        given = shapes_of(raw)
        found = polygonal(given)
        usable = ~shapely.is_empty(found)
        for row in np.flatnonzero(~usable):
            self._unusable(int(fids[row]), raw[row], given[row])
        rows = np.flatnonzero(usable)
        rows = rows[self.places.near(found[rows], fids[rows])]
        if not len(rows):
            return
        shapes, change = repaired(found[rows])
        for row in np.flatnonzero(np.isfinite(change)):
            self._repaired(int(fids[rows[row]]), float(change[row]), shapes[row])
        left = ~shapely.is_empty(shapes)
        rows, shapes = rows[left], shapes[left]
        if len(rows):
            self._place(batch.take(pa.array(rows)), fids[rows], shapes, kept)

    def _place(
        self,
        batch: pa.RecordBatch,
        fids: NDArray[np.int64],
        shapes: NDArray[np.object_],
        kept: _Kept,
    ) -> None:
        """Keep the parcels of a batch that touch a grid, each with the grid that has most of it."""
        share = np.zeros((len(self.grounds), len(shapes)))
        moved = np.full(share.shape, None, dtype=object)
        for number, ground in enumerate(self.grounds):
            moved[number], lost = ground.placed(shapes)
            self.unplaced += [int(fid) for fid in fids[lost]]
            share[number] = ground.share(moved[number])
        # Nearly equal is equal, so that rounding does not choose.
        owner = np.argmax(np.round(share, 9), axis=0)
        rows = np.flatnonzero((share > 0).any(axis=0))
        inner = shapely.get_coordinates(shapely.point_on_surface(shapes[rows]))
        part = batch.take(pa.array(rows))
        kept.add(
            moved[owner[rows], rows],
            fids[rows],
            owner[rows],
            inner,
            self._values(self.wanted.evaluate(part), fids[rows]),
            *(
                self._values(part.column(name), fids[rows]) if name else [None] * len(rows)
                for name in self.eurocrops
            ),
        )
        first = len(kept.shapes) - len(rows)
        elsewhere = share[:, rows] > 0
        elsewhere[owner[rows], np.arange(len(rows))] = False
        for number, place in np.argwhere(elsewhere):
            kept.elsewhere[number].append((first + int(place), moved[number, rows[place]]))

    def _values(self, column: pa.Array, fids: NDArray[np.int64]) -> list[Any]:
        """Return the values of a batch; equal ones are one object, for classes are few."""
        found = _texts(column, self.name, fids)
        return [self._known.setdefault((type(value), value), value) for value in found]

    def _unusable(self, fid: int, raw: Any, given: Any) -> None:
        if given is None:
            kind = "NULL" if raw is None else "damaged geometry"
        else:
            kind = "empty" if given.is_empty else given.geom_type
        self.kinds[kind] += 1
        shape = None if given is None or given.is_empty else given
        self.findings.add(
            ParcelFinding("no_polygon", fid, f"no polygon: {kind}", "warning", kind, shape)
        )

    def _repaired(self, fid: int, change: float, shape: Any) -> None:
        large = change > REPAIR_SHARE
        text = "invalid outline, repaired"
        if large:
            text += f"; its area changed by {change:.0%}, more than 1 %"
        code = "repaired_changed" if large else "repaired"
        self.findings.add(
            ParcelFinding(code, fid, text, "warning" if large else "note", f"{change:.4f}", shape)
        )


class _Kept:
    def __init__(self, grids: int, folder: Path | None) -> None:
        self.shapes = OutlineWriter(folder)
        self.fids: list[NDArray[np.int64]] = []
        self.owner: list[NDArray[np.int64]] = []
        self.inner: list[NDArray[np.float64]] = []
        self.values: list[Any] = []
        self.names: list[Any] = []
        self.hcats: list[Any] = []
        self.elsewhere: list[list[tuple[int, Any]]] = [[] for _ in range(grids)]

    def add(
        self,
        shapes: NDArray[np.object_],
        fids: NDArray[np.int64],
        owner: NDArray[np.int64],
        inner: NDArray[np.float64],
        values: list[Any],
        names: list[Any],
        hcats: list[Any],
    ) -> None:
        self.shapes.add(shapes)
        self.fids.append(fids)
        self.owner.append(owner)
        self.inner.append(inner)
        self.values += values
        self.names += names
        self.hcats += hcats

    def result(self) -> Gathered:
        none = np.empty(0, dtype=np.int64)
        return Gathered(
            self.shapes.finish(),
            np.concatenate([none, *self.fids]),
            np.concatenate([none, *self.owner]),
            np.concatenate(self.inner) if self.inner else np.zeros((0, 2)),
            self.values,
            self.names,
            self.hcats,
            tuple(tuple(items) for items in self.elsewhere),
        )


def bad_place(name: str, fids: Sequence[int]) -> Any:
    """Return the finding about coordinates that are no place, before or after reprojection."""
    return UserError(
        "bad_coordinates",
        name,
        f"{len(fids)} parcels have coordinates that are no place on Earth (FID {listed(fids)})",
        "Repair or remove them, or check the layer's coordinate reference system.",
    ).findings[0]


def _texts(column: pa.Array, name: str, fids: NDArray[np.int64]) -> list[Any]:
    """Return values; raises `UserError` where a text is not in the encoding the file tells."""
    try:
        return list(column.to_pylist())
    except UnicodeDecodeError as error:
        raise UserError(
            "bad_text",
            f"{name}, features {int(fids[0])} to {int(fids[-1])}",
            f"a text is not in the encoding that the file tells ({error.reason})",
            "Save the layer as a GeoPackage with the right encoding; a shapefile tells its own in "
            "a .cpg file.",
        ) from None
