"""The engine's check of itself, which the plugin runs before it uses an engine."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from cscl import doctor


def test_a_whole_engine_passes_every_check() -> None:
    said: list[str] = []
    assert doctor.run_checks("cpu", said.append) == 0
    assert [line.split(":")[0] for line in said] == [
        "ok libraries", "ok engine", "ok matrix product", "ok raster", "ok vector layer",
        "ok coordinates",
    ]  # fmt: skip
    assert "on cpu, torch 2." in said[2]


def test_what_is_missing_or_wrong_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    load = importlib.import_module

    def broken(name: str) -> Any:
        if name in ("numba", "zarr"):
            raise OSError("libllvm.so: cannot open")
        return load(name)

    monkeypatch.setattr(importlib, "import_module", broken)
    said: list[str] = []
    assert doctor.run_checks("nonsense", said.append) == 2
    wrong = [line for line in said if line.startswith("failed ")]
    assert "zarr (OSError: libllvm.so: cannot open)" in wrong[0]
    assert "numba" in wrong[0]
    assert wrong[1].startswith("failed matrix product: UserError")
