"""The documents say what is so: their commands parse, their files exist, their examples name what there is."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import get_args
from urllib.parse import parse_qs

import click
import pytest

from benchmarks.__main__ import NAMES, chosen
from benchmarks.claims import CLAIMS
from core.__main__ import main
from core.runs.export import formats_of
from core.runs.kinds import EXPERIMENTS as KINDS
from core.runs.result import Result
from core.settings import Settings
from core.stn.add.adders import AdderName
from core.stn.datasets.distortions import DISTORTIONS
from core.stn.geometry.families import FAMILIES
from core.stn.geometry.kernels import KERNELS, PADDINGS
from core.stn.networks.spec import ModelName
from core.stn.parts.looks import LOOKS
from pages.parts.controls import Area
from pages.parts.navigation import ROWS

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
SPEAKING = [path for path in DOCUMENTS if path.name != "LOG.md"]  # the log speaks of what has been, too
KNOWN = {  # options that click takes as any text
    "family": set(FAMILIES),
    "kernel": set(KERNELS),
    "padding": set(PADDINGS),
    "distortion": set(DISTORTIONS),
    "models": {*get_args(ModelName), *get_args(AdderName), *LOOKS},
}


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def fenced(text: str, language: str = "") -> list[str]:
    """The code blocks of a document in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(prefix: str) -> Iterator[str]:
    """Everything after `prefix` in all documents, in code blocks and between backticks."""
    for path in SPEAKING:
        blocks = "\n".join(fenced(read(path))).splitlines()
        spans = re.findall(r"(?<!`)`([^`\n]+)`", read(path))
        yield from (line.strip().removeprefix(prefix) for line in [*blocks, *spans] if line.strip().startswith(prefix))


def parsed(words: list[str]) -> click.Context:
    """What click makes of a command line, without doing it."""
    command: click.Command = main
    while isinstance(command, click.Group):
        name, *words = words
        assert name in command.commands, f"there is no command {name}"
        command = command.commands[name]
    return command.make_context(command.name, words)


def tree(block: str) -> Iterator[str]:
    """The paths in a drawn tree: a folder ends with a slash and holds what is indented below it; words follow two spaces."""
    folders: list[tuple[int, str]] = []
    for line in block.splitlines():
        indent = len(line) - len(line.lstrip())
        folders = [(depth, folder) for depth, folder in folders if depth < indent]
        inside = "".join(folder for _, folder in folders)
        if names := re.match(r"(?:[\w.-]+/\s*)+", line.strip()):  # several folders may share a line
            folders.append((indent, names[0].split()[-1]))
            yield from (inside + name for name in names[0].split())
        else:
            names = re.findall(r"(?<![\w/])[\w.-]+\.(?:py|md)\b", line)
            yield from (inside + name for name in names)


def drawn() -> set[str]:
    """Every path in the trees of the document on the architecture."""
    text = read(ROOT / "docs" / "ARCHITECTURE.md")
    return {path for block in fenced(text) for path in tree(block)}


def filled(kind: type[Result]) -> Result:
    """A result that has something in every field, for what depends on that alone."""
    return kind.model_construct(**{name: {"something": 1} for name in kind.model_fields})


@pytest.mark.parametrize("line", sorted(set(commands("python -m core "))))
def test_a_command_in_the_documents_can_be_given_like_this(line: str) -> None:
    context = parsed(shlex.split(line, comments=True))
    for option, known in KNOWN.items():
        given = context.params.get(option)
        assert given is None or set(given.split(",")) <= known, f"--{option} {given}"


def test_the_guide_says_which_runs_have_which_export_formats() -> None:
    rows = re.findall(r"^\| (\w+) \|.*\| ([\w, ]+) \|$", read(ROOT / "docs" / "USER_GUIDE.md"), re.MULTILINE)
    titles = {name: kind.title for name, kind in KINDS.items()}
    have = {name: set(formats_of(kind, filled(kind.result))) for name, kind in KINDS.items()}
    documented = {form: "all" if "all" in runs else set(runs.split(", ")) for form, runs in rows if form != "format"}
    assert documented == {
        form: "all" if all(form in forms for forms in have.values()) else {titles[k] for k in have if form in have[k]}
        for form in set().union(*have.values())
    }


def test_every_command_is_in_the_readme() -> None:
    text = "\n".join(fenced(read(ROOT / "README.md")))
    train = main.commands["train"]
    assert isinstance(train, click.Group)
    shown = {name for name, command in train.commands.items() if not command.hidden}
    names = {name for name in main.commands if name != "train"} | {f"train {name}" for name in shown}
    assert {name for name in names if f"python -m core {name}" not in text} == set()


def test_measurements_in_the_documents_exist() -> None:
    for line in commands("python -m benchmarks"):
        module = line.split()[0].removeprefix(".") if line.startswith(".") else "__main__"
        assert (ROOT / "benchmarks" / f"{module}.py").is_file(), line
    assert [name for name in NAMES if not (ROOT / "benchmarks" / f"{name}.py").is_file()] == []


def test_without_names_what_the_readme_says_is_measured() -> None:
    assert set(chosen([])) == {claim.by for claim in CLAIMS} | {"claims"}
    assert chosen([])[-1] == "claims", "reads the others"
    assert (chosen(["all"]), chosen(["truth"])) == (NAMES, ("truth",))


