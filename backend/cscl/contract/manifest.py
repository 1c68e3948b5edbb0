"""The record of a job in its folder: what ran, in which state it is, what it wrote."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Dict, Optional, Tuple, Union

from . import atomic, strict_json
from .errors import UserError
from .paths import inside

JOB_FILE = "job.json"
EVENTS_FILE = "events.jsonl"
MANIFEST_FILE = "manifest.json"
STATES = ("running", "complete", "failed", "cancelled", "interrupted")


@dataclass(frozen=True)
class Manifest:
    """State and outputs of one job; without `complete` a job has no results.

    `outputs` maps roles to paths relative to the job's folder where they lie in it, the folder
    itself as a dot.
    Times are seconds since 1970 in UTC.
    """

    job: str
    fingerprint: str
    state: str
    package: str
    pid: int
    started: float
    finished: Optional[float] = None
    outputs: Dict[str, str] = field(default_factory=dict)
    notes: Tuple[str, ...] = ()
    error: str = ""
    schema: int = 1

    def with_state(self, state: str, **changes: Any) -> "Manifest":
        """Return the manifest in another state."""
        return replace(self, state=state, **changes)


def write_manifest(folder: Union[str, Path], manifest: Manifest) -> None:
    """Write `manifest.json`, whole or not at all."""
    atomic.write_text(Path(folder) / MANIFEST_FILE, strict_json.dump(asdict(manifest)))


def read_manifest(folder: Union[str, Path]) -> Optional[Manifest]:
    """Return the manifest of a folder; `None` where there is none.

    One that says running while its process is gone is returned as interrupted.
    """
    path = Path(folder) / MANIFEST_FILE
    if not path.is_file():
        return None
    value = strict_json.read(path)
    try:
        value["notes"] = tuple(value["notes"])
        manifest = Manifest(**value)
    except (KeyError, TypeError):
        raise _damaged(path) from None
    if not _is_sound(manifest):
        raise _damaged(path)
    if manifest.state == "running" and not _is_alive(manifest):
        return manifest.with_state("interrupted")
    return manifest


def output_paths(folder: Union[str, Path], manifest: Manifest) -> Dict[str, Path]:
    """Return the outputs of a job that wrote a folder, resolved, by role.

    Raises `UserError` where one does not lie in the folder: a manifest may come from elsewhere.
    """
    base = Path(folder).resolve()
    return {
        role: base if relative == "." else inside(base, relative)
        for role, relative in manifest.outputs.items()
    }


def require_complete(folder: Union[str, Path], kind: str) -> Manifest:
    """Return the manifest of a complete job of one kind, or say in words what is wrong."""
    path = Path(folder)
    if not path.is_dir():
        raise UserError(
            "folder_missing", path, "there is no such folder", f"Choose a {kind} folder."
        )
    manifest = read_manifest(path)
    if manifest is None:
        raise UserError(
            "not_a_job_folder", path, f"it holds no {MANIFEST_FILE}", f"Choose a {kind} folder."
        )
    if manifest.state != "complete":
        raise UserError(
            "job_not_complete",
            path,
            f"its job {manifest.job} is {manifest.state}, not complete",
            "Run that job again with the same output: it resumes.",
        )
    return manifest


def _is_sound(manifest: Manifest) -> bool:
    texts = (manifest.job, manifest.fingerprint, manifest.package, manifest.error)
    outputs = manifest.outputs
    return (
        manifest.state in STATES
        and manifest.schema == 1
        and all(isinstance(text, str) for text in texts + manifest.notes)
        and type(manifest.pid) is int
        and 0 < manifest.pid < 1 << 31
        and isinstance(outputs, dict)
        and all(isinstance(relative, str) for relative in outputs.values())
    )


def _is_alive(manifest: Manifest) -> bool:
    return manifest.pid == os.getpid() or atomic.process_alive(manifest.pid)


def _damaged(path: Path) -> UserError:
    return UserError(
        "damaged_manifest",
        path,
        "it is not a manifest of version 1",
        "Choose another output folder, or update the engine.",
    )
