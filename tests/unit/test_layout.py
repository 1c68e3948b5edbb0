"""The house's order, read from its imports: one way, no half with the other's libraries."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "cscl_qgis"
ENGINE = ROOT / "backend" / "cscl"
CONTRACT = ENGINE / "contract"

# From the bottom up; a part imports its own layer and those below it.
ENGINE_LAYERS = (
    ("contract",),
    ("disk", "zips"),
    (
        "context",
        "grid",
        "device",
        "processes",
        "vectors",
        "parallel",
        "pages",
        "compiled",
        "threads",
        "memory",
    ),
    ("models", "losses"),
    (
        "training",
        "mapping",
        "parcels",
        "polygons",
        "evaluation",
        "dataset",
        "series",
        "simulation",
        "zonal",
        "exporting",
    ),
    ("inputs", "outputs", "dispatch", "history"),
    ("pipeline", "demo", "doctor", "experiments", "cross_fit"),
    ("service", "serve", "commands", "examples", "terminal", "cli", "__main__"),
)
PLUGIN_LAYERS = (
    ("contract",),
    ("settings", "words"),
    ("engine", "layers"),
    ("processing", "gui"),
    ("plugin",),
)
NOT_IN_PLUGIN = (
    "torch", "numpy", "pandas", "geopandas", "rasterio", "shapely", "pyproj", "pyogrio", "scipy",
    "sklearn", "zarr", "fiona", "numba", "matplotlib", "osgeo", "click", "rich", "PyQt5", "PyQt6",
    "PySide2", "PySide6",
)  # fmt: skip
NOT_IN_ENGINE = (
    "qgis", "processing", "fiona", "stackstac", "natten", "pickle", "shelve", "marshal", "dill",
)  # fmt: skip


def python_files(folder: Path) -> list[Path]:
    """Return the Python files below a folder."""
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def shipped_plugin_files() -> list[Path]:
    """Return every file that QGIS itself loads."""
    return [ROOT / "__init__.py", *python_files(PLUGIN), *python_files(CONTRACT)]


def modules_imported(path: Path) -> set[str]:
    """Return the full names of what a file imports, wherever in it, relative ones resolved.

    The repository's root counts as the package `cscl_qgis`, as in QGIS; below `backend` names
    start at `cscl`.
    """
    base = ENGINE.parent if ENGINE in path.parents else ROOT
    package = list(path.relative_to(base).parts[:-1])
    if base == ROOT:
        package.insert(0, "cscl_qgis")
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*start, *([node.module] if node.module else [])])
            found.update(f"{stem}.{alias.name}" for alias in node.names)
    return found


def part_of(path: Path, base: Path) -> str:
    """Return the top-level part of a half that a file belongs to."""
    first = path.relative_to(base).parts[0]
    return first[:-3] if first.endswith(".py") else first


def engine_imports() -> dict[str, dict[str, set[str]]]:
    """Return for each part of the engine the parts it imports, with the files that do."""
    imports: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in python_files(ENGINE):
        for name in modules_imported(path):
            pieces = name.split(".")
            if pieces[0] == "cscl" and len(pieces) > 1:
                imports[part_of(path, ENGINE)][pieces[1]].add(str(path.relative_to(ROOT)))
    return imports


def plugin_imports() -> dict[str, dict[str, set[str]]]:
    """Return the same for the plugin; what is not below cscl_qgis/ is the contract or foreign."""
    imports: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in python_files(PLUGIN):
        for name in modules_imported(path):
            pieces = name.split(".")
            if pieces[:2] == ["cscl_qgis", "cscl_qgis"] and len(pieces) > 2:
                target = pieces[2]
            elif pieces[:4] == ["cscl_qgis", "backend", "cscl", "contract"]:
                target = "contract"
            elif pieces[0] in ("cscl_qgis", "cscl"):
                target = name
            else:
                continue
            imports[part_of(path, PLUGIN)][target].add(str(path.relative_to(ROOT)))
    return imports


def breaches(
    imports: dict[str, dict[str, set[str]]], layers: tuple[tuple[str, ...], ...]
) -> list[str]:
    """Return in words every import that points upwards or to a part without a layer."""
    level = {part: number for number, parts in enumerate(layers) for part in parts}
    found = []
    for part, targets in imports.items():
        if part == "__init__":
            continue
        for target, files in targets.items():
            if part not in level or target not in level:
                found.append(f"{part} -> {target}: no layer is known ({', '.join(sorted(files))})")
            elif level[target] > level[part]:
                found.append(f"{part} -> {target} points upwards ({', '.join(sorted(files))})")
    return found


def first_cycle(imports: dict[str, dict[str, set[str]]]) -> list[str]:
    """Return parts that import each other in a ring, or nothing."""
    finished: set[str] = set()

    def visit(part: str, trail: list[str]) -> list[str]:
        if part in trail:
            return [*trail[trail.index(part) :], part]
        if part in finished:
            return []
        for target in imports.get(part, {}):
            if target != part:
                ring = visit(target, [*trail, part])
                if ring:
                    return ring
        finished.add(part)
        return []

    for part in list(imports):
        ring = visit(part, [])
        if ring:
            return ring
    return []


def relative(path: Path) -> str:
    """Return a file's name for a test's id."""
    return path.relative_to(ROOT).as_posix()


def test_engine_imports_point_one_way() -> None:
    assert breaches(engine_imports(), ENGINE_LAYERS) == []


def test_plugin_imports_point_one_way() -> None:
    assert breaches(plugin_imports(), PLUGIN_LAYERS) == []


def test_no_part_imports_itself_through_another() -> None:
    assert first_cycle(engine_imports()) == []
    assert first_cycle(plugin_imports()) == []


def test_the_check_sees_an_upward_import_and_a_ring() -> None:
    imports = {"contract": {"gui": {"a.py"}}, "gui": {"contract": {"b.py"}}, "new": {"gui": {"c"}}}
    assert breaches(imports, PLUGIN_LAYERS) == [
        "contract -> gui points upwards (a.py)",
        "new -> gui: no layer is known (c)",
    ]
    assert first_cycle(imports) == ["contract", "gui", "contract"]


def test_relative_imports_are_resolved() -> None:
    contract = "cscl_qgis.backend.cscl.contract"
    assert f"{contract}.errors.UserError" in modules_imported(PLUGIN / "engine" / "locate.py")
    assert "cscl.contract.errors.UserError" in modules_imported(CONTRACT / "events.py")


def test_the_contract_imports_the_standard_library_alone() -> None:
    foreign = {
        (relative(path), name)
        for path in python_files(CONTRACT)
        for name in modules_imported(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not name.startswith("cscl.contract.")
    }
    assert foreign == set()


def test_the_contract_imports_itself_relatively() -> None:
    """QGIS knows it as cscl_qgis.backend.cscl.contract, the engine as cscl.contract."""
    absolute = [
        (relative(path), node.module)
        for path in python_files(CONTRACT)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level == 0 and "cscl" in (node.module or "")
    ]
    assert absolute == []


def test_no_heavy_library_in_the_plugin() -> None:
    heavy = {
        (relative(path), name)
        for path in shipped_plugin_files()
        for name in modules_imported(path)
        if name.split(".")[0] in NOT_IN_PLUGIN
    }
    assert heavy == set()


def test_the_plugin_imports_qgis_the_standard_library_and_itself() -> None:
    known = {"qgis", "processing", "cscl_qgis", *sys.stdlib_module_names}
    foreign = {
        (relative(path), name)
        for path in [ROOT / "__init__.py", *python_files(PLUGIN)]
        for name in modules_imported(path)
        if name.split(".")[0] not in known
    }
    assert foreign == set()


def test_no_qgis_and_no_pickle_in_the_engine() -> None:
    wrong = {
        (relative(path), name)
        for path in python_files(ENGINE)
        for name in modules_imported(path)
        if name.split(".")[0] in NOT_IN_ENGINE
    }
    assert wrong == set()


def test_the_engines_package_imports_nothing() -> None:
    assert modules_imported(ENGINE / "__init__.py") == set()


def names_called(tree: ast.AST) -> set[str]:
    """Return the plain names that a file calls."""
    return {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


@pytest.mark.parametrize("path", [*shipped_plugin_files(), *python_files(ENGINE)], ids=relative)
def test_shipped_code_passes_the_scanners(path: Path) -> None:
    """No assert, eval or exec anywhere; no random and no subprocess in what QGIS loads."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    asserts = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    assert asserts == []
    assert names_called(tree) & {"eval", "exec", "compile", "__import__"} == set()
    imported = {name.split(".")[0] for name in modules_imported(path)}
    assert "random" not in imported
    if path in shipped_plugin_files():
        assert imported & {"subprocess", "multiprocessing", "socket", "urllib", "pickle"} == set()


@pytest.mark.parametrize("path", shipped_plugin_files(), ids=relative)
def test_plugin_code_parses_on_python_3_9(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 9))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    if functions:
        assert "from __future__ import annotations" in source
    unions = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("isinstance", "issubclass")
        and isinstance(node.args[1], ast.BinOp)
    ]
    assert unions == []


@pytest.mark.parametrize("path", shipped_plugin_files(), ids=relative)
def test_no_identifier_of_the_plugin_sounds_like_a_credential(path: Path) -> None:
    """The plugin site's scanner takes names with such words for stored credentials."""
    words = ("tok" + "en", "sec" + "ret", "pass" + "word", "api" + "_key")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    assert [name for name in sorted(names) if any(word in name.lower() for word in words)] == []


@pytest.mark.parametrize("module", ["cscl.cli", "cscl.service", "cscl.commands", "cscl.serve.loop"])
def test_the_command_starts_without_heavy_libraries(module: str) -> None:
    code = (
        f"import sys, {module}; "
        "print(sorted({'torch', 'rasterio', 'geopandas', 'sklearn'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ENGINE.parent), "PATH": ""},
        check=True,
    )
    assert result.stdout.strip() == "[]"
