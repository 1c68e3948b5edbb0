"""Where parcels lie: near which images, or at no place on Earth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from cscl.contract.errors import Findings, UserError
from cscl.dataset.findings import listed
from cscl.dataset.parcel_rules import ACCURACY_REFUSED, ACCURACY_TOLD, PIXEL
from cscl.grid import Grid
from cscl.vectors.layers import VectorLayer
from cscl.vectors.polygons import finite, in_target
from cscl.vectors.transformation import Bounds, Transformation, degrees, transformation

Shapes = NDArray[np.object_]
Flags = NDArray[np.bool_]
FARTHEST = 1e9  # of a projected coordinate from its origin, in any unit
NORTHMOST, SOUTHMOST = 84.0, -80.0  # beyond lies no zone of UTM
APART = 8.0  # times the median distance from the middle of a layer
_SAMPLED = 50_000  # centres kept to tell where most of a layer lies


class ImageGround:
    """The ground of one grid, and the way there from the parcels' reference system."""

    def __init__(self, grid: Grid, way: Transformation) -> None:
        self.grid, self.way = grid, way
        self.box = shapely.box(*grid.bounds)
        shapely.prepare(self.box)
        near = np.array(way.back(grid.bounds))
        everywhere = np.array([-np.inf, -np.inf, np.inf, np.inf])
        self.near = near if np.isfinite(near).all() else everywhere

    def placed(self, shapes: Shapes) -> tuple[Shapes, Flags]:
        """Return valid polygons in the grid's reference system, and which have no place there."""
        moved = in_target(shapes, self.way)
        return moved, shapely.is_missing(moved)

    def share(self, shapes: Shapes) -> NDArray[np.float64]:
        """Return the share of each polygon's area that lies on the grid, 0 where there is none."""
        area = shapely.area(shapes)
        inside = shapely.covers(self.box, shapes)
        touching = shapely.intersects(self.box, shapes) & ~inside & (area > 0)
        result = np.where(inside & (area > 0), 1.0, 0.0)
        part = shapely.area(shapely.intersection(shapes[touching], self.box))
        result[touching] = part / area[touching]
        return result


def image_grounds(
    layer: VectorLayer, grids: Sequence[Grid], name: str, finest: float, findings: Findings
) -> list[ImageGround]:
    """Return the ground of each grid; what stands in the way goes to `findings`."""
    grounds = []
    for grid in grids:
        area = degrees(grid.bounds, grid.crs)
        if not _mappable(grid, area, findings):
            continue
        try:
            way = transformation(layer.crs, grid.crs, name, area)
        except UserError as error:
            extent = ", ".join(f"{value:.10g}" for value in layer.bounds)
            for item in error.findings:
                told = replace(item, found=f"{item.found}, the parcels at {extent} in it")
                findings.items += [told] if told not in findings.items else []
            continue
        _check_accuracy(way, name, finest, findings)
        grounds.append(ImageGround(grid, way))
    return grounds


def _mappable(grid: Grid, area: Bounds, findings: Findings) -> bool:
    west, south, east, north = area
    subject = f"images in {grid.crs[:40]}"
    if not np.isfinite(area).all() or south < SOUTHMOST or north > NORTHMOST:
        findings.error(
            "at_a_pole",
            subject,
            f"they reach latitude {south:.2f} to {north:.2f}",
            f"Use images between latitude {SOUTHMOST:g} and {NORTHMOST:g}.",
        )
        return False
    if west > east:
        findings.error(
            "at_the_antimeridian",
            subject,
            f"they cross the antimeridian, from longitude {west:.2f} to {east:.2f}",
            "Use images on one side of it.",
        )
        return False
    return True


def _check_accuracy(way: Transformation, name: str, finest: float, findings: Findings) -> None:
    found = f"parcels are brought {way.in_words}"
    better = f"; better would be {way.better}" if way.better else ""
    advice = "Reproject the parcels with the exact operation, for example in QGIS with its grids."
    if way.accuracy is None:
        findings.warning("transformation_accuracy", name, found, "Check them against the images.")
    elif way.accuracy > ACCURACY_REFUSED and finest < PIXEL:
        findings.error(
            "transformation_accuracy",
            name,
            f"{found}{better}, too rough for labels of {finest:g} m",
            advice,
        )
    elif way.accuracy > ACCURACY_TOLD:
        findings.warning("transformation_accuracy", name, f"{found}{better}", advice)


