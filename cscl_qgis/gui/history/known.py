"""The folders of runs that the profile remembers."""

from __future__ import annotations

import json
from typing import List

from qgis.core import QgsSettings

from ...settings import SECTION

STARTED, CHOSEN = f"{SECTION}/runs", f"{SECTION}/run_folders"
MOST_STARTED = 100
MOST_CHOSEN = 20


def started() -> List[str]:
    """Return the outputs of jobs that were started in QGIS, the latest first."""
    return _read(STARTED)


def remember(output: str) -> None:
    """Remember the output of a job that starts."""
    _write(STARTED, [output, *(item for item in started() if item != output)][:MOST_STARTED])


def forget(output: str) -> None:
    """Remember an output no more."""
    _write(STARTED, [item for item in started() if item != output])


def chosen() -> List[str]:
    """Return the folders that the person chose to look for runs in."""
    return _read(CHOSEN)


def choose(folder: str) -> None:
    """Look for runs in a folder too, from now on."""
    _write(CHOSEN, [folder, *(item for item in chosen() if item != folder)][:MOST_CHOSEN])


def leave(folder: str) -> None:
    """Look for runs in a folder no more."""
    _write(CHOSEN, [item for item in chosen() if item != folder])


def _read(key: str) -> List[str]:
    try:
        items = json.loads(QgsSettings().value(key, "[]", type=str))
    except ValueError:
        return []
    return [item for item in items if isinstance(item, str)] if isinstance(items, list) else []


def _write(key: str, items: List[str]) -> None:
    QgsSettings().setValue(key, json.dumps(items))
