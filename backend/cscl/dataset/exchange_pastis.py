"""PASTIS (Sainte Fare Garnot and Landrieu, ICCV 2021): patches of 128 x 128 pixels in five folds.

Layout after the loader of VSainteuf/pastis-benchmark (code/dataloader.py): `metadata.geojson` with
ID_PATCH, Fold, TILE and dates-S2, `DATA_S2/S2_ID.npy` (T, 10, H, W), `ANNOTATIONS/TARGET_ID.npy`
(first layer: classes) and `ANNOTATIONS/ParcelIDs_ID.npy`.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from cscl.contract import strict_json
from cscl.contract.classes import PALETTE, ClassTable, CropClass
from cscl.contract.errors import Findings, UserError
from cscl.dataset.exchange_patches import Patch, PatchPixels, PatchSet, check_shape, read_array
from cscl.grid import Grid

BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
# documentation/label_names.json of the same repository; 0 is other land, 19 is void.
NAMES = (
    "Meadow", "Soft winter wheat", "Corn", "Winter barley", "Winter rapeseed", "Spring barley",
    "Sunflower", "Grapevine", "Beet", "Winter triticale", "Winter durum wheat",
    "Fruits, vegetables, flowers", "Potatoes", "Leguminous fodder", "Soybeans", "Orchard",
    "Mixed cereal", "Sorghum",
)  # fmt: skip
BACKGROUND = 0
LABEL_NAMES = "label_names.json"
NODATA = -10000  # as THEIA writes it
FOLDS = 5
METADATA = "metadata.geojson"
METRES, DEGREES = "EPSG:2154", "EPSG:4326"  # of outlines, where the file names none
PIXEL = 10.0


def read_pastis(folder: Path, test_fold: int | None) -> PatchSet:
    """Return the patches; fold `test_fold` (5 where None) is test, the one before it validation.

    Raises `UserError` with everything that is wrong with the metadata.
    """
    fold = FOLDS if test_fold is None else test_fold
    if not 1 <= fold <= FOLDS:
        raise UserError("no_fold", f"fold {fold}", "PASTIS has folds 1 to 5", "Use one of them.")
    path = folder / METADATA
    if not path.is_file():
        raise UserError(
            "not_pastis", folder, f"it holds no {METADATA}", "Choose the folder of PASTIS."
        )
    value = strict_json.read(path)
    system = _system(value, path)
    findings = Findings()
    patches = []
    for number, feature in enumerate(value.get("features", [])):
        try:
            patches.append(_patch(folder, feature, system, fold))
        except (KeyError, TypeError, ValueError) as error:
            findings.error(
                "pastis_metadata", f"{path}, feature {number}",
                f"it does not tell patch, fold, tile, dates and outline ({error!r})",
                "Use the file as published.",
            )  # fmt: skip
        except UserError as error:
            findings.items.extend(error.findings)
    findings.raise_errors()
    names = _names(folder)
    return PatchSet(
        title="PASTIS",
        patches=patches,
        coarse=dict.fromkeys(BANDS, 1),
        level="L2A",
        nodata=NODATA,
        classes=ClassTable(
            tuple(
                CropClass(code, name, PALETTE[(code - 1) % len(PALETTE)], (str(code),))
                for code, name in enumerate(names, start=1)
            ),
            "PASTIS",
        ).checked(folder),
        unknown=frozenset({len(names) + 1}),
        outside=frozenset({BACKGROUND}),
        ignore=False,
        notes=(
            f"PASTIS: fold {fold} is test, fold {(fold - 2) % FOLDS + 1} validation, the others "
            "are training, as in the published protocol.",
            "PASTIS has labels at 10 m alone: those at 2.5 m repeat them.",
        ),
    )


def _names(folder: Path) -> tuple[str, ...]:
    """Return the names of the classes: those of a label_names.json in the folder, or PASTIS's.

    The first number, 0, is other land there and the last is void.
    """
    path = folder / LABEL_NAMES
    if not path.is_file():
        return NAMES
    table = strict_json.read(path)
    if not isinstance(table, dict) or sorted(table, key=str) != sorted(map(str, range(len(table)))):
        raise UserError(
            "pastis_names", path, "it does not name the labels 0, 1, 2 and so on",
            "Number the labels without a gap, other land first and void last.",
        )  # fmt: skip
    return tuple(str(table[str(number)]) for number in range(1, len(table) - 1))


def _system(value: Any, path: Path) -> str | None:
    """Return the reference system that the file names, None where it names none."""
    named = value.get("crs", {}) if isinstance(value, Mapping) else {}
    name = str(named.get("properties", {}).get("name", ""))
    found = re.search(r"EPSG:+(\d+)$", name)
    if name and found is None and not name.endswith("CRS84"):
        raise UserError(
            "pastis_system", path, f"it names the reference system {name[:60]!r}",
            "Name it by an EPSG code.",
        )  # fmt: skip
    return f"EPSG:{found.group(1)}" if found else DEGREES if name else None


def _patch(folder: Path, feature: Mapping[str, Any], system: str | None, test: int) -> Patch:
    properties = feature["properties"]
    name, tile = str(int(properties["ID_PATCH"])), str(properties["TILE"]).upper()
    dates = _dates(properties["dates-S2"])
    images = folder / "DATA_S2" / f"S2_{name}.npy"
    shape = read_array(images).shape
    check_shape(images, "it", read_array(images), (len(dates), len(BANDS), shape[-1], shape[-1]))
    place = _place(shapely.geometry.shape(feature["geometry"]), system, tile, shape[-1])
    fold = int(properties["Fold"])
    split = "test" if fold == test else "training"
    if fold == (test - 2) % FOLDS + 1:
        split = "validation"
    read = functools.partial(_read, folder, name)
    return Patch(name, tile, place, split, dates, read)


def _dates(value: Any) -> tuple[datetime.date, ...]:
    """Return the dates of a table of place and YYYYMMDD."""
    table = strict_json.parse(value, "dates-S2") if isinstance(value, str) else value
    texts = [str(table[key]) for key in sorted(table, key=int)]
    return tuple(datetime.date(int(t[:4]), int(t[4:6]), int(t[6:8])) for t in texts)


def _place(outline: Any, system: str | None, tile: str, side: int) -> Grid:
    """Return the grid of a patch in its tile's UTM zone, its corner on whole pixels."""
    if system is None:
        # The published file is in metres and does not say so.
        system = DEGREES if np.abs(outline.bounds).max() <= 180 else METRES
    zone = re.match(r"T?(\d{2})([C-X])", tile)
    if zone is None:
        raise ValueError(f"the tile {tile!r} names no zone")
    crs = f"EPSG:{(326 if zone.group(2) >= 'N' else 327)}{zone.group(1)}"
    moved = shapely.transform(
        outline,
        pyproj.Transformer.from_crs(system, crs, always_xy=True).transform,
        interleaved=False,
    )
    # The outline is the patch's square; its middle bears turned or rounded corners best.
    left = round((moved.centroid.x - side * PIXEL / 2) / PIXEL) * PIXEL
    top = round((moved.centroid.y + side * PIXEL / 2) / PIXEL) * PIXEL
    return Grid(crs, (PIXEL, 0.0, left, 0.0, -PIXEL, top), side, side)


def _read(folder: Path, name: str) -> PatchPixels:
    images = read_array(folder / "DATA_S2" / f"S2_{name}.npy")
    side = images.shape[-1]
    path = folder / "ANNOTATIONS" / f"TARGET_{name}.npy"
    target = read_array(path)
    check_shape(path, "it", target, (None, side, side))
    return PatchPixels(
        {band: images[:, place] for place, band in enumerate(BANDS)},
        np.asarray(target[0], dtype=np.int64),
        _parcels(folder, name, side),
    )


def _parcels(folder: Path, name: str, side: int) -> NDArray[np.int64]:
    """Return the parcel numbers, 0 everywhere where the copy at hand has none."""
    for path in (
        folder / "ANNOTATIONS" / f"ParcelIDs_{name}.npy",
        folder / "INSTANCE_ANNOTATIONS" / f"INSTANCES_{name}.npy",
    ):
        if path.is_file():
            found = read_array(path)
            check_shape(path, "it", found, (side, side))
            return np.asarray(found, dtype=np.int64)
    return np.zeros((side, side), dtype=np.int64)
