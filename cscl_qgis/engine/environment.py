"""The environment of the engine's process, from an allow-list.

QGIS sets PYTHONHOME, PYTHONPATH, GDAL_DATA, PROJ_LIB and, on Windows, PYTHONEXECUTABLE for itself;
each of them would break another Python, so nothing is passed on but what is listed here. Nor are
LANG and LC_ALL: where they name a language that is not installed, or none, Python reads the paths
in its own folder as ASCII and does not start below a folder with other letters.
"""

from __future__ import annotations

import sys
from typing import Dict, Mapping

ALLOWED = frozenset(
    (
        "PATH", "HOME", "USER", "LOGNAME", "TZ", "TMPDIR", "TEMP", "TMP",
        "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR",
        "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "USERNAME",
        "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "NUMBER_OF_PROCESSORS",
        "PROCESSOR_ARCHITECTURE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "MPLCONFIGDIR",
        "OMP_NUM_THREADS", "MKL_NUM_THREADS", "CSCL_HOME",
    )
)  # fmt: skip
ALLOWED_PREFIXES = ("CUDA_", "NVIDIA_", "HIP_", "ROCR_")


def allowed_variables(parent: Mapping[str, str], platform: str = sys.platform) -> Dict[str, str]:
    """Return what any Python but that of QGIS may see of the variables of `parent`."""
    child = {
        name: value
        for name, value in parent.items()
        if name.upper() in ALLOWED or name.upper().startswith(ALLOWED_PREFIXES)
    }
    if platform == "win32":
        # QGIS puts its own libraries first on the path; another Python must not load them.
        child = {name.upper(): value for name, value in child.items()}
        root = child.get("SYSTEMROOT", "C:\\Windows")
        child["PATH"] = f"{root}\\System32;{root}"
    return child


def child_environment(
    parent: Mapping[str, str], backend: str, platform: str = sys.platform
) -> Dict[str, str]:
    """Return the variables of the engine's process, whose package comes from `backend`."""
    child = allowed_variables(parent, platform)
    child["PYTHONPATH"] = backend
    child["PYTHONUTF8"] = "1"
    child["PYTHONUNBUFFERED"] = "1"
    return child
