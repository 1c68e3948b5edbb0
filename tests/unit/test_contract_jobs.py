"""Jobs, their fields, the events and the stages: what every face of a job is made from."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
from cscl.contract import strict_json
from cscl.contract.errors import Findings, UserError
from cscl.contract.events import (
    COMMANDS,
    MAXIMUM_LINE,
    Artifact,
    Done,
    Event,
    Failed,
    Heartbeat,
    Hello,
    LineSplitter,
    Metric,
    Note,
    Progress,
    command_line,
    decode,
    encode,
)
from cscl.contract.fields import KINDS, Field, check_value, fields_of
from cscl.contract.jobs import (
    JOBS,
    NOT_IN_FINGERPRINT,
    MapJob,
    PipelineJob,
    fingerprint,
    job_document,
    job_from_document,
    job_name,
    job_values,
    make_job,
)
from cscl.contract.roles import ROLES
from cscl.contract.stages import STAGES, overall
from hypothesis import given
from hypothesis import strategies as st

PIPELINE = {
    "images": "scene",
    "parcels": "parcels.gpkg",
    "class_field": "crop",
    "output": "out",
}
# DESIGN's table: what other people's scripts rely on.
MAIN_FIELDS = {
    "simulate": "size dates crops difficulty seed parcels class_field output",
    "series": "images bands season until mask dates output",
    "dataset": "images parcels class_field classes outside chip split resolution output",
    "report": "dataset bands output",
    "import": "source layout fold year season output",
    "export-dataset": "dataset layout output",
    "pretrain": "dataset backbone width window dilation stride positive_weight epochs preset seed "
    "device output",
    "finetune": "dataset model backbone width epochs preset seed device output",
    "evaluate": "dataset model split output",
    "map": "images model season area resolution parcels device probabilities output",
    "parcels": "map parcels class_field output",
    "polygons": "map minimum_area strength tolerance output",
    "sample": "map points allocation minimum standard_error expected_accuracy seed output",
    "area": "map sample reference_field units unit_field strata probability_sample output",
    "export": "layer format fields crs output",
    "pipeline": "images parcels class_field preset resolution output",
}
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
EVENTS = st.one_of(
    st.builds(Hello, st.just(1), TEXT, TEXT, TEXT, TEXT),
    st.builds(Heartbeat, st.floats(0, 1e9)),
    st.builds(Progress, TEXT, st.integers(0, 10**9), st.integers(0, 10**9)),
    st.builds(Metric, TEXT, st.integers(0, 10**9), st.floats(-1e300, 1e300)),
    st.builds(Note, TEXT),
    st.builds(Artifact, TEXT, TEXT),
    st.builds(Done, st.dictionaries(TEXT, TEXT, max_size=4)),
    st.builds(Failed, TEXT, TEXT, TEXT),
)


def all_fields() -> list[tuple[str, Field]]:
    """Return every field with its job's name."""
    return [(name, field) for name, job in JOBS.items() for field in fields_of(job)]


def value_of(field: Field) -> st.SearchStrategy[Any]:
    """Draw a value that a field accepts, by its kind."""
    if field.choices:
        return st.sampled_from([choice for choice, _ in field.choices])
    if field.kind == "boolean":
        return st.booleans()
    if field.kind == "integer":
        numbers = st.integers(int(field.minimum or 0), int(field.maximum or 1000))
        if field.name == "context":
            return st.sampled_from((0, 3, 5, 7, 9, 11, 13, 15))
        return numbers.filter(lambda n: n % 2 == 1) if field.name == "window" else numbers
    if field.kind == "number":
        return st.floats(field.minimum or 0.0, field.maximum or 1000.0)
    if field.kind in ("bands", "fields"):
        return st.lists(st.sampled_from(["B02", "B8A", "a field"]), min_size=1, unique=True)
    return st.sampled_from(["a", "b c", "é/ü.tif"])


@st.composite
def jobs(draw: st.DrawFn) -> Any:
    """Draw any job with checked values."""
    name = draw(st.sampled_from(sorted(JOBS)))
    values = {}
    for field in fields_of(JOBS[name]):
        if field.required or draw(st.booleans()):
            values[field.name] = draw(value_of(field))
    return make_job(name, values)


