"""Whether images suit a model: each mismatch with what to do, and a button where we can do it."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ...words import told, tr
from ..parts import named_button
from ..wrapped import WrappedLabel


class FitsView(QWidget):
    """Shows the answer to the question `fits`; `mended` gives values of fields of the job map."""

    mended = pyqtSignal(dict)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.message = WrappedLabel()
        self.message.setObjectName("cscl_fits_message")
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.message)
        layout.addLayout(self._rows)
        self.clear()

    def clear(self) -> None:
        """Say what is needed for the check."""
        self.say(tr("Choose a model and images, and they are compared here."))

    def say(self, text: str) -> None:
        """Show words in place of mismatches."""
        self._show_rows([])
        self.message.setText(text)

    def show_answer(self, answer: Dict[str, Any]) -> None:
        """Show an answer to the question `fits`."""
        rows = answer["mismatches"]
        if not answer["fits"]:
            text = tr("These images do not suit the model yet:")
        elif rows:
            text = tr("The images suit the model. Worth knowing:")
        else:
            text = tr("The images suit the model.")
        self._show_rows(rows)
        self.message.setText(text)

    def buttons(self) -> List[QPushButton]:
        """Return the buttons that mend, from the top."""
        found = []
        for at in range(self._rows.count()):
            button = self._rows.itemAt(at).widget().findChild(QPushButton)
            if button is not None:
                found.append(button)
        return found

    def _show_rows(self, rows: List[Dict[str, Any]]) -> None:
        while self._rows.count():
            widget = self._rows.takeAt(0).widget()
            widget.hide()
            widget.deleteLater()
        for row in rows:
            self._rows.addWidget(self._row(row))

    def _row(self, row: Dict[str, Any]) -> QWidget:
        frame = QFrame()
        frame.setObjectName("cscl_mismatch")
        frame.setFrameShape(QFrame.Shape.StyledPanel)
        # The engine's words for what differs are few, and stand in the list of translations.
        head = WrappedLabel(_heading(row))
        font = head.font()
        font.setBold(row["severity"] == "error")
        head.setFont(font)
        sides = WrappedLabel(
            tr("Model: {model}\nImages: {images}", model=row["model"], images=row["series"])
        )
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(3)
        layout.addWidget(head)
        if row["model"] or row["series"]:
            layout.addWidget(sides)
        layout.addWidget(WrappedLabel(row["remedy"]))
        if row["mend"]:
            layout.addLayout(self._mend(row))
        return frame

    def _mend(self, row: Dict[str, Any]) -> QHBoxLayout:
        button = named_button("cscl_mend", tr("Do this"), row["remedy"])
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self.mended.emit(dict(row["mend"])))
        line = QHBoxLayout()
        line.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        return line


def _heading(row: Dict[str, Any]) -> str:
    titles = {
        "bands": tr("Bands"), "level": tr("Processing level"), "season": tr("Season"),
        "dates": tr("Dates"), "mask": tr("Cloud mask"), "resolution": tr("Resolution"),
        "model": tr("Model"), "images": tr("Images"),
    }  # fmt: skip
    return titles.get(row["what"], told(row["what"]))
