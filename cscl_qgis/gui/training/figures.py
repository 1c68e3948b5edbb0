"""The figures of a training over its steps: heard live, or read from an earlier run's folder."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from ....backend.cscl.contract.errors import UserError
from ....backend.cscl.contract.events import MAXIMUM_LINE, Event, Metric, Progress, decode
from ....backend.cscl.contract.manifest import EVENTS_FILE, JOB_FILE
from ....backend.cscl.contract.resolutions import ENDINGS, SCALES, without_ending
from ....backend.cscl.contract.strict_json import read
from ...words import tr
from ..chart import Line
from .plan import FINETUNE, PRETRAIN

METRICS_FILE = "metrics.csv"
# Colours that can be told apart in light and dark themes.
GREEN, ORANGE, BLUE = "#3a9a6f", "#c8811f", "#5b8fd0"

Points = Dict[int, float]


@dataclass(frozen=True)
class Curve:
    """One line of a chart: its figure, with the ending of the resolution where it has one."""

    figure: str
    title: str
    colour: str
    by_resolution: bool = False


@dataclass
class Figures:
    """Figures by stage and name, a value a step; a later value of a step takes the earlier's."""

    stages: Dict[str, Dict[str, Points]] = field(default_factory=dict)
    stage: str = ""

    def take(self, event: object) -> bool:
        """Take an event of a job; tell whether a figure came."""
        if isinstance(event, Progress) and event.stage in (PRETRAIN, FINETUNE):
            self.stage = event.stage
        elif isinstance(event, Metric) and self.stage:
            self.add(self.stage, event.name, event.step, event.value)
            return True
        return False

    def add(self, stage: str, name: str, step: int, value: float) -> None:
        """Keep one figure."""
        if math.isfinite(value):
            self.stages.setdefault(stage, {}).setdefault(name, {})[step] = value

    def resolution(self, stage: str) -> str:
        """Return the finest resolution, a pixel's side in metres, that a stage has figures at."""
        found = {without_ending(name)[1] for name in self.stages.get(stage, {})}
        return [name for name in SCALES if name in found or name == "10"][-1]

    def points(self, stage: str, curve: Curve) -> Points:
        """Return the values of a curve by step, at the finest resolution there is."""
        named = self.stages.get(stage, {})
        tail = ENDINGS[self.resolution(stage)] if curve.by_resolution else ""
        return named.get(curve.figure + tail, {})


def lines(figures: Figures, stage: str, curves: Sequence[Curve], run: str = "") -> List[Line]:
    """Return the lines of a chart; those of an earlier `run` are dashed and carry its name."""
    made = []
    for curve in curves:
        points = sorted(figures.points(stage, curve).items())
        if points:
            steps, values = [float(step) for step, _ in points], [value for _, value in points]
            colour = f"#99{curve.colour[1:]}" if run else curve.colour
            few = len(points) < 2
            made.append(Line(run or curve.title, colour, steps, values, few, bool(run)))
    return made


def read_run(folder: str, is_cancelled: Callable[[], bool]) -> Figures:
    """Return the figures of an earlier run and of the pretraining that it started from.

    Reads `metrics.csv`, which a finished run has, else what its events tell. Raises `UserError`
    where there is neither.
    """
    path = Path(folder)
    found = Figures()
    job, model = _job_of(path)
    if job == FINETUNE and model and not is_cancelled():
        _read_into(found, Path(model), PRETRAIN)
    if job in (PRETRAIN, FINETUNE):
        _read_into(found, path, job)
    else:
        for event in _events(path / EVENTS_FILE):
            found.take(event)
    if not found.stages.get(PRETRAIN if job == PRETRAIN else FINETUNE):
        raise UserError(
            "no_figures", folder, tr("there are no figures of its training yet"),
            tr("Choose a run that has been validated at least once."),
        )  # fmt: skip
    return found


def _job_of(folder: Path) -> Tuple[str, str]:
    try:
        document = read(folder / JOB_FILE)
        parameters = document["parameters"]
        return str(document["job"]), str(parameters.get("model") or "")
    except (UserError, OSError, KeyError, TypeError, AttributeError):
        return "", ""


def _read_into(figures: Figures, folder: Path, stage: str) -> bool:
    rows = _csv_rows(folder / METRICS_FILE) or _event_rows(folder / EVENTS_FILE)
    for name, step, value in rows:
        figures.add(stage, name, step, value)
    return bool(rows)


def _csv_rows(path: Path) -> List[Tuple[str, int, float]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as handle:
        return [row for row in map(_figure_of, csv.DictReader(handle)) if row is not None]


def _figure_of(row: Dict[str, str]) -> Optional[Tuple[str, int, float]]:
    try:
        return f"{row['split']}/{row['name']}", int(row["step"]), float(row["value"])
    except (KeyError, TypeError, ValueError):
        return None  # a table of someone else, or cut off: what it lacks is not drawn


def _event_rows(path: Path) -> List[Tuple[str, int, float]]:
    events = _events(path)
    return [(item.name, item.step, item.value) for item in events if isinstance(item, Metric)]


def _events(path: Path) -> List[Event]:
    """Return the progress and the figures that a run told of, as far as they are written."""
    if not path.is_file():
        return []
    events = []
    with path.open("rb") as handle:
        for raw in iter(lambda: handle.readline(MAXIMUM_LINE), b""):
            if b'"metric"' not in raw and b'"progress"' not in raw:
                continue
            try:
                events.append(decode(raw))
            except UserError:
                continue  # the line that is being written
    return events
