"""A dataset with an area or a year more: what it takes over of the one it is appended to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cscl.contract import strict_json
from cscl.contract.class_csv import read_class_table
from cscl.contract.errors import Findings
from cscl.contract.jobs import DatasetJob
from cscl.contract.resolutions import resolution_of
from cscl.dataset.checks import SEASON_TOLERANCE
from cscl.dataset.grids import label_folder, series_path
from cscl.dataset.reader import DESCRIPTION, Dataset
from cscl.dataset.shards import STORE, Totals
from cscl.dataset.split import SPLITS
from cscl.series.choice import SeriesChoice
from cscl.series.model import TimeSeries
from cscl.series.season import season_text
from cscl.series.stac import write_series

# What a job may say about a dataset that it appends to: the same, or nothing.
_SAME = ("chip", "margin", "factor", "outside", "chips")
_SPLIT = ("split_field", "split_layer", "folds", "fold", "hold_out")


@dataclass(frozen=True)
class Before:
    """The dataset that another is appended to, and its description as it is written."""

    dataset: Dataset
    description: Mapping[str, Any]

    @classmethod
    def open(cls, folder: str) -> Before:
        """Open it; raises `UserError` where it is none or cannot be split further."""
        dataset = Dataset.open(Path(folder).absolute())
        findings = Findings()
        if not dataset.split_plan.by_place:
            findings.error(
                "append_split",
                f"dataset {folder}",
                f"it is split by {dataset.split_plan.kind}, which says nothing about new ground",
                "Append to a dataset that is split by blocks, or build one over all images.",
            )
        findings.raise_errors()
        return cls(dataset, strict_json.read(dataset.folder / DESCRIPTION))

    @property
    def parcels(self) -> int:
        """The number of its parcels, whose ids come first."""
        return len(self.dataset.parcel_table())

    @property
    def totals(self) -> Totals:
        """What its training pixels add up to."""
        return Totals.from_json(self.description["totals"])

    def split_codes(self) -> list[int]:
        """Return the split of each of its parcels."""
        return [SPLITS.index(name) + 1 if name else 0
                for name in self.dataset.parcel_table()["split"]]  # fmt: skip

    def adapted(self, job: DatasetJob) -> DatasetJob:
        """Return the job with this dataset's options; raises `UserError` with all that differ."""
        findings = Findings()
        own = {name: self.description["cells" if name == "chips" else name] for name in _SAME}
        defaults = {name: DatasetJob.__dataclass_fields__[name].default for name in _SAME}
        for name, value in own.items():
            if getattr(job, name) not in (defaults[name], value):
                self._differs(job, findings, name, getattr(job, name), value)
        usual = DatasetJob.__dataclass_fields__["resolution"].default
        known = ("10", usual, resolution_of(own["factor"]))
        if job.factor is None and job.resolution not in known:
            old = f"fine labels {own['factor']} times finer than 10 m"
            self._differs(job, findings, "resolution", job.resolution, old)
        bands = self.dataset.bands
        if job.bands and tuple(job.bands) != bands:
            self._differs(job, findings, "bands", ", ".join(job.bands), ", ".join(bands))
        if job.classes and read_class_table(job.classes).classes != self.dataset.classes.classes:
            self._differs(job, findings, "classes", job.classes, "another class table")
        if job.rare_pixels:
            self._differs(job, findings, "rare_pixels", job.rare_pixels, "classes as they are")
        kind = self.dataset.split_plan.kind
        given = {name: getattr(job, name) for name in _SPLIT if getattr(job, name) is not None}
        if job.split not in ("blocks", kind):
            given["split"] = job.split
        for name, value in given.items():
            self._differs(job, findings, name, value, f"split {kind}")
        findings.raise_errors()
        return replace(job, **own, bands=bands)

    def check_series(self, series: Mapping[str, TimeSeries], images: str) -> None:
        """Refuse series that do not go with this dataset's, with everything that differs."""
        findings = Findings()
        first = self.dataset.grids[0]
        for name, item in series.items():
            choice = SeriesChoice.of(item).to_json()
            for title, new, old in (
                ("level", item.level, self.dataset.level),
                ("cloud mask and frames", choice, self.description["series"]),
                ("pixels", item.grid.resolution, first.grid.resolution),
            ):
                if new != old:
                    findings.error(
                        "append_differs",
                        f"{images}, {name}",
                        f"its {title}: {new}; that of the dataset: {old}",
                        "Define the time series as that of the dataset.",
                    )
            lengths = [(part[1] - part[0]).days for part in (item.season, first.season)]
            if abs(lengths[0] - lengths[1]) > SEASON_TOLERANCE:
                findings.error(
                    "season_length",
                    f"{images}, {name}",
                    f"its season is {season_text(item.season)}, that of the dataset "
                    f"{season_text(first.season)}",
                    "Give seasons of one length.",
                )
        findings.raise_errors()

    def take_over(self, folder: Path) -> None:
        """Put the grids of this dataset into another's folder; its own files are not changed."""
        for place in self.dataset.grids:
            labels = label_folder(folder, place.name)
            _link_tree(label_folder(self.dataset.folder, place.name), labels)
            store = folder / STORE / place.name
            _link_tree(self.dataset.folder / STORE / place.name, store)
            # Links to images are relative to the folder.
            write_series(place.series(), series_path(folder, place.name))

    def _differs(
        self, job: DatasetJob, findings: Findings, name: str, new: object, old: object
    ) -> None:
        findings.error(
            "append_differs",
            f"{name} {new}",
            f"the dataset {job.append} has {old}",
            "Leave it out: what is appended is made as the dataset was.",
        )


def _link_tree(source: Path, target: Path) -> None:
    """Link all files of a folder, or copy them where the disk has no such links."""
    for path in sorted(source.rglob("*")):
        place = target / path.relative_to(source)
        if path.is_dir() or place.exists():
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, place)
        except OSError:
            shutil.copy2(path, place)
