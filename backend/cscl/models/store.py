"""Model folders: weights as safetensors, and the card with their SHA-256 beside them.

Nothing is ever unpickled. The weights file is read once; its hash, header and tensors come from
the same bytes, and its size is checked before it is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as parse_tensors
from safetensors.torch import save as pack_tensors
from torch import Tensor, nn

from cscl.contract import strict_json
from cscl.contract.atomic import replacing, write_text
from cscl.contract.errors import Findings, UserError
from cscl.losses import WindowLoss, restore_loss
from cscl.models.boundary import PROBABILITIES, BoundaryStrength
from cscl.models.card import ModelCard
from cscl.models.card_checks import UNCHANGED
from cscl.models.card_file import CARD_NAME, WEIGHTS_NAME, load_card, model_folder
from cscl.models.card_stac import stac_item
from cscl.models.network import CropNetwork
from cscl.models.registry import build_network

HEADER_ALLOWANCE = 1 << 20


@dataclass(frozen=True)
class LoadedModel:
    """A network in evaluation mode, its card and, where it keeps any, its losses by scale."""

    network: CropNetwork
    card: ModelCard
    losses: dict[int, WindowLoss] = field(default_factory=dict)


def save_model(
    folder: str | Path,
    network: CropNetwork,
    card: ModelCard,
    losses: Mapping[int, WindowLoss] | None = None,
) -> ModelCard:
    """Write weights and card to `folder`; return the card as written, with the weights' hash.

    With `losses` their projections are kept too, and their options in the card. Weights that are
    not finite are refused (`UserError`), and then nothing is written.
    """
    target = Path(folder)
    modules = _modules(network, losses or {})
    tensors = {
        name: tensor.detach().cpu().contiguous() for name, tensor in _named_tensors(modules).items()
    }
    _refuse_not_finite(
        tensors, target, "Training has diverged: lower the learning rate and train again."
    )
    data = pack_tensors(tensors)
    options = {str(scale): loss.options() for scale, loss in (losses or {}).items()}
    written = ModelCard(**{**vars(card), "losses": options, "sha256": _sha256(data)})
    # Read back what is about to be written, so that no card is written that cannot be read.
    ModelCard.from_json(written.to_json(), target / CARD_NAME)
    with replacing(target / WEIGHTS_NAME) as part:
        part.write_bytes(data)
    # The card comes last: weights without their own card are refused, never mistaken.
    parameters = sum(item.numel() for item in network.parameters())
    item = stac_item(written, WEIGHTS_NAME, len(data), parameters)
    write_text(target / CARD_NAME, strict_json.dump(item))
    return written


def load_model(folder: str | Path, device: str | torch.device = "cpu") -> LoadedModel:
    """Read a model folder, checked against its card, in evaluation mode.

    `folder` may also be the path of the weights or the card in it. Raises `UserError` for other
    formats, a hash that does not match, damaged files, tensors that are missing, unknown, of
    another shape or not finite.
    """
    target = model_folder(folder)
    card = load_card(target)
    path = target / WEIGHTS_NAME
    with torch.device("meta"):
        network, losses = _build(card, target / CARD_NAME)
    modules = _modules(network, losses)
    expected = _named_tensors(modules)
    data = _read_weights(path, sum(tensor.nbytes for tensor in expected.values()))
    if _sha256(data) != card.sha256:
        raise UserError(
            "weights_changed",
            path,
            f"its SHA-256 is not the one in {CARD_NAME}",
            "The file was changed or damaged: copy the model folder again, whole.",
        )
    try:
        tensors = parse_tensors(data)
    except (SafetensorError, ValueError, KeyError, OverflowError) as error:
        raise UserError(
            "weights_damaged", path, f"it is no valid safetensors file ({error})", UNCHANGED
        ) from None
    _check_tensors(tensors, expected, path)
    _refuse_not_finite(tensors, path, "Use a model whose training did not diverge.")
    for prefix, module in modules.items():
        own = {
            name.removeprefix(prefix): tensor.to(device)
            for name, tensor in tensors.items()
            if name.startswith(prefix)
        }
        module.load_state_dict(own, assign=True)
        module.requires_grad_(True).eval()
    return LoadedModel(network, card, losses)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _modules(network: CropNetwork, losses: Mapping[int, WindowLoss]) -> dict[str, nn.Module]:
    """Return the parts of a model by the prefix of their tensors' names."""
    modules: dict[str, nn.Module] = {"network.": network}
    modules.update({f"loss_{scale}.": loss for scale, loss in sorted(losses.items())})
    return modules


