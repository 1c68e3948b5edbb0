"""The process `cscl serve`: what it sends, what it loads, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cscl.context import JobContext
from cscl.contract.questions import Asked, Forget, decode_reply
from cscl.serve import loop
from small_scene import write_folder

ROOT = Path(__file__).resolve().parents[2]


class Engine:
    """The process, spoken to as the plugin does."""

    def __init__(self, home: Path) -> None:
        environment = {
            **os.environ, "PYTHONPATH": str(ROOT / "backend"), "CSCL_HOME": str(home),
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-s", "-P", "-m", "cscl", "serve"], env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.number = 0

    def send(self, raw: bytes) -> None:
        """Write bytes to its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(raw)
        self.process.stdin.flush()

    def hear(self) -> Any:
        """Return its next reply."""
        assert self.process.stdout is not None
        return decode_reply(self.process.stdout.readline().rstrip(b"\n"))

    def ask(self, name: str, **values: Any) -> Any:
        """Ask and return the reply."""
        self.number += 1
        asked = {"ask": self.number, "question": name, "values": values}
        self.send(json.dumps(asked).encode() + b"\n")
        reply = self.hear()
        assert reply.number == self.number
        return reply


@pytest.fixture()
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A process that is ended with the test."""
    made = Engine(tmp_path / "home")
    yield made
    made.process.kill()
    made.process.wait()


def test_it_answers_until_standard_input_ends(engine: Engine, tmp_path: Path) -> None:
    folder = str(write_folder(tmp_path / "in", ("20210401", "20210601")))
    assert engine.hear().version == 1
    assert len(engine.ask("look", images=folder).values["rows"]) == 2
    engine.send(b"this is no question\n")
    assert engine.ask("look", images=str(tmp_path / "none")).findings[0].code == "images_missing"
    assert engine.ask("nonsense").findings[0].code == "unknown_question"
    assert engine.process.stdin is not None
    engine.process.stdin.close()
    began = time.monotonic()
    engine.process.wait(timeout=10)
    assert time.monotonic() - began < 5
    assert b"A line is ignored" in engine.process.stderr.read()  # type: ignore[union-attr]


def test_questions_that_need_no_network_load_no_torch(tmp_path: Path, chain: Any) -> None:
    """Torch takes seconds and half a gigabyte, and the process stays as long as QGIS."""
    questions = [
        ("look", {"images": str(chain.scene)}),
        ("thumbnail", {"images": str(chain.scene), "id": "ID", "size": 8}),
        ("clouds", {"images": str(chain.scene), "id": "ID"}),
        ("curve", {"series": str(chain.series), "x": 1.0, "y": 1.0, "crs": "EPSG:32631"}),
        ("class_curves", {"dataset": str(chain.dataset)}),
        ("parcels", {"parcels": str(chain.scene_parcels), "class_field": "crop"}),
        ("class_table", {"path": str(tmp_path)}),
        ("save_class_table", {"path": str(tmp_path / "a.csv"), "rows": []}),
        ("card", {"model": str(chain.model)}),
        ("fits", {"images": str(chain.series), "model": str(chain.model)}),
        ("estimate", {"job": {"name": "map", "values": {
            "images": str(chain.series), "model": str(chain.model), "output": "/tmp"}}}),
        ("estimate", {"job": {"name": "finetune", "values": {"dataset": str(chain.dataset),
                                                             "output": "/tmp"}}}),
        ("runs", {"folder": str(chain.folder)}),
        ("run_size", {"folders": [str(chain.map)]}),
    ]  # fmt: skip
    code = (
        "import json, sys\n"
        "from cscl.context import JobContext\n"
        "from cscl.contract.questions import Asked, Refusal\n"
        "from cscl.serve.loop import reply_to\n"
        "first = ''\n"
        "for number, (name, values) in enumerate(json.loads(sys.argv[1]), 1):\n"
        "    values = {k: first if v == 'ID' else v for k, v in values.items()}\n"
        "    reply = reply_to(Asked(number, name, values), JobContext())\n"
        "    if name == 'look': first = reply.values['rows'][0]['id']\n"
        "    code = reply.findings[0].code if isinstance(reply, Refusal) else 'answered'\n"
        "    print(name, code, 'torch' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(questions)], text=True, check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "backend"), "CSCL_HOME": str(tmp_path / "h")},
    )  # fmt: skip
    lines = [line.split() for line in done.stdout.splitlines()]
    assert {tuple(line[::2]) for line in lines} == {(name, "False") for name, _ in questions}
    answers = {name: code for name, code, _ in lines}
    refusals = {name: code for name, code in answers.items() if code != "answered"}
    assert refusals == {
        "curve": "outside_series", "class_table": "unreadable_file",
        "save_class_table": "no_classes",
    }  # fmt: skip


class Slow:
    """Stands in for the answers: questions named so wait for their turn to end."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.stopped: list[int] = []
        self.go_on = threading.Event()

    def __call__(self, asked: Asked, context: JobContext) -> Any:
        self.begun.append(asked.number)
        if asked.name == "preview":
            while not self.go_on.wait(0.01):
                if context.cancelled:
                    self.stopped.append(asked.number)
                    return loop.Forgotten(asked.number)
        return loop.Answer(asked.number, {})


