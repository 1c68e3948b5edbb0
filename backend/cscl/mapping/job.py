"""The job that maps crops: a time series and a model in, a map folder out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from cscl.context import JobContext
from cscl.contract import atomic, strict_json
from cscl.contract.jobs import MapJob
from cscl.contract.paths import local_path
from cscl.device import choose_device, describe_device
from cscl.grid import Grid, Window
from cscl.mapping.clip import ParcelMask
from cscl.mapping.folder import DOCUMENT, SCHEMA
from cscl.mapping.layers import make_layers, softmax
from cscl.mapping.predict import Predictor
from cscl.mapping.season import series_for_map
from cscl.mapping.style import raster_style
from cscl.mapping.suitability import unlike_reflectance
from cscl.mapping.windows import area_window, tile_count
from cscl.mapping.writer import MapWriter, layer_file
from cscl.models.card import ModelCard
from cscl.models.store import load_model
from cscl.series.choice import SeriesChoice
from cscl.series.model import TimeSeries
from cscl.series.reader import SeriesReader

STAGE = "map"


def map_crops(job: MapJob, ctx: JobContext) -> None:
    """Map the images of `job.images` with `job.model` into the folder `job.output`.

    Writes DESIGN's layers at 10 m and, for resolution 2.5, on the grid four times as fine, styles
    and `map.json`, which comes last. Windows are streamed: memory does not grow with the area.
    Raises `UserError` where the images do not suit the model.
    """
    folder = local_path(job.output, "output")
    folder.mkdir(parents=True, exist_ok=True)
    atomic.sweep(folder)
    device = choose_device(job.device)
    model = load_model(job.model)
    scales = (1, 4) if job.resolution == "2.5" else (1,)
    model.card.require_finetuned(job.model)
    for scale in scales:
        model.card.require_head(scale, job.model)
    ctx.note(f"Mapping on {describe_device(device)}")
    series = series_for_map(job, model.card, ctx)
    area = area_window(job.area, series.grid) if job.area else series.grid.whole
    clip = _clip(job, model.card, series.grid, ctx)
    with SeriesReader(series) as reader:
        unlike = unlike_reflectance(reader, model.card, job.images)
        if unlike is not None:
            ctx.warn(unlike)
        predictor = Predictor(model, reader, series.days, device=device)
        grid = series.grid.part(area)
        with MapWriter(
            folder,
            grid,
            model.card.classes,
            predictor.codes,
            scales=scales,
            side=predictor.side,
            probabilities=job.probabilities,
        ) as writer:
            steps = _Steps(ctx, tile_count(*grid.shape, predictor.side) + writer.steps)
            for window in predictor.windows(area):
                _map_window(window, area, predictor, scales, clip, writer)
                steps.step()
            _say(writer, ctx)
            writer.finish(_texts(job, model.card, series, grid, writer, ctx), steps.step)
    _announce(folder, scales, ctx)


class _Steps:
    """Counts windows and conversions as one stage."""

    def __init__(self, ctx: JobContext, total: int) -> None:
        self.ctx, self.total, self.done = ctx, total, 0
        ctx.progress(STAGE, 0, total)

    def step(self) -> None:
        """Say that one more is done."""
        self.done += 1
        self.ctx.progress(STAGE, self.done, self.total)


def _map_window(
    window: Window,
    area: Window,
    predictor: Predictor,
    scales: tuple[int, ...],
    clip: ParcelMask | None,
    writer: MapWriter,
) -> None:
    # One more pixel on each side: the boundary strength compares neighbours.
    prediction = predictor.predict(window.grown(1), scales)
    inside = clip.masks(window) if clip else {}
    place = Window(window.row - area.row, window.col - area.col, window.height, window.width)
    for scale in scales:
        seen = prediction.seen.repeat(scale, axis=0).repeat(scale, axis=1)
        temperature = predictor.model.card.temperature(scale)
        shares = softmax(prediction.logits[scale], temperature)
        layers = make_layers(shares, seen, predictor.codes, ring=scale)
        writer.write(place, scale, layers.only(inside[scale]) if clip else layers)


def _clip(job: MapJob, card: ModelCard, grid: Grid, ctx: JobContext) -> ParcelMask | None:
    if job.parcels:
        ctx.note(f"The map is clipped to the parcels of {Path(job.parcels).name}")
        return ParcelMask(job.parcels, grid)
    if card.outside == "ignore":
        ctx.note(
            "The model knows no land outside parcels: the map shows a crop everywhere, also where "
            "none grows. Give parcels to clip it to them"
        )
    return None


def _texts(
    job: MapJob,
    card: ModelCard,
    series: TimeSeries,
    grid: Grid,
    writer: MapWriter,
    ctx: JobContext,
) -> dict[str, str]:
    """Return the styles and, last, `map.json`."""
    style = raster_style(card.classes, card.codes)
    texts = {layer_file("crops", s).replace(".tif", ".qml"): style for s in writer.scales}
    texts[DOCUMENT] = strict_json.dump(_document(job, card, series, grid, writer, ctx))
    return texts


def _document(
    job: MapJob,
    card: ModelCard,
    series: TimeSeries,
    grid: Grid,
    writer: MapWriter,
    ctx: JobContext,
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "classes": card.classes.to_json(),
        "codes": list(card.codes),
        "outside": card.outside,
        "clipped": job.parcels is not None,
        "model": {"sha256": card.sha256, "architecture": card.architecture, "width": card.width},
        "bands": list(series.bands),
        "level": series.level,
        "season": [day.isoformat() for day in series.season],
        "dates": [day.isoformat() for day in series.dates],
        "series": SeriesChoice.of(series).to_json(),
        "grid": grid.to_json(),
        "resolutions": [grid.resolution / scale for scale in writer.scales],
        "probabilities": job.probabilities,
        "mean_confidence": {
            layer_file("crops", scale): tally.mean_confidence
            for scale, tally in writer.tallies.items()
        },
        "pixels": {
            layer_file("crops", scale): {
                str(code): int(tally.pixels[code]) for code in np.flatnonzero(tally.pixels)
            }
            for scale, tally in writer.tallies.items()
        },
        # What the parcels' field `split` is made from.
        "training": {
            key: card.training[key] for key in ("footprint", "split_rule") if key in card.training
        },
        "notes": list(ctx.noted),
    }


def _say(writer: MapWriter, ctx: JobContext) -> None:
    tally = writer.tallies[1]
    empty, total = int(tally.pixels[0]), int(tally.pixels.sum())
    if empty:
        ctx.note(f"{empty} of {total} pixels at 10 m have no data in the map")
    for scale, counted in writer.tallies.items():
        if counted.mean_confidence is not None:
            name = "confidence_2m5" if scale == 4 else "confidence"
            ctx.metric(f"map/{name}", 0, counted.mean_confidence)


def _announce(folder: Path, scales: tuple[int, ...], ctx: JobContext) -> None:
    ctx.artifact("map", folder)
    for scale in scales:
        tail = "_2m5" if scale == 4 else ""
        ctx.artifact(f"crop_map{tail}", folder / layer_file("crops", scale))
        ctx.artifact(f"confidence{tail}", folder / layer_file("confidence", scale))
