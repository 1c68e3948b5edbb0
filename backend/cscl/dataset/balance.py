"""How the classes are shared among training, validation and test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cscl.contract.classes import ClassTable
from cscl.contract.codes import OUTSIDE
from cscl.dataset.split import SPLITS

HECTARE = 10_000.0  # square metres


@dataclass(frozen=True)
class Share:
    """What one split has of one class; `pixels` are labelled ones of 10 m, after the guard."""

    parcels: int
    hectares: float
    pixels: int


@dataclass(frozen=True)
class ClassBalance:
    """One class and its share of each split, by the split's name."""

    code: int
    name: str
    shares: dict[str, Share]

    @property
    def empty(self) -> bool:
        """Whether no split has a parcel or a pixel of it."""
        return not any(share.parcels or share.pixels for share in self.shares.values())


def class_balance(
    classes: ClassTable,
    codes: ArrayLike,
    splits: ArrayLike,
    areas: ArrayLike,
    pixels: Mapping[str, Mapping[int, int]],
) -> list[ClassBalance]:
    """Return the balance of every class and of land outside parcels, if any pixel is of it.

    `codes`, `splits` (names) and `areas` (square metres) are those of the parcels (N,), `pixels`
    the labelled pixels by split and class code.
    """
    of_class, of_split = np.asarray(codes), np.asarray(splits)
    hectares = np.asarray(areas, dtype=np.float64) / HECTARE
    outside = any(pixels[split].get(OUTSIDE) for split in SPLITS)
    rows = []
    for code in (*classes.codes, *((OUTSIDE,) if outside else ())):
        shares = {}
        for split in SPLITS:
            own = (of_class == code) & (of_split == split)
            shares[split] = Share(
                int(own.sum()), float(hectares[own].sum()), int(pixels[split].get(code, 0))
            )
        rows.append(ClassBalance(code, classes.name_of(code), shares))
    return rows


def balance_note(rows: Sequence[ClassBalance]) -> str:
    """Return the balance as a table in words: a line a class, parcels, hectares and pixels.

    Classes of the table that do not occur are named together.
    """
    absent = [row.name for row in rows if row.empty]
    table: list[list[Any]] = [["class", *(f"{split}" for split in SPLITS)]]
    for row in rows:
        if row.empty:
            continue
        cells = [
            f"{share.parcels} / {share.hectares:.1f} ha / {share.pixels}"
            for share in row.shares.values()
        ]
        table.append([row.name, *cells])
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    ]
    if absent:
        lines.append(f"In no split: {', '.join(absent)}.")
    return "\n".join(["Classes by split (parcels / hectares / labelled pixels):", *lines])
