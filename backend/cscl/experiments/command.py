"""The command `cscl experiments`."""

from __future__ import annotations

from pathlib import Path

from cscl.context import JobContext, Silent
from cscl.contract.atomic import write_text
from cscl.contract.errors import UserError
from cscl.experiments.catalogue import EXPERIMENTS
from cscl.experiments.ordinary.runner import run_demonstration
from cscl.experiments.ordinary.spec import DEMONSTRATIONS, Demonstration
from cscl.experiments.ordinary.tables import demonstration_table
from cscl.experiments.runner import RunFolder, Runner
from cscl.experiments.spec import Experiment
from cscl.experiments.tables import markdown

HEAD = """# Experiments

Written by `cscl experiments --page docs/experiments.md` from the runs' files; what the tables mean
for the product is in [method.md](method.md), ordinary images and volumes are in
[experiments-images.md](experiments-images.md). Every run that was started stands here, failed ones
too. All arms share the rate of fine-tuning, and each loss pretrains at a rate at which it does not
collapse. The joint losses of most arms have the weight 0.3; six trials of each have tables of their
own.
"""


class Told(Silent):
    """A listener that prints notes as they come."""

    def note(self, text: str) -> None:
        print(text, flush=True)


def listed() -> str:
    """Return the names and questions of all experiments, one a line."""
    experiments = {**EXPERIMENTS, **DEMONSTRATIONS}
    width = max(map(len, experiments))
    return "\n".join(
        f"{name:{width}}  {item.title} ({len(item.arms)} arms, {len(item.seeds)} seeds)"
        for name, item in experiments.items()
    )


def run_experiment(
    name: str,
    output: Path,
    *,
    arms: tuple[str, ...] = (),
    seeds: tuple[int, ...] = (),
    table_only: bool = False,
    data: Path | None = None,
) -> str:
    """Run what is missing of an experiment and return its table, written to `NAME.md` as well.

    `data` is the folder of the volumes of which the experiment `volumes` reads two. Raises
    `UserError` for a name or an arm that there is not, or where no data are there.
    """
    experiment = _experiment(name)
    unknown = sorted(set(arms) - {arm.name for arm in experiment.arms})
    if unknown:
        raise UserError(
            "unknown_arm",
            f"experiment {name}",
            f"it has no arm {', '.join(unknown)}",
            f"Choose of: {', '.join(arm.name for arm in experiment.arms)}.",
        )
    ctx, command = JobContext(Told()), f"cscl experiments {name}"
    if isinstance(experiment, Demonstration):
        command += experiment.options
        missing = (
            {} if table_only else run_demonstration(experiment, output, ctx, arms, seeds, data)
        )
        text = demonstration_table(experiment, output, command, missing)
    else:
        if not table_only:
            Runner(experiment, output, ctx).run(arms, seeds)
        text = markdown(experiment, RunFolder(output, experiment), command)
    write_text(output / f"{name}.md", text)
    return text


def write_page(output: Path, page: Path) -> None:
    """Write the tables of all experiments on scenes that have a run into one Markdown file."""
    parts, waiting = [HEAD], []
    for name, experiment in EXPERIMENTS.items():
        folder = RunFolder(output, experiment)
        begun = [
            arm.name
            for arm in experiment.arms
            if any(folder.read(arm.name, seed) for seed in experiment.seeds)
        ]
        # An arm that another experiment shares says nothing by itself.
        if len(begun) > 1:
            parts.append(markdown(experiment, folder, f"cscl experiments {name}"))
        else:
            waiting.append(f"- `cscl experiments {name}`: {experiment.question}")
    if waiting:
        parts.append("\n".join(["## Not run yet", "", *waiting, ""]))
    write_text(page, "\n".join(parts))


def _experiment(name: str) -> Experiment | Demonstration:
    experiments = {**EXPERIMENTS, **DEMONSTRATIONS}
    if name not in experiments:
        raise UserError(
            "unknown_experiment",
            f"experiment {name!r}",
            "there is none of this name",
            f"Choose one of: {', '.join(experiments)}.",
        )
    return experiments[name]
