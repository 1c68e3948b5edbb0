"""What helps to find a fault, in one text with nothing private in it."""

from __future__ import annotations

import os
import platform
import re
import sys
from pathlib import Path
from typing import Callable, Dict, List, Optional

from qgis.core import Qgis, QgsNetworkAccessManager
from qgis.PyQt.QtCore import QT_VERSION_STR, QObject
from qgis.PyQt.QtNetwork import QNetworkProxy

from ...backend.cscl.contract.home import data_folder
from ...backend.cscl.contract.version import VERSION
from ..engine.environment import child_environment
from ..engine.install import machine, places
from ..engine.install.command import Command
from ..engine.install.pythons import find_uv
from ..engine.locate import VARIABLE, EngineMissing, locate_engine
from ..settings import read_settings

# Only whether they are set: QGIS's own values of these have broken other Pythons.
VARIABLES = (
    "PYTHONHOME", "PYTHONPATH", "PYTHONEXECUTABLE", "LD_LIBRARY_PATH", "GDAL_DATA", "PROJ_LIB",
    "HTTP_PROXY", "HTTPS_PROXY", "PIP_INDEX_URL", "UV_INDEX_URL", "SSL_CERT_FILE", "CSCL_HOME",
    VARIABLE,
)  # fmt: skip
# Lines of `cscl doctor` that name folders.
PRIVATE_LINES = ("Python", "data folder")
_PATH = re.compile(r"(?:\b[A-Za-z]:\\|\\\\|(?<!\w)/)[^\s'\"():;,]+")


class Diagnostics(QObject):
    """Gathers the text; `ready` is called once, later, with it."""

    def __init__(self, ready: Callable[[str], None], parent: QObject) -> None:
        super().__init__(parent)
        self._ready = ready
        self._command: Optional[Command] = None

    def start(self) -> None:
        """Ask the engine what it has, if there is one."""
        try:
            engine = locate_engine()
        except EngineMissing:
            self._tell("no engine answers")
            return
        command = self._command = Command(self)
        command.ended.connect(lambda well: self._tell(command.details))
        variables = child_environment(os.environ, engine.backend)
        command.start(
            engine.python, ("-s", "-P", "-m", "cscl", "doctor"), variables, str(Path.home())
        )

    def _tell(self, said: str) -> None:
        lines = [line for line in said.splitlines() if not line.startswith(PRIVATE_LINES)]
        self._ready(without_private("\n".join([*_own_lines(), "", "[engine says]", *lines])) + "\n")


def without_private(text: str) -> str:
    """Return a text with known folders by a name and every other path taken out."""
    known: Dict[str, str] = {
        str(places.PLUGIN_ROOT): "PLUGIN",
        str(data_folder()): "DATA",
        str(Path.home()): "HOME",
    }
    for folder in sorted(known, key=len, reverse=True):
        text = text.replace(folder, f"<{known[folder]}>")
    return _PATH.sub("<path>", text)


def _own_lines() -> List[str]:
    proxy = QgsNetworkAccessManager.instance().fallbackProxy().type()
    settings = {
        QNetworkProxy.ProxyType.NoProxy: "none", QNetworkProxy.ProxyType.DefaultProxy: "system's",
    }  # fmt: skip
    sizes = machine.sizes(places.REQUIREMENTS)
    free = machine.free_bytes(data_folder()) / 1e9
    return [
        "[plugin]",
        f"plugin {VERSION}",
        f"QGIS {Qgis.QGIS_VERSION}, Qt {QT_VERSION_STR}, Python {platform.python_version()}",
        f"system {platform.system()} {platform.release()}, {machine.platform_name()}",
        f"builds of PyTorch known for it: {', '.join(sorted(sizes)) or 'none'}",
        f"uv {'found' if find_uv() else 'not found'}",
        f"free space {free:.0f} GB",
        f"proxy {settings.get(proxy, 'set')}",
        f"variables set: {', '.join(name for name in VARIABLES if name in os.environ) or 'none'}",
        f"names of files are {sys.getfilesystemencoding()}",
        "",
        "[engine]",
        *_engine_lines(),
    ]


def _engine_lines() -> List[str]:
    lines = [f"named in the settings: {'yes' if read_settings().backend_python else 'no'}"]
    environment = places.current_environment()
    ready = None if environment is None else places.read_ready(environment)
    if ready is None:
        return [*lines, "installed: no"]
    current = ready.backend == places.backend_stamp(places.BACKEND)
    return [
        *lines,
        f"installed: {ready.backend} by {ready.door}, build {ready.build}",
        f"belongs to this plugin: {'yes' if current else 'no'}",
        *(f"was verified: {check.partition(' in ')[0]}" for check in ready.checks),
    ]
