"""Tasks on a dask cluster that somebody else started, by the address of its scheduler."""

from __future__ import annotations

import queue
import re
import time
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cscl.context import JobContext
from cscl.contract.errors import Finding, UserError
from cscl.contract.version import VERSION
from cscl.parallel.outcome import Function, Outcome, Outcomes, attempt, task_name, work_alone

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT_SECONDS = 10
POLL_SECONDS = 0.2
# Workers may start a moment after the scheduler.
ALONE_SECONDS = 10.0
_ADDRESS = re.compile(r"(tcp|tls)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}")


def check_address(address: str) -> None:
    """Raise `UserError` where `address` is not that of a dask scheduler."""
    if not _ADDRESS.fullmatch(address):
        raise UserError(
            "scheduler_address",
            f"scheduler {address!r}",
            "it is no address of a dask scheduler",
            "Use tcp://HOST:PORT or tls://HOST:PORT, as the scheduler prints it when it starts.",
        )


def cluster_outcomes(
    function: Function, tasks: Sequence[Any], address: str, ctx: JobContext
) -> Outcomes:
    """Yield number and outcome of each task as it ends; closing the iterator cancels the rest."""
    check_address(address)
    client = _connect(address)
    try:
        run = _Run(client, function, tasks, address, ctx)
        try:
            yield from run.outcomes()
        finally:
            run.end()
    finally:
        client.close(timeout=1)


def _connect(address: str) -> Client:
    # Loaded only where somebody asks for it: it takes a second.
    from distributed import Client

    try:
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        cause = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(
            "scheduler_unreachable",
            f"scheduler {address}",
            f"it does not answer ({cause})",
            "Start it with `dask scheduler`, or check its address and the network.",
        ) from None


class _Run:
    """Tasks under way on a cluster."""

    def __init__(
        self,
        client: Client,
        function: Function,
        tasks: Sequence[Any],
        address: str,
        ctx: JobContext,
    ) -> None:
        self._client = client
        self._function = function
        self._tasks = tasks
        self._address = address
        self._ctx = ctx
        self._ended: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._alone_since = time.monotonic()
        self._gone: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._prefix = f"cscl-{uuid.uuid4().hex}-"
        client.subscribe_topic("all", self._heard)
        self._futures: dict[int, Future[Outcome]] = {
            index: client.submit(
                _on_worker, VERSION, function, task, key=f"{self._prefix}{index}", pure=False
            )
            for index, task in enumerate(tasks)
        }
        for index, future in self._futures.items():
            future.add_done_callback(lambda _, index=index: self._ended.put(index))

    def outcomes(self) -> Outcomes:
        while self._futures:
            self._look()
            try:
                index = self._ended.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            yield index, self._outcome(index)
            # The cluster forgets a result that nobody holds.
            del self._futures[index]
        self._look()

    def _look(self) -> None:
        """Notice that the job was cancelled, and what became of scheduler and workers."""
        self._ctx.check()
        if self._client.status != "running":
            raise UserError(
                "scheduler_lost",
                f"scheduler {self._address}",
                "the connection to it was lost",
                "Start it again and run this job again: what was finished is kept.",
            )
        while not self._gone.empty():
            worker = self._gone.get()
            self._ctx.note(f"The worker {worker} left the cluster; its tasks are done again.")
        if self._client.scheduler_info()["workers"]:
            self._alone_since = time.monotonic()
        elif time.monotonic() - self._alone_since > ALONE_SECONDS:
            self._ctx.note(f"The scheduler {self._address} has no worker; the job waits for one.")

    def _heard(self, event: tuple[float, Any]) -> None:
        """Keep which workers went with tasks of this run; called from the client's thread."""
        what = event[1]
        if isinstance(what, dict) and what.get("action") == "remove-worker":
            tasks = [*what.get("processing-tasks", ()), *what.get("lost-computed-tasks", ())]
            if any(str(key).startswith(self._prefix) for key in tasks):
                self._gone.put(str(what["worker"]))

    def _outcome(self, index: int) -> Outcome:
        from distributed import KilledWorker

        future = self._futures[index]
        while True:
            try:
                outcome: Outcome = future.result(timeout=POLL_SECONDS)
                return outcome
            except TimeoutError:  # its worker died with the result, which is made again
                self._look()
            except KilledWorker as error:
                found = UserError(
                    "worker_died",
                    task_name(self._function, self._tasks, index),
                    f"its workers died again and again ({error})",
                    "Give the workers more memory; where a file is damaged, replace it.",
                )
                return Outcome(findings=found.findings)
            except Exception as error:  # what is raised outside of the task, as by its unpickling
                return Outcome(failure=f"{type(error).__name__}: {error}")

    def end(self) -> None:
        if self._futures and self._client.status == "running":
            self._client.cancel(list(self._futures.values()), force=True)
        self._futures.clear()


def _on_worker(version: str, function: Function, task: Any) -> Outcome:
    """Do a task on a worker of the cluster, which must be of the same version."""
    if version != VERSION:
        from distributed import get_worker

        found = Finding(
            "version_differs",
            f"worker {get_worker().address}",
            f"it has version {VERSION} of cscl, this job version {version}",
            "Install the same version for all workers.",
        )
        return Outcome(findings=(found,))
    work_alone()
    return attempt(function, task)
