"""The command `cscl export-model`."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from cscl.contract import atomic, strict_json
from cscl.contract.errors import UserError
from cscl.exporting.graphs import INPUTS, network_graph, output_names
from cscl.models.card import ModelCard
from cscl.models.inputs import normalise
from cscl.models.network import CropNetwork
from cscl.models.registry import pooling_stride
from cscl.models.store import load_model

NEEDED = ("onnx", "onnxscript", "onnxruntime")
CARD_KEY = "cscl:card"
TOLERANCE = 1e-4
# What is tried before a file is written: batch, dates, and sides in windows of the pooling.
TRIALS = ((1, 4, 6, 7), (2, 9, 8, 6))


def export_model(model: Path, output: Path) -> str:
    """Write a fine-tuned model as ONNX, compared with the model itself; return what was found.

    Raises `UserError` where a package is missing, the model is pretrained only, the output exists,
    or the logits of the file differ by more than 1e-4.
    """
    _require_packages()
    if output.exists():
        raise UserError(
            "output_exists", output, "it exists", "Choose another name, or remove the file."
        )
    loaded = load_model(model)
    loaded.card.require_finetuned(model)
    network = loaded.network.eval()
    graph = network_graph(network, loaded.card.architecture, loaded.card)
    _describe(graph, loaded.card, network)
    data: bytes = graph.SerializeToString()
    differences = [
        _difference(data, network, loaded.card, batch, dates, (rows, columns))
        for batch, dates, rows, columns in TRIALS
    ]
    if not max(differences) <= TOLERANCE:
        raise UserError(
            "export_differs",
            model,
            f"the logits of its ONNX graph differ by {max(differences):.2g}",
            "Report this, with the versions that cscl doctor prints.",
        )
    with atomic.replacing(output) as part:
        part.write_bytes(data)
    return (
        f"{output}: {len(data) / 2**20:.1f} MiB; inputs {', '.join(INPUTS)}; outputs "
        f"{', '.join(output_names(network))}; logits within {max(differences):.1g} of the model's."
    )


def _require_packages() -> None:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(
            "package_missing",
            "format onnx",
            f"the engine's environment lacks {', '.join(missing)}",
            f"Install them there: pip install {' '.join(missing)}.",
        )


def _describe(graph: Any, card: ModelCard, network: CropNetwork) -> None:
    """Put into the file what one must know to use it."""
    values = {
        CARD_KEY: strict_json.line(card.to_json()).decode().strip(),
        "images": f"reflectance (B, T, C, H, W), bands {', '.join(card.bands)}; each pixel's gaps "
        "filled linearly over its valid dates",
        "days": "days since the season's start (B, T)",
        "valid": "bool (B, T, H, W): false for dates that only fill a batch, and for pixels that "
        "are valid on no date",
        "sides": f"height and width are multiples of {pooling_stride(card.architecture)}",
        "codes": ",".join(map(str, card.codes)),
        "temperatures": ",".join(f"{scale}:{card.temperature(scale):g}" for scale in network.heads),
    }
    graph.producer_name = "cscl"
    for key, value in values.items():
        entry = graph.metadata_props.add()
        entry.key, entry.value = key, value


def _difference(
    data: bytes,
    network: CropNetwork,
    card: ModelCard,
    batch: int,
    dates: int,
    windows: Sequence[int],
) -> float:
    """Return by how much the logits of the file and of the network differ at most."""
    import onnxruntime

    height, width = (count * pooling_stride(card.architecture) for count in windows)
    rng = np.random.Generator(np.random.PCG64(dates))
    images = rng.uniform(0, 0.6, (batch, dates, len(card.bands), height, width))
    given: dict[str, NDArray[Any]] = {
        "images": images.astype(np.float32),
        "days": np.tile(np.arange(dates, dtype=np.float32) * 11, (batch, 1)),
        "valid": rng.random((batch, dates, height, width)) > 0.3,
    }
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    found = session.run(list(output_names(network)), given)
    values, days, valid = (torch.from_numpy(given[name]) for name in INPUTS)
    with torch.no_grad():
        wanted = network.forward_all(*normalise(values, valid, days, card))
    pairs = zip(network.heads, found, strict=True)
    return max(float(np.abs(wanted[scale].numpy() - logits).max()) for scale, logits in pairs)
