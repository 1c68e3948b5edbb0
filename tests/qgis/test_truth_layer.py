"""The truth of a simulated scene in the project: names and colours as the crop maps have them."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace


def test_the_truth_has_the_names_and_colours_of_its_classes(
    plugin: SimpleNamespace, scene: Path
) -> None:
    results = plugin.load("cscl_qgis.layers.results")
    truth = str(scene / "truth" / "truth_2m5.tif")
    (result,) = results.results_of({"truth": truth})
    layer = results.open_result(result)
    entries = layer.renderer().classes()
    shown = [(int(item.value), item.label, item.color.name()) for item in entries]
    with open(scene / "truth" / "classes.csv", encoding="utf-8") as file:
        classes = [(int(row["code"]), row["name"], row["colour"]) for row in csv.DictReader(file)]
    assert len(classes) == 3
    assert shown == [*classes, (254, "other land", "#d9d9d9")]
