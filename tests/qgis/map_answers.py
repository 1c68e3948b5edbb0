"""Answers to what the page that maps crops asks, in the forms that the contract fixes."""

from __future__ import annotations

from typing import Any

CARD: dict[str, Any] = {
    "name": "model", "architecture": "unet3df", "width": 0.25, "stage": "finetuned",
    "bands": ["B02", "B03", "B04", "B08"], "dates": 16, "season": ["10-01", "09-30"],
    "year": 2021, "level": "L2A", "series": "the scene classification",
    "classes": [
        {"code": 1, "name": "maize", "colour": "#f17105", "hcat": ""},
        {"code": 2, "name": "winter wheat", "colour": "#f4a6c0", "hcat": ""},
    ],
    "heads": ["10", "2.5"], "outside": "class", "projections": False,
    "trained": {"epochs": 71, "preset": "quick"},
    "figures": {"overall_accuracy": 0.824, "mean_iou": 0.653, "overall_accuracy_2m5": 0.818},
    "size": 2_000_000,
}  # fmt: skip
LOOK: dict[str, Any] = {
    "rows": [],
    "grids": [
        {"name": "a", "crs": "EPSG:32631", "extent": [500000.0, 5590000.0, 510000.0, 5600000.0],
         "size": [1000, 1000], "images": 12}
    ],
    "season": "2020-10-01/2021-09-30", "findings": [], "notes": [], "wanted_bands": ["B02"],
}  # fmt: skip
FITS: dict[str, Any] = {"fits": True, "mismatches": []}
ESTIMATE: dict[str, Any] = {
    "seconds": 340.0, "memory_bytes": 1_900_000_000, "disk_bytes": 240_000_000,
    "free_bytes": 80_000_000_000, "based_on": "The last map on this machine.",
}  # fmt: skip
SEASON_MISMATCH: dict[str, Any] = {
    "what": "season", "model": "10-01 to 09-30", "series": "2020-10-01 to 2021-06-30",
    "remedy": "Use the model's season.", "mend": {"season": "2020-10-01/2021-09-30"},
    "severity": "error",
}  # fmt: skip
# By question; nothing answers `preview`.
ANSWERS: dict[str, Any] = {
    "card": CARD, "look": LOOK, "fits": FITS, "estimate": ESTIMATE, "preview": None,
}  # fmt: skip
