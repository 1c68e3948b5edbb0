"""Evaluation of a real model on a real dataset, and who may read the truth."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import numpy as np
import pytest
import rasterio
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import DatasetJob, EvaluateJob, MapJob, SeriesJob
from cscl.dataset.job import build_dataset
from cscl.dataset.reader import Dataset
from cscl.dispatch import perform
from cscl.evaluation import baseline
from cscl.evaluation.block_figures import block_counts
from cscl.evaluation.job import evaluate
from cscl.evaluation.metrics import confusion
from cscl.evaluation.pipeline_report import write_pipeline_report
from cscl.evaluation.report import read_report
from cscl.evaluation.summary import value
from cscl.evaluation.zones import bands, boundary, coarse_labels
from cscl.series.job import define_series
from PIL import Image

TEST = 3


def read(path: Path) -> np.ndarray:
    with rasterio.open(path) as raster:
        return raster.read(1)


def repeat(values: np.ndarray) -> np.ndarray:
    return values.repeat(4, axis=0).repeat(4, axis=1)


def matrix_of(report: dict, reference: str, resolution: str, method: str) -> list:
    return value(
        report["confusion"], "matrix", reference=reference, resolution=resolution, method=method
    )


def run(chain, output: Path, **changes) -> tuple[dict, JobContext]:
    values = {"dataset": chain.dataset, "model": chain.model, "output": output} | changes
    texts = {key: str(item) if isinstance(item, Path) else item for key, item in values.items()}
    ctx = JobContext()
    evaluate(EvaluateJob(**texts), ctx)
    return read_report(output / "report.json"), ctx


@pytest.fixture(scope="module")
def evaluated(chain, tmp_path_factory: pytest.TempPathFactory):
    """Report and context of an evaluation with truth and a small forest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(baseline, "TREES", 20)
        patch.setattr(baseline, "TRIAL_TREES", 10)
        output = tmp_path_factory.mktemp("evaluation")
        report, ctx = run(chain, output, truth=chain.truth, until_curve=6)
    return report, ctx, output


def test_every_labelled_pixel_of_the_split_is_scored_once_as_the_map_shows_it(chain, evaluated):
    report, _, _ = evaluated
    folder = chain.dataset / "labels" / "grid_0"
    split = read(folder / "split.tif") == TEST
    codes = [item["code"] for item in report["classes"]]
    for resolution, counted, ending in (("10", split, ""), ("2.5", repeat(split), "_2m5")):
        labels = read(folder / f"labels{ending}.tif")
        crops = read(chain.map / f"crops{ending}.tif")
        counted = counted & (crops > 0)
        expected = confusion(labels[counted], crops[counted], codes)
        assert expected.sum() > 1000
        assert matrix_of(report, "declared", resolution, "network") == expected.tolist()
    nearest = repeat(read(chain.map / "crops.tif"))[counted]
    expected = confusion(labels[counted], nearest, codes)
    assert matrix_of(report, "declared", "2.5", "network 1x") == expected.tolist()


def test_scores_against_the_truth_are_those_of_its_pixels(chain, evaluated):
    report, _, _ = evaluated
    split = read(chain.dataset / "labels" / "grid_0" / "split.tif") == TEST
    truth = read(chain.truth)
    table = Dataset.open(chain.dataset).classes
    with rasterio.open(chain.truth) as raster:
        names = {int(k[6:]): v for k, v in raster.tags(1).items() if k.startswith("class_")}
    lookup = np.arange(256, dtype=np.uint8)
    for code, name in names.items():
        if code != 254:
            lookup[code] = dict(zip(table.names, table.codes, strict=True))[name]
    truth = lookup[truth]
    codes = [item["code"] for item in report["classes"]]
    coarse, mixed = coarse_labels(truth)
    crops = read(chain.map / "crops.tif")
    counted = split & (crops > 0)
    expected = confusion(coarse[counted], crops[counted], codes)
    assert matrix_of(report, "truth", "10", "network") == expected.tolist()
    where = {"reference": "truth", "resolution": "10", "method": "network"}
    for zone, mask in (("boundary", boundary(coarse)), ("mixed", mixed)):
        chosen = counted & mask
        assert value(report["zones"], "pixels", zone=zone, **where) == chosen.sum()
        accuracy = (coarse[chosen] == crops[chosen]).mean()
        found = value(report["zones"], "overall_accuracy", zone=zone, **where)
        assert found == pytest.approx(accuracy)
    fine = read(chain.map / "crops_2m5.tif")
    counted = repeat(split) & (fine > 0)
    expected = confusion(truth[counted], fine[counted], codes)
    assert matrix_of(report, "truth", "2.5", "network") == expected.tolist()
    expected = confusion(truth[counted], repeat(coarse)[counted], codes)
    assert matrix_of(report, "truth", "2.5", "ceiling") == expected.tolist()


