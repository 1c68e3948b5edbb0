"""The protocol between a job's process and whoever started it: one JSON object a line."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Tuple, Union

from . import strict_json
from .errors import UserError

PROTOCOL_VERSION = 1
MAXIMUM_LINE = 1024 * 1024
COMMANDS = ("cancel", "pause", "resume", "finish")


@dataclass(frozen=True)
class Hello:
    """The first event: versions and the device in use."""

    protocol: int
    package: str
    job: str
    device: str
    output: str
    kind: str = field(default="hello", init=False)


@dataclass(frozen=True)
class Heartbeat:
    """Sent every five seconds."""

    seconds: float
    kind: str = field(default="heartbeat", init=False)


@dataclass(frozen=True)
class Progress:
    """`done` of `total` steps of a stage are finished."""

    stage: str
    done: int
    total: int
    kind: str = field(default="progress", init=False)


@dataclass(frozen=True)
class Metric:
    """One figure at one step."""

    name: str
    step: int
    value: float
    kind: str = field(default="metric", init=False)


@dataclass(frozen=True)
class Note:
    """Something the person should read."""

    text: str
    kind: str = field(default="note", init=False)


@dataclass(frozen=True)
class Picture:
    """A picture of the work at one step, for people; it is no result and may be replaced."""

    name: str
    step: int
    path: str
    kind: str = field(default="picture", init=False)


@dataclass(frozen=True)
class Artifact:
    """A finished output: its role, such as crop_map, and its path."""

    role: str
    path: str
    kind: str = field(default="artifact", init=False)


@dataclass(frozen=True)
class Done:
    """The last event of a job that succeeded."""

    outputs: Dict[str, str]
    kind: str = field(default="done", init=False)


@dataclass(frozen=True)
class Failed:
    """The last event of a job that did not: `code` is the first finding's, cancelled or bug."""

    code: str
    message: str
    report: str = ""
    kind: str = field(default="failed", init=False)


Event = Union[Hello, Heartbeat, Progress, Metric, Note, Picture, Artifact, Done, Failed]

_FIELDS: Dict[str, Tuple[type, Dict[str, Tuple[type, ...]]]] = {
    "hello": (
        Hello,
        {"protocol": (int,), "package": (str,), "job": (str,), "device": (str,), "output": (str,)},
    ),
    "heartbeat": (Heartbeat, {"seconds": (int, float)}),
    "progress": (Progress, {"stage": (str,), "done": (int,), "total": (int,)}),
    "metric": (Metric, {"name": (str,), "step": (int,), "value": (int, float)}),
    "note": (Note, {"text": (str,)}),
    "picture": (Picture, {"name": (str,), "step": (int,), "path": (str,)}),
    "artifact": (Artifact, {"role": (str,), "path": (str,)}),
    "done": (Done, {"outputs": (dict,)}),
    "failed": (Failed, {"code": (str,), "message": (str,), "report": (str,)}),
}


def encode(event: Event) -> bytes:
    """Return an event as one line; a value that is not finite is left out of JSON as an error."""
    name = event.kind
    values = {key: getattr(event, key) for key in _FIELDS[name][1]}
    if isinstance(event, Metric) and not math.isfinite(event.value):
        raise ValueError(f"the metric {event.name} is {event.value}")
    return strict_json.line({"event": name, **values})


def decode(raw: bytes) -> Event:
    """Return the event of one line; raises `UserError` where the line is no event."""
    value = strict_json.parse(raw, "engine", MAXIMUM_LINE)
    name = value.pop("event", None) if isinstance(value, dict) else None
    if name not in _FIELDS:
        raise _protocol_error(f"it sent {raw[:80]!r}")
    kind, wanted = _FIELDS[name]
    if set(value) != set(wanted):
        raise _protocol_error(f"its event {name} has the fields {', '.join(sorted(value))}")
    for key, types in wanted.items():
        if not isinstance(value[key], types) or isinstance(value[key], bool):
            raise _protocol_error(f"its event {name} has {key} = {str(value[key])[:40]!r}")
    if name == "hello" and value["protocol"] != PROTOCOL_VERSION:
        raise UserError(
            "protocol_version",
            "engine",
            f"it speaks version {value['protocol']} of the protocol, not {PROTOCOL_VERSION}",
            "Reinstall the engine.",
        )
    return kind(**value)  # type: ignore[no-any-return]


def _protocol_error(found: str) -> UserError:
    return UserError("protocol_error", "engine", found, "Reinstall the engine.")


class LineSplitter:
    """Cuts a stream of bytes into lines of at most `limit`, whatever the pieces it arrives in."""

    def __init__(self, limit: int = MAXIMUM_LINE) -> None:
        self._limit = limit
        self._pending = b""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Yield each line that `piece` completes, without its line ending.

        Raises `UserError` where a line grows beyond the limit.
        """
        lines: List[bytes] = (self._pending + piece).split(b"\n")
        self._pending = lines.pop()
        if len(self._pending) > self._limit:
            self._pending = b""
            raise _protocol_error(f"it sent a line longer than {self._limit // 2**20} MiB")
        for item in lines:
            yield item[:-1] if item.endswith(b"\r") else item

    @property
    def pending(self) -> bytes:
        """The start of a line that was not finished."""
        return self._pending


def command_line(command: str) -> bytes:
    """Return one command to the job's process as a line."""
    if command not in COMMANDS:
        raise ValueError(f"unknown command: {command}")
    value: Dict[str, Any] = {"command": command}
    return strict_json.line(value)
