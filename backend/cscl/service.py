"""Runs one job from start to end: its folder, its record, its events, its ways to stop."""

from __future__ import annotations

import os
import platform
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from cscl import dispatch
from cscl.context import JobContext
from cscl.contract import atomic, strict_json
from cscl.contract.errors import Cancelled, UserError
from cscl.contract.events import (
    PROTOCOL_VERSION,
    Artifact,
    Done,
    Event,
    Failed,
    Heartbeat,
    Hello,
    Metric,
    Note,
    Picture,
    Progress,
    encode,
)
from cscl.contract.home import data_folder
from cscl.contract.jobs import job_document, job_name
from cscl.contract.manifest import EVENTS_FILE, Manifest, write_manifest
from cscl.contract.version import VERSION
from cscl.disk import in_words
from cscl.history import remember
from cscl.outputs import RESUMABLE, Place, choose_place, clear

HEARTBEAT_SECONDS = 5.0
# A job that does not come to a check within this time is ended where it stands: its outputs
# appear whole or not at all, so nothing is lost but the work since the last checkpoint.
CANCEL_SECONDS = 1.2


class Run:
    """One job under way; `send` receives every event, from any thread, one at a time."""

    def __init__(self, job: Any, send: Callable[[Event], None]) -> None:
        self.job = job
        self._send = send
        self._lock = threading.RLock()
        self._over = False
        self._began = time.monotonic()
        self._artifacts: dict[str, Path] = {}
        self._log: Any = None
        self.place: Place | None = None
        self.manifest: Manifest | None = None
        self.context = JobContext(self)

    def emit(self, event: Event) -> None:
        """Send one event and write it to the job's record; nothing follows the last one."""
        with self._lock:
            if self._over:
                return
            self._over = isinstance(event, Done | Failed)
            self._keep(event)
            self._send(event)

    def _keep(self, event: Event) -> None:
        """Write an event to the job's record; where that fails the job goes on, and it is said."""
        if self._log is None:
            return
        try:
            self._log.write(encode(event))
            self._log.flush()
        except OSError as error:
            self._log = None
            self._send(Note(f"{EVENTS_FILE}: later events are not kept ({error.strerror})"))

    # What a running job says (the Listener of its context).

    def progress(self, stage: str, done: int, total: int) -> None:
        """Pass on the progress of a stage."""
        self.emit(Progress(stage, int(done), int(total)))

    def metric(self, name: str, step: int, value: float) -> None:
        """Pass on a figure; one that is not finite cannot be told in JSON and becomes a note."""
        if value != value or value in (float("inf"), float("-inf")):
            self.emit(Note(f"{name} is {value} at step {step}"))
        else:
            self.emit(Metric(name, int(step), float(value)))

    def note(self, text: str) -> None:
        """Pass on a note."""
        self.emit(Note(text))

    def picture(self, name: str, step: int, path: Path) -> None:
        """Pass on a picture at once: it is no result."""
        self.emit(Picture(name, int(step), str(path)))

    def artifact(self, role: str, path: Path) -> None:
        """Keep an output until the job is complete: before that it has no results."""
        self._artifacts[role] = Path(path)

    # From start to end.

    def execute(self) -> int:
        """Do the job and return the exit status: 0 when done, 1 for anything else."""
        try:
            self._begin()
            dispatch.perform(self._working_job(), self.context)
            self._complete()
            return 0
        except Cancelled:
            self.end("cancelled", Failed("cancelled", "The job was cancelled."))
        except UserError as error:
            self.end("failed", Failed(error.code, str(error)))
        except KeyboardInterrupt:
            self.end("cancelled", Failed("cancelled", "The job was cancelled."))
        except OSError as error:
            self._end_by_system(error)
        except Exception as error:  # a bug: told in words, the traceback goes to a file
            self._end_by_bug(error)
        return 1

    def _end_by_system(self, error: OSError) -> None:
        told = in_words(error, Path(self.job.output).absolute())
        if told is None:
            self._end_by_bug(error)
        else:
            self.end("failed", Failed(told.code, str(told)))

    def _end_by_bug(self, error: Exception) -> None:
        report = write_report(strict_json.dump(job_document(self.job)))
        message = f"An unexpected error stopped the job ({type(error).__name__}: {error})."
        self.end("failed", Failed("bug", f"{message} Details are in {report}.", str(report)))

    def _begin(self) -> None:
        self.place = choose_place(self.job)
        folder = self.place.folder
        folder.mkdir(parents=True, exist_ok=True)
        self._log = open(folder / EVENTS_FILE, "ab")  # noqa: SIM115 - open as long as the job
        self._remember(self.place)
        self.emit(
            Hello(
                PROTOCOL_VERSION, VERSION, job_name(self.job), platform.machine(), self.job.output
            )
        )
        if self.place.resumed and job_name(self.job) not in RESUMABLE:
            clear(folder)
        self.manifest = dispatch.started(self.job, folder)
        if self.place.resumed:
            self.context.note(f"{self.place.output}: an unfinished run of this job is resumed")

    def _remember(self, place: Place) -> None:
        # A history that cannot be written is no reason to lose a job.
        try:
            remember(place.output if place.swap else place.folder)
        except OSError as error:
            print(f"This run will not stand in the history: {error}", file=sys.stderr)

    def _working_job(self) -> Any:
        place = self._place()
        return replace(self.job, output=str(place.working_output))

    def _complete(self) -> None:
        place = self._place()
        outputs = {
            role: os.path.relpath(path, place.folder)
            if place.folder in (path, *path.parents)
            else str(path)
            for role, path in self._artifacts.items()
        }
        self._record("complete", outputs=outputs)
        place.finish()
        final = {role: str(place.final(path)) for role, path in self._artifacts.items()}
        for role, path in final.items():
            self.emit(Artifact(role, path))
        self.emit(Done(final))

    def end(self, state: str, event: Failed) -> None:
        """Record that the job ended without success, and say so."""
        with self._lock:
            if self._over:
                return
            try:
                if self.manifest is not None:
                    self._record(state, error=event.message)
                if self.place is not None:
                    self.place.abandon()
            except OSError as error:
                print(f"The record of the job could not be written: {error}", file=sys.stderr)
            self.emit(event)

    def _record(self, state: str, **changes: Any) -> None:
        if self.manifest is None:
            return
        self.manifest = self.manifest.with_state(
            state, finished=time.time(), notes=self.context.noted, **changes
        )
        write_manifest(self._place().folder, self.manifest)

    def _place(self) -> Place:
        if self.place is None:
            raise RuntimeError("the job has not begun")
        return self.place

    def heartbeat(self) -> None:
        """Say that the process lives."""
        self.emit(Heartbeat(round(time.monotonic() - self._began, 3)))


