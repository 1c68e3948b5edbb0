"""Mapping end to end against the bare forward pass on the same windows in memory.

Run from the repository root with the engine's Python: `python benchmarks/map.py`.

`forward_fraction` (full width) and `forward_fraction_quarter`: seconds of the network alone over
all windows, which lie in memory as tensors with their halo, divided by the seconds of the whole
job, from a series file to the finished folder with all layers at 10 m and 2.5 m. Both in turns,
each in a thread of its own, as a job has one: torch's threads belong to the thread that calls, and
wait less patiently where there are more of them than cores. `bf16_speedup`: seconds of the bare
forward pass in float32 divided by those in bfloat16; the wanted figure is for processors with AMX,
and the output says whether this one has it. `context_share`: the share of the bare forward pass, at
a quarter of the width, that it takes for neighbours to share their answers within 9 x 9 pixels,
each head with a sharpness of its own. `changed_share`: the share of 10 m pixels whose crop
bfloat16 changes, of the model and the images that `--trained` names; without it of an untrained
network, whose classes are nearly even, and `trained` is false. `peak_gib`: the largest resident
memory of a process that maps, less its level after the model was loaded. The scene is that of the
tests of mapping, drawn by chance, and the networks are untrained but lively. `--quick` takes a part
of the area, 4 dates and one repetition, which tells little of the figures. `--full-tile` is
apart: it maps 10980 x 10980 pixels of 6 dates at a quarter of the width, made of one block
repeated, and 2048 x 2048 of the same, and compares the peaks of memory; it takes half an hour or
more.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# A module of this folder has the name of the package.
# As the command does: threads that wait by spinning would hold the cores that reading needs.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "backend"), str(ROOT / "tests" / "backend")]

from cscl.memory import keep_freed_memory, use_one_heap  # noqa: E402

WANTED = {"forward_fraction": 0.95, "forward_fraction_quarter": 0.85, "bf16_speedup": 3.0}
CHANGED = 0.005
PEAK_GIB = 2.0
GROWTH = 0.10
GIB = 2**30
BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
SEASON = "2018-10-01/2019-09-30"
# Images of a season that the cloud limit leaves.
DATES = 12
# Pixels of the block that a full tile repeats, of the part it is compared with, of all of it.
REPEATED, PART, TILE = 1024, 2048, 10_980


def peak_bytes() -> int:
    """Return the largest resident memory of this process so far."""
    status = Path("/proc/self/status")
    if status.is_file():
        # What `getrusage` tells on Linux is not below that of the process that started this one.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def has_amx() -> bool:
    """Tell whether the processor says that it has AMX for bfloat16."""
    place = Path("/proc/cpuinfo")
    return place.is_file() and "amx_bf16" in place.read_text()


def make_scene(folder: Path, size: int, dates: int) -> Path:
    """Return a series file of images of `size` x `size` pixels."""
    from cscl.context import JobContext
    from cscl.series.job import series_from_images
    from cscl.series.stac import write_series
    from map_scene import write_images

    images = folder / f"images_{size}"
    write_images(images, min(size, REPEATED), min(size, REPEATED), dates=dates, bands=BANDS,
                 step=300 // dates)  # fmt: skip
    if size > REPEATED:
        for path in images.glob("*.tif"):
            repeat(path, size)
    series = series_from_images(str(images), bands=BANDS, season=SEASON, ctx=JobContext())
    path = folder / f"scene_{size}.series.json"
    write_series(series, path)
    return path


def repeat(path: Path, size: int) -> None:
    """Make an image `size` pixels wide and high by repeating it; compressed, in tiles."""
    import numpy as np
    import rasterio
    from rasterio.windows import Window

    with rasterio.open(path) as file:
        block, profile, names = file.read(), file.profile, file.descriptions
    profile |= {"width": size, "height": size, "blockxsize": 512, "blockysize": 512,
                "compress": "DEFLATE", "zlevel": 1, "bigtiff": "IF_SAFER"}  # fmt: skip
    wide = np.tile(block, (1, 1, -(-size // REPEATED)))[:, :, :size]
    with rasterio.open(path, "w", **profile) as file:
        for row in range(0, size, REPEATED):
            rows = min(REPEATED, size - row)
            file.write(wide[:, :rows], window=Window(0, row, size, rows))
        file.descriptions = names


def apart(work: Callable[[], Any]) -> Any:
    """Do something in a thread of its own, so that torch's threads for it end with it."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def seconds_of(work: Callable[[], Any]) -> float:
    """Return how long a call takes in a thread of its own."""

    def timed() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return float(apart(timed))


