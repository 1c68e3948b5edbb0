"""The list for inspectors: who judges a parcel, in which order they stand, and cross-fitting."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from cscl.context import JobContext, Silent
from cscl.contract.errors import Cancelled, UserError
from cscl.contract.jobs import CAME_LATER, DatasetJob, MapJob, PipelineJob, fingerprint
from cscl.cross_fit import FoldContext, cross_fit
from cscl.dataset.split import SplitRule, to_split_coordinates
from cscl.dataset.split_ground import TEST, FoldGround
from cscl.dataset.split_plan import SplitPlan
from cscl.mapping.folder import read_map
from cscl.parcels.inspection import write_inspection
from test_parcels import CODES, CRS, LEFT, SIZE, TOP, box, save, write_map

FOLDS = 3
RULE = SplitRule(80.0, 5, (1 / FOLDS,) * FOLDS, 10.0)
PLANS = [SplitPlan(RULE, FoldGround(RULE, fold)) for fold in range(1, FOLDS + 1)]
SHAPES = [box(row, col, 3, 3) for row in range(0, 36, 4) for col in range(0, 32, 4)]
VALUES = {1: "wheat", 7: "beet", 12: "maize"}


def write_fold_maps(base: Path) -> list[Path]:
    """Write three maps that differ, each with the ground of its fold."""
    import rasterio

    folders = []
    for number, plan in enumerate(PLANS):
        folder = base / f"fold_{number + 1}"
        write_map(folder)
        with rasterio.open(folder / "probabilities.tif", "r+", IGNORE_COG_LAYOUT_BREAK="YES") as it:
            it.write(np.roll(it.read(), number, axis=0))
        text = json.loads((folder / "map.json").read_text())
        training = {
            "split_rule": plan.to_json(),
            "footprint": {"crs": CRS, "bounds": [LEFT - 99, TOP - 999, LEFT + 999, TOP + 99]},
        }
        (folder / "map.json").write_text(json.dumps({**text, "training": training}))
        folders.append(folder)
    return folders


def expected_rows(folders: list[Path], crops: list[str | None]) -> list[tuple[float, int, int]]:
    """Return minus the doubt, row and fold of the parcels that disagree, by falling doubt."""
    import rasterio

    points = np.array([shape.centroid.coords[0] for shape in SHAPES])
    places = np.stack(to_split_coordinates(*points.T, CRS), axis=1)
    bands = [rasterio.open(folder / "probabilities.tif").read() / 250.0 for folder in folders]
    rows = []
    for number, shape in enumerate(SHAPES):
        fold = next(
            at for at, plan in enumerate(PLANS) if plan.parcel_codes(places)[number] == TEST
        )
        left, _, _, top = shape.bounds
        row, col = round((TOP - top) / 10), round((left - LEFT) / 10)
        mean = bands[fold][:, row : row + 3, col : col + 3].mean(axis=(1, 2))
        mean /= mean.sum()
        if crops[number] is None:
            continue
        own, given = mean.argmax(), [VALUES.get(code) for code in CODES].index(crops[number])
        if own != given:
            doubt = np.log(mean[own]) - np.log(mean[given])
            rows.append((-round(float(doubt), 4), number, fold + 1))
    return sorted(rows)


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> list[Path]:
    return write_fold_maps(tmp_path_factory.mktemp("maps"))


def test_each_parcel_is_judged_by_the_model_of_its_fold(folders, tmp_path: Path) -> None:
    crops = [None if n % 9 == 4 else list(VALUES.values())[n % 3] for n in range(len(SHAPES))]
    layer = save(tmp_path / "in.gpkg", SHAPES, crop=crops, number=list(range(len(SHAPES))))
    ctx = JobContext()
    output = tmp_path / "inspection.gpkg"
    write_inspection([read_map(item) for item in folders], str(layer), "crop", output, ctx)
    found = geopandas.read_file(output)
    expected = expected_rows(folders, crops)
    assert len({fold for _, _, fold in expected}) == FOLDS and len(expected) > 20
    rows = zip(-found["doubt"], found["number"], found["fold"], strict=True)
    for one, other in zip(rows, expected, strict=True):
        assert one == pytest.approx(other, abs=2e-4)
    assert found["rank"].tolist() == list(range(1, len(found) + 1))
    assert (found["parcel_id"] == found["number"] + 1).all()
    assert not found["agrees"].any() and set(found["split"]) == {"test"}
    told = sum(crop is not None for crop in crops)
    assert any(note.startswith(f"{len(found)} of {told} parcels") for note in ctx.noted)


def test_a_list_without_any_parcel_is_a_layer_too(folders, tmp_path: Path) -> None:
    layer = save(tmp_path / "in.gpkg", SHAPES[:2], crop=[None, None], rank=["a", "b"])
    output = tmp_path / "inspection.gpkg"
    maps = [read_map(item) for item in folders]
    write_inspection(maps, str(layer), "crop", output, JobContext())
    found = geopandas.read_file(output)
    assert len(found) == 0 and {"crop", "rank", "rank_2", "doubt", "crop_code"} <= set(found)


def test_maps_without_their_ground_judge_nothing(tmp_path: Path) -> None:
    write_map(tmp_path / "map", training=False)
    layer = save(tmp_path / "in.gpkg", SHAPES[:2], crop=["wheat", "beet"])
    with pytest.raises(UserError, match="does not say where its model was trained"):
        write_inspection(
            [read_map(tmp_path / "map")], str(layer), "crop", tmp_path / "o.gpkg", JobContext()
        )
    assert not (tmp_path / "o.gpkg").exists()


def test_every_fold_is_trained_without_its_parcels(folders, tmp_path: Path, monkeypatch) -> None:
    layer = save(tmp_path / "in.gpkg", SHAPES, crop=["wheat"] * len(SHAPES))
    done: list = []

    def performed(job, ctx: JobContext) -> None:
        done.append(job)
        folder = Path(job.output)
        if isinstance(job, MapJob):
            folder.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(folders[int(folder.parent.name[-1]) - 1], folder)
        else:
            folder.mkdir(parents=True)
        ctx.progress("map", 1, 1)
        ctx.note("done")

    monkeypatch.setattr("cscl.cross_fit.perform_within", performed)
    job = PipelineJob(images="i", parcels=str(layer), class_field="crop", output=str(tmp_path),
                      cross_fit=FOLDS)  # fmt: skip
    dataset = DatasetJob(images="i", parcels=str(layer), class_field="crop", output="")
    mapping = MapJob(images="i", model="", output="", resolution="2.5")
    steps: list[tuple[int, int]] = []
    listener = Silent()
    listener.progress = lambda stage, done, total: steps.append((done, total))  # type: ignore
    ctx = JobContext(listener)
    cross_fit(job, dataset, mapping, lambda job, data, folder, ctx: folder / "model", ctx)
    datasets = [item for item in done if isinstance(item, DatasetJob)]
    assert [(item.split, item.folds, item.fold) for item in datasets] == [
        ("folds", FOLDS, fold) for fold in range(1, FOLDS + 1)
    ]
    maps = [item for item in done if isinstance(item, MapJob)]
    assert all(item.parcels == str(layer) and item.resolution == "10" for item in maps)
    assert not list((tmp_path / "crossfit").glob("*/dataset"))
    assert steps == sorted(steps) and steps[-1][0] == FOLDS * 1000
    assert "Fold 2 of 3: done" in ctx.noted
    with open(tmp_path / "inspection.csv", encoding="utf-8-sig", newline="") as file:
        listed = list(csv.DictReader(file))
    assert [int(row["rank"]) for row in listed] == list(range(1, len(listed) + 1))
    assert len(listed) == len(geopandas.read_file(tmp_path / "inspection.gpkg")) > 10
    assert set(listener.artifacts) == {"inspection", "inspection_table"}


def test_a_fold_stops_and_finishes_with_the_whole_job() -> None:
    whole = JobContext()
    part = FoldContext(whole, 1, 3)
    whole.finish_requested = True
    part.check()
    assert part.finish_requested
    whole.cancelled = True
    with pytest.raises(Cancelled):
        part.check()


def test_a_pipeline_without_cross_fitting_is_the_job_it_was() -> None:
    job = PipelineJob(images="i", parcels="p", class_field="c", output="o")
    assert job.cross_fit is None and CAME_LATER["cross_fit"] is None
    assert fingerprint(job) != fingerprint(replace(job, cross_fit=3))


def test_shapes_of_the_scene_lie_in_all_folds() -> None:
    points = np.array([shape.centroid.coords[0] for shape in SHAPES])
    places = np.stack(to_split_coordinates(*points.T, CRS), axis=1)
    tests = np.stack([plan.parcel_codes(places) == TEST for plan in PLANS])
    assert (tests.sum(axis=0) == 1).all() and tests.any(axis=1).all()
    assert shapely.union_all(SHAPES).area < SIZE * SIZE * 100


def test_parcels_that_the_images_edge_cuts_are_judged_too(folders, tmp_path: Path) -> None:
    """The point by which such a parcel was split lies beyond the images."""
    shapes = [box(4, -12, 3, 14), box(12, -20, 3, 22), box(20, -9, 3, 11)]
    layer = save(tmp_path / "in.gpkg", shapes, crop=["wheat"] * 3)
    maps = [read_map(item) for item in folders]
    for number, item in enumerate(maps):
        ground = {"crs": CRS, "bounds": list(item.grid.bounds)}
        item.training["footprint"] = ground
        assert PLANS[number].to_json() == item.training["split_rule"]
    ctx = JobContext()
    write_inspection(maps, str(layer), "crop", tmp_path / "o.gpkg", ctx)
    assert any("of 3 parcels that a model judged" in note for note in ctx.noted)
