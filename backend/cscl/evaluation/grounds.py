"""The grids of a dataset under evaluation, each with its series, its labels and its network."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow.parquet as parquet
import torch
from rasterio.crs import CRS
from rasterio.io import DatasetReader

from cscl.context import JobContext
from cscl.contract.jobs import EvaluateJob
from cscl.contract.resolutions import SCALES, resolution_of
from cscl.dataset.grids import DatasetGrid
from cscl.dataset.reader import PARCELS, Dataset
from cscl.evaluation.blocks import BlockGrid
from cscl.evaluation.edges import EdgeTally
from cscl.evaluation.references import Declared, Rasters, Reference, Truth, open_truth
from cscl.evaluation.scorer import Scorer, label_rasters
from cscl.evaluation.scoring import Calibration, ParcelVotes, Tally
from cscl.mapping.predict import Predictor
from cscl.models.store import LoadedModel
from cscl.series.model import TimeSeries, restrict_bands
from cscl.series.reader import SeriesReader


@dataclass(frozen=True)
class Ground:
    """One grid: what is scored there. Tally, calibration, votes and edges are those of all."""

    place: DatasetGrid
    series: TimeSeries
    reader: SeriesReader
    predictor: Predictor
    scorer: Scorer


@contextlib.contextmanager
def open_grounds(
    job: EvaluateJob,
    dataset: Dataset,
    model: LoadedModel,
    device: torch.device,
    ctx: JobContext,
) -> Iterator[list[Ground]]:
    """Yield the dataset's grids, ready to be scored, with all their files open."""
    codes = model.card.classes.network_codes(model.card.outside)
    fine = fine_scale(model.card.heads, dataset.factor)
    if fine in model.card.heads and fine != dataset.factor:
        ctx.note(
            f"The model maps {resolution_of(fine)} m, the finer labels of {job.dataset} are at "
            f"{resolution_of(dataset.factor)} m: its finer map is not scored against them."
        )
    temperatures = {resolution_of(scale): model.card.temperature(scale) for scale in (1, fine)}
    count = parquet.read_metadata(Path(job.dataset) / PARCELS).num_rows
    tally, votes = Tally(codes), ParcelVotes(count, codes)
    calibration = Calibration(codes, temperatures)
    edges = EdgeTally(temperatures)
    grids = [place.grid for place in dataset.grids]
    grounds: list[Ground] = []
    with contextlib.ExitStack() as stack:
        truths = _truths(job, dataset, model, stack, ctx)
        for place, truth in zip(dataset.grids, truths, strict=True):
            rasters = stack.enter_context(Rasters(label_rasters(place, fine)))
            references: list[Reference] = [Declared(rasters), *truth]
            blocks = BlockGrid(dataset.split_rule, place.grid, grids)
            scorer = Scorer(
                rasters, job.split, codes, references, blocks, tally, calibration, votes, edges,
                fine,
            )  # fmt: skip
            series = restrict_bands(place.series(), tuple(model.card.bands), job.dataset)
            reader = stack.enter_context(SeriesReader(series))
            predictor = Predictor(model, reader, series.days, device=device, every_boundary=True)
            grounds.append(Ground(place, series, reader, predictor, scorer))
        yield grounds


def fine_scale(heads: Sequence[int], factor: int) -> int:
    """Return how much finer than 10 m the pixels are that maps are scored at besides.

    It is the scale of the model's finest head; that of the dataset's labels, or 4 where these are
    none of a map's, for a model that answers at 10 m alone.
    """
    finest = max(heads)
    if finest > 1:
        return finest
    return factor if factor in SCALES.values() else max(SCALES.values())


def _truths(
    job: EvaluateJob,
    dataset: Dataset,
    model: LoadedModel,
    stack: contextlib.ExitStack,
    ctx: JobContext,
) -> list[list[Truth]]:
    """Return the truth on each grid of its reference system, nothing on others."""
    if not job.truth:
        return [[] for _ in dataset.grids]
    raster = stack.enter_context(open_truth(job.truth))
    fitting = [place for place in dataset.grids if _same_system(raster, place)]
    if not fitting:
        # The first grid's error says what is wrong.
        fitting = [dataset.grids[0]]
    if len(fitting) < len(dataset.grids):
        names = ", ".join(place.name for place in fitting)
        ctx.note(f"The reference map lies in the reference system of {names} and is used there.")
    return [
        [Truth(raster, place.grid, model.card.classes, ctx)] if place in fitting else []
        for place in dataset.grids
    ]


def _same_system(raster: DatasetReader, place: DatasetGrid) -> bool:
    return raster.crs is not None and raster.crs == CRS.from_user_input(place.grid.crs)


def of_split(ground: Ground, split: str, votes: ParcelVotes) -> Scorer:
    """Return the ground's scorer for another split, with votes of its own."""
    return replace(ground.scorer, split=split, votes=votes)
