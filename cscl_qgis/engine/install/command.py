"""One program that runs beside QGIS, its lines, and its end."""

from __future__ import annotations

from collections import deque
from typing import Deque, Dict, Optional, Sequence

from qgis.PyQt.QtCore import QObject, QProcess, QProcessEnvironment, pyqtSignal

KEPT_LINES = 300
LONGEST_LINE = 2000


class Command(QObject):
    """Starts a program; `ended` is emitted exactly once, with whether it ended well.

    Its output, errors included, comes line by line; the last lines are kept for `details`.
    """

    line = pyqtSignal(str)
    ended = pyqtSignal(bool)

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._rest = b""
        self._over = False
        self.kept: Deque[str] = deque(maxlen=KEPT_LINES)
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._error)

    def start(
        self, program: str, arguments: Sequence[str], environment: Dict[str, str], folder: str
    ) -> None:
        """Start the program in a folder, with no variables but those of `environment`."""
        variables = QProcessEnvironment()
        for name, value in environment.items():
            variables.insert(name, value)
        self._process.setProcessEnvironment(variables)
        self._process.setWorkingDirectory(folder)
        self._process.setProgram(program)
        self._process.setArguments(list(arguments))
        self._process.start()
        self._process.closeWriteChannel()

    def close(self) -> None:
        """End the program and say nothing more."""
        self._over = True
        self._process.kill()
        # Reaped, so that nothing is left behind; a program that was killed takes no time for it.
        self._process.waitForFinished(50)

    @property
    def details(self) -> str:
        """The last lines that the program wrote."""
        return "\n".join(self.kept)

    def _read(self) -> None:
        piece = bytes(self._process.readAllStandardOutput()).replace(b"\r", b"\n")
        *lines, self._rest = (self._rest + piece).split(b"\n")
        self._rest = self._rest[-LONGEST_LINE:]
        for raw in lines:
            self._pass_on(raw)

    def _pass_on(self, raw: bytes) -> None:
        text = raw[:LONGEST_LINE].decode("utf-8", "replace").rstrip()
        if text and not self._over:
            self.kept.append(text)
            self.line.emit(text)

    def _finished(self, exit_code: int, status: QProcess.ExitStatus) -> None:
        if self._over:
            return
        self._read()
        self._pass_on(self._rest)
        self._end(exit_code == 0 and status == QProcess.ExitStatus.NormalExit)

    def _error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and not self._over:
            self._pass_on(f"{self._process.program()}: {self._process.errorString()}".encode())
            self._end(False)

    def _end(self, well: bool) -> None:
        self._over = True
        self.ended.emit(well)