def test_the_forest_is_scored_on_the_same_pixels(evaluated):
    report, _, _ = evaluated
    for row in report["zones"]:
        if row["method"] == "forest":
            keys = {k: row[k] for k in ("reference", "resolution", "zone")}
            assert row["pixels"] == value(report["zones"], "pixels", method="network", **keys)
    assert len(report["forest"]["trials"]) == 2
    assert value(report["parcels"], "scored", method="forest", reference="truth") > 0


def test_parcels_of_the_split_are_scored_by_count_and_area(chain, evaluated):
    report, _, _ = evaluated
    parcels = Dataset.open(chain.dataset).parcel_table()
    chosen = parcels[parcels["split"] == "test"]
    for row in report["parcels"]:
        assert row["parcels"] == len(chosen)
        assert 0 < row["scored"] <= len(chosen)
        assert row["accuracy"] == row["right"] / row["scored"]
        assert 0 <= row["area_accuracy"] <= 1
    most = chosen["area"].sum() / 1e4
    assert max(row["area_hectares"] for row in report["parcels"]) <= most + 1e-9


def test_calibration_is_given_before_and_after(evaluated):
    report, _, _ = evaluated
    rows = {(r["reference"], r["resolution"], r["zone"]): r for r in report["calibration"]}
    assert {zone for _, resolution, zone in rows if resolution == "10"} == {
        "all", "boundary", "interior",
    }  # fmt: skip
    row = rows["truth", "10", "all"]
    assert row["pixels"] == value(
        report["zones"], "pixels", reference="truth", resolution="10", method="network", zone="all"
    )
    assert sum(item["count"] for item in row["bins_after"]) == row["pixels"]
    assert 0 <= row["error_after"] <= 1 and 0 <= row["class_wise_before"] <= 1


def test_boundary_iou_is_that_of_the_whole_map(chain, evaluated):
    report, _, _ = evaluated
    split = read(chain.dataset / "labels" / "grid_0" / "split.tif") == TEST
    codes = [item["code"] for item in report["classes"]]
    for resolution, counted, ending in (("10", split, ""), ("2.5", repeat(split), "_2m5")):
        labels = read(chain.dataset / "labels" / "grid_0" / f"labels{ending}.tif")
        crops = read(chain.map / f"crops{ending}.tif")
        counted = counted & (crops > 0) & np.isin(labels, codes)
        for width in (1, 2):
            true, mapped = bands(labels)[width] & counted, bands(crops)[width] & counted
            both = true & mapped & (labels == crops)
            row = next(
                row
                for row in report["boundary_iou"]
                if (row["reference"], row["resolution"], row["method"], row["width"])
                == ("declared", resolution, "network", width)
            )
            for item in row["classes"]:
                here = true & (labels == item["code"]), mapped & (crops == item["code"])
                assert item["intersection"] == (both & (labels == item["code"])).sum()
                assert item["union"] == (here[0] | here[1]).sum()
            assert sum(item["union"] for item in row["classes"]) > 50


def test_counts_by_block_add_up_and_blocks_are_many(evaluated):
    report, _, _ = evaluated
    for method in ("network", "forest"):
        where = {"reference": "truth", "resolution": "2.5", "method": method}
        blocks = block_counts(report, zone="all", **where)
        assert len(blocks) > 5
        assert sum(blocks.values()).tolist() == matrix_of(report, *where.values())
        bins = value(report["distances"], "bins", **where)
        pixels = value(report["zones"], "pixels", zone="all", **where)
        assert sum(item["pixels"] for item in bins) == pixels
        right = sum(item["pixels"] * (item["accuracy"] or 0) for item in bins)
        accuracy = value(report["zones"], "overall_accuracy", zone="all", **where)
        assert right / pixels == pytest.approx(accuracy)


