"""Write a folder of wheels that the plugin installs the engine from, without a network.

    python scripts/wheelhouse.py --output build/wheelhouse [--python 3.12]
        [--platform linux-x86_64] [--build cpu]

Everything is pinned and checked by the hashes of resources/requirements. For Linux, PyTorch's
processor build has to be in pip's reach (an index of PyTorch's that pip is set up with, or a folder
of wheels in PIP_FIND_LINKS); --build gpu takes the build of the package index, for NVIDIA.
Needs pip and `packaging`.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.markers import Marker

REQUIREMENTS = Path(__file__).resolve().parents[1] / "resources" / "requirements"
# What pip calls a platform, and how a marker of that platform is evaluated.
PLATFORMS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "linux-x86_64": (
        tuple(f"manylinux_2_{minor}_x86_64" for minor in range(5, 40)) + ("manylinux2014_x86_64",),
        {"sys_platform": "linux", "platform_machine": "x86_64", "platform_system": "Linux",
         "os_name": "posix"},
    ),
    "linux-aarch64": (
        tuple(f"manylinux_2_{minor}_aarch64" for minor in range(17, 40))
        + ("manylinux2014_aarch64",),
        {"sys_platform": "linux", "platform_machine": "aarch64", "platform_system": "Linux",
         "os_name": "posix"},
    ),
    "win32-amd64": (
        ("win_amd64",),
        {"sys_platform": "win32", "platform_machine": "AMD64", "platform_system": "Windows",
         "os_name": "nt"},
    ),
    "darwin-arm64": (
        tuple(f"macosx_{major}_0_{kind}" for major in range(11, 16)
              for kind in ("arm64", "universal2"))
        + tuple(f"macosx_10_{minor}_universal2" for minor in range(9, 17)),
        {"sys_platform": "darwin", "platform_machine": "arm64", "platform_system": "Darwin",
         "os_name": "posix"},
    ),
}  # fmt: skip


def main() -> None:
    """Download, then say in a file what the folder is for."""
    options = parsed()
    output = Path(options.output)
    output.mkdir(parents=True, exist_ok=True)
    files = ["installer.txt", "libraries.txt", f"torch-{options.build}.txt"]
    for name in files:
        print(f"[wheelhouse] {name}", flush=True)
        download(output, selected(REQUIREMENTS / name, options.platform, options.python), options)
    described = {"build": options.build, "platform": options.platform, "python": options.python}
    (output / "wheelhouse.json").write_text(json.dumps(described, indent=2) + "\n", "utf-8")
    wheels = list(output.glob("*.whl"))
    size = sum(wheel.stat().st_size for wheel in wheels) / 1e6
    print(f"[wheelhouse] {output}: {len(wheels)} wheels, {size:.0f} MB")


def parsed() -> argparse.Namespace:
    """Return what was asked for; this machine's platform and Python where nothing was."""
    parser = argparse.ArgumentParser(description="Write a folder of wheels for the engine.")
    parser.add_argument("--output", default="build/wheelhouse")
    parser.add_argument("--python", default=".".join(platform.python_version_tuple()[:2]))
    parser.add_argument("--platform", default=here(), choices=sorted(PLATFORMS))
    parser.add_argument("--build", default="cpu", choices=("cpu", "gpu"))
    return parser.parse_args()


def here() -> str:
    """Return this machine's platform."""
    machine = platform.machine().lower()
    system = "linux" if sys.platform.startswith("linux") else sys.platform
    return f"{system}-{machine}"


def selected(file: Path, target: str, python: str) -> str:
    """Return the entries of a list that hold for a platform and Python, without conditions.

    pip would evaluate them for the Python that it runs in.
    """
    environment = {
        **PLATFORMS[target][1], "python_version": python, "python_full_version": f"{python}.0",
        "implementation_name": "cpython", "platform_python_implementation": "CPython",
    }  # fmt: skip
    kept = []
    for entry in re.split(r"\n(?=\S)", file.read_text(encoding="utf-8").strip()):
        head, _, hashes = entry.partition(" \\\n")
        requirement, _, condition = head.partition(" ; ")
        if not condition or Marker(condition).evaluate(environment):
            kept.append(f"{requirement} \\\n{hashes}")
    return "\n".join(kept) + "\n"


def download(output: Path, requirements: str, options: argparse.Namespace) -> None:
    """Let pip fetch the wheels of a list."""
    abi = "cp" + options.python.replace(".", "")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:", "--dest", str(output)]
    command += ["--implementation", "cp", "--python-version", options.python]
    command += ["--abi", abi, "--abi", "abi3", "--abi", "none"]
    for name in PLATFORMS[options.platform][0]:
        command += ["--platform", name]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text(requirements, encoding="utf-8")
        result = subprocess.run([*command, "-r", str(file)], stdin=subprocess.DEVNULL)
    if result.returncode != 0:
        sys.exit("[wheelhouse] pip could not fetch everything; its words are above")


if __name__ == "__main__":
    main()
