"""Faults of an installation: changed files, kills, full disks, two at once, difficult folders."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from fake_engine_parts import (  # noqa: E402
    Parts,
    has_venv,
    make_index,
    make_parts,
    make_template,
    quick_python,
    tamper,
)

pytestmark = pytest.mark.skipif(not has_venv(), reason="python3-venv is not installed")
# Nothing here takes this long; a busy machine only must not fail for that.
WAIT_MS = 240_000
POISON = {
    "PYTHONHOME": "/nowhere", "PYTHONPATH": "/nowhere", "PYTHONEXECUTABLE": "/nowhere",
    "LD_LIBRARY_PATH": "/nowhere", "GDAL_DATA": "/nowhere", "PROJ_LIB": "/nowhere",
    "VIRTUAL_ENV": "/nowhere", "PIP_TARGET": "/nowhere", "PIP_USER": "1",
}  # fmt: skip


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One environment with pip."""
    return make_template(tmp_path_factory.mktemp("template") / "environment")


@pytest.fixture()
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder."""
    folder = tmp_path / "data folder é"
    monkeypatch.setenv("CSCL_HOME", str(folder))
    return folder


@pytest.fixture()
def parts(tmp_path: Path) -> Parts:
    """Wheels, lists and an engine that answers well."""
    return make_parts(tmp_path / "parts")


class Installation:
    """Runs installations of small parts and keeps what they said."""

    def __init__(self, plugin: SimpleNamespace, qtbot: Any, python: Path) -> None:
        def load(name: str) -> Any:
            return plugin.load(f"cscl_qgis.engine.install.{name}")

        self._qtbot = qtbot
        self._python = python
        self.load = load
        self.places = load("places")
        self.lines: list[str] = []
        self.shares: list[float] = []
        self.installer: Any = None

    def start(self, parts: Parts, python: Path | None = None) -> Any:
        """Begin to install from the folder of wheels."""
        sources = self.load("plan").Sources(parts.requirements, parts.backend, "off")
        self.installer = self.load("installer").Installer(sources)
        self.installer.line.connect(self.lines.append)
        self.installer.progressed.connect(lambda share, title: self.shares.append(share))
        wishes = self.load("plan").Wishes(str(python or self._python), folder=str(parts.wheels))
        self.installer.start(wishes)
        return self.installer

    def from_index(self, parts: Parts, address: str) -> Any:
        """Install from an index of packages, and return the error or `None`."""
        sources = self.load("plan").Sources(parts.requirements, parts.backend, "off")
        self.installer = self.load("installer").Installer(sources)
        self.installer.line.connect(self.lines.append)
        self.lines.clear()
        settings = {"PIP_INDEX_URL": address, "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "1"}
        kept = {name: os.environ.pop(name, None) for name in (*settings, "PIP_FIND_LINKS")}
        os.environ.update(settings)
        try:
            self.installer.start(self.load("plan").Wishes(str(self._python)))
        finally:
            for name, value in kept.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
        return self.end(self.installer)

    def run(self, parts: Parts, python: Path | None = None) -> Any:
        """Install, and return the error or `None`."""
        installer = self.start(parts, python)
        return self.end(installer)

    def end(self, installer: Any) -> Any:
        """Wait for the end of an installation and return its error or `None`."""
        ended: list[Any] = []
        installer.ended.connect(ended.append)
        self._qtbot.waitUntil(lambda: bool(ended), timeout=WAIT_MS)
        return ended[0]

    def left(self) -> list[str]:
        """Return what lies in the engine's folder."""
        folder = self.places.engine_folder()
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        return sorted(name for name in names if name != "install.guard")


@pytest.fixture()
def installation(
    plugin: SimpleNamespace, qtbot: Any, home: Path, template: Path, tmp_path: Path
) -> Iterator[Installation]:
    """Installations into an empty data folder, from a Python that makes environments quickly."""
    made = Installation(plugin, qtbot, quick_python(tmp_path / "quick", template))
    yield made
    if made.installer is not None:
        made.installer.close()


