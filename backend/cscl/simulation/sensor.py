"""How Sentinel-2's MSI sees the ground: point spread, sampling, misregistration, noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from cscl.simulation.catalogue import BANDS

FloatArray = NDArray[np.float32]

FINE = 2.5  # metres, the resolution at which the ground is drawn
FACTOR = 4  # ground cells in a pixel of 10 m
MARGIN = 16  # ground cells drawn around the scene: 40 m, three sigma of the widest spread

TEN_METRE = tuple(BANDS.index(name) for name in ("B02", "B03", "B04", "B08"))
TWENTY_METRE = tuple(BANDS.index(name) for name in ("B05", "B06", "B07", "B8A", "B11", "B12"))

# Misregistration between dates, in pixels of 10 m. Required after refinement on control points
# are 3 m at 95 % (ESA GMES-GSEG-EOPG-TN-09-0008, table 4-6); products of before that refinement
# are worse, so 0.3 pixel is the lower end here.
SHIFT_RANGE = (0.3, 0.5)
# Noise floor in reflectance: at a reference radiance of some 0.1 to 0.2 in reflectance the
# instrument's required signal-to-noise ratios are 72 (B8A) to 174 (B08) (Drusch et al. 2012).
NOISE_FLOOR = 0.0012


def spread_sigma(pixel: float, transfer: float) -> float:
    """Return the standard deviation in metres of the point spread of a band.

    A Gaussian with the modulation `transfer` m at the Nyquist frequency 1 / (2 pixel) has
    sigma = pixel * sqrt(-2 ln m) / pi.
    """
    return float(pixel * np.sqrt(-2.0 * np.log(transfer)) / np.pi)


def sampling_matrix(count: int, pixel: float, shift: float, transfer: float) -> csr_array:
    """Return the weights (count, ground cells) that blur and sample one axis.

    count: pixels of the band. pixel: their size in metres. shift: displacement in metres, towards
    later pixels. transfer: of the point spread at the Nyquist frequency. Ground cells run from
    `MARGIN` cells before the first pixel to as many behind the last; rows sum to one.
    """
    sigma = spread_sigma(pixel, transfer)
    per_pixel = round(pixel / FINE)
    reach = int(np.ceil(3 * sigma / FINE)) + 1
    centre = (np.arange(count) + 0.5) * pixel + shift + MARGIN * FINE
    nearest = np.floor(centre / FINE).astype(np.int64)
    columns = nearest[:, None] + np.arange(-reach, reach + 1)[None, :]
    distance = (columns + 0.5) * FINE - centre[:, None]
    weights = np.exp(-0.5 * (distance / sigma) ** 2)
    width = count * per_pixel + 2 * MARGIN
    weights[(columns < 0) | (columns >= width)] = 0.0
    weights /= weights.sum(axis=1, keepdims=True)
    rows = np.repeat(np.arange(count), columns.shape[1])
    matrix = csr_array(
        (weights.ravel().astype(np.float32), (rows, np.clip(columns, 0, width - 1).ravel())),
        shape=(count, width),
    )
    matrix.eliminate_zeros()
    return matrix


def sample(ground: FloatArray, rows: csr_array, columns: csr_array) -> FloatArray:
    """Return a band as the sensor samples the ground image."""
    down = rows @ ground
    return np.ascontiguousarray((columns @ np.ascontiguousarray(down.T)).T)


def add_noise(rng: np.random.Generator, band: FloatArray, relative: float) -> FloatArray:
    """Return a band with sensor noise: a floor and a share of the signal."""
    noise = rng.standard_normal(band.shape, dtype=np.float32)
    return band + noise * np.sqrt(NOISE_FLOOR**2 + (relative * band) ** 2, dtype=np.float32)


def digital_numbers(band: FloatArray) -> NDArray[np.uint16]:
    """Return reflectance as L2A digital numbers: times 10 000, 0 kept for no data."""
    return np.clip(np.rint(band * 10_000.0), 1, 65_534).astype(np.uint16)
