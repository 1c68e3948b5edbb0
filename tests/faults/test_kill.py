"""A job killed at any write point leaves the old, the new, or nothing: never something torn."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cscl.contract import strict_json
from cscl.contract.jobs import job_document
from cscl.contract.manifest import read_manifest
from cscl.outputs import JOB_FILES, writes_folder
from stage_jobs import STAGES, job_of, read_back

POINTS = int(os.environ.get("CSCL_KILL_POINTS", "1"))


def run(job: Any, fatal: int, folder: Path) -> tuple[int, str]:
    """Run a job in a process that dies at write point `fatal`; return its status and count."""
    folder.mkdir(exist_ok=True)
    job_file, count = folder / "job.json", folder / "count"
    job_file.write_text(strict_json.dump(job_document(job)))
    child = Path(__file__).with_name("kill_child.py")
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "backend"),
        "CSCL_HOME": str(folder / "home"),
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, str(child), str(job_file), str(fatal), str(count)],
        env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    return done.returncode, count.read_text() if count.exists() else done.stderr


def contents(folder: Path) -> dict[str, str]:
    """Return the digests of a dataset's files.

    Apart from the job's record, links to images, which depend on the folder's place, and
    GeoPackages, which hold the time of their making.
    """
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in JOB_FILES
        and path.parent.name != "series" and path.suffix != ".gpkg"
    }  # fmt: skip


@pytest.mark.parametrize("stage", STAGES)
def test_f57_killed_at_a_write_point_nothing_is_torn(
    chain: Any, stage: str, tmp_path: Path
) -> None:
    name = {"series": "s.series.json", "parcels": "p.gpkg", "export": "e.shp"}.get(stage, "out")
    status, count = run(job_of(chain, stage, tmp_path / "whole" / name), 0, tmp_path / "whole")
    assert status == 0, count
    points = int(count.split()[0])
    assert points >= 2
    for index in range(POINTS):
        fatal = max(1, round(points * (index + 1) / POINTS))
        place = tmp_path / f"cut{index}"
        place.mkdir()
        output = place / "results" / name
        output.parent.mkdir()
        job = job_of(chain, stage, output)
        status, text = run(job, fatal, place)
        assert status == -signal.SIGKILL, f"point {fatal} of {points}: {text}"
        if writes_folder(job):
            manifest = read_manifest(output) if output.exists() else None
            if manifest is not None and manifest.state == "complete":
                read_back(stage, output)
            else:
                assert manifest is None or manifest.state == "interrupted"
        elif output.exists():
            read_back(stage, output)
            output.unlink()
        status, text = run(job, 0, place)
        assert status == 0 or "complete result of this very job" in text, text
        read_back(stage, output)
        if stage == "dataset":
            assert contents(output) == contents(tmp_path / "whole" / name)
        assert not list(output.parent.rglob(".cscl-part-*"))
        shutil.rmtree(place)
