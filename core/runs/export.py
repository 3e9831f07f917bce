"""What one may carry away from a finished run, by format: tables as CSV, request and scores as JSON, weights as safetensors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from core.errors import InvalidRequest
from core.runs.registry import Run
from core.runs.request import Result
from core.runs.store import write_atomically

Files = dict[str, bytes]  # file name -> content


def _csv(run: Run, result: Result) -> Files:
    return {
        f"{name}.csv": table.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n").encode()
        for name, table in result.tables.items()
    }


def _json(run: Run, result: Result) -> Files:
    told = {"run": run.id, "title": run.title, "seconds": run.seconds, "scores": result.scores}
    return {"request.json": run.request_json.encode(), "scores.json": json.dumps(told, indent=2).encode()}


def _safetensors(run: Run, result: Result) -> Files:
    return {f"{run.kind}-{run.id}.safetensors": result.to_bytes()}


FORMATS: dict[str, Callable[[Run, Result], Files]] = {"csv": _csv, "json": _json, "safetensors": _safetensors}


def export(run: Run, result: Result, form: str) -> Files:
    """The files of one format; InvalidRequest when there is no such format."""
    if form not in FORMATS:
        raise InvalidRequest(f"there is no export format {form!r}; choose {', '.join(FORMATS)}")
    return FORMATS[form](run, result)


def write(files: Files, folder: Path) -> list[Path]:
    """Write the files into a folder; return their paths."""
    paths = [folder / name for name in files]
    for path in paths:
        write_atomically(path, files[path.name])
    return paths
