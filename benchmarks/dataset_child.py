"""One measured step of the dataset benchmarks, in a process of its own.

Its workers import this module anew, so it loads nothing before it is asked to.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

KIBIBYTES_IN_GIB = 2**20
# A module of this folder has the name of the package.
sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "backend")]


def read_blocks(path: str) -> int:
    """Read an image block by block, all bands of each; return how many values there were."""
    import rasterio

    total = 0
    with rasterio.open(path) as file:
        for _, window in file.block_windows(1):
            total += file.read(window=window).size
    return total


def read(images: str, workers: int) -> float:
    """Read all images in so many processes; return the seconds."""
    from cscl.context import JobContext
    from cscl.parallel import run_tasks

    paths = [str(path) for path in sorted(Path(images).glob("*.tif"))]
    start = time.perf_counter()
    run_tasks(read_blocks, paths, workers=workers, ctx=JobContext())
    return time.perf_counter() - start


def build(series: str, parcels: str, output: str, outside: str, workers: int) -> float:
    """Build the dataset in so many processes; return the seconds."""
    from cscl.context import JobContext
    from cscl.contract.jobs import DatasetJob
    from cscl.dataset.job import build_dataset

    job = DatasetJob(
        images=series, parcels=parcels, class_field="crop", output=output, mask="none",
        outside=outside, workers=workers,
    )  # fmt: skip
    start = time.perf_counter()
    build_dataset(job, JobContext())
    return time.perf_counter() - start


def measured(step: str, *arguments: object) -> dict[str, float]:
    """Do a step in a fresh process; return seconds, processor seconds, peaks in GiB."""
    done = subprocess.run(
        [sys.executable, __file__, step, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


class Peaks(threading.Thread):
    """The largest resident memory that any process started by this one has had.

    The system keeps it for each process, so that it need not be looked at often. What `getrusage`
    tells is not below the memory of the process that started the one it is asked of.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.largest = 0

    def run(self) -> None:
        """Look until the process ends."""
        while True:
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    if (
                        int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
                        == os.getpid()
                    ):
                        self.largest = max(self.largest, peak_of(process))
                except (OSError, ValueError, StopIteration):
                    continue  # it has ended meanwhile
            time.sleep(0.1)


def peak_of(process: Path) -> int:
    """Return the largest resident memory of a process so far, in KiB."""
    lines = (process / "status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def main() -> None:
    """Do the step that the command line names, and print what it took."""
    steps = {"read": read, "build": build}
    step, *arguments, workers = sys.argv[1:]
    peaks = Peaks()
    peaks.start()
    seconds = steps[step](*arguments, int(workers))  # type: ignore[operator]
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    processor = sum(item.ru_utime + item.ru_stime for item in used)
    job, worker = peak_of(Path("/proc/self")), peaks.largest
    figures = {
        "seconds": seconds,
        "processor": processor,
        "job_gib": job / KIBIBYTES_IN_GIB,
        "worker_gib": worker / KIBIBYTES_IN_GIB,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
