"""The five sentences that keep the house in order, checked on the import statements themselves."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
FLOOR = ("core.errors", "core.settings", "core.training", "core.theme", "core.shell", "core.runs")


def imports(path: Path) -> set[str]:
    """Every module that a file imports, anywhere in it, except for type checking."""
    tree = ast.parse(path.read_text())
    names: set[str] = set()
    for node in _walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _walk(node: ast.AST):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from _walk(child)


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def named(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def importers(folder: str, prefix: str) -> set[str]:
    """The files below a folder that import a package."""
    return {named(path) for path in files(folder) if any(f"{name}.".startswith(f"{prefix}.") for name in imports(path))}


def test_core_imports_no_streamlit_and_no_pages() -> None:
    assert importers("core", "streamlit") | importers("core", "pages") == set()


def test_the_rooms_never_import_each_other() -> None:
    assert importers("core/stn", "core.rnn") | importers("core/rnn", "core.stn") == set()


def test_the_floor_imports_no_room() -> None:
    rooms = importers("core", "core.stn") | importers("core", "core.rnn")
    assert {name for name in rooms if name.startswith(FLOOR)} == set()


def test_figures_import_no_torch() -> None:
    assert {name for name in importers("core", "torch") if name.endswith("figures")} == set()


def test_borders_are_thin() -> None:
    assert importers("core", "yfinance") | importers("pages", "yfinance") == {"core.rnn.prices.yahoo"}
    assert importers("core", "distributed") | importers("core", "dask") == {"core.runs.engine", "core.runs.local"}
    assert importers("core", "peewee") == {"core.runs.registry", "core.runs.tables"}


def test_only_the_store_writes_files() -> None:
    words = (".write_bytes(", ".write_text(", "os.replace(", '"wb"', '"w"', ".to_parquet(path", ".to_csv(path")
    sources = {named(path): path.read_text() for path in [*files("core"), *files("pages")]}
    writers = {name for name, source in sources.items() if any(word in source for word in words)}
    assert writers - {"core.runs.bundle", "pages.parts.export_menu"} == {"core.runs.store"}  # these two write ZIPs in memory


def test_nothing_is_unpickled() -> None:
    picklers = {"pickle", "cloudpickle", "joblib", "dill", "shelve"}
    assert {name for word in picklers for name in importers("core", word) | importers("pages", word)} == set()
    assert not [named(path) for path in files("core") if "torch.load(" in path.read_text()]
