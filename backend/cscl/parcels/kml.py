"""KML: a placemark a feature, its fields as typed data.

Source: OGC KML 2.2, https://www.ogc.org/standards/kml.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml  # nosec B405 - only written, or read by parse_xml

import pyarrow as pa
import shapely

from cscl.context import JobContext
from cscl.parcels.cells import plain
from cscl.vectors.curves import shapes_of

NAMESPACE = "http://www.opengis.net/kml/2.2"
DIGITS = 7  # of a degree: a centimetre, as in GeoJSON
# What XML 1.0 cannot hold in any form.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
SINGLE = {"Point": "Point", "LineString": "LineString", "LinearRing": "LinearRing"}


def write_kml(
    name: str,
    fields: Sequence[str],
    geometry: str,
    batches: Iterable[pa.RecordBatch],
    path: Path,
    ctx: JobContext,
) -> None:
    """Write batches, whose geometries are longitude and latitude, as one KML document in UTF-8.

    A field that is NULL is left out of its placemark. KML has no types for whole numbers over 32
    bits, dates and times: they are texts, dates by ISO 8601. Outer rings run counter-clockwise.
    """
    replaced = 0
    with open(path, "w", encoding="utf-8", newline="\n") as handle:
        handle.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="{NAMESPACE}">\n')
        handle.write(f"<Document>\n{_text(_named('name', FORBIDDEN.sub(' ', name)))}")
        schema: pa.Schema | None = None
        for batch in batches:
            if schema is None:
                schema = batch.schema
                handle.write(_text(_schema(fields, schema)))
            columns = [batch.column(field).to_pylist() for field in fields]
            shapes = shapes_of(batch.column(geometry).to_numpy(zero_copy_only=False))
            for row, shape in enumerate(shapes):
                values = [column[row] for column in columns]
                mark, changed = _placemark(fields, values, shape)
                replaced += changed
                handle.write(_text(mark))
        handle.write("</Document>\n</kml>\n")
    if replaced:
        ctx.note(f"{replaced} texts hold control characters, which XML cannot: they became U+FFFD")
    ctx.note("KML: whole numbers over 32 bits, dates and times are texts; NULL is left out")


def _schema(fields: Sequence[str], schema: pa.Schema) -> Xml.Element:
    root = Xml.Element("Schema", name="fields", id="fields")
    for field in fields:
        name = FORBIDDEN.sub("\ufffd", field)
        Xml.SubElement(root, "SimpleField", type=_type(schema.field(field).type), name=name)
    return root


def _type(kind: pa.DataType) -> str:
    """Return the type of KML for one of Arrow."""
    if pa.types.is_boolean(kind):
        return "bool"
    if pa.types.is_floating(kind):
        return "double"
    small = (pa.int8(), pa.int16(), pa.int32(), pa.uint8(), pa.uint16())
    return "int" if kind in small else "string"


def _placemark(fields: Sequence[str], values: list[Any], shape: Any) -> tuple[Xml.Element, int]:
    """Return the element of a feature, and how many of its texts had to be changed."""
    mark = Xml.Element("Placemark")
    # Programs show these, and some read fields of these names from nowhere else.
    for tag in ("name", "description"):
        for field, value in zip(fields, values, strict=True):
            if field.lower() == tag and value is not None:
                mark.append(_named(tag, FORBIDDEN.sub("\ufffd", _value(value))))
                break
    data = Xml.SubElement(Xml.SubElement(mark, "ExtendedData"), "SchemaData", schemaUrl="#fields")
    changed = 0
    for field, value in zip(fields, values, strict=True):
        if value is None:
            continue
        text = _value(value)
        clean = FORBIDDEN.sub("\ufffd", text)
        changed += clean != text
        name = FORBIDDEN.sub("\ufffd", field)
        Xml.SubElement(data, "SimpleData", name=name).text = clean
    if shape is not None and not shape.is_empty:
        _add_shape(mark, shape)
    return mark, changed


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))  # as valid as true and false, and GDAL reads nothing else
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        value = value.astimezone(datetime.UTC)
    return str(plain(value))


def _add_shape(parent: Xml.Element, shape: Any) -> None:
    kind = shape.geom_type
    if kind in SINGLE:
        _add_coordinates(Xml.SubElement(parent, SINGLE[kind]), shape)
    elif kind == "Polygon":
        polygon = Xml.SubElement(parent, "Polygon")
        turned = shapely.orient_polygons(shape)
        for where, rings in (
            ("outerBoundaryIs", [turned.exterior]),
            ("innerBoundaryIs", list(turned.interiors)),
        ):
            for ring in rings:
                holder = Xml.SubElement(Xml.SubElement(polygon, where), "LinearRing")
                _add_coordinates(holder, ring)
    else:
        several = Xml.SubElement(parent, "MultiGeometry")
        for part in shape.geoms:
            _add_shape(several, part)


def _add_coordinates(parent: Xml.Element, line: Any) -> None:
    points = shapely.get_coordinates(line, include_z=line.has_z)
    Xml.SubElement(parent, "coordinates").text = " ".join(
        ",".join(_number(value) for value in point) for point in points.tolist()
    )


def _number(value: float) -> str:
    text = f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _named(tag: str, text: str) -> Xml.Element:
    element = Xml.Element(tag)
    element.text = text
    return element


def _text(element: Xml.Element) -> str:
    return Xml.tostring(element, encoding="unicode") + "\n"
