"""Names of Qt that the plugin uses and Qt 6 lacks, read from the lists that PyQt6 brings.

Nothing is imported or run: the plugin's modules and PyQt6's `.pyi` files are read as text.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

# Methods that Qt 6 no longer has, or that QGIS 4 no longer adds under the old name.
GONE = frozenset(("exec_", "toTime_t", "fromTime_t", "setMargin", "desktop"))
# What `qgis.PyQt` gives in another module than PyQt6 does.
MOVED = {"QAction": "QtGui", "QActionGroup": "QtGui", "QShortcut": "QtGui", "QUndoStack": "QtGui"}
# `qgis.PyQt.QtCore` defines this for both.
OURS = frozenset(("NULL", "QVariant"))


def unknown(plugin: Path) -> Iterator[str]:
    """Yield every name of Qt in a plugin's own modules that PyQt6 does not have."""
    lists = Lists()
    for path in sorted((plugin / "cscl_qgis").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for line, name in _unknown(tree, lists):
            yield f"{path.relative_to(plugin)}:{line}: Qt 6 has no {name}"


class Lists:
    """The classes of PyQt6 with all that they and the classes they come from define."""

    def __init__(self) -> None:
        spec = importlib.util.find_spec("PyQt6")
        if spec is None or not spec.submodule_search_locations:
            raise ImportError("PyQt6's lists of names are missing: run make clean and try again")
        self._folder = Path(next(iter(spec.submodule_search_locations)))
        self._modules: dict[str, dict[str, ast.stmt]] = {}

    def module(self, name: str) -> dict[str, ast.stmt]:
        """Return what a module such as QtCore defines."""
        if name not in self._modules:
            path = self._folder / f"{name}.pyi"
            # One of them has a slash behind a star, which Python does not read.
            text = path.read_text(encoding="utf-8").replace(", /)", ")") if path.is_file() else ""
            body = ast.parse(text).body
            self._modules[name] = _defined(body)
        return self._modules[name]

    def has(self, module: str, names: list[str]) -> bool:
        """Tell whether Class.Enumeration.MEMBER, or a part of it, is there."""
        place: ast.stmt | None = self.module(module).get(names[0])
        for name in names[1:]:
            if not isinstance(place, ast.ClassDef):
                return True  # a value, of whose attributes the lists say nothing
            place = self._member(module, place, name)
            if place is None:
                return False
        return place is not None

    def _member(self, module: str, owner: ast.ClassDef, name: str) -> ast.stmt | None:
        found = _defined(owner.body).get(name)
        for base in owner.bases:
            if found is not None:
                break
            parts = ast.unparse(base).split(".")
            home = parts[0] if parts[0].startswith("Qt") and len(parts) > 1 else module
            parent = self.module(home).get(parts[-1])
            if isinstance(parent, ast.ClassDef):
                found = self._member(home, parent, name)
        return found


def _defined(body: list[ast.stmt]) -> dict[str, ast.stmt]:
    found: dict[str, ast.stmt] = {}
    for node in body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            found[node.name] = node
        elif isinstance(node, ast.Assign):
            found.update((ast.unparse(target), node) for target in node.targets)
        elif isinstance(node, ast.AnnAssign):
            found[ast.unparse(node.target)] = node
    return found


def _unknown(tree: ast.Module, lists: Lists) -> Iterator[tuple[int, str]]:
    imported: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qgis.PyQt."):
            module = str(node.module).rsplit(".", 1)[1]
            for alias in node.names:
                home = MOVED.get(alias.name, module)
                imported[alias.asname or alias.name] = (home, alias.name)
                if alias.name not in OURS and not lists.has(home, [alias.name]):
                    yield node.lineno, f"{home}.{alias.name}"
    for node in ast.walk(tree):
        if any(_chain(item)[0] in imported for item in _made_numbers(node)):
            yield node.lineno, "flags that are numbers"
        if not isinstance(node, ast.Attribute):
            continue
        if node.attr in GONE:
            yield node.lineno, node.attr
        names = _chain(node)
        if names and names[0] in imported and names[0] not in OURS:
            module, name = imported[names[0]]
            if not lists.has(module, [name, *names[1:]]):
                yield node.lineno, ".".join(names)


def _made_numbers(call: ast.AST) -> Iterator[ast.Attribute]:
    """Yield each Class.Enumeration.MEMBER that a call of `int` is given."""
    if not (isinstance(call, ast.Call) and ast.unparse(call.func) == "int"):
        return
    for node in ast.walk(call):
        if isinstance(node, ast.Attribute) and len(_chain(node)) > 2:
            yield node


def _chain(node: ast.expr) -> list[str]:
    """Return the names of Class.Enumeration.MEMBER, nothing where it starts otherwise."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    return [node.id, *names] if isinstance(node, ast.Name) else []
