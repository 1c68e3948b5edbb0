"""Every kernel of the similarity against an unfold form in float64, values and gradients."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from cscl.losses.kernels import (
    available_kernels,
    chosen_kernel,
    compile_ahead,
    linear_loss,
    loops,
    project,
    window_similarity,
)
from cscl.losses.windows import WindowGeometry
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

torch.set_num_threads(1)
CPU = torch.device("cpu")
FLOAT64 = 1e-9
FLOAT32_VALUE, FLOAT32_GRADIENT = 1e-6, 2e-6
BFLOAT16 = 1e-2


def unfolded_similarity(
    query: Tensor, key: Tensor, relative: list[Tensor], geometry: WindowGeometry
) -> Tensor:
    """Every key unfolded: the released formulation, on two and three axes."""
    axes, reach = geometry.axes, geometry.window // 2
    anchors = [range(0, size, geometry.stride) for size in key.shape[2:]]
    result = []
    for position in itertools.product(range(geometry.window), repeat=axes):
        added = torch.zeros(key.shape[1], dtype=key.dtype)
        if relative:
            added = torch.cat([part[:, w] for part, w in zip(relative, position, strict=True)])
        shift = [geometry.dilation * (w - reach) for w in position]
        keys = []
        for place in itertools.product(*anchors):
            there = [p + s for p, s in zip(place, shift, strict=True)]
            inside = all(0 <= t < n for t, n in zip(there, key.shape[2:], strict=True))
            found = (
                key[(slice(None), slice(None), *there)] if inside else 0 * key.flatten(2)[..., 0]
            )
            keys.append(found + added)
        stacked = torch.stack(keys, -1).unflatten(-1, [len(a) for a in anchors])
        result.append(
            (functional.normalize(query, dim=1) * functional.normalize(stacked, dim=1)).sum(1)
        )
    return torch.stack(result, 1)


def inputs(
    shape: tuple[int, ...], channels: int, geometry: WindowGeometry, positions: bool = True,
    batch: int = 2, seed: int = 0,
) -> tuple[list[Tensor], Tensor]:  # fmt: skip
    """Return query, key and relative positions in float64, and coefficients with zeros."""
    draw = torch.Generator().manual_seed(seed)
    anchors = [-(-size // geometry.stride) for size in shape]
    widths = [channels // geometry.axes] * (geometry.axes - 1)
    widths.append(channels - sum(widths))
    sizes = [(batch, channels, *anchors), (batch, channels, *shape)]
    if positions:
        sizes += [(width, geometry.window) for width in widths]
    values = [torch.randn(size, generator=draw, dtype=torch.float64) for size in sizes]
    weights = torch.randn(batch, geometry.neighbours, *anchors, generator=draw, dtype=torch.float64)
    masked = torch.rand(weights.shape, generator=draw) < 0.3
    return values, weights.masked_fill(masked, 0.0)


def compare(
    shape: tuple[int, ...], channels: int, geometry: WindowGeometry, kernel: str,
    dtype: torch.dtype, limits: tuple[float, float], **options: object,
) -> None:  # fmt: skip
    """Hold both functions of a kernel against the unfold form."""
    values, weights = inputs(shape, channels, geometry, **options)
    # What is stored in a narrower type is rounded before, so that only the kernel's error counts.
    values = [value.to(dtype).double().requires_grad_() for value in values]
    expected = unfolded_similarity(values[0], values[1], values[2:], geometry)
    gradients = torch.autograd.grad((expected * weights).sum(), values)
    given_values = [value.detach().to(dtype).requires_grad_() for value in values]
    query, key, *relative = given_values
    total, seen = linear_loss(query, key, relative or None, weights, geometry, kernel)
    similarity = window_similarity(query, key, relative or None, geometry, kernel)
    assert not seen.requires_grad
    scale = max(1.0, (expected * weights).abs().sum().item())
    assert abs(total.item() - (expected * weights).sum().item()) <= limits[0] * scale
    for result, loss in ((seen, total), (similarity, (similarity * weights).sum())):
        assert result.shape == expected.shape
        assert (result.double() - expected).abs().max().item() <= limits[0]
        for found, wanted in zip(torch.autograd.grad(loss, given_values), gradients, strict=True):
            assert found.dtype == dtype and found.shape == wanted.shape
            difference = (found.double() - wanted).norm().item()
            # A gradient can vanish altogether: one channel has only its sign as direction.
            assert difference <= limits[1] * max(wanted.norm().item(), 1e-3)


GRID = list(itertools.product((1, 3, 5), (1, 2, 3), (1, 2, 3)))


@pytest.mark.parametrize(("window", "stride", "dilation"), GRID)
@pytest.mark.parametrize(
    ("kernel", "dtype", "limits"),
    [
        ("portable", torch.float64, (FLOAT64, FLOAT64)),
        ("portable", torch.float32, (FLOAT32_VALUE, FLOAT32_GRADIENT)),
        ("numba", torch.float32, (FLOAT32_VALUE, FLOAT32_GRADIENT)),
    ],
)
def test_every_combination_of_window_stride_and_dilation(
    kernel: str, dtype: torch.dtype, limits: tuple[float, float],
    window: int, stride: int, dilation: int,
) -> None:  # fmt: skip
    """Grids of two and three axes, sides smaller than the window among them."""
    flat = WindowGeometry(window, stride, dilation)
    compare((5, 4), 10, flat, kernel, dtype, limits)
    compare((1, 2), 5, flat, kernel, dtype, limits, positions=False)
    if window < 5:
        deep = WindowGeometry(window, stride, dilation, axes=3)
        compare((2, 3, 4), 7, deep, kernel, dtype, limits, batch=1)


@given(
    window=st.sampled_from([1, 3, 5]),
    stride=st.integers(1, 4),
    dilation=st.integers(1, 4),
    shape=st.tuples(st.integers(1, 5), st.integers(1, 6)),
    channels=st.integers(2, 9),
    positions=st.booleans(),
    seed=st.integers(0, 999),
)
def test_compiled_and_portable_agree(window, stride, dilation, shape, channels, positions, seed):
    geometry = WindowGeometry(window, stride, dilation)
    values, weights = inputs(shape, channels, geometry, positions, seed=seed)
    values = [value.requires_grad_() for value in values]
    narrow = [value.detach().float().requires_grad_() for value in values]
    wide_total, wide = linear_loss(*values[:2], values[2:], weights, geometry, "portable")
    total, similarity = linear_loss(*narrow[:2], narrow[2:], weights, geometry, "numba")
    assert (similarity - wide).abs().max().item() <= 1e-5
    expected = torch.autograd.grad(wide_total, values)
    # Norms may come out small here, and their inverses large.
    scale = 1 + sum(gradient.norm().item() for gradient in expected)
    for found, wanted in zip(torch.autograd.grad(total, narrow), expected, strict=True):
        assert (found - wanted).norm().item() <= 1e-4 * scale


@pytest.mark.parametrize("window", [3, 7])
def test_full_width_in_float32(window: int) -> None:
    geometry = WindowGeometry(window)
    compare((9, 11), 128, geometry, "numba", torch.float32, (FLOAT32_VALUE, FLOAT32_GRADIENT))


@pytest.mark.parametrize("kernel", ["portable", "numba"])
def test_bfloat16_is_summed_in_float32(kernel: str) -> None:
    compare((5, 6), 32, WindowGeometry(3), kernel, torch.bfloat16, (BFLOAT16, BFLOAT16))


@pytest.mark.parametrize("kernel", ["portable", "numba"])
def test_values_may_lie_anyhow(kernel: str) -> None:
    geometry = WindowGeometry(3)
    (query, key, *relative), weights = inputs((4, 6), 8, geometry)
    query, key, weights = query.float(), key.float(), weights.float()
    relative = [part.float() for part in relative]
    plain = linear_loss(query, key, relative, weights, geometry, kernel)
    turned = linear_loss(
        query.transpose(2, 3).contiguous().transpose(2, 3),
        torch.cat([key, key], 1)[:, :8],
        [part.T.contiguous().T for part in relative],
        weights.movedim(1, -1).contiguous().movedim(-1, 1),
        geometry,
        kernel,
    )
    assert torch.equal(plain[0], turned[0]) and torch.equal(plain[1], turned[1])


@pytest.mark.parametrize("kernel", ["portable", "numba"])
def test_zero_vectors_give_finite_gradients(kernel: str) -> None:
    geometry = WindowGeometry(3)
    query = torch.zeros(1, 4, 3, 3, requires_grad=True)
    key = torch.zeros(1, 4, 3, 3, requires_grad=True)
    total, similarity = linear_loss(query, key, None, torch.ones(1, 9, 3, 3), geometry, kernel)
    total.backward()
    assert similarity.abs().max() == 0
    assert query.grad.abs().max() == 0 and key.grad.abs().max() == 0


@pytest.mark.parametrize("kernel", ["portable", "numba"])
def test_what_is_not_a_number_shows(kernel: str) -> None:
    geometry = WindowGeometry(3)
    query, key = torch.ones(1, 4, 5, 5), torch.ones(1, 4, 5, 5)
    key[0, 1, 0, 0] = float("nan")
    similarity = window_similarity(query, key, None, geometry, kernel)
    assert int(similarity.isnan().sum()) == 4


def test_compiled_sums_are_equal_for_any_number_of_threads() -> None:
    geometry = WindowGeometry(5, stride=2, dilation=2)
    values, weights = inputs((13, 9), 24, geometry, batch=3)
    values = [value.float().requires_grad_() for value in values]
    results = []
    for threads in (1, 2, 3, 2):
        torch.set_num_threads(threads)
        total, similarity = linear_loss(*values[:2], values[2:], weights, geometry, "numba")
        results.append((similarity, *torch.autograd.grad(total, values[:2])))
    torch.set_num_threads(1)
    for other in results[1:]:
        assert all(torch.equal(a, b) for a, b in zip(results[0], other, strict=True))


def test_backward_scales_and_can_be_repeated() -> None:
    geometry = WindowGeometry(3)
    values, weights = inputs((4, 4), 6, geometry)
    values = [value.requires_grad_() for value in values]
    total, _ = linear_loss(*values[:2], values[2:], weights, geometry)
    once = torch.autograd.grad(total, values, retain_graph=True)
    thrice = torch.autograd.grad(3 * total, values)
    for one, three in zip(once, thrice, strict=True):
        assert torch.allclose(3 * one, three, rtol=1e-14, atol=0)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("channels_last", [False, True])
def test_projections_equal_convolutions(stride: int, channels_last: bool) -> None:
    draw = torch.Generator().manual_seed(1)
    geometry = WindowGeometry(3, stride)
    embedding = torch.randn(2, 5, 4, 7, generator=draw, dtype=torch.float64)
    if channels_last:
        embedding = embedding.to(memory_format=torch.channels_last)
    leaves = [embedding] + [
        torch.randn(6, 5, generator=draw, dtype=torch.float64) for _ in range(2)
    ]
    leaves = [leaf.requires_grad_() for leaf in leaves]
    query, key = project(*leaves, geometry)
    kernels = [weight[:, :, None, None] for weight in leaves[1:]]
    expected = (
        functional.conv2d(leaves[0][..., ::stride, ::stride], kernels[0]),
        functional.conv2d(leaves[0], kernels[1]),
    )
    factors = [torch.randn(value.shape, generator=draw, dtype=torch.float64) for value in expected]
    found = torch.autograd.grad((query, key), leaves, factors)
    wanted = torch.autograd.grad(expected, leaves, factors)
    assert found[0].stride() == embedding.stride()
    for a, b in zip((query, key, *found), (*expected, *wanted), strict=True):
        assert a.shape == b.shape and torch.allclose(a, b, atol=1e-12)
    assert key.movedim(1, -1).is_contiguous() and query.movedim(1, -1).is_contiguous()


def test_the_choice_is_told() -> None:
    assert available_kernels()[:2] == ("portable", "numba")
    assert chosen_kernel(CPU, torch.float32).name == "numba"
    assert chosen_kernel(CPU, torch.float32, axes=3).name == "numba"
    plain = chosen_kernel(CPU, torch.float64)
    assert plain.name == "portable" and "float64" in plain.reason
    elsewhere = chosen_kernel(torch.device("mps"), torch.float32)
    assert elsewhere.name == "portable" and "mps" in elsewhere.reason
    with pytest.raises(ValueError, match="float64"):
        chosen_kernel(CPU, torch.float64, kernel="numba")
    with pytest.raises(ValueError, match="auto, portable, numba, triton"):
        chosen_kernel(CPU, torch.float32, kernel="fastest")


def test_compiled_ahead_nothing_is_left_to_compile() -> None:
    compile_ahead()
    compare((5, 4), 10, WindowGeometry(3, 2, 1), "numba", torch.float32, (1e-6, 2e-6))
    compare((3, 4, 5), 12, WindowGeometry(3, axes=3), "numba", torch.float32, (1e-6, 2e-6))
    called = (
        loops.square_lines, loops.similarity_of_lines,
        loops.query_gradients_of_lines, loops.key_gradients_of_lines,
    )  # fmt: skip
    assert [len(function.signatures) for function in called] == [1, 1, 1, 1]


def test_shapes_that_do_not_fit_are_told() -> None:
    geometry = WindowGeometry(3, stride=2)
    (query, key, *relative), weights = inputs((4, 4), 6, geometry)
    with pytest.raises(ValueError, match="must be at the anchors"):
        window_similarity(key, key, relative, geometry)
    with pytest.raises(ValueError, match="relative positions"):
        window_similarity(query, key, relative[:1], geometry)
    with pytest.raises(ValueError, match="coefficients"):
        linear_loss(query, key, relative, weights[:, 1:], geometry)


def python(code: str, **environment: str) -> str:
    """Return what a fresh interpreter prints."""
    backend = str(Path(__file__).resolve().parents[2] / "backend")
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": backend, **environment},
        check=True,
    )
    return done.stdout.strip()


def test_numba_is_imported_only_where_it_computes() -> None:
    code = "import sys, cscl.losses; print('numba' in sys.modules, 'triton' in sys.modules)"
    assert python(code) == "False False"


def test_a_folder_that_cannot_be_written_does_not_stop_the_kernel(tmp_path: Path) -> None:
    obstacle = tmp_path / "file"
    obstacle.write_text("not a folder")
    code = (
        "from pathlib import Path; from cscl.compiled import folder_of_compiled; "
        "from cscl.losses.kernels import loops; "
        "print(folder_of_compiled(Path(loops.__file__).parent))"
    )
    environment = {"CSCL_HOME": str(obstacle), "NUMBA_CACHE_DIR": ""}
    assert python(code, **environment) == "None"


KEPT = """
from cscl.losses.kernels.compiled import compiled
@compiled
def double(number):
    return 2 * number
