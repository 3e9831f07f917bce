from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load

from core.errors import InvalidRequest
from core.runs.bundle import examples
from core.runs.export import FORMATS, Files, Format, export, formats_of, write
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.request import key_of, parse_request
from tests.runs.count import CountRequest, CountResult


class DrawnResult(CountResult):
    """A result that brings a format of its own, and its own way of one that every result has."""

    @property
    def exports(self) -> dict[str, Format]:
        return {"dots": Format("As dots", self._dots), "csv": Format("As lines", self._lines)}

    @staticmethod
    def _dots(run: Run, result: DrawnResult) -> Files:
        return {f"{run.kind}.txt": b"." * result.total}

    @staticmethod
    def _lines(run: Run, result: DrawnResult) -> Files:
        return {"lines.csv": b"n\n" + b"1\n" * result.total}


@pytest.fixture
def run(lab: Lab) -> Run:
    for _ in lab.iterate(request := CountRequest()):
        pass
    return lab.registry.find(key_of(request))


def test_every_result_has_the_common_formats(lab: Lab, run: Run) -> None:
    assert formats_of(lab.result(run)) == FORMATS


def test_the_exported_request_is_the_same_run(lab: Lab, run: Run) -> None:
    files = export(run, lab.result(run), "json")
    assert key_of(parse_request(files["request.json"].decode())) == run.id
    assert json.loads(files["scores.json"])["scores"] == run.scores


def test_the_exported_weights_are_the_arrays_of_the_result(lab: Lab, run: Run) -> None:
    [content] = export(run, lab.result(run), "safetensors").values()
    np.testing.assert_array_equal(load(content)["squares"], [0, 1, 4])


def test_the_exported_tables_are_the_data_frames_of_the_result(lab: Lab, tmp_path: Path) -> None:
    rectified = examples(lab)[0]
    paths = write(export(rectified, result := lab.result(rectified), "csv"), tmp_path)
    written = {path.stem: path for path in paths}
    assert result.tables
    for name, table in result.tables.items():
        pd.testing.assert_frame_equal(pd.read_csv(written[name]), table)


def test_a_kind_of_result_adds_formats_and_replaces_common_ones(run: Run) -> None:
    result = DrawnResult(total=3, squares=np.zeros(3))
    assert list(formats_of(result)) == ["csv", "json", "safetensors", "dots"]
    assert export(run, result, "dots") == {"count.txt": b"..."}
    assert export(run, result, "csv") == {"lines.csv": b"n\n1\n1\n1\n"}
    assert FORMATS["csv"].label == "Tables (CSV)"


def test_an_unknown_format_is_answered_with_those_of_this_run(lab: Lab, run: Run) -> None:
    with pytest.raises(InvalidRequest, match=r"a count run has no export format 'dots'; choose csv, json, safetensors$"):
        export(run, lab.result(run), "dots")
    with pytest.raises(InvalidRequest, match=r"choose csv, json, safetensors, dots$"):
        export(run, DrawnResult(total=0, squares=np.zeros(0)), "onnx")
