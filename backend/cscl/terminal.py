"""How a job looks in a terminal: a bar a stage with the time left, notes, and a last word."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import (
    Progress as Bars,
)
from rich.text import Text

from cscl.contract import strict_json
from cscl.contract.errors import UserError
from cscl.contract.events import Done, Event, Failed, Note, Progress
from cscl.contract.jobs import job_name
from cscl.contract.roles import role_title
from cscl.contract.stages import STAGES

LINE_SECONDS = 15.0


class Terminal:
    """Shows the events of one job to a person."""

    def __init__(self, job: Any) -> None:
        self.job = job
        self.last: Event | None = None
        self.console = Console(stderr=False, highlight=False, soft_wrap=True)
        self.interactive = self.console.is_terminal
        self._titles = {stage.name: stage.title for stage in STAGES[job_name(job)]}
        self._tasks: dict[str, TaskID] = {}
        self._began: dict[str, float] = {}
        self._said: dict[str, float] = {}
        self._finished: set[str] = set()
        self._bars = Bars(
            TextColumn("{task.description:<18}"),
            BarColumn(bar_width=32),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self.console,
            disable=not self.interactive,
        )

    def __enter__(self) -> Terminal:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def show(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, Progress):
            self._progress(event)
        elif isinstance(event, Note):
            self.console.print(Text(f"  {event.text}"))
        elif isinstance(event, Done | Failed):
            self.last = event

    def _progress(self, event: Progress) -> None:
        title = self._titles.get(event.stage, event.stage)
        now = time.monotonic()
        finished = event.done >= event.total
        again = event.stage in self._finished
        if again and not finished:
            self._forget(event.stage)
        began = self._began.setdefault(event.stage, now)
        if finished:
            self._finished.add(event.stage)
        if self.interactive:
            task = self._tasks.get(event.stage)
            if task is None:
                task = self._tasks[event.stage] = self._bars.add_task(title, total=event.total)
            self._bars.update(task, completed=event.done, total=event.total)
            return
        if finished and again:
            return
        if finished or now - self._said.get(event.stage, -LINE_SECONDS) >= LINE_SECONDS:
            self._said[event.stage] = now
            left = (now - began) * (event.total - event.done) / event.done if event.done else None
            tail = f"{now - began:.0f} s" if finished else _left(left)
            share = 100 * event.done // max(event.total, 1)
            print(f"{title:<18} {share:3d} %  {tail}", flush=True)

    def _forget(self, stage: str) -> None:
        """Let a stage that a later step of a chain has too begin anew."""
        self._finished.discard(stage)
        self._began.pop(stage, None)
        self._said.pop(stage, None)
        if stage in self._tasks:
            self._bars.reset(self._tasks[stage])

    def summary(self) -> None:
        """Say where the results are and, where there is a report, what it found."""
        if not isinstance(self.last, Done):
            return
        report = self.last.outputs.get("report_data")
        if report is not None:
            self._figures(Path(report))
        self.console.print()
        for role, path in self.last.outputs.items():
            self.console.print(Text(f"{role_title(role).lower():<16} {path}"))
        sys.stdout.flush()

    def _figures(self, path: Path) -> None:
        from cscl.evaluation.summary import print_tables

        try:
            print_tables(strict_json.read(path), self.console)
        except UserError as error:
            self.console.print(Text(str(error)))


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d} left"
