"""A run of another process, followed by the events that it writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List, Optional, Tuple

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ....backend.cscl.contract.errors import UserError
from ....backend.cscl.contract.events import Done, Event, Failed, Hello, decode
from ....backend.cscl.contract.manifest import EVENTS_FILE
from ...words import tr
from ..background import Background

LOOK_MS = 1000
# What is read at once; a longer file is caught up with look by look.
PIECE = 256 * 1024

Piece = Tuple[List[Event], int]


class Follower(QObject):
    """Reads the end of a run's `events.jsonl` again and again, beside the main thread.

    `restarted` comes before the events of each attempt at the job.
    """

    restarted = pyqtSignal()
    heard = pyqtSignal(object)
    # The run has ended, complete or not.
    over = pyqtSignal()

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._file: Optional[Path] = None
        self._offset = 0
        self._reading = Background(self)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)

    def follow(self, folder: str) -> None:
        """Follow the run of a folder, from its first event."""
        self.stop()
        self._file, self._offset = Path(folder) / EVENTS_FILE, 0
        self._timer.start()
        self._look()

    def is_following(self) -> bool:
        """Tell whether a run is followed."""
        return self._timer.isActive()

    def stop(self) -> None:
        """Follow nothing any more."""
        self._timer.stop()
        self._reading.stop()
        self._file = None

    def close_down(self) -> None:
        """Wait for a look that is under way."""
        self.stop()
        self._reading.close()

    def _look(self) -> None:
        if self._file is None or self._reading.is_busy():
            return
        file, offset = self._file, self._offset

        def read(is_cancelled: Any) -> Piece:
            return read_events(file, offset)

        self._reading.do(tr("Following a run"), read, self._take, lambda _: None)

    def _take(self, piece: Piece) -> None:
        events, self._offset = piece
        for event in events:
            if isinstance(event, Hello):
                self.restarted.emit()
            self.heard.emit(event)
        if events and isinstance(events[-1], (Done, Failed)):
            self.stop()
            self.over.emit()
        elif events and self._timer.isActive():
            QTimer.singleShot(0, self._look)


def read_events(file: Path, offset: int) -> Piece:
    """Return the whole events of a file from a place on, and the place behind the last of them.

    Lines that are no event, as of another version, are left out.
    """
    try:
        with file.open("rb") as handle:
            handle.seek(offset)
            raw = handle.read(PIECE)
    except OSError:
        return [], offset
    end = raw.rfind(b"\n") + 1
    events = []
    for line in raw[:end].splitlines():
        try:
            events.append(decode(line))
        except UserError:
            continue
    # A line longer than what is read at once would never end: it is passed over.
    return events, offset + (end if end or len(raw) < PIECE else len(raw))
