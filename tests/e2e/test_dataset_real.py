"""Datasets of every folder of real data: they are built, or what is wrong is said in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import DatasetJob
from cscl.dataset.job import build_dataset
from cscl.dataset.reader import Dataset

SEASON = "2018-10-01/2019-09-30"
COARSE = ("B05", "B06", "B07", "B8A", "B11", "B12")
SAFE_L1C = "S2A_MSIL1C_20180629T000241_N0206_R030_T56JMM_20180629T012042.zip"
SAFE_L2A = "S2A_MSIL2A_20221005T115411_N0400_R023_T29UNU_20221005T164454.SAFE"
ABSENT = ", ".join(
    f"T29UNU_20221005T115411_{band}.jp2"
    for band in (
        "B02_10m", "B03_10m", "B04_10m", "B08_10m", "B05_20m", "B06_20m", "B07_20m", "B11_20m",
        "B12_20m", "B8A_20m",
    )
)  # fmt: skip
TEN = "B02, B03, B04, B05, B06, B07, B08, B8A, B11, B12"
NINE = "B02, B03, B04, B05, B06, B07, B08, B11, B12"
FRANCE = ("parcels/france_rpg.gpkg", "code_cultu")


def built(data: Path, output: Path, images: str, parcels: str, field: str, **options: object):
    """Build a dataset of files below the folder of real data; return it with what was noted."""
    ctx = JobContext()
    job = DatasetJob(
        images=str(data / images), parcels=str(data / parcels), class_field=field,
        output=str(output), **options,
    )  # fmt: skip
    build_dataset(job, ctx)
    return Dataset.open(output), "\n".join(ctx.noted)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (
            "safe",
            f"DATA/safe/{SAFE_L1C}: it lacks SCL; wanted {TEN}, SCL; found B01, B02, B03, B04, "
            "B05, B06, B07, B08, B09, B10, B11, B12, B8A. Choose no cloud mask: the scene "
            "classification comes with L2A products only.\n"
            f"DATA/safe/{SAFE_L2A}: its metadata name files of 10 m and 20 m that it does not hold "
            f"(10): {ABSENT}. Download the product again, whole, or choose bands whose files are "
            "there (B01, B09).",
        ),
        (
            "netcdf",
            f"DATA/netcdf/belgium_monthly_2021.nc (12 images): it lacks B8A, SCL; wanted {TEN}, "
            f"SCL; found {NINE}. Choose bands that every image has, for example "
            f"{NINE.replace(', ', ',')}.\n"
            "DATA/netcdf/belgium_s2_l2a_scl_2023.nc (19 images): it lacks B05, B06, B07, B8A, B11, "
            f"B12; wanted {TEN}, SCL; found B04, B03, B02, B08, SCL. Choose bands that every image "
            "has, for example B04,B03,B02,B08.",
        ),
        (
            "flanders/b_2019",
            "it lacks B02, B03, B04, B08; wanted "
            f"{TEN}, SCL; found {', '.join(COARSE)}, SCL. Choose bands that every image has, for "
            f"example {','.join(COARSE)}.",
        ),
    ],
)
def test_images_that_do_not_suit(
    shared_data: Path, tmp_path: Path, images: str, message: str
) -> None:
    with pytest.raises(UserError) as caught:
        built(shared_data, tmp_path / "dataset", images, *FRANCE)
    assert message in str(caught.value).replace(str(shared_data), "DATA")


def test_parcels_of_another_country(shared_data: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        built(shared_data, tmp_path / "dataset", "flanders/a_2019", *FRANCE, season=SEASON)
    assert str(caught.value) == (
        "france_rpg.gpkg, layer lpis_iacs: no parcel touches the images: parcels 657094, 5071050, "
        "661053, 5075008, images 574680, 5621800, 575320, 5622440 (left, bottom, right, top in "
        "EPSG:32631). Choose parcels and images of one area."
    )


def test_both_areas_of_flanders(shared_data: Path, tmp_path: Path) -> None:
    for area, bands, dates, parcels in (
        ("a_2019", None, 35, 19), ("b_2019", COARSE, 69, 17)
    ):  # fmt: skip
        dataset, noted = built(
            shared_data, tmp_path / area, f"flanders/{area}", f"flanders/{area}/parcels.gpkg",
            "ct_name", season=SEASON, bands=bands,
        )  # fmt: skip
        assert len(dataset.days) == dates
        assert len(dataset.parcel_table()) == parcels
        assert dataset.chip == 16 and "chips of 16 pixels are used" in noted
        assert all(dataset.chips(split) for split in ("training", "validation", "test"))
        assert sum(dataset.class_counts.values()) > 500
        assert (tmp_path / area / "findings.gpkg").is_file()
