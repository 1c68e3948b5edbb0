"""The rivals of the context-self contrastive loss, and what all losses have in common."""

from __future__ import annotations

import io
import json
import math

import pytest
import torch
from cscl.losses import (
    LOSSES,
    ContextSelfContrastiveLoss,
    LocalInfoNCE,
    PairRules,
    SupervisedMemoryContrast,
    build_loss,
    pair_auc,
    restore_loss,
)
from cscl.losses.windows import WindowGeometry
from loss_oracle import (
    evenly,
    oracle_local_info_nce,
    oracle_similarity,
    oracle_supervised_contrast,
    oracle_targets,
)
from torch import Tensor

torch.set_num_threads(1)


def batch(axes: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Return an embedding (2, 3, *S) with gradient, labels in patches, and parcels."""
    draw = torch.Generator().manual_seed(seed)
    shape = (2, 5, 7) if axes == 2 else (2, 2, 3, 7)
    embedding = torch.randn(2, 3, *shape[1:], generator=draw, dtype=torch.float64)
    labels = torch.ones(shape, dtype=torch.int64)
    labels[..., 4:] = torch.tensor([2, 3]).reshape(2, *[1] * axes)
    labels[..., -1, :2] = 254
    labels[..., -2, -1] = 255
    parcels = labels * 2**33
    parcels[..., 0, :2] += 1
    return embedding.requires_grad_(), labels, parcels


def assert_equal(value: Tensor, expected: Tensor, inputs: list[Tensor]) -> None:
    """Compare value and gradients to 1e-9, and want gradients that are not all zero."""
    assert value.item() == pytest.approx(expected.item(), abs=1e-9)
    found = torch.autograd.grad(value, inputs)
    for one, other in zip(found, torch.autograd.grad(expected, inputs), strict=True):
        assert other.abs().max() > 1e-6
        assert torch.allclose(one, other, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize("anchors", ["all", "boundary", "balanced"])
@pytest.mark.parametrize("parcels_as_labels", [False, True])
@pytest.mark.parametrize(
    ("window", "stride", "dilation", "temperature"), [(3, 1, 1, 0.1), (3, 2, 1, 0.5), (3, 1, 2, 2)]
)
def test_local_info_nce_equals_its_formula(
    window: int,
    stride: int,
    dilation: int,
    temperature: float,
    parcels_as_labels: bool,
    anchors: str,
    axes: int,
) -> None:
    torch.manual_seed(1)
    embedding, labels, parcels = batch(axes)
    identities = parcels if parcels_as_labels else None
    loss = LocalInfoNCE(
        3,
        projection=4,
        window=window,
        stride=stride,
        dilation=dilation,
        axes=axes,
        temperature=temperature,
        rules=PairRules(anchors=anchors),
    ).double()
    weight = loss.query.weight.flatten(1)
    similarity = oracle_similarity(weight, weight, None, embedding, loss.geometry)
    targets = oracle_targets(labels, loss.geometry, loss.rules, identities)
    total, count = oracle_local_info_nce(similarity, *targets, temperature)
    result = loss(embedding, labels, identities)
    assert int(result.count) == count > 0
    assert_equal(result.loss, total / count, [embedding, loss.query.weight])
    assert [name for name, _ in loss.named_parameters()] == ["query.weight"]


def test_local_info_nce_by_hand() -> None:
    loss = LocalInfoNCE(2, temperature=0.5).double()
    with torch.no_grad():
        loss.query.weight.copy_(torch.eye(2)[:, :, None, None])
    # Three pixels in a row; the one in the middle is like its right neighbour.
    embedding = torch.tensor([[1.0, 0.0, 0.0], [0.0, 2.0, 3.0]]).double()[None, :, None]
    result = loss(embedding, torch.tensor([[[1, 2, 2]]]))
    # The left pixel has no positive, the right one no negative pair.
    assert int(result.count) == 1
    assert result.loss.item() == pytest.approx(math.log(1 + math.exp(-2)), abs=1e-12)


def test_interior_anchors_add_nothing_but_their_number() -> None:
    embedding, labels, _ = batch(2)
    results = []
    for anchors in ("all", "boundary"):
        torch.manual_seed(0)
        loss = LocalInfoNCE(3, rules=PairRules(anchors=anchors)).double()
        results.append(loss(embedding, labels))
    assert results[0].total.item() == pytest.approx(results[1].total.item(), abs=1e-12)
    assert int(results[0].count) > int(results[1].count)


class Memory:
    """The queues of the supervised contrast as lists."""

    def __init__(self, size: int, added: int) -> None:
        self.size, self.added = size, added
        self.queues: dict[int, list[tuple[Tensor, int, int]]] = {}

    def vectors(self) -> list[tuple[Tensor, int, int]]:
        return [one for label in sorted(self.queues) for one in self.queues[label]]

    def add(self, drawn: list[tuple[Tensor, int, int]]) -> None:
        for label in {one[1] for one in drawn}:
            members = [number for number, one in enumerate(drawn) if one[1] == label]
            new = [drawn[number] for number in evenly(members, self.added)]
            kept = [(vector.detach(), *rest) for vector, *rest in new]
            self.queues[label] = (self.queues.get(label, []) + kept)[-self.size :]


def drawn_pixels(
    loss: SupervisedMemoryContrast, embedding: Tensor, labels: Tensor, identities: Tensor
) -> list[tuple[Tensor, int, int]]:
    """Return vector, class and identity of the pixels to draw, half of them at boundaries."""
    positive, counted = oracle_targets(labels, loss.geometry, loss.rules, identities)
    edge = (counted & ~positive).any(1).flatten().tolist()
    step = (slice(None), *[slice(None, None, loss.geometry.stride)] * loss.geometry.axes)
    classes = labels[step].flatten().tolist()
    names = identities[step].flatten().tolist()
    weight = loss.query.weight.flatten(1)
    vectors = torch.einsum("dc,bc...->b...d", weight, embedding)[step].reshape(-1, len(weight))
    chosen: list[int] = []
    for label in set(classes) - set(loss.rules.ignored):
        members = [number for number, one in enumerate(classes) if one == label]
        hard = [number for number in members if edge[number]]
        easy = [number for number in members if not edge[number]]
        wanted = min(len(hard), max(loss.samples // 2, loss.samples - len(easy)))
        chosen += evenly(hard, wanted) + evenly(easy, loss.samples - wanted)
    return [(vectors[number], classes[number], names[number]) for number in sorted(chosen)]


@pytest.mark.parametrize("parcels_as_labels", [False, True])
@pytest.mark.parametrize("outside", [None, 254])
@pytest.mark.parametrize(("stride", "axes"), [(1, 2), (2, 2), (1, 3)])
def test_supervised_contrast_equals_its_formula_as_the_memory_fills(
    stride: int, outside: int | None, parcels_as_labels: bool, axes: int
) -> None:
    torch.manual_seed(1)
    loss = SupervisedMemoryContrast(
        3,
        projection=4,
        stride=stride,
        axes=axes,
        temperature=0.3,
        samples=5,
        memory=5,
        added=2,
        rules=PairRules(outside=outside),
    ).double()
    memory = Memory(5, 2)
    for step in range(4):  # the queues hold 5 and take 2 each time, so the oldest is lost
        embedding, labels, parcels = batch(axes, step)
        identities = parcels if parcels_as_labels else None
        names = labels if identities is None else identities
        drawn = drawn_pixels(loss, embedding, labels, names)
        total, count = oracle_supervised_contrast(drawn, memory.vectors(), 0.3, outside)
        result = loss(embedding, labels, identities)
        assert int(result.count) == count > 0
        assert_equal(result.loss, total / count, [embedding, loss.query.weight])
        memory.add(drawn)
    assert max(len(queue) for queue in memory.queues.values()) == 5
    assert int(loss.memory_added.max()) > 5


def test_supervised_contrast_by_hand() -> None:
    loss = SupervisedMemoryContrast(2, temperature=0.5).double()
    with torch.no_grad():
        loss.query.weight.copy_(torch.eye(2)[:, :, None, None])
    embedding = torch.tensor([[1.0, 0.0, 0.0], [0.0, 2.0, 3.0]]).double()[None, :, None]
    result = loss(embedding, torch.tensor([[[1, 2, 2]]]))
    # Two anchors, each with one positive (cosine 1) and one negative (cosine 0).
    assert int(result.count) == 2
    assert result.loss.item() == pytest.approx(math.log(1 + math.exp(-2)), abs=1e-12)
    assert result.mean_positive.item() == pytest.approx(1, abs=1e-12)
    assert result.mean_negative.item() == pytest.approx(0, abs=1e-12)


def test_a_memory_goes_on_after_a_checkpoint_as_if_unbroken() -> None:
    torch.manual_seed(2)
    options = {"samples": 4, "memory": 3, "added": 2, "classes": 255}
    unbroken = SupervisedMemoryContrast(3, **options).double()
    for step in range(3):
        unbroken(*batch(2, step)[:2])
    file = io.BytesIO()
    torch.save(unbroken.state_dict(), file)
    file.seek(0)
    resumed = SupervisedMemoryContrast(3, **options).double()
    resumed.load_state_dict(torch.load(file, weights_only=True))
    for step in range(3, 5):
        embedding, labels, _ = batch(2, step)
        assert resumed(embedding, labels).loss.item() == unbroken(embedding, labels).loss.item()
    for name, tensor in unbroken.state_dict().items():
        assert torch.equal(resumed.state_dict()[name], tensor)


def test_the_memory_stays_as_it_is_outside_training() -> None:
    loss = SupervisedMemoryContrast(3).double()
    embedding, labels, _ = batch(2)
    loss(embedding, labels)
    before = {name: tensor.clone() for name, tensor in loss.state_dict().items()}
    assert int(before["memory_added"].sum()) > 0
    loss.eval()
    first = loss(embedding, labels).loss.item()
    assert loss(embedding, labels).loss.item() == first
    for name, tensor in loss.state_dict().items():
        assert torch.equal(before[name], tensor)


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_f71_a_batch_of_one_pixel_or_of_unknown_labels_gives_zero(name: str) -> None:
    loss = build_loss(name, 3).double()
    alone = torch.randn(1, 3, 1, 1, dtype=torch.float64)
    image = torch.randn(1, 3, 4, 4, dtype=torch.float64)
    for embedding, labels in (
        (alone, torch.ones(1, 1, 1, dtype=torch.int64)),
        (image, torch.full((1, 4, 4), 255)),
        (image, torch.zeros(1, 4, 4, dtype=torch.uint8)),
        (image, torch.full((1, 4, 4), 254)),
    ):
        embedding = embedding.clone().requires_grad_()
        loss.zero_grad()
        result = loss(embedding, labels)
        result.loss.backward()
        assert result.loss.item() == 0.0
        assert int(result.count) == 0
        assert not embedding.grad.any()
        for parameter in loss.parameters():
            assert parameter.grad is None or not parameter.grad.any()


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_f71_a_batch_of_one_image_and_a_zero_embedding_stay_finite(name: str) -> None:
    loss = build_loss(name, 3)
    labels = torch.tensor([[[1, 1, 2], [1, 2, 2], [2, 2, 255]]])
    for embedding in (torch.randn(1, 3, 3, 3), torch.zeros(1, 3, 3, 3)):
        embedding.requires_grad_()
        result = loss(embedding, labels)
        result.loss.backward()
        assert math.isfinite(result.loss.item())
        assert int(result.count) > 0
        assert torch.isfinite(embedding.grad).all()


@pytest.mark.parametrize("name", ["local-info-nce", "supervised-memory"])
def test_gradients_by_finite_differences(name: str) -> None:
    torch.manual_seed(0)
    loss = build_loss(name, 2, projection=3, window=3).double().eval()
    embedding = torch.randn(1, 2, 2, 3, dtype=torch.float64, requires_grad=True)
    labels = torch.tensor([[[1, 1, 2], [3, 2, 2]]])
    parameters = [parameter for parameter in loss.parameters() if parameter.requires_grad]

    def value(*_: Tensor) -> Tensor:
        total: Tensor = loss(embedding, labels).loss
        return total

    assert torch.autograd.gradcheck(value, [embedding, *parameters])


# One alike neighbour is enough for local InfoNCE, so the others of the window may stay unlike.
LEARNT = {name: 0.95 for name in LOSSES} | {"local-info-nce": 0.9}


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_every_loss_learns_to_tell_neighbours_apart(name: str) -> None:
    torch.manual_seed(0)
    labels = torch.ones(1, 8, 8, dtype=torch.uint8)
    labels[:, :, 4:] = 2
    loss = build_loss(name, 4)
    embedding = torch.randn(1, 4, 8, 8, requires_grad=True)
    before = pair_auc(*loss.pair_scores(embedding, labels))
    optimizer = torch.optim.Adam([embedding, *loss.parameters()], lr=0.1)
    for _ in range(40):
        optimizer.zero_grad()
        loss(embedding, labels).loss.backward()
        optimizer.step()
    assert before < 0.75
    assert pair_auc(*loss.pair_scores(embedding, labels)) > LEARNT[name]


@pytest.mark.parametrize("name", sorted(LOSSES))
@pytest.mark.parametrize("axes", [2, 3])
def test_a_loss_comes_back_from_its_options_and_tensors(name: str, axes: int) -> None:
    rules = PairRules(ignored=(9,), outside=None)
    loss = build_loss(name, 3, projection=5, window=5, dilation=2, axes=axes, rules=rules)
    options = json.loads(json.dumps(loss.options()))
    again = restore_loss(3, options)
    assert type(again) is LOSSES[name]
    assert again.options() == loss.options()
    assert again.rules == rules
    assert again.geometry == WindowGeometry(5, 1, 2, axes)
    again.load_state_dict(loss.state_dict())
    embedding, labels, _ = batch(axes)
    embedding = embedding.float()
    assert again(embedding, labels).loss.item() == loss(embedding, labels).loss.item()


def test_options_of_the_first_models_are_still_read() -> None:
    options = {
        "projection": 6,
        "window": 5,
        "stride": 1,
        "dilation": 2,
        "form": "linear",
        "rules": {"mask_self": True, "mask_border": True, "ignored": [0, 255], "outside": 254},
    }
    loss = restore_loss(4, options)
    assert isinstance(loss, ContextSelfContrastiveLoss)
    assert (loss.name, loss.rules, loss.geometry) == ("cscl", PairRules(), WindowGeometry(5, 1, 2))
    assert set(loss.state_dict()) == {
        "positive_weight",
        "query.weight",
        "key.weight",
        "rel_h",
        "rel_w",
    }


def test_a_balanced_weight_comes_back_from_the_options() -> None:
    loss = build_loss("cscl", 3, positive_weight="balanced", relative_position=False)
    assert restore_loss(3, loss.options()).balanced is True
    assert restore_loss(3, loss.options()).relative is None


def test_names_and_options_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="local-info-nce"):
        build_loss("triplet", 3)
    with pytest.raises(ValueError, match="cscl"):
        build_loss("cscl", 3, form="cross_entropy")
    with pytest.raises(TypeError, match="positive_weight"):
        build_loss("local-info-nce", 3, positive_weight=1.0)
    for name in ("local-info-nce", "supervised-memory", "similarity-cross-entropy"):
        with pytest.raises(ValueError, match="temperature"):
            build_loss(name, 3, temperature=0.0)
    with pytest.raises(ValueError, match="memory"):
        SupervisedMemoryContrast(3, memory=2, added=3)
    with pytest.raises(ValueError, match="anchors"):
        SupervisedMemoryContrast(3, rules=PairRules(anchors="boundary"))
    with pytest.raises(ValueError, match="from 0 to 1"):
        SupervisedMemoryContrast(3, classes=2)(torch.randn(1, 3, 1, 2), torch.tensor([[[1, 2]]]))
