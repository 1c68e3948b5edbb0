"""The folders that the person chose to look for runs in, kept in the profile.

Where jobs ran on this machine the engine remembers itself.
"""

from __future__ import annotations

import json
from typing import List

from qgis.core import QgsSettings

from ...settings import SECTION

KEY = f"{SECTION}/run_folders"
MOST = 20


def chosen() -> List[str]:
    """Return the folders, the latest first."""
    try:
        items = json.loads(QgsSettings().value(KEY, "[]", type=str))
    except ValueError:
        return []
    return [item for item in items if isinstance(item, str)] if isinstance(items, list) else []


def choose(folder: str) -> None:
    """Look for runs in a folder too, from now on."""
    items = [folder, *(item for item in chosen() if item != folder)]
    QgsSettings().setValue(KEY, json.dumps(items[:MOST]))
