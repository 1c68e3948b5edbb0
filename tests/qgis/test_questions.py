"""The plugin's questions: answered by the real engine, refused in words by broken ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest


class Asking:
    """Asks, and keeps what comes back by the question's number."""

    def __init__(self, questions: Any, qtbot: Any) -> None:
        self.questions = questions
        self._qtbot = qtbot
        self.answers: dict[int, dict[str, Any]] = {}
        self.refusals: dict[int, Any] = {}
        self.order: list[int] = []

    def ask(self, name: str, **values: Any) -> int:
        """Ask without waiting."""
        told: list[int] = []

        def keep(where: dict[int, Any]) -> Callable[[Any], None]:
            def take(what: Any) -> None:
                assert told, "it was answered before its number was known"
                where[told[0]] = what
                self.order.append(told[0])

            return take

        told.append(self.questions.ask(name, values, keep(self.answers), keep(self.refusals)))
        return told[0]

    def until(self, *numbers: int, timeout: int = 60000) -> None:
        """Let Qt run until each of these has an answer or a refusal."""
        self._qtbot.waitUntil(
            lambda: all(n in self.answers or n in self.refusals for n in numbers), timeout=timeout
        )

    def answer(self, name: str, **values: Any) -> dict[str, Any]:
        """Ask and wait for the answer."""
        number = self.ask(name, **values)
        self.until(number)
        assert number not in self.refusals, str(self.refusals[number])
        return self.answers[number]

    def refusal(self, name: str, **values: Any) -> Any:
        """Ask and wait for the refusal."""
        number = self.ask(name, **values)
        self.until(number)
        assert number not in self.answers
        return self.refusals[number]

    @property
    def pid(self) -> int:
        """The number of the process that answers, 0 where there is none."""
        return int(self.questions._pid)


@pytest.fixture()
def asking(plugin: SimpleNamespace, qtbot: Any) -> Iterator[Asking]:
    """Questions whose process is ended with the test."""
    module = plugin.load("cscl_qgis.engine.questions")
    made = Asking(module.Questions(), qtbot)
    yield made
    made.questions.close()


def size(asking: Asking, folder: str = "/nowhere") -> int:
    """Ask the fake engine, whose answer is the question's number."""
    return asking.ask("run_size", folders=[folder])


class TestRealEngine:
    def test_one_process_answers_all_and_none_runs_before(
        self, asking: Asking, scene: Path
    ) -> None:
        assert asking.pid == 0
        found = asking.answer("look", images=str(scene))
        assert [row["source"] for row in found["rows"]] == sorted(
            path.name for path in scene.glob("*.tif")
        )
        assert {row["problem"] for row in found["rows"]} == {""}
        assert found["grids"][0]["size"] == [64, 64]
        first = asking.pid
        assert first > 0
        again = asking.answer("look", images=str(scene), season="2020-10-01/2021-06-30")
        assert {row["used"] for row in again["rows"]} == {True, False}
        assert asking.pid == first

    def test_what_the_engine_refuses_comes_as_its_own_error(
        self, asking: Asking, tmp_path: Path
    ) -> None:
        error = asking.refusal("look", images=str(tmp_path / "none"))
        assert error.code == "images_missing"
        assert str(tmp_path / "none") in str(error)
        assert "Check the path" in str(error)

    def test_what_is_no_question_never_reaches_the_engine(self, asking: Asking) -> None:
        error = asking.refusal("look", pictures="/somewhere")
        assert error.code == "invalid_question"
        assert "pictures is unknown" in str(error)
        assert asking.pid == 0
        assert asking.refusal("lock", images="/").code == "unknown_question"

    def test_the_dock_closes_it(
        self, plugin: SimpleNamespace, qtbot: Any, asking: Asking, scene: Path
    ) -> None:
        workspace = plugin.load("cscl_qgis.gui.workspace").Workspace(None)
        own = Asking(workspace.questions, qtbot)
        own.answer("look", images=str(scene))
        pid = own.pid
        number = own.ask("look", images=str(scene))
        workspace.close_down()
        assert own.pid == 0
        qtbot.wait(200)
        assert number not in own.answers and number not in own.refusals
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


