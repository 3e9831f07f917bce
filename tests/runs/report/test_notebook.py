"""A notebook runs from top to bottom, in a kernel of its own, and comes to the run that it is of."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from core.rnn.compare import export as compare_export
from core.rnn.compare.request import CompareRequest
from core.runs.export import export, write
from core.runs.lab import Lab
from core.runs.request import key_of
from tests.import_graph import ROOT
from tests.rnn.series import garch, prices_of


@pytest.mark.slow
def test_a_notebook_runs_from_top_to_bottom(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prices = prices_of(garch(320))
    request = CompareRequest(
        symbol=prices.symbol, prices=lab.store.put(prices.to_bytes()), target="volatility", cells=(), classical=("har", "ewma"),
        extras=(), test_days=60,
    )  # fmt: skip
    for _ in lab.iterate(request):
        pass
    run = lab.registry.find(key_of(request))
    monkeypatch.setattr(compare_export, "lab", lambda: lab)
    write(export(run, lab.result(run), "notebook", lab.store), tmp_path)
    assert {path.stem for path in tmp_path.glob("inputs/*")} == {request.prices}
    notebook = nbformat.read(tmp_path / f"gridcast-{run.id}.ipynb", as_version=4)
    for name, value in {"PYTHONPATH": str(ROOT), "GRIDCAST_HOME": "", "IPYTHONDIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GRIDCAST_HOME")
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    said = "".join(output.text for output in outputs if output.output_type == "stream")
    assert run.id in said
    assert run.headline in said
    assert "Skill against HAR" in said
    assert (tmp_path / "gridcast-home").is_dir()
