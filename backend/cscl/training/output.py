"""The model folder that a stage ends in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pyproj import Transformer

from cscl.context import JobContext
from cscl.dataset.reader import Dataset
from cscl.grid import Grid
from cscl.losses import WindowLoss
from cscl.models.card import ModelCard
from cscl.models.network import CropNetwork
from cscl.models.store import save_model
from cscl.series.choice import SeriesChoice
from cscl.training.batches import BandStatistics
from cscl.training.loop import Loop
from cscl.training.session import Session

EDGE_POINTS = 21


def save_trained(
    session: Session,
    loop: Loop,
    network: CropNetwork,
    width: float,
    details: Mapping[str, Any],
    ctx: JobContext,
    *,
    temperatures: Mapping[str, float] | None = None,
    losses: Mapping[int, WindowLoss] | None = None,
    boundary: Mapping[str, Mapping[str, Any]] | None = None,
) -> ModelCard:
    """Write weights, card and `metrics.csv`, remove the checkpoints, announce the folder.

    `details` joins the training record. The stage on the card is that of the session's plan.
    """
    dataset, folder = session.dataset, session.output
    start, end = dataset.season
    statistics = BandStatistics.of(dataset)
    record = {
        **session.record(loop),
        **details,
        "dates": dataset.dates,
        "split_rule": dataset.split_plan.to_json(),
        "footprint": footprint(dataset),
    }
    card = ModelCard(
        bands=tuple(dataset.bands),
        level=dataset.level,
        season=(f"{start:%m-%d}", f"{end:%m-%d}"),
        year=end.year,
        mean=statistics.mean,
        std=statistics.std,
        classes=dataset.classes,
        outside=dataset.outside,
        architecture=session.job.backbone,
        width=width,
        heads=network.heads,
        context=network.context,
        residual=network.residual,
        stage="pretrained" if session.plan.stage == "pretrain" else "finetuned",
        temperatures=dict(temperatures or {}),
        boundary=dict(boundary or {}),
        series=SeriesChoice.of(dataset.grids[0].series()).to_json(),
        training=record,
    )
    loop.progress.records.write(folder / "metrics.csv")
    written = save_model(folder, network, card, losses)
    loop.checkpoints.clear()
    ctx.artifact("model", folder)
    return written


def footprint(dataset: Dataset) -> dict[str, Any]:
    """Return the bounds of all grids in EPSG:4326: west, south, east, north in degrees."""
    bounds = np.array([_bounds(place.grid) for place in dataset.grids])
    outer = (*bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0))
    return {"crs": "EPSG:4326", "bounds": [round(float(value), 6) for value in outer]}


def _bounds(grid: Grid) -> tuple[float, ...]:
    transformer = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    return tuple(transformer.transform_bounds(*grid.bounds, densify_pts=EDGE_POINTS))
