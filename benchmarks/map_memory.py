"""Peak memory of mapping at two sizes of the area: it must not grow with the area.

Run from the repository root with the engine's Python: `python benchmarks/map_memory.py`. Each size
is mapped at 10 m and 2.5 m in a fresh process, whose peak resident memory counts. `--quick` takes
256 and 512 pixels instead of 512 and 2048.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "backend"), str(ROOT / "tests" / "backend")]
MEBIBYTE = 1024 * 1024


def peak_bytes() -> int:
    """Return the largest resident memory of this process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def map_once(images: str, model: str, output: str, device: str) -> None:
    """Map in this process, then print its seconds and its peak memory before and after."""
    from cscl.context import JobContext
    from cscl.contract.jobs import MapJob
    from cscl.mapping.job import map_crops
    from cscl.models.store import load_model

    load_model(model)
    before, start = peak_bytes(), time.perf_counter()
    map_crops(MapJob(images=images, model=model, output=output, device=device), JobContext())
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "loaded": before, "peak": peak_bytes()}))


def measure(size: int, folder: Path, device: str, dates: int, width: float) -> dict[str, float]:
    """Return seconds and memory of mapping a scene of `size` x `size` pixels."""
    from map_scene import write_images, write_model

    images = write_images(folder / f"images_{size}", size, size, dates=dates, step=300 // dates)
    model = folder / "model"
    if not model.exists():
        write_model(model, width=width)
    command = [
        sys.executable, __file__, "--child", str(images), str(model),
        str(folder / f"map_{size}"), "--device", device,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> None:
    """Measure both sizes; print a table and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="256 and 512 pixels")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dates", type=int, default=4)
    parser.add_argument("--width", type=float, default=0.125)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        map_once(*options.child, options.device)
        return
    sizes = (256, 512) if options.quick else (512, 2048)
    print(f"load {os.getloadavg()[0]:.1f}, {options.dates} dates, width {options.width:g}")
    print(f"{'pixels':>12} {'seconds':>9} {'loaded MiB':>11} {'peak MiB':>9}")
    peaks = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            found = measure(size, Path(folder), options.device, options.dates, options.width)
            peaks[size] = found["peak"] / MEBIBYTE
            print(
                f"{size:>5} x {size:<4} {found['seconds']:>9.1f} "
                f"{found['loaded'] / MEBIBYTE:>11.0f} {peaks[size]:>9.0f}"
            )
    small, large = (peaks[size] for size in sizes)
    growth = large / small - 1
    print(
        json.dumps(
            {
                "map_memory": {
                    "sizes": sizes,
                    "peak_mib": [round(small, 1), round(large, 1)],
                    "growth": round(growth, 4),
                    "holds": growth <= 0.10,
                }
            }
        )
    )
    raise SystemExit(0 if growth <= 0.10 else 1)


if __name__ == "__main__":
    main()
