"""Tiny wheels, lists of them and an engine's package, to install in seconds, offline."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import stat
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

PYTHON = "/usr/bin/python3"
PLATFORMS = ("linux-x86_64", "linux-aarch64", "win32-amd64", "darwin-arm64")
MAIN = """
import sys
import small, torch
from cscl import WORDS
print("ok libraries: 2 load", flush=True)
print("ok engine: in", __file__, flush=True)
for word in WORDS:
    print(word, flush=True)
sys.exit(1 if any(word.startswith("failed") for word in WORDS) else 0)
"""


@dataclass(frozen=True)
class Parts:
    """A folder of wheels, the lists of them, and a package that answers as the engine does."""

    wheels: Path
    requirements: Path
    backend: Path

    def wheel(self, name: str) -> Path:
        """Return the wheel of a package."""
        return next(self.wheels.glob(f"{name}-*.whl"))


def make_parts(folder: Path, words: tuple[str, ...] = (), big: int = 0) -> Parts:
    """Write all of it; `words` are lines that the engine's check says, `big` bytes of a library."""
    parts = Parts(folder / "wheels", folder / "requirements", folder / "backend")
    for path in (parts.wheels, parts.requirements, parts.backend / "cscl"):
        path.mkdir(parents=True)
    packages = {
        "installer.txt": [("tool", "1.0", b"")],
        "libraries.txt": [("small", "1.0", os.urandom(big)), ("other", "2.5", b"")],
        "torch-cpu.txt": [("torch", "2.13.0+cpu", b"")],
        "torch-gpu.txt": [("torch", "2.13.0", b"")],
    }
    for name, items in packages.items():
        lines = [f"{n}=={v} --hash=sha256:{make_wheel(parts.wheels, n, v, d)}" for n, v, d in items]
        (parts.requirements / name).write_text("\n".join(lines) + "\n")
    parts.wheel("torch-2.13.0-py3").unlink()
    sizes = {"libraries": 2_000_000, "torch-cpu": 1_000_000, "torch-gpu": 9_000_000}
    (parts.requirements / "sizes.json").write_text(json.dumps(dict.fromkeys(PLATFORMS, sizes)))
    package = parts.backend / "cscl"
    (package / "__init__.py").write_text(f"WORDS = {words!r}\n")
    (package / "__main__.py").write_text(MAIN)
    (package / "service.py").write_text("")
    return parts


def make_wheel(folder: Path, name: str, version: str, data: bytes) -> str:
    """Write a wheel of one module and return its hash."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": b"VALUE = 1\n" + (b"DATA = " + repr(data).encode() if data else b""),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{file},sha256={_digest(text)},{len(text)}" for file, text in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,"]).encode() + b"\n"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest(text: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()


def make_index(folder: Path, wheels: list[Path]) -> str:
    """Write an index of packages, pages in folders, and return its address."""
    for wheel in wheels:
        page = folder / wheel.name.partition("-")[0] / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f'<a href="{wheel.as_uri()}">{wheel.name}</a>\n')
    return folder.as_uri()


def make_template(folder: Path) -> Path:
    """Make one environment with pip, which `quick_python` copies instead of making others."""
    subprocess.run([PYTHON, "-I", "-m", "venv", "--symlinks", str(folder)], check=True)
    return folder


def quick_python(folder: Path, template: Path, prelude: str = "", delay: float = 0.0) -> Path:
    """Write an interpreter that makes environments in no time, by copying.

    `prelude` are shell commands that the environment's own Python runs before it starts; `delay`
    is how long each of its starts takes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "copy_environment.py"
    wrapper = folder / "python"
    answer = json.dumps([str(wrapper), 3, 12, 0, 64, True])
    script.write_text(
        "import os, shutil, sys\n"
        "if '-c' in sys.argv:\n"
        f"    sys.exit(print('python', {answer!r}))\n"
        "target = sys.argv[-1]\n"
        f"shutil.copytree({str(template)!r}, target, symlinks=True)\n"
        f"prelude = {prelude!r} + ('\\nsleep {delay}' if {delay} else '')\n"
        "if prelude:\n"
        "    python = os.path.join(target, 'bin', 'python')\n"
        "    os.unlink(python)\n"
        "    with open(python, 'w') as file:\n"
        "        file.write('#!/bin/sh\\n' + prelude + "
        '\'\\nexec "$(dirname "$0")/python3" "$@"\\n\')\n'
        "    os.chmod(python, 0o755)\n"
    )
    wrapper.write_text(f'#!/bin/sh\nexec {PYTHON} -I "{script}" "$@"\n')
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    return wrapper


def has_venv() -> bool:
    """Tell whether this system's Python can make environments."""
    code = "import venv, ensurepip"
    return subprocess.run([PYTHON, "-c", code], capture_output=True).returncode == 0


def tamper(wheel: Path) -> None:
    """Change what a wheel holds; it stays a wheel."""
    other = wheel.with_name("tampered")
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(other, "w") as new:
        for item in old.infolist():
            text = old.read(item)
            new.writestr(item, text + b"\nHARM = 1\n" if item.filename.endswith(".py") else text)
    shutil.move(other, wheel)
