"""Who imports whom in core, pages and app.py, read off the source; imports in functions and for type checking count too."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]


@cache
def sources() -> dict[str, Path]:
    """Every module by its dotted name; a package by its own name."""
    files = [path for folder in ("core", "pages") for path in (ROOT / folder).rglob("*.py")]
    named = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in files}
    return named | {"app": ROOT / "app.py"}


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(sources()[module].read_text())


@cache
def imports_of(module: str) -> frozenset[str]:
    """Everything that a module imports, ours or not: `from a import b` is a.b where that is a module of ours, else a."""
    targets: set[str] = set()
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            targets |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            inner = names & set(sources())
            targets |= inner | ({node.module} if inner != names else set())
    return frozenset(targets)


def graph() -> dict[str, set[str]]:
    """Module -> the modules of ours that it imports."""
    return {module: {target for target in imports_of(module) if target in sources()} - {module} for module in sources()}


def packages() -> dict[str, set[str]]:
    """Package -> the packages that it imports; a package and one inside it do not count."""
    home = {name: name if path.name == "__init__.py" else name.rpartition(".")[0] or name for name, path in sources().items()}
    imports_of: dict[str, set[str]] = {package: set() for package in home.values()}
    for module, targets in graph().items():
        imports_of[home[module]] |= {home[target] for target in targets if not _nested(home[module], home[target])}
    return imports_of


def circle(edges: dict[str, set[str]]) -> list[str]:
    """One way round, first and last the same; empty where there is none."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def importers(target: str, below: str = "") -> set[str]:
    """The modules below a package that import a package, ours or not, or something inside it."""
    return {module for module in _below(below) if any(_inside(name, target) for name in imports_of(module))}


def _below(package: str) -> Iterable[str]:
    return (module for module in sources() if not package or _inside(module, package))


def _inside(name: str, package: str) -> bool:
    return f"{name}.".startswith(f"{package}.")


def _nested(one: str, other: str) -> bool:
    return _inside(one, other) or _inside(other, one)
