"""The gaps of the main loop: a 5 ms timer, and a thread that sees what runs in the long ones."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from qgis.PyQt.QtCore import QTimer

TICK_MS = 5
# Gaps from here on are kept with what ran in them.
LONG = 0.050
NO_PYTHON = "no Python: Qt or QGIS itself\n"


@dataclass(frozen=True)
class Gap:
    """A long gap in seconds, how much of it the main thread computed, and what ran in it."""

    seconds: float
    processor: float
    stack: str


class Watch:
    """Measures from `with` to its end; the gaps are in seconds."""

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self.long: list[Gap] = []
        self._stack = ""
        self._apart = False
        self._last, self._processor = time.monotonic(), time.thread_time()
        self._main = threading.get_ident()
        self._over = threading.Event()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Watch:
        self._begin_gap()
        self._timer.start(TICK_MS)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.stop()
        self._over.set()
        self._thread.join()

    @contextmanager
    def apart(self) -> Iterator[None]:
        """What happens inside is the test's own and does not count."""
        self._end_gap()
        self._apart = True
        try:
            yield
        finally:
            self._begin_gap()
            self._apart = False

    @property
    def longest(self) -> float:
        """The longest gap."""
        return max(self.gaps)

    @property
    def stack(self) -> str:
        """What ran in the longest gap; empty where none was long."""
        return max(self.long, key=lambda gap: gap.seconds).stack if self.long else ""

    @property
    def p99(self) -> float:
        """The gap that one in a hundred is longer than."""
        return sorted(self.gaps)[int(0.99 * (len(self.gaps) - 1))]

    def __str__(self) -> str:
        return (
            f"{len(self.gaps)} gaps, longest {1000 * self.longest:.0f} ms, p99 "
            f"{1000 * self.p99:.0f} ms; in the longest ran:\n{self.stack}"
        )

    def _tick(self) -> None:
        if not self._apart:
            self._end_gap()
            self._begin_gap()

    def _begin_gap(self) -> None:
        self._stack = ""
        self._last, self._processor = time.monotonic(), time.thread_time()

    def _end_gap(self) -> None:
        gap = time.monotonic() - self._last
        self.gaps.append(gap)
        if gap > LONG:
            used = time.thread_time() - self._processor
            self.long.append(Gap(gap, used, self._stack or NO_PYTHON))

    def _sample(self) -> None:
        while not self._over.wait(TICK_MS / 1000):
            if not self._apart and time.monotonic() - self._last > 2 * TICK_MS / 1000:
                frame = sys._current_frames().get(self._main)
                if frame is not None:
                    self._stack = "".join(traceback.format_stack(frame)[-24:])
