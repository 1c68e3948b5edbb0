"""Parcels from a map: every pixel of a crop in one polygon, whatever the tiles."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from cscl.context import JobContext
from cscl.contract import strict_json
from cscl.contract.classes import ClassTable
from cscl.contract.errors import Cancelled, UserError
from cscl.contract.jobs import PolygonsJob, SimulateJob
from cscl.dispatch import perform
from cscl.grid import Grid, Window
from cscl.polygons.components import Components
from cscl.polygons.pixels import MapPixels
from cscl.simulation.scene import build_scene
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rasterio import features
from scipy import ndimage

NAMES = ["barley", "maize", "wheat"]


def write_map(
    folder: Path,
    codes: np.ndarray,
    boundary: np.ndarray | None = None,
    *,
    confidence: np.ndarray | None = None,
    names: list[str] = NAMES,
    fine: bool = False,
) -> Path:
    """Write the parts of a map folder that polygons are drawn from; shares are in 1/250."""
    folder.mkdir()
    size, tail = (2.5, "_2m5") if fine else (10.0, "")
    grid = Grid("EPSG:32631", (size, 0.0, 5e5, 0.0, -size, 5.6e6), codes.shape[1], codes.shape[0])
    document = {
        "schema": 1, "outside": "class", "grid": grid.to_json(), "training": {},
        "classes": ClassTable.from_values(names).to_json(),
    }  # fmt: skip
    (folder / "map.json").write_text(strict_json.dump(document))
    zero = np.zeros(codes.shape, np.uint8)
    layers = {
        "crops": codes,
        "boundary": zero if boundary is None else boundary,
        "confidence": zero + 200 if confidence is None else confidence,
    }
    for name, values in layers.items():
        for file in {f"{name}{tail}.tif", f"{name}.tif"}:
            with rasterio.open(
                folder / file, "w", driver="GTiff", width=codes.shape[1], height=codes.shape[0],
                count=1, dtype="uint8", crs=grid.crs, transform=grid.affine,
            ) as raster:  # fmt: skip
                raster.write(values.astype(np.uint8), 1)
    return folder


def draw(folder: Path, output: Path, **values: Any) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    ctx = JobContext()
    perform(PolygonsJob(map=str(folder), output=str(output), **values), ctx)
    return gpd.read_file(output), ctx.noted


@pytest.fixture(scope="module")
def truth() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The true crops of a simulated scene at 2.5 m, 254 elsewhere, and parcels by number."""
    job = SimulateJob(output="none", size=96, dates=2, seed=3)
    scene = build_scene(job, JobContext())
    left, bottom, right, top = scene.bounds
    transform = rasterio.transform.from_bounds(left, bottom, right, top, 384, 384)
    numbers = features.rasterize(
        [(shape, n + 1) for n, shape in enumerate(scene.parcels)], (384, 384), transform=transform,
        dtype="int32",
    )  # fmt: skip
    codes = np.concatenate([[254], scene.crop_of + 1])[numbers].astype(np.uint8)
    return codes, numbers, list(scene.table.names)


def edges_of(numbers: np.ndarray) -> np.ndarray:
    """Return full strength at the pixels on both sides of every edge between parcels."""
    edge = np.zeros(numbers.shape, bool)
    for one, other in (
        ((slice(1, None), slice(None)), (slice(None, -1), slice(None))),
        ((slice(None), slice(1, None)), (slice(None), slice(None, -1))),
    ):
        differs = (numbers[one] != numbers[other]) & (numbers[one] > 0) & (numbers[other] > 0)
        edge[one] |= differs
        edge[other] |= differs
    return edge * np.uint8(250)


def overlap(shapes: gpd.GeoSeries) -> float:
    return float(shapes.area.sum() - shapely.union_all(shapes.to_numpy()).area)


# On a simulated scene


