"""Whether a time series is of the kind that a model was trained on."""

from __future__ import annotations

import numpy as np

from cscl.contract.errors import Finding, UserError
from cscl.grid import Grid, Window
from cscl.models.card import ModelCard
from cscl.series.choice import SeriesChoice
from cscl.series.model import TimeSeries
from cscl.series.reader import SeriesReader

# Side of the window in the middle whose reflectance is compared with the model's.
SAMPLE = 64


def require_choice(series: TimeSeries, choice: SeriesChoice, images: str, model: str) -> None:
    """Raise `UserError` where a series was made otherwise than the model's."""
    own = SeriesChoice.of(series)
    if own != choice:
        raise UserError(
            "series_choice",
            images,
            f"its clouds and dates: {own}; the model {model} was trained on: {choice}",
            "Define the time series with the model's choice, or map the images themselves.",
        )


def unlike_reflectance(reader: SeriesReader, card: ModelCard, images: str) -> Finding | None:
    """Return a warning where reflectance in the middle of the grid is of another kind.

    Its mean over all dates is compared with that of training by band; a small window tells nothing
    about spread.
    """
    stack = reader.read(_middle(reader.series.grid))
    values = np.moveaxis(stack.values, 1, 0)[:, stack.valid]
    if not values.size:
        return None
    unlike = card.unlike_bands(values.mean(axis=1, dtype=np.float64).tolist(), card.std)
    if not unlike:
        return None
    return Finding(
        "unlike_reflectance",
        images,
        f"its reflectance is not of the kind that the model was trained on: {'; '.join(unlike)}",
        "Check scale and offset of the images.",
        "warning",
    )


def _middle(grid: Grid) -> Window:
    row, col = max((grid.height - SAMPLE) // 2, 0), max((grid.width - SAMPLE) // 2, 0)
    return Window(row, col, SAMPLE, SAMPLE).clipped(*grid.shape)
