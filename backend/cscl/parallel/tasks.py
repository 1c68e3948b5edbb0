"""Running independent tasks and bringing their results together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Any

from cscl.context import JobContext
from cscl.contract.errors import Finding, UserError
from cscl.parallel.cluster import cluster_outcomes
from cscl.parallel.outcome import Function, Outcome, Outcomes, attempt, task_name
from cscl.parallel.processes import process_outcomes
from cscl.parallel.resources import worker_count


def run_tasks(
    function: Function,
    tasks: Iterable[Any],
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    ctx: JobContext,
    stage: str | None = None,
    weights: Sequence[int] | None = None,
) -> list[Any]:
    """Return `function(task)` of each task, in the order of the tasks.

    `function` belongs to a module, tasks and results are small and can be pickled: arrays stay in
    files. A task may run again after its worker died, so it is idempotent and writes its own
    files, atomically. `workers` processes of this machine share the tasks; with 1 all stays in this
    one, None takes the cores and the memory that are free. With `scheduler`, the address of a
    dask scheduler, its workers do them; they see the same files. `weights` are the shares of the
    tasks in the progress of `stage`, by default all alike.

    Raises one `UserError` with the findings of all tasks, `RuntimeError` with the traceback of
    the first task that failed otherwise, and `Cancelled`; the workers are ended then.
    """
    tasks = list(tasks)
    shares = list(weights) if weights is not None else [1] * len(tasks)
    if len(shares) != len(tasks):
        raise ValueError(f"{len(tasks)} tasks have {len(shares)} weights")
    done, whole = 0, sum(shares)
    outcomes: list[Outcome] = [Outcome()] * len(tasks)
    if stage:
        ctx.progress(stage, 0, whole)
    with closing(_outcomes(function, tasks, workers, scheduler, ctx)) as finished:
        for index, outcome in finished:
            if outcome.failure:
                raise RuntimeError(
                    f"{task_name(function, tasks, index)} failed:\n{outcome.failure}"
                )
            outcomes[index] = outcome
            done += shares[index]
            if stage:
                ctx.progress(stage, done, whole)
    _raise_findings(outcomes)
    return [outcome.value for outcome in outcomes]


def _outcomes(
    function: Function,
    tasks: Sequence[Any],
    workers: int | None,
    scheduler: str | None,
    ctx: JobContext,
) -> Outcomes:
    if scheduler:
        return cluster_outcomes(function, tasks, scheduler, ctx)
    count = min(worker_count(ctx) if workers is None else workers, len(tasks))
    if count > 1:
        return process_outcomes(function, tasks, count, ctx)
    return _serial_outcomes(function, tasks, ctx)


def _serial_outcomes(function: Function, tasks: Sequence[Any], ctx: JobContext) -> Outcomes:
    for index, task in enumerate(tasks):
        ctx.check()
        yield index, attempt(function, task)


def _raise_findings(outcomes: Sequence[Outcome]) -> None:
    """Raise what all tasks found, each finding once, in the order of the tasks."""
    found: dict[Finding, None] = {}
    for outcome in outcomes:
        found.update(dict.fromkeys(outcome.findings))
    if found:
        raise UserError.of(found)
