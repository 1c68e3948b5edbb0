"""What the machine offers: platform, graphics card, free space."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, Optional

from qgis.PyQt.QtCore import QObject

from ....backend.cscl.contract import strict_json
from .command import Command

CPU, GPU = "cpu", "gpu"
# What the libraries take unpacked, for each byte downloaded; measured on Linux.
UNPACKED = 4.2


@dataclass(frozen=True)
class Size:
    """What an installation downloads and what it needs on the disk at its worst, in bytes."""

    download: int
    disk: int


def platform_name() -> str:
    """Return the platform as sizes.json names it."""
    machine = platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)
    if sys.platform == "win32":
        machine = {"x86_64": "amd64"}.get(machine, machine)
    elif sys.platform == "darwin":
        machine = {"aarch64": "arm64"}.get(machine, machine)
    return f"{'linux' if sys.platform.startswith('linux') else sys.platform}-{machine}"


def sizes(requirements: Path) -> Dict[str, int]:
    """Return the bytes of each part for this platform; empty where PyTorch has no build for it."""
    found = strict_json.read(requirements / "sizes.json")
    return dict(found.get(platform_name(), {}))


def expected_size(requirements: Path, build: str, offline: bool) -> Size:
    """Return how large an installation is; nothing is downloaded from an offline folder."""
    parts = sizes(requirements)
    wheels = parts.get("libraries", 0) + parts.get(f"torch-{build}", parts.get("torch-cpu", 0))
    download = 0 if offline else wheels
    return Size(download, download + int(wheels * UNPACKED))


def free_bytes(folder: Path) -> int:
    """Return the free space of the disk that a folder lies on or would lie on."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free


def gpu_question(parent: QObject, answered: Callable[[str], None]) -> Optional[Command]:
    """Ask for the name of an NVIDIA card; it is empty where there is none that its driver tells.

    Returns the command under way, `None` where there is nothing to ask.
    """
    program = shutil.which("nvidia-smi") or _windows_nvidia()
    if program is None:
        return None
    command = Command(parent)

    def ended(well: bool) -> None:
        answered(command.kept[0].strip() if well and command.kept else "")

    command.ended.connect(ended)
    environment = {"PATH": os.environ.get("PATH", ""), **_windows_variables()}
    command.start(
        program, ["--query-gpu=name", "--format=csv,noheader"], environment, str(Path.home())
    )
    return command


def _windows_nvidia() -> Optional[str]:
    path = Path(os.environ.get("SYSTEMROOT", "C:\\Windows")) / "System32" / "nvidia-smi.exe"
    return str(path) if sys.platform == "win32" and path.is_file() else None


def _windows_variables() -> Dict[str, str]:
    names = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "PROGRAMFILES")
    return {name: os.environ[name] for name in names if name in os.environ}
