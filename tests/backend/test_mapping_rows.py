"""Maps: work on rows gives what work on whole windows gives; overviews."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import rasterio
from cscl.mapping import layers as mapping_layers
from cscl.mapping.bands import Bands
from cscl.mapping.layers import draw_layers, make_layers, softmax
from cscl.mapping.overviews import add_overviews
from cscl.models.inputs import prepare, prepare_rows
from hypothesis import given, settings
from hypothesis import strategies as st

CODES = (4, 9, 254)


@given(st.integers(0, 40), st.integers(1, 4), st.integers(1, 20))
@settings(max_examples=30, deadline=None)
def test_bands_make_up_all_rows_once(height: int, threads: int, tallest: int) -> None:
    bands, seen = Bands(threads), []
    bands.each(height, seen.append, tallest)
    bands.close()
    assert sorted(row for part in seen for row in part) == list(range(height))
    assert max((len(part) for part in seen), default=0) <= tallest


@pytest.mark.parametrize("threads", [1, 3])
def test_an_error_in_a_band_is_raised(threads: int) -> None:
    bands = Bands(threads)
    with pytest.raises(ZeroDivisionError):
        bands.each(7, lambda rows: 1 // (rows.start - rows.start))
    bands.close()


@pytest.mark.parametrize("scale", [1, 4])
@pytest.mark.parametrize("own_strength", [False, True])
@pytest.mark.parametrize("threads", [1, 2])
def test_layers_by_bands_are_those_of_the_whole_window(
    scale: int, own_strength: bool, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(scale)
    shape = (3, 13 * scale, 11 * scale)
    logits = rng.normal(0, 2, shape).astype(np.float32)
    seen = rng.random((13, 11)) < 0.8
    strength = rng.random(shape[1:]).astype(np.float32) if own_strength else None
    valid = seen.repeat(scale, axis=0).repeat(scale, axis=1)
    wanted = make_layers(softmax(logits, 1.4), valid, CODES, scale, strength)
    for rows in (1, 3, 100):
        monkeypatch.setattr(mapping_layers, "BAND_BYTES", rows * 4 * 3 * (9 * scale + 2))
        bands = Bands(threads)
        found = draw_layers(logits, seen, scale, 1.4, CODES, strength, bands)
        bands.close()
        for name, values in vars(wanted).items():
            np.testing.assert_array_equal(getattr(found, name), values, err_msg=name)
    assert (wanted.crops == 0).any() and len(np.unique(wanted.crops)) == 4


def test_rows_are_filled_as_the_whole_is() -> None:
    rng = np.random.default_rng(3)
    values = rng.random((5, 2, 12, 7), dtype=np.float32)
    valid = rng.random((5, 12, 7)) < 0.6
    valid[:, 4] = True
    valid[:, 7, 2] = False
    values[2, 1, 4, 3] = np.nan
    days = np.array([3, 10, 40, 41, 90], np.float32)
    card = SimpleNamespace(mean=(0.2, 0.4), std=(0.1, 0.3))
    images, _, known = prepare(values, valid, days, card)
    # By hand: between the dates before and after, the rest is normalised alone.
    at = (values[1, 1, 4, 3] + (values[3, 1, 4, 3] - values[1, 1, 4, 3]) * 30 / 31 - 0.4) / 0.3
    assert images[0, 2, 1, 4, 3].item() == pytest.approx(at, abs=1e-6)
    assert images[0, 3, 0, 4, 3].item() == pytest.approx((values[3, 0, 4, 3] - 0.2) / 0.1, abs=1e-6)
    assert not known[0, :, 7, 2].any() and (images[0, :, :, 7, 2] == 0).all()
    part, own = np.full((5, 2, 6, 7), 9, np.float32), np.zeros((5, 6, 7), bool)
    for rows in (range(4), range(4, 6)):
        prepare_rows(values, valid, days, card, 3, rows, part, own)
    np.testing.assert_array_equal(part, images[0, :, :, 3:9].numpy())
    np.testing.assert_array_equal(own, known[0, :, 3:9].numpy())


def half(values: np.ndarray, missing: int, modes: bool) -> np.ndarray:
    """Halve a raster pixel by pixel."""
    height, width = (-(-size // 2) for size in values.shape)
    result = np.full((height, width), missing, np.uint8)
    for row in range(height):
        for col in range(width):
            block = values[2 * row : 2 * row + 2, 2 * col : 2 * col + 2].ravel()
            known = [int(value) for value in block if value != missing]
            if known and modes:
                result[row, col] = Counter(known).most_common(1)[0][0]
            elif known:
                result[row, col] = int(np.floor(sum(known) / len(known) + 0.5))
    return result


@pytest.mark.parametrize("modes", [False, True])
def test_overviews_are_found_by_gdal_and_hold_the_halves(tmp_path: Path, modes: bool) -> None:
    rng = np.random.default_rng(0)
    missing = 0 if modes else 255
    values = rng.integers(0, 4 if modes else 256, (2, 601, 521), np.uint8)
    values[:, 40:60, 30:70] = missing
    path = tmp_path / "layer.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=521, height=601, count=2, dtype="uint8", nodata=missing,
        crs="EPSG:32631", transform=rasterio.Affine(10, 0, 5e5, 0, -10, 5e6), tiled=True,
    ) as file:  # fmt: skip
        file.write(values)
    assert [item.name for item in add_overviews(path, modes=modes)] == [
        "layer.tif.ovr", "layer.tif.ovr.ovr"
    ]  # fmt: skip
    with rasterio.open(path) as file:
        assert file.overviews(1) == file.overviews(2) == [2, 4]
    for level in range(2):
        values = np.stack([half(band, missing, modes) for band in values])
        with rasterio.open(path, overview_level=level) as file:
            np.testing.assert_array_equal(file.read(), values)
