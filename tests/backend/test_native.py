"""Bands of several resolutions: stored numbers, resampling, merging; no window changes a value."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.grid import Window
from cscl.mapping.windows import by_blocks, tiles
from cscl.series import blocks, sources
from cscl.series.blocks import BlockCache
from cscl.series.job import series_from_images
from cscl.series.mask import CloudMask
from cscl.series.measure import measure_date
from cscl.series.model import Asset, Pass, TimeSeries
from cscl.series.native import layout_of, layout_of_passes, read_native, valid_pixels
from cscl.series.numbers import stored_numbers
from cscl.series.reader import SeriesReader, Stack
from cscl.series.resample import INVALID, coarse_window, covering, repeat, resample, to_reflectance
from cscl.series.sources import OpenFiles
from cscl.series.stac import read_series, write_series
from cscl.series.walk import HeldRows, strips, walk_pass
from hypothesis import given
from hypothesis import strategies as st
from map_scene import write_images
from mixed_scene import (
    BANDS,
    grid_of,
    mixed_pass,
    mixed_series,
    random_classes,
    random_numbers,
    write_band,
)

SHAPE = (70, 86)


def bilinear(numbers: np.ndarray, factor: int, shape: tuple[int, int]) -> np.ndarray:
    """Return METHOD's definition written out, in double precision; NaN where invalid."""
    result = np.full(shape, np.nan)
    for row, col in itertools.product(*map(range, shape)):
        if numbers[row // factor, col // factor] == INVALID:
            continue
        y, x = (row + 0.5) / factor - 0.5, (col + 0.5) / factor - 0.5
        total = weights = 0.0
        for i, j in itertools.product((int(np.floor(y)), int(np.floor(y)) + 1),
                                      (int(np.floor(x)), int(np.floor(x)) + 1)):  # fmt: skip
            inside = 0 <= i < numbers.shape[0] and 0 <= j < numbers.shape[1]
            if inside and numbers[i, j] != INVALID:
                weight = (1 - abs(y - i)) * (1 - abs(x - j))
                total += weight * numbers[i, j]
                weights += weight
        result[row, col] = total / weights
    return result


@pytest.mark.parametrize("factor", [1, 2, 3, 6])
@pytest.mark.parametrize("holes", [0.0, 0.3])
def test_resampling_is_bilinear_over_valid_pixels(factor: int, holes: float) -> None:
    rng = np.random.Generator(np.random.PCG64(factor))
    numbers = rng.integers(-500, 16_000, (9, 11)).astype(np.int16)
    numbers[rng.random(numbers.shape) < holes] = INVALID
    shape = 9 * factor, 11 * factor
    beyond = np.full((13, 15), INVALID, dtype=np.int16)
    beyond[2:-2, 2:-2] = numbers
    values, valid = resample(beyond, factor, Window(-2, -2, 13, 15), Window(0, 0, *shape))
    expected = bilinear(numbers, factor, shape)
    assert np.array_equal(valid, np.isfinite(expected))
    assert np.abs(values[valid] - expected[valid]).max() < 1e-6 * 16_000
    assert values.dtype == np.float32 and (values[~valid] == 0).all()


def test_resampling_keeps_planes_and_constants() -> None:
    rows, cols = np.mgrid[:20, :20]
    plane = (100 + 12 * rows + 24 * cols).astype(np.int16)
    values, _ = resample(plane, 2, Window(0, 0, 20, 20), Window(2, 2, 34, 34))
    y, x = (np.arange(2, 36) + 0.5) / 2 - 0.5, (np.arange(2, 36) + 0.5) / 2 - 0.5
    assert np.array_equal(values, (100 + 12 * y[:, None] + 24 * x).astype(np.float32))
    for factor in (2, 6, 64):
        flat = np.full((4, 4), 32_767, dtype=np.int16)
        values, _ = resample(flat, factor, Window(0, 0, 4, 4), Window(factor, factor, factor, 1))
        assert (values == 32_767).all()
    with pytest.raises(ValueError, match="does not hold"):
        resample(plane, 2, Window(1, 1, 20, 20), Window(2, 2, 10, 10))


@given(
    st.sampled_from([2, 3, 6]),
    st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, 20), st.integers(1, 20)),
    st.integers(0, 2**32 - 1),
)
def test_resampling_gives_every_window_the_same_bits(
    factor: int, place: tuple[int, int, int, int], seed: int
) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    numbers = rng.integers(-32_767, 32_768, (2, 40, 40)).astype(np.int16)
    numbers[rng.random(numbers.shape) < rng.choice([0.0, 0.1])] = INVALID
    whole = Window(factor, factor, 38 * factor, 38 * factor)
    values, valid = resample(numbers, factor, Window(0, 0, 40, 40), whole)
    window = Window(place[0] + factor, place[1] + factor, place[2], place[3])
    need = coarse_window(window, factor)
    part, known = resample(numbers[..., *need.slices], factor, need, window)
    inner = Window(place[0], place[1], place[2], place[3]).slices
    assert np.array_equal(part.view(np.int32), values[..., *inner].view(np.int32))
    assert np.array_equal(known, valid[..., *inner])