def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture()
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    """Answers that the test lets go."""
    made = Slow()
    monkeypatch.setattr(loop, "reply_to", made)
    yield made
    made.go_on.set()


def test_quick_questions_overtake_slow_ones(slow: Slow, tmp_path: Path) -> None:
    with open(tmp_path / "out", "wb") as out:
        desk = loop.Desk(out.fileno())
        desk.take(Asked(1, "preview", {}))
        until(lambda: slow.begun == [1])
        for number, name in ((2, "clouds"), (3, "thumbnail"), (4, "curve"), (5, "look")):
            desk.take(Asked(number, name, {}))
        until(lambda: slow.begun == [1, 4])
        slow.go_on.set()
        until(lambda: len(slow.begun) == 5)
        # Looks first, then thumbnails, then what takes longest.
        assert slow.begun == [1, 4, 5, 3, 2]


def test_what_is_forgotten_is_dropped_or_stopped(slow: Slow, tmp_path: Path) -> None:
    path = tmp_path / "out"
    with open(path, "wb") as out:
        desk = loop.Desk(out.fileno())
        desk.take(Asked(1, "preview", {}))
        until(lambda: slow.begun == [1])
        desk.take(Asked(2, "preview", {}))
        desk.take(Forget(2))
        desk.take(Asked(3, "preview", {}))
        desk.take(Forget(1))
        until(lambda: slow.begun == [1, 3])
        desk.take(Forget(99))
        assert slow.stopped == [1]
        slow.go_on.set()
        until(lambda: path.read_bytes().count(b"\n") == 3)
    replies = [decode_reply(line) for line in path.read_bytes().splitlines()]
    assert replies == [loop.Forgotten(2), loop.Forgotten(1), loop.Answer(3, {})]


def test_a_bug_is_told_in_words_with_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSCL_HOME", str(tmp_path))

    def broken(name: str, values: dict[str, Any], context: JobContext) -> dict[str, Any]:
        raise ZeroDivisionError("by nothing")

    reply = loop.reply_to(Asked(1, "runs", {}), JobContext(), broken)
    assert reply.findings[0].code == "bug"
    assert "ZeroDivisionError: by nothing" in reply.findings[0].found
    report = next((tmp_path / "reports").iterdir())
    assert str(report) in reply.findings[0].remedy
    assert '"question": "runs"' in report.read_text()


def test_an_answer_that_lacks_a_part_is_a_refusal() -> None:
    reply = loop.reply_to(Asked(1, "run_size", {"folders": []}), JobContext(), lambda *_: {"a": 1})
    assert reply.findings[0].code == "protocol_error"
