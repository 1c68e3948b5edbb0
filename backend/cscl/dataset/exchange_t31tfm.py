"""T31TFM-1618 (Tarasiou et al., IEEE TGRS 2022): windows of 48 x 48 pixels of three years, L1C.

Layout after michaeltrs/DeepSatModels (data/README.md, data/France): `YEAR/.../NORTH_WEST_YEAR.*`
with bands, doy and labels by name, and lists of files in `paths`. The set is published as Python
pickles, which are never read here, for reading one runs what it holds; docs/exchange.md says how to
turn them into .npz files, which is what this module reads.
"""

from __future__ import annotations

import datetime
import functools
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.contract.classes import PALETTE, ClassTable, CropClass
from cscl.contract.codes import LAST_CROP
from cscl.contract.errors import Findings, UserError
from cscl.dataset.exchange_patches import Patch, PatchPixels, PatchSet, check_shape, read_arrays
from cscl.grid import Grid

BANDS = {
    **dict.fromkeys(("B02", "B03", "B04", "B08"), 1),
    **dict.fromkeys(("B05", "B06", "B07", "B8A", "B11", "B12"), 2),
}
CRS = "EPSG:2154"  # that of the parcels, in which the names give north and west
UNKNOWN = 0
NAME = re.compile(r"(-?\d+)_(-?\d+)_(\d{4})")
FINE = "_x4"
LISTS = (("training", "train_paths.csv"), ("test", "eval_paths.csv"))
LONGEST_LIST = 64 * 2**20


def read_t31tfm(folder: Path, year: int | None) -> PatchSet:
    """Return the windows of one year that the lists in `paths` name.

    Raises `UserError` where they are pickles, where files are missing, and where several years are
    there to choose from.
    """
    splits = _splits(folder)
    years = sorted({key[1] for key in splits})
    if year is None and len(years) > 1:
        raise UserError(
            "choose_year", folder, f"it holds the years {', '.join(map(str, years))}",
            "Give one of them as --year.",
        )  # fmt: skip
    chosen = years[0] if year is None else year
    files = {path.stem: path for path in sorted((folder / str(chosen)).rglob("*.npz"))}
    wanted = {key[0]: split for key, split in splits.items() if key[1] == chosen}
    _check_files(folder, wanted, files, chosen)
    patches = [_patch(files[name], split, chosen) for name, split in wanted.items()]
    labels = sorted({code for name in wanted for code in _codes(files[name])})
    return PatchSet(
        title="T31TFM-1618",
        patches=patches,
        coarse=BANDS,
        level="L1C",
        nodata=0,
        classes=_classes([code for code in labels if code != UNKNOWN]),
        unknown=frozenset(),
        outside=frozenset({UNKNOWN}),
        ignore=True,
        notes=(
            f"T31TFM-1618: year {chosen}; its lists train and eval are training and test, and "
            "it has no validation of its own.",
            "T31TFM-1618: places are taken from the files' names, classes are named by their "
            "numbers, and its bands of 60 m are not imported.",
        ),
    )


def _splits(folder: Path) -> dict[tuple[str, int], str]:
    """Return the split by name and year of each window."""
    found: dict[tuple[str, int], str] = {}
    for split, name in LISTS:
        path = folder / "paths" / name
        if not path.is_file():
            raise UserError(
                "not_t31tfm", path, "there is no such file", "Choose the folder T31TFM_1618."
            )
        with open(path, "rb") as handle:
            lines = handle.read(LONGEST_LIST).decode("utf-8", errors="replace").splitlines()
        for line in lines:
            stem = line.strip().replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
            match = NAME.fullmatch(stem)
            if match is None and stem:
                raise UserError(
                    "t31tfm_name", path, f"it names {stem[:60]!r}, which is not NORTH_WEST_YEAR",
                    "Use the lists as published.",
                )  # fmt: skip
            if match is not None:
                found[stem, int(match.group(3))] = split
    return found


def _check_files(folder: Path, wanted: dict[str, str], files: dict[str, Path], year: int) -> None:
    missing = sorted(set(wanted) - set(files))
    findings = Findings()
    if any((folder / str(year)).rglob("*.pickle")) and missing:
        findings.error(
            "pickle", folder / str(year),
            "it holds Python pickles, which are never read: reading one runs what it holds",
            "Turn them into .npz where you trust them; docs/exchange.md gives the script.",
        )  # fmt: skip
    elif missing or not wanted:
        findings.error(
            "file_missing", folder / str(year),
            f"{len(missing)} of {len(wanted)} listed windows are not there ({missing[:3]})",
            "Get the set again, or choose another year.",
        )  # fmt: skip
    findings.raise_errors()


def _patch(path: Path, split: str, year: int) -> Patch:
    match = NAME.fullmatch(path.stem)
    if match is None:
        raise ValueError(f"{path.stem} is no name of a window")
    top, left = float(match.group(1)), float(match.group(2))
    arrays = read_arrays(path, ("labels", "doy"))
    side = _labels(arrays, path, "labels").shape[0]
    first = datetime.date(year, 1, 1)
    days = np.asarray(arrays.get("doy", ()), dtype=np.int64).reshape(-1)
    dates = tuple(first + datetime.timedelta(days=int(day) - 1) for day in days)
    grid = Grid(CRS, (10.0, 0.0, left, 0.0, -10.0, top), side, side)
    return Patch(path.stem, f"T31TFM{year}", grid, split, dates, functools.partial(_read, path))


def _codes(path: Path) -> list[int]:
    """Return the labels that a window has, at either resolution."""
    found = read_arrays(path, ("labels", f"labels{FINE}"))
    return [int(code) for labels in found.values() for code in np.unique(labels)]


def _read(path: Path) -> PatchPixels:
    arrays = read_arrays(path)
    side = _labels(arrays, path, "labels").shape[0]
    steps = np.asarray(arrays.get("doy", ())).size
    for band, factor in BANDS.items():
        if band not in arrays:
            raise _without(path, band)
        check_shape(path, band, arrays[band], (steps, side // factor, side // factor))
    # The finer labels are the set's own, where it has them.
    suffix = FINE if f"labels{FINE}" in arrays else ""
    labels = _labels(arrays, path, f"labels{suffix}")
    ids = arrays.get(f"ids{suffix}", np.zeros_like(labels)).reshape(labels.shape)
    return PatchPixels(
        {band: arrays[band] for band in BANDS}, labels, np.asarray(ids, dtype=np.int64)
    )


def _labels(arrays: dict[str, NDArray[Any]], path: Path, name: str) -> NDArray[np.int64]:
    if name not in arrays:
        raise _without(path, name)
    found = np.squeeze(arrays[name])
    check_shape(path, name, found, (found.shape[0] if found.ndim else None, None))
    return np.asarray(found, dtype=np.int64)


def _without(path: Path, name: str) -> UserError:
    return UserError(
        "t31tfm_array", path, f"it holds no {name}", "Write it as docs/exchange.md says."
    )


def _classes(labels: list[int]) -> ClassTable:
    return ClassTable(
        tuple(
            CropClass(code, f"label {label}", PALETTE[(code - 1) % len(PALETTE)], (str(label),))
            for code, label in enumerate(labels[:LAST_CROP], start=1)
        ),
        "T31TFM-1618",
    ).checked("T31TFM-1618")
