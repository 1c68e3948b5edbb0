"""The plugin loaded as QGIS loads it, and small scenes made by the real engine."""

from __future__ import annotations

import importlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAME = "cscl_qgis"
ZIP = ROOT / "dist" / f"{NAME}.zip"
SOURCES = ("__init__.py", "metadata.txt", "LICENSE", "cscl_qgis", "backend", "resources")
SCRATCH = Path(tempfile.mkdtemp(prefix="cscl-qgis-tests-"))

# Before QGIS starts: no window needed, nothing written to the person's own folders.
if not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("XDG_RUNTIME_DIR", str(SCRATCH))
os.environ["CSCL_HOME"] = str(SCRATCH / "home")
os.environ.setdefault("CSCL_BACKEND_PYTHON", str(ROOT / ".venv" / "bin" / "python"))
os.environ.setdefault("OMP_NUM_THREADS", "1")
PROCESSING = Path("/usr/share/qgis/python/plugins")
sys.path.insert(0, str(PROCESSING))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what needs a simulated scene where the run is asked to do without."""
    if os.environ.get("CSCL_WITHOUT_SCENES"):
        skip = pytest.mark.skip(reason="it needs a scene of the real engine (CSCL_WITHOUT_SCENES)")
        for item in items:
            if {"scene", "chain", "shared_data"} & set(getattr(item, "fixturenames", ())):
                item.add_marker(skip)


def pytest_sessionfinish() -> None:
    """Remove what the tests wrote."""
    shutil.rmtree(SCRATCH, ignore_errors=True)


def stage_plugin(folder: Path) -> str:
    """Lay the plugin out as a folder on QGIS's plugin path, and say where it came from."""
    sources = [path for name in SOURCES for path in _files(ROOT / name)]
    newest = max(path.stat().st_mtime for path in sources)
    if ZIP.is_file() and ZIP.stat().st_mtime >= newest:
        with zipfile.ZipFile(ZIP) as archive:
            archive.extractall(folder)
        return "zip"
    for name in SOURCES:
        source, target = ROOT / name, folder / NAME / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.is_file():
            shutil.copy2(source, target)
    return "tree"


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [item for item in path.rglob("*") if item.is_file() and "__pycache__" not in item.parts]


@pytest.fixture(scope="session")
def plugin_origin(qgis_app: Any) -> str:
    """Whether the plugin comes from the built zip or, where that is older, from the tree."""
    return stage_plugin(SCRATCH / "plugins")


@pytest.fixture(scope="session")
def plugin(qgis_app: Any, plugin_origin: str) -> SimpleNamespace:
    """The plugin's modules, loaded and started through qgis.utils."""
    import qgis.utils
    from processing.core.Processing import Processing

    Processing.initialize()
    folder = str(SCRATCH / "plugins")
    sys.path.insert(0, folder)
    qgis.utils.plugin_paths.append(folder)
    qgis.utils.updateAvailablePlugins()
    if not qgis.utils.loadPlugin(NAME):
        raise RuntimeError("QGIS could not load the plugin")
    if not qgis.utils.startProcessingPlugin(NAME):
        raise RuntimeError("QGIS could not start the plugin's provider")

    def load(name: str) -> Any:
        return importlib.import_module(f"{NAME}.{name}")

    return SimpleNamespace(load=load, root=Path(folder) / NAME)


@pytest.fixture(scope="session")
def provider(plugin: SimpleNamespace) -> Any:
    """The provider as it stands in QGIS's registry."""
    from qgis.core import QgsApplication

    return QgsApplication.processingRegistry().providerById("cscl")


@pytest.fixture()
def no_project(qgis_app: Any) -> Iterator[Any]:
    """An empty project, emptied again at the end."""
    from qgis.core import QgsProject

    QgsProject.instance().clear()
    yield QgsProject.instance()
    QgsProject.instance().clear()


@pytest.fixture()
def window_kind() -> Any:
    """The class of `window`; a module whose tests need another names it in its own fixture."""
    from dock_windows import Window

    return Window


@pytest.fixture()
def window(qgis_app: Any, no_project: Any, window_kind: Any) -> Iterator[Any]:
    """An empty window and an empty project."""
    made = window_kind()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture()
