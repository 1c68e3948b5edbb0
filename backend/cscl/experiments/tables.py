"""An experiment's results as a table in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

from cscl.evaluation.bootstrap import (
    Interval,
    Run,
    Statistic,
    mean_iou,
    overall_accuracy,
    paired_difference,
)
from cscl.experiments.runner import RunFolder
from cscl.experiments.scoring import FINE_ZONES, OF_TRUTH, ZONES, Scores
from cscl.experiments.spec import Arm, Experiment

# The zones that a figure is over, by resolution: everything, boundary, interior.
AREAS = {
    "10": (ZONES, ZONES[:1], ZONES[1:]),
    "2.5": (FINE_ZONES, FINE_ZONES[:2], FINE_ZONES[2:]),
}
HEADS = ("overall", "mean IoU", "**boundary mean IoU**", "boundary error", "interior error")
VALIDATION = "boundary mean IoU of validation"


@dataclass(frozen=True)
class Row:
    """The finished runs of one arm, scored by one method, by seed."""

    name: str
    title: str
    method: str
    runs: dict[int, dict[str, Any]]
    scores: dict[int, Scores]

    def counts(self, resolution: str, area: int, seeds: Sequence[int]) -> list[Run]:
        """Return [seed][block] -> confusion over one of `AREAS`."""
        zones = AREAS[resolution][area]
        return [self.scores[seed].run(resolution, self.method, zones) for seed in seeds]


def markdown(experiment: Experiment, folder: RunFolder, command: str) -> str:
    """Return the section of an experiment: question, table, differences, failed runs, origin."""
    rows, failed = _rows(experiment, folder)
    runs = list({id(run): run for row in rows for run in row.runs.values()}.values())
    parts = [f"## {experiment.title}", "", experiment.question, ""]
    parts += [*_origin(experiment, runs, command), ""]
    if rows:
        parts += [*_table(experiment, rows), ""]
        for reference in experiment.references:
            parts += _differences(experiment, rows, reference)
    missing = _missing(experiment, folder)
    if missing:
        parts += [f"Not run yet: {missing}.", ""]
    if failed:
        parts += ["Failed runs:", "", *(f"- {line}" for line in failed), ""]
    return "\n".join(parts)


def _rows(experiment: Experiment, folder: RunFolder) -> tuple[list[Row], list[str]]:
    rows, failed = [], []
    for arm in experiment.arms:
        found = {seed: folder.read(arm.name, seed) for seed in experiment.seeds}
        done = {seed: run for seed, run in found.items() if run and run["status"] == "done"}
        failed += [
            f"{arm.name}, seed {seed}: {run['reason']}"
            for seed, run in found.items()
            if run and run["status"] == "failed"
        ]
        scores = {seed: Scores.from_json(run["scores"]) for seed, run in done.items()}
        for method in experiment.methods:
            if method in OF_TRUTH and any(row.method == method for row in rows):
                continue
            having = [
                seed
                for seed, item in scores.items()
                if any(key[:2] == (experiment.resolution, method) for key in item.tables)
            ]
            if having:
                name, title = _named(arm, method, len(experiment.methods) > 1)
                rows.append(
                    Row(
                        name,
                        title,
                        method,
                        {seed: done[seed] for seed in having},
                        {seed: scores[seed] for seed in having},
                    )
                )
    return rows, failed


def _named(arm: Arm, method: str, several: bool) -> tuple[str, str]:
    """Return the name and the title of an arm's row for one of one or `several` methods."""
    if method in OF_TRUTH:
        return method, f"{OF_TRUTH[method]}, whatever the arm"
    if several:
        return f"{arm.name}, {method}", f"{arm.title}; {method}"
    return arm.name, arm.title


def _table(experiment: Experiment, rows: Sequence[Row]) -> list[str]:
    heads = (*HEADS, *([VALIDATION] if experiment.chosen_by else []))
    lines = [
        "| arm | runs | steps | seconds | " + " | ".join(heads) + " |",
        "|---|---|---|---|" + "---|" * len(heads),
    ]
    for row in rows:
        seeds = sorted(row.runs)
        stages = [run["training"].values() for run in row.runs.values()]
        steps = mean(sum(stage["steps"] for stage in run) for run in stages)
        seconds = mean(sum(stage["seconds"] for stage in run) for run in stages)
        cells = [
            _spread(row, experiment.resolution, area, statistic, sign, seeds)
            for area, statistic, sign in (
                (0, overall_accuracy, 1),
                (0, mean_iou, 1),
                (1, mean_iou, 1),
                (1, overall_accuracy, -1),
                (2, overall_accuracy, -1),
            )
        ]
        if experiment.chosen_by:
            found = (run["training"]["second"]["validation"] for run in row.runs.values())
            cells.append(f"{100 * mean(each[experiment.chosen_by] for each in found):.1f}")
        lines.append(
            f"| {row.title} (`{row.name}`) | {len(seeds)} | {steps:.0f} | {seconds:.0f} | "
            + " | ".join(cells)
            + " |"
        )
    return lines


