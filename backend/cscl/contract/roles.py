"""The roles of a job's outputs, as its last event and its manifest name them."""

from __future__ import annotations

from typing import Dict, Tuple

from .resolutions import ENDINGS, without_ending

FINE_ENDINGS = tuple(tail for tail in ENDINGS.values() if tail)

# For each job: role, and whether it is a raster, a vector layer, a file or a folder.
ROLES: Dict[str, Tuple[Tuple[str, str], ...]] = {
    "simulate": (("scene", "folder"), ("parcels", "vector"), ("truth", "raster")),
    "series": (("series", "file"),),
    "dataset": (("dataset", "folder"), ("findings", "vector")),
    "report": (("report", "html"), ("report_data", "file")),
    "import": (("dataset", "folder"), ("findings", "vector")),
    "export-dataset": (("export", "folder"),),
    "pretrain": (("model", "folder"),),
    "finetune": (("model", "folder"),),
    "evaluate": (("report", "html"), ("report_data", "file")),
    "map": (
        ("map", "folder"),
        ("crop_map", "raster"),
        *((f"crop_map{tail}", "raster") for tail in FINE_ENDINGS),
        ("confidence", "raster"),
        *((f"confidence{tail}", "raster") for tail in FINE_ENDINGS),
    ),
    "parcels": (("parcels", "vector"),),
    "polygons": (("parcels", "vector"),),
    "sample": (("sample", "vector"),),
    "area": (
        ("area_table", "file"),
        ("unit_areas", "vector"),
        ("report", "html"),
        ("report_data", "file"),
    ),
    "export": (("layer", "vector"),),
}
ROLES["pipeline"] = (
    *ROLES["series"],
    *ROLES["dataset"],
    *ROLES["finetune"],
    *ROLES["map"],
    *ROLES["parcels"],
    *ROLES["evaluate"],
    ("inspection", "vector"),
    ("inspection_table", "file"),
    ("preview", "file"),
)
ROLES["demo"] = (("scene", "folder"), *ROLES["pipeline"])


def role_title(role: str) -> str:
    """Return a role in words."""
    name, resolution = without_ending(role)
    words = name.replace("_", " ").capitalize()
    return words if name == role else f"{words} {resolution} m"
