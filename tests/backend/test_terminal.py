"""What a job says on a terminal that is none: a line of a stage now and then."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from cscl import terminal
from cscl.contract.events import Progress
from cscl.contract.jobs import PretrainJob


def test_a_stage_that_comes_again_begins_anew(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter((0.0, 12.0, 13.0, 100.0, 103.0, 104.0, 110.0, 111.0))
    monkeypatch.setattr(terminal, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    shown = terminal.Terminal(PretrainJob(dataset="a", output="b"))
    for stage, done in (
        ("kernels", 0), ("kernels", 2), ("kernels", 2),
        ("kernels", 0), ("kernels", 1), ("kernels", 2),
        ("training", 0), ("training", 1),
    ):  # fmt: skip
        shown.show(Progress(stage, done, 2))
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "Preparing the loss 0 %",
        "Preparing the loss 100 % 12 s",
        "Preparing the loss 0 %",
        "Preparing the loss 100 % 4 s",
        "training 0 %",
    ]