def map_once(series: Path, model: Path, output: Path, device: str = "cpu") -> None:
    """Map into a fresh folder."""
    from cscl.context import JobContext
    from cscl.contract.jobs import MapJob
    from cscl.mapping.job import map_crops

    shutil.rmtree(output, ignore_errors=True)
    job = MapJob(images=str(series), model=str(model), output=str(output), device=device)
    map_crops(job, JobContext())


class Bare:
    """The windows of a map in memory, and the network alone over them."""

    def __init__(self, found: Any, model: Path, device: str) -> None:
        from cscl.mapping.predict import Predictor
        from cscl.models.store import load_model
        from cscl.series.reader import SeriesReader

        with SeriesReader(found) as reader:
            self.predictor = Predictor(load_model(model), reader, found.days, device=device)
            windows = list(self.predictor.windows(found.grid.whole))
            self.prepared = [self.predictor.prepare(window.grown(1)) for window in windows]

    def forward(self, narrow: bool = False) -> list[Any]:
        """Run the network over all windows; return the classes at 10 m of each."""
        self.predictor.narrow = narrow
        found = (self.predictor.compute(item, (1, 4)) for item in self.prepared)
        return [each.logits[1].argmax(axis=0) for each in found]

    def share(self) -> None:
        """Let neighbours share their answers from now on, as a trained model's card says."""
        from cscl.models.context import Context

        self.predictor.model.network.context = Context(9, {1: 10.0, 4: 20.0})

    def changed(self) -> float:
        """Return the share of 10 m pixels whose crop bfloat16 changes."""
        same = whole = 0
        for wide, narrow in zip(self.forward(), self.forward(narrow=True), strict=True):
            same, whole = same + int((wide == narrow).sum()), whole + wide.size
        return round(1 - same / whole, 5)


def changed_share(model: Path, images: Path, device: str) -> float:
    """Return what bfloat16 changes in the map of a trained model."""
    from cscl.context import JobContext
    from cscl.contract.jobs import MapJob
    from cscl.mapping.season import series_for_map
    from cscl.models.store import load_model

    job = MapJob(images=str(images), model=str(model), output=str(images))
    series = series_for_map(job, load_model(model).card, JobContext())
    return Bare(series, model, device).changed()


def compare(
    folder: Path, width: float, size: int, dates: int, repetitions: int, device: str, narrow: bool
) -> dict[str, float]:
    """Return the forward pass as a share of the whole job, with `narrow` what bfloat16 does too."""
    from cscl.series.stac import read_series
    from map_scene import write_model

    series, model = make_scene(folder, size, dates), folder / f"model_{width}"
    write_model(model, bands=BANDS, width=width)
    bare = apart(lambda: Bare(read_series(series), model, device))
    # Warms up: memory, and what torch compiles and chooses.
    apart(lambda: bare.predictor.compute(bare.prepared[0], (1, 4)))
    names = ("forward", "end to end", "bf16", "context")
    taken: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(repetitions):
        taken["forward"].append(seconds_of(bare.forward))
        taken["end to end"].append(
            seconds_of(lambda: map_once(series, model, folder / "map", device))
        )
        if narrow:
            taken["bf16"].append(seconds_of(lambda: bare.forward(narrow=True)))
    if not narrow:
        bare.share()
        taken["context"] = [seconds_of(bare.forward) for _ in range(repetitions)]
    middle = {name: statistics.median(found) for name, found in taken.items() if found}
    print(
        f"width {width:g}, {size} x {size} pixels, {dates} dates, {len(bare.prepared)} windows of "
        f"{bare.predictor.side}: "
        + ", ".join(f"{name} {found:.2f} s" for name, found in middle.items()),
        flush=True,
    )
    figures = {"fraction": round(middle["forward"] / middle["end to end"], 3)}
    if narrow:
        figures["speedup"] = round(middle["forward"] / middle["bf16"], 3)
    else:
        figures["context"] = round(1 - middle["forward"] / middle["context"], 3)
    return figures


