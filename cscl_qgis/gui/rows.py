"""Fields of a job in rows: each title above its editor, its help as a tooltip."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Optional, Tuple

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QFormLayout, QLabel, QSizePolicy, QWidget

from ...backend.cscl.contract.fields import Field
from ..words import told
from .editors import Editor, make_editor


def field_rows(rows: Iterable[Tuple[Field, QWidget]]) -> QFormLayout:
    """Return labels above their editors, so that a narrow dock cuts nothing off."""
    layout = QFormLayout()
    layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    layout.setVerticalSpacing(4)
    for field, widget in rows:
        if field.kind == "boolean":
            layout.addRow(widget)
            continue
        label = QLabel(told(field.title))
        label.setToolTip(told(field.help))
        label.setBuddy(widget)
        label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout.addRow(label, widget)
    return layout


class FieldRows(QWidget):
    """Edits some of a job's fields, one below the other."""

    changed = pyqtSignal()

    def __init__(self, fields: Iterable[Field], parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.editors: Dict[str, Editor] = {field.name: make_editor(field) for field in fields}
        layout = field_rows((item.field, item.widget) for item in self.editors.values())
        layout.setContentsMargins(0, 0, 0, 0)
        self.setLayout(layout)
        for editor in self.editors.values():
            editor.changed.connect(self.changed)

    def values(self) -> Dict[str, Any]:
        """Return the values of the fields without those that are left to the job."""
        return {name: value for name, value in self.state().items() if value is not None}

    def state(self) -> Dict[str, Any]:
        """Return all values as JSON's own types."""
        return {name: editor.value() for name, editor in self.editors.items()}

    def restore(self, state: Any) -> None:
        """Show what `state` returned; what it lacks is as in a new form."""
        for name, editor in self.editors.items():
            editor.set_value(state.get(name) if isinstance(state, dict) else None)
