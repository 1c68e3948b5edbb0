"""The script that writes a folder of wheels: which entries it takes for which machine."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIST = """\
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:aa
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:bb \\
    --hash=sha256:cc
torch==2.13.0+cpu ; sys_platform == 'linux' \\
    --hash=sha256:dd
rich==15.0.0 \\
    --hash=sha256:ee
"""


@pytest.fixture(scope="module")
def wheelhouse() -> ModuleType:
    """The script as a module."""
    path = ROOT / "scripts" / "wheelhouse.py"
    spec = importlib.util.spec_from_file_location("wheelhouse", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("platform", "python", "taken"),
    [
        ("linux-x86_64", "3.11", ["numpy==2.4.6", "torch==2.13.0+cpu", "rich==15.0.0"]),
        ("win32-amd64", "3.13", ["numpy==2.5.5", "rich==15.0.0"]),
    ],
)
def test_entries_of_another_machine_are_judged_for_that_machine(
    wheelhouse: ModuleType, tmp_path: Path, platform: str, python: str, taken: list[str]
) -> None:
    (tmp_path / "list.txt").write_text(LIST)
    text = wheelhouse.selected(tmp_path / "list.txt", platform, python)
    assert re.findall(r"^(\S+==\S+)", text, re.MULTILINE) == taken
    assert ";" not in text
    assert text.count("--hash=sha256:") == (4 if "2.5.5" in text else 3) - ("dd" not in text)


def test_this_machine_is_one_of_the_platforms(
    wheelhouse: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(wheelhouse.platform, "machine", lambda: "x86_64")
    assert wheelhouse.here() == "linux-x86_64"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(wheelhouse.platform, "machine", lambda: "AMD64")
    assert wheelhouse.here() == "win32-amd64"
    assert wheelhouse.here() in wheelhouse.PLATFORMS
