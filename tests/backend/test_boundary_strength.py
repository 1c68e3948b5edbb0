"""Boundary strength from the loss's projections: its formula, its fit, its score, its use."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import EvaluateJob
from cscl.evaluation.edges import STEPS, EdgeScore, parcel_edges
from cscl.evaluation.job import evaluate
from cscl.losses import ContextSelfContrastiveLoss, LocalInfoNCE, PairRules
from cscl.models.boundary import (
    BoundaryStrength,
    Projected,
    both_seen,
    compares_neighbours,
    neighbour_similarity,
    strength,
)
from cscl.models.store import load_model, save_model
from cscl.training.finetune import finetune
from cscl.training.projections import Blocks, fit_projections
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score
from training_sample import SMALL, finetune_job, make_dataset

torch.set_num_threads(1)
OFFSETS = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)


def plain_loss(channels: int) -> ContextSelfContrastiveLoss:
    """Return a loss whose similarity is the cosine of the features as they are."""
    loss = ContextSelfContrastiveLoss(channels, relative_position=False)
    with torch.no_grad():
        for projection in (loss.query, loss.key):
            projection.weight.copy_(torch.eye(channels)[:, :, None, None])
    return loss.eval()


def test_strength_is_the_formula_written_out() -> None:
    torch.manual_seed(0)
    loss = ContextSelfContrastiveLoss(6).eval()
    maps, seen = torch.randn(1, 6, 70, 5), torch.rand(1, 70, 5) < 0.8
    found = Projected(loss, OFFSETS)(maps, seen)
    assert loss.key is not None
    query = torch.einsum("dc,chw->dhw", loss.query.weight[..., 0, 0], maps[0])
    key = torch.einsum("dc,chw->dhw", loss.key.weight[..., 0, 0], maps[0])
    places = [(u, v) for u in (0, 1, 2) for v in (0, 1, 2) if (u, v) != (1, 1)]
    # The rows around the first strip's end are among them.
    for row, column in [(0, 0), (5, 2), (63, 1), (64, 3), (65, 2), (69, 4)]:
        terms = []
        for offset, (u, v) in zip(OFFSETS, places, strict=True):
            there = (row + u - 1, column + v - 1)
            inside = 0 <= there[0] < 70 and 0 <= there[1] < 5
            if inside and seen[0][row, column] and seen[0][there]:
                moved = key[:, *there] + torch.cat([loss.rel_h[:, u], loss.rel_w[:, v]])
                alike = torch.cosine_similarity(query[:, row, column], moved, dim=0)
                terms.append((offset - alike.item()) / 2)
        wanted = min(1.0, max(0.0, sum(terms) / len(terms))) if terms else 0.0
        assert float(found[0, row, column]) == pytest.approx(wanted, abs=1e-6)


def test_inside_parcels_the_strength_is_nought_and_two_unlike_sides_are_seen() -> None:
    maps = torch.zeros(1, 2, 4, 6)
    maps[:, 0, :, :3], maps[:, 1, :, 3:] = 1.0, 1.0
    seen = torch.ones(1, 4, 6, dtype=torch.bool)
    found = Projected(plain_loss(2), (1.0,) * 8)(maps, seen)[0]
    # Three of eight neighbours are unlike, and similarity 0 is half of the way to -1.
    assert found[1].tolist() == pytest.approx([0, 0, 3 / 16, 3 / 16, 0, 0], abs=1e-6)
    # At the border two of five.
    assert found[0].tolist() == pytest.approx([0, 0, 0.2, 0.2, 0, 0], abs=1e-6)
    assert strength(torch.ones(1, 8, 1, 1), torch.zeros(1, 8, 1, 1).bool(), torch.ones(8)) == 0
    assert not both_seen(seen)[0, 0, 0].any()


def test_ten_metres_are_brought_to_the_finer_grid() -> None:
    maps = {1: torch.zeros(1, 2, 2, 4), 4: torch.ones(1, 2, 8, 16)}
    maps[1][:, 0, :, :2], maps[1][:, 1, :, 2:] = 1.0, 1.0
    seen = torch.ones(1, 2, 4, dtype=torch.bool)
    record = {"1": {"offsets": [1.0] * 8}}
    found = BoundaryStrength.of({1: plain_loss(2)}, record)
    assert found.sources(1) == ("projections",)
    assert found.sources(4) == ("projections_10m",)
    fine = found.strengths(maps, seen, 4, ("projections_10m",))["projections_10m"]
    assert fine.shape == (1, 8, 16)
    assert fine[0, 4, [0, 7, 8, 15]].tolist() == pytest.approx([0, 0.2, 0.2, 0], abs=1e-6)


def test_only_losses_on_the_eight_neighbours_can_be_kept() -> None:
    assert compares_neighbours(ContextSelfContrastiveLoss(4))
    assert not compares_neighbours(ContextSelfContrastiveLoss(4, window=5))
    assert not compares_neighbours(ContextSelfContrastiveLoss(4, dilation=4))
    assert not compares_neighbours(LocalInfoNCE(4))


def test_edges_of_parcels_lie_also_between_two_of_one_crop() -> None:
    parcels = np.array([[5, 5, 6, 6, 0, 0, 9]], np.uint32).repeat(3, axis=0)
    labels = np.array([[1, 1, 1, 1, 254, 254, 255]], np.uint8).repeat(3, axis=0)
    edges, known = parcel_edges(parcels, labels)
    assert edges[1].tolist() == [False, True, True, True, True, False, False]
    assert known[1].tolist() == [True] * 6 + [False]


@given(st.lists(st.tuples(st.integers(0, STEPS), st.booleans()), min_size=1, max_size=40))
def test_average_precision_is_that_of_sklearn(pairs: list[tuple[int, bool]]) -> None:
    values = np.array([value for value, _ in pairs]) / STEPS
    edges = np.array([edge for _, edge in pairs])
    score = EdgeScore()
    half = len(pairs) // 2
    for part in (slice(0, half), slice(half, None)):
        score.add(values[part], edges[part], np.ones(len(edges[part]), bool))
    assert score.edge_share == pytest.approx(edges.mean())
    if edges.all() or not edges.any():
        assert score.average_precision is None
    else:
        expected = average_precision_score(edges, np.rint(values * STEPS))
        assert score.average_precision == pytest.approx(expected)


def test_a_fit_tells_parcels_apart_that_the_features_alone_hardly_do() -> None:
    torch.manual_seed(3)
    parcels = torch.randint(1, 40, (12, 2, 2)).repeat_interleave(8, 1).repeat_interleave(8, 2)
    labels = torch.ones_like(parcels)
    # What tells parcels lies in two weak channels, below a strong one and noise.
    codes = torch.randn(40, 2)[parcels].movedim(-1, 1)
    noise = torch.randn(12, 3, 16, 16)
    maps = torch.cat([codes, 2 * noise, torch.full((12, 1, 16, 16), 3.0)], 1)
    # Shifted, so that edges lie within blocks.
    shifted = [item.roll((4, 4), (-2, -1)) for item in (maps, labels, parcels)]
    blocks = Blocks()
    blocks.add(*shifted)
    assert len(blocks) == 12 * 4
    loss = fit_projections(*blocks.tensors(), steps=100, seed=1, device=torch.device("cpu"))
    short = [
        fit_projections(*blocks.tensors(), steps=3, seed=1, device=torch.device("cpu"))
        for _ in range(2)
    ]
    assert all(
        torch.equal(a, b) for a, b in zip(short[0].parameters(), short[1].parameters(), strict=True)
    )
    assert loss.rules == PairRules(outside=None)

    def precision(found: ContextSelfContrastiveLoss) -> float:
        score, similarity = EdgeScore(), neighbour_similarity(found, shifted[0])
        counted = both_seen(torch.ones(12, 16, 16, dtype=torch.bool))
        values = strength(similarity, counted, torch.ones(8)).detach().numpy()
        for value, label, number in zip(
            values, shifted[1].numpy(), shifted[2].numpy(), strict=True
        ):
            score.add(value, *parcel_edges(number, label.astype(np.uint8)))
        return score.average_precision or 0.0

    assert precision(loss) > precision(plain_loss(6)) + 0.03


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, JobContext]:
    """A dataset, a model trained on it for an epoch with both heads, and what was said."""
    base, ctx = tmp_path_factory.mktemp("boundary"), JobContext()
    data = make_dataset(base)
    finetune(finetune_job(data, base / "model", joint=0.0), ctx, preset=SMALL)
    return data, base / "model", ctx


def test_a_fine_tuned_model_keeps_projections_and_says_which_strength_is_mapped(
    trained: tuple[Path, Path, JobContext],
) -> None:
    _, folder, ctx = trained
    model = load_model(folder)
    assert sorted(model.losses) == [1, 4]
    for scale in (1, 4):
        entry = model.card.boundary[str(scale)]
        scores = entry["average_precision"]
        assert entry["source"] == max(scores, key=scores.__getitem__)
        assert len(entry["offsets"]) == 8
        assert all(-1 <= value <= 1 for value in entry["offsets"])
    assert set(model.card.boundary["4"]["average_precision"]) == {
        "probabilities", "projections", "projections_10m",
    }  # fmt: skip
    assert any(text.startswith("Boundary strength at 10 m is that of the ") for text in ctx.noted)


def test_evaluation_reports_every_strength(
    trained: tuple[Path, Path, JobContext], tmp_path: Path
) -> None:
    data, folder, _ = trained
    job = EvaluateJob(
        dataset=str(data), model=str(folder), output=str(tmp_path), baseline=False, device="cpu"
    )
    evaluate(job, JobContext())
    rows = json.loads((tmp_path / "report.json").read_text())["boundary_strength"]
    card = load_model(folder).card
    found = [(row["resolution"], row["source"]) for row in rows]
    assert found == [
        ("10", "probabilities"), ("10", "projections"), ("2.5", "probabilities"),
        ("2.5", "projections"), ("2.5", "projections_10m"),
    ]  # fmt: skip
    assert [row["source"] for row in rows if row["mapped"]] == [
        card.boundary_source(1),
        card.boundary_source(4),
    ]
    assert all(0 < row["average_precision"] <= 1 for row in rows)
    assert "Boundary strength" in (tmp_path / "report.html").read_text()


def test_a_card_that_wants_projections_which_are_not_there_is_refused(
    trained: tuple[Path, Path, JobContext], tmp_path: Path
) -> None:
    model = load_model(trained[1])
    boundary = {"1": {"source": "projections", "average_precision": {}, "offsets": [0.0] * 8}}
    save_model(tmp_path, model.network, replace(model.card, boundary=boundary))
    with pytest.raises(UserError, match="for which the model has no projections"):
        load_model(tmp_path)
    boundary["1"]["source"] = "guesses"
    with pytest.raises(UserError, match="not source, average_precision and offsets"):
        save_model(tmp_path, model.network, replace(model.card, boundary=boundary))
