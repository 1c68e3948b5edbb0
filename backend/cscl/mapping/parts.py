"""Part files: the layers of one window, kept until the map is put together."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cscl.contract import atomic, strict_json
from cscl.contract.errors import UserError
from cscl.mapping.layers import Layers

ABOUT = "about.json"
# What is kept for minutes need not be small.
LEVEL = 1


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
    about = {"device": part.device, "cuts": part.cuts, "scales": list(part.layers)}
    with (
        atomic.replacing(path) as target,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as file,
    ):
        file.writestr(ABOUT, strict_json.dump(about))
        for scale, layers in part.layers.items():
            for name, values in vars(layers).items():
                if name != "probabilities" or probabilities:
                    with file.open(f"{scale}/{name}", "w", force_zip64=True) as member:
                        np.lib.format.write_array(member, values, allow_pickle=False)


def read_part(path: Path) -> Part:
    """Return what `write_part` wrote; `probabilities` are empty where they were not wanted.

    Raises `UserError` where the file is damaged.
    """
    try:
        with zipfile.ZipFile(path) as file:
            about: Any = strict_json.parse(file.read(ABOUT), path)
            names = set(file.namelist())
            layers = {scale: _layers(file, scale, names) for scale in about["scales"]}
            return Part(layers, str(about["device"]), int(about["cuts"]))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise UserError(
            "damaged_part",
            path,
            f"it cannot be read ({error})",
            "Remove it and run the job again: its window is computed again.",
        ) from None


def _layers(file: zipfile.ZipFile, scale: int, names: set[str]) -> Layers:
    values = {}
    for name in Layers.__dataclass_fields__:
        member = f"{scale}/{name}"
        if member in names:
            with file.open(member) as stream:
                values[name] = np.lib.format.read_array(stream, allow_pickle=False)
    values.setdefault("probabilities", np.empty((0, *values["crops"].shape), np.uint8))
    return Layers(**values)
