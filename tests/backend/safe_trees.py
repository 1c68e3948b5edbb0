"""Complete SAFE products, small and written by the tests: folders and zips, old and new names."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import rasterio
from affine import Affine

BANDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")
BAND_NUMBERS = {name: number for number, name in enumerate(BANDS)}  # band_id of the metadata
NATIVE = {
    **dict.fromkeys(("B02", "B03", "B04", "B08"), 10),
    **dict.fromkeys(("B05", "B06", "B07", "B8A", "B11", "B12", "SCL"), 20),
    **dict.fromkeys(("B01", "B09", "B10"), 60),
}
CORNER = (600_000.0, 5_600_040.0)
QUANTIFICATION = 10_000


@dataclass(frozen=True)
class Product:
    """What stands in the names and in the metadata of one product."""

    start: datetime.datetime
    baseline: str
    level: str
    naming: str
    offset: int
    crs: str

    @property
    def stamp(self) -> str:
        return f"{self.start:%Y%m%dT%H%M%S}"

    @property
    def user(self) -> str:
        """OPER for products of the ground segment, USER for those of old sen2cor."""
        return "USER" if self.level == "L2A" else "OPER"

    def name(self, tile: str) -> str:
        number = self.baseline.replace(".", "")
        if self.naming == "old":
            span = f"{self.stamp}_{self.stamp}"
            return f"S2A_{self.user}_PRD_MSI{self.level}_PDMC_{self.stamp}_R051_V{span}"
        return f"S2A_MSI{self.level}_{self.stamp}_N{number}_R051_{tile}_{self.stamp}"

    def metadata_name(self, tile: str) -> str:
        if self.naming != "old":
            return f"MTD_MSI{self.level}.xml"
        return self.name(tile).replace("PRD_MSI", "MTD_SAF") + ".xml"

    def granule(self, tile: str) -> str:
        if self.naming == "old":
            return f"S2A_{self.user}_MSI_{self.level}_TL_MTI__{self.stamp}_A000734_{tile}_N02.01"
        return f"{self.level}_{tile}_A021289_{self.stamp}"

    def granule_metadata(self, tile: str) -> str:
        if self.naming != "old":
            return "MTD_TL.xml"
        return self.granule(tile).replace("_MSI_", "_MTD_")[: -len("_N02.01")] + ".xml"

    def image(self, tile: str, band: str, metres: int) -> str:
        """Return the path of an image in its granule, without .jp2."""
        folder, ending = "IMG_DATA", ""
        if self.level == "L2A":
            folder, ending = f"IMG_DATA/R{metres}m", f"_{metres}m"
        if self.naming != "old":
            lead = "L2A_" if self.naming == "sen2cor" else ""
            return f"{folder}/{lead}{tile}_{self.stamp}_{band}{ending}"
        stem = self.granule(tile)[: -len("_N02.01")]
        if band == "SCL":  # it lay apart from the bands
            return f"IMG_DATA/{stem.replace('_MSI_', '_SCL_')}{ending}"
        return f"{folder}/{stem}_{band}{ending}"

    def listed(self, tile: str, image: str) -> str:
        """Return how the product's metadata names an image."""
        if self.naming == "old":
            return image.rsplit("/", 1)[1]
        return f"GRANULE/{self.granule(tile)}/{image}"