def test_every_pixel_of_a_crop_is_in_one_polygon_of_it(truth, tmp_path: Path) -> None:
    codes, _, names = truth
    folder = write_map(tmp_path / "map", codes, names=names, fine=True)
    frame, notes = draw(folder, tmp_path / "out.gpkg", minimum_area=0.0, tolerance=0.0)
    crops = [code for code in np.unique(codes) if code not in (0, 254)]
    # Components of each class over the whole raster at once.
    assert len(frame) == sum(ndimage.label(codes == code)[1] for code in crops)
    for code in crops:
        area = (codes == code).sum() * 2.5**2
        found = frame[frame.crop_code == code]
        assert found.area.sum() == pytest.approx(area, rel=1e-6)
        assert set(found.crop_name) == {names[code - 1]}
    again = features.rasterize(
        zip(frame.geometry, frame.crop_code, strict=True), codes.shape, fill=254,
        transform=rasterio.open(folder / "crops_2m5.tif").transform, dtype="uint8",
    )  # fmt: skip
    assert (again == codes).all()
    assert frame.area_ha.to_numpy() == pytest.approx(frame.area.to_numpy() / 1e4, abs=1e-4)
    assert abs(overlap(frame.geometry)) < 1e-6 * frame.area.sum()
    assert any(
        "strength that comes from class probabilities cannot part them" in note for note in notes
    )
    assert frame.crs.to_epsg() == 32631


def test_tiles_change_nothing(truth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    codes, numbers, names = truth
    folder = write_map(tmp_path / "map", codes, edges_of(numbers), names=names, fine=True)
    whole, _ = draw(folder, tmp_path / "whole.gpkg")
    for side in (53, 128):
        monkeypatch.setattr("cscl.polygons.job.TILE", side)
        tiled, _ = draw(folder, tmp_path / f"{side}.gpkg")
        assert tiled.drop(columns="geometry").equals(whole.drop(columns="geometry"))
        assert tiled.geometry.to_wkb().equals(whole.geometry.to_wkb())


def test_strong_boundaries_part_neighbours_of_one_crop(truth, tmp_path: Path) -> None:
    codes, numbers, names = truth
    folder = write_map(tmp_path / "map", codes, edges_of(numbers), names=names, fine=True)
    one, _ = draw(folder, tmp_path / "one.gpkg", strength=1.0, minimum_area=1000.0)
    plain = write_map(tmp_path / "plain", codes, names=names, fine=True)
    merged, _ = draw(plain, tmp_path / "merged.gpkg", minimum_area=1000.0)
    assert len(one) > len(merged)
    assert one.area.sum() == pytest.approx(merged.area.sum(), rel=0.005)
    # Most parcels that are large enough have a polygon that is theirs by nine tenths both ways.
    transform = rasterio.open(folder / "crops_2m5.tif").transform
    drawn = features.rasterize(
        [(shape, n + 1) for n, shape in enumerate(one.geometry)], codes.shape, transform=transform,
        dtype="int32",
    )  # fmt: skip
    sizes = np.bincount(numbers.ravel())
    large = [n for n in range(1, len(sizes)) if sizes[n] >= 800]
    good = 0
    for number in large:
        inside = np.bincount(drawn[numbers == number])
        inside[:1] = 0
        best = int(inside.argmax())
        good += inside[best] > 0.9 * max(sizes[number], (drawn == best).sum())
    assert len(large) > 15 and good >= 0.9 * len(large)


def test_coverage_has_no_gap_and_no_overlap(truth, tmp_path: Path) -> None:
    codes, numbers, names = truth
    codes = np.where(codes == 254, len(names) + 1, codes).astype(np.uint8)
    folder = write_map(tmp_path / "map", codes, edges_of(numbers), names=[*names, "~grass"])
    frame, _ = draw(folder, tmp_path / "out.gpkg", minimum_area=5000.0)
    shapes = frame.geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes) and shapely.is_valid(shapes).all()
    whole = shapely.union_all(shapes)
    assert whole.geom_type == "Polygon" and not whole.interiors
    assert abs(overlap(frame.geometry)) < 1e-6 * whole.area
    assert whole.area == pytest.approx(codes.size * 100.0, rel=1e-3)
    # Simplified by three pixels, an outline has far fewer vertices than corners.
    rough, _ = draw(folder, tmp_path / "rough.gpkg", minimum_area=5000.0, tolerance=0.0)
    assert len(rough) == len(frame)
    corners = shapely.get_num_coordinates(shapely.simplify(rough.geometry.to_numpy(), 0)).sum()
    assert shapely.get_num_coordinates(shapes).sum() < 0.25 * corners
    assert rough.area.sum() == codes.size * 100.0


