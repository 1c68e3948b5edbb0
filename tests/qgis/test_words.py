"""What the plugin says to a person whose QGIS speaks German or French."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from map_answers import CARD
from qgis.core import QgsProcessingContext
from qgis.PyQt.QtCore import QLocale

Speak = Callable[[str], None]
METRICS = ("overall_accuracy", "boundary_accuracy", "interior_mean_iou", "boundary_mean_iou")


@pytest.fixture()
def speak(plugin: SimpleNamespace) -> Iterator[Speak]:
    """Turn words and numbers to another language, and back at the end."""
    words, before = plugin.load("cscl_qgis.words"), QLocale()

    def turn(locale: str) -> None:
        words.use_language(locale)
        QLocale.setDefault(QLocale(locale))

    yield turn
    words.use_language(None)
    QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("de_AT", ("MODEL", "keinen solchen Ordner", "keines davon hat einen Wert")),
        ("fr_FR", ("MODEL", "ce dossier n'existe pas", "aucun n'a de valeur")),
    ],
)
def test_parameters_are_refused_in_the_language_of_qgis(
    provider: Any, speak: Speak, tmp_path: Path, locale: str, said: tuple[str, ...]
) -> None:
    speak(locale)
    parameters = {"MODEL": "/no/model", "OUTPUT": str(tmp_path / "out")}
    algorithm = provider.algorithm("map").create()
    valid, text = algorithm.checkParameterValues(parameters, QgsProcessingContext())
    assert not valid
    assert [words for words in said if words not in text] == [], text


def test_a_folder_without_results_is_refused_in_german(
    plugin: SimpleNamespace, speak: Speak, tmp_path: Path
) -> None:
    speak("de_DE")
    error = plugin.load("backend.cscl.contract.errors").UserError
    with pytest.raises(error, match="er enthält kein manifest.json. Wählen Sie den Ausgabeordner"):
        plugin.load("cscl_qgis.layers.folder").read_results(str(tmp_path))


def test_an_engine_that_stopped_is_told_of_in_german(plugin: SimpleNamespace, speak: Speak) -> None:
    speak("de_DE")
    conversation = plugin.load("cscl_qgis.engine.conversation").Conversation()
    conversation.feed_error(b"out of memory\n")
    message = conversation.outcome(3, False, False).message
    assert message.startswith("Die Engine ist nicht gestartet (Status 3). Sie meldete: out of mem")
    assert message.endswith("Python für sie.")


def test_the_card_of_a_model_is_german_throughout(
    plugin: SimpleNamespace, speak: Speak, qtbot: Any
) -> None:
    speak("de_DE")
    card = plugin.load("cscl_qgis.gui.mapping.model_card").ModelCard()
    qtbot.addWidget(card)
    card.show_card(CARD)
    texts = {name: label.text() for name, label in card._values.items()}
    assert texts["maps"] == "10 m, 2,5 m"
    assert texts["trained"] == "2021, 71 Epochen, Voreinstellung Schnell"
    first, second = texts["figures"].split("\n")
    assert first.startswith("10 m: ")
    assert second.startswith("2,5 m: ")
    assert "82,4 %" in first.replace("\u00a0", " ")
    assert "81,8 %" in second.replace("\u00a0", " ")
    card.show_card({**CARD, "trained": {"preset": "own"}})
    assert card._values["trained"].text() == "2021, Voreinstellung own"


class TestComparedResolutions:
    """Curves of two runs of unlike resolution in one chart."""

    @pytest.fixture()
    def charts(self, plugin: SimpleNamespace, qtbot: Any) -> Any:
        made = plugin.load("cscl_qgis.gui.training.charts").TrainingCharts("")
        qtbot.addWidget(made)
        return made

    @pytest.fixture()
    def figures(self, plugin: SimpleNamespace) -> Callable[..., Any]:
        def made(*endings: str) -> Any:
            figures = plugin.load("cscl_qgis.gui.training.figures").Figures()
            figures.add("finetune", "training/loss", 1, 0.5)
            for ending in endings:
                for name in METRICS:
                    figures.add("finetune", f"validation/{name}{ending}", 1, 0.5)
                figures.add("finetune", f"validation/cross_entropy{ending}", 1, 0.5)
            return figures

        return made

    def test_another_resolution_is_named(self, charts: Any, figures: Callable[..., Any]) -> None:
        charts.show_figures(figures("", "_5m"))
        charts.compare("old", figures("", "_2m5"))
        loss, accuracy, iou = charts.charts
        assert accuracy._y_title == "Accuracy at 5 m"
        assert iou._y_title == "Mean IoU at 5 m"
        for chart, own in ((accuracy, "All pixels"), (iou, "Interior")):
            names = [line.name for line in chart.lines()]
            assert names == [own, "Boundaries", "old at 2.5 m", "old at 2.5 m"]
        # The training loss has no resolution.
        assert [line.name for line in loss.lines() if line.dashed] == ["old", "old at 2.5 m"]

    def test_a_finer_run_beside_one_at_10_m_does_not_name_the_chart(
        self, charts: Any, figures: Callable[..., Any]
    ) -> None:
        charts.show_figures(figures(""))
        charts.compare("old", figures("", "_5m"))
        assert charts.charts[1]._y_title == "Accuracy at 10 m"
        assert {line.name for line in charts.charts[1].lines() if line.dashed} == {"old at 5 m"}

    @pytest.mark.parametrize("own", [("", "_5m"), ()])
    def test_one_resolution_is_named_by_the_title_alone(
        self, charts: Any, figures: Callable[..., Any], own: tuple[str, ...]
    ) -> None:
        charts.show_figures(figures(*own))
        charts.compare("old", figures("", "_5m"))
        assert charts.charts[1]._y_title == "Accuracy at 5 m"
        assert {line.name for line in charts.charts[1].lines() if line.dashed} == {"old"}
