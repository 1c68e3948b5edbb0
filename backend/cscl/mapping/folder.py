"""A finished map folder, read back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cscl.contract import strict_json
from cscl.contract.classes import ClassTable
from cscl.contract.errors import UserError
from cscl.contract.paths import local_path
from cscl.grid import Grid
from cscl.zonal.table import TABLE

DOCUMENT = "map.json"
SCHEMA = 1


@dataclass(frozen=True)
class MapFolder:
    """What `map.json` says: `codes` in the order of the bands of `probabilities.tif`.

    `training` holds the training record's `footprint`, its CRS and `split` rule, or is empty.
    """

    folder: Path
    table: ClassTable
    outside: str
    grid: Grid
    training: dict[str, Any]
    document: dict[str, Any]

    @property
    def codes(self) -> tuple[int, ...]:
        """The code of each class that the model tells apart."""
        return self.table.network_codes(self.outside)

    @property
    def crops(self) -> Path:
        """The crop map at 10 m."""
        return self.folder / "crops.tif"

    @property
    def probabilities(self) -> Path:
        """The class probabilities at 10 m, which need not be there."""
        return self.folder / "probabilities.tif"

    @property
    def parcel_table(self) -> Path | None:
        """The statistics of parcels that were accumulated while mapping, where there are any."""
        return self.folder / TABLE if self.document.get("parcel_table") else None

    @property
    def parcel_temperature(self) -> float:
        """The temperature of parcels' probabilities, 1 where none was fitted."""
        return float(self.document.get("parcel_temperature") or 1.0)


def read_map(folder: str | Path) -> MapFolder:
    """Return the map in `folder`; raises `UserError` where there is no finished one."""
    path = local_path(folder, "map")
    file = path / DOCUMENT
    if not file.is_file():
        raise UserError(
            "no_map",
            path,
            f"it holds no {DOCUMENT}",
            "Give a folder that `cscl map` has finished.",
        )
    document = strict_json.read(file)
    try:
        if document["schema"] != SCHEMA:
            raise ValueError(f"schema {document['schema']}")
        result = MapFolder(
            path,
            ClassTable.from_json(document["classes"], file),
            str(document["outside"]),
            Grid.from_json(document["grid"]),
            dict(document["training"]),
            document,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            "invalid_map",
            file,
            f"it is damaged or of another version ({error!r})",
            "Map again with this version.",
        ) from None
    if not result.crops.is_file():
        raise UserError("no_map", path, "it lacks crops.tif", "Map again.")
    return result
