"""The chart: ticks, ranges, what is painted, and the value under the mouse."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from qgis.PyQt.QtCore import QDate, QLocale, QPoint, QPointF, QSize
from qgis.PyQt.QtGui import QColor, QImage, QPalette
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QToolTip, QWidget

RED, BLUE = "#ff0000", "#0000ff"


@pytest.fixture()
def module(plugin: SimpleNamespace) -> Iterator[Any]:
    """The chart's module, in English."""
    before = QLocale()
    QLocale.setDefault(QLocale("C"))
    yield plugin.load("cscl_qgis.gui.chart")
    QLocale.setDefault(before)


@pytest.fixture()
def ticks(plugin: SimpleNamespace, module: Any) -> Any:
    """The module of ticks, in English."""
    return plugin.load("cscl_qgis.gui.ticks")


@pytest.fixture()
def chart(module: Any, qtbot: Any) -> Any:
    """A chart that is shown."""
    made = module.LineChart()
    qtbot.addWidget(made)
    made.resize(320, 220)
    made.show()
    qtbot.waitExposed(made)
    return made


def colours(chart: Any, column: int) -> set[str]:
    """Return the colours of one column of the picture."""
    image: QImage = chart.grab().toImage()
    return {QColor(image.pixel(column, row)).name() for row in range(image.height())}


