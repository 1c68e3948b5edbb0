"""TFRecord files of `tf.train.Example`, read strictly and without TensorFlow.

A record is its length (8 bytes), the length's checksum, the bytes and their checksum; checksums are
CRC-32C, rotated and offset (TensorFlow, core/lib/io/record_writer). An Example is a protocol buffer
of named features, each a list of bytes, floats or whole numbers (core/example/feature.proto).
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from cscl.contract.errors import UserError

LARGEST_FILE = 512 * 2**20  # bytes, after decompression
MASK_DELTA = 0xA282EAD8
POLYNOMIAL = 0x82F63B78  # CRC-32C, reversed
VARINT_BYTES = 10
VARINT, BYTES = 0, 2  # the wire types that an Example without floats has

Values = list[bytes] | list[int]


def read_examples(path: Path) -> list[dict[str, Values]]:
    """Return the Examples of a file `.tfrecord` or `.tfrecord.gz`: lists of bytes or of ints.

    Raises `UserError` where it is none, is damaged, or holds over 512 MiB.
    """
    zipped = path.suffix == ".gz"
    data = _content(path, zipped)
    try:
        # gzip has checked its contents already.
        return [_example(record) for record in _records(data, check_data=not zipped)]
    except (ValueError, struct.error) as error:
        raise UserError(
            "damaged_tfrecord", path, f"it is no whole TFRecord ({error})", "Get it again."
        ) from None


def _content(path: Path, zipped: bool) -> bytes:
    try:
        with gzip.open(path) if zipped else open(path, "rb") as handle:
            data: bytes = handle.read(LARGEST_FILE + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(
            "damaged_tfrecord", path, f"it cannot be read ({error})", "Get it again."
        ) from None
    if len(data) > LARGEST_FILE:
        raise UserError(
            "tfrecord_too_large",
            path,
            f"it holds more than {LARGEST_FILE // 2**20} MiB",
            "Use the files as published.",
        )
    return data


def _records(data: bytes, *, check_data: bool) -> Iterator[memoryview]:
    view, place = memoryview(data), 0
    while place < len(view):
        head = bytes(view[place : place + 12])
        length, checksum = struct.unpack("<QI", head)
        if masked_checksum(head[:8]) != checksum:
            raise ValueError("a length and its checksum differ")
        start, end = place + 12, place + 12 + length
        record = view[start:end]
        if len(record) != length or end + 4 > len(view):
            raise ValueError("it ends within a record")
        (checksum,) = struct.unpack("<I", view[end : end + 4])
        if check_data and masked_checksum(bytes(record)) != checksum:
            raise ValueError("a record and its checksum differ")
        yield record
        place = end + 4


def _table() -> tuple[int, ...]:
    rows = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ POLYNOMIAL if value & 1 else value >> 1
        rows.append(value)
    return tuple(rows)


_TABLE = _table()


def masked_checksum(data: bytes) -> int:
    """Return the CRC-32C of bytes, rotated by 15 bits and offset, as TFRecord stores it."""
    value = 0xFFFFFFFF
    for byte in data:
        value = _TABLE[(value ^ byte) & 0xFF] ^ value >> 8
    value ^= 0xFFFFFFFF
    return ((value >> 15 | value << 17) + MASK_DELTA) & 0xFFFFFFFF


def _example(record: memoryview) -> dict[str, Values]:
    result: dict[str, Values] = {}
    for features in _parts(record, 1):
        for entry in _parts(features, 1):
            fields = list(_fields(entry))
            if [number for number, _ in fields] != [1, 2]:
                raise ValueError("a feature has no name and value")
            name = bytes(_message(fields[0][1])).decode("utf-8")
            if name in result:
                raise ValueError(f"the feature {name!r} stands twice")
            result[name] = _values(_message(fields[1][1]))
    return result


def _values(feature: memoryview) -> Values:
    fields = list(_fields(feature))
    if len(fields) != 1 or fields[0][0] not in (1, 3):
        raise ValueError("a feature is no list of bytes or of whole numbers")
    number, content = fields[0]
    if number == 1:
        return [bytes(part) for part in _parts(_message(content), 1)]
    numbers: list[int] = []
    for field, value in _fields(_message(content)):
        if field != 1:
            raise ValueError("a list of numbers holds something else")
        numbers += [value] if isinstance(value, int) else _packed(value)
    # Negative numbers are written as 64 bits.
    return [value - 2**64 if value >= 2**63 else value for value in numbers]


def _parts(message: memoryview, wanted: int) -> Iterator[memoryview]:
    """Yield the parts of a message that has no field but `wanted`, which is itself a message."""
    for number, value in _fields(message):
        if number != wanted:
            raise ValueError(f"there is an unknown field {number}")
        yield _message(value)


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ValueError("a number stands in place of a message")
    return value


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        value, place = _varint(message, place)
        if key & 7 == VARINT:
            yield key >> 3, value
        elif key & 7 == BYTES:
            if place + value > len(message):
                raise ValueError("a field reaches beyond its message")
            yield key >> 3, message[place : place + value]
            place += value
        else:
            raise ValueError(f"there is a field of the wire type {key & 7}")


def _packed(content: memoryview) -> list[int]:
    numbers, place = [], 0
    while place < len(content):
        value, place = _varint(content, place)
        numbers.append(value)
    return numbers


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for step in range(VARINT_BYTES):
        if place + step >= len(message):
            raise ValueError("a number is cut")
        byte = message[place + step]
        value |= (byte & 0x7F) << 7 * step
        if byte < 0x80:
            if value >= 2**64:
                raise ValueError("a number has over 64 bits")
            return value, place + step + 1
    raise ValueError("a number has no end")
