"""The layers of a crop map, from logits to the numbers that are stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cscl.contract.codes import NO_DATA
from cscl.mapping.loops.ranking import rank_pixels

# Shares are stored as whole 1/250; 255 says that there is no data.
STEPS = 250
NO_SHARE = 255
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
    inner = (slice(ring, -ring), slice(ring, -ring))
    if strength is None:
        strength = boundary_strength(probabilities, valid)
    middle, known = probabilities[:, inner[0], inner[1]], valid[inner]
    out = np.full((4, *known.shape), NO_SHARE, np.uint8)
    out[[0, 2]] = NO_DATA
    bands = np.full(middle.shape, NO_SHARE, np.uint8)
    rank_pixels(middle, known, np.asarray(codes, dtype=np.uint8), out, bands, STEPS)
    crops, confidence, second, margin = out
    edges = quantise(strength[inner], known)
    return Layers(crops, confidence, second, margin, edges, bands)


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
    roots = np.where(valid, np.sqrt(probabilities), np.float32(0))
    height, width = valid.shape
    total = np.zeros((height, width), np.float32)
    count = np.zeros((height, width), np.float32)
    # Each pair of neighbours once: its likeness belongs to both.
    for down, right in ((0, 1), (1, -1), (1, 0), (1, 1)):
        here = (slice(0, height - down), slice(max(0, -right), width - max(0, right)))
        there = (slice(down, height), slice(max(0, right), width - max(0, -right)))
        alike = np.einsum("khw,khw->hw", roots[:, here[0], here[1]], roots[:, there[0], there[1]])
        both = (valid[here] & valid[there]).astype(np.float32)
        for part in (here, there):
            total[part] += alike * both
            count[part] += both
    return np.where(count > 0, 1.0 - total / np.maximum(count, 1.0), 0.0).astype(np.float32)
