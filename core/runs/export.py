"""The export formats of a finished run: tables as CSV, request and scores as JSON, weights as safetensors,
and those that its kind adds (`FORMATS` in its export.py)."""

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
from core.runs.store import Store, write_atomically
from core.system.spreadsheet import to_csv

if TYPE_CHECKING:
    import pandas as pd

    from core.runs.result import Result

Files = dict[str, bytes]  # file name -> content


@dataclass(frozen=True)
class Format:
    """One export format: the words on its button, and the function that makes its files when they are asked for."""

    label: str
    files: Callable[[Run, Any], Files]  # from a run and its Result, of the kind that has this format
    note: str = ""  # what is in it, and whether it takes a while
    suits: Callable[[Any], bool] = lambda result: True  # whether this result can be exported so
    check: Callable[[Files], None] | None = None  # ExportDiffers where the files do not do the same as the run


def as_csv(tables: Mapping[str, pd.DataFrame]) -> Files:
    """Tables by name as files."""
    return {f"{name}.csv": to_csv(table) for name, table in tables.items()}


def _csv(run: Run, result: Result) -> Files:
    return as_csv(result.tables)


def _json(run: Run, result: Result) -> Files:
    about = {"run": run.id, "title": run.title, "seconds": run.seconds, "scores": result.scores}
    return {"request.json": run.request_json.encode(), "scores.json": json.dumps(about, indent=2).encode()}


def _safetensors(run: Run, result: Result) -> Files:
    return {f"{run.kind}-{run.id}.safetensors": result.to_bytes()}


FORMATS = {
    "csv": Format("Tables (CSV)", _csv, "every table of the result"),
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


def export(run: Run, result: Result, form: str, store: Store | None = None) -> Files:
    """The files of one format; InvalidRequest when this run has no such format.

    With the request as JSON come its inputs, where they are in the store, so that another lab can start the same run.
    """
    formats = formats_of(kind_named(run.kind), result)
    if form not in formats:
        raise InvalidRequest(f"a {run.kind} run has no export format {form!r}; choose {', '.join(formats)}")
    files = formats[form].files(run, result)
    return packed(run.request, store) | files if form == "json" and store else files


def write(files: Files, folder: Path) -> list[Path]:
    """Write the files below a folder; return their paths."""
    for name, content in files.items():
        write_atomically(folder / name, content)
    return [folder / name for name in files]