def test_targets_in_the_documents_are_those_of_make() -> None:
    targets = set(re.findall(r"^(\w+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = {line.split()[0] for line in commands("make ")}
    assert named <= targets
    assert {"run", "test"} <= named


def test_every_file_of_the_drawn_trees_exists() -> None:
    assert len(drawn()) > 25
    assert sorted(path for path in drawn() if not (ROOT / path).exists()) == []


def test_every_package_is_in_the_drawn_tree() -> None:
    folders = {path.parent.relative_to(ROOT).as_posix() + "/" for path in (ROOT / "core").rglob("__init__.py")}
    assert sorted(folders - drawn()) == []


def test_every_path_between_backticks_is_the_end_of_a_path_that_exists() -> None:
    ends = {f"/{path.relative_to(ROOT)}" for folder in ("core", "pages", "tests", "benchmarks", "docs", ".streamlit")
            for path in (ROOT / folder).rglob("*")}  # fmt: skip
    named = {
        (path.name, span)
        for path in SPEAKING
        for span in re.findall(r"(?<!new )`([\w.-]+(?:/[\w.-]+)+(?:\.\w+)?)`", read(path))  # a new one is written by the reader
        if not re.match(r"GRIDCAST_|T_", span)
    }
    assert len(named) > 10
    assert sorted((where, span) for where, span in named if not any(end.endswith(f"/{span}") for end in ends)) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = read(document)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("#"):
            titles = [re.sub(r"[^\w -]", "", title).strip().lower() for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
            assert target[1:] in {title.replace(" ", "-") for title in titles}
        elif "://" not in target:
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize("source", [block for path in SPEAKING for block in fenced(read(path), "python")])
def test_an_example_imports_what_there_is(source: str) -> None:
    imported = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    assert imported
    for node in imported:
        module = import_module(str(node.module))
        assert [name.name for name in node.names if not hasattr(module, name.name)] == []


def test_settings_are_all_explained_and_none_is_invented() -> None:
    explained = set(re.findall(r"GRIDCAST_[A-Z_]+", "".join(map(read, SPEAKING)))) - {"GRIDCAST_"}
    assert explained == {f"GRIDCAST_{name.upper()}" for name in Settings.model_fields}


SCREENS = {  # which modules of the pages draw the controls of a row of the guide's table, by how their paths begin
    "warp": "Warp", "parts/warp": "Warp", "stn": "Spatial transformers", "parts/stn": "Spatial transformers",
    "rnn": "Recurrent forecasters", "parts/rnn": "Recurrent forecasters", "sweep": "Sweep", "parts/rnn/sweep": "Sweep",
    "panel": "Panel", "parts/rnn/panel": "Panel", "traps": "Traps", "parts/rnn/traps": "Traps", "memory": "Memory",
    "parts/memory": "Memory", "parts/rnn/memory": "Memory", "learn": "Learn", "parts/learn": "Learn", "guide": "Guide",
    "runs": "Runs", "run": "Run", "parts/screen": "Run",
}  # fmt: skip
UNNAMED = {
    "go",
    "lecture",
    "list_file",
    "request-file",
    "csv",
    "csv_files",
    "download",
}  # buttons and files: `go`, `export`, `uploads`


def names_of_controls() -> dict[str, set[str]]:
    """Names in the guide's table of links, by screen."""
    rows = re.findall(r"^\| ([\w ]+) \| [^|]* \| (`.*) \|$", read(ROOT / "docs" / "USER_GUIDE.md"), re.MULTILINE)
    return {screen: set(re.findall(r"`(\w+)`", names)) for screen, names in rows if screen in SCREENS.values()}


def keys_in(source: str) -> Iterator[str]:
    """Keys that are written out where a control is called; of one that depends on something, its beginning."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and ast.unparse(node.func).startswith("controls.")
        ):
            for key in (word.value for word in node.keywords if word.arg == "key"):
                key = key.values[0] if isinstance(key, ast.JoinedStr) else key
                if isinstance(key, ast.Constant) and "-" not in str(key.value):
                    yield str(key.value).rstrip("_")


def test_the_guide_names_every_control_that_a_link_can_take_away() -> None:
    named, missing = names_of_controls(), set()
    for path in sorted((ROOT / "pages").rglob("*.py")):
        place = path.relative_to(ROOT / "pages").with_suffix("").as_posix()
        begins = max((one for one in SCREENS if place == one or place.startswith((f"{one}/", f"{one}_"))), key=len, default="")
        for key in set(keys_in(read(path))) - UNNAMED if begins else ():
            if not any(key in (name, name.rstrip("123456")) or key.startswith(f"{name}_") for name in named[SCREENS[begins]]):
                missing.add(f"{key} of {place}: name it in the row {SCREENS[begins]} of docs/USER_GUIDE.md, under Links")
    assert missing == set()


def test_the_guide_names_no_control_that_is_not_there() -> None:
    words = {
        node.value.rstrip("_-")
        for folder in ("pages", "core/stn/geometry", "core/rnn/memory/one_cell")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(read(path)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    begun = {word.partition("_")[0] for word in words}
    named = {name if name in words else name.rstrip("123456") for name in set().union(*names_of_controls().values())}
    assert named - words - begun == set()


@pytest.mark.parametrize("line", sorted(set(commands("/"))))
def test_a_link_in_the_documents_leads_to_a_screen_and_takes_away_what_there_is(line: str) -> None:
    page, _, query = line.partition("?")
    if "?" in line:
        known = set().union(*names_of_controls().values(), *(get_args(Area),), {"go"})
        assert page in {row.file for row in ROWS}
        assert {name for words in parse_qs(query).get("hide", []) for name in words.split(",")} <= known
