"""The legend with its filter and what can be done to the selected values."""

from __future__ import annotations

from collections import Counter
from typing import Any, List, Optional, Sequence

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QLocale, QModelIndex, QPoint, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QKeySequence, QResizeEvent
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QAction,
    QColorDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QSpinBox,
    QStyle,
    QStyledItemDelegate,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ....backend.cscl.contract.codes import FIRST_CROP, LAST_CROP
from ...words import tr
from ..parts import plain_label
from .legend import Row
from .model import AREA, CODE, COLOUR, COUNT, HCAT, NAME, VALUE, LegendFilter, LegendModel

SHOWN_ROWS = 10
# Widths of the columns in digits of the font; what does not fit is scrolled to.
WIDTHS = {COLOUR: 3, VALUE: 14, NAME: 11, CODE: 5, AREA: 6, COUNT: 8, HCAT: 12}


class LegendTable(QWidget):
    """Shows a legend and edits it."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.model = LegendModel()
        self._proxy = LegendFilter(self.model)
        self._colour: Optional[QColorDialog] = None
        self._contents = (0, 0)
        self.filter = QLineEdit()
        self.filter.setObjectName("cscl_legend_filter")
        self.filter.setPlaceholderText(tr("Filter"))
        self.filter.setToolTip(tr("Show the values whose text, name or code holds this"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._proxy.look_for)
        self.view = self._table()
        self._actions = self._make_actions()
        self.summary = plain_label("cscl_legend_summary")
        head = QHBoxLayout()
        head.addWidget(self.filter, 1)
        for name in ("merge", "split", "undo"):
            head.addWidget(_tool(self._actions[name]))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(head)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.summary)
        self.model.edited.connect(self._edited)
        self.view.selectionModel().selectionChanged.connect(self._selected)
        self._edited()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - the name that Qt calls
        """Give the columns the room that there is."""
        super().resizeEvent(event)
        self.layout().activate()
        self._fit_columns()

    def selected(self) -> List[int]:
        """Return the selected rows of the legend."""
        return self._proxy.rows_of(self.view.selectionModel().selectedRows(VALUE))

    def read(self, rows: Sequence[Row], afresh: bool) -> int:
        """Take the values of a layer in, or begin anew with them; return how many are new."""
        new = 0

        def take() -> None:
            nonlocal new
            if afresh:
                self.model.legend.rows = []
            new = self.model.legend.read(rows)

        self.model.renew(take)
        self.sort_by_area()
        return new

    def restore(self, state: Any) -> None:
        """Show the rows that the legend's `state` returned."""
        self.model.renew(lambda: self.model.legend.restore(state))
        self.sort_by_area()

    def sort_by_area(self) -> None:
        """Put the largest area on top."""
        self.view.sortByColumn(AREA, Qt.SortOrder.DescendingOrder)
        self._measure()
        self._fit_columns()

    def merge(self) -> None:
        """Make one class of the selected values."""
        rows = self.selected()
        self.model.change(lambda: self.model.legend.merge(rows))

    def split(self) -> None:
        """Make classes of their own of the values of the selected classes."""
        rows = self.selected()
        self.model.change(lambda: self.model.legend.split(rows))

    def ignore(self) -> None:
        """Leave the selected values out."""
        rows = self.selected()
        self.model.change(lambda: self.model.legend.ignore(rows))

    def use(self) -> None:
        """Take the selected values in again."""
        rows = self.selected()
        self.model.change(lambda: self.model.legend.use(rows))

    def ask_colour(self, row: int) -> None:
        """Open a dialog for the colour of a row's class."""
        item = self.model.legend.rows[row]
        if item.code is None or self._colour is not None:
            return
        dialog = self._colour = QColorDialog(QColor(item.colour), self)
        dialog.setWindowTitle(tr("Colour of {name}", name=item.name))
        dialog.colorSelected.connect(
            lambda colour: self.model.change(
                lambda: self.model.legend.recolour(row, str(colour.name()))
            )
        )
        dialog.finished.connect(self._colour_closed)
        dialog.open()

    def _table(self) -> QTableView:
        view = QTableView()
        view.setObjectName("cscl_legend")
        view.setModel(self._proxy)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.setSortingEnabled(True)
        view.sortByColumn(AREA, Qt.SortOrder.DescendingOrder)
        view.verticalHeader().hide()
        metrics = view.fontMetrics()
        view.verticalHeader().setDefaultSectionSize(metrics.height() + 6)
        header = view.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(metrics.height())
        for column, digits in WIDTHS.items():
            view.setColumnWidth(column, digits * metrics.horizontalAdvance("0"))
        view.setItemDelegateForColumn(CODE, CodeDelegate(view))
        height = header.sizeHint().height() + SHOWN_ROWS * (metrics.height() + 6)
        view.setMinimumHeight(height)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._menu)
        view.clicked.connect(self._clicked)
        view.activated.connect(self._clicked)
        return view

    def _make_actions(self) -> Any:
        wanted = (
            ("merge", "mActionMergeFeatures.svg", tr("Merge"),
             tr("Make one class of the selected values"), self.merge),
            ("split", "mActionSplitFeatures.svg", tr("Split"),
             tr("Make a class of its own of each value of the selected classes"), self.split),
            ("ignore", "", tr("Ignore"),
             tr("Leave the selected values out: their parcels count as unknown"), self.ignore),
            ("use", "", tr("Use again"), tr("Take the selected values in again"), self.use),
            ("undo", "mActionUndo.svg", tr("Undo"), tr("Take the last change of the table back"),
             self.model.undo),
        )  # fmt: skip
        actions = {}
        for name, icon, text, tip, slot in wanted:
            action = actions[name] = QAction(text, self)
            action.setObjectName(f"cscl_legend_{name}")
            action.setToolTip(tip)
            if icon:
                action.setIcon(QgsApplication.getThemeIcon(f"/{icon}"))
            action.triggered.connect(lambda _=False, act=slot: act())
            self.view.addAction(action)
        actions["undo"].setShortcut(QKeySequence(QKeySequence.StandardKey.Undo))
        actions["undo"].setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        return actions

    def _fit_columns(self) -> None:
        """Show all columns without scrolling, or all but the parcels where that is too narrow."""
        view, digit = self.view, self.view.fontMetrics().horizontalAdvance("0")
        value, name = self._contents
        view.setColumnWidth(VALUE, min(max(value, 7 * digit), WIDTHS[VALUE] * digit))
        others = sum(view.columnWidth(column) for column in (COLOUR, VALUE, CODE, AREA))
        least, most = 9 * digit, max(name, WIDTHS[NAME] * digit)
        room = view.viewport().width() - others
        beside = room - view.columnWidth(COUNT)
        view.setColumnWidth(NAME, min(beside if beside >= least else max(least, room), most))

    def _measure(self) -> None:
        """Note how wide the longest value and name are; Qt would ask for every cell each time."""
        rows, metrics = self.model.legend.rows, self.view.fontMetrics()
        box = self.view.style().pixelMetric(QStyle.PixelMetric.PM_IndicatorWidth)
        value = max((row.value for row in rows), key=len, default="")
        name = max((row.name for row in rows), key=len, default="")
        self._contents = (
            metrics.horizontalAdvance(value) + box + 16, metrics.horizontalAdvance(name) + 12
        )  # fmt: skip

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == COLOUR:
            self.ask_colour(self._proxy.mapToSource(index).row())

    def _menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        menu.addActions([self._actions[name] for name in ("merge", "split", "ignore", "use")])
        menu.popup(self.view.viewport().mapToGlobal(place))

    def _colour_closed(self, *_: object) -> None:
        dialog, self._colour = self._colour, None
        if dialog is not None:
            dialog.deleteLater()

    def _selected(self, *_: object) -> None:
        rows = [self.model.legend.rows[index] for index in self.selected()]
        codes = {row.code for row in rows}
        everyone = Counter(row.code for row in self.model.legend.rows)
        self._actions["merge"].setEnabled(len(codes) > 1 or (None in codes and len(rows) > 1))
        self._actions["split"].setEnabled(any(everyone[code] > 1 for code in codes - {None}))
        self._actions["ignore"].setEnabled(any(row.code is not None for row in rows))
        self._actions["use"].setEnabled(any(row.code is None for row in rows))
        self._actions["undo"].setEnabled(self.model.can_undo())

    def _edited(self) -> None:
        self._selected()
        self.summary.setText(self._summary())
        self.changed.emit()

    def _summary(self) -> str:
        rows = self.model.legend.rows
        if not rows:
            return ""
        number = QLocale().toString
        used = [row for row in rows if row.code is not None]
        text = tr(
            "{classes} classes of {values} values, {parcels} parcels, {area} ha",
            classes=len(self.model.legend.codes()), values=len(used),
            parcels=number(sum(row.count for row in used)),
            area=number(sum((row.area for row in used), 0.0), "f", 0),
        )  # fmt: skip
        ignored = len(rows) - len(used)
        return text + ("\n" + tr("Ignored values: {count}", count=ignored) if ignored else "")


class CodeDelegate(QStyledItemDelegate):
    """Edits a code with a box that allows none but those of crops."""

    def createEditor(self, parent: QWidget, option: Any, index: QModelIndex) -> QWidget:  # noqa: N802
        """Return the box."""
        box = QSpinBox(parent)
        box.setRange(FIRST_CROP, LAST_CROP)
        box.setFrame(False)
        return box


def _tool(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setObjectName(f"{action.objectName()}_button")
    button.setDefaultAction(action)
    button.setAutoRaise(True)
    return button
