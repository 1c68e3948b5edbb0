"""The report of a whole chain: the evaluation's, with the map's picture and every stage."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyogrio
import pyogrio.errors

from cscl.context import JobContext
from cscl.contract.manifest import read_manifest
from cscl.contract.resolutions import ENDINGS, ending
from cscl.dataset.reader import Dataset
from cscl.evaluation.charts import figure_title
from cscl.evaluation.describe import noted, read_job
from cscl.evaluation.preview import write_preview
from cscl.evaluation.report import read_report, write_report
from cscl.evaluation.summary import best_reference, percent, value
from cscl.mapping.folder import read_map

Report = Mapping[str, Any]

TITLES = {
    "scene": "Simulation",
    "dataset": "Dataset",
    "pretrained": "Pretraining",
    "model": "Fine-tuning",
    "evaluation": "Evaluation",
    "map": "Map",
}


def write_pipeline_report(output: Path, ctx: JobContext) -> None:
    """Write `report.json`, `report.html` and `preview.png` in the folder of a finished pipeline.

    It needs `evaluation/`, `dataset/` and `map/` there; simulation and parcels are told of where
    they are.
    """
    report = read_report(output / "evaluation" / "report.json")
    preview = output / "preview.png"
    is_truth = draw_preview(output, preview)
    report["stages"] = stages(output, report)
    folders = [output / name for name in TITLES if name != "evaluation"]
    notes = [note for folder in folders for note in noted(folder)]
    report["notes"] = list(dict.fromkeys([*report["notes"], *notes, *ctx.noted]))
    beside = "the truth" if is_truth else "the declared parcels"
    caption = (
        f"Image, {beside}, and the crop maps; below, the framed part larger. Parcels of the "
        "training split are in it: the scores below are of the "
        f"{report['split']} split alone."
    )
    write_report(report, output, pictures={caption: preview})
    ctx.artifact("preview", preview)
    ctx.artifact("report_data", output / "report.json")
    ctx.artifact("report", output / "report.html")


def draw_preview(output: Path, path: Path) -> bool:
    """Draw the preview of a finished pipeline; tell whether it shows the truth."""
    crop_map = read_map(output / "map")
    # A chain maps the images it learnt from: its dataset has one grid.
    dataset = Dataset.open(output / "dataset")
    truth = (read_job(output / "evaluation") or {}).get("parameters", {}).get("truth")
    labels = dataset.label_path(f"labels{ending(dataset.factor)}")
    write_preview(
        path,
        series=dataset.series(),
        truth_or_labels=Path(truth) if truth else labels,
        crops_10m=crop_map.crops,
        fine=next(iter(_fine_maps(crop_map.folder).items()), None),
        classes=crop_map.table,
        is_truth=bool(truth),
    )
    return bool(truth)


def _fine_maps(folder: Path) -> dict[str, Path]:
    """Return the maps of a folder that are finer than 10 m, by the side of their pixels."""
    names = {name: folder / f"crops{tail}.tif" for name, tail in ENDINGS.items() if tail}
    return {name: path for name, path in names.items() if path.is_file()}


def stages(output: Path, report: Report) -> list[dict[str, Any]]:
    """Return each stage's title, seconds (None where not known) and result in words."""
    results = {
        "scene": _scene,
        "dataset": _dataset,
        "pretrained": _pretrained,
        "model": _model,
        "evaluation": _evaluation,
        "map": _map,
    }
    rows = []
    for name, title in TITLES.items():
        if (output / name).is_dir():
            result = results[name](output / name, report)
            rows.append({"title": title, "seconds": _seconds(output / name), "result": result})
    parcels = output / "parcels.gpkg"
    if parcels.is_file():
        rows.append({"title": "Parcels", "seconds": None, "result": _parcels(parcels)})
    return rows


def _seconds(folder: Path) -> float | None:
    manifest = read_manifest(folder)
    if manifest is None or manifest.finished is None:
        return None
    return round(manifest.finished - manifest.started, 1)


def _scene(folder: Path, report: Report) -> str:
    parameters = (read_job(folder) or {}).get("parameters", {})
    size = parameters.get("size", report["dataset"]["grid"]["width"])
    return f"{size} x {size} pixels of 10 m, {parameters.get('crops', '–')} crops"


def _dataset(folder: Path, report: Report) -> str:
    data = report["dataset"]
    chips = ", ".join(f"{count} {split}" for split, count in data["chips"].items())
    return (
        f"{len(data['dates'])} dates, {len(data['bands'])} bands, {len(report['classes'])} "
        f"classes; chips: {chips}"
    )


def _last(report: Report, stage: str) -> dict[str, float]:
    """Return the validation figures of the step that was kept, else of the last one."""
    rows: list[list[Any]] = next(
        (item["rows"] for item in report["curves"] if item["stage"] == stage), []
    )
    kept = report["model"]["training"]
    kept = (kept.get("pretraining") or {}) if stage == "pretrain" else kept
    steps = [row[0] for row in rows if row[1] == "validation"]
    if not steps:
        return {}
    step = kept.get("best_step") if kept.get("best_step") in steps else max(steps)
    return {row[2]: row[3] for row in rows if row[1] == "validation" and row[0] == step}


def _pretrained(folder: Path, report: Report) -> str:
    found = _last(report, "pretrain")
    auc = {name: number for name, number in found.items() if "auc" in name}
    if not auc:
        return "done"
    return "; ".join(f"{figure_title(name)} {number:.3f}" for name, number in auc.items())


def _model(folder: Path, report: Report) -> str:
    found = _last(report, "finetune")
    if "mean_iou" not in found:
        return "done"
    text = (
        f"validation: overall accuracy {percent(found.get('overall_accuracy'))}, "
        f"mean IoU {percent(found['mean_iou'])}"
    )
    for name, tail in ENDINGS.items():
        if tail and f"mean_iou{tail}" in found:
            text += f"; at {name} m {percent(found[f'mean_iou{tail}'])}"
    return text


def _evaluation(folder: Path, report: Report) -> str:
    where = {
        "reference": best_reference(report),
        "resolution": "10",
        "method": "network",
        "zone": "all",
    }
    return (
        f"{report['split']}: overall accuracy "
        f"{percent(value(report['zones'], 'overall_accuracy', **where))}, mean IoU "
        f"{percent(value(report['zones'], 'mean_iou', **where))}"
    )


def _map(folder: Path, report: Report) -> str:
    grid = report["dataset"]["grid"]
    resolutions = " and ".join(f"{name} m" for name in ("10", *_fine_maps(folder)))
    return f"{grid['width']} x {grid['height']} pixels, at {resolutions}"


def _parcels(path: Path) -> str:
    try:
        table = pyogrio.read_dataframe(path, columns=["crop_code", "agrees"], read_geometry=False)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.FieldError):
        return "done"
    classified = int(table["crop_code"].notna().sum()) if "crop_code" in table else 0
    text = f"{classified:,} of {len(table):,} parcels classified"
    if "agrees" in table and table["agrees"].notna().any():
        known = table["agrees"].dropna().astype(bool)
        text += f"; {percent(float(known.mean()))} agree with the declaration"
    return text
