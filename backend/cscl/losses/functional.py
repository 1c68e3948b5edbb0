"""The context-self contrastive loss as functions of its parameters, on two and three axes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from cscl.losses.kernels import linear_loss, project, window_similarity
from cscl.losses.pairs import PairRules, pair_targets
from cscl.losses.windows import WindowGeometry


def axis_widths(width: int, axes: int) -> tuple[int, ...]:
    """Return how many of `width` key channels hold each axis's relative position.

    D // 2 and the rest on two axes, D // 3, D // 3 and the rest on three. METHOD section 1.
    """
    share = width // axes
    return (*[share] * (axes - 1), width - share * (axes - 1))


def linear_coefficients(
    positive: Tensor, counted: Tensor, positive_weight: Tensor | float, dtype: torch.dtype
) -> Tensor:
    """Return what each pair's similarity is multiplied with in the linear loss.

    -w for positive pairs, 1 for negative ones, between them where `positive` is a degree of 0..1
    and not a bool, 0 for those that do not count; all have the shape of `positive`.
    """
    weight = torch.as_tensor(positive_weight, dtype=dtype, device=positive.device)
    if positive.dtype == torch.bool:
        # 1, -1 and 0 in one byte each, of which the weight then multiplies the negative ones.
        kinds = (positive & counted).view(torch.int8).mul_(-2).add_(counted.view(torch.int8))
        return functional.prelu(kinds.to(dtype), weight)
    degree = positive.to(dtype)
    return (1 - degree - weight * degree).masked_fill_(~counted, 0.0)


def cscl_similarity_nd(
    embedding: Tensor,
    w_query: Tensor,
    w_key: Tensor,
    relative: Sequence[Tensor] | None,
    *,
    window: int,
    stride: int = 1,
    dilation: int = 1,
) -> Tensor:
    """Return the similarity of every anchor with its neighbourhood, (B, *S', window, ...).

    `embedding` is (B, C, H, W) or (B, C, Z, H, W), `w_query` and `w_key` (D, C). `relative` holds
    one tensor (d, window) for each axis, whose d add up to D, or is None for no relative position.
    S' = ceil(S / stride); the window has as many axes. Values lie in [-1, 1]. Raises `ValueError`
    for an even window or parameters that do not fit. METHOD section 1.
    """
    geometry = WindowGeometry(window, stride, dilation, embedding.ndim - 2)
    query, key = _projected(embedding, w_query, w_key, relative, geometry)
    similarity = window_similarity(query, key, relative, geometry).movedim(1, -1)
    return similarity.reshape(*similarity.shape[:-1], *[window] * geometry.axes)


def cscl_loss_nd(
    embedding: Tensor,
    labels: Tensor,
    w_query: Tensor,
    w_key: Tensor,
    relative: Sequence[Tensor] | None,
    *,
    window: int,
    stride: int = 1,
    dilation: int = 1,
    positive_weight: Tensor | float,
    rules: PairRules | None = None,
    identities: Tensor | None = None,
) -> Tensor:
    """Return the loss, a scalar: the mean over the pairs that count of -w+ y s + (1 - y) s.

    `labels` and `identities` are (B, *S), integer, as in `pair_targets`; `rules` are the released
    ones, every pair, where not given. The rest is as in `cscl_similarity_nd`; with no pair that
    counts the loss is 0. METHOD section 1.
    """
    geometry = WindowGeometry(window, stride, dilation, embedding.ndim - 2)
    query, key = _projected(embedding, w_query, w_key, relative, geometry)
    rules = PairRules.released() if rules is None else rules
    positive, counted = pair_targets(labels, geometry, rules, identities)
    coefficients = linear_coefficients(positive, counted, positive_weight, query.dtype)
    total, _ = linear_loss(query, key, relative, coefficients, geometry)
    return total / torch.count_nonzero(counted).clamp_min(1)


def cscl_similarity(
    embedding: Tensor,
    w_query: Tensor,
    w_key: Tensor,
    rel_h: Tensor,
    rel_w: Tensor,
    window: int,
    stride: int,
    dilation: int,
) -> Tensor:
    """Return the similarity of every anchor with its neighbourhood, (B, H', W', window, window).

    `embedding` is (B, C, H, W), `w_query` and `w_key` (D, C), `rel_h` (first part of D, window),
    `rel_w` (rest of D, window); H' = ceil(H / stride). Values lie in [-1, 1]. Raises `ValueError`
    for an even window or parameters that do not fit. METHOD section 1.
    """
    return cscl_similarity_nd(
        embedding,
        w_query,
        w_key,
        (rel_h, rel_w),
        window=window,
        stride=stride,
        dilation=dilation,
    )


def cscl_loss(
    embedding: Tensor,
    labels: Tensor,
    w_query: Tensor,
    w_key: Tensor,
    rel_h: Tensor,
    rel_w: Tensor,
    window: int,
    stride: int,
    dilation: int,
    positive_weight: float,
    mask_self: bool = False,
    mask_border: bool = False,
    ignore_label: int | None = None,
) -> Tensor:
    """Return the loss, a scalar: the mean over the pairs that count of -w+ y s + (1 - y) s.

    `labels` is (B, H, W), integer; the rest as in `cscl_similarity`. The defaults count every
    pair, as the authors' code does; with no pair that counts the loss is 0. METHOD section 1.
    """
    ignored = () if ignore_label is None else (ignore_label,)
    return cscl_loss_nd(
        embedding,
        labels,
        w_query,
        w_key,
        (rel_h, rel_w),
        window=window,
        stride=stride,
        dilation=dilation,
        positive_weight=positive_weight,
        rules=PairRules(mask_self, mask_border, ignored, outside=None),
    )


def _projected(
    embedding: Tensor,
    w_query: Tensor,
    w_key: Tensor,
    relative: Sequence[Tensor] | None,
    geometry: WindowGeometry,
) -> tuple[Tensor, Tensor]:
    """Return queries (B, D, *S') at the anchors and keys (B, D, *S); raises `ValueError`."""
    channels, width = embedding.shape[1], w_query.shape[0]
    if w_query.shape != w_key.shape or w_query.shape[1] != channels:
        raise ValueError(
            f"w_query {tuple(w_query.shape)} and w_key {tuple(w_key.shape)} must both be "
            f"(D, {channels})"
        )
    if relative is not None:
        _check_relative(relative, width, geometry)
    return project(embedding, w_query, w_key, geometry)


def _check_relative(relative: Sequence[Tensor], width: int, geometry: WindowGeometry) -> None:
    """Raise `ValueError` where the relative positions do not fit keys and window."""
    shapes = [tuple(part.shape) for part in relative]
    fits = len(shapes) == geometry.axes and all(len(shape) == 2 for shape in shapes)
    if (
        not fits
        or sum(shape[0] for shape in shapes) != width
        or any(shape[1] != geometry.window for shape in shapes)
    ):
        raise ValueError(
            f"the {geometry.axes} relative positions, here {shapes}, must share the {width} "
            f"channels of the keys and have {geometry.window} columns each"
        )
