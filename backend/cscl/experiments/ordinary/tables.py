"""A demonstration's results as tables in Markdown: means, spreads and every seed, no intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np

from cscl.evaluation.bootstrap import mean_iou
from cscl.experiments.ordinary.spec import Demonstration, Subject
from cscl.experiments.runner import RunFolder

REFERENCE = "restart"
CAVEAT = (
    "One picture, cut in two, is one draw: seeds show how much the training varies, and nothing "
    "here says how other pictures would come out. No significance is claimed. Rates and weights "
    "are those of the crop experiments, or of their first trials; none was tuned here."
)
Runs = dict[str, dict[int, dict[str, Any]]]


def demonstration_table(
    demonstration: Demonstration, output: Path, command: str, missing: Mapping[str, str]
) -> str:
    """Return the section of a demonstration; `missing` says by subject why it could not run."""
    parts = [f"## {demonstration.title}", "", CAVEAT, ""]
    runs: list[dict[str, Any]] = []
    sections: list[str] = []
    for subject in demonstration.subjects:
        sections += [f"### {subject.title}", "", subject.words, ""]
        done, failed = _read(subject, output)
        sections += _section(subject, done)
        if failed:
            sections += ["Failed runs:", "", *(f"- {line}" for line in failed), ""]
        if subject.name in missing:
            sections += [f"Not run here: {missing[subject.name]}", ""]
        runs += [run for arm in done.values() for run in arm.values()]
    return "\n".join([*parts, *_origin(runs, command), *sections])


def _read(subject: Subject, output: Path) -> tuple[Runs, list[str]]:
    """Return the finished runs by arm and seed, and the failed ones in words."""
    folder = RunFolder(output, subject)  # type: ignore[arg-type]
    done: Runs = {}
    failed = []
    for arm in subject.arms:
        for seed in subject.seeds:
            run = folder.read(arm.name, seed)
            if run and run["status"] == "done":
                done.setdefault(arm.name, {})[seed] = run
            elif run:
                failed.append(f"{arm.name}, seed {seed}: {run['reason']}")
    return done, failed


def _section(subject: Subject, done: Runs) -> list[str]:
    absent = [
        f"`{arm.name}` seed {seed}"
        for arm in subject.arms
        for seed in subject.seeds
        if seed not in done.get(arm.name, {})
    ]
    lines = [f"Without a result: {', '.join(absent)}.", ""] if absent and done else []
    if not done:
        return ["No finished run yet.", ""]
    first = next(iter(next(iter(done.values())).values()))
    return [*_facts(subject, first), "", *_table(subject, done), "", *lines]


def _facts(subject: Subject, run: Mapping[str, Any]) -> list[str]:
    data, budget, ground = run["data"], subject.budget, subject.ground
    shares = ", ".join(f"{name} {100 * share:.1f} %" for name, share in data["classes"].items())
    both = data.get("objects_on_both_sides")
    objects = "" if both is None else f"; {both} objects reach into both sides"
    return [
        f"Training {_by(data['training'])}, test {_by(data['test'])}, guard {ground.guard} along "
        f"axis {ground.axis}{objects}. Test: {shares}; {100 * data['boundary']:.1f} % in the "
        f"boundary zone. {budget.steps} steps of {budget.batch} patches with side {budget.side}, "
        f"{run['parameters']} parameters."
    ]


def _by(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape))


def _table(subject: Subject, done: Runs) -> list[str]:
    base = done.get(REFERENCE, {})
    lines = [
        "| arm | seconds | mean IoU | **boundary-zone mean IoU** | boundary zone, each seed | "
        f"from `{REFERENCE}`, each seed | rarest class, IoU | pair AUC, rank |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for arm in subject.arms:
        runs = done.get(arm.name)
        if not runs:
            continue
        zone = {seed: _percent(run, "boundary") for seed, run in runs.items()}
        pairs = [zone[seed] - _percent(base[seed], "boundary") for seed in zone if seed in base]
        seconds = mean(
            sum(stage["seconds"] for stage in run["training"].values()) for run in runs.values()
        )
        cells = [
            f"{arm.title} (`{arm.name}`)",
            f"{seconds:.0f}",
            _spread([_percent(run, "all") for run in runs.values()]),
            _spread(list(zone.values())),
            ", ".join(f"{value:.1f}" for value in zone.values()),
            "–" if arm.name == REFERENCE else ", ".join(f"{value:+.1f}" for value in pairs),
            _spread([_rarest(run) for run in runs.values()]),
            _contrast(list(runs.values())),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _percent(run: Mapping[str, Any], area: str) -> float:
    return 100 * float(mean_iou(np.array(run["scores"][area], float)))


def _rarest(run: Mapping[str, Any]) -> float:
    """Return the IoU in percent of the class with the fewest test pixels."""
    matrix = np.array(run["scores"]["all"], float)
    rarest = int(matrix.sum(1).argmin())
    hits = matrix[rarest, rarest]
    return float(100 * hits / (matrix[rarest].sum() + matrix[:, rarest].sum() - hits))


def _spread(values: Sequence[float]) -> str:
    return f"{mean(values):.1f}" + (f" ± {stdev(values):.1f}" if len(values) > 1 else "")


def _contrast(runs: Sequence[Mapping[str, Any]]) -> str:
    """Return the mean pair AUC and effective rank after contrastive pretraining."""
    first = [run["training"].get("first", {}) for run in runs]
    if not all("pair_auc" in record for record in first):
        return "–"
    auc, rank = (mean(record[name] for record in first) for name in ("pair_auc", "effective_rank"))
    return f"{auc:.2f}, {rank:.1f}"


def _origin(runs: Sequence[Mapping[str, Any]], command: str) -> list[str]:
    lines = [
        f"Command: `{command}`. Small plain U-Net, last weights, classes weighted inversely to "
        "the root of their pixels in every arm. Mean ± standard deviation over seeds, "
        "percent, on the test side. The boundary zone is every pixel whose 3 x 3 (x 3) "
        "neighbourhood holds more than one class.",
    ]
    if runs:
        origins = sorted({f"{run['source']['commit']} ({run['source']['digest']})" for run in runs})
        threads = sorted({run["threads"] for run in runs})
        lines[0] += (
            f" Commit (digest of the source): {', '.join(origins)}. Threads a run: "
            f"{', '.join(map(str, threads))}. {len(runs)} runs between "
            f"{min(run['started'] for run in runs)} and {max(run['started'] for run in runs)}, "
            f"{sum(run['wall_seconds'] for run in runs) / 60:.0f} minutes together on a busy "
            "machine."
        )
    return [*lines, ""]
