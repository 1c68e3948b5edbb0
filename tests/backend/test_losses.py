"""The loss's module, its pair rules and its figures."""

from __future__ import annotations

import math
from functools import partial

import pytest
import torch
from cscl.losses import (
    ContextSelfContrastiveLoss,
    PairRules,
    count_pairs,
    cscl_similarity,
    effective_rank,
    pair_auc,
    pair_targets,
)
from cscl.losses.pairs import common_ground
from cscl.losses.windows import WindowGeometry
from loss_oracle import oracle_similarity, oracle_targets

torch.set_num_threads(1)


def parameters(channels: int, width: int, window: int, seed: int = 0) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    draw = partial(torch.randn, generator=generator, dtype=torch.float64)
    return {
        "w_query": draw(width, channels),
        "w_key": draw(width, channels),
        "rel_h": draw(width // 2, window),
        "rel_w": draw(width - width // 2, window),
    }


def test_gradients_by_finite_differences() -> None:
    values = parameters(3, 4, 3)
    embedding = torch.randn(1, 3, 4, 5, dtype=torch.float64, requires_grad=True)
    inputs = [embedding, *(value.requires_grad_() for value in values.values())]

    def similarity(*arguments: torch.Tensor) -> torch.Tensor:
        return cscl_similarity(*arguments, window=3, stride=2, dilation=1)

    torch.manual_seed(0)
    assert torch.autograd.gradcheck(similarity, inputs)


def module(form: str = "cross_entropy", **options: object) -> ContextSelfContrastiveLoss:
    torch.manual_seed(3)
    return ContextSelfContrastiveLoss(4, form=form, **options).double()


@pytest.mark.parametrize("form", ["linear", "cross_entropy"])
def test_module_counts_by_the_default_rules(form: str) -> None:
    torch.manual_seed(1)
    embedding = torch.randn(2, 4, 6, 7, dtype=torch.float64)
    codes = torch.tensor([0, 1, 2, 254, 255])
    labels = codes[torch.randint(0, 5, (2, 6, 7))]
    loss = module(form, positive_weight=0.4)
    result = loss(embedding, labels)
    flat = [weight.flatten(1) for weight in (loss.query.weight, loss.key.weight)]
    similarity = oracle_similarity(*flat, (loss.rel_h, loss.rel_w), embedding, WindowGeometry(3))
    targets = oracle_targets(labels, WindowGeometry(3), PairRules())
    terms, alike, unlike = [], [], []
    pairs = zip(similarity.flatten(), *(target.flatten() for target in targets), strict=True)
    for score, positive, _ in (pair for pair in pairs if pair[2]):
        (alike if positive else unlike).append(score.item())
        logit = 10 * score
        cross_entropy = 0.4 * torch.log1p((-logit).exp()) if positive else torch.log1p(logit.exp())
        linear = -0.4 * score if positive else score
        terms.append((linear if form == "linear" else cross_entropy).item())
    assert int(result.count) == len(terms)
    assert int(result.positives) == len(alike)
    assert result.loss.item() == pytest.approx(sum(terms) / len(terms), rel=1e-6)
    assert result.mean_positive.item() == pytest.approx(sum(alike) / len(alike))
    assert result.mean_negative.item() == pytest.approx(sum(unlike) / len(unlike))


def test_defaults_leave_out_self_border_unknown_and_outside_pairs() -> None:
    labels = torch.tensor([[[1, 1, 2], [254, 254, 2], [255, 0, 2]]])
    geometry = WindowGeometry(3)
    positive, counted = pair_targets(labels, geometry, PairRules())
    assert not counted[:, geometry.centre].any()
    # Centre pixel (outside): the neighbour to its left is outside too, the lower two unknown.
    assert counted[0, :, 1, 1].tolist() == [
        True, True, True, False, False, True, False, False, True,
    ]  # fmt: skip
    # Corner pixel: right neighbour agrees, the two below are outside, the rest lies beyond.
    assert counted[0, :, 0, 0].nonzero().flatten().tolist() == [5, 7, 8]
    assert positive[0, :, 0, 0].nonzero().flatten().tolist() == [4, 5]
    assert not counted[0, :, 2, 0].any()


def test_counting_pairs_for_the_balanced_weight() -> None:
    labels = torch.ones(1, 4, 4, dtype=torch.uint8)
    labels[:, :, 2:] = 2
    negatives, positives = count_pairs(labels)
    # Four rows of straight and six of diagonal contacts, each seen from both sides.
    assert negatives == 2 * (4 + 6)
    assert positives == 84 - 20
    released = count_pairs(labels, rules=PairRules.released())
    assert sum(released) == 16 * 9
    assert count_pairs(torch.full((1, 4, 4), 255, dtype=torch.uint8)) == (0, 0)


def test_no_pair_that_counts_gives_zero_and_no_gradient() -> None:
    embedding = torch.randn(1, 4, 4, 4, dtype=torch.float64, requires_grad=True)
    result = module()(embedding, torch.full((1, 4, 4), 255))
    result.loss.backward()
    assert result.loss.item() == 0
    assert int(result.count) == 0
    assert embedding.grad is not None
    assert torch.equal(embedding.grad, torch.zeros_like(embedding))
    assert math.isnan(result.mean_positive.item())


def test_a_zero_embedding_has_finite_gradients() -> None:
    embedding = torch.zeros(1, 4, 4, 4, dtype=torch.float64, requires_grad=True)
    module("linear")(embedding, torch.arange(16).reshape(1, 4, 4)).loss.backward()
    assert torch.isfinite(embedding.grad).all()


def test_cross_entropy_learns_a_boundary_and_does_not_collapse() -> None:
    torch.manual_seed(0)
    labels = torch.ones(1, 12, 12, dtype=torch.uint8)
    labels[:, :, 6:] = 2
    negatives, positives = count_pairs(labels)
    loss = module(positive_weight=negatives / positives)
    embedding = torch.randn(1, 4, 12, 12, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([embedding, *loss.parameters()], lr=0.05)
    before = pair_auc(*loss.pair_scores(embedding, labels))
    for _ in range(60):
        optimizer.zero_grad()
        loss(embedding, labels).loss.backward()
        optimizer.step()
    assert before < 0.7
    assert pair_auc(*loss.pair_scores(embedding, labels)) > 0.98
    result = loss(embedding, labels)
    assert result.mean_positive - result.mean_negative > 0.5


def test_pairs_that_are_learnt_well_keep_their_small_gradients_in_float32() -> None:
    loss = ContextSelfContrastiveLoss(
        2, temperature=0.05, relative_position=False, positive_weight=0.5
    )
    with torch.no_grad():
        for convolution in (loss.query, loss.key):
            convolution.weight.copy_(torch.eye(2)[:, :, None, None])
    result = loss(torch.ones(1, 2, 3, 3), torch.ones(1, 3, 3, dtype=torch.int64))
    result.loss.backward()
    assert result.loss.item() == pytest.approx(0.5 * math.log1p(math.exp(-20)), rel=1e-4)
    assert loss.bias.grad.item() == pytest.approx(-0.5 / (1 + math.exp(20)), rel=1e-4)


def test_pair_auc_equals_the_count_of_ordered_pairs() -> None:
    generator = torch.Generator().manual_seed(0)
    scores = torch.randint(0, 6, (60,), generator=generator).double()
    positive = torch.rand(60, generator=generator) < 0.4
    wins = (scores[positive][:, None] > scores[~positive]).double()
    wins += 0.5 * (scores[positive][:, None] == scores[~positive]).double()
    assert pair_auc(scores, positive) == pytest.approx(wins.mean().item(), abs=1e-12)
    assert math.isnan(pair_auc(scores, torch.ones(60, dtype=torch.bool)))


@pytest.mark.parametrize("rank", [1, 2, 5])
def test_effective_rank_of_as_many_equal_directions(rank: int) -> None:
    draw = torch.Generator().manual_seed(rank)
    rotation, _ = torch.linalg.qr(torch.randn(6, 6, generator=draw, dtype=torch.float64))
    # Each direction as often as the others.
    vectors = rotation[torch.arange(60) % rank]
    embedding = 1e-3 * vectors.T.reshape(1, 6, 6, 10)
    assert effective_rank(embedding) == pytest.approx(rank, abs=1e-9)
    assert effective_rank(embedding.float()) == pytest.approx(rank, abs=1e-2)


def test_effective_rank_by_hand_and_of_masked_vectors() -> None:
    embedding = torch.tensor([[3.0, 0.0, 9.0], [0.0, 1.0, 9.0]])[None, :, None]
    mask = torch.tensor([[[True, True, False]]])
    # Singular values 3 and 1: shares 3/4 and 1/4.
    expected = math.exp(-0.75 * math.log(0.75) - 0.25 * math.log(0.25))
    assert effective_rank(embedding, mask) == pytest.approx(expected, abs=1e-12)
    assert effective_rank(1e200 * embedding.double(), mask) == pytest.approx(expected, abs=1e-12)
    assert effective_rank(embedding[:, :, None], mask[:, None]) == pytest.approx(expected)
    assert effective_rank(torch.ones(2, 8, 4, 4)) == pytest.approx(1, abs=1e-9)
    assert effective_rank(torch.zeros(1, 4, 3, 3)) == 0
    assert math.isnan(effective_rank(embedding, torch.zeros_like(mask)))
    assert math.isnan(effective_rank(embedding / 0))


def test_pair_scores_are_limited_by_kind() -> None:
    torch.manual_seed(0)
    embedding = torch.randn(1, 4, 16, 16, dtype=torch.float64)
    labels = torch.ones(1, 16, 16, dtype=torch.uint8)
    labels[:, :, :4] = 2
    scores, kinds = module().pair_scores(embedding, labels, limit=50)
    assert scores.shape == kinds.shape
    assert 25 <= int(kinds.sum()) <= 50
    assert 25 <= int((~kinds).sum()) <= 50
    everything, all_kinds = module().pair_scores(embedding, labels)
    assert (int((~all_kinds).sum()), int(all_kinds.sum())) == count_pairs(labels)
    assert set(scores.tolist()) <= set(everything.tolist())


def test_what_is_kept_for_the_gradient_grows_with_the_window_not_with_its_channels() -> None:
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    channels, pixels, window = 64, 24 * 24, 7
    embedding = torch.randn(1, channels, 24, 24, requires_grad=True)
    loss = ContextSelfContrastiveLoss(channels, window=window)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        result = loss(embedding, torch.randint(0, 3, (1, 24, 24)))
    unfolded = 4 * channels * pixels * window**2
    assert result.loss.isfinite()
    assert sum(kept.values()) < unfolded / 3


def test_bf16_embedding_is_scored_in_the_parameters_type() -> None:
    torch.manual_seed(0)
    loss = ContextSelfContrastiveLoss(8)
    embedding = torch.randn(1, 8, 8, 8)
    labels = torch.randint(1, 3, (1, 8, 8))
    exact = loss(embedding.bfloat16().float(), labels).loss
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = loss(embedding.bfloat16(), labels).loss
    assert mixed.dtype == torch.float32
    assert mixed.item() == exact.item()


@pytest.mark.parametrize("window", [0, 2, 4])
def test_even_windows_are_refused(window: int) -> None:
    with pytest.raises(ValueError, match="odd"):
        ContextSelfContrastiveLoss(4, window=window)


def test_parameters_that_do_not_fit_are_refused() -> None:
    values = parameters(3, 4, 3)
    embedding = torch.zeros(1, 3, 4, 4, dtype=torch.float64)
    with pytest.raises(ValueError, match="3 columns|columns each"):
        cscl_similarity(embedding, **values, window=5, stride=1, dilation=1)
    with pytest.raises(ValueError, match="w_query"):
        cscl_similarity(embedding[:, :2], **values, window=3, stride=1, dilation=1)
    with pytest.raises(ValueError, match="form"):
        ContextSelfContrastiveLoss(4, form="softmax")  # type: ignore[arg-type]


def test_pairs_have_in_common_what_their_pixels_share() -> None:
    shares = torch.tensor([[[[1.0, 0.75, 0.0]], [[0.0, 0.25, 1.0]]]])
    found = common_ground(shares, WindowGeometry(3))
    middle_row = found[0, 3:6, 0]
    expected = [[0.0, 0.75, 0.25], [1.0, 1.0, 1.0], [0.75, 0.25, 0.0]]
    assert middle_row.tolist() == expected
    assert found[0, :3].eq(0).all() and found[0, 6:].eq(0).all()


@pytest.mark.parametrize("form", ["linear", "cross_entropy"])
def test_shares_of_pure_pixels_say_what_labels_say(form: str) -> None:
    torch.manual_seed(0)
    module = ContextSelfContrastiveLoss(6, positive_weight=0.4, form=form).double()
    embedding = torch.randn(2, 6, 5, 7, dtype=torch.float64)
    labels = torch.randint(1, 4, (2, 5, 7))
    shares = torch.nn.functional.one_hot(labels, 4).movedim(-1, 1).double()
    hard, soft = module(embedding, labels), module(embedding, labels, shares=shares)
    assert soft.loss.item() == pytest.approx(hard.loss.item(), abs=1e-12)


def test_a_mixed_pixel_is_part_of_both_sides() -> None:
    """The loss with shares is the mean of those with either label, weighted by the shares."""
    torch.manual_seed(1)
    module = ContextSelfContrastiveLoss(4, positive_weight=1.0, window=3).double()
    embedding = torch.randn(1, 4, 1, 2, dtype=torch.float64)
    first, second = torch.tensor([[[1, 1]]]), torch.tensor([[[1, 2]]])
    shares = torch.tensor([[[[1.0, 0.7]], [[0.0, 0.3]]]], dtype=torch.float64)
    wanted = 0.7 * module(embedding, first).loss + 0.3 * module(embedding, second).loss
    assert module(embedding, first, shares=shares).loss.item() == pytest.approx(wanted.item())
