"""The settings of a training, made from the fields of its two jobs."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.gui import QgsCollapsibleGroupBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from ...words import tr
from ..rows import FieldRows
from .plan import BOTH, FINETUNE, MAIN, PRETRAIN, Settings, field, own_fields


class TrainingForm(QWidget):
    """Edits pretraining and fine-tuning as one: what both have is asked once."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.first = FieldRows([field("dataset")])
        self.pretrain = QCheckBox(tr("Pretrain first"))
        self.pretrain.setObjectName("cscl_pretrain_first")
        self.pretrain.setToolTip(
            tr(
                "Teach the network which neighbouring pixels are alike before it learns classes. "
                "It finds the edges of parcels better then."
            )
        )
        self.model = FieldRows([field("model")])
        self.main = FieldRows([field(name) for name in MAIN[1:]])
        self.both = FieldRows([field(name) for name in BOTH])
        self.own = {job: FieldRows(own_fields(job)) for job in (PRETRAIN, FINETUNE)}
        self._groups: Dict[str, QgsCollapsibleGroupBox] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self.first, self.pretrain, self.model, self.main):
            layout.addWidget(part)
        layout.addWidget(self._group("both", tr("Network, labels and device"), self.both))
        layout.addWidget(self._group(PRETRAIN, tr("Pretraining"), self.own[PRETRAIN]))
        layout.addWidget(self._group(FINETUNE, tr("Fine-tuning"), self.own[FINETUNE]))
        layout.addStretch(1)
        self._name_widgets()
        for rows in (self.first, self.model, self.main, self.both, *self.own.values()):
            rows.changed.connect(self.changed)
        self.pretrain.toggled.connect(self._toggled)
        self.restore({})

    def settings(self) -> Settings:
        """Return what was entered."""
        main = {**self.first.values(), **self.main.values(), **self.model.values()}
        own = {job: rows.values() for job, rows in self.own.items()}
        return Settings(main, self.both.values(), own, self.pretrain.isChecked())

    def value(self, name: str) -> Any:
        """Return the value of one of the fields that are seen first."""
        rows = self.first if name == "dataset" else self.main
        return rows.editors[name].value()

    def set_value(self, name: str, value: Any) -> None:
        """Show another value of one of the fields that are seen first."""
        rows = self.first if name == "dataset" else self.main
        rows.editors[name].set_value(value)

    def show_job(self, job: str, values: Dict[str, Any]) -> None:
        """Show the values of an earlier job of either kind; the other's own stay as they are."""
        for rows in (self.first, self.main, self.both, self.own[job]):
            for name, editor in rows.editors.items():
                if name in values and name != "output":
                    editor.set_value(values[name])
        self.pretrain.setChecked(job == PRETRAIN)
        self.model.restore({"model": values.get("model")})

    def state(self) -> Dict[str, Any]:
        """Return what the project keeps."""
        return {
            "main": {**self.first.state(), **self.model.state(), **self.main.state()},
            "both": self.both.state(),
            "own": {job: rows.state() for job, rows in self.own.items()},
            "pretrain": self.pretrain.isChecked(),
            "open": [name for name, box in self._groups.items() if not box.isCollapsed()],
        }

    def restore(self, state: Dict[str, Any]) -> None:
        """Show what `state` returned; what is missing in it is as in a new project."""
        for rows in (self.first, self.model, self.main):
            rows.restore(state.get("main"))
        self.both.restore(state.get("both"))
        own = state.get("own")
        for job, rows in self.own.items():
            rows.restore(own.get(job) if isinstance(own, dict) else None)
        self.pretrain.setChecked(state.get("pretrain", True) is not False)
        opened = state.get("open")
        for name, box in self._groups.items():
            box.setCollapsed(not isinstance(opened, list) or name not in opened)
        self._toggled()

    def _group(self, name: str, title: str, rows: QWidget) -> QgsCollapsibleGroupBox:
        box = self._groups[name] = QgsCollapsibleGroupBox(title)
        box.setObjectName(f"cscl_group_{name}")
        box.setSaveCollapsedState(False)
        layout = QVBoxLayout(box)
        layout.addWidget(rows)
        box.setCollapsed(True)
        return box

    def _name_widgets(self) -> None:
        for job, rows in self.own.items():
            for name, editor in rows.editors.items():
                editor.widget.setObjectName(f"cscl_{job}_{name}")

    def _toggled(self, *_: object) -> None:
        wanted = self.pretrain.isChecked()
        self.model.setVisible(not wanted)
        self._groups[PRETRAIN].setVisible(wanted)
        self.changed.emit()
