"""The rows of faults that have landed: each has a test that carries its number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "tests" / "faults" / "README.md"
LAST_ROW = 72
# What the first version promises; a row may join the list, none of these may leave it.
PROMISED = {1, 2, 3, 4, 6, 7, 8, 13, 14, 15, 16, 21, 26, 27, 28, 36, 43, 49, 53, 57, 60}
PROMISED |= {50, 51, 52, 54, 55, 56}


def listed_rows() -> list[int]:
    """Return the rows of the table."""
    return [int(row) for row in re.findall(r"^\| (\d+) \|", LIST.read_text("utf-8"), re.MULTILINE)]


def rows_with_tests() -> dict[int, set[str]]:
    """Return for each row the files whose tests carry its number."""
    found: dict[int, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for row in re.findall(r"^\s*def test_f(\d\d)_\w", path.read_text("utf-8"), re.MULTILINE):
            found.setdefault(int(row), set()).add(path.name)
    return found


@pytest.mark.parametrize("row", listed_rows())
def test_a_listed_row_has_a_test(row: int) -> None:
    assert rows_with_tests().get(row, set()) != set(), f"no test is named test_f{row:02}_..."


def test_the_list_is_in_order_and_complete() -> None:
    rows = listed_rows()
    assert rows == sorted(set(rows))
    assert PROMISED - set(rows) == set()
    assert set(rows_with_tests()) <= set(range(1, LAST_ROW + 1))


def test_rows_are_named_with_two_digits() -> None:
    wrong = [
        (path.name, name)
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_f\d_\w+|test_f\d{3,}_\w+)", path.read_text("utf-8"))
    ]
    assert wrong == []
