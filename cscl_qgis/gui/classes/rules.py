"""Which ground is which: outside of parcels, at their edges, in small ones, of rare classes."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.gui import QgsCollapsibleGroupBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

from ....backend.cscl.contract.fields import fields_of
from ....backend.cscl.contract.jobs import DatasetJob
from ...words import tr
from ..rows import FieldRows

MAIN = ("outside",)
DETAILS = ("inner_buffer", "minimum_area", "minimum_width", "rare_pixels", "rare")
NAMES = (*MAIN, *DETAILS)
CHECKED = ("inner_buffer", "minimum_area", "minimum_width")  # what the check looks at too


class RulesForm(QWidget):
    """Edits these fields of the job that builds datasets."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        known = {field.name: field for field in fields_of(DatasetJob)}
        self.main = FieldRows([known[name] for name in MAIN])
        self.details = FieldRows([known[name] for name in DETAILS])
        self.group = QgsCollapsibleGroupBox(tr("Edges, small parcels, rare classes"))
        self.group.setObjectName("cscl_rules")
        self.group.setSaveCollapsedState(False)
        self.group.setCollapsed(True)
        inner = QVBoxLayout(self.group)
        inner.addWidget(self.details)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.main)
        layout.addWidget(self.group)
        self.main.changed.connect(self.changed)
        self.details.changed.connect(self.changed)

    def values(self) -> Dict[str, Any]:
        """Return the values of the fields."""
        return {**self.main.values(), **self.details.values()}

    def checked(self) -> Dict[str, Any]:
        """Return the values that the check of parcels takes."""
        return {name: value for name, value in self.values().items() if name in CHECKED}

    def state(self) -> Dict[str, Any]:
        """Return what the project keeps."""
        return {**self.main.state(), **self.details.state()}

    def restore(self, state: Any) -> None:
        """Show what `state` returned."""
        self.main.restore(state)
        self.details.restore(state)
