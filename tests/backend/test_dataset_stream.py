"""Datasets as a stream: blocks decoded once, bands at their own resolution, work gone on with."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import rasterio
from cscl import disk
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import DatasetJob
from cscl.dataset import build, work
from cscl.dataset.job import build_dataset
from cscl.dataset.reader import Dataset
from cscl.dataset.spool import spool_pass
from cscl.dataset.strips import _block_rows
from cscl.grid import Window
from cscl.series.reader import SeriesReader
from cscl.series.sources import OpenFiles
from native_scene import LEFT, TOP, write_ground, write_native

DATES = [datetime.date(2021, month, 3) for month in (4, 5, 6, 7)]
SIZE = 120


def stopped(task: object) -> None:
    raise UserError("stopped", "test", "it stopped", "Go on.")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four dates of 120 x 120 pixels with bands of 10, 20 and 60 m, two passes a date."""
    folder = tmp_path_factory.mktemp("native")
    write_native(folder / "images", DATES, size=SIZE, passes=2, block=32)
    write_ground(folder / "parcels.gpkg", [(LEFT, TOP - 10 * SIZE, LEFT + 10 * SIZE, TOP)])
    return folder


def job(scene: Path, output: Path, **options: object) -> DatasetJob:
    values = {
        "images": str(scene / "images" / "scene.series.json"),
        "parcels": str(scene / "parcels.gpkg"),
        "class_field": "crop",
        "output": str(output),
        "chip": 20,
    }
    return DatasetJob(**values | options)


def made(scene: Path, output: Path, **options: object) -> tuple[Dataset, JobContext]:
    ctx = JobContext()
    build_dataset(job(scene, output, **options), ctx)
    return Dataset.open(output), ctx


