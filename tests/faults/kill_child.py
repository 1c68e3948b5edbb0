"""Runs one job and kills its own process at the n-th write point; prints how many there were.

Usage: kill_child.py JOB.json N COUNT_FILE. A write point is a flush to disk, a rename or a
folder made: the moments after which another process would see something new.
"""

from __future__ import annotations

import os
import pathlib
import signal
import sys
from collections.abc import Callable
from typing import Any


class Counter:
    """Counts write points and ends the process, as a power cut would, at the chosen one."""

    def __init__(self, fatal: int) -> None:
        self.fatal = fatal
        self.count = 0

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self.count += 1
            if self.count == self.fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **named)

        return counted


def main() -> None:
    job_file, fatal, count_file = sys.argv[1:]
    counter = Counter(int(fatal))
    for name in ("fsync", "replace", "rename", "mkdir"):
        setattr(os, name, counter.wrap(getattr(os, name)))
    pathlib.Path.rename = counter.wrap(pathlib.Path.rename)  # type: ignore[method-assign]
    from cscl.dispatch import job_from_file
    from cscl.service import Run

    status = Run(job_from_file(pathlib.Path(job_file)), lambda event: None).execute()
    pathlib.Path(count_file).write_text(f"{counter.count} {status}")


if __name__ == "__main__":
    main()
