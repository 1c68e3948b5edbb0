"""The words of the jobs' fields: help texts and choices, written once for every face."""

from __future__ import annotations

IMAGES = (
    "Sentinel-2 images: a folder or files, of SAFE products (folders or zips), GeoTIFF, NetCDF, "
    "Zarr or STAC; or a time series (.series.json)."
)
PARCELS = "A polygon layer with one feature a parcel, in any format that OGR reads."
CLASS_FIELD = (
    "The field of the parcel layer that holds the declared crop, or an expression over its fields."
)
INNER_BUFFER = "Ground this close to the outline of its parcel counts as unknown; 0: all is used."
MINIMUM_AREA = "Parcels smaller than this count as unknown; 0: all are used."
MINIMUM_WIDTH = (
    "Parcels in which no circle of this diameter fits count as unknown; 0: all are used."
)
RARE_PIXELS = "A class with fewer training pixels than this is rare; 0: none is."
RARE = "What becomes of rare classes: joined as one class, other crops, or counted as unknown."
RARE_WAYS = (("merge", "Joined as other crops"), ("ignore", "Counted as unknown"))
DECLARED_FIELD = "The field with the declared crop, to tell where map and declaration disagree."
OVERWRITE = "Replace an output that exists; it stays until the new one is complete."
SEED = "Start of all random numbers: the same seed gives the same result."
SEASON = (
    "First and last day as START/END, for example 2018-10-01/2019-09-30; it may cross New Year. "
    "Empty: the last full twelve months that the dates cover."
)
MAP_SEASON = "First and last day as START/END. Empty: the model's season in the images' year."
BANDS = "Names of the bands to use, separated by commas. Empty: the ten bands of 10 m and 20 m."
UNTIL = "Use no image after this day (YYYY-MM-DD), for a map within the season."
MASK = "How clouds are masked: by the scene classification (SCL) or not at all."
MASKS = (("scl", "Scene classification (SCL)"), ("none", "No mask"))
SERIES_MASK = (
    "How clouds are masked: by the scene classification (SCL), by another band, by OmniCloudMask "
    "where its package is installed, or not at all."
)
SERIES_MASKS = (
    ("scl", "Scene classification (SCL)"),
    ("band", "Another band"),
    ("omnicloudmask", "OmniCloudMask"),
    ("none", "No mask"),
)
MASK_BAND = "Name of the band that holds the mask, where it is another than SCL."
MASK_VALUES = (
    "Values of the mask that hide a pixel, such as 1,2,3 or 40-100. Empty: 0, 1, 3, 8, 9, 10, 11 "
    "of SCL, every value but 0 of another band."
)
MASK_DILATION = "How far the mask reaches beyond clouds and their shadows."
WITHOUT = "Days whose images are not used (YYYY-MM-DD), separated by commas."
CLOUD_LIMIT = (
    "Leave out dates whose clouds hide more than this share of the whole area. Empty: every date "
    "with clear pixels is used."
)
COMPOSITE = (
    "What a network sees as one date: each date, or the median of the clear pixels of each month "
    "or of each ten days."
)
COMPOSITES = (
    ("none", "Each date"),
    ("month", "Median by month"),
    ("dekad", "Median by ten days (1-10, 11-20, 21 to the month's end)"),
)
GAPS = "What becomes of hidden pixels: left as they are, or filled linearly in time."
GAP_KINDS = (("keep", "Left as they are"), ("linear", "Filled linearly in time"))
IMAGE_TABLE = (
    "CSV with the columns image, date, bands, scale, offset, nodata, level, for what the images "
    "do not tell themselves; the image * stands for all others."
)
_DATES = "Number of dates to use, spread over the season, the clearest first."
DATES = f"{_DATES} Empty: the preset's."
ALL_DATES = f"{_DATES} Empty: all."
WORKERS = (
    "Processes on this machine that share the work. Empty: one a core, as far as the free memory "
    "goes."
)
SCHEDULER = (
    "Address of a dask scheduler, tcp://HOST:PORT, whose workers do the work in place of this "
    "machine; they must see the same files under the same paths."
)
CLASSES = (
    "CSV with the columns source_value, name, code, colour, and hcat if wanted; the columns of "
    "EuroCrops are known too."
)
OUTSIDE = (
    "Where declarations are complete, land outside parcels is a class of its own; otherwise it is "
    "ignored in training."
)
OUTSIDES = (("class", "A class of its own"), ("ignore", "Ignored"))
CHIP = "Side of a training chip in 10 m pixels. Empty: fitted to the area."
MARGIN = (
    "Pixels around each chip that networks see and whose labels do not count. Chip and both "
    "margins together are a multiple of 4."
)
CHIPS = "Where chips lie: on a grid fixed to the tile, the same in every cut of it, or on parcels."
CHIP_KINDS = (("grid", "On a grid"), ("parcels", "Centred on parcels"))
FACTOR = (
    "How many times finer than 10 m the fine labels are, which training at 5 m (2) or 2.5 m (4) "
    "needs. Empty: as the resolution has it, 4 at 10 m."
)
APPEND = (
    "A dataset to which the new area or year is added. It is not changed: the output holds both, "
    "with its classes, bands, chips and split."
)
PRESET = "How long to train: quick takes minutes, standard a night, full needs a GPU."
PRESETS = (
    ("quick", "Quick: minutes on two cores"),
    ("standard", "Standard: a night on a CPU, an hour on a GPU"),
    ("full", "Full: the published protocol, on a GPU"),
)
BACKBONE = "The network that turns a time series into features."
BACKBONES = (
    ("unet3df", "UNet3Df: 3-D U-Net with features at full resolution"),
    ("unet3d", "UNet3D: 3-D U-Net, narrow at full resolution"),
    ("unet2d-clstm", "UNet2D-CLSTM: 2-D U-Net a date, memory over the dates"),
    ("utae", "U-TAE: U-Net with temporal attention"),
    ("tsvit", "TSViT: transformer over dates, then over patches"),
)
WIDTH = "Width of the network; 1 is the published one. Empty: the preset's."
EPOCHS = "Passes over the training chips. Empty: the preset's."
DEVICE = "auto, cpu, cuda, cuda:1 or mps."
RESOLUTION = "Pixel size of the crop map; a finer one writes the 10 m map too."
RESOLUTIONS = (("10", "10 m"), ("5", "5 m and 10 m"), ("2.5", "2.5 m and 10 m"))
TRUTH = "A raster of true class codes, read for scoring alone, never for training."
BASELINE = "Train a random forest on the same pixels and put its figures beside the network's."
SIZE = "Side of the square scene in pixels of 10 m."
SIMULATE_DATES = "Number of images over the season."
CROPS = "Number of crops."
DIFFICULTY = "How alike the crops are, and how much they vary."
DIFFICULTIES = (("easy", "Easy"), ("standard", "Standard"), ("hard", "Hard"))
FAMILY = "The region's climate, crops, fields and images."
FAMILIES = (("temperate", "Temperate"), ("continental", "Continental"))
YEAR = "The season runs from October of the year before to September."
SIMULATE_OUTPUT = "Folder for images, parcels and truth."
SERIES_OUTPUT = "File for the time series, named NAME.series.json."
DATASET_OUTPUT = "Folder for the dataset."
IMPORT_SOURCE = "Folder of the published dataset, as it was unpacked."
LAYOUT = "The dataset whose layout it is."
EXPORT_LAYOUTS = (("pastis", "PASTIS"),)
LAYOUTS = (
    *EXPORT_LAYOUTS,
    ("t31tfm1618", "T31TFM-1618, turned into .npz"),
    ("mtlcc", "MTLCC"),
)
IMPORT_FOLD = (
    "PASTIS: the fold that is test, 1 to 5; empty: 5. MTLCC: the fold of its lists, 0 to 9; "
    "empty: 0."
)
IMPORT_YEAR = "The year to take, of a dataset that holds several."
EXPORT_DATASET_OUTPUT = "Folder for the patches, their labels and metadata.geojson."
REPORT_OUTPUT = "Folder for report.html and report.json."
REPORT_BANDS = (
    "Bands whose season curves are drawn beside NDVI, separated by commas. Empty: B04, B08, B11."
)
MODEL_OUTPUT = "Folder for the model."
EVALUATE_OUTPUT = "Folder for report.json and report.html."
MAP_OUTPUT = "Folder for the crop map and its layers."
PARCELS_OUTPUT = "GeoPackage for the classified parcels."
EXPORT_OUTPUT = "File to write."
PIPELINE_OUTPUT = "Folder for time series, dataset, model, map, parcels and report."
DEMO_OUTPUT = "Folder for the scene and all results."
SPLIT = "How training, validation and test parcels are kept apart."
SPLITS = (
    ("blocks", "Spatial blocks"),
    ("folds", "Spatial blocks in folds"),
    ("field", "A field of the parcels"),
    ("layer", "Polygons of a layer"),
)
SPLIT_FIELD = (
    "The field of the parcel layer that says training, validation or test (or 1, 2, 3), for the "
    "split by field."
)
SPLIT_LAYER = (
    "Polygons with a field split that says training, validation or test; a parcel has the split "
    "of the polygon that holds a point inside it."
)
FOLDS = "Number of folds, for the split by folds. Empty: 5."
CROSS_FIT = (
    "Number of folds of spatial blocks, each with a model of its own: every parcel is judged by "
    "the one that saw neither it nor its block, and those that disagree with their declaration "
    "make the list inspection.gpkg. Takes about as many times as long. Empty: no list."
)
FOLD = "The fold that is test; the next one is validation. Empty: 1."
HOLD_OUT = (
    "A tile or a harvest year that is kept for test, on top of the blocks: nothing of its ground "
    "is trained on."
)
EVALUATE_SPLIT = "Which parcels to score."
SPLIT_NAMES = (
    ("test", "Test"),
    ("validation", "Validation"),
    ("training", "Training"),
)
DATASET = "A dataset folder."
MODEL = "A model folder."
PRETRAINED = "A pretrained model folder. Empty: training starts from scratch."
LOSS = "What the network learns in pretraining."
CONTRASTIVE_LOSSES = (
    ("masked", "Context-self contrast, masked: only pairs with known labels inside the image"),
    ("released", "Context-self contrast as released by the authors"),
    ("cross-entropy", "Cross-entropy on the similarity, masked"),
    ("local-info-nce", "Local InfoNCE with a temperature"),
    ("supervised-memory", "Supervised contrast across the batch with a memory"),
)
LOSSES = (
    *CONTRASTIVE_LOSSES,
    ("classification", "Classification, as a control: its classifier is dropped afterwards"),
)
TEMPERATURE = (
    "Temperature of the losses that have one: local InfoNCE, supervised contrast, and the "
    "cross-entropy on the similarity, which learns it from there. Empty: the loss's own."
)
PAIR_LABELS = (
    "What makes two pixels alike: the same crop, the same parcel, or the ground of one crop that "
    "they have in common."
)
PAIR_LABEL_KINDS = (("crop", "Crop"), ("parcel", "Parcel"), ("cover", "Cover by crop"))
COVER = (
    "Learn what share of each pixel every class covers, as the finer labels say, rather than the "
    "class that covers most."
)
RELATIVE_POSITION = "Add a learned vector of the relative position to the neighbours."
ANCHORS = (
    "Which pixels are compared with their windows: all, those at boundaries, or as many at "
    "boundaries as inside."
)
ANCHOR_KINDS = (
    ("all", "All pixels"),
    ("boundary", "At boundaries"),
    ("balanced", "As many at boundaries as inside"),
)
SCALE = "Where the loss sits: on the features at 10 m, or on those refined to 5 m or 2.5 m."
SCALES = (("1", "10 m"), ("2", "5 m"), ("4", "2.5 m"))
CONTEXT = (
    "Side in pixels of the window in which pixels that are alike share their class probabilities, "
    "so that mixed pixels lean on the parcel they resemble: an odd number from 3 to 15, or 0 for "
    "none."
)
BOUNDARY_WEIGHT = (
    "Weight in the classification loss of pixels with another label next to them; 1 treats all "
    "alike."
)
CHECKPOINTING = (
    "Keep less of each step in memory and compute it a second time for the gradients: about a "
    "third more time, the same result."
)
LABEL_SHARE = "Share of the training chips whose labels are used, chosen by the seed."
OBJECTIVE = "The classification loss."
OBJECTIVES = (
    ("cross-entropy", "Cross-entropy"),
    ("log-cosh-dice", "Cross-entropy and log-cosh Dice"),
)
CLASS_WEIGHTS = "Weight of the classes: alike, or inversely to their pixels in training."
CLASS_WEIGHT_KINDS = (("none", "Alike"), ("balanced", "Balanced"))
JOINT = "Weight of a contrastive loss beside the classification loss; 0: none."
JOINT_LOSS = "The contrastive loss beside the classification loss."
FREEZE = "Train the classifiers alone, on the features of the pretrained model as they are."
SAMPLING = (
    "How often training chips are drawn: all alike, those with rare classes more often, or those "
    "with many boundary pixels more often."
)
SAMPLINGS = (("even", "All alike"), ("class", "By rare classes"), ("boundary", "By boundaries"))
PATIENCE = "Stop after this many validations without improvement. Empty: never."
WINDOW = "Side of the window around each location; odd."
DILATION = "Distance between neighbours in the window."
STRIDE = "Distance between the locations that are compared with their windows."
POSITIVE_WEIGHT = "Weight of pairs of one crop: a number, or balanced."
AREA = "Map only this extent: xmin,ymin,xmax,ymax in the images' coordinates. Empty: all."
MAP_PARCELS = (
    "Map these parcels only; windows without any are skipped. For a model that knows no land "
    "outside parcels, and to save time."
)
AREA_POLYGONS = "Map only what lies in the polygons of this layer; the rest has no data."
CROPLAND = (
    "Map only where this raster is neither 0 nor without data. It need not lie on the images' "
    "grid: its nearest pixel counts."
)
PRECISION = (
    "Arithmetic of the network: bfloat16 is much faster on processors with AMX and on GPUs, and "
    "changes a few pixels in a thousand."
)
PRECISIONS = (("float32", "float32"), ("bfloat16", "bfloat16"))
MAP_WORKERS = (
    "Processes on this machine that share the windows, each on one core. Empty or 1: one process "
    "on all cores, which takes the least memory."
)
PROBABILITIES = "Keep the probability of every class; parcels are classified from it."
MAP = "A map folder."
LAYER = "The vector layer to export."
FORMAT = "The format of the file."
FORMATS = (
    ("gpkg", "GeoPackage"),
    ("geojson", "GeoJSON"),
    ("shp", "Shapefile"),
    ("fgb", "FlatGeobuf"),
    ("parquet", "GeoParquet"),
    ("csv", "CSV, without geometry"),
    ("xlsx", "XLSX, without geometry"),
    ("kml", "KML"),
)
FIELDS = "Names of the fields to keep, separated by commas. Empty: all."
CRS = "Coordinate reference system of the file, for example EPSG:4326. Empty: the layer's."
UNTIL_CURVE = (
    "Cut the season at this many dates, evenly spread, and score the map of each: how early in the "
    "season the crops can be told. Each date costs about one more evaluation at 10 m. 0: none."
)
POLYGONS_OUTPUT = "GeoPackage for the polygons."
POLYGON_AREA = "Pieces of the map smaller than this join a neighbour; 0: none does."
POLYGON_STRENGTH = "Ground of one crop is parted where the boundary strength reaches this, 0 to 1."
POLYGON_TOLERANCE = (
    "How much outlines are simplified, in pixels of the map: corners whose triangle is smaller "
    "than its square go; 0: none. Empty: 3 at 10 m, 4 at finer ones."
)
SAMPLE_OUTPUT = "GeoPackage for the points to label."
POINTS = "Number of points. Empty: what the standard error takes."
ALLOCATION = "How the points are shared among the map's classes."
ALLOCATIONS = (
    ("proportional", "By area, with a minimum for each class"),
    ("equal", "The same number for each class"),
)
MINIMUM = "Every class gets at least this many points, unless it has fewer pixels."
STANDARD_ERROR = "Wanted standard error of the overall accuracy, from which the points follow."
EXPECTED_ACCURACY = "Accuracy that is expected of each class, from which the points follow."
SAMPLE = "The labelled points, as drawn by the job sample or of your own."
REFERENCE_FIELD = (
    "The field with the true class of each point, by name or code; points without one are left "
    "out. Empty: reference."
)
UNITS = "Polygons of administrative units, to tell the area in each of them."
UNIT_FIELD = "The field with the name of each unit."
STRATA = (
    "CSV with the columns stratum and pixels, for a sample that was not drawn by the job sample; "
    "its points need a field stratum."
)
PROBABILITY_SAMPLE = (
    "State that the points of such a sample were drawn at random within each stratum. Without "
    "this there is no estimate: points chosen by hand say nothing about the rest."
)
AREA_OUTPUT = "Folder for the areas by class and unit, and the report."
