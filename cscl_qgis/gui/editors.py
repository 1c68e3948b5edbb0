"""One editor a kind of field, made from the field's own description."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, Optional

from qgis.gui import QgsDoubleSpinBox, QgsFileWidget, QgsSpinBox
from qgis.PyQt.QtCore import QObject, Qt, pyqtSignal
from qgis.PyQt.QtGui import QPaintEvent
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from ...backend.cscl.contract.fields import Field
from ..words import told, tr
from .season import SeasonEdit

WIDTH_STEP = 0.125


class Editor(QObject):
    """The widget of one field; `value` is what the job gets, `None` leaves the choice to it."""

    changed = pyqtSignal()

    def __init__(
        self,
        field: Field,
        widget: QWidget,
        value: Callable[[], Any],
        show: Callable[[Any], None],
        signal: Any,
    ) -> None:
        super().__init__(widget)
        self.field = field
        self.widget = widget
        self.value = value
        self.set_value = show
        widget.setObjectName(f"cscl_{field.name}")
        widget.setToolTip(told(field.help))
        # Long paths and titles must not make the dock wider than the person wants it.
        policy = widget.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Expanding)
        widget.setSizePolicy(policy)
        show(None)
        signal.connect(self._tell)

    def _tell(self, *_: object) -> None:
        self.changed.emit()


class ChoiceBox(QComboBox):
    """A box with choices that ends a title with an ellipsis where there is no room for it."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - the name that Qt calls
        """Draw the box as the style does, its text shortened."""
        control = QStyle.ComplexControl.CC_ComboBox
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        room = self.style().subControlRect(
            control, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, room.width() - 4
        )
        painter = QStylePainter(self)
        painter.drawComplexControl(control, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()


def make_editor(field: Field) -> Editor:
    """Return the editor of a field; its kind must be one that needs no map layer."""
    return _EDITORS[field.kind](field)


def _text(field: Field) -> Editor:
    line = QLineEdit()
    line.setPlaceholderText("" if field.required else str(field.default or tr("Automatic")))
    line.setClearButtonEnabled(True)

    def show(value: Any) -> None:
        line.setText(", ".join(value) if isinstance(value, (list, tuple)) else str(value or ""))

    return Editor(field, line, lambda: line.text().strip() or None, show, line.textChanged)


def _integer(field: Field) -> Editor:
    box = QgsSpinBox()
    low = int(field.minimum or 0)
    automatic = low - 1
    fallback = automatic if field.default is None else int(field.default)  # type: ignore[arg-type]
    box.setRange(min(low, fallback), int(field.maximum or 2**31 - 1))
    _name_automatic(box, fallback, field)

    def value() -> Any:
        return int(box.value()) if box.value() >= low else None

    def show(new: Any) -> None:
        box.setValue(new if isinstance(new, int) and not isinstance(new, bool) else fallback)

    return Editor(field, box, value, show, box.valueChanged)


def _number(field: Field) -> Editor:
    box = QgsDoubleSpinBox()
    low = float(field.minimum or 0.0)
    automatic = low - WIDTH_STEP
    fallback = automatic if field.default is None else float(field.default)  # type: ignore[arg-type]
    box.setDecimals(3)
    box.setSingleStep(WIDTH_STEP)
    box.setRange(min(low, fallback), float(field.maximum or 1e9))
    _name_automatic(box, fallback, field)

    def value() -> Any:
        return float(box.value()) if box.value() >= low else None

    def show(new: Any) -> None:
        number = isinstance(new, (int, float)) and not isinstance(new, bool)
        box.setValue(float(new) if number else fallback)

    return Editor(field, box, value, show, box.valueChanged)


def _name_automatic(box: Any, fallback: Any, field: Field) -> None:
    """Show the value below the smallest one as a word, and lead back to it."""
    if field.default is None:
        box.setSpecialValueText(tr("Automatic"))
        box.setClearValue(fallback, tr("Automatic"))
    else:
        box.setClearValue(fallback)
    if field.unit:
        box.setSuffix(f" {told(field.unit)}")


def _boolean(field: Field) -> Editor:
    box = QCheckBox(told(field.title))

    def show(value: Any) -> None:
        box.setChecked(value if isinstance(value, bool) else bool(field.default))

    return Editor(field, box, lambda: bool(box.isChecked()), show, box.toggled)


def _choice(field: Field) -> Editor:
    box = ChoiceBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(12)
    for value, title in field.choices:
        box.addItem(told(title), value)
        box.setItemData(box.count() - 1, told(title), Qt.ItemDataRole.ToolTipRole)

    def show(value: Any) -> None:
        known = box.findData(value)
        box.setCurrentIndex(known if known >= 0 else box.findData(field.default))

    return Editor(field, box, box.currentData, show, box.currentIndexChanged)


def _path(field: Field) -> Editor:
    chooser = QgsFileWidget()
    chooser.setDialogTitle(told(field.title))
    if field.kind in ("folder", "output_folder"):
        chooser.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
    else:
        chooser.setFilter(_file_filter(field.kind))
    if field.kind == "output_file":
        chooser.setStorageMode(QgsFileWidget.StorageMode.SaveFile)
        # The job itself refuses what exists, in its own words, unless it may be overwritten.
        chooser.setConfirmOverwrite(False)
    chooser.lineEdit().setPlaceholderText("" if field.required else tr("None"))

    def show(value: Any) -> None:
        chooser.setFilePath(str(value or ""))

    def value() -> Optional[str]:
        return os.path.expanduser(chooser.filePath().strip()) or None

    return Editor(field, chooser, value, show, chooser.fileChanged)


def _file_filter(kind: str) -> str:
    names = {"file": tr("Tables (*.csv)"), "raster": "GeoTIFF (*.tif *.tiff)"}
    return f"{names[kind]};;{tr('All files (*)')}" if kind in names else ""


def _season(field: Field) -> Editor:
    season = SeasonEdit()

    def show(value: Any) -> None:
        season.set_text(str(value or ""))

    return Editor(field, season, lambda: season.text() or None, show, season.changed)


_EDITORS: Dict[str, Callable[[Field], Editor]] = {
    "text": _text,
    "bands": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "choice": _choice,
    "file": _path,
    "raster": _path,
    "folder": _path,
    "output_folder": _path,
    "output_file": _path,
    "season": _season,
}
