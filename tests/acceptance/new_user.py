"""Runs inside QGIS (`qgis.bin --code`): what a new user does, by clicks and keys alone.

Writes `story.json` into the folder CSCL_STORY: what was seen, and the gaps of the main loop, one
entry a chapter. Whether it is right is for test_new_user.py to say.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from hands import Act, Steps, Until
from main_loop import Watch
from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication
from story import CHAPTERS, Scenery

FOLDER = Path(os.environ["CSCL_STORY"])
STEP_MS = 20


class Director:
    """Goes through the chapters from timer to timer, watches the main loop, then ends QGIS."""

    def __init__(self) -> None:
        self._scenery = Scenery(json.loads((FOLDER / "scenery.json").read_text("utf-8")), self.take)
        self._watch = Watch()
        self._story: Any = self._chapters()
        self._condition: Until | None = None
        self._since = self._wake = time.monotonic()
        self._pictures = 0
        self._over = False
        self.told: dict[str, Any] = {"chapters": [], "seen": self._scenery.seen, "failure": ""}
        QTimer.singleShot(STEP_MS, self._tick)

    def take(self, name: str) -> None:
        """Photograph the screen; the time that this takes does not count."""
        with self._watch.apart():
            for _ in range(5):
                QApplication.processEvents()
            self._pictures += 1
            picture = QApplication.primaryScreen().grabWindow(0)
            picture.save(str(FOLDER / f"{self._pictures:02d}-{name}.png"))

    def _chapters(self) -> Steps:
        for name, chapter in CHAPTERS.items():
            print(f"[new user] {time.strftime('%H:%M:%S')} {name}", flush=True)
            began = time.monotonic()
            with Watch() as self._watch:
                yield from chapter(self._scenery)
                yield 0.2
            self.told["chapters"].append(entry(name, time.monotonic() - began, self._watch))

    def _tick(self) -> None:
        """Go one step on; a menu or dialog that it opens runs a loop of its own meanwhile."""
        if self._over:
            return
        QTimer.singleShot(STEP_MS, self._tick)
        try:
            act = self._next()
            if act is not None:
                act.do()
        except StopIteration:
            self._end()
        except Exception:  # whatever it is: the test must hear of it
            self.told["failure"] = traceback.format_exc()
            self.take("failed")
            self._end()

    def _next(self) -> Act | None:
        now = time.monotonic()
        # Events are let through while a picture is taken.
        if now < self._wake or self._story.gi_running:
            return None
        if self._condition is not None:
            if not self._condition.holds():
                if now - self._since > self._condition.seconds:
                    raise TimeoutError(f"waited in vain: {self._condition.what}")
                return None
            self._condition = None
        step = next(self._story)
        if isinstance(step, Act):
            return step
        if isinstance(step, Until):
            self._condition, self._since = step, now
        else:
            self._wake = now + step
        return None

    def _end(self) -> None:
        self._over = True
        text = json.dumps(self.told, indent=1, default=str)
        (FOLDER / "story.json").write_text(text, encoding="utf-8")
        sys.stdout.flush()
        # The story is told; QGIS would ask about the project that is not saved.
        QgsApplication.taskManager().cancelAll()
        os._exit(0)


def entry(name: str, seconds: float, watch: Watch) -> dict[str, Any]:
    """Return what is told of a chapter."""
    longest = sorted(watch.long, key=lambda gap: -gap.seconds)[:5]
    return {
        "name": name, "seconds": seconds, "gaps": len(watch.gaps), "longest": watch.longest,
        "p99": watch.p99, "long": [vars(gap) for gap in longest],
    }  # fmt: skip


director = Director()
