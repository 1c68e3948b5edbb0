"""A model's card as a STAC item, so that catalogues can find and describe the model.

The item follows STAC 1.1 and its Machine Learning Model extension 1.4
(https://github.com/stac-extensions/mlm). The card itself is its property `cscl:card`, from which
alone models are read; all else is made from it.
"""

from __future__ import annotations

import calendar
import re
from importlib.metadata import version
from typing import Any

from cscl.contract.codes import OUTSIDE
from cscl.contract.errors import UserError
from cscl.models.card import ModelCard
from cscl.models.card_checks import UNCHANGED

CARD = "cscl:card"
STAC_VERSION = "1.1.0"
EXTENSIONS = (
    "https://stac-extensions.github.io/mlm/v1.4.0/schema.json",
    "https://stac-extensions.github.io/classification/v2.0.0/schema.json",
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
)
# The prefix of a SHA-256 as multihash: its code and its length in bytes.
MULTIHASH = "1220"


def stac_item(card: ModelCard, weights: str, size: int, parameters: int) -> dict[str, Any]:
    """Return the item of a card whose weights, `size` bytes, are the file `weights` beside it.

    `parameters` is the number of numbers that training changes.
    """
    item: dict[str, Any] = {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": list(EXTENSIONS),
        "id": f"cscl-{card.architecture}-{card.sha256[:12]}",
        **_footprint(card),
        "properties": {**_properties(card, parameters), CARD: card.to_json()},
        "links": [],
        "assets": {"weights": _asset(card, weights, size)},
    }
    return item


def card_value(value: Any, subject: object) -> Any:
    """Return the card in what a card file holds: an item, or the bare card of version 1.

    Raises `UserError` for an item without a card.
    """
    if not isinstance(value, dict) or value.get("type") != "Feature":
        return value
    properties = value.get("properties")
    if not isinstance(properties, dict) or CARD not in properties:
        raise UserError(
            "invalid_card", f"{subject}, {CARD}", "the STAC item holds no model card", UNCHANGED
        )
    return properties[CARD]


def _footprint(card: ModelCard) -> dict[str, Any]:
    """Return geometry and bounds of where the model was trained, null where that is not known."""
    bounds = card.training.get("footprint", {}).get("bounds")
    if bounds is None:
        return {"geometry": None}
    west, south, east, north = bounds
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"bbox": list(bounds), "geometry": {"type": "Polygon", "coordinates": [ring]}}


def _season(card: ModelCard) -> tuple[str, str]:
    """Return begin and end of the season that was trained on, which may cross New Year."""
    start, end = card.season
    first = card.year if start <= end else card.year - 1
    return (
        f"{_day(first, start)}T00:00:00Z",
        f"{_day(card.year, end)}T23:59:59Z",
    )


def _day(year: int, day: str) -> str:
    leap = day == "02-29" and not calendar.isleap(year)
    return f"{year:04d}-{'02-28' if leap else day}"


def _properties(card: ModelCard, parameters: int) -> dict[str, Any]:
    start, end = _season(card)
    finer = max(card.heads) > 1
    pretrained = card.training.get("pretraining")
    return {
        "title": f"Crop types of {card.year}, {card.architecture}",
        "datetime": None,
        "start_datetime": start,
        "end_datetime": end,
        "mlm:name": f"cscl-{card.architecture}-{card.year}",
        "mlm:architecture": card.architecture,
        "mlm:tasks": ["semantic-segmentation", *(["super-resolution"] if finer else [])],
        "mlm:framework": "PyTorch",
        "mlm:framework_version": version("torch").split("+")[0],
        "mlm:total_parameters": parameters,
        "mlm:pretrained": bool(pretrained),
        "mlm:pretrained_source": str(pretrained.get("dataset", "")) if pretrained else None,
        "bands": _bands(card),
        "mlm:input": _inputs(card),
        "mlm:output": [_output(card, scale) for scale in card.heads],
        "mlm:hyperparameters": {
            "width": card.width,
            "heads": list(card.heads),
            "context": {} if card.context is None else card.context.to_json(),
        },
    }


def _bands(card: ModelCard) -> list[dict[str, str]]:
    return [{"name": band} for band in card.bands]


def _inputs(card: ModelCard) -> list[dict[str, Any]]:
    scaling = [
        {"type": "z-score", "mean": mean, "stddev": std}
        for mean, std in zip(card.mean, card.std, strict=True)
    ]
    images = {
        "name": "images",
        "description": "Reflectance; days without an observation are filled linearly in time.",
        "bands": list(card.bands),
        "input": _structure(
            [-1, -1, len(card.bands), -1, -1], ["batch", "time", "bands", "height", "width"]
        ),
        "value_scaling": scaling,
    }
    days = {
        "name": "days",
        "description": "Days since the season's start.",
        "bands": [],
        "input": _structure([-1, -1], ["batch", "time"]),
    }
    valid = {
        "name": "valid",
        "description": "1 where a pixel was observed on a date, else 0.",
        "bands": [],
        "input": _structure([-1, -1, -1, -1], ["batch", "time", "height", "width"], "uint8"),
    }
    return [images, days, valid]


def _output(card: ModelCard, scale: int) -> dict[str, Any]:
    tasks = ["semantic-segmentation", *(["super-resolution"] if scale > 1 else [])]
    return {
        "name": f"logits_{scale}x",
        "description": f"Logits on a grid of {10 / scale:g} m, one a class.",
        "tasks": tasks,
        "result": _structure([-1, len(card.codes), -1, -1], ["batch", "class", "height", "width"]),
        "classification:classes": [_class(card, code) for code in card.codes],
    }


def _class(card: ModelCard, code: int) -> dict[str, Any]:
    title = "outside parcels" if code == OUTSIDE else card.classes.name_of(code)
    colour = card.classes.colour_of(code).lstrip("#").upper()
    slug = re.sub(r"[^0-9A-Za-z]+", "-", title).strip("-")
    return {
        "value": code,
        "name": f"{code}-{slug}" if slug else str(code),
        "title": title,
        "description": title,
        "color_hint": colour,
    }


def _structure(shape: list[int], order: list[str], kind: str = "float32") -> dict[str, Any]:
    return {"shape": shape, "dim_order": order, "data_type": kind}


def _asset(card: ModelCard, weights: str, size: int) -> dict[str, Any]:
    return {
        "href": f"./{weights}",
        "title": "Weights",
        "type": "application/octet-stream; application=safetensors",
        "roles": ["mlm:model", "mlm:weights"],
        "mlm:artifact_type": "safetensors.torch.save_file",
        "file:checksum": MULTIHASH + card.sha256,
        "file:size": size,
        # STAC wants them here, the extension among the properties.
        "bands": _bands(card),
    }
