"""Styles of classified parcels, filled with their crop's colour: QML for QGIS, SLD for others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as Xml  # nosec B405 - only written, or read by parse_xml

from cscl.context import JobContext
from cscl.contract.classes import ClassTable
from cscl.contract.errors import UserError
from cscl.mapping.style import QGIS_VERSION, qml_text
from cscl.parcels.sld import Category, ParcelStyle, read_sld, sld_text

NO_CLASS = "no class"
NO_CLASS_COLOUR = "#ffffff"
OUTLINE = {
    "outline_color": "60,60,60,255",
    "outline_style": "solid",
    "outline_width": "0.16",
    "outline_width_unit": "MM",
    "joinstyle": "bevel",
}


def parcel_style(
    table: ClassTable, codes: tuple[int, ...], field: str = "crop_name"
) -> ParcelStyle:
    """Return a style with one category a class, in the order of `codes`, and one for NULL."""
    known = [Category(table.name_of(c), table.name_of(c), table.colour_of(c)) for c in codes]
    return ParcelStyle(field, (*known, Category(None, NO_CLASS, NO_CLASS_COLOUR)))


def write_styles(layer: Path, style: ParcelStyle) -> None:
    """Write the style as .qml and .sld with the layer's name beside it."""
    layer.with_suffix(".qml").write_bytes(qml_style(style).encode("utf-8"))
    layer.with_suffix(".sld").write_bytes(sld_text(style, layer.stem).encode("utf-8"))


def carried_style(layer: Path, fields: Sequence[str], ctx: JobContext) -> ParcelStyle | None:
    """Return the style that stands as .sld beside a layer, if it is one of ours for `fields`.

    What keeps a style from being carried over is a note.
    """
    path = layer.with_suffix(".sld")
    if not path.is_file():
        ctx.note(f"No style was written: there is no {path.name} beside the layer")
        return None
    try:
        style = read_sld(path)
    except UserError as error:
        ctx.note(f"No style was written: {path.name} is not read ({error.findings[0].found})")
        return None
    if style.field not in fields:
        ctx.note(f"No style was written: it colours by {style.field!r}, which is not exported")
        return None
    return style


def qml_style(style: ParcelStyle) -> str:
    """Return the style as the text of a QML file."""
    root = Xml.Element("qgis", version=QGIS_VERSION, styleCategories="Symbology")
    renderer = Xml.SubElement(
        root,
        "renderer-v2",
        type="categorizedSymbol",
        attr=style.field,
        symbollevels="0",
        enableorderby="0",
        forceraster="0",
    )
    categories = Xml.SubElement(renderer, "categories")
    symbols = Xml.SubElement(renderer, "symbols")
    for number, category in enumerate(style.categories):
        Xml.SubElement(
            categories,
            "category",
            value=category.value or "",
            type="string",
            symbol=str(number),
            label=category.label,
            render="true",
        )
        _symbol(symbols, str(number), category.colour)
    return qml_text(root)


def _symbol(parent: Xml.Element, name: str, colour: str) -> None:
    symbol = Xml.SubElement(
        parent, "symbol", type="fill", name=name, alpha="1", clip_to_extent="1", force_rhr="0"
    )
    layer = Xml.SubElement(
        symbol,
        "layer",
        {"class": "SimpleFill"},
        locked="0",
        enabled="1",
        **{"pass": "0"},  # nosec B105
    )
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    properties = {"color": f"{red},{green},{blue},190", "style": "solid", **OUTLINE}
    options = Xml.SubElement(layer, "Option", type="Map")
    for key, value in properties.items():
        Xml.SubElement(options, "Option", name=key, type="QString", value=value)
    # The form that QGIS 3.22 reads; later ones take the options above.
    for key, value in properties.items():
        Xml.SubElement(layer, "prop", k=key, v=value)
