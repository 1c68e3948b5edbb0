"""A small scene on the disk and a small untrained network, for the tests of mapping."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import rasterio
import torch
from cscl.contract.classes import ClassTable, CropClass
from cscl.models.card import ModelCard
from cscl.models.registry import build_network
from cscl.models.store import save_model
from rasterio.transform import Affine

CRS = "EPSG:32631"
LEFT, TOP = 574680.0, 5622440.0
BANDS = ("B02", "B04", "B08")
CLASSES = ClassTable(
    (
        CropClass(1, "winter wheat", "#e6c229", ("311", "wheat")),
        CropClass(7, "zuckerrübe", "#d11149", ("91", "beet")),
        CropClass(12, "maïs & <co>", "#f17105", ("201", "maize")),
    ),
    "test",
    2019,
)
FIRST = datetime.date(2018, 10, 5)


def write_images(
    folder: Path,
    height: int,
    width: int,
    *,
    dates: int = 5,
    bands: tuple[str, ...] = BANDS,
    seed: int = 0,
    step: int = 60,
    first: datetime.date = FIRST,
) -> Path:
    """Write one GeoTIFF a date: fields of different brightness, a cloud, an empty corner."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    fields = np.kron(rng.random((-(-height // 12), -(-width // 12))), np.ones((12, 12)))
    fields = fields[:height, :width]
    for number in range(dates):
        day = first + datetime.timedelta(days=step * number)
        values = np.empty((len(bands) + 1, height, width), np.uint16)
        for band in range(len(bands)):
            level = 800 + 400 * band + 3000 * fields * rng.random()
            values[band] = level + rng.normal(0, 100, (height, width))
        values[-1] = 4
        row, col = rng.integers(0, max(1, height - 20)), rng.integers(0, max(1, width - 20))
        values[-1, row : row + 15, col : col + 15] = 9
        values[:, :6, :9] = 0
        profile = {
            "driver": "GTiff", "height": height, "width": width, "count": len(bands) + 1,
            "dtype": "uint16", "crs": CRS, "transform": Affine(10, 0, LEFT, 0, -10, TOP),
            "nodata": 0, "tiled": True, "blockxsize": 64, "blockysize": 64,
        }  # fmt: skip
        with rasterio.open(folder / f"S2_L2A_{day:%Y%m%d}.tif", "w", **profile) as file:
            file.write(values)
            file.descriptions = (*bands, "SCL")
    return folder


def write_model(
    folder: Path,
    *,
    bands: tuple[str, ...] = BANDS,
    outside: str = "class",
    heads: tuple[int, ...] = (1, 4),
    width: float = 0.125,
    training: dict | None = None,
    classes: ClassTable = CLASSES,
    backbone: str = "unet3df",
) -> Path:
    """Write a network with random weights, lively enough to map several classes."""
    torch.manual_seed(5)
    count = len(classes.network_codes(outside))
    network = build_network(backbone, bands=len(bands), classes=count, width=width, heads=heads)
    with torch.no_grad():
        # Sensible statistics of the features, or a fresh network sees one class everywhere.
        for _ in range(8):
            images = torch.randn(1, 4, len(bands), 32, 32)
            network.forward_all(
                images, torch.arange(0.0, 240.0, 60.0)[None], torch.ones(1, 4, 32, 32).bool()
            )
        for name, parameter in network.named_parameters():
            if name.startswith("classifiers"):
                parameter.mul_(20 if name.endswith("weight") else 0)
    card = ModelCard(
        bands=bands,
        level="L2A",
        season=("10-01", "09-30"),
        year=2019,
        mean=tuple(0.1 + 0.05 * index for index in range(len(bands))),
        std=(0.08,) * len(bands),
        classes=classes,
        outside=outside,
        architecture=backbone,
        width=width,
        heads=heads,
        temperatures={"1": 1.7, "4": 1.3},
        training=training or {},
    )
    save_model(folder, network, card)
    return folder
