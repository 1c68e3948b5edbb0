"""The two functions that the losses call, with their derivatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from cscl.losses.kernels.dispatch import Kernel, chosen_kernel, kernel_named
from cscl.losses.windows import WindowGeometry


def _check(
    query: Tensor, key: Tensor, relative: tuple[Tensor, ...], geometry: WindowGeometry
) -> None:
    """Raise `ValueError` where queries, keys and relative positions do not fit each other."""
    if query.ndim != 2 + geometry.axes or key.ndim != query.ndim:
        raise ValueError(
            f"query {tuple(query.shape)} and key {tuple(key.shape)} must both be "
            f"(B, D) and {geometry.axes} axes"
        )
    anchors = tuple(-(-size // geometry.stride) for size in key.shape[2:])
    if query.shape[:2] != key.shape[:2] or query.shape[2:] != anchors:
        raise ValueError(
            f"query {tuple(query.shape)} must be at the anchors {anchors} of key {tuple(key.shape)}"
        )
    shapes = [tuple(values.shape) for values in relative]
    if relative and (
        len(relative) != geometry.axes
        or sum(shape[0] for shape in shapes) != key.shape[1]
        or {shape[1] for shape in shapes} != {geometry.window}
    ):
        raise ValueError(
            f"relative positions {shapes} must be one an axis, share the {key.shape[1]} channels "
            f"of the keys and have {geometry.window} columns each"
        )


def _by_pixel(values: Tensor) -> Tensor:
    """Return values (B, D, *S) as contiguous (B, *S, D); no copy where they lie so already."""
    return values.movedim(1, -1).contiguous()


def _as_given(gradients: tuple[Tensor, Tensor, tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
    """Return the gradients in the order and the axes of the arguments."""
    by_query, by_key, by_position = gradients
    return by_query.movedim(-1, 1), by_key.movedim(-1, 1), *by_position


class _Similarity(torch.autograd.Function):  # type: ignore[misc, unused-ignore]
    """Similarities, and their gradients for any weights of the pairs."""

    @staticmethod
    def forward(
        ctx: Any, kernel: Kernel, geometry: WindowGeometry, query: Tensor, key: Tensor,
        *relative: Tensor,
    ) -> Tensor:  # fmt: skip
        query, key = _by_pixel(query), _by_pixel(key)
        similarity, kept = kernel.similarity(query, key, relative, geometry)
        ctx.kernel, ctx.geometry, ctx.axes = kernel, geometry, len(relative)
        ctx.save_for_backward(query, key, similarity, *relative, *kept)
        return similarity

    @staticmethod
    @once_differentiable  # type: ignore[untyped-decorator, unused-ignore]
    def backward(ctx: Any, coefficients: Tensor) -> tuple[Tensor | None, ...]:
        query, key, similarity, *rest = ctx.saved_tensors
        relative, kept = tuple(rest[: ctx.axes]), tuple(rest[ctx.axes :])
        found = ctx.kernel.gradients(
            query, key, relative, ctx.geometry, similarity, coefficients.contiguous(), kept
        )
        return None, None, *_as_given(found)


class _LinearLoss(torch.autograd.Function):  # type: ignore[misc, unused-ignore]
    """A weighted sum of the similarities, whose gradients are made together with it."""

    @staticmethod
    def forward(
        ctx: Any, kernel: Kernel, geometry: WindowGeometry, coefficients: Tensor, query: Tensor,
        key: Tensor, *relative: Tensor,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        query, key = _by_pixel(query), _by_pixel(key)
        similarity, kept = kernel.similarity(query, key, relative, geometry)
        total = torch.dot(coefficients.view(-1), similarity.view(-1))
        if any(ctx.needs_input_grad):
            found = kernel.gradients(query, key, relative, geometry, similarity, coefficients, kept)
            ctx.save_for_backward(*_as_given(found))
        ctx.mark_non_differentiable(similarity)
        return total, similarity

    @staticmethod
    @once_differentiable  # type: ignore[untyped-decorator, unused-ignore]
    def backward(ctx: Any, grad_total: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        found = ctx.saved_tensors
        if _graph_is_kept():
            return None, None, None, *(grad_total * gradient for gradient in found)
        return None, None, None, *(gradient.mul_(grad_total) for gradient in found)


def _graph_is_kept() -> bool:
    """Tell whether the running backward pass may be followed by another through the same graph.

    Where it is not, gradients are scaled in place: copies cost as much time as a small window.
    """
    probe = getattr(torch._C._autograd, "_get_current_graph_task_keep_graph", None)
    return True if probe is None else bool(probe())


def _prepared(
    query: Tensor,
    key: Tensor,
    relative: Sequence[Tensor] | None,
    geometry: WindowGeometry,
    kernel: str,
) -> tuple[Kernel, Tensor, Tensor, tuple[Tensor, ...]]:
    """Return the kernel and its arguments in one type, checked.

    Half-width values go as they are to the Triton kernel, which sums them in float32; the others
    take them as float32.
    """
    dtype = torch.promote_types(query.dtype, key.dtype)
    wide = torch.promote_types(dtype, torch.float32)
    choice = chosen_kernel(query.device, dtype, geometry.axes, kernel)
    if choice.name != "triton":
        dtype = wide
    query, key = query.to(dtype), key.to(dtype)
    positions = tuple(values.to(wide) for values in relative or ())
    _check(query, key, positions, geometry)
    return kernel_named(choice.name), query, key, positions


def window_similarity(
    query: Tensor,
    key: Tensor,
    relative: Sequence[Tensor] | None,
    geometry: WindowGeometry,
    kernel: str = "auto",
) -> Tensor:
    """Return the cosine similarity (B, K, *S') of each anchor's query with the keys around it.

    `query` (B, D, *S') stands at the anchors and is not normalised, `key` is (B, D, *S);
    `relative` has (d, window) for each axis, D in all, or is None where keys carry no position.
    Beyond the border a key is zero, so that its position alone counts. `kernel` is "auto" or a
    name of `available_kernels()`. Differentiable once by all three; accumulated in float32 or
    wider, which is also the result's type. Raises `ValueError` where shapes or kernel do not fit.
    Tarasiou et al. 2022, arXiv 2104.04310; METHOD section 1.
    """
    chosen, query, key, positions = _prepared(query, key, relative, geometry, kernel)
    apply: Callable[..., Tensor] = _Similarity.apply
    return apply(chosen, geometry, query, key, *positions)


def linear_loss(
    query: Tensor,
    key: Tensor,
    relative: Sequence[Tensor] | None,
    coefficients: Tensor,
    geometry: WindowGeometry,
    kernel: str = "auto",
) -> tuple[Tensor, Tensor]:
    """Return sum(coefficients * similarity), a scalar, and the similarity (B, K, *S') detached.

    `coefficients` (B, K, *S') carry no gradient; the rest as in `window_similarity`. Gradients are
    made together with the sum, so that nothing but them waits for the backward pass.
    """
    chosen, query, key, positions = _prepared(query, key, relative, geometry, kernel)
    expected = (key.shape[0], geometry.neighbours, *query.shape[2:])
    if tuple(coefficients.shape) != expected:
        raise ValueError(f"coefficients {tuple(coefficients.shape)} must be {expected}")
    wide = torch.promote_types(query.dtype, torch.float32)
    weights = coefficients.detach().to(wide).contiguous()
    apply: Callable[..., tuple[Tensor, Tensor]] = _LinearLoss.apply
    return apply(chosen, geometry, weights, query, key, *positions)


def compile_ahead() -> None:
    """Let the processor's kernel be compiled now, so that no later call waits for it.

    It takes up to a minute once on a machine, whatever the shapes and options of later calls;
    other processes read what it made from files (`cscl.compiled`).
    """
    values = torch.ones(1, 2, 3, 3, requires_grad=True)
    window_similarity(values, values, None, WindowGeometry(3), "numba").sum().backward()
