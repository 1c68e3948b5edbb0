"""What QGIS reads of the plugin, and whether the repository's documents agree with it."""

from __future__ import annotations

import configparser
import importlib.util
import re
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from cscl.contract.version import VERSION

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ["demo", "test", "check", "faults", "properties", "package", "clean", "help"]


def load_script(name: str) -> ModuleType:
    """Return a script as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def metadata() -> dict[str, str]:
    """Return the fields of metadata.txt, read as QGIS reads them."""
    parser = configparser.ConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(ROOT / "metadata.txt", encoding="utf-8")
    return dict(parser["general"])


def text_of(name: str) -> str:
    """Return a file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


class TestMetadata:
    def test_the_fields_that_qgis_and_the_design_want(self) -> None:
        fields = metadata()
        assert fields["name"] == "Crop mapping (CSCL)"
        assert fields["qgisMinimumVersion"] == "3.22"
        assert fields["qgisMaximumVersion"] == "4.99"
        assert fields["hasProcessingProvider"] == "yes"
        assert fields["license"] == "GPL-2.0-or-later"
        for name in ("description", "about", "author", "email", "tags", "category"):
            assert fields[name].strip() != ""
        assert (ROOT / fields["icon"]).is_file()

    def test_one_version_for_plugin_engine_and_changelog(self) -> None:
        assert metadata()["version"] == VERSION
        assert (
            re.findall(r"^## \[(\d[^\]]*)\]", text_of("CHANGELOG.md"), re.MULTILINE)[0] == VERSION
        )
        assert 'version = { attr = "cscl.contract.version.VERSION" }' in text_of("pyproject.toml")

    def test_addresses_are_placeholders_until_it_is_published(self) -> None:
        fields = metadata()
        for name in ("homepage", "tracker", "repository"):
            assert fields[name].startswith("https://example.org/")
        assert "example.org" in text_of("CONTRIBUTING.md")

    def test_no_field_holds_what_breaks_qgis_reader(self) -> None:
        assert [name for name, value in metadata().items() if "%" in value] == []


class TestChangelog:
    CHANGELOG = """# Changelog

## [Unreleased]

## [0.2.0] - 2027-01-02

### Added

- A thing with `code`, 20 % faster.

### Fixed

- Another.

## [0.1.0] - 2026-01-01

- First.
"""

    def test_releases_become_lines(self) -> None:
        package = load_script("package")
        assert package.release_lines(self.CHANGELOG) == [
            "0.2.0",
            "- A thing with code, 20 per cent faster.",
            "- Another.",
            "0.1.0",
            "- First.",
        ]

    def test_it_replaces_the_field_of_the_metadata(self) -> None:
        package = load_script("package")
        text = "[general]\nname=x\nversion=0.2.0\nchangelog=old\n    older\n"
        parser = configparser.ConfigParser()
        parser.read_string(package.with_changelog(text, self.CHANGELOG))
        assert dict(parser["general"])["name"] == "x"
        assert parser["general"]["changelog"].splitlines() == [
            "", "0.2.0", "- A thing with code, 20 per cent faster.", "- Another.",
            "0.1.0", "- First.",
        ]  # fmt: skip

    def test_the_real_one_feeds_the_real_metadata(self) -> None:
        package = load_script("package")
        parser = configparser.ConfigParser()
        parser.read_string(package.with_changelog(text_of("metadata.txt"), text_of("CHANGELOG.md")))
        lines = parser["general"]["changelog"].strip().splitlines()
        assert lines[0] == VERSION
        assert len(lines) > 3
        assert all(line.startswith("- ") for line in lines[1:])


class TestZip:
    def test_the_same_bytes_from_the_same_files(self, tmp_path: Path) -> None:
        package = load_script("package")
        folder = tmp_path / "cscl_qgis"
        (folder / "inner").mkdir(parents=True)
        (folder / "inner" / "b.py").write_text("b = 1\n", encoding="utf-8")
        (folder / "a.py").write_text("a = 1\n", encoding="utf-8")
        first, second = tmp_path / "1.zip", tmp_path / "2.zip"
        assert package.write_zip(folder, first) == 2
        (folder / "a.py").touch()
        package.write_zip(folder, second)
        assert first.read_bytes() == second.read_bytes()
        with zipfile.ZipFile(first) as archive:
            assert archive.namelist() == ["cscl_qgis/a.py", "cscl_qgis/inner/b.py"]

    def test_leavings_stay_out(self, tmp_path: Path) -> None:
        package = load_script("package")
        kept = ["a.py", "LICENSE", "resources/icon.svg", "backend/cscl/py.typed"]
        left = ["a.pyc", "__pycache__/a.cpython-311.pyc", ".mypy_cache/x.json", "x.egg-info/a.txt",
                "backend/.mypy_cache/3.11/cache.db", ".gitignore", "core", "data.tif"]  # fmt: skip
        for name in kept + left:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("x", encoding="utf-8")
        package.remove_leavings(tmp_path)
        found = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert sorted(str(path.relative_to(tmp_path)) for path in found) == sorted(kept)
        assert not (tmp_path / "backend" / ".mypy_cache").exists()

    def test_what_pb_tool_stages_is_there(self) -> None:
        parser = configparser.ConfigParser()
        parser.read(ROOT / "pb_tool.cfg", encoding="utf-8")
        files = parser["files"]
        assert parser["plugin"]["name"] == "cscl_qgis"
        names = files["python_files"].split() + files["extras"].split()
        assert [name for name in names if not (ROOT / name).is_file()] == []
        assert [name for name in files["extra_dirs"].split() if not (ROOT / name).is_dir()] == []


class TestDocuments:
    def test_the_readme_shows_a_picture_then_the_two_commands_then_qgis(self) -> None:
        readme = text_of("README.md")
        order = [
            readme.index("!["), readme.index("make demo"), readme.index("make test"),
            readme.index("## First use in QGIS"),
        ]  # fmt: skip
        assert order == sorted(order)
        assert readme.index("![") < 200

    @pytest.mark.parametrize(
        "name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/first-map.md"]
    )
    def test_links_lead_somewhere(self, name: str) -> None:
        links = re.findall(r"\]\(([^)#]+)\)", text_of(name))
        local = [link for link in links if "://" not in link]
        missing = [link for link in local if not ((ROOT / name).parent / link).exists()]
        assert missing == []

    def test_pictures_are_small(self) -> None:
        for picture in (ROOT / "docs" / "images").glob("*.png"):
            assert picture.stat().st_size < 400 * 1024, picture.name

    def test_the_makefile_has_its_targets(self) -> None:
        makefile = text_of("Makefile")
        for target in TARGETS:
            assert re.search(rf"^{target}:.*## \w", makefile, re.MULTILINE), target
        assert "CURDIR" not in makefile

    def test_ci_runs_what_a_person_runs(self) -> None:
        script = ROOT / ".ci" / "run"
        assert "make test" in script.read_text(encoding="utf-8")
        assert script.stat().st_mode & 0o111

    def test_the_licence_is_the_gpl(self) -> None:
        licence = text_of("LICENSE")
        assert "GNU GENERAL PUBLIC LICENSE" in licence
        assert "Version 2, June 1991" in licence
        assert len(licence) > 17000
