"""A dask scheduler and its workers as processes of their own, as a person would start them."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60.0


class Cluster:
    """The scheduler's address and the processes of its workers."""

    def __init__(self, address: str, workers: list[subprocess.Popen[bytes]]) -> None:
        self.address = address
        self.workers = workers


@contextlib.contextmanager
def dask_cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """Start a scheduler and workers, which can import cscl and what tests import; end them."""
    description = folder / "scheduler.json"
    with contextlib.ExitStack() as ending:
        start(["scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard"],
              description, ending)  # fmt: skip
        started = [
            start(["worker", "--no-nanny", "--no-dashboard", "--nthreads", "1",
                   "--local-directory", str(folder)], description, ending)
            for _ in range(workers)
        ]  # fmt: skip
        yield Cluster(address_of(description), started)


def start(
    words: list[str], description: Path, ending: contextlib.ExitStack
) -> subprocess.Popen[bytes]:
    """Start one part of a cluster; `ending` kills it."""
    paths = [ROOT / "backend", ROOT / "tests", ROOT / "tests" / "backend"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    module = f"distributed.cli.dask_{words[0]}"
    process = subprocess.Popen(
        [sys.executable, "-m", module, *words[1:], "--scheduler-file", str(description)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    ending.callback(process.wait)
    ending.callback(process.kill)
    return process


def address_of(description: Path) -> str:
    """Return the address that the scheduler writes when it has started."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if description.exists() and description.stat().st_size:
            return str(json.loads(description.read_text())["address"])
        time.sleep(0.1)
    pytest.fail("the dask scheduler did not start")
