"""What is chosen about a time series: season, output, and the job's other options."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Sequence

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QStandardPaths
from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

from ....backend.cscl.contract.fields import fields_of
from ....backend.cscl.contract.jobs import SeriesJob
from ..editors import make_editor
from ..parts import scrolled
from ..rows import FieldRows

ENDING = ".series.json"
FIELDS = {field.name: field for field in fields_of(SeriesJob)}
# Asked for elsewhere on the page.
ELSEWHERE = ("images", "season", "output", "without")
# Endings that say what a thing is, and are no part of its name.
FORMS = (".safe", ".zip", ".tif", ".tiff", ".jp2", ".vrt", ".nc", ".nc4", ".cdf", ".zarr", ".json")
LOOKED_AT = ("until", "mask", "mask_band", "mask_values", "mask_dilation", "image_table")


class SeriesOptions(QWidget):
    """The job's options, made from their own descriptions; season and output stand apart."""

    def __init__(self) -> None:
        super().__init__()
        self.season = make_editor(FIELDS["season"])
        self.output = make_editor(FIELDS["output"])
        self.rows = FieldRows(item for name, item in FIELDS.items() if name not in ELSEWHERE)
        self._suggested = ""
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 4, 6, 0)
        column.addWidget(self.rows)
        column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolled(inner))

    def suggest_output(self, sources: Sequence[str]) -> None:
        """Name the output after the images, unless the person has named it."""
        if self.output.value() not in (None, self._suggested):
            return
        self._suggested = _free_name(_name_of(sources)) if sources else ""
        self.output.set_value(self._suggested)

    def set_values(self, values: Dict[str, Any]) -> None:
        """Show values of some of the options."""
        for name, value in values.items():
            self.rows.editors[name].set_value(value)

    def question_values(self) -> Dict[str, Any]:
        """Return what the question `look` takes of it."""
        values = self.rows.values()
        chosen = {name: values[name] for name in LOOKED_AT if name in values}
        if values.get("bands"):
            parts = [part.strip() for part in values["bands"].split(",")]
            chosen["bands"] = [part for part in parts if part]
        if self.season.value():
            chosen["season"] = self.season.value()
        return chosen

    def job_values(self) -> Dict[str, Any]:
        """Return what the job takes of it."""
        values = {**self.rows.values(), "season": self.season.value()}
        return {name: value for name, value in values.items() if value is not None}

    def state(self) -> Dict[str, Any]:
        """Return what the project keeps."""
        return {
            "season": self.season.value(),
            "output": self.output.value(),
            "suggested": self._suggested,
            "options": self.rows.state(),
        }

    def restore(self, state: Any) -> None:
        """Show what `state` returned."""
        kept = state if isinstance(state, dict) else {}
        self.season.set_value(kept.get("season"))
        self.output.set_value(kept.get("output"))
        self._suggested = str(kept.get("suggested") or "")
        self.rows.restore(kept.get("options"))


def _name_of(sources: Sequence[str]) -> str:
    """Return what images are called: the folder of several files, else the first of them."""
    first = Path(sources[0])
    folders = {Path(source).parent for source in sources}
    several = len(sources) > 1 and len(folders) == 1 and first.suffix.lower() in FORMS
    name = first.parent.name if several else first.name
    for ending in (ENDING, *FORMS):
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
    return name or "images"


def _free_name(name: str) -> str:
    """Return a file for a time series of this name beside the project; none that is there."""
    documents = QStandardPaths.StandardLocation.DocumentsLocation
    folder = Path(QgsProject.instance().homePath() or QStandardPaths.writableLocation(documents))
    path = folder / f"{name}{ENDING}"
    count = 2
    while path.exists():
        path = folder / f"{name}-{count}{ENDING}"
        count += 1
    return str(path)
