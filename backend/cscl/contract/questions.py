"""Questions to the engine and their answers: one JSON object a line, checked on both sides.

The plugin asks `{"ask": 7, "question": "card", "values": {...}}` and may take it back by
`{"forget": 7}`. The engine begins with `{"ready": 1, "package": ...}` and then sends for each
question one of `{"number": 7, "answer": {...}}`, `{"number": 7, "refused": [findings]}` and
`{"number": 7, "forgotten": true}`. What each question takes and answers is `QUESTIONS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Tuple, Union

from . import strict_json
from .errors import SEVERITIES, Finding, UserError
from .question_parts import Part, Question
from .question_table import QUESTIONS

QUESTIONS_VERSION = 1
# Ten thousand images make a table of about four mebibytes.
LONGEST_ANSWER = 32 * 1024 * 1024
LONGEST_QUESTION = 4 * 1024 * 1024
_FINDING = ("code", "subject", "found", "remedy", "severity")


@dataclass(frozen=True)
class Asked:
    """A question with its number, which counts up from 1 and is never used again."""

    number: int
    name: str
    values: Dict[str, Any]


@dataclass(frozen=True)
class Forget:
    """The answer to the question with this number is not wanted any more."""

    number: int


@dataclass(frozen=True)
class Ready:
    """The engine listens; its first line."""

    version: int
    package: str


@dataclass(frozen=True)
class Answer:
    """What was asked for."""

    number: int
    values: Dict[str, Any]


@dataclass(frozen=True)
class Refusal:
    """Why there is no answer."""

    number: int
    findings: Tuple[Finding, ...]

    @property
    def error(self) -> UserError:
        """The findings as one error."""
        return UserError.of(self.findings)


@dataclass(frozen=True)
class Forgotten:
    """A question that was taken back is left, and will have no answer."""

    number: int


Request = Union[Asked, Forget]
Reply = Union[Ready, Answer, Refusal, Forgotten]


def encode_request(request: Request) -> bytes:
    """Return one line to the engine; a question that does not hold raises `UserError`."""
    if isinstance(request, Forget):
        return strict_json.line({"forget": request.number})
    values = checked_values(request.name, request.values)
    return strict_json.line({"ask": request.number, "question": request.name, "values": values})


def decode_request(raw: bytes) -> Request:
    """Return what one line to the engine says, its form checked and its values not yet.

    Raises `UserError` where it says nothing that is known.
    """
    value = strict_json.parse(raw, "question", LONGEST_QUESTION)
    if _has(value, {"forget": int}):
        return Forget(value["forget"])
    if _has(value, {"ask": int, "question": str, "values": dict}):
        return Asked(value["ask"], value["question"], value["values"])
    raise _not_understood("question", raw)


def encode_reply(reply: Reply) -> bytes:
    """Return one line from the engine."""
    if isinstance(reply, Ready):
        return strict_json.line({"ready": reply.version, "package": reply.package})
    if isinstance(reply, Answer):
        return strict_json.line({"number": reply.number, "answer": reply.values})
    if isinstance(reply, Refusal):
        refused = [finding.to_json() for finding in reply.findings]
        return strict_json.line({"number": reply.number, "refused": refused})
    return strict_json.line({"number": reply.number, "forgotten": True})


def decode_reply(raw: bytes) -> Reply:
    """Return what one line from the engine says; an answer's content is checked by its name.

    Raises `UserError` where it says nothing that is known, or another version's.
    """
    value = strict_json.parse(raw, "engine", LONGEST_ANSWER)
    if _has(value, {"ready": int, "package": str}):
        if value["ready"] != QUESTIONS_VERSION:
            raise UserError(
                "protocol_version",
                "engine",
                f"it answers questions of version {value['ready']}, not {QUESTIONS_VERSION}",
                "Reinstall the engine.",
            )
        return Ready(value["ready"], value["package"])
    if _has(value, {"number": int, "answer": dict}):
        return Answer(value["number"], value["answer"])
    if _has(value, {"number": int, "refused": list}) and value["refused"]:
        return Refusal(value["number"], tuple(_finding(item, raw) for item in value["refused"]))
    if _has(value, {"number": int, "forgotten": bool}):
        return Forgotten(value["number"])
    raise _not_understood("engine", raw)


def question_of(name: str) -> Question:
    """Return what a question takes and answers; raises `UserError` where there is none."""
    if name not in QUESTIONS:
        raise UserError(
            "unknown_question",
            f"question {name!r}",
            "there is no such question",
            "Reinstall plugin and engine, so that they are of one version.",
        )
    return QUESTIONS[name]


def checked_values(name: str, values: Dict[str, Any]) -> Dict[str, Any]:
    """Return the values of a question without those that say nothing (null).

    Raises `UserError` naming what is unknown, missing or of another kind.
    """
    given = {key: value for key, value in values.items() if value is not None}
    problems = list(_problems(question_of(name).asks, given, "", required=True))
    if problems:
        raise UserError("invalid_question", f"question {name}", problems[0], "Ask it anew.")
    return given


def checked_answer(name: str, values: Dict[str, Any]) -> Dict[str, Any]:
    """Return an answer that has every part that `QUESTIONS` lists, and none besides.

    Raises `UserError` where it has not.
    """
    problems = list(_problems(question_of(name).answers, values, "", required=False))
    if problems:
        raise UserError(
            "protocol_error", "engine", f"its answer to {name}: {problems[0]}", "Reinstall it."
        )
    return values


def _problems(
    parts: Tuple[Part, ...], values: Dict[str, Any], place: str, required: bool
) -> Iterable[str]:
    """Say what is wrong with a row; optional parts may be left out of questions only."""
    known = {part.name: part for part in parts}
    for key in values:
        if key not in known:
            yield f"{place}{key} is unknown"
    for part in parts:
        where = place + part.name
        if part.name not in values:
            if not (required and part.optional):
                yield f"{where} is missing"
        elif values[part.name] is None:
            if not part.optional:
                yield f"{where} has no value"
        elif not _is(part.kind, values[part.name]):
            yield f"{where} is {str(values[part.name])[:40]!r}, not of the kind {part.kind}"
        elif part.rows:
            value = values[part.name]
            for number, row in enumerate(value if part.kind == "rows" else [value]):
                yield from _problems(part.rows, row, f"{where}[{number}].", required)


def _is(kind: str, value: Any) -> bool:
    """Tell whether a value is of one of the kinds of `Part`."""
    if kind == "integer":
        return type(value) is int
    if kind == "number":
        return type(value) in (int, float)
    if kind in ("text", "boolean"):
        return isinstance(value, str if kind == "text" else bool)
    if kind in ("row", "any"):
        return isinstance(value, dict)
    if kind in ("texts", "numbers", "booleans", "rows"):
        inner = {"texts": "text", "numbers": "number", "booleans": "boolean", "rows": "row"}[kind]
        return isinstance(value, list) and all(
            _is(inner, item) or (item is None and kind == "numbers") for item in value
        )
    inner = {"named_texts": "text", "named_numbers": "number", "named_lists": "numbers"}[kind]
    return isinstance(value, dict) and all(
        _is(inner, item) or (item is None and kind == "named_numbers") for item in value.values()
    )


def _has(value: Any, kinds: Dict[str, type]) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == set(kinds)
        and all(type(value[key]) is kind for key, kind in kinds.items())
    )


def _finding(value: Any, raw: bytes) -> Finding:
    if not _has(value, dict.fromkeys(_FINDING, str)) or value["severity"] not in SEVERITIES:
        raise _not_understood("engine", raw)
    texts: List[str] = [value[key] for key in _FINDING]
    return Finding(*texts)


def _not_understood(subject: str, raw: bytes) -> UserError:
    return UserError("protocol_error", subject, f"it sent {raw[:80]!r}", "Reinstall the engine.")
