"""Parcels to a file in another format: which fields, which reference system, where to."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional

from qgis.core import QgsCoordinateReferenceSystem
from qgis.gui import QgsCheckableComboBox, QgsFileWidget, QgsProjectionSelectionWidget
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ....backend.cscl.contract.fields import fields_of
from ....backend.cscl.contract.jobs import ExportJob
from ...words import told, tr
from ..editors import make_editor
from ..parts import named_button
from ..rows import field_rows

JOB = "export"


class ExportPart(QWidget):
    """Edits the fields of an `ExportJob` but its layer; `wanted` asks for the export."""

    wanted = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        described = {field.name: field for field in fields_of(ExportJob)}
        self.format = make_editor(described["format"])
        self.overwrite = make_editor(described["overwrite"])
        self.fields = QgsCheckableComboBox()
        self.fields.setObjectName("cscl_fields")
        self.fields.setDefaultText(tr("All fields"))
        self.crs = QgsProjectionSelectionWidget()
        self.crs.setObjectName("cscl_crs")
        self.crs.setOptionVisible(QgsProjectionSelectionWidget.CrsOption.CrsNotSet, True)
        self.crs.setNotSetText(tr("As the parcels"))
        self.output = QgsFileWidget()
        self.output.setObjectName("cscl_export_output")
        self.output.setStorageMode(QgsFileWidget.StorageMode.SaveFile)
        self.output.setConfirmOverwrite(False)
        self.button = named_button("cscl_export", tr("Export"), tr("Write the parcels to the file"))
        layout = QVBoxLayout(self)
        widgets = {
            "format": self.format.widget, "fields": self.fields, "crs": self.crs,
            "output": self.output, "overwrite": self.overwrite.widget,
        }  # fmt: skip
        for name, widget in widgets.items():
            widget.setToolTip(told(described[name].help))
            _expand(widget)
        layout.addLayout(field_rows((described[name], item) for name, item in widgets.items()))
        layout.addSpacing(6)
        layout.addWidget(self.button)
        layout.addStretch(1)
        self.button.clicked.connect(self.wanted)
        self.format.changed.connect(self._format_changed)
        self._format_changed()
        self.crs.setCrs(QgsCoordinateReferenceSystem())

    def offer(self, fields: List[str]) -> None:
        """Offer the fields of a layer; none checked means all."""
        checked = set(self.fields.checkedItems())
        self.fields.clear()
        self.fields.addItems(fields)
        self.fields.setCheckedItems([name for name in fields if name in checked])

    def values(self, layer: str) -> Dict[str, Any]:
        """Return the values of the job; what was left open is left out."""
        crs = self.crs.crs()
        values = {
            "layer": layer,
            "output": self.output.filePath().strip() or None,
            "format": self.format.value(),
            "fields": list(self.fields.checkedItems()) or None,
            "crs": (crs.authid() or crs.toWkt()) if crs.isValid() else None,
            "overwrite": self.overwrite.value(),
        }
        return {name: value for name, value in values.items() if value is not None}

    def state(self) -> Dict[str, Any]:
        """Return what the project keeps."""
        return {"format": self.format.value(), "output": self.output.filePath()}

    def restore(self, state: Dict[str, Any]) -> None:
        """Show what `state` returned."""
        self.format.set_value(state.get("format"))
        self.output.setFilePath(str(state.get("output") or ""))

    def _format_changed(self) -> None:
        ending, title = self.format.value(), self.format.widget.currentText()
        self.output.setFilter(f"{title} (*.{ending})")
        path = self.output.filePath().strip()
        if path:
            self.output.setFilePath(str(Path(path).with_suffix(f".{ending}")))


def _expand(widget: QWidget) -> None:
    policy = widget.sizePolicy()
    policy.setHorizontalPolicy(QSizePolicy.Policy.Expanding)
    widget.setSizePolicy(policy)
