"""Crops and other land: spectra and calendars.

Bands stand in the order B02 B03 B04 B05 B06 B07 B08 B8A B11 B12 throughout, reflectance 0..1.

Where the spectra come from: soils, straw, cereals, maize, grass, beet and potato are means over
single-crop polygons of clear Sentinel-2 L2A dates near 50.75 N 4.06 E in the seasons 2018-2019
(the Flemish patch of the WorldCereal tests), rounded. The other crops' canopies are set between
these, as no polygon of theirs was at hand. Sowing and harvest windows are those usual in
north-western Europe, moved so that the double logistic curves follow the same patch. Days count
from 1 October.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")

Spectrum = tuple[float, float, float, float, float, float, float, float, float, float]

# Bare loam: potato field 2019-05-16 (dry crust), potato field 2019-10-28 (wet, ploughed).
SOIL_DRY: Spectrum = (0.115, 0.165, 0.220, 0.245, 0.280, 0.305, 0.310, 0.325, 0.370, 0.345)
SOIL_WET: Spectrum = (0.038, 0.060, 0.082, 0.098, 0.122, 0.138, 0.135, 0.148, 0.156, 0.122)

# Canopies at full cover.
CEREAL: Spectrum = (0.032, 0.050, 0.030, 0.085, 0.310, 0.430, 0.440, 0.450, 0.135, 0.065)
CEREAL_BRIGHT: Spectrum = (0.036, 0.062, 0.034, 0.100, 0.360, 0.500, 0.520, 0.530, 0.145, 0.066)
TRITICALE: Spectrum = (0.039, 0.059, 0.039, 0.097, 0.275, 0.365, 0.375, 0.382, 0.165, 0.088)
MAIZE: Spectrum = (0.036, 0.068, 0.048, 0.106, 0.325, 0.445, 0.460, 0.470, 0.220, 0.122)
GRASS: Spectrum = (0.042, 0.066, 0.044, 0.110, 0.325, 0.420, 0.450, 0.455, 0.185, 0.098)
BEET: Spectrum = (0.052, 0.105, 0.070, 0.165, 0.440, 0.530, 0.545, 0.550, 0.200, 0.112)
POTATO: Spectrum = (0.045, 0.084, 0.050, 0.135, 0.480, 0.600, 0.610, 0.625, 0.235, 0.118)
RAPESEED: Spectrum = (0.040, 0.088, 0.046, 0.135, 0.400, 0.480, 0.500, 0.510, 0.205, 0.105)
PULSE: Spectrum = (0.042, 0.085, 0.046, 0.130, 0.410, 0.500, 0.515, 0.525, 0.195, 0.098)
ONION: Spectrum = (0.060, 0.095, 0.075, 0.150, 0.350, 0.420, 0.440, 0.450, 0.225, 0.150)
SUNFLOWER: Spectrum = (0.045, 0.085, 0.060, 0.135, 0.390, 0.490, 0.505, 0.515, 0.230, 0.130)

# Ripe straw: winter barley 2019-07-05. Withered broad leaves: between straw and wet soil.
STRAW: Spectrum = (0.104, 0.163, 0.245, 0.300, 0.345, 0.385, 0.415, 0.450, 0.440, 0.295)
WITHERED: Spectrum = (0.070, 0.105, 0.135, 0.175, 0.235, 0.265, 0.280, 0.300, 0.310, 0.220)

# Open flowers over leaves: rapeseed is bright in green and red (d'Andrimont et al. 2020,
# doi:10.1016/j.rse.2020.111660); sunflower less so.
RAPE_FLOWER: Spectrum = (0.055, 0.140, 0.130, 0.185, 0.400, 0.460, 0.480, 0.490, 0.210, 0.110)
SUN_FLOWER: Spectrum = (0.050, 0.105, 0.105, 0.165, 0.390, 0.470, 0.490, 0.500, 0.230, 0.135)

# Other land: assumed, in the range of broad-band reflectances usual for such surfaces.
LITTER: Spectrum = (0.028, 0.042, 0.055, 0.075, 0.110, 0.130, 0.140, 0.155, 0.170, 0.110)
LEAF_TREE: Spectrum = (0.022, 0.042, 0.023, 0.070, 0.280, 0.360, 0.375, 0.390, 0.150, 0.068)
NEEDLE_TREE: Spectrum = (0.020, 0.032, 0.020, 0.050, 0.150, 0.185, 0.195, 0.205, 0.085, 0.040)
WATER: Spectrum = (0.030, 0.034, 0.022, 0.018, 0.013, 0.012, 0.011, 0.010, 0.006, 0.004)
ASPHALT: Spectrum = (0.095, 0.105, 0.115, 0.122, 0.130, 0.135, 0.140, 0.145, 0.165, 0.150)
GRAVEL: Spectrum = (0.120, 0.150, 0.180, 0.195, 0.215, 0.225, 0.235, 0.245, 0.290, 0.260)
ROOFS: Spectrum = (0.115, 0.135, 0.165, 0.185, 0.200, 0.210, 0.220, 0.230, 0.270, 0.240)


@dataclass(frozen=True)
class Crop:
    """A crop's calendar (days since 1 October) and canopy.

    autumn: share of full cover reached before winter, from `emerge` on.
    grow, ripen, harvest: middle of spring growth, of ripening, and the day of harvest.
    grow_width, ripen_width: widths of the two logistic curves, days.
    cuts: mean number of mowings or grazings; grassland alone has any.
    irrigated: share of its parcels that are watered in summer.
    """

    name: str
    group: str
    share: float
    green: Spectrum
    dry: Spectrum
    autumn: float
    emerge: float
    grow: float
    grow_width: float
    ripen: float
    ripen_width: float
    harvest: float
    peak: float
    flower: Spectrum | None = None
    flower_day: float = 0.0
    flower_width: float = 9.0
    cuts: float = 0.0
    irrigated: float = 0.0


# In the order in which `crops` takes them; shares are assumptions.
CROPS: tuple[Crop, ...] = (
    Crop("winter wheat", "winter cereal", 0.25, CEREAL, STRAW,
         0.35, 38, 176, 13, 271, 6, 303, 0.95),
    Crop("maize", "summer crop", 0.20, MAIZE, WITHERED,
         0.0, 0, 252, 8, 342, 9, 357, 0.92),
    Crop("grassland", "grass", 0.17, GRASS, STRAW,
         0.80, -60, 175, 14, 420, 10, 450, 0.95, cuts=2.5),
    Crop("winter barley", "winter cereal", 0.11, CEREAL_BRIGHT, STRAW,
         0.50, 18, 165, 12, 257, 6, 284, 0.95),
    Crop("sugar beet", "summer crop", 0.08, BEET, WITHERED,
         0.0, 0, 245, 9, 410, 12, 395, 0.94),
    Crop("rapeseed", "rapeseed", 0.06, RAPESEED, STRAW,
         0.60, -18, 162, 11, 263, 7, 291, 0.95, RAPE_FLOWER, 211),
    Crop("potatoes", "summer crop", 0.06, POTATO, WITHERED,
         0.0, 0, 244, 7, 325, 9, 347, 0.95),
    Crop("triticale", "winter cereal", 0.08, TRITICALE, STRAW,
         0.52, 16, 167, 13, 269, 6, 300, 0.95),
    Crop("spring barley", "spring cereal", 0.05, CEREAL, STRAW,
         0.0, 0, 208, 9, 272, 6, 305, 0.90),
    Crop("sunflower", "summer crop", 0.04, SUNFLOWER, WITHERED,
         0.0, 0, 246, 8, 322, 8, 346, 0.90, SUN_FLOWER, 286, 8.0),
    Crop("temporary grass", "grass", 0.04, GRASS, STRAW,
         0.65, -10, 170, 13, 420, 10, 450, 0.95, cuts=3.5),
    Crop("peas", "spring cereal", 0.03, PULSE, WITHERED,
         0.0, 0, 213, 8, 266, 6, 277, 0.92),
    Crop("winter rye", "winter cereal", 0.03, CEREAL_BRIGHT, STRAW,
         0.48, 20, 163, 12, 264, 6, 297, 0.95),
    Crop("onions", "summer crop", 0.02, ONION, WITHERED,
         0.0, 0, 240, 12, 318, 10, 335, 0.70),
)  # fmt: skip


class Cover(IntEnum):
    """Land that is no parcel."""

    ROUGH_GRASS = 0
    ROAD = 1
    TRACK = 2
    LEAF_WOOD = 3
    NEEDLE_WOOD = 4
    WATER = 5
    BUILT = 6


@dataclass(frozen=True)
class CoverModel:
    """Ground and canopy of other land; a `Crop` without harvest carries its calendar."""

    canopy: Crop
    ground_dry: Spectrum
    ground_wet: Spectrum
    texture: float


_STILL = Crop("", "", 0, GRASS, STRAW, 0.7, -60, 180, 14, 420, 10, 450, 0.8)

COVERS: dict[Cover, CoverModel] = {
    Cover.ROUGH_GRASS: CoverModel(replace(_STILL, peak=0.85), SOIL_DRY, SOIL_WET, 0.05),
    Cover.ROAD: CoverModel(replace(_STILL, peak=0.03), ASPHALT, ASPHALT, 0.02),
    Cover.TRACK: CoverModel(replace(_STILL, peak=0.45), GRAVEL, SOIL_WET, 0.08),
    Cover.LEAF_WOOD: CoverModel(
        replace(_STILL, green=LEAF_TREE, autumn=0.15, grow=208, grow_width=7, peak=0.95),
        LITTER, LITTER, 0.12,
    ),
    Cover.NEEDLE_WOOD: CoverModel(
        replace(_STILL, green=NEEDLE_TREE, autumn=0.95, peak=0.92), LITTER, LITTER, 0.12
    ),
    Cover.WATER: CoverModel(replace(_STILL, peak=0.0), WATER, WATER, 0.0),
    Cover.BUILT: CoverModel(replace(_STILL, peak=0.35), ROOFS, ASPHALT, 0.20),
}  # fmt: skip
