"""The end of the set-up: what was verified, and what to do first."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

from ...engine.install import places
from ...words import tr
from ..parts import named_button, plain_label


class ReadyView(QWidget):
    """Says that the engine works, and offers the demonstration."""

    demo_wanted = pyqtSignal()
    left = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.text = plain_label("cscl_setup_done")
        self.demo_button = named_button("cscl_setup_demo", tr("Try the demo scene"), demo_help())
        self.leave_button = named_button(
            "cscl_setup_leave", tr("Go to work"), tr("Show the pages of the dock")
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        for part in (self.text, self.demo_button, self.leave_button):
            layout.addWidget(part)
        layout.addStretch(1)
        self.demo_button.clicked.connect(self.demo_wanted)
        self.leave_button.clicked.connect(self.left)

    def show_checks(self) -> None:
        """Show what was verified of the engine in use."""
        environment = places.current_environment()
        ready = None if environment is None else places.read_ready(environment)
        checks = ready.checks if ready is not None else []
        self.text.setText("\n".join([tr("The engine is ready."), *checks]))


def demo_help() -> str:
    """Return what the demonstration does."""
    return tr("Simulate a small scene, train on it and map it: some ten minutes, no data needed")