def test_the_last_cut_of_the_season_is_the_whole_season(chain, evaluated):
    report, _, output = evaluated
    rows = [row for row in report["until"] if row["reference"] == "truth"]
    assert 2 <= len(rows) <= 6
    assert [row["dates"] for row in rows] == sorted({row["dates"] for row in rows})
    assert rows[-1]["until"] == report["dataset"]["season"][1]
    assert rows[-1]["dates"] == len(report["dataset"]["dates"])
    assert all(row["last"] <= row["until"] for row in rows)
    where = {"reference": "truth", "resolution": "10", "method": "network"}
    for name, zone, figure in (
        ("overall_accuracy", "all", "overall_accuracy"),
        ("mean_iou", "all", "mean_iou"),
        ("boundary_accuracy", "boundary", "overall_accuracy"),
    ):
        assert rows[-1][name] == value(report["zones"], figure, zone=zone, **where)
    assert "Through the season" in (output / "report.html").read_text(encoding="utf-8")
    assert "--until-curve 6" in report["commands"]["evaluate"]


def test_a_cut_shows_what_a_series_until_that_day_would(chain, evaluated, tmp_path: Path):
    report, _, _ = evaluated
    row = next(row for row in report["until"] if row["reference"] == "declared")
    series = tmp_path / "cut.series.json"
    job = SeriesJob(
        images=str(chain.scene),
        output=str(series),
        season="/".join(report["dataset"]["season"]),
        until=row["until"],
    )
    define_series(job, JobContext())
    output = tmp_path / "map"
    perform(
        MapJob(images=str(series), model=str(chain.model), output=str(output), resolution="10"),
        JobContext(),
    )
    labels, crops = (
        read(chain.dataset / "labels" / "grid_0" / "labels.tif"),
        read(output / "crops.tif"),
    )
    counted = (read(chain.dataset / "labels" / "grid_0" / "split.tif") == TEST) & (crops > 0)
    counted &= np.isin(labels, [item["code"] for item in report["classes"]])
    assert row["overall_accuracy"] == pytest.approx((labels == crops)[counted].mean())
    assert row["pixels"] == counted.sum()


def test_parcels_are_calibrated_with_a_temperature_of_their_own(chain, evaluated):
    report, _, _ = evaluated
    parcels = Dataset.open(chain.dataset).parcel_table()
    rows = report["parcel_calibration"]
    assert {(row["reference"], row["resolution"]) for row in rows} == {
        ("declared", "10"), ("declared", "2.5"), ("truth", "10"), ("truth", "2.5"),
    }  # fmt: skip
    for row in rows:
        assert 0 < row["fitted_on"] <= (parcels["split"] == "validation").sum()
        where = {key: row[key] for key in ("reference", "resolution")}
        assert row["parcels"] == value(report["parcels"], "scored", method="network", **where)
        assert 0.1 <= row["temperature"] <= 10
        if row["temperature"] == 1:
            assert row["error_after"] == row["error_before"]


def test_a_small_scene_is_called_smoke_level_and_curves_are_found(evaluated):
    report, _, output = evaluated
    assert any("parcels, fewer than" in reason for reason in report["smoke"])
    assert [item["stage"] for item in report["curves"]] == ["pretrain", "finetune"]
    assert "Smoke level" in (output / "report.html").read_text(encoding="utf-8")


