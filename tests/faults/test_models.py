"""Files that pretend to be models, and models that were damaged."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from cscl.contract.classes import ClassTable
from cscl.contract.errors import UserError
from cscl.models.card import ModelCard
from cscl.models.registry import build_network
from cscl.models.store import load_model, save_model
from safetensors.torch import load, save

torch.set_num_threads(1)


class Payload:
    """Unpickling it writes the canary."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f'echo run > "{self.canary}"',)


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "canary"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    network = build_network("unet3df", bands=2, classes=2, width=1 / 16, heads=(1,))
    card = ModelCard(
        bands=("B04", "B08"),
        level="L2A",
        season=("01-01", "12-31"),
        year=2020,
        mean=(0.1, 0.3),
        std=(0.1, 0.1),
        classes=ClassTable.from_values(["maize", "wheat"]),
        outside="ignore",
        width=1 / 16,
        heads=(1,),
    )
    save_model(tmp_path / "model", network, card)
    return tmp_path / "model"


def malicious(path: Path, canary: Path) -> None:
    """Write a file of the suffix's kind that runs the payload when it is unpickled."""
    if path.suffix in (".pt", ".pth", ".ckpt", ".bin"):
        torch.save({"weight": Payload(canary)}, path)
    elif path.suffix == ".npy":
        np.save(path, np.array([Payload(canary)], dtype=object), allow_pickle=True)
    elif path.suffix == ".npz":
        np.savez(path, weight=np.array([Payload(canary)], dtype=object))
    else:
        path.write_bytes(pickle.dumps(Payload(canary)))


def replace_weights(folder: Path, data: bytes, *, hashed: bool = True) -> None:
    """Put other weights in the folder, with a card that vouches for them."""
    (folder / "model.safetensors").write_bytes(data)
    if hashed:
        path = folder / "model.json"
        card = json.loads(path.read_text())
        card["sha256"] = hashlib.sha256(data).hexdigest()
        path.write_text(json.dumps(card))


def refused(folder: Path) -> UserError:
    with pytest.raises(UserError) as error:
        load_model(folder)
    return error.value


SUFFIXES = [".pt", ".pth", ".ckpt", ".bin", ".pkl", ".pickle", ".npy", ".npz", ".joblib"]


def test_f49_the_payload_works_where_it_is_unpickled(tmp_path: Path, canary: Path) -> None:
    malicious(tmp_path / "model.pkl", canary)
    pickle.loads((tmp_path / "model.pkl").read_bytes())
    assert canary.exists()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("in_folder", [False, True])
def test_f49_pickles_are_refused_by_format(
    tmp_path: Path, canary: Path, suffix: str, in_folder: bool
) -> None:
    target = tmp_path / "given"
    target.mkdir()
    malicious(target / f"model{suffix}", canary)
    error = refused(target if in_folder else target / f"model{suffix}")
    assert error.code == "refused_format"
    assert str(error) == (
        f"{target / f'model{suffix}'}: files of the kind {suffix} can run code when read and are "
        "never opened. Give a model folder with model.safetensors and model.json."
    )
    assert not canary.exists()


@pytest.mark.parametrize("suffix", [".pt", ".pkl", ".npy", ".npz"])
@pytest.mark.parametrize("hashed", [False, True])
def test_f49_a_pickle_named_safetensors_is_refused(
    folder: Path, canary: Path, tmp_path: Path, suffix: str, hashed: bool
) -> None:
    malicious(tmp_path / f"payload{suffix}", canary)
    payload = (tmp_path / f"payload{suffix}").read_bytes()
    size = (folder / "model.safetensors").stat().st_size
    # Short, and padded to the size of real weights.
    for data in (payload, payload.ljust(size, b"\0")):
        replace_weights(folder, data, hashed=hashed)
        error = refused(folder)
        assert error.code in ("weights_size", "weights_changed", "weights_damaged")
        assert str(folder / "model.safetensors") in str(error)
    assert error.code == ("weights_damaged" if hashed else "weights_changed")
    assert not canary.exists()


def test_f49_a_pickle_or_archive_as_card_is_refused(folder: Path, canary: Path) -> None:
    path = folder / "model.json"
    malicious(path, canary)
    assert refused(folder).code == "invalid_json"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.pkl", pickle.dumps(Payload(canary)))
    assert refused(folder).code == "invalid_json"
    assert not canary.exists()


def header(entries: dict[str, object]) -> bytes:
    text = json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text


DAMAGES = {
    "empty": lambda data: b"",
    "cut": lambda data: data[: len(data) // 2],
    "one byte short": lambda data: data[:-1],
    "one byte more": lambda data: data + b"\0",
    "header of 2^63 bytes": lambda data: struct.pack("<Q", 2**63) + data[8:],
    "header beyond the end": lambda data: struct.pack("<Q", len(data)) + data[8:],
    "header that is no JSON": lambda data: data[:8] + b"\xff" * 40 + data[48:],
    "overlapping tensors": lambda data: header(
        {
            "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
            "b": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]},
        }
    ).ljust(len(data), b"\0"),
    "overflowing shape": lambda data: header(
        {"a": {"dtype": "F32", "shape": [2**62, 2**62], "data_offsets": [0, 8]}}
    ).ljust(len(data), b"\0"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_f50_damaged_safetensors_are_refused(folder: Path, damage: str) -> None:
    data = (folder / "model.safetensors").read_bytes()
    replace_weights(folder, DAMAGES[damage](data), hashed=False)
    assert refused(folder).code in ("weights_size", "weights_changed")
    replace_weights(folder, DAMAGES[damage](data))
    error = refused(folder)
    assert error.code in ("weights_size", "weights_damaged")
    assert error.findings[0].subject == str(folder / "model.safetensors")


@pytest.mark.parametrize("position", [0, 9, 0.3, 0.7, -1])
def test_f51_one_flipped_bit_is_refused(folder: Path, position: float) -> None:
    data = bytearray((folder / "model.safetensors").read_bytes())
    index = int(position * len(data)) if 0 < position < 1 else int(position)
    data[index] ^= 0x10
    replace_weights(folder, bytes(data), hashed=False)
    error = refused(folder)
    assert error.code == "weights_changed"
    assert "SHA-256" in str(error)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_f53_nan_weights(folder: Path, value: float) -> None:
    tensors = load((folder / "model.safetensors").read_bytes())
    name = "network.backbone.encoder_1.0.convolution.weight"
    tensors[name].view(-1)[7] = value
    replace_weights(folder, save(tensors))
    error = refused(folder)
    assert error.code == "weights_not_finite"
    assert error.findings[0].subject == f"{folder / 'model.safetensors'}, {name}"


def test_f53_nan_in_running_statistics(folder: Path) -> None:
    tensors = load((folder / "model.safetensors").read_bytes())
    tensors["network.backbone.centre.0.norm.running_var"][0] = float("nan")
    replace_weights(folder, save(tensors))
    assert refused(folder).code == "weights_not_finite"


def test_f53_missing_and_unknown_tensors(folder: Path) -> None:
    tensors = load((folder / "model.safetensors").read_bytes())
    tensors["network.extra"] = tensors.pop("network.backbone.up_2.convolution.bias")
    replace_weights(folder, save(tensors))
    findings = refused(folder).findings
    assert [item.code for item in findings] == ["weights_missing", "weights_unknown"]
    assert "up_2.convolution.bias" in findings[0].subject
    assert "network.extra" in findings[1].subject
