"""Fixtures that every folder of tests shares."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("CSCL_SHARED_DATA", ROOT.parent / "shared"))
sys.path.insert(0, str(ROOT / "backend"))

try:
    from hypothesis import HealthCheck, settings
except ImportError:  # the QGIS environment runs no property tests
    pass
else:
    common = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
    settings.register_profile("ci", max_examples=200, derandomize=True, **common)
    settings.register_profile("properties", max_examples=2000, derandomize=True, **common)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the repository; skips where it is absent."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("the folder shared/data with real images and parcels is not beside this clone")
    return folder


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """The folder of reference values beside the repository; skips where it is absent."""
    folder = SHARED / "reference"
    if not folder.is_dir():
        pytest.skip("the folder shared/reference is not beside this clone")
    return folder
