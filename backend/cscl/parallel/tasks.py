"""Running independent tasks and bringing their results together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from cscl.context import JobContext
from cscl.contract.errors import Finding, UserError
from cscl.parallel.cluster import cluster_outcomes
from cscl.parallel.outcome import Function, Outcome, Outcomes, attempt, task_name
from cscl.parallel.processes import ProcessPool
from cscl.parallel.resources import worker_count


class TaskPool:
    """Does the tasks of one function after the other, each time with the same processes."""

    def __init__(self, workers: int | None, scheduler: str | None, ctx: JobContext) -> None:
        self._scheduler, self._ctx = scheduler, ctx
        self._workers = worker_count(ctx) if workers is None and not scheduler else workers or 1
        self.processes = ProcessPool(self._workers, ctx)

    def start(self, function: Function) -> None:
        """Start the processes of this machine at once; they import what `function` needs."""
        if self._workers > 1 and not self._scheduler:
            self.processes.start(function, self._workers)

    def stay_alone(self) -> None:
        """Do all tasks in this process from now on, unless there is a scheduler."""
        self._workers = 1

    def run(
        self,
        function: Function,
        tasks: Iterable[Any],
        *,
        stage: str | None = None,
        weights: Sequence[int] | None = None,
        before: int = 0,
        whole: int | None = None,
    ) -> list[Any]:
        """Return `function(task)` of each task in their order, as `run_tasks` does.

        Where a stage has more than these tasks, `before` of its `whole` steps are finished.
        """
        tasks = list(tasks)
        shares = list(weights) if weights is not None else [1] * len(tasks)
        if len(shares) != len(tasks):
            raise ValueError(f"{len(tasks)} tasks have {len(shares)} weights")
        done, whole = before, sum(shares) if whole is None else whole
        outcomes: list[Outcome] = [Outcome()] * len(tasks)
        if stage:
            self._ctx.progress(stage, done, whole)
        with closing(self._outcomes(function, tasks)) as finished:
            for index, outcome in finished:
                if outcome.failure:
                    raise RuntimeError(
                        f"{task_name(function, tasks, index)} failed:\n{outcome.failure}"
                    )
                outcomes[index] = outcome
                done += shares[index]
                if stage:
                    self._ctx.progress(stage, done, whole)
        _raise_findings(outcomes)
        return [outcome.value for outcome in outcomes]

    def _outcomes(self, function: Function, tasks: Sequence[Any]) -> Outcomes:
        if self._scheduler:
            return cluster_outcomes(function, tasks, self._scheduler, self._ctx)
        # For one task alone no process is started.
        if self._workers > 1 and (len(tasks) > 1 or self.processes.started):
            return self.processes.outcomes(function, tasks)
        return _serial_outcomes(function, tasks, self._ctx)


@contextmanager
def task_pool(workers: int | None, scheduler: str | None, ctx: JobContext) -> Iterator[TaskPool]:
    """Give a pool for several lots of tasks; its processes start with the first and end with it.

    `workers` and `scheduler` are those of `run_tasks`.
    """
    pool = TaskPool(workers, scheduler, ctx)
    try:
        yield pool
        pool.processes.finish()
    finally:
        pool.processes.end()


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
    with task_pool(workers, scheduler, ctx) as pool:
        return pool.run(function, tasks, stage=stage, weights=weights)


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
