"""The figures of a dataset's report: classes by split, dates by month, chips, origin."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from cscl.contract import strict_json
from cscl.contract.manifest import JOB_FILE
from cscl.contract.version import VERSION
from cscl.dataset.balance import ClassBalance, class_balance
from cscl.dataset.reader import DESCRIPTION, Dataset
from cscl.dataset.report_curves import Curves
from cscl.dataset.split import SPLITS

SCHEMA = 1


def balance_of(dataset: Dataset) -> list[ClassBalance]:
    """Return what each split has of each class."""
    parcels = dataset.parcel_table()
    pixels: dict[str, Counter[int]] = {split: Counter() for split in SPLITS}
    chips = dataset.chip_table()
    for split, counts in zip(chips["split"], chips["class_counts"], strict=True):
        found = strict_json.parse(counts, "class_counts")
        pixels[split].update({int(code): int(n) for code, n in found.items()})
    return class_balance(
        dataset.classes, parcels["class_code"], parcels["split"], parcels["area"], pixels
    )


def dates_of(dataset: Dataset) -> list[dict[str, Any]]:
    """Return each date of each grid with the share of clear pixels."""
    return [
        {
            "grid": item.name,
            "date": acquisition.date.isoformat(),
            "clear": float(acquisition.valid_share),
            "cloud": float(acquisition.cloud_share),
        }
        for item in dataset.grids
        for acquisition in item.series().acquisitions
    ]


def months_of(dates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return for each month that has dates their number and mean share of clear pixels and cloud.

    Months without a date between the first and the last are there with none.
    """
    months: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in dates:
        months[row["date"][:7]].append(row)
    if not months:
        return []
    rows = []
    for month in _months_between(min(months), max(months)):
        own = months.get(month, [])
        rows.append(
            {
                "month": month,
                "dates": len(own),
                "clear": float(np.mean([row["clear"] for row in own])) if own else None,
                "cloud": float(np.mean([row["cloud"] for row in own])) if own else None,
                "best": max((row["clear"] for row in own), default=None),
            }
        )
    return rows


def _months_between(first: str, last: str) -> list[str]:
    year, month = (int(part) for part in first.split("-"))
    result = []
    while (text := f"{year:04}-{month:02}") <= last:
        result.append(text)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return result


def origin_of(dataset: Dataset) -> dict[str, Any]:
    """Return what the dataset was made from and how."""
    description = strict_json.read(dataset.folder / DESCRIPTION)
    job = dataset.folder / JOB_FILE
    made = strict_json.read(job) if job.is_file() else {}
    return {
        "path": str(dataset.folder),
        "fingerprint": dataset.fingerprint,
        "made_with": str(description.get("package", "")),
        "sources": {key: str(item) for key, item in description.get("sources", {}).items()},
        "job": _command(made),
        "bands": list(dataset.bands),
        "level": dataset.level,
        "mask": str(description.get("mask", "")),
        "outside": dataset.outside,
        "chip": dataset.chip,
        "classes": dataset.classes.source,
        "grids": [
            {
                "name": item.name,
                "crs": item.grid.crs,
                "width": item.grid.width,
                "height": item.grid.height,
                "resolution": item.grid.resolution,
                "season": [day.isoformat() for day in item.season],
                "dates": len(item.days),
            }
            for item in dataset.grids
        ],
        "split": {
            "kind": dataset.split_plan.kind,
            "guard": dataset.split_plan.guard,
            "block_size": dataset.split_rule.block_size,
            "seed": dataset.split_rule.seed,
        },
    }


def _command(document: Mapping[str, Any]) -> str:
    """Return the command that a job.json stands for, empty without one."""
    if not document:
        return ""
    parts = [f"cscl {document.get('job', '')}"]
    for name, value in document.get("parameters", {}).items():
        if value is not None and value is not False:
            text = ",".join(map(str, value)) if isinstance(value, list) else value
            parts.append(f"--{name.replace('_', '-')}" + ("" if value is True else f" {text}"))
    return " ".join(parts)


def report_of(dataset: Dataset, curves: Curves) -> dict[str, Any]:
    """Return the whole report as plain values."""
    dates = dates_of(dataset)
    return {
        "schema": SCHEMA,
        "kind": "dataset",
        "version": VERSION,
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "name": Path(dataset.folder).name,
        "classes": [
            {**asdict(row), "colour": dataset.classes.colour_of(row.code)}
            for row in balance_of(dataset)
        ],
        "chips": {split: len(dataset.chips(split)) for split in SPLITS},
        "dates": dates,
        "months": months_of(dates),
        "curves": curves.to_json(),
        "notes": list(dataset.notes),
        "origin": origin_of(dataset),
    }
