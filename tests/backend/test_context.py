"""Neighbours that are alike share their answers: against a slow form of it, and in the network."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from cscl.contract.classes import ClassTable
from cscl.contract.errors import UserError
from cscl.contract.jobs import make_job
from cscl.models.card import ModelCard
from cscl.models.context import Context
from cscl.models.likeness import likeness_weights, shared_answers
from cscl.models.network import CropNetwork
from cscl.models.registry import build_network, halo, receptive_radius
from cscl.models.store import load_model, save_model
from torch.nn import functional

CLASSES, CHANNELS, SHARPNESS = 3, 4, 3.0
CONTEXT = Context(5, {1: 8.0, 4: 5.0})


def by_definition(
    logits: torch.Tensor, features: torch.Tensor, seen: torch.Tensor, window: int
) -> torch.Tensor:
    """Pixel by pixel: exp(sharpness * cosine) of the neighbours that were observed."""
    reach, (height, width) = window // 2, logits.shape[-2:]
    found = torch.zeros_like(logits)
    for row in range(height):
        for column in range(width):
            weights, chances = [], []
            own = functional.normalize(features[0, :, row, column], dim=0)
            for y in range(row - reach, row + reach + 1):
                for x in range(column - reach, column + reach + 1):
                    if not (0 <= y < height and 0 <= x < width and seen[0, 0, y, x]):
                        continue
                    other = functional.normalize(features[0, :, y, x], dim=0)
                    weights.append((SHARPNESS * (own @ other)).exp())
                    chances.append(logits[0, :, y, x].softmax(0))
            if not weights:
                weights, chances = [torch.tensor(1.0)], [logits[0, :, row, column].softmax(0)]
            total = sum(weights)
            mean = sum(w * c for w, c in zip(weights, chances, strict=True)) / total
            found[0, :, row, column] = mean.log()
    return found


@pytest.mark.parametrize("learning", [False, True], ids=["loops", "torch"])
@pytest.mark.parametrize("window", [3, 5])
def test_it_is_the_mean_by_likeness_of_observed_neighbours(window: int, learning: bool) -> None:
    torch.manual_seed(window)
    logits = torch.randn(1, CLASSES, 9, 6, dtype=torch.float64)
    features = torch.randn(1, CHANNELS, 9, 6, dtype=torch.float64)
    seen = torch.rand(1, 1, 9, 6) > 0.4
    seen[..., 5:, :] = False  # the last row has no observed neighbour
    found = shared_answers(logits.requires_grad_(learning), features, seen, window, SHARPNESS)
    assert found.requires_grad == learning
    expected = by_definition(logits, features, seen, window)
    weights = likeness_weights(features, seen, window, SHARPNESS)
    assert (found - expected).abs().max() < 1e-12
    assert torch.allclose(weights.sum(1), torch.ones(1, 9, 6, dtype=torch.float64))
    assert torch.allclose(found[..., 8, :], logits[..., 8, :].log_softmax(1))
    assert torch.allclose(found.exp().sum(1), torch.ones(1, 9, 6, dtype=torch.float64))


def test_loops_say_what_torch_does_for_any_number_of_threads() -> None:
    torch.manual_seed(3)
    logits, features = torch.randn(2, 9, 37, 21), torch.randn(2, 32, 37, 21)
    seen = torch.rand(2, 1, 37, 21) > 0.2
    threads, found = torch.get_num_threads(), []
    try:
        for number in (1, 2, 5):
            torch.set_num_threads(number)
            found.append(shared_answers(logits, features, seen, 9, 20.0))
    finally:
        torch.set_num_threads(threads)
    found.append(shared_answers(logits.requires_grad_(), features, seen, 9, 20.0))
    for other in found[1:]:
        assert (found[0].exp() - other.exp()).abs().max() < 1e-5


def test_likeness_counts_by_its_sharpness() -> None:
    features = torch.stack([torch.tensor([[1.0, 1.0, 0.0]]), torch.tensor([[0.0, 0.0, 1.0]])])[None]
    seen = torch.ones(1, 1, 1, 3, dtype=torch.bool)
    weights = likeness_weights(features, seen, 3, 10.0)[0, :, 0, 1]
    like, unlike = math.exp(10.0), 1.0
    expected = torch.zeros(9)
    expected[3:6] = torch.tensor([like, like, unlike]) / (2 * like + unlike)
    assert torch.allclose(weights, expected, atol=1e-6)


def test_a_mixed_pixel_takes_the_class_of_the_parcel_that_it_is_like() -> None:
    """Left of the edge is class 0, right class 1; the pixel in doubt is a little more like 0."""
    features = torch.tensor([[1.0, 0.8, 0.0], [0.0, 0.6, 1.0]])[:, None].repeat(1, 3, 1)[None]
    logits = torch.tensor([[4.0, -0.05, -4.0], [-4.0, 0.05, 4.0]])[:, None].repeat(1, 3, 1)[None]
    found = shared_answers(logits, features, torch.ones(1, 1, 3, 3, dtype=torch.bool), 3, 10.0)
    assert logits[0, :, 1].argmax(0).tolist() == [0, 1, 1]
    assert found[0, :, 1].argmax(0).tolist() == [0, 0, 1]


@pytest.mark.parametrize("window", [1, 4])
def test_a_window_has_a_centre_and_neighbours(window: int) -> None:
    with pytest.raises(UserError) as caught:
        make_job("finetune", {"dataset": "d", "output": "o", "context": window})
    assert caught.value.code == "even_window"


def network(context: Context | None = CONTEXT) -> CropNetwork:
    torch.manual_seed(1)
    found = build_network("unet3df", bands=2, classes=CLASSES, width=1 / 16, context=context)
    return found.double().eval()


def inputs(size: int = 16, dates: int = 4) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(2)
    images = torch.randn(1, dates, 2, size, size, dtype=torch.float64)
    valid = torch.rand(1, dates, size, size) > 0.3
    return images, torch.arange(float(dates), dtype=torch.float64)[None] * 9, valid


def test_finer_answers_are_corrected_by_what_sharing_changes() -> None:
    with torch.no_grad():
        alone = network(None).forward_all(*inputs())
        coarse = network(Context(5, {1: 8.0})).forward_all(*inputs())
        both = network(Context(5, {1: 8.0, 4: 8.0})).forward_all(*inputs())
        fine = network(Context(5, {4: 8.0}))(*inputs(), scale=4)
    change = coarse[1] - alone[1].log_softmax(1)
    assert change.abs().max() > 1e-3
    wide = functional.interpolate(change, scale_factor=4.0, mode="bilinear")
    assert torch.equal(coarse[4], alone[4])
    assert (both[4] - alone[4] - wide).abs().max() < 1e-12
    assert torch.equal(both[1], coarse[1])
    assert torch.equal(fine, both[4])


@pytest.mark.parametrize("scale", [1, 4])
def test_its_reach_is_counted(scale: int) -> None:
    """A window with its halo has the logits of the whole; the gradient ends at the radius."""
    model, (images, days, valid) = network(), inputs(size=88)
    radius, around = (
        receptive_radius("unet3df", scale, context=CONTEXT),
        halo("unet3df", 4, CONTEXT),
    )
    # Neighbours' answers reach 2 pixels, enlarged 3; what finer heads look at without them, 2.
    assert radius == receptive_radius("unet3df", scale) + {1: 2, 4: 1}[scale]
    assert around >= radius
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
        width=1 / 16, context=CONTEXT,
    )  # fmt: skip
    model = network().float()
    save_model(tmp_path, model, card)
    loaded = load_model(tmp_path)
    assert loaded.card.context == loaded.network.context == CONTEXT
    single = [item.float() if item.is_floating_point() else item for item in inputs()]
    with torch.no_grad():
        assert torch.equal(loaded.network(*single), model(*single))
    document = {**card.to_json(), "sha256": "0" * 64}
    for wrong in (
        {"window": 4, "sharpness": {"1": 3.0}},
        {"window": 5.0, "sharpness": {"1": 3.0}},
        {"window": 5, "sharpness": {"1": 0.0}},
        {"window": 5, "sharpness": {"3": 3.0}},
        {"window": 5},
    ):
        with pytest.raises(UserError, match="a window and, with a head at 1, a sharpness"):
            ModelCard.from_json({**document, "context": wrong})
    del document["context"]
    assert ModelCard.from_json(document).context is None
