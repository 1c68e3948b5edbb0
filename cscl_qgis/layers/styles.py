"""Styles of results: from the style file beside a layer, or set here without reading pixels."""

from __future__ import annotations

from pathlib import Path
from typing import List, Sequence, Tuple

from qgis.core import (
    QgsColorRampShader,
    QgsMapLayer,
    QgsPalettedRasterRenderer,
    QgsRasterLayer,
    QgsRasterShader,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.PyQt.QtGui import QColor

from ...backend.cscl.contract.resolutions import without_ending

# Confidence is stored as 1/250; the legend shows per cent.
CONFIDENCE_UNIT = 250
CONFIDENCE_COLOURS = ((0, "#67001f"), (50, "#f4a582"), (75, "#fddbc7"), (100, "#2166ac"))


def apply_style(layer: QgsMapLayer, role: str, path: str) -> None:
    """Style one result by its role; nothing is computed from the layer's pixels or features."""
    if role.startswith("confidence") and isinstance(layer, QgsRasterLayer):
        layer.setRenderer(_confidence_renderer(layer))
        return
    style = style_file(path)
    if style is not None:
        layer.loadNamedStyle(str(style))
    elif isinstance(layer, QgsRasterLayer):
        _use_colour_table(layer)


def style_file(path: str) -> "Path | None":
    """Return the style beside a result: of its own name, or of its twin's at 10 m."""
    file = Path(path)
    for stem in (file.stem, without_ending(file.stem)[0]):
        style = file.with_name(f"{stem}.qml")
        if style.is_file():
            return style
    return None


def show_classes(layer: QgsRasterLayer, classes: Sequence[Tuple[int, str, str]]) -> None:
    """Show codes as classes: code, name and colour each."""
    entries = [
        QgsPalettedRasterRenderer.Class(code, QColor(colour), name)
        for code, name, colour in classes
    ]
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, entries))


def _use_colour_table(layer: QgsRasterLayer) -> None:
    provider = layer.dataProvider()
    table = provider.colorTable(1)
    if table:
        classes = QgsPalettedRasterRenderer.colorTableToClassData(table)
        layer.setRenderer(QgsPalettedRasterRenderer(provider, 1, classes))


def _confidence_renderer(layer: QgsRasterLayer) -> QgsSingleBandPseudoColorRenderer:
    ramp = QgsColorRampShader(0, CONFIDENCE_UNIT)
    ramp.setColorRampType(QgsColorRampShader.Type.Interpolated)
    items: List[QgsColorRampShader.ColorRampItem] = [
        QgsColorRampShader.ColorRampItem(
            percent * CONFIDENCE_UNIT / 100, QColor(colour), f"{percent} %"
        )
        for percent, colour in CONFIDENCE_COLOURS
    ]
    ramp.setColorRampItemList(items)
    shader = QgsRasterShader(0, CONFIDENCE_UNIT)
    shader.setRasterShaderFunction(ramp)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader)
    renderer.setClassificationMin(0)
    renderer.setClassificationMax(CONFIDENCE_UNIT)
    return renderer