class Places:
    """Tells of each polygon whether it may touch the images, and collects impossible ones."""

    def __init__(self, layer: VectorLayer, grounds: Sequence[ImageGround]) -> None:
        crs = pyproj.CRS.from_user_input(layer.crs)
        self._degree = 180 / np.pi * crs.axis_info[0].unit_conversion_factor
        self._geographic = crs.is_geographic
        self._boxes = [ground.near for ground in grounds]
        self._step = max(1, layer.count // _SAMPLED)
        self._seen = 0
        self._centres: list[NDArray[np.float64]] = []
        self._swapped: list[tuple[int, float, float]] = []
        self.impossible: list[int] = []
        self.across: list[int] = []
        self.polar: list[int] = []

    def near(self, shapes: Shapes, fids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of the polygons that may touch the images and are possible."""
        bounds = shapely.bounds(shapes)
        possible = finite(shapes) & self._possible(bounds)
        self.impossible += fids[~possible].tolist()
        near = possible & self._close(bounds)
        turned = possible & ~near & self._close(bounds[:, [1, 0, 3, 2]])
        centres = np.stack([bounds[:, 0] + bounds[:, 2], bounds[:, 1] + bounds[:, 3]], axis=1) / 2
        self._swapped += [(int(fids[row]), *centres[row]) for row in np.flatnonzero(turned)]
        sampled = np.arange((-self._seen) % self._step, len(shapes), self._step)
        self._centres.append(centres[sampled[possible[sampled]]])
        self._seen += len(shapes)
        if self._geographic:
            wide = near & ((bounds[:, 2] - bounds[:, 0]) * self._degree > 180)
            latitudes = bounds[:, [1, 3]] * self._degree
            polar = near & ~wide & ((latitudes < SOUTHMOST) | (latitudes > NORTHMOST)).any(axis=1)
            self.across += fids[wide].tolist()
            self.polar += fids[polar].tolist()
            near &= ~wide & ~polar
        return np.flatnonzero(near)

    def tell(self, name: str, any_near: bool, findings: Findings) -> None:
        """Add what is wrong with the places of parcels to `findings`."""
        remedy = "Repair or remove them, or check the layer's coordinate reference system."
        for code, fids, found in (
            ("bad_coordinates", self.impossible, "have coordinates that are no place on Earth"),
            ("at_the_antimeridian", self.across, "cross the antimeridian"),
            ("at_a_pole", self.polar, "reach a pole"),
        ):
            if fids:
                text = f"{len(fids)} parcels {found} (FID {listed(fids)})"
                findings.error(code, name, text, remedy)
        swapped = self._swapped_fids(any_near)
        if swapped:
            findings.error(
                "swapped_coordinates",
                name,
                f"{len(swapped)} parcels lie on the images only with their two coordinates "
                f"swapped (FID {listed(swapped)})",
                "Swap their coordinates, longitude before latitude, for example in QGIS.",
            )

    def _possible(self, bounds: NDArray[np.float64]) -> Flags:
        if not self._geographic:
            return np.asarray((np.abs(bounds) < FARTHEST).all(axis=1))
        limits = np.array([180.0, 90.0, 180.0, 90.0]) + 1e-9
        return np.asarray((np.abs(bounds * self._degree) <= limits).all(axis=1))

    def _close(self, bounds: NDArray[np.float64]) -> Flags:
        result = np.zeros(len(bounds), dtype=bool)
        for left, bottom, right, top in self._boxes:
            result |= (
                (bounds[:, 0] <= right)
                & (bounds[:, 2] >= left)
                & (bounds[:, 1] <= top)
                & (bounds[:, 3] >= bottom)
            )
        return result

    def _swapped_fids(self, any_near: bool) -> list[int]:
        """Return the features that fit swapped and lie apart from the rest as they are."""
        if not self._swapped or not any_near:
            return [fid for fid, _, _ in self._swapped]
        # Countries lie on both sides of the diagonal: there both places may be right. Medians,
        # as a few parcels far away say nothing about where the others lie.
        centres = np.concatenate(self._centres)
        middle = np.median(centres, axis=0)
        reach = APART * np.median(np.abs(centres - middle), axis=0)
        low, high = middle - reach, middle + reach
        return [
            fid
            for fid, x, y in self._swapped
            if not (low[0] <= x <= high[0] and low[1] <= y <= high[1])
        ]


def accuracy_note(name: str, ways: Sequence[Transformation]) -> list[str]:
    """Return one sentence for each way that changes coordinates."""
    words = dict.fromkeys(way.in_words for way in ways if way.transformer is not None)
    return [f"{name}: reprojected {text}." for text in words]
