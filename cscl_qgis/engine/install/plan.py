"""The steps of an installation: which program is started with what."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import List, Optional, Tuple

from ....backend.cscl.contract import strict_json
from ....backend.cscl.contract.errors import UserError
from ...words import tr
from .machine import CPU, GPU, sizes
from .places import BACKEND, REQUIREMENTS, downloads_folder, python_of

TORCH = "2.13.0"
PYTHON_BY_UV = "3.12"
WHEELHOUSE = "wheelhouse.json"
# Of steps that download nothing, beside the megabytes of those that do.
MAKE_WEIGHT, INSTALLER_WEIGHT, CHECK_WEIGHT = 15, 5, 60


@dataclass(frozen=True)
class Wishes:
    """How the engine is to be installed.

    `python` is an interpreter, or empty where `uv` brings one; `uv` is that program, or empty
    where pip does it; `folder` holds wheels, or is empty where they are downloaded; `build` is cpu
    or gpu.
    """

    python: str
    uv: str = ""
    folder: str = ""
    build: str = CPU

    @property
    def door(self) -> str:
        """The way in a word."""
        tool = "uv" if self.uv else "pip"
        return f"{tool}, folder" if self.folder else tool


@dataclass(frozen=True)
class Sources:
    """What is installed: the lists of libraries and the engine's own package."""

    requirements: Path = REQUIREMENTS
    backend: Path = BACKEND


@dataclass(frozen=True)
class Step:
    """One program; `instead` is tried where it finds no build of a package."""

    title: str
    program: str
    arguments: Tuple[str, ...]
    weight: int
    packages: int = 1
    instead: Optional["Step"] = None
    note: str = ""


def steps_of(wishes: Wishes, environment: Path, sources: Sources) -> List[Step]:
    """Return the steps that make an environment with all libraries.

    Raises `UserError` where the wishes cannot be met on this machine.
    """
    if not sizes(sources.requirements):
        raise UserError(
            "no_build", tr("this computer"), tr("PyTorch has no build for it"),
            tr("On a Mac, an Apple silicon processor is needed; else use 64-bit Linux or Windows."),
        )  # fmt: skip
    build = _folder_build(Path(wishes.folder)) if wishes.folder else wishes.build
    wishes = replace(wishes, build=build)
    steps = [_make(wishes, environment)]
    if not wishes.uv:
        steps.append(_installer(wishes, environment, sources))
    steps.append(_libraries(wishes, environment, sources))
    steps.append(_torch(wishes, environment, sources))
    return steps


def library_count() -> int:
    """Return how many libraries there are beside PyTorch."""
    names = re.findall(r"^([A-Za-z0-9_.-]+)==", _text(REQUIREMENTS / "libraries.txt"), re.MULTILINE)
    return len(set(names))


def check_step(environment: Path, build: str) -> Step:
    """Return the step that verifies an environment."""
    device = "cpu" if build == CPU else "auto"
    arguments = ("-s", "-P", "-m", "cscl", "doctor", "--check", "--device", device)
    return Step(
        tr("Verifying the engine"), str(python_of(environment)), arguments, CHECK_WEIGHT, 10
    )


def _make(wishes: Wishes, environment: Path) -> Step:
    if wishes.uv:
        program, arguments = wishes.uv, ["venv", "--python", wishes.python or PYTHON_BY_UV]
    else:
        program, arguments = wishes.python, ["-I", "-m", "venv"]
    return Step(tr("Making an environment"), program, (*arguments, str(environment)), MAKE_WEIGHT)


def _installer(wishes: Wishes, environment: Path, sources: Sources) -> Step:
    """A pip that is known, whatever the one that Python brings."""
    arguments = [*_pip("off"), *_from(wishes), "--require-hashes"]
    arguments += ["-r", str(sources.requirements / "installer.txt")]
    return Step(
        tr("Preparing pip"), str(python_of(environment)), tuple(arguments), INSTALLER_WEIGHT
    )


def _libraries(wishes: Wishes, environment: Path, sources: Sources) -> Step:
    file = sources.requirements / "libraries.txt"
    size = sizes(sources.requirements).get("libraries", 0)
    return _install(
        tr("Installing the libraries"), wishes, environment, file, size, ["--require-hashes"]
    )


def _torch(wishes: Wishes, environment: Path, sources: Sources) -> Step:
    """PyTorch: the processor's build, the index's build for NVIDIA, or the one that uv chooses."""
    size = sizes(sources.requirements)
    title = tr("Installing PyTorch")
    hashed = ["--require-hashes", "--no-deps"]
    gpu_size = size.get("torch-gpu", size.get("torch-cpu", 0))
    file = sources.requirements / f"torch-{wishes.build}.txt"
    if wishes.build == GPU and wishes.uv and not wishes.folder:
        command = _uv(wishes, environment) + ["--torch-backend", "auto", f"torch=={TORCH}"]
        return Step(title, wishes.uv, tuple(command), _megabytes(gpu_size), 20)
    if wishes.build == GPU:
        return _install(title, wishes, environment, file, gpu_size, hashed)
    if wishes.uv and not wishes.folder:
        hashed = [*hashed, "--torch-backend", "cpu"]
    step = _install(title, wishes, environment, file, size.get("torch-cpu", 0), hashed)
    if wishes.uv or wishes.folder or "torch-gpu" not in size:
        return step
    # The package index itself has no processor build for Linux.
    larger = replace(wishes, build=GPU)
    note = tr(
        "pip found no processor build of PyTorch where it looks: the larger build for NVIDIA cards "
        "is installed instead, which computes on the processor too."
    )
    return replace(step, instead=replace(_torch(larger, environment, sources), note=note))


def _install(
    title: str, wishes: Wishes, environment: Path, file: Path, size: int, options: List[str]
) -> Step:
    start = _uv(wishes, environment) if wishes.uv else _pip("raw")
    arguments = [*start, *_from(wishes), *options, "-r", str(file)]
    program = wishes.uv or str(python_of(environment))
    return Step(title, program, tuple(arguments), _megabytes(size), _count(file))


def _pip(bar: str) -> List[str]:
    return [
        "-I", "-m", "pip", "--disable-pip-version-check", "--no-input", "install",
        "--only-binary", ":all:", "--progress-bar", bar, "--cache-dir",
        str(downloads_folder() / "pip"),
    ]  # fmt: skip


def _uv(wishes: Wishes, environment: Path) -> List[str]:
    return ["pip", "install", "--python", str(python_of(environment)), "--only-binary", ":all:"]


def _from(wishes: Wishes) -> List[str]:
    return ["--no-index", "--find-links", wishes.folder] if wishes.folder else []


def _megabytes(size: int) -> int:
    return max(1, size // 1_000_000)


def _count(file: Path) -> int:
    return _text(file).count("==")


@cache
def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _folder_build(folder: Path) -> str:
    """Return which build of PyTorch a folder of wheels holds; raises `UserError`."""
    if not folder.is_dir() or not any(folder.glob("*.whl")):
        raise UserError(
            "no_wheels", folder, tr("it holds no wheels"),
            tr("Choose the folder that `make wheelhouse` wrote."),
        )  # fmt: skip
    described = folder / WHEELHOUSE
    if not described.is_file():
        return CPU
    values = strict_json.read(described)
    build = values.get("build") if isinstance(values, dict) else None
    return build if build in (CPU, GPU) else CPU
