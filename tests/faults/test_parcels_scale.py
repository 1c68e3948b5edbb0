"""Many parcels and many corners: a stream, with bounded memory and progress that moves.

The figures are a tenth of a country's: 10^5 features and 2 x 10^5 corners; `CSCL_PARCELS=1000000`
gives the whole. What is kept follows from the ground of the images, not from the layer.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from cscl.context import JobContext
from cscl.dataset.parcels import read_parcels
from parcel_layers import GRID, refused
from small_scene import LEFT, TOP, UTM

COUNT = int(os.environ.get("CSCL_PARCELS", "100000"))
CORNERS = COUNT * 2
SIDE = 50.0
# One batch and what libraries keep; 28 MiB are usual, also for 10^6 parcels.
GROWTH = 64 * 2**20


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A layer whose parcels reach far beyond the images."""
    width = int(np.sqrt(COUNT))
    number = np.arange(COUNT)
    x, y = LEFT + number % width * SIDE * 1.2, TOP - number // width * SIDE * 1.2
    crops = np.array(["maize", "wheat", "beet"])[number % 3]
    path = tmp_path_factory.mktemp("country") / "a.gpkg"
    layer = gpd.GeoDataFrame(
        {"crop": crops}, geometry=shapely.box(x, y - SIDE, x + SIDE, y), crs=UTM
    )
    layer.to_file(path, layer="p")
    return path


CHILD = """
import resource, sys
from cscl.context import JobContext
from cscl.dataset.parcels import read_parcels
from parcel_layers import GRID
first = int(sys.argv[2])
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
ctx = JobContext()
if first:
    read_parcels(sys.argv[3], "crop", [GRID], ctx)
before = peak()
parcels = read_parcels(sys.argv[1], "crop", [GRID], JobContext())
print(len(parcels.fids), peak() - before)
"""


def child(path: Path, small: Path, root: Path) -> tuple[int, int]:
    """Return how many parcels another process kept, and by how much its memory grew."""
    folders = (root / "backend", root / "tests")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, folders))}
    result = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), "1", str(small)],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    count, grown = result.stdout.split()
    return int(count), int(grown)


def test_f47_memory_follows_the_images_not_the_layer(
    country: Path, root: Path, tmp_path: Path
) -> None:
    small = tmp_path / "small.gpkg"
    gpd.read_file(country, rows=100).to_file(small, layer="p")
    count, grown = child(country, small, root)
    assert count == 100  # ten by ten on 600 m
    assert grown < GROWTH, f"{grown / 2**20:.0f} MiB"


def test_f47_progress_moves_and_the_job_can_be_stopped(country: Path) -> None:
    from cscl.contract.errors import Cancelled

    steps: list[tuple[str, int, int]] = []
    ctx = JobContext()
    ctx.listener.progress = lambda *step: steps.append(step)  # type: ignore[method-assign]
    read_parcels(str(country), "crop", [GRID], ctx)
    done = [done for stage, done, _ in steps if stage == "parcels read"]
    assert done[0] == 0 and done[-1] == COUNT and done == sorted(done)
    assert len(done) >= COUNT // 2000 and all(total == COUNT for _, _, total in steps)
    ctx = JobContext()

    def stop(stage: str, done: int, total: int) -> None:
        ctx.cancelled = done > COUNT // 2

    ctx.listener.progress = stop  # type: ignore[method-assign]
    with pytest.raises(Cancelled):
        read_parcels(str(country), "crop", [GRID], ctx)


def test_f47_a_polygon_of_many_corners(tmp_path: Path) -> None:
    turn = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    radius = 200 + 20 * np.cos(turn * 5000)
    points = np.stack(
        [LEFT + 300 + radius * np.cos(turn), TOP - 300 + radius * np.sin(turn)], axis=1
    )
    star = shapely.Polygon(points)
    hole = shapely.Polygon(star.exterior, [shapely.box(LEFT + 290, TOP - 310, LEFT + 310, TOP - 290)
                                           .exterior])  # fmt: skip
    path = tmp_path / "a.gpkg"
    gpd.GeoDataFrame({"crop": ["maize"]}, geometry=[hole], crs=UTM).to_file(path, layer="p")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    parcels = read_parcels(str(path), "crop", [GRID], JobContext())
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert shapely.get_num_coordinates(parcels.shapes[0]) == CORNERS + 1 + 5
    assert shapely.area(parcels.shapes[0]) == pytest.approx(hole.area)
    assert grown < GROWTH + 500 * CORNERS


def test_f47_many_faults_are_counted_and_few_named(tmp_path: Path) -> None:
    count = 12_000
    shapes = [shapely.Point(LEFT, TOP)] * count
    path = tmp_path / "a.gpkg"
    gpd.GeoDataFrame({"crop": ["a"] * count}, geometry=shapes, crs=UTM).to_file(path, layer="p")
    assert "none of its 12000 features is a polygon" in str(refused(path))
