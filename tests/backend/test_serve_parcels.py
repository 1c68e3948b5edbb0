"""Classes and findings of parcels, and class tables, with values that are known."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from ask import ask, refused
from small_scene import LEFT, TOP, squares, write_folder, write_parcels


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own."""
    monkeypatch.setenv("CSCL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture()
def layer(tmp_path: Path) -> str:
    """Four squares of a hectare: two of wheat, one of maize, one without a class."""
    shapes = squares(2, 100.0, gap=20.0)
    return str(write_parcels(tmp_path / "p.gpkg", shapes, ["wheat", "maize", "wheat", None]))


class TestParcels:
    def test_counts_and_areas_without_images(self, layer: str) -> None:
        found = ask("parcels", parcels=layer, class_field="crop")
        rows = {row["value"]: row for row in found["classes"]}
        assert list(rows) == ["", "maize", "wheat"]
        assert [row["count"] for row in rows.values()] == [1, 1, 2]
        assert rows["wheat"]["area_ha"] == pytest.approx(2.0, abs=1e-3)
        assert (rows["maize"]["code"], rows["maize"]["name"]) == (1, "maize")
        assert rows["wheat"]["colour"] == "#f17105"
        assert (rows[""]["code"], rows[""]["pixels"]) == (None, None)
        assert found["parcels"] == 4
        assert [item["code"] for item in found["findings"]] == [
            "class_null",
            "class_of_one_parcel",
        ]

    def test_what_lies_on_the_images_and_within_the_rules(self, tmp_path: Path, layer: str) -> None:
        images = str(write_folder(tmp_path / "in", ("20210401", "20210601")))
        found = ask("parcels", parcels=layer, class_field="crop", series=images, inner_buffer=10.0)
        rows = {row["value"]: row for row in found["classes"]}
        assert found["parcels"] == 4
        # 80 m squares are left; the images end 240 m from the corner, parcels at 220 m.
        assert rows["maize"]["pixels"] == 64
        assert rows["wheat"]["pixels"] == 128
        nothing = ask(
            "parcels", parcels=layer, class_field="crop", series=images, minimum_area=20_000.0
        )
        assert {row["pixels"] for row in nothing["classes"]} == {0}
        assert "no_classes" in [item["code"] for item in nothing["findings"]]

    def test_findings_become_a_layer_of_its_own(self, tmp_path: Path, home: Path) -> None:
        a, b = (
            shapely.box(LEFT, TOP - 100, LEFT + 100, TOP),
            shapely.box(LEFT + 50, TOP - 100, LEFT + 150, TOP),
        )
        source = str(write_parcels(tmp_path / "p.gpkg", [a, b], ["wheat", "maize"]))
        found = ask("parcels", parcels=source, class_field="crop")
        path = Path(found["findings_layer"])
        assert home in path.parents
        rows = gpd.read_file(path, layer="findings")
        overlap = rows[rows["code"] == "overlap"].iloc[0]
        assert overlap.geometry.area == pytest.approx(5000, rel=1e-3)
        assert "overlap" in [item["code"] for item in found["findings"]]
        again = ask("parcels", parcels=source, class_field="crop")
        assert again["findings_layer"] != found["findings_layer"]
        assert path.is_file()  # QGIS may show it

    def test_a_table_names_what_it_holds(self, tmp_path: Path, layer: str) -> None:
        table = tmp_path / "classes.csv"
        table.write_text("source_value,name,code,colour,hcat\nwheat,Cereals,7,#112233,33\n")
        found = ask("parcels", parcels=layer, class_field="crop", classes=str(table))
        rows = {row["value"]: row for row in found["classes"]}
        assert rows["wheat"]["name"] == "Cereals"
        assert (rows["wheat"]["code"], rows["wheat"]["colour"]) == (7, "#112233")
        assert rows["wheat"]["hcat"] == "33"
        assert rows["maize"]["code"] is None
        assert "class_not_in_table" in [item["code"] for item in found["findings"]]

    def test_more_values_than_classes_are_shown_to_be_merged(self, tmp_path: Path) -> None:
        shapes = squares(17, 10.0, gap=5.0)
        values = [f"crop {number:03d}" for number in range(len(shapes))]
        source = str(write_parcels(tmp_path / "p.gpkg", shapes, values))
        found = ask("parcels", parcels=source, class_field="crop")
        assert len(found["classes"]) == 289
        assert {row["code"] for row in found["classes"]} == {None}
        assert "too_many_classes" in [item["code"] for item in found["findings"]]

    def test_what_is_no_parcel_layer_is_refused_in_words(self, tmp_path: Path, layer: str) -> None:
        assert refused("parcels", parcels=layer, class_field="plant").code == "class_field_missing"
        assert refused("parcels", parcels=str(tmp_path), class_field="a").code
        far = str(write_folder(tmp_path / "in", ("20210401", "20210601")))
        away = write_parcels(
            tmp_path / "away.gpkg", [shapely.box(10, 10, 20, 20)], ["x"], crs="EPSG:32631"
        )
        error = refused("parcels", parcels=str(away), class_field="crop", series=far)
        assert error.code == "no_overlap"

    def test_real_parcels_of_a_country(self, shared_data: Path) -> None:
        source = str(shared_data / "parcels" / "france_rpg.gpkg")
        layer = gpd.read_file(source)
        field = next(name for name in ("CODE_CULTU", "code_cultu") if name in layer.columns)
        found = ask("parcels", parcels=source, class_field=field)
        assert sum(row["count"] for row in found["classes"]) == found["parcels"]
        counted = layer[field].value_counts()
        best = max(found["classes"], key=lambda row: row["count"])
        assert best["count"] == pytest.approx(counted.max(), abs=5)
        area = layer.to_crs("EPSG:6933").area.sum() / 10_000
        assert sum(row["area_ha"] for row in found["classes"]) == pytest.approx(area, rel=0.005)


class TestClassTables:
    ROWS = [
        {"value": "300", "code": 1, "name": "wheat", "colour": "#112233", "hcat": "33"},
        {"value": "301", "code": 1, "name": "wheat", "colour": "#112233", "hcat": "33"},
        {"value": "Łąka", "code": 2, "name": "meadow", "colour": "#445566", "hcat": ""},
    ]

    def test_what_is_saved_is_read_back(self, tmp_path: Path) -> None:
        path = str(tmp_path / "classes.csv")
        assert ask("save_class_table", path=path, rows=self.ROWS) == {"path": path}
        assert ask("class_table", path=path) == {"rows": self.ROWS, "notes": []}

    def test_a_table_with_faults_is_not_written(self, tmp_path: Path) -> None:
        path = tmp_path / "classes.csv"
        wrong = [self.ROWS[0], {**self.ROWS[2], "code": 1}]
        assert refused("save_class_table", path=str(path), rows=wrong).code == "class_code"
        unnamed = [{**self.ROWS[0], "name": " "}]
        assert refused("save_class_table", path=str(path), rows=unnamed).code == "class_value"
        assert not path.exists()

    def test_what_was_assumed_is_said(self, tmp_path: Path) -> None:
        path = tmp_path / "eurocrops.csv"
        path.write_text("original_code;EC_hcat_n;EC_hcat_c\n1;wheat;33\n")
        found = ask("class_table", path=str(path))
        assert found["rows"][0]["hcat"] == "33"
        assert len(found["notes"]) == 2
