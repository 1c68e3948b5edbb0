"""Compile the loops with numba, and keep what was compiled where this user may write."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from typing import Any

import numba

from cscl.contract.home import data_folder

# All but the flags that declare NaN and infinity impossible: they have to show in the loss.
OPTIONS: dict[str, Any] = {
    "fastmath": {"reassoc", "contract", "nsz", "arcp"},
    "error_model": "numpy",
    "nogil": True,
}


def _keep_compiled_code() -> bool:
    """Point numba to a folder for compiled code; tell whether there is one that can be written.

    An installation may be read-only, hence the platform data folder. `NUMBA_CACHE_DIR` overrides.
    """
    folder = os.environ.get("NUMBA_CACHE_DIR") or str(data_folder() / "compiled")
    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return False
    setattr(numba.config, "CACHE_DIR", folder)  # noqa: B010, numba makes its names at run time
    return True


_KEEP = _keep_compiled_code()


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function` compiled at its first call, or read from an earlier process's cache."""
    if _KEEP:
        try:
            kept: Callable[..., Any] = numba.njit(cache=True, **OPTIONS)(function)
            return kept
        except (RuntimeError, OSError):
            # numba's word for a place that it cannot use after all.
            pass
    plain: Callable[..., Any] = numba.njit(**OPTIONS)(function)
    return plain
