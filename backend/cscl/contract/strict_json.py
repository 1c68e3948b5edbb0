"""JSON that is read strictly: bounded size and depth, no duplicate keys, no NaN."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Tuple, Union

from .errors import UserError

MAXIMUM_BYTES = 64 * 1024 * 1024
MAXIMUM_DEPTH = 64


def parse(text: Union[str, bytes], subject: object, limit: int = MAXIMUM_BYTES) -> Any:
    """Parse JSON text; a `UserError` names `subject` where it is not strict JSON."""
    raw = text.encode("utf-8") if isinstance(text, str) else text
    if len(raw) > limit:
        raise _refused(subject, f"it holds {len(raw)} bytes, more than the {limit} allowed")
    _check_depth(raw, subject)
    try:
        return json.loads(
            raw.decode("utf-8"), object_pairs_hook=_unique_keys, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise _refused(subject, f"it is not valid JSON ({error})") from None


def read(path: Union[str, Path], limit: int = MAXIMUM_BYTES) -> Any:
    """Read and parse a JSON file of at most `limit` bytes."""
    file = Path(path)
    try:
        size = file.stat().st_size
        if size > limit:
            raise _refused(file, f"it holds {size} bytes, more than the {limit} allowed")
        raw = file.read_bytes()
    except OSError as error:
        raise UserError(
            "unreadable_file", file, f"it cannot be read ({error.strerror})", "Check the path."
        ) from None
    return parse(raw, file, limit)


def dump(value: Any) -> str:
    """Return JSON text with stable key order; NaN and infinity are an error."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def line(value: Any) -> bytes:
    """Return one compact line of JSON with its newline."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8") + b"\n"


def _refused(subject: object, found: str) -> UserError:
    return UserError(
        "invalid_json", subject, found, "Use a file written by this product, unchanged."
    )


def _unique_keys(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    result: Dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise ValueError(f"the key {key!r} stands twice")
        result[key] = value
    return result


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _check_depth(raw: bytes, subject: object) -> None:
    """Refuse deep nesting before the parser recurses into it."""
    depth = 0
    in_string = False
    escaped = False
    for byte in raw:
        if in_string:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_string = False
        elif byte == 0x22:
            in_string = True
        elif byte in (0x5B, 0x7B):
            depth += 1
            if depth > MAXIMUM_DEPTH:
                raise _refused(subject, f"it is nested deeper than {MAXIMUM_DEPTH} levels")
        elif byte in (0x5D, 0x7D):
            depth -= 1
