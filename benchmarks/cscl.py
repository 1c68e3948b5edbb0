"""Time and extra memory of the context-self contrastive loss against an unfold formulation.

Run from the repository root with the engine's Python: `python benchmarks/cscl.py`. Everything is
float32, forward and backward pass, from an embedding (B, 128, H, W) and its labels to the
gradients by embedding, both weights and both relative positions, in the released semantics:
nothing masked, positive weight 0.125, relative positions on. Compared, in turns in one process:

- `unfold`: keys unfolded, relative positions added, both sides normalised, products, mean of the
  weighted terms; both projections are 1x1 convolutions, as in the authors' code;
- `portable`, `numba` or `triton`: the product's projections and loss with the kernel of that name;
- `projections`: torch's own matrix product (pixels, 128) x (128, 256) for both projections, forward
  and backward. This is its fastest form: two products, and convolutions in either memory format,
  took longer.

The figures, of the fastest kernel at B 8, 48 x 48, from the shortest time of each:
`speedup_window_K` = unfold / product, both with projections; `over_projection_window_K` = pairs
from labels, similarity, normalisation, loss and their gradients, without projections, divided by
`projections`; `memory_ratio_window_7` = extra peak memory of the product / of unfold, each in a
fresh process. On CUDA also `copy_bandwidth_share`: 4 N D values of two bytes, divided by the time
for B 32, 192 x 192, window 3 in bfloat16, as a share of what a copy on the device reaches.
`runs` in the table are the repetitions that fit in a budget of seconds for each form; the slowest
unfold forms run once. `--quick` takes windows 3 and 7 and few repetitions.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "backend"))
# As the command line does: spinning threads would starve each other.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch  # noqa: E402
from cscl.losses.functional import linear_coefficients  # noqa: E402
from cscl.losses.kernels import available_kernels, chosen_kernel, linear_loss, project  # noqa: E402
from cscl.losses.pairs import PairRules, pair_targets  # noqa: E402
from cscl.losses.windows import WindowGeometry  # noqa: E402
from torch import Tensor  # noqa: E402
from torch.nn import functional  # noqa: E402

CHANNELS = 128
POSITIVE_WEIGHT = 0.125
MEBIBYTE = 1024 * 1024
REPETITIONS = 20
# Copies of its unfolded keys that the unfold form holds at its peak, to tell what does not fit.
COPIES = 8


@dataclass
class Case:
    """The inputs of one comparison."""

    batch: int
    size: int
    window: int
    device: torch.device
    embedding: Tensor = field(init=False)
    labels: Tensor = field(init=False)
    weights: list[Tensor] = field(init=False)
    relative: list[Tensor] = field(init=False)

    def __post_init__(self) -> None:
        generator = torch.Generator().manual_seed(0)

        def draw(*shape: int) -> Tensor:
            values = torch.randn(*shape, generator=generator).to(self.device)
            return values.requires_grad_()

        grid = self.batch, self.size, self.size
        self.embedding = draw(self.batch, CHANNELS, self.size, self.size)
        self.weights = [draw(CHANNELS, CHANNELS), draw(CHANNELS, CHANNELS)]
        self.relative = [draw(CHANNELS // 2, self.window), draw(CHANNELS // 2, self.window)]
        # Fields of eight pixels' width.
        coarse = torch.randint(1, 9, (self.batch, -(-self.size // 8), -(-self.size // 8)),
                               generator=generator)  # fmt: skip
        fields = coarse.repeat_interleave(8, 1).repeat_interleave(8, 2)
        self.labels = fields[:, : self.size, : self.size].to(self.device).contiguous()
        if self.labels.shape != grid:
            raise ValueError("the labels must cover the image")

    @property
    def leaves(self) -> list[Tensor]:
        """Everything that gradients are taken by."""
        return [self.embedding, *self.weights, *self.relative]

    @property
    def geometry(self) -> WindowGeometry:
        """The windows of the comparison."""
        return WindowGeometry(self.window)

    @property
    def unfolded_bytes(self) -> int:
        """Bytes of the unfolded keys."""
        return 4 * CHANNELS * self.window**2 * self.batch * self.size**2


def unfold_loss(case: Case) -> Tensor:
    """Return the loss with every key unfolded, as the authors' code has it."""
    reach = case.window // 2
    query, key = (
        functional.conv2d(case.embedding, weight[:, :, None, None]) for weight in case.weights
    )
    padded = functional.pad(key, (reach,) * 4)
    around = padded.unfold(2, case.window, 1).unfold(3, case.window, 1)
    by_row, by_column = around.chunk(2, dim=1)
    rel_h, rel_w = case.relative
    around = torch.cat(
        [by_row + rel_h[:, None, None, :, None], by_column + rel_w[:, None, None, None, :]], dim=1
    )
    keys = functional.normalize(around.flatten(4).permute(0, 2, 3, 1, 4), dim=3)
    queries = functional.normalize(query.permute(0, 2, 3, 1)[:, :, :, None], dim=4)
    similarity = (queries @ keys)[:, :, :, 0]
    neighbours = functional.pad(case.labels, (reach,) * 4)
    neighbours = neighbours.unfold(1, case.window, 1).unfold(2, case.window, 1).flatten(3)
    alike = (case.labels[..., None] == neighbours).to(similarity.dtype)
    terms = -POSITIVE_WEIGHT * alike * similarity + (1 - alike) * similarity
    return terms.mean()


