"""Part files: the layers of one window, kept until the map is put together."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numcodecs import Blosc

from cscl.contract import atomic, strict_json
from cscl.contract.errors import UserError
from cscl.mapping.layers import Layers
from cscl.zips import DAMAGED_ZIP

ABOUT, BANDS = "about.json", "probabilities"
# What is kept for minutes need not be small: what counts is time.
_BLOSC = Blosc("lz4", 5, Blosc.SHUFFLE)


@dataclass(frozen=True)
class Part:
    """One window: its layers by scale, none where nothing of it is mapped, and who computed it.

    `cuts` counts how often the device's memory did not hold what it was given.
    """

    layers: Mapping[int, Layers] = field(default_factory=dict)
    device: str = ""
    cuts: int = 0


def write_part(path: Path, part: Part, probabilities: bool) -> None:
    """Write a part, whole or not at all, with its probabilities if wanted."""
    sizes = {scale: list(layers.crops.shape) for scale, layers in part.layers.items()}
    about = {
        "device": part.device,
        "cuts": part.cuts,
        "sizes": {str(scale): size for scale, size in sizes.items()},
    }
    with (
        atomic.replacing(path) as target,
        zipfile.ZipFile(target, "w") as file,
    ):
        file.writestr(ABOUT, strict_json.dump(about))
        for scale, layers in part.layers.items():
            for name, values in vars(layers).items():
                if name != BANDS or probabilities:
                    file.writestr(f"{scale}/{name}", _BLOSC.encode(np.ascontiguousarray(values)))


def read_part(path: Path) -> Part:
    """Return what `write_part` wrote; `probabilities` are empty where they were not wanted.

    Raises `UserError` where the file is damaged.
    """
    try:
        with zipfile.ZipFile(path) as file:
            about: Any = strict_json.parse(file.read(ABOUT), path)
            names = set(file.namelist())
            layers = {
                int(scale): _layers(file, int(scale), tuple(size), names)
                for scale, size in about["sizes"].items()
            }
            return Part(layers, str(about["device"]), int(about["cuts"]))
    except (*DAMAGED_ZIP, KeyError, ValueError) as error:
        raise UserError(
            "damaged_part",
            path,
            f"it cannot be read ({error})",
            "Remove it and run the job again: its window is computed again.",
        ) from None


def _layers(file: zipfile.ZipFile, scale: int, size: tuple[int, ...], names: set[str]) -> Layers:
    values = {}
    for name in Layers.__dataclass_fields__:
        member = f"{scale}/{name}"
        if member in names:
            found = np.frombuffer(_BLOSC.decode(file.read(member)), np.uint8)
            values[name] = found.reshape((-1, *size) if name == BANDS else size)
    values.setdefault(BANDS, np.empty((0, *size), np.uint8))
    return Layers(**values)