def test_f20_installed_where_paths_are_long_and_qgis_has_set_variables(
    installation: Installation,
    plugin: SimpleNamespace,
    parts: Parts,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deep = tmp_path / "Über raum 🌾" / ("x" * 120) / ("y" * 90)
    monkeypatch.setenv("CSCL_HOME", str(deep))
    for name, value in POISON.items():
        monkeypatch.setenv(name, value)
    for path in (parts.backend / "cscl").iterdir():
        path.chmod(0o444)
    before = {path: path.stat().st_mtime_ns for path in plugin.root.rglob("*")}
    installation.installer = None
    assert installation.run(parts) is None
    environment = installation.places.current_environment()
    assert environment is not None and environment.is_relative_to(deep)
    assert len(str(environment)) > 250
    ready = installation.places.read_ready(environment)
    assert ready.checks[0] == "libraries: 2 load"
    assert str(deep / "engine" / "backend" / ready.backend) in ready.checks[1]
    assert ready.build == "cpu" and ready.door == "pip, folder"
    assert ready.bytes > 1_000_000
    assert installation.shares == sorted(installation.shares)
    assert installation.shares[-1] == 1.0
    # Only the lock is gone again, and what was downloaded.
    assert installation.left() == ["backend", "current.json", environment.name]
    copy = installation.places.backend_copy(ready.backend) / "cscl" / "__main__.py"
    assert copy.stat().st_mode & 0o200
    # The plugin's own folder may be read-only: nothing was written there.
    after = {path: path.stat().st_mtime_ns for path in plugin.root.rglob("*")}
    assert {path for path in before if after.get(path) != before[path]} == set()
    assert {path for path in after if path not in before and path.suffix != ".pyc"} == {
        path for path in after if path not in before and path.name == "__pycache__"
    }


def test_f17_a_changed_wheel_is_refused_and_the_old_engine_stays(
    installation: Installation, parts: Parts
) -> None:
    assert installation.run(parts) is None
    before = installation.places.current_environment()
    tamper(parts.wheel("small"))
    error = installation.run(parts)
    assert error.code == "wrong_hash"
    assert "small==1.0" in str(error)
    assert "do not use it" in str(error)
    assert "HARM" not in installation.installer.details
    assert installation.places.current_environment() == before
    environments = [name for name in installation.left() if name.startswith("env-")]
    assert environments == [before.name]


def test_f16_an_engine_that_does_not_work_is_not_used(
    installation: Installation, tmp_path: Path
) -> None:
    broken = make_parts(tmp_path / "broken", ("failed matrix product: OSError: libcudart.so",))
    error = installation.run(broken)
    assert error.code == "install_failed"
    assert "libcudart.so" in str(error)
    assert installation.places.current_environment() is None
    assert not [name for name in installation.left() if name.startswith("env-")]


DRIVER = """
import importlib, os, sys, time
sys.path.insert(0, sys.argv[1])
from qgis.core import QgsApplication
from pathlib import Path
application = QgsApplication([], False)
application.initQgis()
def load(name):
    return importlib.import_module("cscl_qgis.cscl_qgis.engine.install." + name)
plan = load("plan")
installer = load("installer").Installer(plan.Sources(Path(sys.argv[2]), Path(sys.argv[3]), "off"))
def told(share, title):
    if title == "Installing the libraries":
        os.kill(os.getpid(), 9)
installer.progressed.connect(told)
installer.start(plan.Wishes(sys.argv[4], folder=sys.argv[5]))
application.exec()
"""


def test_f18_killed_in_the_middle_and_installed_again(
    installation: Installation, plugin: SimpleNamespace, parts: Parts, tmp_path: Path
) -> None:
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    arguments = [plugin.root.parent, parts.requirements, parts.backend, installation._python]
    killed = subprocess.run(
        [sys.executable, script, *arguments, parts.wheels],
        capture_output=True,
        timeout=WAIT_MS / 1000,
    )
    assert killed.returncode == -9, killed.stderr
    left = installation.left()
    assert "install.lock" in left and len([name for name in left if name.startswith("env-")]) == 1
    assert installation.places.current_environment() is None
    assert installation.run(parts) is None
    environment = installation.places.current_environment()
    assert installation.left() == ["backend", "current.json", environment.name]


def test_f18_full_disk_while_installing(
    installation: Installation, template: Path, tmp_path: Path
) -> None:
    large = make_parts(tmp_path / "large", big=200_000)
    python = quick_python(tmp_path / "limited", template, prelude="ulimit -f 400")
    error = installation.run(large, python)
    assert error.code == "disk_full"
    assert "Free some space" in str(error)
    assert not [name for name in installation.left() if name.startswith("env-")]
    assert installation.places.current_environment() is None


def test_f18_too_little_space_is_said_before(
    installation: Installation, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = installation.load("installer")
    monkeypatch.setattr(module, "free_bytes", lambda folder: 1024)
    with pytest.raises(Exception, match=r"0\.0 GiB free, 0\.0 GiB are needed") as raised:
        installation.start(parts)
    assert raised.value.code == "disk_full"
    assert installation.left() == []


def test_f18_no_network(installation: Installation, parts: Parts) -> None:
    """Without the folder of wheels pip has to ask an index, and there is none."""
    error = installation.from_index(parts, "http://127.0.0.1:9/simple")
    assert error.code == "no_network"
    assert "what was downloaded is kept" in str(error)
    assert installation.places.current_environment() is None


def test_f18_what_was_downloaded_is_kept_and_the_larger_torch_is_tried(
    installation: Installation, parts: Parts, tmp_path: Path
) -> None:
    wheels = {path.name.partition("-")[0]: path for path in parts.wheels.glob("*.whl")}
    torch = wheels.pop("torch")
    address = make_index(tmp_path / "index é", list(wheels.values()))
    error = installation.from_index(parts, address)
    assert error.code == "no_build"
    assert "no build of torch==2.13.0 " in str(error)
    assert any("the larger build for NVIDIA" in line for line in installation.lines)
    kept = sorted((installation.places.downloads_folder() / "wheels").glob("*.whl"))
    assert [path.name for path in kept] == [wheels["other"].name, wheels["small"].name]
    make_index(tmp_path / "index é", [torch])
    assert installation.from_index(parts, address) is None
    already = [line for line in installation.lines if "already downloaded" in line]
    assert len(already) == 2
    ready = installation.places.read_ready(installation.places.current_environment())
    assert ready.door == "pip"
    assert not installation.places.downloads_folder().exists()


def test_f17_a_changed_file_of_an_index_is_refused(
    installation: Installation, parts: Parts, tmp_path: Path
) -> None:
    tamper(parts.wheel("other"))
    address = make_index(tmp_path / "index", list(parts.wheels.glob("*.whl")))
    error = installation.from_index(parts, address)
    assert error.code == "wrong_hash"
    assert "other==2.5" in str(error)
    assert installation.places.current_environment() is None


def test_f18_cancel_takes_less_than_two_seconds(
    installation: Installation, template: Path, parts: Parts, tmp_path: Path, qtbot: Any
) -> None:
    slow = quick_python(tmp_path / "slow", template, delay=30)
    installer = installation.start(parts, slow)
    qtbot.waitUntil(
        lambda: bool(installation.shares) and installation.shares[-1] > 0.1, timeout=WAIT_MS
    )
    began = time.monotonic()
    installer.cancel()
    error = installation.end(installer)
    assert time.monotonic() - began < 2.0
    assert error.code == "cancelled"
    assert not [name for name in installation.left() if name != "downloads"]


def test_f19_two_windows_at_once(
    installation: Installation, template: Path, parts: Parts, tmp_path: Path
) -> None:
    slow = quick_python(tmp_path / "slow", template, delay=1)
    first = installation.start(parts, slow)
    module = installation.load("lock")
    # Another window is another process: it sees this one living.
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from cscl_qgis.cscl_qgis.engine.install.lock import InstallLock\n"
        "InstallLock(Path(sys.argv[2])).take()\n"
    )
    folder = str(installation.places.engine_folder())
    root = str(Path(module.__file__).parents[4])
    second = subprocess.run(
        [sys.executable, "-c", code, root, folder], capture_output=True, text=True, timeout=30
    )
    assert second.returncode == 1
    assert "another window of QGIS" in second.stderr
    assert str(os.getpid()) in second.stderr
    assert installation.end(first) is None
    again = subprocess.run([sys.executable, "-c", code, root, folder], timeout=WAIT_MS / 1000)
    assert again.returncode == 0


def test_f19_one_of_many_gets_the_lock(installation: Installation, tmp_path: Path) -> None:
    """All find the lock of a process that is gone, and break it at the same moment."""
    module = installation.load("lock")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    folder = tmp_path / "engine"
    folder.mkdir()
    (folder / "install.lock").write_text(json.dumps({"pid": gone.pid, "started": 1}))
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from cscl_qgis.cscl_qgis.engine.install.lock import InstallLock\n"
        "lock = InstallLock(Path(sys.argv[2]))\n"
        "while time.time() < float(sys.argv[3]):\n"
        "    pass\n"
        "try:\n"
        "    lock.take()\n"
        "    print('took', flush=True)\n"
        "    sys.stdin.read()\n"
        "except Exception as error:\n"
        "    print(error.code, flush=True)\n"
    )
    root = str(Path(module.__file__).parents[4])
    command = [sys.executable, "-c", code, root, str(folder), str(time.time() + 1.5)]
    others = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    said = [other.stdout.readline().strip() for other in others]
    for other in others:
        other.communicate(timeout=WAIT_MS / 1000)
    assert sorted(said) == ["install_busy"] * 5 + ["took"]


