"""A backbone with its heads: from an image time series to class scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from cscl.models.card_checks import HEADS, SCALES
from cscl.models.context import Context
from cscl.models.heads import Form, Refinement
from cscl.models.likeness import shared_answers


class Backbone(Protocol):
    """What the heads need: `channels` features for each pixel."""

    channels: int

    def __call__(self, images: Tensor, days: Tensor, valid: Tensor) -> Tensor: ...


class CropNetwork(nn.Module):
    """Backbone, optional refinement to finer grids, and one classifier for each head.

    `heads` are the scales that the network answers at: some of 1 (the images' grid), 2 and 4, of
    which the finer share their doublings. With `residual` a finer head is trained by itself, and in
    evaluation gives the detail within pixels of scale 1, whose logits, enlarged, say the rest;
    without it, as networks were before, it answers alone. With a `context`, which is chosen after
    training, neighbours that are alike share their answers at scale 1; those of finer heads are
    corrected by what that changes. Outputs stand in the order of `ClassTable.network_codes`.
    """

    context: Context | None = None
    # Graphs for other programs replace it by a form of fewer operations.
    share = staticmethod(shared_answers)

    def __init__(
        self,
        backbone: nn.Module,
        classes: int,
        heads: Sequence[int] = HEADS,
        *,
        residual: bool = True,
    ) -> None:
        super().__init__()
        if not heads or any(scale not in SCALES for scale in heads):
            raise ValueError(f"heads must be some of {SCALES}, not {tuple(heads)}")
        self.backbone = backbone
        self.heads = tuple(sorted(set(heads)))
        self.channels: int = backbone.channels
        finest = self.heads[-1]
        form: Form = "even" if residual else "centred"
        self.refinement = Refinement(self.channels, finest, form=form) if finest > 1 else None
        self.classifiers = nn.ModuleDict(
            {str(scale): nn.Conv2d(self.channels, classes, kernel_size=1) for scale in self.heads}
        )
        self.residual = residual
        self._adds = residual and 1 in self.heads

    def features(self, images: Tensor, days: Tensor, valid: Tensor) -> Tensor:
        """Return the backbone's features (B, D, H, W).

        `images` (B, T, C, H, W) normalised, `days` (B, T) since the season's start, `valid`
        (B, T, H, W) bool; height and width are multiples of the pooling stride.
        """
        result: Tensor = self.backbone(images, days, valid)
        return result

    def feature_maps(
        self, images: Tensor, days: Tensor, valid: Tensor, scales: Sequence[int] | None = None
    ) -> dict[int, Tensor]:
        """Return the maps that the classifiers, and in pretraining the loss, sit on.

        They are (B, D, H * scale, W * scale) by scale, for all heads or for `scales`, and that of
        scale 1 where the others' answers need it.
        """
        return self.refine(self.features(images, days, valid), observed(valid), scales)

    def refine(
        self, features: Tensor, seen: Tensor, scales: Sequence[int] | None = None
    ) -> dict[int, Tensor]:
        """Return `feature_maps` for the backbone's `features` (B, D, H, W).

        `seen` (B, 1, H, W) tells where a pixel has a valid observation.
        """
        wanted = self.heads if scales is None else tuple(scales)
        for scale in wanted:
            self._check_scale(scale)
        if self.context is not None or self._adds:
            wanted = (1, *(scale for scale in wanted if scale != 1))
        maps = {1: features}
        if self.refinement is not None and max(wanted) > 1:
            maps = self.refinement.maps(features, seen.to(features.dtype), max(wanted))
        return {scale: maps[scale] for scale in wanted}

    def classify(
        self, maps: Mapping[int, Tensor], seen: Tensor, *, apart: bool = False
    ) -> dict[int, Tensor]:
        """Return logits (B, K, H * scale, W * scale) by scale for `feature_maps`.

        `seen` (B, 1, H, W) tells where a pixel has a valid observation. `apart`: every head answers
        by itself, as in training, where that at 10 m has learnt nothing.
        """
        found = {scale: self.classifiers[str(scale)](item) for scale, item in maps.items()}
        if self._adds and not (self.training or apart):
            found = {
                scale: item if scale == 1 else _with_detail(found[1], item, seen, scale)
                for scale, item in found.items()
            }
        if self.context is None:
            return found
        wide = torch.promote_types(found[1].dtype, torch.float32)
        own = functional.log_softmax(found[1].to(wide), dim=1)
        shared: dict[float, Tensor] = {}
        for scale, sharpness in self.context.sharpness.items():
            if scale not in found:
                continue
            if sharpness not in shared:
                shared[sharpness] = self.share(own, maps[1], seen, self.context.window, sharpness)
            answer = shared[sharpness]
            found[scale] = answer if scale == 1 else found[scale] + _enlarged(answer - own, scale)
        return found

    def forward(self, images: Tensor, days: Tensor, valid: Tensor, scale: int = 1) -> Tensor:
        """Return the logits (B, K, H * scale, W * scale) of one head."""
        return self.classify(self.feature_maps(images, days, valid, (scale,)), observed(valid))[
            scale
        ]

    def forward_all(self, images: Tensor, days: Tensor, valid: Tensor) -> dict[int, Tensor]:
        """Return the logits of every head by scale; the backbone runs once."""
        return self.classify(self.feature_maps(images, days, valid), observed(valid))

    def _check_scale(self, scale: int) -> None:
        if scale not in self.heads:
            raise ValueError(f"the network has heads {self.heads}, none at scale {scale}")

    def features_up_to(self, scale: int) -> list[nn.Module]:
        """Return the modules that make the feature maps up to a scale, the backbone first."""
        doublings = [] if self.refinement is None else list(self.refinement.doublings)
        return [self.backbone, *doublings[: scale.bit_length() - 1]]

    def body_state(self) -> dict[str, Tensor]:
        """Return all tensors but the classifiers': what fine-tuning takes from pretraining."""
        return {
            name: tensor
            for name, tensor in self.state_dict().items()
            if not name.startswith("classifiers.")
        }

    def load_body(self, state: Mapping[str, Tensor]) -> tuple[str, ...]:
        """Copy a pretrained network's `body_state`; return the names copied, sorted.

        Tensors of a refinement that this network lacks are left out, and a refinement that the
        pretrained one lacks stays as it is. Raises `ValueError` where the backbones differ.
        """
        own = self.body_state()
        for name in sorted(own.keys() | state.keys()):
            here, there = own.get(name), state.get(name)
            if name.startswith("refinement.") and (here is None or there is None):
                continue
            if here is None or there is None or here.shape != there.shape:
                raise ValueError(f"the networks differ in {name}")
        shared = sorted(own.keys() & state.keys())
        with torch.no_grad():
            for name in shared:
                own[name].copy_(state[name])
        return tuple(shared)


def observed(valid: Tensor) -> Tensor:
    """Return where a pixel has a valid observation, bool (B, 1, H, W), of (B, T, H, W)."""
    return valid.any(dim=1, keepdim=True)


def _with_detail(coarse: Tensor, fine: Tensor, seen: Tensor, scale: int) -> Tensor:
    """Return `fine` (B, K, H * scale, W * scale), its means by pixel replaced by `coarse`.

    Both are enlarged, as coarse bands of an image are sharpened by the detail of a finer one.
    """
    return fine + _enlarged_seen(coarse - functional.avg_pool2d(fine, scale), seen, scale)


def _enlarged_seen(values: Tensor, seen: Tensor, scale: int) -> Tensor:
    """Return (B, K, H, W) at a finer scale, in which only what was seen (B, 1, H, W) counts.

    Pixels beyond an image, which a window may or may not hold, so leave its edge as it is.
    """
    weight = seen.to(values.dtype)
    total = _enlarged(weight, scale).clamp_min(torch.finfo(values.dtype).eps)
    return _enlarged(values * weight, scale) / total


def _enlarged(values: Tensor, scale: int) -> Tensor:
    """Return (B, K, H, W) at a finer scale, pixels' edges on pixels' edges."""
    return functional.interpolate(
        values, scale_factor=float(scale), mode="bilinear", align_corners=False
    )
