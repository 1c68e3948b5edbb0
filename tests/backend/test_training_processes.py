"""Two processes that train together equal one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from cscl import processes
from cscl.commands import application
from cscl.context import JobContext
from cscl.contract import strict_json
from cscl.contract.jobs import job_document
from cscl.contract.manifest import read_manifest
from cscl.models.store import load_card
from cscl.training import session
from cscl.training.pretrain import pretrain
from distributed_child import UNEVEN, first_steps
from safetensors.torch import load_file
from training_sample import make_dataset, pretrain_job, rows

CHILD = Path(__file__).with_name("distributed_child.py")
BACKEND = Path(processes.__file__).parents[1]
TOLERANCE = 1e-6


def torchrun(folder: Path, *arguments: Path) -> subprocess.CompletedProcess[str]:
    """Run the child in two processes of this machine."""
    places = os.pathsep.join(map(str, (BACKEND, CHILD.parent, CHILD.parents[1])))
    environment = {**os.environ, "PYTHONPATH": places, "OMP_NUM_THREADS": "1"}
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    command = [*launch, str(CHILD), *map(str, arguments)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True
    ) as launched:
        try:
            output, errors = launched.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            # Asked, not killed: then it ends its processes too.
            launched.terminate()
            raise
    return subprocess.CompletedProcess(command, launched.returncode, output, errors)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The same first steps in one process and in two, and a whole run of each."""
    base = tmp_path_factory.mktemp("processes")
    data = make_dataset(base)
    model, alone, together = base / "pretrained", base / "alone", base / "together"
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "bf16_is_faster", lambda *_: False)
        pretrain(pretrain_job(data, model), JobContext(), preset=UNEVEN)
        alone.mkdir()
        together.mkdir()
        steps = first_steps(data, alone, model)
        one = pretrain_job(data, base / "one", label_share=0.5)
        two = pretrain_job(data, base / "two", label_share=0.5)
        for job in (one, two):
            Path(job.output).rmdir()
            (base / f"{Path(job.output).name}.json").write_text(strict_json.dump(job_document(job)))
        patch.setattr(sys, "argv", ["cscl", "run", str(base / "one.json")])
        assert application(None) == 0
    torch.set_num_threads(threads)
    ended = torchrun(base, data, together, model, base / "two.json")
    assert ended.returncode == 0, ended.stderr
    return {"base": base, "steps": steps, "together": together, "ended": ended}


@pytest.mark.parametrize(
    "name", ["statistics of the batch", "frozen statistics", "contrast", "one chip"]
)
def test_gradients_of_two_processes_are_those_of_one(both: dict[str, Any], name: str) -> None:
    alone, folder = both["steps"][name], both["together"]
    told = [json.loads((folder / f"{name}-{number}.json").read_text()) for number in (0, 1)]
    assert told[0]["known"] != told[1]["known"]
    assert told[0]["known"] + told[1]["known"] == alone["known"] > 0
    assert told[0]["loss"] == told[1]["loss"] == pytest.approx(alone["loss"], abs=TOLERANCE)
    for number in (0, 1):
        slopes = load_file(folder / f"{name}-{number}.safetensors")
        assert slopes.keys() == alone["slopes"].keys()
        for key, value in slopes.items():
            assert float((value - alone["slopes"][key]).abs().max()) <= TOLERANCE, key
    assert max(float(item.abs().max()) for item in alone["slopes"].values()) > 1e-3


def test_a_job_under_torchrun_writes_one_model(both: dict[str, Any]) -> None:
    one, two = both["base"] / "one", both["base"] / "two"
    manifest = read_manifest(two)
    assert manifest is not None
    assert manifest.state == "complete"
    assert load_card(one).training["processes"] == 1
    assert load_card(two).training["processes"] == 2
    ours, theirs = rows(one), rows(two)
    assert [row["step"] for row in ours] == [row["step"] for row in theirs]
    first = [row for row in ours if row["name"] == "loss" and row["split"] == "training"]
    second = [row for row in theirs if row["name"] == "loss" and row["split"] == "training"]
    for mine, other in zip(first, second, strict=True):
        assert float(mine["value"]) == pytest.approx(float(other["value"]), abs=1e-4)
    # Only the first process speaks.
    assert (both["ended"].stdout + both["ended"].stderr).count("Pretraining: ") == 1


def test_only_training_can_be_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job = {"schema": 1, "job": "simulate", "parameters": {"output": str(tmp_path / "scene")}}
    (tmp_path / "job.json").write_text(json.dumps(job))
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr(sys, "argv", ["cscl", "run", str(tmp_path / "job.json")])
    assert application(None) == 2
    assert "Use torchrun for pretrain and finetune" in capsys.readouterr().err
    assert not (tmp_path / "scene").exists()
