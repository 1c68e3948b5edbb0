"""Small parts: labels that wrap, the season, the area of a page, the help of Processing."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from dock_windows import Window, lay_beside, settle, shown_dock, too_small
from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QTextDocument
from qgis.PyQt.QtWidgets import QLineEdit, QScrollArea, QTextBrowser, QVBoxLayout, QWidget

LONG = "A text of so many words that it needs several lines in a narrow dock. " * 4
THEMES = ("Blend of Gray", "Night Mapping")


@pytest.fixture()
def column(qgis_app: Any) -> Iterator[QWidget]:
    """A window for parts one below the other."""
    made = QWidget()
    QVBoxLayout(made)
    made.resize(240, 400)
    made.show()
    yield made
    made.close()
    made.deleteLater()


class TestWrappedLabel:
    def shown(self, plugin: SimpleNamespace, column: QWidget, text: str) -> Any:
        """Show a label above empty room."""
        label = plugin.load("cscl_qgis.gui.wrapped").WrappedLabel(text)
        column.layout().addWidget(label)
        column.layout().addStretch(1)
        settle()
        return label

    def test_a_shorter_text_takes_less_room(self, plugin: SimpleNamespace, column: QWidget) -> None:
        label = self.shown(plugin, column, "Ready")
        low = label.height()
        label.setText(LONG)
        settle()
        assert label.height() > 3 * low
        label.setText("Ready")
        settle()
        assert label.height() == low

    def test_more_width_takes_less_height(self, plugin: SimpleNamespace, column: QWidget) -> None:
        label = self.shown(plugin, column, LONG)
        high = label.height()
        column.resize(960, 400)
        settle()
        assert label.height() < high / 2
        column.resize(240, 400)
        settle()
        assert label.height() == high


class TestSeason:
    def test_an_open_season_is_shown_as_such(
        self, plugin: SimpleNamespace, column: QWidget
    ) -> None:
        season = plugin.load("cscl_qgis.gui.season").SeasonEdit()
        column.layout().addWidget(season)
        settle()

        def seen() -> list[str]:
            names = ("cscl_season_start", "cscl_season_end")
            edits = [season.findChild(QWidget, name) for name in names]
            return [edit.findChild(QLineEdit).text() for edit in edits]

        heard: list[str] = []
        season.changed.connect(lambda: heard.append(season.text()))
        assert seen() == ["Automatic", "Automatic"]
        season.set_text("2018-10-01/2019-09-30")
        assert seen() == ["2018-10-01", "2019-09-30"]
        season.set_text("")
        settle()
        assert seen() == ["Automatic", "Automatic"]
        assert season.text() == "" and heard[-1] == ""
        season.set_text("2018-10-01/")
        settle()
        assert seen() == ["2018-10-01", "Automatic"]
        assert season.text() == "2018-10-01/"


@pytest.fixture()
def themes(qgis_app: Any) -> Iterator[None]:
    """QGIS's own theme again at the end."""
    yield
    QgsApplication.setUITheme("default")
    settle()


class TestPageArea:
    @pytest.mark.parametrize("before", [True, False])
    @pytest.mark.parametrize("theme", THEMES)
    def test_no_page_is_cut_at_the_least_width_of_the_dock(
        self, dock_module: Any, window: Window, themes: None, theme: str, before: bool
    ) -> None:
        """The themes may be chosen before the dock is made, or while it is seen."""
        if before:
            QgsApplication.setUITheme(theme)
        dock = shown_dock(dock_module, window)
        dock.show_pages()
        if not before:
            QgsApplication.setUITheme(theme)
            settle()
        lay_beside(window, dock, 10, 500)
        window.resizeDocks([dock], [10], Qt.Orientation.Horizontal)
        cut = []
        for name, page in dock.pages.items():
            dock.show_page(name)
            settle()
            area = page.parentWidget().parentWidget()
            assert isinstance(area, QScrollArea) and area.widget() is page
            if page.minimumSizeHint().width() > area.viewport().width():
                cut.append((name, page.minimumSizeHint().width(), area.viewport().width()))
        dock.close_down()
        assert cut == []


class TestTrainPage:
    @pytest.mark.parametrize("height", [500, 840])
    def test_notice_and_button_are_below_what_scrolls(
        self, dock_module: Any, window: Window, height: int
    ) -> None:
        """As on a screen of 1280x720, where QGIS's bars and the log take their part."""
        dock = shown_dock(dock_module, window)
        dock.show_pages()
        dock.show_page("train")
        lay_beside(window, dock, 440, height)
        page = dock.page("train")
        page._look_later.stop()
        page.expected.setText(LONG)
        page.notice.setText(LONG)
        settle()
        viewport = page.parentWidget()
        button = page.run_button
        bottom = button.mapTo(viewport, button.rect().bottomLeft()).y()
        cut = too_small(dock)
        dock.close_down()
        assert viewport.height() - 30 < bottom < viewport.height()
        assert cut == []


def test_the_names_of_parameters_have_the_colour_of_the_help(
    provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """QGIS's style sheet of the help has a colour of its own for <b>, unseen in a dark theme."""
    import processing.gui.ParametersPanel as panel
    from processing.gui.AlgorithmDialog import AlgorithmDialog

    monkeypatch.setattr(panel, "iface", None)
    dialog = AlgorithmDialog(provider.algorithm("map").create(), False)
    document = next(
        part.document() for part in dialog.findChildren(QTextBrowser) if "MODEL" in part.toHtml()
    )
    exactly = QTextDocument.FindFlag.FindCaseSensitively
    name, text = (
        document.find(words, 0, exactly).charFormat() for words in ("Model", "A model folder")
    )
    dialog.close()
    assert name.fontWeight() > text.fontWeight()
    assert name.foreground().color() == text.foreground().color()
