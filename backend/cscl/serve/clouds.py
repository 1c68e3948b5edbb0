"""How much of an image clouds hide, counted as a time series counts it."""

from __future__ import annotations

from typing import Any

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.grid import Grid, Window
from cscl.series.grids import series_grid
from cscl.series.measure import measure_date
from cscl.series.measuring import pass_of
from cscl.serve.choices import options_of
from cscl.serve.places import area_in
from cscl.serve.scans import image_named


def clouds(values: dict[str, Any], ctx: JobContext) -> dict[str, Any]:
    """Return the shares of an image, of its grid or of `area`; see `CLOUDS` of the contract."""
    options = options_of(values)
    image = image_named(values["images"], values["id"], options.wanted)
    grid = series_grid(image, options.wanted)
    bands, mask = options.used_bands, options.mask
    area = _area(values, grid)
    measure = measure_date([pass_of(image, bands, mask)], bands, mask, grid, ctx, area)
    return {"id": values["id"], "cloud": measure.passes[0].cloud, "valid": measure.valid}


def _area(values: dict[str, Any], grid: Grid) -> Window | None:
    if "area" not in values:
        return None
    area = area_in(values["area"], values.get("area_crs", grid.crs), grid)
    if area is None:
        raise UserError(
            "outside_image",
            values["id"],
            "the area lies beyond it",
            "Choose an area on the images, or look at them whole.",
        )
    return area
