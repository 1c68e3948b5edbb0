"""All backbones behind one interface: sizes, masks, reach, precision, files and maps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from cscl.context import JobContext
from cscl.contract.descriptions import BACKBONES
from cscl.grid import Window
from cscl.mapping.predict import Predictor
from cscl.models.clstm import UNet2DCLSTM
from cscl.models.frames import halve, halve_mask
from cscl.models.ltae import DatesNorm, sinusoids, upsample_weights
from cscl.models.masked import MaskedNorm
from cscl.models.network import CropNetwork
from cscl.models.registry import (
    ARCHITECTURES,
    build_network,
    halo,
    pooling_stride,
    receptive_radius,
)
from cscl.models.store import load_model
from cscl.models.tsvit import TSViT, near_days
from cscl.models.unet3d import UNet3D
from cscl.models.unet3df import UNet3Df
from cscl.models.utae import UTAE
from cscl.series.job import series_from_images
from cscl.series.reader import SeriesReader
from cscl.training.transfer import Shape
from map_scene import BANDS as MAP_BANDS
from map_scene import write_images, write_model
from torch import nn

torch.set_num_threads(1)
NAMES = tuple(ARCHITECTURES)
CONVOLUTIONAL = tuple(name for name in NAMES if ARCHITECTURES[name].window is None)
BANDS, CLASSES = 3, 4
Inputs = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def network(name: str, *, seed: int = 0, heads: tuple[int, ...] = (1,), **options) -> CropNetwork:
    """A small network in float64 whose normalisation has seen some data."""
    torch.manual_seed(seed)
    options = {"width": 1 / 8, **options}
    result = build_network(name, bands=BANDS, classes=CLASSES, heads=heads, **options).double()
    with torch.no_grad():
        for module in result.modules():
            if isinstance(module, MaskedNorm):
                module.weight.uniform_(0.5, 1.5)
                module.bias.uniform_(-0.5, 0.5)
                module.running_mean.uniform_(-0.3, 0.3)
                module.running_var.uniform_(0.5, 2)
    return result


def sample(dates: int = 5, size: int = 8, batch: int = 2, seed: int = 1) -> Inputs:
    """Images, days and validity, 7 of 10 observations valid; one pixel is never seen."""
    torch.manual_seed(seed)
    images = torch.randn(batch, dates, BANDS, size, size, dtype=torch.float64)
    days = torch.arange(dates, dtype=torch.float64).mul(37).expand(batch, dates)
    valid = torch.rand(batch, dates, size, size) < 0.7
    valid[:, :, 2, 5] = False
    return images, days, valid


def padded(inputs: Inputs, fill: torch.Tensor) -> Inputs:
    """Append invalid frames that hold `fill` (frames,), in images and days."""
    images, days, valid = inputs
    batch, _, bands, height, width = images.shape
    extra = fill.view(1, -1, 1, 1, 1).expand(batch, -1, bands, height, width)
    nowhere = torch.zeros(batch, fill.numel(), height, width, dtype=torch.bool)
    return (
        torch.cat([images, extra.to(images)], dim=1),
        torch.cat([days, fill.to(days).expand(batch, -1)], dim=1),
        torch.cat([valid, nowhere], dim=1),
    )


def outputs_and_gradients(model: CropNetwork, inputs: Inputs) -> list[torch.Tensor]:
    model.zero_grad()
    logits = model.forward_all(*inputs)
    generator = torch.Generator().manual_seed(5)
    weights = [torch.randn(item.shape, generator=generator) for item in logits.values()]
    sum((item * w).sum() for item, w in zip(logits.values(), weights, strict=True)).backward()
    outputs = [item.detach() for item in logits.values()]
    return [*outputs, *(parameter.grad.clone() for parameter in model.parameters())]


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


# Structure


def test_parity_configurations_have_the_published_numbers_of_parameters() -> None:
    """METHOD section 3; where the publication rounds, the exact number is the released code's."""
    with torch.device("meta"):
        released = {"time_head": "linear", "dates": 16, "extra_inputs": False}
        assert count(UNet3Df(14, **released)) == 7_217_361
        assert count(UNet3D(14, **released, outputs=20)) == 6_183_429  # 6.18 M
        memory = UNet2DCLSTM(14, extra_inputs=False)
        assert count(memory) == 3_071_968
        # 3.10 M is the number with the released classifier of 3 x 3 for the 20 French classes.
        assert count(memory) + count(nn.Conv2d(memory.channels, 20, 3)) == 3_095_028
        assert count(UTAE(10, outputs=20)) == 1_087_260
        assert count(TSViT(10, 19, class_scores=True)) == 1_657_476  # 1.66 M; the day is a band


