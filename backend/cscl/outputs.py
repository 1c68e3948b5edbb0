"""Where a job writes: fresh, resumed, or beside what it shall replace."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cscl.contract import atomic, strict_json
from cscl.contract.errors import UserError
from cscl.contract.fields import fields_of
from cscl.contract.home import data_folder
from cscl.contract.jobs import fingerprint, job_name
from cscl.contract.manifest import EVENTS_FILE, JOB_FILE, MANIFEST_FILE, read_manifest
from cscl.inputs import refuse_inputs_within

JOB_FILES = (JOB_FILE, EVENTS_FILE, MANIFEST_FILE)
# These go on from what is there; the others start over in their own folder.
RESUMABLE = ("dataset", "pretrain", "finetune", "map", "pipeline", "demo")


@dataclass(frozen=True)
class Place:
    """Where a job works and where its result ends.

    `folder` holds the job's record; for a job that writes a folder it is the output itself, or
    a folder beside it (`swap`) that takes its place at the end.
    """

    folder: Path
    output: Path
    working_output: Path
    swap: bool
    resumed: bool

    def final(self, path: Path) -> Path:
        """Return where a path of the working output lies once the job is complete."""
        if self.swap and (path == self.working_output or self.working_output in path.parents):
            return self.output / path.relative_to(self.working_output)
        return path

    def finish(self) -> None:
        """Put the working output in its final place."""
        if not self.swap:
            return
        self._name_final()
        old = atomic.part_path(self.output)
        had_old = self.output.exists()
        if had_old:
            self.output.rename(old)
        self.working_output.rename(self.output)
        if had_old:
            atomic.remove(old)

    def _name_final(self) -> None:
        """Let the records of a chain's parts name where they will lie, not where they were made."""
        for record in sorted(self.working_output.rglob(JOB_FILE)):
            document = strict_json.read(record)
            values = document.get("parameters", {})
            document["parameters"] = {key: self._final_value(item) for key, item in values.items()}
            atomic.write_text(record, strict_json.dump(document))

    def _final_value(self, value: Any) -> Any:
        if isinstance(value, str):
            start = str(self.working_output)
            inside = value == start or value.startswith((start + "/", start + "\\"))
            return str(self.output) + value[len(start) :] if inside else value
        return [self._final_value(item) for item in value] if isinstance(value, list) else value

    def abandon(self) -> None:
        """Remove a working output that will not take its place."""
        if self.swap:
            atomic.remove(self.working_output)


def writes_folder(job: Any) -> bool:
    """Tell whether a job's output is a folder."""
    return any(field.kind == "output_folder" for field in fields_of(type(job)))


def choose_place(job: Any) -> Place:
    """Return where a job shall work, or refuse in words."""
    output = Path(job.output)
    if output.parent.is_dir():
        atomic.sweep(output.parent)
    else:
        _refuse_below_file(output)
    return _folder_place(job, output) if writes_folder(job) else _file_place(job, output)


def _file_place(job: Any, output: Path) -> Place:
    if output.is_dir():
        raise UserError(
            "output_is_folder", output, "the output is a folder, a file is wanted",
            "Give the output a file name.",
        )  # fmt: skip
    if output.exists() and not job.overwrite:
        raise UserError(
            "output_exists", output, "the output exists already",
            "Choose another output, or allow overwriting.",
        )  # fmt: skip
    if output.exists():
        refuse_inputs_within(job, output)
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
    folder = data_folder() / "runs" / f"{stamp}-{job_name(job)}-{fingerprint(job)}"
    return Place(folder, output, output, swap=False, resumed=False)


def _folder_place(job: Any, output: Path) -> Place:
    if output.exists() and not output.is_dir():
        raise UserError(
            "output_is_file", output, "the output is a file, a folder is wanted",
            "Choose another output.",
        )  # fmt: skip
    if output.is_dir():
        atomic.sweep(output)
    if output.exists() and is_resumable(job, output):
        return Place(output, output, output, swap=False, resumed=True)
    if not output.exists() or _holds_no_results(output):
        return Place(output, output, output, swap=False, resumed=False)
    if not job.overwrite:
        raise _refused(job, output)
    _refuse_foreign(output)
    refuse_inputs_within(job, output)
    beside = atomic.part_path(output)
    return Place(beside, output, beside, swap=True, resumed=False)


def _refuse_below_file(output: Path) -> None:
    """Refuse an output that nobody could make, before anything is computed."""
    above = next((folder for folder in output.parents if folder.exists()), None)
    if above is not None and not above.is_dir():
        raise UserError(
            "not_writable", output, f"{above} is a file, not a folder", "Choose another output."
        )


def _holds_no_results(output: Path) -> bool:
    """Tell whether a folder is empty but for the record of a job that ended before it wrote."""
    if any(item.name not in JOB_FILES for item in output.iterdir()):
        return False
    manifest = read_manifest(output)
    return manifest is None or manifest.state not in ("running", "complete")


def is_resumable(job: Any, output: Path) -> bool:
    """Tell whether `output` holds the unfinished beginning of this very job."""
    manifest = read_manifest(output)
    return (
        manifest is not None
        and manifest.fingerprint == fingerprint(job)
        and manifest.state in ("interrupted", "failed", "cancelled")
    )


def _refused(job: Any, output: Path) -> UserError:
    manifest = read_manifest(output)
    if manifest is None:
        found = "the folder is not empty and holds no job of ours"
        return UserError("output_not_empty", output, found, "Choose an empty or new folder.")
    if manifest.state == "running":
        found = f"a job {manifest.job} is running there (process {manifest.pid})"
        return UserError("output_busy", output, found, "Wait for it, or choose another output.")
    if manifest.fingerprint == fingerprint(job):
        found = "it holds the complete result of this very job"
    else:
        found = f"it holds a job {manifest.job} with other parameters ({manifest.state})"
    return UserError("output_exists", output, found, "Choose another output, or allow overwriting.")


def _refuse_foreign(output: Path) -> None:
    """Overwriting replaces our own folders only, never something of the user's."""
    manifest = read_manifest(output)
    if manifest is None:
        found = "the folder is not empty and holds no job of ours, so it is not replaced"
        raise UserError("output_not_empty", output, found, "Choose an empty or new folder.")
    if manifest.state == "running":
        found = f"a job {manifest.job} is running there (process {manifest.pid})"
        raise UserError("output_busy", output, found, "Wait for it, or choose another output.")


def clear(folder: Path) -> None:
    """Empty a job's own folder of unfinished results, its record apart."""
    for item in folder.iterdir():
        if item.name not in JOB_FILES:
            atomic.remove(item)
