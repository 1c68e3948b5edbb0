"""A person's mouse and keyboard in QGIS: events to widgets that can be seen and reached.

Each function yields what the story waits for: seconds, an `Until`, or an `Act`, which is done
outside of the story because menus and dialogs run a loop of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from qgis.PyQt.QtCore import QPoint, QPointF, Qt
from qgis.PyQt.QtGui import QWheelEvent
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QScrollArea,
    QTabWidget,
    QWidget,
)

LEFT = Qt.MouseButton.LeftButton
WAIT = 30.0
# Qt takes a release shortly after a press that opened a list for the end of that press.
AFTER_POPUP = 0.5
WHEEL = 60
MOST_TURNS = 200


@dataclass(frozen=True)
class Until:
    """Wait until something holds, at most so many seconds."""

    what: str
    holds: Callable[[], bool]
    seconds: float = WAIT


@dataclass(frozen=True)
class Act:
    """Something that a person does."""

    do: Callable[[], Any]


Steps = Iterator[float | Until | Act]


def named(inside: QWidget, kind: type, name: str) -> Any:
    """Return the one widget of a name that can be seen."""
    found = [item for item in inside.findChildren(kind, name) if item.isVisible()]
    if len(found) != 1:
        raise LookupError(f"{len(found)} widgets {name!r} are seen in {inside.objectName()!r}")
    return found[0]


def click(widget: QWidget, at: QPoint | None = None) -> Steps:
    """Click a widget, in its middle where nothing else is said; scroll to it before."""
    yield Until(f"{_name(widget)} enabled", widget.isEnabled)
    place = at if at is not None else widget.rect().center()
    yield from reach(widget, place)
    # As the system does it: the event goes to what lies under the pointer.
    hit = QApplication.widgetAt(widget.mapToGlobal(place))
    if hit is None or not (hit is widget or widget.isAncestorOf(hit)):
        raise AssertionError(f"{_name(widget)} is covered by {_name(hit)}")
    position = hit.mapFromGlobal(widget.mapToGlobal(place))
    yield Act(lambda: QTest.mouseClick(hit, LEFT, Qt.KeyboardModifier.NoModifier, position))
    yield 0.1


def reach(widget: QWidget, place: QPoint) -> Steps:
    """Turn the wheel over the areas around a widget until the place in it is seen."""
    yield Until(f"{_name(widget)} visible", widget.isVisible)
    for _ in range(MOST_TURNS):
        area = _hidden_in(widget, place)
        if area is None:
            return
        port = area.viewport()
        below = widget.mapTo(port, place).y() > port.height() // 2
        yield Act(partial(_turn, port, -WHEEL if below else WHEEL))
        yield 0.02
    raise AssertionError(f"{_name(widget)} cannot be scrolled to")


def choose(box: QComboBox, text: str) -> Steps:
    """Open a list and click the entry that begins with a text."""
    yield from click(box, QPoint(box.width() - 10, box.height() // 2))
    view = box.view()
    yield Until(f"the list of {_name(box)}", view.isVisible)
    yield AFTER_POPUP
    yield from click_row(view, _row(box, text))
    yield Until(f"{_name(box)} shows {text!r}", lambda: box.currentText().startswith(text))


def click_row(view: QAbstractItemView, row: int, column: int = 0) -> Steps:
    """Click a row of a list or table."""
    index = view.model().index(row, column, view.rootIndex())
    yield from click(view.viewport(), view.visualRect(index).center())


def write(line: QLineEdit, text: str) -> Steps:
    """Click into a line, replace what it holds by a text and leave it by the tabulator."""
    yield from click(line)
    yield Act(lambda: QTest.keyClick(line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier))
    yield Act(lambda: QTest.keyClicks(line, text))
    yield Act(lambda: QTest.keyClick(line, Qt.Key.Key_Tab))
    yield 0.1


def turn_to(tabs: QTabWidget, title: str) -> Steps:
    """Click a tab."""
    bar = tabs.tabBar()
    place = next(at for at in range(bar.count()) if bar.tabText(at) == title)
    yield from click(bar, bar.tabRect(place).center())
    yield Until(f"the tab {title!r}", lambda: tabs.currentIndex() == place)


def pick(button: QWidget, entry: str) -> Steps:
    """Click a button with a menu and then an entry of it."""
    yield from click(button)
    yield Until("a menu", lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    yield AFTER_POPUP
    menu = QApplication.activePopupWidget()
    action = next(item for item in menu.actions() if item.objectName() == entry)
    yield from click(menu, menu.actionGeometry(action).center())


def answer(path: str) -> Steps:
    """Type a path into the chooser of files that is open, and click its button."""
    yield Until("a chooser", lambda: isinstance(QApplication.activeModalWidget(), QFileDialog))
    yield 0.3
    chooser = QApplication.activeModalWidget()
    line = chooser.findChild(QLineEdit, "fileNameEdit")
    yield Act(lambda: QTest.keyClicks(line, path))
    yield 0.3
    # The list of completions lies over the buttons.
    popup = QApplication.activePopupWidget()
    if popup is not None:
        yield Act(lambda: QTest.keyClick(popup, Qt.Key.Key_Escape))
        yield 0.1
    box = chooser.findChild(QDialogButtonBox)
    accept = next(
        button for button in box.buttons()
        if box.buttonRole(button) == QDialogButtonBox.ButtonRole.AcceptRole
    )  # fmt: skip
    yield from click(accept)
    yield Until("the chooser closed", lambda: QApplication.activeModalWidget() is not chooser)


def _row(box: QComboBox, text: str) -> int:
    found = [row for row in range(box.count()) if box.itemText(row).startswith(text)]
    if len(found) != 1:
        raise LookupError(f"{len(found)} entries of {_name(box)} begin with {text!r}")
    return found[0]


def _hidden_in(widget: QWidget, place: QPoint) -> QAbstractScrollArea | None:
    """Return the innermost area that has to be scrolled before a place is seen."""
    above = widget
    while not above.isWindow():
        above = above.parentWidget()
        if isinstance(above, QScrollArea):
            port = above.viewport()
            if not port.rect().contains(widget.mapTo(port, place)):
                return above
    return None


def _turn(port: QWidget, pixels: int) -> None:
    middle = QPointF(port.rect().center())
    event = QWheelEvent(
        middle, QPointF(port.mapToGlobal(port.rect().center())), QPoint(0, pixels),
        QPoint(0, pixels), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(port, event)


def _name(widget: QWidget | None) -> str:
    if widget is None:
        return "nothing"
    return widget.objectName() or type(widget).__name__
