"""The files of SAFE products, in folders and in zips that are read where they are."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cscl.contract.errors import UserError
from cscl.series.xml_document import MAXIMUM_BYTES, unreadable_xml
from cscl.zips import DAMAGED_ZIP

MAXIMUM_FILES = 20_000
# The product's own metadata, with names until 2016 and since.
METADATA = re.compile(
    r"(MTD_MSIL(1C|2A)|S2[A-D]_(OPER|USER)_MTD_SAFL(1C|2A)_\w+)\.xml", re.IGNORECASE
)
_ENCRYPTED = 1


@dataclass(frozen=True)
class ProductFiles:
    """One product: `root` is its folder or the zip, `prefix` its folder within the zip.

    `members` are the paths in the product, with slashes, and by each its path in `root`.
    """

    root: Path
    prefix: str
    members: Mapping[str, str]

    @property
    def name(self) -> str:
        """The product's name in messages."""
        inner = PurePosixPath(self.prefix).name
        return inner if inner and not _is_named_after(self.root, inner) else self.root.name

    @property
    def metadata(self) -> str:
        """The path of the product's own metadata; `UserError` where they are not one file."""
        found = [name for name in self.members if METADATA.fullmatch(name)]
        if len(found) != 1:
            raise UserError(
                "safe_metadata",
                self.root,
                "it holds no metadata of a product (MTD_MSIL1C.xml or MTD_MSIL2A.xml)"
                if not found
                else f"it holds metadata of several products ({', '.join(sorted(found))})",
                "Copy or download the product again, or remove it.",
            )
        return found[0]

    def read(self, name: str) -> bytes:
        """Return the contents of a document; raises `UserError` where it is gone or too large."""
        if name not in self.members:
            raise unreadable_xml(f"{self.root}: {name}", "it is not there")
        try:
            content = self._content(name)
        except DAMAGED_ZIP as error:
            raise unreadable_xml(f"{self.root}: {name}", f"it cannot be read ({error})") from None
        if len(content) > MAXIMUM_BYTES:
            limit = f"it holds more than {MAXIMUM_BYTES // 2**20} MiB"
            raise unreadable_xml(f"{self.root}: {name}", limit)
        return content

    def _content(self, name: str) -> bytes:
        # One byte more than allowed is read: what the zip says about sizes may be false.
        if self.root.is_dir():
            with open(self.root / self.members[name], "rb") as handle:
                return handle.read(MAXIMUM_BYTES + 1)
        with zipfile.ZipFile(self.root) as archive, archive.open(self.members[name]) as member:
            return member.read(MAXIMUM_BYTES + 1)

    def place(self, name: str) -> tuple[Path, str]:
        """Return the file that holds a raster, and its path within it where that is a zip."""
        if self.root.is_dir():
            return self.root / self.members[name], ""
        return self.root, self.members[name]


def _is_named_after(root: Path, inner: str) -> bool:
    return root.name.upper().startswith(inner.upper().removesuffix(".SAFE"))


def products_in(path: Path) -> list[ProductFiles]:
    """Return the products in a SAFE folder or zip; raises `UserError` for one that is unsafe."""
    if path.is_dir():
        return [ProductFiles(path, "", _folder_members(path))]
    names = _zip_members(path)
    roots = sorted({_parent(name) for name in names if METADATA.fullmatch(_last(name))})
    return [
        ProductFiles(
            path,
            root,
            {name[len(root) :]: name for name in names if name.startswith(root)},
        )
        for root in roots
    ]


def holds_product(path: Path) -> bool:
    """Return whether a zip lists a product's metadata, or is named like a product."""
    if is_product_name(path.name):
        return True
    try:
        with zipfile.ZipFile(path) as archive:
            return any(METADATA.fullmatch(_last(name)) for name in archive.namelist())
    except DAMAGED_ZIP:
        return False


def is_product_name(name: str) -> bool:
    """Return whether a folder or zip is named like a product of Sentinel-2."""
    return re.match(r"S2[A-D]_(MSIL(1C|2A)|(OPER|USER)_PRD_MSIL(1C|2A))_", name.upper()) is not None


def _folder_members(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}

    def stop(error: OSError) -> None:
        raise UserError(
            "unreadable_file",
            error.filename or folder,
            f"it cannot be read ({error.strerror})",
            "Check its permissions.",
        )

    for current, _, names in os.walk(folder, onerror=stop):
        for name in names:
            relative = (Path(current) / name).relative_to(folder).as_posix()
            found[relative] = relative
        _check_number(folder, len(found))
    return found


def _zip_members(path: Path) -> list[str]:
    """Return the names of a zip's files; nothing of it is ever written to the disk."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [item for item in archive.infolist() if not item.is_dir()]
    except DAMAGED_ZIP as error:
        raise UserError(
            "unreadable_zip",
            path,
            f"it cannot be opened as zip ({error})",
            "Copy or download the product again, or remove it.",
        ) from None
    _check_number(path, len(members))
    names = [item.filename for item in members]
    unsafe = next((name for name in names if _is_unsafe(name)), None)
    if unsafe is not None:
        raise _refused(path, f"it holds a file with an unsafe path ({unsafe[:80]!r})")
    if len(set(names)) < len(names):
        raise _refused(path, "it holds two files of one name")
    if any(item.flag_bits & _ENCRYPTED for item in members):
        raise _refused(path, "its files are encrypted")
    return names


def _check_number(path: Path, number: int) -> None:
    if number > MAXIMUM_FILES:
        raise _refused(path, f"it holds more than {MAXIMUM_FILES} files")


def _refused(path: Path, found: str) -> UserError:
    return UserError(
        "unsafe_product", path, found, "Use the product as its provider delivers it, unchanged."
    )


def _is_unsafe(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return (
        name.startswith("/")
        or any(sign in name for sign in '\\:\0"{}')
        or not name.isprintable()
        or ".." in parts
    )


def _last(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def _parent(name: str) -> str:
    """Return the folder of a path, with its slash, or an empty string."""
    return name[: len(name) - len(_last(name))]
