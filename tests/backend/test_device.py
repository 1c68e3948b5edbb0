"""The device that computes: chosen by name, refused in words."""

from __future__ import annotations

import pytest
import torch
from cscl.contract.errors import UserError
from cscl.device import choose_device, describe_device, probe_bf16

ABSENT = torch.cuda.device_count()


def test_named_device_is_taken() -> None:
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device(" CPU ") == torch.device("cpu")
    assert describe_device(torch.device("cpu")).startswith(f"cpu ({torch.get_num_threads()} thread")


def test_auto_takes_what_there_is() -> None:
    if torch.cuda.is_available():
        assert choose_device("auto") == torch.device("cuda", 0)
    else:
        assert choose_device("auto").type in ("cpu", "mps")


@pytest.mark.parametrize("name", ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "cpu:0"])
def test_unknown_device_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="Use auto, cpu, cuda, cuda:1 or mps") as caught:
        choose_device(name)
    assert caught.value.code == "unknown_device"


def test_absent_device_is_refused() -> None:
    with pytest.raises(UserError, match="Use auto or cpu") as caught:
        choose_device(f"cuda:{ABSENT}")
    assert caught.value.code == "device_absent"


def test_probe_is_asked_once_a_process() -> None:
    first = probe_bf16(torch.device("cpu"))
    hits = probe_bf16.cache_info().hits
    assert probe_bf16(torch.device("cpu")) is first
    assert probe_bf16.cache_info().hits == hits + 1
