"""Which files and products `images` names."""

from __future__ import annotations

from pathlib import Path

from cscl.contract.errors import Findings, UserError
from cscl.contract.paths import local_path

# Folders that are one thing.
PRODUCTS = (".safe", ".zarr")
# Named when nothing claims them, for they may be what the person meant.
IMAGE_SUFFIXES = (".tif", ".tiff", ".jp2", ".nc", ".zip", ".safe", ".img", ".vrt", ".hdf", ".zarr")
DEPTH = 4  # products of Theia, FORCE and sen2cor lie in folders by tile and date
MOST_ENTRIES = 100_000


def list_entries(images: str) -> list[Path]:
    """Return files, and folders that are one product, that `images` names, sorted.

    `images` is a folder, a file, or several of them joined by ';'. Where a folder holds no image
    itself, the folders in it are searched. Raises `UserError` naming each that does not exist.
    """
    parts = [local_path(part.strip(), "images") for part in images.split(";") if part.strip()]
    findings = Findings()
    for path in parts:
        if not path.exists():
            findings.error(
                "images_missing", path, "there is no such file or folder", "Check the path."
            )
    if not parts:
        findings.error("images_missing", "images", "nothing is named", "Name a folder.")
    findings.raise_errors()
    entries: list[Path] = []
    for path in parts:
        if path.is_dir() and not is_product(path):
            entries += _inside(path, DEPTH)
        else:
            entries.append(path)
        if len(entries) > MOST_ENTRIES:
            raise UserError(
                "too_many_files",
                path,
                f"it holds more than {MOST_ENTRIES} files",
                "Choose the folder of the images themselves.",
            )
    unique = dict.fromkeys(entries)
    return sorted(unique, key=lambda path: (path.name, str(path)))


def is_product(path: Path) -> bool:
    """Return whether a folder is one product: a SAFE, or a Zarr store."""
    return (
        path.suffix.lower() in PRODUCTS
        or (path / "zarr.json").is_file()
        or ((path / ".zgroup").is_file())
    )


def _inside(folder: Path, depth: int) -> list[Path]:
    """Return what a folder holds; folders inside are searched where it holds no image itself."""
    items = [item for item in sorted(folder.iterdir()) if not item.name.startswith(".")]
    found = [item for item in items if not item.is_dir() or is_product(item)]
    if depth and not any(item.suffix.lower() in IMAGE_SUFFIXES for item in found):
        for item in items:
            if item.is_dir() and not is_product(item):
                found += _inside(item, depth - 1)
    return found
