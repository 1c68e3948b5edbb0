"""The findings of the check: counts by kind, and a way from one to the next on the map."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Dict, List, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsProject,
)
from qgis.PyQt.QtCore import QLocale, Qt
from qgis.PyQt.QtWidgets import QHBoxLayout, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from ....backend.cscl.contract.errors import UserError
from ...layers.findings import (
    FindingsLayers,
    FindingsRead,
    Found,
    findings_group,
    read_findings,
    show_findings,
)
from ...words import tr
from ..background import Background
from ..painting import as_number
from ..parts import named_button, plain_label
from ..workspace import Workspace

MOST_ROWS = 6
FIGURE = re.compile(r"[\d.,eE+-]+")


def kind_titles() -> Dict[str, str]:
    """Return the words for the kinds of findings, by code."""
    return {
        "no_polygon": tr("No polygon"),
        "repaired": tr("Outline repaired"),
        "repaired_changed": tr("Outline repaired, area changed"),
        "copy": tr("Copy of another parcel"),
        "copy_other_class": tr("Copy with another class"),
        "near_copy": tr("Nearly a copy"),
        "overlap": tr("Overlap with another class"),
        "overlap_same_class": tr("Overlap with the same class"),
        "sliver": tr("Narrower than a pixel"),
        "unused": tr("Too small or too narrow"),
        "class_null": tr("No class"),
        "class_not_in_table": tr("Class not in the table"),
        "class_of_one_parcel": tr("Class with a single parcel"),
        "transformation_accuracy": tr("Reference system"),
    }


class FindingsPanel(QWidget):
    """Lists what a check found and walks through it."""

    def __init__(self, workspace: Workspace, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._background = Background(self)
        self._path = ""
        self._read: Optional[FindingsRead] = None
        self._layers: Optional[FindingsLayers] = None
        self._shown: List[int] = []
        self._at = -1
        # What was found about the whole layer, by kind.
        self._general: Dict[str, List[str]] = {}
        self.kinds = _kind_list()
        self.text = plain_label("cscl_finding")
        self.previous = named_button(
            "cscl_finding_previous", tr("Previous"), tr("Zoom to the finding before")
        )
        self.next = named_button("cscl_finding_next", tr("Next"), tr("Zoom to the next finding"))
        self.layer = named_button(
            "cscl_findings_layer", tr("Show as layer"),
            tr("Add the findings to the project, in a group of their own"),
        )  # fmt: skip
        row = QHBoxLayout()
        row.addWidget(self.previous)
        row.addWidget(self.next)
        row.addStretch(1)
        row.addWidget(self.layer)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.kinds)
        layout.addLayout(row)
        layout.addWidget(self.text)
        self.kinds.currentItemChanged.connect(self._kind_chosen)
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.layer.clicked.connect(self.show_layer)
        self.clear()

    def clear(self) -> None:
        """Show that nothing was checked."""
        self._path, self._read, self._layers, self._shown, self._at = "", None, None, [], -1
        self._general = {}
        self._list_kinds()
        self._enable()
        self.text.setText(tr("Not checked yet."))

    def load(self, findings: List[Dict[str, str]], path: Optional[str]) -> None:
        """Show what a check answered: findings about the whole layer, and the path of the rest."""
        self._background.stop()
        self.clear()
        found = self._path = path or ""
        for item in findings:
            text = f"{item['found']}. {item['remedy']}"
            self._general.setdefault(item["code"], []).append(text)
        self._list_kinds()
        if not found:
            self._say_how_many()
            return
        self.text.setText(tr("Reading the findings…"))
        self._background.do(
            tr("Crop mapping: reading findings"),
            lambda is_cancelled: read_findings(found, is_cancelled),
            self._loaded,
            self._not_loaded,
        )

    def step(self, way: int) -> None:
        """Go on to the next finding that has a place, or back, around the ends."""
        if not self._shown:
            return
        start = self._at if self._at >= 0 else (-1 if way > 0 else 0)
        self._at = (start + way) % len(self._shown)
        try:
            self._layers = self._layers or FindingsLayers(self._path)
        except UserError as error:
            self._workspace.warn(str(error))
            return
        found = self._layers.finding(self._shown[self._at])
        number = QLocale().toString
        place = tr("{at} of {all}", at=number(self._at + 1), all=number(len(self._shown)))
        parcel = tr("parcel {number}", number=found.parcel)
        # A figure stands in the text already, a class or kind of geometry does not.
        value = "" if FIGURE.fullmatch(found.value) else f" ({found.value})"
        words = found.text + (value if found.value else "")
        self.text.setText(f"{place}: {parcel}: {words}")
        self._zoom(found, self._layers.crs())

    def show_layer(self) -> None:
        """Add the findings to the project, in a group of ours."""
        try:
            show_findings(
                self._path, tr("Findings in parcels"), kind_titles(),
                frozenset(self._read.counts if self._read is not None else ()),
            )  # fmt: skip
        except UserError as error:
            self._workspace.warn(str(error))

    def close_down(self) -> None:
        """Stop reading."""
        self._background.close()
        self._layers = None

    def _loaded(self, read: FindingsRead) -> None:
        self._read = read
        self._list_kinds()
        self._kind_chosen()
        self._say_how_many()
        if findings_group() is not None:
            self.show_layer()

    def _not_loaded(self, error: UserError) -> None:
        self._say_how_many()
        self._workspace.warn(str(error))

    def _list_kinds(self) -> None:
        """List the kinds, those of the most parcels first, those without a parcel last."""
        counts = Counter({} if self._read is None else self._read.counts)
        codes = [code for code, _ in counts.most_common()]
        codes += [code for code in self._general if code not in counts]
        titles = kind_titles()
        self.kinds.clear()
        for code in codes:
            item = QTreeWidgetItem(self.kinds)
            item.setData(0, Qt.ItemDataRole.UserRole, code)
            item.setText(0, titles.get(code, code.replace("_", " ").capitalize()))
            if counts[code]:
                item.setText(1, QLocale().toString(counts[code]))
                right = as_number(Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter)
                item.setData(1, Qt.ItemDataRole.TextAlignmentRole, right)
        rows = min(max(len(codes), 2), MOST_ROWS)
        height = self.kinds.fontMetrics().height() + 3
        self.kinds.setFixedHeight(rows * height + 2 * self.kinds.frameWidth() + 4)
        self.kinds.setVisible(bool(codes))

    def _say_how_many(self) -> None:
        if self.kinds.topLevelItemCount() == 0:
            self.text.setText(tr("Nothing was found: the parcels are as they should be."))
        elif self._shown:
            self.text.setText(tr("Choose a kind, or go through all with Next."))
        else:
            self.text.setText(tr("Choose a line to read what was found."))
        self._enable()

    def _kind_chosen(self, *_: object) -> None:
        item = self.kinds.currentItem()
        code = None if item is None else str(item.data(0, Qt.ItemDataRole.UserRole))
        places = () if self._read is None else self._read.places
        self._shown = [number for kind, number in places if code in (None, kind)]
        self._at = -1
        if code in self._general:
            self.text.setText("\n".join(self._general[code]))
        elif code is not None:
            self.text.setText(tr("Next goes through {count} places.", count=len(self._shown)))
        self._enable()

    def _enable(self) -> None:
        self.previous.setEnabled(bool(self._shown))
        self.next.setEnabled(bool(self._shown))
        self.layer.setEnabled(self._read is not None and bool(self._read.counts))

    def _zoom(self, found: Found, crs: QgsCoordinateReferenceSystem) -> None:
        """Show the place of a finding on the map, and let it flash."""
        canvas: Any = self._workspace.iface.mapCanvas()
        target = canvas.mapSettings().destinationCrs()
        box = found.place.boundingBox()
        if target.isValid() and crs.isValid():
            way = QgsCoordinateTransform(crs, target, QgsProject.instance())
            try:
                box = way.transformBoundingBox(box)
            except QgsCsException:
                self._workspace.warn(tr("This place lies outside of the map's reference system."))
                return
        canvas.zoomToFeatureExtent(box)
        canvas.flashGeometries([found.place], crs)


def _kind_list() -> QTreeWidget:
    kinds = QTreeWidget()
    kinds.setObjectName("cscl_findings")
    kinds.setColumnCount(2)
    kinds.setHeaderHidden(True)
    kinds.setRootIsDecorated(False)
    kinds.setUniformRowHeights(True)
    kinds.setToolTip(tr("What the check found, by kind"))
    kinds.header().setStretchLastSection(False)
    kinds.header().setSectionResizeMode(0, kinds.header().ResizeMode.Stretch)
    kinds.header().setSectionResizeMode(1, kinds.header().ResizeMode.ResizeToContents)
    return kinds
