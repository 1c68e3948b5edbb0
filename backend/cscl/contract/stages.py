"""The stages of each job, in order, with their share of its time, for one overall progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Tuple


@dataclass(frozen=True)
class Stage:
    """One stage of a job: its name in events, its title for people, its usual share of time."""

    name: str
    title: str
    weight: float


# Takes up to a minute once on a computer, and no time from then on.
_KERNELS = Stage("kernels", "Preparing the loss", 0)

STAGES: Dict[str, Tuple[Stage, ...]] = {
    "simulate": (Stage("landscape", "Landscape", 1), Stage("images", "Images", 4)),
    "series": (Stage("series", "Time series", 1),),
    "dataset": (
        Stage("series", "Time series", 1),
        Stage("labels", "Labels", 2),
        Stage("chips", "Chips", 2),
    ),
    "report": (Stage("report", "Report", 1),),
    "import": (
        Stage("import", "Import", 4),
        Stage("series", "Time series", 1),
        Stage("labels", "Labels", 2),
        Stage("chips", "Chips", 2),
    ),
    "export-dataset": (Stage("export", "Export", 1),),
    "pretrain": (_KERNELS, Stage("pretrain", "Pretraining", 1)),
    "finetune": (
        _KERNELS,
        Stage("finetune", "Fine-tuning", 20),
        Stage("context", "Neighbours", 1),
        Stage("boundary", "Boundaries", 1),
    ),
    "evaluate": (Stage("evaluate", "Evaluation", 1), Stage("baseline", "Random forest", 2)),
    "map": (Stage("series", "Time series", 1), Stage("map", "Mapping", 9)),
    "parcels": (Stage("parcels", "Parcels", 1),),
    "polygons": (Stage("polygons", "Polygons", 1),),
    "sample": (Stage("sample", "Sample", 1),),
    "area": (Stage("area", "Area", 1),),
    "export": (Stage("export", "Export", 1),),
}

_CHAIN = (
    Stage("series", "Time series", 2),
    Stage("labels", "Labels", 2),
    Stage("chips", "Chips", 2),
    _KERNELS,
    Stage("pretrain", "Pretraining", 25),
    Stage("finetune", "Fine-tuning", 43),
    Stage("context", "Neighbours", 2),
    Stage("boundary", "Boundaries", 2),
    Stage("evaluate", "Evaluation", 4),
    Stage("baseline", "Random forest", 10),
    Stage("cross_fit", "Cross-fit", 20),
    Stage("map", "Mapping", 8),
    Stage("parcels", "Parcels", 2),
)
STAGES["pipeline"] = _CHAIN
STAGES["demo"] = (
    Stage("landscape", "Landscape", 1),
    Stage("images", "Images", 4),
    *_CHAIN,
    Stage("export", "Export", 1),
)


def overall(job: str, stage: str, done: int, total: int) -> float:
    """Return the finished share of a job, 0..1, from the progress of one of its stages."""
    stages = STAGES[job]
    whole = sum(item.weight for item in stages)
    before = 0.0
    for item in stages:
        if item.name == stage:
            part = min(max(done / total, 0.0), 1.0) if total > 0 else 0.0
            return (before + item.weight * part) / whole
        before += item.weight
    return 0.0
