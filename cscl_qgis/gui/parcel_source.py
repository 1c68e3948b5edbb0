"""A parcel layer as it stands now, readable from a task."""

from __future__ import annotations

from typing import Any, List, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeatureIterator,
    QgsFeatureRequest,
    QgsFields,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
)


class ParcelSource:
    """The features of a layer, unsaved edits included, taken in the main thread.

    It has the face of a Processing source, so that parcels of the dock and of Processing are
    written by the same code. The layer may change or go away meanwhile.
    """

    def __init__(self, layer: QgsVectorLayer, only_selected: bool = False) -> None:
        self._source = QgsVectorLayerFeatureSource(layer)
        self._name = layer.name()
        self._fields = QgsFields(layer.fields())
        self._geometry_type = layer.wkbType()
        self._crs = QgsCoordinateReferenceSystem(layer.crs())
        self._wanted: Optional[List[int]] = layer.selectedFeatureIds() if only_selected else None

    def sourceName(self) -> str:  # noqa: N802 - the names of QgsProcessingFeatureSource
        """Return the layer's name."""
        return str(self._name)

    def fields(self) -> QgsFields:
        """Return the layer's fields, joined ones included."""
        return self._fields

    def wkbType(self) -> Any:  # noqa: N802
        """Return the kind of geometry."""
        return self._geometry_type

    def sourceCrs(self) -> QgsCoordinateReferenceSystem:  # noqa: N802
        """Return the reference system."""
        return self._crs

    def getFeatures(  # noqa: N802
        self, request: Optional[QgsFeatureRequest] = None, flags: Any = None
    ) -> QgsFeatureIterator:
        """Return a fresh iterator over the features."""
        wanted = QgsFeatureRequest(request) if request is not None else QgsFeatureRequest()
        if self._wanted is not None:
            wanted.setFilterFids(self._wanted)
        return self._source.getFeatures(wanted)
