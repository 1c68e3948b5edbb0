"""The algorithms without a window: qgis_process in a profile of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

PROGRAM = "qgis_process.bin"


@pytest.fixture(scope="module")
def tool(
    plugin: SimpleNamespace, short_engine: None, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """Run qgis_process with the plugin installed and enabled; return its exit status and text."""
    if shutil.which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed")
    home = tmp_path_factory.mktemp("home")
    plugins = home / "profiles" / "default" / "python" / "plugins"
    shutil.copytree(plugin.root, plugins / "cscl_qgis")
    environment = {
        **os.environ, "HOME": str(home), "QGIS_CUSTOM_CONFIG_PATH": str(home),
        "CSCL_HOME": str(home / "cscl"), "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": "",
    }  # fmt: skip
    environment.pop("QGIS_OPTIONS_PATH", None)

    def run(*arguments: str, standard_input: str = "") -> tuple[int, str]:
        done = subprocess.run(
            [PROGRAM, *arguments], env=environment, text=True, timeout=400, cwd=home,
            input=standard_input, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return done.returncode, done.stdout

    status, text = run("plugins", "enable", "cscl_qgis")
    assert status == 0, text
    return run


def test_all_algorithms_are_listed(tool: Any) -> None:
    status, text = tool("list")
    assert status == 0
    assert "Crop mapping (CSCL)" in text
    for name in ("simulate", "series", "dataset", "report", "import", "export-dataset", "pretrain",
                 "finetune", "evaluate", "map", "parcels", "polygons", "sample", "area",
                 "export", "pipeline"):  # fmt: skip
        assert f"cscl:{name}\t" in text


def test_help_names_the_parameters(tool: Any) -> None:
    status, text = tool("help", "cscl:pipeline")
    assert status == 0
    for name in ("IMAGES", "IMAGE_LAYERS", "SERIES", "PARCELS", "CLASS_FIELD", "PRESET", "SEASON",
                 "OUTPUT", "CROP_MAP", "CONFIDENCE", "PARCELS_OUT", "MODEL", "REPORT"):  # fmt: skip
        assert name in text


def test_pipeline_from_the_terminal(tool: Any, scene: Path, tmp_path: Path) -> None:
    output = tmp_path / "über das Feld"
    status, text = tool(
        "run", "cscl:pipeline", "--json", "--", f"IMAGES={scene}",
        f"PARCELS={scene / 'parcels.gpkg'}", "CLASS_FIELD=crop", "PRESET=quick", "RESOLUTION=10",
        "SEASON=2020-10-01/2021-09-30", "WIDTH=0.125", "DATES=3", "CHIP=16", "BASELINE=false",
        f"OUTPUT={output}",
    )  # fmt: skip
    assert status == 0, text
    results = json.loads(text[text.index("{") : text.rindex("}") + 1])["results"]
    assert results["CROP_MAP"] == str(output / "map" / "crops.tif")
    assert results["CONFIDENCE"] == str(output / "map" / "confidence.tif")
    assert results["PARCELS_OUT"] == str(output / "parcels.gpkg")
    assert results["MODEL"] == str(output / "model")
    assert results["REPORT"] == str(output / "report.html")
    assert all(Path(path).exists() for path in results.values())
    assert json.loads((output / "manifest.json").read_text())["state"] == "complete"


def test_failure_has_a_status_and_words(tool: Any, tmp_path: Path) -> None:
    status, text = tool(
        "run", "cscl:map", "--", "IMAGES=/no/images", f"MODEL={tmp_path}",
        f"OUTPUT={tmp_path / 'out'}",
    )  # fmt: skip
    assert status != 0
    assert "/no/images: there is no such file or folder" in text
    assert not list((tmp_path / "out").rglob("*.tif"))
