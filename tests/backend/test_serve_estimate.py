"""What jobs are expected to take, compared with what they took."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from ask import ask, refused
from cscl.history import remember
from cscl.models.registry import ARCHITECTURES, build_network
from cscl.serve.costs import NETWORKS, at_width


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own."""
    monkeypatch.setenv("CSCL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def expected(name: str, **values: Any) -> dict[str, Any]:
    """Return the estimate of a job."""
    texts = {key: str(item) if isinstance(item, Path) else item for key, item in values.items()}
    return ask("estimate", job={"name": name, "values": texts})


def test_every_backbone_has_its_costs() -> None:
    assert set(NETWORKS) == set(ARCHITECTURES)
    for name, cost in NETWORKS.items():
        for place, width in enumerate((1.0, 0.25)):
            network = build_network(name, bands=10, classes=12, width=width, heads=(1, 4))
            count = sum(item.numel() for item in network.parameters())
            assert cost.parameters[place] == count, name
            assert at_width(cost.dates, width) == pytest.approx(cost.dates[place])


def test_twice_the_epochs_take_twice_the_time(chain: Any, home: Path) -> None:
    asked = {"dataset": chain.dataset, "output": home, "preset": "quick", "width": 0.125}
    one, two = (expected("finetune", **asked, epochs=count) for count in (500, 1000))
    assert two["seconds"] - 10 == pytest.approx(2 * (one["seconds"] - 10), rel=0.01)
    assert two["memory_bytes"] == one["memory_bytes"] > 500 * 2**20
    assert "this machine's processor" in one["based_on"]
    assert one["free_bytes"] > 0
    coarse = expected("finetune", **asked, epochs=500, resolution="10")
    assert coarse["seconds"] < one["seconds"]
    saving = expected("finetune", **asked, epochs=500, checkpointing=True)
    assert saving["seconds"] - 10 == pytest.approx(4 / 3 * (one["seconds"] - 10), rel=0.01)
    of_libraries = 700 * 2**20
    weights = 4 * 4 * at_width(NETWORKS["unet3df"].parameters, 0.125)
    kept = [found["memory_bytes"] - of_libraries - weights for found in (one, saving)]
    assert kept[1] == pytest.approx(0.8 * kept[0], rel=0.01)
    wide = expected("finetune", **{**asked, "width": 1.0}, epochs=500)
    assert wide["seconds"] > 20 * one["seconds"]
    assert wide["disk_bytes"] == pytest.approx(7 * 4 * 7_763_112, rel=0.01)


def test_an_earlier_training_tells_the_speed(chain: Any, home: Path, tmp_path: Path) -> None:
    """A model whose record says another speed changes the estimate by as much."""
    from cscl.contract import strict_json

    model = tmp_path / "fast"
    shutil.copytree(chain.model, model)

    def say(seconds: float) -> float:
        item = strict_json.read(model / "model.json")
        record = item["properties"]["cscl:card"]["training"]
        record |= {"seconds_in_steps": seconds, "steps": 1000}
        (model / "model.json").write_text(strict_json.dump(item))
        asked = {"dataset": chain.dataset, "output": home, "preset": "quick", "epochs": 5000}
        found = expected("finetune", **asked, width=0.125)
        assert "the training fast of" in found["based_on"]
        return found["seconds"] - 10

    remember(model)
    assert say(400.0) == pytest.approx(4 * say(100.0), rel=0.01)


def test_maps_by_their_area_and_resolution(chain: Any, home: Path) -> None:
    asked = {"images": chain.series, "model": chain.model, "output": home / "map"}
    whole = expected("map", **asked)
    assert whole["disk_bytes"] >= sum(path.stat().st_size for path in chain.map.glob("*.tif"))
    assert "9216 pixels" in whole["based_on"]
    left, bottom, right, top = ask("look", images=str(chain.series))["grids"][0]["extent"]
    part = expected("map", **asked, area=f"{left},{bottom},{left + 480},{top}")
    assert part["disk_bytes"] == pytest.approx(whole["disk_bytes"] / 2, rel=0.01)
    coarse = expected("map", **asked, resolution="10")
    assert coarse["disk_bytes"] == pytest.approx(whole["disk_bytes"] / 17, rel=0.01)
    assert coarse["seconds"] <= whole["seconds"]


def test_the_whole_chain_and_its_parts(chain: Any, home: Path) -> None:
    images = {"images": chain.scene, "output": home / "out"}
    all_of_it = expected("pipeline", **images, preset="quick")
    series, dataset = expected("series", **images), expected("dataset", **images)
    assert all_of_it["seconds"] > series["seconds"] + dataset["seconds"]
    assert "not counted" in all_of_it["based_on"]
    assert dataset["disk_bytes"] > sum(
        path.stat().st_size for path in chain.dataset.rglob("*") if path.is_file()
    )
    demo = expected("demo", preset="quick", output=home / "demo")
    assert 30 < demo["seconds"] < 36_000


def test_what_is_not_known_is_said(chain: Any, home: Path) -> None:
    found = expected("area", output=home)
    assert (found["seconds"], found["memory_bytes"], found["disk_bytes"]) == (None, None, None)
    assert found["based_on"] == "Nothing is known about what this job takes."
    assert refused("estimate", job={"name": "finetune", "values": {}}).code == "missing_value"
    assert refused("estimate", job={"name": "nothing", "values": {}}).code == "unknown_job"
