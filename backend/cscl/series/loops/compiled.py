"""How the loops of this folder are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cscl.compiled import compile_and_keep


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function` compiled, each operation as it is written: no window changes a bit."""
    return compile_and_keep(function, error_model="numpy", nogil=True)
