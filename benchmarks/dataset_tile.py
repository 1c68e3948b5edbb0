"""The dataset of a full tile: how much memory and disk it takes.

Run from the repository root with the engine's Python: `python benchmarks/dataset_tile.py --folder
DISK`. The scene is `dataset_scene.py`'s: 10980 x 10980 pixels, ten bands, six dates. Memory is the
largest resident memory of the job's process, and of any of its workers; disk is what the folder
holds, images included, looked at every two seconds. Parcels lie on the upper three quarters and
land outside is left out. Stops where it takes more than 30 GB. What was written is removed at the
end, however that comes. `--quick` takes 2048 x 2048 pixels.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

# A module of this folder has the name of the package.
sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "backend")]

from dataset_child import measured  # noqa: E402
from dataset_scene import make_scene  # noqa: E402

SIZE, DATES = 10_980, 6
WANTED = {"job_gib": 0.6, "worker_gib": 0.5}
LIMIT = 30e9  # bytes on disk
# Images, chips and a strip of the spool, by pixel, band and date.
BYTES_OF_NUMBER = 3.0


def bytes_in(folder: Path) -> int:
    """Return the bytes on disk below a folder, whose files may come and go."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(place) / name).stat().st_blocks * 512
    return total


class Disk:
    """Looks at how much a folder holds, as long as it is watched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.most = 0

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Watch the folder until the block ends."""
        over = threading.Event()
        thread = threading.Thread(target=self._watch, args=(over,))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _watch(self, over: threading.Event) -> None:
        while not over.wait(2.0):
            self.most = max(self.most, bytes_in(self.folder))
            if self.most > LIMIT:
                # The job then meets missing files and ends.
                print(f"more than {LIMIT / 1e9:.0f} GB: stopped", file=sys.stderr)
                shutil.rmtree(self.folder, ignore_errors=True)
                return


def main() -> None:
    """Make the scene, build its dataset, print what it took, remove everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--folder", type=Path, help="a folder on a disk with 30 GB of space")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    size = 2048 if options.quick else SIZE
    need = min(LIMIT, size * size * 10 * DATES * BYTES_OF_NUMBER)
    with tempfile.TemporaryDirectory(dir=options.folder, ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        if shutil.disk_usage(folder).free < need:
            parser.error(f"{folder} has less than {need / 1e9:.0f} GB of space")
        disk = Disk(folder)
        with disk.watched():
            start = time.perf_counter()
            series, parcels = make_scene(folder, size, DATES, declared=0.75)
            images = bytes_in(folder / "images")
            made = time.perf_counter() - start
            print(f"{size} x {size} pixels, {DATES} dates: {images / 1e9:.2f} GB, {made:.0f} s")
            output = folder / "dataset"
            found = measured("build", series, parcels, output, "ignore", options.workers)
        dataset = bytes_in(folder / "dataset")
    figures = {name: round(found[name], 3) for name in ("seconds", *WANTED)}
    figures |= {
        "size": size, "workers": options.workers, "images_gb": round(images / 1e9, 2),
        "dataset_gb": round(dataset / 1e9, 2), "most_disk_gb": round(disk.most / 1e9, 2),
    }  # fmt: skip
    figures["holds"] = disk.most <= LIMIT and all(
        found[name] <= most for name, most in WANTED.items()
    )
    print(f"load {os.getloadavg()[0]:.1f}")
    print(json.dumps({"dataset_tile": figures}))
    raise SystemExit(0 if figures["holds"] else 1)


if __name__ == "__main__":
    main()
