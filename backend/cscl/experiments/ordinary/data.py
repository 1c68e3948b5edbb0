"""Images and volumes with labels, read from where their packages keep them."""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning
from scipy import ndimage

from cscl.contract.codes import UNKNOWN
from cscl.contract.errors import UserError
from cscl.evaluation.zones import boundary

INSIDE, BORDER, BEYOND = 1, 2, 3
NUCLEI_CLASSES = ("inside", "border", "outside")
TISSUE_CLASSES = ("white matter", "grey matter", "other")
TISSUE_FILE = "datasets/data/mni_icbm152_{}_tal_nlin_sym_09a_converted.nii.gz"
FULL = 255
INSTALL = "Install what the demonstration needs: pip install 'cscl-backend[experiments]'."


@dataclass(frozen=True)
class Picture:
    """An image or a volume with the labels of every pixel.

    `image` float32 and `labels` uint8 have one shape S, (H, W) or (Z, H, W); the label of class n
    of `classes` is n + 1, 255 is unknown. `boundary` bool (S) tells where the 3 x 3 (x 3)
    neighbourhood holds more than one class. `objects` (S) are the numbers of the things that
    should not lie on both sides of a cut, 0 for none of them; None where there are no such things.
    """

    image: NDArray[np.float32]
    labels: NDArray[np.uint8]
    classes: tuple[str, ...]
    boundary: NDArray[np.bool_]
    objects: NDArray[np.int64] | None = None

    @classmethod
    def of(
        cls,
        image: NDArray[Any],
        labels: NDArray[np.uint8],
        classes: tuple[str, ...],
        objects: NDArray[np.int64] | None = None,
    ) -> Picture:
        """Return a whole picture, of which the boundary is found before any cut."""
        return cls(image.astype(np.float32), labels, classes, boundary(labels), objects)

    @property
    def codes(self) -> tuple[int, ...]:
        """The labels of the classes, in their order."""
        return tuple(range(1, len(self.classes) + 1))

    def part(self, axis: int, place: slice) -> Picture:
        """Return the slab at `place` of `axis`."""
        index = (*[slice(None)] * axis, place)
        return Picture(
            self.image[index],
            self.labels[index],
            self.classes,
            self.boundary[index],
            None if self.objects is None else self.objects[index],
        )


def instance_labels(objects: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return inside 1, border 2 and outside 3 of numbered objects (S), 0 being outside.

    Border are an object's pixels with another number, or none, among the 8 (26) pixels around
    them; beyond the array there is nothing.
    """
    low = ndimage.minimum_filter(objects, 3, mode="nearest")
    high = ndimage.maximum_filter(objects, 3, mode="nearest")
    labels = np.where(high > low, BORDER, INSIDE)
    return np.where(objects == 0, BEYOND, labels).astype(np.uint8)


def sides(size: int, guard: int) -> tuple[slice, slice]:
    """Return the training and the test side of an axis, of equal length, `guard` pixels apart.

    Raises `ValueError` where no pixel is left.
    """
    length = (size - guard) // 2
    if guard < 0 or length < 1:
        raise ValueError(f"a guard of {guard} leaves nothing of {size} pixels")
    return slice(0, length), slice(size - length, size)


def read_nuclei(data: Path | None = None) -> Picture:
    """Return the image of nuclei of the package stardist, which is not imported."""
    image, objects = (
        _tiff(_packaged("stardist", f"data/images/{name}2d.tif")) for name in ("img", "mask")
    )
    return _of_objects(image, objects)


def read_volume_nuclei(data: Path | None = None) -> Picture:
    """Return the volume of nuclei in the folder `data`."""
    return _of_objects(*_volume(data, "1135_mini.h5"))


def read_volume_membranes(data: Path | None = None) -> Picture:
    """Return the volume of cells in the folder `data`; they touch, so that there is no outside."""
    image, objects = _volume(data, "sample_ovule.h5")
    found = _of_objects(image, objects)
    # The two dozen voxels without a cell.
    labels = np.where(found.labels == BEYOND, UNKNOWN, found.labels)
    return Picture.of(image, labels.astype(np.uint8), NUCLEI_CLASSES[:2], found.objects)


def read_tissue(data: Path | None = None) -> Picture:
    """Return one hemisphere of the MNI template of the package nilearn, which is not imported."""
    nibabel = _library("nibabel")
    image, grey, white = (
        np.asarray(nibabel.load(_packaged("nilearn", TISSUE_FILE.format(name))).dataobj)
        for name in ("t1", "gm", "wm")
    )
    return tissue_picture(image, grey, white)


def tissue_picture(image: Any, grey: Any, white: Any) -> Picture:
    """Return the left half of a brain of which the first axis runs from left to right.

    `image`, and the maps `grey` and `white` of 0..255, are (X, Y, Z). The label is the largest of
    white, grey and the rest; a voxel without signal is unknown. What is cut away holds no brain.
    """
    maps = np.stack([white, grey, np.zeros_like(grey)]).astype(np.int16)
    maps[2] = FULL - maps[0] - maps[1]
    labels = np.where(image > 0, maps.argmax(0) + 1, UNKNOWN).astype(np.uint8)
    half = (slice(0, image.shape[0] // 2),)
    place = ndimage.find_objects((image[half] > 0).astype(np.int8))[0]
    return Picture.of(image[half][place], labels[half][place], TISSUE_CLASSES)


def _of_objects(image: NDArray[Any], objects: NDArray[Any]) -> Picture:
    numbers = objects.astype(np.int64)
    return Picture.of(image, instance_labels(numbers), NUCLEI_CLASSES, numbers)


def _tiff(path: Path) -> NDArray[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path) as source:
            values: NDArray[Any] = source.read(1)
    return values


def _volume(data: Path | None, name: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return image and numbers of a volume; raises `UserError` where it cannot be read."""
    if data is None or not (data / name).is_file():
        where = "no folder of volumes was given" if data is None else f"{data} does not hold it"
        raise UserError(
            "missing_data",
            f"volume {name}",
            where,
            "Name the folder with --data; the file is part of PlantSeg's tests (tests/resources).",
        )
    with _library("h5py").File(data / name) as source:
        return source["raw"][()], source["label"][()]


def _library(name: str) -> ModuleType:
    if importlib.util.find_spec(name) is None:
        raise _missing(name)
    return importlib.import_module(name)


def _packaged(package: str, path: str) -> Path:
    """Return the path of a file that a package ships, without importing the package."""
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(folder) / path).is_file():
            return Path(folder) / path
    raise _missing(package)


def _missing(package: str) -> UserError:
    return UserError(
        "missing_package", f"package {package}", "it, or its file, is not there", INSTALL
    )