def _named_tensors(modules: Mapping[str, nn.Module]) -> dict[str, Tensor]:
    return {
        prefix + name: tensor
        for prefix, module in modules.items()
        for name, tensor in module.state_dict().items()
    }


def _build(card: ModelCard, subject: Path) -> tuple[CropNetwork, dict[int, WindowLoss]]:
    """Return network and losses of the card's shapes; their values are to be loaded."""
    network = build_network(
        card.architecture,
        bands=len(card.bands),
        classes=len(card.codes),
        width=card.width,
        heads=card.heads,
        context=card.context,
        residual=card.residual,
    )
    losses = {}
    for scale, options in card.losses.items():
        try:
            losses[int(scale)] = restore_loss(network.channels, options)
        except (TypeError, ValueError) as error:
            raise UserError(
                "invalid_card",
                f"{subject}, losses, {scale}",
                f"its options are damaged ({error})",
                UNCHANGED,
            ) from None
    strengths = BoundaryStrength.of(losses, card.boundary)
    for scale in card.heads:
        source = card.boundary_source(scale)
        if source not in (PROBABILITIES, *strengths.sources(scale)):
            raise UserError(
                "invalid_card",
                f"{subject}, boundary, {scale}",
                f"its source is {source}, for which the model has no projections",
                UNCHANGED,
            )
    return network, losses


def _read_weights(path: Path, tensor_bytes: int) -> bytes:
    """Return the file's bytes, unless its size cannot be that of the card's tensors."""
    try:
        size = path.stat().st_size
        if not tensor_bytes < size <= tensor_bytes + HEADER_ALLOWANCE:
            raise UserError(
                "weights_size",
                path,
                f"it holds {size} bytes; weights for this card take about {tensor_bytes}",
                "The file was cut, changed or damaged: copy the model folder again, whole.",
            )
        with open(path, "rb") as handle:
            # A file that grows meanwhile must not fill the memory.
            return handle.read(tensor_bytes + HEADER_ALLOWANCE)
    except OSError as error:
        raise UserError(
            "unreadable_file", path, f"it cannot be read ({error.strerror})", "Check the path."
        ) from None


def _check_tensors(tensors: Mapping[str, Tensor], expected: Mapping[str, Any], path: Path) -> None:
    findings = Findings()
    for name in sorted(expected.keys() - tensors.keys()):
        findings.error("weights_missing", f"{path}, {name}", "the tensor is missing", UNCHANGED)
    for name in sorted(tensors.keys() - expected.keys()):
        findings.error("weights_unknown", f"{path}, {name}", "the tensor is not known", UNCHANGED)
    for name in sorted(tensors.keys() & expected.keys()):
        here, there = tensors[name], expected[name]
        if here.shape != there.shape or here.dtype != there.dtype:
            findings.error(
                "weights_shape",
                f"{path}, {name}",
                f"it is {_described(here)}, the card makes it {_described(there)}",
                UNCHANGED,
            )
    findings.raise_errors()


def _described(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}"


def _refuse_not_finite(tensors: Mapping[str, Tensor], subject: Path, remedy: str) -> None:
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise UserError(
                "weights_not_finite",
                f"{subject}, {name}",
                "it holds values that are not finite (NaN or infinity)",
                remedy,
            )
