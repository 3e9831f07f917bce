"""The screen of a finished memory run through AppTest."""

from __future__ import annotations

from core.rnn.compare import CompareRequest
from core.rnn.memory.request import MemoryRequest
from core.rnn.memory.result import MemoryResult
from core.runs.lab import Lab
from core.runs.work import Outcome
from tests.pages.conftest import OpenPage
from tests.rnn.memory.results import result


def stored(home: Lab, found: MemoryResult) -> str:
    """A finished run with this result; its id."""
    comparison = CompareRequest(symbol="SIM", prices="prices", cells=("lstm", "gru"))
    run, _ = home.registry.claim(MemoryRequest(comparison=comparison, networks="digest"))
    home.keep(run.id, Outcome(1.0, found.to_bytes(), found.headline, found.scores))
    return run.id


def test_a_memory_run_is_shown_with_what_the_test_says(open_page: OpenPage, home: Lab) -> None:
    app = open_page("run", run=stored(home, result()))
    assert not app.exception
    assert any("What the LSTM remembers is more than chance" in one.value for one in app.markdown)
    table, stages = app.dataframe
    assert list(stages.value["Clipped at 1 by"]) == ["× 0.25", "× 0.25"]
    assert list(table.value["More than chance"]) == ["yes", "no"]
    assert list(table.value["Peak (days)"]) == [7, 1]


def test_another_network_is_shown_when_it_is_chosen(open_page: OpenPage, home: Lab) -> None:
    run_id = stored(home, result())
    app = open_page("run", run=run_id)
    app.button_group[0].set_value(["GRU"]).run()
    assert not app.exception
