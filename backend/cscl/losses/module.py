"""What the losses over windows have in common: projections, pairs, options, scores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Self

import torch
from torch import Tensor, nn

from cscl.losses.functional import axis_widths
from cscl.losses.kernels import project, window_similarity
from cscl.losses.pairs import PairRules, pair_targets
from cscl.losses.result import LossResult
from cscl.losses.windows import WindowGeometry

RELATIVE_NAMES = ("rel_z", "rel_h", "rel_w")


class WindowLoss(nn.Module, ABC):  # type: ignore[misc, unused-ignore]
    """A loss on the similarity of anchors with the neighbours in their windows.

    `projection` is the width D of queries and keys, `channels` where it is not given. With
    `relative_position` learned positions are added to the keys; with `shared` one projection
    makes queries and keys alike. `rules` say which pairs count.
    """

    def __init__(
        self,
        channels: int,
        projection: int | None,
        geometry: WindowGeometry,
        rules: PairRules,
        *,
        relative_position: bool,
        shared: bool,
    ) -> None:
        super().__init__()
        width = channels if projection is None else projection
        convolution = nn.Conv2d if geometry.axes == 2 else nn.Conv3d
        self.geometry = geometry
        self.rules = rules
        self.relative_position = relative_position
        self.query = convolution(channels, width, kernel_size=1, bias=False)
        self.key = None if shared else convolution(channels, width, kernel_size=1, bias=False)
        if relative_position:
            widths = axis_widths(width, geometry.axes)
            for name, share in zip(RELATIVE_NAMES[-geometry.axes :], widths, strict=True):
                self.register_parameter(name, nn.Parameter(torch.randn(share, geometry.window)))

    @property
    @abstractmethod
    def name(self) -> str:
        """The loss's name in `LOSSES`."""

    @property
    def relative(self) -> tuple[Tensor, ...] | None:
        """The relative positions, one (d, window) for each axis; None where they are off."""
        if not self.relative_position:
            return None
        names = RELATIVE_NAMES[-self.geometry.axes :]
        return tuple(self.get_parameter(name) for name in names)

    def options(self) -> dict[str, Any]:
        """Return what rebuilds the module but its tensors, as plain values for JSON."""
        return {
            "loss": self.name,
            "projection": self.query.out_channels,
            "window": self.geometry.window,
            "stride": self.geometry.stride,
            "dilation": self.geometry.dilation,
            "axes": self.geometry.axes,
            "rules": asdict(self.rules),
        }

    @classmethod
    def from_options(cls, channels: int, options: Mapping[str, Any]) -> Self:
        """Return a module with the options of another; raises `ValueError` or `TypeError`."""
        values = dict(options)
        name = values.pop("loss", None)
        if isinstance(values.get("rules"), Mapping):
            values["rules"] = PairRules.from_options(values["rules"])
        built = cls(channels, **values)
        if name is not None and built.name != name:
            raise ValueError(f"these are options of the loss {name}, not of {built.name}")
        return built

    def projections(self, embedding: Tensor) -> tuple[Tensor, Tensor]:
        """Return queries (B, D, *S') at the anchors and keys (B, D, *S) of (B, C, *S).

        They are made in the parameters' own type: lower precision is left to the network.
        """
        with torch.autocast(embedding.device.type, enabled=False):
            embedding = embedding.to(self.query.weight.dtype)
            if self.key is None:
                key = self.query(embedding)
                return self.geometry.anchors(key), key
            weights = self.query.weight.flatten(1), self.key.weight.flatten(1)
            return project(embedding, *weights, self.geometry)

    def similarity(self, embedding: Tensor) -> Tensor:
        """Return the similarities (B, K, *S') of `embedding` (B, C, *S), row by row."""
        query, key = self.projections(embedding)
        with torch.autocast(embedding.device.type, enabled=False):
            return window_similarity(query, key, self.relative, self.geometry)

    @abstractmethod
    def forward(
        self, embedding: Tensor, labels: Tensor, identities: Tensor | None = None
    ) -> LossResult:
        """Return the loss of `embedding` (B, C, *S) for integer `labels` (B, *S).

        With `identities` (B, *S), such as parcel numbers, pairs are positive where those agree,
        while the labels still say which are unknown or outside.
        """

    @torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
    def pair_scores(
        self,
        embedding: Tensor,
        labels: Tensor,
        limit: int = 100_000,
        identities: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return scores and kinds of the window's pairs that count, both (N,), for the pair AUC.

        At most `limit` pairs of each kind, evenly spaced in the batch, so that the result is the
        same each time.
        """
        similarity = self.similarity(embedding)
        positive, counted = pair_targets(labels, self.geometry, self.rules, identities)
        parts = []
        for kind in (counted & positive, counted & ~positive):
            scores = similarity[kind]
            parts.append(scores[:: max(1, -(-scores.numel() // limit))])
        kinds = torch.zeros(sum(part.numel() for part in parts), dtype=torch.bool)
        kinds[: parts[0].numel()] = True
        return torch.cat(parts), kinds.to(embedding.device)