def window_loss(case: Case, query: Tensor, key: Tensor, kernel: str) -> Tensor:
    """Return the product's loss from projected queries and keys."""
    positive, counted = pair_targets(case.labels, case.geometry, PairRules.released())
    coefficients = linear_coefficients(positive, counted, POSITIVE_WEIGHT, torch.float32)
    total, _ = linear_loss(query, key, case.relative, coefficients, case.geometry, kernel)
    return total / torch.count_nonzero(counted)


def product_step(case: Case, kernel: str) -> tuple[Tensor, ...]:
    """Return the gradients of the product's loss, projections included."""
    query, key = project(case.embedding, *case.weights, case.geometry)
    return torch.autograd.grad(window_loss(case, query, key, kernel), case.leaves)


def unfold_step(case: Case) -> tuple[Tensor, ...]:
    """Return the gradients of the unfold form."""
    return torch.autograd.grad(unfold_loss(case), case.leaves)


def window_step(case: Case, kernel: str) -> Callable[[], object]:
    """Return what computes the product's loss and gradients from given projections."""
    with torch.no_grad():
        projected = project(case.embedding, *case.weights, case.geometry)
    query, key = (values.requires_grad_() for values in projected)
    leaves = [query, key, *case.relative]
    return lambda: torch.autograd.grad(window_loss(case, query, key, kernel), leaves)


def projection_step(case: Case) -> Callable[[], object]:
    """Return what computes both projections and their gradients by torch's matrix products."""
    pixels = case.embedding.detach().movedim(1, -1).reshape(-1, CHANNELS).requires_grad_()
    gradient = torch.randn(len(pixels), 2 * CHANNELS, device=case.device)
    leaves = [pixels, *case.weights]
    return lambda: torch.autograd.grad(pixels @ torch.cat(case.weights).T, leaves, gradient)


def seconds(step: Callable[[], object], device: torch.device) -> float:
    """Return the time of one call."""
    start = time.perf_counter()
    result = step()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    del result
    return time.perf_counter() - start


def in_turns(
    steps: dict[str, Callable[[], object]], budget: float, device: torch.device
) -> dict[str, list[float]]:
    """Return the times of each step, in turns after a warm-up.

    Each runs `REPETITIONS` times, or as often as fit in `budget` seconds, but at least once.
    """
    times: dict[str, list[float]] = {name: [] for name in steps}
    for name, step in steps.items():
        # The unfold form ran for the comparison of the gradients.
        if name != "unfold":
            seconds(step, device)
    for _ in range(REPETITIONS):
        for name, step in steps.items():
            spent = times[name]
            if not spent or sum(spent) + min(spent) < budget:
                spent.append(seconds(step, device))
    return times


