"""A time series as a static STAC ItemCollection: one item a pass, assets by band."""

from __future__ import annotations

import datetime
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pystac
import shapely
from pystac.extensions.eo import Band, EOExtension
from pystac.extensions.file import FileExtension
from pystac.extensions.projection import ProjectionExtension
from pystac.extensions.raster import DataType, NoDataStrings, RasterBand, RasterExtension

from cscl.contract import atomic, strict_json
from cscl.contract.errors import UserError
from cscl.contract.paths import linked_path, local_path
from cscl.grid import Grid
from cscl.series.composite import COMPOSITES, GAPS
from cscl.series.ground import outline
from cscl.series.mask import CloudMask
from cscl.series.model import FEWEST_DATES, Acquisition, Asset, Pass, Stamp, TimeSeries
from cscl.series.season import season_text

SCHEMA = 1
ENDING = ".series.json"
_MEDIA_TYPES = {
    ".jp2": pystac.MediaType.JPEG2000,
    ".nc": "application/netcdf",
    ".zarr": "application/vnd+zarr",
    ".zip": "application/zip",
}


def write_series(series: TimeSeries, path: str | Path) -> None:
    """Write a series as NAME.series.json, with links relative to it where it can be."""
    target = Path(path)
    folder = target.parent.resolve()
    footprint = outline(series.grid)
    items = [
        _item(series, acquisition, order, item, footprint, folder)
        for acquisition in series.acquisitions
        for order, item in enumerate(acquisition.passes)
    ]
    extra = {
        "cscl:series": SCHEMA,
        "cscl:grid": series.grid.to_json(),
        "cscl:bands": list(series.bands),
        "cscl:season": season_text(series.season),
        "cscl:level": series.level,
        "cscl:mask": series.mask.to_json(),
        "cscl:composite": series.composite,
        "cscl:gaps": series.gaps,
        "cscl:notes": list(series.notes),
    }
    collection = pystac.ItemCollection(items, extra_fields=extra, clone_items=False)
    atomic.write_text(target, strict_json.dump(collection.to_dict(transform_hrefs=False)))


def read_series(path: str | Path) -> TimeSeries:
    """Read a series that `write_series` wrote; raises `UserError` where it is not one."""
    file = local_path(path, "time series")
    value = strict_json.read(file)
    if not isinstance(value, dict) or value.get("cscl:series") != SCHEMA:
        raise _damaged(file, "it is no time series of version 1")
    try:
        series = _series(value, file.parent.resolve())
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise _damaged(file, f"it is damaged ({error!r})") from None
    lacking = [name for name in series.bands for item in series.acquisitions
               for part in item.passes if name not in part.assets]  # fmt: skip
    if lacking or len(series.acquisitions) < FEWEST_DATES:
        raise _damaged(file, "it lacks bands or dates")
    return series


def _damaged(file: Path, found: str) -> UserError:
    return UserError("invalid_series", file, found, "Define the time series again from its images.")


def _item(
    series: TimeSeries,
    acquisition: Acquisition,
    order: int,
    item: Pass,
    footprint: shapely.Polygon,
    folder: Path,
) -> pystac.Item:
    noon = datetime.datetime.combine(acquisition.date, datetime.time(), datetime.UTC)
    result = pystac.Item(
        f"{acquisition.date.isoformat()}_{order + 1}",
        shapely.geometry.mapping(footprint),
        list(footprint.bounds),
        noon,
        {
            "title": item.source,
            "eo:cloud_cover": round(item.cloud_share * 100, 2),
            "cscl:day": acquisition.day,
            "cscl:pass": order,
            "cscl:valid_share": item.valid_share,
            "cscl:cloud_share": item.cloud_share,
            "cscl:date_valid_share": acquisition.valid_share,
            "cscl:date_cloud_share": acquisition.cloud_share,
        },
    )
    grid = series.grid
    projection = ProjectionExtension.ext(result, add_if_missing=True)
    shape, transform = list(grid.shape), list(grid.transform)
    if grid.crs.startswith("EPSG:"):
        projection.apply(code=grid.crs, shape=shape, transform=transform)
    else:
        projection.apply(wkt2=grid.crs, shape=shape, transform=transform)
    EOExtension.add_to(result)
    RasterExtension.add_to(result)
    assets = dict(item.assets) | ({series.mask.band: item.mask} if item.mask else {})
    for name, asset in assets.items():
        _add_asset(result, name, asset, item.stamps[asset.path], folder, asset is item.mask)
    return result


