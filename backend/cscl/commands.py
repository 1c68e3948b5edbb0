"""The commands of the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.events import Failed
from cscl.contract.fields import Field, fields_of
from cscl.contract.jobs import JOBS, job_name, make_job
from cscl.contract.version import VERSION
from cscl.dispatch import job_from_file, perform, with_absolute_paths
from cscl.examples import help_end
from cscl.service import Run, serve_protocol
from cscl.terminal import Terminal

# The jobs that several processes of torchrun can share.
TRAINING_JOBS = ("pretrain", "finetune")
_TYPES: dict[str, Any] = {"integer": click.INT, "number": click.FLOAT}


def application(events: int | None) -> int:
    """Run the command line; `events` is the descriptor set aside for the protocol, if any."""
    try:
        status = _group(events).main(standalone_mode=False, prog_name="cscl")
    except click.exceptions.Exit as exit_request:
        return exit_request.exit_code
    except click.UsageError as error:
        error.show()
        return 2
    except click.Abort:
        print("Cancelled.", file=sys.stderr)
        return 1
    return int(status or 0)


def _group(events: int | None) -> click.Group:
    group = click.Group(
        name="cscl", help="Map crops from Sentinel-2 time series.", no_args_is_help=True
    )
    click.version_option(VERSION, prog_name="cscl")(group)
    for name, kind in JOBS.items():
        group.add_command(_report_command() if name == "report" else _job_command(name, kind))
    group.add_command(_run_command(events))
    group.add_command(_serve_command(events))
    group.add_command(_doctor_command())
    group.add_command(_experiments_command())
    group.add_command(_export_model_command())
    for name, command in group.commands.items():
        command.epilog = help_end(name)
    return group


def _job_command(name: str, kind: type) -> click.Command:
    def callback(**values: Any) -> int:
        return _run_job(lambda: make_job(name, values))

    parameters = [_option(field) for field in fields_of(kind)]
    return click.Command(name, params=parameters, callback=callback, help=kind.__doc__)


def _report_command() -> click.Command:
    """Return the command `report`, whose dataset may be an argument and whose output follows."""
    name, kind = "report", JOBS["report"]

    def callback(folder: str | None, **values: Any) -> int:
        dataset = values["dataset"] = values["dataset"] or folder
        if dataset and not values["output"]:
            # Beside the dataset, never in it: that folder is another job's.
            place = Path(dataset).expanduser().resolve()
            values["output"] = str(place.with_name(f"{place.name}_report"))
        return _run_job(lambda: make_job(name, values))

    options = [_option(replace(field, required=False)) for field in fields_of(kind)]
    argument = click.Argument(["folder"], metavar="DATASET", required=False)
    text = f"{kind.__doc__}\n\nWithout --output the page stands beside the dataset, in NAME_report."
    return click.Command(name, params=[argument, *options], callback=callback, help=text)


def _option(field: Field) -> click.Option:
    help_text = field.help + (f" [{field.unit}]" if field.unit else "")
    if field.kind == "boolean":
        names = [f"{field.option}/--no-{field.option[2:]}", field.name]
        return click.Option(names, default=field.default, show_default=True, help=help_text)
    kind = _TYPES.get(field.kind, click.STRING)
    if field.kind == "choice":
        kind = click.Choice([value for value, _ in field.choices])
    return click.Option(
        [field.option, field.name],
        type=kind,
        required=field.required,
        default=field.default,
        show_default=field.default is not None,
        help=help_text,
    )


def _run_job(make: Callable[[], Any]) -> int:
    """Make a job and run it in the terminal; a job that cannot be made is wrong usage."""
    try:
        job = with_absolute_paths(make(), Path.cwd())
    except UserError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return _run_here(job)


def _run_here(job: Any) -> int:
    """Run a job in the terminal, or as one of the processes that `torchrun` started."""
    together = int(os.environ.get("WORLD_SIZE", "1")) > 1
    return _run_together(job) if together else _run_in_terminal(job)


def _run_in_terminal(job: Any) -> int:
    terminal = Terminal(job)
    with terminal:
        status = Run(job, terminal.show).execute()
    if isinstance(terminal.last, Failed):
        print(f"Error: {terminal.last.message}", file=sys.stderr)
    else:
        terminal.summary()
    return status


def _run_command(events: int | None) -> click.Command:
    def callback(job: str, protocol: bool, path: tuple[str, ...]) -> int:
        try:
            loaded = job_from_file(Path(job), _replaced_paths(path))
        except UserError as error:
            return _refuse(error, events)
        if protocol and events is not None:
            return serve_protocol(loaded, events, 0)
        sys.stdin = open(os.devnull)  # noqa: SIM115 - ignored on a cluster, as documented
        return _run_here(loaded)

    return click.Command(
        "run",
        params=[
            click.Argument(["job"], metavar="JOB.json"),
            click.Option(
                ["--path"],
                multiple=True,
                metavar="OLD=NEW",
                help="Folder OLD of the job is NEW here, as on a cluster; may be repeated.",
            ),
            click.Option(
                ["--protocol"], is_flag=True, help="Speak the protocol of the QGIS plugin."
            ),
        ],
        callback=callback,
        help="Run the job of a JSON file, such as a job.json of an earlier run.",
    )


def _serve_command(events: int | None) -> click.Command:
    def callback() -> int:
        from cscl.serve.loop import serve

        if events is None:
            raise click.UsageError("serve is the first word of its command.")
        return serve(0, events)

    return click.Command(
        "serve",
        callback=callback,
        help="Answer the questions of the QGIS plugin, one a line, until standard input ends.",
    )


def _replaced_paths(pairs: tuple[str, ...]) -> dict[str, str]:
    replaced: dict[str, str] = {}
    for pair in pairs:
        old, sign, new = pair.partition("=")
        if not (old and sign and new):
            raise UserError(
                "invalid_path_pair", f"--path {pair}", "it is not of the form OLD=NEW",
                "Give the folder as the job names it, = and the folder as it is here.",
            )  # fmt: skip
        replaced[old] = os.path.abspath(os.path.expanduser(new))
    return replaced


def _run_together(job: Any) -> int:
    """Run a job as one of the processes that `torchrun` started; the first one speaks."""
    if job_name(job) not in TRAINING_JOBS:
        problem = UserError(
            "not_for_torchrun",
            f"job {job_name(job)}",
            f"{os.environ['WORLD_SIZE']} processes were started, which share training alone",
            f"Use torchrun for {' and '.join(TRAINING_JOBS)}, and run this job by itself.",
        )
        return _refuse(problem, None)
    from cscl import processes

    with processes.together():
        if processes.number() == 0:
            return _run_in_terminal(job)
        try:
            perform(job, JobContext())
        except UserError as error:
            print(f"Error in process {processes.number()}: {error}", file=sys.stderr)
            return 1
        return 0


def _refuse(error: UserError, events: int | None) -> int:
    if events is not None:
        from cscl.contract.events import encode

        os.write(events, encode(Failed(error.code, str(error))))
        return 1
    print(f"Error: {error}", file=sys.stderr)
    return 2


def _doctor_command() -> click.Command:
    def callback(check: bool, device: str) -> int:
        from cscl.doctor import report, run_checks

        if check:
            return 1 if run_checks(device, lambda text: print(text, flush=True)) else 0
        print(report())
        return 0

    options = [
        click.Option(["--check"], is_flag=True, help="Try the libraries, the device and files."),
        click.Option(["--device"], default="auto", show_default=True, help="Device to try."),
    ]
    return click.Command(
        "doctor",
        params=options,
        callback=callback,
        help="Print versions, devices and formats of this engine, or check that it works.",
    )


def _experiments_command() -> click.Command:
    def callback(
        name: str | None,
        output: str,
        arm: tuple[str, ...],
        seed: tuple[int, ...],
        table: bool,
        data: str | None,
        page: str | None,
    ) -> int:
        from cscl.experiments.command import listed, run_experiment, write_page

        if page is not None:
            write_page(Path(output), Path(page))
            return 0
        if name is None:
            print(listed())
            return 0
        folder = None if data is None else Path(data)
        try:
            text = run_experiment(
                name, Path(output), arms=arm, seeds=seed, table_only=table, data=folder
            )
            print(text)
        except UserError as error:
            print(f"Error: {error}", file=sys.stderr)
            return 2
        return 0

    return click.Command(
        "experiments",
        params=[
            click.Argument(["name"], required=False),
            click.Option(
                ["--output"],
                default="build/experiments",
                show_default=True,
                help="Folder of the results; what is finished there is not run again.",
            ),
            click.Option(["--arm"], multiple=True, help="Run this arm alone; may be repeated."),
            click.Option(
                ["--seed"], multiple=True, type=int, help="Run this seed alone; may be repeated."
            ),
            click.Option(["--table"], is_flag=True, help="Print the table of what there is."),
            click.Option(["--data"], help="Folder of the microscope's volumes, for volumes."),
            click.Option(["--page"], help="Write the tables of all experiments to this file."),
        ],
        callback=callback,
        help="Run an experiment of docs/experiments*.md, or go on with it; without a name, list "
        "them. Several processes may share one folder.",
    )


def _export_model_command() -> click.Command:
    def callback(model: str, output: str, format: str) -> int:
        from cscl.exporting.command import export_model

        try:
            print(export_model(Path(model), Path(output)))
        except UserError as error:
            print(f"Error: {error}", file=sys.stderr)
            return 2
        return 0

    return click.Command(
        "export-model",
        params=[
            click.Argument(["model"], metavar="MODEL"),
            click.Option(["--output"], required=True, help="The file to write, NAME.onnx."),
            click.Option(
                ["--format"], type=click.Choice(["onnx"]), default="onnx", show_default=True,
                help="The format to write.",
            ),
        ],
        callback=callback,
        help="Write a model for other programs, for any number of dates and size of image.",
    )  # fmt: skip
