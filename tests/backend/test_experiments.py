"""The experiments' runner on a tiny scene: resuming, failed runs, scores, tables."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cscl.context import JobContext, Silent
from cscl.contract.errors import UserError
from cscl.contract.jobs import make_job
from cscl.evaluation.metrics import confusion
from cscl.experiments import command, runner, scenes
from cscl.experiments.arms import CONTRASTS
from cscl.experiments.catalogue import EXPERIMENTS
from cscl.experiments.command import run_experiment
from cscl.experiments.provenance import source_version
from cscl.experiments.runner import PLAIN, RunFolder, Runner, _work_of_this_source
from cscl.experiments.scenes import SceneSet, prepare_scene
from cscl.experiments.scoring import FINE_ZONES, ZONES, Scores, TestScene
from cscl.experiments.spec import Arm, Budget, Experiment, Ground
from cscl.experiments.tables import markdown
from cscl.experiments.tuning import BEST, TRIALS
from cscl.simulation.job import simulate
from cscl.training import session
from cscl.training.pretrain import pretrain

TestScene.__test__ = False
GROUND = Ground(size=64, training=1, test=1, dates=4, chip=16)
TINY = Experiment(
    "tiny",
    "Tiny",
    "Does it run?",
    (
        Arm("scratch", "from scratch"),
        Arm("pretrained", "pretrained", {"loss": "cross-entropy"}),
        Arm("orphan", "as long as itself", seconds_of="orphan"),
    ),
    ("scratch",),
    seeds=(1, 2),
    ground=GROUND,
    budget=Budget(steps=3, width=0.125, batch=2, side=16),
)


@pytest.fixture(autouse=True, scope="module")
def _in_float32() -> Iterator[None]:
    """Whether bfloat16 pays is measured, and may come out otherwise on a busy machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "bf16_is_faster", lambda *_: False)
        yield


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the tiny experiment has run with both seeds."""
    folder = tmp_path_factory.mktemp("experiments")
    Runner(TINY, folder, JobContext(Silent())).run()
    return folder


def test_every_run_has_a_result_and_failed_ones_say_why(base: Path) -> None:
    folder = RunFolder(base, TINY)
    for seed in (1, 2):
        for arm in ("scratch", "pretrained"):
            assert folder.read(arm, seed)["status"] == "done"
        failed = folder.read("orphan", seed)
        assert failed["status"] == "failed" and "Run the arm orphan first" in failed["reason"]
    assert list(folder.work("scratch", 1).parent.iterdir()) == []


def test_steps_are_shared_out_between_the_stages(base: Path) -> None:
    training = RunFolder(base, TINY).read("pretrained", 1)["training"]
    assert {stage: record["steps"] for stage, record in training.items()} == {
        "first": 1,
        "second": 2,
    }


def test_experiments_share_the_runs_of_equal_arms(base: Path) -> None:
    other = replace(TINY, name="other", arms=(replace(TINY.arms[0], name="again", title="Again"),))
    assert RunFolder(base, other).read("again", 1) == RunFolder(base, TINY).read("scratch", 1)
    faster = replace(other, arms=(replace(other.arms[0], rate=1e-3),))
    assert RunFolder(base, faster).read("again", 1) is None


def test_what_is_finished_is_not_run_again(base: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (base / "runs").glob("*.json")}
    Runner(TINY, base, JobContext(Silent())).run()
    assert {path: path.stat().st_mtime_ns for path in (base / "runs").glob("*.json")} == before


def test_a_run_killed_in_its_second_stage_goes_on_there(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished, first = RunFolder(base, TINY).read("pretrained", 1), []
    folder = RunFolder(tmp_path, TINY)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    def counted(*given: object, **named: object) -> None:
        first.append(given)
        pretrain(*given, **named)

    monkeypatch.setattr(runner, "pretrain", counted)
    monkeypatch.setattr(runner, "load_model", killed)
    with pytest.raises(KeyboardInterrupt):
        Runner(TINY, tmp_path, JobContext(Silent())).run(("pretrained",), (1,))
    assert folder.read("pretrained", 1) is None
    monkeypatch.undo()
    monkeypatch.setattr(runner, "pretrain", counted)
    Runner(TINY, tmp_path, JobContext(Silent())).run(("pretrained",), (1,))
    assert folder.read("pretrained", 1)["scores"] == finished["scores"]
    assert len(first) == 1
    # What the same source began goes on, whatever has been committed since.
    work = folder.work("pretrained", 2)
    work.mkdir(parents=True)
    (work / "kept").write_text("", encoding="utf-8")
    begun = {"commit": "another", "digest": source_version()["digest"]}
    (work / "source.json").write_text(json.dumps(begun), encoding="utf-8")
    assert (_work_of_this_source(work) / "kept").is_file()
    # What another version of the engine left unfinished is begun anew.
    (work / "first").mkdir(parents=True)
    (work / "first" / "model.json").write_text("{}", encoding="utf-8")
    (work / "source.json").write_text('{"commit": null, "digest": "other"}', encoding="utf-8")
    Runner(TINY, tmp_path, JobContext(Silent())).run(("pretrained",), (2,))
    assert folder.read("pretrained", 2)["status"] == "done" and len(first) == 2


def test_a_run_gives_the_same_scores_again(base: Path) -> None:
    path = RunFolder(base, TINY).result("scratch", 1)
    before = RunFolder(base, TINY).read("scratch", 1)["scores"]
    path.unlink()
    Runner(TINY, base, JobContext(Silent())).run(("scratch",), (1,))
    assert RunFolder(base, TINY).read("scratch", 1)["scores"] == before


def test_every_pixel_is_scored_once_at_both_resolutions(base: Path) -> None:
    scores = Scores.from_json(RunFolder(base, TINY).read("scratch", 1)["scores"])
    for resolution, methods, zones, side in (
        ("10", ("1x",), ZONES, 64),
        ("2.5", ("1x classes", "1x logits", "ceiling", "parcel vote"), FINE_ZONES, 256),
    ):
        for method in methods:
            run = scores.run(resolution, method, zones)
            assert sum(matrix.sum() for matrix in run.values()) == side**2
            assert len(run) == 4


def test_a_methods_truth_is_the_scenes_own(base: Path) -> None:
    """The rows of a confusion matrix are the truth: their sums do not depend on the arm."""
    folder = RunFolder(base, TINY)
    rows = [
        {
            block: matrix.sum(axis=1).tolist()
            for block, matrix in Scores.from_json(folder.read(arm, 2)["scores"])
            .run("2.5", "1x logits", FINE_ZONES)
            .items()
        }
        for arm in ("scratch", "pretrained")
    ]
    assert rows[0] == rows[1]


def test_scores_survive_their_file() -> None:
    truth = np.array([[1, 2], [254, 2]], np.uint8)
    table = confusion(truth, np.array([[1, 1], [254, 2]], np.uint8), (1, 2, 254))
    scores = Scores({("10", "1x", "boundary"): {"a/0/0": table}})
    again = Scores.from_json(scores.to_json())
    assert again.tables["10", "1x", "boundary"]["a/0/0"].tolist() == table.tolist()


def test_the_table_shows_arms_differences_failures_and_origin(base: Path) -> None:
    text = markdown(TINY, RunFolder(base, TINY), "cscl experiments tiny")
    assert "| from scratch (`scratch`) | 2 | 3 |" in text
    assert "Difference from `scratch`" in text
    assert "- orphan, seed 1: " in text
    assert str(source_version()["digest"]) in text


def test_what_the_truth_alone_says_stands_once_and_runs_are_counted_once(base: Path) -> None:
    fine = replace(
        TINY, resolution="2.5", methods=("1x logits", "ceiling"), references=("scratch, 1x logits",)
    )
    text = markdown(fine, RunFolder(base, fine), "command")
    rows = [line.split("(`")[1].split("`)")[0] for line in text.splitlines() if "(`" in line]
    assert rows == ["scratch, 1x logits", "ceiling", "pretrained, 1x logits"]
    # Two arms with two seeds, each scored by two methods.
    assert " 4 runs between " in text


def test_scenes_join_whole_and_apart(base: Path, tmp_path: Path) -> None:
    recipes = [*GROUND.training_scenes(1), GROUND.validation_scene()]
    ctx = JobContext(Silent())
    opened = [
        TestScene.open(prepare_scene(recipe, base / "data", GROUND.chip, ctx)).dataset
        for recipe in recipes
    ]
    joined = SceneSet.of(opened[:1], opened[1:], 16)
    assert len(joined.chips("training")) == len(joined.chips("validation")) == 16
    first, other = joined.sample(0), joined.sample(16)
    assert first.days.tolist() == opened[0].days.tolist()
    assert other.days.tolist() == opened[1].days.tolist()
    assert first.labels_fine.shape == (64, 64)
    # Whole: no label of another split is hidden.
    assert sum(joined.class_counts.values()) == 64**2
    assert len(joined.with_label_share(0.25, 1).chips("training")) == 4


def test_processes_that_need_one_scene_make_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, made = GROUND.test_scenes()[0], []
    monkeypatch.setattr(scenes, "simulate", lambda job, ctx: (made.append(job), simulate(job, ctx)))

    def prepare(number: int) -> bytes:
        folder = prepare_scene(recipe, tmp_path, GROUND.chip, JobContext(Silent()))
        return (folder / "dataset" / "dataset.json").read_bytes()

    with ThreadPoolExecutor(3) as threads:
        documents = set(threads.map(prepare, range(3)))
    assert len(documents) == len(made) == 1
    assert [path.name for path in tmp_path.iterdir()] == [recipe.name]


def test_a_scene_whose_maker_died_is_made_anew(tmp_path: Path) -> None:
    recipe = GROUND.test_scenes()[0]
    (tmp_path / recipe.name / "dataset").mkdir(parents=True)
    gone = subprocess.Popen(["true"])
    gone.wait()
    (tmp_path / f"{recipe.name}.lock").write_text(str(gone.pid))
    folder = prepare_scene(recipe, tmp_path, GROUND.chip, JobContext(Silent()))
    assert TestScene.open(folder).dataset.grid.whole.height == GROUND.size


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="arms"):
        run_experiment("no such thing", tmp_path)
    with pytest.raises(UserError, match="scratch"):
        run_experiment("arms", tmp_path, arms=("nothing",))


def test_every_loss_gets_as_many_trials_of_its_own() -> None:
    assert set(TRIALS) == set(CONTRASTS)
    assert {len(trials) for trials in TRIALS.values()} == {6}
    for loss, trials in TRIALS.items():
        assert {trial.second["joint_loss"] for trial in trials} == {loss}
        assert len({tuple(sorted(trial.second.items())) for trial in trials}) == 6
    assert [trial.second["joint_loss"] for trial in BEST] == list(TRIALS)


def test_trials_show_the_figure_that_they_are_chosen_by(base: Path) -> None:
    folder = RunFolder(base, TINY)
    chosen = replace(TINY, chosen_by="boundary_mean_iou")
    table = markdown(chosen, folder, "command").splitlines()
    head = next(line for line in table if line.startswith("| arm |"))
    assert head.endswith("| boundary mean IoU of validation |")
    row = next(line for line in table if "(`scratch`)" in line)
    found = [
        folder.read("scratch", seed)["training"]["second"]["validation"]["boundary_mean_iou"]
        for seed in TINY.seeds
    ]
    assert row.endswith(f"| {100 * sum(found) / len(found):.1f} |")


def test_the_catalogues_arms_are_jobs_of_distinct_names() -> None:

    for experiment in EXPERIMENTS.values():
        names = [arm.name for arm in experiment.arms]
        assert len(names) == len(set(names))
        for arm in experiment.arms:
            make_job("finetune", {"dataset": "d", "output": "o", **arm.second})
            if arm.first is not None:
                make_job("pretrain", {"dataset": "d", "output": "o", **arm.first})
            assert arm.seconds_of is None or arm.seconds_of in names


def test_the_default_is_what_the_product_trains() -> None:
    arm, folders = EXPERIMENTS["default"].arm("default"), {"dataset": "d", "output": "o"}
    assert make_job("finetune", {**folders, **PLAIN, **arm.second}) == make_job("finetune", folders)
    assert make_job("pretrain", {**folders, **(arm.first or {})}) == make_job("pretrain", folders)


def test_the_page_holds_what_has_run_and_names_what_has_not(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle = replace(TINY, name="idle", title="Idle", budget=Budget(steps=4))
    monkeypatch.setattr(command, "EXPERIMENTS", {"tiny": TINY, "idle": idle})
    command.write_page(base, tmp_path / "page.md")
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert "## Tiny" in text and "## Idle" not in text
    assert "- `cscl experiments idle`" in text


def test_an_arm_without_options_is_plain_whatever_the_product_does(base: Path) -> None:
    """The product weighs boundaries; what experiments compare with must not follow it."""

    job = make_job("finetune", {"dataset": "d", "output": "o", **PLAIN})
    assert (job.boundary_weight, job.joint, job.cover) == (1.0, 0.0, False)
    assert (job.objective, job.class_weights, job.sampling) == ("cross-entropy", "none", "even")
