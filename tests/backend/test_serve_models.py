"""What is answered about models: the card, and whether images suit it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from ask import ask, refused
from cscl.contract import strict_json
from small_scene import flat_bands, write_folder, write_image


def kinds(found: dict[str, Any]) -> dict[str, str]:
    """Return the severity of each mismatch."""
    return {row["what"]: row["severity"] for row in found["mismatches"]}


def mismatch(found: dict[str, Any], what: str) -> dict[str, Any]:
    """Return the mismatch of a kind."""
    return next(row for row in found["mismatches"] if row["what"] == what)


def test_the_card_is_that_of_the_model(chain: Any) -> None:
    found = ask("card", model=str(chain.model))
    assert found["name"] == "model"
    assert (found["architecture"], found["width"], found["stage"]) == (
        "unet3df", 0.125, "finetuned",
    )  # fmt: skip
    assert found["bands"][:3] == ["B02", "B03", "B04"] and len(found["bands"]) == 10
    assert found["season"] == ["10-01", "09-30"]
    assert (found["year"], found["level"], found["outside"]) == (2021, "L2A", "class")
    assert found["heads"] == ["10", "2.5"]
    assert [row["code"] for row in found["classes"]] == list(range(1, len(found["classes"]) + 1))
    assert all(row["colour"].startswith("#") for row in found["classes"])
    assert "scene classification" in found["series"]
    assert 0 <= found["figures"]["overall_accuracy"] <= 1
    assert found["trained"]["stage"] == "finetune"
    assert found["dates"] == found["trained"]["dates"]
    assert found["size"] == (chain.model / "model.safetensors").stat().st_size
    assert ask("card", model=str(chain.pretrained))["stage"] == "pretrained"


def test_what_is_no_model_is_refused_in_words(tmp_path: Path) -> None:
    assert refused("card", model=str(tmp_path)).code == "no_model"
    (tmp_path / "model.pt").write_bytes(b"x")
    assert refused("card", model=str(tmp_path / "model.pt")).code == "refused_format"


class TestFits:
    def test_the_images_of_training_suit_the_model(self, chain: Any) -> None:
        for text in (chain.scene, chain.series):
            found = ask("fits", images=str(text), model=str(chain.model), resolution="2.5")
            assert found == {"fits": True, "mismatches": []}

    def test_other_seasons_are_mended(self, chain: Any) -> None:
        asked = {"images": str(chain.scene), "model": str(chain.model)}
        found = ask("fits", **asked, season="2015-01-01/2015-12-31")
        assert not found["fits"]
        row = mismatch(found, "dates")
        assert row["series"] == "0 in 2015-01-01/2015-12-31"
        assert row["mend"] == {"season": "2020-10-01/2021-09-30"}
        assert ask("fits", **asked, **row["mend"])["fits"]
        part = ask("fits", **asked, season="2021-01-01/2021-09-30")
        assert part["fits"] and kinds(part)["season"] == "warning"

    def test_a_resolution_that_the_model_lacks_is_mended(self, chain: Any, tmp_path: Path) -> None:
        model = tmp_path / "model"
        shutil.copytree(chain.model, model)
        item = strict_json.read(model / "model.json")
        item["properties"]["cscl:card"]["heads"] = [1]
        item["properties"]["cscl:card"]["temperatures"] = {"1": 1.0}
        (model / "model.json").write_text(strict_json.dump(item))
        asked = {"images": str(chain.scene), "model": str(model)}
        found = ask("fits", **asked, resolution="2.5")
        assert mismatch(found, "resolution")["mend"] == {"resolution": "10"}
        assert ask("fits", **asked, resolution="10")["fits"]

    def test_bands_level_and_files_are_named(self, chain: Any, tmp_path: Path) -> None:
        folder = write_folder(tmp_path / "in", ("20210401", "20210501"))
        less = {name: band for name, band in flat_bands().items() if name != "B8A"}
        write_image(folder / "S2_L2A_20210601.tif", less)
        found = ask("fits", images=str(folder), model=str(chain.model))
        assert not found["fits"]
        assert "it lacks B8A" in mismatch(found, "bands")["series"]
        assert mismatch(found, "bands")["model"].startswith("B02, B03")
        other = tmp_path / "L1C"
        other.mkdir()
        for date in ("20210401", "20210501"):
            write_image(other / f"S2_L1C_{date}.tif", flat_bands(value=1500))
        found = ask("fits", images=str(other), model=str(chain.model))
        row = mismatch(found, "level")
        assert (row["model"], row["series"], row["severity"]) == ("L2A", "L1C", "error")

    def test_numbers_of_another_scale_are_told(self, chain: Any, tmp_path: Path) -> None:
        folder = tmp_path / "in"
        folder.mkdir()
        for month in range(1, 10):
            write_image(folder / f"S2_L2A_20210{month}01.tif", flat_bands(value=20_000))
        found = ask("fits", images=str(folder), model=str(chain.model))
        assert found["fits"] and kinds(found)["reflectance"] == "warning"

    def test_a_pretrained_model_maps_nothing(self, chain: Any) -> None:
        found = ask("fits", images=str(chain.scene), model=str(chain.pretrained))
        assert mismatch(found, "model")["severity"] == "error"
        assert "Fine-tune it first" in mismatch(found, "model")["remedy"]

    def test_no_images_are_named(self, chain: Any) -> None:
        assert refused("fits", model=str(chain.model)).code == "invalid_question"


@pytest.mark.parametrize("name", ["card", "fits"])
def test_questions_about_models_need_a_path(name: str) -> None:
    assert refused(name, images="/a").code == "invalid_question"
