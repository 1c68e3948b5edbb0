"""Questions and answers as lines: strict on both sides, whatever comes."""

from __future__ import annotations

from typing import Any

import pytest
from cscl.contract.errors import Finding, UserError
from cscl.contract.question_parts import KINDS, Part
from cscl.contract.question_table import QUESTIONS
from cscl.contract.questions import (
    Answer,
    Asked,
    Forget,
    Forgotten,
    Ready,
    Refusal,
    checked_answer,
    checked_values,
    decode_reply,
    decode_request,
    encode_reply,
    encode_request,
)


def parts_of(parts: tuple[Part, ...]) -> list[Part]:
    """Return all parts, those of rows too."""
    return [part for item in parts for part in (item, *parts_of(item.rows))]


def test_every_question_is_described() -> None:
    for name, question in QUESTIONS.items():
        for part in parts_of((*question.asks, *question.answers)):
            assert part.kind in KINDS, (name, part.name)
            assert bool(part.rows) == (part.kind in ("row", "rows")), (name, part.name)
            assert part.help == "" or part.help.endswith("."), (name, part.name)
        assert question.rank in (0, 1, 2, 3)


@pytest.mark.parametrize(
    "request_",
    [
        Asked(1, "card", {"model": "/a/b"}),
        Asked(2, "clouds", {"images": "/a", "id": "x", "area": [0.5, 1, 2, 3]}),
        Forget(7),
    ],
)
def test_requests_come_back_as_they_were(request_: Any) -> None:
    raw = encode_request(request_)
    assert raw.endswith(b"\n") and raw.count(b"\n") == 1
    assert decode_request(raw[:-1]) == request_


@pytest.mark.parametrize(
    "reply",
    [
        Ready(1, "0.1.0"),
        Answer(3, {"bytes": 5}),
        Refusal(4, (Finding("a", "b", "c", "d"), Finding("e", "\u0142\u0105ka", "g", "h", "note"))),
        Forgotten(5),
    ],
)
def test_replies_come_back_as_they_were(reply: Any) -> None:
    raw = encode_reply(reply)
    assert raw.count(b"\n") == 1
    assert decode_reply(raw[:-1]) == reply


def test_values_that_say_nothing_are_left_out() -> None:
    assert checked_values("look", {"images": "/a", "season": None}) == {"images": "/a"}


@pytest.mark.parametrize(
    ("name", "values", "found"),
    [
        ("card", {}, "model is missing"),
        ("card", {"model": None}, "model is missing"),
        ("card", {"model": 3}, "model is '3', not of the kind text"),
        ("card", {"model": "/a", "colour": "red"}, "colour is unknown"),
        ("thumbnail", {"images": "/a", "id": "b", "size": True}, "size is 'True'"),
        ("look", {"images": "/a", "bands": ["B02", 3]}, "bands is"),
        ("look", {"images": "/a", "dates_of": {"a": 3}}, "dates_of is"),
        ("estimate", {"job": {"name": "map"}}, "job[0].values is missing"),
        ("save_class_table", {"path": "/a", "rows": [{"value": "x"}]}, "rows[0].code is missing"),
    ],
)
def test_questions_that_do_not_hold(name: str, values: dict[str, Any], found: str) -> None:
    with pytest.raises(UserError) as raised:
        checked_values(name, values)
    assert raised.value.code == "invalid_question"
    assert found in str(raised.value)


def test_answers_have_all_their_parts() -> None:
    good = {"path": "/a.png", "width": 1, "height": 2, "extent": [0, 0, 1, 1.5], "crs": "EPSG:1"}
    assert checked_answer("thumbnail", good) == good
    for wrong in ({**good, "width": 1.5}, {**good, "more": 1}, {**good, "path": None}, {}):
        with pytest.raises(UserError, match="its answer to thumbnail"):
            checked_answer("thumbnail", wrong)
    curve = {"dates": ["2021-01-01"], "bands": {"B04": [None]}, "ndvi": [None], "clear": [False]}
    assert checked_answer("curve", {**curve, "pixels": 0})["ndvi"] == [None]
    with pytest.raises(UserError, match=r"clear is"):
        checked_answer("curve", {**curve, "clear": [None], "pixels": 0})


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[1]",
        b'{"ask": 1, "question": "card"}',
        b'{"ask": true, "question": "card", "values": {}}',
        b'{"ask": 1, "question": "card", "values": {}, "more": 1}',
        b'{"forget": "1"}',
        b'{"forget": 1, "forget": 2}',
    ],
)
def test_lines_that_ask_nothing(raw: bytes) -> None:
    with pytest.raises(UserError):
        decode_request(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"Loading weights",
        b'{"ready": 2, "package": "9"}',
        b'{"number": 1, "refused": []}',
        b'{"number": 1, "refused": [{"code": "a"}]}',
        b'{"number": 1.0, "answer": {}}',
        b'{"number": 1, "answer": {"x": NaN}}',
    ],
)
def test_f09_lines_that_answer_nothing(raw: bytes) -> None:
    with pytest.raises(UserError):
        decode_reply(raw)
