"""Typed outputs of an algorithm, so that models can chain them."""

from __future__ import annotations

from typing import Dict, List, Sequence, Tuple

from qgis.core import (
    QgsProcessingOutputDefinition,
    QgsProcessingOutputFile,
    QgsProcessingOutputFolder,
    QgsProcessingOutputHtml,
    QgsProcessingOutputRasterLayer,
    QgsProcessingOutputVectorLayer,
)

from ...backend.cscl.contract.roles import ROLES, role_title
from ..words import told

_KINDS = {
    "raster": QgsProcessingOutputRasterLayer,
    "vector": QgsProcessingOutputVectorLayer,
    "file": QgsProcessingOutputFile,
    "folder": QgsProcessingOutputFolder,
    "html": QgsProcessingOutputHtml,
}
# The role of what OUTPUT itself names.
_MAIN = {
    "simulate": "scene", "series": "series", "dataset": "dataset", "pretrain": "model",
    "finetune": "model", "map": "map", "parcels": "parcels", "polygons": "parcels",
    "export": "layer", "sample": "sample", "import": "dataset", "export-dataset": "export",
}  # fmt: skip


def output_name(role: str, parameters: Sequence[str]) -> str:
    """Return the output of a role; one that would be taken for an input gets _OUT at its end."""
    name = role.upper()
    return f"{name}_OUT" if name in parameters else name


def secondary_roles(command: str) -> List[Tuple[str, str]]:
    """Return the roles of a job and their kinds, without the one that OUTPUT names."""
    return [(role, kind) for role, kind in ROLES[command] if role != _MAIN.get(command)]


def make_outputs(command: str, parameters: Sequence[str]) -> List[QgsProcessingOutputDefinition]:
    """Return the outputs of a job besides OUTPUT."""
    return [
        _KINDS[kind](output_name(role, parameters), told(role_title(role)))
        for role, kind in secondary_roles(command)
    ]


def typed_outputs(command: str, outputs: Dict[str, str], names: Sequence[str]) -> Dict[str, str]:
    """Return the paths of a job's roles under the names of the algorithm's outputs."""
    found: Dict[str, str] = {}
    for role, _ in secondary_roles(command):
        for name in (role.upper(), f"{role.upper()}_OUT"):
            if role in outputs and name in names:
                found[name] = outputs[role]
    return found
