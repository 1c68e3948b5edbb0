"""Cross-fitting: each parcel is judged by a model that saw neither it nor its block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cscl.context import JobContext, Silent
from cscl.contract import atomic
from cscl.contract.jobs import DatasetJob, ExportJob, MapJob, PipelineJob, fingerprint
from cscl.contract.manifest import read_manifest
from cscl.contract.stages import overall
from cscl.dispatch import perform, perform_within
from cscl.mapping.folder import read_map
from cscl.parcels.inspection import write_inspection

STAGE = "cross_fit"
STEPS = 1000  # a fold, for its progress
Train = Callable[[PipelineJob, Path, Path, JobContext], Path]


def cross_fit(
    job: PipelineJob, dataset: DatasetJob, map_job: MapJob, train: Train, ctx: JobContext
) -> None:
    """Train one model a fold of blocks, and write `inspection.gpkg` and `inspection.csv`.

    `dataset` and `map_job` are those of the pipeline; each fold has its own below `crossfit/`. A
    fold that is complete is used again. What it was trained on is removed after its map.
    """
    output, folds = Path(job.output), job.cross_fit or 0
    maps = []
    for fold in range(1, folds + 1):
        folder = output / "crossfit" / f"fold_{fold}"
        own_map = replace(
            map_job,
            model=str(folder / "model"),
            output=str(folder / "map"),
            resolution="10",
            parcels=job.parcels,
            probabilities=False,
        )
        if not _complete(own_map):
            _judge_fold(job, replace(dataset, split="folds", folds=folds, fold=fold),
                        own_map, train, FoldContext(ctx, fold, folds))  # fmt: skip
        ctx.progress(STAGE, fold * STEPS, folds * STEPS)
        maps.append(read_map(own_map.output))
    layer, table = output / "inspection.gpkg", output / "inspection.csv"
    if not layer.exists():
        write_inspection(maps, job.parcels, job.class_field, layer, ctx)
    if not table.exists():
        # Its progress is none of the pipeline's stages.
        quiet = JobContext(Silent())
        perform(ExportJob(layer=str(layer), output=str(table), format="csv"), quiet)
        for text in quiet.noted:
            ctx.note(text)
    ctx.artifact("inspection", layer)
    ctx.artifact("inspection_table", table)


def _complete(job: MapJob) -> bool:
    manifest = read_manifest(Path(job.output))
    return (
        manifest is not None
        and manifest.state == "complete"
        and manifest.fingerprint == fingerprint(job)
    )


def _judge_fold(
    job: PipelineJob, dataset: DatasetJob, map_job: MapJob, train: Train, ctx: JobContext
) -> None:
    folder = Path(map_job.output).parent
    perform_within(replace(dataset, output=str(folder / "dataset")), ctx)
    train(job, folder / "dataset", folder, ctx)
    perform_within(map_job, ctx)
    for name in ("dataset", "pretrained"):
        atomic.remove(folder / name)


class FoldContext(JobContext):
    """What a fold's jobs say, as part of the whole job: one stage, notes with the fold's number.

    Its figures and outputs are not those of the job and go nowhere.
    """

    def __init__(self, whole: JobContext, fold: int, folds: int) -> None:
        super().__init__(_Fold(whole, fold, folds))
        self._whole = whole
        self.spared_cores = whole.spared_cores

    def check(self) -> None:
        """Raise `Cancelled` if the person asked for it; wait here while the job is paused."""
        self._whole.check()
        self.finish_requested = self._whole.finish_requested

    def heed_finish(self) -> None:
        """Take note that training finished as asked, for the whole job."""
        super().heed_finish()
        self._whole.heed_finish()


class _Fold:
    """Turns a fold's events into the whole job's."""

    def __init__(self, whole: JobContext, fold: int, folds: int) -> None:
        self.whole, self.fold, self.folds = whole, fold, folds

    def progress(self, stage: str, done: int, total: int) -> None:
        steps = round(STEPS * overall("pipeline", stage, done, total))
        self.whole.progress(STAGE, (self.fold - 1) * STEPS + steps, self.folds * STEPS)

    def metric(self, name: str, step: int, value: float) -> None:
        self.whole.check()

    def note(self, text: str) -> None:
        self.whole.note(f"Fold {self.fold} of {self.folds}: {text}")

    def picture(self, name: str, step: int, path: Path) -> None:
        self.whole.check()

    def artifact(self, role: str, path: Path) -> None:
        self.whole.check()
