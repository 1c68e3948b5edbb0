"""The toolbox: every job is there, its parameters are those of the contract."""

from __future__ import annotations

import ast
import configparser
import importlib
import os
from types import SimpleNamespace
from typing import Any

import pytest

TABLE = (
    "simulate", "series", "dataset", "report", "import", "export-dataset", "pretrain",
    "finetune", "evaluate", "map", "parcels", "polygons", "sample", "area", "export",
    "pipeline",
)  # fmt: skip
MODEL = "Crop map from images and parcels"


def test_plugin_comes_from_the_built_zip(plugin_origin: str) -> None:
    if plugin_origin != "zip":
        pytest.skip("dist/cscl_qgis.zip is older than the sources: the plugin is from the tree")
    assert plugin_origin == "zip"


def test_provider_lists_every_job(provider: Any) -> None:
    assert provider.id() == "cscl"
    assert provider.name() == "Crop mapping (CSCL)"
    names = {algorithm.name() for algorithm in provider.algorithms()}
    assert names == {*TABLE, MODEL}
    assert not provider.icon().isNull()


@pytest.mark.parametrize("command", TABLE)
def test_parameters_are_those_of_the_contract(
    plugin: SimpleNamespace, provider: Any, command: str
) -> None:
    jobs = plugin.load("backend.cscl.contract.jobs")
    fields = plugin.load("backend.cscl.contract.fields").fields_of(jobs.JOBS[command])
    algorithm = provider.algorithm(command).create()
    names = [item.name() for item in algorithm.parameterDefinitions()]
    wanted = []
    for field in fields:
        images = ["IMAGES", "IMAGE_LAYERS", "SERIES"]
        wanted += images if field.kind == "images" else [field.parameter]
    assert sorted(set(names) - {"LOAD"}) == sorted(wanted)
    assert names[-1] == "OUTPUT"
    for field in fields:
        if field.kind == "images":
            continue
        parameter = algorithm.parameterDefinition(field.parameter)
        flag = type(parameter).Flag
        assert bool(parameter.flags() & flag.FlagAdvanced) == field.advanced, field.name
        assert parameter.help().startswith(field.help)
        if field.required:
            assert not parameter.flags() & flag.FlagOptional, field.name
        if field.kind == "choice":
            assert parameter.usesStaticStrings()
            assert parameter.options() == [value for value, _ in field.choices]
            assert parameter.defaultValue() == field.default
            for _, title in field.choices:
                assert title in parameter.help()
        if field.kind in ("integer", "number"):
            assert parameter.defaultValue() == field.default
            if field.minimum is not None:
                assert parameter.minimum() == field.minimum
            if field.maximum is not None:
                assert parameter.maximum() == field.maximum


def test_a_class_field_belongs_to_its_layer(provider: Any) -> None:
    algorithm = provider.algorithm("dataset").create()
    assert algorithm.parameterDefinition("CLASS_FIELD").parentLayerParameterName() == "PARCELS"
    export = provider.algorithm("export").create()
    assert export.parameterDefinition("FIELDS").parentLayerParameterName() == "LAYER"
    assert export.parameterDefinition("FIELDS").allowMultiple()


def test_outputs_are_typed_for_models(provider: Any) -> None:
    kinds = {
        item.name(): item.type() for item in provider.algorithm("pipeline").outputDefinitions()
    }
    assert kinds == {
        "OUTPUT": "outputFolder", "SERIES_OUT": "outputFile", "DATASET": "outputFolder",
        "FINDINGS": "outputVector", "MODEL": "outputFolder", "MAP": "outputFolder",
        "CROP_MAP": "outputRaster", "CROP_MAP_5M": "outputRaster", "CROP_MAP_2M5": "outputRaster",
        "CONFIDENCE": "outputRaster", "CONFIDENCE_5M": "outputRaster",
        "CONFIDENCE_2M5": "outputRaster", "PARCELS_OUT": "outputVector", "REPORT": "outputHtml",
        "REPORT_DATA": "outputFile", "PREVIEW": "outputFile", "INSPECTION": "outputVector",
        "INSPECTION_TABLE": "outputFile",
    }  # fmt: skip


@pytest.mark.parametrize("command", TABLE)
def test_help_has_an_example_with_the_required_parameters(provider: Any, command: str) -> None:
    algorithm = provider.algorithm(command).create()
    text = algorithm.shortHelpString()
    assert f"qgis_process.bin run cscl:{command} --" in text
    example = text.split("<code>")[1].split("</code>")[0]
    flag = type(algorithm.parameterDefinitions()[0]).Flag
    for parameter in algorithm.parameterDefinitions():
        assert parameter.name() in text or parameter.name() == "LOAD"
        if not parameter.flags() & flag.FlagOptional and parameter.defaultValue() is None:
            assert f"{parameter.name()}=" in example


@pytest.mark.parametrize("command", TABLE)
def test_labels_are_short_enough_for_the_dialog(provider: Any, command: str) -> None:
    algorithm = provider.algorithm(command).create()
    for parameter in algorithm.parameterDefinitions():
        assert len(parameter.description()) <= 64


def test_series_file_keeps_both_parts_of_its_ending(provider: Any) -> None:
    algorithm = provider.algorithm("series").create()
    parameter = algorithm.parameterDefinition("OUTPUT")
    assert parameter.defaultFileExtension() == "series.json"


def test_every_name_of_qgis_that_the_plugin_uses_is_there(plugin: SimpleNamespace) -> None:
    checked = 0
    for file in sorted((plugin.root / "cscl_qgis").rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        imported: dict[str, Any] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qgis"):
                module = importlib.import_module(str(node.module))
                for alias in node.names:
                    imported[alias.asname or alias.name] = getattr(module, alias.name)
                    checked += 1
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                checked += _resolves(node, imported)
    assert checked > 100


def _resolves(node: ast.Attribute, imported: dict[str, Any]) -> int:
    """Follow Class.Enum.Member from an imported class; a missing name is an AttributeError."""
    names: list[str] = []
    inner: ast.expr = node
    while isinstance(inner, ast.Attribute):
        names.insert(0, inner.attr)
        inner = inner.value
    if not isinstance(inner, ast.Name) or inner.id not in imported:
        return 0
    value = imported[inner.id]
    for name in names:
        value = getattr(value, name)
    return 1


def test_importing_the_plugin_loads_nothing_heavy(plugin: SimpleNamespace) -> None:
    import subprocess
    import sys

    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import qgis.core, qgis.gui; "
        "before = set(sys.modules); import cscl_qgis; "
        "import cscl_qgis.cscl_qgis.processing.provider; "
        "print([name for name in ('torch', 'rasterio', 'pandas', 'numpy', 'click') "
        "if name in set(sys.modules) - before])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(plugin.root.parent)],
        check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": ""},
    ).stdout  # fmt: skip
    assert said.strip() == "[]"


def test_metadata_is_complete(plugin: SimpleNamespace) -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(plugin.root / "metadata.txt", encoding="utf-8")
    general = parser["general"]
    assert general["qgisMinimumVersion"] == "3.22"
    assert general["qgisMaximumVersion"] == "4.99"
    assert general["hasProcessingProvider"] == "yes"
    assert general["version"] == plugin.load("backend.cscl.contract.version").VERSION
    assert (plugin.root / general["icon"]).is_file()
    for key in ("homepage", "tracker", "repository"):
        assert general[key].startswith("https://example.org/")
