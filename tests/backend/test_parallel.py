"""The same tasks in this process, in several and on a dask cluster."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import parallel_tasks as tasks
import psutil
import pytest
from cscl.context import JobContext, Silent
from cscl.contract.errors import Cancelled, UserError
from cscl.contract.version import VERSION
from cscl.parallel import cluster, resources, run_tasks, task_pool
from dask_cluster import Cluster, dask_cluster

NUMBERS = list(range(7))
SQUARES = [number * number for number in NUMBERS]


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with dask_cluster(tmp_path_factory.mktemp("dask"), workers=1) as started:
        yield started


def noted(ctx: JobContext) -> str:
    return "\n".join(ctx.noted)


def wait_until(condition, seconds: float = 20.0) -> float:
    """Wait for a condition and return how long that took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)
    return time.monotonic() - began


def processes_in(folder: Path) -> list[int]:
    return [int(path.stem) for path in folder.glob("*.pid")]


def lives(process: int) -> bool:
    return psutil.pid_exists(process) and psutil.Process(process).status() != psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("workers", [1, 2, 20, None])
def test_results_come_in_the_order_of_the_tasks(workers: int | None) -> None:
    assert run_tasks(tasks.square, NUMBERS, workers=workers, ctx=JobContext()) == SQUARES


def test_no_task_is_no_work() -> None:
    assert run_tasks(tasks.square, [], workers=4, ctx=JobContext()) == []


def test_several_processes_share_the_work_and_leave_nothing_behind(tmp_path: Path) -> None:
    given = [(number, str(tmp_path)) for number in NUMBERS]
    assert run_tasks(tasks.slow_square, given, workers=2, ctx=JobContext()) == SQUARES
    used = processes_in(tmp_path)
    assert len(used) == 2 and os.getpid() not in used
    assert not any(lives(process) for process in used)


def test_a_pool_keeps_its_processes_and_replaces_those_that_were_at_a_task(tmp_path: Path) -> None:
    lots = [tmp_path / name for name in ("first", "second", "third")]
    for folder in lots:
        folder.mkdir()
    with task_pool(2, None, JobContext()) as pool:
        pool.start(tasks.slow_square)
        for folder in lots[:2]:
            given = [(number, str(folder)) for number in NUMBERS]
            assert pool.run(tasks.slow_square, given) == SQUARES
        with pytest.raises(RuntimeError, match="division by zero"):
            pool.run(tasks.divide, [0, *range(1, 100)])
        given = [(number, str(lots[2])) for number in NUMBERS]
        assert pool.run(tasks.slow_square, given) == SQUARES
    first, second, third = (set(processes_in(folder)) for folder in lots)
    assert first == second and len(first) == 2
    assert len(third) == 2 and os.getpid() not in third and third != first
    assert not any(lives(process) for process in first | third)


def test_one_worker_is_this_process(tmp_path: Path) -> None:
    run_tasks(tasks.slow_square, [(1, str(tmp_path))] * 2, workers=1, ctx=JobContext())
    assert processes_in(tmp_path) == [os.getpid()]


def test_progress_counts_weights() -> None:
    listener = Silent()
    run_tasks(tasks.square, NUMBERS, workers=2, ctx=JobContext(listener), stage="chips")
    assert listener.stages == {"chips": (7, 7)}
    run_tasks(
        tasks.square, [1, 2], workers=1, ctx=JobContext(listener), stage="chips", weights=[3, 9]
    )
    assert listener.stages == {"chips": (12, 12)}
    with pytest.raises(ValueError, match="2 tasks have 1 weights"):
        run_tasks(tasks.square, [1, 2], ctx=JobContext(), weights=[3])


def test_a_worker_keeps_to_one_thread() -> None:
    seen = run_tasks(tasks.surroundings, [0, 1], workers=2, ctx=JobContext())
    for item in seen:
        assert item.pop("pid") != os.getpid()
        assert set(item.values()) == {"1"}


@pytest.mark.parametrize("workers", [1, 2])
def test_the_findings_of_all_tasks_are_one_error(workers: int) -> None:
    with pytest.raises(UserError) as error:
        run_tasks(tasks.refuse_odd, [0, 1, 2, 3], workers=workers, ctx=JobContext())
    assert str(error.value) == (
        "task 1: it is odd. Use an even one.\n"
        "all: the same for all. Do something.\n"
        "task 3: it is odd. Use an even one."
    )
    assert [finding.code for finding in error.value.findings] == ["odd", "common", "odd"]


@pytest.mark.parametrize("workers", [1, 2])
def test_any_other_error_names_the_task_and_brings_its_traceback(workers: int) -> None:
    with pytest.raises(RuntimeError) as error:
        run_tasks(tasks.divide, [1, 0, 2], workers=workers, ctx=JobContext())
    assert str(error.value).startswith("divide 2 of 3, 0 failed:\nTraceback")
    assert "parallel_tasks.py" in str(error.value)
    assert str(error.value).endswith("ZeroDivisionError: division by zero\n")


def test_a_result_that_cannot_be_sent_is_told() -> None:
    with pytest.raises(RuntimeError, match="its result cannot be sent"):
        run_tasks(tasks.unsendable, [1, 2], workers=2, ctx=JobContext())


def test_the_task_of_a_worker_that_died_is_done_again(tmp_path: Path) -> None:
    ctx = JobContext()
    given = [(number, str(tmp_path)) for number in NUMBERS]
    assert run_tasks(tasks.die_once, given, workers=2, ctx=ctx) == SQUARES
    assert ctx.noted == (
        "A worker process was ended by signal 9 at die_once 3 of 7, "
        f"(2, {str(tmp_path)!r}); the task is done again.",
    )