def write_report(asked: str) -> Path:
    """Write the error that is being handled to a file, with what was asked for; return it."""
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
    report = data_folder() / "reports" / f"{stamp}-{os.getpid()}.txt"
    head = f"cscl {VERSION}, Python {platform.python_version()}, {platform.platform()}\n"
    atomic.write_text(report, f"{head}\n{asked}\n{traceback.format_exc()}")
    return report


def serve_protocol(job: Any, events: int, commands: int) -> int:
    """Run a job for another process: events to one descriptor, commands from the other."""
    lead_own_group()
    limit_threads()
    give_way()

    def send(event: Event) -> None:
        data = encode(event)
        while data:
            data = data[os.write(events, data) :]

    run = Run(job, send)
    run.context.spared_cores = 1
    for target, arguments in ((_beat, (run,)), (_listen, (run, commands))):
        threading.Thread(target=target, args=arguments, daemon=True).start()
    return run.execute()


def limit_threads() -> None:
    """Leave one core to the person's desktop; must come before the numerical libraries."""
    threads = str(max(1, (os.cpu_count() or 2) - 1))
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, threads)


def give_way() -> None:
    """Let the person's other programs go first."""
    if hasattr(os, "nice"):
        os.nice(10)


def lead_own_group() -> None:
    """Make this process the leader of a group, so that all it starts can be ended with it."""
    if hasattr(os, "setsid"):
        try:
            os.setsid()
        except OSError:  # it leads one already
            return


def _beat(run: Run) -> None:
    while True:
        time.sleep(HEARTBEAT_SECONDS)
        run.heartbeat()


def _listen(run: Run, commands: int) -> None:
    """Follow the commands; when their stream ends, whoever started the job is gone: stop."""
    with os.fdopen(commands, "rb", closefd=False) as stream:
        for raw in stream:
            _obey(run, raw)
    _stop_now(run, "interrupted", Failed("interrupted", "Whoever started the job is gone."))


def _obey(run: Run, raw: bytes) -> None:
    try:
        value = strict_json.parse(raw, "command", 4096)
        command = value["command"] if isinstance(value, dict) else None
    except (UserError, KeyError):
        command = None
    context = run.context
    if command == "cancel":
        context.cancelled = True
        watchdog = threading.Timer(
            CANCEL_SECONDS,
            _stop_now,
            (run, "cancelled", Failed("cancelled", "The job was cancelled.")),
        )
        watchdog.daemon = True
        watchdog.start()
    elif command in ("pause", "resume"):
        context.paused = command == "pause"
    elif command == "finish":
        context.finish_requested = True
    else:
        print(f"An unknown command was ignored: {raw[:80]!r}", file=sys.stderr)


def _stop_now(run: Run, state: str, event: Failed) -> NoReturn:
    """End this process and all it started; the record is written first, if it can be."""
    stuck = threading.Timer(0.5, end_group)
    stuck.daemon = True
    stuck.start()
    try:
        run.end(state, event)
    finally:
        end_group()


def end_group() -> NoReturn:
    """End this process and all it started, at once."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)
