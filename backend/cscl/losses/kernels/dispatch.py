"""Which kernel computes, and why."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Protocol, cast

import torch
from torch import Tensor

from cscl.losses.kernels.formula import Gradients, Relative
from cscl.losses.windows import WindowGeometry

KERNELS = ("portable", "numba", "triton")
LOW_PRECISION = (torch.bfloat16, torch.float16)


class Kernel(Protocol):
    """What computes similarities and their gradients, of values pixel by pixel (B, *S, D)."""

    def similarity(
        self, query: Tensor, key: Tensor, relative: Relative, geometry: WindowGeometry
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return the similarities (B, K, *S') and what `gradients` needs of the computation."""

    def gradients(
        self, query: Tensor, key: Tensor, relative: Relative, geometry: WindowGeometry,
        similarities: Tensor, coefficients: Tensor, kept: tuple[Tensor, ...],
    ) -> Gradients:  # fmt: skip
        """Return the gradients of sum(coefficients * similarities)."""


@dataclass(frozen=True)
class Choice:
    """A kernel's name and the reason for it in words, for the notes of a job."""

    name: str
    reason: str


def available_kernels() -> tuple[str, ...]:
    """Return the names of the kernels whose libraries are installed; nothing is imported."""
    return tuple(name for name in KERNELS if name == "portable" or _installed(name))


@functools.cache
def _installed(library: str) -> bool:
    return find_spec(library) is not None


def chosen_kernel(
    device: torch.device, dtype: torch.dtype, axes: int = 2, kernel: str = "auto"
) -> Choice:
    """Return the kernel for values of a device and type on a grid of 2 or 3 axes.

    `kernel` is "auto" or a name of `KERNELS`. Raises `ValueError` where the named one is unknown,
    not installed or not able to do it.
    """
    if kernel == "auto":
        return _best(device, dtype, axes)
    if kernel not in KERNELS:
        raise ValueError(f"the kernel must be auto, {', '.join(KERNELS)}, not {kernel!r}")
    obstacle = None if kernel == "portable" else _obstacle(kernel, device, dtype, axes)
    if obstacle:
        raise ValueError(f"the kernel {kernel} cannot be used: {obstacle}")
    return Choice(kernel, "asked for")


def _best(device: torch.device, dtype: torch.dtype, axes: int) -> Choice:
    """Return the fastest kernel that can do it."""
    name = {"cpu": "numba", "cuda": "triton"}.get(device.type)
    if name is None:
        return Choice("portable", f"no other kernel is written for {device.type}")
    obstacle = _obstacle(name, device, dtype, axes)
    if obstacle:
        return Choice("portable", f"not {name}: {obstacle}")
    return Choice(name, f"the fastest for {dtype} on {device.type}")


def _obstacle(name: str, device: torch.device, dtype: torch.dtype, axes: int) -> str | None:
    """Return in words what keeps a kernel from values of this kind, or nothing."""
    if dtype not in (torch.float32, *LOW_PRECISION):
        return f"it does not compute in {dtype}"
    if name == "numba" and device.type != "cpu":
        return f"it does not compute on {device.type}"
    if name == "triton" and device.type != "cuda" and not _interpreted():
        return f"it does not compute on {device.type}"
    if name == "triton" and axes != 2:
        return f"it does not take grids of {axes} axes"
    if not _installed(name):
        return f"{name} is not installed"
    return _import_problem(name)


def _interpreted() -> bool:
    """Tell whether triton interprets its kernels in Python, as its tests do without a GPU."""
    if not _installed("triton"):
        return False
    return bool(importlib.import_module("triton").knobs.runtime.interpret)


@functools.cache
def _import_problem(name: str) -> str | None:
    """Return why a kernel's module cannot be imported, or nothing.

    A library can be there and not fit the machine or the other libraries.
    """
    try:
        kernel_named(name)
    except (ImportError, OSError) as problem:
        return f"{name} cannot be imported ({problem})"
    return None


@functools.cache
def kernel_named(name: str) -> Kernel:
    """Import a kernel's module and return its kernel; the libraries are heavy, hence so late."""
    module = {"portable": "portable", "numba": "cpu", "triton": "cuda"}[name]
    build = cast(
        Callable[[], Kernel], importlib.import_module(f"cscl.losses.kernels.{module}").kernel
    )
    return build()
