"""Models as ONNX: the file's logits are the model's, for other lengths than it was made with."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from click.testing import CliRunner
from cscl.commands import _group
from cscl.contract import strict_json
from cscl.contract.classes import ClassTable
from cscl.contract.errors import UserError
from cscl.exporting import command
from cscl.exporting.command import export_model
from cscl.models.card import ModelCard
from cscl.models.context import Context
from cscl.models.inputs import normalise
from cscl.models.registry import ARCHITECTURES, build_network, pooling_stride
from cscl.models.store import load_model, save_model

BANDS = ("B02", "B03", "B04", "B08")
CONTEXT = Context(5, {1: 10.0, 4: 20.0})
# Making a graph takes twenty seconds: the others are tried by `make export-check`.
IN_CI = ("unet3df",)


def saved(folder: Path, name: str, stage: str = "finetuned") -> Path:
    """Write a small model with statistics as after some training."""
    torch.manual_seed(3)
    classes = ClassTable.from_values(["wheat", "maize"], "test", 2021)
    card = ModelCard(
        BANDS, "L2A", ("10-01", "09-30"), 2021, (0.1, 0.2, 0.2, 0.3), (0.1, 0.1, 0.1, 0.2),
        classes, "class", architecture=name, width=0.125, stage=stage,
        temperatures={"1": 1.5, "4": 0.8}, context=CONTEXT,
    )  # fmt: skip
    network = build_network(name, bands=4, classes=3, width=0.125, context=CONTEXT)
    for norm in network.modules():
        if hasattr(norm, "running_var"):
            norm.running_var.uniform_(0.5, 2.0)
            norm.running_mean.normal_(0.0, 0.3)
    save_model(folder, network, card)
    return folder


def chosen(name: str) -> bool:
    return name in IN_CI or bool(os.environ.get("CSCL_ALL_NETWORKS"))


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_logits_of_every_length_are_the_models(tmp_path: Path, name: str) -> None:
    if not chosen(name):
        pytest.skip("slow; make export-check runs it")
    model, output = saved(tmp_path / "model", name), tmp_path / "model.onnx"
    said = export_model(model, output)
    assert "outputs logits_1x, logits_4x" in said
    loaded = load_model(model)
    session = onnxruntime.InferenceSession(output, providers=["CPUExecutionProvider"])
    properties = session.get_modelmeta().custom_metadata_map
    assert ModelCard.from_json(strict_json.parse(properties["cscl:card"], "card")) == loaded.card
    assert properties["codes"] == "1,2,254"
    random = np.random.Generator(np.random.PCG64(5))
    stride = pooling_stride(name)
    for batch, dates, rows, columns in ((3, 5, 4, 6), (1, 14, 7, 4)):
        height, width = rows * stride, columns * stride
        images = random.uniform(0, 0.5, (batch, dates, 4, height, width)).astype(np.float32)
        valid = random.random((batch, dates, height, width)) > 0.4
        valid[:, -1] = False  # a date that fills the batch
        valid[0, :, :3, :5] = False  # pixels without any observation
        days = np.sort(random.uniform(0, 360, (batch, dates)).astype(np.float32))
        found = session.run(None, {"images": images, "days": days, "valid": valid})
        inputs = normalise(*map(torch.from_numpy, (images, valid, days)), loaded.card)
        with torch.no_grad():
            wanted = loaded.network.forward_all(*inputs)
        for scale, logits in zip((1, 4), found, strict=True):
            assert logits.shape == (batch, 3, height * scale, width * scale)
            assert np.abs(wanted[scale].numpy() - logits).max() <= 1e-4
            assert logits.std() > 1e-3


def test_what_cannot_be_exported_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = saved(tmp_path / "model", "unet3df", stage="pretrained")
    with pytest.raises(UserError) as caught:
        export_model(model, tmp_path / "model.onnx")
    assert caught.value.code == "model_not_finetuned"
    (tmp_path / "taken.onnx").write_bytes(b"")
    with pytest.raises(UserError, match="it exists"):
        export_model(model, tmp_path / "taken.onnx")
    monkeypatch.setattr(command, "NEEDED", ("onnx", "no_such_package"))
    result = CliRunner().invoke(
        _group(None),
        ["export-model", str(model), "--output", str(tmp_path / "model.onnx")],
        standalone_mode=False,
    )
    assert result.return_value == 2
    assert result.stderr == (
        "Error: format onnx: the engine's environment lacks no_such_package. "
        "Install them there: pip install no_such_package.\n"
    )
    assert not (tmp_path / "model.onnx").exists()
