"""Runs that are removed, and what is seen to before."""

from __future__ import annotations

from pathlib import Path

from ....backend.cscl.contract import atomic
from ....backend.cscl.contract.errors import UserError
from ....backend.cscl.contract.manifest import JOB_FILE, read_manifest
from ...words import tr


def remove_run(folder: str) -> None:
    """Remove a run's folder with all that is in it. Raises `UserError`, and removes nothing then.

    The folder must hold the record of a job of ours that does not run.
    """
    path = Path(folder)
    manifest = read_manifest(path)
    if manifest is None or not (path / JOB_FILE).is_file():
        raise UserError(
            "not_a_job_folder", folder, tr("it holds no record of a job"),
            tr("Remove it with the system's file manager."),
        )  # fmt: skip
    if manifest.state == "running":
        raise UserError(
            "job_running", folder, tr("its job runs as process {pid}", pid=manifest.pid),
            tr("Stop it first."),
        )  # fmt: skip
    # One step takes it out of sight; what a stopped removal leaves has our prefix and is swept.
    part = atomic.part_path(path)
    try:
        path.rename(part)
    except OSError as error:
        raise UserError(
            "not_removed", folder, tr("it cannot be moved ({reason})", reason=error.strerror),
            tr("Close the programs that have its files open, and check its rights."),
        ) from None  # fmt: skip
    atomic.remove(part)
