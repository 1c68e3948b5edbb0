"""How a dataset shares its classes among training, validation and test."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cscl.context import JobContext
from cscl.dataset.reader import Dataset
from cscl.dataset.report_data import balance_of


def balance(values: dict[str, Any], ctx: JobContext) -> dict[str, Any]:
    """Return what each split of a dataset has of each class; see `BALANCE` of the contract."""
    dataset = Dataset.open(values["dataset"])
    return {
        "classes": [
            {
                "code": row.code,
                "name": row.name,
                "colour": dataset.classes.colour_of(row.code),
                **{split: asdict(share) for split, share in row.shares.items()},
            }
            for row in balance_of(dataset)
        ],
    }
