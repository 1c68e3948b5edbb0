"""Check dist/cscl_qgis.zip as the plugin site does, and its names against Qt 6; none may be found.

Run by the Python of build/tools, which has bandit, detect-secrets and PyQt6's lists of names.
"""

from __future__ import annotations

import configparser
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import qt6_names

ROOT = Path(__file__).resolve().parents[1]
NAME = "cscl_qgis"
TARGET = ROOT / "dist" / f"{NAME}.zip"
LARGEST = 20 * 1024 * 1024
PICTURES = (".png",)
FIELDS = (
    "name", "qgisMinimumVersion", "description", "about", "version", "author", "email",
    "homepage", "tracker", "repository", "license", "changelog", "tags", "icon", "category",
)  # fmt: skip


def main() -> None:
    """Check the zip; say each finding and stop with a failure where there is any."""
    if not TARGET.is_file():
        sys.exit("dist/cscl_qgis.zip is missing: run make package")
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(TARGET) as archive:
            findings = list(of_archive(archive))
            archive.extractall(folder)
        plugin = Path(folder) / NAME
        for check in (of_files, of_metadata, of_bandit, of_detect_secrets, qt6_names.unknown):
            findings.extend(check(plugin))
    for finding in findings:
        print(finding)
    size = TARGET.stat().st_size / 1024
    print(f"{TARGET.relative_to(ROOT)}: {size:.0f} KiB, {len(findings)} findings")
    sys.exit(1 if findings else 0)


def of_archive(archive: zipfile.ZipFile) -> Iterator[str]:
    """Find a zip that is too large, or names outside the plugin's one folder."""
    size = TARGET.stat().st_size
    if size > LARGEST:
        yield f"{TARGET.name}: {size} bytes are more than {LARGEST}"
    for name in archive.namelist():
        parts = name.split("/")
        if parts[0] != NAME or ".." in parts or any(part.startswith(".") for part in parts):
            yield f"{name}: it lies outside {NAME}/ or is hidden"
        if "__pycache__" in parts:
            yield f"{name}: it is a cache"


def of_files(plugin: Path) -> Iterator[str]:
    """Find binaries, programs, and files without which it is no plugin."""
    for name in ("LICENSE", "metadata.txt", "__init__.py"):
        if not (plugin / name).is_file():
            yield f"{name}: it is missing"
    for path in sorted(item for item in plugin.rglob("*") if item.is_file()):
        name = path.relative_to(plugin)
        content = path.read_bytes()
        if path.suffix in PICTURES:
            continue
        if b"\0" in content:
            yield f"{name}: it is binary"
        if content.startswith((b"\x7fELF", b"MZ")):
            yield f"{name}: it is a program"


def of_metadata(plugin: Path) -> Iterator[str]:
    """Find fields of metadata.txt that are missing, and a changelog that is not the version's."""
    parser = configparser.ConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(plugin / "metadata.txt", encoding="utf-8")
    general = parser["general"]
    for name in FIELDS:
        if not general.get(name, "").strip():
            yield f"metadata.txt: {name} is missing"
    if not (plugin / general.get("icon", "")).is_file():
        yield f"metadata.txt: there is no icon {general.get('icon')}"
    if not general.get("changelog", "").strip().startswith(general.get("version", "?")):
        yield "metadata.txt: changelog does not begin with the version"
    if "qgis" in general.get("name", "").lower() or "plugin" in general.get("name", "").lower():
        yield "metadata.txt: the name may hold neither QGIS nor plugin"


def of_bandit(plugin: Path) -> Iterator[str]:
    """Find what bandit finds, of any severity."""
    said = tool("bandit", "--quiet", "--recursive", "--format", "json", str(plugin))
    for item in json.loads(said)["results"]:
        place = f"{Path(item['filename']).relative_to(plugin)}:{item['line_number']}"
        yield f"{place}: bandit {item['test_id']} {item['issue_text']}"


def of_detect_secrets(plugin: Path) -> Iterator[str]:
    """Find what looks like a stored credential."""
    said = tool("detect-secrets", "scan", "--all-files", ".", folder=plugin)
    for path, items in json.loads(said)["results"].items():
        for item in items:
            yield f"{path}:{item['line_number']}: detect-secrets {item['type']}"


def tool(name: str, *arguments: str, folder: Path = ROOT) -> str:
    """Return what a tool of this environment writes, whatever its status."""
    program = Path(sys.executable).parent / name
    done = subprocess.run(
        [str(program), *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
        text=True,
    )  # fmt: skip
    if not done.stdout.strip():
        sys.exit(f"{name} said nothing: {done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
