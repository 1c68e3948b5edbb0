"""Runs an experiment arm by arm and seed by seed; what is finished is never run again."""

from __future__ import annotations

import hashlib
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from cscl.context import JobContext, Silent
from cscl.contract import strict_json
from cscl.contract.atomic import remove, write_text
from cscl.contract.errors import UserError
from cscl.contract.jobs import make_job
from cscl.dataset.reader import Dataset
from cscl.experiments.claims import claimed
from cscl.experiments.provenance import source_version
from cscl.experiments.scenes import SceneSet, prepare_scene
from cscl.experiments.scoring import TestScene, score_model
from cscl.experiments.spec import Arm, Experiment
from cscl.models.card_file import CARD_NAME, load_card
from cscl.models.store import load_model
from cscl.training.finetune import finetune
from cscl.training.pretrain import pretrain

SCHEMA = 1
# What an arm's second stage is where it says nothing: plain cross-entropy, whatever the product's
# defaults are.
PLAIN = {"resolution": "10", "boundary_weight": 1.0, "joint": 0.0, "context": 0}


@dataclass(frozen=True)
class RunFolder:
    """Where results lie: `data`, the scenes, and `runs`, one file a run.

    Experiments share both: an arm that stands in several with the same options, ground and budget
    runs once for all of them.
    """

    base: Path
    experiment: Experiment

    @property
    def data(self) -> Path:
        """The scenes."""
        return self.base / "data"

    def result(self, arm: str, seed: int) -> Path:
        """The file of one run."""
        return self.base / "runs" / f"{self._key(arm)}_{seed}.json"

    def work(self, arm: str, seed: int) -> Path:
        """The folder of a run that is not finished."""
        return self.base / "work" / f"{self._key(arm)}_{seed}"

    def _key(self, name: str) -> str:
        """Return a name for all that decides an arm's runs but the seed."""
        experiment = self.experiment
        arm = experiment.arm(name)
        # What an arm is called belongs to the experiment.
        told = {key: item for key, item in asdict(arm).items() if key not in ("name", "title")}
        whole = [_plain(told), asdict(experiment.ground), asdict(experiment.budget)]
        digest = hashlib.sha256(strict_json.dump(whole).encode()).hexdigest()[:10]
        return digest

    def read(self, arm: str, seed: int) -> dict[str, Any] | None:
        """Return the result of one run, or None where there is none."""
        path = self.result(arm, seed)
        if not path.is_file():
            return None
        value: dict[str, Any] = strict_json.read(path)
        return value


