"""Compile loops with numba, and keep what was compiled where this user may write."""

# numba carries no types.
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache

from cscl.contract.home import data_folder


@functools.cache
def folder_of_compiled(sources: Path) -> str | None:
    """Return the folder for the compiled code of a folder of sources; None where none is writable.

    An installation may be read-only, hence the platform data folder. `NUMBA_CACHE_DIR` overrides.
    numba looks at the file of a compiled function alone, while its parts lie in others, hence a
    folder for each state of the sources.
    """
    files = sorted(sources.glob("*.py"))
    state = hashlib.sha256(b"".join(source.read_bytes() for source in files)).hexdigest()
    base = os.environ.get("NUMBA_CACHE_DIR") or str(data_folder() / "compiled")
    folder = os.path.join(base, state[:16])
    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return None
    return folder


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


def compile_and_keep(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """Return `function` compiled at its first call, or read from an earlier process's cache.

    `options` are those of `numba.njit`.
    """
    dispatcher = numba.njit(**options)(function)
    folder = folder_of_compiled(Path(function.__code__.co_filename).parent)
    if folder is not None:
        setattr(numba.config, "CACHE_DIR", folder)  # noqa: B010, numba makes its names at run time
        # RuntimeError is numba's word for a place that it cannot use after all.
        with contextlib.suppress(RuntimeError, OSError):
            dispatcher._cache = _Cache(function)
    result: Callable[..., Any] = dispatcher
    return result
