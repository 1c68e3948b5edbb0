"""What a map shows of each date of a time series: three bands, wherever the files keep them.

Bands that lie in files or cubes of their own are put together by a virtual raster of ours, which
holds no pixels.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

from ...backend.cscl.contract import atomic, strict_json
from ...backend.cscl.contract.errors import UserError
from ...backend.cscl.contract.paths import linked_path
from ..words import tr

# Red, green and blue: as the eye sees it, else what tells plants from soil best.
COMPOSITIONS = (("B04", "B03", "B02"), ("B08", "B04", "B03"), ("B11", "B8A", "B05"))
# Reflectance that is shown black and white.
DARKEST, BRIGHTEST = 0.0, 0.3
RASTERS = (".tif", ".tiff", ".jp2", ".vrt")
TYPES = {"uint8": "Byte", "uint16": "UInt16", "int16": "Int16", "uint32": "UInt32",
         "int32": "Int32", "float32": "Float32", "float64": "Float64"}  # fmt: skip

Asset = Dict[str, Any]


@dataclass(frozen=True)
class Picture:
    """One pass: what to open, the numbers of its three bands, and their ranges as stored."""

    day: str
    name: str
    source: str
    bands: Tuple[int, ...]
    ranges: Tuple[Tuple[float, float], ...]


@dataclass(frozen=True)
class Pictures:
    """All passes of a time series, its season, and the bands that are shown."""

    pictures: Tuple[Picture, ...]
    season: str
    bands: Tuple[str, ...]
    left_out: Tuple[str, ...]


def pictures_of(series: str, folder: Path) -> Pictures:
    """Return what to show of each pass of a time series; virtual rasters are written to `folder`.

    May take seconds: for a task. Raises `UserError` where the file is no time series.
    """
    path = Path(series)
    document = strict_json.read(path)
    try:
        bands = composition(document["cscl:bands"])
        made: List[Picture] = []
        left_out: List[str] = []
        for item in document["features"]:
            picture = _picture(path.parent, item, bands, folder, document["cscl:grid"])
            if picture is None:
                left_out.append(str(item["properties"]["title"]))
            else:
                made.append(picture)
        season = str(document["cscl:season"])
    except (KeyError, TypeError, IndexError, AttributeError, ValueError):
        raise UserError(
            "invalid_series", path, tr("it is no time series"),
            tr("Define the time series again from its images."),
        ) from None  # fmt: skip
    return Pictures(tuple(made), season, tuple(dict.fromkeys(bands)), tuple(left_out))


def composition(bands: Sequence[str]) -> Tuple[str, ...]:
    """Return the bands that are shown as red, green and blue; one alone is shown as grey."""
    for names in COMPOSITIONS:
        if set(names) <= set(bands):
            return names
    return (bands[0],) * 3


def _picture(
    base: Path, item: Dict[str, Any], bands: Sequence[str], folder: Path, grid: Dict[str, Any]
) -> Optional[Picture]:
    assets = [item["assets"][name] for name in bands]
    sources = [_source(base, asset) for asset in assets]
    if not all(sources):
        return None
    properties = item["properties"]
    day = str(properties["datetime"])[:10]
    ranges = tuple(_range(asset["raster:bands"][0]) for asset in assets)
    numbers = tuple(int(asset["cscl:index"]) for asset in assets)
    title = str(properties["title"])
    if len(set(sources)) == 1 and Path(sources[0]).suffix.lower() in RASTERS:
        return Picture(day, title, sources[0], numbers, ranges)
    text = _virtual(assets, sources, numbers, grid)
    name = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    target = folder / f"{name}.vrt"
    if not target.exists():
        atomic.write_text(target, text)
    return Picture(day, title, str(target), (1, 2, 3), ranges)


def _source(base: Path, asset: Asset) -> str:
    """Return what GDAL opens for an asset; empty for cubes whose bands GDAL counts otherwise."""
    path = str(linked_path(base, str(asset["href"]), "image"))
    member, ending = str(asset.get("cscl:member", "")), Path(path).suffix.lower()
    if not member:
        return path if ending in RASTERS else ""
    if ending == ".zip":
        return f"/vsizip/{path}/{member}"
    plain = "[" not in member and '"' not in path
    return f'NETCDF:"{path}":{member}' if ending in (".nc", ".nc4") and plain else ""


def _range(band: Dict[str, Any]) -> Tuple[float, float]:
    scale, offset = float(band.get("scale", 1.0)), float(band.get("offset", 0.0))
    return (DARKEST - offset) / scale, (BRIGHTEST - offset) / scale


def _virtual(
    assets: Sequence[Asset], sources: Sequence[str], numbers: Sequence[int], grid: Dict[str, Any]
) -> str:
    """Return a virtual raster of three bands on the grid of the finest of them."""
    grids = [_grid_of(asset, grid) for asset in assets]
    (rows, columns), transform = min(grids, key=lambda one: abs(one[1][0]))
    a, b, c, d, e, f = (float(value) for value in transform[:6])
    head = (
        f'<VRTDataset rasterXSize="{columns}" rasterYSize="{rows}">'
        f"<SRS>{escape(str(grid['crs']))}</SRS>"
        f"<GeoTransform>{c!r}, {a!r}, {b!r}, {f!r}, {d!r}, {e!r}</GeoTransform>"
    )
    parts = [
        _virtual_band(place, asset, sources[place - 1], numbers[place - 1], grids[place - 1][0],
                      (rows, columns))
        for place, asset in enumerate(assets, start=1)
    ]  # fmt: skip
    return "".join([head, *parts, "</VRTDataset>"])


def _virtual_band(
    place: int, asset: Asset, source: str, number: int, size: Sequence[int], whole: Sequence[int]
) -> str:
    band = asset["raster:bands"][0]
    kind = TYPES[str(band["data_type"])]
    nodata = band.get("nodata")
    known = isinstance(nodata, (int, float)) and not isinstance(nodata, bool)
    hidden = f"<NoDataValue>{nodata!r}</NoDataValue>" if known else ""
    return (
        f'<VRTRasterBand dataType="{kind}" band="{place}">{hidden}<SimpleSource>'
        f'<SourceFilename relativeToVRT="0">{escape(source)}</SourceFilename>'
        f"<SourceBand>{number}</SourceBand>"
        f'<SourceProperties RasterXSize="{size[1]}" RasterYSize="{size[0]}" DataType="{kind}" />'
        f'<SrcRect xOff="0" yOff="0" xSize="{size[1]}" ySize="{size[0]}" />'
        f'<DstRect xOff="0" yOff="0" xSize="{whole[1]}" ySize="{whole[0]}" />'
        "</SimpleSource></VRTRasterBand>"
    )


def _grid_of(asset: Asset, grid: Dict[str, Any]) -> Tuple[Tuple[int, int], Sequence[float]]:
    """Return size and transform of an asset: its own, or the time series'."""
    shape = asset.get("proj:shape", [grid["height"], grid["width"]])
    return (int(shape[0]), int(shape[1])), asset.get("proj:transform", grid["transform"])
