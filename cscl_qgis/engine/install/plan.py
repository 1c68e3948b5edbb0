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
from .machine import CPU, GPU, platform_name, sizes
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
    """What is installed: the lists of libraries and the engine's own package.

    `bar` is how the pip among the lists is asked to tell its progress.
    """

    requirements: Path = REQUIREMENTS
    backend: Path = BACKEND
    bar: str = "raw"


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
    plan = _Plan(wishes, environment, sources)
    installer = [] if wishes.uv else [plan.installer()]
    return [plan.make(), *installer, plan.libraries(), plan.torch()]


def settled(wishes: Wishes) -> Wishes:
    """Return wishes with the build that a folder of wheels holds; raises `UserError`."""
    if not wishes.folder:
        return wishes
    return replace(wishes, build=_folder_build(Path(wishes.folder)))


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


class _Plan:
    """What all steps of one installation share."""

    def __init__(self, wishes: Wishes, environment: Path, sources: Sources) -> None:
        self._wishes = wishes
        self._environment = environment
        self._lists = sources.requirements
        self._bar = sources.bar
        self._sizes = sizes(sources.requirements)
        self._python = str(python_of(environment))

    def make(self) -> Step:
        """The empty environment."""
        wishes = self._wishes
        if wishes.uv:
            program, arguments = wishes.uv, ["venv", "--python", wishes.python or PYTHON_BY_UV]
        else:
            program, arguments = wishes.python, ["-I", "-m", "venv"]
        arguments = [*arguments, str(self._environment)]
        return Step(tr("Making an environment"), program, tuple(arguments), MAKE_WEIGHT)

    def installer(self) -> Step:
        """A pip that is known, whatever the one that Python brings."""
        arguments = [*_pip("off"), *self._from(), "--require-hashes"]
        arguments += ["-r", str(self._lists / "installer.txt")]
        return Step(tr("Preparing pip"), self._python, tuple(arguments), INSTALLER_WEIGHT)

    def libraries(self) -> Step:
        """All libraries but PyTorch."""
        size = self._sizes.get("libraries", 0)
        title = tr("Installing the libraries")
        return self._install(title, "libraries.txt", size, ["--require-hashes"])

    def torch(self) -> Step:
        """PyTorch: the processor's build, the index's for NVIDIA, or the one that uv chooses."""
        title = tr("Installing PyTorch")
        hashed = ["--require-hashes", "--no-deps"]
        uv = self._wishes.uv if not self._wishes.folder else ""
        cpu_size = self._sizes.get("torch-cpu", 0)
        gpu_size = self._sizes.get("torch-gpu", cpu_size)
        if self._wishes.build == GPU and uv:
            command = [*self._uv(), "--torch-backend", "auto", f"torch=={TORCH}"]
            return Step(title, uv, tuple(command), _megabytes(gpu_size), 20)
        larger = self._install(title, "torch-gpu.txt", gpu_size, hashed)
        if self._wishes.build == GPU:
            return larger
        options = [*hashed, "--torch-backend", "cpu"] if uv else hashed
        step = self._install(title, "torch-cpu.txt", cpu_size, options)
        if uv or self._wishes.folder or "torch-gpu" not in self._sizes:
            return step
        # The package index itself has no processor build for Linux.
        note = tr(
            "pip found no processor build of PyTorch where it looks: the larger build for NVIDIA "
            "cards is installed instead, which computes on the processor too."
        )
        return replace(step, instead=replace(larger, note=note))

    def _install(self, title: str, name: str, size: int, options: List[str]) -> Step:
        file = self._lists / name
        start = self._uv() if self._wishes.uv else _pip(self._bar)
        arguments = [*start, *self._from(), *options, "-r", str(file)]
        program = self._wishes.uv or self._python
        return Step(title, program, tuple(arguments), _megabytes(size), _text(file).count("=="))

    def _uv(self) -> List[str]:
        return ["pip", "install", "--python", self._python, "--only-binary", ":all:"]

    def _from(self) -> List[str]:
        folder = self._wishes.folder
        return ["--no-index", "--find-links", folder] if folder else []


def _pip(bar: str) -> List[str]:
    return [
        "-I", "-m", "pip", "--disable-pip-version-check", "--no-input", "install",
        "--only-binary", ":all:", "--progress-bar", bar, "--cache-dir",
        str(downloads_folder() / "pip"),
    ]  # fmt: skip


def _megabytes(size: int) -> int:
    return max(1, size // 1_000_000)


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
    values = values if isinstance(values, dict) else {}
    if values.get("platform", platform_name()) != platform_name():
        raise UserError(
            "wrong_wheels", folder,
            tr("its wheels are for {platform}, Python {python}",
               platform=values.get("platform"), python=values.get("python")),
            tr("Make a folder for {platform}: `make wheelhouse`.", platform=platform_name()),
        )  # fmt: skip
    return GPU if values.get("build") == GPU else CPU
