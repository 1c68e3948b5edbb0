"""Where a job may write, decided from what is there."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cscl.contract import strict_json
from cscl.contract.atomic import write_text
from cscl.contract.errors import UserError
from cscl.contract.jobs import (
    EvaluateJob,
    ExportJob,
    FinetuneJob,
    MapJob,
    SeriesJob,
    fingerprint,
    job_document,
    job_name,
)
from cscl.contract.manifest import JOB_FILE, Manifest, read_manifest, write_manifest
from cscl.dataset.grids import series_path
from cscl.dispatch import with_absolute_paths
from cscl.inputs import check_inputs
from cscl.outputs import choose_place


def finetune(output: Path, **changes: object) -> FinetuneJob:
    values = {"dataset": "dataset", "output": str(output), **changes}
    return FinetuneJob(**values)  # type: ignore[arg-type]


def record(job: FinetuneJob, state: str, pid: int | None = None) -> None:
    folder = Path(job.output)
    folder.mkdir(exist_ok=True)
    if pid is None:
        gone = subprocess.Popen([sys.executable, "-c", "pass"])
        gone.wait()
        pid = gone.pid
    manifest = Manifest(job_name(job), fingerprint(job), state, "0.1.0", pid, time.time())
    write_manifest(folder, manifest)
    (folder / "half").write_text("half")


def test_an_absent_or_empty_output_is_used(tmp_path: Path) -> None:
    for output in (tmp_path / "new", tmp_path):
        place = choose_place(finetune(output))
        assert (place.working_output, place.swap, place.resumed) == (output, False, False)


@pytest.mark.parametrize("state", ["interrupted", "failed", "cancelled", "running"])
def test_f60_the_same_unfinished_job_is_resumed(tmp_path: Path, state: str) -> None:
    job = finetune(tmp_path / "model")
    record(job, state)
    assert choose_place(job).resumed
    assert choose_place(finetune(tmp_path / "model", device="cpu")).resumed


def test_f60_other_parameters_are_refused(tmp_path: Path) -> None:
    job = finetune(tmp_path / "model")
    record(job, "interrupted")
    with pytest.raises(UserError) as caught:
        choose_place(finetune(tmp_path / "model", seed=2))
    assert str(caught.value) == (
        f"{tmp_path / 'model'}: it holds a job finetune with other parameters (interrupted). "
        "Choose another output, or allow overwriting."
    )


def test_f60_a_complete_job_is_refused_unless_overwritten(tmp_path: Path) -> None:
    output = tmp_path / "model"
    job = finetune(output)
    record(job, "complete")
    with pytest.raises(UserError, match="it holds the complete result of this very job"):
        choose_place(job)
    place = choose_place(finetune(output, overwrite=True))
    assert place.swap and place.working_output != output
    place.working_output.mkdir()
    (place.working_output / "new").write_text("new")
    assert (output / "half").read_text() == "half"
    place.finish()
    assert sorted(item.name for item in output.iterdir()) == ["new"]
    assert [item.name for item in tmp_path.iterdir()] == ["model"]


def test_parts_of_what_took_a_place_name_where_they_lie(tmp_path: Path) -> None:
    """A run of the history is run again by its record: that must not name a folder that is gone."""
    output = tmp_path / "chain"
    record(finetune(output), "complete")
    place = choose_place(finetune(output, overwrite=True))
    part = place.working_output / "model"
    part.mkdir(parents=True)
    job = finetune(part, model=str(place.working_output / "pretrained"), dataset=str(tmp_path))
    write_text(part / JOB_FILE, strict_json.dump(job_document(job)))
    place.finish()
    values = strict_json.read(output / "model" / JOB_FILE)["parameters"]
    assert values["output"] == str(output / "model")
    assert values["model"] == str(output / "pretrained")
    assert values["dataset"] == str(tmp_path)


def test_f60_a_folder_that_is_not_ours_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("three years")
    for overwrite in (False, True):
        with pytest.raises(UserError, match="holds no job of ours"):
            choose_place(finetune(tmp_path, overwrite=overwrite))
    assert (tmp_path / "thesis.odt").read_text() == "three years"


def test_f60_a_running_job_is_left_alone(tmp_path: Path) -> None:
    job = finetune(tmp_path / "model")
    record(job, "running", pid=os.getppid())
    for overwrite in (False, True):
        with pytest.raises(UserError, match=rf"is running there \(process {os.getppid()}\)"):
            choose_place(finetune(tmp_path / "model", overwrite=overwrite))


def test_f60_an_existing_file_is_refused_unless_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSCL_HOME", str(tmp_path / "home"))
    output = tmp_path / "a.series.json"
    output.write_text("{}")
    with pytest.raises(UserError, match="the output exists already"):
        choose_place(SeriesJob(images="i", output=str(output)))
    place = choose_place(SeriesJob(images="i", output=str(output), overwrite=True))
    assert place.output == output
    assert place.folder.parent == tmp_path / "home" / "runs"


def test_a_running_job_whose_process_is_gone_reads_as_interrupted(tmp_path: Path) -> None:
    record(finetune(tmp_path / "model"), "running")
    manifest = read_manifest(tmp_path / "model")
    assert manifest is not None and manifest.state == "interrupted"


def test_temporaries_of_dead_processes_are_swept(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    dead = tmp_path / f".cscl-part-{gone.pid}-0000-model"
    alive = tmp_path / f".cscl-part-{os.getpid()}-0000-model"
    foreign = tmp_path / ".other-tool"
    for item in (dead, alive, foreign):
        item.mkdir()
    choose_place(finetune(tmp_path / "new"))
    assert sorted(i.name for i in tmp_path.iterdir()) == sorted([alive.name, foreign.name])


def test_every_missing_input_is_named_at_once(tmp_path: Path) -> None:
    job = EvaluateJob(
        dataset=str(tmp_path / "d"), model=str(tmp_path / "m"), output=str(tmp_path / "o")
    )
    with pytest.raises(UserError) as caught:
        check_inputs(job)
    assert str(caught.value) == (
        f"{tmp_path / 'd'}: there is no such folder. Check the path given as dataset.\n"
        f"{tmp_path / 'm'}: there is no such folder. Check the path given as model."
    )


@pytest.mark.parametrize("given", ["scene", "scene.series.json", "scene/sub", "link"])
def test_inputs_are_never_replaced_by_an_output(tmp_path: Path, given: str) -> None:
    record(finetune(tmp_path / "scene"), "complete")
    (tmp_path / "scene" / "sub").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "scene", target_is_directory=True)
    series = {"features": [{"assets": {"B02": {"href": "scene/sub/../a.tif"}}}]}
    write_text(tmp_path / "scene.series.json", strict_json.dump(series))
    values = {"model": "model", "output": str(tmp_path / "scene"), "overwrite": True}
    job = MapJob(images=f"{tmp_path / 'other'};{tmp_path / given}", **values)
    with pytest.raises(UserError, match=r"the job's input too \(images\)") as caught:
        choose_place(job)
    assert caught.value.code == "output_is_input"
    assert (tmp_path / "scene" / "half").read_text() == "half"
    # What lies beside it may be read.
    assert choose_place(MapJob(images=str(tmp_path / "other"), **values)).swap


def test_images_of_a_dataset_are_never_replaced_by_an_output(tmp_path: Path) -> None:
    record(finetune(tmp_path / "scene"), "complete")
    series = series_path(tmp_path / "dataset", "grid_0")
    series.parent.mkdir(parents=True)
    links = {"features": [{"assets": {"B02": {"href": "../../scene/a.tif"}}}]}
    write_text(series, strict_json.dump(links))
    values = {"dataset": str(tmp_path / "dataset"), "model": "model", "overwrite": True}
    with pytest.raises(UserError, match=r"it holds .*a\.tif, the job's input too \(dataset\)"):
        choose_place(EvaluateJob(output=str(tmp_path / "scene"), **values))
    assert choose_place(EvaluateJob(output=str(tmp_path / "report"), **values)).resumed is False


def test_a_file_is_not_replaced_by_what_is_made_of_it(tmp_path: Path) -> None:
    layer = tmp_path / "parcels.gpkg"
    layer.write_text("parcels")
    job = ExportJob(layer=f"{layer}|layername=a", output=str(layer), overwrite=True)
    with pytest.raises(UserError, match="it is the job's input too"):
        choose_place(job)


def test_an_output_below_a_file_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    for job in (
        finetune(tmp_path / "a" / "model"),
        SeriesJob(images="i", output=str(tmp_path / "a" / "b" / "s.series.json")),
    ):
        with pytest.raises(UserError, match="a is a file, not a folder"):
            choose_place(job)


def test_a_layer_of_a_file_is_there_where_its_file_is(tmp_path: Path) -> None:
    (tmp_path / "v.gpkg").write_text("")
    job = ExportJob(layer="v.gpkg|layername=fields/2021", output="o.gpkg")
    job = with_absolute_paths(job, tmp_path)
    assert job.layer == f"{tmp_path / 'v.gpkg'}|layername=fields/2021"
    check_inputs(job)
    with pytest.raises(UserError, match="there is no such file or folder"):
        check_inputs(dataclasses.replace(job, layer=f"{tmp_path / 'w.gpkg'}|layername=a"))


def test_relative_paths_are_made_absolute_against_their_base(tmp_path: Path) -> None:
    job = with_absolute_paths(SeriesJob(images="a;../b", output="s.series.json"), tmp_path / "x")
    assert job.images == f"{tmp_path / 'x' / 'a'};{tmp_path / 'b'}"
    assert job.output == str(tmp_path / "x" / "s.series.json")


def test_a_folder_with_nothing_but_a_failed_jobs_record_counts_as_empty(tmp_path: Path) -> None:
    job = finetune(tmp_path / "model")
    record(job, "failed")
    (tmp_path / "model" / "half").unlink()
    place = choose_place(finetune(tmp_path / "model", seed=2))
    assert (place.swap, place.resumed) == (False, False)
