"""The map folder: windows into working files, working files into cloud-optimised GeoTIFFs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
from rasterio.enums import ColorInterp
from rasterio.windows import Window as RasterWindow

from cscl.contract import atomic
from cscl.contract.classes import ClassTable
from cscl.contract.codes import NO_DATA
from cscl.contract.resolutions import ending, without_ending
from cscl.disk import check_raster, writing
from cscl.grid import Grid, Window
from cscl.mapping.layers import NO_SHARE, STEPS, Layers
from cscl.mapping.overviews import TILE, add_overviews

CODES = ("crops", "second")
SHARES = ("confidence", "margin", "boundary")
BANDS = "probabilities"
DESCRIPTIONS = {
    "crops": "crop class with the largest probability",
    "second": "crop class with the second largest probability",
    "confidence": "probability of the crop class",
    "margin": "probability of the crop class less that of the second",
    "boundary": (
        "1 - mean over the eight neighbours of sum over classes of sqrt(p q), "
        "p and q being the class probabilities of pixel and neighbour"
    ),
}
# Bounds GDAL's block cache, which otherwise grows to a twentieth of the machine's memory.
CACHE_MEGABYTES = 64
LARGEST_BLOCK = 512
# Files that are written at once.
THREADS = min(4, os.cpu_count() or 1)
# Shares that change little from pixel to pixel: their differences take an eighth fewer bytes at
# deflate's quickest level than they themselves at level 5, in less time.
SMOOTH = ("confidence", "margin", BANDS)
# Of all else. The next one takes twice the time for a twentieth of the bytes.
LEVEL = 5


def layer_file(name: str, scale: int) -> str:
    """Return the file name of a layer whose pixels are `scale` times finer than the images'."""
    return f"{name}{ending(scale)}.tif"


@contextmanager
def quiet_gdal() -> Iterator[None]:
    """Bound GDAL's memory and keep it from writing files beside rasters."""
    with rasterio.Env(GDAL_CACHEMAX=CACHE_MEGABYTES, GDAL_PAM_ENABLED="NO"):
        yield


@dataclass
class Tally:
    """What a map holds in all: pixels a code, and the sum of the confidence in 1/250."""

    pixels: np.ndarray = field(default_factory=lambda: np.zeros(256, np.int64))
    confidence: int = 0

    def add(self, layers: Layers) -> None:
        """Count one window."""
        self.pixels += np.bincount(layers.crops.ravel(), minlength=256)
        known = layers.confidence != NO_SHARE
        self.confidence += int(layers.confidence[known].sum(dtype=np.int64))

    @property
    def mean_confidence(self) -> float | None:
        """The mean probability of the mapped class over all pixels with data."""
        mapped = int(self.pixels.sum() - self.pixels[NO_DATA])
        return self.confidence / (STEPS * mapped) if mapped else None


