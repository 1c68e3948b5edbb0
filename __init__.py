"""Crop mapping from Sentinel-2 time series: the package that QGIS loads."""

from __future__ import annotations

from typing import Any


def classFactory(iface: Any) -> Any:  # noqa: N802 - the name that QGIS calls
    """Return the plugin."""
    from .cscl_qgis.plugin import CropMappingPlugin

    return CropMappingPlugin(iface)
