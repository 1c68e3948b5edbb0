"""The confusion matrices of a folder, and the field that says what was declared."""

from __future__ import annotations

from typing import List, Optional

from qgis.core import QgsVectorLayer
from qgis.gui import QgsFieldComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QLabel, QVBoxLayout, QWidget

from ...layers.folder import ResultsFolder
from ...words import tr
from .matrices import Matrix, parcel_matrix
from .matrix_view import MatrixView
from .parcel_table import ParcelRow


class ScoresPart(QWidget):
    """Shows matrices of parcels first, then those of an evaluation."""

    field_changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.class_field = QgsFieldComboBox()
        self.class_field.setObjectName("cscl_declared_field")
        self.class_field.setAllowEmptyFieldName(True)
        self.class_field.setToolTip(tr("The field of the parcels with the declared class"))
        self._label = QLabel(tr("Field of the declared class"))
        self._label.setBuddy(self.class_field)
        self.matrix = MatrixView()
        self.matrix.layout().setContentsMargins(0, 0, 0, 0)
        layout = QVBoxLayout(self)
        layout.setSpacing(4)
        layout.addWidget(self._label)
        layout.addWidget(self.class_field)
        layout.addSpacing(4)
        layout.addWidget(self.matrix, 1)
        self.class_field.fieldChanged.connect(lambda _: self.field_changed.emit())

    def set_layer(self, layer: Optional[QgsVectorLayer], class_field: str) -> None:
        """Offer the fields of the classified parcels."""
        self.class_field.blockSignals(True)
        self.class_field.setLayer(layer)
        self.class_field.setField(class_field)
        self.class_field.blockSignals(False)
        for widget in (self._label, self.class_field):
            widget.setVisible(layer is not None)

    def show_scores(
        self, folder: Optional[ResultsFolder], rows: List[ParcelRow], scores: List[Matrix]
    ) -> None:
        """Show the matrices of the parcels that were read and of the report."""
        if folder is None or folder.table is None:
            self.matrix.say(tr("Choose a folder with a map above."))
            return
        outside = folder.document.get("outside") == "class"
        found = [parcel_matrix(rows, folder.table, outside, unseen) for unseen in (True, False)]
        matrices = [matrix for matrix in found if matrix.total] + scores
        if matrices:
            self.matrix.show_matrices(matrices, folder.table)
        else:
            self.matrix.say(
                tr("There is nothing to count yet: choose the field of the declared class, or "
                   "evaluate the model.")
            )  # fmt: skip
