"""Tasks in several processes of this machine.

Each worker has a pipe of its own, so that it is known which task a worker held when it died, and
that task alone is done again. The standard executors only say that the pool is broken.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Sequence
from multiprocessing import connection
from multiprocessing.context import SpawnProcess
from typing import Any

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.job_fields import WORKER_LIMIT
from cscl.parallel.outcome import Function, Outcome, Outcomes, attempt, task_name, work_alone

ATTEMPTS = 3
# Between two looks at whether the job was cancelled.
POLL_SECONDS = 0.2
# For a worker that has nothing left to do.
PATIENCE_SECONDS = 5.0
# Starting anew is safe with threads, open files and GPUs, and the same on every system.
_SPAWN = multiprocessing.get_context("spawn")


class _Worker:
    """A process and this end of its pipe; `task` is what it is at."""

    def __init__(self, first: Function) -> None:
        self.pipe, other = _SPAWN.Pipe()
        self.process: SpawnProcess = _SPAWN.Process(target=_serve, args=(other, first), daemon=True)
        self.process.start()
        # Only the worker may hold the other end, or its death would go unnoticed.
        other.close()
        self.task: int | None = None

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


class ProcessPool:
    """So many processes at most, which do the tasks of one function after the other."""

    def __init__(self, workers: int, ctx: JobContext) -> None:
        self._most = min(workers, WORKER_LIMIT)
        self._ctx = ctx
        self._workers: list[_Worker] = []

    @property
    def started(self) -> bool:
        """Whether there are processes already."""
        return bool(self._workers)

    def start(self, function: Function, count: int) -> None:
        """Start what is missing of `count` processes; they import what `function` needs."""
        while len(self._workers) < min(count, self._most):
            self._workers.append(_Worker(function))

    def outcomes(self, function: Function, tasks: Sequence[Any]) -> Outcomes:
        """Yield number and outcome of each task as it ends.

        Closing the iterator before its end ends the workers that are at a task.
        """
        self.start(function, len(tasks))
        try:
            yield from _Run(function, tasks, self._workers, self._ctx).outcomes()
        finally:
            for worker in [worker for worker in self._workers if worker.task is not None]:
                self._workers.remove(worker)
                worker.end()

    def finish(self) -> None:
        """Let the workers end by themselves, which they do when there are no more tasks."""
        for worker in self._workers:
            worker.pipe.close()
        for worker in self._workers:
            worker.process.join(PATIENCE_SECONDS)

    def end(self) -> None:
        """End the workers, whatever they are at."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.end()
        self._workers.clear()


class _Run:
    """Hands out the tasks of one function, and again those whose worker died."""

    def __init__(
        self, function: Function, tasks: Sequence[Any], workers: list[_Worker], ctx: JobContext
    ) -> None:
        self._function = function
        self._tasks = tasks
        self._ctx = ctx
        self._waiting = deque(range(len(tasks)))
        self._attempts = [0] * len(tasks)
        self._workers = workers

    def outcomes(self) -> Outcomes:
        left = len(self._tasks)
        for worker in self._workers:
            self._hand_out(worker)
        while left:
            self._ctx.check()
            busy = {worker.pipe: worker for worker in self._workers if worker.task is not None}
            for pipe in connection.wait(list(busy), POLL_SECONDS):
                worker = busy[pipe]  # type: ignore[index]
                index = worker.task
                outcome = self._receive(worker)
                if outcome is not None and index is not None:
                    left -= 1
                    yield index, outcome

    def _receive(self, worker: _Worker) -> Outcome | None:
        """Return what a worker's task came to; None where the worker died and it is done again."""
        index = worker.task
        try:
            outcome: Outcome = worker.pipe.recv()
        except (EOFError, OSError):
            self._workers.remove(worker)
            return self._replace(worker, index)
        worker.task = None
        self._hand_out(worker)
        return outcome

    def _replace(self, worker: _Worker, index: int | None) -> Outcome | None:
        worker.process.join(POLL_SECONDS)
        ended = _ending(worker.process.exitcode)
        worker.end()
        final: Outcome | None = None
        if index is not None:
            final = self._died(index, ended)
        if self._waiting:
            self._workers.append(_Worker(self._function))
            self._hand_out(self._workers[-1])
        return final

    def _died(self, index: int, ended: str) -> Outcome | None:
        name = task_name(self._function, self._tasks, index)
        if self._attempts[index] < ATTEMPTS:
            self._ctx.note(f"A worker process {ended} at {name}; the task is done again.")
            self._waiting.appendleft(index)
            return None
        error = UserError(
            "worker_died",
            name,
            f"its worker process {ended}, as in all {ATTEMPTS} attempts",
            "Where memory is short, use fewer workers; where a file is damaged, replace it.",
        )
        return Outcome(findings=error.findings)

    def _hand_out(self, worker: _Worker) -> None:
        if not self._waiting:
            return
        worker.task = self._waiting.popleft()
        self._attempts[worker.task] += 1
        try:
            worker.pipe.send((self._function, self._tasks[worker.task]))
        except OSError:  # it died: its pipe tells so when it is read
            return


def _ending(status: int | None) -> str:
    if status is not None and status < 0:
        return f"was ended by signal {-status}"
    return f"ended with status {status}"


def _serve(pipe: connection.Connection, _: Function) -> None:
    """Do tasks until the pipe ends; runs in the worker.

    By the function that it is given first its module has been imported when a task comes.
    """
    # The terminal tells every process of a job that Ctrl+C was pressed; the first one ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    work_alone()
    while True:
        try:
            function, task = pipe.recv()
        except EOFError:
            return
        outcome = attempt(function, task)
        try:
            pipe.send(outcome)
        except OSError:
            return
        except Exception as error:  # the result cannot be pickled
            pipe.send(Outcome(failure=f"its result cannot be sent: {error}"))


def _die_with_parent() -> None:
    """End this process where it stands when the one that started it is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
