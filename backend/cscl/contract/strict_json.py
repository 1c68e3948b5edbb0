"""JSON that is read strictly: bounded size and depth, no duplicate keys, no NaN."""

from __future__ import annotations

import json
import math
import re
import stat
from pathlib import Path
from typing import Any, Dict, List, Tuple, Union

from .errors import UserError

MAXIMUM_BYTES = 64 * 1024 * 1024
MAXIMUM_DEPTH = 64
MAXIMUM_DIGITS = 400  # of a whole number: converting thousands of digits takes quadratic time
# Strings, ended or not, are skipped whole; what is left are the brackets outside of them.
_STRING_OR_BRACKET = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


def parse(text: Union[str, bytes], subject: object, limit: int = MAXIMUM_BYTES) -> Any:
    """Parse JSON text; a `UserError` names `subject` where it is not strict JSON."""
    raw = text.encode("utf-8") if isinstance(text, str) else text
    if len(raw) > limit:
        raise _refused(subject, f"it holds {len(raw)} bytes, more than the {limit} allowed")
    _check_depth(raw, subject)
    try:
        return json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_unique_keys,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_bounded,
        )
    except (ValueError, RecursionError) as error:
        raise _refused(subject, f"it is not valid JSON ({error})") from None


def read(path: Union[str, Path], limit: int = MAXIMUM_BYTES) -> Any:
    """Read and parse a JSON file of at most `limit` bytes; its size is checked before."""
    file = Path(path)
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _refused(file, "it is no regular file")
        if status.st_size > limit:
            raise _refused(file, f"it holds {status.st_size} bytes, more than the {limit} allowed")
        with open(file, "rb") as handle:
            # A file that grows meanwhile must not fill the memory.
            raw = handle.read(limit + 1)
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


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:40]} is beyond the range of numbers")
    return value


def _bounded(text: str) -> int:
    if len(text) > MAXIMUM_DIGITS:
        raise ValueError(f"a number has {len(text)} digits, more than {MAXIMUM_DIGITS}")
    return int(text)


def _check_depth(raw: bytes, subject: object) -> None:
    """Refuse deep nesting before the parser recurses into it."""
    if raw.count(b"[") + raw.count(b"{") <= MAXIMUM_DEPTH:
        return
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(raw):
        mark = raw[found.start()]
        if mark in b"[{":
            depth += 1
            if depth > MAXIMUM_DEPTH:
                raise _refused(subject, f"it is nested deeper than {MAXIMUM_DEPTH} levels")
        elif mark in b"]}":
            depth -= 1
