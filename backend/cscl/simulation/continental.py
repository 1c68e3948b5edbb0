"""Crops and other land of the continental family: dry summers, dark soil, irrigated summer crops.

A stand-in for the plains of south-eastern Europe. Against the temperate catalogue winter crops
ripen about three weeks earlier and start smaller into winter, grass turns brown in July, summer
crops are sown in April and part of their parcels is irrigated. Windows are those usual there;
soil is a chernozem, assumed, as are canopies that the temperate catalogue does not have. Days
count from 1 October.
"""

from __future__ import annotations

from dataclasses import replace

from cscl.simulation.catalogue import (
    BEET,
    CEREAL,
    CEREAL_BRIGHT,
    COVERS,
    GRASS,
    MAIZE,
    PULSE,
    RAPE_FLOWER,
    RAPESEED,
    STRAW,
    SUN_FLOWER,
    SUNFLOWER,
    TRITICALE,
    WITHERED,
    Cover,
    CoverModel,
    Crop,
    Spectrum,
)

# Dark and flat in the visible, little redder when dry.
CHERNOZEM_DRY: Spectrum = (0.062, 0.082, 0.104, 0.122, 0.146, 0.163, 0.176, 0.190, 0.262, 0.240)
CHERNOZEM_WET: Spectrum = (0.028, 0.037, 0.047, 0.056, 0.069, 0.078, 0.083, 0.090, 0.106, 0.086)

DURUM: Spectrum = (0.039, 0.061, 0.039, 0.098, 0.285, 0.380, 0.390, 0.398, 0.156, 0.082)
LUCERNE: Spectrum = (0.038, 0.078, 0.040, 0.122, 0.400, 0.495, 0.515, 0.520, 0.190, 0.092)
SORGHUM: Spectrum = (0.040, 0.072, 0.055, 0.112, 0.310, 0.420, 0.435, 0.445, 0.228, 0.130)

# In the order in which `crops` takes them; shares are assumptions.
CROPS: tuple[Crop, ...] = (
    Crop("winter wheat", "winter cereal", 0.24, CEREAL, STRAW,
         0.25, 40, 170, 12, 252, 6, 277, 0.90),
    Crop("maize", "summer crop", 0.20, MAIZE, WITHERED,
         0.0, 0, 241, 8, 325, 9, 346, 0.92, irrigated=0.6),
    Crop("sunflower", "summer crop", 0.14, SUNFLOWER, WITHERED,
         0.0, 0, 233, 8, 299, 7, 328, 0.88, SUN_FLOWER, 267, 9.0),
    Crop("lucerne", "grass", 0.10, LUCERNE, STRAW,
         0.45, -60, 166, 12, 420, 10, 450, 0.93, cuts=4.0, irrigated=0.3),
    Crop("winter barley", "winter cereal", 0.10, CEREAL_BRIGHT, STRAW,
         0.38, 18, 156, 11, 236, 6, 258, 0.90),
    Crop("durum wheat", "winter cereal", 0.09, DURUM, STRAW,
         0.30, 30, 162, 12, 244, 6, 268, 0.85),
    Crop("soybeans", "summer crop", 0.09, PULSE, WITHERED,
         0.0, 0, 253, 8, 335, 6, 355, 0.94, irrigated=0.5),
    Crop("rapeseed", "rapeseed", 0.06, RAPESEED, STRAW,
         0.50, -20, 152, 10, 243, 7, 266, 0.93, RAPE_FLOWER, 197),
    Crop("grassland", "grass", 0.06, GRASS, STRAW,
         0.45, -60, 170, 13, 282, 16, 450, 0.85, cuts=1.2),
    Crop("sugar beet", "summer crop", 0.04, BEET, WITHERED,
         0.0, 0, 234, 9, 390, 12, 382, 0.94, irrigated=0.8),
    Crop("sorghum", "summer crop", 0.04, SORGHUM, WITHERED,
         0.0, 0, 252, 8, 332, 9, 352, 0.86),
    Crop("peas", "spring cereal", 0.03, PULSE, WITHERED,
         0.0, 0, 198, 8, 249, 6, 262, 0.88),
    Crop("spring barley", "spring cereal", 0.03, CEREAL, STRAW,
         0.0, 0, 194, 9, 254, 6, 278, 0.86),
    Crop("triticale", "winter cereal", 0.02, TRITICALE, STRAW,
         0.38, 20, 160, 12, 248, 6, 273, 0.90),
)  # fmt: skip


# Verges and rough grass turn brown in July; leaves come ten days earlier.
LAND_COVERS: dict[Cover, CoverModel] = COVERS | {
    Cover.ROUGH_GRASS: replace(
        COVERS[Cover.ROUGH_GRASS],
        canopy=replace(
            COVERS[Cover.ROUGH_GRASS].canopy,
            autumn=0.45, grow=172, ripen=280, ripen_width=15, peak=0.78,
        ),
        ground_dry=CHERNOZEM_DRY, ground_wet=CHERNOZEM_WET,
    ),
    Cover.TRACK: replace(
        COVERS[Cover.TRACK],
        canopy=replace(COVERS[Cover.TRACK].canopy, autumn=0.40, grow=172, ripen=280, peak=0.35),
        ground_wet=CHERNOZEM_WET,
    ),
    Cover.LEAF_WOOD: replace(
        COVERS[Cover.LEAF_WOOD],
        canopy=replace(COVERS[Cover.LEAF_WOOD].canopy, grow=198, ripen=385),
    ),
}  # fmt: skip
