"""The folders that the person chose to look for runs in, kept in the profile.

Where jobs ran on this machine the engine remembers itself.
"""

from __future__ import annotations

from typing import List

from qgis.core import QgsSettings

from ....backend.cscl.contract import strict_json
from ....backend.cscl.contract.errors import UserError
from ...settings import SECTION

KEY = f"{SECTION}/run_folders"
MOST = 20


def chosen() -> List[str]:
    """Return the folders, the latest first."""
    try:
        items = strict_json.parse(QgsSettings().value(KEY, "[]", type=str), KEY)
    except UserError:
        return []
    return [item for item in items if isinstance(item, str)] if isinstance(items, list) else []


def choose(folder: str) -> None:
    """Look for runs in a folder too, from now on."""
    items = [folder, *(item for item in chosen() if item != folder)]
    QgsSettings().setValue(KEY, strict_json.dump(items[:MOST]))
