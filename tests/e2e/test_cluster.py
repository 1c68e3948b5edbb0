"""Jobs on a dask cluster of separate processes, one of them killed: the same as done here."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import zarr
from conftest import Chain
from cscl.contract import strict_json
from cscl.outputs import JOB_FILES
from dask_cluster import Cluster, dask_cluster
from map_scene import write_images, write_model

# Where a dataset says when it was made, and where: not what it holds.
APART = {"sources", "notes"}


def build(images: Path, parcels: Path, output: Path, *options: str) -> subprocess.Popen[str]:
    """Start `cscl dataset` in a process of its own."""
    words = [
        "--images", str(images), "--parcels", str(parcels), "--class-field", "crop",
        "--chip", "16", "--output", str(output), *options,
    ]  # fmt: skip
    return start("dataset", words)


def map_images(images: Path, model: Path, output: Path, *options: str) -> subprocess.Popen[str]:
    """Start `cscl map` in a process of its own, on one thread as the workers of a cluster."""
    words = [
        "--images", str(images), "--model", str(model), "--resolution", "10", "--device", "cpu",
        "--output", str(output), *options,
    ]  # fmt: skip
    return start("map", words)


def start(command: str, words: list[str]) -> subprocess.Popen[str]:
    """Start a command of the engine."""
    paths = str(Path(__file__).parents[2] / "backend")
    return subprocess.Popen(
        [sys.executable, "-m", "cscl", command, *words],
        env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def lose_a_worker(cluster: Cluster, job: subprocess.Popen[str], output: Path, sign: str) -> None:
    """Kill the first worker once there is a first file of the job's tasks, and wait for the job."""
    try:
        while not any(output.glob(sign)):
            assert job.poll() is None, job.stdout.read()
            time.sleep(0.01)
        cluster.workers[0].kill()
        text, _ = job.communicate()
    finally:
        job.kill()
    assert cluster.workers[0].wait() == -9
    assert job.returncode == 0, text


def arrays_of(folder: Path) -> dict[str, np.ndarray]:
    """Return every array of a dataset's chips by its name."""
    store = zarr.open_group(folder / "chips.zarr", mode="r")
    return {
        f"{group}/{name}": np.asarray(array[...])
        for group, members in store.groups()
        for name, array in members.arrays()
    }


def test_a_cluster_that_loses_a_worker_makes_the_same_dataset(chain: Chain, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    local = build(chain.series, chain.scene_parcels, here, "--workers", "1")
    assert local.wait() == 0, local.stdout.read()
    (tmp_path / "dask").mkdir()
    with dask_cluster(tmp_path / "dask") as cluster:
        remote = build(chain.series, chain.scene_parcels, there, "--scheduler", cluster.address)
        lose_a_worker(cluster, remote, there, "work/tiles/*.zip")
    ours, theirs = arrays_of(here), arrays_of(there)
    assert set(ours) == set(theirs)
    for name, array in ours.items():
        assert np.array_equal(array, theirs[name]), name
    for name in ("chips.parquet", "chips.fgb", "parcels.parquet"):
        assert (here / name).read_bytes() == (there / name).read_bytes(), name
    for path in sorted((here / "labels").rglob("*.tif")):
        assert path.read_bytes() == (there / path.relative_to(here)).read_bytes(), path.name
    descriptions = [strict_json.read(folder / "dataset.json") for folder in (here, there)]
    for description in descriptions:
        for key in APART:
            description.pop(key)
    assert descriptions[0] == descriptions[1]


def test_a_cluster_that_loses_a_worker_makes_the_same_map(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    images = write_images(tmp_path / "images", 400, 400, dates=3)
    model = write_model(tmp_path / "model", heads=(1,))
    local = map_images(images, model, here)
    assert local.wait() == 0, local.stdout.read()
    (tmp_path / "dask").mkdir()
    with dask_cluster(tmp_path / "dask") as cluster:
        remote = map_images(images, model, there, "--scheduler", cluster.address)
        lose_a_worker(cluster, remote, there, "work/parts/*.zip")
    names = {path.name for path in here.iterdir()}
    assert names == {path.name for path in there.iterdir()} and "probabilities.tif" in names
    for name in names - set(JOB_FILES):
        assert (here / name).read_bytes() == (there / name).read_bytes(), name