def test_nearest_and_the_pixels_that_a_window_touches() -> None:
    codes = np.arange(16).reshape(4, 4)
    window = Window(1, 3, 4, 3)
    assert covering(window, 2) == Window(0, 1, 3, 2)
    assert coarse_window(window, 2) == Window(-1, 0, 5, 4)
    assert coarse_window(window, 1) == window
    assert covering(Window(-1, -1, 2, 2), 6) == Window(-1, -1, 2, 2)
    assert repeat(codes, 2, Window(0, 0, 4, 4), window).tolist() == [
        [1, 2, 2], [5, 6, 6], [5, 6, 6], [9, 10, 10]
    ]  # fmt: skip


ASSET = Asset(Path("a.tif"), 1)


@pytest.mark.parametrize(
    ("numbers", "asset", "expected"),
    [
        (np.array([0, 1, 1000, 65534, 65535], np.uint16), replace(ASSET, offset=-0.1),
         [INVALID, -999, 0, 32767, INVALID]),
        (np.array([0, 1, 40000, 65535, 7], np.uint16), replace(ASSET, nodata=7.0),
         [INVALID, 1, 32767, INVALID, INVALID]),
        (np.array([-9999, -10000, -32768, -50, 0], np.int16), ASSET,
         [INVALID] * 3 + [-50, INVALID]),
        (np.array([-9999, -32768, -50, 0, 32767], np.int16), replace(ASSET, nodata=None),
         [INVALID, INVALID, -50, 0, 32767]),
        (np.array([0, 1, 3, 5000], np.uint16), replace(ASSET, scale=0.0002, offset=-0.1),
         [INVALID, -998, -994, 9000]),
        (np.array([0, 1, 2, 3, 5], np.uint16), replace(ASSET, scale=0.00005),
         [INVALID, 0, 1, 2, 2]),
        (np.array([0, 200], np.uint8), replace(ASSET, scale=0.005), [INVALID, 10000]),
        (np.array([0, 65535, 70000, 12], np.uint32), ASSET, [INVALID, INVALID, 32767, 12]),
        (np.array([np.nan, np.inf, -np.inf, -9999, 0.12345, -0.02, 5]), replace(ASSET, scale=1.0),
         [INVALID] * 4 + [1234, -200, 32767]),
        (np.array([0.1, 0.0, 2.5], np.float32), replace(ASSET, scale=1.0, nodata=np.float64(0.1)),
         [INVALID, 0, 25000]),
    ],
)  # fmt: skip
def test_stored_numbers(numbers: np.ndarray, asset: Asset, expected: list[int]) -> None:
    found = stored_numbers(numbers[None], asset)
    assert found.dtype == np.int16 and found.tolist() == [expected]
    # Also where they are a part of something, and what is filled is too.
    target = np.ones((9, 2 * len(numbers)), dtype=np.int16)
    stored_numbers(np.stack([numbers] * 3)[::2], asset, target[3:5, 1 : 1 + len(numbers)])
    assert target[3:5, 1 : 1 + len(numbers)].tolist() == [expected] * 2
    assert (target[:3] == 1).all() and (target[:, 0] == 1).all() and (target[5:] == 1).all()


