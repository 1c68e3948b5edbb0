"""What the dock remembers from one start of QGIS to the next."""

from __future__ import annotations

import json
from typing import Any, Dict

from qgis.core import QgsSettings

from ...backend.cscl.contract import strict_json
from ...backend.cscl.contract.errors import UserError
from ..settings import SECTION

KEY = f"{SECTION}/dock"


def read_state() -> Dict[str, Any]:
    """Return the dock's state in the current profile; empty where there is none."""
    text = QgsSettings().value(KEY, "", type=str)
    try:
        state = strict_json.parse(text, "dock") if text else {}
    except UserError:
        return {}
    return state if isinstance(state, dict) else {}


def write_state(state: Dict[str, Any]) -> None:
    """Keep the dock's state in the current profile."""
    QgsSettings().setValue(KEY, json.dumps(state, sort_keys=True))
