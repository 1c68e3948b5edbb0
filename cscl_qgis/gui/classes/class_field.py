"""The field that holds the declared crop, or an expression over fields."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsVectorLayer
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QSizePolicy, QWidget

from ...words import tr


class ClassFieldBox(QComboBox):
    """Lists the fields of a layer; anything else that is typed is an expression."""

    chosen = pyqtSignal(str)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("cscl_class_field")
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.lineEdit().setPlaceholderText(tr("Field or expression"))
        self.lineEdit().setClearButtonEnabled(True)
        self._told = ""
        self.activated.connect(self._tell)
        self.lineEdit().editingFinished.connect(self._tell)

    def text(self) -> str:
        """Return the field or the expression."""
        return str(self.currentText()).strip()

    def set_text(self, text: str) -> None:
        """Show a field or an expression."""
        self.setCurrentIndex(self.findText(text))
        self.setEditText(text)
        self._told = self.text()

    def follow(self, layer: Optional[QgsVectorLayer]) -> None:
        """List the fields of a layer; what was chosen stays where the layer has it."""
        before = self.text()
        names = [] if layer is None else layer.fields().names()
        self.blockSignals(True)
        self.clear()
        self.addItems(names)
        self.blockSignals(False)
        self.set_text(before if before in names else "")

    def _tell(self, *_: object) -> None:
        if self.text() != self._told:
            self._told = self.text()
            self.chosen.emit(self._told)