# On small maps


def test_values_of_a_small_map(tmp_path: Path) -> None:
    codes = np.full((12, 20), 1, np.uint8)
    codes[:, 10:] = 3
    codes[4:6, 3:5] = 254
    codes[8, 15] = 2  # a speck of maize in the wheat
    codes[:2, 18:] = 0
    confidence = np.where(codes == 1, 100, 225).astype(np.uint8)
    confidence[0, 0] = 255
    boundary = np.zeros(codes.shape, np.uint8)
    boundary[:, 9:11] = 50
    folder = write_map(tmp_path / "map", codes, boundary, confidence=confidence)
    frame, notes = draw(folder, tmp_path / "out.gpkg", minimum_area=300.0, tolerance=0.0)
    assert frame.crop_name.tolist() == ["barley", "wheat"]
    assert frame.crop_code.tolist() == [1, 3]
    assert frame.area_ha.tolist() == [1.16, 1.16]
    assert [len(shape.interiors) for shape in frame.geometry] == [1, 0]
    # The pixel without confidence does not count; the speck took the class around it.
    assert frame.confidence.tolist() == [0.4, 0.9]
    inner = np.zeros(codes.shape, bool)
    inner[1:-1, 1:9] = True
    inner[3:7, 3:5] = inner[4:6, 2:6] = False
    at = (codes == 1) & ~inner
    expected = boundary[at].mean() / 250
    assert frame.boundary_strength[0] == pytest.approx(expected, abs=1e-4)
    assert notes[0] == "2 parcels of 2 crops, 2.3 ha"
    assert "Other land and ground without data have no polygons" in notes
    labels = [
        item.get("label") for item in ElementTree.parse(tmp_path / "out.qml").iter("category")
    ]
    assert labels[:3] == NAMES and (tmp_path / "out.sld").is_file()


def test_deep_ground_of_strong_boundaries_is_a_piece_of_its_own(tmp_path: Path) -> None:
    codes = np.full((20, 30), 1, np.uint8)
    codes[:, 24:] = 3
    boundary = np.zeros(codes.shape, np.uint8)
    boundary[3:15, 3:15] = 63  # 0.252
    folder = write_map(tmp_path / "map", codes, boundary)
    frame, _ = draw(folder, tmp_path / "out.gpkg", minimum_area=0.0, tolerance=0.0)
    # Grown over by four pixels from every side, 4 x 4 are left of 12 x 12.
    assert frame.area_ha.tolist() == [4.64, 1.2, 0.16]
    assert frame.crop_code.tolist() == [1, 3, 1]
    again, _ = draw(folder, tmp_path / "two.gpkg", minimum_area=1700.0, tolerance=0.0)
    assert again.area_ha.tolist() == [4.8, 1.2]
    weaker, _ = draw(folder, tmp_path / "three.gpkg", minimum_area=0.0, strength=0.26)
    assert len(weaker) == 2


def test_small_pieces_join_their_own_class_first_then_the_longest_edge(tmp_path: Path) -> None:
    codes = np.full((16, 24), 3, np.uint8)
    codes[:, :12] = 1
    # Barley that reaches into the wheat is no piece of its own.
    codes[5, 12:15] = 1
    codes[14:, 10:14] = 2
    codes[0, 20:22] = 2
    folder = write_map(tmp_path / "map", codes)
    frame, _ = draw(folder, tmp_path / "out.gpkg", minimum_area=2000.0, tolerance=0.0)
    assert frame.crop_code.tolist() == [1, 3]
    # The maize below shares four sides with each: the lower number takes it; that above, wheat.
    assert frame.area_ha.tolist() == [1.99, 1.85]


