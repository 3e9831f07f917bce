"""A notebook that does a run again with `core`: what was asked as Python, the run, its tables and figures.

Written as JSON of nbformat 4.5 (https://nbformat.readthedocs.io), whose cells have ids. Inputs lie beside it in a folder.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from core.runs.kinds import kind_of
from core.runs.registry import Run
from core.runs.report.parts import Report
from core.runs.report.python_code import expression
from core.runs.report.versions import gridcast_version
from core.runs.request import key_of
from core.runs.result import Result
from core.runs.visitors.label import NONE, Label

HOME = """\
import os
from pathlib import Path

os.environ.setdefault("GRIDCAST_HOME", str(Path("gridcast-home").resolve()))  # before core is imported
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # networks as small as these are slower with several threads
"""
JUPYTER = (
    "To open it: go to the folder of Gridcast in a terminal, install Gridcast itself with `pip install -e .` and Jupyter with "
    "`pip install jupyterlab`, both into the same environment, then type `jupyter lab` and open this file there."
)
INPUTS = """\
for path in Path("inputs").glob("*"):
    lab().store.put(path.read_bytes())  # under its SHA-256, by which the request names it
"""
RUN = """\
for progress in lab().iterate(request):
    print(f"\\r{progress.phase}: {progress.step:,} of {progress.total:,}".ljust(70), end="")
run = lab().registry.find(key_of(request))
result = lab().result(run)
print("\\n" + run.headline)
"""
TABLES = """\
for name, table in result.tables.items():
    print(f"{name}: {len(table):,} rows")
    display(readable(request.bench, table).head())
"""
FIGURES = """\
report = kind_of(request).report
for shown in report.figures(report.valued(run, result)):
    print(shown.title)
    display(PIL.Image.fromarray(shown.drawn) if isinstance(shown.drawn, np.ndarray) else shown.drawn)
"""


def notebook(run: Run, result: Result, label: Label = NONE) -> bytes:
    """The notebook of a finished run, as a file; `result` says what it said then, `label` what its visitor calls it."""
    request = run.request
    kind = kind_of(request)
    report: Report = kind.report
    said = report.words(report.valued(run, result))
    made, imports = expression(request)
    needed = [
        "import numpy as np",
        "import PIL.Image",
        "from core.runs.kinds import kind_of",
        "from core.runs.lab import lab",
        "from core.runs.report.columns import readable",
        "from core.runs.request import key_of",
    ]
    cells = [
        _text(
            f"# {_plain(label.called(run.title))}",
            *([_plain(label.note)] if label.note else []),
            f"Run `{run.id}` of Gridcast, {kind.title}. It said: *{_plain(said)}*",
            JUPYTER,
            "Everything is computed anew and kept in the folder `gridcast-home` beside this notebook; a budget in seconds "
            "gives numbers that are alike, not the same.",
            f"Written with Gridcast {gridcast_version()}.",
        ),
        _code(HOME + "\n" + "\n".join(sorted({*imports, *needed}, key=_order))),
        *([_text("## Its inputs"), _code(INPUTS)] if request.inputs else []),
        _text("## What is asked", "Change what you like: then it is another run, with another id."),
        _code(f"request = {made}\nprint(request.title, key_of(request))"),
        *_one_step(report.step(request)),
        _text("## The run"),
        _code(RUN),
        _text("## Its tables"),
        _code(TABLES),
        _text("## Its figures"),
        _code(FIGURES),
    ]
    assert key_of(request) == run.id
    about = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": about, "cells": _with_ids(cells)}
    return json.dumps(whole, indent=1, ensure_ascii=False).encode()


def _one_step(code: str) -> list[dict[str, Any]]:
    """A section that builds the network of the request and takes one step by hand; nothing where no network learns."""
    if not code:
        return []
    words = "The run repeats this until its time is over: a forward pass, the loss, its gradient, a step against the gradient."
    return [_text("## One training step, by hand", words), _code(code)]


def _order(statement: str) -> tuple[bool, str]:
    """As import sorters do it: the standard library and others first."""
    return "from core" in statement, statement


def _text(*paragraphs: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": "\n\n".join(paragraphs)}


def _code(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": source.rstrip("\n")}


def _with_ids(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": sha256(f"{place} {cell['source']}".encode()).hexdigest()[:8], **cell} for place, cell in enumerate(cells)]


def _plain(text: str) -> str:
    """Words of strangers as Markdown shows them letter by letter."""
    return "".join(f"&#{ord(letter)};" if letter in r"\`*_{}[]<>()#!|$&~^" else letter for letter in " ".join(text.split()))
