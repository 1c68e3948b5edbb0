"""The provider of the algorithms in the Processing toolbox."""

from __future__ import annotations

from pathlib import Path
from typing import List, Tuple, Type

from qgis.core import QgsProcessingModelAlgorithm, QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from ...backend.cscl.contract.version import VERSION
from ..engine.locate import PLUGIN_ROOT
from ..words import tr
from .area import AreaAlgorithm
from .base import ALL, JobAlgorithm, section_title
from .dataset import DatasetAlgorithm
from .evaluate import EvaluateAlgorithm
from .export import ExportAlgorithm
from .export_dataset import ExportDatasetAlgorithm
from .finetune import FinetuneAlgorithm
from .import_dataset import ImportAlgorithm
from .map import MapAlgorithm
from .parcels import ParcelsAlgorithm
from .pipeline import PipelineAlgorithm
from .polygons import PolygonsAlgorithm
from .pretrain import PretrainAlgorithm
from .report import ReportAlgorithm
from .sample import SampleAlgorithm
from .series import SeriesAlgorithm
from .simulate import SimulateAlgorithm

ALGORITHMS: Tuple[Type[JobAlgorithm], ...] = (
    SimulateAlgorithm,
    SeriesAlgorithm,
    DatasetAlgorithm,
    ReportAlgorithm,
    ImportAlgorithm,
    ExportDatasetAlgorithm,
    PretrainAlgorithm,
    FinetuneAlgorithm,
    EvaluateAlgorithm,
    MapAlgorithm,
    ParcelsAlgorithm,
    PolygonsAlgorithm,
    SampleAlgorithm,
    AreaAlgorithm,
    ExportAlgorithm,
    PipelineAlgorithm,
)
ICON = PLUGIN_ROOT / "resources" / "icons" / "icon.svg"
MODELS = PLUGIN_ROOT / "resources" / "models"


class CropMappingProvider(QgsProcessingProvider):
    """All jobs of the engine, and the models that come with the plugin."""

    def id(self) -> str:
        """Return the start of the algorithms' identifiers."""
        return "cscl"

    def name(self) -> str:
        """Return the name in the toolbox."""
        return tr("Crop mapping (CSCL)")

    def longName(self) -> str:  # noqa: N802
        """Return the name with what it stands for."""
        return tr("Crop mapping with context-self contrastive learning")

    def versionInfo(self) -> str:  # noqa: N802
        """Return the plugin's version."""
        return VERSION

    def icon(self) -> QIcon:
        """Return the icon of the toolbox."""
        return QIcon(str(ICON))

    def supportedOutputVectorLayerExtensions(self) -> List[str]:  # noqa: N802
        """Return what classified parcels may be written as; cscl:export has the others."""
        return ["gpkg"]

    def loadAlgorithms(self) -> None:  # noqa: N802
        """Fill the toolbox."""
        for algorithm in ALGORITHMS:
            self.addAlgorithm(algorithm())
        for model in shipped_models():
            self.addAlgorithm(model)


def shipped_models() -> List[QgsProcessingModelAlgorithm]:
    """Return the models that come with the plugin."""
    models = []
    for file in sorted(Path(MODELS).glob("*.model3")):
        model = QgsProcessingModelAlgorithm()
        if model.fromFile(str(file)):
            model.setGroup(section_title(ALL))
            models.append(model)
    return models