class Runner:
    """Runs what is missing of one experiment.

    Several processes may run one experiment side by side: each takes the runs that no other is
    at. A run that fails is a result too and stands in the table; it is tried again once its file
    is removed.
    """

    def __init__(self, experiment: Experiment, base: Path, ctx: JobContext) -> None:
        self.experiment, self.ctx = experiment, ctx
        self.folder = RunFolder(base, experiment)
        self._sets: dict[int, SceneSet] = {}

    def run(self, arms: tuple[str, ...] = (), seeds: tuple[int, ...] = ()) -> None:
        """Run the missing runs of `arms` and `seeds` (empty: all), seed by seed."""
        for seed in seeds or self.experiment.seeds:
            for arm in self.experiment.arms:
                if arms and arm.name not in arms:
                    continue
                self.ctx.check()
                if self.folder.read(arm.name, seed) is None:
                    with claimed(self.folder.work(arm.name, seed).with_suffix(".lock")) as mine:
                        if mine:
                            self._run(arm, seed)

    def _run(self, arm: Arm, seed: int) -> None:
        started = time.monotonic()
        self.ctx.note(f"{self.experiment.name}: {arm.name}, seed {seed}")
        document: dict[str, Any] = {
            "schema": SCHEMA,
            "arm": arm.name,
            "seed": seed,
            "options": _plain(asdict(arm)),
            "budget": asdict(self.experiment.budget),
            "ground": asdict(self.experiment.ground),
            "source": source_version(),
            "threads": torch.get_num_threads(),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        work = _work_of_this_source(self.folder.work(arm.name, seed))
        try:
            document |= {"status": "done", **self._trained(arm, seed, work)}
        except UserError as error:
            document |= {"status": "failed", "reason": str(error)}
        document["wall_seconds"] = round(time.monotonic() - started, 1)
        write_text(self.folder.result(arm.name, seed), strict_json.dump(document))
        remove(work)

    def _trained(self, arm: Arm, seed: int, work: Path) -> dict[str, Any]:
        """Train one arm with one seed, score it, and return what goes into its file."""
        data = self._set(seed)
        budget = self.experiment.budget
        preset = arm.preset(budget.steps, budget, self._seconds(arm, seed))
        silent = JobContext(Silent())
        common = {"dataset": str(data.folder), "seed": seed, "device": "cpu"}
        records = {}
        second: dict[str, Any] = {**PLAIN, **arm.second}
        if arm.first is not None:
            job = make_job("pretrain", {**common, **arm.first, "output": str(work / "first")})
            # A card is written last. Made again, it would differ by the seconds it took, and
            # the second stage could not go on from its checkpoints.
            if not (work / "first" / CARD_NAME).is_file():
                (work / "first").mkdir(parents=True, exist_ok=True)
                pretrain(job, silent, preset=preset, dataset=data)
            records["first"] = dict(load_card(work / "first").training)
            second["model"] = str(work / "first")
        job = make_job("finetune", {**common, **second, "output": str(work / "second")})
        (work / "second").mkdir(parents=True, exist_ok=True)
        finetune(job, silent, preset=preset, dataset=data)
        model = load_model(work / "second")
        records["second"] = dict(model.card.training)
        scores = score_model(model, self._test)
        return {
            "parameters": sum(item.numel() for item in model.network.parameters()),
            "training": {stage: _short(record) for stage, record in records.items()},
            "scores": scores.to_json(),
        }

    def _seconds(self, arm: Arm, seed: int) -> float | None:
        """Return the seconds that the arm may train, where another arm's are its budget."""
        if arm.seconds_of is None:
            return None
        other = self.folder.read(arm.seconds_of, seed)
        if other is None or other["status"] != "done":
            raise UserError(
                "no_reference_run",
                f"arm {arm.name}, seed {seed}",
                f"the run of {arm.seconds_of} whose seconds it may spend is not there",
                f"Run the arm {arm.seconds_of} first.",
            )
        return float(sum(stage["seconds_in_steps"] for stage in other["training"].values()))

    def _set(self, seed: int) -> SceneSet:
        """Return the training and validation scenes of a run seed, made where they are missing."""
        if seed not in self._sets:
            ground = self.experiment.ground
            training = [self._dataset(recipe) for recipe in ground.training_scenes(seed)]
            validation = [self._dataset(ground.validation_scene())]
            # Whole scenes are large: those of the seed before are not needed again.
            self._sets = {seed: SceneSet.of(training, validation, ground.chip)}
        return self._sets[seed]

    @cached_property
    def _test(self) -> tuple[TestScene, ...]:
        return tuple(
            TestScene.open(self._prepared(recipe))
            for recipe in self.experiment.ground.test_scenes()
        )

    def _dataset(self, recipe: Any) -> Dataset:
        return Dataset.open(self._prepared(recipe) / "dataset")

    def _prepared(self, recipe: Any) -> Path:
        return prepare_scene(
            recipe, self.folder.data, self.experiment.ground.chip, JobContext(Silent())
        )


def _work_of_this_source(folder: Path) -> Path:
    """Return a run's folder, emptied if what lies there was begun by another version."""
    mark, source = folder / "source.json", dict(source_version())
    begun = strict_json.read(mark)["digest"] if mark.is_file() else None
    if folder.is_dir() and begun != source["digest"]:
        remove(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_text(mark, strict_json.dump(source))
    return folder


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    return {key: dict(item) if hasattr(item, "keys") else item for key, item in value.items()}


def _short(record: dict[str, Any]) -> dict[str, Any]:
    """Return what a table needs of a training record."""
    kept = (
        "steps",
        "best_step",
        "seconds",
        "seconds_in_steps",
        "batch",
        "precision",
        "validation",
        "positive_weight",
    )
    return {key: record[key] for key in kept if key in record}