@pytest.mark.parametrize("name", NAMES)
def test_cards_say_what_is_built(name: str) -> None:
    entry = ARCHITECTURES[name]
    with torch.device("meta"):
        backbone = entry.build(10, 1.0, 20)
    assert backbone.channels == 128
    assert count(backbone) == entry.parameters
    assert all((entry.title, entry.source, entry.structure)) and 2015 < entry.year < 2026
    assert (entry.radius is None) == (entry.window is not None)


def test_every_backbone_can_be_asked_for() -> None:
    assert tuple(name for name, _ in BACKBONES) == NAMES
    for name, words in BACKBONES:
        assert words.startswith(ARCHITECTURES[name].title + ": ")


@pytest.mark.parametrize("name", NAMES)
def test_width_scales_the_map(name: str) -> None:
    with torch.device("meta"):
        for width, channels in ((1.0, 128), (0.5, 64), (0.25, 32), (0.125, 16), (0.75, 96)):
            assert ARCHITECTURES[name].build(10, width, 5).channels == channels


@pytest.mark.parametrize("name", NAMES)
def test_any_number_of_dates_and_sides_that_differ(name: str) -> None:
    model = network(name).eval()
    for dates in (1, 3, 6):
        images, days, valid = sample(dates, size=12)
        features = model.features(images[..., :8], days, valid[..., :8])
        assert features.shape == (2, 16, 12, 8)
        assert features.isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_odd_sides_and_other_bands_are_refused_with_words(name: str) -> None:
    model = network(name)
    images, days, valid = sample()
    with pytest.raises(ValueError, match="height and width must be multiples of ., not 7 x 8"):
        model(images[..., :7, :], days, valid[..., :7, :])
    with pytest.raises(ValueError, match="takes 3 bands, not 2"):
        model(images[:, :, :2], days, valid)


