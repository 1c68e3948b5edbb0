"""A small window mapped in seconds, through the code that makes maps."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import torch
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract import atomic
from cscl.contract.errors import UserError
from cscl.contract.home import data_folder
from cscl.contract.resolutions import SCALES
from cscl.device import choose_device
from cscl.grid import Grid, Window
from cscl.mapping.areas import Places
from cscl.mapping.mapper import Mapper
from cscl.mapping.parts import read_part
from cscl.mapping.season import recurring_season
from cscl.mapping.suitability import require_choice
from cscl.mapping.work import MapWork
from cscl.memory import trim_memory
from cscl.models.card import ModelCard
from cscl.models.card_file import load_card
from cscl.series.choice import choice_of
from cscl.series.grids import series_grid
from cscl.series.images import Image
from cscl.series.job import series_files, series_from_images
from cscl.series.measuring import measured_dates
from cscl.series.model import TimeSeries
from cscl.series.options import SeriesOptions
from cscl.series.scan import scan_images
from cscl.series.season import parse_season
from cscl.series.selection import images_inside, spread_dates
from cscl.serve.choices import options_of
from cscl.serve.pictures import cache_not_writable
from cscl.serve.places import pixel_at

LARGEST_SIDE = 1024
KEPT_PREVIEWS = 10


def preview(values: dict[str, Any], ctx: JobContext) -> dict[str, Any]:
    """Return the path of a small map around `centre`; see `PREVIEW` of the contract.

    Raises `UserError` where images or place do not suit the model.
    """
    began = time.monotonic()
    scale, side = SCALES.get(values["resolution"], 0), values["size"]
    if not scale or len(values["centre"]) != 2 or not 0 < side <= LARGEST_SIDE:
        raise UserError(
            "no_preview", f"preview of {side} pixels at {values['resolution']} m",
            f"it needs a centre, 2.5, 5 or 10 m, and 1 to {LARGEST_SIDE} pixels", "Choose it anew.",
        )  # fmt: skip
    card = load_card(values["model"])
    card.require_finetuned(values["model"])
    card.require_head(scale, values["model"])
    series, window = _series(values, card, ctx)
    warning = card.require_level(series.level, values["images"])
    if warning is not None:
        ctx.warn(warning)
    folder = _fresh_folder()
    try:
        codes = _mapped(folder, values["model"], series, window, scale, ctx)
        path = folder / "preview.tif"
        _write(path, codes, series.grid.part(window).subdivide(scale), card)
    except BaseException:
        atomic.remove(folder)
        raise
    return {
        "path": str(path),
        "seconds": round(time.monotonic() - began, 2),
        "notes": list(ctx.noted),
    }


def _series(
    values: Mapping[str, Any], card: ModelCard, ctx: JobContext
) -> tuple[TimeSeries, Window]:
    """Return the series to map, and the window of its grid."""
    images, choice = values["images"], choice_of(card, values["model"])
    if series_files(images):
        series = series_from_images(
            images, bands=card.bands, season=values.get("season"), mask=choice.mask, ctx=ctx
        )
        require_choice(series, choice, images, values["model"])
        return series, _window(values, series.grid)
    options = replace(
        options_of(values), bands=card.bands, mask=choice.mask, composite=choice.composite,
        gaps=choice.gaps,
    )  # fmt: skip
    found = scan_images(images, options.wanted)
    for members in found.grids:
        grid = series_grid(members[0], options.wanted)
        if pixel_at(*values["centre"], values["crs"], grid) is not None:
            window = _window(values, grid)
            return _measured(members, options, grid, window, card, images, ctx), window
    raise _outside(images)


def _measured(
    members: list[Image],
    options: SeriesOptions,
    grid: Grid,
    window: Window,
    card: ModelCard,
    images: str,
    ctx: JobContext,
) -> TimeSeries:
    """Return the series of images whose clouds are measured in the window alone."""
    notes: list[str] = []
    ordered = sorted(members, key=lambda image: (image.date, image.source))
    dates = [image.date for image in ordered]
    period = (
        parse_season(options.season) if options.season else recurring_season(card.season, dates)
    )
    inside = images_inside(ordered, period, options.until, images, notes)
    acquisitions, _ = measured_dates(inside, options, grid, period[0], notes, ctx, window)
    # A date that clouds hide in the window may be clear elsewhere, so a map would use it.
    used = acquisitions
    wanted = card.training.get("dates")
    if options.composite == "none" and isinstance(wanted, int) and wanted < len(used):
        used = spread_dates(used, period, options.until, wanted, notes)
        ctx.note("Of the dates those are used that are clearest in this window.")
    return TimeSeries(
        grid,
        options.used_bands,
        period,
        next((image.level for image in inside if image.level), ""),
        tuple(used),
        options.mask,
        options.composite,
        options.gaps,
    )


def _window(values: Mapping[str, Any], grid: Grid) -> Window:
    """Return the window around the centre, as much of it as lies on the grid."""
    centre, side = pixel_at(*values["centre"], values["crs"], grid), values["size"]
    if centre is None:
        raise _outside(values["images"])
    window = Window(centre.row - side // 2, centre.col - side // 2, side, side)
    return window.clipped(*grid.shape)


def _outside(images: str) -> UserError:
    return UserError(
        "outside_images", images, "the place lies beyond them", "Choose a place on the images."
    )


def _mapped(
    folder: Path,
    model: str,
    series: TimeSeries,
    window: Window,
    scale: int,
    ctx: JobContext,
) -> NDArray[np.uint8]:
    """Return the codes of a window as a map would hold them."""
    work = MapWork(
        folder=folder,
        model=model,
        series=series,
        area=window,
        side=max(window.height, window.width),
        block=series.grid.shape,
        scales=(scale,),
        probabilities=False,
        narrow=False,
        places=Places(),
    )
    work.begin()
    _compute(work, ctx)
    codes = read_part(work.part(0)).layers[scale].crops
    work.end()
    return codes


def _compute(work: MapWork, ctx: JobContext) -> None:
    try:
        with Mapper(work, (choose_device("auto"),)) as mapper:
            ctx.check()
            mapper.run(work.missing(), ctx.check)
    finally:
        # This process stays; what it needs no more of memory and a graphics card is for jobs.
        trim_memory()
        if torch.cuda.is_initialized():
            torch.cuda.empty_cache()


def _fresh_folder() -> Path:
    """Return a new folder of ours; the oldest are removed, as QGIS shows the last one only."""
    previews = data_folder() / "cache" / "previews"
    folder = previews / f"{time.time_ns()}-{uuid.uuid4().hex[:8]}"
    try:
        folder.mkdir(parents=True)
        for old in sorted(previews.iterdir())[:-KEPT_PREVIEWS]:
            atomic.remove(old)
    except OSError as error:
        raise cache_not_writable(folder, error) from None
    return folder


def _write(path: Path, codes: NDArray[np.uint8], grid: Grid, card: ModelCard) -> None:
    """Write codes as a GeoTIFF with the colours of their classes, no data see-through."""
    colours = {code: _rgba(card.classes.colour_of(code)) for code in card.codes}
    with atomic.replacing(path) as part, rasterio.open(
        part, "w", driver="GTiff", width=grid.width, height=grid.height, count=1, dtype="uint8",
        crs=rasterio.crs.CRS.from_user_input(grid.crs), transform=grid.affine, nodata=0,
        compress="deflate", tiled=True, blockxsize=256, blockysize=256,
    ) as file:  # fmt: skip
        file.write(codes, 1)
        file.write_colormap(1, {0: (0, 0, 0, 0), **colours})


def _rgba(colour: str) -> tuple[int, int, int, int]:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue, 255
