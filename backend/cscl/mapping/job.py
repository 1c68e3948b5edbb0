"""The job that maps crops: a time series and a model in, a map folder out."""

from __future__ import annotations

from pathlib import Path

from cscl.context import JobContext
from cscl.contract import atomic
from cscl.contract.errors import UserError
from cscl.contract.jobs import MapJob
from cscl.contract.paths import local_path
from cscl.contract.resolutions import ending, heads_of
from cscl.device import choose_device, choose_devices, describe_device
from cscl.grid import Grid, Window
from cscl.mapping.areas import CroplandMask, Places, PolygonMask
from cscl.mapping.document import Account, map_texts
from cscl.mapping.layers import Layers
from cscl.mapping.mapper import BlockTask, Mapper, map_block
from cscl.mapping.parts import read_part
from cscl.mapping.predict import Predictor
from cscl.mapping.room import check_room
from cscl.mapping.season import series_for_map
from cscl.mapping.suitability import unlike_reflectance
from cscl.mapping.windows import area_window, extent_window
from cscl.mapping.work import MapWork
from cscl.mapping.writer import MapWriter, layer_file
from cscl.memory import keep_freed_memory
from cscl.models.card import ModelCard
from cscl.models.store import LoadedModel, load_model
from cscl.parallel import run_tasks
from cscl.series.model import TimeSeries
from cscl.series.reader import SeriesReader
from cscl.zonal.accumulator import prepare_parcels
from cscl.zonal.table import TABLE

STAGE = "map"
# Windows of one task: enough to keep reading ahead worth it, few enough to lose little; and so many
# tasks at least that several workers find some.
BLOCK, FEWEST_TASKS = 16, 32


def map_crops(job: MapJob, ctx: JobContext) -> None:
    """Map the images of `job.images` with `job.model` into the folder `job.output`.

    Writes DESIGN's layers at 10 m and, for resolution 5 or 2.5, on the grid twice or four times as
    fine, styles and `map.json`, which comes last. Windows are streamed into files of their own, so
    that memory does not grow with the area and a job that was stopped goes on; the layers are put
    together of them at the end. Raises `UserError` where the images do not suit the model.
    """
    folder = local_path(job.output, "output")
    folder.mkdir(parents=True, exist_ok=True)
    atomic.sweep(folder)
    model = load_model(job.model)
    scales = heads_of(job.resolution)
    model.card.require_finetuned(job.model)
    for scale in scales:
        model.card.require_head(scale, job.model)
    if not job.scheduler:
        names = " and ".join(describe_device(each) for each in choose_devices(job.device))
        ctx.note(f"Mapping on {names}")
    told = len(ctx.noted)
    series = series_for_map(job, model.card, ctx)
    work = _work(job, model, series, folder, scales, ctx)
    # What became of this run, as that it was resumed, does not belong to the map.
    notes = ctx.noted[told:]
    card = model.card
    del model
    key = work.begin()
    check_room(work, ctx)
    if job.parcels:
        prepare_parcels(job.parcels, work.grid, work.parcels, ctx)
    _map_windows(work, key, job, ctx)
    _put_together(work, job, card, notes, ctx)
    _announce(folder, scales, ctx)


def _work(
    job: MapJob,
    model: LoadedModel,
    series: TimeSeries,
    folder: Path,
    scales: tuple[int, ...],
    ctx: JobContext,
) -> MapWork:
    places = Places(job.area_polygons, job.parcels, job.cropland)
    area = _area(job, series.grid)
    _say_places(job, model.card, series.grid, ctx)
    with SeriesReader(series) as reader:
        unlike = unlike_reflectance(reader, model.card, job.images)
        if unlike is not None:
            ctx.warn(unlike)
        device = "cpu" if job.scheduler else choose_device(job.device)
        return MapWork(
            folder=folder,
            model=job.model,
            series=series,
            area=area,
            side=Predictor(model, reader, series.days, device=device).side,
            block=reader.block_shape,
            scales=scales,
            probabilities=job.probabilities,
            narrow=job.precision == "bfloat16",
            places=places,
        )


def _area(job: MapJob, grid: Grid) -> Window:
    """Return the part of the grid that the extent and the polygons leave of it."""
    area = area_window(job.area, grid) if job.area else grid.whole
    if not job.area_polygons:
        return area
    bounds = PolygonMask(job.area_polygons, grid).extent()
    found = extent_window(bounds, grid, job.area_polygons).common(area)
    if not found.height or not found.width:
        raise UserError(
            "area_outside_polygons",
            f"area {job.area!r}",
            f"it does not meet the polygons of {job.area_polygons}",
            "Give one of the two, or an extent that overlaps the polygons.",
        )
    return found


