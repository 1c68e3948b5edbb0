"""Writing vector layers: batch by batch, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from pyogrio.raw import write_arrow

from cscl.contract import atomic
from cscl.contract.errors import UserError
from cscl.vectors.read_back import Counted, check_written, not_written


def write_layer(
    path: Path,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    *,
    driver: str,
    layer: str,
    crs: str,
    geometry_type: str,
    geometry: str,
    dataset_options: dict[str, str] | None = None,
    layer_options: dict[str, str] | None = None,
) -> None:
    """Write batches as a vector file, without holding more than one of them.

    What was written is read back and counted. An exception from `batches` comes out as it is.
    Raises `UserError` where the file cannot be written.
    """
    failure: list[BaseException] = []
    wanted = Counted()

    def relayed() -> Iterator[pa.RecordBatch]:
        # Arrow's stream turns exceptions into texts, so the first is kept.
        try:
            for batch in batches:
                wanted.add(batch.column(geometry))
                yield batch
        except BaseException as error:
            failure.append(error)
            raise

    try:
        write_arrow(
            pa.RecordBatchReader.from_batches(schema, relayed()),
            path,
            layer=layer,
            driver=driver,
            geometry_name=geometry,
            geometry_type=geometry_type,
            crs=crs or None,
            encoding="UTF-8",
            dataset_options=dataset_options,
            layer_options=layer_options,
        )
    except Exception as error:
        if failure:
            raise failure[0] from None
        raise not_written(path, f"it cannot be written ({error})") from error
    # Other formats hold one layer, whose name is the file's in some of them.
    check_written(path, layer if driver == "GPKG" else 0, wanted)


def gpkg_options(layer_fields: Iterable[str], fid_column: str) -> dict[str, str]:
    """Return GeoPackage layer options that keep the ids, or give them a name that is free."""
    taken = {name.lower() for name in layer_fields}
    names = (fid_column, "fid", "ogc_fid", *(f"fid_{number}" for number in range(2, 300)))
    return {"FID": next(name for name in names if name and name.lower() not in taken)}


@contextmanager
def staged(output: Path) -> Iterator[Path]:
    """Yield an empty folder beside `output`; on success all files in it move to output's folder.

    On any failure nothing of them stays. `output` itself, if among them, comes last.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    folder = atomic.part_path(output)
    folder.mkdir()
    try:
        yield folder
        members = sorted(folder.iterdir(), key=lambda item: (item.name == output.name, item.name))
        for member in members:
            atomic.flush_to_disk(member)
        for member in members:
            os.replace(member, output.parent / member.name)
    finally:
        atomic.remove(folder)


def refuse_same_file(source: Path, output: Path) -> None:
    """Raise `UserError` where the output would replace its own source."""
    if output.exists() and os.path.samefile(source, output):
        raise UserError(
            "output_is_input",
            output,
            "it is the input too",
            "Choose another output; inputs are never changed.",
        )
