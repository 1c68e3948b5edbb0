"""Files that pretend to be models, and models that were damaged."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pickle
import resource
import struct
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
import torch
from cscl.contract.classes import ClassTable
from cscl.contract.errors import UserError
from cscl.contract.jobs import EvaluateJob
from cscl.contract.version import VERSION
from cscl.dataset.reader import Dataset, Statistics
from cscl.evaluation.job import check_match
from cscl.models.card import ModelCard
from cscl.models.registry import build_network
from cscl.models.store import load_model, save_model
from cscl.series.mask import CloudMask
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
        card["properties"]["cscl:card"]["sha256"] = hashlib.sha256(data).hexdigest()
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


REFUSAL_SECONDS = 0.05
ROOM = 64 << 20  # bytes of address space beyond what is in use


@contextlib.contextmanager
def little_memory() -> Iterator[None]:
    """Let a large allocation fail."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + ROOM, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def test_little_memory_is_little() -> None:
    with little_memory(), pytest.raises(MemoryError):
        bytearray(2 * ROOM)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("hashed", [False, True])
def test_f50_damage_is_told_at_once_and_takes_no_memory(
    folder: Path, damage: str, hashed: bool
) -> None:
    data = (folder / "model.safetensors").read_bytes()
    replace_weights(folder, DAMAGES[damage](data), hashed=hashed)
    seconds = []
    for _ in range(5):
        started = time.process_time()  # of this process: the machine may be busy
        with little_memory():
            refused(folder)
        seconds.append(time.process_time() - started)
    assert min(seconds) <= REFUSAL_SECONDS


def test_f50_a_tebibyte_of_weights_is_refused_by_its_size(folder: Path) -> None:
    os.truncate(folder / "model.safetensors", 1 << 40)
    with little_memory():
        error = refused(folder)
    assert error.code == "weights_size"
    assert f"it holds {1 << 40} bytes" in str(error)


@pytest.mark.parametrize(
    "options", [{"window": 1_000_000_001}, {"window": -3}, {"projection": [1]}, {"surprise": 1}]
)
def test_f50_loss_options_beyond_reason_are_refused(
    folder: Path, options: dict[str, object]
) -> None:
    path = folder / "model.json"
    card = json.loads(path.read_text())
    card["properties"]["cscl:card"]["losses"] = {"1": options}
    path.write_text(json.dumps(card))
    with little_memory():
        error = refused(folder)
    assert error.code in ("invalid_card", "weights_size")


@pytest.mark.parametrize("damage", DAMAGES)
def test_f50_damaged_safetensors_are_refused(folder: Path, damage: str) -> None:
    data = (folder / "model.safetensors").read_bytes()
    replace_weights(folder, DAMAGES[damage](data), hashed=False)
    assert refused(folder).code in ("weights_size", "weights_changed")
    replace_weights(folder, DAMAGES[damage](data))
    error = refused(folder)
    assert error.code in ("weights_size", "weights_damaged")
    assert error.findings[0].subject == str(folder / "model.safetensors")


