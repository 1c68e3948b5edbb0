"""An interpreter that has the engine's libraries already, tried before it is used."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Callable, Optional

from qgis.PyQt.QtCore import QObject

from ....backend.cscl.contract.errors import UserError
from ...engine.environment import child_environment
from ...engine.install import places
from ...engine.install.command import Command
from ...engine.install.pythons import Interpreter, PythonSearch
from ...settings import read_settings, write_settings
from ...words import tr

CHECK = ("-s", "-P", "-m", "cscl", "doctor", "--check")


class ExistingPython(QObject):
    """Tries one interpreter; `ended` is called once, with the error or `None` and the details."""

    def __init__(
        self, path: str, ended: Callable[[Optional[UserError], str], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._path = path
        self._ended = ended
        self._command: Optional[Command] = None
        self._search = PythonSearch([path], True, self)
        self._search.found.connect(self._answered)

    def start(self) -> None:
        """Ask the interpreter who it is, then let it try the engine."""
        self._search.start()

    def close(self) -> None:
        """Stop, and say nothing more."""
        self._search.close()
        if self._command is not None:
            self._command.close()

    def _answered(self, interpreter: Optional[Interpreter]) -> None:
        seen = self._search.seen
        if interpreter is None:
            found = tr("it is no Python that starts")
            if seen:
                version = ".".join(map(str, seen[0].version))
                found = tr("it is Python {version}", version=version)
            self._ended(UserError(
                "wrong_python", self._path, found, tr("Choose a Python from 3.11 to 3.14."),
            ), "")  # fmt: skip
            return
        command = self._command = Command(self)
        command.ended.connect(lambda well: self._checked(command, well))
        variables = child_environment(os.environ, str(places.BACKEND))
        command.start(self._path, CHECK, variables, os.path.dirname(self._path))

    def _checked(self, command: Command, well: bool) -> None:
        if well:
            write_settings(replace(read_settings(), backend_python=self._path))
            self._ended(None, "")
            return
        wrong = [line[7:] for line in command.kept if line.startswith("failed ")]
        last = wrong[0] if wrong else (command.kept[-1] if command.kept else "")
        self._ended(UserError(
            "engine_incomplete", self._path,
            tr("the engine does not work with it ({text})", text=last[:400]),
            tr("Press Install to make an environment of its own, or install there what is "
               "missing."),
        ), command.details)  # fmt: skip
