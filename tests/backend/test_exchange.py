"""Datasets of others in, ours out: values as their loaders give them, hostile files refused."""

from __future__ import annotations

import gzip
import json
import pickle
import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import ExportDatasetJob, ImportJob
from cscl.dataset.exchange import export_dataset, import_dataset
from cscl.dataset.exchange_mtlcc import BANDS_10, BANDS_20
from cscl.dataset.exchange_pastis import BANDS
from cscl.dataset.exchange_records import masked_checksum, read_examples
from cscl.dataset.reader import Dataset
from cscl.grid import Window
from cscl.series.reader import SeriesReader
from exchange_sets import (
    DATES,
    SIDE,
    example,
    record,
    write_mtlcc,
    write_pastis,
    write_t31tfm,
)


def imported(source: Path, layout: str, output: Path, **options: object) -> tuple[Dataset, str]:
    ctx = JobContext()
    import_dataset(ImportJob(str(source), str(output), layout, **options), ctx)
    return Dataset.open(output), "\n".join(ctx.noted)


@pytest.fixture(scope="module")
def pastis(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict, Dataset, str]:
    folder = tmp_path_factory.mktemp("pastis")
    written = write_pastis(folder / "set")
    dataset, notes = imported(folder / "set", "pastis", folder / "out")
    return folder, written, dataset, notes


def test_pastis_becomes_images_of_two_zones(pastis: tuple) -> None:
    _, written, dataset, notes = pastis
    assert [item.grid.crs for item in dataset.grids] == ["EPSG:32630", "EPSG:32631"]
    assert dataset.bands == BANDS and dataset.level == "L2A"
    assert "PASTIS: fold 5 is test, fold 4 validation, the others are training" in notes
    assert "those at 2.5 m repeat them" in notes
    east = dataset.grids[1]
    assert [str(day).replace("-", "") for day in east.series().dates] == [str(d) for d in DATES]
    # The patches lie where they were, on whole pixels.
    assert east.grid.bounds[0] == 300_000.0 and east.grid.bounds[3] == 6_700_000.0
    with SeriesReader(east.series()) as reader:
        for number in range(9):
            stack = reader.read(Window(0, number * (SIDE + 16), SIDE, SIDE))
            images = written[10000 + number]["images"]
            assert stack.valid.all(axis=0)[4:].all() and not stack.valid[0, :4].any()
            found = np.rint(stack.values * 10_000)
            assert np.array_equal(found[1:], images[1:])
            assert np.array_equal(found[0, :, 4:], images[0, :, 4:])
        between = reader.read(Window(0, SIDE, SIDE, 16))
        assert not between.valid.any()


def test_pastis_labels_and_folds_are_those_of_the_set(pastis: tuple) -> None:
    _, written, dataset, _ = pastis
    east = dataset.grids[1]
    rasters = {}
    for name in ("labels", "split", "labels_2m5"):
        with rasterio.open(east.label_path(name)) as file:
            rasters[name] = file.read(1)
    codes = dict(zip(dataset.classes.names, dataset.classes.codes, strict=True))
    assert codes["Soft winter wheat"] == 2 and codes["Corn"] == 3
    lookup = np.arange(256)
    lookup[0], lookup[19] = 254, 255
    for number in range(9):
        columns = slice(number * (SIDE + 16), number * (SIDE + 16) + SIDE)
        wanted = lookup[written[10000 + number]["target"]]
        assert np.array_equal(rasters["labels"][:, columns], wanted)
        fine = slice(4 * columns.start, 4 * columns.stop)
        assert np.array_equal(rasters["labels_2m5"][:, fine], wanted.repeat(4, 0).repeat(4, 1))
        split = {4: 2, 5: 3}.get(number % 5 + 1, 1)
        found = rasters["split"][:, columns]
        assert set(np.unique(found[wanted != 255])) <= {0, split} and (found == split).any()
        assert (found[wanted == 255] == 0).all()
    gaps = rasters["split"][:, SIDE : SIDE + 16]
    assert (gaps == 0).all()
    assert dataset.chips("training") and dataset.chips("validation") and dataset.chips("test")
    sample = dataset.sample(dataset.chips("training")[0])
    assert sample.images.shape[:2] == (len(DATES), len(BANDS))


