"""Ordinary images and volumes: labels, cuts, training on both, and what a demonstration tells."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch
from cscl.context import JobContext, Silent
from cscl.contract.codes import UNKNOWN
from cscl.contract.errors import UserError
from cscl.experiments.arms import RESTART, SCRATCH, joint, pretrained, weighted
from cscl.experiments.command import listed, run_experiment
from cscl.experiments.ordinary.data import (
    NUCLEI_CLASSES,
    Picture,
    instance_labels,
    read_nuclei,
    read_tissue,
    read_volume_membranes,
    read_volume_nuclei,
    sides,
    tissue_picture,
)
from cscl.experiments.ordinary.network import UNet
from cscl.experiments.ordinary.runner import SubjectRunner, described, run_demonstration
from cscl.experiments.ordinary.spec import DEMONSTRATIONS, Cut, Demonstration, Subject
from cscl.experiments.ordinary.tables import demonstration_table
from cscl.experiments.ordinary.training import (
    Patches,
    Source,
    _classification,
    score,
    train_and_score,
)
from cscl.experiments.provenance import source_version
from cscl.experiments.spec import Arm, Budget
from hypothesis import given
from hypothesis import strategies as st
from rasterio.errors import NotGeoreferencedWarning

TINY = Budget(steps=6, width=4, batch=2, side=12)


def balls(shape: tuple[int, ...], radius: int, spacing: int) -> Picture:
    """Return bright balls on a lattice, with noise."""
    grid = np.indices(shape)
    near = (grid + spacing // 2) % spacing - spacing // 2
    strides = np.cumprod([1, *[size // spacing + 2 for size in shape[:0:-1]]])[::-1]
    numbers = sum(
        ((axis + spacing // 2) // spacing) * int(stride)
        for axis, stride in zip(grid, strides, strict=True)
    )
    inside = (near**2).sum(0) <= radius**2
    objects = np.where(inside, numbers + 1, 0).astype(np.int64)
    noise = np.random.default_rng(1).normal(0, 5, shape)
    image = (40 + 100 * inside + noise).astype(np.float32)
    return Picture.of(image, instance_labels(objects), NUCLEI_CLASSES, objects)


FLAT, DEEP = balls((40, 40), 5, 16), balls((16, 14, 14), 4, 10)


# Labels and cuts


def test_borders_of_touching_objects_by_hand() -> None:
    objects = np.array(
        [
            [0, 0, 0, 0, 0, 0, 0, 0],
            [0, 1, 1, 1, 2, 2, 2, 2],
            [0, 1, 1, 1, 2, 2, 2, 2],
            [0, 1, 1, 1, 2, 2, 2, 2],
            [0, 1, 1, 1, 2, 2, 2, 2],
        ]
    )
    assert instance_labels(objects).tolist() == [
        [3, 3, 3, 3, 3, 3, 3, 3],
        [3, 2, 2, 2, 2, 2, 2, 2],
        [3, 2, 1, 2, 2, 1, 1, 1],
        [3, 2, 1, 2, 2, 1, 1, 1],
        # Beyond the array there is nothing that an object could border on.
        [3, 2, 1, 2, 2, 1, 1, 1],
    ]


def test_borders_in_a_volume_by_hand() -> None:
    objects = np.zeros((6, 5, 5), int)
    objects[1:4, 1:4, 1:4] = 7
    labels = instance_labels(objects)
    assert np.bincount(labels.ravel(), minlength=4).tolist() == [0, 1, 26, 123]
    assert labels[2, 2, 2] == 1


@given(st.integers(2, 400), st.integers(0, 300))
def test_sides_are_equal_and_keep_their_guard(size: int, guard: int) -> None:
    if size - guard < 2:
        with pytest.raises(ValueError, match="leaves nothing"):
            sides(size, guard)
        return
    training, test = sides(size, guard)
    assert training.stop - training.start == test.stop - test.start > 0
    assert training.start == 0 and test.stop == size
    assert guard <= test.start - training.stop <= guard + 1


def test_the_boundary_is_found_before_the_cut() -> None:
    labels = np.full((4, 6), 1, np.uint8)
    labels[:, 3:] = 2
    whole = Picture.of(labels, labels, ("one", "two"))
    part = whole.part(1, slice(0, 3))
    assert part.labels.shape == (4, 3) and set(part.labels.ravel()) == {1}
    assert part.boundary.tolist() == [[False, False, True]] * 4


def test_objects_on_both_sides_are_counted() -> None:
    objects = np.zeros((4, 12), int)
    objects[0, 1:11], objects[2, 0:2], objects[3, 10:] = 5, 6, 7
    picture = Picture.of(objects, instance_labels(objects), NUCLEI_CLASSES, objects)
    training, test = (picture.part(1, place) for place in sides(12, 4))
    assert described(training, test)["objects_on_both_sides"] == 1
    assert described(training, test)["training"] == [4, 4]


def test_one_half_of_a_brain_labelled_by_the_larger_map() -> None:
    image = np.zeros((8, 4, 3), np.uint8)
    image[2:6, 1:3, :2] = 90
    white, grey = np.zeros_like(image), np.zeros_like(image)
    white[2], grey[2], white[3], grey[3] = 200, 55, 60, 100
    white[4:], grey[4:] = 0, 255
    image[3, 1, 0] = 0
    picture = tissue_picture(image, grey, white)
    assert picture.image.shape == (2, 2, 2)
    assert set(picture.labels[0].ravel()) == {1}
    # 60 white, 100 grey and 95 of what remains.
    assert picture.labels[1].tolist() == [[UNKNOWN, 2], [2, 2]]


# Network and training


@pytest.mark.parametrize("size", [(9, 14), (5, 8, 11)])
def test_the_network_keeps_any_size(size: tuple[int, ...]) -> None:
    network = UNet(len(size), 4)
    assert network(torch.zeros(2, 1, *size)).shape == (2, 8, *size)


def test_patches_hold_a_known_pixel_and_the_training_sides_scale() -> None:
    labels = np.full((30, 30), UNKNOWN, np.uint8)
    labels[0, 3], labels[29, 20] = 1, 2
    picture = Picture.of(np.arange(900.0).reshape(30, 30), labels, ("one", "two"))
    source = Source(picture, replace(TINY, batch=40), 1)
    patches = source.draw()
    assert patches.image.shape == (40, 1, 12, 12)
    assert bool((patches.labels != UNKNOWN).flatten(1).any(1).all())
    known = source.normalised(picture)[picture.labels != UNKNOWN]
    assert torch.allclose(known.mean(), torch.tensor(0.0), atol=1e-6)
    assert torch.allclose(known.std(correction=0), torch.tensor(1.0))


def test_classes_and_boundaries_weigh_as_said() -> None:
    torch.manual_seed(1)
    labels = np.array([[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 2, 255]], np.uint8)
    picture = Picture.of(np.arange(16.0).reshape(4, 4), labels, ("one", "two"))
    task = _classification(UNet(2, 4), picture, {"boundary_weight": 3.0})
    patches = Patches(
        torch.from_numpy(picture.image)[None, None],
        torch.from_numpy(labels.astype(np.int64))[None],
        torch.from_numpy(picture.boundary)[None],
    )
    chances = task.network(patches.image).log_softmax(1)[0].detach().numpy()
    # 14 and 1 pixels, of which the roots count.
    roots = np.array([4.0, 1.0])
    by_class = roots.sum() / (2 * roots)
    total = number = 0.0
    for row, column in np.argwhere(labels != UNKNOWN):
        index = labels[row, column] - 1
        weight = by_class[index] * (3.0 if picture.boundary[row, column] else 1.0)
        total, number = total - weight * chances[index, row, column], number + weight
    assert picture.boundary.sum() == 6
    assert task(patches).item() == pytest.approx(total / number, rel=1e-5)


def test_every_known_pixel_is_scored_once() -> None:
    labels = DEEP.labels.copy()
    labels[:3] = UNKNOWN
    picture = Picture.of(DEEP.image, labels, NUCLEI_CLASSES)
    constant = torch.nn.Conv3d(1, 3, 1)
    with torch.no_grad():
        constant.weight.zero_()
        constant.bias.copy_(torch.tensor([0.0, 1.0, 0.0]))
    found = score(constant, torch.from_numpy(picture.image), picture)
    numbers = [int((labels == code).sum()) for code in (1, 2, 3)]
    assert found["all"] == [[0, number, 0] for number in numbers]
    edges = picture.boundary & (labels != UNKNOWN)
    assert sum(map(sum, found["boundary"])) == edges.sum() > 0


@pytest.mark.parametrize("picture", [FLAT, DEEP], ids=["image", "volume"])
@pytest.mark.parametrize(
    "arm",
    [SCRATCH, pretrained("cross-entropy"), pretrained("released"), weighted(joint("masked"))],
    ids=lambda arm: arm.name,
)
def test_a_run_gives_the_same_again(picture: Picture, arm: Arm) -> None:
    first, again = (train_and_score(arm, TINY, 3, picture, picture) for _ in range(2))
    assert first["scores"] == again["scores"]
    losses = [[stage["loss"] for stage in run["training"].values()] for run in (first, again)]
    assert losses[0] == losses[1]
    assert sum(stage["steps"] for stage in first["training"].values()) == TINY.steps


def test_another_seed_gives_another_network() -> None:
    losses = {
        train_and_score(SCRATCH, TINY, seed, FLAT, FLAT)["training"]["second"]["loss"]
        for seed in (1, 2)
    }
    assert len(losses) == 2


@pytest.mark.parametrize("picture", [FLAT, DEEP], ids=["image", "volume"])
def test_training_finds_bright_balls(picture: Picture) -> None:
    budget = replace(TINY, steps=70, batch=4)
    run = train_and_score(pretrained("cross-entropy"), budget, 1, picture, picture)
    matrix = np.array(run["scores"]["all"])
    # Outside against object is plain to see; where the border ends and inside begins is harder.
    assert matrix[2, 2] / matrix[2].sum() > 0.9
    assert matrix[:2, :2].sum() / matrix[:2].sum() > 0.9
    assert run["training"]["first"]["pair_auc"] > 0.6


# The demonstration


def absent(data: Path | None) -> Picture:
    """Say that the data are not there."""
    raise UserError("missing_data", "the volume", "it is not here", "Bring it.")


WILD = Arm("wild", "a rate beyond all bounds", rate=1e30)
SHOW = Demonstration(
    "show",
    "A show",
    tuple(
        Subject(name, name.title(), "Balls.", read, Cut(name, 1, 8), TINY, arms, (1, 2))
        for name, read, arms in (
            ("balls", lambda data: FLAT, (SCRATCH, RESTART, WILD)),
            ("volume", absent, (SCRATCH, RESTART)),
        )
    ),
)


def test_a_demonstration_runs_what_is_there_and_says_what_is_not(tmp_path: Path) -> None:
    def go() -> dict[str, str]:
        return run_demonstration(SHOW, tmp_path, JobContext(Silent()), (), (), None)

    missing = go()
    assert missing == {"volume": "the volume: it is not here. Bring it."}
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").iterdir()}
    assert len(files) == 6
    go()
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").iterdir()} == files
    text = demonstration_table(SHOW, tmp_path, "cscl experiments show", missing)
    assert "Training 40 x 16, test 40 x 16, guard 8 along axis 1" in text
    assert "| cross-entropy from scratch, control (a) (`scratch`) |" in text
    assert "- wild, seed 1: " in text and "Without a result: `wild` seed 1" in text
    assert "Not run here: the volume: it is not here. Bring it." in text
    assert str(source_version()["digest"]) in text
    assert "No significance is claimed" in text


def test_without_any_data_the_demonstration_says_what_to_do(tmp_path: Path) -> None:
    nothing = replace(SHOW, subjects=SHOW.subjects[1:])
    with pytest.raises(UserError, match="Bring it"):
        run_demonstration(nothing, tmp_path, JobContext(Silent()), (), (), None)


def test_pictures_do_not_share_runs(tmp_path: Path) -> None:
    other = replace(SHOW.subjects[0], ground=Cut("other", 1, 8))
    folders = [
        SubjectRunner(subject, tmp_path, FLAT, JobContext(Silent())).folder
        for subject in (SHOW.subjects[0], other)
    ]
    assert folders[0].result("scratch", 1) != folders[1].result("scratch", 1)


def test_the_command_knows_images_and_volumes(tmp_path: Path) -> None:
    assert "images " in listed() and "volumes" in listed()
    text = run_experiment("volumes", tmp_path, table_only=True)
    assert text.count("No finished run yet.") == 3
    assert (tmp_path / "volumes.md").read_text() == text
    with pytest.raises(UserError, match="it has no arm nothing"):
        run_experiment("images", tmp_path, arms=("nothing",))


def test_a_volume_without_its_folder_says_which_option(tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        with pytest.raises(UserError, match="--data") as caught:
            read_volume_nuclei(folder)
        assert caught.value.code == "missing_data"


# Data of other packages


def test_a_package_is_read_without_being_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "stardist"
    (package / "data" / "images").mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('this one needs more')")
    values = np.arange(12, dtype=np.uint16).reshape(3, 4)
    for name in ("img", "mask"):
        with pytest.warns(NotGeoreferencedWarning), rasterio.open(
            package / "data" / "images" / f"{name}2d.tif", "w", driver="GTiff",
            width=4, height=3, count=1, dtype="uint16",
        ) as target:  # fmt: skip
            target.write(values, 1)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    picture = read_nuclei()
    assert picture.image.tolist() == values.tolist()
    assert picture.objects is not None and picture.objects.tolist() == values.tolist()
    assert "stardist" not in sys.modules


@pytest.mark.skipif(find_spec("stardist") is not None, reason="the package stardist is here")
def test_without_the_package_the_error_names_the_extra() -> None:
    with pytest.raises(UserError, match="cscl-backend\\[experiments\\]") as caught:
        read_nuclei()
    assert caught.value.code == "missing_package"


def test_no_nucleus_of_the_image_is_on_both_sides() -> None:
    if find_spec("stardist") is None:
        pytest.skip("the package stardist with its image is not installed")
    training, test = cut("images", 0, read_nuclei())
    assert training.labels.shape == test.labels.shape == (512, 236)
    assert described(training, test)["objects_on_both_sides"] == 0


def test_the_template_is_its_own_mirror_image_so_half_is_used() -> None:
    pytest.importorskip("nibabel", reason="the package nibabel is not installed")
    if find_spec("nilearn") is None:
        pytest.skip("the package nilearn with its template is not installed")
    training, test = cut("volumes", 2, read_tissue())
    assert training.labels.shape == test.labels.shape == (72, 82, 155)


def test_volumes_of_nuclei_and_cells(shared_data: Path) -> None:
    pytest.importorskip("h5py", reason="the package h5py is not installed")
    folder = shared_data / "volumes"
    nuclei = cut("volumes", 0, read_volume_nuclei(folder))
    assert described(*nuclei)["objects_on_both_sides"] == 0
    assert nuclei[0].labels.shape == (39, 100, 100)
    cells = read_volume_membranes(folder)
    assert (cells.labels == UNKNOWN).sum() == 13 and cells.codes == (1, 2)


def cut(name: str, number: int, picture: Picture) -> list[Picture]:
    """Return both sides as the demonstration cuts them."""
    ground = DEMONSTRATIONS[name].subjects[number].ground
    places = sides(picture.labels.shape[ground.axis], ground.guard)
    return [picture.part(ground.axis, place) for place in places]
