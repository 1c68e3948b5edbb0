"""The guide: its pages are in the site, and its commands are those that there are."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from cscl.commands import _group
from cscl.contract.fields import fields_of
from cscl.contract.jobs import JOBS
from cscl.examples import EXAMPLES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
CSCL = _group(None)
SITE = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")


def commands(page: Path) -> Iterator[list[str]]:
    """Yield the words of every command in a page's blocks of the shell."""
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words:
                yield words


def test_the_help_of_each_command_ends_with_an_example_that_it_takes() -> None:
    # The plugin alone starts `serve`.
    assert set(EXAMPLES) == set(CSCL.commands) - {"serve"}
    for name, example in EXAMPLES.items():
        words = shlex.split(example)
        assert words[:2] == ["cscl", name]
        command = CSCL.commands[name]
        # Parsed as if it were run: options, choices, numbers, and all that is required.
        context = command.make_context(name, words[2:])
        shown = command.get_help(context).partition("Example:\n")[2]
        assert shlex.split(shown.replace("\\\n", " ")) == words
        assert max(map(len, shown.splitlines())) <= 80


PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_of_a_page_are_there_with_their_options(page: Path) -> None:
    wrong = []
    for words in commands(page):
        program = words[0].rsplit("/", 1)[-1]
        if program == "make":
            wrong += unknown_targets(words)
        elif program == "cscl":
            wrong += unknown_options(words[1:])
        elif program == "qgis_process.bin":
            wrong += unknown_parameters(words[1:])
    assert wrong == []


def unknown_targets(words: list[str]) -> list[str]:
    """Return the targets that the Makefile lacks."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    names = [word for word in words[1:] if "=" not in word and not word.startswith("-")]
    return [
        name for name in names if not re.search(rf"^{re.escape(name)}:", makefile, re.MULTILINE)
    ]


def unknown_options(words: list[str]) -> list[str]:
    """Return the command, or those of its options, that the command line lacks."""
    if words[0].startswith("-"):
        return []
    command = CSCL.commands.get(words[0])
    if command is None:
        return [words[0]]
    while getattr(command, "commands", None) and len(words) > 1 and words[1] in command.commands:
        command, words = command.commands[words[1]], words[1:]
    known = {text for item in command.params for text in (*item.opts, *item.secondary_opts)}
    given = {word.split("=")[0] for word in words[1:] if word.startswith("--")}
    return [f"{words[0]} {option}" for option in sorted(given - known - {"--help"})]


def unknown_parameters(words: list[str]) -> list[str]:
    """Return what an algorithm does not take."""
    if words[0] != "run":
        return []
    job = JOBS.get(words[1].removeprefix("cscl:"))
    if job is None:
        return [words[1]]
    known = {field.parameter for field in fields_of(job)} | {"IMAGE_LAYERS", "SERIES", "LOAD"}
    return [word for word in words[2:] if "=" in word and word.split("=")[0] not in known]


def test_the_check_sees_what_is_not_there() -> None:
    assert unknown_targets(["make", "demo", "tea"]) == ["tea"]
    assert unknown_options(["map", "--images", "a", "--speed", "9"]) == ["map --speed"]
    assert unknown_options(["fly"]) == ["fly"]
    assert unknown_parameters(["run", "cscl:map", "--", "IMAGES=a", "TEA=b"]) == ["TEA=b"]


def test_every_page_is_in_the_site_and_the_other_way_round() -> None:
    listed = set(re.findall(r"[\w/-]+\.md", SITE))
    assert listed == {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}


def test_the_order_is_that_of_the_work() -> None:
    order = ["first-map", "series", "parcels", "training", "maps", "results-in-qgis", "cluster",
             "offline", "trouble", "getting-images"]  # fmt: skip
    places = [SITE.index(f"{name}.md") for name in order]
    assert places == sorted(places)


def test_every_page_of_the_dock_has_its_page_of_the_guide() -> None:
    named = set()
    for path in (ROOT / "cscl_qgis" / "gui").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "guide":
                named.add(ast.literal_eval(node.value))
    assert {"first-map", "series", "parcels"} <= named
    assert [name for name in sorted(named) if not (DOCS / f"{name}.md").is_file()] == []