def test_pastis_parcels_keep_their_borders(pastis: tuple) -> None:
    _, written, dataset, _ = pastis
    table = dataset.parcel_table()
    # Three parcels and one piece of unknown ground a patch.
    assert len(table) == 4 * len(written)
    assert sorted(set(table["class_code"])) == [2, 3, 255]
    wheat = table[table["class_code"] == 2]
    assert wheat["area"].round().unique().tolist() == [16 * 12 * 100]


def test_another_fold_is_test(pastis: tuple, tmp_path: Path) -> None:
    folder, _, _, _ = pastis
    dataset, notes = imported(folder / "set", "pastis", tmp_path / "out", fold=1)
    assert "PASTIS: fold 1 is test, fold 5 validation" in notes
    with rasterio.open(dataset.grids[1].label_path("split")) as file:
        assert set(np.unique(file.read(1)[:, :SIDE])) == {0, 3}
    with pytest.raises(UserError, match="fold 7: PASTIS has folds 1 to 5. Use one of them."):
        imported(folder / "set", "pastis", tmp_path / "no", fold=7)


def test_export_is_what_the_loader_of_pastis_reads(pastis: tuple, tmp_path: Path) -> None:
    _, _, dataset, _ = pastis
    ctx = JobContext()
    export_dataset(ExportDatasetJob(str(dataset.folder), str(tmp_path / "out")), ctx)
    meta = gpd.read_file(tmp_path / "out" / "metadata.geojson")
    assert len(meta) == len(dataset)
    names = json.loads((tmp_path / "out" / "label_names.json").read_text())
    assert names["0"] == "other land" and names["19"] == "Void label" and names["3"] == "Corn"
    norms = json.loads((tmp_path / "out" / "NORM_S2_patch.json").read_text())
    assert sorted(norms) == [f"Fold_{n}" for n in range(1, 6)]
    assert norms["Fold_2"]["mean"] == pytest.approx(dataset.statistics.mean * 1e4)
    folds = {"training": {1, 2, 3}, "validation": {4}, "test": {5}}
    splits = dataset.chip_table()["split"]
    for index in range(len(dataset)):
        sample = dataset.sample(index)
        images = np.load(tmp_path / "out" / "DATA_S2" / f"S2_{index}.npy", allow_pickle=False)
        assert images.dtype == np.int16 and images.shape == sample.images.shape
        where = sample.valid[:, None] & np.ones_like(images, bool)
        assert np.array_equal(images[where], np.rint(sample.images[where] * 1e4))
        target = np.load(tmp_path / "out" / "ANNOTATIONS" / f"TARGET_{index}.npy")[0]
        assert np.array_equal(target == 19, sample.labels == 255)
        assert np.array_equal(target == 0, sample.labels == 254)
        assert np.array_equal(target[target == 3], sample.labels[sample.labels == 3])
        assert meta["Fold"][index] in folds[splits[index]]
        dates = meta["dates-S2"][index]
        table = json.loads(dates) if isinstance(dates, str) else dates
        assert [table[str(n)] for n in range(len(DATES))] == list(DATES)
    assert "hidden pixels, over all dates, are filled linearly in time" in "\n".join(ctx.noted)


def test_an_exported_dataset_is_imported_again(pastis: tuple, tmp_path: Path) -> None:
    _, _, dataset, _ = pastis
    out = tmp_path / "out"
    export_dataset(ExportDatasetJob(str(dataset.folder), str(out)), JobContext())
    again, _ = imported(out, "pastis", tmp_path / "again")
    assert again.classes.names == dataset.classes.names
    assert [item.grid for item in again.grids] != [] and again.bands == dataset.bands
    # Each labelled pixel of the first dataset has its label and split in the second.
    for old, new in zip(dataset.grids, again.grids, strict=True):
        assert old.grid.crs == new.grid.crs
        shift = [round((new.grid.transform[at] - old.grid.transform[at]) / 10) for at in (2, 5)]
        first, second = {}, {}
        for name in ("labels", "split"):
            for item, found in ((old, first), (new, second)):
                with rasterio.open(item.label_path(name)) as file:
                    found[name] = file.read(1)
        rows, columns = np.nonzero(second["split"])
        assert len(rows) > 0
        place = rows - shift[1], columns + shift[0]
        assert np.array_equal(second["labels"][rows, columns], first["labels"][place])
        assert np.array_equal(second["split"][rows, columns], first["split"][place])


