"""The page under Settings > Options: the engine, what is kept, and diagnostics."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Callable, Dict, Optional

from qgis.gui import QgsFileWidget, QgsOptionsPageWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QGuiApplication
from qgis.PyQt.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ...backend.cscl.contract import atomic
from ...backend.cscl.contract.errors import UserError
from ...backend.cscl.contract.home import data_folder
from ..engine import kept
from ..engine.install import places
from ..engine.install.tasks import beside
from ..engine.locate import EngineMissing, locate_engine
from ..settings import read_settings, write_settings
from ..words import tr
from .diagnostics import Diagnostics
from .dock import CropMappingDock
from .parts import named_button, plain_label
from .workspace import TITLE


class OptionsPage(QgsOptionsPageWidget):
    """The Python that is named is kept with OK; buttons act at once."""

    def __init__(self, dock: CropMappingDock, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("cscl_options")
        self._dock = dock
        self._setup = dock.setup
        self._sizes: Dict[str, QLabel] = {}
        self._remove: Dict[str, QPushButton] = {}
        self._box: Optional[QMessageBox] = None
        self._diagnostics: Optional[Diagnostics] = None
        self._gone = [False]
        self.engine = plain_label("cscl_options_engine")
        self.said = plain_label("cscl_options_said")
        self.python = QgsFileWidget()
        self.python.setObjectName("cscl_options_python")
        self.python.setFilePath(read_settings().backend_python)
        self.python.setToolTip(
            tr("A Python that has the engine's libraries; left open, the installed engine is used")
        )
        layout = QVBoxLayout(self)
        layout.addWidget(self._engine_group())
        layout.addWidget(self._kept_group())
        layout.addWidget(self._diagnostics_group())
        layout.addWidget(self.said)
        layout.addStretch(1)
        self.said.hide()
        gone = self._gone
        self.destroyed.connect(lambda: gone.__setitem__(0, True))
        self._show_engine()
        self._ask_sizes()

    def apply(self) -> None:
        """Keep what was entered; called by QGIS with OK."""
        chosen = self.python.filePath().strip()
        if chosen != read_settings().backend_python:
            write_settings(replace(read_settings(), backend_python=chosen))
            self._setup.look()

    # The groups.

    def _engine_group(self) -> QGroupBox:
        label = QLabel(tr("Python to use instead"))
        label.setBuddy(self.python)
        label.setToolTip(self.python.toolTip())
        open_setup = named_button(
            "cscl_options_setup", tr("Set up…"), tr("Install or update the engine, in the dock")
        )
        open_setup.clicked.connect(self._open_setup)
        group = QGroupBox(tr("Engine"))
        layout = QVBoxLayout(group)
        layout.addWidget(self.engine)
        layout.addWidget(label)
        layout.addWidget(self.python)
        layout.addLayout(_left(open_setup))
        return group

    def _kept_group(self) -> QGroupBox:
        group = QGroupBox(tr("Kept on this computer"))
        grid = QGridLayout(group)
        grid.setColumnStretch(3, 1)
        grid.setHorizontalSpacing(18)
        place = plain_label("cscl_options_place")
        place.setText(str(data_folder()))
        place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(place, 0, 0, 1, 4)
        for row, kind in enumerate(kept.kinds(), 1):
            size = self._sizes[kind.key] = QLabel("…")
            size.setObjectName(f"cscl_options_size_{kind.key}")
            size.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            button = self._remove[kind.key] = named_button(
                f"cscl_options_remove_{kind.key}", tr("Remove…"), kind.loss
            )
            button.setEnabled(False)
            button.clicked.connect(partial(self._ask_removal, kind))
            grid.addWidget(QLabel(kind.title), row, 0)
            grid.addWidget(size, row, 1)
            grid.addWidget(button, row, 2)
        return group

    def _diagnostics_group(self) -> QGroupBox:
        self.copy_button = named_button(
            "cscl_options_copy", tr("Copy diagnostics"),
            tr("Versions and states, without names of folders, files or layers"),
        )  # fmt: skip
        self.save_button = named_button(
            "cscl_options_save", tr("Save diagnostics…"), self.copy_button.toolTip()
        )
        self.copy_button.clicked.connect(lambda: self._gather(self._copy))
        self.save_button.clicked.connect(self._save)
        group = QGroupBox(tr("Diagnostics"))
        layout = QVBoxLayout(group)
        layout.addLayout(_left(self.copy_button, self.save_button))
        return group

    # What is there.

    def _show_engine(self) -> None:
        try:
            engine = locate_engine()
        except EngineMissing as missing:
            self.engine.setText(str(missing))
            return
        environment = places.current_environment()
        ready = None if environment is None else places.read_ready(environment)
        if ready is None or engine.python != str(places.python_of(environment or Path())):
            self.engine.setText(tr("In use: {path}", path=engine.python))
            return
        self.engine.setText(
            tr("Installed: version {version}, {build}.", version=ready.backend.partition("-")[0],
               build=next((item for item in ready.checks if "torch" in item), ready.build))
        )  # fmt: skip

    def _ask_sizes(self) -> None:
        beside(tr("Crop mapping: sizes of folders"), kept.sizes, self._show_sizes)

    def _show_sizes(self, sizes: Optional[Dict[str, int]], _: Optional[UserError]) -> None:
        if self._gone[0] or sizes is None:
            return
        for key, size in sizes.items():
            self._sizes[key].setText(_in_words(size))
            self._remove[key].setEnabled(size > 0)

    # What happens.

    def _open_setup(self) -> None:
        self._dock.show_setup()
        self._dock.setUserVisible(True)
        dialog = self.window()
        if dialog is not self:
            dialog.close()

    def _ask_removal(self, kind: kept.Kept) -> None:
        box = self._box = QMessageBox(self)
        box.setObjectName("cscl_options_question")
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(TITLE)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(tr("Remove: {what}?", what=kind.title))
        box.setInformativeText(kind.loss)
        box.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel)
        box.button(QMessageBox.StandardButton.Yes).setText(tr("Remove"))
        box.accepted.connect(partial(self._remove_now, kind))
        box.open()

    def _remove_now(self, kind: kept.Kept) -> None:
        if self._setup.in_use():
            self._say(tr("A job or an installation is running. Try again when it has ended."))
            return
        self._remove[kind.key].setEnabled(False)
        self._sizes[kind.key].setText("…")
        if kind.key == kept.ENGINE:
            self._setup.let_go()
        beside(
            tr("Crop mapping: removing files"),
            partial(kept.remove, kind.key),
            partial(self._removed, kind),
        )

    def _removed(self, kind: kept.Kept, _: object, error: Optional[UserError]) -> None:
        if kind.key == kept.ENGINE:
            self._setup.look()
        if self._gone[0]:
            return
        if error is not None:
            self._say(str(error))
        self._show_engine()
        self._ask_sizes()

    def _gather(self, take: Callable[[str], None]) -> None:
        self._say(tr("Asking the engine…"))

        def ready(text: str) -> None:
            if not self._gone[0]:
                take(text)

        self._diagnostics = Diagnostics(ready, self)
        self._diagnostics.start()

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._say(tr("Copied: paste it into your report."))

    def _save(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, tr("Save diagnostics…"), "cscl.txt", "*.txt")
        if path:
            self._gather(partial(self._write, path))

    def _write(self, path: str, text: str) -> None:
        try:
            atomic.write_text(path, text)
        except OSError as error:
            self._say(f"{path}: {error.strerror}")
            return
        self._say(tr("Saved: {path}", path=path))

    def _say(self, text: str) -> None:
        self.said.setText(text)
        self.said.show()


def _in_words(size: int) -> str:
    if size >= 1e9:
        return f"{size / 1e9:.1f} GB"
    if size >= 1e6:
        return f"{size / 1e6:.0f} MB"
    return f"{size / 1e3:.0f} kB" if size else "–"


def _left(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row
