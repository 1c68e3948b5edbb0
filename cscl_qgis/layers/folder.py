"""What a folder of results holds: files by role, what made them, and the classes of the map."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

from ...backend.cscl.contract import strict_json
from ...backend.cscl.contract.classes import ClassTable
from ...backend.cscl.contract.errors import UserError
from ...backend.cscl.contract.home import data_folder
from ...backend.cscl.contract.jobs import fingerprint, job_name, job_values
from ...backend.cscl.contract.manifest import (
    JOB_FILE,
    MANIFEST_FILE,
    Manifest,
    output_paths,
    read_manifest,
)
from ...backend.cscl.contract.resolutions import ENDINGS
from ..words import tr

MAP_DOCUMENT = "map.json"
# Files that a folder holds whether or not its manifest lists them: parcels that were classified
# from a map afterwards, and the layers of a map that is a part of a larger run.
KNOWN_FILES = {
    **{f"crop_map{tail}": f"crops{tail}.tif" for tail in ENDINGS.values()},
    **{f"confidence{tail}": f"confidence{tail}.tif" for tail in ENDINGS.values()},
    "parcels": "parcels.gpkg",
    "inspection": "inspection.gpkg",
    "report": "report.html",
    "report_data": "report.json",
}
MAP_ROLES = tuple(
    f"{name}{tail}" for name in ("crop_map", "confidence") for tail in ENDINGS.values()
)


@dataclass(frozen=True)
class ResultsFolder:
    """The results of one job: `outputs` are paths by role, `parameters` the job's own values.

    `document` is `map.json`, empty where there is no map; `table` its classes. `declared` is the
    class field of parcels that were classified on the map afterwards.
    """

    folder: str
    manifest: Manifest
    outputs: Dict[str, str]
    parameters: Dict[str, Any] = field(default_factory=dict)
    document: Dict[str, Any] = field(default_factory=dict)
    table: Optional[ClassTable] = None
    declared: str = ""

    @property
    def name(self) -> str:
        """The folder's own name."""
        return Path(self.folder).name

    @property
    def class_field(self) -> str:
        """The field of the parcels with the declared class; empty where nothing says it."""
        given = self.parameters.get("class_field") or self.declared
        if given:
            return str(given)
        # A class table says where its values come from: FILE, layer NAME, field NAME.
        source = self.table.source if self.table is not None else ""
        return source.rpartition(", field ")[2] if ", field " in source else ""

    @property
    def season(self) -> Tuple[str, ...]:
        """First and last day of the season, or nothing."""
        return _texts(self.document.get("season"))

    @property
    def dates(self) -> Tuple[str, ...]:
        """The days of the images that the map was made of."""
        return _texts(self.document.get("dates"))


def read_results(folder: str) -> ResultsFolder:
    """Read what a folder of results holds; for a task, as folders may lie on slow disks.

    Raises `UserError` where the folder holds no complete results.
    """
    path = Path(folder)
    if not folder or not path.is_dir():
        raise UserError(
            "folder_missing", folder or tr("results"), tr("there is no such folder"),
            tr("Choose the output folder of a map or of the whole chain."),
        )  # fmt: skip
    manifest = read_manifest(path)
    if manifest is None:
        raise UserError(
            "not_a_job_folder", path, tr("it holds no {file}", file=MANIFEST_FILE),
            tr("Choose the output folder of a map or of the whole chain."),
        )  # fmt: skip
    if manifest.state != "complete":
        raise UserError(
            "job_not_complete", path, _incomplete(manifest),
            tr("Run that job again with the same output: it goes on."),
        )  # fmt: skip
    outputs = {role: str(found) for role, found in output_paths(path, manifest).items()}
    for role, file in KNOWN_FILES.items():
        if role not in outputs and (path / file).is_file():
            outputs[role] = str(path / file)
    document = _document(path, outputs)
    table = ClassTable.from_json(document["classes"], path) if "classes" in document else None
    declared = _declared_in(outputs["parcels"]) if "parcels" in outputs else ""
    return ResultsFolder(str(path), manifest, outputs, _parameters(path), document, table, declared)


def results_of_job(job: Any, outputs: Dict[str, str]) -> Optional[ResultsFolder]:
    """Return what a finished job left, be its output a folder or a file; `None` without a record.

    For a task, as `read_results`.
    """
    output = Path(job.output)
    try:
        if output.is_dir():
            return read_results(str(output))
        records = (data_folder() / "runs").glob(f"*-{job_name(job)}-{fingerprint(job)}")
        record = max(records, default=None, key=lambda item: item.name)
        manifest = read_manifest(record) if record is not None else None
        if manifest is None:
            return None
        of_map = _document(Path(job.map), {}) if hasattr(job, "map") else {}
        table = ClassTable.from_json(of_map["classes"], job.map) if "classes" in of_map else None
    except UserError:
        return None
    values = job_values(job)
    return ResultsFolder(str(output.parent), manifest, outputs, values, of_map, table)


def _declared_in(parcels: str) -> str:
    """Return the class field of the last job that classified parcels into a file.

    Such a job's output is no folder that could keep its parameters: its record has them.
    """
    records = (data_folder() / "runs").glob("*-parcels-*")
    for record in sorted(records, key=lambda item: item.name, reverse=True):
        try:
            values = _parameters(record)
        except UserError:
            continue  # another job's record that is damaged is told of in the history
        if values.get("output") == parcels:
            return str(values.get("class_field") or "")
    return ""


def _parameters(path: Path) -> Dict[str, Any]:
    file = path / JOB_FILE
    value = strict_json.read(file) if file.is_file() else {}
    parameters = value.get("parameters") if isinstance(value, dict) else None
    return parameters if isinstance(parameters, dict) else {}


def _incomplete(manifest: Manifest) -> str:
    """Return in words how far the job of a folder came."""
    job = manifest.job
    return {
        "running": tr("its job {job} is running", job=job),
        "failed": tr("its job {job} is failed", job=job),
        "cancelled": tr("its job {job} is cancelled", job=job),
        "interrupted": tr("its job {job} is interrupted", job=job),
    }[manifest.state]


def _document(path: Path, outputs: Dict[str, str]) -> Dict[str, Any]:
    maps = [Path(outputs[role]).parent for role in MAP_ROLES if role in outputs]
    for folder in (*maps, path):
        file = folder / MAP_DOCUMENT
        if file.is_file():
            value = strict_json.read(file)
            return value if isinstance(value, dict) else {}
    return {}


def _texts(value: Any) -> Tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()
