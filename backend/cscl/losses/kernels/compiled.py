"""Compile the loops with numba, and keep what was compiled where this user may write."""

# numba carries no types.
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache

from cscl.contract.home import data_folder

# All but the flags that declare NaN and infinity impossible: they have to show in the loss.
OPTIONS: dict[str, Any] = {
    "fastmath": {"reassoc", "contract", "nsz", "arcp"},
    "error_model": "numpy",
    "nogil": True,
    # Arrays come from the caller: counting references to them takes longer than the arithmetic.
    "_nrt": False,
}


def _keep_compiled_code() -> bool:
    """Point numba to a folder for compiled code; tell whether there is one that can be written.

    An installation may be read-only, hence the platform data folder. `NUMBA_CACHE_DIR` overrides.
    numba looks at the file of a compiled function alone, while its parts lie in others, hence a
    folder for each state of the sources.
    """
    sources = sorted(Path(__file__).parent.glob("*.py"))
    state = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    base = os.environ.get("NUMBA_CACHE_DIR") or str(data_folder() / "compiled")
    folder = os.path.join(base, state[:16])
    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return False
    setattr(numba.config, "CACHE_DIR", folder)  # noqa: B010, numba makes its names at run time
    return True


_KEEP = _keep_compiled_code()


class _Cache(FunctionCache):  # type: ignore[misc, unused-ignore]
    """Compiled code of earlier processes; files that are damaged count as none."""

    def load_overload(self, signature: Any, target: Any) -> Any:
        """Return the function compiled for `signature`, or None."""
        try:
            return super().load_overload(signature, target)
        except Exception:  # Whatever the reading of damaged files ends with.
            self._start_anew()
            return None

    def save_overload(self, signature: Any, code: Any) -> None:
        """Keep a compiled function, where that is possible."""
        try:
            super().save_overload(signature, code)
        except Exception:  # As above; also a folder that is full or gone.
            self.disable()

    def _start_anew(self) -> None:
        """Empty the cache, or switch it off where that fails."""
        try:
            self.flush()
        except OSError:
            self.disable()


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function` compiled at its first call, or read from an earlier process's cache."""
    dispatcher = numba.njit(**OPTIONS)(function)
    if _KEEP:
        # RuntimeError is numba's word for a place that it cannot use after all.
        with contextlib.suppress(RuntimeError, OSError):
            dispatcher._cache = _Cache(function)
    result: Callable[..., Any] = dispatcher
    return result


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function` as a part of the compiled functions that call it.

    A call hands over every array field by field, which takes longer than a pixel's work.
    """
    part: Callable[..., Any] = numba.njit(inline="always", **OPTIONS)(function)
    return part
