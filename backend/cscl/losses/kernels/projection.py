"""The two 1x1 projections, by matrix products that leave their results as the kernels read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from cscl.losses.windows import WindowGeometry


def _matrices(values: Tensor) -> Tensor:
    """View (B, C, *S) as matrices (batches, pixels, C), without a copy where memory allows it.

    Channels-last memory is one matrix, so that one product does for the whole batch.
    """
    last = values.movedim(1, -1)
    if last.is_contiguous():
        return last.reshape(1, -1, values.shape[1])
    return values.flatten(2).transpose(1, 2)


def _grid(matrices: Tensor, like: Tensor) -> Tensor:
    """View matrices (batches, pixels, D) as (B, D, *S) on the grid of `like` (B, C, *S)."""
    shape = (like.shape[0], *like.shape[2:], matrices.shape[-1])
    return matrices.reshape(shape).movedim(-1, 1)


def _for_each(weight: Tensor, matrices: Tensor) -> Tensor:
    """View a weight as one for each of the matrices."""
    return weight.expand(matrices.shape[0], *weight.shape)


def _like(gradient: Tensor, matrices: Tensor) -> Tensor:
    """Return a gradient (B, D, *S) in as many matrices of pixels."""
    return gradient.movedim(1, -1).reshape(*matrices.shape[:2], -1)


class _Projection(torch.autograd.Function):  # type: ignore[misc, unused-ignore]
    """Both products; the gradients by the embedding are summed inside the matrix products."""

    @staticmethod
    def forward(
        ctx: Any, embedding: Tensor, w_query: Tensor, w_key: Tensor, geometry: WindowGeometry
    ) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(embedding, w_query, w_key)
        ctx.geometry = geometry
        anchors = geometry.anchors(embedding)
        at_anchors, pixels = _matrices(anchors), _matrices(embedding)
        query = torch.bmm(at_anchors, _for_each(w_query.T, at_anchors))
        key = torch.bmm(pixels, _for_each(w_key.T, pixels))
        return _grid(query, anchors), _grid(key, embedding)

    @staticmethod
    @once_differentiable  # type: ignore[untyped-decorator, unused-ignore]
    def backward(
        ctx: Any, grad_query: Tensor, grad_key: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, None]:
        embedding, w_query, w_key = ctx.saved_tensors
        anchors = ctx.geometry.anchors(embedding)
        at_anchors, pixels = _matrices(anchors), _matrices(embedding)
        by_query, by_key = _like(grad_query, at_anchors), _like(grad_key, pixels)
        gradient = torch.empty_like(embedding)
        written = _matrices(gradient)
        torch.bmm(by_key, _for_each(w_key, pixels), out=written)
        if ctx.geometry.stride == 1:
            written.baddbmm_(by_query, _for_each(w_query, pixels))
        else:
            of_anchors = torch.bmm(by_query, _for_each(w_query, at_anchors))
            ctx.geometry.anchors(gradient).add_(_grid(of_anchors, anchors))
        of_query = torch.bmm(by_query.transpose(1, 2), at_anchors).sum(0)
        return gradient, of_query, torch.bmm(by_key.transpose(1, 2), pixels).sum(0), None


def project(
    embedding: Tensor, w_query: Tensor, w_key: Tensor, geometry: WindowGeometry
) -> tuple[Tensor, Tensor]:
    """Return queries (B, D, *S') at the anchors and keys (B, D, *S) of `embedding` (B, C, *S).

    These are the 1x1 projections by `w_query` and `w_key` (D, C). The results lie channels-last,
    as the kernels read them, so that nothing is transposed on the way; the gradient by the
    embedding lies as it does. Differentiable once. METHOD section 1.
    """
    embedding = embedding if _is_dense(embedding) else embedding.contiguous()
    apply: Callable[..., tuple[Tensor, Tensor]] = _Projection.apply
    return apply(embedding, w_query, w_key, geometry)


def _is_dense(values: Tensor) -> bool:
    """Tell whether values (B, C, *S) are contiguous, channels first or last."""
    return bool(values.is_contiguous() or values.movedim(1, -1).is_contiguous())
