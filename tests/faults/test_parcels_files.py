"""Faulty parcel files: refused, or read by a copy; the file and its folder stay as they are."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import sqlite3
import threading
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from cscl.contract.errors import UserError
from cscl.dataset.findings import write_findings
from cscl.dataset.split_sources import read_split_field
from cscl.vectors.layers import open_layer
from parcel_layers import frame, read, refused, square, state

STRANGE = [
    'x"; DROP TABLE parcels; --',
    "Feld 'Größe' <b>%1</b>",
    "n" * 300,
    "\u202eportc\u202c",
    "two\nlines\tand\ttabs",
    "a + b",
    "1 OR 1=1",
]


@pytest.mark.parametrize("text", STRANGE)
def test_f45_names_and_values_round_trip(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.gpkg"
    layer = frame([square(0, 0), square(60, 0), square(0, 0)], **{text: [text, "other", "third"]})
    layer.to_file(path, layer=text, driver="GPKG")
    before = state(tmp_path)
    parcels, ctx = read(f"{path}|layername={text}", text)
    assert parcels.values == [text, "other", "third"]
    assert parcels.name == f"a.gpkg, layer {text}"
    assert state(tmp_path) == before
    out = write_findings(tmp_path / "out", parcels.findings, ctx.found, parcels.crs)
    assert any(text in found for found in gpd.read_file(out, layer="findings").text)
    with sqlite3.connect(path) as base:
        names = base.execute("SELECT table_name FROM gpkg_contents").fetchall()
    assert names == [(text,)]


@pytest.mark.parametrize("text", STRANGE)
def test_f45_values_that_a_table_lacks_are_told_as_they_are(tmp_path: Path, text: str) -> None:
    from cscl.context import JobContext
    from cscl.contract.class_csv import read_class_table
    from cscl.dataset.parcel_classes import class_codes

    path, table = tmp_path / "a.gpkg", tmp_path / "classes.csv"
    frame([square(0, 0), square(60, 0)], crop=[text, "other"]).to_file(path, layer="p")
    quoted = text.replace('"', '""')
    table.write_text(f'source_value,name,code\n"{quoted}","{quoted}",7\n', encoding="utf-8")
    parcels, _ = read(path)
    codes, found = class_codes(parcels, read_class_table(table), True, JobContext())
    assert codes.tolist() == [7, 255] and [item.value for item in found] == ["other"]


def journal_mode(path: Path, mode: str) -> None:
    base = sqlite3.connect(path)
    assert base.execute(f"PRAGMA journal_mode={mode}").fetchone() == (mode.lower(),)
    base.close()


def test_f46_geopackage_in_write_ahead_mode(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    path = folder / "a.gpkg"
    frame([square(0, 0), square(60, 0)]).to_file(path, layer="p")
    journal_mode(path, "wal")
    before = state(folder)
    seen = [set(os.listdir(folder))]
    parcels, _ = read(path)
    seen.append(set(os.listdir(folder)))
    assert parcels.values == ["maize", "wheat"] and state(folder) == before
    assert seen == [{"a.gpkg"}] * 2


def test_f46_changes_that_stand_beside_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame([square(0, 0), square(60, 0)]).to_file(path, layer="p")
    journal_mode(path, "wal")
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("PRAGMA wal_autocheckpoint=0")
    for name, kind in base.execute("SELECT name, type FROM sqlite_master").fetchall():
        if kind == "trigger":  # they need functions of GeoPackage
            base.execute(f'DROP TRIGGER "{name}"')
    base.execute("UPDATE p SET crop = 'rye' WHERE fid = 2")
    before = state(tmp_path)
    assert set(before) == {"a.gpkg", "a.gpkg-wal", "a.gpkg-shm"}
    parcels, _ = read(path)
    assert parcels.values == ["maize", "rye"]
    assert state(tmp_path) == before
    base.close()


def test_f46_an_unfinished_change_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame([square(60 * n, 0) for n in range(6)] * 200).to_file(path, layer="p")
    base = sqlite3.connect(path, isolation_level=None)
    for name, kind in base.execute("SELECT name, type FROM sqlite_master").fetchall():
        if kind == "trigger":
            base.execute(f'DROP TRIGGER "{name}"')
    base.execute("PRAGMA cache_size=1")  # pages go to the file before the end
    base.execute("BEGIN IMMEDIATE")
    base.execute("UPDATE p SET crop = 'rye'")
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in ("a.gpkg", "a.gpkg-journal"):
        shutil.copy(tmp_path / name, crashed / name)
    base.execute("ROLLBACK")
    base.close()
    before = state(crashed)
    assert before["a.gpkg-journal"]
    parcels, _ = read(crashed / "a.gpkg")
    assert set(parcels.values) == {"maize", "wheat", "beet"}
    assert state(crashed) == before


def test_f46_locked_by_another_program(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame([square(0, 0)]).to_file(path, layer="p")
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("BEGIN EXCLUSIVE")
    before = state(tmp_path)
    error = refused(path)
    assert error.code == "file_locked"
    assert str(error) == (
        f"{path}: another program is writing to it. Let that program finish, or save a copy of the "
        "layer and use that."
    )
    assert state(tmp_path) == before
    base.execute("ROLLBACK")
    base.close()
    assert read(path)[0].values == ["maize"]


def test_f46_read_only_file_in_a_read_only_folder(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    path = folder / "a.gpkg"
    frame([square(0, 0)]).to_file(path, layer="p")
    for mode in ("delete", "wal"):
        journal_mode(path, mode)
        before = state(folder)
        path.chmod(0o444)
        folder.chmod(0o555)
        try:
            assert read(path)[0].values == ["maize"]
            assert state(folder) == before
        finally:
            folder.chmod(0o755)
            path.chmod(0o644)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_f46_a_geopackage_that_is_cut_off(tmp_path: Path, share: float) -> None:
    path = tmp_path / "a.gpkg"
    frame([square(60 * (n % 9), 60 * (n // 9)) for n in range(81)] * 40).to_file(path, layer="p")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    before = state(tmp_path)
    error = refused(path)
    assert "a.gpkg" in str(error) and error.code == "unreadable_layer"
    assert state(tmp_path) == before


def test_f46_a_damaged_page_is_no_shorter_layer(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame([square(60 * (n % 9), 60 * (n // 9)) for n in range(81)] * 40).to_file(path, layer="p")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(data)
    try:
        parcels, _ = read(path)
    except UserError as error:
        assert "a.gpkg" in str(error)
    else:  # the page held what is not read, such as an index
        assert len(parcels.fids) == 81


@pytest.mark.parametrize(
    ("missing", "text"),
    [
        (".dbf", "its .dbf (attributes) is missing beside it"),
        (".shx", "its .shx (index of its geometries) is missing beside it"),
    ],
)
def test_f46_shapefile_without_its_parts(tmp_path: Path, missing: str, text: str) -> None:
    path = tmp_path / "a.shp"
    frame([square(0, 0)]).to_file(path)
    (tmp_path / f"a{missing}").unlink()
    before = state(tmp_path)
    error = refused(path)
    assert error.code == "layer_incomplete" and text in str(error)
    assert state(tmp_path) == before


def test_f46_text_in_another_encoding_than_told(tmp_path: Path) -> None:
    path = tmp_path / "a.shp"
    frame([square(0, 0)], crop=["Ble"]).to_file(path)
    (tmp_path / "a.cpg").write_text("UTF-8")
    table = tmp_path / "a.dbf"
    table.write_bytes(table.read_bytes().replace(b"Ble", b"Bl\xe9"))
    try:
        parcels, _ = read(path)
    except UserError as error:
        assert error.code == "bad_text"
    else:
        assert parcels.values[0].startswith("Bl")


class _Counting(http.server.BaseHTTPRequestHandler):
    calls = 0

    def do_GET(self) -> None:
        type(self).calls += 1
        self.send_error(404)

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("byte", [0x07, 0xFF])
def test_f21_damaged_member_of_a_zipped_layer(tmp_path: Path, byte: int) -> None:
    path = tmp_path / "parcels.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("parcels.geojson", json.dumps({"type": "FeatureCollection"}) * 100)
    raw = bytearray(path.read_bytes())
    first = 30 + len("parcels.geojson")
    raw[first : first + 8] = bytes([byte]) * 8
    path.write_bytes(raw)
    with pytest.raises(UserError, match=r"parcels\.zip: it cannot be read"):
        open_layer(path)


def test_f22_layers_that_lead_elsewhere(tmp_path: Path) -> None:
    server = http.server.HTTPServer(("127.0.0.1", 0), _Counting)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/x"
    link = f"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/vsicurl/{url}.gpkg"
    link += "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    stream = f'{{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline read {url}"}}'
    try:
        for name, text in {
            "a.vrt": link, "b.gpkg": link, "c.gdalg.json": stream, "d.moaw": '{"links": []}',
        }.items():  # fmt: skip
            (tmp_path / name).write_text(text)
            with pytest.raises(UserError, match="it only refers to other sources"):
                open_layer(tmp_path / name)
        with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
            archive.writestr("inside.vrt", link)
        with pytest.raises(UserError, match="it only refers to other sources"):
            open_layer(tmp_path / "e.zip")
        gml = tmp_path / "f.gml"
        frame([square(0, 0)]).to_file(gml, driver="GML")
        (tmp_path / "f.xsd").unlink()
        text = gml.read_text().replace("f.xsd", f"{url}.xsd")
        assert url in text
        gml.write_text(text)
        before = state(tmp_path)
        assert read(gml)[0].values == ["maize"]
        assert state(tmp_path) == before
    finally:
        server.shutdown()
        server.server_close()
    assert _Counting.calls == 0


def test_f46_a_split_field_is_read_like_the_parcels(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame([square(0, 0), square(60, 0)], crop=["a", "b"], part=["test", None]).to_file(
        path, layer="p"
    )
    journal_mode(path, "wal")
    before = state(tmp_path)
    parcels, _ = read(path)
    first, second = read_split_field(str(path), "part", parcels.fids)
    assert first == "test" and pd.isna(second)
    table = frame([square(0, 0), square(60, 0)], crop=["a", "b"], part=["1", "3"])
    table.to_parquet(tmp_path / "a.parquet")
    parcels, _ = read(tmp_path / "a.parquet")
    assert read_split_field(str(tmp_path / "a.parquet"), "part", parcels.fids) == ["1", "3"]
    (tmp_path / "a.parquet").unlink()
    assert state(tmp_path) == before
