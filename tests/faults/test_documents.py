"""Documents and folders from elsewhere: paths that lead out, JSON that is not strict."""

from __future__ import annotations

import json
import os
import re
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cscl.context import JobContext
from cscl.contract import strict_json
from cscl.contract.errors import UserError
from cscl.contract.jobs import SimulateJob
from cscl.contract.manifest import (
    MANIFEST_FILE,
    Manifest,
    output_paths,
    read_manifest,
    write_manifest,
)
from cscl.contract.paths import inside, linked_path
from cscl.dataset.reader import Dataset
from cscl.dispatch import job_from_file
from cscl.evaluation.describe import pretrained_folder, read_job
from cscl.evaluation.report import read_report
from cscl.mapping.folder import read_map
from cscl.models.store import load_card
from cscl.series.job import series_from_images
from cscl.series.stac import read_series, write_series
from cscl.service import Run
from map_scene import BANDS, write_images

ROOT = Path(__file__).resolve().parents[2]
RECORD = Manifest(
    job="map", fingerprint="f", state="complete", package="0.1.0", pid=1, started=0.0, finished=1.0
)
OUT_OF_THE_RUN = (
    "../../x", "../x", "a/../../x", "a/../b", "/etc/passwd", "..\\x", "C:x", "C:\\x", "\\\\host\\x",
    "CON", "con.tif", "a/NUL", "LPT1.json", "COM\u00b9", "CONIN$", "AUX .tif", "a\0b", "x:stream",
    "a b:stream", "https://example.org/x", "/vsicurl/https://example.org/x", "",
)  # fmt: skip


@pytest.mark.parametrize("relative", OUT_OF_THE_RUN)
def test_f54_a_manifest_names_nothing_outside_of_its_run(tmp_path: Path, relative: str) -> None:
    write_manifest(tmp_path, RECORD.with_state("complete", outputs={"crops": relative}))
    manifest = read_manifest(tmp_path)
    assert manifest is not None
    with pytest.raises(UserError) as error:
        output_paths(tmp_path, manifest)
    assert error.value.code == "path_leaves_folder"
    assert repr(relative) in str(error.value)


def test_f54_a_link_in_a_run_leads_nowhere_else(tmp_path: Path) -> None:
    run, other = tmp_path / "run", tmp_path / "other"
    run.mkdir()
    other.mkdir()
    (other / "secret.tif").write_bytes(b"x")
    (run / "file.tif").symlink_to(other / "secret.tif")
    (run / "folder").symlink_to(other)
    for relative in ("file.tif", "folder/secret.tif", "folder"):
        with pytest.raises(UserError, match="does not stay in its folder"):
            inside(run, relative)


def test_f54_a_sound_manifest_gives_its_outputs(tmp_path: Path) -> None:
    outputs = {"scene": ".", "crops": "map/crops.tif"}
    write_manifest(tmp_path, RECORD.with_state("complete", outputs=outputs))
    manifest = read_manifest(tmp_path)
    assert manifest is not None
    base = tmp_path.resolve()
    assert output_paths(tmp_path, manifest) == {"scene": base, "crops": base / "map" / "crops.tif"}


def test_f54_what_a_job_writes_is_told_within_its_folder(tmp_path: Path) -> None:
    events: list[object] = []
    job = SimulateJob(output=str(tmp_path / "scene"), size=48, dates=4, crops=2)
    assert Run(job, events.append).execute() == 0
    manifest = read_manifest(tmp_path / "scene")
    assert manifest is not None
    found = output_paths(tmp_path / "scene", manifest)
    assert found["scene"] == (tmp_path / "scene").resolve()
    assert found["truth"].is_file()


@pytest.mark.parametrize(
    "changes",
    [
        {"outputs": ["crops.tif"]}, {"outputs": {"crops": 5}}, {"pid": "7"}, {"pid": -1},
        {"pid": True}, {"pid": 1 << 70}, {"package": 1}, {"notes": [1]}, {"fingerprint": None},
        {"state": ["complete"]},
    ],
)  # fmt: skip
def test_f54_a_manifest_of_other_kinds_of_values_is_refused(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    write_manifest(tmp_path, RECORD)
    path = tmp_path / MANIFEST_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    with pytest.raises(UserError, match="it is not a manifest of version 1"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    "href",
    ["/vsicurl/https://example.org/a.tif", "https://example.org/a.tif", "a\0.tif", "C:a.tif",
     "GTIFF_DIR:1:a.tif", "NETCDF:a.nc"],
)  # fmt: skip
def test_f54_a_series_names_local_files_alone(series: Path, href: str) -> None:
    value = json.loads(series.read_text())
    next(iter(value["features"][0]["assets"].values()))["href"] = href
    series.write_text(json.dumps(value))
    with pytest.raises(UserError) as error:
        read_series(series)
    assert error.value.code == "path_not_local"
    assert repr(href) in str(error.value)


def test_f54_a_series_may_lie_beside_its_images(tmp_path: Path) -> None:
    found = linked_path(tmp_path / "results", "../images/a.tif")
    assert found == (tmp_path / "images" / "a.tif").resolve()


@pytest.mark.parametrize("model", ["a\0b", 5, ["x"], {"a": 1}, "/vsicurl/https://example.org/x"])
def test_f54_a_model_that_its_job_does_not_name_is_left_out(tmp_path: Path, model: object) -> None:
    document = {"schema": 1, "job": "finetune", "parameters": {"model": model}}
    (tmp_path / "job.json").write_text(json.dumps(document))
    assert pretrained_folder(tmp_path) is None


@pytest.fixture(scope="module")
def shipped() -> dict[str, str]:
    """The text of every Python file of engine and plugin, by its name."""
    folders = (ROOT / "backend" / "cscl", ROOT / "cscl_qgis")
    files = [path for folder in folders for path in folder.rglob("*.py")]
    assert len(files) > 100
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in files}


