"""Previews of maps, and the list of runs, with values that are known."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from ask import ask, refused
from cscl.context import JobContext
from cscl.contract.atomic import PREFIX
from cscl.contract.jobs import make_job
from cscl.history import MOST_REMEMBERED, remember, remembered
from cscl.series.job import series_from_images
from cscl.series.stac import write_series
from cscl.service import Run
from small_scene import LEFT, TOP, UTM, write_folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own."""
    monkeypatch.setenv("CSCL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


class TestPreview:
    def asked(self, chain: Any, **more: Any) -> dict[str, Any]:
        """Return the question for the middle of the scene."""
        with rasterio.open(chain.map / "crops.tif") as file:
            x, y = file.xy(48, 48)
            crs = f"EPSG:{file.crs.to_epsg()}"
        return {
            "images": str(chain.series), "model": str(chain.model), "resolution": "10",
            "centre": [x, y], "crs": crs, "size": 32, **more,
        }  # fmt: skip

    @pytest.mark.parametrize(("resolution", "scale"), [("10", 1), ("2.5", 4)])
    def test_it_is_the_map(self, chain: Any, home: Path, resolution: str, scale: int) -> None:
        found = ask("preview", **self.asked(chain, resolution=resolution))
        assert home in Path(found["path"]).parents
        assert found["seconds"] > 0
        name = "crops.tif" if scale == 1 else "crops_2m5.tif"
        with rasterio.open(found["path"]) as file, rasterio.open(chain.map / name) as whole:
            codes = file.read(1)
            assert codes.shape == (32 * scale, 32 * scale)
            assert file.crs == whole.crs and file.nodata == 0
            row, col = (round(number) for number in whole.index(*file.xy(0, 0)))
            assert (row, col) == (32 * scale, 32 * scale)
            expected = whole.read(1)[row : row + 32 * scale, col : col + 32 * scale]
            colours = file.colormap(1)
        assert np.array_equal(codes, expected)
        card = ask("card", model=str(chain.model))
        for item in card["classes"]:
            assert "#{:02x}{:02x}{:02x}".format(*colours[item["code"]][:3]) == item["colour"]

    def test_images_that_are_no_series_yet(self, chain: Any, tmp_path: Path) -> None:
        """The same dates give the same codes, though clouds are measured in the window alone."""
        dates = ("20201101", "20210301", "20210501", "20210701")
        folder = write_folder(tmp_path / "in", dates, size=40)
        season = "2020-10-01/2021-09-30"
        path = tmp_path / "a.series.json"
        write_series(series_from_images(str(folder), season=season, ctx=JobContext()), path)
        where = {"centre": [LEFT + 205, TOP - 205], "crs": UTM, "size": 16}
        found = ask("preview", **self.asked(chain, images=str(folder), season=season, **where))
        series = ask("preview", **self.asked(chain, images=str(path), **where))
        with rasterio.open(found["path"]) as one, rasterio.open(series["path"]) as other:
            assert one.bounds == other.bounds
            assert one.bounds.left == LEFT + 120 and one.bounds.top == TOP - 120
            assert np.array_equal(one.read(1), other.read(1))
            assert one.read(1).any()

    def test_what_cannot_be_mapped_is_refused_in_words(self, chain: Any, home: Path) -> None:
        asked = self.asked(chain)
        assert refused("preview", **{**asked, "centre": [0, 0]}).code == "outside_images"
        assert refused("preview", **{**asked, "size": 5000}).code == "no_preview"
        assert refused("preview", **{**asked, "resolution": "1"}).code == "no_preview"
        pretrained = {**asked, "model": str(chain.pretrained)}
        assert refused("preview", **pretrained).code == "model_not_finetuned"
        assert not list((home / "cache").glob("previews/*"))


class TestRuns:
    def test_jobs_are_found_with_what_they_were(self, chain: Any) -> None:
        rows = {row["folder"]: row for row in ask("runs", folder=str(chain.folder))["runs"]}
        assert set(rows) == {
            str(path)
            for path in (chain.scene, chain.dataset, chain.pretrained, chain.model, chain.map)
        }
        model = rows[str(chain.model)]
        assert (model["job"], model["state"], model["error"]) == ("finetune", "complete", "")
        assert model["parameters"]["preset"] == "quick"
        assert model["output"] == str(chain.model)
        assert model["seconds"] >= 0
        assert model["figures"] == ask("card", model=str(chain.model))["figures"]
        began = [row["began"] for row in ask("runs", folder=str(chain.folder))["runs"]]
        assert began == sorted(began, reverse=True)

    def test_states_that_are_no_success(self, chain: Any, tmp_path: Path) -> None:
        for name, changes in (
            ("failed", {"state": "failed", "error": "too few dates"}),
            ("gone", {"state": "running", "pid": 2**22 + 5, "finished": None}),
            ("running", {"state": "running", "pid": os.getpid(), "finished": None}),
        ):
            shutil.copytree(chain.map, tmp_path / "in" / name)
            manifest = tmp_path / "in" / name / "manifest.json"
            manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **changes}))
        (tmp_path / "in" / "damaged").mkdir()
        (tmp_path / "in" / "damaged" / "manifest.json").write_text("{")
        rows = {
            Path(row["folder"]).name: row
            for row in ask("runs", folder=str(tmp_path / "in"))["runs"]
        }
        states = {name: row["state"] for name, row in rows.items()}
        assert states == {
            "failed": "failed", "gone": "interrupted", "running": "running", "damaged": "failed",
        }  # fmt: skip
        assert rows["failed"]["error"] == "too few dates"
        assert rows["running"]["seconds"] is None
        assert "not valid JSON" in rows["damaged"]["error"]

    def test_jobs_of_the_command_line_are_remembered(self, tmp_path: Path) -> None:
        assert ask("runs")["runs"] == []
        values = {"size": 64, "dates": 4, "crops": 2, "output": str(tmp_path / "scene")}
        assert Run(make_job("simulate", values), lambda event: None).execute() == 0
        series = {"images": str(tmp_path / "scene"), "output": str(tmp_path / "a.series.json")}
        assert Run(make_job("series", series), lambda event: None).execute() == 0
        rows = ask("runs")["runs"]
        assert [(row["job"], row["state"]) for row in rows] == [
            ("series", "complete"),
            ("simulate", "complete"),
        ]
        assert rows[0]["output"] == str(tmp_path / "a.series.json")
        assert rows[1]["folder"] == str(tmp_path / "scene")
        shutil.rmtree(tmp_path / "scene")
        assert [row["job"] for row in ask("runs")["runs"]] == ["series"]

    def test_a_folder_that_was_moved_or_copied_is_where_it_lies_now(self, tmp_path: Path) -> None:
        values = {"size": 64, "dates": 4, "crops": 2, "output": str(tmp_path / "scene")}
        assert Run(make_job("simulate", values), lambda event: None).execute() == 0
        part = tmp_path / "in" / f"{PREFIX}1-a-scene"
        for copy in (tmp_path / "in" / "copy", part):
            shutil.copytree(tmp_path / "scene", copy)
        rows = ask("runs", folder=str(tmp_path / "in"))["runs"]
        outputs = {row["folder"]: row["output"] for row in rows}
        # What a job makes to take another folder's place is known by that.
        assert outputs == {
            str(tmp_path / "in" / "copy"): str(tmp_path / "in" / "copy"),
            str(part): str(tmp_path / "scene"),
        }
        series = {"images": str(tmp_path / "scene"), "output": str(tmp_path / "a.series.json")}
        assert Run(make_job("series", series), lambda event: None).execute() == 0
        (record,) = (row for row in ask("runs")["runs"] if row["job"] == "series")
        shutil.move(record["folder"], tmp_path / "in" / "record")
        rows = ask("runs", folder=str(tmp_path / "in" / "record"))["runs"]
        assert [row["output"] for row in rows] == [str(tmp_path / "a.series.json")]

    def test_memory_of_folders_is_bounded(self, tmp_path: Path) -> None:
        for number in range(3):
            (tmp_path / str(number)).mkdir()
        for number in (0, 1, 2, 1):
            remember(tmp_path / str(number))
        assert [path.name for path in remembered()] == ["0", "1", "2"]
        assert MOST_REMEMBERED == 500

    def test_sizes_are_those_of_all_files(self, tmp_path: Path) -> None:
        (tmp_path / "a" / "b").mkdir(parents=True)
        (tmp_path / "a" / "x").write_bytes(b"x" * 1000)
        (tmp_path / "a" / "b" / "y").write_bytes(b"y" * 234)
        found = ask("run_size", folders=[str(tmp_path / "a"), str(tmp_path / "gone")])
        assert found == {"bytes": 1234}

    def test_no_folder_is_refused_in_words(self, tmp_path: Path) -> None:
        assert refused("runs", folder=str(tmp_path / "none")).code == "folder_missing"