class MapWriter:
    """Writes the layers of one map at one or two resolutions, whole or not at all.

    `grid` is the 10 m grid of the map, `side` the side of the windows in its pixels, a multiple of
    16. Use it as a context manager; nothing appears in the folder before `finish`, which leaves
    alone what else is there. On any failure the working files are removed.
    """

    def __init__(
        self,
        folder: Path,
        grid: Grid,
        table: ClassTable,
        codes: tuple[int, ...],
        *,
        scales: tuple[int, ...],
        side: int,
        probabilities: bool,
    ) -> None:
        self.folder = folder
        self.scales = scales
        self.tallies = {scale: Tally() for scale in scales}
        self._table, self._codes = table, codes
        self._work = atomic.part_path(folder / "map")
        self._ready = self._work / "ready"
        self._files: dict[str, Any] = {}
        self._names = (*CODES, *SHARES, *((BANDS,) if probabilities else ()))
        self._stack = ExitStack()
        self._threads = ThreadPoolExecutor(THREADS, "layers")
        self._open_arguments = (grid, side)

    def __enter__(self) -> MapWriter:
        self._ready.mkdir(parents=True)
        self._stack.enter_context(quiet_gdal())
        grid, side = self._open_arguments
        try:
            for scale in self.scales:
                for name in self._names:
                    self._open(name, scale, grid.subdivide(scale), side * scale)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)
        for file in self._files.values():
            file.close()
        self._stack.close()
        atomic.remove(self._work)

    @property
    def steps(self) -> int:
        """How many files `finish` converts."""
        return len(self.scales) * len(self._names)

    def write(self, window: Window, scale: int, layers: Layers) -> None:
        """Write one window, in pixels of the 10 m grid."""
        fine = window.times(scale)
        place = RasterWindow(fine.col, fine.row, fine.width, fine.height)

        def write_layer(name: str) -> None:
            file = layer_file(name, scale)
            values = getattr(layers, name)
            with quiet_gdal(), writing(self._work / file):
                self._files[file].write(values if name == BANDS else values[None], window=place)

        for _ in self._threads.map(write_layer, self._names):
            pass
        self.tallies[scale].add(layers)

    def finish(self, texts: dict[str, str], step: Callable[[], None]) -> None:
        """Convert all layers and move them, then `texts` (name to contents), into the folder.

        The last of the texts comes last: where it stands, all else stands too.
        """
        # The largest first, or the last thread works alone for long.
        sizes = {name: (self._work / name).stat().st_size for name in self._files}
        for _ in self._threads.map(self._convert, sorted(sizes, key=lambda name: -sizes[name])):
            step()
        names = [*self._files, *texts]
        for name, text in texts.items():
            (self._ready / name).write_bytes(text.encode("utf-8"))
        for name in names:
            atomic.flush_to_disk(self._ready / name)
        for name in names:
            os.replace(self._ready / name, self.folder / name)

    def _open(self, name: str, scale: int, grid: Grid, side: int) -> None:
        count = len(self._codes) if name == BANDS else 1
        block = side
        while block > LARGEST_BLOCK and block % 32 == 0:
            block //= 2
        file = rasterio.open(
            self._work / layer_file(name, scale),
            "w",
            driver="GTiff",
            width=grid.width,
            height=grid.height,
            count=count,
            dtype="uint8",
            crs=grid.crs,
            transform=grid.affine,
            nodata=NO_DATA if name in CODES else NO_SHARE,
            tiled=True,
            blockxsize=block,
            blockysize=block,
            compress="DEFLATE",
            zlevel=1,
            predictor=2 if name in SMOOTH else 1,
            interleave="band",
            # Bands of classes are no colours: left alone, three or four would be red to alpha.
            photometric="MINISBLACK",
            bigtiff="IF_SAFER",
        )
        self._files[layer_file(name, scale)] = file
        self._describe(file, name)

    def _describe(self, file: Any, name: str) -> None:
        if name == BANDS:
            rest = [ColorInterp.undefined] * (len(self._codes) - 1)
            file.colorinterp = [ColorInterp.gray, *rest]
            for band, code in enumerate(self._codes, start=1):
                file.set_band_description(band, self._table.name_of(code))
                file.update_tags(band, code=str(code))
            file.update_tags(unit=f"1/{STEPS}")
            return
        file.set_band_description(1, name)
        file.update_tags(1, description=DESCRIPTIONS[name])
        if name in SHARES:
            file.update_tags(1, unit=f"1/{STEPS}")
            return
        file.update_tags(1, **{f"class_{c}": self._table.name_of(c) for c in self._codes})
        colours = {code: rgba(self._table.colour_of(code)) for code in self._codes}
        file.write_colormap(1, {NO_DATA: (0, 0, 0, 0), **colours})

    def _convert(self, name: str) -> None:
        """Make the cloud-optimised GeoTIFF of a layer from its working file, which goes."""
        working, ready = self._work / name, self._ready / name
        layer, _ = without_ending(name.partition(".")[0])
        modes, smooth = layer in CODES, layer in SMOOTH
        with quiet_gdal():
            with writing(ready):
                self._files[name].close()
            check_raster(working)
            overviews = add_overviews(working, modes=modes)
            with writing(ready):
                rasterio.shutil.copy(
                    working,
                    ready,
                    driver="COG",
                    compress="DEFLATE",
                    level=1 if smooth else LEVEL,
                    predictor="YES" if smooth else "NO",
                    blocksize=TILE,
                    # Those that are there.
                    overviews="AUTO",
                    overview_resampling="MODE" if modes else "AVERAGE",
                    bigtiff="IF_SAFER",
                    # The bytes are the same for any number of threads.
                    num_threads="ALL_CPUS",
                )
            check_raster(ready)
        for path in (working, *overviews):
            path.unlink()


def rgba(colour: str) -> tuple[int, int, int, int]:
    """Return #rrggbb as four numbers 0..255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16), 255
