"""Every option of the loss, on two and three axes, against the formula in float64."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from cscl.losses import (
    ContextSelfContrastiveLoss,
    PairRules,
    count_pairs,
    cscl_loss,
    cscl_loss_nd,
    cscl_similarity_nd,
    pair_targets,
)
from cscl.losses.windows import WindowGeometry
from loss_oracle import oracle_loss, oracle_similarity, oracle_targets
from torch import Tensor

torch.set_num_threads(1)
SHAPES = {2: (5, 6), 3: (2, 3, 4)}
# The centre of a window of 5 reaches beyond every border.
SMALL = {2: (4, 5), 3: (2, 1, 3)}


def sample(axes: int, shape: tuple[int, ...] | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """Return an embedding (2, 3, *S) with gradient, its labels and its parcels."""
    torch.manual_seed(0)
    shape = (2, *(shape or SHAPES[axes]))
    embedding = torch.randn(2, 3, *shape[1:], dtype=torch.float64, requires_grad=True)
    labels = torch.ones(shape, dtype=torch.int64)
    labels[0, ..., 4:] = 2
    labels[1, ..., 3:] = 254
    labels[0, ..., -1, :2] = torch.tensor([3, 255])
    labels[1, ..., -1, :2] = torch.tensor([254, 0])
    # Two parcels of the first class, with numbers that no smaller type holds.
    parcels = labels.clone()
    parcels[..., 0, :2] += 2**40
    return embedding, labels, parcels


def widths(width: int, axes: int) -> list[int]:
    return [width // axes] * (axes - 1) + [width - width // axes * (axes - 1)]


def weights(axes: int, window: int, channels: int = 3, width: int = 7) -> list[Tensor]:
    """Return the weights of query and key and the relative positions, all with gradient."""
    shapes = [(width, channels)] * 2 + [(share, window) for share in widths(width, axes)]
    return [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]


def assert_gradients(value: Tensor, expected: Tensor, inputs: list[Tensor]) -> None:
    """Compare value and gradients to 1e-9."""
    assert abs(value.item() - expected.item()) <= 1e-9
    found = torch.autograd.grad(value, inputs, allow_unused=True, materialize_grads=True)
    wanted = torch.autograd.grad(expected, inputs, allow_unused=True, materialize_grads=True)
    for one, other in zip(found, wanted, strict=True):
        assert torch.allclose(one, other, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("window", [1, 3, 5])
def test_similarity_in_every_geometry(window: int, stride: int, dilation: int, axes: int) -> None:
    shape = (SMALL if window == 5 else SHAPES)[axes]
    embedding, _, _ = sample(axes, shape)
    query, key, *relative = weights(axes, window)
    options = {"window": window, "stride": stride, "dilation": dilation}
    found = cscl_similarity_nd(embedding, query, key, relative, **options)
    geometry = WindowGeometry(window, stride, dilation, axes)
    anchors = [-(-size // stride) for size in shape]
    assert found.shape == (2, *anchors, *[window] * axes)
    found = found.flatten(axes + 1).movedim(-1, 1)
    expected = oracle_similarity(query, key, relative, embedding, geometry)
    assert (found - expected).abs().max() <= 1e-9
    direction = torch.randn_like(expected)
    assert_gradients(
        (found * direction).sum(),
        (expected * direction).sum(),
        [embedding, query, key, *relative],
    )


RULES = [
    PairRules(own, border, ignored, outside, anchors)
    for own, border, ignored, outside, anchors in product(
        [True, False], [True, False], [(), (0, 255)], [None, 254], ["all", "boundary", "balanced"]
    )
]


@pytest.mark.parametrize("parcels_as_labels", [False, True])
@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize("rules", RULES, ids=lambda rules: "-".join(map(str, vars(rules).values())))
def test_which_pairs_count_by_every_rule(
    rules: PairRules, axes: int, parcels_as_labels: bool
) -> None:
    _, labels, parcels = sample(axes)
    identities = parcels if parcels_as_labels else None
    for options in ((3, 1, 1), (3, 2, 3)):
        geometry = WindowGeometry(*options, axes=axes)
        positive, counted = pair_targets(labels, geometry, rules, identities)
        expected = oracle_targets(labels, geometry, rules, identities)
        assert torch.equal(positive, expected[0])
        assert torch.equal(counted, expected[1])
        alike = int((expected[0] & expected[1]).sum())
        pairs = count_pairs(labels, *options, rules, identities)
        assert pairs == (int(expected[1].sum()) - alike, alike)


@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize("parcels_as_labels", [False, True])
@pytest.mark.parametrize("anchors", ["all", "boundary", "balanced"])
@pytest.mark.parametrize("relative_position", [True, False])
@pytest.mark.parametrize("weight", [0.3, "balanced"])
@pytest.mark.parametrize("form", ["linear", "cross_entropy"])
def test_module_with_every_option(
    form: str,
    weight: float | str,
    relative_position: bool,
    anchors: str,
    parcels_as_labels: bool,
    axes: int,
) -> None:
    embedding, labels, parcels = sample(axes)
    identities = parcels if parcels_as_labels else None
    loss = ContextSelfContrastiveLoss(
        3,
        projection=5,
        axes=axes,
        relative_position=relative_position,
        positive_weight=weight,
        form=form,
        rules=PairRules(anchors=anchors),
    ).double()
    parameters = dict(loss.named_parameters())
    assert ("rel_w" in parameters) is relative_position
    assert ("rel_z" in parameters) is (relative_position and axes == 3)
    scale, bias = (loss.log_scale.exp(), loss.bias) if form == "cross_entropy" else (1.0, 0.0)
    flat = [weight.flatten(1) for weight in (loss.query.weight, loss.key.weight)]
    similarity = oracle_similarity(*flat, loss.relative, embedding, loss.geometry)
    positive, counted = oracle_targets(labels, loss.geometry, loss.rules, identities)
    number = weight if weight == "balanced" else float(torch.tensor(weight))
    expected = oracle_loss(similarity, positive, counted, number, form, scale, bias)
    result = loss(embedding, labels, identities)
    assert int(result.count) == int(counted.sum()) > 0
    assert int(result.positives) == int((counted & positive).sum()) > 0
    for figure, kind in ((result.mean_positive, positive), (result.mean_negative, ~positive)):
        assert figure.item() == pytest.approx(similarity[counted & kind].mean().item(), abs=1e-9)
    assert_gradients(result.loss, expected, [embedding, *parameters.values()])


@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize("with_relative", [True, False])
def test_functional_loss_on_both_grids(axes: int, with_relative: bool) -> None:
    embedding, labels, parcels = sample(axes)
    query, key, *relative = weights(axes, 3)
    rules = PairRules(anchors="balanced")
    positions = relative if with_relative else None
    loss = cscl_loss_nd(
        embedding,
        labels,
        query,
        key,
        positions,
        window=3,
        stride=2,
        positive_weight=0.4,
        rules=rules,
        identities=parcels,
    )
    geometry = WindowGeometry(3, 2, 1, axes)
    similarity = oracle_similarity(query, key, positions, embedding, geometry)
    targets = oracle_targets(labels, geometry, rules, parcels)
    inputs = [embedding, query, key, *(relative if with_relative else [])]
    assert_gradients(loss, oracle_loss(similarity, *targets, 0.4), inputs)


@pytest.mark.parametrize("ignore_label", [None, 255])
@pytest.mark.parametrize("mask_border", [False, True])
@pytest.mark.parametrize("mask_self", [False, True])
def test_masks_of_the_function_on_two_axes(
    mask_self: bool, mask_border: bool, ignore_label: int | None
) -> None:
    embedding, labels, _ = sample(2)
    inputs = weights(2, 5)
    loss = cscl_loss(
        embedding,
        labels,
        *inputs,
        window=5,
        stride=1,
        dilation=2,
        positive_weight=0.3,
        mask_self=mask_self,
        mask_border=mask_border,
        ignore_label=ignore_label,
    )
    geometry = WindowGeometry(5, 1, 2)
    ignored = () if ignore_label is None else (ignore_label,)
    targets = oracle_targets(labels, geometry, PairRules(mask_self, mask_border, ignored, None))
    similarity = oracle_similarity(*inputs[:2], inputs[2:], embedding, geometry)
    assert_gradients(loss, oracle_loss(similarity, *targets, 0.3), [embedding, *inputs])


@pytest.mark.parametrize("form", ["linear", "cross_entropy"])
@pytest.mark.parametrize("axes", [2, 3])
def test_module_gradients_by_finite_differences(form: str, axes: int) -> None:
    torch.manual_seed(0)
    loss = ContextSelfContrastiveLoss(2, projection=4, axes=axes, form=form).double()
    shape = (1, 2, 3, 2) if axes == 2 else (1, 2, 2, 2, 2)
    embedding = torch.randn(shape, dtype=torch.float64, requires_grad=True)
    labels = torch.randint(1, 3, (1, *shape[2:]))
    parameters = list(loss.parameters())

    def value(*_: Tensor) -> Tensor:
        result: Tensor = loss(embedding, labels).loss
        return result

    assert torch.autograd.gradcheck(value, [embedding, *parameters])


def test_parcel_numbers_up_to_two_to_the_31_stay_apart() -> None:
    labels = torch.full((1, 1, 2), 7, dtype=torch.uint8)
    geometry = WindowGeometry(3)
    for names in ([2**31 - 1, 2**31 - 2], [0, 2**31 - 1]):
        for dtype in (torch.int32, torch.int64):
            identities = torch.tensor([[names]], dtype=dtype)
            positive, counted = pair_targets(labels, geometry, PairRules(), identities)
            assert int(counted.sum()) == 2
            assert not (positive & counted).any()
    same = torch.full((1, 1, 2), 2**31 - 1, dtype=torch.uint32)
    positive, counted = pair_targets(labels, geometry, PairRules(), same)
    assert int((positive & counted).sum()) == 2


def test_unknown_and_outside_go_by_the_labels_where_parcels_are_compared() -> None:
    labels = torch.tensor([[[5, 255, 254, 254]]])
    parcels = torch.tensor([[[1, 1, 0, 0]]])
    _, counted = pair_targets(labels, WindowGeometry(3), PairRules(), parcels)
    assert not counted.any()
    labels = torch.tensor([[[5, 5, 254, 6]]])
    parcels = torch.tensor([[[1, 2, 0, 3]]])
    assert count_pairs(labels, identities=parcels) == (6, 0)
    assert count_pairs(labels) == (4, 2)


def test_balanced_anchors_are_as_many_of_either_kind_in_each_image() -> None:
    labels = torch.ones(2, 6, 9, dtype=torch.uint8)
    labels[0, :, 8] = 2
    labels[1, 5, 0] = 2
    geometry = WindowGeometry(3)
    positive, counted = pair_targets(labels, geometry, PairRules(anchors="balanced"))
    negative = (counted & ~positive).any(1)
    kept = counted.any(1)
    assert negative.flatten(1).sum(1).tolist() == [12, 4]
    assert kept.flatten(1).sum(1).tolist() == [24, 8]
    # Interior anchors come from everywhere, not from the first rows alone.
    assert ((kept & ~negative)[1].any(1)).sum() >= 4
    # An image counts alike in whatever batch it comes.
    alone = pair_targets(labels[1:], geometry, PairRules(anchors="balanced"))[1]
    assert torch.equal(counted[1:], alone)
    whole = torch.ones(1, 4, 4, dtype=torch.uint8)
    assert not pair_targets(whole, geometry, PairRules(anchors="balanced"))[1].any()


def test_values_that_do_not_fit_are_refused() -> None:
    labels = torch.ones(1, 3, 3, dtype=torch.int64)
    geometry = WindowGeometry(3)
    with pytest.raises(ValueError, match="integers"):
        pair_targets(labels.float(), geometry, PairRules())
    with pytest.raises(ValueError, match="agree"):
        pair_targets(labels, geometry, PairRules(), labels[:, :2])
    with pytest.raises(ValueError, match="axes"):
        pair_targets(labels[None], geometry, PairRules())
    with pytest.raises(ValueError, match="anchors"):
        PairRules(anchors="some")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="balanced"):
        ContextSelfContrastiveLoss(4, positive_weight="even")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="2 or 3"):
        ContextSelfContrastiveLoss(4, axes=1)
    with pytest.raises(ValueError, match="temperature"):
        ContextSelfContrastiveLoss(4, form="linear", temperature=0.1)
    with pytest.raises(ValueError, match="relative positions"):
        query, key, *relative = weights(3, 3)
        cscl_similarity_nd(torch.zeros(1, 3, 2, 2), query, key, relative, window=3)