@given(st.integers(0, 65_535), st.integers(-3000, 3000))
def test_stored_numbers_are_whole_where_scale_and_offset_are(number: int, offset: int) -> None:
    asset = replace(ASSET, offset=offset * 0.0001)
    found = int(stored_numbers(np.array([[number]], np.uint16), asset)[0, 0])
    assert found == (
        INVALID if number in (0, 65_535) else max(-32_767, min(32_767, number + offset))
    )


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> TimeSeries:
    """Three dates of bands at 10, 20 and 60 m: GeoTIFF, JPEG 2000, and two passes of a day."""
    folder = tmp_path_factory.mktemp("mixed")
    tiled = {"tiled": True, "blockxsize": 16, "blockysize": 16, "compress": "deflate"}
    return mixed_series([
        [mixed_pass(folder / "first", 1, **tiled)],
        [mixed_pass(folder / "second", 2, suffix=".jp2")],
        [mixed_pass(folder / "third", 3), mixed_pass(folder / "fourth", 4, **tiled)],
    ])  # fmt: skip


@pytest.fixture(scope="module")
def opened(scene: TimeSeries) -> Iterator[SeriesReader]:
    with SeriesReader(scene) as reader:
        yield reader


@pytest.fixture(scope="module")
def whole(opened: SeriesReader) -> Stack:
    return opened.read(opened.series.grid.whole)


@given(
    st.tuples(
        st.integers(-9, SHAPE[0]), st.integers(-9, SHAPE[1]), st.integers(1, 40), st.integers(1, 40)
    ),
    st.integers(0, 5),
)
def test_values_do_not_depend_on_the_window(
    opened: SeriesReader, whole: Stack, place: tuple[int, int, int, int], pad: int
) -> None:
    stack = opened.read(Window(*place), pad)
    outer = Window(*place).grown(pad)
    inner = outer.clipped(*SHAPE)
    part = Window(inner.row - outer.row, inner.col - outer.col, inner.height, inner.width).slices
    values, expected = stack.values[:, :, *part], whole.values[:, :, *inner.slices]
    assert np.array_equal(values.copy().view(np.int32), expected.copy().view(np.int32))
    assert np.array_equal(stack.valid[:, *part], whole.valid[:, *inner.slices])
    assert stack.valid.sum() == whole.valid[:, *inner.slices].sum()


def test_bands_of_a_pass_by_resolution(scene: TimeSeries, opened: SeriesReader) -> None:
    layout = layout_of(scene)
    assert layout.factors == (1, 1, 2, 2, 6)
    assert layout.groups == {1: ("B02", "B08"), 2: ("B05", "B11"), 6: ("B01",)}
    item = scene.acquisitions[1].passes[0]
    native = opened.read_native(item, Window(13, 20, 12, 14))
    assert {factor: part.shape for factor, part in native.numbers.items()} == {
        1: (2, 12, 14), 2: (2, 9, 9), 6: (1, 5, 5)
    }  # fmt: skip
    with rasterio.open(item.assets["B11"].path) as file:
        stored = file.read(1)[5:14, 9:18].astype(int)
    expected = np.where(stored == 0, INVALID, stored - 1000)
    assert np.array_equal(native.numbers[2][1], expected)
    with rasterio.open(item.mask.path) as file:
        codes = file.read(1).repeat(2, axis=0).repeat(2, axis=1)
    assert np.array_equal(native.codes, codes[13:25, 20:34])
    clear = CloudMask().clear(codes, 10.0)[13:25, 20:34]
    assert np.array_equal(native.clear, clear)