@pytest.fixture(scope="module")
def built(scene: Path, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return made(scene, tmp_path_factory.mktemp("dataset") / "d")[0]


def files_of(folder: Path) -> dict[str, str]:
    """Return the digest of every file."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def stored(folder: Path) -> dict[str, str]:
    """Return the digests of all but links to images, which depend on the folder's place, and times.

    A GeoPackage holds the time of its making.
    """
    digests = files_of(folder)
    return {n: v for n, v in digests.items() if not n.startswith("series/") and n[-5:] != ".gpkg"}


def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, int, int]]:
    """Return how often each block of each file is decoded from now on."""
    opened: Counter[tuple[str, int, int]] = Counter()
    read = OpenFiles.read

    def counting(self, item, assets, window):
        for asset in assets:
            with rasterio.open(asset.path) as file:
                height, width = file.block_shapes[0]
            rows = range(window.row // height, -(-(window.row + window.height) // height))
            columns = range(window.col // width, -(-(window.col + window.width) // width))
            opened.update((asset.path.name, row, col) for row in rows for col in columns)
        return read(self, item, assets, window)

    monkeypatch.setattr(OpenFiles, "read", counting)
    return opened


# Of all blocks of all files, for the cells cover the ground.
BLOCKS = 8 * (2 * 4 * 4 + 3 * 2 * 2 + 1)


def test_every_block_is_decoded_once(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = counted(monkeypatch)
    made(scene, tmp_path / "d", workers=1)
    assert set(opened.values()) == {1}
    assert len(opened) == BLOCKS


@pytest.fixture
def strips(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Small shards, and a strip for every row of blocks; the tasks of passes as they are done."""
    monkeypatch.setattr("cscl.dataset.shards.SHARD_BYTES", 4 * 40_000)
    monkeypatch.setattr("cscl.dataset.strips.LEAST_BYTES", 1)
    done: list[object] = []
    original = build.spool_pass

    def noted(task):
        done.append(task)
        original(task)

    monkeypatch.setattr(build, "spool_pass", noted)
    return done


def test_strips_make_the_same_chips_and_decode_every_block_once(
    scene: Path,
    tmp_path: Path,
    built: Dataset,
    strips: list[object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = counted(monkeypatch)
    dataset, ctx = made(scene, tmp_path / "d", workers=1)
    assert len({task.strip for task in strips}) == 5
    assert set(opened.values()) == {1}
    assert len(opened) == BLOCKS
    assert ctx.listener.stages["chips"] == (40, 40)
    # Sums are added in the order of the shards, which are smaller here.
    assert dataset.statistics.mean == pytest.approx(built.statistics.mean, rel=1e-12)
    assert len(dataset) == len(built)
    for index in range(len(built)):
        sample, other = dataset.sample(index), built.sample(index)
        assert np.array_equal(sample.images, other.images)
        assert np.array_equal(sample.valid, other.valid)
        assert np.array_equal(sample.labels, other.labels)


def test_strips_are_gone_on_with(
    scene: Path, tmp_path: Path, strips: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    made(scene, tmp_path / "whole", workers=1)
    strips.clear()
    original, places = build.write_shard, set()

    def stopping(task):
        if task.strip not in places and len(places) == 2:
            stopped(task)
        places.add(task.strip)
        original(task)

    with monkeypatch.context() as patched:
        patched.setattr(build, "write_shard", stopping)
        with pytest.raises(UserError, match="it stopped"):
            made(scene, tmp_path / "d", workers=1)
    # Beside the strip that it stopped at is what was decoded for the next one.
    third, fourth = sorted((tmp_path / "d" / work.FOLDER / "spool" / "grid_0").iterdir())
    assert third.name == f"{strips[-1].strip.first:07d}"
    assert not list(fourth.glob("*.bin"))
    # One pass is lost with what was kept for it, of another that alone.
    files = sorted(third.glob("*.bin"))
    kept = sorted(third.glob("*.rows"))
    assert len(files) == len(kept) == 8
    files[2].unlink()
    kept[2].write_bytes(b"")
    files[4].unlink()
    before = [path.stat().st_mtime_ns for path in files if path.exists()]
    strips.clear()
    with monkeypatch.context() as patched:
        patched.setattr(build, "write_shard", stopped)
        with pytest.raises(UserError, match="it stopped"):
            made(scene, tmp_path / "d", workers=1)
    # What was written of the first two strips is not read again.
    assert {task.strip.first for task in strips} == {int(third.name)}
    assert [files[number].stat().st_mtime_ns for number in (0, 1, 3, 5, 6, 7)] == before
    monkeypatch.setattr(build, "spool_pass", spool_pass)
    made(scene, tmp_path / "d", workers=2)
    assert stored(tmp_path / "d") == stored(tmp_path / "whole")


def test_samples_are_what_the_series_reader_gives(built: Dataset) -> None:
    table = built.chip_table()
    assert {name: array.dtype for name, array in built._arrays[0].items() if "images" in name} == {
        "images_10": np.int16, "images_20": np.int16, "images_60": np.int16}  # fmt: skip
    assert built._arrays[0]["images_20"].shape[1:] == (8, 2, 12, 12)
    with SeriesReader(built.series()) as reader:
        for index in range(0, len(built), 3):
            window = Window(int(table["row"][index]), int(table["column"][index]), 20, 20)
            stack, sample = reader.read(window), built.sample(index)
            assert np.array_equal(sample.images, stack.values)
            assert np.array_equal(sample.valid, stack.valid)
    assert sample.images.shape == (4, 5, 20, 20)
    assert built.grids[0].passes == (2, 2, 2, 2)


def test_statistics_are_those_of_the_resampled_values(built: Dataset) -> None:
    with rasterio.open(built.label_path("split")) as file:
        training = file.read(1) == 1
    with rasterio.open(built.label_path("labels")) as file:
        training &= file.read(1) != 255
    with SeriesReader(built.series()) as reader:
        stack = reader.read(built.grid.whole)
    used = stack.values.transpose(0, 2, 3, 1)[stack.valid & training].astype(np.float64)
    assert built.statistics.mean == pytest.approx(used.mean(axis=0), abs=1e-9)
    assert built.statistics.std == pytest.approx(used.std(axis=0), abs=1e-7)


@pytest.mark.parametrize(("composite", "gaps"), [("month", "keep"), ("none", "linear")])
def test_composites_and_filled_gaps_as_the_reader_has_them(
    scene: Path, tmp_path: Path, composite: str, gaps: str
) -> None:
    dates = [datetime.date(2021, month, day) for month in (4, 5) for day in (3, 9, 21)]
    write_native(tmp_path / "images", dates, size=60, composite=composite, gaps=gaps)
    parcels = write_ground(tmp_path / "p.gpkg", [(LEFT, TOP - 600, LEFT + 600, TOP)])
    dataset, _ = made(tmp_path, tmp_path / "d", parcels=str(parcels))
    table = dataset.chip_table()
    index = dataset.chips("training")[0]
    window = Window(int(table["row"][index]), int(table["column"][index]), 20, 20)
    with SeriesReader(dataset.series()) as reader:
        stack = reader.read(window)
    sample = dataset.sample(index)
    assert np.array_equal(sample.images, stack.values)
    assert np.array_equal(sample.valid, stack.valid)
    assert len(sample.days) == (2 if composite == "month" else 6)


def test_any_number_of_workers_makes_the_same(scene: Path, tmp_path: Path, built: Dataset) -> None:
    made(scene, tmp_path / "two", workers=2)
    assert stored(tmp_path / "two") == stored(built.folder)
    assert not (tmp_path / "two" / "work").exists()


@pytest.mark.parametrize(
    ("function", "calls"),
    [("burn_tile", 1), ("split_tile", 0), ("spool_pass", 3), ("write_shard", 1)],
)
def test_unfinished_work_is_gone_on_with(
    scene: Path,
    tmp_path: Path,
    built: Dataset,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    calls: int,
) -> None:
    original = getattr(build, function)
    done = []

    def stopping(task):
        if len(done) == calls:
            raise UserError("stopped", "test", "it stopped", "Go on.")
        original(task)
        done.append(task)

    monkeypatch.setattr(build, function, stopping)
    with pytest.raises(UserError, match="it stopped"):
        made(scene, tmp_path / "d", workers=1)
    assert not (tmp_path / "d" / "dataset.json").exists()
    if function == "spool_pass":
        spooled = sorted((tmp_path / "d" / "work" / "spool" / "grid_0" / "0000000").iterdir())
        assert [path.name for path in spooled] == ["00000.bin", "00001.bin", "00002.bin"]
        before = [path.stat().st_mtime_ns for path in spooled]
    monkeypatch.undo()
    if function == "spool_pass":
        # What is there is used: nothing of the first passes is read again.
        monkeypatch.setattr(build, "write_shard", stopping)
        with pytest.raises(UserError, match="it stopped"):
            made(scene, tmp_path / "d", workers=1)
        assert [path.stat().st_mtime_ns for path in spooled] == before
        monkeypatch.undo()
    made(scene, tmp_path / "d")
    assert stored(tmp_path / "d") == stored(built.folder)


def test_a_pass_that_the_disk_lost_is_read_again(
    scene: Path, tmp_path: Path, built: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "write_shard", stopped)
    with pytest.raises(UserError, match="it stopped"):
        made(scene, tmp_path / "d", workers=1)
    monkeypatch.undo()
    spooled = sorted((tmp_path / "d" / work.FOLDER / "spool" / "grid_0" / "0000000").iterdir())
    # As a file system leaves files after a loss of power: zeros, or the beginning alone.
    size = spooled[1].stat().st_size
    with open(spooled[1], "r+b") as file:
        file.seek(size // 2)
        file.write(bytes(1_000))
    with open(spooled[3], "r+b") as file:
        file.truncate(size // 3)
    spooled[5].write_bytes(b"")
    made(scene, tmp_path / "d", workers=1)
    assert stored(tmp_path / "d") == stored(built.folder)


def test_work_of_other_inputs_is_dropped(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "write_shard", stopped)
    with pytest.raises(UserError, match="it stopped"):
        made(scene, tmp_path / "d", chip=16)
    monkeypatch.undo()
    left = tmp_path / "d" / work.FOLDER / "spool" / "grid_0" / "0000000" / "00000.bin"
    assert left.is_file()
    dataset, _ = made(scene, tmp_path / "d")
    assert dataset.chip == 20
    assert not (tmp_path / "d" / work.FOLDER).exists()


def test_f58_too_little_space_is_refused_before_pixels_are_read(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 10_000_000})
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda folder: usage)
    monkeypatch.setattr(build, "spool_pass", lambda task: pytest.fail("a pass was read"))
    with pytest.raises(UserError) as caught:
        made(scene, tmp_path / "d")
    assert caught.value.code == "disk_full"
    assert "the dataset needs 57.0 MB more, and 10.0 MB are free there" in str(caught.value)


def test_f58_full_disk_while_passes_are_written(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cscl.dataset.spool.read_native", full)
    with pytest.raises(UserError, match="B are free there"):
        made(scene, tmp_path / "d", workers=1)
    assert not (tmp_path / "d" / work.FOLDER / "spool").exists()
    assert not (tmp_path / "d" / "dataset.json").exists()


def test_f58_shards_that_are_written_stay_when_the_disk_is_full_and_count_as_there(
    scene: Path, tmp_path: Path, strips: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    made(scene, tmp_path / "whole", workers=1)
    original, written = build.write_shard, []

    def filling(task):
        if task.kind == "chips":
            raise UserError(disk.FULL, "disk", "it is full", "Make room.")
        original(task)
        written.append(task)

    with monkeypatch.context() as patched:
        patched.setattr(build, "write_shard", filling)
        with pytest.raises(UserError, match="it is full"):
            made(scene, tmp_path / "d", workers=1)
    assert not (tmp_path / "d" / work.FOLDER / "spool").exists()
    cells, strips[:], again = len(written), [], []

    def counting(task):
        if not task.done.is_file():
            again.append(task.kind)
        original(task)

    # Of the 57 MB that the whole needs with 50 to spare, the cells' are there.
    usage = type("Usage", (), {"free": 55_000_000})
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda folder: usage)
    monkeypatch.setattr(build, "write_shard", counting)
    made(scene, tmp_path / "d", workers=1)
    assert cells > 5 and not strips and set(again) == {"chips"}
    assert stored(tmp_path / "d") == stored(tmp_path / "whole")


def test_strips_are_planned_where_no_band_has_the_pixels_of_the_grid(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    item = SimpleNamespace(assets={name: name for name in ("B05", "B09")})
    monkeypatch.setattr(
        "cscl.dataset.strips.factor_of", lambda asset, grid: {"B05": 2, "B09": 6}[asset]
    )
    monkeypatch.setattr(OpenFiles, "block_shape", lambda self, asset: (512, 512))
    assert _block_rows(item, SimpleNamespace(grid=None)) == 1024


def test_the_size_is_told(scene: Path, tmp_path: Path) -> None:
    dataset, ctx = made(scene, tmp_path / "d", workers=1)
    note = next(text for text in ctx.noted if text.startswith("The dataset takes at most"))
    assert note == "The dataset takes at most 3.5 MB, and 1.0 MB more while it is built."
    assert note in dataset.notes
    size = sum(path.stat().st_size for path in (dataset.folder / "chips.zarr").rglob("*.*"))
    assert 0 < size < 3_520_000


def test_cuts_of_a_tile_have_the_same_chips(scene: Path, tmp_path: Path, built: Dataset) -> None:
    whole = {tuple(box.bounds) for box in built.chip_table().geometry}
    assert all(value % 200 == 0 for bounds in whole for value in bounds)
    assert json.loads((built.folder / "dataset.json").read_text())["grids"][0]["factors"] == {
        "B02": 1, "B04": 1, "B05": 2, "B11": 2, "B01": 6}  # fmt: skip