def test_truth_is_matched_by_name_not_by_code(chain, evaluated, tmp_path: Path):
    report, _, _ = evaluated
    moved = tmp_path / "moved.tif"
    with rasterio.open(chain.truth) as raster:
        codes, tags, profile = raster.read(1), raster.tags(1), raster.profile
    other = np.where((codes > 0) & (codes < 254), codes + 50, codes).astype(np.uint8)
    names = {k: v for k, v in tags.items() if k.startswith("class_")}
    with rasterio.open(moved, "w", **profile) as raster:
        raster.write(other, 1)
        raster.update_tags(
            1, **{f"class_{int(k[6:]) % 254 + 50}": v for k, v in names.items() if k[6:] != "254"}
        )
    again, _ = run(chain, tmp_path / "out", truth=moved, baseline=False)
    for resolution in ("10", "2.5"):
        expected = matrix_of(report, "truth", resolution, "network")
        assert matrix_of(again, "truth", resolution, "network") == expected
    assert again["forest"] is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"crs": "EPSG:32630"}, "coordinate reference system"),
        ({"shift": 1.0}, "do not divide the images' pixels"),
        ({"classes": "oak"}, "its classes are oak"),
    ],
)
def test_a_truth_that_does_not_fit_is_refused(chain, tmp_path: Path, change: dict, words: str):
    file = tmp_path / "truth.tif"
    with rasterio.open(chain.truth) as raster:
        codes, tags, profile = raster.read(1), raster.tags(1), raster.profile
    profile["crs"] = change.get("crs", profile["crs"])
    profile["transform"] = (
        rasterio.Affine.translation(change.get("shift", 0.0), 0) * (profile["transform"])
    )
    with rasterio.open(file, "w", **profile) as raster:
        raster.write(codes, 1)
        raster.update_tags(1, **{k: change.get("classes", v) for k, v in tags.items()})
    with pytest.raises(UserError, match=words) as caught:
        run(chain, tmp_path / "out", truth=file, baseline=False)
    assert str(file) in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_pretrained_model_is_refused(chain, tmp_path: Path):
    with pytest.raises(UserError, match="pretrained only"):
        run(chain, tmp_path / "out", model=chain.pretrained)


def test_the_report_of_a_whole_chain_has_stages_and_a_preview(chain, evaluated, tmp_path: Path):
    _, _, output = evaluated
    for name in ("dataset", "pretrained", "model", "map", "parcels.gpkg"):
        (tmp_path / name).symlink_to(chain.folder / name)
    shutil.copytree(output, tmp_path / "evaluation")
    ctx = JobContext()
    write_pipeline_report(tmp_path, ctx)
    report = read_report(tmp_path / "report.json")
    titles = [stage["title"] for stage in report["stages"]]
    assert titles == ["Dataset", "Pretraining", "Fine-tuning", "Evaluation", "Map", "Parcels"]
    assert all(stage["result"] for stage in report["stages"])
    assert ctx.listener.artifacts["preview"] == tmp_path / "preview.png"
    assert (tmp_path / "preview.png").stat().st_size < 1_000_000
    with Image.open(tmp_path / "preview.png") as picture:
        assert picture.width == 1800 and picture.height > 600
    assert "data:image/png;base64" in (tmp_path / "report.html").read_text(encoding="utf-8")


PACKAGES = ("series", "dataset", "losses", "models", "training", "mapping", "parcels")


def test_no_stage_but_evaluation_names_the_truth(root: Path):
    found = []
    for package in PACKAGES:
        for path in sorted((root / "backend" / "cscl" / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                text = node.value if isinstance(node, ast.Constant) else None
                if isinstance(text, str) and ("truth_2m5" in text or text.strip("/") == "truth"):
                    found.append(f"{path.name}: {text!r}")
                if isinstance(node, ast.Attribute) and node.attr == "truth":
                    found.append(f"{path.name}: .truth")
                if isinstance(node, ast.ImportFrom) and "evaluation.references" in (
                    node.module or ""
                ):
                    found.append(f"{path.name}: import")
    assert found == []


def test_series_and_dataset_are_the_same_without_the_truth(chain, tmp_path: Path):
    scene = tmp_path / "scene"
    shutil.copytree(chain.scene, scene, ignore=shutil.ignore_patterns("truth"))
    assert not (scene / "truth").exists()
    series = tmp_path / "scene.series.json"
    define_series(SeriesJob(images=str(scene), output=str(series)), JobContext())
    output = tmp_path / "dataset"
    output.mkdir()
    job = DatasetJob(
        images=str(series),
        parcels=str(scene / "parcels.gpkg"),
        class_field="crop",
        chip=16,
        output=str(output),
    )
    build_dataset(job, JobContext())
    again, before = Dataset.open(output), Dataset.open(chain.dataset)
    assert again.class_counts == before.class_counts
    for index in range(len(before)):
        mine, theirs = again.sample(index), before.sample(index)
        np.testing.assert_array_equal(mine.images, theirs.images)
        np.testing.assert_array_equal(mine.labels_fine, theirs.labels_fine)
