"""Which images there are: their forms, dates, bands and grids, with all that is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cscl.contract.errors import Finding, Findings, UserError
from cscl.series.checks import check_bands, check_levels, grouped, newest_baselines
from cscl.series.entries import IMAGE_SUFFIXES, list_entries
from cscl.series.formats import FORMATS
from cscl.series.grids import check_band_grids, split_by_grid
from cscl.series.image_table import check_names, with_table
from cscl.series.images import Image, Wanted

SHOWN = 5


@dataclass
class Scan:
    """All images found, the most common grid's first, and what should be said about them."""

    grids: list[list[Image]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def images(self) -> list[Image]:
        """The images of all grids."""
        return [image for images in self.grids for image in images]


@dataclass
class Inspection:
    """All that was found, usable or not: `scan` holds what is left where nothing speaks against.

    `entries` are the files and products that were looked at, `described` the images among them
    that could be described. `findings` name file or image each, and are not joined yet. `wanted`
    is what was looked for.
    """

    wanted: Wanted
    scan: Scan = field(default_factory=Scan)
    entries: list[Path] = field(default_factory=list)
    described: list[Image] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)

    def joined(self) -> list[Finding]:
        """Return the findings as people read them: alike ones as one, with a table to fill in."""
        return with_table(grouped(self.findings.items))


def scan_images(images: str, wanted: Wanted) -> Scan:
    """Return the images of a folder, a file, or several joined by ';'.

    Raises one `UserError` with every finding: no date, bands missing, another type, grid or
    reference system, files that cannot be opened.
    """
    found = inspect_images(images, wanted)
    findings = Findings()
    findings.items = found.joined()
    findings.raise_errors()
    return found.scan


def inspect_images(images: str, wanted: Wanted) -> Inspection:
    """Return what `scan_images` finds, with what stands against it instead of an error.

    Raises `UserError` where nothing is named, or nothing in it is an image of a known form.
    """
    entries = list_entries(images)
    result = Inspection(wanted, entries=entries)
    findings, notes = result.findings, result.scan.notes
    found = result.described = _describe(entries, images, wanted, findings, notes)
    check_names(
        wanted.hints, [*(path.name for path in entries), *(i.source for i in found)], findings
    )
    for image in found:
        check_bands(image, wanted, findings)
    complete = [image for image in found if all(name in image.assets for name in wanted.needed)]
    for image in complete:
        check_band_grids(image, wanted, findings)
    grids = split_by_grid(complete, wanted, findings)
    check_levels(found, images, findings)
    result.scan.grids = [newest_baselines(members, notes) for members in grids]
    return result


def _describe(
    entries: Sequence[Path], subject: str, wanted: Wanted, findings: Findings, notes: list[str]
) -> list[Image]:
    """Let each format describe what it claims; the first that claims a file has it."""
    rest = list(entries)
    found: list[Image] = []
    claimed_any = False
    for kind in FORMATS:
        claimed = kind.claim(rest)
        if not claimed:
            continue
        claimed_any = True
        taken = set(claimed)
        rest = [path for path in rest if path not in taken]
        found += kind.describe(claimed, wanted, findings, notes)
    if not claimed_any:
        raise _no_images(entries, subject)
    ignored = [path.name for path in rest if path.suffix.lower() in IMAGE_SUFFIXES]
    if ignored:
        shown = ", ".join(ignored[:SHOWN]) + (", ..." if len(ignored) > SHOWN else "")
        notes.append(f"{subject}: images of no known form were ignored ({shown}).")
    return found


def _no_images(entries: Sequence[Path], subject: str) -> UserError:
    forms = "; ".join(kind.title for kind in FORMATS)
    return UserError(
        "no_images",
        subject,
        f"it holds no images of a known form ({len(entries)} other files)",
        f"Known are: {forms}.",
    )