class TestJobs:
    @given(jobs())
    def test_a_job_survives_its_file(self, job: Any) -> None:
        text = strict_json.dump(job_document(job))
        assert job_from_document(strict_json.parse(text, "job.json")) == job

    @given(jobs(), st.text(max_size=5), st.booleans())
    def test_only_what_decides_the_result_is_in_the_fingerprint(
        self, job: Any, text: str, flag: bool
    ) -> None:
        moved = dataclasses.replace(job, output=f"elsewhere{text}", overwrite=flag)
        assert fingerprint(moved) == fingerprint(job)
        assert len(fingerprint(job)) == 16

    def test_the_fingerprint_tells_jobs_and_values_apart(self) -> None:
        job = make_job("pipeline", PIPELINE)
        others = [dataclasses.replace(job, **{key: value}) for key, value in CHANGES.items()]
        digests = {fingerprint(item) for item in [job, *others]}
        assert len(digests) == 1 + len(CHANGES)

    def test_every_job_says_what_it_is(self) -> None:
        for name, job in JOBS.items():
            assert (job.__doc__ or "").strip().endswith("."), name
            assert job.__name__.lower() == f"{name.replace('-', '')}job"

    @pytest.mark.parametrize("name", list(MAIN_FIELDS))
    def test_the_names_of_the_design_are_there(self, name: str) -> None:
        have = {field.name for field in fields_of(JOBS[name])}
        assert set(MAIN_FIELDS[name].split()) - have == set()

    def test_jobs_beyond_the_table(self) -> None:
        assert set(JOBS) - set(MAIN_FIELDS) == {"demo"}
        assert set(ROLES) == set(STAGES) == set(JOBS)

    def test_an_unknown_job_is_refused_with_the_known_ones(self) -> None:
        with pytest.raises(UserError) as error:
            make_job("mapp", {})
        assert str(error.value) == (
            "job 'mapp': there is no such job. Use one of: simulate, series, dataset, report, "
            "import, export-dataset, pretrain, finetune, evaluate, map, parcels, polygons, sample, "
            "area, export, pipeline, demo."
        )

    def test_everything_wrong_with_a_job_is_said_at_once(self) -> None:
        with pytest.raises(UserError) as error:
            make_job(
                "pipeline",
                {**PIPELINE, "output": "", "preset": "fast", "seed": -1, "chip": 4.5, "speed": 3},
            )
        codes = [finding.code for finding in error.value.findings]
        assert codes == [
            "unknown_field", "missing_value", "unknown_choice", "wrong_type", "out_of_range",
        ]  # fmt: skip
        lines = str(error.value).splitlines()
        assert lines[1] == "output: it has no value. Give --output a value."
        assert lines[2] == "preset: it is 'fast'. Use one of: quick, standard, full."
        assert lines[3] == "chip: it is 4.5. Use a whole number."
        assert lines[4] == "seed: it is -1. Use a whole number of 0 to 2147483647."

    def test_values_left_out_take_their_defaults(self) -> None:
        job = make_job("pipeline", PIPELINE)
        assert job == PipelineJob("scene", "parcels.gpkg", "crop", "out")
        assert (job.preset, job.resolution, job.season, job.seed) == ("standard", "2.5", None, 1)

    def test_lists_come_back_as_tuples(self) -> None:
        job = make_job("pipeline", {**PIPELINE, "bands": "B02, B8A"})
        assert job.bands == ("B02", "B8A")
        assert job_values(job)["bands"] == ["B02", "B8A"]
        assert job_from_document(job_document(job)) == job

    def test_the_name_of_something_else_is_an_error(self) -> None:
        assert job_name(MapJob("a", "b", "c")) == "map"
        with pytest.raises(TypeError, match="str is no job"):
            job_name("map")

    @pytest.mark.parametrize(
        ("document", "found"),
        [
            ([], "it is no job of version 1"),
            ({"schema": 2, "job": "map", "parameters": {}}, "it is no job of version 1"),
            ({"schema": 1, "job": "map"}, "it has the keys job, schema"),
            ({"schema": 1, "job": "map", "parameters": []}, "it has the keys"),
            ({"schema": 1, "job": "map", "parameters": {}, "x": 1}, "it has the keys"),
        ],
    )
    def test_what_is_no_job_file_is_refused(self, document: Any, found: str) -> None:
        with pytest.raises(UserError, match=found) as error:
            job_from_document(document, "old.json")
        assert str(error.value).startswith("old.json: ")

    def test_f23_a_job_names_local_paths_only(self) -> None:
        with pytest.raises(UserError) as error:
            make_job("pipeline", {**PIPELINE, "images": "/vsicurl/http://example.org/x"})
        assert error.value.code == "path_not_local"
        assert str(error.value).startswith("images '/vsicurl/http://example.org/x': ")


