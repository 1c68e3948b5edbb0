"""The comparison with other plugins: nothing is claimed that no test or picture shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
# Rows in which this plugin claims nothing, or which are about what it lacks.
NOTHING_CLAIMED = {10, 14, 22, 28, 29, 37, 38, 46, 54, 55}
SECTIONS = PAGE.split("\n## ")[1:]


def rows_of(section: str) -> dict[int, list[str]]:
    """Return the cells of each numbered row of a section's table."""
    lines = [line for line in section.splitlines() if re.match(r"\| \d+ \|", line)]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return {int(row[0]): row for row in cells}


def shown_in(section: str) -> set[int]:
    """Return the rows for which the section names a test or a picture."""
    _, _, text = section.partition("Shown by: ")
    return {int(n) for n in re.findall(r"(\d+)(?=[, 0-9]* `|[, 0-9]* picture)", text)}


def test_the_rows_are_numbered_through() -> None:
    numbers = [number for section in SECTIONS for number in rows_of(section)]
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) > 50


def test_every_claim_names_what_shows_it() -> None:
    for section in SECTIONS:
        claimed = set(rows_of(section)) - NOTHING_CLAIMED
        assert claimed - shown_in(section) == set(), section.splitlines()[0]


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(tests/[\w/]+\.py(?:::\w+)?)`", PAGE))))
def test_what_is_named_is_there(name: str) -> None:
    path, _, function = name.partition("::")
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not function or re.search(rf"def {function}\(", text)


def test_pictures_and_sources_are_there() -> None:
    for picture in re.findall(r"`(docs/images/[\w.-]+)`", PAGE):
        assert (ROOT / picture).is_file()
    listed = set(re.findall(r"^\| ([A-Z]\d) \|", PAGE, re.MULTILINE))
    cited = {name for group in re.findall(r"\[([A-Z]\d(?:, [A-Z]\d)*)\]", PAGE)
             for name in group.split(", ")}  # fmt: skip
    assert cited == listed
