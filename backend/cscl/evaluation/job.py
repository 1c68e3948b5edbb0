"""The evaluation of a model on one split of a dataset."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as parquet

from cscl.context import JobContext
from cscl.contract.codes import FIRST_CROP, LAST_CROP, OUTSIDE
from cscl.contract.errors import Findings
from cscl.contract.jobs import EvaluateJob
from cscl.dataset.reader import Dataset
from cscl.device import choose_device, describe_device
from cscl.evaluation.baseline import Baseline
from cscl.evaluation.block_figures import (
    block_rows,
    boundary_rows,
    distance_rows,
    interval_rows,
)
from cscl.evaluation.describe import describe, smoke_reasons
from cscl.evaluation.figures import (
    calibration_rows,
    class_rows,
    confusion_tables,
    parcel_rows,
    zone_rows,
)
from cscl.evaluation.grounds import Ground, open_grounds
from cscl.evaluation.parcel_calibration import parcel_calibration_rows
from cscl.evaluation.passes import (
    Steps,
    plan_windows,
    score_forests,
    score_network,
    vote_on_validation,
)
from cscl.evaluation.report import SCHEMA, write_report
from cscl.evaluation.scoring import ParcelVotes
from cscl.evaluation.until import cut_days, until_rows
from cscl.models.store import LoadedModel, load_model
from cscl.series.choice import SeriesChoice, choice_of

Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Parcels:
    """The dataset's parcels by row: declared code, area in m2 and name of the split."""

    codes: Codes
    areas: npt.NDArray[np.float64]
    splits: npt.NDArray[np.str_]


def evaluate(job: EvaluateJob, ctx: JobContext) -> None:
    """Score a model on one split and write `report.json` and `report.html` in `job.output`.

    The network runs through the mapping code over every window that touches the split, and each
    labelled pixel is scored once at 10 m and at the finer resolution, against the declared labels
    and, where `job.truth` is given, against the truth. METHOD section 7.
    """
    dataset, model = Dataset.open(Path(job.dataset)), load_model(Path(job.model))
    check_match(job, dataset, model)
    device = choose_device(job.device)
    with open_grounds(job, dataset, model, device, ctx) as grounds:
        plans = plan_windows(grounds, job.split, dataset)
        cuts = _cuts(job, grounds, ctx)
        scored = sum(len(plan.scored) for plan in plans)
        waiting = sum(len(plan.validation) for plan in plans)
        steps = Steps(ctx, scored * (1 + len(cuts)) + waiting)
        counted = score_network(grounds, plans, steps, ctx)
        validation = vote_on_validation(grounds, plans, steps)
        first = grounds[0]
        until = until_rows(
            first.scorer, model, first.series, counted[0], cuts, device=device, step=steps.step
        )
        baselines = score_forests(grounds, counted, ctx) if job.baseline else []
        report = _report(job, dataset, model, grounds, validation, baselines)
        report["until"] = until
    report["commands"]["device"] = describe_device(device)
    report["notes"] = list(dict.fromkeys([*report["notes"], *ctx.noted]))
    output = Path(job.output)
    write_report(report, output)
    ctx.artifact("report_data", output / "report.json")
    ctx.artifact("report", output / "report.html")


def check_match(job: EvaluateJob, dataset: Dataset, model: LoadedModel) -> None:
    """Raise one `UserError` with everything in which model and dataset do not match."""
    findings, card = Findings(), model.card
    subject = f"model {job.model}"
    if card.stage != "finetuned":
        findings.error(
            "model_stage",
            subject,
            "it was pretrained only and cannot classify",
            "Fine-tune it first, and evaluate the result.",
        )
    missing = [band for band in card.bands if band not in dataset.bands]
    if missing:
        findings.error(
            "model_bands",
            subject,
            f"it takes the bands {', '.join(card.bands)}, the dataset has "
            f"{', '.join(dataset.bands)}",
            "Build a dataset with the model's bands.",
        )
    else:
        at = [dataset.bands.index(band) for band in card.bands]
        statistics = dataset.statistics
        unlike = card.unlike_bands(statistics.mean[at].tolist(), statistics.std[at].tolist())
        if unlike:
            findings.error(
                "model_normalisation",
                subject,
                f"its reflectances are not the dataset's: {'; '.join(unlike)}",
                "Check the units of the images, or use a model trained on such images.",
            )
    known = dict(zip(card.classes.codes, card.classes.names, strict=True))
    other = [item for item in dataset.classes.classes if known.get(item.code) != item.name]
    if other:
        findings.error(
            "model_classes",
            subject,
            f"its classes are {_classes(known)}, those of the dataset "
            f"{_classes({item.code: item.name for item in dataset.classes.classes})}",
            "Build the dataset with the model's class table.",
        )
    if card.level and dataset.level and card.level != dataset.level:
        findings.error(
            "model_level",
            subject,
            f"it was trained on level {card.level}, the dataset is {dataset.level}",
            "Use images of one processing level.",
        )
    own, other = choice_of(card, job.model), SeriesChoice.of(dataset.grids[0].series())
    if own != other:
        findings.error(
            "model_series",
            subject,
            f"it was trained on {own}; the dataset has {other}",
            "Build the dataset from a time series with the model's mask and composite.",
        )
    findings.raise_errors()


