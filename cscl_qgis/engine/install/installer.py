"""Runs an installation from its first step to the engine that is in use."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List, Optional

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ....backend.cscl.contract import atomic
from ....backend.cscl.contract.errors import UserError
from ...words import tr
from . import places
from .child import variables_for_installing
from .command import Command
from .failures import failure, lacks_build
from .lock import InstallLock
from .machine import Size, expected_size, free_bytes
from .plan import CHECK_WEIGHT, Sources, Step, Wishes, check_step, settled, steps_of
from .progress import StepProgress
from .tasks import beside

GIB = 1024**3
COUNT_MS = 1000


class Installer(QObject):
    """One installation; `ended` is emitted exactly once, with the error or `None`.

    Nothing of an engine that is in use is touched: the new one is made beside it, and takes its
    place when it was verified.
    """

    # The share of all that is done, and what is being done.
    progressed = pyqtSignal(float, str)
    line = pyqtSignal(str)
    ended = pyqtSignal(object)

    def __init__(self, sources: Optional[Sources] = None, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._sources = sources or Sources()
        self._lock = InstallLock(places.engine_folder())
        self._environment = places.new_environment()
        self._is_new = True
        self._watch = QTimer(self)
        self._watch.setInterval(COUNT_MS)
        self._watch.timeout.connect(self._count)
        self._counting = False
        self._step: Optional[Step] = None
        self._progress = StepProgress(1, 1, 1.0)
        self._packages_before = 0
        self._variables: Dict[str, str] = {}
        self._wishes = Wishes("")
        self._door = ""
        self._steps: List[Step] = []
        self._weights = 1
        self._done = 0
        self._command: Optional[Command] = None
        self._checks: List[str] = []
        self._over = False
        self._closed = False
        self.details = ""

    def start(self, wishes: Wishes) -> None:
        """Begin; raises `UserError` where it cannot, and `ended` is not emitted then."""
        wishes = settled(wishes)
        self._wishes, self._door = wishes, wishes.door
        steps = steps_of(wishes, self._environment, self._sources)
        size = expected_size(self._sources.requirements, wishes.build, bool(wishes.folder))
        self._prepare(size)
        self._begin(steps)

    def refresh(self) -> None:
        """Give the libraries in use the plugin's own package; raises `UserError` as `start`."""
        environment = places.current_environment()
        ready = None if environment is None else places.read_ready(environment)
        if environment is None or ready is None:
            raise UserError(
                "no_environment", tr("engine"), tr("no libraries are installed"),
                tr("Press Install."),
            )  # fmt: skip
        self._environment, self._is_new = environment, False
        self._wishes, self._door = Wishes(ready.python, build=ready.build), ready.door
        self._prepare(Size(0, 0))
        self._begin([])

    def cancel(self) -> None:
        """Stop; what was downloaded is kept, what was made of it goes."""
        if not self._over:
            self._end(UserError(
                "cancelled", tr("engine"), tr("its installation was cancelled"),
                tr("What was downloaded is kept for the next attempt."),
            ))  # fmt: skip

    def close(self) -> None:
        """Stop at once and say nothing more; for the end of the plugin or of QGIS."""
        self._over = self._closed = True
        self._watch.stop()
        if self._command is not None:
            self._command.close()
        self._lock.release()

    # The steps.

    def _prepare(self, size: Size) -> None:
        folder = places.engine_folder()
        try:
            _check_space(folder, size)
            self._lock.take()
            self._variables = variables_for_installing(bool(self._wishes.folder))
        except OSError as error:
            self._lock.release()
            raise UserError(
                "not_writable", folder, f"{error.strerror}",
                tr("Set the variable CSCL_HOME to a folder of your own, start QGIS again and "
                   "retry."),
            ) from None  # fmt: skip

    def _begin(self, steps: List[Step]) -> None:
        self._steps = steps
        self._weights = sum(step.weight for step in steps) + CHECK_WEIGHT
        self._tell(0.0, tr("Looking for leavings of earlier attempts"))
        beside(tr("Engine: tidying"), places.sweep, self._swept)

    def _swept(self, _: object, error: Optional[UserError]) -> None:
        # What cannot be removed now is in nobody's way: the new environment has a name of its own.
        if error is not None and not self._over:
            self.line.emit(str(error))
        self._next()

    def _next(self) -> None:
        if self._over:
            return
        if self._steps:
            self._run(self._steps.pop(0))
            return
        self._tell(0.0, tr("Copying the engine"))
        beside(tr("Engine: copying"), self._place_backend, self._backend_placed)

    def _run(self, step: Step) -> None:
        progress = StepProgress(step.weight * 1_000_000, step.packages, step.fetched)
        command = self._command = Command(self)
        self._step, self._progress = step, progress
        if step.note:
            self.line.emit(step.note)
        self._tell(0.0, step.title)

        def heard(text: str) -> None:
            if not text.startswith("Progress "):
                self.line.emit(text)
            self._tell(progress.feed(text) * step.weight, step.title)

        if step.text:
            try:
                atomic.write_text(step.arguments[-1], step.text)
            except OSError as error:
                self._end(failure(step.title, str(error)))
                return
        command.line.connect(heard)
        command.ended.connect(lambda well: self._step_ended(step, command, well))
        command.start(step.program, step.arguments, self._variables, str(places.downloads_folder()))
        self._watch.start()

    def _count(self) -> None:
        """See how far unpacking has come, which no program tells."""
        if self._counting or self._over:
            return
        self._counting = True
        environment = self._environment
        beside(tr("Engine: counting"), lambda: places.packages_in(environment), self._counted)

    def _counted(self, packages: Optional[int], _: Optional[UserError]) -> None:
        self._counting = False
        step = self._step
        if packages is None or step is None or self._over:
            return
        if not self._progress.unpacking:
            self._packages_before = packages
            return
        share = self._progress.unpacked(packages - self._packages_before)
        self._tell(share * step.weight, step.title)

    def _step_ended(self, step: Step, command: Command, well: bool) -> None:
        if self._over:
            return
        self._watch.stop()
        self._step = None
        if well:
            self._done += step.weight
            self._next()
        elif step.instead and lacks_build(command.details):
            self._weights += sum(item.weight for item in step.instead) - step.weight
            self._weights -= sum(item.weight for item in self._steps)
            self._steps = list(step.instead)
            self._next()
        else:
            self.details = command.details
            self._end(failure(step.title, command.details))

    def _place_backend(self) -> str:
        stamp = places.backend_stamp(self._sources.backend)
        places.add_path_file(self._environment, places.copy_backend(self._sources.backend, stamp))
        return stamp

    def _backend_placed(self, stamp: str, error: Optional[UserError]) -> None:
        if self._over:
            return
        if error is not None:
            self._end(error)
            return
        step = check_step(self._environment, self._wishes.build)
        command = self._command = Command(self)

        def heard(text: str) -> None:
            self.line.emit(text)
            if text.startswith("ok "):
                self._checks.append(text[3:].strip())
            share = min(1.0, len(self._checks) / step.packages)
            self._tell(share * step.weight, step.title)

        command.line.connect(heard)
        command.ended.connect(lambda well: self._checked(step, command, stamp, well))
        self._tell(0.0, step.title)
        command.start(step.program, step.arguments, self._variables, str(places.downloads_folder()))

    def _checked(self, step: Step, command: Command, stamp: str, well: bool) -> None:
        if self._over:
            return
        if not well or not self._checks:
            self.details = command.details
            self._end(failure(step.title, command.details))
            return
        self._tell(step.weight, tr("Finishing"))
        beside(tr("Engine: finishing"), lambda: self._use(stamp), self._in_use)

    def _use(self, stamp: str) -> None:
        ready = places.Ready(
            backend=stamp,
            requirements=places.requirements_stamp(self._sources.requirements),
            python=self._wishes.python,
            door=self._door,
            build=self._wishes.build,
            bytes=places.folder_bytes(self._environment),
            checks=self._checks,
        )
        places.mark_ready(self._environment, ready)
        places.remove_tree(places.downloads_folder())

    def _in_use(self, _: object, error: Optional[UserError]) -> None:
        if self._over:
            return
        # Downloads that cannot be removed do not make the engine a worse one.
        if error is not None and places.current_environment() == self._environment:
            self.line.emit(str(error))
            error = None
        self._end(error)

    # The end.

    def _tell(self, weight: float, title: str) -> None:
        self.progressed.emit(min(1.0, (self._done + weight) / self._weights), title)

    def _end(self, error: Optional[UserError]) -> None:
        if self._over:
            return
        self._over = True
        self._watch.stop()
        if self._command is not None:
            self._command.close()
        if error is None or not self._is_new:
            self._finish(error)
        else:
            environment = self._environment
            beside(
                tr("Engine: tidying"),
                lambda: places.remove_tree(environment),
                lambda _, problem: self._finish(error),
            )

    def _finish(self, error: Optional[UserError]) -> None:
        self._lock.release()
        if not self._closed:
            self.ended.emit(error)


def _check_space(folder: Path, size: Size) -> None:
    free = free_bytes(folder)
    if free < size.disk:
        raise UserError(
            "disk_full", folder,
            tr("its disk has {have} GiB free, {need} GiB are needed",
               have=f"{free / GIB:.1f}", need=f"{size.disk / GIB:.1f}"),
            tr("Free some space, or set the variable CSCL_HOME to a folder on another disk."),
        )  # fmt: skip
