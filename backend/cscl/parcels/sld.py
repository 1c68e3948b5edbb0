"""Styled Layer Descriptor: one rule a class, written and read back.

Source: OGC Styled Layer Descriptor 1.0.0 (02-070) with filters of OGC Filter Encoding 1.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as Xml  # nosec B405 - only written, or read by parse_xml

from cscl.contract.errors import UserError
from cscl.series.xml_document import parse_xml

SLD = "http://www.opengis.net/sld"
OGC = "http://www.opengis.net/ogc"
FILL_OPACITY = "0.75"
STROKE = {"stroke": "#3c3c3c", "stroke-width": "0.5", "stroke-linejoin": "bevel"}
_COLOUR = re.compile("#[0-9a-fA-F]{6}")
MAXIMUM_BYTES = 4 * 2**20


@dataclass(frozen=True)
class Category:
    """A value of the field, None for NULL, with its label and colour `#rrggbb`."""

    value: str | None
    label: str
    colour: str


@dataclass(frozen=True)
class ParcelStyle:
    """Polygons coloured by the text field `field`."""

    field: str
    categories: tuple[Category, ...]


def sld_text(style: ParcelStyle, layer: str) -> str:
    """Return the style of the layer `layer` as an SLD 1.0.0 document."""
    for prefix, name in (("", SLD), ("ogc", OGC)):
        Xml.register_namespace(prefix, name)
    root = Xml.Element(f"{{{SLD}}}StyledLayerDescriptor", version="1.0.0")
    named = _add(root, "NamedLayer")
    _add(named, "Name", layer)
    user = _add(named, "UserStyle")
    _add(user, "Name", layer)
    kind = _add(user, "FeatureTypeStyle")
    for category in style.categories:
        _add_rule(kind, style.field, category)
    Xml.indent(root, " ")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"
    )


def _add_rule(parent: Xml.Element, field: str, category: Category) -> None:
    rule = _add(parent, "Rule")
    _add(rule, "Name", category.label)
    _add(rule, "Title", category.label)
    condition = Xml.SubElement(rule, f"{{{OGC}}}Filter")
    test = "PropertyIsNull" if category.value is None else "PropertyIsEqualTo"
    compared = Xml.SubElement(condition, f"{{{OGC}}}{test}")
    Xml.SubElement(compared, f"{{{OGC}}}PropertyName").text = field
    if category.value is not None:
        Xml.SubElement(compared, f"{{{OGC}}}Literal").text = category.value
    polygon = _add(rule, "PolygonSymbolizer")
    fill = {"fill": category.colour, "fill-opacity": FILL_OPACITY}
    for tag, values in (("Fill", fill), ("Stroke", STROKE)):
        part = _add(polygon, tag)
        for name, value in values.items():
            _add(part, "CssParameter", value).set("name", name)


def _add(parent: Xml.Element, tag: str, text: str | None = None) -> Xml.Element:
    element = Xml.SubElement(parent, f"{{{SLD}}}{tag}")
    element.text = text
    return element


def read_sld(path: Path) -> ParcelStyle:
    """Return the style of an SLD file in the form that `sld_text` gives.

    Raises `UserError` where it has another form, is too large or declares a document type.
    """
    if path.stat().st_size > MAXIMUM_BYTES:
        raise _refused(path, "it is too large")
    root = parse_xml(path.read_bytes(), path)
    fields, categories = set(), []
    for rule in root.iter("Rule"):
        colour = next(
            (item.text or "" for item in rule.iter("CssParameter") if item.get("name") == "fill"),
            "",
        )
        names = [item.text or "" for item in rule.iter("PropertyName")]
        compared = [item.tag for item in rule.findall("Filter/*")]
        value = rule.findtext("Filter/PropertyIsEqualTo/Literal")
        single = compared in (["PropertyIsNull"], ["PropertyIsEqualTo"]) and len(names) == 1
        if not single or not _COLOUR.fullmatch(colour):
            raise _refused(path, "its rules are not one fill for one value each")
        fields.add(names[0])
        label = rule.findtext("Title") or rule.findtext("Name") or value or ""
        categories.append(Category(value, label, colour))
    if len(fields) != 1:
        raise _refused(path, "its rules do not compare one field")
    return ParcelStyle(fields.pop(), tuple(categories))


def _refused(path: Path, found: str) -> UserError:
    return UserError(
        "style_not_read", path, found, "Style the exported layer by hand, or remove the file."
    )
