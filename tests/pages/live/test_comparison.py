"""The live view of a comparison: the ranking fills up model by model, beside what came and who forecast it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.rnn.compare.live.so_far import NAME, SoFar
from core.runs.lab import Lab
from core.runs.request import Progress
from pages.parts.examples import ids_by_name
from tests.pages.conftest import ME, OpenPage
from tests.pages.live.viewed import viewed

DAYS = np.arange("2022-01-03", "2022-01-06", dtype="datetime64[D]").astype("datetime64[s]").astype(np.int64)


@pytest.mark.parametrize(
    ("name", "reference", "title"), [("2-compare", "har", "HAR"), ("9-compare", "random-walk", "Random walk")]
)
def test_models_that_are_done_come_first_and_the_others_wait(
    open_page: OpenPage, home: Lab, name: str, reference: str, title: str
) -> None:
    request = home.registry.find(ids_by_name()[name]).request.model_copy(update={"seed": 40})
    run, _ = home.claim(request, visitor=ME)
    home.registry.start(run.id)
    ranking = pd.DataFrame([("gru", 2, 0.9, 0.1), (reference, 1, 1.0, 0.0)], columns=["model", "seeds", "loss", "skill"])
    forecasts = {"gru": np.array([0.01, 0.02, 0.03]), reference: np.zeros(3)}
    come = SoFar(loss="squared", reference=reference, ranking=ranking, days=DAYS, actual=np.ones(3), forecasts=forecasts)
    home.progress(run.id, Progress(phase="GRU", step=1, total=2, pictures={NAME: come.to_bytes()}))
    table, figure, _ = viewed(open_page("rnn", run=run.id))["blocks"]
    assert table["rows"][:2] == [["GRU", "2 of 5", "10.00"], [title, "1 of 1", "0.00"]]
    assert {row[1] for row in table["rows"][2:]} == {"0 of 1", "0 of 5"}
    lines = {trace["name"]: trace["y"] for trace in figure["plotly"]["data"]}
    assert lines["GRU"] == pytest.approx([1, 2, 3])  # in percent
    assert len(lines) == 3
    home.cancel(run.id)