def _spread(
    row: Row, resolution: str, area: int, statistic: Statistic, sign: int, seeds: Sequence[int]
) -> str:
    """Return mean and standard deviation over the seeds in percent; `sign` -1: the error."""
    values = []
    for run in row.counts(resolution, area, seeds):
        share = float(statistic(sum(run.values())))  # type: ignore[arg-type]
        values.append(100 * (share if sign > 0 else 1 - share))
    spread = f" ± {stdev(values):.1f}" if len(values) > 1 else ""
    return f"{mean(values):.1f}{spread}"


def _differences(experiment: Experiment, rows: Sequence[Row], reference: str) -> list[str]:
    """Return the paired differences of every arm from one, with intervals."""
    others = {row.name: row for row in rows}
    if reference not in others:
        return [f"Nothing can be compared with `{reference}`, which has no finished run.", ""]
    base = others.pop(reference)
    lines = [
        f"Difference from `{reference}`, points, with the 95 % interval of a bootstrap over "
        "blocks and seeds; **bold** where it excludes 0:",
        "",
        "| arm | pairs | boundary mean IoU | mean IoU | boundary error, relative |",
        "|---|---|---|---|---|",
    ]
    for row in others.values():
        seeds = sorted(set(row.runs) & set(base.runs))
        if not seeds:
            continue

        def compared(area: int, statistic: Statistic, row: Row = row, seeds: Any = seeds) -> str:
            pair = (item.counts(experiment.resolution, area, seeds) for item in (row, base))
            return _told(paired_difference(*pair, statistic), len(seeds))

        relative = _relative(row, base, experiment.resolution, seeds)
        lines.append(
            f"| `{row.name}` | {len(seeds)} | {compared(1, mean_iou)} | {compared(0, mean_iou)} | "
            f"{relative} |"
        )
    return [*lines, ""]


def _told(found: Interval, pairs: int) -> str:
    if found.estimate is None:
        return "–"
    text = f"{100 * found.estimate:+.1f}"
    if found.low is None or found.high is None:
        return text
    text += f" ({100 * found.low:+.1f} to {100 * found.high:+.1f})"
    # One seed's interval holds for that one trained network, not for the method.
    return f"**{text}**" if found.excludes_zero and pairs > 1 else text


def _relative(row: Row, base: Row, resolution: str, seeds: Sequence[int]) -> str:
    """Return the mean relative change of the boundary error, and each seed's."""

    def error(item: Row, seed: int) -> float:
        (run,) = item.counts(resolution, 1, [seed])
        return 1 - float(overall_accuracy(sum(run.values())))  # type: ignore[arg-type]

    changes = [100 * (error(row, seed) / error(base, seed) - 1) for seed in seeds]
    each = ", ".join(f"{change:+.0f}" for change in changes)
    return f"{mean(changes):+.1f} % ({each})"


def _missing(experiment: Experiment, folder: RunFolder) -> str:
    texts = []
    for arm in experiment.arms:
        seeds = [str(s) for s in experiment.seeds if folder.read(arm.name, s) is None]
        if seeds:
            texts.append(f"`{arm.name}` seeds {', '.join(seeds)}")
    return "; ".join(texts)


def _origin(experiment: Experiment, runs: Sequence[dict[str, Any]], command: str) -> list[str]:
    ground, budget = experiment.ground, experiment.budget
    lines = [
        f"Scenes of the family {ground.family}, {ground.size} x {ground.size} pixels, "
        f"{ground.dates} dates: {ground.training} for training (others for every seed), 1 for "
        f"validation, {ground.test} for the test. {budget.steps} steps in all of {budget.batch} x "
        f"{budget.side} x {budget.side} pixels, width {budget.width:g}. Mean ± standard deviation "
        "over seeds, percent, against the truth of the test scenes.",
        "",
        f"Command: `{command}`.",
    ]
    if runs:
        origins = _distinct(
            runs, lambda run: f"{run['source']['commit']} ({run['source']['digest']})"
        )
        threads = _distinct(runs, lambda run: str(run["threads"]))
        hours = sum(run["wall_seconds"] for run in runs) / 3600
        first, last = min(run["started"] for run in runs), max(run["started"] for run in runs)
        lines[-1] += (
            f" Commit (digest of the source): {origins}. Threads a run: {threads}. "
            f"{len(runs)} runs between {first} and {last}, {hours:.1f} hours together."
        )
    return lines


def _distinct(runs: Sequence[dict[str, Any]], text: Callable[[dict[str, Any]], str]) -> str:
    return ", ".join(sorted({text(run) for run in runs}))
