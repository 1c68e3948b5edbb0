"""The engine's environment, and what is said where there is no engine that works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

POISON = {
    "PYTHONHOME": "/nowhere",
    "PYTHONPATH": "/nowhere",
    "PYTHONEXECUTABLE": "/usr/bin/python3",
    "PYTHONSTARTUP": "/nowhere",
    "LD_LIBRARY_PATH": "/nowhere",
    "LD_PRELOAD": "",
    "GDAL_DATA": "/nowhere",
    "GDAL_DRIVER_PATH": "/nowhere",
    "PROJ_LIB": "/nowhere",
    "PROJ_DATA": "/nowhere",
    "QT_PLUGIN_PATH": "/nowhere",
    "VIRTUAL_ENV": "/nowhere",
}


@pytest.fixture()
def poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables that QGIS sets for itself, all wrong for another Python."""
    for name, value in POISON.items():
        monkeypatch.setenv(name, value)


def test_f15_child_sees_none_of_the_variables_of_qgis(
    plugin: SimpleNamespace, poisoned: None
) -> None:
    engine = plugin.load("cscl_qgis.engine.locate").locate_engine()
    environment = plugin.load("cscl_qgis.engine.environment").child_environment(
        os.environ, engine.backend
    )
    code = (
        "import json, os, sys; from cscl.contract import version; "
        "print(json.dumps([sys.prefix, version.__file__, dict(os.environ)]))"
    )
    said = subprocess.run(
        [engine.python, "-s", "-P", "-c", code], env=environment, check=True, capture_output=True
    ).stdout
    prefix, package, seen = json.loads(said)
    clean = subprocess.run(
        [engine.python, "-s", "-c", "import sys; print(sys.prefix)"],
        env={}, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert prefix == clean.strip()
    assert Path(package).is_relative_to(plugin.root)
    assert seen.pop("PYTHONPATH") == str(plugin.root / "backend")
    assert not set(seen) & set(POISON)


@pytest.mark.parametrize("language", ["xx_XX.UTF-8", "C"])
def test_f72_python_below_letters_that_are_not_ascii_starts_in_any_language(
    plugin: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str
) -> None:
    for name in ("LANG", "LC_ALL", "LC_CTYPE"):
        monkeypatch.setenv(name, language)
    home, package = tmp_path / "é" / "environment", tmp_path / "é" / "package"
    package.mkdir(parents=True)
    python = home / "bin" / "python3"
    made = [sys.executable, "-m", "venv", "--without-pip", str(home)]
    subprocess.run(made, check=True, env={})
    (folder,) = home.glob("lib/python3*/site-packages")
    (folder / "package.pth").write_text(f"{package}\n", encoding="utf-8")
    environment = plugin.load("cscl_qgis.engine.environment").child_environment(os.environ, "")
    said = subprocess.run(
        [python, "-s", "-c", "import json, sys; print(json.dumps(sys.path))"],
        env=environment, check=True, capture_output=True,
    ).stdout  # fmt: skip
    assert str(package) in json.loads(said)


def test_f15_job_runs_where_qgis_has_set_them(
    recorder: Any, make_job: Any, poisoned: None, tmp_path: Path
) -> None:
    job = make_job("simulate", output=str(tmp_path / "scene"), size=48, dates=4)
    outcome = recorder.run(job, timeout=60000)
    assert outcome.succeeded, outcome


def test_f15_windows_path_is_that_of_windows_alone(plugin: SimpleNamespace) -> None:
    module = plugin.load("cscl_qgis.engine.environment")
    parent = {"Path": "C:\\QGIS\\bin", "PATH": "C:\\QGIS\\bin", "SYSTEMROOT": "C:\\Windows"}
    child = module.child_environment(parent, "C:\\plugin\\backend", "win32")
    assert "QGIS" not in " ".join(child.values())
    assert child["PATH"] == "C:\\Windows\\System32;C:\\Windows"


def test_f16_no_engine_is_said_before_the_run(
    plugin: SimpleNamespace, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSCL_BACKEND_PYTHON", "/no/such/python")
    algorithm = provider.algorithm("pipeline").create()
    can, reason = algorithm.canExecute()
    assert not can
    assert "/no/such/python" in reason
    assert "CSCL_BACKEND_PYTHON" in reason
    assert "there is no such file" in reason
    assert len(provider.algorithms()) >= 10


def test_f16_no_engine_anywhere(plugin: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CSCL_BACKEND_PYTHON")
    reason = plugin.load("cscl_qgis.engine.locate").engine_problem()
    assert reason.startswith("engine: no engine is installed. Install the engine")
    assert "make demo" in reason


def test_f16_file_that_cannot_be_executed(
    plugin: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text("")
    monkeypatch.setenv("CSCL_BACKEND_PYTHON", str(python))
    assert "cannot be executed" in plugin.load("cscl_qgis.engine.locate").engine_problem()


def test_f16_python_too_old(
    plugin: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.9.2\n")
    monkeypatch.setenv("CSCL_BACKEND_PYTHON", str(python))
    reason = plugin.load("cscl_qgis.engine.locate").engine_problem()
    assert "it is Python 3.9, the engine needs 3.11 or later" in reason


def test_f16_setting_comes_before_the_variable(
    plugin: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = plugin.load("cscl_qgis.settings")
    chosen = os.environ["CSCL_BACKEND_PYTHON"]
    monkeypatch.setenv("CSCL_BACKEND_PYTHON", "/no/such/python")
    settings.write_settings(settings.Settings(backend_python=chosen))
    try:
        assert plugin.load("cscl_qgis.engine.locate").locate_engine().python == chosen
    finally:
        settings.write_settings(settings.Settings())


def test_f16_engine_that_does_not_start(fake_engine: Any, recorder: Any, any_job: Any) -> None:
    fake_engine("broken_import")
    outcome = recorder.run(any_job)
    assert outcome.code == "engine_start_failed"
    assert "No module named 'click'" in outcome.message
    assert "Reinstall the engine" in outcome.message


def test_f16_engine_that_is_no_program(
    recorder: Any, any_job: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_bytes(b"\x7fELF nonsense")
    python.chmod(0o755)
    monkeypatch.setenv("CSCL_BACKEND_PYTHON", str(python))
    outcome = recorder.run(any_job)
    assert outcome.code == "engine_start_failed"
    assert str(python) in outcome.message


def test_f16_broken_torch(
    recorder: Any, make_job: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The engine starts, but the library it trains with does not load."""
    broken, dataset = tmp_path / "broken", tmp_path / "dataset"
    broken.mkdir()
    dataset.mkdir()
    (broken / "torch.py").write_text("raise ImportError('libtorch.so: cannot open')\n")
    wrapper = tmp_path / "python"
    real = os.environ["CSCL_BACKEND_PYTHON"]
    wrapper.write_text(f'#!/bin/sh\nexport PYTHONPATH="{broken}:$PYTHONPATH"\nexec "{real}" "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("CSCL_BACKEND_PYTHON", str(wrapper))
    job = make_job("finetune", dataset=str(dataset), output=str(tmp_path / "model"))
    outcome = recorder.run(job, timeout=60000)
    assert outcome.state == "failed"
    assert "libtorch.so: cannot open" in outcome.message
    assert "einstall the engine" in outcome.message
