"""A new user in the real QGIS: from the zip to a styled map and an exported layer, by clicks alone.

`make new-user` runs it: some ten minutes, with pictures of every step in build/new_user. QGIS has
an empty profile in an empty home; the engine comes from build/wheelhouse (`make wheelhouse`), or
else from `.venv`, which the test says then.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
WORK = ROOT / "build" / "new_user"
WHEELS = ROOT / "build" / "wheelhouse"
ENGINE = ROOT / ".venv" / "bin" / "python"
SIZE, DATES = 128, 8
PATIENCE = 2400.0
# Of the processor: what the plugin itself may hold the main loop up for.
LONGEST = 0.100
# QGIS unpacks the zip in one go, and the dock is made once; both are printed.
STARTING = "Install from ZIP"
RESULT_FIELDS = [
    "crop_code", "crop_name", "confidence", "second_code", "second_name", "margin", "pixels",
    "agrees", "reason", "split",
]  # fmt: skip


@pytest.fixture(scope="module")
def story() -> SimpleNamespace:
    """What QGIS has seen and written."""
    shutil.rmtree(WORK, ignore_errors=True)
    farm = WORK / "home" / "my farm"
    farm.mkdir(parents=True)
    scene = farm / "images"
    simulate(scene)
    wheels = str(WHEELS) if any(WHEELS.glob("*.whl")) else ""
    print(f"engine: {'wheels of build/wheelhouse' if wheels else 'no build/wheelhouse: .venv'}")
    given = {
        "zip": str(ROOT / "dist" / "cscl_qgis.zip"), "wheels": wheels, "python": str(ENGINE),
        "scene": str(scene), "parcels": str(scene / "parcels.gpkg"), "results": str(farm),
    }  # fmt: skip
    (WORK / "scenery.json").write_text(json.dumps(given), encoding="utf-8")
    run_qgis()
    found = WORK / "story.json"
    log = (WORK / "qgis.log").read_text("utf-8", "replace")
    assert found.is_file(), f"QGIS ended before the story did; it said:\n{log[-3000:]}"
    told = json.loads(found.read_text("utf-8"))
    tell(told["chapters"])
    assert not told["failure"], told["failure"]
    return SimpleNamespace(**told, scene=scene, farm=farm, wheels=wheels)


def simulate(folder: Path) -> None:
    """Make the images and parcels that the user has."""
    command = [
        str(ENGINE), "-m", "cscl", "simulate", "--output", str(folder), "--size", str(SIZE),
        "--dates", str(DATES), "--difficulty", "easy",
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "backend")}
    subprocess.run(command, check=True, env=environment, stdin=subprocess.DEVNULL, timeout=120)


def run_qgis() -> None:
    """Start QGIS with the story and wait for its end."""
    xvfb = ["xvfb-run", "--auto-servernum", "--server-args=-screen 0 1500x960x24"]
    qgis = ["qgis.bin", "--nologo", "--noversioncheck", "--profiles-path", str(WORK)]
    with open(WORK / "qgis.log", "wb") as stream:
        process = subprocess.Popen(
            [*xvfb, *qgis, "--code", str(HERE / "new_user.py")],
            env=new_environment(), cwd=WORK / "home", stdin=subprocess.DEVNULL,
            stdout=stream, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            process.wait(PATIENCE)
        finally:
            # The screen's server is a child of the same group and must not stay behind.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def new_environment() -> dict[str, str]:
    """Return the variables of somebody who has just logged in for the first time."""
    home = WORK / "home"
    home.chmod(0o700)
    kept = {
        name: value for name, value in os.environ.items()
        if not name.startswith(("CSCL_", "PYTHON", "QGIS", "QT_", "XDG_", "VIRTUAL_ENV", "LC_"))
    }  # fmt: skip
    return {
        **kept,
        # QGIS's own Python takes its prefix from the first python3 on the path; the engine's
        # environment is made with any Python that is found.
        "PATH": f"/usr/bin:/bin:/usr/sbin:/sbin:{ENGINE.resolve().parent}",
        "PYTHONPATH": os.pathsep.join((str(HERE), str(ROOT / "tests" / "qgis"))),
        "HOME": str(home), "XDG_RUNTIME_DIR": str(home), "LC_ALL": "C.UTF-8",
        "CSCL_STORY": str(WORK),
    }  # fmt: skip


def tell(chapters: list[dict[str, Any]]) -> None:
    """Print the gaps of the main loop, chapter by chapter."""
    for part in chapters:
        print(
            f"{part['name']}: {part['seconds']:.0f} s, {part['gaps']} gaps, longest "
            f"{1000 * part['longest']:.0f} ms, p99 {1000 * part['p99']:.0f} ms"
        )
        for gap in part["long"]:
            print(
                f"  {1000 * gap['seconds']:.0f} ms, {1000 * gap['processor']:.0f} of them of the "
                f"processor, in: {gap['stack'].strip().splitlines()[-1].strip()}"
            )


def test_the_first_start_opens_the_page_that_sets_up(story: SimpleNamespace) -> None:
    """The dock comes by itself, and QGIS's window stays as large as it was."""
    assert story.seen["window_with_dock"] == story.seen["window"]
    assert story.seen["before"] is False
    assert story.seen["plugin"] == "cscl_qgis.cscl_qgis.plugin"
    assert (WORK / "profiles/default/python/plugins/cscl_qgis/metadata.txt").is_file()
    assert story.seen["install"] == "Install"
    assert "each checked by its hash" in story.seen["note"]


