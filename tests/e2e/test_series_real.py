"""`cscl series` on every folder of real data: what it makes of it, or what it says is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cscl.contract.events import Done, Failed, Note
from cscl.contract.jobs import make_job
from cscl.series.model import TimeSeries
from cscl.series.reader import SeriesReader
from cscl.series.season import season_text
from cscl.series.stac import read_series
from cscl.service import Run

L1C = "S2A_MSIL1C_20180629T000241_N0206_R030_T56JMM_20180629T012042.zip"
L2A = "S2A_MSIL2A_20221005T115411_N0400_R023_T29UNU_20221005T164454.SAFE"
TEN = "B02, B03, B04, B05, B06, B07, B08, B8A, B11, B12"
SIX = ("B05", "B06", "B07", "B8A", "B11", "B12")
FOUR = ("B02", "B03", "B04", "B08")
MONTHLY, SCENES = "netcdf/belgium_monthly_2021.nc", "netcdf/belgium_s2_l2a_scl_2023.nc"
FORMS = (
    "Known are: static STAC items with local images; NetCDF and Zarr cubes; SAFE products of "
    "Sentinel-2 (folders or zips, L1C or L2A); one file a band and date (GeoTIFF, JPEG 2000, VRT); "
    "one multi-band GeoTIFF a date."
)

NO_SCL = (
    "{d}/safe/" + L1C + ": it lacks SCL; wanted " + TEN + ", SCL; found B01, B02, B03, B04, B05, "
    "B06, B07, B08, B09, B10, B11, B12, B8A. Choose no cloud mask: the scene classification comes "
    "with L2A products only."
)
ABSENT = (
    "{d}/safe/" + L2A + ": its metadata name files of 10 m and 20 m that it does not hold (10): "
    + ", ".join(
        f"T29UNU_20221005T115411_{band}.jp2"
        for band in (
            "B02_10m", "B03_10m", "B04_10m", "B08_10m", "B05_20m", "B06_20m", "B07_20m",
            "B11_20m", "B12_20m", "B8A_20m",
        )
    )
    + ". Download the product again, whole, or choose bands whose files are there (B01, B09)."
)  # fmt: skip
NO_B8A = (
    "{d}/" + MONTHLY + " (12 images): it lacks B8A, SCL; wanted " + TEN + ", SCL; found B02, B03, "
    "B04, B05, B06, B07, B08, B11, B12. Choose bands that every image has, for example "
    "B02,B03,B04,B05,B06,B07,B08,B11,B12."
)
FOUR_ONLY = (
    "{d}/" + SCENES + " (19 images): it lacks B05, B06, B07, B8A, B11, B12; wanted " + TEN
    + ", SCL; found B04, B03, B02, B08, SCL. Choose bands that every image has, for example "
    "B04,B03,B02,B08."
)  # fmt: skip
SIX_ONLY = (
    "{d}/flanders/b_2019/S2_L2A_20180802.tif and 145 more images: it lacks B02, B03, B04, B08; "
    "wanted " + TEN + ", SCL; found B05, B06, B07, B8A, B11, B12, SCL. Choose bands that every "
    "image has, for example B05,B06,B07,B8A,B11,B12."
)

# folder or file, options, the whole message
REFUSED: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "everything": (".", {}, [NO_SCL, ABSENT, NO_B8A, FOUR_ONLY, SIX_ONLY]),
    "flanders": ("flanders", {}, [SIX_ONLY]),
    "flanders/b_2019": ("flanders/b_2019", {}, [SIX_ONLY]),
    "safe": ("safe", {}, [NO_SCL, ABSENT]),
    "safe, 60 m and 20 m": (f"safe/{L2A}", {"mask": "none"}, [ABSENT]),
    "safe, one date": (
        f"safe/{L2A}",
        {"bands": ("B01", "B09")},
        [
            "{d}/safe/" + L2A + ": 1 of its dates (2022-10-05 to 2022-10-05) lie from 2022-10-01 "
            "to 2022-10-31; a time series needs 2. Choose another season, or add images."
        ],
    ),
    "zip, decimated pixels": (
        f"safe/{L1C}",
        {"mask": "none"},
        [
            "{d}/safe/" + L1C + f": its band {band} lies on 219 x 219 pixels of 501.37 m from "
            "399960, 6700000, which does not fit 439 x 439 pixels of 250.114 m from 399960, "
            "6700000. Give bands that share the upper left corner, with pixels of 10, 20 or 60 m."
            for band in SIX
        ],
    ),
    "zip, one date": (
        f"safe/{L1C}",
        {"mask": "none", "bands": ("B02", "B03")},
        [
            "{d}/safe/" + L1C + ": 1 of its dates (2018-06-29 to 2018-06-29) lie from 2018-06-01 "
            "to 2018-06-30; a time series needs 2. Choose another season, or add images."
        ],
    ),
    "netcdf": ("netcdf", {}, [NO_B8A, FOUR_ONLY]),
    "netcdf, two grids in two years": (
        "netcdf",
        {"bands": FOUR, "mask": "none"},
        [
            "{d}/netcdf, EPSG:32631, 100 x 100 pixels of 10 m from 664000, 5612120: 0 of its "
            "dates (2020-11-01 to 2021-10-01) lie from 2023-01-01 to 2023-12-31; a time series "
            "needs 2. Choose another season, or add images."
        ],
    ),
    "parcels": (
        "parcels", {}, ["{d}/parcels: it holds no images of a known form (8 other files). " + FORMS]
    ),
    "volumes": (
        "volumes", {}, ["{d}/volumes: it holds no images of a known form (2 other files). " + FORMS]
    ),
}  # fmt: skip


class Outcome:
    """What a run of the job said and made."""

    def __init__(self, images: Path, folder: Path, options: dict[str, Any]) -> None:
        events: list[Any] = []
        output = folder / "out.series.json"
        job = make_job("series", {"images": str(images), "output": str(output), **options})
        self.status = Run(job, events.append).execute()
        self.notes = [event.text for event in events if isinstance(event, Note)]
        self.messages = [event.message for event in events if isinstance(event, Failed)]
        self.outputs = next((dict(e.outputs) for e in events if isinstance(e, Done)), {})
        self.series = {
            path.name: read_series(path) for path in sorted(folder.glob("*.series.json"))
        }

    @property
    def one(self) -> TimeSeries:
        (series,) = self.series.values()
        return series


@pytest.fixture(autouse=True)
def data(shared_data: Path, tmp_path: Path, monkeypatch) -> Iterator[Path]:
    """Yield the folder of real data, which stays as it is."""
    monkeypatch.setenv("CSCL_HOME", str(tmp_path / "home"))
    before = {path: path.stat().st_mtime_ns for path in shared_data.rglob("*")}
    yield shared_data
    assert {path: path.stat().st_mtime_ns for path in shared_data.rglob("*")} == before


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_is_said_in_words(name: str, data: Path, tmp_path: Path) -> None:
    place, options, lines = REFUSED[name]
    found = Outcome(data if place == "." else data / place, tmp_path, options)
    assert found.status == 1
    assert found.messages[0].split("\n") == [line.replace("{d}", str(data)) for line in lines]
    assert found.series == {} and found.outputs == {}


def test_rows_for_products_are_not_used(data: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text(f"image,scale\n{L2A},1\n")
    options = {"bands": ("B01", "B09"), "image_table": str(table)}
    found = Outcome(data / "safe" / L2A, tmp_path, options)
    assert found.messages and found.notes[0] == (
        f"{L2A}: its own metadata are used, not what the image table says."
    )


def test_flanders_without_a_season(data: Path, tmp_path: Path) -> None:
    found = Outcome(data / "flanders" / "a_2019", tmp_path, {})
    assert found.status == 0 and set(found.outputs) == {"series"}
    assert len(found.one.acquisitions) == 36 and found.one.level == "L2A"
    assert found.notes[:3] == [
        "The images cover 2018-08-04 to 2019-11-27 (481 days) and no season was given: the last "
        "full twelve months are used, 2018-11-01/2019-10-31.",
        "19 of 72 images lie outside the season 2018-11-01/2019-10-31 and are not used.",
        "53 of 53 images say nothing about scale and offset: reflectance = number x 0.0001, offset "
        "0 is assumed.",
    ]
    assert found.notes[3].startswith(
        "Masked by the scene classification:\n    2018-11-02: shadow 5%, probable cloud 10%, "
        "cloud 27%\n"
    )
    assert found.notes[4].startswith(
        "17 of 53 dates have less than 5% valid pixels and are not used: 2018-11-12, 2018-11-27, "
    )
    assert len(found.notes) == 5


def test_flanders_with_a_cloud_limit(data: Path, tmp_path: Path) -> None:
    options = {"season": "2018-10-01/2019-09-30", "cloud_limit": 5.0}
    found = Outcome(data / "flanders" / "a_2019", tmp_path, options)
    # The description of the data counts about 29 clear dates over all sixteen months.
    assert len(found.one.acquisitions) == 22
    assert all(item.cloud_share <= 0.05 for item in found.one.acquisitions)
    assert [note for note in found.notes if note.startswith("Clouds hide more than 5% of the area")]


def test_both_areas_of_flanders_become_two_series_of_months(data: Path, tmp_path: Path) -> None:
    options = {"bands": SIX, "season": "2018-10-01/2019-09-30", "composite": "month"}
    found = Outcome(data / "flanders", tmp_path, options)
    assert set(found.outputs) == {"series", "series_2"}
    assert list(found.series) == ["out_EPSG_32631_1.series.json", "out_EPSG_32631_2.series.json"]
    north, south = found.series.values()
    assert (len(north.acquisitions), len(south.acquisitions)) == (69, 35)
    assert len(north.frames) == len(south.frames) == 12 and north.days == south.days
    place = "EPSG:32631, 64 x 64 pixels of 10 m from"
    assert [note for note in found.notes if note.startswith(place) and "medians" in note]
    with SeriesReader(south) as reader:
        stack = reader.read(south.grid.whole)
    # Near infrared of fields is highest in summer.
    infrared = [np.median(v[3][w]) for v, w in zip(stack.values, stack.valid, strict=True)]
    assert 0.15 < min(infrared) < infrared[8] < 0.5 and np.argmax(infrared) in (6, 7, 8, 9)


def test_scenes_of_openeo(data: Path, tmp_path: Path) -> None:
    options = {"bands": FOUR, "composite": "month", "gaps": "linear"}
    found = Outcome(data / SCENES, tmp_path, options)
    series = found.one
    assert season_text(series.season) == "2023-10-01/2023-12-31" and series.level == "L2A"
    assert (len(series.acquisitions), len(series.frames)) == (3, 3)
    assert (
        "Medians of periods without a date are filled from the others: 2023-11-15." in found.notes
    )
    with SeriesReader(series) as reader:
        stack = reader.read(series.grid.whole)
    seen = stack.valid.all(axis=0)
    assert seen.mean() > 0.9 and (stack.valid == seen).all()
    between = stack.values[1][:, seen] - stack.values[0][:, seen]
    whole = stack.values[2][:, seen] - stack.values[0][:, seen]
    # 30 of 61 days from the middle of October to that of December.
    assert np.allclose(between, whole * 30 / 61, atol=1.1e-4)


def test_monthly_composites_of_openeo(data: Path, tmp_path: Path) -> None:
    found = Outcome(data / MONTHLY, tmp_path, {"bands": FOUR, "mask": "none"})
    assert len(found.one.acquisitions) == 10
    assert found.notes[-1] == (
        "2 of 12 dates have less than 5% valid pixels and are not used: 2020-12-01, 2021-01-01."
    )
    with SeriesReader(found.one) as reader:
        stack = reader.read(found.one.grid.whole)
    assert stack.valid.mean() > 0.5 and 0.0 < stack.values[stack.values > 0].mean() < 0.5
