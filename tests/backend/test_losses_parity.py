"""The loss against the values of the authors' released code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from cscl.losses import ContextSelfContrastiveLoss, PairRules, cscl_loss, cscl_similarity

NAMES = ("w3_d1_s1", "w3_d2_s1", "w3_d2_s2", "w3_d4_s2", "w5_d1_s1", "w7_d1_s1")
PARAMETERS = ("embedding", "w_query", "w_key", "rel_h", "rel_w")


@pytest.fixture(params=NAMES)
def reference(request: pytest.FixtureRequest, shared_reference: Path) -> dict[str, np.ndarray]:
    with np.load(shared_reference / "cscl" / f"{request.param}.npz", allow_pickle=False) as data:
        return dict(data)


def tensors(reference: dict[str, np.ndarray], dtype: torch.dtype) -> dict[str, torch.Tensor]:
    return {
        name: torch.tensor(reference[name], dtype=dtype, requires_grad=True) for name in PARAMETERS
    }


def geometry(reference: dict[str, np.ndarray]) -> dict[str, int]:
    return {name: int(reference[name]) for name in ("window", "stride", "dilation")}


def loss_of(reference: dict[str, np.ndarray], values: dict[str, torch.Tensor]) -> torch.Tensor:
    return cscl_loss(
        labels=torch.tensor(reference["labels"]).long(),
        positive_weight=float(reference["pos_weight"]),
        **values,
        **geometry(reference),
    )


def test_every_file_is_compared(shared_reference: Path) -> None:
    assert {path.stem for path in (shared_reference / "cscl").glob("*.npz")} == set(NAMES)


def test_similarity_in_float64(reference: dict[str, np.ndarray]) -> None:
    similarity = cscl_similarity(**tensors(reference, torch.float64), **geometry(reference))
    assert similarity.shape == reference["similarity"].shape
    difference = similarity.detach().numpy() - reference["similarity"]
    assert np.abs(difference).max() <= 1e-9


def test_loss_and_gradients_in_float64(reference: dict[str, np.ndarray]) -> None:
    values = tensors(reference, torch.float64)
    loss = loss_of(reference, values)
    loss.backward()
    assert abs(loss.item() - float(reference["loss"])) <= 1e-9
    for name, value in values.items():
        expected = reference[f"d_{name}"]
        assert np.abs(expected).max() > 1e-6
        assert np.abs(value.grad.numpy() - expected).max() <= 1e-9, name


def test_float32_is_within_its_limits(reference: dict[str, np.ndarray]) -> None:
    values = tensors(reference, torch.float32)
    similarity = cscl_similarity(**values, **geometry(reference)).detach().double().numpy()
    assert np.abs(similarity - reference["similarity"]).max() <= 1e-6
    loss_of(reference, values).backward()
    for name, value in values.items():
        expected = reference[f"d_{name}"]
        difference = np.linalg.norm(value.grad.double().numpy() - expected)
        assert difference / np.linalg.norm(expected) <= 2e-6, name


def test_module_in_its_released_form(reference: dict[str, np.ndarray]) -> None:
    width, channels = reference["w_query"].shape
    module = ContextSelfContrastiveLoss(
        channels,
        projection=width,
        positive_weight=float(reference["pos_weight"]),
        form="linear",
        rules=PairRules.released(),
        **geometry(reference),
    ).double()
    with torch.no_grad():
        module.query.weight.copy_(torch.tensor(reference["w_query"])[:, :, None, None])
        module.key.weight.copy_(torch.tensor(reference["w_key"])[:, :, None, None])
        module.rel_h.copy_(torch.tensor(reference["rel_h"]))
        module.rel_w.copy_(torch.tensor(reference["rel_w"]))
    result = module(torch.tensor(reference["embedding"]), torch.tensor(reference["labels"]).long())
    assert abs(result.loss.item() - float(reference["loss"])) <= 1e-9
    assert int(result.count) == reference["similarity"].size
    result.loss.backward()
    gradient = module.key.weight.grad[:, :, 0, 0].numpy()
    assert np.abs(gradient - reference["d_w_key"]).max() <= 1e-9
