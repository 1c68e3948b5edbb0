"""The layers of a crop map, from logits to the numbers that are stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cscl.contract.codes import NO_DATA
from cscl.mapping.bands import Bands
from cscl.mapping.loops.likeness import mean_unlikeness
from cscl.mapping.loops.ranking import rank_pixels

# Shares are stored as whole 1/250; 255 says that there is no data.
STEPS = 250
NO_SHARE = 255
# Of the probabilities that are made at once.
BAND_BYTES = 2**20
FloatArray = NDArray[np.float32]
ByteArray = NDArray[np.uint8]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Layers:
    """One window of every layer: uint8 (H, W), `probabilities` (K, H, W)."""

    crops: ByteArray
    confidence: ByteArray
    second: ByteArray
    margin: ByteArray
    boundary: ByteArray
    probabilities: ByteArray

    @classmethod
    def empty(cls, height: int, width: int, classes: int) -> Layers:
        """Return layers that hold no data anywhere."""
        codes = np.full((height, width), NO_DATA, np.uint8)
        shares = np.full((height, width), NO_SHARE, np.uint8)
        bands = np.broadcast_to(shares, (classes, height, width))
        return cls(codes, shares, codes, shares, shares, bands)

    @classmethod
    def of_size(cls, height: int, width: int, classes: int) -> Layers:
        """Return layers to be filled."""
        codes, confidence, second, margin, boundary = np.empty((5, height, width), np.uint8)
        bands = np.empty((classes, height, width), np.uint8)
        return cls(codes, confidence, second, margin, boundary, bands)

    def only(self, inside: BoolArray) -> Layers:
        """Return the layers with no data where `inside` (H, W) is false."""
        codes = {name: getattr(self, name) for name in ("crops", "second")}
        shares = {
            name: getattr(self, name)
            for name in ("confidence", "margin", "boundary", "probabilities")
        }
        return Layers(
            **{name: np.where(inside, values, np.uint8(NO_DATA)) for name, values in codes.items()},
            **{
                name: np.where(inside, values, np.uint8(NO_SHARE))
                for name, values in shares.items()
            },
        )


def softmax(logits: FloatArray, temperature: float) -> FloatArray:
    """Return probabilities (K, H, W) of logits (K, H, W) divided by the temperature."""
    scaled = logits / np.float32(temperature)
    scaled -= scaled.max(axis=0, keepdims=True)
    np.exp(scaled, out=scaled)
    scaled /= scaled.sum(axis=0, keepdims=True)
    return scaled


def draw_layers(
    logits: FloatArray,
    seen: BoolArray,
    scale: int,
    temperature: float,
    codes: tuple[int, ...],
    strength: FloatArray | None,
    bands: Bands,
) -> Layers:
    """Return the layers of a window at a scale, as `make_layers` does of probabilities.

    `logits` (K, scale H, scale W) and `seen` (H, W), validity before `scale`, reach one pixel of
    the images' grid beyond the window, as does `strength`. A few rows at a time: probabilities of
    a whole window would leave the processor's caches.
    """
    height, width = logits.shape[1] - 2 * scale, logits.shape[2] - 2 * scale
    layers = Layers.of_size(height, width, len(codes))
    columns = slice(scale - 1, scale + width + 1)

    def draw(rows: range) -> None:
        around = slice(rows.start + scale - 1, rows.stop + scale + 1)
        shares = softmax(logits[:, around, columns], temperature)
        coarse = slice(around.start // scale, -(-around.stop // scale))
        valid = seen[coarse].repeat(scale, axis=0).repeat(scale, axis=1)
        start = around.start - coarse.start * scale
        valid = valid[start : start + shares.shape[1], columns]
        own = None if strength is None else strength[around, columns]
        made = make_layers(shares, np.ascontiguousarray(valid), codes, 1, own)
        for name, values in vars(made).items():
            getattr(layers, name)[..., rows.start : rows.stop, :] = values

    bands.each(height, draw, max(1, BAND_BYTES // (4 * len(codes) * (width + 2))))
    return layers


def make_layers(
    probabilities: FloatArray,
    valid: BoolArray,
    codes: tuple[int, ...],
    ring: int,
    strength: FloatArray | None = None,
) -> Layers:
    """Return the layers of a window.

    `probabilities` (K, H + 2 ring, W + 2 ring) and `valid` of the same height and width reach
    `ring` >= 1 pixels beyond the window on each side: the boundary strength looks at the
    neighbours. `codes` are those of the K classes. Where `valid` is false there is no data. The
    boundary strength is `strength` (H + 2 ring, W + 2 ring), or that of the probabilities.
    """
    if strength is None:
        strength = boundary_strength(probabilities, valid)
    inner = (slice(ring, -ring), slice(ring, -ring))
    known = valid[inner]
    out = np.empty((4, *known.shape), np.uint8)
    bands = np.empty((len(probabilities), *known.shape), np.uint8)
    rank_pixels(
        probabilities, valid, ring, np.asarray(codes, np.uint8), (NO_DATA, NO_SHARE),
        np.float32(STEPS), out, bands,
    )  # fmt: skip
    crops, confidence, second, margin = out
    return Layers(crops, confidence, second, margin, quantise(strength[inner], known), bands)


def quantise(shares: FloatArray, known: BoolArray) -> ByteArray:
    """Return shares 0..1 as whole 1/250, 255 where not known."""
    whole = np.rint(np.clip(np.nan_to_num(shares), 0.0, 1.0) * STEPS)
    return np.where(known, whole, NO_SHARE).astype(np.uint8)


def boundary_strength(probabilities: FloatArray, valid: BoolArray) -> FloatArray:
    """Return how little each pixel's class probabilities resemble its neighbours', 0..1.

    1 - mean over the valid ones of the eight neighbours of the Bhattacharyya coefficient
    sum_k sqrt(p_k q_k): 0 where all agree, 1 where they have no class in common. Shapes (H, W);
    0 where a pixel or all its neighbours are not valid.
    """
    strength = np.empty(valid.shape, np.float32)
    mean_unlikeness(np.asarray(probabilities, np.float32), valid, strength)
    return strength