print(double(3), sum(double.stats.cache_hits.values()))
"""


def test_damaged_compiled_code_does_not_stop_the_kernel_and_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "doubles.py").write_text(KEPT)
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import doubles"
    cache = tmp_path / "cache"
    hits = []
    # The index, then the code, and nothing at last.
    for ending in (None, "nbi", "nbc", None):
        damaged = list(cache.rglob(f"*.{ending}")) if ending else []
        assert len(damaged) == bool(ending)
        for file in damaged:
            file.write_bytes(b"garbage")
        hits.append(python(code, NUMBA_CACHE_DIR=str(cache)))
    assert hits == ["6 0", "6 0", "6 0", "6 1"]


TRITON = """
import itertools, torch
from test_kernels import WindowGeometry, compare
limits = (1e-6, 2e-6)
for options in ((3, 1, 1), (3, 2, 1), (3, 1, 2), (5, 3, 2)):
    compare((5, 4), 10, WindowGeometry(*options), "triton", torch.float32, limits)
compare((2, 3), 5, WindowGeometry(3), "triton", torch.float32, limits, positions=False)
compare((4, 5), 16, WindowGeometry(3), "triton", torch.bfloat16, (1e-2, 1e-2))
print("agreed")
"""


def test_triton_programs_under_the_interpreter() -> None:
    pytest.importorskip("triton", reason="triton is not installed here: it comes with CUDA")
    tests = str(Path(__file__).parent)
    code = f"import sys; sys.path.insert(0, {tests!r})\n{TRITON}"
    assert python(code, TRITON_INTERPRET="1") == "agreed"
