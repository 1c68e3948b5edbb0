"""The gaps of the main loop: a 5 ms timer, and a thread that sees what runs in the longest one."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from types import TracebackType

from qgis.PyQt.QtCore import QTimer

TICK_MS = 5


class Watch:
    """Measures from `with` to its end; the gaps are in seconds."""

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self.stack = ""
        self._longest = 0.0
        self._last = time.monotonic()
        self._main = threading.get_ident()
        self._over = threading.Event()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Watch:
        self._last = time.monotonic()
        self._timer.start(TICK_MS)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.stop()
        self._over.set()
        self._thread.join()

    @property
    def longest(self) -> float:
        """The longest gap."""
        return max(self.gaps)

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
        now = time.monotonic()
        self.gaps.append(now - self._last)
        self._last = now

    def _sample(self) -> None:
        while not self._over.wait(TICK_MS / 1000):
            gap = time.monotonic() - self._last
            if gap > max(self._longest, 2 * TICK_MS / 1000):
                frame = sys._current_frames().get(self._main)
                if frame is not None:
                    self._longest = gap
                    self.stack = "".join(traceback.format_stack(frame)[-12:])
