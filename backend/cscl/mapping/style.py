"""A QGIS style for the crop map: one colour and legend entry a class."""

from __future__ import annotations

from xml.etree import ElementTree as Xml  # nosec B405 - only written, or read by parse_xml

from cscl.contract.classes import ClassTable

DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
# The oldest version that has to read the style; later ones convert it.
QGIS_VERSION = "3.22.0"


def raster_style(table: ClassTable, codes: tuple[int, ...]) -> str:
    """Return the QML text of a paletted style for the codes, in their order.

    The legend shows names, not codes; no data stays transparent.
    """
    root = Xml.Element("qgis", version=QGIS_VERSION, styleCategories="Symbology")
    pipe = Xml.SubElement(root, "pipe")
    renderer = Xml.SubElement(
        pipe,
        "rasterrenderer",
        type="paletted",
        band="1",
        opacity="1",
        alphaBand="-1",
        nodataColor="",
    )
    Xml.SubElement(renderer, "rasterTransparency")
    palette = Xml.SubElement(renderer, "colorPalette")
    for code in codes:
        Xml.SubElement(
            palette,
            "paletteEntry",
            value=str(code),
            color=table.colour_of(code).lower(),
            alpha="255",
            label=table.name_of(code),
        )
    Xml.SubElement(pipe, "brightnesscontrast", brightness="0", contrast="0", gamma="1")
    Xml.SubElement(pipe, "huesaturation", saturation="0", grayscaleMode="0", colorizeOn="0")
    Xml.SubElement(pipe, "rasterresampler", maxOversampling="2")
    Xml.SubElement(root, "blendMode").text = "0"
    return qml_text(root)


def qml_text(root: Xml.Element) -> str:
    """Return an XML tree as the text of a QML file."""
    Xml.indent(root, " ")
    return DOCTYPE + Xml.tostring(root, encoding="unicode") + "\n"
