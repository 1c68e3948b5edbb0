"""Where jobs ran, so that they are found again: those of the command line too."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from cscl.contract import atomic, strict_json
from cscl.contract.errors import UserError
from cscl.contract.home import data_folder

MOST_REMEMBERED = 500
_ENDING = ".run.json"


def runs_folder() -> Path:
    """Return the folder of the records of jobs, and of what is remembered of the others."""
    return data_folder() / "runs"


def remember(folder: Path) -> None:
    """Remember a folder that a job begins to write; raises OSError where that cannot be kept."""
    runs = runs_folder()
    if runs in folder.parents:
        return  # a record that lies here is found anyway
    known = {path: name for name, path in _pointers()}
    name = known.get(folder, runs / f"{time.time_ns()}{_ENDING}")
    atomic.write_text(name, strict_json.dump({"folder": str(folder)}))
    for old, _ in _pointers()[:-MOST_REMEMBERED]:
        old.unlink(missing_ok=True)


def remembered() -> list[Path]:
    """Return the folders of jobs that are there still, in the order in which they began."""
    runs = runs_folder()
    own = [path for path in sorted(runs.iterdir()) if path.is_dir()] if runs.is_dir() else []
    return [path for path in (*own, *(folder for _, folder in _pointers())) if path.is_dir()]


def _pointers() -> list[tuple[Path, Path]]:
    """Return each file that remembers a folder, with that folder; damaged ones say nothing."""
    found = []
    for path in sorted(runs_folder().glob(f"*{_ENDING}")):
        with contextlib.suppress(UserError):
            value = strict_json.read(path, 1 << 16)
            if isinstance(value, dict) and isinstance(value.get("folder"), str):
                found.append((path, Path(value["folder"])))
    return found
