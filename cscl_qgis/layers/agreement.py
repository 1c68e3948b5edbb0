"""The map against the declaration: parcels coloured by whether the two agree."""

from __future__ import annotations

import re
from typing import Optional

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFields,
    QgsFillSymbol,
    QgsRendererCategory,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QVariant

from ..words import tr

# Blue and red stay apart for the colour-blind; what cannot be told is grey.
AGREES, DISAGREES, UNTOLD = "67,147,195,110", "203,60,44,200", "150,150,150,60"


def result_field(fields: QgsFields, name: str) -> Optional[str]:
    """Return the field that a classified layer has for `name`, which may carry a number.

    The engine writes crop_name_2 where the parcels had a crop_name already; its own fields come
    last. `None` where there is none.
    """
    pattern = re.compile(rf"{re.escape(name)}(_\d+)?", re.IGNORECASE)
    found = [field.name() for field in fields if pattern.fullmatch(field.name())]
    return found[-1] if found else None


def show_agreement(layer: QgsVectorLayer) -> bool:
    """Colour classified parcels by agreement; `False` where they have no such field."""
    name = result_field(layer.fields(), "agrees")
    if name is None:
        return False
    categories = [
        QgsRendererCategory(False, _fill(DISAGREES), tr("Map and declaration differ")),
        QgsRendererCategory(True, _fill(AGREES), tr("Map and declaration agree")),
        QgsRendererCategory(QVariant(), _fill(UNTOLD), tr("Cannot be told")),
    ]
    layer.setRenderer(QgsCategorizedSymbolRenderer(name, categories))
    return True


def _fill(colour: str) -> QgsFillSymbol:
    return QgsFillSymbol.createSimple(
        {"color": colour, "outline_color": "60,60,60,255", "outline_width": "0.16"}
    )