# Invalid observations


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_padded_dates_have_no_influence(name: str, training: bool) -> None:
    """METHOD section 3: filled with anything, permuted, fewer or none: equal to 1e-6."""
    model = network(name).train(training)
    base = sample()
    fill = torch.tensor([1e4, -1e4, float("nan"), 7.0])
    reference = outputs_and_gradients(model, padded(base, torch.zeros(4)))
    variants = [
        padded(base, fill),
        padded(base, fill[torch.tensor([3, 2, 0, 1])]),
        padded(base, torch.full((3,), 1e4)),
        base,
    ]
    for variant in variants:
        for value, expected in zip(outputs_and_gradients(model, variant), reference, strict=True):
            assert torch.allclose(value, expected, rtol=1e-7, atol=1e-6)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_invalid_observations_have_no_influence(name: str, training: bool) -> None:
    """Also in the middle of the series, and at single pixels."""
    model = network(name).train(training)
    images, days, valid = sample()
    valid[:, 2] = False
    reference = outputs_and_gradients(model, (images, days, valid))
    other_days = days.clone()
    other_days[:, 2] = 1e4
    spoilt = torch.where(valid[:, :, None], images, 1e4)
    result = outputs_and_gradients(model, (spoilt, other_days, valid))
    for value, expected in zip(result, reference, strict=True):
        assert torch.allclose(value, expected, rtol=0, atol=1e-9)
    # The valid ones do have some.
    other_days[:, 1] += 30
    changed = outputs_and_gradients(model, (images, other_days, valid))
    assert (changed[0] - reference[0]).abs().max() > 1e-6


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", ["unet2d-clstm", "utae", "tsvit"])
def test_an_invalid_date_between_others_might_as_well_not_be_there(
    name: str, training: bool
) -> None:
    """Not so where convolutions run over time: there it keeps the dates around it apart."""
    model = network(name).train(training)
    images, days, valid = sample()
    valid[:, 2] = False
    others = torch.tensor([0, 1, 3, 4])
    rest = (images[:, others], days[:, others], valid[:, others])
    pairs = [outputs_and_gradients(model, inputs) for inputs in ((images, days, valid), rest)]
    for value, expected in zip(*pairs, strict=True):
        assert torch.allclose(value, expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", CONVOLUTIONAL)
def test_invalid_ground_beyond_the_image_weighs_nothing(name: str) -> None:
    model = network(name).eval()
    images, days, valid = sample(size=16)
    valid[:, 0] = True
    edges = (16, 8, 8, 24)
    wide_images = nn.functional.pad(images, edges, value=1e4)
    wide_valid = nn.functional.pad(valid, edges, value=False)
    with torch.no_grad():
        expected = model(images, days, valid)
        wide = model(wide_images, days, wide_valid)
    assert (wide[..., 8:24, 16:32] - expected).abs().max() < 1e-10


def test_patches_never_seen_are_not_looked_at() -> None:
    model = network("tsvit")
    images, days, valid = sample(size=24)
    valid[:, :, :4] = False
    model(images, days, valid).square().sum().backward()
    reached = model.backbone.place.grad.abs().sum(1).view(12, 12)
    assert reached[:2].max() == 0
    assert reached[2:].min() > 0


@pytest.mark.parametrize("name", NAMES)
def test_gradients_reach_valid_observations_and_every_parameter(name: str) -> None:
    model = network(name)
    images, days, valid = sample(size=16)
    images.requires_grad_()
    values = outputs_and_gradients(model, (images, days, valid))
    assert all(value.isfinite().all() for value in values)
    reached = images.grad.abs().amax(2)
    assert reached[~valid].max() == 0
    assert (reached[valid] > 0).all()
    idle = [key for key, item in model.named_parameters() if item.grad.abs().max() == 0]
    # What is added to the scores of all dates cancels in the softmax.
    assert set(idle) <= {"backbone.time.score.bias", "backbone.attention.key.bias"}


@pytest.mark.parametrize("name", NAMES)
def test_pixels_never_seen_give_zeros(name: str) -> None:
    model = network(name)
    images, days, valid = sample()
    features = model.features(images, days, valid)
    assert features[:, :, 2, 5].abs().max() == 0
    assert (features.abs().amax(1)[valid.any(1)] > 0).all()
    before = {key: value.clone() for key, value in model.named_buffers()}
    results = outputs_and_gradients(model, (images, days, torch.zeros_like(valid)))
    assert all(value.isfinite().all() for value in results)
    assert all(torch.equal(value, before[key]) for key, value in model.named_buffers())


def test_normalisation_over_dates_is_that_of_groups_where_all_is_valid() -> None:
    torch.manual_seed(0)
    ours, theirs = DatesNorm(2, 8).double(), nn.GroupNorm(2, 8).double()
    values = torch.randn(1, 1, 3, 5, 8, dtype=torch.float64)
    everywhere = torch.ones(1, 1, 3, 5, 1, dtype=torch.float64)
    expected = theirs(values[0, 0].transpose(1, 2)).transpose(1, 2)
    assert torch.allclose(ours(values, everywhere)[0, 0], expected, atol=1e-12)
    # Without the last two dates as if there were none.
    known = everywhere.clone()
    known[:, :, :, 3:] = 0
    part = ours(values[:, :, :, :3], everywhere[:, :, :, :3])
    found = ours(values, known)
    assert torch.allclose(found[:, :, :, :3], part, atol=1e-12)
    assert found[:, :, :, 3:].abs().max() == 0


def test_weights_of_dates_at_a_finer_resolution() -> None:
    torch.manual_seed(0)
    weights = torch.rand(2, 3, 4, 2, 2, dtype=torch.float64).softmax(2)
    mask = (torch.rand(2, 4, 1, 8, 8) < 0.6).double()
    mask[0, :, :, 1, 2] = 0
    finer = upsample_weights(weights, mask)
    known = mask.movedim(2, 1).expand_as(finer)
    assert finer[known == 0].abs().max() == 0
    assert torch.allclose(finer.sum(2), (known.sum(2) > 0).double())
    # In the middle of a coarse pixel of the corner the weights are its own, less the invalid ones.
    own = weights[..., 0, 0] * known[..., 0, 0]
    assert torch.allclose(finer[..., 0, 0], own / own.sum(2, keepdim=True))


def test_halving_takes_the_largest_valid_value() -> None:
    values = torch.tensor([[-3.0, 0.0], [-1.0, 0.0]]).view(1, 1, 2, 2)
    mask = torch.tensor([[1.0, 0.0], [1.0, 0.0]]).view(1, 1, 2, 2)
    assert halve(values, mask, halve_mask(mask)).item() == -1
    nothing = torch.zeros_like(mask)
    assert halve(nothing, nothing, halve_mask(nothing)).item() == 0


def test_codes_of_days() -> None:
    days = torch.tensor([[0.0, 100.0, 365.0]], dtype=torch.float64)
    code = sinusoids(days, 4)[0]
    assert code[0].tolist() == [0, 1, 0, 1]
    assert code[1, 0] == pytest.approx(np.sin(100))
    assert code[1, 3] == pytest.approx(np.cos(100 / 1000**0.5))
    weights = near_days(days)[0]
    assert weights.sum(-1).tolist() == pytest.approx([1, 1, 1])
    assert weights.argmax(-1).tolist() == [0, 100, 365]
    # Days not met in training lean on those around them.
    assert float((near_days(days + 3)[0, 1] * weights[1]).sum()) > 0.9 * float(
        weights[1].square().sum()
    )


# Precision, repetition, memory


@pytest.mark.parametrize("name", NAMES)
def test_autocast_stays_close_and_trains(name: str) -> None:
    model = network(name).float()
    images, days, valid = sample()
    runs = []
    for enabled in (False, True):
        model.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=enabled):
            logits = model(images.float(), days.float(), valid)
        logits.float().square().mean().backward()
        assert all(item.grad.dtype == torch.float32 for item in model.parameters())
        runs.append((logits.float(), torch.cat([p.grad.flatten() for p in model.parameters()])))
    (exact, slope), (mixed, mixed_slope) = runs
    assert mixed.isfinite().all()
    assert (mixed - exact).norm() < 0.05 * exact.norm()
    # The attention of U-TAE starts sharp, and what it normalises over dates is noise here: float32
    # with noise of the size of bf16's rounding differs as much.
    least = 0.8 if name == "utae" else 0.98
    assert nn.functional.cosine_similarity(slope, mixed_slope, dim=0) > least


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_bits(name: str) -> None:
    images, days, valid = sample()
    inputs = (images.float(), days.float(), valid)
    first = outputs_and_gradients(network(name).float(), inputs)
    again = outputs_and_gradients(network(name).float(), inputs)
    assert all(map(torch.equal, first, again))


