"""Names that strangers choose (tickers, file names, class names) stay letters: on screens, in figures, in tables that leave."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from core.figures import text as figure_text
from core.runs.bundle import EXAMPLES, unpack
from core.runs.export import export
from core.runs.lab import Lab
from core.stn.straighten.request import StraightenRequest
from tests.pages.conftest import ME, OpenPage
from tests.pages.conftest import home as home
from tests.pages.conftest import open_page as open_page
from tests.pages.conftest import with_examples as with_examples

HOSTILE = (
    '=<b>bold</b> <a href="http://evil.example">{}</a> **b** [l](http://evil.example) http://evil.example www.evil.example'
)
MARKED = re.compile(
    r"\*\*b\*\*|(?<!\\)\[l|(?<!\\)<[ab]\b|http:|http\\:|www\.|www\\\."
)  # what Markdown would take for more than letters
NUMBER = re.compile(r"-(inf|\d+(\.\d*)?(e[+-]?\d+)?)")
NAMES = ("symbol", "symbols", "name", "names", "labels", "classes")  # fields and columns that hold them


def hostile(name: str) -> str:
    return HOSTILE.replace("{}", name)


def named(value: Any, names: dict[str, str], inside: bool = False) -> Any:
    """A value of JSON with every name of a stranger replaced, wherever it stands."""
    if isinstance(value, dict):
        for key, held in value.items():
            if key in NAMES:
                for one in held if isinstance(held, list) else [held]:
                    if isinstance(one, str) and one not in ("tensor", "training", "validation", "test"):
                        names.setdefault(one, hostile(one))
        return {names.get(key, key) if inside else key: named(held, names) for key, held in value.items()}
    if isinstance(value, list):
        return [named(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value


def renamed(bundle: bytes) -> bytes:
    """A shipped run as if strangers had named its tickers, pictures and classes."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    names: dict[str, str] = {}
    request = named(json.loads(files["request.json"]), names)
    content = files["result.safetensors"]
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    result = named(json.loads(header["__metadata__"]["result"]), names)
    result = named(result, names)  # names that were found late
    header["__metadata__"]["result"] = json.dumps(result)
    altered = json.dumps(header).encode()
    files["request.json"] = json.dumps(request).encode()
    files["result.safetensors"] = len(altered).to_bytes(8, "little") + altered + content[8 + length :]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def texts(part: Any) -> Iterator[str]:
    """Every text in values of JSON."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for held in part.values():
            yield from texts(held)
    elif isinstance(part, list):
        for held in part:
            yield from texts(held)


def elements(block: Any) -> Iterator[Any]:
    """What a block of a screen draws, at any depth."""
    if children := getattr(block, "children", None):
        for child in children.values():
            yield from elements(child)
    elif hasattr(block, "proto"):
        yield block


def words_of(element: Any) -> list[str]:
    """What of an element the browser reads as Markdown: its text, its label, its help."""
    found = [getattr(element.proto, field, "") for field in ("body", "label", "help", "caption")]
    return [] if element.type == "json" else [text for text in found if isinstance(text, str)]


WITH_NAMES = ["1-straighten", "2-compare", "4-align", "6-sweep", "8-panel", "10-memory"]  # the others have none of strangers


@pytest.mark.parametrize("name", WITH_NAMES)
def test_names_of_strangers_stay_letters_on_the_screen_of_a_run(home: Lab, open_page: OpenPage, name: str) -> None:
    run = unpack(home, renamed((EXAMPLES / f"{name}.gridcast").read_bytes()), ME)
    app = open_page("run", id=run.id)
    assert not app.exception
    drawn = list(elements(app.main))
    words = [text for element in drawn for text in words_of(element)]
    assert words
    assert [text for text in words if MARKED.search(text)] == []
    figures = [json.loads(element.proto.spec) for element in drawn if element.type == "plotly_chart"]
    in_figures = [text for figure in figures for part in ("data", "layout") for text in texts(figure[part])]
    assert [text for text in in_figures if "<a " in text or ("<b>" in text and text not in figure_text._bold)] == []


def test_the_lists_of_runs_show_names_as_letters(home: Lab, open_page: OpenPage) -> None:
    run = unpack(home, renamed((EXAMPLES / "2-compare.gridcast").read_bytes()), ME)
    for page in ("home", "runs"):
        words = [text for element in elements(open_page(page).main) for text in words_of(element)]
        assert [text for text in words if MARKED.search(text)] == []
    assert run.id in {one.id for one in home.runs()}


@pytest.mark.parametrize("name", ["1-straighten", "4-align", "6-sweep"])
def test_no_cell_of_a_table_that_leaves_is_a_formula(home: Lab, name: str) -> None:
    run = unpack(home, renamed((EXAMPLES / f"{name}.gridcast").read_bytes()), ME)
    for content in export(run, home.result(run), "csv").values():
        cells = [cell for row in csv.reader(io.StringIO(content.decode())) for cell in row]
        assert [cell for cell in cells if cell[:1] in set("=+@\t\r") or (cell[:1] == "-" and not NUMBER.fullmatch(cell))] == []


@pytest.mark.parametrize("end", ["fail", "interrupt"])
def test_why_a_run_ended_is_shown_as_letters(home: Lab, open_page: OpenPage, end: str) -> None:
    run, _ = home.registry.claim(StraightenRequest(images=("0" * 64,), names=("coins",)), visitor=ME)
    getattr(home.registry, end)(run.id, f"{hostile('coins')} cannot be read")
    words = [text for element in elements(open_page("run", id=run.id).main) for text in words_of(element)]
    assert any("cannot be read" in text for text in words)
    assert [text for text in words if MARKED.search(text)] == []
