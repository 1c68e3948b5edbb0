"""Interpreters that an environment can be made with, and the program `uv`."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterable, List, Optional, Tuple

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ....backend.cscl.contract import strict_json
from ....backend.cscl.contract.errors import UserError
from ..environment import allowed_variables
from .command import Command

OLDEST, NEWEST = (3, 11), (3, 14)
# The one that most people have tried comes first.
ORDER = ((3, 12), (3, 13), (3, 11), (3, 14))
# Debian leaves ensurepip to a package of its own, without which no environment gets a pip.
_QUESTION = (
    "import importlib.util, json, struct, sys; "
    "print('python', json.dumps([sys.executable, *sys.version_info[:3], struct.calcsize('P') * 8, "
    "importlib.util.find_spec('ensurepip') is not None]))"
)


@dataclass(frozen=True)
class Interpreter:
    """A Python that answered: its file, its version, and whether it makes environments."""

    path: str
    version: Tuple[int, int, int]
    makes_environments: bool = True

    @property
    def fits(self) -> bool:
        """Whether there are libraries for it."""
        return OLDEST <= self.version[:2] <= NEWEST


def find_uv() -> str:
    """Return the program uv, empty where it is not there."""
    found = shutil.which("uv")
    if found:
        return found
    name = "uv.exe" if sys.platform == "win32" else "uv"
    homes = [Path.home() / ".local" / "bin", Path.home() / ".cargo" / "bin"]
    if sys.platform == "darwin":
        homes += [Path("/opt/homebrew/bin"), Path("/usr/local/bin")]
    return next((str(home / name) for home in homes if os.access(home / name, os.X_OK)), "")


def candidates() -> List[str]:
    """Return the files that may be a Python that fits, the likeliest first; none is started."""
    found: List[str] = []
    for major, minor in ORDER:
        found += _of_version(major, minor)
    for name in ("python3", "python"):
        path = shutil.which(name)
        if path:
            found.append(path)
    if sys.platform != "win32":
        found.append(sys.executable)  # that of QGIS, on Linux the system's
    known: Dict[str, None] = {}
    for path in found:
        # Windows has a python.exe that opens its shop.
        if "WindowsApps" not in path and path and os.path.isfile(path):
            known.setdefault(path)
    return list(known)


def _of_version(major: int, minor: int) -> Iterable[str]:
    if sys.platform == "win32":
        folder = f"Python{major}{minor}"
        bases = [os.environ.get("LOCALAPPDATA", "") + "\\Programs\\Python"]
        bases += [os.environ.get("PROGRAMFILES", ""), "C:\\"]
        return [str(Path(base) / folder / "python.exe") for base in bases if base]
    name = f"python{major}.{minor}"
    folders = [*os.environ.get("PATH", "").split(os.pathsep), "/usr/local/bin", "/usr/bin"]
    if sys.platform == "darwin":
        frameworks = "/Library/Frameworks/Python.framework/Versions"
        folders += ["/opt/homebrew/bin", f"{frameworks}/{major}.{minor}/bin"]
    return [str(Path(folder) / name) for folder in folders if folder]


class PythonSearch(QObject):
    """Asks one candidate after another who it is, until one fits; `found` says which, or `None`.

    `seen` are all that answered. With uv, one that cannot make environments itself fits too.
    """

    found = pyqtSignal(object)

    def __init__(
        self, paths: List[str], with_uv: bool = False, parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self._paths = list(paths)
        self._with_uv = with_uv
        self._command: Optional[Command] = None
        self.seen: List[Interpreter] = []

    def start(self) -> None:
        """Begin; `found` is emitted once."""
        if not self._paths:
            self.found.emit(None)
            return
        path = self._paths.pop(0)
        command = self._command = Command(self)
        command.ended.connect(lambda well: self._answered(path, command, well))
        # -I: nothing of the person's own site; a Python that is broken is not asked twice.
        command.start(path, ["-I", "-c", _QUESTION], allowed_variables(os.environ), "")

    def close(self) -> None:
        """Stop asking."""
        self._paths = []
        if self._command is not None:
            self._command.close()

    def _answered(self, path: str, command: Command, well: bool) -> None:
        interpreter = _read(path, list(command.kept)) if well else None
        command.deleteLater()
        if interpreter is not None:
            self.seen.append(interpreter)
            if interpreter.fits and (interpreter.makes_environments or self._with_uv):
                self.found.emit(interpreter)
                return
        self.start()


def _read(path: str, lines: List[str]) -> Optional[Interpreter]:
    for line in lines:
        if line.startswith("python ["):
            try:
                executable, *version, bits, makes = strict_json.parse(line[7:], path)
            except (UserError, ValueError):
                return None
            # The file itself: what was started may be a script that chooses one by its folder.
            major, minor, micro = (int(part) for part in version)
            found = Interpreter(executable or path, (major, minor, micro), bool(makes))
            return found if bits == 64 else None
    return None
