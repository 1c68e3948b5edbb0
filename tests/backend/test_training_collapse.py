"""The product's pretraining learns something: its embedding does not fall into one direction."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from cscl.context import JobContext
from cscl.contract.jobs import PretrainJob
from cscl.models.store import load_card
from cscl.training import presets, session
from cscl.training.pretrain import pretrain
from training_sample import make_dataset


def test_the_masked_default_does_not_collapse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On touching parcels, with the defaults but for a smaller network and 200 steps."""
    monkeypatch.setattr(session, "bf16_is_faster", lambda *_: False)
    data = make_dataset(tmp_path, size=96, crops=4, seed=3, difficulty="easy")
    quick = presets.PRESETS["quick"]
    stage = dataclasses.replace(quick.pretrain, steps=200, validations=2, whole_epochs=False)
    preset = dataclasses.replace(quick, width=0.125, side=16, pretrain=stage)
    output = tmp_path / "model"
    output.mkdir()
    ctx, threads = JobContext(), torch.get_num_threads()
    torch.set_num_threads(1)
    job = PretrainJob(dataset=str(data), output=str(output), device="cpu")
    pretrain(job, ctx, preset=preset)
    torch.set_num_threads(threads)
    record = load_card(output).training
    assert record["loss"] == job.loss != "released"
    assert record["validation"]["pair_auc"] > 0.8
    assert record["validation"]["effective_rank"] > 3
    assert not any("pair AUC" in note or "effective rank" in note for note in ctx.noted)
