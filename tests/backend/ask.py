"""Asks a question in this process, as `cscl serve` answers it."""

from __future__ import annotations

import json
from typing import Any

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.questions import (
    Answer,
    Asked,
    Refusal,
    Reply,
    decode_reply,
    encode_reply,
)
from cscl.serve.loop import reply_to


def ask(name: str, **values: Any) -> dict[str, Any]:
    """Return the answer; a refusal is raised."""
    reply = _reply(name, values)
    if isinstance(reply, Refusal):
        raise reply.error
    assert isinstance(reply, Answer)
    return reply.values


def refused(name: str, **values: Any) -> UserError:
    """Return the refusal of a question that has no answer."""
    reply = _reply(name, values)
    assert isinstance(reply, Refusal), reply
    return reply.error


def _reply(name: str, values: dict[str, Any]) -> Reply:
    """Return the reply as it comes through the pipe."""
    asked = Asked(1, name, json.loads(json.dumps(values)))
    return decode_reply(encode_reply(reply_to(asked, JobContext())))