def test_minimum_area_may_leave_a_piece_alone_and_says_so(tmp_path: Path) -> None:
    codes = np.zeros((9, 9), np.uint8)
    codes[4, 4] = 2
    codes[:2] = 1
    folder = write_map(tmp_path / "map", codes)
    frame, notes = draw(folder, tmp_path / "out.gpkg", minimum_area=500.0, tolerance=0.0)
    assert frame.area_ha.tolist() == [0.18, 0.01]
    assert "1 pieces below the minimum area have no data all around: they were kept" in notes


def test_pieces_that_touch_at_a_corner_are_two(tmp_path: Path) -> None:
    codes = np.full((6, 6), 254, np.uint8)
    codes[:3, :3] = codes[3:, 3:] = 1
    codes[1, 1] = 2
    codes[0, 0] = 2
    folder = write_map(tmp_path / "map", codes)
    frame, _ = draw(folder, tmp_path / "out.gpkg", minimum_area=0.0, tolerance=0.0)
    assert sorted(frame.area_ha) == [0.01, 0.01, 0.07, 0.09]
    assert frame.geometry.is_valid.all()


@given(arrays(np.uint8, (9, 11), elements=st.integers(0, 3)), st.integers(1, 8))
def test_components_of_tiles_are_those_of_the_whole(values: np.ndarray, side: int) -> None:
    parts = Components(11)
    store = np.zeros(values.shape, np.uint32)
    for row in range(0, 9, side):
        for column in range(0, 11, side):
            tile = Window(row, column, min(side, 9 - row), min(side, 11 - column))
            store[tile.slices] = parts.add(values[tile.slices], tile)
            for shift, edge in (((1, 0), np.s_[:1, :]), ((0, 1), np.s_[:, :1])):
                there = Window(row - shift[0], column - shift[1], tile.height, tile.width)
                if there.row < 0 or there.col < 0:
                    continue
                here = there.slices[0], there.slices[1]
                parts.join(
                    store[tile.slices][edge], store[here][edge],
                    values[tile.slices][edge], values[here][edge],
                )  # fmt: skip
    found = parts.numbers()[store]
    whole = np.zeros(values.shape, int)
    for value in (1, 2, 3):
        part, count = ndimage.label(values == value)
        whole[part > 0] = part[part > 0] + whole.max()
    pairs = {(int(a), int(b)) for a, b in zip(found.ravel(), whole.ravel(), strict=True)}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
    # Numbered by their first pixels.
    numbers, first = np.unique(found[found > 0], return_index=True)
    assert numbers.tolist() == list(range(1, len(numbers) + 1))
    assert (np.diff(first) > 0).all()


# Refusals


def test_what_does_not_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = np.full((20, 20), 1, np.uint8)
    codes[:, 10:] = 3
    folder = write_map(tmp_path / "map", codes)
    with pytest.raises(UserError, match="Polygons are a GeoPackage"):
        draw(folder, tmp_path / "out.shp")
    empty = write_map(tmp_path / "other", np.full((4, 4), 254, np.uint8))
    with pytest.raises(UserError, match="no pixel of the map has a crop"):
        draw(empty, tmp_path / "out.gpkg")
    monkeypatch.setattr("cscl.polygons.job.MOST_SIDES", 99)
    with pytest.raises(UserError, match="have 100 sides of pixels, 99 fit"):
        draw(folder, tmp_path / "out.gpkg")
    (folder / "boundary.tif").unlink()
    with pytest.raises(UserError, match="boundary.tif: it is not there, or cannot be read"):
        draw(folder, tmp_path / "out.gpkg")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["map", "other"]


def test_a_stopped_job_leaves_nothing_and_the_map_as_it_was(tmp_path: Path, monkeypatch) -> None:
    folder = write_map(tmp_path / "map", np.full((20, 20), 1, np.uint8))
    before = {item.name: item.read_bytes() for item in folder.iterdir()}
    real = MapPixels.read

    def stopping(self: MapPixels, name: str, window: Window) -> np.ndarray:
        if name == "confidence":
            raise Cancelled
        return real(self, name, window)

    monkeypatch.setattr(MapPixels, "read", stopping)
    with pytest.raises(Cancelled):
        draw(folder, tmp_path / "out.gpkg")
    assert [item.name for item in tmp_path.iterdir()] == ["map"]
    assert {item.name: item.read_bytes() for item in folder.iterdir()} == before
