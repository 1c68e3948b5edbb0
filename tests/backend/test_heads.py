"""Heads at one, two and four times the resolution: sizes, sharing, alignment."""

from __future__ import annotations

import pytest
import torch
from cscl.models.card_checks import SCALES
from cscl.models.heads import Refinement
from cscl.models.network import CropNetwork
from cscl.models.registry import ARCHITECTURES, build_network
from torch import nn

torch.set_num_threads(1)
BANDS, CLASSES = 2, 3


def network(heads: tuple[int, ...], name: str = "unet3df", *, residual: bool = True) -> CropNetwork:
    torch.manual_seed(0)
    return build_network(
        name, bands=BANDS, classes=CLASSES, width=1 / 8, heads=heads, residual=residual
    )


def sample() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    valid = torch.rand(1, 3, 8, 8) < 0.8
    valid[:, :, 3, 4] = False
    return torch.randn(1, 3, BANDS, 8, 8), torch.tensor([[10.0, 90.0, 200.0]]), valid


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_each_backbone_answers_at_each_scale(name: str) -> None:
    model = network(SCALES, name).eval()
    inputs = sample()
    logits = model.forward_all(*inputs)
    for scale in SCALES:
        assert logits[scale].shape == (1, CLASSES, 8 * scale, 8 * scale)
        assert torch.allclose(model(*inputs, scale=scale), logits[scale], atol=1e-6)
    maps = model.feature_maps(*inputs)
    for scale, item in maps.items():
        unseen = (..., slice(3 * scale, 4 * scale), slice(4 * scale, 5 * scale))
        assert item.shape == (1, model.channels, 8 * scale, 8 * scale)
        assert item[unseen].abs().max() == 0
        assert item.abs().max() > 0


@pytest.mark.parametrize(
    ("heads", "doublings"), [((1,), 0), ((2,), 1), ((1, 2), 1), ((4,), 2), ((1, 4), 2), (SCALES, 2)]
)
def test_heads_share_their_doublings(heads: tuple[int, ...], doublings: int) -> None:
    model = network(heads)
    assert model.heads == heads
    assert list(model.classifiers) == [str(scale) for scale in heads]
    built = [] if model.refinement is None else list(model.refinement.doublings)
    assert len(built) == doublings
    assert list(model.feature_maps(*sample())) == list(heads)


def test_only_what_is_asked_for_is_computed() -> None:
    model = network(SCALES)
    calls = []
    for number, doubling in enumerate(model.refinement.doublings):
        doubling.register_forward_hook(lambda *_, number=number: calls.append(number))
    expected = {(1,): [], (2,): [0], (4,): [0, 1], (1, 2): [0], SCALES: [0, 1]}
    for scales, wanted in expected.items():
        calls.clear()
        assert set(model.feature_maps(*sample(), scales)) == {1, *scales}
        assert calls == wanted
    with pytest.raises(ValueError, match="none at scale 2"):
        network((1, 4)).feature_maps(*sample(), (2,))
    for heads in ((), (3,), (1, 8)):
        with pytest.raises(ValueError, match="heads must be some of"):
            network(heads)


def test_a_body_of_fewer_doublings_is_taken_over() -> None:
    source, target = network((1, 2)), network(SCALES)
    with torch.no_grad():
        for item in source.parameters():
            item.add_(1)
    fresh = target.refinement.doublings[1].convolution.weight.clone()
    names = target.load_body(source.body_state())
    assert "refinement.doublings.0.convolution.weight" in names
    assert not any(name.startswith("refinement.doublings.1") for name in names)
    for name in names:
        assert torch.equal(target.state_dict()[name], source.state_dict()[name])
    assert torch.equal(target.refinement.doublings[1].convolution.weight, fresh)
    assert network((1,)).load_body(target.body_state())


def centre_of_mass(response: torch.Tensor) -> tuple[float, float]:
    grid = torch.arange(response.shape[-1], dtype=response.dtype)
    total = response.sum()
    row, column = (response.sum(1) * grid).sum(), (response.sum(0) * grid).sum()
    return float(row / total), float(column / total)


def responses(head: Refinement, channels: int, values: torch.Tensor) -> dict[int, torch.Tensor]:
    """The squared change of each map by a coarse pixel at row 3, column 5, of these values."""
    seen = torch.ones(1, 1, 9, 9, dtype=torch.float64)
    silent = torch.zeros(1, channels, 9, 9, dtype=torch.float64)
    impulse = silent.clone()
    impulse[0, :, 3, 5] = values
    with torch.no_grad():
        first, second = head.eval().maps(impulse, seen), head.maps(silent, seen)
    return {scale: (first[scale] - second[scale])[0].square().sum(0) for scale in first}


def even(head: Refinement) -> Refinement:
    """Give every entry of the kernels the same weight."""
    for doubling in head.doublings:
        nn.init.constant_(doubling.convolution.weight, 1 / 16)
        nn.init.zeros_(doubling.convolution.bias)
    return head


@pytest.mark.parametrize(("form", "shift"), [("centred", 0.0), ("released", 1.5)])
def test_centre_of_mass_of_the_answer(form: str, shift: float) -> None:
    """A coarse pixel's answer lies on its own fine pixels; as released, 1.5 of them before."""
    head = even(Refinement(16, form=form).double())
    found = responses(head, 16, torch.ones(16, dtype=torch.float64))
    assert set(found) == {1, 2, 4}
    for scale, response in found.items():
        # The first doubling moves by half a pixel of its own, the second by as much again.
        moved = shift * (scale - 1) / 3
        row, column = centre_of_mass(response)
        assert row == pytest.approx(3 * scale + (scale - 1) / 2 - moved, abs=1e-9)
        assert column == pytest.approx(5 * scale + (scale - 1) / 2 - moved, abs=1e-9)


