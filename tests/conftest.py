"""Fixtures that every folder of tests shares."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("CSCL_SHARED_DATA", ROOT.parent / "shared"))
sys.path.insert(0, str(ROOT / "backend"))
# As the command line does: spinning threads would starve each other on a busy machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

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


class Chain:
    """The smallest real chain: a simulated scene and every result that follows from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scene = folder / "scene"
        self.scene_parcels = self.scene / "parcels.gpkg"
        self.truth = self.scene / "truth" / "truth_2m5.tif"
        self.series = folder / "scene.series.json"
        self.dataset = folder / "dataset"
        self.pretrained = folder / "pretrained"
        self.model = folder / "model"
        self.map = folder / "map"
        self.parcels = folder / "parcels.gpkg"

    def jobs(self) -> list:
        """Every job in its order, small enough for seconds on one core."""
        from cscl.contract.jobs import make_job

        training = {"dataset": str(self.dataset), "preset": "quick", "width": 0.125, "epochs": 1}
        parcels = {"parcels": str(self.scene_parcels), "class_field": "crop"}
        steps = [
            ("simulate", {"size": 96, "dates": 6, "crops": 4, "seed": 3, "output": self.scene}),
            ("series", {"images": self.scene, "output": self.series}),
            ("dataset", {"images": self.series, "chip": 16, "output": self.dataset, **parcels}),
            ("pretrain", {"output": self.pretrained, **training}),
            ("finetune", {"model": self.pretrained, "output": self.model, **training}),
            ("map", {"images": self.series, "model": self.model, "output": self.map}),
            ("parcels", {"map": self.map, "output": self.parcels, **parcels}),
        ]
        return [
            make_job(name, {k: str(v) if isinstance(v, Path) else v for k, v in values.items()})
            for name, values in steps
        ]


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """A real chain of results, made once a session; tests read it and never change it."""
    import torch
    from cscl.context import JobContext
    from cscl.dispatch import perform, perform_within
    from cscl.outputs import writes_folder

    torch.set_num_threads(1)
    built = Chain(tmp_path_factory.mktemp("chain"))
    for job in built.jobs():
        (perform_within if writes_folder(job) else perform)(job, JobContext())
    return built
