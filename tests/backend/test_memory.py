"""How the C library keeps memory that was freed."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only glibc can be told how to keep memory"
)

PAGES_OF_A_BLOCK = 128 * 2**20 // 4096
# Takes and frees the same 128 MiB twenty times, in a thread of its own as a map's network does.
WORK = """
import os, resource, sys, threading
from cscl.memory import keep_freed_memory, trim_memory, use_one_heap
if "one heap" in sys.argv:
    use_one_heap()
if "keep" in sys.argv:
    keep_freed_memory()
def fill(times):
    for _ in range(times):
        bytearray(b"x") * (128 * 2**20)
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def resident():
    line = next(line for line in open("/proc/self/status") if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024
def work():
    fill(1)
    before = faults()
    fill(20)
    kept = resident()
    pages = faults() - before
    trim_memory()
    print(pages, kept, resident(), os.environ.get("MALLOC_ARENA_MAX", 0))
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


def figures(*wishes: str) -> tuple[int, int, int, int]:
    """Return pages taken anew, resident bytes before and after trimming, and a child's heaps."""
    done = subprocess.run(
        [sys.executable, "-c", WORK, *wishes],
        env={name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    pages, before, after, heaps = map(int, done.stdout.split())
    return pages, before, after, heaps


def test_what_a_network_frees_is_kept_for_its_next_window() -> None:
    kept, before, after, heaps = figures("one heap", "keep")
    assert kept <= PAGES_OF_A_BLOCK // 10
    assert before - after >= 100 * 2**20
    assert heaps == 1


@pytest.mark.parametrize("wishes", [(), ("keep",)])
def test_a_process_that_does_other_work_too_takes_all_pages_anew(wishes: tuple[str, ...]) -> None:
    taken, *_, heaps = figures(*wishes)
    assert taken >= 10 * PAGES_OF_A_BLOCK
    assert heaps == 0
