"""The card of a model: what it needs of images and what it tells apart."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.PyQt.QtCore import QDate, QLocale, Qt
from qgis.PyQt.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ....backend.cscl.contract.codes import OUTSIDE_COLOUR
from ....backend.cscl.contract.resolutions import ENDINGS
from ...words import tr
from ..ticks import short_number
from ..wrapped import WrappedLabel
from .chips import ClassChips

ROWS = ("bands", "dates", "level", "maps", "outside", "trained", "figures")
# Any year that has a 29th of February.
SOME_YEAR = 2020


class ModelCard(QWidget):
    """Shows the answer to the question `card`, or why there is none."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("cscl_model_card")
        self.message = WrappedLabel()
        self.message.setObjectName("cscl_card_message")
        self._values: Dict[str, WrappedLabel] = {}
        self._names: Dict[str, QLabel] = {}
        self.classes = ClassChips()
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        for row, name in enumerate(ROWS):
            self._names[name], self._values[name] = _name_label(), WrappedLabel()
            self._values[name].setObjectName(f"cscl_card_{name}")
            grid.addWidget(self._names[name], row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self._values[name], row, 1)
        self._rows = QWidget()
        self._rows.setLayout(grid)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.setSpacing(4)
        layout.addWidget(self.message)
        layout.addWidget(self._rows)
        layout.addWidget(self.classes)
        self.say(tr("Choose the folder of a trained model."))

    def say(self, text: str) -> None:
        """Show words in place of a card."""
        self.message.setText(text)
        self.message.setVisible(True)
        self._rows.setVisible(False)
        self.classes.setVisible(False)

    def show_card(self, card: Dict[str, Any]) -> None:
        """Show an answer to the question `card`."""
        titles = {
            "bands": tr("Bands"), "dates": tr("Dates"), "level": tr("Images"),
            "maps": tr("Maps at"), "outside": tr("Other land"), "trained": tr("Trained"),
            "figures": tr("Validation"),
        }  # fmt: skip
        values = {
            "bands": ", ".join(card["bands"]),
            "dates": _dates(card),
            "level": "; ".join(part for part in (card["level"], card["series"]) if part),
            "maps": ", ".join(f"{short_number(float(head))} m" for head in card["heads"]),
            "outside": (
                tr("is a class of its own")
                if card["outside"] == "class"
                else tr("unknown to the model: a crop is shown everywhere")
            ),
            "trained": _trained(card),
            "figures": _figures(card["figures"]),
        }
        for name in ROWS:
            self._names[name].setText(titles[name])
            self._values[name].setText(values[name])
            for label in (self._names[name], self._values[name]):
                label.setVisible(bool(values[name]))
        shown = [(item["name"], item["colour"]) for item in card["classes"]]
        if card["outside"] == "class":
            shown.append((tr("other land"), OUTSIDE_COLOUR))
        self.classes.show_classes(shown)
        usable = card["stage"] == "finetuned"
        self.message.setText(
            "" if usable else tr("This model is pretrained only. Fine-tune it before it can map.")
        )
        self.message.setVisible(not usable)
        self._rows.setVisible(True)
        self.classes.setVisible(True)


def _name_label() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return label


def _dates(card: Dict[str, Any]) -> str:
    start, end = (_day(text) for text in card["season"])
    if card["dates"] is None:
        return tr("{start} to {end}", start=start, end=end)
    return tr("{count} from {start} to {end}", count=card["dates"], start=start, end=end)


def _day(text: str) -> str:
    """Return MM-DD as the person writes a day, such as 1 Oct."""
    month, _, day = text.partition("-")
    date = QDate(SOME_YEAR, int(month), int(day)) if (month + day).isdigit() else QDate()
    return str(QLocale().toString(date, "d MMM")) if date.isValid() else text


def _trained(card: Dict[str, Any]) -> str:
    epochs, preset = card["trained"].get("epochs"), card["trained"].get("preset")
    parts = [str(card["year"])] if card["year"] else []
    if epochs:
        parts.append(tr("{count} epochs", count=epochs))
    if preset:
        parts.append(_preset(str(preset)))
    return ", ".join(parts)


def _preset(name: str) -> str:
    """Return a preset's name as a part of a line; one that is not known as the model has it."""
    known = {
        "quick": tr("preset quick"), "standard": tr("preset standard"), "full": tr("preset full"),
    }  # fmt: skip
    return known.get(name) or tr("preset {name}", name=name)


def _figures(figures: Dict[str, Any]) -> str:
    """Return what validation said at each resolution, one line each, and nothing of the rest."""
    names = {
        "overall_accuracy": tr("overall accuracy"),
        "mean_iou": tr("mean IoU"),
        "boundary_accuracy": tr("on boundaries"),
    }
    lines = []
    for resolution, tail in ENDINGS.items():
        shares = [
            f"{words} {_percent(figures[name + tail])}"
            for name, words in names.items()
            if figures.get(name + tail) is not None
        ]
        if shares:
            metres = short_number(float(resolution))
            lines.append(
                tr("{resolution} m: {shares}", resolution=metres, shares=", ".join(shares))
            )
    return "\n".join(lines)


def _percent(share: float) -> str:
    return tr("{share} %", share=QLocale().toString(100.0 * share, "f", 1))
