"""A made-up evaluation: noisy maps of a small landscape, scored by the real code."""

from __future__ import annotations

import copy
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from cscl.evaluation.block_figures import (
    block_rows,
    boundary_rows,
    distance_rows,
    interval_rows,
)
from cscl.evaluation.blocks import Blocks
from cscl.evaluation.figures import (
    calibration_rows,
    class_rows,
    confusion_tables,
    parcel_rows,
    zone_rows,
)
from cscl.evaluation.parcel_calibration import parcel_calibration_rows
from cscl.evaluation.scoring import Calibration, ParcelVotes, Tally, guess
from cscl.evaluation.zones import coarse_labels, fine_view, view_10m

CODES = (1, 2, 3, 254)


def landscape(side: int = 48) -> np.ndarray:
    """Return codes on the fine grid (4 side, 4 side): parcels in stripes, a road across."""
    rows, cols = np.indices((4 * side, 4 * side))
    codes = ((rows + cols // 3) // 37 % 3 + 1).astype(np.uint8)
    codes[np.abs(rows - cols) < 5] = 254
    return codes


def logits_for(codes: np.ndarray, rng: np.random.Generator, clarity: float) -> np.ndarray:
    """Return logits (K, H, W) that favour the codes by `clarity`."""
    logits = rng.normal(0, 1, (len(CODES), *codes.shape))
    for place, code in enumerate(CODES):
        logits[place] += clarity * (codes == code)
    return logits


def made_up_report(
    names: Sequence[str] = ("wheat", "maize", "beet", "other land"),
    references: Sequence[str] = ("declared", "truth"),
    side: int = 48,
) -> dict[str, Any]:
    """Return a report with every part filled, the caller's own to change."""
    return copy.deepcopy(_made_up_report(tuple(names), tuple(references), side))


@functools.cache
def _made_up_report(names: tuple[str, ...], references: tuple[str, ...], side: int) -> Any:
    rng = np.random.default_rng(0)
    fine = landscape(side)
    coarse, mixed = coarse_labels(fine)
    views = {
        "10": view_10m(coarse, mixed),
        "2.5": fine_view(fine, 4),
    }
    quarters = Blocks(np.indices((side, side))[1] * 4 // side, ("0,0", "1,0", "2,0", "3,0"))
    blocks = {"10": quarters, "2.5": quarters.fine(4)}
    tally = Tally(CODES)
    calibration = Calibration(CODES, {"10": 1.4, "2.5": 1.0})
    votes = ParcelVotes(9, CODES)
    index = (np.indices(coarse.shape).sum(axis=0) // 11 % 10).astype(np.uint32)
    by_code = np.asarray(CODES, np.uint8)
    for reference in references:
        for resolution, view in views.items():
            counted = np.ones(view.codes.shape, bool)
            network = logits_for(view.codes, rng, 4.0)
            forest = logits_for(view.codes, rng, 3.0)
            maps = {"network": network, "forest": forest}
            found = {
                name: guess(np.pad(by_code[item.argmax(axis=0)], 2), 2)
                for name, item in maps.items()
            }
            tally.add(reference, resolution, found, view, counted, blocks[resolution])
            calibration.add(reference, resolution, network, view, counted)
            if resolution == "10":
                votes.add("network", "10", np.exp(network), index)
                votes.add("forest", "10", np.exp(forest), index)
    votes.add_truth(coarse, index)
    declared, every = np.array([1, 2, 3, 1, 2, 3, 1, 2, 3], np.uint8), np.ones(9, bool)
    steps = range(10, 60, 10)
    return {
        "schema": 1,
        "created": "2026-01-01T00:00:00+00:00",
        "split": "test",
        "references": list(references),
        "classes": [
            {"code": code, "name": name, "colour": colour}
            for code, name, colour in zip(
                CODES, names, ("#e6c229", "#f17105", "#8d6a9f", "#d9d9d9"), strict=True
            )
        ],
        "outside_scored": True,
        "zones": zone_rows(tally),
        "per_class": class_rows(tally),
        "confusion": confusion_tables(tally),
        "calibration": calibration_rows(calibration),
        "blocks": block_rows(tally),
        "boundary_iou": boundary_rows(tally),
        "intervals": interval_rows(tally),
        "distances": distance_rows(tally),
        "parcel_calibration": parcel_calibration_rows(
            votes, every, votes, every, declared, references
        ),
        "until": [
            {
                "until": f"2021-0{month}-01",
                "dates": month,
                "last": f"2021-0{month - 1}-20",
                "reference": reference,
                "pixels": 2304,
                "seen": 1.0,
                "overall_accuracy": month / 10,
                "mean_iou": month / 12,
                "boundary_accuracy": month / 14,
                "interior_accuracy": month / 9,
            }
            for month in (4, 6, 8)
            for reference in references
        ],
        "parcels": parcel_rows(
            votes,
            declared,
            np.arange(1.0, 10.0) * 1e4,
            every,
            references,
        ),
        "forest": {
            "chosen": "pixels",
            "trials": [
                {
                    "variant": "pixels",
                    "validation_accuracy": 0.81,
                    "training_pixels": 4000,
                    "labelled_pixels": 4000,
                    "trees": 300,
                    "seconds": 12.3,
                }
            ],
        },
        "dataset": {
            "path": "dataset",
            "fingerprint": "abc",
            "bands": ["B02", "B03"],
            "dates": ["2021-04-01", "2021-06-01"],
            "season": ["2020-10-01", "2021-09-30"],
            "level": "L2A",
            "chip": 16,
            "chips": {"training": 3, "validation": 1, "test": 1},
            "outside": "class",
            "split_rule": {},
            "grid": {"width": side, "height": side},
        },
        "model": {
            "path": "model",
            "architecture": "unet3df",
            "width": 0.25,
            "heads": [1, 4],
            "parameters": 12345,
            "sha256": "0" * 64,
            "training": {"epochs": 5, "steps": 50, "seconds": 80.0},
        },
        "curves": [
            {
                "stage": "finetune",
                "rows": [[s, "training", "loss", 1 / s] for s in steps]
                + [[s, "validation", "mean_iou_2m5", 1 - 1 / s] for s in steps],
            }
        ],
        "commands": {"evaluate": "cscl evaluate", "device": "cpu"},
        "versions": {"torch": "2"},
        "notes": ["Something was assumed."],
        "smoke": [],
    }
