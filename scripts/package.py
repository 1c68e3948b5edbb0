"""Build dist/cscl_qgis.zip from what pb_tool stages: the same bytes from the same sources."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAME = "cscl_qgis"
STAGE = ROOT / "build" / "stage"
TARGET = ROOT / "dist" / f"{NAME}.zip"
# What a plugin may hold; caches and leavings of tools have other names.
ENDINGS = frozenset(
    f".{name}"
    for name in ("py", "txt", "md", "toml", "svg", "png", "json", "qml", "ts", "ui", "csv")
    + ("css", "html", "model3", "typed")
)
NAMES_WITHOUT_ENDING = frozenset({"LICENSE"})
EARLIEST = (1980, 1, 1, 0, 0, 0)


def main() -> None:
    """Stage, clean, zip, and say what came out."""
    stage_with_pb_tool()
    folder = STAGE / NAME
    remove_leavings(folder)
    check_stage(folder)
    write_changelog(folder)
    build_guide(folder / "docs" / "site")
    count = write_zip(folder, TARGET)
    size = TARGET.stat().st_size / 1024
    print(f"{TARGET.relative_to(ROOT)}: {count} files, {size:.0f} KiB")


def stage_with_pb_tool() -> None:
    """Let pb_tool copy the plugin to build/stage; the user's profile is not touched.

    pb_tool asks for no window and no Qt here: there are no .ui or .qrc files to compile.
    """
    shutil.rmtree(STAGE, ignore_errors=True)
    STAGE.mkdir(parents=True)
    command = ["-c", "from pb_tool.pb_tool import cli; cli()", "deploy", "--no-confirm"]
    command += ["--no-docs", "--config_file", "pb_tool.cfg", "--plugin_path", str(STAGE)]
    run_tool(command, "pb_tool could not stage the plugin")


def build_guide(folder: Path) -> None:
    """Build docs/ as pages that are read from the disk, without a trace of when that was."""
    command = ["-m", "mkdocs", "build", "--quiet", "--site-dir", str(folder)]
    run_tool(command, "mkdocs could not build the guide")
    for name in ("sitemap.xml", "sitemap.xml.gz", "404.html"):
        (folder / name).unlink(missing_ok=True)


def run_tool(arguments: list[str], failure: str) -> None:
    """Run the Python of build/tools in a home of its own; stop where it fails."""
    home = ROOT / "build" / "home"
    home.mkdir(parents=True, exist_ok=True)
    scripts = "Scripts" if os.name == "nt" else "bin"
    result = subprocess.run(
        [str(ROOT / "build" / "tools" / scripts / "python"), *arguments],
        cwd=ROOT,
        env={**os.environ, "HOME": str(home), "APPDATA": str(home), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode != 0:
        sys.exit(f"{failure}:\n{result.stdout}")


def remove_leavings(folder: Path) -> None:
    """Remove what is no part of the plugin: caches, hidden files, unknown endings."""
    for path in sorted(folder.rglob("*"), reverse=True):
        inside = path.relative_to(folder).parts
        hidden = any(part.startswith((".", "__pycache__")) for part in inside)
        hidden = hidden or any(part.endswith(".egg-info") for part in inside)
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif hidden or path.is_symlink() or not is_known(path):
            path.unlink()


def is_known(path: Path) -> bool:
    """Tell whether a file's name is one that the plugin may hold."""
    return path.suffix in ENDINGS or path.name in NAMES_WITHOUT_ENDING


def check_stage(folder: Path) -> None:
    """Stop where a file is missing without which QGIS or the engine would not start."""
    wanted = ("__init__.py", "metadata.txt", "LICENSE", "cscl_qgis/plugin.py", "pyproject.toml")
    wanted += ("backend/cscl/contract/jobs.py", "backend/cscl/cli.py")
    missing = [name for name in wanted if not (folder / name).is_file()]
    if missing:
        sys.exit(f"the staged plugin lacks {', '.join(missing)}: see [files] in pb_tool.cfg")
    metadata = configparser.ConfigParser(interpolation=None)
    metadata.read(folder / "metadata.txt", encoding="utf-8")
    if not metadata.has_option("general", "version"):
        sys.exit("metadata.txt has no version in its section [general]")


def write_changelog(folder: Path) -> None:
    """Put CHANGELOG.md into the staged metadata.txt, where the plugin manager shows it."""
    metadata = folder / "metadata.txt"
    changelog = (folder / "CHANGELOG.md").read_text(encoding="utf-8")
    metadata.write_text(
        with_changelog(metadata.read_text(encoding="utf-8"), changelog), encoding="utf-8"
    )


def with_changelog(metadata: str, changelog: str) -> str:
    """Return the text of metadata.txt with the releases of a changelog as its last field."""
    kept, _, _ = metadata.partition("\nchangelog=")
    lines = [f"    {line}" for line in release_lines(changelog)]
    return kept.rstrip("\n") + "\nchangelog=\n" + "\n".join(lines) + "\n"


def release_lines(changelog: str) -> list[str]:
    """Return each release of a Keep a Changelog file as its version and its points."""
    lines: list[str] = []
    for line in changelog.splitlines():
        release = re.match(r"## \[(\d[^\]]*)\]", line)
        if release:
            lines.append(release.group(1))
        elif lines and line.startswith("- "):
            # A per cent sign would start an interpolation in QGIS's reader.
            lines.append(re.sub(r"\s*%", " per cent", line.replace("`", "")))
    return lines


def write_zip(folder: Path, target: Path) -> int:
    """Zip a folder under its own name: sorted, one date, one mode; return the number of files."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in files:
            name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
            info = zipfile.ZipInfo(name, EARLIEST)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3
            archive.writestr(info, path.read_bytes())
    os.replace(part, target)
    return len(files)


if __name__ == "__main__":
    main()
