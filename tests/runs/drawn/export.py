from __future__ import annotations

from core.runs.export import Files, Format
from core.runs.registry import Run
from tests.runs.count import CountResult


def _dots(run: Run, result: CountResult) -> Files:
    return {f"{run.kind}.txt": b"." * result.total}


def _lines(run: Run, result: CountResult) -> Files:
    return {"lines.csv": b"n\n" + b"1\n" * result.total}


FORMATS = {
    "dots": Format("As dots", _dots),
    "csv": Format("As lines", _lines),
    "big": Format("A large drawing", _dots, suits=lambda result: result.total > 100),
}
