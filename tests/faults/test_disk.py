"""Disks that are full, read-only or broken: said in words, nothing half written, nothing lost."""

from __future__ import annotations

import builtins
import errno
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from cscl import disk
from cscl.contract.errors import UserError
from cscl.contract.events import Event, Failed
from cscl.contract.manifest import read_manifest
from cscl.outputs import writes_folder
from cscl.service import Run
from stage_jobs import STAGES, job_of, read_back

ENDINGS = {"series": "s.series.json", "parcels": "p.gpkg", "export": "e.shp"}
POINTS = int(os.environ.get("CSCL_KILL_POINTS", "2"))


def run(job: Any) -> tuple[int, list[Event]]:
    """Do a job in this process; return its status and what it said."""
    events: list[Event] = []
    return Run(job, events.append).execute(), events


class Broken:
    """Lets one of the calls that write fail with a number of the system's; counts all of them."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path, fatal: int, number: int) -> None:
        self.count, self._fatal, self._number = 0, fatal, number
        for name in ("fsync", "replace", "mkdir"):
            patch.setattr(os, name, self._wrap(getattr(os, name), folder, name))
        patch.setattr(builtins, "open", self._wrap(builtins.open, folder, "open"))

    def _wrap(self, function: Callable[..., Any], folder: Path, name: str) -> Callable[..., Any]:
        def called(target: Any, *arguments: Any, **named: Any) -> Any:
            mode = arguments[0] if arguments else named.get("mode", "r")
            reads = name == "open" and not set(str(mode)) & set("wax+")
            here = isinstance(target, int) or str(target).startswith(str(folder))
            # That a folder is there already is no failure, whatever else the system says of it.
            there = name == "mkdir" and Path(target).is_dir()
            if here and not reads and not there:
                self.count += 1
                if self.count == self._fatal:
                    path = None if isinstance(target, int) else str(target)
                    raise OSError(self._number, os.strerror(self._number), path)
            return function(target, *arguments, **named)

        return called


def not_complete(job: Any, output: Path) -> bool:
    """Tell whether nothing of a job counts as a result."""
    if not writes_folder(job):
        return not output.exists()
    manifest = read_manifest(output) if output.is_dir() else None
    return manifest is None or manifest.state != "complete"


@pytest.mark.parametrize("stage", STAGES)
def test_f59_a_disk_that_refuses_is_named_and_the_job_can_be_repeated(
    chain: Any, stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = ENDINGS.get(stage, "out")
    with monkeypatch.context() as patch:
        counter = Broken(patch, tmp_path, 0, errno.EIO)
        (tmp_path / "whole").mkdir()
        assert run(job_of(chain, stage, tmp_path / "whole" / name))[0] == 0
    points = counter.count
    assert points >= 2
    said = {
        errno.EACCES: ("not_writable", "the system does not allow it"),
        errno.EROFS: ("not_writable", "the disk is read-only"),
        errno.EIO: ("disk_failed", "the disk reports an error"),
    }
    for index in range(POINTS):
        fatal = max(1, round(points * (index + 1) / (POINTS + 1)))
        number = list(said)[(index + STAGES.index(stage)) % 3]
        folder = tmp_path / f"cut{index}"
        folder.mkdir()
        job = job_of(chain, stage, folder / name)
        with monkeypatch.context() as patch:
            Broken(patch, folder, fatal, number)
            status, events = run(job)
        last = events[-1]
        assert status == 1 and isinstance(last, Failed), (fatal, events)
        assert last.code == said[number][0] and said[number][1] in last.message, last
        assert not_complete(job, folder / name), fatal
        assert run(job)[0] == 0
        read_back(stage, folder / name)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("stage", ["dataset", "finetune", "map", "parcels", "export"])
def test_f58_a_disk_that_fills_up_leaves_nothing_torn(
    chain: Any, stage: str, tmp_path: Path
) -> None:
    name = ENDINGS.get(stage, "out")
    (tmp_path / "whole").mkdir()
    job = job_of(chain, stage, tmp_path / "whole" / name)
    assert run(job)[0] == 0
    largest = max(path.stat().st_size for path in (tmp_path / "whole").rglob("*") if path.is_file())
    for index in range(POINTS):
        # Nearly enough is the worst: what is written last, as a file is closed, is missing.
        limit = largest - 1 if index == 0 else largest * index // POINTS
        folder = tmp_path / f"full{index}"
        folder.mkdir()
        job = job_of(chain, stage, folder / name)
        with files_of_at_most(limit):
            status, events = run(job)
        if stage == "parcels" and status == 0:
            # A database finds room in its own file: then nothing may be missing.
            assert read_back(stage, folder / name) == read_back(stage, tmp_path / "whole" / name)
            continue
        last = events[-1]
        assert status == 1 and isinstance(last, Failed), (limit, events)
        assert last.code in ("disk_full", "not_written", "layer_not_written"), last
        assert "are free" in last.message
        assert not_complete(job, folder / name)
        assert not list(folder.rglob(".cscl-part-*"))
        assert run(job)[0] == 0
        read_back(stage, folder / name)


def test_f58_a_raster_without_its_last_tiles_is_seen(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 99, (1024, 1024), np.uint8)
    whole, cut = tmp_path / "whole.tif", tmp_path / "cut.tif"
    with rasterio.open(
        whole, "w", driver="COG", width=1024, height=1024, count=1, dtype="uint8",
        crs="EPSG:32631", transform=rasterio.Affine(10, 0, 5e5, 0, -10, 5e6), blocksize=256,
    ) as file:  # fmt: skip
        file.write(values, 1)
    disk.check_raster(whole)
    for share in (0.3, 0.9, 0.999):
        cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
        with pytest.raises(UserError, match="it ends before its last tile"):
            disk.check_raster(cut)