CHANGES = {
    "images": "other",
    "preset": "quick",
    "season": "2018-10-01/2019-09-30",
    "bands": ("B02",),
    "seed": 2,
    "baseline": False,
}


class TestFields:
    @pytest.mark.parametrize(
        ("job", "field"), all_fields(), ids=lambda item: getattr(item, "name", item)
    )
    def test_every_field_describes_itself(self, job: str, field: Field) -> None:
        assert field.kind in KINDS
        assert field.title[0].isupper()
        assert field.help.endswith(".")
        assert field.option == "--" + field.name.replace("_", "-")
        assert field.parameter == field.name.upper()
        assert (field.kind == "choice") == bool(field.choices)
        if field.choices and field.default is not None:
            assert field.default in [choice for choice, _ in field.choices]
        if field.parent:
            assert field.parent in {item.name for item in fields_of(JOBS[job])}

    def test_every_job_has_one_output_and_an_overwrite(self) -> None:
        for name, job in JOBS.items():
            names = [field.name for field in fields_of(job)]
            assert names.count("output") == 1, name
            assert names[-1] == "overwrite", name
            output = next(field for field in fields_of(job) if field.name == "output")
            assert output.kind.startswith("output_")
            assert output.required

    def test_what_is_left_out_of_the_fingerprint_is_known(self) -> None:
        assert NOT_IN_FINGERPRINT == (
            "output",
            "overwrite",
            "device",
            "workers",
            "scheduler",
            "checkpointing",
        )

    @pytest.mark.parametrize(
        ("name", "value", "message"),
        [
            ("seed", True, "seed: it is True. Use a whole number."),
            ("seed", 1.0, "seed: it is 1.0. Use a whole number."),
            ("seed", "1", "seed: it is '1'. Use a whole number."),
            ("width", math.nan, "width: it is nan. Use a number."),
            ("width", math.inf, "width: it is inf. Use a number of 0.125 to 4."),
            ("chip", 7, "chip: it is 7 pixels. Use a whole number of 8 to 512 pixels."),
            ("dates", 1, "dates: it is 1. Use a whole number of 2 to 400."),
            ("baseline", 1, "baseline: it is 1. Use true or false."),
            ("season", 7, "season: it is 7. Use text."),
            ("bands", ["B02", ""], "bands: it is ['B02', '']. Use names separated by commas."),
            ("bands", ", ,", "bands: it is ['', '', '']. Use names separated by commas."),
        ],
    )
    def test_a_wrong_value_is_said_in_words(self, name: str, value: Any, message: str) -> None:
        field = next(item for item in fields_of(PipelineJob) if item.name == name)
        findings = Findings()
        check_value(field, value, findings)
        assert [str(item) for item in findings.items] == [message]

    @pytest.mark.parametrize("value", [None, ""])
    def test_an_empty_optional_value_leaves_the_choice(self, value: Any) -> None:
        findings = Findings()
        for field in fields_of(PipelineJob):
            if not field.required and field.kind != "boolean":
                assert check_value(field, value, findings) is None
        assert findings.items == []