def test_centre_of_mass_with_random_weights() -> None:
    torch.manual_seed(1)
    found = responses(Refinement(64).double(), 64, torch.randn(64, dtype=torch.float64))
    for scale, response in found.items():
        for position, pixel in zip(centre_of_mass(response), (3, 5), strict=True):
            assert position == pytest.approx(scale * pixel + (scale - 1) / 2, abs=0.15)


def test_released_form_has_the_released_layers() -> None:
    released, centred = Refinement(8, form="released"), Refinement(8)
    assert [tuple(item.convolution.weight.shape) for item in released.doublings] == [
        (8, 8, 3, 3)
    ] * 2
    assert [tuple(item.convolution.weight.shape) for item in centred.doublings] == [
        (8, 8, 4, 4)
    ] * 2
    torch.manual_seed(0)
    values, seen = torch.randn(1, 8, 5, 6), torch.ones(1, 1, 5, 6)
    layer = nn.ConvTranspose2d(8, 8, 3, stride=2, padding=1, output_padding=1)
    layer.load_state_dict(released.doublings[0].convolution.state_dict())
    expected = nn.functional.leaky_relu(nn.BatchNorm2d(8)(layer(values)))
    assert torch.allclose(released.maps(values, seen)[2], expected, atol=1e-5)


# What finer heads start from


@pytest.mark.parametrize(("form", "trained"), [("even", True), ("even", False), ("centred", False)])
@pytest.mark.parametrize("scale", [2, 4])
def test_what_is_flat_stays_without_a_chequered_pattern(
    scale: int, form: str, trained: bool
) -> None:
    torch.manual_seed(2)
    refinement = Refinement(6, scale, form=form).eval()
    if trained:
        for doubling in refinement.doublings:
            nn.init.normal_(doubling.convolution.weight)
    even = torch.randn(1, 6, 1, 1).expand(1, 6, 8, 8)
    found = refinement(even, torch.ones(1, 1, 8, 8))[
        ..., 2 * scale : -2 * scale, 2 * scale : -2 * scale
    ]
    assert found.abs().max() > 0.01
    assert torch.allclose(found, found[..., :1, :1].expand_as(found), atol=1e-6)
    released = Refinement(6, scale, form="released").eval()
    uneven = released(even, torch.ones(1, 1, 8, 8))[
        ..., 2 * scale : -2 * scale, 2 * scale : -2 * scale
    ]
    assert (uneven - uneven[..., :1, :1]).abs().max() > 1e-3


@pytest.mark.parametrize("heads", [(1, 2), (1, 4)])
def test_a_finer_head_adds_detail_to_the_one_at_10_m(heads: tuple[int, int]) -> None:
    model, (images, days, _) = network(heads).eval(), sample()
    valid = torch.ones(1, 3, 8, 8, dtype=torch.bool)
    scale = heads[1]
    logits, maps = model.forward_all(images, days, valid), model.feature_maps(images, days, valid)
    own = model.classifiers[str(scale)](maps[scale])
    means = own.unflatten(-1, (-1, scale)).unflatten(-3, (-1, scale)).mean(dim=(-1, -3))

    def enlarged(values: torch.Tensor) -> torch.Tensor:
        return nn.functional.interpolate(
            values, scale_factor=float(scale), mode="bilinear", align_corners=False
        )

    expected = enlarged(logits[1]) + (own - enlarged(means))
    assert torch.allclose(logits[scale], expected, atol=1e-5)
    assert (expected - enlarged(logits[1])).abs().max() > 1e-3
    trained = model.train().classify(maps, valid.any(dim=1, keepdim=True))[scale]
    assert torch.equal(trained, own)
    plain = network(heads, residual=False).eval()
    own, maps = plain.forward_all(images, days, valid), plain.feature_maps(images, days, valid)
    alone = plain.classifiers[str(scale)](maps[scale])
    assert torch.equal(own[scale], alone)


def test_labels_of_finer_pixels_leave_the_head_at_10_m_alone() -> None:
    model = network((1, 4))
    model(*sample(), scale=4).square().sum().backward()
    assert all(tensor.grad is None for tensor in model.classifiers["1"].parameters())
    assert model.classifiers["4"].weight.grad.abs().max() > 0
    first = next(model.backbone.parameters())
    assert first.grad is not None and first.grad.abs().max() > 0


def test_ground_that_nobody_saw_does_not_blur_the_edge_of_what_was_seen() -> None:
    model, (images, days, _) = network((1, 4)).eval(), sample()
    valid = torch.ones(1, 3, 8, 8, dtype=torch.bool)
    valid[..., 4:] = False
    wide = model(images, days, valid, scale=4)[..., :16]
    narrow = model(images[..., :4], days, valid[..., :4], scale=4)
    assert torch.allclose(wide, narrow, atol=1e-5)


def test_a_network_with_one_finer_head_answers_by_itself() -> None:
    model, (images, days, valid) = network((4,)).eval(), sample()
    own = model.classifiers["4"](model.feature_maps(images, days, valid)[4])
    assert torch.equal(model(images, days, valid, scale=4), own)
