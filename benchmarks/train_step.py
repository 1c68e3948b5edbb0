"""A training step of UNet3Df against a plain float32 form of the same network.

Run from the repository root with the engine's Python: `python benchmarks/train_step.py`. A step is
forward pass, cross-entropy, backward pass and AdamW; both forms start from the same weights and
take turns. Besides: the same loss over 100 steps for three seeds, and the step that the program
takes at a quarter of the width. bfloat16 is used where the program would use it. `--quick` takes
parts of 24 pixels at full width and fewer steps.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# A module of this folder has the name of the package.
sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "backend")]

import torch  # noqa: E402
from cscl.context import JobContext  # noqa: E402
from cscl.device import choose_device, describe_device  # noqa: E402
from cscl.models.network import CropNetwork  # noqa: E402
from cscl.models.registry import build_network  # noqa: E402
from cscl.models.unet3df import UNet3Df  # noqa: E402
from cscl.training.precision import bf16_is_faster  # noqa: E402
from plain_unet3df import PlainUNet3Df, copied  # noqa: E402
from torch import Tensor, nn  # noqa: E402
from torch.nn import functional  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

DATES, BANDS, CLASSES = 16, 14, 8
WANTED = {"speedup": 5.0, "speedup_quarter": 3.0}
SEEDS = (0, 1, 2)
Step = Callable[[], float]


class Pair:
    """Both forms of one network, on the same batch."""

    def __init__(self, width: float, batch: int, side: int, device: torch.device, seed: int = 0):
        torch.manual_seed(seed)
        self.device = device
        backbone = UNet3Df(BANDS, width=width, time_head="linear", dates=DATES, extra_inputs=False)
        half = backbone.channels // 2
        plain = PlainUNet3Df(BANDS, half, DATES, CLASSES)
        self.ours = CropNetwork(backbone, CLASSES, (1,)).to(device).train()
        self.plain = copied(self.ours, plain.to(device)).train()
        self.days = torch.arange(DATES, device=device).float().mul(20).expand(batch, DATES)
        self.valid = torch.ones(batch, DATES, side, side, dtype=torch.bool, device=device)
        self.narrow = False
        # A course of the bands over time for each class, under noise.
        self.courses = torch.randn(CLASSES, DATES, BANDS, device=device)
        self.draw()
        self.optimizers = [
            torch.optim.AdamW(network.parameters(), lr=1e-3) for network in (self.ours, self.plain)
        ]

    def draw(self) -> None:
        """Take another batch: patches of classes, their courses and noise."""
        batch, _, side, _ = self.valid.shape
        coarse = torch.randint(CLASSES, (batch, side // 4, side // 4), device=self.device)
        self.labels = coarse.repeat_interleave(4, 1).repeat_interleave(4, 2)
        clean = self.courses[self.labels].movedim((3, 4), (1, 2))
        self.images = (clean + 4 * torch.randn_like(clean)).contiguous()
        self.plain_images = self.images.transpose(1, 2).contiguous()

    def our_logits(self, narrow: bool) -> Tensor:
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=narrow):
            logits = self.ours(self.images, self.days, self.valid)
        return logits.float()

    def our_loss(self, narrow: bool) -> Tensor:
        return functional.cross_entropy(self.our_logits(narrow), self.labels)

    def choose_precision(self) -> None:
        """Decide about bfloat16 as training does."""
        self.narrow = bf16_is_faster(self.ours, self.our_loss, self.device, JobContext())

    def difference(self) -> float:
        """Return the largest difference of the scores in float32, over their largest value."""
        with torch.no_grad():
            expected, found = self.plain(self.plain_images), self.our_logits(False)
        return float((found - expected).abs().max() / expected.abs().max())

    def our_step(self) -> float:
        return _step(self.optimizers[0], lambda: self.our_loss(self.narrow))

    def plain_step(self) -> float:
        def loss() -> Tensor:
            return functional.cross_entropy(self.plain(self.plain_images), self.labels)

        return _step(self.optimizers[1], loss)


def _step(optimizer: torch.optim.Optimizer, loss: Callable[[], Tensor]) -> float:
    optimizer.zero_grad(set_to_none=True)
    value = loss()
    value.backward()
    optimizer.step()
    # Waits for the device, too.
    return float(value.detach())


def seconds(steps: dict[str, Step], repetitions: int) -> dict[str, list[float]]:
    """Return the times of the steps, taken in turns after one of each to warm up."""
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(1 + repetitions):
        for name, step in steps.items():
            started = time.perf_counter()
            step()
            if turn:
                taken[name].append(time.perf_counter() - started)
    return taken


def product(device: torch.device, dtype: torch.dtype) -> tuple[Step, int]:
    """Return a large matrix product and its number of operations."""
    side = 8192 if device.type == "cuda" else 2048
    left = torch.randn(side, side, device=device).to(dtype)
    return lambda: float((left @ left)[0, 0]), 2 * side**3


def compare(width: float, side: int, repetitions: int, device: torch.device) -> dict:
    """Return times of both forms at one width, and how near they are to each other."""
    batch = 2
    pair = Pair(width, batch, side, device)
    difference = pair.difference()
    if difference > 1e-4:
        raise SystemExit(f"the two forms differ by {difference:.1e} of the largest score")
    pair.choose_precision()
    with FlopCounterMode(display=False) as counter:
        pair.our_step()
    # The products take turns with the steps too, so that a machine's load is the same for all.
    narrow, operations = product(device, torch.bfloat16)
    wide, _ = product(device, torch.float32)
    steps = {"plain": pair.plain_step, "ours": pair.our_step, "bf16": narrow, "float32": wide}
    taken = seconds(steps, repetitions)
    plain, ours = (statistics.median(taken[name]) for name in ("plain", "ours"))
    rates = {name: operations / statistics.median(taken[name]) for name in ("bf16", "float32")}
    rate = counter.get_total_flops() / ours
    figures = {
        "plain_seconds": plain,
        "plain_least": min(taken["plain"]),
        "seconds": ours,
        "least": min(taken["ours"]),
        "speedup": plain / ours,
        "bf16": pair.narrow,
        "share_of_bf16_product": rate / rates["bf16"],
        "share_of_float32_product": rate / rates["float32"],
        "product_gflops": {name: value / 1e9 for name, value in rates.items()},
        "difference": difference,
        "repetitions": repetitions,
        "batch": batch,
        "side": side,
    }
    print(
        f"{width:>6g} {batch:>3} x {DATES} x {side} x {side:<3} {plain:>9.3f} "
        f"{min(taken['plain']):>9.3f} {ours:>9.3f} {min(taken['ours']):>9.3f} "
        f"{plain / ours:>8.2f} {figures['share_of_bf16_product']:>9.0%} "
        f"{figures['share_of_float32_product']:>9.0%} {difference:>10.1e}",
        flush=True,
    )
    return figures


def same_loss(steps: int, device: torch.device) -> dict:
    """Return the mean loss of the last tenth of some steps, both forms on the same batches."""
    ends: dict[str, list[float]] = {"plain": [], "ours": []}
    for seed in SEEDS:
        pair = Pair(0.25, 2, 16, device, seed)
        pair.choose_precision()
        losses: dict[str, list[float]] = {"plain": [], "ours": []}
        for _ in range(steps):
            pair.draw()
            losses["plain"].append(pair.plain_step())
            losses["ours"].append(pair.our_step())
        for name, values in losses.items():
            ends[name].append(statistics.fmean(values[-max(1, steps // 10) :]))
    means = {name: statistics.fmean(values) for name, values in ends.items()}
    spreads = {name: max(values) - min(values) for name, values in ends.items()}
    apart = abs(means["ours"] - means["plain"])
    print(f"\nloss after {steps} steps, quarter width, seeds {', '.join(map(str, SEEDS))}")
    for name, values in ends.items():
        print(
            f"{name:>6} {'  '.join(f'{value:.4f}' for value in values)}   mean {means[name]:.4f}, "
            f"largest less smallest {spreads[name]:.4f}"
        )
    return {"steps": steps, "losses": ends, "spread": spreads, "apart": apart,
            "within_spread": apart <= min(spreads.values())}  # fmt: skip


def program_step(heads: tuple[int, ...], device: torch.device) -> Step:
    """Return the step that fine-tuning takes: ten bands, B 8, 24 x 24, gradients cut."""
    torch.manual_seed(0)
    network = build_network("unet3df", bands=10, classes=CLASSES, width=0.25, heads=heads)
    network.to(device).train()
    images = torch.randn(8, DATES, 10, 24, 24, device=device)
    days = torch.arange(DATES, device=device).float().mul(20).expand(8, DATES)
    valid = torch.ones(8, DATES, 24, 24, dtype=torch.bool, device=device)
    labels = {s: torch.randint(CLASSES, (8, 24 * s, 24 * s), device=device) for s in heads}
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)

    def loss(narrow: bool) -> Tensor:
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=narrow):
            found = network.forward_all(images, days, valid)
        parts = [functional.cross_entropy(item.float(), labels[s]) for s, item in found.items()]
        return torch.stack(parts).mean()

    narrow = bf16_is_faster(network, loss, device, JobContext())

    def step() -> float:
        optimizer.zero_grad(set_to_none=True)
        value = loss(narrow)
        value.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        return float(value.detach())

    return step


def program_steps(repetitions: int, device: torch.device) -> dict:
    """Return the seconds of the program's own steps by heads and threads."""
    figures = {}
    every = torch.get_num_threads()
    print(f"\n{'the step of fine-tuning, quarter width':44} {'median s':>9} {'least s':>9}")
    for threads in sorted({1, every}) if device.type == "cpu" else (every,):
        torch.set_num_threads(threads)
        for heads in ((1,), (1, 4)):
            step = program_step(heads, device)
            taken = seconds({"step": step}, repetitions)["step"]
            name = f"{'_and_'.join(f'{head}x' for head in heads)}_threads_{threads}"
            figures[name] = {"seconds": statistics.median(taken), "least": min(taken)}
            print(f"{name:44} {statistics.median(taken):>9.3f} {min(taken):>9.3f}", flush=True)
    torch.set_num_threads(every)
    return figures