class TestEvents:
    @given(EVENTS)
    def test_an_event_survives_its_line(self, event: Event) -> None:
        line = encode(event)
        assert line.endswith(b"\n")
        assert decode(line.rstrip(b"\n")) == event

    @given(st.lists(EVENTS, max_size=6), st.lists(st.integers(1, 30), min_size=1, max_size=40))
    def test_f08_events_survive_any_cut_of_the_stream(
        self, events: list[Event], cuts: list[int]
    ) -> None:
        stream = b"".join(encode(event).replace(b"\n", b"\r\n") for event in events)
        splitter = LineSplitter()
        lines: list[bytes] = []
        position = 0
        while position < len(stream):
            step = cuts[len(lines) % len(cuts)]
            lines += splitter.feed(stream[position : position + step])
            position += step
        assert [decode(line) for line in lines] == events
        assert splitter.pending == b""

    def test_f08_a_character_split_over_two_reads_is_whole(self) -> None:
        line = encode(Note("Äcker – 麦"))
        splitter = LineSplitter()
        lines = [done for byte in line for done in splitter.feed(bytes([byte]))]
        assert [decode(item) for item in lines] == [Note("Äcker – 麦")]

    @pytest.mark.parametrize(
        "raw",
        [
            b"", b"Loading weights...", b"{", b"[]", b"3", b"\xff\x00", b'{"event": "hi"}',
            b'{"event": "note"}', b'{"event": "note", "text": 3}',
            b'{"event": "note", "text": "a", "more": 1}',
            b'{"event": "progress", "stage": "map", "done": true, "total": 2}',
            b'{"event": "progress", "stage": "map", "done": NaN, "total": 2}',
        ],
    )  # fmt: skip
    def test_f07_a_line_that_is_no_event_is_an_error(self, raw: bytes) -> None:
        with pytest.raises(UserError):
            decode(raw)

    def test_f09_a_line_is_cut_at_a_mebibyte(self) -> None:
        splitter = LineSplitter()
        piece = b"x" * 65536
        with pytest.raises(UserError, match="a line longer than 1 MiB"):
            for _ in range(MAXIMUM_LINE // len(piece) + 1):
                assert list(splitter.feed(piece)) == []
        assert splitter.pending == b""

    def test_f12_another_version_of_the_protocol_is_refused(self) -> None:
        hello = strict_json.parse(encode(Hello(1, "0.1.0", "map", "cpu", "out")), "x")
        with pytest.raises(UserError) as error:
            decode(strict_json.line({**hello, "protocol": 2}))
        assert str(error.value) == (
            "engine: it speaks version 2 of the protocol, not 1. Reinstall the engine."
        )

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
    def test_f13_a_figure_that_is_not_finite_is_no_event(self, value: float) -> None:
        with pytest.raises(ValueError, match="the metric loss is"):
            encode(Metric("loss", 1, value))

    def test_commands_are_lines(self) -> None:
        assert [command_line(name) for name in COMMANDS] == [
            b'{"command":"cancel"}\n', b'{"command":"pause"}\n',
            b'{"command":"resume"}\n', b'{"command":"finish"}\n',
        ]  # fmt: skip
        with pytest.raises(ValueError, match="unknown command: kill"):
            command_line("kill")


class TestStages:
    @pytest.mark.parametrize("job", list(STAGES))
    def test_progress_grows_from_nothing_to_all(self, job: str) -> None:
        shares = [overall(job, stage.name, done, 4) for stage in STAGES[job] for done in range(5)]
        assert shares[0] == 0.0
        assert shares[-1] == pytest.approx(1.0)
        assert shares == sorted(shares)

    @pytest.mark.parametrize(
        ("done", "total", "share"), [(-5, 10, 0.0), (50, 10, 1.0), (1, 0, 0.0), (5, 10, 0.5)]
    )
    def test_f13_progress_beyond_its_bounds_is_clamped(
        self, done: int, total: int, share: float
    ) -> None:
        assert overall("parcels", "parcels", done, total) == share

    def test_an_unknown_stage_counts_as_the_start(self) -> None:
        assert overall("map", "dreaming", 1, 2) == 0.0
