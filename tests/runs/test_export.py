from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load

from core.errors import InvalidRequest
from core.runs.bundle import examples
from core.runs.export import FORMATS, export, formats_of, write
from core.runs.kinds import KINDS, Kind, parse_request
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.request import key_of
from tests.exported import tables_of
from tests.runs.count import CountRequest, CountResult


@pytest.fixture
def run(lab: Lab) -> Run:
    for _ in lab.iterate(request := CountRequest()):
        pass
    return lab.registry.find(key_of(request))


def test_every_result_has_the_common_formats(lab: Lab, run: Run) -> None:
    assert formats_of(KINDS["count"], lab.result(run)) == FORMATS


def test_the_exported_request_is_the_same_run(lab: Lab, run: Run) -> None:
    files = export(run, lab.result(run), "json")
    assert key_of(parse_request(files["request.json"].decode())) == run.id
    assert json.loads(files["scores.json"])["scores"] == run.scores


def test_the_exported_weights_are_the_arrays_of_the_result(lab: Lab, run: Run) -> None:
    [content] = export(run, lab.result(run), "safetensors").values()
    np.testing.assert_array_equal(load(content)["squares"], [0, 1, 4])


def test_the_exported_tables_are_the_data_frames_of_the_result(lab: Lab, tmp_path: Path) -> None:
    straightened = examples(lab)[0]
    paths = write(export(straightened, result := lab.result(straightened), "csv"), tmp_path)
    written = tables_of({path.name: path.read_bytes() for path in paths}, "spatial")
    assert result.tables
    for name, table in result.tables.items():
        pd.testing.assert_frame_equal(written[name], table, check_dtype=False)  # a column of 0.0 is read as whole numbers


def test_a_kind_adds_formats_and_replaces_common_ones(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "drawn", Kind("drawn", "spatial", "Drawn", package="tests.runs.drawn"))
    run, result = replace(run, kind="drawn"), CountResult(total=3, squares=np.zeros(3))
    assert list(formats_of(KINDS["drawn"], result)) == [*FORMATS, "dots"]
    assert "big" in formats_of(KINDS["drawn"], CountResult(total=101, squares=np.zeros(101)))
    assert export(run, result, "dots") == {"drawn.txt": b"..."}
    assert export(run, result, "csv") == {"lines.csv": b"n\n1\n1\n1\n"}
    assert FORMATS["csv"].label == "Tables (CSV)"
    with pytest.raises(InvalidRequest, match=r"choose report, notebook, csv, json, safetensors, dots$"):
        export(run, result, "onnx")


def test_an_unknown_format_is_answered_with_those_of_this_run(lab: Lab, run: Run) -> None:
    with pytest.raises(
        InvalidRequest, match=r"a count run has no export format 'dots'; choose report, notebook, csv, json, safetensors$"
    ):
        export(run, lab.result(run), "dots")
