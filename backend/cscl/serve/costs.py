"""What networks cost, and how fast this machine computes: what estimates rest on.

Operations and shares of the processor's speed are those of docs/performance.md and
docs/benchmarks.md; bytes are what torch keeps of a forward pass for the backward pass, counted on
the networks themselves with 10 bands and 12 classes. What gradient checkpointing leaves of a step's
memory was measured.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cscl.contract import atomic, strict_json
from cscl.contract.errors import UserError
from cscl.contract.home import data_folder
from cscl.contract.manifest import read_manifest
from cscl.history import remembered
from cscl.models.card import ModelCard
from cscl.models.card_file import CARD_NAME, load_card

CALIBRATION = "calibration.json"
# Of the speed of a large product in float32 that training and mapping reach, between a quarter
# and three quarters in what was measured.
SHARE = 0.35
PRODUCT_SIDE, PRODUCT_ROUNDS = 1024, 5
# Earlier runs that are looked at: a few tell the speed as well as many.
MOST_RUNS = 40


# Of what the 4x head adds, by scale: it makes 4 and then 16 pixels of one, the 2x head only 4.
SHARES = {1: 0.0, 2: 4 / 20, 4: 1.0}


@dataclass(frozen=True)
class NetworkCost:
    """Costs at full width and at a quarter of it, each pair (full, quarter).

    Operations in millions a 10 m pixel: `dates` for each date, `fine` once for 2.5 m. Bytes kept in
    training: `kept_dates` a pixel and date, `kept` a pixel, `kept_fine` that with 2.5 m; 5 m takes
    a share of what 2.5 m adds. `checkpointed` is the share of a step's memory that gradient
    checkpointing leaves.
    `parameters` in all. `reach` is the halo of a window in pixels.
    """

    dates: tuple[float, float]
    fine: tuple[float, float]
    kept_dates: tuple[float, float]
    kept: tuple[float, float]
    kept_fine: tuple[float, float]
    checkpointed: float
    parameters: tuple[float, float]
    reach: int

    def operations(self, width: float, dates: int, scale: int) -> float:
        """Return the operations of a forward pass a pixel, without any halo."""
        each = at_width(self.dates, width) * dates
        return 1e6 * (each + SHARES[scale] * at_width(self.fine, width))

    def kept_bytes(self, width: float, dates: int, scale: int, checkpointing: bool) -> float:
        """Return the bytes a pixel that training keeps for the backward pass."""
        coarse, fine = at_width(self.kept, width), at_width(self.kept_fine, width)
        kept = at_width(self.kept_dates, width) * dates + coarse + SHARES[scale] * (fine - coarse)
        return kept * (self.checkpointed if checkpointing else 1.0)


_FINE = (2.67, 0.18)
NETWORKS = {
    "unet3df": NetworkCost(
        (2.82, 0.19), _FINE, (2866, 725), (28614, 8457), (49101, 13579), 0.8, (7763112, 494664), 28
    ),
    "unet3d": NetworkCost(
        (1.54, 0.11), _FINE, (2012, 533), (22339, 6248), (42827, 11370), 0.85, (6821064, 435336), 28
    ),
    "unet2d-clstm": NetworkCost(
        (3.19, 0.20), _FINE, (13340, 3428), (39, 13), (20526, 5134), 0.6, (3605304, 229728), 40
    ),
    "utae": NetworkCost(
        (0.20, 0.01), _FINE, (1884, 505), (4291, 1073), (24778, 6195), 0.85, (1646840, 105872), 72
    ),
    "tsvit": NetworkCost(
        (1.75, 0.11),
        _FINE,
        (8401, 2161),
        (204204, 51756),
        (224691, 56878),
        0.35,
        (2971160, 202136),
        25,
    ),
}


def at_width(pair: tuple[float, float], width: float) -> float:
    """Return a cost at a width, from that at full width and at a quarter."""
    full, quarter = pair
    return float(full * width ** (math.log(full / quarter) / math.log(4)))


def passes_a_step(checkpointing: bool) -> int:
    """Return how many forward passes a training step costs: going back is two of them."""
    return 4 if checkpointing else 3


@dataclass(frozen=True)
class Speed:
    """Operations a second, and in words where the figure comes from."""

    rate: float
    words: str


def speed_of(architecture: str, width: float) -> Speed:
    """Return how fast this machine trains and maps with a network.

    From the earlier training here that is most alike, else from the speed of a product of
    matrices, which is measured once a machine and kept.
    """
    found = [
        (abs(math.log(card.width / width)), -began, rate, name)
        for name, began, card in _trained()
        if card.architecture == architecture and (rate := _rate(card)) is not None
    ]
    if found:
        _, began, rate, name = min(found)
        day = time.strftime("%Y-%m-%d", time.localtime(-began))
        return Speed(rate, f"the speed of the training {name} of {day} on this machine")
    return Speed(
        _product_rate() * SHARE,
        "the measured speed of this machine's processor, a rough figure that the first training "
        "here makes better",
    )


def _trained() -> Iterator[tuple[str, float, ModelCard]]:
    """Give name, start and card of the models that were trained on this machine, latest first."""
    for folder in reversed(remembered()[-MOST_RUNS:]):
        for place in (folder, folder / "model", folder / "pretrained"):
            if not (place / CARD_NAME).is_file():
                continue
            try:
                manifest = read_manifest(place)
                if manifest is not None and manifest.state == "complete":
                    yield place.name, manifest.started, load_card(place)
            except UserError:
                continue  # a damaged folder says nothing about speed


def _rate(card: ModelCard) -> float | None:
    """Return the operations a second of a training."""
    record, cost = card.training, NETWORKS.get(card.architecture)
    try:
        pixels = record["steps"] * record["batch"] * record["side"] ** 2
        seconds = float(record["seconds_in_steps"])
        scale = max(card.heads) if record["stage"] == "finetune" else 1
        dates = int(record["dates"])
        # Records of before do not say it.
        passes = passes_a_step(record.get("checkpointing", False))
    except (KeyError, TypeError, ValueError):
        return None
    if cost is None or seconds < 1:
        return None
    return float(passes * pixels * cost.operations(card.width, dates, scale) / seconds)


def _product_rate() -> float:
    """Return the operations a second of a product of matrices on this machine's processor."""
    path, threads = data_folder() / CALIBRATION, os.environ.get("OMP_NUM_THREADS", "")
    try:
        value = strict_json.read(path, 1 << 16)
        if value["threads"] == threads and value["rate"] > 0:
            return float(value["rate"])
    except (UserError, KeyError, TypeError):
        pass  # not measured yet, or by another version
    rate = _measured_rate()
    try:
        atomic.write_text(path, strict_json.dump({"threads": threads, "rate": rate}))
    except OSError:
        return rate  # it is measured again next time
    return rate


def _measured_rate() -> float:
    matrix = np.ones((PRODUCT_SIDE, PRODUCT_SIDE), np.float32)
    least = math.inf
    for _ in range(PRODUCT_ROUNDS):
        began = time.perf_counter()
        matrix @ matrix
        least = min(least, time.perf_counter() - began)
    return 2 * PRODUCT_SIDE**3 / max(least, 1e-9)


def has_graphics_card() -> bool:
    """Tell whether there seems to be a card that torch can use, without loading torch."""
    return Path("/dev/nvidia0").exists() or (
        os.name == "nt" and Path(os.environ.get("SYSTEMROOT", ""), "System32/nvcuda.dll").exists()
    )