def peak_of(series: Path, model: Path, output: Path, device: str) -> float:
    """Return the peak of a fresh process that maps, less its level with the model, in GiB."""
    words = ["--child", str(series), str(model), str(output), "--device", device]
    done = subprocess.run(
        [sys.executable, __file__, *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return float(json.loads(done.stdout.splitlines()[-1])["peak_gib"])


def child(series: str, model: str, output: str, device: str) -> None:
    """Map in this process and print its peak above the loaded model."""
    from cscl.models.store import load_model

    load_model(model)
    before = peak_bytes()
    map_once(Path(series), Path(model), Path(output), device)
    print(json.dumps({"peak_gib": (peak_bytes() - before) / GIB}))


def full_tile(folder: Path, device: str, whole: int) -> dict[str, Any]:
    """Return the peaks for a part of a tile and for `whole` pixels a side, and the seconds."""
    from map_scene import write_model

    model = write_model(folder / "model", bands=BANDS, width=0.25)
    peaks, taken = {}, {}
    for size in (PART, whole):
        series = make_scene(folder, size, 6)
        start = time.perf_counter()
        peaks[size] = peak_of(series, model, folder / "map", device)
        taken[size] = time.perf_counter() - start
        print(f"{size} x {size}: peak {peaks[size]:.3f} GiB, {taken[size]:.0f} s")
        shutil.rmtree(folder / "map")
    small, large = peaks.values()
    return {
        "peak_gib": [round(small, 3), round(large, 3)],
        "growth": round(large / small - 1, 4),
        "seconds": {str(size): round(seconds) for size, seconds in taken.items()},
        "holds": large <= PEAK_GIB and large <= (1 + GROWTH) * small,
    }


def ordinary(
    folder: Path, quick: bool, device: str, trained: tuple[Path, Path] | None
) -> dict[str, Any]:
    """Return all figures but those of the full tile; `trained` are a model and its images."""
    repetitions = 1 if quick else 3
    # So large that what is done once a map, or at its first and last window, is not all one sees.
    dates, size = (4, 128) if quick else (DATES, 768)
    full = compare(folder, 1.0, 32 if quick else 192, dates, repetitions, device, True)
    quarter = compare(folder, 0.25, size, dates, repetitions, device, False)
    model = folder / "model_0.25"
    peak = peak_of(folder / f"scene_{size}.series.json", model, folder / "map", device)
    figures = {
        "forward_fraction": full["fraction"],
        "forward_fraction_quarter": quarter["fraction"],
        "bf16_speedup": full["speedup"],
        "context_share": quarter["context"],
        "changed_share": changed_share(*(trained or (model, folder / f"images_{size}")), device),
        "trained": trained is not None,
        "peak_gib": round(peak, 3),
        "amx": has_amx(),
    }
    wanted = {name: least for name, least in WANTED.items() if name != "bf16_speedup" or has_amx()}
    figures["holds"] = (
        all(figures[name] >= least for name, least in wanted.items())
        and figures["changed_share"] < CHANGED
        and figures["peak_gib"] <= PEAK_GIB
    )
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--full-tile", nargs="?", type=int, const=TILE, metavar="SIDE",
        help="memory alone, of so many pixels a side, against 2048; a tile's by default",
    )  # fmt: skip
    parser.add_argument(
        "--trained", nargs=2, type=Path, metavar=("MODEL", "IMAGES"),
        help="what `changed_share` is measured with",
    )  # fmt: skip
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--folder", type=Path, help="where to put the scene and the map")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    # Also as the command and mapping do: the bare forward pass is no slower than in a job.
    use_one_heap()
    keep_freed_memory()
    if options.child:
        child(*options.child, options.device)
        return
    print(f"load {os.getloadavg()[0]:.1f}, AMX: {'yes' if has_amx() else 'no'}")
    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        figures = (
            full_tile(Path(temporary), options.device, options.full_tile)
            if options.full_tile
            else ordinary(Path(temporary), options.quick, options.device, options.trained)
        )
    print(json.dumps({"map": figures}))


if __name__ == "__main__":
    main()
