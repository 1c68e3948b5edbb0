"""Where an installed engine lies, and which of them is in use.

    engine/current.json            names the environment in use
    engine/env-XXXXXXXX/           an environment; ready.json inside says that it was verified
    engine/backend/STAMP/cscl/     the engine's own package, one folder a version
    engine/downloads/              what is kept of an unfinished installation
    engine/install.lock            there while one is under way; install.guard is an empty file

Environments cannot be moved, so each is made under its final name and becomes the engine only by
`current.json`, which is written last.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional

from ....backend.cscl.contract import atomic, strict_json
from ....backend.cscl.contract.errors import UserError
from ....backend.cscl.contract.home import data_folder
from ....backend.cscl.contract.version import VERSION
from ...words import tr

PLUGIN_ROOT = Path(__file__).resolve().parents[3]
REQUIREMENTS = PLUGIN_ROOT / "resources" / "requirements"
BACKEND = PLUGIN_ROOT / "backend"
ENVIRONMENT_PREFIX = "env-"
READY = "ready.json"
OTHER_PARTS = ("backend", "downloads", "python")
PATH_FILE = "cscl_engine.pth"


@dataclass(frozen=True)
class Ready:
    """What is known of an environment that was verified.

    `backend` is the stamp of the engine's package, `requirements` of the list of libraries; `build`
    is how PyTorch was chosen, `checks` what was verified.
    """

    backend: str
    requirements: str
    python: str
    door: str
    build: str
    bytes: int
    checks: List[str]


def engine_folder() -> Path:
    """Return the folder of all that is installed."""
    return data_folder() / "engine"


def downloads_folder() -> Path:
    """Return the folder that keeps what an unfinished installation has downloaded."""
    return engine_folder() / "downloads"


def new_environment() -> Path:
    """Return a name for an environment that is not there yet."""
    return engine_folder() / f"{ENVIRONMENT_PREFIX}{uuid.uuid4().hex[:8]}"


def backend_copy(stamp: str) -> Path:
    """Return the folder that holds one version of the engine's package."""
    return engine_folder() / "backend" / stamp


def python_of(environment: Path) -> Path:
    """Return the interpreter of a virtual environment."""
    if sys.platform == "win32":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


def library_folder(environment: Path) -> Path:
    """Return the folder of a virtual environment that its libraries are in."""
    if sys.platform == "win32":
        return environment / "Lib" / "site-packages"
    found = sorted((environment / "lib").glob("python3.*/site-packages"))
    if not found:
        raise UserError(
            "no_environment", environment, tr("it has no folder of libraries"),
            tr("Install the engine again."),
        )  # fmt: skip
    return found[0]


def packages_in(environment: Path) -> int:
    """Return how many packages lie in an environment so far."""
    patterns = ("lib/python3.*/site-packages/*.dist-info", "Lib/site-packages/*.dist-info")
    return sum(1 for pattern in patterns for _ in environment.glob(pattern))


# Which version is which.


def backend_stamp(backend: Path) -> str:
    """Return what tells one state of the engine's package from another.

    Names and sizes, not contents: quick enough to be asked when QGIS starts.
    """
    found = hashlib.sha256()
    for path in sorted(_sources(backend)):
        found.update(f"{path.relative_to(backend).as_posix()}:{path.stat().st_size};".encode())
    return f"{VERSION}-{found.hexdigest()[:12]}"


def requirements_stamp(requirements: Path) -> str:
    """Return what tells one list of libraries from another."""
    found = hashlib.sha256()
    for path in sorted(requirements.glob("*.txt")):
        found.update(path.read_bytes())
    return found.hexdigest()[:12]


def _sources(backend: Path) -> List[Path]:
    return [path for path in (backend / "cscl").rglob("*") if _belongs(path)]


def _belongs(path: Path) -> bool:
    return "__pycache__" not in path.parts and path.suffix != ".pyc" and path.is_file()


def copy_backend(backend: Path, stamp: str) -> Path:
    """Copy the engine's package to its versioned folder, whole or not at all."""
    target = backend_copy(stamp)
    if (target / "cscl").is_dir():
        return target
    with atomic.replacing(target) as part:
        shutil.copytree(
            backend / "cscl", part / "cscl", ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
        for path in [part, *part.rglob("*")]:
            # A plugin folder that is read-only must not make a copy that cannot be removed.
            os.chmod(path, 0o755 if path.is_dir() else 0o644)
    return target


def add_path_file(environment: Path, folder: Path) -> None:
    """Let an environment find the engine's package without building or installing it."""
    atomic.write_text(library_folder(environment) / PATH_FILE, f"{folder}\n")


# Which one is in use.


def can_refresh(requirements: Path) -> bool:
    """Tell whether the engine in use has all libraries and lacks the plugin's package alone."""
    environment = current_environment()
    ready = None if environment is None else read_ready(environment)
    return ready is not None and ready.requirements == requirements_stamp(requirements)


def mark_ready(environment: Path, ready: Ready) -> None:
    """Say that an environment was verified, and use it from now on."""
    atomic.write_text(environment / READY, strict_json.dump(asdict(ready)))
    atomic.write_text(
        engine_folder() / "current.json", strict_json.dump({"environment": environment.name})
    )


def current_environment() -> Optional[Path]:
    """Return the environment in use; `None` where there is none that was verified."""
    pointer = _read(engine_folder() / "current.json")
    name = pointer.get("environment")
    if not isinstance(name, str) or not name.startswith(ENVIRONMENT_PREFIX):
        return None
    if not name[len(ENVIRONMENT_PREFIX) :].isalnum():
        return None
    environment = engine_folder() / name
    return environment if read_ready(environment) is not None else None


def read_ready(environment: Path) -> Optional[Ready]:
    """Return what is known of an environment; `None` where it was not verified."""
    values = _read(environment / READY)
    try:
        return Ready(**values)
    except TypeError:
        return None


def _read(path: Path) -> Dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        value = strict_json.read(path, limit=1024 * 1024)
    except UserError:
        return {}
    return value if isinstance(value, dict) else {}


# What can go.


def sweep() -> None:
    """Remove environments and copies that are not in use; only for who holds the lock."""
    folder = engine_folder()
    current = current_environment()
    ready = None if current is None else read_ready(current)
    kept = "" if ready is None else ready.backend
    for environment in folder.glob(f"{ENVIRONMENT_PREFIX}*"):
        if environment != current:
            remove_tree(environment)
    for copy in (folder / "backend").glob("*"):
        if copy.name != kept:
            remove_tree(copy)


def remove_engine() -> None:
    """Remove all that was installed; only for who holds the lock.

    The pointer goes first, so that nobody starts what goes away. Raises `UserError` where something
    stays.
    """
    folder = engine_folder()
    (folder / "current.json").unlink(missing_ok=True)
    (folder / "certificates.pem").unlink(missing_ok=True)
    for part in [*folder.glob(f"{ENVIRONMENT_PREFIX}*"), *map(folder.joinpath, OTHER_PARTS)]:
        remove_tree(part)


def remove_tree(folder: Path) -> None:
    """Remove a folder of ours; raises `UserError` where something of it stays."""
    if not folder.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise UserError(
            "not_removed", folder, tr("some of its files are in use or cannot be removed"),
            tr("Close other QGIS windows and jobs, then try again."),
        )  # fmt: skip


def folder_bytes(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    total = 0
    for base, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(base, name)).st_size
            except OSError:
                continue  # removed meanwhile
    return total
