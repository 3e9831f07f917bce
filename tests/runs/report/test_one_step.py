"""The section of a notebook that takes one training step by hand, run on the requests that come with the lab."""

from __future__ import annotations

import json
import re
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest

from core.runs.bundle import EXAMPLES
from core.runs.export import export
from core.runs.kinds import kind_of, request_from
from core.runs.request import Request
from tests.runs.count import CountRequest, CountResult
from tests.runs.report.taken_away import run_of


def shipped(name: str) -> tuple[Request, dict[str, bytes], bytes]:
    with zipfile.ZipFile(EXAMPLES / f"{name}.gridcast") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    inputs = {name.removeprefix("inputs/"): one for name, one in files.items() if name.startswith("inputs/")}
    return request_from(json.loads(files["request.json"])), inputs, files["result.safetensors"]


@pytest.mark.parametrize("name", ["1-straighten", "2-compare", "3-classify"])
def test_one_step_by_hand_makes_the_loss_of_its_batch_smaller(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    request, inputs, _ = shipped(name)
    code = kind_of(request).report.step(request)
    here = SimpleNamespace(inputs_of=lambda request: inputs, store=SimpleNamespace(get=inputs.__getitem__))
    exec(compile(code, "one step", "exec"), {"request": request, "lab": lambda: here})
    before, after = map(float, re.findall(r"-?\d+\.\d{4}", capsys.readouterr().out))
    assert after < before
    assert "loss.backward()" in code
    assert len(code.splitlines()) <= 20


@pytest.mark.parametrize("learns", [True, False])
def test_a_notebook_has_the_step_where_a_network_learns_and_says_how_to_open_it(learns: bool) -> None:
    request: Request = CountRequest()
    result: object = CountResult(total=3, squares=np.zeros(3))
    if learns:
        request, _, content = shipped("1-straighten")
        result = kind_of(request).result.from_bytes(content)
    [file] = export(run_of(request, result), result, "notebook").values()  # type: ignore[arg-type]
    assert (b"One training step, by hand" in file) == learns
    assert b"pip install jupyterlab" in file
