"""TSViT: a transformer over the dates of each patch, then one over the patches of a window."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from cscl.models.frames import check_inputs, halve_mask, pad_ground, seen_days
from cscl.models.transformer import Transformer

PATCH = 2
WINDOW = 24
# Windows overlap by half, so that the pixels that weigh most have ground around them.
STEP = WINDOW // 2
DEPTH, HEADS = 4, 4
DAYS = 366
DAY_WIDTH = 8.0


class TSViT(nn.Module):
    """Features of an image time series from attention over time, then over space.

    Structure after Tarasiou, Chavez and Zafeiriou 2023 (arXiv 2301.04944): patches of 2 x 2 pixels
    a date with 128 features, a learned code for each day of the season, four layers over the dates
    of a patch with one token a class, then four layers over the patches of a window of 24 x 24
    pixels, for each class by itself. The map is a linear layer over the tokens of all classes and
    a shuffle of its features to the pixels; with `class_scores` it is the published scores instead,
    a linear layer over each class's token, and `channels` the number of classes. `width` scales
    the features. The code of a day is a mean over the days around it, so that days not met in
    training have one. Larger images are taken in windows of 24 pixels that overlap by half and are
    blended; smaller ones count as a window with unseen ground.

    Class tokens and the layer of the map belong to the classes: another class table makes them new.
    """

    def __init__(
        self, bands: int, classes: int, *, width: float = 1.0, class_scores: bool = False
    ) -> None:
        super().__init__()
        head_size = max(1, round(32 * width))
        size = HEADS * head_size
        self.bands = bands
        self.classes = classes
        self.class_scores = class_scores
        self.channels = classes if class_scores else size
        options = {"depth": DEPTH, "heads": HEADS, "head_size": head_size}
        self.patches = nn.Conv2d(bands, size, PATCH, PATCH)
        self.day_code = nn.Linear(DAYS, size)
        # As far apart, once averaged over the days around, as the other codes: with torch's own
        # start all dates look alike, and learning takes several times longer.
        nn.init.normal_(self.day_code.weight, std=math.sqrt(2 * math.sqrt(math.pi) * DAY_WIDTH))
        self.class_tokens = nn.Parameter(torch.randn(classes, size))
        self.over_time = Transformer(size, **options)
        self.place = nn.Parameter(torch.randn((WINDOW // PATCH) ** 2, size))
        self.over_space = Transformer(size, **options)
        inputs, outputs = (size, 1) if class_scores else (classes * size, size)
        self.head = nn.ModuleList([nn.LayerNorm(size), nn.Linear(inputs, outputs * PATCH**2)])

    def forward(self, images: Tensor, days: Tensor, valid: Tensor) -> Tensor:
        """Return features (B, D, H, W) with D = `channels`.

        `images` (B, T, C, H, W) normalised, `days` (B, T) since the season's start, `valid`
        (B, T, H, W) bool. What `images` and `days` hold where nothing is valid has no influence.
        Height and width must be multiples of 2 (`ValueError`). Pixels without any valid
        observation get zeros.
        """
        check_inputs(images, self.bands, PATCH)
        height, width = images.shape[-2:]
        values = pad_ground(torch.where(valid[:, :, None], images, 0.0), STEP, WINDOW)
        # Patches (B, h, w, T): known where any of their pixels is.
        mask = pad_ground(valid, STEP, WINDOW).to(values.dtype)
        known = halve_mask(mask).permute(0, 2, 3, 1) > 0
        tokens = self._over_time(values, seen_days(days.to(values.dtype), valid), known)
        found = self._over_space(tokens, known.any(dim=-1))
        seen = valid.any(dim=1, keepdim=True)
        return found[..., :height, :width] * seen.to(found.dtype)

    def _over_time(self, values: Tensor, days: Tensor, known: Tensor) -> Tensor:
        """Return the tokens of all classes of each patch, (B, h, w, K, size)."""
        places, dates = known.shape[:3], known.shape[3]
        found = self.patches(values.flatten(0, 1)).unflatten(0, values.shape[:2])
        tokens = found.permute(0, 3, 4, 1, 2) + self.day_code(near_days(days))[:, None, None]
        tokens = tokens.flatten(0, 2)
        start = self.class_tokens.to(tokens.dtype).expand(tokens.shape[0], -1, -1)
        always = known.new_ones(tokens.shape[0], self.classes)
        tokens = torch.cat([start, tokens], dim=1)
        tokens = self.over_time(tokens, torch.cat([always, known.reshape(-1, dates)], dim=1))
        return tokens[:, : self.classes].unflatten(0, places)

    def _over_space(self, tokens: Tensor, known: Tensor) -> Tensor:
        """Return the map (B, D, H, W) of tokens (B, h, w, K, size); `known` (B, h, w) bool."""
        side, step = WINDOW // PATCH, STEP // PATCH
        windows = tokens.unfold(1, side, step).unfold(2, side, step)
        looked = known.unfold(1, side, step).unfold(2, side, step)
        if torch.compiler.is_exporting():
            # A graph for any height has no loop over the rows.
            joined = blend(self._row(windows.flatten(0, 1), looked.flatten(0, 1)), -1)
            return blend(joined.unflatten(0, looked.shape[:2]), -2)
        # One row of windows after the other: together they would be four times the image.
        rows = zip(windows.unbind(1), looked.unbind(1), strict=True)
        return blend(torch.stack([blend(self._row(*row), -1) for row in rows], 1), -2)

    def _row(self, windows: Tensor, looked: Tensor) -> Tensor:
        """Return the maps (B, columns, D, 24, 24) of the windows of a row.

        `windows` (B, columns, K, size, 12, 12), `looked` (B, columns, 12, 12) bool.
        """
        layout = looked.shape[:2]
        looked = looked.flatten(2).flatten(0, 1)
        # Where nothing is known all is looked at: what comes out is set to zero at the end.
        looked = looked | ~looked.any(dim=1, keepdim=True)
        # Every class looks at its own tokens only: (B * columns * K, patches, size).
        inside = windows.flatten(4).transpose(3, 4) + self.place.to(windows.dtype)
        found = self.over_space(inside.flatten(0, 2), looked.repeat_interleave(self.classes, dim=0))
        found = self.head[0](found).unflatten(0, (-1, self.classes))
        return self._pixels(found).unflatten(0, layout)

    def _pixels(self, tokens: Tensor) -> Tensor:
        """Return (N, D, 24, 24) of tokens (N, K, patches, size)."""
        side = WINDOW // PATCH
        if self.class_scores:
            flat = self.head[1](tokens).transpose(2, 3).flatten(1, 2)
        else:
            flat = self.head[1](tokens.transpose(1, 2).flatten(2)).transpose(1, 2)
        return functional.pixel_shuffle(flat.unflatten(2, (side, side)), PATCH)


def near_days(days: Tensor) -> Tensor:
    """Return the weights (B, T, 366) of the season's days around days (B, T); they sum to 1."""
    table = torch.arange(DAYS, dtype=days.dtype, device=days.device)
    apart = days.clamp(0, DAYS - 1)[..., None] - table
    return torch.softmax(-0.5 * (apart / DAY_WIDTH).square(), dim=-1)


def blend(windows: Tensor, dim: int) -> Tensor:
    """Return windows (B, n, ...) that overlap by half along `dim`, -1 or -2, as one (B, ...).

    Of two windows each weighs the more, the nearer its middle is; the weights sum to 1, so that
    nothing steps where a window ends. The outer halves of the first and the last stand alone.
    """
    ramp = (torch.arange(STEP, dtype=windows.dtype, device=windows.device) + 0.5) / STEP
    ramp = ramp.view(-1, *(1,) * (-1 - dim))
    low, high = windows.narrow(dim, 0, STEP), windows.narrow(dim, STEP, STEP)
    middle = high[:, :-1] * (1 - ramp) + low[:, 1:] * ramp
    halves = torch.cat([low[:, :1], middle, high[:, -1:]], 1)
    return halves.movedim(1, dim - 1).flatten(dim - 1, dim)
