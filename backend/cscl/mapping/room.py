"""How much room a map takes on the disk, told before its pixels are read."""

from __future__ import annotations

from cscl.context import JobContext
from cscl.contract.errors import Finding
from cscl.disk import check_free, free_bytes, size_text
from cscl.mapping.work import MapWork

# Layers of a map without its probabilities.
LAYERS = 5
# Bytes on the disk by pixel and layer, as on the demonstration: windows' files and working files
# until the map is put together, and the map itself.
WHILE_MADE, MADE = 1.4, 0.45
# Where little of the area is mapped it is less; below this share of it no map fits.
LEAST = 0.25


def check_room(work: MapWork, ctx: JobContext) -> None:
    """Say how large the map becomes; raises `UserError` where the disk has no room for it."""
    layers = LAYERS + (len(work.codes) if work.probabilities else 0)
    numbers = layers * sum(
        work.area.height * work.area.width * scale * scale for scale in work.scales
    )
    there = sum(path.stat().st_size for path in (work.path / "parts").glob("*.zip"))
    need = max(0, round(numbers * WHILE_MADE) - there)
    check_free(work.folder, round(LEAST * need), "the map")
    ctx.note(
        f"The map takes about {size_text(round(numbers * MADE))}, and up to {size_text(need)} "
        "while it is made."
    )
    free = free_bytes(work.folder)
    if free < need:
        ctx.warn(
            Finding(
                "little_room",
                str(work.folder),
                f"the map may need {size_text(need)} while it is made, and {size_text(free)} are "
                "free there",
                "Free space, choose another disk, leave the probabilities out, or map a part.",
                "warning",
            )
        )
