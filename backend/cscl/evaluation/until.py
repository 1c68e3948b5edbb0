"""How early in the season the crops can be told: the map of each day scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from cscl.evaluation.blocks import Blocks
from cscl.evaluation.metrics import scores
from cscl.evaluation.scorer import RIM, Scorer, without_rim
from cscl.evaluation.scoring import Key, Tally, guess
from cscl.grid import Window
from cscl.mapping.predict import Predictor
from cscl.models.store import LoadedModel
from cscl.series.model import TimeSeries
from cscl.series.reader import SeriesReader

Row = dict[str, Any]
# One date holds no course in time.
FEWEST_DATES = 2


def cut_days(series: TimeSeries, number: int) -> list[tuple[date, int]]:
    """Return `number` days, evenly over the season up to its end, and the images' dates until each.

    A day with fewer than two dates until then, or that make fewer than two medians, is left out,
    and so is one that adds none.
    """
    start, end = series.season
    cuts: list[tuple[date, int]] = []
    for step in range(1, number + 1):
        day = start + (end - start) * step / number
        part = series.until(day)
        dates = len(part.acquisitions)
        if len(part.frames) >= FEWEST_DATES and dates > (cuts[-1][1] if cuts else 0):
            cuts.append((day, dates))
    return cuts


def until_rows(
    scorer: Scorer,
    model: LoadedModel,
    series: TimeSeries,
    counted: npt.NDArray[np.bool_],
    cuts: Sequence[tuple[date, int]],
    *,
    device: torch.device,
    step: Callable[[], None],
) -> list[Row]:
    """One row a cut and reference: figures of the 10 m map made from the dates until then.

    The series is shortened, as `cscl series --until` does it. Pixels are those `counted` (H, W) in
    the whole season; `seen` is the share of them with a clear date until then, and the figures are
    over these. `step` is called after each window.
    """
    rows = []
    for day, dates in cuts:
        part = replace(series, acquisitions=series.acquisitions[:dates])
        tally = Tally(scorer.codes)
        with SeriesReader(part) as reader:
            predictor = Predictor(model, reader, part.days, device=device)
            for window in predictor.windows(part.grid.whole):
                if counted[window.slices].any():
                    _score(scorer, predictor, window, counted[window.slices], tally)
                    step()
        rows += _rows(tally, day, part, scorer)
    return rows


def _score(
    scorer: Scorer,
    predictor: Predictor,
    window: Window,
    counted: npt.NDArray[np.bool_],
    tally: Tally,
) -> None:
    found = predictor.predict(window.grown(RIM), (1,))
    seen = without_rim(found.seen, RIM)
    guesses = {"network": guess(scorer.mapped(found, 1), RIM)}
    blocks = Blocks(np.zeros(counted.shape, np.int64), ("all",))
    for reference in scorer.references:
        view = reference.at_10m(window)
        tally.add(reference.name, "10", guesses, view, counted & seen, blocks)


def _rows(tally: Tally, day: date, part: TimeSeries, scorer: Scorer) -> list[Row]:
    rows = []
    for reference in scorer.references:
        keys = {
            zone: Key(reference.name, "10", "network", zone)
            for zone in ("all", "boundary", "interior")
        }
        found = {zone: scores(tally.matrices[key], tally.codes) for zone, key in keys.items()}
        whole = scores(scorer.tally.matrices[keys["all"]], tally.codes).pixels
        rows.append(
            {
                "until": day.isoformat(),
                "dates": len(part.acquisitions),
                "last": part.acquisitions[-1].date.isoformat(),
                "reference": reference.name,
                "pixels": found["all"].pixels,
                "seen": found["all"].pixels / whole if whole else None,
                "overall_accuracy": found["all"].overall_accuracy,
                "mean_iou": found["all"].mean_iou,
                "boundary_accuracy": found["boundary"].overall_accuracy,
                "interior_accuracy": found["interior"].overall_accuracy,
            }
        )
    return rows