class TestPaths:
    """The engine that answers works in another folder than QGIS and than those that run jobs."""

    @pytest.mark.parametrize(
        ("question", "values", "subjects"),
        [
            ("card", {"model": "rel/model"}, ["Model 'rel/model'"]),
            ("look", {"images": "/a;b;../c"}, ["Images 'b'", "Images '../c'"]),
            ("curve", {"series": "a.series.json", "crs": "EPSG:4326", "x": 1.0, "y": 2.0},
             ["Time series 'a.series.json'"]),
            ("balance", {"dataset": "d"}, ["Dataset 'd'"]),
            ("parcels", {"parcels": "p.gpkg", "class_field": "crop", "classes": "c.csv"},
             ["Parcels 'p.gpkg'", "Class table 'c.csv'"]),
            ("estimate",
             {"job": {"name": "map", "values": {"model": "/m", "images": "i", "output": "o"}}},
             ["Images 'i'", "Output 'o'"]),
        ],
    )  # fmt: skip
    def test_what_is_no_whole_path_never_reaches_the_engine(
        self, asking: Asking, question: str, values: dict[str, Any], subjects: list[str]
    ) -> None:
        error = asking.refusal(question, **values)
        assert {item.code for item in error.findings} == {"path_not_whole"}
        assert [item.subject for item in error.findings] == subjects
        assert asking.pid == 0

    def test_the_persons_own_folder_is_known(
        self, asking: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        error = asking.refusal("look", images="~/none")
        assert error.code == "images_missing"
        assert str(tmp_path / "none") in str(error)


class Marked(dict):
    """A language in which every text stands in brackets."""

    def get(self, text: str, default: Any = None) -> str:
        return f"[{text}]"


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("answers_once", "[engine]: [it ended before it answered; it said: "),
        ("answers_never", "[engine]: [it gave no answer for 10 minutes]. [Ask again"),
        ("absent", ": [the engine did not start ("),
        ("closed", "[engine]: [QGIS is closing it]. [Start QGIS again.]"),
        ("twice", "[engine]: [it sent b'{"),
    ],
)
def test_what_stops_questions_is_said_in_the_persons_language(
    asking: Asking, plugin: SimpleNamespace, fake_engine: Callable[[str], Path], mode: str,
    said: str, monkeypatch: pytest.MonkeyPatch, qtbot: Any,
) -> None:  # fmt: skip
    monkeypatch.setattr(plugin.load("cscl_qgis.words"), "_words", Marked())
    wrapper = fake_engine(mode if mode.startswith("answers") else "answers")
    questions = asking.questions
    if mode == "answers_never":
        questions._silence.setInterval(300)
    if mode == "absent":
        wrapper.write_bytes(b"no program")
    if mode == "closed":
        questions.close()
    if mode == "answers_once":
        asking.until(size(asking), timeout=20000)
    if mode == "twice":
        asking.until(size(asking), timeout=20000)
        number = size(asking, "/x")
        questions._take(b'{"ready": 1, "package": "0.1.0"}')
    else:
        number = size(asking, "/stuck")
    asking.until(number, timeout=20000)
    assert said in str(asking.refusals[number])


class TestBrokenEngine:
    def test_f07_an_engine_that_dies_refuses_in_words_and_is_started_anew(
        self, asking: Asking, fake_engine: Callable[[str], Path]
    ) -> None:
        fake_engine("answers_once")
        first = size(asking)
        asking.until(first)
        assert asking.answers[first] == {"bytes": first}
        pid, second = asking.pid, size(asking)
        third = size(asking)
        asking.until(second, third)
        for number in (second, third):
            assert asking.refusals[number].code == "engine_ended"
            assert "the disk is gone" in str(asking.refusals[number])
        fourth = size(asking)
        asking.until(fourth)
        assert asking.answers[fourth] == {"bytes": fourth}
        assert asking.pid not in (0, pid)

    @pytest.mark.parametrize(
        ("mode", "code"),
        [
            ("answers_rubbish", "invalid_json"),
            ("answers_wrongly", "protocol_error"),
            ("answers_otherwise", "protocol_version"),
            ("broken_import", "engine_ended"),
        ],
    )
    def test_f09_rubbish_is_refused_in_words(
        self, asking: Asking, fake_engine: Callable[[str], Path], mode: str, code: str
    ) -> None:
        fake_engine(mode)
        number = size(asking)
        asking.until(number, timeout=20000)
        assert asking.refusals[number].code == code
        assert "einstall" in str(asking.refusals[number]) or mode == "answers_rubbish"

    def test_no_engine_is_said_later_and_in_words(
        self, asking: Asking, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("CSCL_BACKEND_PYTHON", str(tmp_path / "absent"))
        assert asking.refusal("run_size", folders=["/"]).code == "engine_missing"

    def test_a_hanging_question_that_is_taken_back_gives_way_to_the_others(
        self, asking: Asking, fake_engine: Callable[[str], Path]
    ) -> None:
        fake_engine("answers_never")
        asking.questions._unheeded.setInterval(300)
        stuck = size(asking, "/stuck")
        behind = size(asking, "/well")
        pid = asking.pid
        asking.questions.forget(stuck)
        asking.until(behind, timeout=20000)
        assert asking.answers[behind] == {"bytes": behind}
        assert stuck not in asking.answers and stuck not in asking.refusals
        assert asking.pid not in (0, pid)

    def test_silence_is_said_in_words(
        self, asking: Asking, fake_engine: Callable[[str], Path]
    ) -> None:
        fake_engine("answers_never")
        asking.questions._silence.setInterval(500)
        number = size(asking, "/stuck")
        asking.until(number, timeout=20000)
        assert asking.refusals[number].code == "engine_silent"
        assert asking.pid == 0

    def test_what_was_taken_back_is_never_answered(
        self, asking: Asking, fake_engine: Callable[[str], Path], qtbot: Any
    ) -> None:
        fake_engine("answers")
        first, second = size(asking), size(asking)
        asking.questions.forget(first)
        asking.until(second, timeout=20000)
        assert asking.order == [second]
