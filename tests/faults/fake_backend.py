"""Stands in for the engine and misbehaves in one way, named by its first argument.

Runs on any Python 3 with the standard library alone; the other arguments are those of the engine.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

OUT = os.dup(1)
HELLO = {
    "event": "hello", "protocol": 1, "package": "0.1.0", "job": "series", "device": "fake",
    "output": "/nowhere",
}  # fmt: skip
DONE = {"event": "done", "outputs": {"series": "/nowhere/a.series.json"}}


def send(value: dict) -> None:
    """Send one event."""
    write((json.dumps(value, ensure_ascii=False) + "\n").encode("utf-8"))


def write(data: bytes) -> None:
    """Write bytes to the stream of events."""
    while data:
        data = data[os.write(OUT, data) :]


def progress(done: object, total: object = 10) -> dict:
    """Return a progress event; `done` may be what no engine should send."""
    return {"event": "progress", "stage": "series", "done": done, "total": total}


def note(text: str) -> dict:
    """Return a note."""
    return {"event": "note", "text": text}


def good() -> None:
    send(HELLO)
    send(progress(5))
    send(note("all is well"))
    send(DONE)


def killed() -> None:
    send(HELLO)
    send(progress(5))
    os.kill(os.getpid(), signal.SIGKILL)


def aborted() -> None:
    send(HELLO)
    for number in range(80):
        print(f"line {number}", file=sys.stderr)
    sys.stderr.flush()
    os.abort()


def bad_line(data: bytes) -> None:
    """Send a line that is no event, then go on as if nothing were wrong."""
    send(HELLO)
    write(data)
    time.sleep(0.2)
    send(progress(9))
    send(DONE)


def bytewise() -> None:
    """Send every byte in a write of its own, lines ending as on Windows."""
    text = "".join(
        json.dumps(value, ensure_ascii=False) + "\r\n"
        for value in (HELLO, note("Łąka, prés fleuris, 草地, \U0001f33e"), progress(3), DONE)
    )
    for byte in text.encode("utf-8"):
        os.write(OUT, bytes([byte]))


def exit_without_done() -> None:
    send(HELLO)
    send(progress(10))


def done_then_status_3() -> None:
    send(HELLO)
    send(DONE)
    sys.exit(3)


def two_done() -> None:
    good()
    send({"event": "done", "outputs": {"series": "/nowhere/second.series.json"}})


def failed_after_done() -> None:
    good()
    send(progress(9))
    send({"event": "failed", "code": "late", "message": "too late", "report": ""})


def odd_progress() -> None:
    send(HELLO)
    for done, total in ((-5, 10), (25, 10), (float("nan"), 10), (3, 0), (4, -1), (2.5, 10)):
        send(progress(done, total))
        send(note("next"))
    send(DONE)


def deaf() -> None:
    """Ignore everything that asks for an end, with a child of its own that does so too."""
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", code])
    send(HELLO)
    send(note(f"{os.getpid()} {child.pid}"))
    time.sleep(60)


def obedient() -> None:
    """Wait for a command and say that it was cancelled."""
    send(HELLO)
    line = sys.stdin.readline()
    code = json.loads(line)["command"] + "led"
    send({"event": "failed", "code": code, "message": "stopped", "report": ""})
    sys.exit(1)


def trainer() -> None:
    """Train until told otherwise, and say back every command."""
    send({**HELLO, "job": "finetune"})
    for step in (1, 2, 3):
        for name, value in (("training/loss", 1.0 / step), ("validation/mean_iou", 0.2 * step)):
            send({"event": "metric", "name": name, "step": step, "value": value})
        send({"event": "progress", "stage": "finetune", "done": step, "total": 10})
    for line in sys.stdin:
        command = json.loads(line)["command"]
        send(note(f"told to {command}"))
        if command == "finish":
            send({"event": "done", "outputs": {"model": "/nowhere/model"}})
            return
        if command == "cancel":
            send({"event": "failed", "code": "cancelled", "message": "stopped", "report": ""})
            sys.exit(1)


def frozen() -> None:
    """Stand still in the middle, as a process that hangs in the system."""
    os.setsid()
    send(HELLO)
    send(note(str(os.getpid())))
    os.kill(os.getpid(), signal.SIGSTOP)
    send(note("awake"))
    time.sleep(60)


def flood() -> None:
    send(HELLO)
    for start in range(0, 1_000_000, 10_000):
        lines = [json.dumps(progress(start + at, 1_000_000)) + "\n" for at in range(10_000)]
        write("".join(lines).encode())
    send(DONE)


def noisy() -> None:
    """Write a hundred mebibytes to standard error."""
    send(HELLO)
    for number in range(100):
        os.write(2, b"x" * 1000 + b"\n" if number == 0 else (b"y" * 1023 + b"\n") * 1024)
    print("the last line", file=sys.stderr)
    send(DONE)


def other_version() -> None:
    send({**HELLO, "protocol": 99})
    send(DONE)


def no_hello() -> None:
    send(progress(5))
    send(DONE)


def broken_import() -> None:
    print("Traceback (most recent call last):", file=sys.stderr)
    print("ModuleNotFoundError: No module named 'click'", file=sys.stderr)
    sys.exit(1)


def long_line() -> None:
    send(HELLO)
    for _ in range(1024):
        write(b"x" * 1024 * 1024)
    time.sleep(30)


def new_hello() -> None:
    send({**HELLO, "accelerators": 2})
    send(DONE)


def no_such_job() -> None:
    """An engine from before a job: it cannot make it, and says so before its first word."""
    text = "job 'series': there is no such job. Use one of: map."
    send({"event": "failed", "code": "unknown_job", "message": text, "report": ""})
    sys.exit(1)


def asked():
    """Yield what is asked, after saying that questions are welcome."""
    send({"ready": 1, "package": "0.1.0"})
    for line in sys.stdin:
        yield json.loads(line)


def answer(question: dict) -> dict:
    """Return an answer to the question run_size, its number in it."""
    return {"number": question["ask"], "answer": {"bytes": question["ask"]}}


def answers() -> None:
    for question in asked():
        if "ask" in question:
            send(answer(question))


def answers_once() -> None:
    """Answer one question, and die at the next with a word."""
    questions = asked()
    send(answer(next(questions)))
    next(questions)
    print("the disk is gone", file=sys.stderr)
    sys.exit(3)


def answers_rubbish() -> None:
    for _ in asked():
        write(b"Loading weights... 100%\n")


def answers_wrongly() -> None:
    for question in asked():
        send({"number": question["ask"], "answer": {"megabytes": 1}})


def answers_otherwise() -> None:
    send({"ready": 99, "package": "9.0.0"})
    time.sleep(30)


def answers_never() -> None:
    """Hang at folders named stuck, as on a dead network drive; answer the others."""
    for question in asked():
        if "stuck" in str(question.get("values")):
            time.sleep(60)
        if "ask" in question:
            send(answer(question))


BAD_LINES = {
    "garbage": b"Loading weights... 100%\n",
    "half": b'{"event": "note", "te\n',
    "empty": b"\n",
    "binary": b"\x00\xff\xfe\x89PNG\n",
    "list": b"[1, 2, 3]\n",
    "unknown_event": b'{"event": "surprise"}\n',
    "unknown_field": b'{"event": "note", "text": "a", "colour": "red"}\n',
    "duplicate_key": b'{"event": "note", "text": "a", "text": "b"}\n',
}


def main() -> None:
    """Misbehave as the first argument says."""
    mode = sys.argv[1]
    if mode in BAD_LINES:
        bad_line(BAD_LINES[mode])
    else:
        globals()[mode]()


if __name__ == "__main__":
    main()