def _say_places(job: MapJob, card: ModelCard, grid: Grid, ctx: JobContext) -> None:
    if job.area_polygons:
        name = Path(job.area_polygons).name
        ctx.note(f"Only what lies in the polygons of {name} is mapped")
    if job.cropland:
        mask = CroplandMask(job.cropland, grid)
        how = "its pixels are those of the map's grid" if mask.aligned else "by its nearest pixel"
        ctx.note(f"Only cropland of {mask.path.name} is mapped, {how}")
    if job.parcels:
        PolygonMask(job.parcels, grid)
        name = Path(job.parcels).name
        ctx.note(f"The map is clipped to the parcels of {name}; windows without any are skipped")
    elif card.outside == "ignore":
        ctx.note(
            "The model knows no land outside parcels: the map shows a crop everywhere, also where "
            "none grows. Give parcels to clip it to them"
        )


def _map_windows(work: MapWork, key: str, job: MapJob, ctx: JobContext) -> None:
    """Compute the windows that are still missing."""
    missing, total = work.missing(), len(work.windows)
    done = total - len(missing)
    if done:
        ctx.note(f"{done} of {total} windows are there from an earlier run")
    steps = _Steps(ctx, total + _conversions(work), done)
    # The threads of one process serve a GPU best; on the processor, so many processes as asked for.
    alone = not job.scheduler and (
        (job.workers or 1) == 1 or choose_device(job.device).type != "cpu"
    )
    if alone:
        if job.workers and job.workers > 1:
            ctx.note("Workers are for the processor: one process feeds the device")
        keep_freed_memory()
        with Mapper(work, choose_devices(job.device)) as mapper:
            mapper.run(missing, steps.step)
        return
    block = max(1, min(BLOCK, total // FEWEST_TASKS))
    tasks = [
        BlockTask(str(work.folder), key, first, min(first + block, total), job.device)
        for first in range(0, total, block)
    ]
    run_tasks(
        map_block,
        tasks,
        workers=job.workers,
        scheduler=job.scheduler,
        ctx=ctx,
        stage=STAGE,
        weights=[task.last - task.first for task in tasks],
    )


def _put_together(
    work: MapWork, job: MapJob, card: ModelCard, notes: tuple[str, ...], ctx: JobContext
) -> None:
    """Make the layers of the windows' files, then remove these."""
    account = Account()
    codes = card.codes
    total, conversions = len(work.windows), _conversions(work)
    steps = _Steps(ctx, total + conversions, total)
    with MapWriter(
        work.folder,
        work.grid,
        card.classes,
        codes,
        scales=work.scales,
        side=work.side,
        probabilities=work.probabilities,
    ) as writer:
        for number, window in enumerate(work.windows):
            ctx.check()
            part = read_part(work.part(number))
            account.add(part)
            for scale in work.scales:
                layers = part.layers.get(scale) or Layers.empty(
                    window.height * scale, window.width * scale, len(codes)
                )
                writer.write(window.within(work.area), scale, layers)
        told = len(ctx.noted)
        _say(writer, account, ctx)
        notes += ctx.noted[told:]
        texts = map_texts(work, job, card, writer, account, notes)
        gathered = work.accumulator()
        if gathered is not None:
            gathered.finish(work.folder / TABLE)
        writer.finish(texts, steps.step)
    work.end()


def _conversions(work: MapWork) -> int:
    return len(work.scales) * (6 if work.probabilities else 5)


class _Steps:
    """Counts windows and conversions as one stage."""

    def __init__(self, ctx: JobContext, total: int, done: int) -> None:
        self.ctx, self.total, self.done = ctx, total, done
        ctx.progress(STAGE, done, total)

    def step(self) -> None:
        """Say that one more is done."""
        self.done += 1
        self.ctx.progress(STAGE, self.done, self.total)


def _say(writer: MapWriter, account: Account, ctx: JobContext) -> None:
    if account.skipped:
        ctx.note(f"{account.skipped} of {account.windows} windows had nothing to map")
    if account.cuts:
        ctx.note(f"The device's memory did not hold {account.cuts} windows whole; they were cut")
    tally = writer.tallies[1]
    empty, total = int(tally.pixels[0]), int(tally.pixels.sum())
    if empty:
        ctx.note(f"{empty} of {total} pixels at 10 m have no data in the map")
    for scale, counted in writer.tallies.items():
        if counted.mean_confidence is not None:
            ctx.metric(f"map/confidence{ending(scale)}", 0, counted.mean_confidence)


def _announce(folder: Path, scales: tuple[int, ...], ctx: JobContext) -> None:
    ctx.artifact("map", folder)
    for scale in scales:
        tail = ending(scale)
        ctx.artifact(f"crop_map{tail}", folder / layer_file("crops", scale))
        ctx.artifact(f"confidence{tail}", folder / layer_file("confidence", scale))
