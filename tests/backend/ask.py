"""Asks a question in this process, as `cscl serve` answers it."""

from __future__ import annotations

from typing import Any

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.questions import Answer, Asked, Refusal
from cscl.serve.loop import reply_to


def ask(name: str, **values: Any) -> dict[str, Any]:
    """Return the answer; a refusal is raised."""
    reply = reply_to(Asked(1, name, values), JobContext())
    if isinstance(reply, Refusal):
        raise reply.error
    assert isinstance(reply, Answer)
    return reply.values


def refused(name: str, **values: Any) -> UserError:
    """Return the refusal of a question that has no answer."""
    reply = reply_to(Asked(1, name, values), JobContext())
    assert isinstance(reply, Refusal), reply
    return reply.error
