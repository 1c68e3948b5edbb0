"""A labelled sample read back: its points, strata and classes, or what is wrong with it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import rasterio
import shapely
from pyproj import Transformer
from rasterio.transform import rowcol

from cscl.context import JobContext
from cscl.contract.codes import NO_DATA, OUTSIDE, UNKNOWN
from cscl.contract.errors import Findings, UserError
from cscl.contract.jobs import AreaJob
from cscl.evaluation.area import FEWEST_IN_STRATUM, Sample
from cscl.evaluation.sample_job import DESIGN, REFERENCE
from cscl.mapping.folder import MapFolder
from cscl.vectors.layers import VectorLayer, open_layer

Places = npt.NDArray[np.int64]
MOST_NAMED = 5


@dataclass(frozen=True)
class Labelled:
    """A labelled sample on a map: the points with their pixels' rows and columns.

    `codes` are the classes that `sample.mapped` and `sample.reference` are places of; `strata`
    the names of the strata; `of_this_map` tells whether they are this map's classes.
    """

    sample: Sample
    codes: tuple[int, ...]
    rows: Places
    columns: Places
    strata: tuple[str, ...]
    of_this_map: bool
    unlabelled: int


@dataclass(frozen=True)
class _Points:
    """The points as the file has them."""

    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    values: dict[str, list[object]]


def read_labelled(job: AreaJob, folder: MapFolder, ctx: JobContext) -> Labelled:
    """Return the labelled sample of a job, placed on its map.

    Raises one `UserError` with everything that keeps it from saying something of the map: no
    statement that it is a probability sample, no areas of the strata, unknown classes, points off
    the map, strata with fewer than two labelled points.
    """
    layer = open_layer(job.sample)
    field = job.reference_field or REFERENCE
    points = _read_points(layer, field, folder)
    pixels = _strata(job, layer, points)
    strata = [_text(value) for value in points.values["stratum"]]
    codes = tuple(dict.fromkeys((*folder.table.codes, OUTSIDE)))
    findings = Findings()
    reference = _references(points.values[field], folder, codes, layer, findings)
    kept = reference >= 0
    rows, columns = _pixels(points, folder)
    mapped = _mapped(folder, rows[kept], columns[kept], codes, layer, findings)
    if kept.any():
        _check_strata([strata[place] for place in np.flatnonzero(kept)], pixels, layer, findings)
    findings.raise_errors()
    names = tuple(pixels)
    place = {name: number for number, name in enumerate(names)}
    stratum = np.array([place[strata[item]] for item in np.flatnonzero(kept)], np.int64)
    of_classes = np.array([str(codes[item]) for item in mapped])
    unlabelled = int(np.count_nonzero(~kept))
    if unlabelled:
        ctx.note(
            f"{unlabelled} of {len(kept)} points have no true class and are left out, as if they "
            "had never been drawn: points left out because they are difficult make the map look "
            "better than it is"
        )
    return Labelled(
        Sample(stratum, mapped, reference[kept], np.array(list(pixels.values()), np.float64)),
        codes,
        rows[kept],
        columns[kept],
        names,
        bool(np.all(of_classes == np.array(names)[stratum])),
        unlabelled,
    )


def _read_points(layer: VectorLayer, field: str, folder: MapFolder) -> _Points:
    wanted = (field, "stratum")
    missing = [name for name in wanted if name not in layer.fields]
    if missing or not layer.count or not layer.crs:
        found = (
            f"it lacks the fields {', '.join(missing)}; it has {', '.join(layer.fields)}"
            if missing
            else "it has no point" if not layer.count else "it has no coordinate reference system"
        )  # fmt: skip
        raise UserError(
            "unusable_sample", layer.path, found, "Give a sample that the job sample has drawn."
        )
    columns = [*wanted, *(name for name in ("stratum_pixels", "design") if name in layer.fields)]
    values: dict[str, list[object]] = {name: [] for name in columns}
    shapes: list[object] = []
    with layer.batches() as (_, batches):
        for batch in batches:
            for name in columns:
                values[name] += batch.column(name).to_pylist()
            shapes += list(_points_of(batch, layer))
    x, y = shapely.get_coordinates(shapes).T
    transformer = Transformer.from_crs(layer.crs, folder.grid.crs, always_xy=True)
    return _Points(*transformer.transform(x, y), values)


def _points_of(batch: pa.RecordBatch, layer: VectorLayer) -> npt.NDArray[Any]:
    shapes: npt.NDArray[Any] = shapely.from_wkb(
        batch.column(layer.geometry).to_numpy(zero_copy_only=False)
    )
    # QGIS writes multi-points where a format or a snapshot wants them.
    single = shapely.get_num_geometries(shapes) == 1
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    if not np.all((shapely.get_type_id(shapes) == 0) & ~shapely.is_empty(shapes)):
        raise UserError(
            "not_points", layer.path, "not every feature is a point", "Give a layer of points."
        )
    return shapes


def _strata(job: AreaJob, layer: VectorLayer, points: _Points) -> dict[str, float]:
    """Return the pixels of each stratum; refuses a sample that says nothing about the rest."""
    drawn = all(str(text).startswith(DESIGN) for text in points.values.get("design", [None]))
    if not (drawn or job.probability_sample):
        raise UserError(
            "no_probability_sample",
            layer.path,
            "nothing says that its points were drawn at random within strata",
            "Use a sample drawn by the job sample, or state that it is a probability sample.",
        )
    if job.strata is not None:
        return _strata_of_table(Path(job.strata))
    if "stratum_pixels" not in points.values:
        raise UserError(
            "strata_missing",
            layer.path,
            "it does not say how many pixels each stratum has",
            "Give the table of the strata (columns stratum, pixels).",
        )
    found: dict[str, set[object]] = {}
    for name, size in zip(points.values["stratum"], points.values["stratum_pixels"], strict=True):
        found.setdefault(_text(name), set()).add(size)
    for name, sizes in found.items():
        size = next(iter(sizes))
        if len(sizes) > 1 or not isinstance(size, (int, float)) or not size > 0:
            raise UserError(
                "strata_missing",
                f"{layer.path}, stratum {name}",
                f"its points say {', '.join(map(str, sizes))} pixels",
                "Give the table of the strata (columns stratum, pixels).",
            )
    return {name: float(str(next(iter(sizes)))) for name, sizes in sorted(found.items())}


def _strata_of_table(path: Path) -> dict[str, float]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = {row["stratum"].strip(): float(row["pixels"]) for row in csv.DictReader(handle)}
    except (KeyError, ValueError, AttributeError, TypeError, csv.Error) as error:
        raise UserError(
            "strata_table",
            path,
            f"it cannot be read ({error!r})",
            "Give a CSV in UTF-8 with the columns stratum and pixels.",
        ) from None
    if not rows or not all(0 < size < float("inf") for size in rows.values()):
        raise UserError(
            "strata_table", path, "a stratum without pixels, or none at all",
            "List each stratum with its number of pixels.",
        )  # fmt: skip
    return rows


def _references(
    values: Sequence[object],
    folder: MapFolder,
    codes: tuple[int, ...],
    layer: VectorLayer,
    findings: Findings,
) -> Places:
    """Return the place of each point's true class in `codes`, -1 where it has none."""
    lookup = {str(code): place for place, code in enumerate(codes)}
    lookup |= {folder.table.name_of(code): place for place, code in enumerate(codes)}
    texts = [_text(value) for value in values]
    unknown = Counter(text for text in texts if text and text not in lookup)
    if unknown:
        listed = ", ".join(f"{text!r} ({n})" for text, n in unknown.most_common(MOST_NAMED))
        findings.error(
            "unknown_class",
            layer.path,
            f"{unknown.total()} points have a true class that is none of the map's: {listed}",
            f"Use the names {', '.join(folder.table.name_of(code) for code in codes)}.",
        )
    result = np.array([lookup.get(text, -1) for text in texts], np.int64)
    if not unknown and not np.any(result >= 0):
        findings.error(
            "no_labels", layer.path, "no point has a true class", "Label the points first."
        )
    return result