def test_reflectance_of_all_resolutions(scene: TimeSeries, opened: SeriesReader) -> None:
    """One date against METHOD's definition, band by band."""
    stack = opened.read(scene.grid.whole)
    item = scene.acquisitions[0].passes[0]
    valid = CloudMask().clear(
        rasterio.open(item.mask.path).read(1).repeat(2, 0).repeat(2, 1)[: SHAPE[0], : SHAPE[1]],
        10.0,
    )
    expected = []
    for name, factor in BANDS.items():
        with rasterio.open(item.assets[name].path) as file:
            numbers = file.read(1).astype(int) - 1000
            numbers[numbers == -1000] = INVALID
        full = tuple(factor * side for side in numbers.shape)
        expected.append(bilinear(numbers, factor, full)[: SHAPE[0], : SHAPE[1]] * 1e-4)
        valid = valid & np.isfinite(expected[-1])
    assert 0.2 < valid.mean() < 0.8
    assert np.array_equal(stack.valid[0], valid)
    difference = np.abs(stack.values[0] - np.stack(expected))[:, valid]
    assert difference.max() < 1e-6
    assert (stack.values[0][:, ~valid] == 0).all()


def test_passes_of_a_day_are_merged_after_resampling(
    scene: TimeSeries, opened: SeriesReader
) -> None:
    merged = opened.read(scene.grid.whole)
    first, second = scene.acquisitions[2].passes
    alone = []
    for item in (first, second):
        series = mixed_series([[item], [item]])
        with SeriesReader(series) as reader:
            stack = reader.read(series.grid.whole)
        alone.append((stack.values[0], stack.valid[0]))
    (values, valid), (more, known) = alone
    assert (known & ~valid).any() and (known & valid).any()
    assert np.array_equal(merged.valid[2], valid | known)
    assert np.array_equal(merged.values[2], np.where(valid, values, more))


def test_a_chip_stored_by_resolution_gives_what_mapping_reads(
    scene: TimeSeries, opened: SeriesReader
) -> None:
    """Stored numbers of a chip alone, resampled later, are the reader's values bit for bit."""
    window = Window(24, 36, 16, 16)
    mapped = opened.read(window)
    for number in (0, 1):
        native = opened.read_native(scene.acquisitions[number].passes[0], window)
        values, valid = to_reflectance(native.numbers, native.clear, opened.layout.places, window)
        assert np.array_equal(values, mapped.values[number])
        assert np.array_equal(valid, mapped.valid[number])
        assert np.array_equal(valid, valid_pixels(native))


def test_a_band_that_is_coarser_in_one_pass(tmp_path: Path) -> None:
    bands = {"B02": 1, "B05": 2}
    fine = mixed_pass(tmp_path / "fine", 1, bands={"B02": 1, "B05": 1})
    coarse = mixed_pass(tmp_path / "coarse", 2, bands=bands)
    series = mixed_series([[fine], [coarse]])
    assert layout_of(series).factors == (1, 1)
    with SeriesReader(series) as reader, SeriesReader(mixed_series([[coarse], [coarse]])) as own:
        window = Window(11, 13, 20, 21)
        joined, alone = reader.read(window), own.read(window)
    assert np.array_equal(joined.valid[1], alone.valid[1])
    assert np.abs(joined.values[1] - alone.values[1]).max() <= 0.5001e-4
    odd = replace(coarse.assets["B05"], grid=grid_of(*SHAPE, 3))
    other = replace(coarse, assets={**coarse.assets, "B05": odd})
    with OpenFiles(series.grid) as files, pytest.raises(UserError, match="no whole multiple"):
        layout = layout_of_passes([coarse], tuple(bands), series.grid, CloudMask())
        read_native(files, other, layout, window)


