"""Two days that may be left open: the season."""

from __future__ import annotations

from typing import Optional

from qgis.gui import QgsDateEdit
from qgis.PyQt.QtCore import QDate, QSignalBlocker, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from ..words import tr


class SeasonEdit(QWidget):
    """Edits a season as START/END in ISO days; an empty text leaves it to the engine."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._start = self._day_edit("cscl_season_start")
        self._end = self._day_edit("cscl_season_end")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._start, 1)
        layout.addWidget(QLabel("–"))
        layout.addWidget(self._end, 1)

    def text(self) -> str:
        """Return START/END, or an empty text; one day alone stands before or behind the slash."""
        days = [
            "" if edit.isNull() else edit.date().toString(Qt.DateFormat.ISODate)
            for edit in (self._start, self._end)
        ]
        return "/".join(days) if any(days) else ""

    def set_text(self, text: str) -> None:
        """Show START/END; a part that is no day is shown as open."""
        start, _, end = text.partition("/")
        for edit, day in ((self._start, start), (self._end, end)):
            date = QDate.fromString(day.strip(), Qt.DateFormat.ISODate)
            if date.isValid():
                edit.setDate(date)
            else:
                edit.clear()
                _show_open(edit)

    def _day_edit(self, name: str) -> QgsDateEdit:
        edit = QgsDateEdit()
        edit.setObjectName(name)
        edit.setAllowNull(True)
        edit.setNullRepresentation(tr("Automatic"))
        edit.setDisplayFormat("yyyy-MM-dd")
        edit.setCalendarPopup(True)
        edit.clear()
        # `dateChanged` comes before the edit knows that it is open.
        edit.dateValueChanged.connect(self._day_changed)
        return edit

    def _day_changed(self, *_: object) -> None:
        for edit in (self._start, self._end):
            if edit.isNull():
                _show_open(edit)
        self.changed.emit()


def _show_open(edit: QgsDateEdit) -> None:
    # An edit of QGIS 3.22 that is cleared while it is seen shows today.
    line = edit.findChild(QLineEdit)
    blocker = QSignalBlocker(line)
    line.setText(edit.nullRepresentation())
    blocker.unblock()
