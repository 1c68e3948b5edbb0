"""What the person says about images: their dates, their bands, and days to leave out."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import Any, Dict, List, Set

from qgis.PyQt.QtCore import QDate, Qt

from ....backend.cscl.contract import atomic
from ....backend.cscl.contract.errors import UserError
from ....backend.cscl.contract.home import data_folder
from ...words import tr
from .images import ImageRow

COLUMNS = ("image", "date", "bands", "scale", "offset", "nodata", "level")
LARGEST_BYTES = 1024 * 1024


class Said:
    """Kept by the name that the engine's table of images has for each."""

    def __init__(self) -> None:
        self.dates: Dict[str, str] = {}
        self.bands: Dict[str, str] = {}
        self.without: Set[str] = set()

    def tell_date(self, row: ImageRow, text: str) -> None:
        """Say an image's date as YYYY-MM-DD; an empty text takes it back. Raises `UserError`."""
        day = text.strip()
        if day and not QDate.fromString(day, Qt.DateFormat.ISODate).isValid():
            raise UserError(
                "invalid_day", row.source, tr("{text} is no day", text=day),
                tr("Write it as 2021-06-01."),
            )  # fmt: skip
        _put(self.dates, row.told_name, day)

    def tell_bands(self, row: ImageRow, text: str) -> None:
        """Say the names of an image's bands in their order; an empty text takes it back."""
        _put(self.bands, row.told_name, " ".join(text.replace(",", " ").split()))

    def keep_only(self, rows: List[ImageRow]) -> None:
        """Forget what was said of images that are not there any more."""
        names = {row.told_name for row in rows}
        days = {row.date for row in rows}
        self.dates = {name: day for name, day in self.dates.items() if name in names}
        self.bands = {name: text for name, text in self.bands.items() if name in names}
        self.without &= days

    def question_values(self) -> Dict[str, Any]:
        """Return what the question `look` is told."""
        values = {"dates_of": dict(self.dates), "bands_of": dict(self.bands)}
        return {name: value for name, value in values.items() if value}

    def job_values(self, table: str) -> Dict[str, Any]:
        """Return what the job `series` is told; `table` is the person's own image table, if any.

        Dates and bands become a table of ours. Raises `UserError` where theirs cannot be read.
        """
        values: Dict[str, Any] = {"image_table": table or None}
        if self.dates or self.bands:
            values["image_table"] = self._written(_rows_of(table) if table else [])
        if self.without:
            values["without"] = ", ".join(sorted(self.without))
        return {name: value for name, value in values.items() if value is not None}

    def state(self) -> Dict[str, Any]:
        """Return all of it as JSON's own types."""
        return {
            "dates": self.dates, "bands": self.bands, "without": sorted(self.without),
        }  # fmt: skip

    def restore(self, state: Any) -> None:
        """Take what `state` returned."""
        kept = state if isinstance(state, dict) else {}
        self.dates, self.bands = _texts(kept.get("dates")), _texts(kept.get("bands"))
        days = kept.get("without")
        self.without = {str(day) for day in days} if isinstance(days, list) else set()

    def _written(self, rows: List[Dict[str, str]]) -> str:
        """Write a table of these rows and what was said, and return its path."""
        by_name = {row.get("image", ""): row for row in rows}
        for column, told in (("date", self.dates), ("bands", self.bands)):
            for name, text in told.items():
                by_name.setdefault(name, {"image": name})[column] = text
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(by_name.values())
        content = text.getvalue()
        name = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        path = data_folder() / "image-tables" / f"{name}.csv"
        if not path.exists():
            atomic.write_text(path, content)
        return str(path)


def _rows_of(table: str) -> List[Dict[str, str]]:
    try:
        path = Path(table)
        if path.stat().st_size > LARGEST_BYTES:
            raise ValueError(tr("it is too large"))
        with open(path, encoding="utf-8-sig", newline="") as handle:
            rows = [
                {(key or "").strip(): value for key, value in row.items()}
                for row in csv.DictReader(handle)
            ]
        unknown = {key for row in rows for key in row} - set(COLUMNS)
        if unknown:
            raise ValueError(tr("it has the columns {names}", names=", ".join(sorted(unknown))))
    except (OSError, ValueError, csv.Error) as error:
        columns = ", ".join(COLUMNS)
        raise UserError(
            "invalid_image_table", table, str(error),
            tr("Write a CSV with some of the columns {columns}.", columns=columns),
        ) from None  # fmt: skip
    return rows


def _put(told: Dict[str, str], name: str, text: str) -> None:
    if text:
        told[name] = text
    else:
        told.pop(name, None)


def _texts(value: Any) -> Dict[str, str]:
    found = value if isinstance(value, dict) else {}
    return {str(key): str(text) for key, text in found.items() if isinstance(text, str)}