@pytest.mark.parametrize(
    "owner",
    [
        {"pid": os.getpid(), "started": 1},
        {"pid": 2**22 + 1, "started": 1},
        {"pid": "x"},
        "nonsense",
    ],
)
def test_f19_a_stale_lock_is_broken(plugin: SimpleNamespace, tmp_path: Path, owner: Any) -> None:
    """Its process is gone, its number has gone to another, or it was torn by a crash."""
    module = plugin.load("cscl_qgis.engine.install.lock")
    (tmp_path / "install.lock").write_text(owner if owner == "nonsense" else json.dumps(owner))
    assert module.is_locked(tmp_path) is False
    lock = module.InstallLock(tmp_path)
    lock.take()
    assert module.is_locked(tmp_path) is True
    assert json.loads((tmp_path / "install.lock").read_text())["pid"] == os.getpid()
    lock.release()
    assert not (tmp_path / "install.lock").exists()


def test_f20_a_data_folder_that_cannot_be_made_is_said(
    installation: Installation, parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CSCL_HOME", str(tmp_path / "file" / "cscl"))
    installer: Callable[..., Any] = installation.load("installer").Installer
    sources = installation.load("plan").Sources(parts.requirements, parts.backend, "off")
    made = installer(sources)
    with pytest.raises(Exception, match="CSCL_HOME") as raised:
        made.start(installation.load("plan").Wishes("/usr/bin/python3", folder=str(parts.wheels)))
    assert raised.value.code == "not_writable"
