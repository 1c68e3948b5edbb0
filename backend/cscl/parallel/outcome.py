"""What a task came to; imported by workers before all else, so it loads nothing heavy."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cscl.contract.errors import Finding, UserError
from cscl.disk import in_words

Function = Callable[[Any], Any]

# The processes share the cores among themselves: none of them may start threads of its own.
ALONE = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "GDAL_NUM_THREADS": "1",
    "BLOSC_NTHREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
}


@dataclass(frozen=True)
class Outcome:
    """The result of a task, or the findings of its `UserError`, or the words of its traceback."""

    value: Any = None
    findings: tuple[Finding, ...] = ()
    failure: str = ""


Outcomes = Generator[tuple[int, Outcome], None, None]


def attempt(function: Function, task: Any) -> Outcome:
    """Do a task; whatever it raises becomes part of the outcome."""
    try:
        return Outcome(function(task))
    except UserError as error:
        return Outcome(findings=error.findings)
    except OSError as error:
        told = in_words(error, Path.cwd())
        return Outcome(findings=told.findings) if told else Outcome(failure=traceback.format_exc())
    except Exception:
        return Outcome(failure=traceback.format_exc())


def work_alone() -> None:
    """Keep this process to one thread; for libraries that are not loaded yet, but for torch."""
    os.environ.update(ALONE)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


def task_name(function: Function, tasks: Sequence[Any], index: int) -> str:
    """Return in words which task is meant."""
    text = repr(tasks[index])
    short = text if len(text) <= 200 else f"{text[:197]}..."
    return f"{function.__name__} {index + 1} of {len(tasks)}, {short}"
