"""Whether images suit a model, and what to do where they do not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cscl.context import JobContext
from cscl.contract.errors import Finding, UserError
from cscl.contract.resolutions import SCALES
from cscl.mapping.season import recurring_season
from cscl.mapping.suitability import require_choice, unlike_reflectance
from cscl.models.card import ModelCard
from cscl.models.card_file import load_card
from cscl.series.choice import SeriesChoice, choice_of
from cscl.series.grids import grid_text, series_grid
from cscl.series.images import Image
from cscl.series.job import series_files
from cscl.series.measuring import pass_of
from cscl.series.model import FEWEST_DATES, Acquisition, TimeSeries
from cscl.series.options import SeriesOptions
from cscl.series.reader import SeriesReader
from cscl.series.scan import inspect_images
from cscl.series.season import Season, parse_season, season_text
from cscl.series.selection import last_day
from cscl.series.stac import read_series
from cscl.serve.choices import options_of

SHOWN = 3
# What a finding of the scan is about, for those that are about what the model needs.
_ABOUT = {"bands_missing": "bands", "no_date": "dates", "levels_mixed": "level"}


@dataclass
class Mismatches:
    """What does not suit, in the order in which it was found."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        what: str,
        model: str,
        series: str,
        remedy: str,
        *,
        mend: dict[str, str] | None = None,
        severity: str = "error",
    ) -> None:
        """Add one; `mend` are values of fields of the job map."""
        self.rows.append(
            {
                "what": what,
                "model": model,
                "series": series,
                "remedy": remedy,
                "mend": mend,
                "severity": severity,
            }
        )

    def check(self, what: str, model: str, series: str, check: Callable[[], object]) -> None:
        """Add what a check of the engine refuses, or warns of."""
        try:
            warning = check()
        except UserError as error:
            first = error.findings[0]
            self.add(what, model, series or first.found, first.remedy)
            return
        if isinstance(warning, Finding):
            self.add(what, model, series or warning.found, warning.remedy, severity="warning")


def fits(values: dict[str, Any], ctx: JobContext) -> dict[str, Any]:
    """Return each way in which images differ from a model's; see `FITS` of the contract."""
    text = values.get("series") or values.get("images")
    if not text:
        raise UserError(
            "invalid_question", "question fits", "it names no images", "Give images or series."
        )
    card = load_card(values["model"])
    found = Mismatches()
    _compare_model(card, values, found)
    files = series_files(text)
    if len(files) == 1:
        series = read_series(files[0])
        _compare_series(series, card, text, values, found)
    elif files:
        found.add(
            "grids", "one grid", f"{len(files)} time series",
            "Map them one after the other: choose one of them.",
        )  # fmt: skip
    else:
        _compare_images(text, card, values, found, ctx)
    return {
        "fits": all(row["severity"] != "error" for row in found.rows),
        "mismatches": found.rows,
    }


def _compare_model(card: ModelCard, values: dict[str, Any], found: Mismatches) -> None:
    found.check("model", "pretrained only", "", lambda: card.require_finetuned(values["model"]))
    wanted = values.get("resolution")
    scale = SCALES.get(wanted, 0) if wanted else card.heads[0]
    if scale not in card.heads:
        here = [text for text, scale in reversed(SCALES.items()) if scale in card.heads]
        found.add(
            "resolution",
            " and ".join(f"{text} m" for text in here),
            f"{wanted} m asked for",
            "Choose a resolution that the model maps at.",
            mend={"resolution": here[0]} if here else None,
        )


def _compare_series(
    series: TimeSeries, card: ModelCard, images: str, values: dict[str, Any], found: Mismatches
) -> None:
    choice = choice_of(card, values["model"])
    own = SeriesChoice.of(series)
    found.check("mask", str(choice), str(own), lambda: require_choice(series, choice, images, ""))
    bands = series.bands
    found.check(
        "bands", ", ".join(card.bands), ", ".join(bands), lambda: card.require_bands(bands, images)
    )
    found.check(
        "level", card.level or "not known", series.level or "not known",
        lambda: card.require_level(series.level, images),
    )  # fmt: skip
    wanted = parse_season(values["season"]) if "season" in values else series.season
    dates = [item.date for item in series.acquisitions]
    _compare_season(wanted, dates, card, values, found)
    if all(band in bands for band in card.bands):
        _compare_reflectance(replace(series, bands=card.bands), card, images, found)


