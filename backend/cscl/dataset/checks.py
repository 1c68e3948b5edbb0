"""Whether a dataset can be learnt from, and whether its series go together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain

from cscl.context import JobContext
from cscl.contract.classes import ClassTable
from cscl.contract.errors import Finding, Findings, UserError
from cscl.contract.jobs import DatasetJob
from cscl.dataset.chips import Chip
from cscl.dataset.split import SPLITS
from cscl.series.job import series_files
from cscl.series.model import TimeSeries
from cscl.series.season import season_text

SEASON_TOLERANCE = 1  # day: the leap day


def check_series(series: Mapping[str, TimeSeries], images: str) -> None:
    """Refuse series that no network could take alike, with everything in which they differ."""
    findings = Findings()
    files = series_files(images)
    # A grid has the name of its file where there is one: that is what a person knows.
    names = [str(path) for path in files] if files else [f"{images}, {name}" for name in series]
    series = dict(zip(names, series.values(), strict=True))
    first_name, first = next(iter(series.items()))
    for name, item in list(series.items())[1:]:
        for title, own, other in (
            ("bands", ", ".join(item.bands), ", ".join(first.bands)),
            ("level", item.level or "unknown", first.level or "unknown"),
            ("cloud mask", str(item.mask), str(first.mask)),
            ("frames", item.frames_text, first.frames_text),
            ("pixels", f"{item.grid.resolution:g} m", f"{first.grid.resolution:g} m"),
        ):
            if own != other:
                findings.error(
                    "series_differ",
                    name,
                    f"its {title}: {own}; those of {first_name}: {other}",
                    "Use images that agree in it, or one dataset each.",
                )
        lengths = [(part.season[1] - part.season[0]).days for part in (item, first)]
        if abs(lengths[0] - lengths[1]) > SEASON_TOLERANCE:
            findings.error(
                "season_length",
                name,
                f"its season is {season_text(item.season)}, that of {first_name} "
                f"{season_text(first.season)}",
                "Give seasons of one length.",
            )
    findings.raise_errors()


def counts_by_split(chips: Mapping[str, Iterable[Chip]]) -> dict[str, dict[int, int]]:
    """Return the labelled pixels of each split by class code, over the chips of all grids."""
    totals: dict[str, Counter[int]] = {split: Counter() for split in SPLITS}
    for chip in chain.from_iterable(chips.values()):
        totals[chip.split].update(chip.class_counts)
    return {split: dict(sorted(total.items())) for split, total in totals.items()}


def check_counts(
    counts: Mapping[str, Mapping[int, int]],
    classes: ClassTable,
    job: DatasetJob,
    ctx: JobContext,
    *,
    appended: bool = False,
) -> None:
    """Refuse a dataset without training or without anything to tell apart; warn of lone classes.

    `counts` are those of `counts_by_split`. What is `appended` to another dataset need not hold all
    splits and classes by itself.
    """
    if appended and any(counts.values()):
        return
    if not counts["training"]:
        raise UserError(
            "nothing_to_train",
            job.parcels,
            "no pixel is left for training after the split into blocks and its guard",
            "Use a larger area or more parcels, or another seed.",
        )
    if len(counts["training"]) < 2:
        name = classes.name_of(next(iter(counts["training"])))
        raise UserError(
            "one_class",
            job.parcels,
            f"all training pixels are of one class, {name}",
            "Use parcels of at least two crops, or count land outside parcels as a class.",
        )
    for split in ("validation", "test"):
        if not counts[split]:
            ctx.warn(
                Finding(
                    "split_empty",
                    job.parcels,
                    f"no pixel is left for {split}",
                    "Figures for it cannot be given; use a larger area.",
                    "warning",
                )
            )
    for code in classes.codes:
        _check_class(code, classes, counts, ctx)


def _check_class(
    code: int, classes: ClassTable, counts: Mapping[str, Mapping[int, int]], ctx: JobContext
) -> None:
    present = [split for split in SPLITS if counts[split].get(code)]
    if len(present) == 1:
        ctx.warn(
            Finding(
                "class_in_one_split",
                f"class {classes.name_of(code)}",
                f"it has pixels in {present[0]} only",
                "Its figures say little; use a larger area or join it with another class.",
                "warning",
            )
        )
    elif present and "training" not in present:
        ctx.warn(
            Finding(
                "class_not_trained",
                f"class {classes.name_of(code)}",
                f"it has pixels in {' and '.join(present)}, none for training",
                "It cannot be learnt; use a larger area or another seed.",
                "warning",
            )
        )
