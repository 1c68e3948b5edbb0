"""Nothing of any page is cut off, in any language, on any screen, in any theme of QGIS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

LANGUAGES = ("en", "de", "fr")
HERE = Path(__file__).resolve().parent


@pytest.mark.parametrize(
    ("scale", "theme"),
    [("1", "default"), ("2", "default"), ("1", "Blend of Gray"), ("1", "Night Mapping")],
)
def test_nothing_is_cut_off_in_any_language(
    plugin: SimpleNamespace, tmp_path: Path, scale: str, theme: str
) -> None:
    folders = [str(plugin.root.parent), str(HERE), "/usr/share/qgis/python/plugins"]
    done = subprocess.run(
        [sys.executable, str(HERE / "widths_child.py"), *folders, theme, *LANGUAGES],
        env={**os.environ, "QT_SCALE_FACTOR": scale, "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path)},
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert found == [], "\n".join(map(str, found))
