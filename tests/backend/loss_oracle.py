"""The losses written as their formulas are, one pair after the other, in float64.

Slow and plain on purpose: what the engine computes in another way is compared with this. All
results can be differentiated by automatic differentiation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import torch
from cscl.losses import PairRules
from cscl.losses.windows import WindowGeometry
from torch import Tensor

FLOOR = 1e-12
Place = tuple[int, ...]


def places(shape: Sequence[int], step: int = 1) -> list[Place]:
    """Return every place of a grid at multiples of `step`, row by row."""
    return list(product(*[range(0, size, step) for size in shape]))


def neighbours(place: Place, geometry: WindowGeometry) -> Iterator[tuple[Place, Place]]:
    """Yield the indices in the window and the place on the grid of each neighbour."""
    reach = (geometry.window - 1) // 2
    for index in product(range(geometry.window), repeat=geometry.axes):
        yield (
            index,
            tuple(p + geometry.dilation * (u - reach) for p, u in zip(place, index, strict=True)),
        )


def within(place: Place, shape: Sequence[int]) -> bool:
    return all(0 <= p < size for p, size in zip(place, shape, strict=True))


def cosine(one: Tensor, other: Tensor) -> Tensor:
    """Return the cosines of vectors (B, D, ...), norms clamped at 1e-12."""
    norms = one.norm(dim=1).clamp_min(FLOOR) * other.norm(dim=1).clamp_min(FLOOR)
    return (one * other).sum(1) / norms


def oracle_similarity(
    query_weight: Tensor,
    key_weight: Tensor,
    relative: Sequence[Tensor] | None,
    embedding: Tensor,
    geometry: WindowGeometry,
) -> Tensor:
    """Return s (B, K, *S') of METHOD section 1 for an embedding (B, C, *S), weights (D, C)."""
    shape = embedding.shape[2:]
    every = places(shape)
    query = torch.einsum("dc,bc...->bd...", query_weight, embedding).flatten(2)
    key = torch.einsum("dc,bc...->bd...", key_weight, embedding).flatten(2)
    key = torch.cat([key, torch.zeros_like(key[..., :1])], 2)  # the last one lies beyond
    here, there, positions = [], [], []
    for anchor in places(shape, geometry.stride):
        for index, place in neighbours(anchor, geometry):
            here.append(every.index(anchor))
            there.append(every.index(place) if within(place, shape) else len(every))
            if relative is not None:
                parts = [part[:, u] for part, u in zip(relative, index, strict=True)]
                positions.append(torch.cat(parts))
    neighbour = key[..., there]
    if relative is not None:
        neighbour = neighbour + torch.stack(positions, 1)
    scores = cosine(query[..., here], neighbour)
    strided = [-(-size // geometry.stride) for size in shape]
    by_anchor = scores.reshape(len(embedding), -1, geometry.window**geometry.axes)
    return by_anchor.transpose(1, 2).reshape(len(embedding), -1, *strided)


def oracle_targets(
    labels: Tensor,
    geometry: WindowGeometry,
    rules: PairRules,
    identities: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Return which pairs are positive and which count, bool (B, K, *S')."""
    shape = tuple(labels.shape[1:])
    values = labels if identities is None else identities
    windows = [
        (anchor, [place for _, place in neighbours(anchor, geometry)])
        for anchor in places(shape, geometry.stride)
    ]
    inside = set(places(shape))
    positive, counted = [], []
    for image, names in zip(_codes(labels), _codes(values), strict=True):
        alike, counts = [], []
        for anchor, window in windows:
            alike.append([place in inside and names[anchor] == names[place] for place in window])
            counts.append([_counts(image, anchor, place, rules) for place in window])
        kept = _kept_anchors(alike, counts, rules.anchors)
        positive.append(alike)
        counted.append(
            [[one and keep for one in row] for row, keep in zip(counts, kept, strict=True)]
        )
    strided = [-(-size // geometry.stride) for size in shape]

    def tensor(value: list[list[list[bool]]]) -> Tensor:
        return torch.tensor(value).transpose(1, 2).reshape(len(labels), -1, *strided)

    return tensor(positive), tensor(counted)


def _codes(values: Tensor) -> list[dict[Place, int]]:
    """Return the number at each place of each image (B, *S)."""
    return [
        dict(zip(places(image.shape), image.flatten().tolist(), strict=True)) for image in values
    ]


def _counts(image: dict[Place, int], anchor: Place, place: Place, rules: PairRules) -> bool:
    here, there = image[anchor], image.get(place)
    if here in rules.ignored or there in rules.ignored:
        return False
    if there is None:
        return not rules.mask_border
    if rules.mask_self and anchor == place:
        return False
    return rules.outside is None or not here == there == rules.outside


def _kept_anchors(alike: list[list[bool]], counts: list[list[bool]], anchors: str) -> list[bool]:
    """Return which anchors of one image the rule keeps."""
    edge, interior = [], []
    for number, (like, count) in enumerate(zip(alike, counts, strict=True)):
        pairs = [one for one, counted in zip(like, count, strict=True) if counted]
        if pairs:
            (interior if all(pairs) else edge).append(number)
    kept = {"all": edge + interior, "boundary": edge}.get(anchors)
    if kept is None:
        fewest = min(len(edge), len(interior))
        kept = evenly(edge, fewest) + evenly(interior, fewest)
    return [number in kept for number in range(len(alike))]


def evenly(members: list[int], wanted: int) -> list[int]:
    """Return `wanted` members at even steps: each time the running share passes a whole number."""
    kept, share = [], 0
    for member in members:
        share += min(wanted, len(members))
        if share >= len(members):
            share -= len(members)
            kept.append(member)
    return kept


def oracle_loss(
    similarity: Tensor,
    positive: Tensor,
    counted: Tensor,
    positive_weight: float | str,
    form: str = "linear",
    scale: Tensor | float = 1.0,
    bias: Tensor | float = 0.0,
) -> Tensor:
    """Return the mean of the terms of the pairs that count; 0 where none counts."""
    weight = positive_weight
    if weight == "balanced":
        positives = int((positive & counted).sum())
        weight = (int(counted.sum()) - positives) / max(1, positives)
    scores, alike = similarity[counted], positive[counted]
    if not len(scores):
        return 0.0 * similarity.sum()
    if form == "linear":
        factors = [-weight if like else 1.0 for like in alike.tolist()]
        return (torch.tensor(factors, dtype=scores.dtype) * scores).sum() / len(scores)
    probability = 1 / (1 + torch.exp(-(scale * scores + bias)))
    own, other = torch.log(probability[alike]), torch.log(1 - probability[~alike])
    return -(weight * own.sum() + other.sum()) / len(scores)


def oracle_local_info_nce(
    similarity: Tensor, positive: Tensor, counted: Tensor, temperature: float
) -> tuple[Tensor, int]:
    """Return sum and number of -log(sum_pos exp(s / t) / sum exp(s / t)) over the anchors."""
    terms = []
    rows = [values.movedim(1, -1).flatten(0, -2) for values in (similarity, positive, counted)]
    for scores, like, count in zip(*rows, strict=True):
        own = [torch.exp(s / temperature) for s in scores[like & count]]
        every = [torch.exp(s / temperature) for s in scores[count]]
        if own:
            terms.append(-torch.log(sum(own) / sum(every)))
    return (torch.stack(terms).sum() if terms else 0.0 * similarity.sum()), len(terms)


def oracle_supervised_contrast(
    anchors: list[tuple[Tensor, int, int]],
    remembered: list[tuple[Tensor, int, int]],
    temperature: float,
    outside: int | None,
) -> tuple[Tensor, int]:
    """Return sum and number of Khosla et al.'s terms over anchors with a positive pair.

    Anchors and remembered vectors are (vector (D,), class, identity).
    """
    others, terms = anchors + remembered, []
    for i, (vector, label, identity) in enumerate(anchors):
        counted = [
            other
            for a, other in enumerate(others)
            if a != i and not (outside is not None and label == other[1] == outside)
        ]
        like = [own == identity for _, _, own in counted]
        if any(like):
            vectors = torch.stack([other for other, _, _ in counted])
            scores = cosine(vector.expand_as(vectors), vectors) / temperature
            terms.append(-(scores[like] - torch.log(torch.exp(scores).sum())).sum() / sum(like))
    return (torch.stack(terms).sum() if terms else torch.zeros(())), len(terms)
