"""Documents that name files, as the plugin reads them."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest


def write_result(plugin: SimpleNamespace, folder: Path, relative: str) -> None:
    """Write the manifest of a complete job with one output."""
    manifest = plugin.load("backend.cscl.contract.manifest")
    record = manifest.Manifest(
        "map", "f", "complete", "0.1.0", 1, 0.0, 1.0, outputs={"crops": relative}
    )
    manifest.write_manifest(folder, record)


def test_f54_results_are_those_of_the_folder(plugin: SimpleNamespace, tmp_path: Path) -> None:
    outputs_in = plugin.load("cscl_qgis.gui.finished").outputs_in

    write_result(plugin, tmp_path, "crops.tif")
    assert outputs_in(str(tmp_path)) == {"crops": str(tmp_path.resolve() / "crops.tif")}
    for relative in ("../crops.tif", "/vsicurl/https://example.org/a.tif", "/etc/passwd", "a\0b"):
        write_result(plugin, tmp_path, relative)
        assert outputs_in(str(tmp_path)) == {}


@pytest.mark.parametrize("href", ["/vsicurl/https://example.org/a.tif", "https://x/a.tif", "C:a"])
def test_f54_a_series_leads_to_no_driver(
    plugin: SimpleNamespace, tmp_path: Path, href: str
) -> None:
    first_image = plugin.load("cscl_qgis.layers.inputs")._first_image

    path = tmp_path / "a.series.json"
    path.write_text(json.dumps({"features": [{"assets": {"B02": {"href": href}}}]}))
    assert first_image(str(path)) is None


def test_f55_a_series_without_bounds_is_not_read(plugin: SimpleNamespace, tmp_path: Path) -> None:
    first_image = plugin.load("cscl_qgis.layers.inputs")._first_image

    path = tmp_path / "a.series.json"
    path.write_text("[" * 100_000)
    assert first_image(str(path)) is None
    with open(path, "wb") as handle:
        handle.truncate(1 << 30)
    assert first_image(str(path)) is None
