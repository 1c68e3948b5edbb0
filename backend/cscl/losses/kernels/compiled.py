"""How the loops of this folder are compiled."""

# numba carries no types.
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

from cscl.compiled import compile_and_keep

# All but the flags that declare NaN and infinity impossible: they have to show in the loss.
OPTIONS: dict[str, Any] = {
    "fastmath": {"reassoc", "contract", "nsz", "arcp"},
    "error_model": "numpy",
    "nogil": True,
    # Arrays come from the caller: counting references to them takes longer than the arithmetic.
    "_nrt": False,
}


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function` compiled at its first call, or read from an earlier process's cache."""
    return compile_and_keep(function, **OPTIONS)


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function` as a part of the compiled functions that call it.

    A call hands over every array field by field, which takes longer than a pixel's work.
    """
    part: Callable[..., Any] = numba.njit(inline="always", **OPTIONS)(function)
    return part
