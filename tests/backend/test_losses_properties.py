"""What holds of the losses for any small shape, geometry and rules."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
import torch
from cscl.losses import LOSSES, PairRules, WindowLoss, build_loss, pair_targets
from cscl.losses.windows import WindowGeometry
from hypothesis import given
from hypothesis import strategies as st
from loss_oracle import oracle_loss, oracle_similarity, oracle_targets
from torch import Tensor

torch.set_num_threads(1)
CHANNELS = 3
CODES = torch.tensor([1, 2, 3, 254, 255])
BY_PAIR = ("cscl", "similarity-cross-entropy")
BY_ANCHOR = ("local-info-nce",)


@dataclass(frozen=True)
class Case:
    """A batch and the options of a loss."""

    seed: int
    shape: tuple[int, ...]
    options: dict[str, object]

    @property
    def geometry(self) -> WindowGeometry:
        names = ("window", "stride", "dilation", "axes")
        return WindowGeometry(*(self.options[name] for name in names))

    def batch(self, images: int = 2) -> tuple[Tensor, Tensor]:
        """Return an embedding with gradient and labels in patches, by the seed."""
        draw = torch.Generator().manual_seed(self.seed)
        size = (images, CHANNELS, *self.shape)
        embedding = torch.randn(size, generator=draw, dtype=torch.float64)
        labels = CODES[torch.randint(0, len(CODES), (images, *self.shape), generator=draw)]
        same = torch.rand(labels.shape, generator=draw) < 0.5
        labels[same] = 1
        return embedding.requires_grad_(), labels

    def loss(self, name: str, **options: object) -> WindowLoss:
        torch.manual_seed(self.seed)
        return build_loss(name, CHANNELS, **{**self.options, **options}).double()


@st.composite
def cases(draw: st.DrawFn) -> Case:
    axes = draw(st.sampled_from([2, 3]))
    side = st.integers(1, 5 if axes == 2 else 3)
    outside, ignored = draw(st.sampled_from([None, 254])), draw(st.sampled_from([(), (0, 255)]))
    rules = PairRules(
        draw(st.booleans()),
        draw(st.booleans()),
        ignored,
        outside,
        draw(st.sampled_from(["all", "boundary", "balanced"])),
    )
    options: dict[str, object] = {
        "projection": draw(st.integers(3, 6)),
        "window": draw(st.sampled_from([1, 3, 5] if axes == 2 else [1, 3])),
        "stride": draw(st.integers(1, 3)),
        "dilation": draw(st.integers(1, 3)),
        "axes": axes,
        "rules": rules,
    }
    shape = tuple(draw(side) for _ in range(axes))
    return Case(draw(st.integers(0, 9999)), shape, options)


def flat_weights(loss: WindowLoss) -> tuple[Tensor, Tensor]:
    key = loss.query if loss.key is None else loss.key
    return loss.query.weight.flatten(1), key.weight.flatten(1)


@given(
    case=cases(),
    name=st.sampled_from(BY_PAIR),
    weight=st.sampled_from([0.125, 2.0, "balanced"]),
    relative=st.booleans(),
)
def test_loss_and_gradients_equal_the_formula(
    case: Case, name: str, weight: float | str, relative: bool
) -> None:
    embedding, labels = case.batch()
    loss = case.loss(name, positive_weight=weight, relative_position=relative)
    scale, bias = (1.0, 0.0) if name == "cscl" else (loss.log_scale.exp(), loss.bias)
    similarity = oracle_similarity(*flat_weights(loss), loss.relative, embedding, case.geometry)
    targets = oracle_targets(labels, case.geometry, loss.rules)
    form = "linear" if name == "cscl" else "cross_entropy"
    expected = oracle_loss(similarity, *targets, weight, form, scale, bias)
    value = loss(embedding, labels).loss
    assert value.item() == pytest.approx(expected.item(), abs=1e-9)
    inputs = [embedding, *loss.parameters()]
    found = torch.autograd.grad(value, inputs, allow_unused=True, materialize_grads=True)
    wanted = torch.autograd.grad(expected, inputs, allow_unused=True, materialize_grads=True)
    for one, other in zip(found, wanted, strict=True):
        assert torch.allclose(one, other, rtol=1e-9, atol=1e-9)


@given(case=cases(), exponent=st.integers(-20, 20), name=st.sampled_from(["cscl", *BY_ANCHOR]))
def test_the_embeddings_length_does_not_matter_without_relative_position(
    case: Case, exponent: int, name: str
) -> None:
    embedding, labels = case.batch()
    loss = case.loss(name, **({"relative_position": False} if name == "cscl" else {}))
    plain, scaled = loss(embedding, labels), loss(embedding * 2.0**exponent, labels)
    assert scaled.total.item() == pytest.approx(plain.total.item(), rel=1e-9, abs=1e-9)


@given(case=cases(), factor=st.floats(1e-3, 1e3))
def test_the_queries_length_never_matters(case: Case, factor: float) -> None:
    embedding, labels = case.batch()
    loss = case.loss("cscl")
    before = loss(embedding, labels).total.item()
    with torch.no_grad():
        loss.query.weight.mul_(factor)
    assert loss(embedding, labels).total.item() == pytest.approx(before, rel=1e-9, abs=1e-9)


@given(
    case=cases(),
    order=st.permutations([1, 2, 3, 7, 1000, -5]),
    name=st.sampled_from([*BY_PAIR, *BY_ANCHOR]),
)
def test_what_the_classes_are_called_does_not_matter(
    case: Case, order: list[int], name: str
) -> None:
    embedding, labels = case.batch()
    renamed = labels.clone()
    for code, other in zip((1, 2, 3), order, strict=False):
        renamed[labels == code] = other
    loss = case.loss(name)
    one, other = loss(embedding, labels), loss(embedding, renamed)
    assert one.total.item() == other.total.item()
    assert int(one.count) == int(other.count)


@given(case=cases(), weight=st.floats(0.01, 3))
def test_the_mean_is_that_of_the_pairs_that_count(case: Case, weight: float) -> None:
    embedding, labels = case.batch()
    loss = case.loss("cscl", positive_weight=weight)
    result = loss(embedding, labels)
    positive, counted = pair_targets(labels, case.geometry, loss.rules)
    assert int(result.count) == int(counted.sum())
    assert int(result.positives) == int((counted & positive).sum())
    negatives = int(result.count - result.positives)
    # A sum over no pair has no mean.
    alike = float(result.positives * result.mean_positive) if result.positives else 0.0
    unlike = negatives * float(result.mean_negative) if negatives else 0.0
    expected = unlike - float(loss.positive_weight) * alike
    assert result.total.item() == pytest.approx(expected, abs=1e-9)
    assert result.loss.item() == pytest.approx(expected / max(1, int(result.count)), abs=1e-9)
    assert math.isnan(result.mean_positive) == (int(result.positives) == 0)
    assert math.isnan(result.mean_negative) == (negatives == 0)


@given(case=cases(), name=st.sampled_from([*BY_PAIR, *BY_ANCHOR]))
def test_the_sums_of_two_batches_add_up(case: Case, name: str) -> None:
    embedding, labels = case.batch(3)
    loss = case.loss(name)
    whole = loss(embedding, labels)
    parts = [loss(embedding[part], labels[part]) for part in (slice(1), slice(1, 3))]
    assert whole.total.item() == pytest.approx(sum(p.total.item() for p in parts), abs=1e-9)
    assert int(whole.count) == sum(int(part.count) for part in parts)
    assert int(whole.positives) == sum(int(part.positives) for part in parts)


@given(case=cases(), name=st.sampled_from(sorted(LOSSES)), label=st.sampled_from([1, 254, 255]))
def test_constant_labels_give_finite_values_and_gradients(
    case: Case, name: str, label: int
) -> None:
    embedding, labels = case.batch()
    rules = PairRules() if name == "supervised-memory" else case.options["rules"]
    loss = case.loss(name, rules=rules)
    result = loss(embedding, torch.full_like(labels, label))
    result.loss.backward()
    assert math.isfinite(result.loss.item())
    assert torch.isfinite(embedding.grad).all()
    if loss.rules.mask_border:
        assert int(result.count) == 0 or math.isnan(result.mean_negative.item())
    if not int(result.count):
        assert result.loss.item() == 0.0
        assert not embedding.grad.any()
