"""What the dock says where no engine is found, and the way to name one."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..engine.locate import engine_problem
from ..settings import read_settings, write_settings


class EngineNotice(QFrame):
    """Visible only while there is no engine; says why, and lets the person choose its Python."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._text = QLabel()
        self._text.setObjectName("cscl_engine_problem")
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setWordWrap(True)
        choose = QPushButton("Choose its Python…")
        choose.setObjectName("cscl_engine_choose")
        again = QPushButton("Look again")
        again.setObjectName("cscl_engine_again")
        buttons = QHBoxLayout()
        buttons.addWidget(choose)
        buttons.addWidget(again)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addWidget(self._text)
        layout.addLayout(buttons)
        choose.clicked.connect(self._choose)
        again.clicked.connect(self.look)
        self.look()

    def look(self) -> bool:
        """Look for the engine; return whether it is there."""
        problem = engine_problem()
        self._text.setText(f"The engine is missing. {problem}" if problem else "")
        self.setVisible(bool(problem))
        self.changed.emit()
        return not problem

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "The Python that has the engine's libraries")
        if path:
            write_settings(replace(read_settings(), backend_python=path))
            self.look()
