"""The lists of libraries that the plugin installs: exact, hashed, complete, without addresses."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "resources" / "requirements"
LISTS = ("libraries.txt", "torch-cpu.txt", "torch-gpu.txt", "installer.txt")


def entries(name: str) -> list[Requirement]:
    """Return the requirements of a list, without their hashes."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    return [Requirement(entry.partition(" \\\n")[0]) for entry in split(text)]


def split(text: str) -> list[str]:
    """Return the entries of a list with their hashes."""
    return re.split(r"\n(?=\S)", text.strip())


@pytest.mark.parametrize("name", LISTS)
def test_every_entry_is_exact_and_hashed(name: str) -> None:
    for entry in split((FOLDER / name).read_text(encoding="utf-8")):
        head, *hashes = entry.split(" \\\n")
        assert [item.operator for item in Requirement(head).specifier] == ["=="]
        assert hashes
        assert all(re.fullmatch(r" +--hash=sha256:[0-9a-f]{64}", line) for line in hashes), head


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_no_list_names_an_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text and "--find-links" not in text


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize(("system", "machine"), [("linux", "x86_64"), ("win32", "AMD64"),
                                                  ("darwin", "arm64")])  # fmt: skip
def test_all_that_the_engine_needs_is_there_once(python: str, system: str, machine: str) -> None:
    place = {"python_version": python, "python_full_version": f"{python}.1",
             "sys_platform": system, "platform_machine": machine}  # fmt: skip
    found: dict[str, Version] = {}
    for name in ("libraries.txt", "torch-cpu.txt"):
        for item in entries(name):
            if item.marker is None or item.marker.evaluate(place):
                assert item.name not in found
                found[item.name] = Version(next(iter(item.specifier)).version)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for wanted in map(Requirement, project["dependencies"]):
        assert wanted.name in found, wanted.name
        assert wanted.specifier.contains(found[wanted.name], prereleases=True), wanted


def test_one_version_of_torch_everywhere() -> None:
    versions = {
        Version(next(iter(item.specifier)).version).public
        for name in ("torch-cpu.txt", "torch-gpu.txt")
        for item in entries(name)
        if item.name == "torch"
    }
    plan = (ROOT / "cscl_qgis/engine/install/plan.py").read_text(encoding="utf-8")
    assert versions == set(re.findall(r'^TORCH = "(.+)"$', plan, re.MULTILINE))
    assert {item.name for item in entries("libraries.txt")} & {"torch", "triton"} == set()


def test_sizes_are_plausible() -> None:
    sizes = json.loads((FOLDER / "sizes.json").read_text(encoding="utf-8"))
    assert set(sizes) == {"linux-x86_64", "linux-aarch64", "win32-amd64", "darwin-arm64"}
    for parts in sizes.values():
        assert 1e8 < parts["libraries"] < 1e9
        assert 5e7 < parts["torch-cpu"] < 5e8
        assert parts.get("torch-gpu", 2e9) > 1e9