class TestTicks:
    @pytest.mark.parametrize(
        ("low", "high", "most", "expected"),
        [
            (0.0, 1.0, 5, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
            (-0.1, 0.31, 5, ["-0.1", "0.0", "0.1", "0.2", "0.3"]),
            (3.0, 41.0, 4, ["10", "20", "30", "40"]),
            (0.0, 90000.0, 2, ["0", "50,000"]),
        ],
    )
    def test_numbers_are_round(
        self, ticks: Any, low: float, high: float, most: int, expected: list[str]
    ) -> None:
        QLocale.setDefault(QLocale("en_US"))
        assert [label for _, label in ticks.number_ticks(low, high, most)] == expected

    def test_a_season_has_the_first_days_of_months(self, ticks: Any) -> None:
        low = ticks.day_number(QDate(2018, 10, 12))
        high = ticks.day_number(QDate(2019, 9, 30))
        found = ticks.day_ticks(low, high, 4)
        assert [label for _, label in found] == ["Jan 2019", "Apr", "Jul"]
        assert found[0][0] == ticks.day_number(QDate(2019, 1, 1))

    def test_few_days_are_named_by_day(self, ticks: Any) -> None:
        low = ticks.day_number(QDate(2021, 6, 1))
        labels = [label for _, label in ticks.day_ticks(low, low + 8, 4)]
        assert len(labels) >= 4
        assert all(label.endswith(" Jun") for label in labels)

    def test_f72_numbers_are_written_as_the_person_does(self, ticks: Any) -> None:
        QLocale.setDefault(QLocale("de_DE"))
        assert ticks.short_number(0.1234567) == "0,1235"
        assert ticks.number_ticks(0.0, 1.0, 2)[1][1] == "0,5"


class TestChart:
    def test_without_points_it_says_what_was_set(self, module: Any, chart: Any) -> None:
        chart.set_empty("Click the map")
        blank = chart.grab().toImage()
        chart.set_empty("")
        assert blank != chart.grab().toImage()
        chart.show_lines([module.Line("none", RED, [1, 2], [None, float("nan")])])
        assert RED not in colours(chart, 160)
        assert chart.value_at(QPointF(160, 110)) == ""

    def test_a_line_runs_over_its_points_and_stops_at_a_gap(self, module: Any, chart: Any) -> None:
        whole = module.Line("", RED, [0, 1, 2, 3], [1.0, 1.0, 1.0, 1.0])
        broken = module.Line("", RED, [0, 1, 2, 3], [1.0, 1.0, None, 1.0])
        chart.show_lines([whole])
        middle = round(chart._frame().point(2, 1.0).x())
        assert RED in colours(chart, middle)
        chart.show_lines([broken])
        assert RED not in colours(chart, middle)

    def test_a_muted_point_is_hollow_and_the_line_passes_it_by(
        self, module: Any, chart: Any
    ) -> None:
        chart.show_lines([module.Line("", RED, [0, 1, 2], [1.0, 0.0, 1.0], muted=[0, 1, 0])])
        place = chart._frame().point(1, 0.0)
        image = chart.grab().toImage()
        base = chart.palette().color(QPalette.ColorRole.Base).name()
        assert QColor(image.pixel(round(place.x()), round(place.y()))).name() == base
        # The line lies above it, from the first point to the third.
        above = chart._frame().point(1, 1.0)
        near = [QColor(image.pixel(round(above.x()), round(above.y()) + i)) for i in (-1, 0, 1)]
        assert any(colour.red() > 200 and colour.green() < 60 for colour in near)

    def test_a_band_is_shaded_between_low_and_high(self, module: Any, chart: Any) -> None:
        chart.show_lines(
            [module.Line("", RED, [0, 1], [0.5, 0.5], low=[0.0, 0.0], high=[1.0, 1.0])]
        )
        place = chart._frame().point(0.5, 0.8)
        colour = QColor(chart.grab().toImage().pixel(round(place.x()), round(place.y())))
        assert colour.red() > colour.green() + 20

    def test_the_value_under_the_mouse_is_told(
        self, module: Any, chart: Any, ticks: Any, qtbot: Any
    ) -> None:
        day = ticks.day_number(QDate(2021, 5, 4))
        line = module.Line("NDVI", BLUE, [day, day + 30], [0.25, 0.75], dots=True)
        chart.show_lines([line], y_title="NDVI", dates=True)
        place = chart._frame().point(day, 0.25)
        assert chart.value_at(place + QPointF(3, -2)) == "NDVI\n2021-05-04: 0.25"
        assert chart.value_at(place + QPointF(80, -2)) == ""
        QTest.mouseMove(chart, QPoint(round(place.x()), round(place.y())))
        qtbot.waitUntil(lambda: QToolTip.text() == "NDVI\n2021-05-04: 0.25", timeout=3000)

    def test_a_legend_wraps_and_leaves_room_to_the_lines(self, module: Any, chart: Any) -> None:
        lines = [
            module.Line(f"A class with a name {index}", BLUE, [0, 1], [0.0, index])
            for index in range(4)
        ]
        chart.show_lines(lines)
        rows = {place.y() for place, _, _ in chart._legend()}
        assert len(rows) == 4
        assert chart._frame().area.top() > max(rows)
        long = module.Line("x" * 200, BLUE, [0, 1], [0.0, 1.0])
        chart.show_lines([long])
        assert chart._legend()[0][1].endswith("…")

    def test_its_size_follows_the_font(self, chart: Any) -> None:
        before: QSize = chart.minimumSizeHint()
        font = chart.font()
        font.setPointSizeF(font.pointSizeF() * 2)
        chart.setFont(font)
        assert chart.minimumSizeHint().height() > 1.5 * before.height()


class TestThemes:
    """QGIS's themes are style sheets, which tell labels their colour but no chart."""

    NIGHT = "QWidget { background: transparent; } QLabel { color: #c8d2e6; }"

    def test_text_has_the_colour_of_labels(self, module: Any, plugin: Any, qtbot: Any) -> None:
        text_colour = plugin.load("cscl_qgis.gui.painting").text_colour
        window = QWidget()
        qtbot.addWidget(window)
        chart = module.LineChart(window)
        before = text_colour(chart)
        assert before == chart.palette().color(QPalette.ColorRole.WindowText)
        window.setStyleSheet(self.NIGHT)
        assert text_colour(chart).name() == "#c8d2e6"
        assert chart.palette().color(QPalette.ColorRole.WindowText) == before
        window.setStyleSheet("")
        assert text_colour(chart) == before

    def test_what_is_written_can_be_read(self, module: Any, qtbot: Any) -> None:
        window = QWidget()
        qtbot.addWidget(window)
        chart = module.LineChart(window)
        chart.resize(320, 220)
        window.setStyleSheet(self.NIGHT)
        window.show()
        chart.show_lines([module.Line("loss", RED, [0, 1], [1.0, 2.0])])
        image: QImage = chart.grab().toImage()
        found = {image.pixelColor(x, y).name() for x in range(320) for y in range(220)}
        assert "#c8d2e6" in found
