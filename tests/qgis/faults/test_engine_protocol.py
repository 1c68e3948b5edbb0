"""What the plugin makes of an engine that misbehaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest


def gone(pid: int) -> bool:
    """Tell whether a process has ended; one that waits to be reaped has."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return True
    return state == "Z"


def test_a_good_engine_completes(fake_engine: Any, recorder: Any, any_job: Any) -> None:
    fake_engine("good")
    outcome = recorder.run(any_job)
    assert outcome.state == "complete"
    assert outcome.outputs == {"series": "/nowhere/a.series.json"}
    assert [event.kind for event in recorder.events] == ["hello", "progress", "note", "done"]
    assert recorder.outcomes == [outcome]


def test_f01_engine_killed(fake_engine: Any, recorder: Any, any_job: Any) -> None:
    fake_engine("killed")
    outcome = recorder.run(any_job)
    assert (outcome.state, outcome.code) == ("failed", "backend_died")
    assert "signal 9" in outcome.message
    assert "Run the job again" in outcome.message
    assert outcome.outputs == {}


@pytest.mark.parametrize("seconds", [0.0, 0.3, 0.8])
def test_f01_real_engine_killed_and_retried(
    recorder: Any, plugin: Any, qtbot: Any, make_job: Any, tmp_path: Path, seconds: float
) -> None:
    folder = tmp_path / "scene"
    job = make_job("simulate", output=str(folder), size=128, dates=30)
    recorder.process.start(job)
    recorder.until(lambda: bool(recorder.of_kind("hello")))
    until = time.monotonic() + seconds
    recorder.until(lambda: time.monotonic() >= until)
    began = time.monotonic()
    os.kill(recorder.process._pid, signal.SIGKILL)
    recorder.until(lambda: bool(recorder.outcomes), timeout=1000)
    assert time.monotonic() - began <= 1.0
    outcome = recorder.outcomes[0]
    assert (outcome.code, outcome.exit_code) == ("backend_died", 9)
    manifest = plugin.load("backend.cscl.contract.manifest").read_manifest(folder)
    assert manifest is None or manifest.state == "interrupted"
    again = type(recorder)(plugin, qtbot)
    assert again.run(job, timeout=60000).succeeded


def test_f02_engine_aborts(fake_engine: Any, recorder: Any, any_job: Any) -> None:
    fake_engine("aborted")
    outcome = recorder.run(any_job)
    assert (outcome.code, outcome.exit_code) == ("backend_died", signal.SIGABRT)
    lines = outcome.details.split("\n")
    assert lines == [f"line {number}" for number in range(30, 80)]


def test_f04_engine_obeys_cancel(fake_engine: Any, recorder: Any, any_job: Any) -> None:
    fake_engine("obedient")
    recorder.process.start(any_job)
    recorder.until(lambda: bool(recorder.of_kind("hello")))
    recorder.process.cancel()
    recorder.until(lambda: bool(recorder.outcomes), timeout=1900)
    assert recorder.outcomes[0].state == "cancelled"


def test_f04_engine_deaf_to_cancel_is_killed_with_its_children(
    fake_engine: Any, recorder: Any, any_job: Any
) -> None:
    fake_engine("deaf")
    recorder.process.start(any_job)
    recorder.until(lambda: bool(recorder.of_kind("note")))
    leader, child = (int(part) for part in recorder.of_kind("note")[0].text.split())
    began = time.monotonic()
    recorder.process.cancel()
    recorder.until(lambda: bool(recorder.outcomes), timeout=6000)
    assert 4.5 <= time.monotonic() - began <= 6.0
    assert recorder.outcomes[0].state == "cancelled"
    recorder.until(lambda: gone(leader) and gone(child), timeout=1000)


