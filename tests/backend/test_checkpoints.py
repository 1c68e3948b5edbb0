"""Checkpoints: whole or not there, of the right job, without pickle."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from cscl.context import JobContext
from cscl.contract import strict_json
from cscl.contract.errors import UserError
from cscl.training.checkpoints import Checkpoint, CheckpointFolder
from cscl.training.optimizer import optimizer_tensors, restore_optimizer

IDENTITY = {"seed": 1, "dataset": "abc"}


def _checkpoint(step: int) -> Checkpoint:
    tensors = {"module|weight": torch.full((2, 3), float(step)), "count": torch.tensor(step)}
    return Checkpoint(step, tensors, {"position": step, "big": 2**127 + step})


def _folder(tmp_path: Path, identity: dict[str, object] = IDENTITY) -> CheckpointFolder:
    return CheckpointFolder(tmp_path / "checkpoints", identity)


def test_returns_what_was_saved(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    folder.save(_checkpoint(7))
    found = folder.load_newest(JobContext())
    assert found is not None
    assert found.step == 7
    assert found.state == {"position": 7, "big": 2**127 + 7}
    assert torch.equal(found.tensors["module|weight"], torch.full((2, 3), 7.0))
    assert found.tensors["count"].dtype == torch.int64
    assert int(found.tensors["count"]) == 7


def test_nothing_saved_is_no_checkpoint(tmp_path: Path) -> None:
    assert _folder(tmp_path).load_newest(JobContext()) is None


def test_keeps_the_newest_two(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    for step in (1, 2, 10, 9):
        folder.save(_checkpoint(step))
    names = sorted(path.name for path in folder.folder.iterdir())
    assert names == [
        "step_000000009.json",
        "step_000000009.safetensors",
        "step_000000010.json",
        "step_000000010.safetensors",
    ]
    found = folder.load_newest(JobContext())
    assert found is not None
    assert found.step == 10


@pytest.mark.parametrize("cut", [0, 5, -2])
@pytest.mark.parametrize("ending", ["json", "safetensors"])
def test_f63_damaged_newest_falls_back_with_a_note(tmp_path: Path, cut: int, ending: str) -> None:
    folder, ctx = _folder(tmp_path), JobContext()
    folder.save(_checkpoint(1))
    folder.save(_checkpoint(2))
    damaged = folder.folder / f"step_000000002.{ending}"
    damaged.write_bytes(damaged.read_bytes()[:cut])
    found = folder.load_newest(ctx)
    assert found is not None
    assert found.step == 1
    assert ctx.noted == ("The checkpoint of step 2 is damaged and was passed over.",)


def test_f63_all_damaged_is_refused(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    for step in (1, 2):
        folder.save(_checkpoint(step))
        weights = folder.folder / f"step_{step:09d}.safetensors"
        flipped = bytearray(weights.read_bytes())
        flipped[-1] ^= 1
        weights.write_bytes(bytes(flipped))
    with pytest.raises(UserError) as caught:
        folder.load_newest(JobContext())
    assert caught.value.code == "damaged_checkpoints"
    assert str(folder.folder) in str(caught.value)


def test_f64_another_job_is_refused_with_the_differences(tmp_path: Path) -> None:
    _folder(tmp_path).save(_checkpoint(3))
    other = _folder(tmp_path, {"seed": 2, "dataset": "abc"})
    with pytest.raises(UserError) as caught:
        other.load_newest(JobContext())
    assert caught.value.code == "other_checkpoint"
    assert "seed was 1 and is now 2" in str(caught.value)
    assert "dataset" not in caught.value.findings[0].found


def test_f57_weights_without_their_json_are_no_checkpoint(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    folder.save(_checkpoint(1))
    folder.save(_checkpoint(2))
    (folder.folder / "step_000000002.json").unlink()
    found = folder.load_newest(JobContext())
    assert found is not None
    assert found.step == 1


def test_state_must_be_finite(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    with pytest.raises(ValueError, match="JSON"):
        folder.save(Checkpoint(1, {}, {"loss": float("nan")}))
    assert folder.load_newest(JobContext()) is None


def test_clear_leaves_nothing(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    folder.save(_checkpoint(1))
    folder.clear()
    assert not folder.folder.exists()


def test_json_is_strict_and_names_the_weights(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    folder.save(_checkpoint(4))
    document = strict_json.read(folder.folder / "step_000000004.json")
    assert set(document) == {"schema", "step", "identity", "sha256", "state"}
    assert document["identity"] == IDENTITY


def _trained(steps: int) -> tuple[torch.nn.Linear, torch.optim.AdamW]:
    torch.manual_seed(0)
    layer = torch.nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(layer.parameters(), 0.1)
    for step in range(steps):
        _one_step(layer, optimizer, step)
    return layer, optimizer


def _one_step(layer: torch.nn.Linear, optimizer: torch.optim.AdamW, step: int) -> None:
    optimizer.zero_grad()
    layer(torch.arange(3.0) + step).square().sum().backward()
    optimizer.step()


def test_restored_optimizer_goes_on_bit_for_bit() -> None:
    straight, _ = _trained(4)
    layer, optimizer = _trained(2)
    kept = optimizer_tensors(optimizer, dict(layer.named_parameters()))
    assert set(kept) == {
        f"{name}|{key}" for name in ("weight", "bias") for key in ("step", "exp_avg", "exp_avg_sq")
    }
    kept = {name: value.clone() for name, value in kept.items()}
    fresh = torch.optim.AdamW(layer.parameters(), 0.1)
    restore_optimizer(fresh, dict(layer.named_parameters()), kept)
    for step in (2, 3):
        _one_step(layer, fresh, step)
    assert torch.equal(layer.weight, straight.weight)
    assert torch.equal(layer.bias, straight.bias)