def _classes(names: dict[int, str]) -> str:
    return ", ".join(f"{code} {name}" for code, name in names.items())


def _cuts(
    job: EvaluateJob, grounds: Sequence[Ground], ctx: JobContext
) -> list[tuple[datetime.date, int]]:
    """Return the days at which the season is cut; none where there are several seasons."""
    if job.until_curve and len(grounds) > 1:
        ctx.note("Figures through the season are left out: the dataset has several grids.")
        return []
    return cut_days(grounds[0].series, job.until_curve)


def _report(
    job: EvaluateJob,
    dataset: Dataset,
    model: LoadedModel,
    grounds: Sequence[Ground],
    validation: ParcelVotes,
    baselines: Sequence[tuple[str, Baseline]],
) -> dict[str, Any]:
    parcels, scorer = _parcels(job), grounds[0].scorer
    found = [reference.name for ground in grounds for reference in ground.scorer.references]
    names = list(dict.fromkeys(found))
    known = [name for name in names if name == "declared" or scorer.votes.labels.any()]
    table = model.card.classes
    report: dict[str, Any] = {
        "schema": SCHEMA,
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "split": job.split,
        "references": names,
        "classes": [
            {"code": code, "name": table.name_of(code), "colour": table.colour_of(code)}
            for code in scorer.codes
        ],
        "outside_scored": OUTSIDE in scorer.codes,
        "zones": zone_rows(scorer.tally),
        "per_class": class_rows(scorer.tally),
        "confusion": confusion_tables(scorer.tally),
        "calibration": calibration_rows(scorer.calibration),
        "blocks": block_rows(scorer.tally),
        "boundary_iou": boundary_rows(scorer.tally),
        "boundary_strength": scorer.edges.rows(model.card),
        "intervals": interval_rows(scorer.tally),
        "distances": distance_rows(scorer.tally),
        "parcel_calibration": parcel_calibration_rows(
            scorer.votes,
            parcels.splits == job.split,
            validation,
            parcels.splits == "validation",
            parcels.codes,
            known,
        ),
        "parcels": parcel_rows(
            scorer.votes, parcels.codes, parcels.areas, parcels.splits == job.split, known
        ),
        "forest": _forests(baselines),
        **describe(job, dataset, model),
    }
    report["smoke"] = smoke_reasons(report)
    return report


def _forests(baselines: Sequence[tuple[str, Baseline]]) -> dict[str, Any] | None:
    """Return the variants chosen and all trials, those of every grid."""
    if not baselines:
        return None
    chosen = dict.fromkeys(baseline.forest.variant for _, baseline in baselines)
    trials = [{**trial, "grid": name} for name, item in baselines for trial in item.trials]
    return {"chosen": "; ".join(chosen), "trials": trials}


def _parcels(job: EvaluateJob) -> Parcels:
    path = Path(job.dataset) / "parcels.parquet"
    table = parquet.read_table(path, columns=["class_code", "split", "area"])
    found = table["class_code"].fill_null(0).to_numpy()
    codes = np.where((found >= FIRST_CROP) & (found <= LAST_CROP), found, 0).astype(np.uint8)
    areas = table["area"].to_numpy().astype(np.float64)
    splits = np.array([text or "" for text in table["split"].to_pylist()], str)
    return Parcels(codes, areas, splits)
