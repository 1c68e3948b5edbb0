"""What the command line says of bad inputs: the exact words, the status, never a traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cscl.contract.version import VERSION


def cscl(*arguments: object, home: Path) -> tuple[int, str, str]:
    """Run the command line in a process of its own; return status, output and error."""
    backend = Path(__file__).resolve().parents[2] / "backend"
    environment = {**os.environ, "CSCL_HOME": str(home), "PYTHONPATH": str(backend)}
    done = subprocess.run(
        [sys.executable, "-m", "cscl", *map(str, arguments)],
        env=environment, capture_output=True, text=True, timeout=120, cwd=home.parent,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


BANDS = "B02, B03, B04, B08, B05, B06, B07, B8A, B11, B12, SCL"

# arguments ({s} scene, {c} chain, {t} temporary folder), status, words on standard error
TABLE: dict[str, tuple[str, int, str]] = {
    "values missing": (
        "map --images {s}",
        2,
        "Error: model: it has no value. Give --model a value.\n"
        "output: it has no value. Give --output a value.\n",
    ),
    "value out of range": (
        "finetune --dataset {c}/dataset --output {t}/o --epochs 0",
        2,
        "Error: epochs: it is 0. Use a whole number of 1 to 10000.\n",
    ),
    "even window": (
        "pretrain --dataset {c}/dataset --output {t}/o --window 4",
        2,
        "Error: window: it is 4. Use an odd number: a window has a centre.\n",
    ),
    "remote images": (
        "series --images http://example.org/x --output {t}/o.series.json",
        2,
        "Error: images 'http://example.org/x': it starts with 'http:', which is no local file. "
        "Use the path of a local or mounted file or folder.\n",
    ),
    "inputs absent": (
        "pipeline --images {t}/a --parcels {t}/b.gpkg --class-field crop --output {t}/o",
        1,
        "Error: {t}/a: there is no such file or folder. Check the path given as images.\n"
        "{t}/b.gpkg: there is no such file or folder. Check the path given as parcels.\n",
    ),
    "field absent": (
        "dataset --images {s} --parcels {s}/parcels.gpkg --class-field nope --output {t}/o",
        1,
        "Error: parcels.gpkg, layer parcels: it has no field 'nope'; found id, crop. "
        "Choose the field that holds the crop.\n",
    ),
    "band absent": (
        "series --images {s} --bands B02,B99 --output {t}/o.series.json",
        1,
        "images: it lacks B99; wanted B02, B99, SCL; found " + BANDS + ". ",
    ),
    "season": (
        "series --images {s} --season 2021 --output {t}/o.series.json",
        1,
        "Error: season '2021': it is not START/END. Write it as 2018-10-01/2019-09-30.\n",
    ),
    "no model": (
        "map --images {s} --model {s} --output {t}/o",
        1,
        "Error: {s}: the folder lacks model.safetensors and model.json. "
        "Give a folder with model.safetensors and model.json.\n",
    ),
    "no dataset": (
        "finetune --dataset {c} --output {t}/o",
        1,
        "Error: {c}: it holds no dataset.json. Choose a dataset folder.\n",
    ),
    "device absent": (
        "finetune --dataset {c}/dataset --output {t}/o --device cuda:99",
        1,
        "Error: device 'cuda:99': ",
    ),
    "output not ours": (
        "pipeline --images {s} --parcels {s}/parcels.gpkg --class-field crop --output {t}/full",
        1,
        "Error: {t}/full: the folder is not empty and holds no job of ours. "
        "Choose an empty or new folder.\n",
    ),
    "output exists": (
        "parcels --map {c}/map --parcels {s}/parcels.gpkg --output {c}/parcels.gpkg",
        1,
        "Error: {c}/parcels.gpkg: the output exists already. "
        "Choose another output, or allow overwriting.\n",
    ),
    "ending and format": (
        "export --layer {c}/parcels.gpkg --format geojson --output {t}/o.shp",
        1,
        "Error: {t}/o.shp: its ending is .shp, the format geojson. "
        "Name it *.geojson, or choose another format.\n",
    ),
    "job file": (
        "run {t}/broken.json",
        2,
        "Error: {t}/broken.json: it is not valid JSON (the key 'job' stands twice)",
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_bad_input_is_told_in_words(case: str, chain: Any, tmp_path: Path) -> None:
    arguments, wanted_status, wanted = TABLE[case]
    places = {"s": chain.scene, "c": chain.folder, "t": tmp_path}
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.odt").write_text("mine")
    (tmp_path / "broken.json").write_text('{"schema": 1, "job": "map", "job": "series"}')
    words = [part.format(**places) for part in arguments.split()]
    status, _, error = cscl(*words, home=tmp_path / "home")
    assert wanted.format(**places) in error
    assert status == wanted_status
    assert "Traceback" not in error
    assert not [item for item in tmp_path.rglob("*.tif")]


def test_wrong_usage_ends_with_status_2(tmp_path: Path) -> None:
    status, _, error = cscl("nonsense", home=tmp_path / "home")
    assert (status, "No such command 'nonsense'" in error) == (2, True)
    status, out, _ = cscl("--version", home=tmp_path / "home")
    assert (status, out) == (0, f"cscl, version {VERSION}\n")


def test_the_help_of_every_job_names_its_options(tmp_path: Path) -> None:
    status, out, _ = cscl("pipeline", "--help", home=tmp_path / "home")
    assert status == 0
    for option in ("--images", "--class-field", "--season", "--preset", "--outside", "--seed"):
        assert option in out


def test_a_bug_is_told_in_words_and_its_traceback_goes_to_a_file(
    chain: Any, tmp_path: Path
) -> None:
    broken = tmp_path / "dataset"
    shutil.copytree(chain.dataset, broken)
    shutil.rmtree(broken / "chips.zarr")
    home = tmp_path / "home"
    words = ("finetune", "--dataset", broken, "--output", tmp_path / "o", "--epochs", 1)
    status, _, error = cscl(*words, home=home)
    assert status == 1
    assert "Traceback" not in error
    reports = list((home / "reports").glob("*.txt"))
    if reports:
        assert str(reports[0]) in error
        assert "Traceback" in reports[0].read_text()
    else:
        assert str(broken) in error
