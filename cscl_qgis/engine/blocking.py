"""A job run to its end in the calling thread, for Processing."""

from __future__ import annotations

from typing import Any, Callable, List

from qgis.PyQt.QtCore import QEventLoop, QTimer

from ...backend.cscl.contract.events import Event
from ..words import tr
from .outcome import Outcome
from .process import EngineProcess

POLL_MS = 50


def run_job(
    job: Any,
    on_event: Callable[[Event], None],
    on_log: Callable[[str], None],
    is_cancelled: Callable[[], bool],
) -> Outcome:
    """Run a job and return its outcome; raises `EngineMissing`.

    The thread's own event loop turns meanwhile, so that in the main thread QGIS keeps drawing; what
    the person types or clicks waits.
    """
    loop = QEventLoop()
    process = EngineProcess()
    outcomes: List[Outcome] = []

    def ended(outcome: Outcome) -> None:
        outcomes.append(outcome)
        loop.quit()

    def poll() -> None:
        if is_cancelled():
            process.cancel()

    process.event_received.connect(on_event)
    process.log_received.connect(on_log)
    process.ended.connect(ended)
    watch = QTimer()
    watch.setInterval(POLL_MS)
    watch.timeout.connect(poll)
    watch.start()
    try:
        process.start(job)
        if not outcomes:
            loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
    finally:
        watch.stop()
        process.close()
    if not outcomes:
        message = tr("QGIS was closed before the job was complete.")
        return Outcome("cancelled", {}, "cancelled", message)
    return outcomes[0]
