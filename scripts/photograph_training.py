"""Photographs of the pages of training and history, with a training of the real engine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QPixmap

WIDTH = 470
WAIT = 900.0
# Long enough for curves, short enough for a machine without a graphics card.
EPOCHS = 20
FEWEST_POINTS = 5

Step = float | Callable[[], bool]


def show_training_page(
    window: Any, dock: Any, demo: Path, folder: Path, take: Callable[[str, QPixmap], None]
) -> Iterator[Step]:
    """What a training will take, then its curves and picture after some validations."""
    page = dock.page("train")
    dock.show()
    dock.show_page("train")
    window.resizeDocks([dock], [WIDTH], Qt.Orientation.Horizontal)
    dock.panel.log_button.setChecked(False)
    page.form.set_value("dataset", str(demo / "dataset"))
    page.form.set_value("preset", "quick")
    page.form.own["finetune"].editors["epochs"].set_value(EPOCHS)
    page.form.set_value("output", str(folder / "model"))
    yield lambda: page.expected.text().startswith("Expected")
    take("train-settings.png", dock.grab())
    page.form.pretrain.setChecked(False)
    page.form.model.editors["model"].set_value(str(demo / "pretrained"))
    yield lambda: page.run_button.isEnabled() and bool(page.expected.text())
    page.run_button.click()
    began = time.monotonic()

    def has_curves() -> bool:
        if time.monotonic() - began > WAIT or not dock.workspace.runner.is_running():
            raise RuntimeError(f"no curves came: {dock.panel.log.toPlainText()[-1500:]}")
        drawn = page.charts.charts[2].lines()
        return bool(drawn) and len(drawn[0].x) >= FEWEST_POINTS and not page.picture.image.isNull()

    yield has_curves
    yield 1.0
    take("train-curves.png", dock.grab())
    dock.panel.cancel_button.click()
    yield lambda: not dock.workspace.runner.is_running()
    page.restore({})


def show_history_page(
    window: Any, dock: Any, demo: Path, take: Callable[[str, QPixmap], None]
) -> Iterator[Step]:
    """The runs of the demonstration, one of them with its details."""
    page = dock.page("history")
    dock.show()
    window.resizeDocks([dock], [WIDTH], Qt.Orientation.Horizontal)
    QgsSettings().setValue("cscl/run_folders", json.dumps([str(demo)]))
    dock.show_page("history")
    yield lambda: len(page.runs.runs) > 2 and not page.runs.is_busy()
    tree = page.tree.tree
    rows = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
    complete = [row for row in rows if row.text(1) == "Complete"]
    wanted = [row for name in ("model", "pretrained") for row in complete if row.text(0) == name]
    tree.setCurrentItem((wanted or rows)[0])
    yield 1.0
    take("history.png", dock.grab())
