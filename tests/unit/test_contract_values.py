"""Strict JSON, paths, files that appear whole, the class table, manifests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cscl.contract import atomic, strict_json
from cscl.contract.class_csv import read_class_table, write_class_table
from cscl.contract.classes import PALETTE, ClassTable, CropClass
from cscl.contract.codes import LAST_CROP, NO_DATA, OUTSIDE, UNKNOWN
from cscl.contract.errors import Finding, Findings, UserError
from cscl.contract.home import data_folder
from cscl.contract.manifest import (
    MANIFEST_FILE,
    Manifest,
    read_manifest,
    require_complete,
    write_manifest,
)
from cscl.contract.paths import inside, local_path, path_problem
from hypothesis import given
from hypothesis import strategies as st

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), inner, max_size=4)
    ),
    max_leaves=12,
)


def message_of(error: pytest.ExceptionInfo[UserError]) -> str:
    """Return the words of an error."""
    return str(error.value)


class TestErrors:
    def test_an_error_says_what_was_found_where_and_what_to_do(self) -> None:
        error = UserError("no_parcels", "fields.gpkg", "it has 0 parcels", "Choose another layer.")
        assert str(error) == "fields.gpkg: it has 0 parcels. Choose another layer."
        assert error.code == "no_parcels"

    def test_findings_are_raised_together_warnings_apart(self) -> None:
        findings = Findings()
        findings.error("a", "x", "one", "Do A.")
        findings.warning("b", "y", "two", "Do B.")
        findings.error("c", "z", "three", "Do C.")
        with pytest.raises(UserError) as error:
            findings.raise_errors()
        assert message_of(error) == "x: one. Do A.\nz: three. Do C."
        assert error.value.code == "a"

    def test_warnings_alone_raise_nothing(self) -> None:
        findings = Findings()
        findings.warning("b", "y", "two", "Do B.")
        findings.raise_errors()
        assert findings.items == [Finding("b", "y", "two", "Do B.", "warning")]

    def test_no_error_without_a_finding(self) -> None:
        with pytest.raises(ValueError, match="at least one finding"):
            UserError.of([])


class TestStrictJson:
    @given(JSON_VALUES)
    def test_a_value_survives_both_ways_of_writing(self, value: object) -> None:
        assert strict_json.parse(strict_json.dump(value), "x") == value
        assert strict_json.parse(strict_json.line(value), "x") == value

    @given(JSON_VALUES)
    def test_a_line_holds_one_line_ending(self, value: object) -> None:
        line = strict_json.line(value)
        assert line.count(b"\n") == 1
        assert line.endswith(b"\n")

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
            ('{"a": NaN}', "NaN is not a JSON number"),
            ("[-Infinity]", "-Infinity is not a JSON number"),
            ("[" * 65 + "]" * 65, "it is nested deeper than 64 levels"),
            ('{"a": ', "it is not valid JSON"),
            (b"\xff\xfe", "it is not valid JSON"),
        ],
    )
    def test_what_is_not_strict_is_refused(self, text: str | bytes, found: str) -> None:
        with pytest.raises(UserError) as error:
            strict_json.parse(text, "job.json")
        assert error.value.code == "invalid_json"
        assert message_of(error).startswith("job.json: ")
        assert found in message_of(error)

    def test_brackets_within_text_are_no_depth(self) -> None:
        value = ["[" * 100 + '"' + "{" * 100 + "\\"]
        assert strict_json.parse(json.dumps(value), "x") == value

    def test_f55_deep_nesting_is_refused_before_it_is_parsed(self) -> None:
        with pytest.raises(UserError, match="nested deeper than 64 levels"):
            strict_json.parse(b"[" * 100_000, "deep.json")

    def test_f55_a_file_is_measured_before_it_is_read(self, tmp_path: Path) -> None:
        huge = tmp_path / "huge.json"
        with open(huge, "wb") as handle:
            handle.truncate(1 << 30)
        with pytest.raises(UserError, match="it holds 1073741824 bytes, more than the 1000"):
            strict_json.read(huge, 1000)

    def test_a_file_that_is_not_there_is_said_in_words(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="it cannot be read .No such file or directory."):
            strict_json.read(tmp_path / "absent.json")

    def test_nan_is_not_written(self) -> None:
        with pytest.raises(ValueError, match="not JSON compliant"):
            strict_json.dump({"a": float("nan")})


class TestPaths:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("/vsicurl/http://example.org/x.tif", "a virtual path of GDAL"),
            ("\\vsimem\\x.tif", "a virtual path of GDAL"),
            ("https://example.org/x.tif", "it starts with 'https:'"),
            ("MEM:::DATAPOINTER=1", "it starts with 'MEM:'"),
            ("NETCDF:file.nc:B02", "it starts with 'NETCDF:'"),
            ("SENTINEL2_L2A:/vsizip/x.zip", "it starts with 'SENTINEL2_L2A:'"),
            ("a\0b", "it holds a zero byte"),
        ],
    )
    def test_f23_what_a_driver_would_interpret_is_refused(self, text: str, found: str) -> None:
        assert found in path_problem(text)
        with pytest.raises(UserError) as error:
            local_path(text, "images")
        assert error.value.code == "path_not_local"
        assert message_of(error).startswith("images ")

    @pytest.mark.parametrize(
        "text", ["scene", "./a b/é.tif", "/data/x.tif", "C:\\data\\x.tif", "\\\\host\\share\\x.tif"]
    )
    def test_local_mounted_and_unc_paths_are_taken(self, text: str) -> None:
        assert path_problem(text) == ""
        assert local_path(text) == Path(text)

    @pytest.mark.parametrize(
        "relative",
        [
            "../x", "a/../../x", "/etc/passwd", "C:x", "C:\\x", "\\x", "CON", "con.txt", "a/NUL",
            "com1.tif", "a\0b", "http://x", ".", "",
        ],
    )  # fmt: skip
    def test_f54_a_path_stays_in_its_folder(self, tmp_path: Path, relative: str) -> None:
        with pytest.raises(UserError) as error:
            inside(tmp_path, relative)
        assert error.value.code == "path_leaves_folder"
        assert repr(relative) in message_of(error)

    def test_f54_a_link_out_of_the_folder_is_refused(self, tmp_path: Path) -> None:
        folder = tmp_path / "run"
        folder.mkdir()
        (folder / "link").symlink_to(tmp_path)
        with pytest.raises(UserError, match="does not stay in its folder"):
            inside(folder, "link/secret.txt")

    def test_a_path_inside_is_resolved(self, tmp_path: Path) -> None:
        assert inside(tmp_path, "map/crops.tif") == tmp_path.resolve() / "map" / "crops.tif"

    @given(st.text(max_size=40))
    def test_no_text_leads_out_of_the_folder(self, text: str) -> None:
        base = Path("/data/run").resolve()
        try:
            target = inside(base, text)
        except UserError:
            return
        assert base in target.parents


class TestAtomic:
    def test_f57_a_file_is_there_whole_or_as_it_was(self, tmp_path: Path) -> None:
        target = tmp_path / "crops.tif"
        target.write_bytes(b"old")
        with pytest.raises(RuntimeError, match="in the middle"), atomic.replacing(target) as part:
            part.write_bytes(b"half of the n")
            assert target.read_bytes() == b"old"
            raise RuntimeError("in the middle")
        assert target.read_bytes() == b"old"
        assert list(tmp_path.iterdir()) == [target]

    def test_a_file_takes_its_place(self, tmp_path: Path) -> None:
        target = tmp_path / "new" / "folder" / "é 1.txt"
        atomic.write_text(target, "größer\n")
        assert target.read_bytes() == "größer\n".encode()
        assert list(target.parent.iterdir()) == [target]

    def test_the_temporary_keeps_the_ending(self, tmp_path: Path) -> None:
        part = atomic.part_path(tmp_path / "parcels.gpkg")
        assert part.suffix == ".gpkg"
        assert part.parent == tmp_path
        assert part.name.startswith(f"{atomic.PREFIX}{os.getpid()}-")

    def test_f61_orphans_of_ended_processes_are_swept_others_kept(self, tmp_path: Path) -> None:
        ended = subprocess.Popen([sys.executable, "-c", ""])
        ended.wait()
        orphan = tmp_path / f"{atomic.PREFIX}{ended.pid}-00000000-crops.tif"
        orphan_folder = tmp_path / f"{atomic.PREFIX}{ended.pid}-00000000-map"
        alive = tmp_path / f"{atomic.PREFIX}{os.getpid()}-00000000-crops.tif"
        users = tmp_path / "crops.tif.tmp"
        for path in (orphan, alive, users):
            path.write_bytes(b"x")
        orphan_folder.mkdir()
        (orphan_folder / "inner").write_bytes(b"x")
        assert atomic.sweep(tmp_path) == 2
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted([alive.name, users.name])

    def test_a_process_is_seen(self) -> None:
        assert atomic.process_alive(os.getpid())

    def test_removing_what_is_not_there_is_no_error(self, tmp_path: Path) -> None:
        atomic.remove(tmp_path / "absent")
        assert list(tmp_path.iterdir()) == []

    def test_a_link_to_a_folder_is_removed_the_folder_kept(self, tmp_path: Path) -> None:
        folder = tmp_path / "folder"
        folder.mkdir()
        link = tmp_path / "link"
        link.symlink_to(folder)
        atomic.remove(link)
        assert folder.is_dir()
        assert not link.is_symlink()


NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12).map(str.strip)


@st.composite
def tables(draw: st.DrawFn) -> ClassTable:
    """Draw a class table that is in order."""
    codes = draw(st.lists(st.integers(1, LAST_CROP), min_size=1, max_size=8, unique=True))
    names = draw(
        st.lists(NAMES.filter(bool), min_size=len(codes), max_size=len(codes), unique=True)
    )
    classes = tuple(
        CropClass(code, name, draw(st.sampled_from(PALETTE)), (name, f"{name}-{code}"))
        for code, name in zip(codes, names, strict=True)
    )
    return ClassTable(classes, "drawn", draw(st.none() | st.integers(2016, 2030)))


class TestClassTable:
    def test_values_become_classes_in_alphabetical_order(self) -> None:
        table = ClassTable.from_values(["wheat ", "barley", "wheat", "", "  "], "crop", 2021)
        assert table.codes == (1, 2)
        assert table.names == ("barley", "wheat")
        assert table.by_value == {"barley": 1, "wheat": 2}
        assert [item.colour for item in table.classes] == list(PALETTE[:2])
        assert (table.source, table.year) == ("crop", 2021)

    def test_the_codes_that_are_no_crop_have_names_and_colours(self) -> None:
        table = ClassTable.from_values(["maize"])
        assert [table.name_of(code) for code in (NO_DATA, 1, OUTSIDE, UNKNOWN)] == [
            "no data", "maize", "other land", "unknown",
        ]  # fmt: skip
        assert table.colour_of(OUTSIDE) == "#d9d9d9"
        assert table.colour_of(1) == PALETTE[0]
        with pytest.raises(KeyError):
            table.name_of(77)

    def test_the_networks_outputs_end_with_other_land_where_it_is_a_class(self) -> None:
        table = ClassTable.from_values(["maize", "beet"])
        assert table.network_codes("class") == (1, 2, 254)
        assert table.network_codes("ignore") == (1, 2)

    @given(tables())
    def test_a_table_survives_json(self, table: ClassTable) -> None:
        again = ClassTable.from_json(strict_json.parse(strict_json.dump(table.to_json()), "x"))
        assert again == table.checked("x")
        assert list(again.codes) == sorted(table.codes)
        assert {again.name_of(item.code) for item in table.classes} == set(table.names)

    def test_f43_more_values_than_codes_are_refused(self) -> None:
        assert len(ClassTable.from_values(str(i) for i in range(253)).classes) == 253
        with pytest.raises(UserError, match="crop: it holds 254 values. A map has room for 253"):
            ClassTable.from_values((str(i) for i in range(254)), "crop")

    @pytest.mark.parametrize("code", [0, -1, 254, 255, 256, 300, 2**31])
    def test_f43_codes_beyond_the_space_are_refused(self, code: int) -> None:
        table = ClassTable((CropClass(code, "wheat", "#aabbcc", ("wheat",)),))
        with pytest.raises(UserError, match=f"its code is {code}. Use whole numbers from 1 to 253"):
            table.checked("table")

    def test_everything_wrong_with_a_table_is_said_at_once(self) -> None:
        table = ClassTable(
            (
                CropClass(3, "wheat", "red", ("w", "x")),
                CropClass(3, "maize", "#00ff00", ("x",)),
                CropClass(4, "wheat", "#0000ff", ("x",)),
            )
        )
        with pytest.raises(UserError) as error:
            table.checked("classes.csv")
        assert message_of(error).splitlines() == [
            "classes.csv, class 'wheat': its colour is 'red'. Write colours as #rrggbb.",
            "classes.csv, class 'wheat': the name has two codes. Give each name one code.",
            "classes.csv, class 'wheat': the source value 'x' has two codes. "
            "Give each source value one code.",
            "classes.csv, code 3: two names share it. Give each class a code of its own.",
        ]

    def test_an_empty_table_is_refused(self) -> None:
        with pytest.raises(UserError, match="the class table is empty"):
            ClassTable(()).checked("t")

    @pytest.mark.parametrize("value", [{}, {"classes": [{}]}, {"classes": 3}, {"classes": [7]}])
    def test_damaged_json_is_refused(self, value: dict[str, object]) -> None:
        with pytest.raises(UserError, match="its class table is damaged"):
            ClassTable.from_json(value, "model.json")

    def test_a_csv_merges_values_of_one_class(self, tmp_path: Path) -> None:
        path = tmp_path / "classes.csv"
        path.write_text(
            "source_value,name,code,colour,hcat\n"
            "winter wheat ,cereals,7,#112233,3301010000\nbarley,cereals,7,,\nmaize,maize,2,,\n",
            encoding="utf-8-sig",
        )
        table = read_class_table(path)
        assert table == ClassTable(
            (
                CropClass(2, "maize", PALETTE[1], ("maize",)),
                CropClass(7, "cereals", "#112233", ("winter wheat", "barley"), "3301010000"),
            ),
            "classes.csv",
        )

    def test_a_written_table_is_read_back_and_a_wrong_one_is_not_written(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "classes.csv"
        table = ClassTable(
            (
                CropClass(2, 'maïs, "early"; late', "#aabbcc", ("maize",), "3301060000"),
                CropClass(7, "cereals", "#112233", ("winter wheat", "line\nbreak"), ""),
            ),
            "classes.csv",
        )
        write_class_table(path, table)
        assert read_class_table(path) == table
        before = path.read_bytes()
        with pytest.raises(UserError, match="its code is 254"):
            write_class_table(path, ClassTable((CropClass(254, "a", "#aabbcc", ("a",)),)))
        assert path.read_bytes() == before
        with pytest.raises(UserError, match="it cannot be written"):
            write_class_table(path / "below a file" / "classes.csv", table)

    @pytest.mark.parametrize("code", ["3.7", "-1", "", "wheat", "1e2", "300x", "99999"])
    def test_f43_a_csv_code_that_is_no_code_is_named_with_its_line(
        self, tmp_path: Path, code: str
    ) -> None:
        path = tmp_path / "classes.csv"
        path.write_text(f"source_value,name,code\na,A,1\nb,B,{code}\n", encoding="utf-8")
        with pytest.raises(UserError) as error:
            read_class_table(path)
        assert message_of(error) == (
            f"{path}, line 3: its code is {code!r}. Use whole numbers from 1 to 253."
        )

    def test_a_csv_without_its_columns_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "classes.csv"
        path.write_text("crop;number\nwheat;1\n", encoding="utf-8")
        with pytest.raises(UserError, match="lacks source_value, name, code"):
            read_class_table(path)

    def test_a_csv_in_another_encoding_is_read_and_said(self, tmp_path: Path) -> None:
        path, notes = tmp_path / "classes.csv", []
        text = "source_value,name,code\nBlé,Blé tendre,1\n"
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            path.write_bytes(text.encode(encoding))
            assert read_class_table(path, notes.append).names == ("Blé tendre",)
        assert notes == []
        path.write_bytes(text.encode("cp1252"))
        assert read_class_table(path, notes.append).by_value == {"Blé": 1}
        assert notes == [
            f"{path}: it is no UTF-8 and was read as Windows-1252; check names with accents."
        ]
        path.write_bytes(b"source_value,name,code\n\x81,a,1\n")
        with pytest.raises(UserError, match="its text is neither UTF-8 nor UTF-16"):
            read_class_table(path)

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_a_csv_may_be_separated_by(self, tmp_path: Path, delimiter: str) -> None:
        path = tmp_path / "classes.csv"
        lines = (("source_value", "name", "code"), ('"a, b; c"', "crops", "3"), ("", "", ""))
        path.write_text("\n".join(delimiter.join(cells) for cells in lines), encoding="utf-8")
        assert read_class_table(path).by_value == {"a, b; c": 3}

    def test_a_csv_tells_everything_wrong_at_once(self, tmp_path: Path) -> None:
        path = tmp_path / "classes.csv"
        path.write_text(
            "source_value,name,code,colour\n"
            "a,A,0,\n,B,2,\nc,,3,\nd,D,x,\ne,E,5,red\nf,F,5,\na,G,6,\nh,H,8\n",
            encoding="utf-8",
        )
        with pytest.raises(UserError) as error:
            read_class_table(path)
        assert message_of(error).splitlines() == [
            f"{path}, line 3: it has no source value. Give it one, or remove the line.",
            f"{path}, line 4: it has no name. Give the class a name.",
            f"{path}, line 5: its code is 'x'. Use whole numbers from 1 to 253.",
            f"{path}, line 9: it has 3 values, the first line 4. "
            "Give each column one value; put texts with a separator into quotes.",
            f"{path}, class 'A': its code is 0. Use whole numbers from 1 to 253.",
            f"{path}, class 'E': its colour is 'red'. Write colours as #rrggbb.",
            f"{path}, class 'G': the source value 'a' has two codes. "
            "Give each source value one code.",
            f"{path}, code 5: two names share it. Give each class a code of its own.",
        ]

    def test_a_csv_of_eurocrops(self, tmp_path: Path) -> None:
        path, notes = tmp_path / "lv.csv", []
        path.write_text(
            "original_code,original_name,EC_trans_n,EC_hcat_n,EC_hcat_c\n"
            "131,Miezi,Barley summer,spring_barley,3301010402\n"
            "132,Alus miezi,Brewing barley,spring_barley,3301010402\n"
            "111,Kviesi,Wheat summer,spring_common_soft_wheat,3301010102\n",
            encoding="utf-8",
        )
        table = read_class_table(path, notes.append)
        assert [(item.code, item.name, item.values, item.hcat) for item in table.classes] == [
            (1, "spring_barley", ("131", "132"), "3301010402"),
            (2, "spring_common_soft_wheat", ("111",), "3301010102"),
        ]
        assert notes == [
            f"{path}: columns taken: original_code as source_value, EC_hcat_n as name, "
            "EC_hcat_c as hcat.",
            f"{path}: it has no codes; its classes are numbered in the order of their names.",
        ]


class TestManifest:
    RECORD = Manifest("pipeline", "0123456789abcdef", "complete", "0.1.0", 1, 1.5, 9.25)

    def test_a_manifest_survives_its_file(self, tmp_path: Path) -> None:
        record = self.RECORD.with_state(
            "complete", outputs={"crop_map": "map/crops.tif"}, notes=("ß", "two")
        )
        write_manifest(tmp_path, record)
        assert read_manifest(tmp_path) == record
        assert require_complete(tmp_path, "map") == record

    def test_a_folder_without_one_has_none(self, tmp_path: Path) -> None:
        assert read_manifest(tmp_path) is None
        with pytest.raises(UserError, match="it holds no manifest.json. Choose a map folder"):
            require_complete(tmp_path, "map")

    def test_a_missing_folder_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="there is no such folder. Choose a model folder"):
            require_complete(tmp_path / "absent", "model")

    def test_f03_a_running_job_without_its_process_counts_as_interrupted(
        self, tmp_path: Path
    ) -> None:
        ended = subprocess.Popen([sys.executable, "-c", ""])
        ended.wait()
        write_manifest(tmp_path, Manifest("map", "0" * 16, "running", "0.1.0", ended.pid, 1.0))
        manifest = read_manifest(tmp_path)
        assert manifest is not None
        assert manifest.state == "interrupted"

    def test_a_running_job_is_running(self, tmp_path: Path) -> None:
        record = Manifest("map", "0" * 16, "running", "0.1.0", os.getpid(), 1.0)
        write_manifest(tmp_path, record)
        assert read_manifest(tmp_path) == record

    @pytest.mark.parametrize("state", ["failed", "cancelled", "interrupted"])
    def test_f57_only_a_complete_job_has_results(self, tmp_path: Path, state: str) -> None:
        write_manifest(tmp_path, self.RECORD.with_state(state))
        with pytest.raises(UserError) as error:
            require_complete(tmp_path, "dataset")
        assert error.value.code == "job_not_complete"
        assert f"its job pipeline is {state}, not complete" in message_of(error)

    @pytest.mark.parametrize(
        "text", ["[]", "{}", '{"notes": []}', '{"notes": 3}', '"complete"', "null"]
    )
    def test_a_damaged_manifest_is_said_in_words(self, tmp_path: Path, text: str) -> None:
        (tmp_path / MANIFEST_FILE).write_text(text, encoding="utf-8")
        with pytest.raises(UserError, match="it is not a manifest of version 1"):
            read_manifest(tmp_path)

    def test_another_state_or_version_is_refused(self, tmp_path: Path) -> None:
        write_manifest(tmp_path, self.RECORD.with_state("nearly"))
        with pytest.raises(UserError, match="it is not a manifest of version 1"):
            read_manifest(tmp_path)
        write_manifest(tmp_path, self.RECORD.with_state("complete", schema=2))
        with pytest.raises(UserError, match="it is not a manifest of version 1"):
            read_manifest(tmp_path)


class TestDataFolder:
    def test_the_variable_overrides(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CSCL_HOME", "/data/é cscl")
        assert data_folder() == Path("/data/é cscl")

    @pytest.mark.skipif(sys.platform != "linux", reason="the Linux folder")
    def test_the_platforms_folder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CSCL_HOME", raising=False)
        monkeypatch.setenv("XDG_DATA_HOME", "/data/share")
        assert data_folder() == Path("/data/share/cscl")
