"""Reading parcels: the layer, its class field, its geometries, with all that is doubtful."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract.codes import UNKNOWN
from cscl.contract.errors import Finding, Findings, UserError
from cscl.dataset.findings import ParcelFinding, ParcelFindings, listed
from cscl.dataset.parcel_checks import ParcelChecks
from cscl.dataset.parcel_classes import value_text
from cscl.dataset.parcel_places import ImageGround, accuracy_note, image_grounds
from cscl.dataset.parcel_rules import ParcelRules
from cscl.dataset.parcel_source import Gathered, ParcelSource
from cscl.grid import Grid
from cscl.memory import trim_memory
from cscl.vectors.expression import Expression
from cscl.vectors.layers import VectorLayer, open_layer
from cscl.vectors.meetings import Meetings, meetings
from cscl.vectors.outlines import Outlines, OutlineWriter

EQUAL_AREA = "EPSG:6933"
# The columns that EuroCrops adds: translated name, name and code of the crop taxonomy HCAT.
_TRANSLATED = ("ec_trans_n", "ec:translated_name")
_HCAT_NAMES = ("ec_hcat_n", "ec:hcat_name", "hcat:name")
_HCAT_CODES = ("ec_hcat_c", "ec:hcat_code", "hcat:code")


@dataclass(frozen=True)
class Parcels:
    """Parcels that touch the images, each in the reference system of its grid.

    `shapes` (N,) are valid polygons, `cores` (N,) the part of each that is labelled, the rest of
    it is unknown: the very `shapes` where that is all; `meetings` by the number of a grid which of
    its shapes share ground; `grids` (N,) the number of the grid that holds most of each, `fids` the
    features' ids, `values` the text of the class ("" where there is none), `points` (N, 2) a
    point inside each in EPSG:6933, `reasons` (N,) why a parcel counts as unknown, or "".
    `elsewhere` holds for each grid the parcels that touch it and belong to another: their number
    and their shape in its reference system. `eurocrops` is the name and HCAT code of a value,
    where the layer has them; `crs` the layer's reference system, `findings` all that was found
    about single parcels.
    """

    name: str
    crs: str
    shapes: Outlines
    cores: Outlines
    meetings: Mapping[int, Meetings]
    grids: NDArray[np.int64]
    fids: NDArray[np.int64]
    values: list[str]
    points: NDArray[np.float64]
    reasons: NDArray[np.object_]
    elsewhere: tuple[tuple[tuple[int, Any], ...], ...]
    eurocrops: dict[str, tuple[str, str]]
    transformations: tuple[str, ...]
    findings: tuple[ParcelFinding, ...] = field(repr=False)

    def burnt(
        self, codes: NDArray[np.uint8], grid: int = 0
    ) -> tuple[Outlines, NDArray[np.uint8], NDArray[np.int64]]:
        """Return shapes, class codes and ids to burn into the labels of one grid.

        An id is a parcel's number from 1. Ground within the inner buffer and parcels that belong
        to another grid have the code 255 and the id of their parcel, so an id may come twice,
        with two codes. `codes` (N,) are the classes of all parcels.
        """
        own = np.flatnonzero(self.grids == grid)
        strange = self.elsewhere[grid]
        if self.cores is self.shapes and not strange:
            return self.shapes.take(own), codes[own], own + 1
        writer, numbers = OutlineWriter(), [own]
        for _, shapes in self.cores.take(own).parts():
            writer.add(shapes)
        if self.cores is not self.shapes:
            numbers.append(self._rims(own[self.reasons[own] == ""], writer))
        writer.add(np.array([shape for _, shape in strange], dtype=object))
        numbers.append(np.array([number for number, _ in strange], dtype=np.int64))
        unknown = np.full(len(writer) - len(own), UNKNOWN, dtype=np.uint8)
        return writer.finish(), np.concatenate([codes[own], unknown]), np.concatenate(numbers) + 1

    def shared(self, grid: int) -> Meetings:
        """Return which parcels of a grid share labelled ground; a buffer leaves less of it."""
        if self.cores is self.shapes:
            return self.meetings[grid]
        own = np.flatnonzero(self.grids == grid)
        found = meetings(self.cores.take(own))
        return Meetings(own[found.first], own[found.second], found.ground)

    def _rims(self, rows: NDArray[np.int64], writer: OutlineWriter) -> NDArray[np.int64]:
        """Write what the inner buffer takes of some parcels; return the numbers of those."""
        kept = [np.empty(0, dtype=np.int64)]
        cores = self.cores.take(rows)
        for places, shapes in self.shapes.take(rows).parts():
            rims = shapely.difference(shapes, cores.read(places))
            left = shapely.area(rims) > 0
            writer.add(rims[left])
            kept.append(rows[places[left]])
        return np.concatenate(kept)


def read_parcels(
    source: str,
    class_field: str,
    grids: Sequence[Grid],
    ctx: JobContext,
    rules: ParcelRules | None = None,
    folder: Path | None = None,
) -> Parcels:
    """Read the parcels that touch `grids`; raises `UserError` with all that stands in the way.

    `class_field` is the name of a field, or an expression over fields (`cscl.vectors.expression`).
    The layer is streamed; what is kept of its outlines waits in a file of `folder`
    (`OutlineWriter`). What was repaired, dropped or reprojected is noted and stands in the
    findings.
    """
    rules = rules or ParcelRules()
    layer, wanted = check_parcels(source, class_field)
    name = layer_name(layer)
    problems = Findings()
    grounds = image_grounds(layer, grids, name, rules.finest, problems)
    problems.raise_errors()
    for item in problems.items:
        ctx.warn(item)
    found = ParcelFindings()
    translated, taxonomy = _eurocrops_columns(layer, class_field)
    stream = ParcelSource(layer, wanted, (translated, taxonomy), grounds, found)
    gathered = stream.gather(ctx, folder)
    trim_memory()
    if sum(stream.kinds.values()) == layer.count:
        raise UserError(
            "no_parcels",
            name,
            f"none of its {layer.count} features is a polygon",
            "Choose a layer with parcels.",
        )
    if not len(gathered.fids):
        raise _no_overlap(name, layer, grounds)
    _say_what_was_found(name, layer, stream, gathered, ctx)
    for text in accuracy_note(name, [ground.way for ground in grounds]):
        ctx.note(text)
    return _checked(name, layer, gathered, grounds, rules, found, ctx)


def check_parcels(source: str, class_field: str) -> tuple[VectorLayer, Expression]:
    """Return the layer and its class; raises `UserError` with all that is wrong with both."""
    layer = open_layer(source)
    name = layer_name(layer)
    findings = Findings()
    if layer.count == 0:
        findings.error(
            "no_parcels", name, f"0 parcels in layer {layer.name}", "Choose a layer with parcels."
        )
    wanted = None
    if class_field not in layer.fields and class_field.isidentifier():
        findings.error(
            "class_field_missing",
            name,
            f"it has no field {class_field!r}; found {', '.join(layer.fields) or 'none'}",
            "Choose the field that holds the crop.",
        )
    else:
        with findings.collecting():
            wanted = Expression(class_field, layer.schema, name)
    if not layer.crs:
        findings.error(
            "no_crs",
            name,
            "it has no coordinate reference system",
            "Assign the one it was made in, for example in QGIS.",
        )
    findings.raise_errors()
    if wanted is None:
        raise RuntimeError("an expression without an error")
    return layer, wanted


def layer_name(layer: VectorLayer) -> str:
    """Return how notes and errors name a layer."""
    return f"{layer.path.name}, layer {layer.name}"


def _checked(
    name: str,
    layer: VectorLayer,
    gathered: Gathered,
    grounds: Sequence[ImageGround],
    rules: ParcelRules,
    found: ParcelFindings,
    ctx: JobContext,
) -> Parcels:
    checks = ParcelChecks(name, [ground.way for ground in grounds], found, ctx)
    texts = {value: value_text(value) for value in set(gathered.values)}
    values = [texts[value] for value in gathered.values]
    keep = checks.copies(gathered.shapes, gathered.fids, gathered.owner, values)
    shapes, fids, owner = gathered.shapes.take(keep), gathered.fids[keep], gathered.owner[keep]
    kept_values = [value for value, kept in zip(values, keep, strict=True) if kept]
    shared = checks.overlaps(shapes, fids, owner, kept_values)
    trim_memory()
    checks.slivers(shapes, fids, owner)
    cores, reasons = checks.rules(shapes, fids, owner, rules)
    if rules.inner_buffer:
        ctx.note(
            f"{name}: ground within {rules.inner_buffer:g} m of a parcel's outline counts as "
            "unknown."
        )
    to_equal_area = pyproj.Transformer.from_crs(layer.crs, EQUAL_AREA, always_xy=True)
    points = np.stack(to_equal_area.transform(*gathered.inner[keep].T), axis=1)
    number = np.cumsum(keep) - 1
    elsewhere = tuple(
        tuple((int(number[row]), shape) for row, shape in items if keep[row])
        for items in gathered.elsewhere
    )
    return Parcels(
        name, layer.crs, shapes, cores, shared, owner, fids, kept_values, points, reasons,
        elsewhere, _eurocrops(values, gathered), tuple(ground.way.in_words for ground in grounds),
        tuple(found.items),
    )  # fmt: skip


def _say_what_was_found(
    name: str, layer: VectorLayer, stream: ParcelSource, gathered: Gathered, ctx: JobContext
) -> None:
    for kind, count in sorted(stream.kinds.items()):
        fids = [
            item.parcel for item in stream.findings.items
            if item.code == "no_polygon" and item.value == kind and item.parcel is not None
        ]  # fmt: skip
        text = f"features without a polygon: {count} {kind} (FID {listed(fids)})"
        ctx.warn(Finding("no_polygon", name, text, "They are not used.", "warning"))
    polygons = stream.read - sum(stream.kinds.values())
    if len(gathered.fids) < polygons:
        ctx.note(f"{name}: {len(gathered.fids)} of {polygons} parcels touch the images.")
    large = stream.findings.counts["repaired_changed"]
    count = stream.findings.counts["repaired"] + large
    if count:
        text = f"parcels with invalid outlines, repaired: {count}"
        if large:
            rows = [
                f"{item.parcel} ({float(item.value):.0%})"
                for item in stream.findings.items
                if item.code == "repaired_changed"
            ]
            more = ", ..." if large > len(rows[:10]) else ""
            text += f"; area changed by more than 1 % in {large}: FID {', '.join(rows[:10])}{more}"
        ctx.warn(Finding("repaired", name, text, "Check these parcels.", "warning"))
    if layer.left_out:
        ctx.note(f"{name}: columns of nested values are not read: {', '.join(layer.left_out)}.")


def _no_overlap(name: str, layer: VectorLayer, grounds: Sequence[ImageGround]) -> UserError:
    described = []
    for ground in grounds:
        try:
            moved = ground.way.forward(layer.bounds)
        except pyproj.exceptions.ProjError:
            moved = layer.bounds
        described.append(
            f"parcels {_extent(moved)}, images {_extent(ground.grid.bounds)} "
            f"(left, bottom, right, top in {ground.grid.crs[:40]})"
        )
    return UserError(
        "no_overlap",
        name,
        f"no parcel touches the images: {'; '.join(described)}",
        "Choose parcels and images of one area.",
    )


def _extent(bounds: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.0f}" for value in bounds)


def _eurocrops_columns(layer: VectorLayer, class_field: str) -> tuple[str, str]:
    """Return the columns with the name and the HCAT code of the class, "" where there are none."""
    by_lower = {name.lower(): name for name in reversed(layer.fields)}

    def first(names: Sequence[str]) -> str:
        return next((by_lower[name] for name in names if name in by_lower), "")

    code = first(_HCAT_CODES)
    if not code:
        return "", ""
    # A class of HCAT's own is named by HCAT, a national one by its translation.
    own = class_field.lower() in (*_HCAT_CODES, *_HCAT_NAMES)
    return (first(_HCAT_NAMES) if own else first((*_TRANSLATED, *_HCAT_NAMES))), code


def _eurocrops(values: Sequence[str], gathered: Gathered) -> dict[str, tuple[str, str]]:
    """Return the most frequent name and HCAT code of each value."""
    counts: dict[str, dict[tuple[str, str], int]] = {}
    for value, name, code in zip(values, gathered.names, gathered.hcats, strict=True):
        pair = (value_text(name), value_text(code))
        if value and any(pair):
            found = counts.setdefault(value, {})
            found[pair] = found.get(pair, 0) + 1
    return {
        value: min(found, key=lambda pair: (-found[pair], pair)) for value, found in counts.items()
    }
