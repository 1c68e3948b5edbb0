"""What is chosen before the engine is installed: where from, with which Python, for what device."""

from __future__ import annotations

import sys
from typing import Any, List, Optional

from qgis.gui import QgsFileWidget
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QWidget,
)

from ...engine.install import machine, places
from ...engine.install.command import Command
from ...engine.install.plan import PYTHON_BY_UV, TORCH, Wishes, library_count
from ...engine.install.pythons import Interpreter, PythonSearch, candidates, find_uv
from ...words import tr
from ..parts import named_tool_button

UV, PIP, FOLDER = "uv", "pip", "folder"
MEGA, GIGA = 1e6, 1e9


class Choices(QWidget):
    """Finds out what the machine offers, shows it, and lets all of it be changed."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._uv = find_uv()
        self._python: Optional[Interpreter] = None
        self._search: Optional[PythonSearch] = None
        self._question: Optional[Command] = None
        self._asked = False
        self.place = _shown_path("cscl_setup_place")
        self.place.setToolTip(tr("The variable CSCL_HOME chooses another folder"))
        self.source = QComboBox()
        self.source.setObjectName("cscl_setup_source")
        self.source.setToolTip(tr("Where Python's packages come from"))
        if self._uv:
            self.source.addItem(tr("The internet, with uv"), UV)
        self.source.addItem(tr("The internet, with pip"), PIP)
        self.source.addItem(tr("A folder of wheels"), FOLDER)
        self.folder = QgsFileWidget()
        self.folder.setObjectName("cscl_setup_folder")
        self.folder.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.folder.setToolTip(tr("The folder that `make wheelhouse` wrote, for a place offline"))
        self.python = _shown_path("cscl_setup_python")
        self.python.setToolTip(tr("Python 3.11 to 3.14, which the environment is made with"))
        self.build = QComboBox()
        self.build.setObjectName("cscl_setup_build")
        self.build.setToolTip(tr("What networks are trained and maps are computed on"))
        self._rows = self._layout()
        self._fill_builds("")
        self.source.currentIndexChanged.connect(self._source_changed)
        self.folder.fileChanged.connect(self._tell)
        self.build.currentIndexChanged.connect(self._tell)
        self._source_changed()

    def ask(self) -> None:
        """Look for a Python and a graphics card, once; nothing waits for the answers."""
        self.place.setText(str(places.engine_folder()))
        self.place.setCursorPosition(0)
        if self._asked:
            return
        self._asked = True
        self._look_for(candidates())
        self._question = machine.gpu_question(self, self._card_told)

    def close_down(self) -> None:
        """Stop asking."""
        for asked in (self._search, self._question):
            if asked is not None:
                asked.close()

    def wishes(self) -> Optional[Wishes]:
        """Return what was chosen; `None` while something is missing, which `missing` names."""
        if self.missing():
            return None
        offline = self.source.currentData() == FOLDER
        by_uv = self._by_uv() or (offline and not self._makes_environments())
        return Wishes(
            python=self._python.path if self._python is not None else "",
            uv=self._uv if by_uv else "",
            folder=self.folder.filePath() if offline else "",
            build=self.build.currentData(),
        )

    def missing(self) -> str:
        """Return in words what still has to be chosen or cannot be used; empty for nothing."""
        if self._search is not None or not self._asked:
            return tr("Looking for Python…")
        if self.source.currentData() == FOLDER and not self.folder.filePath():
            return tr("Choose the folder of wheels.")
        if self._by_uv() and self._python is None:
            return ""
        if self._python is None:
            return tr(
                "No Python from 3.11 to 3.14 was found. Install one, or uv, which brings one; or "
                "choose it with the button beside the line."
            )
        if not self._python.fits:
            version = ".".join(map(str, self._python.version))
            return tr("That is Python {version}; 3.11 to 3.14 can be used.", version=version)
        by_uv = self._by_uv() or (self._uv and self.source.currentData() == FOLDER)
        if not self._makes_environments() and not by_uv:
            return tr(
                "This Python cannot make environments. On Debian and Ubuntu install the package "
                "python3-venv, then choose it again."
            )
        return ""

    def size(self) -> machine.Size:
        """Return how large what was chosen is."""
        offline = self.source.currentData() == FOLDER
        return machine.expected_size(places.REQUIREMENTS, self.build.currentData(), offline)

    def size_in_words(self) -> str:
        """Return what is installed, and how large it is."""
        size = self.size()
        free = f"{machine.free_bytes(places.engine_folder()) / GIGA:.0f}"
        need = f"{size.disk / GIGA:.1f}"
        what = tr("PyTorch {version} and {count} libraries, each checked by its hash.",
                  version=TORCH, count=library_count())  # fmt: skip
        if self.by_version():
            what = tr("{count} libraries, each checked by its hash, and PyTorch {version} as uv "
                      "chooses it for the graphics card.",
                      version=TORCH, count=library_count())  # fmt: skip
        room = tr("Needs {need} GB on the disk; {free} GB are free.", need=need, free=free)
        if not size.download:
            return f"{what} {room}"
        download = tr("Downloads about {size} MB.", size=round(size.download / MEGA))
        return f"{what} {download} {room}"

    def by_version(self) -> bool:
        """Tell whether uv chooses the build of PyTorch, so that its hash cannot be known."""
        return self._by_uv() and self.build.currentData() == machine.GPU

    def _by_uv(self) -> bool:
        return self.source.currentData() == UV

    def _makes_environments(self) -> bool:
        return self._python is not None and self._python.makes_environments

    def _layout(self) -> QFormLayout:
        choose = named_tool_button("cscl_setup_choose_python", "…", tr("Choose another Python"))
        choose.clicked.connect(self._choose_python)
        python = QWidget()
        row = QHBoxLayout(python)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.python, 1)
        row.addWidget(choose)
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        layout.setVerticalSpacing(4)
        for title, widget, buddy in (
            (tr("Into the folder"), self.place, self.place),
            (tr("From"), self.source, self.source),
            (tr("Wheels"), self.folder, self.folder),
            (tr("With the Python"), python, self.python),
            (tr("Compute on"), self.build, self.build),
        ):
            label = QLabel(title)
            label.setBuddy(buddy)
            label.setToolTip(buddy.toolTip())
            layout.addRow(label, widget)
        return layout

    def _source_changed(self, *_: object) -> None:
        offline = self.source.currentData() == FOLDER
        self.folder.setVisible(offline)
        self._rows.labelForField(self.folder).setVisible(offline)
        # A folder holds one build of PyTorch, whichever was put into it.
        self.build.setEnabled(not offline)
        self._show_python()
        self._tell()

    # Python.

    def _look_for(self, paths: List[str]) -> None:
        search = self._search = PythonSearch(paths, bool(self._uv), self)
        search.found.connect(self._python_found)
        self._tell()
        search.start()

    def _python_found(self, interpreter: Optional[Interpreter]) -> None:
        search, self._search = self._search, None
        seen = search.seen if search is not None else []
        # One that does not fit says more than none at all.
        self._python = interpreter or (seen[0] if seen else None)
        self._show_python()
        self._tell()

    def _show_python(self) -> None:
        if self._python is None:
            by_uv = tr("Python {version}, brought by uv", version=PYTHON_BY_UV)
            self.python.setText(by_uv if self._by_uv() else "")
            return
        version = ".".join(map(str, self._python.version))
        self.python.setText(f"{self._python.path} ({version})")
        self.python.setCursorPosition(0)

    def _choose_python(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, tr("A Python from 3.11 to 3.14"))
        if path:
            self._look_for([path])

    # The device.

    def _card_told(self, name: str) -> None:
        self._question = None
        if name:
            self._fill_builds(name)
            self._tell()

    def _fill_builds(self, card: str) -> None:
        self.build.blockSignals(True)
        self.build.clear()
        apple = sys.platform == "darwin"
        self.build.addItem(
            tr("Processor and Apple graphics") if apple else tr("Processor"), machine.CPU
        )
        by_index = "torch-gpu" in machine.sizes(places.REQUIREMENTS)
        if not apple and (by_index or self._uv):
            named = tr("Graphics card: {name}", name=card) if card else tr("Graphics card")
            self.build.addItem(named, machine.GPU)
            if card:
                self.build.setCurrentIndex(1)
        self.build.blockSignals(False)

    def _tell(self, *_: Any) -> None:
        self.changed.emit()


def _shown_path(name: str) -> QLineEdit:
    """Return a line that shows a path of any length and lets it be copied."""
    line = QLineEdit()
    line.setObjectName(name)
    line.setReadOnly(True)
    line.setCursorPosition(0)
    line.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    return line