def test_a_task_that_ends_every_worker_is_an_error() -> None:
    ctx = JobContext()
    with pytest.raises(UserError) as error:
        run_tasks(tasks.die_always, [0, 1, 2], workers=2, ctx=ctx)
    assert str(error.value) == (
        "die_always 2 of 3, 1: its worker process was ended by signal 9, as in all 3 attempts. "
        "Where memory is short, use fewer workers; where a file is damaged, replace it."
    )


def test_cancel_ends_the_workers_within_two_seconds(tmp_path: Path) -> None:
    ctx = JobContext()
    cancelled: list[float] = []

    def cancel() -> None:
        wait_until(lambda: len(processes_in(tmp_path)) == 2)
        cancelled.append(time.monotonic())
        ctx.cancelled = True

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(Cancelled):
        run_tasks(tasks.sleep_long, [str(tmp_path)] * 3, workers=2, ctx=ctx)
    assert time.monotonic() - cancelled[0] < 2.0
    thread.join()
    assert not any(lives(process) for process in processes_in(tmp_path))


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_no_worker_outlives_the_process_that_started_it(tmp_path: Path) -> None:
    here = Path(__file__).parent
    code = (
        "import parallel_tasks as t; from cscl.parallel import run_tasks; "
        "from cscl.context import JobContext; "
        f"run_tasks(t.sleep_long, [{str(tmp_path)!r}] * 2, workers=2, ctx=JobContext())"
    )
    paths = os.pathsep.join([str(here.parents[1] / "backend"), str(here)])
    parent = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": paths})
    try:
        wait_until(lambda: len(processes_in(tmp_path)) == 2)
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert wait_until(lambda: not any(lives(item) for item in processes_in(tmp_path))) < 2.0


def test_workers_fit_cores_and_free_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    ctx = JobContext()
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(resources, "free_bytes", lambda: 100 * 2**30)
    assert resources.worker_count(ctx) == 8
    ctx.spared_cores = 1
    assert resources.worker_count(ctx) == 7
    monkeypatch.setattr(resources, "free_bytes", lambda: 3 * 2**29)
    assert resources.worker_count(ctx) == 3
    monkeypatch.setattr(resources, "free_bytes", lambda: 0)
    assert resources.worker_count(ctx) == 1


def test_a_containers_limit_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(resources, "_CONTAINER", tmp_path)
    whole = resources.free_bytes()
    (tmp_path / "memory.current").write_text("1000\n")
    (tmp_path / "memory.max").write_text("5000\n")
    assert resources.free_bytes() == 4000
    (tmp_path / "memory.max").write_text("max\n")
    assert resources.free_bytes() > whole / 2 > 4000


@pytest.mark.parametrize(
    "address", ["localhost", "http://a:1", "inproc://a/1", "tcp://a", "tcp://a b:1", "ucx://a:1"]
)
def test_an_address_that_is_no_schedulers_is_refused(address: str) -> None:
    with pytest.raises(UserError) as error:
        run_tasks(tasks.square, [1], scheduler=address, ctx=JobContext())
    assert str(error.value) == (
        f"scheduler {address!r}: it is no address of a dask scheduler. Use tcp://HOST:PORT or "
        "tls://HOST:PORT, as the scheduler prints it when it starts."
    )


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with pytest.raises(UserError, match="Start it with `dask scheduler`") as error:
        run_tasks(tasks.square, [1], scheduler="tcp://127.0.0.1:9", ctx=JobContext())
    assert error.value.code == "scheduler_unreachable"


def test_a_cluster_gives_the_same(dask: Cluster) -> None:
    listener = Silent()
    ctx = JobContext(listener)
    given = {"scheduler": dask.address, "ctx": ctx}
    assert run_tasks(tasks.square, NUMBERS, stage="chips", **given) == SQUARES
    assert listener.stages == {"chips": (7, 7)}
    with pytest.raises(UserError, match="task 3: it is odd. Use an even one."):
        run_tasks(tasks.refuse_odd, [0, 1, 2, 3], **given)
    with pytest.raises(RuntimeError, match="divide 2 of 3, 0 failed:\nTraceback"):
        run_tasks(tasks.divide, [1, 0, 2], **given)
    assert ctx.noted == ()


def test_a_cluster_of_another_version_is_refused(
    dask: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "VERSION", "0.0.1")
    with pytest.raises(
        UserError, match=f"it has version {VERSION} of cscl, this job version 0.0.1"
    ):
        run_tasks(tasks.square, [1], scheduler=dask.address, ctx=JobContext())


def test_a_job_on_a_cluster_is_cancelled_within_two_seconds(dask: Cluster, tmp_path: Path) -> None:
    ctx = JobContext()
    threading.Timer(0.5, lambda: setattr(ctx, "cancelled", True)).start()
    began = time.monotonic()
    given = [(number, str(tmp_path)) for number in range(60)]
    with pytest.raises(Cancelled):
        run_tasks(tasks.slow_square, given, scheduler=dask.address, ctx=ctx)
    assert time.monotonic() - began < 2.5


def test_a_worker_of_the_cluster_may_die_on_the_way(tmp_path: Path) -> None:
    ctx = JobContext()
    (tmp_path / "dask").mkdir()
    with dask_cluster(tmp_path / "dask") as started:

        def kill() -> None:
            wait_until(lambda: started.workers[0].pid in processes_in(tmp_path), 60)
            started.workers[0].kill()

        thread = threading.Thread(target=kill)
        thread.start()
        given = [(number, str(tmp_path)) for number in range(40)]
        found = run_tasks(tasks.slow_square, given, scheduler=started.address, ctx=ctx)
        thread.join()
    assert found == [number * number for number in range(40)]
    assert "left the cluster; its tasks are done again." in noted(ctx)
    assert processes_in(tmp_path).count(started.workers[1].pid) == 1
