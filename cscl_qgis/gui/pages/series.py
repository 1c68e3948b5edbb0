"""Time series: images from anywhere, their dates mended, a season chosen and looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional

from qgis.core import Qgis
from qgis.PyQt.QtGui import QHideEvent, QShowEvent
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QTabWidget, QVBoxLayout, QWidget

from ....backend.cscl.contract.errors import UserError
from ...engine.outcome import Outcome
from ...layers.inputs import SEPARATOR
from ...words import told, tr
from ..page import Page
from ..parts import named_button, scrolled
from ..series.curve_panel import CurvePanel
from ..series.dates_panel import DatesPanel
from ..series.said import Said
from ..series.settings import ENDING, SeriesOptions
from ..series.showing import MapShow
from ..series.sources import SourcesEdit
from ..series.usable import options_text
from ..workspace import Workspace

JOB = "series"
# What narrows a time series, but no curve: its chart shows the dates around the season too.
TIMES = ("season", "until")


class SeriesPage(Page):
    """Composes sources, dates, curve and options, and runs the job."""

    name = "series"
    title = "Time series"
    short = "Series"
    icon = "series.svg"
    guide = "series"

    def __init__(self, workspace: Workspace, parent: Optional[QWidget] = None) -> None:
        super().__init__(workspace, parent)
        self._stale = True
        self._restoring = False
        self._looked_at: Dict[str, Any] = {}
        # The time series that were made, and of what.
        self._made: List[str] = []
        self._made_of: Dict[str, Any] = {}
        self._run_of: Dict[str, Any] = {}
        self.said = Said()
        self.sources = SourcesEdit()
        self.options = SeriesOptions()
        self.dates = DatesPanel(workspace, self.said, self._look_values)
        self.curve = CurvePanel(workspace, self._curve_values)
        self.map_show = MapShow(workspace, self)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("cscl_series_tabs")
        self.tabs.setDocumentMode(True)
        self.run_button = named_button(
            "cscl_series_run", tr("Define time series"),
            tr("Choose dates and clouds over the whole area, and keep them as a file"),
        )  # fmt: skip
        self.map_button = named_button(
            "cscl_series_map", tr("Show in map"),
            tr("Add a layer a date, which QGIS's temporal controller plays"),
        )  # fmt: skip
        self._lay_out()
        self._connect()
        self._show_state()

    def state(self) -> Dict[str, Any]:
        """Return what the project keeps of the page."""
        return {
            "sources": self.sources.state(),
            "said": self.said.state(),
            **self.options.state(),
            "curve": self.curve.state(),
            "made": list(self._made),
        }

    def restore(self, state: Dict[str, Any]) -> None:
        """Show what `state` returned."""
        self._restoring = True
        self.map_show.stop()
        self.dates.clear()
        self.said.restore(state.get("said"))
        self.options.restore(state)
        self.sources.restore(state.get("sources"))
        self.curve.restore(state.get("curve"))
        self._restoring = False
        made = state.get("made")
        self._keep_made([str(path) for path in made] if isinstance(made, list) else [])
        self._look()
        self._show_state()

    def shown(self) -> None:
        """Look at the images, if they have not been looked at."""
        if self._stale and self.isVisible():
            self._look()

    def close_down(self) -> None:
        """Stop all questions and layers under way; give the map's clicks back."""
        self.dates.close_down()
        self.map_show.close()
        self.curve.close_down()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - the names that Qt calls
        """Look at the images that changed meanwhile."""
        super().showEvent(event)
        self.shown()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Give the map's clicks back: nobody sees the curve."""
        super().hideEvent(event)
        if not event.spontaneous():  # not where the whole window is minimised
            self.curve.turn_off()

    def run(self) -> None:
        """Define the time series; what is wrong is said in words."""
        try:
            options = self.options.job_values()
            table = options.pop("image_table", "")
            output = self.options.output.value() or ""
            values = {
                **options, **self.said.job_values(table),
                "images": self.sources.images(), "output": output,
            }  # fmt: skip
            if output in self._made:
                values["overwrite"] = True  # this page made it: it is defined anew
            self._run_of = self._look_values()
            self.workspace.run(JOB, values)
        except UserError as error:
            self.workspace.warn(str(error))

    def show_in_map(self) -> None:
        """Add the dates of the time series to the map."""
        self.map_show.show_series(self._made)
        self._show_state()

    def _look_values(self) -> Dict[str, Any]:
        return {
            "images": self.sources.images(),
            **self.options.question_values(),
            **self.said.question_values(),
        }

    def _curve_values(self) -> Dict[str, Any]:
        """Return the time series that was made of the images listed, or the images themselves."""
        values = self._look_values()
        if self._made and values == self._made_of:
            return {"series": SEPARATOR.join(self._made)}
        images = values.pop("images")
        return {**{key: values[key] for key in values if key not in TIMES}, "series": images}

    def _sources_changed(self) -> None:
        if self._restoring:
            return
        listed = self.sources.sources()
        self.options.suggest_output([item.path for item in listed])
        defined = [item.path for item in listed if item.path.endswith(ENDING)]
        # A time series that is there already is chosen as it is.
        self._keep_made(defined if len(defined) == len(listed) else [])
        self._changed()

    def _use_options(self, options: Dict[str, Any]) -> None:
        """Set options of the job, and say so."""
        self.options.set_values(options)
        self.workspace.tell(tr("Options: {text}", text=options_text(options)))

    def _changed(self) -> None:
        """Look again where something changed that the engine looks at."""
        if self._restoring:
            return
        if self._look_values() != self._looked_at:
            self.curve.forget()
            self._look()
        self._show_state()

    def _look(self) -> None:
        """Look at the images, now or when somebody sees the page."""
        self._stale = True
        self._looked_at = self._look_values()
        if not self.sources.images():
            self.dates.clear()
        elif self.isVisible() and self.workspace.engine_present:
            self._stale = False
            self.dates.look_soon()

    def _keep_made(self, paths: List[str], of: Optional[Dict[str, Any]] = None) -> None:
        """Offer time series that were made of images as they are now, or as they were then."""
        self._made, self._made_of = paths, self._look_values() if of is None else of
        self.workspace.choose("series", SEPARATOR.join(self._made))

    def _ended(self, job: str, values: Dict[str, Any], outcome: Outcome) -> None:
        if job == JOB and outcome.succeeded:
            found = [path for role, path in outcome.outputs.items() if role.startswith(JOB)]
            if values.get("output") == self.options.output.value():
                self._keep_made(found, self._run_of)
            names = ", ".join(Path(path).name for path in found)
            self.workspace.tell(
                tr("The time series is defined: {names}", names=names), Qgis.MessageLevel.Success
            )
        self._show_state()

    def _show_state(self, *_: object) -> None:
        running = self.workspace.runner.is_running()
        listed = bool(self.sources.sources())
        self.run_button.setEnabled(listed and not running and self.workspace.engine_present)
        self.map_button.setEnabled(bool(self._made) and not self.map_show.is_busy())
        self.changed.emit()

    def _engine_changed(self) -> None:
        if self._stale:
            self._look()
        self._show_state()

    def _lay_out(self) -> None:
        self.tabs.addTab(self.dates, tr("Dates"))
        self.tabs.addTab(self.curve, tr("Curve"))
        self.tabs.addTab(self.options, tr("Options"))
        inner = QWidget()
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.sources)
        layout.addLayout(_row(self.options.season))
        layout.addWidget(self.tabs, 1)
        layout.addLayout(_row(self.options.output))
        buttons = QHBoxLayout()
        buttons.addWidget(self.run_button)
        buttons.addWidget(self.map_button)
        buttons.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inner), 1)
        outer.addLayout(buttons)

    def _connect(self) -> None:
        self.sources.changed.connect(self._sources_changed)
        self.sources.refused.connect(self.workspace.warn)
        self.options.season.changed.connect(self._changed)
        self.options.rows.changed.connect(self._changed)
        self.options.output.changed.connect(self.changed)
        self.dates.mended.connect(self._changed)
        self.dates.switched.connect(self.changed)
        self.dates.options_wanted.connect(self._use_options)
        self.curve.changed.connect(self.changed)
        self.map_show.finished.connect(self._show_state)
        self.run_button.clicked.connect(self.run)
        self.map_button.clicked.connect(self.show_in_map)
        self.workspace.engine_changed.connect(self._engine_changed)
        self.workspace.job_started.connect(self._show_state)
        self.workspace.job_ended.connect(self._ended)


def _row(editor: Any) -> QHBoxLayout:
    """Return a field's title beside its editor."""
    label = QLabel(told(editor.field.title))
    label.setToolTip(told(editor.field.help))
    label.setBuddy(editor.widget)
    row = QHBoxLayout()
    row.addWidget(label)
    row.addWidget(editor.widget, 1)
    return row
