"""The loop of `cscl serve`: questions in, answers out, until standard input ends."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from cscl.context import JobContext
from cscl.contract import strict_json
from cscl.contract.errors import Cancelled, Finding, UserError
from cscl.contract.events import LineSplitter
from cscl.contract.questions import (
    LONGEST_ANSWER,
    LONGEST_QUESTION,
    QUESTIONS_VERSION,
    Answer,
    Asked,
    Forget,
    Forgotten,
    Ready,
    Refusal,
    Reply,
    checked_answer,
    checked_values,
    decode_request,
    encode_reply,
    question_of,
)
from cscl.contract.version import VERSION
from cscl.serve.answers import answer_to
from cscl.service import end_group, lead_own_group, limit_threads, write_report

PIECE = 1 << 16


def serve(questions: int, answers: int) -> int:
    """Answer what comes from one descriptor on the other; return when the first one ends.

    The process is ended then with all it started: whoever asked is gone.
    """
    lead_own_group()
    limit_threads()
    desk = Desk(answers)
    desk.send(Ready(QUESTIONS_VERSION, VERSION))
    splitter = LineSplitter(LONGEST_QUESTION)
    while piece := os.read(questions, PIECE):
        try:
            lines = list(splitter.feed(piece))
        except UserError as error:
            lines = []
            print(f"What was asked is ignored: {error}", file=sys.stderr)
        for raw in lines:
            try:
                desk.take(decode_request(raw))
            except UserError as error:
                print(f"A line is ignored: {error}", file=sys.stderr)
    end_group()


class Desk:
    """Keeps the questions that wait, and answers them one at a time in each of two threads.

    Quick questions have a thread of their own, so that a click on the map need not wait for
    thirty thumbnails.
    """

    def __init__(self, answers: int) -> None:
        self._answers = answers
        self._sending = threading.Lock()
        self._change = threading.Condition()
        self._waiting: dict[int, Asked] = {}
        self._running: dict[int, JobContext] = {}
        for quick in (True, False):
            threading.Thread(target=self._work, args=(quick,), daemon=True).start()

    def send(self, reply: Reply) -> None:
        """Send one line, from any thread."""
        data = encode_reply(reply)
        with self._sending:
            while data:
                data = data[os.write(self._answers, data) :]

    def take(self, request: Asked | Forget) -> None:
        """Take a question in, or drop one that waits, or stop one at its next check."""
        with self._change:
            if isinstance(request, Asked):
                self._waiting[request.number] = request
                self._change.notify_all()
                return
            if request.number in self._running:
                self._running[request.number].cancelled = True
                return
            dropped = self._waiting.pop(request.number, None)
        if dropped is not None:
            self.send(Forgotten(request.number))

    def _work(self, quick: bool) -> None:
        while True:
            with self._change:
                while (asked := self._next(quick)) is None:
                    self._change.wait()
                del self._waiting[asked.number]
                context = self._running[asked.number] = JobContext()
            reply = reply_to(asked, context)
            with self._change:
                del self._running[asked.number]
            self.send(reply)

    def _next(self, quick: bool) -> Asked | None:
        """Return the most urgent question for a thread; of equal ones that asked first."""
        ranks = {number: _rank(item) for number, item in self._waiting.items()}
        mine = [number for number, rank in ranks.items() if (rank == 0) is quick]
        return (
            self._waiting[min(mine, key=lambda number: (ranks[number], number))] if mine else None
        )


def _rank(asked: Asked) -> int:
    try:
        return question_of(asked.name).rank
    except UserError:
        return 0


def reply_to(
    asked: Asked,
    context: JobContext,
    answer: Callable[[str, dict[str, Any], JobContext], dict[str, Any]] = answer_to,
) -> Reply:
    """Return the answer to a question, or why there is none; never raises."""
    try:
        values = answer(asked.name, checked_values(asked.name, asked.values), context)
        reply = Answer(asked.number, checked_answer(asked.name, values))
        if len(encode_reply(reply)) > LONGEST_ANSWER:
            raise UserError(
                "answer_too_large", f"question {asked.name}", "its answer is too large to show",
                "Choose a smaller folder, or fewer of its files.",
            )  # fmt: skip
        return reply
    except Cancelled:
        return Forgotten(asked.number)
    except UserError as error:
        return Refusal(asked.number, error.findings)
    except Exception as error:  # a bug: told in words, the traceback goes to a file
        return Refusal(asked.number, (_bug(asked, error),))


def _bug(asked: Asked, error: Exception) -> Finding:
    text = strict_json.dump({"question": asked.name, "values": asked.values})
    found = f"an unexpected error ({type(error).__name__}: {error})"
    try:
        remedy = f"Details are in {write_report(text)}."
    except OSError as failure:
        remedy = f"No report of it could be written ({failure})."
    return Finding("bug", f"question {asked.name}", found, remedy)