def free_bytes() -> int:
    """Return the machine's memory that nothing uses, where it can be told."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return 8 * 1024 * MEBIBYTE


def compare(case: Case, kernels: list[str], budget: float) -> dict[str, list[float]]:
    """Return the times of all forms, and print how far the gradients differ."""
    steps: dict[str, Callable[[], object]] = {}
    if case.unfolded_bytes * COPIES < free_bytes():
        steps["unfold"] = lambda: unfold_step(case)
        expected = unfold_step(case)
        found = product_step(case, kernels[0])
        worst = max(
            ((a - b).norm() / b.norm()).item() for a, b in zip(found, expected, strict=True)
        )
        print(f"  gradients differ from the unfold form's by at most {worst:.1e}")
        del expected, found
    else:
        print("  the unfold form is left out: the machine has too little free memory for it")
    for kernel in kernels:
        steps[kernel] = lambda kernel=kernel: product_step(case, kernel)  # type: ignore[misc]
    steps["window part"] = window_step(case, kernels[0])
    steps["projections"] = projection_step(case)
    return in_turns(steps, budget, case.device)


def show(case: Case, times: dict[str, list[float]]) -> None:
    """Print one comparison as rows of the table."""
    unfold = min(times["unfold"]) if "unfold" in times else float("nan")
    for name, values in times.items():
        ratio = unfold / min(values)
        print(
            f"{case.batch:>3} {case.size:>4} {case.window:>6}  {name:<12} {len(values):>4} "
            f"{1e3 * min(values):>9.1f} {1e3 * statistics.median(values):>9.1f} {ratio:>9.1f}"
        )


def peak_bytes() -> int:
    """Return the largest resident memory of this process so far."""
    status = Path("/proc/self/status")
    if status.exists():
        # Unlike the resource module's figure, this one does not begin with the parent's.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return 1024 * int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def extra_memory(form: str, window: int, device: torch.device) -> int:
    """Return by how many bytes one step raises this fresh process's peak memory."""

    def step(case: Case) -> object:
        return unfold_step(case) if form == "unfold" else product_step(case, form)

    # Loads libraries and compiles, with next to no data.
    step(Case(1, 8, window, device))
    case = Case(8, 48, window, device)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        step(case)
        return int(torch.cuda.max_memory_allocated(device) - before)
    before = peak_bytes()
    step(case)
    return peak_bytes() - before


def extra_memory_in_child(form: str, window: int, device: torch.device) -> int:
    """Return the same, measured in a process of its own."""
    command = [
        sys.executable, __file__, "--device", str(device), "--memory", form, str(window),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return int(done.stdout.splitlines()[-1])


def copy_bandwidth_share(device: torch.device) -> float:
    """Return the share of the device's copy bandwidth that window 3 reaches in bfloat16."""
    source = torch.empty(1 << 29, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    case = Case(32, 192, 3, device)
    with torch.no_grad():
        projected = project(case.embedding, *case.weights, case.geometry)
    query, key = (values.to(torch.bfloat16).requires_grad_() for values in projected)
    positive, counted = pair_targets(case.labels, case.geometry, PairRules.released())
    coefficients = linear_coefficients(positive, counted, POSITIVE_WEIGHT, torch.float32)
    leaves = [query, key, *case.relative]

    def step() -> object:
        total, _ = linear_loss(query, key, case.relative, coefficients, case.geometry)
        return torch.autograd.grad(total, leaves)

    times = in_turns({"step": step, "copy": lambda: target.copy_(source)}, 10.0, device)
    reached = 4 * query.numel() * query.element_size() / min(times["step"])
    return reached / (2 * source.numel() / min(times["copy"]))


def main() -> None:
    """Measure every case; print a table and one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="windows 3 and 7, under a minute")
    parser.add_argument("--device", default="cpu", type=torch.device)
    parser.add_argument("--memory", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        print(extra_memory(options.memory[0], int(options.memory[1]), options.device))
        return
    choice = chosen_kernel(options.device, torch.float32)
    kernels = [choice.name]
    if "portable" in available_kernels() and choice.name != "portable":
        kernels.append("portable")
    print(
        f"load {os.getloadavg()[0]:.1f}, {torch.get_num_threads()} threads, "
        f"kernel {choice.name}: {choice.reason}"
    )
    windows = (3, 7) if options.quick else (3, 5, 7, 9)
    cases = [(8, 48, window) for window in windows]
    cases += [] if options.quick else [(1, 192, window) for window in windows]
    print(f"  B  H=W window  {'form':<12} runs    min ms median ms unfold is")
    figures: dict[str, float] = {}
    for batch, size, window in cases:
        case = Case(batch, size, window, options.device)
        times = compare(case, kernels, 2.0 if options.quick else 10.0)
        show(case, times)
        if size == 48:
            best = {name: min(values) for name, values in times.items()}
            if "unfold" in best:
                figures[f"speedup_window_{window}"] = best["unfold"] / best[choice.name]
            figures[f"over_projection_window_{window}"] = best["window part"] / best["projections"]
    print("extra peak memory, B 8, 48 x 48:")
    for window in (7,) if options.quick else (3, 7):
        extra = {
            form: extra_memory_in_child(form, window, options.device)
            for form in ("unfold", *kernels)
        }
        text = ", ".join(f"{form} {size / MEBIBYTE:.0f} MiB" for form, size in extra.items())
        print(f"  window {window}: {text}")
        figures[f"memory_ratio_window_{window}"] = extra[choice.name] / extra["unfold"]
    if options.device.type == "cuda":
        figures["copy_bandwidth_share"] = copy_bandwidth_share(options.device)
    print(f"load at the end {os.getloadavg()[0]:.1f}")
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