def dock_module(plugin: SimpleNamespace) -> Any:
    """The dock's module, with nothing remembered of earlier docks."""
    from qgis.core import QgsSettings

    QgsSettings().remove("cscl/dock")
    return plugin.load("cscl_qgis.gui.dock")


@pytest.fixture()
def dock(dock_module: Any, window: Any) -> Iterator[Any]:
    """A narrow dock in a window."""
    from dock_windows import shown_dock

    made = shown_dock(dock_module, window)
    yield made
    made.close_down()


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny simulated scene: images, parcels.gpkg and truth."""
    return simulate(tmp_path_factory.mktemp("scenes") / "one", seed=1)


def simulate(folder: Path, seed: int) -> Path:
    """Simulate a tiny scene with the real engine on the command line."""
    command = [
        os.environ["CSCL_BACKEND_PYTHON"], "-m", "cscl", "simulate", "--output", str(folder),
        "--size", str(SIZE), "--dates", "6", "--crops", "3", "--difficulty", "easy",
        "--seed", str(seed),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "backend")}
    subprocess.run(command, check=True, env=environment, stdin=subprocess.DEVNULL, timeout=120)
    return folder


SIZE = 64


@pytest.fixture()
def fake_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a stand-in in the engine's place that misbehaves in the way that is asked for."""

    def install(mode: str) -> Path:
        script = ROOT / "tests" / "faults" / "fake_backend.py"
        wrapper = tmp_path / "python"
        wrapper.write_text(f'#!/bin/sh\nexec /usr/bin/python3 "{script}" {mode} "$@"\n')
        wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("CSCL_BACKEND_PYTHON", str(wrapper))
        return wrapper

    return install


@pytest.fixture(scope="module")
def short_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Put the real engine, which trains a few steps with the preset "quick", in its place."""
    python, script = os.environ["CSCL_BACKEND_PYTHON"], ROOT / "tests" / "short_engine.py"
    wrapper = tmp_path_factory.mktemp("engine") / "python"
    wrapper.write_text(f'#!/bin/sh\nexec "{python}" -s -P "{script}" "$@"\n')
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CSCL_BACKEND_PYTHON", str(wrapper))
        yield


class Recorder:
    """Runs a job in an engine process under Qt's event loop and keeps all that it says."""

    def __init__(self, plugin: SimpleNamespace, qtbot: Any) -> None:
        self._qtbot = qtbot
        self.process = plugin.load("cscl_qgis.engine.process").EngineProcess()
        self.events: list[Any] = []
        self.log: list[str] = []
        self.outcomes: list[Any] = []
        self.process.event_received.connect(self.events.append)
        self.process.log_received.connect(self.log.append)
        self.process.ended.connect(self.outcomes.append)

    def run(self, job: Any, timeout: int = 20000) -> Any:
        """Start the job, wait for its end and return the outcome."""
        with self._qtbot.waitSignal(self.process.ended, timeout=timeout):
            self.process.start(job)
        return self.outcomes[0]

    def until(self, condition: Callable[[], bool], timeout: int = 20000) -> None:
        """Let events come in until a condition holds."""
        self._qtbot.waitUntil(condition, timeout=timeout)

    def of_kind(self, kind: str) -> list[Any]:
        """Return the events of one kind."""
        return [event for event in self.events if event.kind == kind]


@pytest.fixture()
def recorder(plugin: SimpleNamespace, qtbot: Any) -> Iterator[Recorder]:
    """A recorder whose process is ended with the test."""
    made = Recorder(plugin, qtbot)
    yield made
    made.process.close()


@pytest.fixture()
def make_job(plugin: SimpleNamespace) -> Callable[..., Any]:
    """Return a job of the contract, from its name and values."""

    def make(name: str, **values: Any) -> Any:
        return plugin.load("backend.cscl.contract.jobs").make_job(name, values)

    return make


@pytest.fixture()
def any_job(make_job: Callable[..., Any], tmp_path: Path) -> Any:
    """A job for engines that do not look at it."""
    return make_job("series", images=str(tmp_path), output=str(tmp_path / "a.series.json"))


def content_of(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