@pytest.mark.parametrize("everywhere", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_checkpointing_changes_nothing_but_the_memory(name: str, everywhere: bool) -> None:
    images, days, valid = sample()
    valid = torch.ones_like(valid) if everywhere else valid
    results, buffers, kept = [], [], []
    for checkpointing in (False, True):
        model = network(name, heads=(1, 4), checkpointing=checkpointing)
        sizes: dict[int, int] = {}

        def keep(tensor: torch.Tensor, sizes: dict[int, int] = sizes) -> torch.Tensor:
            storage = tensor.untyped_storage()
            sizes[storage.data_ptr()] = storage.nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            held = model.forward_all(images, days, valid)
        kept.append(sum(sizes.values()))
        del held
        results.append(outputs_and_gradients(model, (images, days, valid)))
        buffers.append(dict(model.named_buffers()))
    assert all(torch.allclose(*pair, rtol=0, atol=1e-12) for pair in zip(*results, strict=True))
    assert all(torch.equal(buffers[0][key], buffers[1][key]) for key in buffers[0])
    assert kept[1] < 0.7 * kept[0]
    # Nothing is kept where nothing is trained.
    with torch.no_grad():
        assert model.eval()(images, days, valid).grad_fn is None


# Reach, windows, files


@pytest.mark.parametrize("name", [name for name in CONVOLUTIONAL if name != "unet3df"])
def test_receptive_radius_is_measured(name: str) -> None:
    """The reach of the gradient at each alignment with the pooling; UNet3Df has its own test."""
    stride, dates = pooling_stride(name), 2
    model = network(name, width=1 / 16).eval()
    radius = receptive_radius(name, 1, dates)
    start = -(-radius // stride) * stride + stride
    size = 2 * start + stride
    reach, days = 0, torch.tensor([[0.0, 60.0]], dtype=torch.float64)
    for pixel in range(start, start + stride):
        images = torch.randn(1, dates, BANDS, size, size, dtype=torch.float64, requires_grad=True)
        everywhere = torch.ones(1, dates, size, size, dtype=torch.bool)
        model(images, days, everywhere)[..., pixel, pixel].sum().backward()
        for axis in (3, 4):
            others = tuple({0, 1, 2, 3, 4} - {axis})
            touched = images.grad.abs().amax(others).nonzero()
            reach = max(reach, pixel - int(touched.min()), int(touched.max()) - pixel)
    assert reach == radius
    assert halo(name, dates) >= receptive_radius(name, 4, dates) == radius + 2


def test_reach_of_the_memory_grows_with_the_dates() -> None:
    assert receptive_radius("unet2d-clstm", 1, 16) == receptive_radius("unet2d-clstm", 1, 1) + 15
    assert halo("unet2d-clstm", 16) == 44
    assert receptive_radius("tsvit") is None
    assert halo("tsvit", 16) == 24


def test_large_images_are_blended_from_windows_that_overlap_by_half() -> None:
    model = network("tsvit").eval()
    images, days, valid = sample(dates=2, size=48, batch=1)
    # A pixel weighs by its distance from the window's edge, but at the edge of the image.
    rise = (torch.arange(12, dtype=torch.float64) + 0.5) / 12
    tent = torch.cat([rise, rise.flip(0)])
    with torch.no_grad():
        whole = model.features(images, days, valid)
        expected = torch.zeros_like(whole)
        for row in (0, 12, 24):
            for column in (0, 12, 24):
                part = (..., slice(row, row + 24), slice(column, column + 24))
                down, across = tent.clone(), tent.clone()
                for weights, place in ((down, row), (across, column)):
                    if place == 0:
                        weights[:12] = 1
                    if place == 24:
                        weights[12:] = 1
                window = model.features(images[part], days, valid[part])
                expected[part] += window * down[:, None] * across
    assert (whole - expected).abs().max() < 1e-10


def patches_of_ground(count: int, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Images (N, 2, C, size, size) of three kinds of ground under noise, and their kinds."""
    coarse = torch.randn(count * 3, 1, size + 8, size + 8)
    smooth = torch.nn.functional.avg_pool2d(coarse, 9, stride=1).view(count, 3, size, size)
    kinds = smooth.argmax(dim=1)
    levels = torch.tensor([-1.0, 0.2, 1.0])[kinds][:, None, None]
    return levels + 0.7 * torch.randn(count, 2, BANDS, size, size), kinds


def test_probabilities_of_a_trained_network_do_not_step_across_window_lines() -> None:
    """The mean step across the lines of windows is at most 1.05 times that elsewhere."""
    torch.manual_seed(0)
    model = build_network("tsvit", bands=BANDS, classes=3, width=1 / 8, heads=(1,))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)

    def scores(images: torch.Tensor) -> torch.Tensor:
        days = torch.tensor([0.0, 60.0]).expand(len(images), 2)
        return model(images, days, torch.ones_like(images[:, :, 0], dtype=torch.bool))

    for _ in range(60):
        images, kinds = patches_of_ground(6, 24)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(scores(images), kinds).backward()
        optimizer.step()
    images, kinds = patches_of_ground(4, 192)
    with torch.no_grad():
        shares = torch.softmax(model.eval() and scores(images), dim=1)
    assert (shares.argmax(1) == kinds).float().mean() > 0.7
    for axis in (2, 3):
        steps = shares.diff(dim=axis).abs().sum(1).mean(dim=(0, 4 - axis))
        place = torch.arange(1, len(steps) + 1)
        # Between patches, where every step is of one kind, and away from the image's edge.
        inner = (place % 2 == 0) & (place > 24) & (place < 168)
        lines = place % 12 == 0
        assert steps[inner & lines].mean() <= 1.05 * steps[inner & ~lines].mean()


def test_other_classes_make_the_tokens_new_and_nothing_else() -> None:
    shapes = {name: Shape(name, 1 / 8, ("B02", "B03"), ("a", "b", "c"), (1,)) for name in NAMES}
    found = {name: shape.tensors_of_classes() for name, shape in shapes.items()}
    assert found.pop("tsvit") == {"backbone.class_tokens", "backbone.head.1.weight"}
    assert set(map(len, found.values())) == {0}
    # One tensor takes the bands, one place of an axis for each.
    assert all(list(shape.axes_of_bands().values()) == [1] for shape in shapes.values())


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> Path:
    return write_images(tmp_path_factory.mktemp("scene") / "images", 32, 40, dates=3, step=120)


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_network_maps_the_same_whatever_the_windows(
    name: str, images: Path, tmp_path: Path
) -> None:
    model = write_model(tmp_path / "model", backbone=name, width=0.25, heads=(1, 2, 4))
    loaded = load_model(model)
    assert loaded.card.architecture == name and loaded.card.heads == (1, 2, 4)
    series = series_from_images(
        str(images), bands=MAP_BANDS, season="2018-10-01/2019-09-30", ctx=JobContext()
    )
    with SeriesReader(series) as reader:
        predictor = Predictor(loaded, reader, series.days, window=16)
        whole = predictor.predict(Window(0, 0, 32, 40), (1, 2, 4))
        part = predictor.predict(Window(9, 14, 16, 20), (1, 2, 4))
    for scale, maps in whole.logits.items():
        assert maps.shape == (4, 32 * scale, 40 * scale)
        assert np.isfinite(maps).all() and maps.std() > 1e-3
        inner = maps[:, *Window(9, 14, 16, 20).times(scale).slices]
        assert np.abs(part.logits[scale] - inner).max() < 1e-5 * max(1, np.abs(maps).max())
