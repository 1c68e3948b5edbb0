"""The steps of an installation: which program is started with what."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import List, Tuple

from ....backend.cscl.contract import strict_json
from ....backend.cscl.contract.errors import UserError
from ...words import tr
from .machine import CPU, GPU, platform_name, sizes
from .places import BACKEND, REQUIREMENTS, downloads_folder, python_of

TORCH = "2.13.0"
PYTHON_BY_UV = "3.12"
WHEELHOUSE = "wheelhouse.json"
WHEELS = "wheels"
# How many packages one step downloads.
BATCH = 12
# Shares of a step that are spent on fetching.
FETCHING, BOTH, UNPACKING = 1.0, 0.6, 0.1
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
    """One program; `fetched` is the share of it that is spent on fetching.

    `text` is written to the file that the last argument names. Where the program finds no build of
    a package, `instead` takes the place of this step and all that follow.
    """

    title: str
    program: str
    arguments: Tuple[str, ...]
    weight: int
    packages: int = 1
    fetched: float = BOTH
    text: str = ""
    instead: Tuple["Step", ...] = ()
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
    if wishes.uv:
        return [plan.make(), plan.libraries(), plan.torch(wishes.build)]
    start = [plan.make(), plan.installer()]
    if wishes.folder:
        return [*start, plan.libraries(), plan.torch(wishes.build)]
    return [*start, *plan.downloads("libraries"), *plan.torch_by_pip(wishes.build)]


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
        offline = self._from() if self._wishes.folder else []
        arguments = [*_pip("install", "off"), *offline, "--require-hashes"]
        arguments += ["-r", str(self._lists / "installer.txt")]
        return Step(tr("Preparing pip"), self._python, tuple(arguments), INSTALLER_WEIGHT)

    def libraries(self) -> Step:
        """All libraries but PyTorch."""
        title = tr("Installing the libraries")
        return self._install(title, "libraries", ["--require-hashes"])

    def torch(self, build: str) -> Step:
        """PyTorch; uv with a network chooses the build for the graphics card by itself."""
        title = tr("Installing PyTorch")
        options = ["--require-hashes", "--no-deps"]
        uv = self._wishes.uv if not self._wishes.folder else ""
        if build == GPU and uv:
            command = [*self._uv(), "--torch-backend", "auto", f"torch=={TORCH}"]
            return Step(title, uv, tuple(command), self._megabytes(f"torch-{GPU}"), 20)
        if uv:
            options += ["--torch-backend", "cpu"]
        return self._install(title, f"torch-{build}", options)

    def torch_by_pip(self, build: str) -> List[Step]:
        """PyTorch downloaded, then everything installed; with a way out for Linux."""
        first, *rest = self.downloads(f"torch-{build}")
        steps = [*rest, self.libraries(), self.torch(build)]
        if build == CPU and "torch-gpu" in self._sizes:
            # The package index itself has no processor build for Linux.
            note = tr(
                "pip found no processor build of PyTorch where it looks: the larger build for "
                "NVIDIA cards is installed instead, which computes on the processor too."
            )
            larger, *others = self.torch_by_pip(GPU)
            first = replace(first, instead=(replace(larger, note=note), *others))
        return [first, *steps]

    def downloads(self, name: str) -> List[Step]:
        """The wheels of a list, some at a time: what one step has fetched, no failure takes away.

        pip keeps files of servers that allow it alone, and none of a run that fails.
        """
        entries = re.split(r"\n(?=\S)", _text(self._lists / f"{name}.txt").strip())
        batches = [entries[at : at + BATCH] for at in range(0, len(entries), BATCH)]
        title = tr("Downloading PyTorch") if "torch" in name else tr("Downloading the libraries")
        weight = max(1, self._megabytes(name) * 2 // 3 // len(batches))
        command = [*_pip("download", self._bar), "--no-deps", "--require-hashes"]
        command += ["--dest", str(downloads_folder() / WHEELS), "-r"]
        return [
            Step(
                title, self._python,
                (*command, str(downloads_folder() / f"{name}-{number}.txt")),
                weight, len(batch), FETCHING, "\n".join(batch) + "\n",
            )
            for number, batch in enumerate(batches)
        ]  # fmt: skip

    def _install(self, title: str, name: str, options: List[str]) -> Step:
        file = self._lists / f"{name}.txt"
        start = self._uv() if self._wishes.uv else _pip("install", self._bar)
        arguments = [*start, *self._from(), *options, "-r", str(file)]
        by_pip = not self._wishes.uv and not self._wishes.folder
        weight = self._megabytes(name)
        return Step(
            title, self._wishes.uv or self._python, tuple(arguments),
            max(1, weight // 3) if by_pip else weight, _text(file).count("=="),
            BOTH if self._wishes.uv and not self._wishes.folder else UNPACKING,
        )  # fmt: skip

    def _megabytes(self, name: str) -> int:
        size = self._sizes.get(name, self._sizes.get("torch-cpu", 0))
        return max(1, size // 1_000_000)

    def _uv(self) -> List[str]:
        return ["pip", "install", "--python", self._python, "--only-binary", ":all:"]

    def _from(self) -> List[str]:
        folder = self._wishes.folder
        if not folder and not self._wishes.uv:
            folder = str(downloads_folder() / WHEELS)
        return ["--no-index", "--find-links", folder] if folder else []


def _pip(command: str, bar: str) -> List[str]:
    return [
        "-I", "-m", "pip", "--disable-pip-version-check", "--no-input", command,
        "--only-binary", ":all:", "--progress-bar", bar, "--cache-dir",
        str(downloads_folder() / "pip"),
    ]  # fmt: skip


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
