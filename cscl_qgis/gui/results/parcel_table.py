"""Classified parcels as rows, read in a task: what was declared, what was mapped, how sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Tuple

from qgis.core import (
    QgsFeature,
    QgsFeatureRequest,
    QgsFields,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
)

from ...layers.agreement import result_field

# The split of parcels that the model has not seen, in the engine's words; parcels without a split
# were no part of its dataset.
TRAINED_ON = ("training", "validation")
WANTED = (
    "crop_code", "crop_name", "confidence", "second_name", "margin", "agrees", "reason", "split",
    "rank", "parcel_id",
)  # fmt: skip


@dataclass(frozen=True)
class ParcelRow:
    """One parcel: `feature` is its id in the layer, `declared` the value of its class field."""

    feature: int
    label: str
    declared: str
    crop: str
    code: int
    confidence: float
    second: str
    agrees: Optional[bool]
    reason: str
    split: str
    rank: int
    bounds: Tuple[float, float, float, float]

    @property
    def unseen(self) -> bool:
        """Whether the model was not trained on it, so that its agreement says something."""
        return self.split not in TRAINED_ON


class ParcelReader:
    """A classified layer as it stands now, readable from a task."""

    def __init__(self, layer: QgsVectorLayer, class_field: str) -> None:
        self._source = QgsVectorLayerFeatureSource(layer)
        fields = QgsFields(layer.fields())
        self._places: Dict[str, int] = {}
        for name in WANTED:
            found = result_field(fields, name)
            if found is not None:
                self._places[name] = fields.lookupField(found)
        self._declared = fields.lookupField(class_field) if class_field else -1

    @property
    def tells_agreement(self) -> bool:
        """Whether the layer has the fields that the engine adds."""
        return "agrees" in self._places and "crop_code" in self._places

    def read(self, is_cancelled: Callable[[], bool]) -> List[ParcelRow]:
        """Return one row a parcel, in the order of the layer."""
        rows = []
        request = QgsFeatureRequest()
        wanted = [*self._places.values(), *([self._declared] if self._declared >= 0 else [])]
        request.setSubsetOfAttributes(wanted)
        for feature in self._source.getFeatures(request):
            if is_cancelled():
                break
            rows.append(self._row(feature))
        return rows

    def _row(self, feature: QgsFeature) -> ParcelRow:
        values = feature.attributes()

        def text(name: str) -> str:
            value = values[self._places[name]] if name in self._places else None
            return "" if _is_null(value) else str(value)

        def number(name: str) -> float:
            value = values[self._places[name]] if name in self._places else None
            return 0.0 if _is_null(value) else float(value)

        agrees = values[self._places["agrees"]] if "agrees" in self._places else None
        declared = values[self._declared] if self._declared >= 0 else None
        return ParcelRow(
            feature=int(feature.id()),
            label=text("parcel_id") or str(feature.id()),
            declared=_class_text(declared),
            crop=text("crop_name"),
            code=int(number("crop_code")),
            confidence=number("confidence"),
            second=text("second_name"),
            agrees=None if _is_null(agrees) else bool(agrees),
            reason=text("reason"),
            split=text("split"),
            rank=int(number("rank")),
            bounds=_bounds(feature),
        )


def disagreeing(rows: List[ParcelRow], only_unseen: bool = False) -> List[ParcelRow]:
    """Return the parcels that differ from their declaration, the surest first.

    A list for inspectors has its own order, which is kept.
    """
    found = [row for row in rows if row.agrees is False and (row.unseen or not only_unseen)]
    if any(row.rank for row in found):
        return sorted(found, key=lambda row: row.rank)
    return sorted(found, key=lambda row: -row.confidence)


def extent_of(rows: List[ParcelRow]) -> QgsRectangle:
    """Return the rectangle around parcels, in their layer's reference system."""
    whole = QgsRectangle()
    whole.setMinimal()
    for row in rows:
        whole.combineExtentWith(QgsRectangle(*row.bounds))
    return whole


def _bounds(feature: QgsFeature) -> Tuple[float, float, float, float]:
    box = feature.geometry().boundingBox()
    return box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()


def _class_text(value: Any) -> str:
    """Return a value of the class field as the engine's class table has it."""
    if _is_null(value):
        return ""
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole else value).strip()


def _is_null(value: Any) -> bool:
    return value is None or (hasattr(value, "isNull") and bool(value.isNull()))
