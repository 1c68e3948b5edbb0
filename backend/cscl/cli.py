"""The command line: one command a job, its options made from the job's fields."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Run the command line and exit: 0 when done, 2 for wrong usage, 1 for anything else."""
    events = reserve_stdout() if "--protocol" in sys.argv[1:] else None
    from cscl.commands import application

    sys.exit(application(events))


def reserve_stdout() -> int:
    """Set standard output aside for events; whatever else is printed goes to standard error.

    Called before any heavy import, for some libraries print while they are imported.
    """
    events = os.dup(1)
    os.set_inheritable(events, False)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return events


def limit_threads() -> None:
    """Leave one core to the person's desktop; must come before the numerical libraries."""
    threads = str(max(1, (os.cpu_count() or 2) - 1))
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, threads)
    if hasattr(os, "nice"):
        os.nice(10)


def job_from_file(path: Path) -> Any:
    """Return the job of a JSON file; its relative paths are relative to that file."""
    from cscl.contract import strict_json
    from cscl.contract.jobs import job_from_document
    from cscl.dispatch import with_absolute_paths

    job = job_from_document(strict_json.read(path), path)
    return with_absolute_paths(job, path.resolve().parent)


if __name__ == "__main__":
    main()
