"""The jobs of a training: their values, their folders, and what lies in these already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Dict, Tuple

from ....backend.cscl.contract.errors import UserError
from ....backend.cscl.contract.fields import Field, fields_of
from ....backend.cscl.contract.jobs import FinetuneJob, PretrainJob, fingerprint, make_job
from ....backend.cscl.contract.manifest import read_manifest
from ...engine.values import whole_values
from ...words import told, tr

PRETRAIN, FINETUNE = "pretrain", "finetune"
# What the person sees first; the first three and those of `BOTH` are the same in both jobs.
MAIN = ("dataset", "preset", "resolution", "output")
BOTH = ("backbone", "width", "label_share", "checkpointing", "seed", "device", "overwrite")
UNFINISHED = ("interrupted", "failed", "cancelled")
FIRST_OUTPUT = "model"

Step = Tuple[str, Dict[str, Any]]


def field(name: str) -> Field:
    """Return a field of fine-tuning, which has all that the person sees first."""
    return next(item for item in fields_of(FinetuneJob) if item.name == name)


def own_fields(job: str) -> Tuple[Field, ...]:
    """Return the fields that one of the two jobs has for itself."""
    kind = PretrainJob if job == PRETRAIN else FinetuneJob
    taken = (*MAIN, *BOTH, "model")
    return tuple(item for item in fields_of(kind) if item.name not in taken)


def pretrained_folder(output: str) -> str:
    """Return the folder of the pretrained network that belongs to a model's."""
    path = Path(output)
    return str(path.with_name(f"{path.name}_pretrained")) if path.name else ""


@dataclass(frozen=True)
class Settings:
    """What was entered for a training: `main` and `both` count in both jobs, `own` in one.

    `main` may hold a pretrained `model`, which counts where nothing is pretrained before.
    """

    main: Dict[str, Any]
    both: Dict[str, Any]
    own: Dict[str, Dict[str, Any]]
    pretrain: bool

    def at(self, output: str) -> "Settings":
        """Return the same settings with another output."""
        return replace(self, main={**self.main, "output": output})

    def steps(self) -> Tuple[Step, ...]:
        """Return the jobs in their order; their values are not checked yet."""
        main = self.main
        common = {name: main[name] for name in ("dataset", "preset") if name in main} | self.both
        tuned = {**common, **self.own[FINETUNE]}
        later = ("resolution", "output", "model")
        tuned.update({name: main[name] for name in later if name in main})
        if not self.pretrain:
            return ((FINETUNE, tuned),)
        folder = pretrained_folder(main.get("output", ""))
        tuned["model"] = folder
        return ((PRETRAIN, {**common, **self.own[PRETRAIN], "output": folder}), (FINETUNE, tuned))


@dataclass(frozen=True)
class Place:
    """What lies in a job's output folder: free, unfinished, complete or other.

    `unfinished` and `complete` are this very job's; `other` is anything else.
    """

    job: str
    folder: str
    state: str


def look_at(step: Step) -> Place:
    """Return what lies where a job shall write; reads one small file. Raises `UserError`."""
    name, values = step
    job = make_job(name, whole_values(name, values))
    folder = Path(job.output)
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return Place(name, str(folder), "free")
    try:
        manifest = read_manifest(folder)
    except UserError:
        manifest = None
    if manifest is None or manifest.fingerprint != fingerprint(job):
        return Place(name, str(folder), "other")
    if manifest.state == "complete":
        return Place(name, str(folder), "complete")
    return Place(name, str(folder), "unfinished" if manifest.state in UNFINISHED else "other")


def settle(settings: Settings, movable: bool) -> Tuple[str, Tuple[Place, ...]]:
    """Return the output of a training and what lies there. Raises `UserError`.

    One that is `movable` becomes a free folder beside the dataset, unless it is one already or
    holds the unfinished beginning of this very training.
    """
    output = str(settings.main.get("output") or "")
    if not movable:
        return output, _places(settings)
    dataset = _dataset(settings)
    if output and Path(output).parent == dataset.parent:
        places = _places(settings)
        states = {place.state for place in places}
        if "unfinished" in states or states == {"free"}:
            return output, places
    output = _free_output(dataset)
    return output, _places(settings.at(output))


def _places(settings: Settings) -> Tuple[Place, ...]:
    return tuple(look_at(step) for step in settings.steps())


def _dataset(settings: Settings) -> Path:
    """Return the dataset's folder; raises `UserError` where there is no dataset in it."""
    given = {"dataset": settings.main.get("dataset")}
    folder = Path(str(whole_values(FINETUNE, given)["dataset"]))
    if not (folder / "dataset.json").is_file():
        raise UserError(
            "not_in_folder", f"{told(field('dataset').title)} {str(folder)!r}",
            tr("it holds no {file}", file="dataset.json"),
            tr("Choose a dataset: the page Parcels builds one from a series and parcels."),
        )  # fmt: skip
    return folder


def _free_output(dataset: Path) -> str:
    """Return a folder beside a dataset that does not exist yet."""
    beside = dataset.parent
    number = 1
    while True:
        name = FIRST_OUTPUT if number == 1 else f"{FIRST_OUTPUT}_{number}"
        if not (beside / name).exists() and not (beside / f"{name}_pretrained").exists():
            return str(beside / name)
        number += 1
