"""How little each pixel's class probabilities resemble its neighbours'."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from cscl.compiled import compile_and_keep

compiled = functools.partial(compile_and_keep, error_model="numpy", nogil=True)


@compiled
def _take_row(shares: Any, valid: Any, row: int, roots: Any, known: Any) -> None:
    """Fill `known` (W) with 1 where a row is valid and `roots` (K, W) with its square roots."""
    for column in range(known.size):
        known[column] = valid[row, column]
    for index in range(len(shares)):
        source, target = shares[index, row], roots[index]
        for column in range(known.size):
            target[column] = np.sqrt(source[column]) * known[column]


@compiled
def _add_products(here: Any, there: Any, alike: Any) -> None:
    """Add the products of two rows to a third."""
    for column in range(alike.size):
        alike[column] += here[column] * there[column]


@compiled
def _add(row: Any, total: Any) -> None:
    """Add a row to another."""
    for column in range(total.size):
        total[column] += row[column]


@compiled
def _finish(total: Any, count: Any, strength: Any) -> None:
    """Fill a row of the result, and empty the sums."""
    for column in range(total.size):
        mean = total[column] / max(count[column], np.float32(1.0))
        strength[column] = np.float32(1.0) - mean if count[column] > 0 else np.float32(0.0)
        total[column] = 0.0
        count[column] = 0.0


@compiled
def mean_unlikeness(shares: Any, valid: Any, strength: Any) -> None:
    """Fill `strength` float32 (H, W) as `cscl.mapping.layers.boundary_strength` says.

    `shares` float32 (K, H, W), `valid` bool (H, W). Each pair of neighbours is compared once: its
    likeness belongs to both. Rows are taken two at a time, so that all stays near the processor.
    """
    classes, height, width = shares.shape
    roots = np.zeros((2, classes, width), np.float32)
    known = np.zeros((2, width), np.float32)
    total = np.zeros((2, width), np.float32)
    count = np.zeros((2, width), np.float32)
    alike, both = np.empty(width, np.float32), np.empty(width, np.float32)
    for row in range(height):
        own, other = row % 2, 1 - row % 2
        if row == 0:
            _take_row(shares, valid, row, roots[own], known[own])
        if row + 1 < height:
            _take_row(shares, valid, row + 1, roots[other], known[other])
        for down, right in ((0, 1), (1, -1), (1, 0), (1, 1)):
            if row + down == height:
                continue
            below = other if down else own
            here = slice(max(0, -right), width - max(0, right))
            there = slice(max(0, right), width - max(0, -right))
            alike[here] = 0.0
            both[here] = 0.0
            for index in range(classes):
                _add_products(roots[own, index, here], roots[below, index, there], alike[here])
            _add_products(known[own, here], known[below, there], both[here])
            # Where one of the two is not valid, the product is 0 as is the number.
            for place, part in ((own, here), (below, there)):
                _add(alike[here], total[place, part])
                _add(both[here], count[place, part])
        _finish(total[own], count[own], strength[row])
