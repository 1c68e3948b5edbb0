"""Results of an algorithm handed to QGIS, which adds them to the project when it is done."""

from __future__ import annotations

from typing import Any, Dict, List

from qgis.core import (
    QgsLayerTreeGroup,
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsProject,
)

from ...backend.cscl.contract.errors import UserError
from ..layers.folder import results_of_job
from ..layers.metadata import describe
from ..layers.results import Result, open_result, results_of

RANK = "cscl/rank"
# QGIS keeps a bare pointer to a post-processor, so the object must live on here.
_ALIVE: List[QgsProcessingLayerPostProcessorInterface] = []
MOST_ALIVE = 200


class IntoGroup(QgsProcessingLayerPostProcessorInterface):
    """Puts a layer that QGIS has just added into the group of its job, in its place."""

    def __init__(self, result: Result, title: str, project: QgsProject) -> None:
        super().__init__()
        self._result = result
        self._title = title
        self._project = project
        _ALIVE.append(self)
        del _ALIVE[:-MOST_ALIVE]

    def postProcessLayer(  # noqa: N802 - the name that QGIS calls
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Move the layer's node; QGIS 3.32 and later do it themselves, by the group's name."""
        root = self._project.layerTreeRoot()
        node = root.findLayer(layer.id())
        if node is None:
            return
        group = root.findGroup(self._title) or root.insertGroup(0, self._title)
        node.setCustomProperty(RANK, self._result.rank)
        copy = node.clone()
        copy.setItemVisibilityChecked(self._result.visible)
        copy.setExpanded(self._result.visible)
        group.insertChildNode(_position(group, self._result.rank), copy)
        node.parent().removeChildNode(node)


def _position(group: QgsLayerTreeGroup, rank: int) -> int:
    ranks = [int(child.customProperty(RANK, 0)) for child in group.children()]
    return sum(1 for other in ranks if other <= rank)


def load_on_completion(
    job: Any,
    outputs: Dict[str, str],
    title: str,
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
) -> None:
    """Ask QGIS to add the results as one styled group when the algorithm is done.

    The layers say which job made them.
    """
    project = context.project()
    if project is None:
        return
    record = results_of_job(job, outputs)
    for result in results_of(outputs):
        try:
            layer = open_result(result)
        except UserError as error:
            feedback.pushWarning(str(error))
            continue
        if record is not None:
            describe(layer, record)
        context.temporaryLayerStore().addMapLayer(layer)
        details = QgsProcessingContext.LayerDetails(result.name, project, "")
        details.forceName = True
        if hasattr(details, "groupName"):
            details.groupName = title
        if hasattr(details, "layerSortKey"):
            details.layerSortKey = -result.rank
        details.setPostProcessor(IntoGroup(result, title, project))
        context.addLayerToLoadOnCompletion(layer.id(), details)
