"""The screen inside a network through AppTest: what it states of a day are the numbers of the stored networks."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from core.__main__ import main
from core.drive import returned
from core.rnn.compare import CompareRequest
from core.rnn.compare.run import run as run_comparison
from core.rnn.memory.inspection import OpenNetworks
from core.runs.lab import Lab, lab
from core.runs.work import Outcome
from tests.pages.conftest import OpenPage
from tests.rnn.series import garch, prices_of

PRICES = prices_of(garch(420))
REQUEST = CompareRequest(
    symbol=PRICES.symbol, prices=PRICES.digest, cells=("lstm", "rnn", "birnn", "mlp"), classical=("ar",),
    test_days=100, seeds=1, hidden=4,
)  # fmt: skip


@cache
def outcome() -> Outcome:
    """A comparison of four networks, made once."""
    return Outcome.of(returned(run_comparison(REQUEST, {PRICES.digest: PRICES.to_bytes()})), 4.0)


@pytest.fixture
def compared(home: Lab) -> str:
    """It, finished in the lab; its id."""
    home.store.put(PRICES.to_bytes())
    run, _ = home.registry.claim(REQUEST)
    assert home.keep(run.id, outcome())
    return run.id


def networks_of(run_id: str) -> OpenNetworks:
    run = lab().look(run_id)
    assert run is not None
    return OpenNetworks.of(lab().result(run), run.request, lab().inputs_of(run.request))  # type: ignore[arg-type]


def formulas(app) -> list[str]:
    return [one.value for one in app.latex]


def last_numbers(latex: str) -> list[float]:
    """The last number of every formula in a block."""
    return [float(re.findall(r"-?\d+\.\d+", block)[-1]) for block in latex.split(r"\end{aligned}") if re.search(r"\d", block)]


def test_the_formulas_end_in_the_numbers_that_the_command_prints(open_page: OpenPage, compared: str) -> None:
    day = str(networks_of(compared).series.days[400])
    app = open_page("memory", run=compared, day=day, network="LSTM", unit="3")
    assert not app.exception
    answer = CliRunner().invoke(main, ["trace", compared, "--day", day, "--json"])
    variant = json.loads(answer.output)["variants"]["lstm"]
    step = variant["parts"][0]["steps"][-1]
    gates, states = (last_numbers(one) for one in formulas(app))
    assert gates == pytest.approx([step[name][2] for name in ("input", "forget", "candidate", "output")], abs=6e-4)
    y, forecast = variant["outputs"][-1]["y"][0], 100 * variant["forecast"][0]
    assert states == pytest.approx([step["c"][2], step["h"][2], y, forecast], abs=6e-4)


def test_the_explanation_says_how_the_output_becomes_the_forecast(open_page: OpenPage, compared: str) -> None:
    app = open_page("memory", run=compared, network="LSTM", explanation="true")
    [said] = [one.value for one in app.markdown if "Each column is a day" in one.value]
    formula = r"\hat y_{t+1} = s_t\,y_t"
    assert f"The last step makes the forecast of $y_t$: ${formula}$" in said
    assert formula.replace("=", "&=") in formulas(app)[-1]


@pytest.mark.parametrize("network", ["Vanilla RNN", "Bidirectional RNN", "Feed-forward network"])
def test_every_network_of_a_comparison_is_unrolled(open_page: OpenPage, compared: str, network: str) -> None:
    app = open_page("memory", run=compared, network=network)
    assert not app.exception
    assert not app.error
    assert r"\begin{aligned} h_t &=" in formulas(app)[0]


def test_a_step_a_layer_and_a_unit_stand_in_the_address(open_page: OpenPage, compared: str) -> None:
    networks = networks_of(compared)
    app = open_page("memory", run=compared, network="Bidirectional RNN", back="2", layer="2", unit="4")
    backwards = networks.inspected("birnn", 0, networks.series.days[-1]).traced.parts[1]
    assert last_numbers(formulas(app)[0]) == pytest.approx([backwards.held["h"][-3, 3]], abs=6e-4)
    assert "h_{t+1}" in formulas(app)[0]


def test_what_the_address_cannot_mean_falls_back_to_what_is_there(open_page: OpenPage, compared: str) -> None:
    app = open_page("memory", run=compared, day="nonsense", back="999", layer="9", unit="99", gate="none")
    assert not app.exception
    assert not app.error
    assert any("unit 4" in one.value for one in app.caption)


def test_a_day_before_a_window_is_full_is_refused_in_a_sentence(open_page: OpenPage, compared: str) -> None:
    app = open_page("memory", run=compared, network="Bidirectional RNN", day=str(networks_of(compared).series.days[3]))
    assert not app.exception
    assert "has not so many before it" in app.error[0].value


def test_the_day_of_a_weekend_is_the_day_before(open_page: OpenPage, compared: str) -> None:
    days = networks_of(compared).series.days
    friday = next(day for day in days[300:] if day.astype(object).weekday() == 4)
    on_friday, on_sunday = (
        open_page("memory", run=compared, day=str(day)) for day in (friday, friday + np.timedelta64(2, "D"))
    )
    assert formulas(on_friday) == formulas(on_sunday)


def test_without_any_comparison_the_way_to_one_is_shown(open_page: OpenPage, empty_home: Lab, monkeypatch) -> None:
    monkeypatch.setattr("core.runs.bundle.EXAMPLES", Path("/nowhere"), raising=False)
    monkeypatch.setattr("pages.parts.examples.shipped_ids", lambda: [])
    app = open_page("memory")
    assert "compare networks on a ticker first" in app.info[0].value


def test_gates_state_the_numbers_of_a_unit_on_the_day(open_page: OpenPage, compared: str) -> None:
    networks = networks_of(compared)
    day = networks.series.days[390]
    app = open_page("memory", run=compared, show="Gates", day=str(day), trace="lstm 2")
    assert not app.exception
    part = networks.inspected("lstm", 0, day).traced.parts[0]
    stated = next(one.value for one in app.markdown if "unit 2" in one.value)
    for name, word in (("forget", "forget gate f"), ("c", "cell state c"), ("h", "state h")):
        assert f"{word} {part.held[name][-1, 1]:.3f}".replace("-", "−").replace("−0.000", "0.000") in stated
    assert "LSTM" in app.table[0].value.index


def test_gates_of_a_comparison_are_drawn_one_at_a_time(open_page: OpenPage, compared: str) -> None:
    app = open_page("memory", run=compared, show="Gates", map="forget gate f", network="Bidirectional RNN")
    assert not app.exception
    assert not app.error
    assert any("Bidirectional RNN, unit" in one.value for one in app.markdown)
