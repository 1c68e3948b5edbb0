"""The job `report`: a dataset as one page to read, with its figures beside it."""

from __future__ import annotations

from pathlib import Path

from cscl.context import JobContext
from cscl.contract import atomic, strict_json
from cscl.contract.jobs import ReportJob
from cscl.dataset.reader import Dataset
from cscl.dataset.report_charts import curve_panels, date_chart
from cscl.dataset.report_chips import chip_sheet, chosen_chips
from cscl.dataset.report_curves import Curves, season_curves
from cscl.dataset.report_data import report_of
from cscl.dataset.report_map import map_width, split_map
from cscl.dataset.report_page import Pictures, render


def report_dataset(job: ReportJob, ctx: JobContext) -> None:
    """Write `report.html` and `report.json` about `job.dataset` into `job.output`.

    Raises `UserError` where it is no dataset, or lacks a band that is asked for.
    """
    dataset, folder = Dataset.open(job.dataset), Path(job.output)
    folder.mkdir(parents=True, exist_ok=True)
    curves = season_curves(dataset, job.bands, ctx)
    report = report_of(dataset, curves)
    pictures = Pictures(
        split=split_map(dataset),
        split_width=map_width(dataset),
        chips=chip_sheet(dataset, chosen_chips(dataset)),
        dates=date_chart(report["dates"], report["months"]) if report["dates"] else "",
        curves=_drawn(dataset, curves),
    )
    ctx.check()
    atomic.write_text(folder / "report.json", strict_json.dump(report))
    atomic.write_text(folder / "report.html", render(report, pictures))
    ctx.artifact("report", folder / "report.html")
    ctx.artifact("report_data", folder / "report.json")


def _drawn(dataset: Dataset, curves: Curves) -> dict[str, str]:
    """Return the drawings of the curves, the classes with most training pixels first."""
    counts = dataset.class_counts
    codes = sorted(dataset.classes.codes, key=lambda code: -counts.get(code, 0))
    return {
        name: curve_panels(curves, name, dataset.classes, codes)
        for name, found in curves.by_quantity.items()
        if found
    }
