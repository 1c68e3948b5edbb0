"""A QGIS style for classified parcels: filled with their crop's colour."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from cscl.contract.classes import ClassTable
from cscl.mapping.style import QGIS_VERSION, qml_text

NO_CLASS = "no class"
NO_CLASS_COLOUR = "#ffffff"
OUTLINE = {
    "outline_color": "60,60,60,255",
    "outline_style": "solid",
    "outline_width": "0.16",
    "outline_width_unit": "MM",
    "joinstyle": "bevel",
}


def parcel_style(table: ClassTable, codes: tuple[int, ...], field: str = "crop_name") -> str:
    """Return the QML text of a style with one category a class, and one for NULL."""
    root = Xml.Element("qgis", version=QGIS_VERSION, styleCategories="Symbology")
    renderer = Xml.SubElement(
        root,
        "renderer-v2",
        type="categorizedSymbol",
        attr=field,
        symbollevels="0",
        enableorderby="0",
        forceraster="0",
    )
    categories = Xml.SubElement(renderer, "categories")
    symbols = Xml.SubElement(renderer, "symbols")
    entries = [(table.name_of(code), table.colour_of(code), table.name_of(code)) for code in codes]
    for number, (value, colour, label) in enumerate([*entries, ("", NO_CLASS_COLOUR, NO_CLASS)]):
        Xml.SubElement(
            categories,
            "category",
            value=value,
            type="string",
            symbol=str(number),
            label=label,
            render="true",
        )
        _symbol(symbols, str(number), colour)
    return qml_text(root)


def _symbol(parent: Xml.Element, name: str, colour: str) -> None:
    symbol = Xml.SubElement(
        parent, "symbol", type="fill", name=name, alpha="1", clip_to_extent="1", force_rhr="0"
    )
    layer = Xml.SubElement(
        symbol, "layer", {"class": "SimpleFill"}, locked="0", enabled="1", **{"pass": "0"}
    )
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    properties = {"color": f"{red},{green},{blue},190", "style": "solid", **OUTLINE}
    options = Xml.SubElement(layer, "Option", type="Map")
    for key, value in properties.items():
        Xml.SubElement(options, "Option", name=key, type="QString", value=value)
    # The form that QGIS 3.22 reads; later ones take the options above.
    for key, value in properties.items():
        Xml.SubElement(layer, "prop", k=key, v=value)
