"""MTLCC (Russwurm and Koerner, ISPRS IJGI 2018): tiles of 24 or 48 pixels as TFRecords, L1C.

Layout after the loader of MarcCoru/MTLCC (Dataset.py, S2parser.py, tfrecord2tif.py): a folder such
as `240` with `data16/ID.tfrecord.gz`, `geotransforms.csv`, `classes.txt` and `tileids/`. A record
holds x10, x20 and x60 (T, H, W, bands), labels (T, H, W), and dates whose doy is 0 where padded.
The order of bands is that in which its scripts draw x10 as red, green and blue, and in which
michaeltrs/DeepSatModels names those of x20; x60 is not imported.
"""

from __future__ import annotations

import csv
import datetime
import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.contract.classes import PALETTE, ClassTable, CropClass
from cscl.contract.errors import Findings, UserError
from cscl.dataset.exchange_patches import Patch, PatchPixels, PatchSet, check_shape
from cscl.dataset.exchange_records import Values, read_examples
from cscl.grid import Grid

BANDS_10 = ("B04", "B03", "B02", "B08")
BANDS_20 = ("B05", "B06", "B07", "B8A", "B11", "B12")
UNKNOWN = 0
ENDINGS = (".tfrecord", ".tfrecord.gz")
# The set's own words: test_fold is for choosing the model, eval is held out.
PARTITIONS = (
    ("training", "train_fold{fold}.tileids"),
    ("validation", "test_fold{fold}.tileids"),
    ("test", "eval.tileids"),
)
LONGEST_TABLE = 32 * 2**20


def read_mtlcc(folder: Path, fold: int | None, year: int | None) -> PatchSet:
    """Return the tiles of one year and fold (0 where None).

    Raises `UserError` with all that is missing, and where several years are there to choose from.
    """
    number = 0 if fold is None else fold
    data = _data_folder(folder, year)
    harvest = 2000 + int(data.name[-2:])
    places = _places(folder)
    splits = _splits(folder, number)
    files = {path.name.split(".")[0]: path for path in sorted(data.iterdir()) if _is_record(path)}
    findings = Findings()
    absent = sorted(set(files) - set(places))
    if absent:
        findings.error(
            "no_place", folder / "geotransforms.csv",
            f"it has no line for {len(absent)} tiles ({', '.join(absent[:5])})",
            "Use the file as published.",
        )  # fmt: skip
    findings.raise_errors()
    patches = [
        _patch(name, path, places[name], splits.get(name, ""), harvest)
        for name, path in files.items()
    ]
    return PatchSet(
        title="MTLCC",
        patches=patches,
        coarse={**dict.fromkeys(BANDS_10, 1), **dict.fromkeys(BANDS_20, 2)},
        level="L1C",
        nodata=0,
        classes=_classes(folder),
        unknown=frozenset(),
        outside=frozenset({UNKNOWN}),
        ignore=True,
        notes=(
            f"MTLCC: year {harvest}, fold {number}; its partitions train, test and eval are "
            "training, validation and test.",
            "MTLCC has labels at 10 m alone: those at 2.5 m repeat them. Its bands of 60 m are "
            "not imported; the order of the others is taken from public loaders.",
        ),
    )


def _data_folder(folder: Path, year: int | None) -> Path:
    found = {
        2000 + int(path.name[-2:]): path
        for path in sorted(folder.iterdir())
        if path.is_dir() and re.fullmatch(r"data\d{2}", path.name)
    }
    years = ", ".join(str(item) for item in found)
    if not found:
        raise UserError(
            "not_mtlcc", folder, "it holds no folder data16 or data17",
            "Choose the folder of one tile size, such as 240.",
        )  # fmt: skip
    if year is None and len(found) > 1:
        raise UserError(
            "choose_year", folder, f"it holds the years {years}", "Give one of them as --year."
        )
    if year is not None and year not in found:
        raise UserError("no_year", f"year {year}", f"there is {years}", "Give one that is there.")
    return found[year] if year is not None else next(iter(found.values()))


def _is_record(path: Path) -> bool:
    return path.name.endswith(ENDINGS)