def test_the_engine_was_verified_before_it_was_used(story: SimpleNamespace) -> None:
    told = story.seen["engine"].splitlines()
    assert told[0] == "The engine is ready."
    if story.wheels:
        folder = WORK / "home/.local/share/cscl/engine"
        name = json.loads((folder / "current.json").read_text())["environment"]
        assert json.loads((folder / name / "ready.json").read_text())["door"] == "pip, folder"
        assert len(told) > 5


def test_series_and_parcels_were_read_whole(story: SimpleNamespace) -> None:
    assert story.seen["dates"] == DATES
    count = len(gpd.read_file(story.scene / "parcels.gpkg"))
    assert story.seen["read"] == f"{count} parcels"


def test_the_legend_is_that_of_the_model(story: SimpleNamespace) -> None:
    """Values, names and colours of both maps are the classes of the model's card."""
    item = json.loads((story.farm / "model" / "model.json").read_text())
    rows = item["properties"]["cscl:card"]["classes"]["classes"]
    classes = [[row["code"], row["name"], row["colour"].lower()] for row in rows]
    assert len(classes) == gpd.read_file(story.scene / "parcels.gpkg")["crop"].nunique()
    layers = {layer["name"]: layer for layer in story.seen["layers"]}
    assert story.seen["group"] == "Crop map: map"
    for name in ("Crop map 2.5 m", "Crop map 10 m"):
        assert layers[name]["renderer"] == "paletted"
        assert layers[name]["visible"]
        shown = [row for row in layers[name]["legend"] if row[0] < 254]
        assert shown == classes
    assert layers["Confidence 2.5 m"]["renderer"] == "singlebandpseudocolor"
    assert not layers["Confidence 2.5 m"]["visible"]
    assert layers["Parcels"]["renderer"] == "categorizedSymbol"
    colours = {row[1]: row[2] for row in layers["Parcels"]["legend"]}
    assert {name: colours[name] for _, name, _ in classes} == {
        name: colour for _, name, colour in classes
    }


def test_the_list_holds_what_differs(story: SimpleNamespace) -> None:
    found = gpd.read_file(story.farm / "map" / "parcels.gpkg")
    judged = found["agrees"].notna()
    differing = found.loc[judged & (found["agrees"] == 0)]
    count = len(differing)
    assert len(story.seen["differ"]) == count
    assert f"differ in {count} of {int(judged.sum())} parcels" in story.seen["summary"]
    told = sorted((row["declared"], row["mapped"]) for row in story.seen["differ"])
    assert told == sorted(zip(differing["crop"], differing["crop_name"], strict=True))


def test_the_matrix_counts_the_parcels_that_the_model_has_not_seen(story: SimpleNamespace) -> None:
    found = gpd.read_file(story.farm / "map" / "parcels.gpkg")
    unseen = found["agrees"].notna() & (found["split"] == "test")
    assert story.seen["matrix"] == int(unseen.sum()) > 0


def test_the_exported_layer_is_the_parcels_result(story: SimpleNamespace) -> None:
    """Read without QGIS: features, fields and values are those of the map's parcels."""
    own = gpd.read_file(story.scene / "parcels.gpkg")
    result = gpd.read_file(story.farm / "map" / "parcels.gpkg")
    exported = gpd.read_file(story.seen["exported"])
    assert len(exported) == len(own) > 20
    fields = [name for name in own.columns if name != "geometry"] + RESULT_FIELDS
    assert list(exported.columns)[: len(fields)] == fields
    assert list(exported.columns) == list(result.columns)
    assert exported.crs == own.crs
    assert exported.drop(columns="geometry").equals(result.drop(columns="geometry"))
    assert exported.geometry.geom_equals(result.geometry).all()
    assert exported["crop_name"].notna().any()


def test_the_plugin_held_nothing_up(story: SimpleNamespace) -> None:
    """No code of the plugin kept the main loop from going on; QGIS's own gaps are printed."""
    held = [
        gap for part in story.chapters if part["name"] != STARTING for gap in part["long"]
        if gap["processor"] > LONGEST and "cscl_qgis" in gap["stack"]
    ]  # fmt: skip
    assert held == []