def test_f51_one_flipped_bit_is_refused(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    header_end = 8 + struct.unpack("<Q", data[:8])[0]
    random = np.random.default_rng(51)
    positions = [0, 7, 8, header_end - 1, header_end, len(data) - 1]
    positions += random.integers(0, header_end, 6).tolist()
    positions += random.integers(header_end, len(data), 12).tolist()
    for position, bit in zip(positions, random.integers(0, 8, len(positions)), strict=True):
        changed = bytearray(data)
        changed[position] ^= 1 << int(bit)
        replace_weights(folder, bytes(changed), hashed=False)
        error = refused(folder)
        assert error.code == "weights_changed", position
        assert error.findings[0].found == "its SHA-256 is not the one in model.json"
    replace_weights(folder, data, hashed=False)
    load_model(folder)


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


def edited(folder: Path, **changes: object) -> None:
    """Change fields of the card, and nothing else."""
    path = folder / "model.json"
    item = json.loads(path.read_text())
    item["properties"]["cscl:card"] |= changes
    path.write_text(json.dumps(item))


@pytest.mark.parametrize(
    ("changes", "here", "there"),
    [
        ({"bands": ["B04"], "mean": [0.1], "std": [0.1]}, "(4, 15, 3, 3, 3)", "(4, 14, 3, 3, 3)"),
        ({"classes": ClassTable.from_values(["a", "b", "c"]).to_json()}, "(2,)", "(3,)"),
        ({"outside": "class"}, "(2,)", "(3,)"),
    ],
)
def test_f52_weights_of_another_shape_than_the_card_says(
    folder: Path, changes: dict[str, object], here: str, there: str
) -> None:
    edited(folder, **changes)
    error = refused(folder)
    assert {item.code for item in error.findings} == {"weights_shape"}
    found = [item.found for item in error.findings]
    assert f"it is float32 {here}, the card makes it float32 {there}" in found


def test_f52_weights_of_another_width_than_the_card_says(folder: Path) -> None:
    size = (folder / "model.safetensors").stat().st_size
    edited(folder, width=1.0)
    error = refused(folder)
    assert error.code == "weights_size"
    assert f"it holds {size} bytes; weights for this card take about " in str(error)


@pytest.mark.parametrize("field", ["mean", "std"])
def test_f52_normalisation_of_another_number_of_bands(folder: Path, field: str) -> None:
    edited(folder, **{field: [0.1, 0.2, 0.3]})
    finding = refused(folder).findings[0]
    assert finding.subject.endswith(f"model.json, {field}")
    assert "[0.1, 0.2, 0.3]" in finding.found and "2 " in finding.found


def dataset_like(card: ModelCard, **changes: object) -> Dataset:
    """Return the description of a dataset that the card's model fits, but for `changes`."""
    mean, std = (np.array(values) for values in (card.mean, card.std))
    series = SimpleNamespace(mask=CloudMask(), composite="none", gaps="keep")
    values: dict[str, object] = {
        "bands": card.bands, "classes": card.classes, "level": card.level,
        "outside": card.outside, "statistics": Statistics(mean, std),
        "grids": (SimpleNamespace(series=lambda: series),),
    }  # fmt: skip
    return cast(Dataset, SimpleNamespace(**values | changes))


def mismatch(folder: Path, **changes: object) -> UserError:
    model = load_model(folder)
    job = EvaluateJob(dataset="data", model=str(folder), output="out")
    with pytest.raises(UserError) as error:
        check_match(job, dataset_like(model.card, **changes), model)
    return error.value


def test_f52_a_dataset_that_fits_is_taken(folder: Path) -> None:
    model = load_model(folder)
    job = EvaluateJob(dataset="data", model=str(folder), output="out")
    check_match(job, dataset_like(model.card), model)
    other = Statistics(np.array([0.05, 0.45]), np.array([0.03, 0.2]))  # another region
    check_match(job, dataset_like(model.card, statistics=other), model)


def test_f52_other_bands_classes_and_levels_are_told_with_both_sides(folder: Path) -> None:
    error = mismatch(
        folder, bands=("B02", "B04"), classes=ClassTable.from_values(["oats", "wheat"]), level="L1C"
    )
    assert [item.code for item in error.findings] == ["model_bands", "model_classes", "model_level"]
    bands, classes, level = (item.found for item in error.findings)
    assert bands == "it takes the bands B04, B08, the dataset has B02, B04"
    assert classes == "its classes are 1 maize, 2 wheat, those of the dataset 1 oats, 2 wheat"
    assert level == "it was trained on level L2A, the dataset is L1C"


@pytest.mark.parametrize(
    ("mean", "std"),
    [
        ((1000.0, 3000.0), (1000.0, 1000.0)),  # digital numbers for reflectance
        ((0.1, 0.3), (0.1, 1e-5)),
        ((0.1, 0.9), (0.1, 0.1)),
    ],
)
def test_f52_other_units_are_told_with_both_sides(
    folder: Path, mean: tuple[float, float], std: tuple[float, float]
) -> None:
    error = mismatch(folder, statistics=Statistics(np.array(mean), np.array(std)))
    assert [item.code for item in error.findings] == ["model_normalisation"]
    assert f"B08 0.3 +- 0.1 in the model, {mean[1]:.4g} +- {std[1]:.2g} there" in str(error)


@pytest.mark.parametrize("version", [3, 99])
def test_f56_a_newer_model_names_the_version_it_needs(folder: Path, version: int) -> None:
    # A newer card may have other fields: its version is told, not them.
    edited(folder, schema_version=version, package="7.3.0", surprise=1, width="wide")
    error = refused(folder)
    assert [item.code for item in error.findings] == ["card_version"]
    finding = error.findings[0]
    assert finding.subject == f"{folder / 'model.json'}, schema_version"
    assert finding.found == (
        f"it is {version}, this version reads 2; version 7.3.0 of this product wrote the model, "
        f"this is version {VERSION}"
    )
    assert finding.remedy == "Install version 7.3.0 or a later one, or train the model anew."


def test_f56_an_older_model_names_the_version_that_reads_it(folder: Path) -> None:
    edited(folder, schema_version=0, package="0.0.9")
    assert "Use version 0.0.9 of this product" in str(refused(folder))


@pytest.mark.parametrize("version", [True, "2", None, 1.5])
def test_f56_a_version_that_is_no_number_is_a_damaged_card(folder: Path, version: object) -> None:
    edited(folder, schema_version=version)
    error = refused(folder)
    assert error.code == "invalid_card"
    assert "schema_version" in error.findings[0].subject


def test_f56_a_model_says_which_version_wrote_it(folder: Path) -> None:
    item = json.loads((folder / "model.json").read_text())
    assert item["properties"]["cscl:card"]["package"] == VERSION