def write_safe(
    folder: Path,
    *,
    date: datetime.date,
    tile: str = "T31UFS",
    baseline: str = "05.09",
    level: str = "L2A",
    offset: int = 0,
    arrays: Mapping[str, np.ndarray],
    scl: np.ndarray | None = None,
    zipped: bool = False,
    naming: str = "new",
    other_tiles: Sequence[str] = (),
    resolutions: Mapping[str, int] | None = None,
    absent: Sequence[str] = (),
    corner: tuple[float, float] = CORNER,
    crs: str = "EPSG:32631",
) -> Path:
    """Write a product into `folder` and return its .SAFE folder, or its .zip.

    `arrays` holds reflectance by band at its own resolution (or at that of `resolutions`), NaN
    for no data; the stored number is reflectance * 10000 - `offset`, and the metadata names
    `offset` where it is not 0. `scl` is the classification at 20 m. Bands in `absent` are named
    by the metadata and not written. `naming` is "new", "old" (2015 and 2016) or "sen2cor" (L2A of
    2017, made by its users). `other_tiles` are further granules of an old product, each placed to
    the right of the one before. A `date` with a time sets the start of the datatake.
    """
    start = (
        date
        if isinstance(date, datetime.datetime)
        else datetime.datetime.combine(date, datetime.time(10, 50, 31))
    )
    product = Product(start, baseline, level, naming, offset, crs)
    metres = {**NATIVE, **(resolutions or {})}
    layers = {name: _numbers(values, offset) for name, values in arrays.items()}
    if scl is not None:
        layers["SCL"] = scl.astype(np.uint8)
    width = max(values.shape[1] * metres[name] for name, values in layers.items())
    height = max(values.shape[0] * metres[name] for name, values in layers.items())
    files: dict[str, bytes] = {}
    for number, name in enumerate((tile, *other_tiles)):
        place = (corner[0] + number * width, corner[1])
        granule = f"GRANULE/{product.granule(name)}"
        files[f"{granule}/{product.granule_metadata(name)}"] = _tile_metadata(
            product, name, place, (width, height)
        ).encode()
        for band, values in layers.items():
            if band not in absent:
                path = f"{granule}/{product.image(name, band, metres[band])}.jp2"
                files[path] = jp2_bytes(values, crs, place, metres[band])
    files[product.metadata_name(tile)] = _product_metadata(
        product, (tile, *other_tiles), {name: metres[name] for name in layers}
    ).encode()
    return _write(folder, product.name(tile), files, zipped)


def jp2_bytes(values: np.ndarray, crs: str, corner: tuple[float, float], metres: float) -> bytes:
    """Return an image as lossless JPEG 2000 with its place on the ground."""
    with rasterio.MemoryFile(ext=".jp2") as memory:
        with memory.open(
            driver="JP2OpenJPEG",
            width=values.shape[1],
            height=values.shape[0],
            count=1,
            dtype=values.dtype,
            crs=crs,
            transform=Affine(metres, 0, corner[0], 0, -metres, corner[1]),
            QUALITY="100",
            REVERSIBLE="YES",
        ) as file:
            file.write(values, 1)
        return bytes(memory.read())


def _numbers(values: np.ndarray, offset: int) -> np.ndarray:
    numbers = np.rint(np.nan_to_num(values, nan=0.0) * QUANTIFICATION - offset)
    return np.where(np.isnan(values), 0, numbers).astype(np.uint16)


def _write(folder: Path, name: str, files: Mapping[str, bytes], zipped: bool) -> Path:
    if zipped:
        path = folder / f"{name}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for member, content in files.items():
                archive.writestr(f"{name}.SAFE/{member}", content)
        return path
    for member, content in files.items():
        path = folder / f"{name}.SAFE" / member
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder / f"{name}.SAFE"


def _product_metadata(product: Product, tiles: Sequence[str], bands: Mapping[str, int]) -> str:
    """Return MTD_MSIL1C.xml or MTD_MSIL2A.xml, with the elements of the product's time."""
    early = product.level == "L2A" and product.naming != "new"
    lead = "L2A_" if early else ""
    image = "IMAGE_ID" if product.naming == "old" else "IMAGE_FILE"
    image += "_2A" if early else ""
    granule = "Granules" if product.naming == "old" else "Granule"
    # Early L2A products list a granule once for each size of pixels.
    sizes = sorted(set(bands.values()), reverse=True) if early else [0]
    lists = "".join(
        f'<Granule_List><{granule} granuleIdentifier="{product.granule(tile)}" '
        'imageFormat="JPEG2000">'
        + "".join(
            f"<{image}>{escape(product.listed(tile, product.image(tile, band, metres)))}</{image}>"
            for band, metres in bands.items()
            if size in (0, metres)
            if product.naming != "old" or band != "SCL"  # masks were not listed then
        )
        + f"</{granule}></Granule_List>"
        for tile in tiles
        for size in sizes
    )
    start = f"{product.start:%Y-%m-%dT%H:%M:%S}.024Z"
    level = f"Level-{product.level[1:]}" + ("p" if early else "")
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
        f'<n1:Level-{product.level[1:]}_User_Product xmlns:n1="https://psd-14.sentinel2.eo.esa.int/'
        f'PSD/User_Product_Level-{product.level[1:]}.xsd"><n1:General_Info><{lead}Product_Info>'
        f"<PRODUCT_START_TIME>{start}</PRODUCT_START_TIME>"
        f"<PROCESSING_LEVEL>{level}</PROCESSING_LEVEL>"
        f"<PROCESSING_BASELINE>{product.baseline}</PROCESSING_BASELINE>"
        '<Datatake datatakeIdentifier="GS2A"><SPACECRAFT_NAME>Sentinel-2A</SPACECRAFT_NAME>'
        f"<DATATAKE_SENSING_START>{start}</DATATAKE_SENSING_START>"
        "<SENSING_ORBIT_NUMBER>51</SENSING_ORBIT_NUMBER></Datatake>"
        f"<{lead}Product_Organisation>{lists}</{lead}Product_Organisation></{lead}Product_Info>"
        f"{_image_characteristics(product, early)}</n1:General_Info>"
        f"</n1:Level-{product.level[1:]}_User_Product>\n"
    )


