"""Jobs that move to another machine: `cscl run --path OLD=NEW JOB.json`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cscl.commands import application
from cscl.contract import strict_json
from cscl.contract.errors import UserError
from cscl.contract.jobs import job_document, make_job
from cscl.contract.manifest import read_manifest
from cscl.dispatch import with_replaced_paths


def series_job(images: str, output: str = "/out/a.series.json") -> object:
    """Return a job whose images are paths joined by semicolons."""
    return make_job("series", {"images": images, "output": output})


@pytest.mark.parametrize(
    ("images", "replaced", "expected"),
    [
        ("/data/a", {"/data": "/scratch"}, "/scratch/a"),
        ("/data", {"/data": "/scratch"}, "/scratch"),
        ("/data/a;/data/b/c.tif", {"/data/": "/scratch"}, "/scratch/a;/scratch/b/c.tif"),
        ("/data/a/b", {"/data": "/one", "/data/a": "/two"}, "/two/b"),
        ("/database/a;/data/b", {"/data": "/scratch"}, "/database/a;/scratch/b"),
        ("C:\\My data\\a\\b.tif", {"c:/my data": "/scratch"}, "/scratch/a/b.tif"),
    ],
)
def test_a_path_moves_with_its_folder(images: str, replaced: dict[str, str], expected: str) -> None:
    job = with_replaced_paths(series_job(images), replaced)
    assert (job.images, job.output) == (expected, "/out/a.series.json")


def test_a_folder_in_which_nothing_lies_is_an_error() -> None:
    with pytest.raises(UserError) as caught:
        with_replaced_paths(series_job("/data/a"), {"/date": "/scratch", "/data": "/scratch"})
    assert str(caught.value) == (
        "--path /date: no path of the job lies there. Give a folder as the job's file writes it."
    )


def test_text_that_is_no_path_stays() -> None:
    job = make_job(
        "dataset", {"images": "/a/i", "parcels": "/a/p", "class_field": "/a/f", "output": "/a/o"}
    )
    moved = with_replaced_paths(job, {"/a": "/b"})
    assert (moved.images, moved.parcels, moved.output) == ("/b/i", "/b/p", "/b/o")
    assert moved.class_field == "/a/f"


def test_the_command_runs_a_job_of_another_machine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job("simulate", {"output": "D:\\work\\scene", "size": 48, "dates": 4, "crops": 2})
    file = tmp_path / "job.json"
    file.write_text(strict_json.dump(job_document(job)), encoding="utf-8")
    for arguments, message in (
        (["--path", "D:\\work"], "it is not of the form OLD=NEW"),
        (["--path", "E:\\=/x"], "no path of the job lies there"),
    ):
        monkeypatch.setattr("sys.argv", ["cscl", "run", *arguments, str(file)])
        assert application(None) == 2
        assert message in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["cscl", "run", "--path", f"D:\\work={tmp_path}", str(file)])
    assert application(None) == 0
    manifest = read_manifest(tmp_path / "scene")
    assert manifest is not None and manifest.state == "complete"
    record = json.loads((tmp_path / "scene" / "job.json").read_text())
    assert record["parameters"]["output"] == str(tmp_path / "scene")
