"""Tasks for the tests of `cscl.parallel`; workers import this module."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from cscl.contract.errors import Finding, UserError


def square(number: int) -> int:
    return number * number


def slow_square(task: tuple[int, str]) -> int:
    """Write this process's number to the folder, and take a moment."""
    number, folder = task
    Path(folder, f"{os.getpid()}.pid").touch()
    time.sleep(0.1)
    return number * number


def sleep_long(folder: str) -> None:
    Path(folder, f"{os.getpid()}.pid").touch()
    time.sleep(60)


def refuse_odd(number: int) -> int:
    if number % 2:
        raise UserError.of(
            [
                Finding("odd", f"task {number}", "it is odd", "Use an even one."),
                Finding("common", "all", "the same for all", "Do something."),
            ]
        )
    return number


def divide(number: int) -> float:
    return 1 / number


def die_once(task: tuple[int, str]) -> int:
    """End this process at the task's first attempt, as the system does where memory is short."""
    number, folder = task
    mark = Path(folder, str(number))
    if number == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def die_always(number: int) -> int:
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def surroundings(_: int) -> dict[str, Any]:
    names = ("OMP_NUM_THREADS", "GDAL_NUM_THREADS", "NUMBA_NUM_THREADS")
    return {"pid": os.getpid(), **{name: os.environ.get(name) for name in names}}


def unsendable(_: int) -> Any:
    return lambda: None
