"""Context-self aggregation against a slow form of its definition, and in the whole network."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from cscl.contract.classes import ClassTable
from cscl.contract.errors import UserError
from cscl.contract.jobs import make_job
from cscl.models.card import ModelCard
from cscl.models.context import ContextAggregation
from cscl.models.registry import build_network, halo, receptive_radius
from cscl.models.store import load_model, save_model
from torch.nn import functional

CLASSES, CHANNELS = 3, 4


def aggregation(window: int = 3, seed: int = 0) -> ContextAggregation:
    """Return one with parameters as after some training."""
    torch.manual_seed(seed)
    result = ContextAggregation(CHANNELS, window).double()
    with torch.no_grad():
        for parameter in result.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    return result


def by_definition(
    module: ContextAggregation, logits: torch.Tensor, features: torch.Tensor, seen: torch.Tensor
) -> torch.Tensor:
    """Pixel by pixel: exp(sharpness * cosine + position) of the neighbours that were observed."""
    reach, (height, width) = module.window // 2, logits.shape[-2:]
    query = module.query.weight[:, :, 0, 0]
    key = module.key.weight[:, :, 0, 0]
    found = torch.zeros_like(logits)
    for row in range(height):
        for column in range(width):
            weights, chances = [], []
            own = functional.normalize(query @ features[0, :, row, column], dim=0)
            for dy in range(-reach, reach + 1):
                for dx in range(-reach, reach + 1):
                    y, x = row + dy, column + dx
                    if not (0 <= y < height and 0 <= x < width and seen[0, 0, y, x]):
                        continue
                    other = functional.normalize(key @ features[0, :, y, x], dim=0)
                    place = (dy + reach) * module.window + dx + reach
                    score = module.log_scale.exp() * (own @ other) + module.position[place]
                    weights.append(score.exp())
                    chances.append(logits[0, :, y, x].softmax(0))
            if not weights:
                weights, chances = [torch.tensor(1.0)], [logits[0, :, row, column].softmax(0)]
            total = sum(weights)
            mean = sum(w * c for w, c in zip(weights, chances, strict=True)) / total
            found[0, :, row, column] = mean.log()
    return found


@pytest.mark.parametrize("window", [3, 5])
def test_it_is_the_mean_by_likeness_of_observed_neighbours(window: int) -> None:
    module = aggregation(window)
    logits = torch.randn(1, CLASSES, 7, 6, dtype=torch.float64)
    features = torch.randn(1, CHANNELS, 7, 6, dtype=torch.float64)
    seen = torch.rand(1, 1, 7, 6) > 0.4
    seen[..., 4:, :] = False  # the last rows have no observed neighbour
    with torch.no_grad():
        found = module(logits, features, seen)
        expected = by_definition(module, logits, features, seen)
        weights = module.weights(features, seen)
    assert (found - expected).abs().max() < 1e-12
    assert torch.allclose(weights.sum(1), torch.ones(1, 7, 6, dtype=torch.float64))
    assert torch.allclose(found[..., 6, :], logits[..., 6, :].log_softmax(1))
    assert torch.allclose(found.exp().sum(1), torch.ones(1, 7, 6, dtype=torch.float64))


def test_gradients_reach_everything_that_is_learned() -> None:
    module = aggregation()
    logits = torch.randn(1, CLASSES, 4, 4, dtype=torch.float64, requires_grad=True)
    features = torch.randn(1, CHANNELS, 4, 4, dtype=torch.float64, requires_grad=True)
    seen = torch.ones(1, 1, 4, 4, dtype=torch.bool)
    seen[..., 0, 0] = False
    assert torch.autograd.gradcheck(lambda a, b: module(a, b, seen), (logits, features))
    module(logits, features, seen)[:, 0].sum().backward()
    assert all(bool((item.grad != 0).any()) for item in module.parameters())


def test_training_starts_from_the_likeness_of_the_features() -> None:
    module = ContextAggregation(2, 3)
    features = torch.stack([torch.tensor([[1.0, 1.0, 0.0]]), torch.tensor([[0.0, 0.0, 1.0]])])[None]
    weights = module.weights(features, torch.ones(1, 1, 1, 3, dtype=torch.bool))[0, :, 0, 1]
    like, unlike = math.exp(10.0), 1.0
    expected = torch.zeros(9)
    expected[3:6] = torch.tensor([like, like, unlike]) / (2 * like + unlike)
    assert torch.allclose(weights, expected, atol=1e-6)


def test_a_mixed_pixel_takes_the_class_of_the_parcel_that_it_is_like() -> None:
    """Left of the edge is class 0, right class 1; the pixel in doubt is a little more like 0."""
    module = ContextAggregation(2, 3)
    features = torch.tensor([[1.0, 0.8, 0.0], [0.0, 0.6, 1.0]])[:, None].repeat(1, 3, 1)[None]
    logits = torch.tensor([[4.0, -0.05, -4.0], [-4.0, 0.05, 4.0]])[:, None].repeat(1, 3, 1)[None]
    found = module(logits, features, torch.ones(1, 1, 3, 3, dtype=torch.bool))
    assert logits[0, :, 1].argmax(0).tolist() == [0, 1, 1]
    assert found[0, :, 1].argmax(0).tolist() == [0, 0, 1]


@pytest.mark.parametrize("window", [0, 1, 4])
def test_a_window_has_a_centre_and_neighbours(window: int) -> None:
    with pytest.raises(ValueError, match="odd and 3 at least"):
        ContextAggregation(2, window)
    if window:
        with pytest.raises(UserError) as caught:
            make_job("finetune", {"dataset": "d", "output": "o", "context": window})
        assert caught.value.code == "even_window"


def network(context: int = 5, heads: tuple[int, ...] = (1, 4)) -> torch.nn.Module:
    torch.manual_seed(1)
    found = build_network(
        "unet3df", bands=2, classes=CLASSES, width=1 / 16, heads=heads, context=context
    )
    return found.double().eval()


def inputs(size: int = 16, dates: int = 4) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(2)
    images = torch.randn(1, dates, 2, size, size, dtype=torch.float64)
    valid = torch.rand(1, dates, size, size) > 0.3
    return images, torch.arange(float(dates), dtype=torch.float64)[None] * 9, valid


def test_finer_heads_say_how_they_differ_from_the_shared_answer() -> None:
    model = network()
    with torch.no_grad():
        for parameter in model.classifiers["4"].parameters():
            parameter.zero_()
        found = model.forward_all(*inputs())
        alone = model(*inputs(), scale=4)
    wanted = functional.interpolate(found[1], scale_factor=4.0, mode="bilinear")
    assert torch.equal(found[4], wanted)
    assert torch.equal(alone, wanted)
    with pytest.raises(ValueError, match="head at scale 1"):
        network(heads=(4,))


@pytest.mark.parametrize("scale", [1, 4])
def test_its_reach_is_counted(scale: int) -> None:
    """A window with its halo has the logits of the whole; the gradient ends at the radius."""
    model, (images, days, valid) = network(), inputs(size=88)
    radius, around = receptive_radius("unet3df", scale, context=5), halo("unet3df", 4, 5)
    assert radius == receptive_radius("unet3df", scale) + 2 and around >= radius
    first, last = 40, 48
    with torch.no_grad():
        whole = model(images, days, valid, scale)
        cut = (..., slice(first - around, last + around), slice(first - around, last + around))
        part = model(images[cut], days, valid[cut], scale)
    inner = part[..., around * scale : -around * scale, around * scale : -around * scale]
    expected = whole[..., first * scale : last * scale, first * scale : last * scale]
    assert (inner - expected).abs().max() < 1e-9
    reach = 0
    for pixel in (40, 41, 42, 43):
        leaf = images.clone().requires_grad_()
        logits = model(leaf, days, torch.ones_like(valid), scale)
        logits[..., pixel * scale : (pixel + 1) * scale, :].sum().backward()
        touched = leaf.grad.abs().amax((0, 1, 2, 4)).nonzero()
        reach = max(reach, pixel - int(touched.min()), int(touched.max()) - pixel)
    assert reach <= radius


@pytest.mark.parametrize("scale", [1, 4])
def test_ground_beyond_the_image_tells_nothing(scale: int) -> None:
    model, (images, days, valid) = network(), inputs(size=12)
    valid[:, 0] = True
    with torch.no_grad():
        expected = model(images, days, valid, scale)
        wide = model(
            functional.pad(images, (8, 4, 4, 8), value=1e4),
            days,
            functional.pad(valid, (8, 4, 4, 8), value=False),
            scale,
        )
    edge = 2 * (scale > 1)  # finer pixels at the edge lie between two coarse ones
    inner = wide[..., 4 * scale : 16 * scale, 8 * scale : 20 * scale]
    cut = (..., slice(edge, 12 * scale - edge), slice(edge, 12 * scale - edge))
    assert (inner - expected)[cut].abs().max() < 1e-9


def test_it_travels_with_the_model(tmp_path: Path) -> None:
    classes = ClassTable.from_values(["wheat", "maize"], "test", 2021)
    card = ModelCard(
        ("B04", "B08"), "L2A", ("10-01", "09-30"), 2021, (0.1, 0.3), (0.1, 0.2), classes, "class",
        width=1 / 16, context=5,
    )  # fmt: skip
    model = network().float()
    save_model(tmp_path, model, card)
    loaded = load_model(tmp_path)
    assert loaded.card.context == loaded.network.context.window == 5
    for name, value in model.context.state_dict().items():
        assert torch.equal(loaded.network.context.state_dict()[name], value)
    document = card.to_json()
    with pytest.raises(UserError, match="an odd number from 3 to 15"):
        ModelCard.from_json({**document, "sha256": "0" * 64, "context": 4})
    del document["context"]
    assert ModelCard.from_json({**document, "sha256": "0" * 64}).context == 0
