"""The structure that docs/ARCHITECTURE.md promises, checked on the import statements themselves."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter

import pytest

from core.runs.kinds import EXPERIMENTS as KINDS
from core.runs.kinds import FOLDERS
from tests.import_graph import ROOT, circle, graph, importers, packages, sources, tree_of

LARGEST_FOLDER = 16  # files, a package's own sentence not counted
LAYERS = (  # imports run from later rows to earlier ones, and inside a row
    (
        "core.errors",
        "core.system",
        "core.settings",
        "core.theme",
        "core.figures",
        "core.lines",
        "core.rows",
        "core.made_once",
        "core.in_use",
        "core.checkpoints",
    ),
    ("core.runs", "core.drive", "core.batch_norm", "core.training", "core.shell", "core.warm", "core.speed", "core.lessons"),
    ("core.stn.geometry", "core.rnn.prices", "core.rnn.words"),
    ("core.stn.datasets", "core.rnn.dataset", "core.rnn.models", "core.stn.shell"),
    ("core.stn.networks", "core.rnn.networks", "core.rnn.classical", "core.rnn.forecaster"),
    ("core.stn.learning", "core.stn.drawing", "core.stn.export", "core.rnn.evaluation", "core.rnn.worth"),
    ("core.stn.warp", *(f"core.{FOLDERS[kind.bench]}.{kind.name}" for kind in KINDS.values()), "core.stn", "core.rnn"),
    ("core.watching",),
    ("core.examples", "core.__main__", "core"),
    ("pages.parts",),
    ("pages",),
    ("app",),
    ("serve",),
)
EXPERIMENTS = {f"core.{FOLDERS[kind.bench]}.{kind.name}" for kind in KINDS.values()}


def layer_of(module: str) -> int:
    """The row that names the longest beginning of a module's name."""
    named = {name: row for row, names in enumerate(LAYERS) for name in names if f"{module}.".startswith(f"{name}.")}
    return named[max(named, key=len)]


def test_no_file_is_in_an_import_circle() -> None:
    assert circle(graph()) == []


def test_no_package_is_in_an_import_circle() -> None:
    assert circle(packages()) == []


def test_imports_run_one_way() -> None:
    edges = [(module, target) for module, targets in graph().items() for target in targets]
    assert sorted((module, target) for module, target in edges if layer_of(target) > layer_of(module)) == []


def test_a_circle_would_be_seen() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) != []


def test_the_two_benches_never_import_each_other() -> None:
    assert importers("core.rnn", below="core.stn") | importers("core.stn", below="core.rnn") == set()


def test_an_experiment_uses_another_through_its_public_face_alone() -> None:
    inside = {
        (module, target)
        for module, targets in graph().items()
        for target in targets
        for own, other in [(package_of(module), package_of(target))]
        if own and other and own != other and target != other
    }
    assert sorted(inside) == []


def package_of(module: str) -> str | None:
    """The experiment that a module belongs to."""
    return next((package for package in EXPERIMENTS if f"{module}.".startswith(f"{package}.")), None)


def test_no_folder_holds_more_than_one_idea() -> None:
    sizes = Counter(path.parent for path in sources().values() if path.name != "__init__.py")
    assert {folder.relative_to(ROOT).as_posix(): size for folder, size in sizes.items() if size > LARGEST_FOLDER} == {}


def test_a_package_says_what_it_is() -> None:
    inits = [module for module, path in sources().items() if path.name == "__init__.py"]
    assert [module for module in inits if not ast.get_docstring(tree_of(module))] == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_experiment_has_the_same_files(kind) -> None:
    folder = ROOT / "core" / FOLDERS[kind.bench] / kind.name
    assert {"request.py", "run.py", "result.py", "command.py"} <= {path.name for path in folder.glob("*.py")}
    assert list(folder.glob("*figures.py"))
    assert (ROOT / "pages" / "parts" / FOLDERS[kind.bench] / f"{kind.name}.py").is_file()


def test_core_imports_neither_streamlit_nor_pages() -> None:
    assert importers("streamlit", below="core") | importers("pages", below="core") == set()


def test_borders_are_thin() -> None:
    assert importers("yfinance") == {"core.rnn.prices.yahoo"}
    on_cluster = {name for name in importers("distributed") | importers("dask") if not name.startswith("core.runs.cluster.")}
    assert on_cluster == {"core.runs.engine", "core.runs.local"}
    assert {name for name in importers("peewee") if not name.startswith("core.runs.database.")} == {"core.runs.registry"}


def test_screens_load_dask_only_when_a_visitor_needs_the_engine() -> None:
    assert importers("core.runs.engine", below="pages") == {"pages.parts.visitors.engine"}


def test_figures_need_no_torch_and_networks_no_plotly() -> None:
    assert {module for module in importers("torch") if module.endswith("figures")} == set()
    assert (
        importers("plotly") & {m for m in sources() if m.rpartition(".")[2] in ("run", "result", "recorder", "request")}
        == set()
    )
    assert importers("plotly", below="core.stn.networks") | importers("plotly", below="core.rnn.networks") == set()


def test_a_stored_run_is_opened_drawn_and_listed_for_export_without_torch() -> None:
    code = ["import sys", "from core.runs.kinds import KINDS"]
    for kind in KINDS.values():
        package = f"core.{FOLDERS[kind.bench]}.{kind.name}"
        figures = [f"{package}.{path.stem}" for path in (ROOT / package.replace(".", "/")).glob("*figures.py")]
        code.append(f"import {package}.request, {package}.result, {', '.join(figures)}")
        code.append(f"KINDS['{kind.name}'].formats\nif 'torch' in sys.modules: sys.exit('{kind.name} has loaded torch')")
    process = subprocess.run([sys.executable, "-c", "\n".join(code)], capture_output=True, text=True, check=False, cwd=ROOT)
    assert process.returncode == 0, process.stderr


def test_only_the_store_writes_files() -> None:
    words = (".write_bytes(", ".write_text(", "os.replace(", '"wb"', '"w"', ".to_parquet(path", ".to_csv(path")
    writers = {module for module, path in sources().items() if any(word in path.read_text() for word in words)}
    assert writers - {"core.runs.bundle", "pages.parts.export_menu"} == {
        "core.runs.storage.folder"
    }  # these two write ZIPs in memory


OWN_FILES = {  # of the lab's folder, or shipped with the code
    "core.runs.storage.folder", "core.runs.bundle", "core.rnn.prices.yahoo_cache", "core.lessons.kept",
    "core.stn.locate.crop_encoder",
    "core.stn.datasets.samples", "core.stn.datasets.digits", "core.examples.__main__", "core.stn.straighten.pages.answer",
    "core.stn.parts.scenes",
    "core.runs.report.notebook",  # a line of the notebook's
}  # fmt: skip


def test_files_that_a_user_names_are_read_through_one_door() -> None:
    words = (".read_bytes(", "open(path", "path.open(", "np.load(", "pd.read_csv(path")
    readers = {module for module, path in sources().items() if any(word in path.read_text() for word in words)}
    assert {module for module in readers if not module.startswith("pages")} == OWN_FILES | {"core.system.files"}


def test_nothing_is_unpickled() -> None:
    picklers = {"pickle", "cloudpickle", "joblib", "dill", "shelve"}
    assert {name for word in picklers for name in importers(word)} == set()
    assert [module for module, path in sources().items() if "torch.load(" in path.read_text()] == []
