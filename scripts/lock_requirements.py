"""Write resources/requirements from pyproject.toml: exact versions, hashes, no addresses.

Needs `uv` (python -m pip install uv). Run it from the repository root after a change of the
engine's dependencies, look at what changed, then run the tests.

The hashes of PyTorch's processor builds for Linux are not in the package index that uv asks; they
are kept in torch-cpu.txt as they are and have to be renewed by hand when TORCH changes.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "resources" / "requirements"
TORCH = "2.13.0"
PYTHONS = ">=3.11,<3.15"
OPTIONS = ["--no-config", "--quiet"]
# Whatever only PyTorch's builds for NVIDIA need.
GPU_ONLY = re.compile(r"(nvidia|cuda)-|triton$")
# Platform, how its wheels name themselves, and the size of PyTorch's processor build where the
# index does not tell it.
PLATFORMS: tuple[tuple[str, str, int | None], ...] = (
    ("linux-x86_64", r"manylinux.*x86_64", 191_794_682),
    ("linux-aarch64", r"manylinux.*aarch64", 150_000_000),
    ("win32-amd64", r"win_amd64", None),
    ("darwin-arm64", r"macosx.*(arm64|universal2)", None),
)


def main() -> None:
    """Resolve once for all platforms, then split the answer into files."""
    if shutil.which("uv") is None:
        sys.exit("uv is missing: python -m pip install uv")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [item for item in project["dependencies"] if not item.startswith("torch")]
    with tempfile.TemporaryDirectory() as folder:
        entries = compiled(Path(folder), [*wanted, f"torch=={TORCH}"])
        sizes = measured(Path(folder), [*wanted, f"torch=={TORCH}"])
        installer = compiled(Path(folder), ["pip"])
    gpu = {name for name in entries if GPU_ONLY.match(name)} | {"torch"}
    write("libraries.txt", [text for name, text in entries.items() if name not in gpu])
    write("torch-gpu.txt", [text for name, text in entries.items() if name in gpu])
    write("installer.txt", list(installer.values()))
    (TARGET / "sizes.json").write_text(json.dumps(sizes, indent=2) + "\n", encoding="utf-8")


def compiled(folder: Path, wanted: list[str]) -> dict[str, str]:
    """Return the entries of a lock for every platform, by package."""
    (folder / "in.txt").write_text("\n".join(wanted) + "\n", encoding="utf-8")
    command = ["uv", "pip", "compile", *OPTIONS, "--universal", "--generate-hashes"]
    command += ["--only-binary", ":all:", "--python-version", "3.11", "--no-header"]
    command += ["--no-annotate", "--no-emit-index-url", "--output-file", "out.txt", "in.txt"]
    subprocess.run(command, cwd=folder, check=True, stdin=subprocess.DEVNULL)
    text = (folder / "out.txt").read_text(encoding="utf-8")
    (folder / "out.txt").unlink()
    entries: dict[str, str] = {}
    for entry in re.split(r"\n(?=\S)", text.strip()):
        name = re.split(r"[=\[ ]", entry, maxsplit=1)[0]
        entries[name] = f"{entries[name]}\n{entry}" if name in entries else entry
    return entries


def measured(folder: Path, wanted: list[str]) -> dict[str, dict[str, int]]:
    """Return how many bytes are downloaded for each platform."""
    project = {"name": "sizes", "version": "0", "requires-python": PYTHONS, "dependencies": wanted}
    lines = [f"{key} = {json.dumps(value)}" for key, value in project.items()]
    (folder / "pyproject.toml").write_text("[project]\n" + "\n".join(lines) + "\n")
    subprocess.run(["uv", "lock", *OPTIONS], cwd=folder, check=True, stdin=subprocess.DEVNULL)
    lock = tomllib.loads((folder / "uv.lock").read_text(encoding="utf-8"))
    found = {}
    for platform, pattern, torch_cpu in PLATFORMS:
        bytes_of = {"libraries": 0, "torch-cpu": torch_cpu or 0, "torch-gpu": 0}
        for package in lock["package"]:
            size = wheel_size(package, pattern)
            if GPU_ONLY.match(package["name"]) or package["name"] == "torch":
                bytes_of["torch-gpu"] += size
            else:
                bytes_of["libraries"] += size
            if package["name"] == "torch" and torch_cpu is None:
                bytes_of["torch-cpu"] = size
        if torch_cpu is None:
            del bytes_of["torch-gpu"]
        found[platform] = bytes_of
    return found


def wheel_size(package: dict[str, Any], pattern: str) -> int:
    """Return the size of a package's wheel for a platform and Python 3.12, 0 where it has none."""
    markers = " ".join(package.get("resolution-markers", []))
    if "< '3.12'" in markers and ">= '3.12'" not in markers:
        return 0
    sizes = [0]
    for wheel in package.get("wheels", []):
        python, abi, platform = wheel["url"].rsplit("/", 1)[1][:-4].split("-")[-3:]
        fits = python in ("py3", "py2.py3", "cp312") or abi == "abi3"
        if fits and (platform == "any" or re.search(pattern, platform)):
            sizes.append(wheel["size"])
    return max(sizes)


def write(name: str, entries: list[str]) -> None:
    """Write one file of requirements."""
    (TARGET / name).write_text("\n".join(entries) + "\n", encoding="utf-8")
    print(f"{name}: {len(entries)} packages")


if __name__ == "__main__":
    main()