# Who looks into archives, in place: members are read, bounded, and nothing is unpacked.
READ_IN_PLACE = {
    "series/archives.py": "a zip of a product",
    "series/formats/safe_files.py": "a zip of a product",
    "zips.py": "what damaged ones raise",
    "vectors/files.py": "the first bytes of each member of a zipped layer",
    "dataset/exchange_patches.py": "arrays of another dataset",
    "dataset/exchange_records.py": "records of another dataset",
    "dataset/tile_tasks.py": "tiles of label rasters, written by itself and removed once joined",
    "mapping/parts.py": "parts of a map, written by itself and removed once joined",
    "parcels/workbook.py": "a workbook that was just written, to be written anew without its time",
}


def test_f54_no_archive_is_ever_extracted(shipped: dict[str, str]) -> None:
    unpacking = re.compile(r"unpack_archive|\.extract(?:all)?\(")
    assert [name for name, text in shipped.items() if unpacking.search(text)] == []
    opening = re.compile(
        r"^\s*(?:import|from) (?:zipfile|tarfile|gzip|bz2|lzma|zlib)\b", re.MULTILINE
    )
    found = {name for name, text in shipped.items() if opening.search(text)}
    assert {name.split("/cscl/")[-1] for name in found} <= set(READ_IN_PLACE)


# Where JSON is parsed otherwise, and why that is safe.
LENIENT = {
    "strict_json.py": "it is the strict reader",
    "conversation.py": "a line of progress of at most 1000 bytes, its numbers clamped",
    "cube_zarr.py": "metadata of others, who write NaN; bounded, and only codecs' names are taken",
}


def test_f55_all_json_is_read_by_the_strict_reader(shipped: dict[str, str]) -> None:
    loose = re.compile(r"(?<!\w)json\.(?:loads?|JSONDecoder)\b|from json import")
    found = {name.split("/")[-1] for name, text in shipped.items() if loose.search(text)}
    assert found == set(LENIENT)


@pytest.fixture
def series(tmp_path: Path) -> Path:
    images = write_images(tmp_path / "images", 24, 24, dates=2)
    path = tmp_path / "a.series.json"
    write_series(series_from_images(str(images), bands=BANDS, ctx=JobContext()), path)
    return path


# Every reader of a JSON file: the file's name, and how it is read from the folder that holds it.
READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "manifest": (MANIFEST_FILE, lambda folder: read_manifest(folder)),
    "job": ("job.json", lambda folder: job_from_file(folder / "job.json")),
    "job of a result": ("job.json", lambda folder: read_job(folder)),
    "dataset": ("dataset.json", lambda folder: Dataset.open(folder)),
    "series": ("a.series.json", lambda folder: read_series(folder / "a.series.json")),
    "map": ("map.json", lambda folder: read_map(folder)),
    "report": ("report.json", lambda folder: read_report(folder / "report.json")),
    "model": ("model.json", lambda folder: load_card(folder)),
}
NOT_STRICT = {
    "nested": b"[" * 100_000 + b"]" * 100_000,
    "nested objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "nested without an end": b"[" * 100_000,
    "a key twice": b'{"schema": 1, "schema": 1}',
    "NaN": b'{"schema": NaN}',
    "infinity": b'{"schema": -Infinity}',
    "overflow": b'{"schema": 1e999}',
    "digits": b'{"schema": ' + b"9" * 100_000 + b"}",
    "no UTF-8": b'{"schema": "\xff"}',
    "quotes without an end": b'{"' + b'\\"' * 500_000,
    "empty": b"",
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", NOT_STRICT)
def test_f55_every_reader_refuses_what_is_not_strict(
    tmp_path: Path, reader: str, text: str
) -> None:
    name, read = READERS[reader]
    (tmp_path / name).write_bytes(NOT_STRICT[text])
    (tmp_path / "model.safetensors").write_bytes(b"x")
    with pytest.raises(UserError) as error:
        read(tmp_path)
    assert error.value.code == "invalid_json"
    assert str(tmp_path / name) in str(error.value)


@pytest.mark.parametrize("reader", READERS)
def test_f55_a_gibibyte_is_refused_by_its_size(tmp_path: Path, reader: str) -> None:
    name, read = READERS[reader]
    with open(tmp_path / name, "wb") as handle:
        handle.truncate(1 << 30)
    (tmp_path / "model.safetensors").write_bytes(b"x")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UserError, match="it holds 1073741824 bytes, more than the"):
        read(tmp_path)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 32 * 1024  # KiB


def test_f55_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "job.json")
    for path in (tmp_path / "job.json", Path("/dev/zero")):
        with pytest.raises(UserError, match="it is no regular file"):
            strict_json.read(path)


def test_f55_depth_and_quotes_are_measured_in_linear_time() -> None:
    started = time.perf_counter()
    for text in (
        b"[" * 65 + b'"' + b'\\"' * 1_000_000,
        b'["' + b"[" * 2_000_000,
        (b"[]" * 40) + b'"\\' * 1_000_000,
    ):
        with pytest.raises(UserError):
            strict_json.parse(text, "x")
    assert time.perf_counter() - started < 5
