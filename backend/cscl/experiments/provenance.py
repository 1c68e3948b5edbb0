"""Which code made a figure: the commit of the checkout and a digest of the engine's source."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

import cscl

PACKAGE = Path(cscl.__path__[0])
HASH = re.compile(r"[0-9a-f]{40}")


@cache
def source_version() -> dict[str, str | None]:
    """Return `commit`, None outside a checkout, and `digest` of every Python file of the engine.

    The digest tells apart what was changed since the commit.
    """
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return {"commit": _commit(PACKAGE.parents[1]), "digest": digest.hexdigest()[:12]}


def _commit(root: Path) -> str | None:
    """Return the commit that a checkout stands at, read from its files."""
    head = root / ".git" / "HEAD"
    if not head.is_file():
        return None
    text = head.read_text(encoding="utf-8").strip()
    name = text.removeprefix("ref: ")
    if name == text:
        return text[:12]
    loose = root / ".git" / name
    if loose.is_file():
        return loose.read_text(encoding="utf-8").strip()[:12]
    packed = root / ".git" / "packed-refs"
    for line in packed.read_text(encoding="utf-8").splitlines() if packed.is_file() else ():
        if line.endswith(f" {name}") and HASH.match(line):
            return line[:12]
    return None
