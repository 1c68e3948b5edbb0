"""Where the engine is: its Python, and the package that comes with the plugin."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Optional, Tuple

from ...backend.cscl.contract.errors import UserError
from ..settings import read_settings
from ..words import tr
from .install import places

VARIABLE = "CSCL_BACKEND_PYTHON"
OLDEST_PYTHON = (3, 11)
PLUGIN_ROOT = places.PLUGIN_ROOT


@dataclass(frozen=True)
class Engine:
    """The Python that runs the engine, and the folder its package is imported from."""

    python: str
    backend: str


class EngineMissing(UserError):
    """There is no engine, or one that cannot work; says what to do about it."""

    def __init__(self, subject: object, found: str, remedy: str = "") -> None:
        super().__init__("engine_missing", subject, found, remedy or _what_to_do())


class NothingInstalled(EngineMissing):
    """No engine was installed or named so far."""


def locate_engine() -> Engine:
    """Return the engine of the settings, of CSCL_BACKEND_PYTHON, the one installed or a checkout's.

    Raises `EngineMissing` in words. Nothing is started: the check is quick enough for a menu.
    """
    setting = read_settings().backend_python.strip()
    variable = os.environ.get(VARIABLE, "").strip()
    if setting:
        python = _existing(setting, tr("the setting for the engine's Python"))
    elif variable:
        python = _existing(variable, tr("the variable {name}", name=VARIABLE))
    else:
        installed = _installed()
        if installed is not None:
            return installed
        python = places.python_of(PLUGIN_ROOT / ".venv")
        if not python.is_file():
            raise NothingInstalled(tr("engine"), tr("no engine is installed"))
    _check_version(python)
    backend = PLUGIN_ROOT / "backend"
    if not (backend / "cscl" / "service.py").is_file():
        raise EngineMissing(
            backend, tr("the plugin's own copy of the engine is incomplete"),
            tr("Reinstall the plugin."),
        )  # fmt: skip
    return Engine(str(python), str(backend))


def _what_to_do() -> str:
    return tr(
        "Install the engine: open the dock (Plugins > Crop mapping) and press Install. Or name a "
        "Python that has its libraries there, or in the variable {variable}; in a clone of the "
        "repository, run: make demo.",
        variable=VARIABLE,
    )


def engine_problem() -> str:
    """Return why there is no engine, or an empty text."""
    try:
        locate_engine()
    except EngineMissing as missing:
        return str(missing)
    return ""


def _existing(text: str, origin: str) -> Path:
    """Return the interpreter that a person named: the file, or the environment's folder."""
    path = Path(text).expanduser()
    if path.is_dir():
        path = places.python_of(path)
    if not path.is_file():
        raise EngineMissing(text, tr("{origin} names it, but there is no such file", origin=origin))
    if not os.access(path, os.X_OK):
        raise EngineMissing(text, tr("{origin} names it, but it cannot be executed", origin=origin))
    # Not resolved: the link in an environment is what tells Python which environment it is.
    return path.absolute()


def _installed() -> Optional[Engine]:
    """Return the engine that the plugin installed; raises `EngineMissing` where it is outdated."""
    environment = places.current_environment()
    if environment is None:
        return None
    ready = places.read_ready(environment)
    python = places.python_of(environment)
    if ready is None or not python.is_file():
        return None
    copy = places.backend_copy(ready.backend)
    if ready.backend != _bundled_stamp() or not (copy / "cscl" / "service.py").is_file():
        raise EngineMissing(
            tr("engine"),
            tr("the one that is installed belongs to another version of the plugin"),
            tr(
                "Update it in the dock (Plugins > Crop mapping); that takes seconds where the "
                "libraries are the same."
            ),
        )
    return Engine(str(python), str(copy))


@lru_cache(maxsize=1)
def _bundled_stamp() -> str:
    return places.backend_stamp(places.BACKEND)


def _check_version(python: Path) -> None:
    version = _environment_version(python)
    if version is not None and version < OLDEST_PYTHON:
        raise EngineMissing(
            python,
            tr(
                "it is Python {version}, the engine needs 3.11 or later",
                version=f"{version[0]}.{version[1]}",
            ),
        )


def _environment_version(python: Path) -> Optional[Tuple[int, int]]:
    """Return the version that a virtual environment states of itself, if it does."""
    try:
        text = (python.parents[1] / "pyvenv.cfg").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if key.strip() in ("version", "version_info"):
            parts = value.strip().split(".")
            if len(parts) >= 2 and parts[0].isdigit() and parts[1].isdigit():
                return int(parts[0]), int(parts[1])
    return None
