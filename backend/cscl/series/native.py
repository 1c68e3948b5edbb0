"""The numbers of one pass as a series holds them: int16, each band at its own resolution.

Reflectance times 10000 in whole numbers is what datasets store, and what mapping computes from,
so that a network sees the same ground in both. Numbers become reflectance on the series' grid in
`cscl.series.resample.to_reflectance` and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.contract.errors import UserError
from cscl.grid import Grid, Window
from cscl.series.mask import CloudMask
from cscl.series.model import Asset, Pass, TimeSeries
from cscl.series.numbers import stored_numbers
from cscl.series.resample import (
    INVALID,
    LARGEST_FACTOR,
    coarse_window,
    covering,
    repeat,
    resample,
)
from cscl.series.sources import Source

_MASK = ""  # the mask's place among the names of bands


@dataclass(frozen=True)
class Layout:
    """How coarse each band is: `factors` are whole, 1 for the series' own pixels, by band.

    It is one for all passes of a series. `mask` is how clouds are masked.
    """

    grid: Grid
    bands: tuple[str, ...]
    factors: tuple[int, ...]
    mask: CloudMask

    @cached_property
    def places(self) -> dict[int, tuple[int, ...]]:
        """By ascending factor the places of its bands among all bands."""
        return {
            factor: tuple(n for n, own in enumerate(self.factors) if own == factor)
            for factor in sorted(set(self.factors))
        }

    @cached_property
    def groups(self) -> dict[int, tuple[str, ...]]:
        """By ascending factor the names of its bands."""
        return {
            factor: tuple(self.bands[place] for place in places)
            for factor, places in self.places.items()
        }


@dataclass(frozen=True)
class NativePass:
    """One pass in a window of the series' grid, which may reach beyond it.

    `numbers` holds by factor int16 (c, h, w): reflectance times 10000 of the bands
    `layout.groups[factor]` over `coarse_window(window, factor)`, so with a margin of one coarse
    pixel where the factor is not 1; -32768 where invalid and beyond the grid. `clear` is bool
    (H, W): what the mask leaves, false beyond the grid. `codes` are the mask's own values in the
    window, 0 beyond the grid, or None without a mask.
    """

    window: Window
    numbers: Mapping[int, NDArray[np.int16]]
    clear: NDArray[np.bool_]
    codes: NDArray[np.generic] | None


@dataclass(frozen=True)
class _Need:
    """One asset and the window of its own pixels that is needed of it."""

    name: str
    asset: Asset
    window: Window


def layout_of(series: TimeSeries) -> Layout:
    """Return the layout of a series; a band has the finest factor that any of its passes has."""
    passes = [item for acquisition in series.acquisitions for item in acquisition.passes]
    return layout_of_passes(passes, series.bands, series.grid, series.mask)


def layout_of_passes(
    passes: Sequence[Pass], bands: Sequence[str], grid: Grid, mask: CloudMask
) -> Layout:
    """Return the layout of passes that lie on one grid."""
    factors = tuple(min(factor_of(item.assets[name], grid) for item in passes) for name in bands)
    return Layout(grid, tuple(bands), factors, mask)


def factor_of(asset: Asset, grid: Grid) -> int:
    """Return how many pixels of `grid` lie along a side of one of the asset's.

    Raises `UserError` where that is no whole number.
    """
    ratio = 1.0 if asset.grid is None else asset.grid.resolution / grid.resolution
    factor = round(ratio)
    if not 1 <= factor <= LARGEST_FACTOR or abs(ratio - factor) > 1e-3:
        raise UserError(
            "band_grid_differs",
            asset.path,
            f"its pixels are {ratio:g} times as large as the time series' of {grid.resolution:g} m",
            "Use images whose pixels are whole multiples of the finest, such as 10, 20 and 60 m.",
        )
    return factor


def read_native(files: Source, item: Pass, layout: Layout, window: Window) -> NativePass:
    """Return the stored numbers of a pass in a window; the window changes none of them.

    Raises `UserError` where a file changed, is gone or cannot be decoded.
    """
    reach = layout.mask.radius(layout.grid.resolution) if item.mask is not None else 0
    outer = window.grown(reach)
    raw = _read(files, item, _needs(item, layout, window, outer), layout.grid)
    numbers: dict[int, NDArray[np.int16]] = {}
    for factor, names in layout.groups.items():
        place = coarse_window(window, factor)
        group = np.empty((len(names), place.height, place.width), dtype=np.int16)
        for number, name in enumerate(names):
            asset = item.assets[name]
            _fill(group[number], *raw[name], asset, _times(asset, layout.grid, factor), place)
        numbers[factor] = group
    inside = window.clipped(*layout.grid.shape)
    clear = _laid(np.ones((inside.height, inside.width), dtype=bool), inside, window, False)
    if item.mask is None:
        return NativePass(window, numbers, clear, None)
    codes = _mask_codes(*raw[_MASK], factor_of(item.mask, layout.grid), outer, layout.grid)
    inner = Window(reach, reach, window.height, window.width).slices
    clear &= layout.mask.clear(codes, layout.grid.resolution)[inner]
    return NativePass(window, numbers, clear, codes[inner])


def valid_pixels(native: NativePass) -> NDArray[np.bool_]:
    """Return where a pass is valid in all its bands and clear, bool (H, W).

    A pixel has the validity of the coarse pixel that holds it, as in `resample`.
    """
    valid = native.clear.copy()
    for factor, numbers in native.numbers.items():
        known = numbers[0] != INVALID
        for band in numbers[1:]:
            known &= band != INVALID
        valid &= repeat(known, factor, coarse_window(native.window, factor), native.window)
    return valid


def _needs(item: Pass, layout: Layout, window: Window, outer: Window) -> list[_Need]:
    """Return all that is read for a window, the mask for `outer`."""
    needs = []
    for name, factor in zip(layout.bands, layout.factors, strict=True):
        asset = item.assets[name]
        place = coarse_window(window, factor)
        needs.append(_Need(name, asset, coarse_window(place, _times(asset, layout.grid, factor))))
    if item.mask is not None:
        own = factor_of(item.mask, layout.grid)
        needs.append(_Need(_MASK, item.mask, covering(outer, own)))
    return needs


def _read(
    files: Source, item: Pass, needs: Sequence[_Need], grid: Grid
) -> dict[str, tuple[NDArray[Any], Window]]:
    """Return by name the numbers and the window that they fill, in pixels of their own.

    All of one resolution are read in one window, so that a file with several bands is read once.
    """
    groups: dict[int, list[_Need]] = {}
    for need in needs:
        groups.setdefault(factor_of(need.asset, grid), []).append(need)
    result: dict[str, tuple[NDArray[Any], Window]] = {}
    for members in groups.values():
        shape = (members[0].asset.grid or grid).shape
        area = _union([need.window for need in members]).clipped(*shape)
        if area.height and area.width:
            arrays = files.read(item, [need.asset for need in members], area)
        else:
            arrays = [np.zeros((area.height, area.width), need.asset.dtype) for need in members]
        result |= {need.name: (array, area) for need, array in zip(members, arrays, strict=True)}
    return result


def _fill(
    target: NDArray[np.int16],
    raw: NDArray[Any],
    area: Window,
    asset: Asset,
    times: int,
    place: Window,
) -> None:
    """Fill a band over `place` from what its file holds of `area`, in its own pixels.

    `times` pixels of `place` lie along a side of one of those.
    """
    need = coarse_window(place, times)
    common = need.common(area)
    numbers = target if times == 1 else np.empty((need.height, need.width), dtype=np.int16)
    rows, columns = common.within(need).slices
    for beyond in (slice(rows.start), slice(rows.stop, None)):
        numbers[beyond] = INVALID
    for beyond in (slice(columns.start), slice(columns.stop, None)):
        numbers[rows, beyond] = INVALID
    part = raw[common.within(area).slices]
    stored_numbers(part, asset, numbers[rows, columns])
    if times != 1:
        values, valid = resample(numbers, times, need, place)
        target[...] = np.where(valid, np.rint(values), INVALID)


def _mask_codes(
    raw: NDArray[Any], area: Window, factor: int, outer: Window, grid: Grid
) -> NDArray[Any]:
    """Return the mask's values over `outer`, the nearest of each pixel, 0 beyond the grid."""
    need = covering(outer, factor)
    codes = repeat(_laid(raw, area, need, 0), factor, need, outer)
    inside = outer.clipped(*grid.shape)
    return _laid(codes[inside.within(outer).slices], inside, outer, 0)


def _times(asset: Asset, grid: Grid, factor: int) -> int:
    """Return how many pixels of `factor` lie along a side of one of the asset's."""
    own = factor_of(asset, grid)
    if own % factor:
        raise UserError(
            "band_grid_differs",
            asset.path,
            f"a band has pixels of {own * grid.resolution:g} m here and of "
            f"{factor * grid.resolution:g} m in another image, which is no whole multiple",
            "Use images that have the same bands at the same resolutions.",
        )
    return own // factor


def _laid(array: NDArray[Any], have: Window, want: Window, fill: float) -> NDArray[Any]:
    """Return `want` from an array over `have`, with `fill` where that holds nothing."""
    if have == want:
        return array
    result = np.full((want.height, want.width), fill, dtype=array.dtype)
    common = want.common(have)
    result[common.within(want).slices] = array[common.within(have).slices]
    return result


def _union(windows: Sequence[Window]) -> Window:
    """Return the smallest window that holds all of `windows`."""
    top, left = min(each.row for each in windows), min(each.col for each in windows)
    bottom = max(each.row + each.height for each in windows)
    right = max(each.col + each.width for each in windows)
    return Window(top, left, bottom - top, right - left)
