"""How a process of the engine is made: program, environment, and its end with all it started."""

from __future__ import annotations

import os
import signal

from qgis.PyQt.QtCore import QObject, QProcess, QProcessEnvironment

from .environment import child_environment
from .locate import locate_engine

# Nothing of the person's own site, and no module of the folder it is started in.
MODULE = ("-s", "-P", "-m", "cscl")


def engine_process(parent: QObject) -> QProcess:
    """Return a process, not yet started, of the engine's program, its arguments still to be set.

    They are `MODULE` and those of the engine's command. Raises `EngineMissing` where there is no
    engine.
    """
    engine = locate_engine()
    process = QProcess(parent)
    environment = QProcessEnvironment()
    for name, value in child_environment(os.environ, engine.backend).items():
        environment.insert(name, value)
    process.setProcessEnvironment(environment)
    process.setProgram(engine.python)
    return process


def kill_group(pid: int) -> None:
    """End every process of the group that the engine leads, if it leads one."""
    if pid <= 0 or not hasattr(os, "killpg"):
        return
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # it had not become a leader yet, or is gone
