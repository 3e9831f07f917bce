"""What every report and notebook must be, whatever the kind of the run."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from html.parser import HTMLParser
from typing import Any

import nbformat

from core.runs.database.state import State
from core.runs.export import export
from core.runs.kinds import kind_of
from core.runs.registry import Run
from core.runs.report.columns import dictionary
from core.runs.request import Request, key_of
from core.runs.result import Result

PLOTLY = "plotly.js v"  # how the library begins


def run_of(request: Request, result: Result) -> Run:
    """The row of a finished run; what a report does not read of it is None."""
    known = {
        "id": key_of(request), "kind": request.kind, "bench": request.bench, "title": request.title, "state": State.DONE,
        "request_json": request.model_dump_json(), "headline": result.headline, "seconds": 2.0, "finished": 1.8e9,
    }  # fmt: skip
    return Run(**{field.name: None for field in fields(Run)} | known)  # type: ignore[arg-type]


class Page(HTMLParser):
    """The tags of a page, and the texts of its scripts by class."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[str, str]] = []
        self.shown = ""
        self._within: tuple[str, str] = ("", "")
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._within = tag, dict(attrs).get("class") or ""

    def handle_endtag(self, tag: str) -> None:
        self._within = ("", "")

    def handle_data(self, data: str) -> None:
        tag, kind = self._within
        if tag == "script":
            self.scripts.append((kind, data))
        elif tag != "style":
            self.shown += data


def checked_page(run: Run, result: Result) -> Page:
    """The report, which is whole in itself: asks for nothing, has Plotly once at most and figures that Plotly takes."""
    [(name, content)] = export(run, result, "report").items()
    assert name == f"gridcast-{run.id}.html"
    page = Page(content.decode())
    figures = [text for kind, text in page.scripts if kind == "figure"]
    assert sum(text.count(PLOTLY) for _, text in page.scripts) == bool(figures)
    assert all(json.loads(text)["data"] for text in figures)
    addresses = [value for _, attrs in page.tags for name, value in attrs.items() if name in ("src", "href", "action")]
    assert [one for one in addresses if not str(one).startswith("data:image/")] == []
    for section in ("What was asked", "What it does not say", "How to run it again", "Versions"):
        assert section in page.shown
    assert run.id in page.shown
    return page


def check_notebook(run: Run, result: Result) -> None:
    """The notebook is one, its cells compile, and what they ask is the run."""
    [(_, content)] = export(run, result, "notebook").items()
    notebook = nbformat.reads(content.decode(), as_version=4)
    nbformat.validate(notebook)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    for source in code:
        compile(source, "cell", "exec")
    imports = "\n".join(line for line in code[0].splitlines() if line.startswith(("from ", "import ")))
    [asked] = [source for source in code if source.startswith("request = ")]
    names: dict[str, Any] = {"print": lambda *_: None}
    exec(f"{imports}\n{asked}", names)
    assert (names["request"], key_of(names["request"])) == (run.request, run.id)


def check_columns(result: Result, request: Request) -> None:
    """Every column of every table is described."""
    described = dictionary(request.bench, result.tables)
    assert described[described["What it says"] == ""]["Name in core"].tolist() == []
    assert not described.duplicated(["File", "Column"]).any()


def check(request: Request, result: Result) -> None:
    """All of it, of one run."""
    run = run_of(request, result)
    page = checked_page(run, result)
    has_report = kind_of(request).report.figures(kind_of(request).report.valued(run, result))
    assert bool(list(has_report)) == bool(re.search(r"Figures", page.shown))
    check_notebook(run, result)
    check_columns(result, request)
