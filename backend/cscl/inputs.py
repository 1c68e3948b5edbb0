"""The paths that a job reads: whether they are there, and that no output takes their place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cscl.contract import strict_json
from cscl.contract.errors import Findings, UserError
from cscl.contract.fields import Field, fields_of
from cscl.contract.paths import LAYER_MARK

# Where a folder of images, and a dataset, keep their time series.
_SERIES = ("*.series.json", "series/*.series.json")
_KINDS = ("vector", "points", "raster", "file", "folder", "images")


def input_paths(job: Any) -> Iterator[tuple[Field, Path]]:
    """Yield every path that a job is given to read, with its field; a layer is its file."""
    for field in fields_of(type(job)):
        value = getattr(job, field.name)
        if field.kind not in _KINDS or not value:
            continue
        for text in value.split(";") if field.kind == "images" else [value]:
            yield field, Path(text.partition(LAYER_MARK)[0])


def check_inputs(job: Any) -> None:
    """Raise one `UserError` that names every input path that does not exist."""
    findings = Findings()
    for field, path in input_paths(job):
        wanted_folder = field.kind == "folder"
        if not path.exists():
            what = "folder" if wanted_folder else "file or folder"
            findings.error(
                "input_missing", path, f"there is no such {what}",
                f"Check the path given as {field.title.lower()}.",
            )  # fmt: skip
        elif wanted_folder and not path.is_dir():
            findings.error(
                "input_not_folder", path, "it is a file, a folder is wanted",
                f"Check the path given as {field.title.lower()}.",
            )  # fmt: skip
    findings.raise_errors()


def refuse_inputs_within(job: Any, output: Path) -> None:
    """Raise `UserError` where a job reads the output that it would replace, or what lies in it."""
    place = output.resolve()
    for field, given in input_paths(job):
        for path in (given, *_images_of(given)):
            found = path.resolve()
            if found == place or place in found.parents:
                what = "it is" if found == place else f"it holds {path},"
                raise UserError(
                    "output_is_input", output,
                    f"{what} the job's input too ({field.title.lower()})",
                    "Choose another output; inputs are never changed.",
                )  # fmt: skip


def _images_of(path: Path) -> Iterator[Path]:
    """Yield the images that time series name; what cannot be read is left to the job to refuse."""
    found = [path] if path.is_file() else [file for part in _SERIES for file in path.glob(part)]
    for file in sorted(found):
        if not file.match(_SERIES[0]):
            continue
        try:
            links = set(_links(strict_json.read(file)))
        except (UserError, OSError, ValueError):
            continue
        yield from (file.parent / link for link in sorted(links))


def _links(value: Any) -> Iterator[str]:
    """Yield what a STAC document links to."""
    if isinstance(value, dict):
        if isinstance(value.get("href"), str):
            yield value["href"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _links(item)
