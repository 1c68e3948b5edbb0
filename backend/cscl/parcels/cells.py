"""Values as they stand in text formats."""

from __future__ import annotations

import base64
import json
from typing import Any


def plain(value: Any) -> object:
    """Return a value as a text format holds it: numbers as they are, dates by ISO 8601.

    Truth values are true and false, bytes base64, nested values JSON.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value.isoformat() if hasattr(value, "isoformat") else value