def test_f49_arrays_of_objects_are_never_read(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple:
            return (Path.touch, (tmp_path / "canary",))

    write_pastis(tmp_path / "set", 5)
    path = tmp_path / "set" / "DATA_S2" / "S2_10002.npy"
    np.save(path, np.array([Evil()], dtype=object), allow_pickle=True)
    with pytest.raises(UserError) as error:
        imported(tmp_path / "set", "pastis", tmp_path / "out")
    assert "S2_10002.npy: it is no array of numbers that can be read" in str(error.value)
    assert "arrays of Python objects are never read" in str(error.value)
    assert not (tmp_path / "canary").exists()


def test_f49_pickles_are_refused_in_words(tmp_path: Path) -> None:
    write_t31tfm(tmp_path / "set")
    for path in list((tmp_path / "set").rglob("*.npz")):
        path.with_suffix(".pickle").write_bytes(pickle.dumps({"B02": 1}))
        path.unlink()
    with pytest.raises(UserError) as error:
        imported(tmp_path / "set", "t31tfm1618", tmp_path / "out")
    assert str(error.value) == (
        f"{tmp_path / 'set' / '2018'}: it holds Python pickles, which are never read: reading one "
        "runs what it holds. Turn them into .npz where you trust them; docs/exchange.md gives the "
        "script."
    )


def test_everything_wrong_with_the_metadata_is_told_at_once(tmp_path: Path) -> None:
    write_pastis(tmp_path / "set", 5)
    path = tmp_path / "set" / "metadata.geojson"
    value = json.loads(path.read_text())
    del value["features"][1]["properties"]["Fold"]
    value["features"][3]["properties"]["TILE"] = "somewhere"
    (tmp_path / "set" / "DATA_S2" / "S2_10004.npy").write_bytes(b"no array")
    path.write_text(json.dumps(value))
    with pytest.raises(UserError) as error:
        imported(tmp_path / "set", "pastis", tmp_path / "out")
    lines = str(error.value).splitlines()
    assert len(lines) == 3
    assert lines[0].startswith(f"{path}, feature 1: it does not tell patch, fold, tile")
    assert "the tile 'SOMEWHERE' names no zone" in lines[1]
    assert "S2_10004.npy: it is no array of numbers" in lines[2]


def test_mtlcc_bands_keep_their_own_resolution(tmp_path: Path) -> None:
    written = write_mtlcc(tmp_path / "240")
    dataset, notes = imported(tmp_path / "240", "mtlcc", tmp_path / "out")
    assert "MTLCC: year 2016, fold 0" in notes and dataset.level == "L1C"
    (place,) = dataset.grids
    assert place.grid.crs == "EPSG:32632" and len(place.days) == 4
    assert [place.factors[band] for band in ("B02", "B8A")] == [1, 2]
    assert str(place.series().dates[0]) == "2016-04-09"
    for number, arrays in enumerate(written.values()):
        column = number * 40
        for band, name, at, factor in [(b, "x10", n, 1) for n, b in enumerate(BANDS_10)] + [
            (b, "x20", n, 2) for n, b in enumerate(BANDS_20)
        ]:
            file = next((tmp_path / "out" / "source" / "images").rglob(f"*20160409_{band}.tif"))
            with rasterio.open(file) as raster:
                left = column // factor
                found = raster.read(1)[: 24 // factor, left : left + 24 // factor]
            assert np.array_equal(found, arrays[name][0, :, :, at]), band
    with rasterio.open(place.label_path("labels")) as file:
        labels = file.read(1)
    wanted = np.array([254, 0, 0, 1, 0, 2])[next(iter(written.values()))["labels"][0]]
    assert np.array_equal(labels[:, :24], wanted)
    assert dataset.classes.names == ("maize", "wheat") and dataset.outside == "ignore"
    with rasterio.open(place.label_path("split")) as file:
        split = file.read(1)
    for number in range(6):
        inside = split[:, number * 40 + 4 : number * 40 + 20]
        assert set(np.unique(inside)) <= {0, number // 2 + 1} and (inside > 0).any()


def test_the_room_that_an_import_takes_is_asked_for_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six tiles, four dates, four bands of 24 pixels a side and six of 12: twice 152,064 bytes."""
    from types import SimpleNamespace

    write_mtlcc(tmp_path / "240")
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=200_000))
    with pytest.raises(UserError) as error:
        imported(tmp_path / "240", "mtlcc", tmp_path / "out")
    assert "the dataset needs 0.3 MB more, and 0.2 MB are free there" in str(error.value)
    assert not list((tmp_path / "out").rglob("*.tif"))


def test_years_of_mtlcc_are_chosen(tmp_path: Path) -> None:
    write_mtlcc(tmp_path / "240")
    (tmp_path / "240" / "data17").mkdir()
    with pytest.raises(UserError) as error:
        imported(tmp_path / "240", "mtlcc", tmp_path / "out")
    assert str(error.value) == (
        f"{tmp_path / '240'}: it holds the years 2016, 2017. Give one of them as --year."
    )
    with pytest.raises(UserError, match="year 2018: there is 2016, 2017. Give one that is there."):
        imported(tmp_path / "240", "mtlcc", tmp_path / "out", year=2018)


def test_t31tfm_keeps_its_finer_labels(tmp_path: Path) -> None:
    written = write_t31tfm(tmp_path / "set")
    dataset, notes = imported(tmp_path / "set", "t31tfm1618", tmp_path / "out")
    assert "it has no validation of its own" in notes and "no pixel is left for validation" in notes
    (place,) = dataset.grids
    with rasterio.open(place.label_path("labels_2m5")) as file:
        fine = file.read(1)
    lookup = np.full(26, 254)
    lookup[1], lookup[25] = 1, 2
    for number, arrays in enumerate(written.values()):
        part = fine[:, number * 160 : number * 160 + 96]
        assert np.array_equal(part, lookup[arrays["labels_x4"]])
    assert dataset.classes.names == ("label 1", "label 25")
    assert [str(day) for day in place.series().dates] == ["2018-04-30", "2018-05-30", "2018-07-29"]


def test_checksums_are_those_of_tfrecord() -> None:
    """The value that the CRC-32C of RFC 3720, B.4, has for 32 zeros, masked."""
    plain = 0x8A9136AA
    masked = ((plain >> 15 | plain << 17) + 0xA282EAD8) & 0xFFFFFFFF
    assert masked_checksum(bytes(32)) == masked


def test_examples_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tfrecord"
    path.write_bytes(record(example({"a": b"xyz", "b": [1, 300, 2**63]})) * 2)
    found = read_examples(path)
    assert found == [{"a": [b"xyz"], "b": [1, 300, -(2**63)]}] * 2


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda data: data[:-1], "it ends within a record"),
        (lambda data: data[:8], "unpack requires a buffer of 12 bytes"),
        (lambda data: data[:3] + b"\x09" + data[4:], "a length and its checksum differ"),
        (lambda data: data[:20] + b"\xff" + data[21:], "a record and its checksum differ"),
        (lambda data: record(b"\x0a\x7f\x00"), "a field reaches beyond its message"),
        (lambda data: record(b"\x0d\x00\x00\x00\x00"), "wire type 5"),
        (lambda data: record(b"\x12\x00"), "there is an unknown field 2"),
        (lambda data: record(b"\xff" * 11), "a number has no end"),
        (lambda data: record(example({"a": b"x"}) + example({"a": b"y"})), "stands twice"),
        (lambda data: struct.pack("<QI", 2**60, masked_checksum(struct.pack("<Q", 2**60))),
         "it ends within a record"),
    ],
)  # fmt: skip
def test_damaged_records_are_refused(tmp_path: Path, change, found: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.tfrecord"
    path.write_bytes(change(record(example({"a": b"some bytes", "b": [1]}))))
    with pytest.raises(UserError) as error:
        read_examples(path)
    assert found in str(error.value) and str(path) in str(error.value)


def test_f25_a_gzip_bomb_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cscl.dataset.exchange_records.LARGEST_FILE", 2**20)
    path = tmp_path / "a.tfrecord.gz"
    path.write_bytes(gzip.compress(bytes(2**24)))
    with pytest.raises(UserError, match="it holds more than 1 MiB"):
        read_examples(path)
    path.write_bytes(gzip.compress(b"x" * 100)[:-4])
    with pytest.raises(UserError, match="it cannot be read"):
        read_examples(path)
