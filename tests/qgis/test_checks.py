"""What is said before a run, icons of the toolbox, and texts in other languages."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

TRAIN = {"DATASET": "", "OUTPUT": "/tmp/x"}


@pytest.fixture()
def check(provider: Any) -> Any:
    """Ask an algorithm what it says of parameters."""
    from qgis.core import QgsProcessingContext

    def ask(command: str, **parameters: Any) -> tuple[bool, str]:
        algorithm = provider.algorithm(command).create()
        valid, text = algorithm.checkParameterValues(parameters, QgsProcessingContext())
        return bool(valid), str(text)

    return ask


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "SEASON",
            "2019",
            "SEASON '2019': it is no pair of days. Write the first and the last day",
        ),
        ("SEASON", "2019-02-30/2019-09-30", "it is no day of the calendar. Write it as year-month"),
        ("SEASON", "2019-10-01/2018-10-01", "it ends before it begins. Write the first day before"),
        ("UNTIL", "June", "UNTIL 'June': it is no day of the calendar"),
        ("DATES", 1, "DATES: it is 1. Use a whole number of"),
        ("DATES", "many", "DATES: it is 'many'. Use a whole number"),
        ("MASK", "fog", "MASK: it is 'fog'. Use one of: scl, band, omnicloudmask, none"),
        ("IMAGE_TABLE", "/no/a.csv", "/no/a.csv: there is no such file. Check the path of"),
    ],
)
def test_a_wrong_value_is_named_with_what_to_change(
    check: Any, tmp_path: Path, name: str, value: Any, said: str
) -> None:
    valid, text = check(
        "series", **{"IMAGES": str(tmp_path), name: value, "OUTPUT": "a.series.json"}
    )
    assert not valid
    assert said in text


def test_everything_wrong_is_said_at_once(check: Any, tmp_path: Path) -> None:
    valid, text = check("pretrain", DATASET=str(tmp_path), WINDOW=4, EPOCHS=0, OUTPUT="x")
    assert not valid
    lines = text.splitlines()
    assert len(lines) == 3
    assert "it holds no dataset.json" in text
    assert "WINDOW: it is 4. Use an odd number" in text
    assert "EPOCHS: it is 0." in text


def test_a_value_that_is_missing_is_explained(check: Any, tmp_path: Path) -> None:
    valid, text = check("map", IMAGES=str(tmp_path), OUTPUT="x")
    assert not valid
    assert text.startswith("MODEL: it has no value. Model: ")


def test_values_of_a_terminal_are_text(check: Any, tmp_path: Path) -> None:
    (tmp_path / "dataset.json").touch()
    given = {"DATASET": str(tmp_path), "OUTPUT": "/tmp/cscl-x"}
    assert check("pretrain", WINDOW="3", EPOCHS="2", WIDTH="0.25", **given) == (True, "")
    assert check("pretrain", WINDOW=3, EPOCHS=2.0, WIDTH=1, **given) == (True, "")


def test_empty_values_of_a_dialog_are_no_values(check: Any, tmp_path: Path) -> None:
    from qgis.core import NULL

    assert check("series", IMAGES=str(tmp_path), SERIES=NULL, IMAGE_LAYERS=None, SEASON="",
                 OUTPUT="/tmp/a.series.json") == (True, "")  # fmt: skip


def test_every_algorithm_has_an_icon_of_its_own(provider: Any) -> None:
    from qgis.PyQt.QtGui import QColor, QImage, QPainter
    from qgis.PyQt.QtSvg import QSvgRenderer

    drawn = set()
    for algorithm in provider.algorithms():
        path = algorithm.svgIconPath()
        if not path.endswith(f"{algorithm.name()}.svg"):
            continue  # a model, which QGIS gives its icon
        renderer = QSvgRenderer(path)
        assert renderer.isValid(), path
        for ground in ("#ffffff", "#202020"):
            picture = QImage(24, 24, QImage.Format.Format_RGB32)
            picture.fill(QColor(ground))
            painter = QPainter(picture)
            renderer.render(painter)
            painter.end()
            inside = {picture.pixelColor(x, y).name() for x in range(4, 20) for y in range(4, 20)}
            far = [name for name in inside if abs(_light(name) - _light(ground)) > 60]
            assert len(far) > 2, (path, ground)
        drawn.add((algorithm.name(), Path(path).read_bytes()))
    assert len({content for _, content in drawn}) == len(drawn) == 16


def _light(name: str) -> float:
    from qgis.PyQt.QtGui import QColor

    return QColor(name).lightness()


def test_groups_and_titles_follow_the_language(
    plugin: SimpleNamespace, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = plugin.load("cscl_qgis.words")
    known = {"Map crops": "Kulturen kartieren", "Maps": "Karten", "Model": "Modell"}
    monkeypatch.setattr(words, "_words", known)
    algorithm = provider.algorithm("map").create()
    assert algorithm.displayName() == "Kulturen kartieren"
    assert (algorithm.groupId(), algorithm.group()) == ("maps", "Karten")
    assert algorithm.parameterDefinition("MODEL").description() == "Modell"
    assert algorithm.name() == "map"
