"""The dates of the images: timeline and table, filled by the engine, mended by the person."""

from __future__ import annotations

from textwrap import shorten
from typing import Any, Callable, Dict, List, Optional

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ....backend.cscl.contract.errors import Finding, UserError
from ...layers.true_colour import composition
from ...words import tr
from ..details import DetailsDialog
from ..parts import named_button, named_tool_button, plain_label
from ..workspace import Workspace
from .area import QUICK_PIXELS, AreaBox
from .hardly import hardly_text, hardly_valid
from .images import ImageRow
from .looking import Looking
from .model import ImagesModel
from .said import Said
from .table import ImagesTable
from .timeline import Dot, Timeline
from .usable import options_text, usable_options

PICTURE_SCALE = 2  # pictures are fetched for screens of twice the usual density
NO_BANDS = 3
LONGEST_PROBLEM = 240  # characters; the rest is in the tooltip and behind the button


class DatesPanel(QWidget):
    """Looks at images when asked to.

    `mended` tells that the person said something about an image, which must be looked at again;
    `switched` that a day was left out or taken back.
    """

    mended = pyqtSignal()
    switched = pyqtSignal()
    # Values of the job's options with which the images could be used.
    options_wanted = pyqtSignal(dict)

    def __init__(
        self, workspace: Workspace, said: Said, values: Callable[[], Dict[str, Any]],
        parent: Optional[QWidget] = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._workspace = workspace
        self._said = said
        self._season = ""
        self._quick = True
        self._details: List[str] = []
        self.model = ImagesModel(self)
        self.table = ImagesTable(self.model)
        self.timeline = Timeline()
        self.area = AreaBox(workspace)
        self.looking = Looking(workspace.questions, values, self)
        self.measure_button = named_tool_button(
            "cscl_series_measure", tr("Count"), tr("Count clouds and valid pixels over this area")
        )
        self.summary = plain_label("cscl_series_summary")
        self.problem = plain_label("cscl_series_problem")
        self.problem.hide()
        self.details_button = named_tool_button(
            "cscl_series_details", tr("Details"),
            tr("All that was found and assumed about the images"),
        )  # fmt: skip
        self.details_button.hide()
        self.mend_button = named_button("cscl_series_mend", tr("Use what all images have"))
        self.mend_button.hide()
        self._lay_out()
        self._connect()

    def look_soon(self) -> None:
        """Look at the images again in a moment."""
        self.looking.look_soon()

    def clear(self) -> None:
        """Show no images."""
        self.looking.stop()
        self._show([], (), "", [])
        self.summary.setText("")

    def close_down(self) -> None:
        """Ask nothing more."""
        self.looking.stop()

    def show_said(self) -> None:
        """Show which days are left out."""
        self.model.show_off(frozenset(self._said.without))
        self._show_dots()
        self._summarise()

    def count(self) -> None:
        """Ask for the shares of all images over the chosen area."""
        self.model.forget_shares()
        self._show_dots()
        self._want_shares()

    # What the engine says.

    def _answered(self, answer: Dict[str, Any]) -> None:
        rows = [ImageRow.of(row) for row in answer["rows"]]
        sizes = [grid["size"][0] * grid["size"][1] for grid in answer["grids"]]
        self._quick = max(sizes, default=0) <= QUICK_PIXELS
        findings = [str(Finding(**item)) for item in answer["findings"]]
        before = self._said.state()
        if rows:
            self._said.keep_only(rows)
        self._show(
            rows, tuple(answer["wanted_bands"]), answer["season"] or "",
            [*findings, *answer["notes"]],
        )  # fmt: skip
        if self._said.state() != before:
            self.mended.emit()
        if self._quick or self.area.values():
            self._want_shares()

    def _mend(self) -> None:
        self.options_wanted.emit(usable_options(self.model.rows, self.model.wanted_bands))

    def _refused(self, error: UserError) -> None:
        self._show([], (), "", [])
        self.summary.setText(str(error))

    def _show(self, rows: List[ImageRow], wanted: Any, season: str, details: List[str]) -> None:
        self._season, self._details = season, details
        current = self.table.currentIndex().row()
        chosen = self.model.rows[current].id if 0 <= current < len(self.model.rows) else ""
        self.model.show_rows(rows, wanted)
        self.model.show_off(frozenset(self._said.without))
        self.details_button.setVisible(bool(details))
        options = usable_options(rows, wanted)
        self.mend_button.setVisible(bool(options))
        self.mend_button.setToolTip(options_text(options))
        self.problem.hide()
        self._show_dots()
        self._summarise()
        place = next((at for at, row in enumerate(rows) if row.id == chosen), None)
        if place is not None:
            self.table.choose_row(place)

    def _want_shares(self) -> None:
        open_rows = [row for row in self.model.rows if not row.problem]
        names = [row.id for row in open_rows if not self.model.has_shares(row)]
        self.looking.want_shares(names, self.area.values())

    def _want_picture(self, name: str) -> None:
        row = next((row for row in self.model.rows if row.id == name), None)
        bands = composition(row.bands) if row is not None and len(row.bands) >= NO_BANDS else ()
        if bands:
            size = self.model.picture_size() * PICTURE_SCALE
            self.looking.want_picture(name, size, list(bands))

    def _share(self, name: str, cloud: float, valid: float) -> None:
        self.model.show_shares(name, cloud, valid)
        self._show_dots()
        self._summarise()

    # What the person does.

    def _tell(self, tell: Callable[[ImageRow, str], None], row: ImageRow, text: str) -> None:
        try:
            tell(row, text)
        except UserError as error:
            self._workspace.warn(str(error))
            return
        self.mended.emit()

    def _tell_bands(self, row: ImageRow, text: str) -> None:
        """Say the bands of the edited row, and of all others that are selected with it."""
        for other in self.table.chosen_rows():
            if other.takes_bands:
                self._said.tell_bands(other, text)
        self._tell(self._said.tell_bands, row, text)

    def _switch(self, day: str, on: bool) -> None:
        if on:
            self._said.without.discard(day)
        else:
            self._said.without.add(day)
        self.show_said()
        self.switched.emit()

    def _row_chosen(self, place: int) -> None:
        self.timeline.choose(place)
        there = 0 <= place < len(self.model.rows)
        row = self.model.rows[place] if there else None
        text = f"{row.source}: {row.problem}" if row is not None and row.problem else ""
        self.problem.setText(shorten(text, LONGEST_PROBLEM, placeholder=" …"))
        self.problem.setToolTip(text)
        self.problem.setVisible(bool(text))

    def _show_details(self) -> None:
        dialog = DetailsDialog(
            self.summary.text(), "\n\n".join(self._details), self._workspace.iface.mainWindow()
        )
        dialog.open()

    # Showing.

    def _show_dots(self) -> None:
        # Shares of an area of interest say nothing of the whole grid, by which a series goes.
        over_all = not self.area.values()
        self.model.show_hardly(
            hardly_valid(self.model.rows, self.model.shares) if over_all else frozenset()
        )
        dots = [
            Dot(place, row.date, self.model.shares(row)[0], self.model.is_used(row))
            for place, row in enumerate(self.model.rows)
        ]
        self.timeline.show_dots(dots, self._season)

    def _summarise(self) -> None:
        rows = self.model.rows
        if not rows:
            return
        used = sum(1 for row in rows if self.model.is_used(row))
        hardly = sum(1 for row in rows if row.used and row.id in self.model.hardly)
        wrong = sum(1 for row in rows if row.problem)
        parts = [tr("{used} of {all} images are used.", used=used, all=len(rows))]
        if hardly:
            parts.append(hardly_text(hardly))
        if wrong == 1:
            parts.append(tr("One has a fault: choose it to see which."))
        elif wrong:
            parts.append(tr("{count} have faults: choose one to see which.", count=wrong))
        if self._season:
            first, _, last = self._season.partition("/")
            parts.append(tr("Season {first} to {last}.", first=first, last=last))
        self.summary.setText(" ".join(parts))

    def _lay_out(self) -> None:
        over = QLabel(tr("Clouds over"))
        over.setBuddy(self.area)
        row = QHBoxLayout()
        row.addWidget(over)
        row.addWidget(self.area, 1)
        row.addWidget(self.measure_button)
        below = QHBoxLayout()
        below.addWidget(self.summary, 1)
        below.addWidget(self.details_button, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.timeline)
        layout.addLayout(row)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.problem)
        layout.addLayout(below)
        layout.addWidget(self.mend_button, 0, Qt.AlignmentFlag.AlignLeft)

    def _connect(self) -> None:
        looking, model = self.looking, self.model
        looking.began.connect(lambda: self.summary.setText(tr("Looking at the images…")))
        looking.answered.connect(self._answered)
        looking.refused.connect(self._refused)
        looking.picture.connect(model.show_picture)
        looking.no_picture.connect(model.show_no_picture)
        looking.shares.connect(self._share)
        looking.no_shares.connect(lambda name, text: model.show_shares(name, None, None, text))
        model.picture_wanted.connect(self._want_picture)
        model.date_told.connect(lambda row, text: self._tell(self._said.tell_date, row, text))
        model.bands_told.connect(self._tell_bands)
        model.switched.connect(self._switch)
        self.table.row_chosen.connect(self._row_chosen)
        self.timeline.picked.connect(self.table.choose_row)
        self.area.activated.connect(lambda _: self.count())
        self.measure_button.clicked.connect(self.count)
        self.mend_button.clicked.connect(self._mend)
        self.details_button.clicked.connect(self._show_details)
