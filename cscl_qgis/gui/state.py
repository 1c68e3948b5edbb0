"""What the dock remembers: in the project, and in the profile for projects that keep nothing."""

from __future__ import annotations

import json
from typing import Any, Dict

from qgis.core import QgsProject, QgsSettings

from ...backend.cscl.contract import strict_json
from ...backend.cscl.contract.errors import UserError
from ..settings import SECTION

KEY = f"{SECTION}/dock"
PROJECT_ENTRY = "dock"


def read_state() -> Dict[str, Any]:
    """Return the dock's state in the current profile; empty where there is none."""
    return _parsed(QgsSettings().value(KEY, "", type=str))


def write_state(state: Dict[str, Any]) -> None:
    """Keep the dock's state in the current profile."""
    QgsSettings().setValue(KEY, json.dumps(state, sort_keys=True))


def read_project() -> Dict[str, Any]:
    """Return the dock's state in the open project; empty where it has none."""
    return _parsed(QgsProject.instance().readEntry(SECTION, PROJECT_ENTRY, "")[0])


def write_project(state: Dict[str, Any]) -> None:
    """Keep the dock's state in the open project, which is being saved."""
    QgsProject.instance().writeEntry(SECTION, PROJECT_ENTRY, json.dumps(state, sort_keys=True))


def _parsed(text: str) -> Dict[str, Any]:
    try:
        state = strict_json.parse(text, "dock") if text else {}
    except UserError:
        return {}
    return state if isinstance(state, dict) else {}