def test_f04_real_engine_cancelled_in_tight_compute(
    recorder: Any, make_job: Any, plugin: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "scene"
    recorder.process.start(make_job("simulate", output=str(folder), size=512, dates=100))
    recorder.until(lambda: bool(recorder.of_kind("progress")))
    pid = recorder.process._pid
    began = time.monotonic()
    recorder.process.cancel()
    recorder.until(lambda: bool(recorder.outcomes), timeout=2500)
    assert time.monotonic() - began <= 2.0
    assert gone(pid)
    assert recorder.outcomes[0].state == "cancelled"
    assert plugin.load("backend.cscl.contract.manifest").read_manifest(folder).state == "cancelled"
    assert not list(folder.glob("*.tif"))


def test_closing_ends_the_engine_and_says_nothing(
    fake_engine: Any, recorder: Any, any_job: Any
) -> None:
    fake_engine("deaf")
    recorder.process.start(any_job)
    recorder.until(lambda: bool(recorder.of_kind("note")))
    leader, child = (int(part) for part in recorder.of_kind("note")[0].text.split())
    recorder.process.close()
    recorder.until(lambda: gone(leader) and gone(child), timeout=1000)
    assert recorder.outcomes == []
    assert not recorder.process.is_running()


@pytest.mark.parametrize(
    "mode",
    [
        "garbage", "half", "empty", "binary", "list", "unknown_event", "unknown_field",
        "duplicate_key",
    ],
)  # fmt: skip
def test_f07_line_that_is_no_event(
    fake_engine: Any, recorder: Any, any_job: Any, mode: str
) -> None:
    fake_engine(mode)
    outcome = recorder.run(any_job)
    assert outcome.state == "failed"
    assert outcome.code in ("protocol_error", "invalid_json")
    assert outcome.outputs == {}
    assert sum("no event" in line for line in recorder.log) == 1
    assert [event.kind for event in recorder.events] == ["hello"]


def test_f07_event_before_hello(fake_engine: Any, recorder: Any, any_job: Any) -> None:
    fake_engine("no_hello")
    outcome = recorder.run(any_job)
    assert outcome.code == "protocol_error"
    assert "not hello" in outcome.message


def test_f08_bytes_one_by_one_and_windows_line_ends(
    fake_engine: Any, recorder: Any, any_job: Any
) -> None:
    fake_engine("bytewise")
    assert recorder.run(any_job).succeeded
    assert recorder.of_kind("note")[0].text == "Łąka, prés fleuris, 草地, \U0001f33e"
    assert [event.kind for event in recorder.events] == ["hello", "note", "progress", "done"]


def memory(name: str) -> int:
    """Return a figure of this process's memory from the system, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return 1024 * int(line.split()[1])
    raise AssertionError(name)


def test_f09_line_without_end(fake_engine: Any, recorder: Any, any_job: Any) -> None:
    """A gibibyte on its way: the engine is killed after the first mebibyte."""
    fake_engine("long_line")
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before = memory("VmRSS")
    outcome = recorder.run(any_job)
    assert outcome.code == "protocol_error"
    assert "longer than 1 MiB" in outcome.message
    assert memory("VmHWM") - before <= 8 * 2**20


class Busy:
    """The longest time that the main thread computed between two ticks of 5 ms."""

    def __init__(self) -> None:
        from qgis.PyQt.QtCore import QTimer

        self.longest = 0.0
        self.ticks = 0
        self._last = time.thread_time()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(5)

    def _tick(self) -> None:
        now = time.thread_time()
        self.longest = max(self.longest, now - self._last)
        self._last = now
        self.ticks += 1


def test_f10_flood_of_progress_is_coalesced(fake_engine: Any, recorder: Any, any_job: Any) -> None:
    """A million lines at once; the thread's own time counts, whatever else the machine does."""
    fake_engine("flood")
    busy = Busy()
    assert recorder.run(any_job, timeout=120000).succeeded
    shown = [event.done for event in recorder.of_kind("progress")]
    assert shown == sorted(shown)
    assert shown[-1] == 999_999
    assert len(shown) < 50_000
    assert busy.ticks > 50
    assert busy.longest <= 0.020


def test_f11_flood_on_standard_error(fake_engine: Any, recorder: Any, any_job: Any) -> None:
    fake_engine("noisy")
    recorder.process.log_received.disconnect()  # the recorder keeps every line
    before = memory("VmRSS")
    outcome = recorder.run(any_job, timeout=60000)
    assert outcome.succeeded
    assert outcome.details.endswith("the last line")
    assert len(outcome.details) <= 256 * 1024
    assert memory("VmRSS") - before <= 16 * 2**20


def test_f12_other_version_of_the_protocol(fake_engine: Any, recorder: Any, any_job: Any) -> None:
    fake_engine("other_version")
    outcome = recorder.run(any_job)
    assert outcome.code == "protocol_version"
    assert "Reinstall the engine" in outcome.message
    assert recorder.events == []


def test_f12_unknown_field_of_hello(fake_engine: Any, recorder: Any, any_job: Any) -> None:
    fake_engine("new_hello")
    outcome = recorder.run(any_job)
    assert outcome.code == "protocol_error"
    assert "accelerators" in outcome.message
    assert "Reinstall the engine" in outcome.message
    assert recorder.events == []


def test_f12_job_that_the_engine_does_not_know(
    fake_engine: Any, recorder: Any, any_job: Any
) -> None:
    fake_engine("no_such_job")
    outcome = recorder.run(any_job)
    assert outcome.code == "unknown_job"
    assert "there is no such job" in outcome.message
    assert "reinstall the engine" in outcome.message


@pytest.mark.parametrize("mode", ["two_done", "failed_after_done"])
def test_f13_event_after_the_last_is_ignored_and_logged(
    fake_engine: Any, recorder: Any, any_job: Any, mode: str
) -> None:
    fake_engine(mode)
    outcome = recorder.run(any_job)
    assert outcome.succeeded
    assert outcome.outputs == {"series": "/nowhere/a.series.json"}
    assert len(recorder.of_kind("done")) == 1
    assert any("ignored" in line for line in recorder.log)
    assert len(recorder.outcomes) == 1


def test_f13_odd_progress_is_clamped(fake_engine: Any, recorder: Any, any_job: Any) -> None:
    fake_engine("odd_progress")
    assert recorder.run(any_job).succeeded
    shares = [(event.done, event.total) for event in recorder.of_kind("progress")]
    assert shares == [(0, 10), (10, 10), (0, 10), (1, 1), (1, 1), (2, 10)]


def test_f14_exit_without_done_is_a_failure(fake_engine: Any, recorder: Any, any_job: Any) -> None:
    fake_engine("exit_without_done")
    outcome = recorder.run(any_job)
    assert (outcome.state, outcome.code, outcome.outputs) == ("failed", "no_result", {})


def test_f14_done_with_bad_status_is_a_failure(
    fake_engine: Any, recorder: Any, any_job: Any
) -> None:
    fake_engine("done_then_status_3")
    outcome = recorder.run(any_job)
    assert (outcome.state, outcome.code, outcome.exit_code) == ("failed", "backend_died", 3)
    assert outcome.outputs == {}


def test_f03_engine_ends_with_qgis(plugin: Any, tmp_path: Path) -> None:
    """A process that holds the plugin's engine process is killed; the engine goes with it."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from qgis.PyQt.QtCore import QCoreApplication\n"
        "application = QCoreApplication([])\n"
        "from cscl_qgis.backend.cscl.contract.jobs import make_job\n"
        "from cscl_qgis.cscl_qgis.engine.process import EngineProcess\n"
        "process = EngineProcess()\n"
        "def show(event):\n"
        "    if event.kind == 'progress':\n"
        "        print(process._pid, flush=True)\n"
        "process.event_received.connect(show)\n"
        "process.start(make_job('simulate', {'output': sys.argv[2], 'size': 512, 'dates': 100}))\n"
        "application.exec()\n"
    )
    output = tmp_path / "scene"
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(plugin.root.parent), str(output)],
        stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": ""},
    )  # fmt: skip
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    began = time.monotonic()
    while not gone(pid) and time.monotonic() - began < 5:
        time.sleep(0.01)
    assert time.monotonic() - began <= 1.0
    parent.wait(10)
    parent.stdout.close()
    manifest = plugin.load("backend.cscl.contract.manifest").read_manifest(output)
    assert manifest.state == "interrupted"
    assert not list(output.glob("*.tif"))