def _image_characteristics(product: Product, early: bool) -> str:
    special = "".join(
        f"<Special_Values><SPECIAL_VALUE_TEXT>{text}</SPECIAL_VALUE_TEXT>"
        f"<SPECIAL_VALUE_INDEX>{value}</SPECIAL_VALUE_INDEX></Special_Values>"
        for text, value in (("NODATA", 0), ("SATURATED", 65535))
    )
    kind = "BOA" if product.level == "L2A" else "RADIO"
    if product.level == "L1C":
        scale = f'<QUANTIFICATION_VALUE unit="none">{QUANTIFICATION}</QUANTIFICATION_VALUE>'
    else:
        outer = "L1C_L2A_Quantification_Values_List" if early else "QUANTIFICATION_VALUES_LIST"
        inner = "L2A_BOA_QUANTIFICATION_VALUE" if early else "BOA_QUANTIFICATION_VALUE"
        scale = f'<{outer}><{inner} unit="none">{QUANTIFICATION}</{inner}></{outer}>'
    offsets = "".join(
        f'<{kind}_ADD_OFFSET band_id="{number}">{product.offset}</{kind}_ADD_OFFSET>'
        for number in BAND_NUMBERS.values()
    )
    listed = "Radiometric_Offset_List" if kind == "RADIO" else "BOA_ADD_OFFSET_VALUES_LIST"
    offsets = f"<{listed}>{offsets}</{listed}>" if product.offset else ""
    outer = "L2A_Product_Image_Characteristics" if early else "Product_Image_Characteristics"
    return f"<{outer}>{special}{scale}{offsets}</{outer}>"


def _tile_metadata(
    product: Product, tile: str, corner: tuple[float, float], extent: tuple[int, int]
) -> str:
    """Return MTD_TL.xml; `extent` is width and height in metres."""
    level = product.level[1:]
    tile_id = "TILE_ID_2A" if product.level == "L2A" and product.naming != "new" else "TILE_ID"
    sizes = "".join(
        f'<Size resolution="{metres}"><NROWS>{-(-extent[1] // metres)}</NROWS>'
        f"<NCOLS>{-(-extent[0] // metres)}</NCOLS></Size>"
        f'<Geoposition resolution="{metres}"><ULX>{corner[0]:.0f}</ULX><ULY>{corner[1]:.0f}</ULY>'
        f"<XDIM>{metres}</XDIM><YDIM>-{metres}</YDIM></Geoposition>"
        for metres in (10, 20, 60)
    )
    sensed = f"{product.start + datetime.timedelta(minutes=2):%Y-%m-%dT%H:%M:%S}.461Z"
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
        f'<n1:Level-{level}_Tile_ID xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/'
        f'S2_PDI_Level-{level}_Tile_Metadata.xsd"><n1:General_Info>'
        f"<{tile_id}>S2A_OPER_MSI_{product.level}_TL_ATOS_{product.stamp}_A021289_{tile}_N"
        f"{product.baseline}</{tile_id}><SENSING_TIME>{sensed}</SENSING_TIME></n1:General_Info>"
        "<n1:Geometric_Info><Tile_Geocoding>"
        f"<HORIZONTAL_CS_CODE>{product.crs}</HORIZONTAL_CS_CODE>{sizes}</Tile_Geocoding>"
        f"</n1:Geometric_Info></n1:Level-{level}_Tile_ID>\n"
    )
