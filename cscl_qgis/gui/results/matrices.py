"""Confusion matrices: of the parcels, and of the pixels that an evaluation scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from ....backend.cscl.contract.classes import ClassTable
from ....backend.cscl.contract.codes import OUTSIDE
from ....backend.cscl.contract.errors import UserError
from ...words import tr
from .parcel_table import ParcelRow

PARCELS, UNSEEN_PARCELS = "parcels", "unseen"
# The forest is there to compare with; other methods of a report are its own checks.
METHODS = ("network", "forest")


@dataclass(frozen=True)
class Matrix:
    """Counts by true or declared class (rows) and mapped class (columns).

    `codes` are the classes of both; `title` says what is counted and `unit` in what.
    """

    key: str
    title: str
    unit: str
    codes: Tuple[int, ...]
    counts: Tuple[Tuple[int, ...], ...]

    @property
    def total(self) -> int:
        """All that is counted."""
        return sum(map(sum, self.counts))

    @property
    def right(self) -> int:
        """What lies on the diagonal."""
        return sum(row[index] for index, row in enumerate(self.counts))

    def recall(self, index: int) -> Optional[float]:
        """Return the share of a row that is right (producer's accuracy), if it has any."""
        whole = sum(self.counts[index])
        return self.counts[index][index] / whole if whole else None

    def precision(self, index: int) -> Optional[float]:
        """Return the share of a column that is right (user's accuracy), if it has any."""
        whole = sum(row[index] for row in self.counts)
        return self.counts[index][index] / whole if whole else None


def parcel_matrix(
    rows: Sequence[ParcelRow], table: ClassTable, outside: bool, only_unseen: bool
) -> Matrix:
    """Return declared against mapped classes of parcels that have both."""
    codes = table.network_codes("class" if outside else "ignore")
    place = {code: index for index, code in enumerate(codes)}
    counts = [[0] * len(codes) for _ in codes]
    by_value = table.by_value
    for row in rows:
        declared = by_value.get(row.declared, 0)
        if declared in place and row.code in place and (row.unseen or not only_unseen):
            counts[place[declared]][place[row.code]] += 1
    key, title = (
        (UNSEEN_PARCELS, tr("Parcels that the model has not seen"))
        if only_unseen
        else (PARCELS, tr("All parcels"))
    )
    return Matrix(key, title, tr("parcels"), codes, tuple(map(tuple, counts)))


def report_matrices(report: Any, subject: object) -> List[Matrix]:
    """Return the matrices of a report's scores, those of the network first.

    A report of another kind, such as of areas, has none. Raises `UserError` where it is damaged.
    """
    try:
        return [
            _report_matrix(entry)
            for method in METHODS
            for entry in report.get("confusion", [])
            if entry["method"] == method
        ]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise UserError(
            "damaged_report", subject,
            tr("its confusion matrices are not as this version writes them"),
            tr("Evaluate the model again."),
        ) from None  # fmt: skip


def cell_parcels(
    rows: Sequence[ParcelRow], table: ClassTable, matrix: Matrix, row: int, column: int
) -> List[ParcelRow]:
    """Return the parcels declared as one class and mapped as another, as a cell counts them.

    For a matrix of pixels these are the unseen parcels of the two classes.
    """
    wanted, mapped = matrix.codes[row], matrix.codes[column]
    by_value = table.by_value
    return [
        item
        for item in rows
        if item.code == mapped
        and by_value.get(item.declared, 0) == wanted
        and (matrix.key == PARCELS or item.unseen)
    ]


def class_name(table: ClassTable, code: int) -> str:
    """Return the name of a class, that of other land in the person's language."""
    return tr("other land") if code == OUTSIDE else table.name_of(code)


def _report_matrix(entry: Dict[str, Any]) -> Matrix:
    codes = tuple(int(code) for code in entry["codes"])
    counts = tuple(tuple(int(value) for value in row) for row in entry["matrix"])
    if len(counts) != len(codes) or any(len(row) != len(codes) for row in counts):
        raise ValueError("not square")
    method, reference, resolution = (
        str(entry[name]) for name in ("method", "reference", "resolution")
    )
    return Matrix(
        f"{method}/{reference}/{resolution}",
        _report_title(method, reference, resolution),
        tr("pixels"),
        codes,
        counts,
    )


def _report_title(method: str, reference: str, resolution: str) -> str:
    against = tr("truth") if reference == "truth" else tr("declaration")
    if method == "forest":
        return tr(
            "Test pixels of {resolution} m against {reference}, random forest",
            resolution=resolution, reference=against,
        )  # fmt: skip
    return tr(
        "Test pixels of {resolution} m against {reference}",
        resolution=resolution, reference=against,
    )  # fmt: skip
