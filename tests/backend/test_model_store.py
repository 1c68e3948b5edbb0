"""Model folders and cards."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from cscl.contract.classes import ClassTable, CropClass
from cscl.contract.errors import UserError
from cscl.losses import LOSSES, ContextSelfContrastiveLoss, PairRules, build_loss
from cscl.models.card import ModelCard
from cscl.models.network import CropNetwork
from cscl.models.registry import build_network
from cscl.models.store import load_card, load_model, save_model

torch.set_num_threads(1)
CLASSES = ClassTable(
    (
        CropClass(1, "maize", "#e6c229", ("201", "202")),
        CropClass(7, "grass", "#6aa84f", ("60",), "33020000"),
    ),
    "parcels.gpkg",
    2019,
)


def card(**changes: object) -> ModelCard:
    base = ModelCard(
        bands=("B02", "B04", "B08"),
        level="L2A",
        season=("10-01", "09-30"),
        year=2019,
        mean=(0.05, 0.06, 0.3),
        std=(0.02, 0.03, 0.1),
        classes=CLASSES,
        outside="class",
        width=1 / 16,
        temperatures={"1": 1.25, "4": 1.0},
        training={"dataset": "abc", "seeds": [1, 2], "epochs": {"finetune": 3}},
    )
    return replace(base, **changes)


def network(heads: tuple[int, ...] = (1, 4), *, residual: bool = True) -> CropNetwork:
    torch.manual_seed(0)
    return build_network(
        "unet3df", bands=3, classes=3, width=1 / 16, heads=heads, residual=residual
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_model(tmp_path / "model", network(), card())
    return tmp_path / "model"


def edited(folder: Path, **changes: object) -> None:
    path = folder / "model.json"
    item = json.loads(path.read_text())
    item["properties"]["cscl:card"].update(changes)
    path.write_text(json.dumps(item))


def test_finer_heads_of_an_older_card_answer_by_themselves(folder: Path) -> None:
    inputs = torch.randn(1, 3, 3, 8, 8), torch.zeros(1, 3), torch.ones(1, 3, 8, 8) > 0
    path = folder / "model.json"
    item = json.loads(path.read_text())
    assert item["properties"]["cscl:card"].pop("residual") is True
    path.write_text(json.dumps(item))
    loaded = load_model(folder)
    assert not loaded.card.residual and not loaded.network.residual
    before = network(residual=False).eval()
    with torch.no_grad():
        assert torch.equal(loaded.network(*inputs, scale=4), before(*inputs, scale=4))
        assert not torch.allclose(network().eval()(*inputs, scale=4), before(*inputs, scale=4))
    edited(folder, residual="yes")
    with pytest.raises(UserError, match="residual: it is a str"):
        load_model(folder)


def test_a_model_comes_back_as_it_was(folder: Path) -> None:
    loaded = load_model(folder)
    assert sorted(item.name for item in folder.iterdir()) == ["model.json", "model.safetensors"]
    assert replace(loaded.card, sha256="") == card()
    assert loaded.card.codes == (1, 7, 254)
    assert loaded.card.temperature(1) == 1.25
    assert not loaded.network.training
    original = network().eval()
    inputs = torch.randn(1, 3, 3, 8, 8), torch.zeros(1, 3), torch.rand(1, 3, 8, 8) < 0.8
    with torch.no_grad():
        for scale, logits in original.forward_all(*inputs).items():
            assert torch.equal(loaded.network(*inputs, scale=scale), logits)
    # It can be trained further.
    loaded.network.train()(*inputs).sum().backward()
    assert all(
        parameter.grad is not None
        for name, parameter in loaded.network.named_parameters()
        if name.startswith("backbone.")
    )


@pytest.mark.parametrize("name", ["", "model.json", "model.safetensors"])
def test_the_folder_or_either_file_names_the_model(folder: Path, name: str) -> None:
    assert load_model(folder / name).card.year == 2019
    assert load_card(folder / name).bands == ("B02", "B04", "B08")


def test_saving_twice_gives_equal_bytes(folder: Path, tmp_path: Path) -> None:
    save_model(tmp_path / "again", network(), card())
    for name in ("model.json", "model.safetensors"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_losses_travel_with_a_pretrained_model(tmp_path: Path) -> None:
    torch.manual_seed(4)
    losses = {
        1: ContextSelfContrastiveLoss(8, window=5, positive_weight=0.07),
        4: ContextSelfContrastiveLoss(
            8, projection=6, dilation=4, form="linear", rules=PairRules.released()
        ),
    }
    save_model(tmp_path, network(), card(stage="pretrained"), losses)
    loaded = load_model(tmp_path)
    assert sorted(loaded.losses) == [1, 4]
    assert loaded.losses[4].rules == PairRules.released()
    assert loaded.losses[1].options() == losses[1].options()
    embedding, labels = torch.randn(1, 8, 6, 6), torch.randint(1, 4, (1, 6, 6))
    for scale, loss in losses.items():
        assert loaded.losses[scale](embedding, labels).loss == loss(embedding, labels).loss
    with pytest.raises(UserError) as error:
        loaded.card.require_finetuned(tmp_path)
    assert error.value.code == "model_not_finetuned"


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_every_loss_travels_with_its_model(tmp_path: Path, name: str) -> None:
    embedding, labels = torch.randn(1, 8, 6, 6), torch.randint(1, 4, (1, 6, 6))
    loss = build_loss(name, 8)
    loss(embedding, labels)
    loss.eval()
    save_model(tmp_path, network(), card(stage="pretrained"), {1: loss})
    loaded = load_model(tmp_path).losses[1]
    assert loaded.name == name
    assert loaded(embedding, labels).loss == loss(embedding, labels).loss
    for key, tensor in loss.state_dict().items():
        assert torch.equal(loaded.state_dict()[key], tensor)


def test_an_earlier_model_is_replaced_whole(folder: Path) -> None:
    changed = network()
    with torch.no_grad():
        changed.classifiers["1"].bias.fill_(3)
    written = save_model(folder, changed, card(year=2020))
    loaded = load_model(folder)
    assert loaded.card == written
    assert loaded.network.classifiers["1"].bias.tolist() == [3, 3, 3]
    assert sorted(item.name for item in folder.iterdir()) == ["model.json", "model.safetensors"]


def test_diverged_weights_are_not_saved(folder: Path) -> None:
    before = (folder / "model.safetensors").read_bytes()
    broken = network()
    with torch.no_grad():
        broken.backbone.up_2.convolution.weight[0, 0, 0, 0, 0] = float("nan")
    with pytest.raises(UserError) as error:
        save_model(folder, broken, card())
    assert error.value.code == "weights_not_finite"
    assert "backbone.up_2.convolution.weight" in str(error.value)
    assert "lower the learning rate" in str(error.value)
    assert (folder / "model.safetensors").read_bytes() == before
    assert load_model(folder).card.year == 2019


def test_weights_of_another_card_are_refused(folder: Path, tmp_path: Path) -> None:
    other = network()
    with torch.no_grad():
        other.classifiers["1"].bias.fill_(1)
    save_model(tmp_path / "other", other, card())
    (folder / "model.safetensors").write_bytes(
        (tmp_path / "other" / "model.safetensors").read_bytes()
    )
    with pytest.raises(UserError) as error:
        load_model(folder)
    assert error.value.code == "weights_changed"
    assert str(folder / "model.safetensors") in str(error.value)


@pytest.mark.parametrize(
    ("changes", "field", "found"),
    [
        ({"mean": [0.1, 0.2]}, "mean", "not 3 numbers"),
        ({"std": [0.1, 0.2, 0]}, "std", "not 3 positive numbers"),
        ({"bands": ["B02", "B02", "B08"]}, "bands", "distinct band names"),
        ({"heads": [3]}, "heads", "some of 1, 2 and 4"),
        ({"heads": []}, "heads", "some of 1, 2 and 4"),
        ({"season": ["2019-10-01", "09-30"]}, "season", "two dates as MM-DD"),
        ({"season": ["13-01", "09-30"]}, "season", "two dates as MM-DD"),
        ({"width": -1}, "width", "it is -1, not 0 to 4"),
        ({"width": "1"}, "width", "it is a str"),
        ({"year": True}, "year", "it is a bool"),
        ({"outside": "maybe"}, "outside", "class or ignore"),
        ({"stage": "new"}, "stage", "pretrained or finetuned"),
        ({"level": "L3"}, "level", "L2A, L1C or empty"),
        ({"temperatures": {"1": 0}}, "temperatures", "a positive number for each scale"),
        ({"losses": {"3": {}}}, "losses", "options for each scale"),
        ({"sha256": "abc"}, "sha256", "a SHA-256 in hex"),
        ({"schema_version": 99}, "schema_version", "it is 99, this version reads 2"),
        ({"surprise": 1}, "surprise", "the field is not known"),
    ],
)
def test_a_damaged_card_is_named_by_field(
    folder: Path, changes: dict[str, object], field: str, found: str
) -> None:
    edited(folder, **changes)
    with pytest.raises(UserError) as error:
        load_model(folder)
    assert [item.subject for item in error.value.findings] == [f"{folder / 'model.json'}, {field}"]
    assert found in error.value.findings[0].found


def test_every_fault_of_a_card_is_reported(folder: Path) -> None:
    edited(folder, mean=[], width=9, outside="maybe")
    with pytest.raises(UserError) as error:
        load_card(folder)
    fields = [item.subject.split(", ")[-1] for item in error.value.findings]
    assert fields == ["mean", "width", "outside"]


def test_missing_fields_and_other_json_are_refused(folder: Path) -> None:
    path = folder / "model.json"
    value = json.loads(path.read_text())
    del value["properties"]["cscl:card"]["bands"]
    path.write_text(json.dumps(value))
    with pytest.raises(UserError, match="bands: the field is missing"):
        load_card(folder)
    path.write_text("[]")
    with pytest.raises(UserError, match="no JSON object"):
        load_card(folder)
    path.write_text('{"width": NaN}')
    with pytest.raises(UserError, match="NaN is not a JSON number"):
        load_card(folder)


def test_an_unknown_backbone_and_damaged_loss_options_are_refused(folder: Path) -> None:
    edited(folder, architecture="resnet")
    with pytest.raises(UserError, match="no backbone named 'resnet'"):
        load_model(folder)
    edited(folder, architecture="unet3df", losses={"1": {"window": 4}})
    with pytest.raises(UserError, match="its options are damaged"):
        load_model(folder)


def test_a_card_that_does_not_fit_its_weights_is_refused(folder: Path) -> None:
    weights = str(folder / "model.safetensors")
    edited(folder, width=1 / 8)
    with pytest.raises(UserError) as error:
        load_model(folder)
    assert error.value.code == "weights_size"
    edited(folder, width=1 / 16, heads=[1])
    with pytest.raises(UserError) as error:
        load_model(folder)
    assert error.value.code == "weights_unknown"
    assert error.value.findings[0].subject == f"{weights}, network.classifiers.4.bias"
    edited(folder, heads=[1, 4], outside="ignore")
    with pytest.raises(UserError) as error:
        load_model(folder)
    assert error.value.code == "weights_shape"
    assert "it is float32 (3,), the card makes it float32 (2,)" in str(error.value)


def test_a_missing_band_is_named() -> None:
    with pytest.raises(UserError) as error:
        card().require_bands(("B02", "B03", "B08"), "/data/images")
    assert str(error.value) == (
        "/data/images: the images lack the band B04 and have B02, B03, B08. The model needs B02, "
        "B04, B08: give images with all of these, or train a model on the bands there are."
    )
    card().require_bands(("B08", "B04", "B03", "B02"), "/data/images")


def test_other_classes_heads_and_levels_are_refused() -> None:
    other = ClassTable((CLASSES.classes[0], replace(CLASSES.classes[1], name="meadow")))
    with pytest.raises(UserError, match="7 is 'meadow' there and 'grass' in the model"):
        card().require_classes(other, "class", "dataset")
    with pytest.raises(UserError, match="outside is 'ignore' there and 'class' in the model"):
        card().require_classes(CLASSES, "ignore", "dataset")
    card().require_classes(replace(CLASSES, source="another", year=2020), "class", "dataset")
    with pytest.raises(UserError, match="answers at 10 m, not at 2.5 m"):
        card(heads=(1,)).require_head(4, "model")
    with pytest.raises(UserError, match="the images are L1C, the model was trained on L2A"):
        card().require_level("L1C", "images")
    assert card().require_level("L2A", "images") is None
    warning = card().require_level("", "images")
    assert warning is not None and warning.severity == "warning"
