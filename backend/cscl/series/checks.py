"""What must hold of all images together: bands, types, levels, baselines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cscl.contract.errors import Finding, Findings
from cscl.series.image_table import is_asked_for
from cscl.series.images import Image, Wanted
from cscl.series.model import bands_missing
from cscl.series.names import is_mask

DTYPES = ("uint16", "int16")
# A mask holds whole numbers; reflectance as numbers with a point needs a scale that is written.
MASK_DTYPES = (*DTYPES, "uint8")
FLOATS = ("float32", "float64")


def grouped(items: Sequence[Finding]) -> list[Finding]:
    """Join findings that differ in the file alone: a hundred images often lack the same band."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for item in items:
        groups.setdefault((item.code, item.found, item.remedy), []).append(item)
    return [
        replace(group[0], subject=_subject(group)) if len(group) > 1 else group[0]
        for group in groups.values()
    ]


def _subject(group: Sequence[Finding]) -> str:
    """Return what a group of findings is about: every image of which something is asked for."""
    if is_asked_for(group[0]):
        others = dict.fromkeys(Path(item.subject).name for item in group)
        return ", ".join([group[0].subject, *list(others)[1:]])
    files = {item.subject for item in group}
    if len(files) == 1:  # a cube: one file of many dates
        return f"{group[0].subject} ({len(group)} images)"
    return f"{group[0].subject} and {len(group) - 1} more images"


def check_bands(image: Image, wanted: Wanted, findings: Findings) -> None:
    """Report bands that an image lacks, and types that are no reflectance."""
    needed, found = wanted.needed, tuple(image.assets)
    if any(name not in found for name in needed):
        extra = ""
        if wanted.mask_band and all(name in found for name in wanted.bands):
            extra = f"Add the band {wanted.mask_band}, or choose no cloud mask."
        findings.items.extend(bands_missing(image.path, needed, found, extra).findings)
        return
    wrong = {
        name: image.assets[name].dtype
        for name in needed
        if not _type_fits(name, image.assets[name].dtype, image.assumed_scale)
    }
    if wrong:
        kinds = ", ".join(sorted(set(wrong.values())))
        findings.error(
            "wrong_type",
            image.path,
            f"its bands {', '.join(wrong)} are of type {kinds}",
            "Store the mask's classes as whole numbers: uint8, uint16 or int16."
            if all(is_mask(name) for name in wrong)
            else "Store reflectance times 10000 as uint16 or int16, or give the scale in an image "
            "table.",
        )


def _type_fits(name: str, dtype: str, assumed_scale: bool) -> bool:
    if is_mask(name):
        return dtype in MASK_DTYPES
    return dtype in DTYPES or (dtype in FLOATS and not assumed_scale)


def check_levels(images: Sequence[Image], subject: str, findings: Findings) -> None:
    """Report processing levels that are mixed."""
    levels = Counter(image.level for image in images if image.level)
    if len(levels) > 1:
        counts = ", ".join(f"{count} of {level}" for level, count in sorted(levels.items()))
        findings.error(
            "levels_mixed",
            subject,
            f"it mixes processing levels: {counts}",
            "Keep images of one level in a folder.",
        )


def newest_baselines(images: Sequence[Image], notes: list[str]) -> list[Image]:
    """Keep of products of one datatake and tile those of the newest processing baseline.

    There are several where the ground segment delivers a tile in strips; passes of a day are merged
    later.
    """
    newest: dict[str, Image] = {}
    for image in images:
        if image.product is None:
            continue
        take, baseline = image.product
        best = newest.get(take)
        if best is None or best.product is None or baseline > best.product[1]:
            newest[take] = image
    kept: list[Image] = []
    for image in images:
        winner = newest[image.product[0]] if image.product else image
        if winner.product == image.product:
            kept.append(image)
        else:
            notes.append(
                f"{image.source} and {winner.source} are one datatake: the newer processing "
                f"baseline, {winner.source}, is used."
            )
    return kept
