"""The files of a model folder, and its card read without the weights."""

from __future__ import annotations

from pathlib import Path

from cscl.contract import strict_json
from cscl.contract.errors import UserError
from cscl.models.card import ModelCard
from cscl.models.card_stac import card_value

WEIGHTS_NAME = "model.safetensors"
CARD_NAME = "model.json"
PICKLE_SUFFIXES = (".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".bin", ".npy", ".npz", ".joblib")
CARD_LIMIT = 16 << 20


def load_card(folder: str | Path) -> ModelCard:
    """Read the card of a model folder alone; `UserError` where it is missing or damaged."""
    path = model_folder(folder) / CARD_NAME
    return ModelCard.from_json(card_value(strict_json.read(path, CARD_LIMIT), path), path)


def model_folder(path: str | Path) -> Path:
    """Return the folder meant by `path`, or say why it holds no model."""
    target = Path(path)
    if target.name in (WEIGHTS_NAME, CARD_NAME):
        target = target.parent
    if target.suffix.lower() in PICKLE_SUFFIXES and not target.is_dir():
        raise _refused_format(target)
    if not target.is_dir():
        found = "it is a file" if target.exists() else "it does not exist"
        raise UserError(
            "no_model", target, found, f"Give a folder with {WEIGHTS_NAME} and {CARD_NAME}."
        )
    missing = [name for name in (WEIGHTS_NAME, CARD_NAME) if not (target / name).is_file()]
    if missing:
        for item in sorted(target.iterdir()):
            if WEIGHTS_NAME in missing and item.suffix.lower() in PICKLE_SUFFIXES:
                raise _refused_format(item)
        raise UserError(
            "no_model",
            target,
            f"the folder lacks {' and '.join(missing)}",
            f"Give a folder with {WEIGHTS_NAME} and {CARD_NAME}.",
        )
    return target


def _refused_format(path: Path) -> UserError:
    return UserError(
        "refused_format",
        path,
        f"files of the kind {path.suffix.lower()} can run code when read and are never opened",
        f"Give a model folder with {WEIGHTS_NAME} and {CARD_NAME}.",
    )
