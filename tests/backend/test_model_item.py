"""A model's card is a STAC item with the Machine Learning Model extension."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pystac
import pytest
from cscl.contract.errors import UserError
from cscl.models.store import load_card, load_model, save_model
from pystac.extensions.file import FileExtension
from pystac.extensions.mlm import MLMExtension
from test_model_store import card, network

# What the extension's published schema requires of an item and of each input and output:
# https://github.com/stac-extensions/mlm, json-schema/schema.json.
REQUIRED = {"mlm:name", "mlm:architecture", "mlm:tasks", "mlm:input", "mlm:output"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model with a footprint, of a season over New Year."""
    footprint = {"crs": "EPSG:4326", "bounds": [3.1, 50.5, 3.4, 50.75]}
    save_model(tmp_path / "model", network(), card(training={"footprint": footprint}))
    return tmp_path / "model"


def test_the_card_is_a_stac_item_for_pystac(folder: Path) -> None:
    item = pystac.Item.from_file(str(folder / "model.json"))
    assert item.bbox == [3.1, 50.5, 3.4, 50.75]
    assert item.geometry is not None
    assert item.geometry["coordinates"][0][2] == [3.4, 50.75]
    assert item.datetime is None
    assert item.properties["start_datetime"] == "2018-10-01T00:00:00Z"
    assert item.properties["end_datetime"] == "2019-09-30T23:59:59Z"
    assert item.properties.keys() >= REQUIRED
    model = MLMExtension.ext(item)
    assert model.mlm_name == "cscl-unet3df-2019"
    assert model.architecture == "unet3df"
    assert model.framework == "PyTorch"
    assert model.tasks == ["semantic-segmentation", "super-resolution"]
    assert model.total_parameters == sum(p.numel() for p in network().parameters())
    assert model.pretrained is False
    assert item.properties["mlm:pretrained_source"] is None


def test_inputs_and_outputs_are_those_of_the_network(folder: Path) -> None:
    model = MLMExtension.ext(pystac.Item.from_file(str(folder / "model.json")))
    images, days, valid = model.input
    assert [str(band) for band in images.bands] == ["B02", "B04", "B08"]
    assert images.input.shape == [-1, -1, 3, -1, -1]
    assert images.input.dim_order == ["batch", "time", "bands", "height", "width"]
    assert images.properties["value_scaling"][2] == {
        "type": "z-score", "mean": 0.3, "stddev": 0.1,
    }  # fmt: skip
    assert (days.bands, valid.bands) == ([], [])
    coarse, fine = model.output
    assert (coarse.name, fine.name) == ("logits_1x", "logits_4x")
    assert coarse.result.shape == [-1, 3, -1, -1]
    assert fine.tasks == ["semantic-segmentation", "super-resolution"]
    classes = [item.to_dict() for item in coarse.classes]
    assert [item["value"] for item in classes] == [1, 7, 254]
    assert classes[0]["name"] == "1-maize"
    assert [item["color_hint"] for item in classes[:2]] == ["E6C229", "6AA84F"]
    assert classes[2]["description"] == "outside parcels"


def test_the_weights_are_an_asset_with_their_checksum(folder: Path) -> None:
    item = pystac.Item.from_file(str(folder / "model.json"))
    asset = item.assets["weights"]
    data = (folder / "model.safetensors").read_bytes()
    assert asset.roles is not None
    assert "mlm:model" in asset.roles
    assert Path(asset.get_absolute_href() or "").resolve() == folder / "model.safetensors"
    file = FileExtension.ext(asset)
    assert file.checksum == "1220" + hashlib.sha256(data).hexdigest()
    assert file.size == len(data)


def test_the_item_is_valid_by_the_schema_of_stac(folder: Path) -> None:
    pytest.importorskip("jsonschema", reason="the schema is checked where jsonschema is")
    from pystac.validation.stac_validator import JsonSchemaSTACValidator

    validator = JsonSchemaSTACValidator()
    value = json.loads((folder / "model.json").read_text())
    validator.validate_core(value, pystac.STACObjectType.ITEM, value["stac_version"])
    del value["assets"]
    with pytest.raises(pystac.STACValidationError):
        validator.validate_core(value, pystac.STACObjectType.ITEM, "1.1.0")


def test_without_a_footprint_there_is_no_geometry(tmp_path: Path) -> None:
    save_model(tmp_path, network(), card(season=("02-29", "10-31")))
    value = json.loads((tmp_path / "model.json").read_text())
    assert value["geometry"] is None
    assert "bbox" not in value
    assert value["properties"]["start_datetime"] == "2019-02-28T00:00:00Z"


def test_the_bare_card_of_before_is_still_read(folder: Path) -> None:
    path, expected = folder / "model.json", load_card(folder)
    bare = json.loads(path.read_text())["properties"]["cscl:card"]
    del bare["boundary"]
    path.write_text(json.dumps(bare | {"schema_version": 1}))
    assert load_card(folder) == expected
    assert load_model(folder).card.boundary_source(1) == "probabilities"


def test_an_item_without_a_card_is_refused(folder: Path) -> None:
    path = folder / "model.json"
    value = json.loads(path.read_text())
    del value["properties"]["cscl:card"]
    path.write_text(json.dumps(value))
    with pytest.raises(UserError, match="the STAC item holds no model card"):
        load_model(folder)
