"""The export formats of a finished run: a report, a notebook, tables as CSV, request and scores as JSON, weights as
safetensors, and those that its kind adds (`FORMATS` in its export.py)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import InvalidRequest
from core.runs.archive import packed
from core.runs.kinds import Kind, kind_named
from core.runs.registry import Run
from core.runs.report.columns import dictionary, readable
from core.runs.request import Bench
from core.runs.store import Store, write_atomically
from core.runs.visitors.label import NONE, Label
from core.system.spreadsheet import to_csv

if TYPE_CHECKING:
    import pandas as pd

    from core.runs.result import Result

WITH_INPUTS = ("json", "notebook")  # formats that bring the request and its inputs along
Files = dict[str, bytes]  # file name -> content
COLUMNS = "columns.csv"  # what every column of the other tables says
TABLES = f"every table of the result, and in {COLUMNS} what each column says"


@dataclass(frozen=True)
class Format:
    """One export format: the words on its button, and the function that makes its files when they are asked for."""

    label: str
    files: Callable[..., Files]  # from a run and its Result, of the kind that has this format
    note: str = ""  # what is in it, and whether it takes a while
    suits: Callable[[Any], bool] = lambda result: True  # whether this result can be exported so
    single: str = ""  # of what always is one file: its ending and its media type, "html text/html"; else it comes as a ZIP
    check: Callable[[Files], None] | None = None  # ExportDiffers where the files do not do the same as the run
    shows_label: bool = False  # whether `files` is given, too, what the visitor who takes it away calls the run


def as_csv(bench: Bench, tables: Mapping[str, pd.DataFrame]) -> Files:
    """Tables by name as files, headed as people read them, and a table of what every column says."""
    files = {f"{name}.csv": to_csv(readable(bench, table)) for name, table in tables.items()}
    return files | ({COLUMNS: to_csv(dictionary(bench, tables))} if tables else {})


def _csv(run: Run, result: Result) -> Files:
    return as_csv(run.request.bench, result.tables)


def _report(run: Run, result: Result, label: Label) -> Files:
    from core.runs.report.page import report_page

    return {f"gridcast-{run.id}.html": report_page(run, result, label)}


def _notebook(run: Run, result: Result, label: Label) -> Files:
    from core.runs.report.notebook import notebook

    return {f"gridcast-{run.id}.ipynb": notebook(run, result, label)}


def _json(run: Run, result: Result) -> Files:
    about = {"run": run.id, "title": run.title, "seconds": run.seconds, "scores": result.scores}
    return {"request.json": run.request_json.encode(), "scores.json": json.dumps(about, indent=2).encode()}


def _safetensors(run: Run, result: Result) -> Files:
    return {f"{run.kind}-{run.id}.safetensors": result.to_bytes()}


FORMATS = {
    "report": Format(
        "Report (HTML)",
        _report,
        "one page to read, print and send, with figures that answer to hover; opens without a network",
        single="html text/html",
        shows_label=True,
    ),
    "notebook": Format("Notebook (Jupyter)", _notebook, "does the run again, step by step; with its inputs", shows_label=True),
    "csv": Format("Tables (CSV)", _csv, TABLES),
    "json": Format("Request and scores (JSON)", _json, "starts the same run again, here or in another lab; with its inputs"),
    "safetensors": Format("Weights and arrays (safetensors)", _safetensors, "the whole result in one file"),
}


def formats_of(kind: Kind, result: Result) -> dict[str, Format]:
    """The formats of every run, then those of this kind; where both have one, the kind's own counts."""
    return {name: form for name, form in (FORMATS | kind.formats).items() if form.suits(result)}


def check(run: Run, result: Result, form: str, files: Files) -> None:
    """ExportDiffers where the files of a format, which were made by `export`, do not do the same as the run."""
    compare = formats_of(kind_named(run.kind), result)[form].check
    if compare:
        compare(files)


def export(run: Run, result: Result, form: str, store: Store | None = None, label: Label = NONE) -> Files:
    """The files of one format; InvalidRequest when this run has no such format. Report and notebook show the label.

    With the request, as JSON or in a notebook, come its inputs, where they are in the store, so that another lab can start the
    same run.
    """
    formats = formats_of(kind_named(run.kind), result)
    if form not in formats:
        raise InvalidRequest(f"a {run.kind} run has no export format {form!r}; choose {', '.join(formats)}")
    chosen = formats[form]
    files = chosen.files(run, result, label) if chosen.shows_label else chosen.files(run, result)
    return packed(run.request, store) | files if form in WITH_INPUTS and store else files


def write(files: Files, folder: Path) -> list[Path]:
    """Write the files below a folder; return their paths."""
    for name, content in files.items():
        write_atomically(folder / name, content)
    return [folder / name for name in files]
