"""The command `cscl experiments`."""

from __future__ import annotations

from pathlib import Path

from cscl.context import JobContext, Silent
from cscl.contract.atomic import write_text
from cscl.contract.errors import UserError
from cscl.experiments.catalogue import EXPERIMENTS
from cscl.experiments.runner import RunFolder, Runner
from cscl.experiments.spec import Experiment
from cscl.experiments.tables import markdown


class Told(Silent):
    """A listener that prints notes as they come."""

    def note(self, text: str) -> None:
        print(text, flush=True)


def listed() -> str:
    """Return the names and questions of all experiments, one a line."""
    width = max(map(len, EXPERIMENTS))
    return "\n".join(
        f"{name:{width}}  {item.title} ({len(item.arms)} arms, {len(item.seeds)} seeds)"
        for name, item in EXPERIMENTS.items()
    )


def run_experiment(
    name: str,
    output: Path,
    *,
    arms: tuple[str, ...] = (),
    seeds: tuple[int, ...] = (),
    table_only: bool = False,
) -> str:
    """Run what is missing of an experiment and return its table, written to `NAME.md` as well.

    Raises `UserError` for a name or an arm that there is not.
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
    if not table_only:
        Runner(experiment, output, JobContext(Told())).run(arms, seeds)
    text = markdown(experiment, RunFolder(output, experiment), f"cscl experiments {name}")
    write_text(output / f"{name}.md", text)
    return text


def _experiment(name: str) -> Experiment:
    if name not in EXPERIMENTS:
        raise UserError(
            "unknown_experiment",
            f"experiment {name!r}",
            "there is none of this name",
            f"Choose one of: {', '.join(EXPERIMENTS)}.",
        )
    return EXPERIMENTS[name]
