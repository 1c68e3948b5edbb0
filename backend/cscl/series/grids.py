"""On which grids images lie: one a tile and zone, or a fault that is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cscl.contract.errors import Findings
from cscl.grid import Grid
from cscl.series.images import Image, Wanted
from cscl.series.model import FEWEST_DATES, Asset

Key = tuple[object, ...]
# Tiles of one zone overlap by a tenth of their side; images of one tile that were cut differently
# share more.
SAME_GROUND = 0.5
ALIGNED = 1e-3  # of a pixel: rounding errors of other programs do not count


def grid_key(grid: Grid) -> Key:
    """Return what two equal grids share: rounding errors of other programs do not count."""
    return grid.crs, grid.shape, tuple(round(number, 4) for number in grid.transform)


def series_grid(image: Image, wanted: Wanted) -> Grid:
    """Return the grid of the finest band that is used."""
    assets = [image.assets[name] for name in wanted.bands if name in image.assets]
    grids = [asset.grid for asset in assets if asset.grid is not None]
    return min(grids, key=lambda grid: grid.resolution) if grids else image.grid


def check_band_grids(image: Image, wanted: Wanted, findings: Findings) -> None:
    """Report bands whose pixels are not whole multiples of the finest, from the same corner."""
    finest = series_grid(image, wanted)
    for name in wanted.needed:
        asset = image.assets.get(name)
        if asset is not None and asset.grid is not None and not _nests(asset, finest):
            findings.error(
                "band_grid_differs",
                image.path,
                f"its band {name} lies on {grid_text(asset.grid)}, which does not fit "
                f"{grid_text(finest)}",
                "Give bands that share the upper left corner, with pixels of 10, 20 or 60 m.",
            )


def _nests(asset: Asset, finest: Grid) -> bool:
    grid = asset.grid or finest
    factor = grid.resolution / finest.resolution
    corner = abs(grid.transform[2] - finest.transform[2]) + abs(
        grid.transform[5] - finest.transform[5]
    )
    covers = all(
        abs(own * factor - fine) < factor + ALIGNED
        for own, fine in zip(grid.shape, finest.shape, strict=True)
    )
    return (
        grid.crs == finest.crs
        and abs(factor - round(factor)) < ALIGNED
        and corner < ALIGNED * finest.resolution
        and covers
    )


def split_by_grid(images: Sequence[Image], wanted: Wanted, findings: Findings) -> list[list[Image]]:
    """Return the images of each grid, the most common grid first.

    An image on a grid of its own is a finding, and so are grids of one zone whose pixels are not
    aligned or which lie on the same ground: those were cut or warped differently.
    """
    groups: dict[Key, list[Image]] = {}
    for image in images:
        groups.setdefault(grid_key(series_grid(image, wanted)), []).append(image)
    counts = Counter({key: len(members) for key, members in groups.items()})
    kept: list[list[Image]] = []
    for key, _ in counts.most_common():
        members = groups[key]
        faulty = _differs_from(members, kept, wanted)
        if faulty is None:
            kept.append(members)
            continue
        for image in members:
            _report(image, series_grid(image, wanted), faulty, findings)
    return kept


def _differs_from(
    members: Sequence[Image], kept: Sequence[Sequence[Image]], wanted: Wanted
) -> Grid | None:
    """Return the grid that these images should have been on, or None where theirs is its own."""
    own = series_grid(members[0], wanted)
    others = [series_grid(images[0], wanted) for images in kept]
    for other in others:
        if other.crs == own.crs and not _may_stand_beside(own, other):
            return other
    # A grid of its own needs a series of its own.
    too_few = len({image.date for image in members}) < FEWEST_DATES
    return others[0] if others and too_few else None


def _may_stand_beside(one: Grid, other: Grid) -> bool:
    if abs(one.resolution - other.resolution) > ALIGNED:
        return False
    for place in (2, 5):
        pixels = (one.transform[place] - other.transform[place]) / one.resolution
        if abs(pixels - round(pixels)) > ALIGNED:
            return False
    return _common_share(one, other) < SAME_GROUND


def _common_share(one: Grid, other: Grid) -> float:
    """Return the common ground as a share of the smaller grid."""
    left, bottom, right, top = (
        pick(pair)
        for pick, pair in zip(
            (max, max, min, min), zip(one.bounds, other.bounds, strict=True), strict=True
        )
    )
    common = max(right - left, 0.0) * max(top - bottom, 0.0)
    areas = [grid.width * grid.height * grid.resolution**2 for grid in (one, other)]
    return float(common / min(areas))


def _report(image: Image, grid: Grid, reference: Grid, findings: Findings) -> None:
    if grid.crs != reference.crs:
        code, found = "crs_differs", f"its reference system is {grid.crs[:60]}"
        found += f", that of most others {reference.crs[:60]}"
    else:
        code = "grid_differs"
        found = f"its grid is {grid_text(grid)}; that of most others is {grid_text(reference)}"
    findings.error(code, image.path, found, "Warp all images to one grid, or remove this one.")


def grid_text(grid: Grid) -> str:
    """Return size, pixel and upper left corner of a grid in words."""
    return (
        f"{grid.width} x {grid.height} pixels of {grid.resolution:g} m from "
        f"{grid.transform[2]:.10g}, {grid.transform[5]:.10g}"
    )
