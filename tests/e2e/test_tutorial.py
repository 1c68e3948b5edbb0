"""The commands of docs/first-map.md, run in their order as they stand there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "first-map.md"
# Smaller than on the page and trained for a few steps, so that it takes seconds.
SMALLER = {"--size": "96", "--dates": "6"}
ENGINE = ROOT / "tests" / "short_engine.py"


def commands() -> list[list[str]]:
    """Return the words of every command of the page."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if line.strip()]


@pytest.mark.timeout(1200)
def test_the_commands_of_the_first_map(chain: Any, tmp_path: Path) -> None:
    # The page's other area: here it is one that was simulated for other tests.
    (tmp_path / "other_area").symlink_to(chain.scene)
    names = []
    for words in commands():
        assert words[0] == ".venv/bin/cscl"
        words = [
            SMALLER.get(before, word) for before, word in zip(["", *words], words, strict=False)
        ]
        names.append(words[1])
        command = [sys.executable, str(ENGINE), *words[1:]]
        done = subprocess.run(
            command, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "backend")},
        )  # fmt: skip
        assert done.returncode == 0, (words, done.stdout[-2000:], done.stderr[-2000:])
    assert names == ["simulate", "pipeline", "map"]
    for name in ("scene/parcels.gpkg", "result/report.html", "result/map/crops.tif",
                 "result/parcels.gpkg", "other_map/crops.tif"):  # fmt: skip
        assert (tmp_path / name).is_file(), name