def _pixels(points: _Points, folder: MapFolder) -> tuple[Places, Places]:
    """Return each point's row and column, -1 where it has no place in the map's system."""
    placed = np.isfinite(points.x) & np.isfinite(points.y)
    found = np.full((2, len(placed)), -1, np.int64)
    found[:, placed] = rowcol(folder.grid.affine, points.x[placed], points.y[placed])
    return found[0], found[1]


def _mapped(
    folder: MapFolder,
    rows: Places,
    columns: Places,
    codes: tuple[int, ...],
    layer: VectorLayer,
    findings: Findings,
) -> Places:
    """Return the place of the map's class at each point in `codes`."""
    height, width = folder.grid.shape
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    found = np.full(len(rows), NO_DATA, np.int64)
    with rasterio.open(folder.crops) as raster:
        for place in np.flatnonzero(inside):
            row, column = int(rows[place]), int(columns[place])
            found[place] = raster.read(1, window=((row, row + 1), (column, column + 1)))[0, 0]
    lost = int(np.count_nonzero((found == NO_DATA) | (found == UNKNOWN)))
    if lost:
        findings.error(
            "points_off_map",
            layer.path,
            f"{lost} labelled points lie where the map has no class",
            "Use the map that the sample was drawn from, or one that covers all of it.",
        )
    place_of = {code: place for place, code in enumerate(codes)}
    return np.array([place_of.get(int(code), 0) for code in found], np.int64)


def _check_strata(
    labelled: Sequence[str], pixels: dict[str, float], layer: VectorLayer, findings: Findings
) -> None:
    counts = Counter(labelled)
    other = sorted(set(counts) - set(pixels))
    if other:
        findings.error(
            "strata_missing",
            layer.path,
            f"the table of the strata lacks {', '.join(other[:MOST_NAMED])}",
            "List each stratum with its number of pixels.",
        )
    few = [n for n, size in pixels.items() if counts[n] < min(FEWEST_IN_STRATUM, size)]
    if few:
        findings.error(
            "too_few_points",
            layer.path,
            f"fewer than two labelled points in the strata {', '.join(few[:MOST_NAMED])}",
            "Label at least two points of each stratum.",
        )


def _text(value: object) -> str:
    """Return a value as text, whole numbers without a fraction, None as empty."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()
