"""Small copies of published datasets, written as their own loaders want them."""

from __future__ import annotations

import gzip
import json
import struct
from pathlib import Path

import numpy as np
import pyproj
import shapely
from cscl.dataset.exchange_records import masked_checksum

SIDE = 32
DATES = (20180920, 20181120, 20190301, 20190510, 20190701, 20190915)
BANDS = 10


def write_pastis(folder: Path, count: int = 10) -> dict[int, dict[str, np.ndarray]]:
    """Write patches in a row of two zones, two a fold; return images, targets and parcels by id."""
    for name in ("DATA_S2", "ANNOTATIONS"):
        (folder / name).mkdir(parents=True)
    features, written = [], {}
    for number in range(count):
        ident = 10000 + number
        generator = np.random.Generator(np.random.PCG64(number))
        images = generator.integers(50, 5000, (len(DATES), BANDS, SIDE, SIDE)).astype(np.int16)
        images[0, :, :4] = -10000
        target = np.zeros((SIDE, SIDE), np.uint8)
        target[:, 8:20], target[:, 20:28], target[:6, 28:] = 2, 3, 19
        parcels = np.zeros((SIDE, SIDE), np.int32)
        parcels[:16, 8:20], parcels[16:, 8:20], parcels[:, 20:28] = 7, 8, 9
        np.save(folder / "DATA_S2" / f"S2_{ident}.npy", images)
        np.save(folder / "ANNOTATIONS" / f"TARGET_{ident}.npy", np.stack([target] * 3))
        np.save(folder / "ANNOTATIONS" / f"ParcelIDs_{ident}.npy", parcels)
        zone = 31 if number < count - 1 else 30
        left, top = 300_000.0 + number * (SIDE + 16) * 10, 6_700_000.0
        outline = shapely.box(left, top - SIDE * 10, left + SIDE * 10, top)
        to_lambert = pyproj.Transformer.from_crs(f"EPSG:326{zone}", "EPSG:2154", always_xy=True)
        moved = shapely.transform(outline, to_lambert.transform, interleaved=False)
        features.append(
            {
                "type": "Feature",
                "properties": {
                    "ID_PATCH": ident,
                    "Fold": number % 5 + 1,
                    "TILE": f"t{zone}tfj",
                    "dates-S2": {str(at): date for at, date in enumerate(DATES)},
                },
                "geometry": shapely.geometry.mapping(moved),
            }
        )
        written[ident] = {"images": images, "target": target, "parcels": parcels}
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    document = {"type": "FeatureCollection", "crs": crs, "features": features}
    (folder / "metadata.geojson").write_text(json.dumps(document))
    return written


def varint(value: int) -> bytes:
    """Return a number as a protocol buffer writes it."""
    out = b""
    while value >= 0x80:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def field(number: int, content: bytes) -> bytes:
    """Return a field of bytes."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def example(features: dict[str, bytes | list[int]]) -> bytes:
    """Return a tf.train.Example."""
    entries = b""
    for name, value in features.items():
        if isinstance(value, bytes):
            content = field(1, field(1, value))
        else:
            content = field(3, field(1, b"".join(varint(item) for item in value)))
        entries += field(1, field(1, name.encode()) + field(2, content))
    return field(1, entries)


def record(content: bytes) -> bytes:
    """Return a TFRecord of one record."""
    length = struct.pack("<Q", len(content))
    return (
        length
        + struct.pack("<I", masked_checksum(length))
        + content
        + struct.pack("<I", masked_checksum(content))
    )


def write_mtlcc(folder: Path, count: int = 6, side: int = 24) -> dict[str, dict[str, np.ndarray]]:
    """Write tiles in a row, two a partition, with two padded dates; return arrays by tile."""
    (folder / "data16").mkdir(parents=True)
    (folder / "tileids").mkdir()
    (folder / "classes.txt").write_text("0|unknown\n3|maize\n5|wheat\n")
    doy = np.array([100, 130, 160, 200, 0, 0])
    lines, written = [], {}
    for number in range(count):
        name = str(40 + number)
        generator = np.random.Generator(np.random.PCG64(number))
        steps = len(doy)
        arrays = {
            "x10": generator.integers(1, 9000, (steps, side, side, 4)),
            "x20": generator.integers(1, 9000, (steps, side // 2, side // 2, 6)),
            "x60": generator.integers(1, 9000, (steps, 4, 4, 3)),
            "labels": np.zeros((steps, side, side), np.int64),
        }
        arrays["labels"][:, :, 4:14], arrays["labels"][:, :, 14:20] = 3, 5
        features: dict[str, bytes | list[int]] = {
            "dates/doy": doy.astype("<i8").tobytes(),
            "dates/year": np.full(steps, 2017, "<i8").tobytes(),
            "dates/shape": [steps],
        }
        for key, values in arrays.items():
            features[f"{key}/data"] = values.astype("<i8").tobytes()
            features[f"{key}/shape"] = list(values.shape)
        path = folder / "data16" / f"{name}.tfrecord.gz"
        path.write_bytes(gzip.compress(record(example(features))))
        left = 700_000 + number * (side + 16) * 10
        lines.append(f"{name},{left},10,0,5400000,0,-10,32632")
        written[name] = arrays
    (folder / "geotransforms.csv").write_text("\n".join(lines) + "\n")
    names = list(written)
    for file, part in (("train_fold0", names[:2]), ("test_fold0", names[2:4]), ("eval", names[4:])):
        (folder / "tileids" / f"{file}.tileids").write_text("\n".join(part) + "\n")
    return written


def write_t31tfm(folder: Path, count: int = 4, side: int = 24) -> dict[str, dict[str, np.ndarray]]:
    """Write windows in a row as .npz with labels at 2.5 m, half of them for test."""
    place = folder / "2018" / "pkl_timeseries" / "W700000_N6560000_E727000_S6533000"
    place.mkdir(parents=True)
    (folder / "paths").mkdir()
    fine = {"B02", "B03", "B04", "B08"}
    coarse = {"B05", "B06", "B07", "B8A", "B11", "B12"}
    written, paths = {}, []
    for number in range(count):
        name = f"6560000_{700_000 + number * (side + 16) * 10}_2018"
        generator = np.random.Generator(np.random.PCG64(number))
        arrays = {"doy": np.array([120, 150, 210])}
        for band in sorted(fine | coarse):
            own = side if band in fine else side // 2
            arrays[band] = generator.integers(1, 9000, (3, own, own)).astype(np.uint16)
        labels = np.zeros((4 * side, 4 * side), np.int64)
        labels[:, 10:50], labels[:, 50:90] = 1, 25
        arrays["labels_x4"] = labels
        arrays["ids_x4"] = labels * 100
        arrays["labels"], arrays["ids"] = labels[2::4, 2::4], labels[2::4, 2::4] * 100
        np.savez(place / f"{name}.npz", **arrays)
        paths.append(f"2018/pkl_timeseries/{place.name}/{name}.pickle")
        written[name] = arrays
    (folder / "paths" / "train_paths.csv").write_text("\n".join(paths[: count // 2]))
    (folder / "paths" / "eval_paths.csv").write_text("\n".join(paths[count // 2 :]))
    return written