def _add_asset(
    item: pystac.Item, name: str, asset: Asset, stamp: Stamp, folder: Path, is_mask: bool
) -> None:
    result = pystac.Asset(
        _href(asset.path, folder),
        media_type=_MEDIA_TYPES.get(asset.path.suffix.lower(), pystac.MediaType.GEOTIFF),
        roles=["classification"] if is_mask else ["data", "reflectance"],
        extra_fields={
            "cscl:index": asset.index,
            "cscl:modified": stamp.modified,
            "cscl:digest": stamp.digest,
            **({"cscl:member": asset.member} if asset.member else {}),
            **_asset_grid(asset),
        },
    )
    item.add_asset(name, result)
    FileExtension.ext(result, add_if_missing=True).apply(size=stamp.size)
    EOExtension.ext(result).apply(bands=[Band.create(name)])
    band = RasterBand.create(nodata=_nodata_text(asset.nodata), data_type=DataType(asset.dtype))
    if not is_mask:
        band.scale, band.offset = asset.scale, asset.offset
    RasterExtension.ext(result).apply([band])


def _asset_grid(asset: Asset) -> dict[str, Any]:
    """Return the fields of a grid of its own; its reference system is the item's."""
    if asset.grid is None:
        return {}
    return {
        "proj:shape": list(asset.grid.shape),
        "proj:transform": list(asset.grid.transform),
    }


def _nodata_text(nodata: float | None) -> float | NoDataStrings | None:
    # JSON has no NaN: the raster extension writes it as a word.
    return NoDataStrings.NAN if nodata is not None and math.isnan(nodata) else nodata


def _href(path: Path, folder: Path) -> str:
    """Return a link relative to `folder`, or an absolute path on another drive."""
    target = path.resolve()
    try:
        relative = Path(os.path.relpath(target, folder)).as_posix()
    except ValueError:
        return target.as_posix()
    return relative if relative.startswith("../") else f"./{relative}"


def _series(value: Mapping[str, Any], folder: Path) -> TimeSeries:
    start, end = (datetime.date.fromisoformat(day) for day in value["cscl:season"].split("/"))
    by_date: dict[datetime.date, list[Mapping[str, Any]]] = {}
    for item in value["features"]:
        date = datetime.date.fromisoformat(item["properties"]["datetime"][:10])
        by_date.setdefault(date, []).append(item)
    mask = CloudMask.from_json(value["cscl:mask"])
    composite, gaps = str(value.get("cscl:composite", "none")), str(value.get("cscl:gaps", "keep"))
    if composite not in COMPOSITES or gaps not in GAPS:
        raise ValueError(f"{composite}, {gaps}")
    crs = str(value["cscl:grid"]["crs"])
    return TimeSeries(
        grid=Grid.from_json(value["cscl:grid"]),
        bands=tuple(str(name) for name in value["cscl:bands"]),
        season=(start, end),
        level=str(value["cscl:level"]),
        acquisitions=tuple(
            _acquisition(date, by_date[date], start, folder, crs, mask.band)
            for date in sorted(by_date)
        ),
        mask=mask,
        composite=composite,
        gaps=gaps,
        notes=tuple(str(note) for note in value["cscl:notes"]),
    )


def _acquisition(
    date: datetime.date,
    items: list[Mapping[str, Any]],
    start: datetime.date,
    folder: Path,
    crs: str,
    mask_band: str,
) -> Acquisition:
    ordered = sorted(items, key=lambda item: int(item["properties"]["cscl:pass"]))
    properties = ordered[0]["properties"]
    return Acquisition(
        date=date,
        day=(date - start).days,
        passes=tuple(_pass(item, folder, crs, mask_band) for item in ordered),
        cloud_share=float(properties["cscl:date_cloud_share"]),
        valid_share=float(properties["cscl:date_valid_share"]),
    )


def _grid_of(value: Mapping[str, Any], crs: str) -> Grid | None:
    if "proj:transform" not in value:
        return None
    a, b, c, d, e, f = (float(number) for number in value["proj:transform"])
    height, width = (int(number) for number in value["proj:shape"])
    return Grid(crs, (a, b, c, d, e, f), width, height)


def _pass(item: Mapping[str, Any], folder: Path, crs: str, mask_band: str) -> Pass:
    assets: dict[str, Asset] = {}
    stamps: dict[Path, Stamp] = {}
    for name, value in item["assets"].items():
        path = linked_path(folder, str(value["href"]), "image")
        band = value["raster:bands"][0]
        nodata = band.get("nodata")
        assets[str(name)] = Asset(
            path,
            int(value["cscl:index"]),
            float(band.get("scale", 1.0)),
            float(band.get("offset", 0.0)),
            None if nodata is None else float(nodata),
            _grid_of(value, crs),
            str(value.get("cscl:member", "")),
            str(band["data_type"]),
        )
        stamps[path] = Stamp(
            int(value["file:size"]), int(value["cscl:modified"]), str(value["cscl:digest"])
        )
    properties = item["properties"]
    mask = assets.pop(mask_band, None)
    return Pass(
        source=str(properties["title"]),
        assets=assets,
        mask=mask,
        stamps=stamps,
        cloud_share=float(properties["cscl:cloud_share"]),
        valid_share=float(properties["cscl:valid_share"]),
    )