def _compare_images(
    images: str, card: ModelCard, values: dict[str, Any], found: Mismatches, ctx: JobContext
) -> None:
    choice = choice_of(card, values["model"])
    options = replace(options_of(values), bands=card.bands, mask=choice.mask)
    seen = inspect_images(images, options.wanted)
    ctx.check()
    for item in seen.joined():
        if item.severity == "error":
            what = _ABOUT.get(item.code, "images")
            needed = ", ".join(options.wanted.needed) if what == "bands" else ""
            found.add(what, needed, f"{item.subject}: {item.found}", item.remedy)
    grids = seen.scan.grids
    if not grids:
        return
    if len(grids) > 1:
        texts = [grid_text(series_grid(members[0], options.wanted)) for members in grids]
        found.add(
            "grids", "one grid", f"{len(grids)} grids: {'; '.join(texts[:SHOWN])}",
            "Name the images of one of them.",
        )  # fmt: skip
    members = sorted(grids[0], key=lambda image: (image.date, image.source))
    level = next((image.level for image in members if image.level), "")
    found.check(
        "level", card.level or "not known", level or "not known",
        lambda: card.require_level(level, images),
    )  # fmt: skip
    dates = [image.date for image in members]
    usual = recurring_season(card.season, dates)
    period = parse_season(values["season"]) if "season" in values else usual
    _compare_season(period, dates, card, values, found)
    series = _series(members, period, options, choice, level)
    if len(series.acquisitions) >= FEWEST_DATES:
        _compare_reflectance(series, card, images, found)


def _compare_season(
    period: Season, dates: Sequence[Any], card: ModelCard, values: dict[str, Any], found: Mismatches
) -> None:
    """Compare days and number of dates with those of training."""
    usual = recurring_season(card.season, dates)
    mend = {"season": season_text(usual)} if period != usual else None
    last = last_day(period, values.get("until"))
    inside = len({date for date in dates if period[0] <= date <= last})
    trained = card.training.get("dates")
    known = f"{trained} dates" if isinstance(trained, int) else "not told"
    if inside < FEWEST_DATES:
        found.add(
            "dates", known, f"{inside} in {season_text(period)}",
            "Choose the season of the images, or add images.", mend=mend,
        )  # fmt: skip
        return
    if mend is not None:
        found.add(
            "season", f"{card.season[0]} to {card.season[1]}", season_text(period),
            "Take the model's season in the images' year.", mend=mend, severity="warning",
        )  # fmt: skip
    if isinstance(trained, int) and inside < trained / 2:
        found.add(
            "dates", known, f"{inside} in {season_text(period)}",
            "Add images: with far fewer dates than in training maps are less accurate.",
            severity="warning",
        )  # fmt: skip


def _series(
    members: Sequence[Image],
    period: Season,
    options: SeriesOptions,
    choice: SeriesChoice,
    level: str,
) -> TimeSeries:
    """Return the images of a season as a series whose shares of clouds are not known."""
    last = last_day(period, options.until)
    acquisitions = tuple(
        Acquisition(
            image.date,
            (image.date - period[0]).days,
            (pass_of(image, options.used_bands, choice.mask),),
            0.0,
            1.0,
        )
        for image in members
        if period[0] <= image.date <= last
    )
    grid = series_grid(members[0], options.wanted)
    return TimeSeries(grid, options.used_bands, period, level, acquisitions, choice.mask)


def _compare_reflectance(
    series: TimeSeries, card: ModelCard, images: str, found: Mismatches
) -> None:
    """Compare reflectance in the middle with that of training: scale, offset, order of bands."""
    with SeriesReader(series) as reader:
        finding = unlike_reflectance(reader, card, images)
    if finding is not None:
        found.add(
            "reflectance", "as in training", finding.found, finding.remedy, severity="warning"
        )