def has_amx() -> bool:
    """Tell whether this machine's processor has matrix units for bfloat16."""
    flags = Path("/proc/cpuinfo")
    return flags.exists() and "amx_bf16" in flags.read_text()


def main() -> None:
    """Measure; print the tables and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under a minute")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    device = choose_device(options.device)
    cpu, quick, amx = device.type == "cpu", options.quick, has_amx()
    matrix_units = amx or not cpu
    print(
        f"{describe_device(device)}, {torch.backends.cpu.get_cpu_capability()}, "
        f"AMX: {'yes' if amx else 'no'}, load {os.getloadavg()[0]:.1f}"
    )
    if not matrix_units:
        print("The wanted speedups are for a processor with AMX or a GPU, which this is not.")
    print(
        f"\n{'width':>6} {'batch':<18} {'plain s':>9} {'least':>9} {'ours s':>9} {'least':>9} "
        f"{'speedup':>8} {'of bf16':>9} {'of fp32':>9} {'difference':>10}"
    )
    # A step at full width takes seconds on a processor: fewer repetitions do.
    repetitions = (3 if quick else 5) if cpu else 20
    full = compare(1.0, 24 if quick else 48, repetitions, device)
    quarter = compare(0.25, 24 if quick else 48, 5 if quick else 15, device)
    loss = same_loss(20 if quick else 100, device)
    program = program_steps(3 if quick else 15, device)
    found = {"speedup": full["speedup"], "speedup_quarter": quarter["speedup"]}
    figures = {
        **found,
        "wanted": WANTED,
        "wanted_applies": matrix_units,
        "amx": amx,
        "device": describe_device(device),
        "load": os.getloadavg()[0],
        "full": full,
        "quarter": quarter,
        "same_loss": loss,
        "program_step": program,
        "quick": quick,
    }
    print(json.dumps(rounded(figures)))
    short = matrix_units and not quick and any(found[name] < WANTED[name] for name in WANTED)
    raise SystemExit(1 if short or not loss["within_spread"] else 0)


def rounded(value: Any) -> Any:
    """Return figures with four significant digits, whatever holds them."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main()
