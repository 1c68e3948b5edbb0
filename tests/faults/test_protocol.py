"""The real engine as a child: it keeps the protocol, and ends when it is told to or left alone."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from cscl.contract import strict_json
from cscl.contract.events import command_line, decode
from cscl.contract.jobs import job_document, make_job
from cscl.contract.manifest import read_manifest

BACKEND = Path(__file__).resolve().parents[2] / "backend"
COMMAND = [sys.executable, "-s", "-P", "-m", "cscl", "run", "--protocol"]
KILL_POINTS = int(os.environ.get("CSCL_KILL_POINTS", "3"))


def environment(home: Path, *before: Path) -> dict[str, str]:
    """Return the environment of a child; folders of `before` come first in its module path."""
    path = os.pathsep.join(str(folder) for folder in (*before, BACKEND))
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "PYTHONPATH": path, "CSCL_HOME": str(home), "OMP_NUM_THREADS": "1"}


def job_file(folder: Path, output: Path, size: int = 128, dates: int = 40) -> Path:
    """Write a job that computes for some seconds, and return its file."""
    job = make_job("simulate", {"output": str(output), "size": size, "dates": dates})
    file = folder / "job.json"
    file.write_text(strict_json.dump(job_document(job)), encoding="utf-8")
    return file


def start(file: Path, *before: Path) -> subprocess.Popen[bytes]:
    """Start the engine as the plugin does."""
    return subprocess.Popen(
        [*COMMAND, str(file)],
        env=environment(file.parent / "home", *before),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def read_until(child: subprocess.Popen[bytes], kind: str) -> Any:
    """Return the first event of a kind."""
    for raw in child.stdout or ():
        event = decode(raw)
        if event.kind == kind:
            return event
    raise AssertionError(f"the engine never sent {kind}")


def run(file: Path, *before: Path) -> tuple[list[Any], bytes, int]:
    """Run a job to its end, its input open; return its events, standard error and status."""
    child = start(file, *before)
    assert child.stdout is not None and child.stderr is not None and child.stdin is not None
    lines = child.stdout.read().splitlines()
    errors = child.stderr.read()
    status = child.wait(10)
    child.stdin.close()
    return [decode(line) for line in lines], errors, status


def wait_gone(pid: int, seconds: float) -> float:
    """Wait for a process to end and return how long that took; fails after `seconds`."""
    began = time.monotonic()
    while time.monotonic() - began <= seconds:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return time.monotonic() - began
        time.sleep(0.01)
    raise AssertionError(f"process {pid} still runs after {seconds} s")


def test_events_are_all_that_standard_output_holds(tmp_path: Path) -> None:
    events, _, status = run(job_file(tmp_path, tmp_path / "scene", 48, 4))
    kinds = [event.kind for event in events]
    assert status == 0
    assert kinds[0] == "hello"
    assert kinds[-1] == "done"
    assert kinds.count("done") == 1
    assert "failed" not in kinds
    recorded = (tmp_path / "scene" / "events.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"] for line in recorded] == kinds
    assert read_manifest(tmp_path / "scene").state == "complete"


@pytest.mark.parametrize("point", range(KILL_POINTS))
def test_f01_killed_at_a_random_moment_nothing_counts_and_a_retry_completes(
    tmp_path: Path, point: int
) -> None:
    output = tmp_path / "scene"
    file = job_file(tmp_path, output, 64, 24)
    child = start(file)
    read_until(child, "progress")
    time.sleep(random.Random(point).uniform(0, 1.5))
    killed = child.poll() is None
    child.kill()
    child.wait(10)
    manifest = read_manifest(output)
    assert manifest is not None
    assert manifest.state == ("interrupted" if killed else "complete")
    if killed:
        events, errors, status = run(file)
        assert status == 0, errors
        assert read_manifest(output).state == "complete"


def test_f03_engine_ends_with_its_parent_and_can_be_resumed(tmp_path: Path) -> None:
    output = tmp_path / "scene"
    file = job_file(tmp_path, output)
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "for line in child.stdout:\n"
        "    if b'progress' in line:\n"
        "        print(child.pid, flush=True)\n"
        "        break\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, *COMMAND, str(file)],
        env=environment(tmp_path / "home"), stdout=subprocess.PIPE,
    )  # fmt: skip
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    wait_gone(pid, 1.0)
    parent.wait(10)
    parent.stdout.close()
    manifest = read_manifest(output)
    assert manifest is not None and manifest.state == "interrupted"
    assert not list(output.glob("*.tif"))
    events, errors, status = run(job_file(tmp_path, output))
    assert status == 0, errors
    assert any(event.kind == "note" and "resumed" in event.text for event in events)


@pytest.mark.parametrize("point", range(KILL_POINTS))
def test_f04_cancelled_in_tight_compute(tmp_path: Path, point: int) -> None:
    output = tmp_path / "scene"
    child = start(job_file(tmp_path, output, 512, 100))
    assert child.stdin is not None and child.stdout is not None
    read_until(child, "progress")
    time.sleep(random.Random(point).uniform(0, 1.5))
    began = time.monotonic()
    child.stdin.write(command_line("cancel"))
    child.stdin.flush()
    last = [decode(raw) for raw in child.stdout.read().splitlines()][-1]
    child.wait(5)
    assert time.monotonic() - began <= 2.0
    assert (last.kind, last.code) == ("failed", "cancelled")
    assert child.returncode != 0
    assert read_manifest(output).state == "cancelled"
    assert not list(output.glob("*.tif"))


def test_f04_cancelled_job_leaves_no_process_behind(tmp_path: Path) -> None:
    child = start(job_file(tmp_path, tmp_path / "scene", 512, 100))
    assert child.stdin is not None
    read_until(child, "progress")
    family = [child.pid, *(item.pid for item in psutil.Process(child.pid).children(True))]
    assert os.getpgid(child.pid) == child.pid
    child.stdin.write(command_line("cancel"))
    child.stdin.flush()
    child.wait(5)
    for pid in family:
        wait_gone(pid, 1.0)


def test_f06_what_libraries_print_goes_to_the_log(tmp_path: Path) -> None:
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(
        "import os, sys\n"
        "class Banner:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name in ('numpy', 'rasterio', 'cscl.simulation.job'):\n"
        "            print('banner of', name, flush=True)\n"
        "            os.write(1, b'raw bytes of ' + name.encode() + b'\\n')\n"
        "            os.system('echo a child of ' + name)\n"
        "        return None\n"
        "sys.meta_path.insert(0, Banner())\n"
    )
    events, errors, status = run(job_file(tmp_path, tmp_path / "scene", 48, 4), hook)
    assert status == 0, errors
    assert events[-1].kind == "done"
    for name in (b"numpy", b"rasterio", b"cscl.simulation.job"):
        assert b"banner of " + name in errors
        assert b"raw bytes of " + name in errors
        assert b"a child of " + name in errors


def test_unknown_and_broken_commands_are_ignored(tmp_path: Path) -> None:
    child = start(job_file(tmp_path, tmp_path / "scene", 48, 4))
    assert child.stdin is not None and child.stdout is not None and child.stderr is not None
    child.stdin.write(b'{"command": "dance"}\n\xff\xfe\n[]\n{"command": 3}\n')
    child.stdin.flush()
    last = [decode(raw) for raw in child.stdout.read().splitlines()][-1]
    assert last.kind == "done"
    assert child.stderr.read().count(b"An unknown command was ignored") == 4
    assert child.wait(10) == 0
