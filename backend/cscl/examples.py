"""An example of each command, shown by its `--help`; together they go from images to a report."""

from __future__ import annotations

import textwrap

EXAMPLES = {
    "series": "cscl series --images images/ --season 2018-10-01/2019-09-30 "
    "--output fields.series.json",
    "dataset": "cscl dataset --images fields.series.json --parcels parcels.gpkg "
    "--class-field crop --output dataset",
    "report": "cscl report dataset",
    "pretrain": "cscl pretrain --dataset dataset --preset quick --output pretrained",
    "finetune": "cscl finetune --dataset dataset --model pretrained --preset quick --output model",
    "evaluate": "cscl evaluate --dataset dataset --model model --output evaluation",
    "map": "cscl map --images fields.series.json --model model --output map",
    "parcels": "cscl parcels --map map --parcels parcels.gpkg --class-field crop "
    "--output classified.gpkg",
    "polygons": "cscl polygons --map map --minimum-area 2000 --output fields.gpkg",
    "sample": "cscl sample --map map --points 400 --output sample.gpkg",
    "area": "cscl area --map map --sample sample.gpkg --output areas",
    "export": "cscl export --layer classified.gpkg --format shp --output classified.shp",
    "pipeline": "cscl pipeline --images images/ --parcels parcels.gpkg --class-field crop "
    "--preset quick --output result",
    "import": "cscl import --source PASTIS --layout pastis --output dataset",
    "export-dataset": "cscl export-dataset --dataset dataset --output patches",
    "export-model": "cscl export-model model --output model.onnx",
    "simulate": "cscl simulate --size 256 --output scene",
    "demo": "cscl demo --output demo",
    "run": "cscl run --path /home/anna/images=/data/s2 job.json",
    "doctor": "cscl doctor --check",
    "experiments": "cscl experiments default --arm default --seed 1",
}


def help_end(name: str) -> str | None:
    """Return what the help of a command ends with; None where it has no example.

    A long command is continued on further lines, as a shell reads it.
    """
    if name not in EXAMPLES:
        return None
    lines = textwrap.wrap(EXAMPLES[name], 72, break_long_words=False, break_on_hyphens=False)
    # Without the first character click would wrap the lines anew.
    return "\b\nExample:\n  " + " \\\n      ".join(lines)
