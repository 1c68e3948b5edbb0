"""Virtual rasters (.vrt) over local GeoTIFF and JPEG 2000 files, and nothing else they can be.

GDAL never sees the user's document: what is allowed of it is written anew, each source by its
whole path, and the rest is refused in words. Source: GDAL's documentation of the VRT driver.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as Xml  # nosec B405 - read by parse_xml alone

from cscl.contract.errors import UserError
from cscl.contract.paths import path_problem
from cscl.series.xml_document import parse_xml

SUFFIX = ".vrt"
MAXIMUM_BYTES = 16 * 2**20
MAXIMUM_SOURCES = 10_000
_START = b"<VRTDataset"
_REMEDY = "Use a .vrt of plain bands over local GeoTIFF or JPEG 2000 files, or those files."

# A reference system by its text; GDAL would also take the address of one.
_REFERENCE = re.compile(r"\s*(EPSG:\d{4,6}\s*$|[A-Z_]{3,20}\[)")
# What is taken over as it is, by the element that holds it.
_KEPT = {
    "VRTDataset": ("SRS", "GeoTransform", "Metadata"),
    "VRTRasterBand": (
        "Description", "NoDataValue", "HideNoDataValue", "Scale", "Offset", "UnitType",
        "ColorInterp", "Metadata",
    ),
    "SimpleSource": ("SourceBand", "SourceProperties", "SrcRect", "DstRect"),
    "ComplexSource": ("SourceBand", "SourceProperties", "SrcRect", "DstRect", "NODATA"),
}  # fmt: skip
# What says nothing about pixels as they are read here.
_LEFT_OUT = (
    "OverviewList", "Overview", "Histograms", "CategoryNames", "ColorTable", "OpenOptions",
    "BlockXSize", "BlockYSize",
)  # fmt: skip
_ATTRIBUTES = {
    "VRTDataset": ("rasterXSize", "rasterYSize"),
    "VRTRasterBand": ("dataType", "band", "blockXSize", "blockYSize"),
}


def is_virtual(path: Path) -> bool:
    """Tell whether a file is named as a virtual raster and is one."""
    if path.suffix.lower() != SUFFIX:
        return False
    try:
        with open(path, "rb") as handle:
            return _START in handle.read(1024)
    except OSError:
        return False


def checked_virtual(path: Path, check_source: Callable[[Path], None]) -> str:
    """Return the document of a virtual raster as GDAL may read it.

    `check_source` is called with every file that it names and raises `UserError` where that may
    not be read. Raises `UserError` naming what is not allowed.
    """
    root, sources = _checked(path)
    for source in sources:
        try:
            check_source(source)
        except UserError as error:
            first = error.findings[0]
            raise _refused(path, f"of its sources, {first.subject}: {first.found}") from None
    return Xml.tostring(root, encoding="unicode")


def sources_of(path: Path) -> list[Path]:
    """Return the files that a virtual raster names, each once; raises `UserError` as above."""
    return _checked(path)[1]


def _checked(path: Path) -> tuple[Xml.Element, list[Path]]:
    try:
        with open(path, "rb") as handle:
            content = handle.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        raise _refused(path, f"it cannot be read ({error.strerror or error})") from None
    if len(content) > MAXIMUM_BYTES:
        raise _refused(path, f"it holds more than {MAXIMUM_BYTES // 2**20} MiB")
    tree = parse_xml(content, path)
    if tree.tag != "VRTDataset":
        raise _refused(path, f"it is no virtual raster but {tree.tag!r}")
    sources: dict[Path, None] = {}
    root = _dataset(path, tree, sources)
    if len(sources) > MAXIMUM_SOURCES:
        raise _refused(path, f"it names more than {MAXIMUM_SOURCES} files")
    return root, list(sources)


def _dataset(path: Path, tree: Xml.Element, sources: dict[Path, None]) -> Xml.Element:
    _check_attributes(path, tree)
    root = Xml.Element(tree.tag, _attributes(tree))
    for element in tree:
        if element.tag == "VRTRasterBand":
            root.append(_band(path, element, sources))
        else:
            _keep(path, tree.tag, element, root)
    return root


def _band(path: Path, tree: Xml.Element, sources: dict[Path, None]) -> Xml.Element:
    _check_attributes(path, tree)
    band = Xml.Element(tree.tag, _attributes(tree))
    for element in tree:
        if element.tag in ("SimpleSource", "ComplexSource"):
            band.append(_source(path, element, sources))
        else:
            _keep(path, tree.tag, element, band)
    return band


def _source(path: Path, tree: Xml.Element, sources: dict[Path, None]) -> Xml.Element:
    source = Xml.Element(tree.tag)
    rectangles = [tree.find(name) for name in ("SrcRect", "DstRect")]
    sizes = {
        tuple(float(each.get(side, "nan")) for side in ("xSize", "ySize"))
        for each in rectangles
        if each is not None
    }
    if len(sizes) > 1:
        raise _refused(path, "it resamples a source, which would depend on the window that is read")
    for element in tree:
        if element.tag == "SourceFilename":
            target = _target(path, element)
            sources.setdefault(target)
            name = Xml.SubElement(source, element.tag, {"relativeToVRT": "0"})
            name.text = str(target)
        else:
            _keep(path, tree.tag, element, source)
    return source


def _target(path: Path, element: Xml.Element) -> Path:
    text = element.text or ""
    problem = path_problem(text) or ("" if text.strip() else "it is empty")
    if "<" in text:
        problem = "it is a document, not a file"
    if problem:
        raise _refused(path, f"of its sources, {text[:200]!r}: {problem}")
    relative = element.get("relativeToVRT") == "1"
    # A path without a folder of its own is one beside the document, as GDAL takes it.
    return (path.parent / text).resolve() if relative else Path(text).resolve()


def _keep(path: Path, parent: str, element: Xml.Element, target: Xml.Element) -> None:
    if element.tag == "SRS" and not _REFERENCE.match(element.text or "EPSG:0000"):
        raise _refused(path, f"its SRS {(element.text or '')[:80]!r} is neither WKT nor a code")
    if element.tag in _KEPT[parent]:
        target.append(element)
    elif element.tag not in _LEFT_OUT:
        raise _refused(path, f"its {parent} holds {element.tag!r}, which is not allowed")


def _attributes(tree: Xml.Element) -> dict[str, str]:
    return {name: tree.attrib[name] for name in _ATTRIBUTES[tree.tag] if name in tree.attrib}


def _check_attributes(path: Path, tree: Xml.Element) -> None:
    # A subclass is a warped, derived, pansharpened or raw raster.
    kind = tree.get("subClass")
    if kind is not None:
        raise _refused(path, f"its {tree.tag} is a {kind!r}, which is not allowed")


def _refused(path: Path, found: str) -> UserError:
    return UserError("virtual_raster_refused", path, found, _REMEDY)