def _text(path: Path) -> str:
    if not path.is_file():
        raise UserError("file_missing", path, "there is no such file", "Get the set again.")
    with open(path, "rb") as handle:
        return handle.read(LONGEST_TABLE).decode("utf-8", errors="replace")


def _places(folder: Path) -> dict[str, tuple[float, float, str]]:
    """Return left, top and reference system of each tile by its name."""
    path = folder / "geotransforms.csv"
    places = {}
    for number, row in enumerate(csv.reader(_text(path).splitlines()), start=1):
        try:
            places[str(int(row[0]))] = (float(row[1]), float(row[4]), f"EPSG:{int(row[7])}")
        except (ValueError, IndexError):
            raise UserError(
                "mtlcc_places", f"{path}, line {number}",
                f"it is not id, left, 10, 0, top, 0, -10, EPSG: {','.join(row)[:60]!r}",
                "Use the file as published.",
            ) from None  # fmt: skip
    return places


def _splits(folder: Path, fold: int) -> dict[str, str]:
    splits: dict[str, str] = {}
    for split, pattern in PARTITIONS:
        for line in _text(folder / "tileids" / pattern.format(fold=fold)).split():
            splits[line] = split
    return splits


def _classes(folder: Path) -> ClassTable:
    rows = []
    for line in _text(folder / "classes.txt").splitlines():
        number, _, name = line.partition("|")
        if name and number.strip().isdigit() and int(number) != UNKNOWN:
            rows.append((int(number), name.strip()))
    return ClassTable(
        tuple(
            CropClass(code, name, PALETTE[(code - 1) % len(PALETTE)], (str(number),))
            for code, (number, name) in enumerate(rows, start=1)
        ),
        "MTLCC",
    ).checked(folder / "classes.txt")


def _patch(name: str, path: Path, place: tuple[float, float, str], split: str, year: int) -> Patch:
    record = _record(path)
    side = record["x10"].shape[1]
    left, top, crs = place
    grid = Grid(crs, (10.0, 0.0, left, 0.0, -10.0, top), side, side)
    first = datetime.date(year, 1, 1)
    dates = tuple(first + datetime.timedelta(days=int(day) - 1) for day in record["doy"])
    return Patch(name, crs.replace(":", ""), grid, split, dates, functools.partial(_read, path))


def _read(path: Path) -> PatchPixels:
    record = _record(path)
    bands = {band: record["x10"][..., place] for place, band in enumerate(BANDS_10)}
    bands |= {band: record["x20"][..., place] for place, band in enumerate(BANDS_20)}
    labels = np.asarray(record["labels"][0], dtype=np.int64)
    return PatchPixels(bands, labels, np.zeros_like(labels))


def _record(path: Path) -> dict[str, NDArray[Any]]:
    """Return x10, x20, labels and doy of a file's one record, without padded dates."""
    examples = read_examples(path)
    if len(examples) != 1:
        raise UserError(
            "mtlcc_record", path, f"it holds {len(examples)} records", "Use files of one each."
        )
    found = {name: _array(examples[0], path, name) for name in ("x10", "x20", "labels")}
    found["doy"] = _array(examples[0], path, "dates", "doy")
    steps, side = len(found["doy"]), found["labels"].shape[-1]
    check_shape(path, "x10", found["x10"], (steps, side, side, len(BANDS_10)))
    check_shape(path, "x20", found["x20"], (steps, side // 2, side // 2, len(BANDS_20)))
    check_shape(path, "labels", found["labels"], (steps, side, side))
    used = found["doy"] > 0
    return {name: values[used] for name, values in found.items()}


def _array(
    example: Mapping[str, Values], path: Path, name: str, part: str = "data"
) -> NDArray[np.int64]:
    try:
        (raw,) = example[f"{name}/{part}"]
        shape = [int(item) for item in example[f"{name}/shape"]]
        if not isinstance(raw, bytes):
            raise ValueError(f"{name}/{part} holds no bytes")
        return np.frombuffer(raw, dtype="<i8").reshape(shape)
    except (KeyError, ValueError) as error:
        raise UserError(
            "mtlcc_record", path, f"it holds no {name} as the set's loader wants it ({error})",
            "Use the files as published.",
        ) from None  # fmt: skip