def test_pixels_that_are_no_whole_multiple(tmp_path: Path) -> None:
    item = mixed_pass(tmp_path / "a", 1, bands={"B02": 1})
    odd = replace(grid_of(*SHAPE), transform=(15.0, 0.0, 5e5, 0.0, -15.0, 5.6e6))
    wrong = replace(item, assets={"B02": replace(item.assets["B02"], grid=odd)})
    with pytest.raises(UserError, match="1.5 times as large as the time series' of 10 m") as caught:
        layout_of(mixed_series([[item], [wrong]]))
    assert caught.value.code == "band_grid_differs"


class CountingFile:
    """A dataset that counts how often each of its blocks is asked for."""

    def __init__(self, dataset: rasterio.DatasetReader, counts: Counter[tuple[object, ...]]):
        self._dataset, self._counts = dataset, counts

    def __getattr__(self, name: str) -> object:
        return getattr(self._dataset, name)

    def read(self, indexes: list[int], window: rasterio.windows.Window) -> np.ndarray:
        height, width = self._dataset.block_shapes[0]
        rows = range(window.row_off // height, -(-(window.row_off + window.height) // height))
        cols = range(window.col_off // width, -(-(window.col_off + window.width) // width))
        # Bands that are interleaved share their blocks.
        pixel = self._dataset.interleaving is rasterio.enums.Interleaving.pixel
        for index in indexes[:1] if pixel else indexes:
            self._counts.update((self._dataset.name, index, r, c) for r in rows for c in cols)
        return self._dataset.read(indexes, window=window)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[object, ...]]:
    """How often each block of each file was decoded."""
    counts: Counter[tuple[object, ...]] = Counter()
    original = sources.open_raster
    monkeypatch.setattr(
        sources, "open_raster",
        lambda path, member="": CountingFile(original(path, member), counts),
    )  # fmt: skip
    return counts


def all_blocks(item: Pass) -> int:
    """Return how many blocks the files of a pass have."""
    files = {asset.path for asset in (*item.assets.values(), item.mask)}
    total = 0
    for path in files:
        with rasterio.open(path) as file:
            pixel = file.interleaving is rasterio.enums.Interleaving.pixel
            total += len(list(file.block_windows(1))) * (1 if pixel else file.count)
    return total


def test_a_walk_decodes_each_block_once(
    scene: TimeSeries, opened: SeriesReader, decoded: Counter[tuple[object, ...]]
) -> None:
    layout = layout_of(scene)
    windows = [Window(row, 0, 14, SHAPE[1]).clipped(*SHAPE) for row in range(0, SHAPE[0], 12)]
    for item in (scene.acquisitions[0].passes[0], scene.acquisitions[1].passes[0]):
        decoded.clear()
        with OpenFiles(scene.grid) as files:
            walked = list(walk_pass(files, item, layout, windows))
        assert set(decoded.values()) == {1} and len(decoded) == all_blocks(item)
        for native in walked:
            expected = opened.read_native(item, native.window)
            assert np.array_equal(native.clear, expected.clear)
            assert np.array_equal(native.codes, expected.codes)
            for factor, numbers in native.numbers.items():
                assert np.array_equal(numbers, expected.numbers[factor])


def test_a_walk_is_gone_on_with_by_what_was_kept(
    scene: TimeSeries, opened: SeriesReader, decoded: Counter[tuple[object, ...]]
) -> None:
    layout = layout_of(scene)
    windows = [Window(row, 0, 14, SHAPE[1]).clipped(*SHAPE) for row in range(0, SHAPE[0], 12)]
    for item in (scene.acquisitions[0].passes[0], scene.acquisitions[1].passes[0]):
        decoded.clear()
        kept = np.empty(0, dtype=np.uint8)
        for number, window in enumerate(windows):
            with OpenFiles(scene.grid) as files:
                rows = HeldRows(files)
                rows.take(kept)
                native = read_native(rows, item, layout, window)
            following = windows[min(number + 1, len(windows) - 1)].row
            kept = np.concatenate(list(rows.kept(item, layout, following)))
            expected = opened.read_native(item, window)
            assert np.array_equal(native.clear, expected.clear)
            for factor, numbers in native.numbers.items():
                assert np.array_equal(numbers, expected.numbers[factor])
        assert set(decoded.values()) == {1} and len(decoded) == all_blocks(item)


def test_rows_that_no_window_needs_are_not_decoded(
    scene: TimeSeries, decoded: Counter[tuple[object, ...]]
) -> None:
    item = scene.acquisitions[0].passes[0]
    windows = [Window(0, 0, 3, SHAPE[1]), Window(50, 0, 3, SHAPE[1])]
    with OpenFiles(scene.grid) as files:
        list(walk_pass(files, item, layout_of(scene), windows))
    rows = {key[2] for key in decoded if key[0] == str(item.assets["B02"].path)}
    assert rows == {0, 3} and set(decoded.values()) == {1}


def test_neighbouring_windows_decode_each_block_once(
    scene: TimeSeries, whole: Stack, decoded: Counter[tuple[object, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Also where a series has more files than may be open at once."""
    monkeypatch.setattr("cscl.series.blocks.LEAST_ROWS", 16)
    monkeypatch.setattr("cscl.series.blocks.LEAST_COLUMNS", 16)
    monkeypatch.setattr(OpenFiles.__init__, "__defaults__", (2,))
    with SeriesReader(scene) as reader:
        assert reader.block_shape == (16, 16)
        for row, col in itertools.product(range(0, 70, 13), range(0, 86, 17)):
            window = Window(row, col, 13, 17).clipped(*SHAPE)
            stack = reader.read(window, pad=0)
            assert np.array_equal(stack.values, whole.values[:, :, *window.slices])
            assert np.array_equal(stack.valid, whole.valid[:, *window.slices])
    assert set(decoded.values()) == {1}


def test_to_keep_more_than_the_blocks_around_saves_no_decoding(
    tmp_path: Path, decoded: Counter[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows of a map, block by block, with a halo; twelve rows of twelve blocks."""
    monkeypatch.setattr("cscl.series.blocks.LEAST_COLUMNS", 64)
    bands = ("B02", "B03")
    images = write_images(tmp_path / "images", 768, 768, dates=2, bands=bands)
    series = series_from_images(str(images), bands=bands, ctx=JobContext())
    side, halo = 32, 10

    def decodings(share: float) -> int:
        with SeriesReader(series) as reader:
            kept = reader.bytes_around(side, halo)
            assert reader.block_shape == (64, 64)
            # Three by three blocks of two bands and the mask, two dates, two bytes each.
            assert kept == 9 * 64 * 64 * 3 * 2 * 2
            monkeypatch.setattr(blocks, "_MEMORY", blocks._Memory(int(share * kept)))
            decoded.clear()
            for window in by_blocks(tiles(768, 768, side), reader.block_shape):
                reader.read(window, pad=halo)
        return sum(decoded.values())

    assert decodings(1.0) == decodings(2.0)
    assert decodings(0.5) > 1.5 * decodings(1.0)


def test_decoded_blocks_are_bounded(
    scene: TimeSeries, decoded: Counter[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The readers of a process share what may be held, and a closed one holds nothing."""
    memory = blocks._Memory(2 * 64 * 86 * 2)
    monkeypatch.setattr(blocks, "_MEMORY", memory)
    item = scene.acquisitions[2].passes[1]
    asset, other = item.assets["B02"], item.assets["B08"]
    one, two = Window(0, 0, 40, 50), Window(64, 0, 6, 86)
    with OpenFiles(scene.grid) as files:
        cache, second = BlockCache(files), BlockCache(files)
        first = cache.read(item, [asset], one)[0]
        cache.read(item, [asset], two)
        cache.read(item, [asset], one)
        assert set(decoded.values()) == {1}
        second.read(item, [other, asset], one)
        assert np.array_equal(cache.read(item, [asset], one)[0], first)
        assert decoded[str(asset.path), 1, 0, 0] == 3
        assert memory._held <= memory.limit
        cache.close()
        second.close()
    assert memory._held == 0 and not memory._blocks
    with rasterio.open(asset.path) as file:
        assert np.array_equal(file.read(1)[one.slices], first)


@pytest.mark.parametrize("interleave", ["pixel", "band"])
def test_measuring_decodes_each_block_once(
    tmp_path: Path, decoded: Counter[tuple[object, ...]], interleave: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("cscl.series.walk.STRIP_BYTES", 1)  # strips of sixteen rows
    rng = np.random.Generator(np.random.PCG64(5))
    grid = grid_of(*SHAPE)
    layers = [random_numbers(rng, grid) for _ in range(3)] + [random_classes(rng, grid)]
    stack = np.stack([layer.astype(np.uint16) for layer in layers])
    path = write_band(
        tmp_path / "stack.tif", stack, interleave=interleave, tiled=True, blockxsize=32,
        blockysize=32,
    )  # fmt: skip
    assets = {f"B0{n}": Asset(path, n, nodata=0.0) for n in (1, 2, 3)}
    item = Pass("stack", assets, Asset(path, 4, 1.0, 0.0, None), {})
    layout = layout_of_passes([item], tuple(assets), grid, CloudMask())
    assert len(strips(layout)) == 5
    measure = measure_date([item], tuple(assets), CloudMask(), grid, JobContext())
    assert set(decoded.values()) == {1} and len(decoded) == all_blocks(item)
    valid = (stack[:3] != 0).all(axis=0) & CloudMask().clear(stack[3], 10.0)
    assert measure.valid == measure.passes[0].valid == valid.mean()
    assert measure.passes[0].cloud == np.isin(stack[3], (3, 8, 9, 10)).mean()
    assert measure.passes[0].masked == {
        code: (stack[3] == code).mean() for code in (3, 9, 10)
    }  # fmt: skip
    ordered = np.sort(stack[1][valid].astype(int))
    assert measure.dark == ordered[int(np.ceil(0.01 * len(ordered))) - 1] / 10_000


def test_measure_of_several_resolutions_and_passes(scene: TimeSeries, opened: SeriesReader) -> None:
    acquisition = scene.acquisitions[2]
    measure = measure_date(acquisition.passes, scene.bands, scene.mask, scene.grid, JobContext())
    merged = opened.read(scene.grid.whole).valid[2]
    assert measure.valid == merged.mean()
    codes = []
    for item in acquisition.passes:
        with rasterio.open(item.mask.path) as file:
            codes.append(file.read(1).repeat(2, axis=0).repeat(2, axis=1)[: SHAPE[0], : SHAPE[1]])
    clouds = np.logical_and(*(np.isin(part, (3, 8, 9, 10)) for part in codes))
    assert measure.cloud == (clouds & ~merged).mean()


def test_grids_members_and_types_stand_in_the_series_file(
    scene: TimeSeries, tmp_path: Path
) -> None:
    item = scene.acquisitions[1].passes[0]
    bands = dict(item.assets)
    bands["B02"] = replace(bands["B02"], member="A/IMG_DATA/é B02.jp2", dtype="int16", nodata=None)
    changed = replace(item, assets=bands)
    series = mixed_series([[changed], [scene.acquisitions[0].passes[0]]])
    write_series(series, tmp_path / "a.series.json")
    back = read_series(tmp_path / "a.series.json")
    assert back.acquisitions[0].passes[0].assets == bands
    assert back.acquisitions[0].passes[0].mask == item.mask
    assert layout_of(back) == layout_of(series)
