"""The sections of the screen inside a network that look into a finished comparison, through AppTest."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from core.rnn.compare import CompareRequest
from core.rnn.memory.request import MemoryRequest
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.request import key_of
from core.runs.work import Outcome
from pages.parts.memory.memory import training_in_words
from tests.pages.conftest import OpenPage
from tests.rnn.memory.results import result
from tests.rnn.series import ar1, prices_of

PRICES = prices_of(ar1(420, phi=0.5))


@cache
def compared() -> bytes:
    """The result of a small comparison of every kind of cell, as stored."""
    from core.drive import returned
    from core.rnn.compare.run import run

    return returned(run(request(), {PRICES.digest: PRICES.to_bytes()})).to_bytes()


def request() -> CompareRequest:
    cells = ("rnn", "lstm", "gru", "mlp")
    return CompareRequest(symbol="SIM", prices=PRICES.digest, cells=cells, classical=("ar",), test_days=100, seeds=2, hidden=4)


@pytest.fixture
def comparison(home: Lab) -> Run:
    """It, finished in the lab."""
    from core.rnn.compare import CompareResult

    home.store.put(PRICES.to_bytes())
    run, _ = home.registry.claim(request())
    found = CompareResult.from_bytes(compared())
    return home.keep(run.id, Outcome(4.0, compared(), found.headline, found.scores)) or run


def keep_test(home: Lab, comparison: Run) -> str:
    """A finished test of its networks; the id."""
    asked = MemoryRequest(comparison=request(), networks=comparison.result)
    run, _ = home.registry.claim(asked)
    home.keep(run.id, Outcome(1.0, result().to_bytes(), "", []))
    return run.id


def test_memory_opens_with_the_connectivity_and_offers_the_test(open_page: OpenPage, comparison: Run) -> None:
    app = open_page("memory", run=comparison.id, show="Memory", network="LSTM")
    assert not app.exception
    assert any("more than chance has not been tested yet" in one.value for one in app.markdown)
    assert [one.label for one in app.button if "more than chance" in one.label]
    said = [one.value for one in app.caption]
    assert training_in_words(4) in said
    assert len([one for one in said if "Takes " in one or "minute" in one]) == 1  # one time for one run
    assert training_in_words(1) == "Trains the network 49 times anew, on the same days in shuffled order."
    table = app.dataframe[0].value
    assert list(table["Model"]) == ["Vanilla RNN", "LSTM", "GRU", "Feed-forward network", "AR"]
    assert "Half of it within, LSTM" in [one.label for one in app.metric]


def test_the_half_lag_is_that_of_the_connectivity_of_torch(open_page: OpenPage, comparison: Run) -> None:
    """Recomputed: the mean over seeds of the gradients of forecasts, summed until half."""
    from core.rnn.compare import CompareResult
    from core.rnn.memory.gradients.connectivity import connectivity, origins_of
    from core.rnn.memory.inspection import OpenNetworks

    found = CompareResult.from_bytes(compared())
    networks = OpenNetworks.of(found, request(), {PRICES.digest: PRICES.to_bytes()})
    days = origins_of(networks.series, found.splits.test_start)
    sizes = np.mean([connectivity(networks.networks["gru", seed], networks.series, days).mean(0) for seed in (0, 1)], axis=0)
    half = int(np.searchsorted(np.cumsum(sizes) / sizes.sum(), 0.5)) + 1
    app = open_page("memory", run=comparison.id, show="Memory", network="GRU")
    assert app.metric[0].value == f"{half} day{'' if half == 1 else 's'}"


def test_a_finished_test_is_shown_with_its_sentence_on_top(open_page: OpenPage, home: Lab, comparison: Run) -> None:
    keep_test(home, comparison)
    app = open_page("memory", run=comparison.id, show="Memory", network="LSTM")
    assert not app.exception
    assert any("remembers is more than chance" in one.value for one in app.markdown)
    assert not [one.label for one in app.button if "more than chance" in one.label]


def test_another_test_is_found_by_the_url_or_by_itself(open_page: OpenPage, home: Lab, comparison: Run) -> None:
    asked = MemoryRequest(comparison=request(), networks=comparison.result, placebos=99)
    run, _ = home.registry.claim(asked)
    home.keep(run.id, Outcome(1.0, result((False, False)).to_bytes(), "", []))
    for query in ({"memory": run.id}, {}):
        app = open_page("memory", run=comparison.id, show="Memory", network="LSTM", **query)
        assert any("not more than chance" in one.value for one in app.markdown)


def test_the_button_asks_for_the_test_of_this_comparison(
    open_page: OpenPage, home: Lab, comparison: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    from pages.parts.memory import memory

    monkeypatch.setattr(memory, "submit", lambda request, key: asked.append((request, key)))
    app = open_page("memory", run=comparison.id, show="Memory")
    next(one for one in app.button if "more than chance" in one.label).click().run()
    [(wanted, key)] = asked
    assert key == "memory"
    assert key_of(wanted.comparison) == comparison.id
    assert wanted.networks == comparison.result


def networks_of():
    """The comparison's networks, opened."""
    from core.rnn.compare import CompareResult
    from core.rnn.memory.inspection import OpenNetworks

    found = CompareResult.from_bytes(compared())
    return OpenNetworks.of(found, request(), {PRICES.digest: PRICES.to_bytes()}), found.splits.test_start


def test_backward_shows_the_norms_that_torch_has_and_what_clipping_leaves(open_page: OpenPage, comparison: Run) -> None:
    import torch

    from core.rnn.memory.gradients.backward import scored_days

    networks, first = networks_of()
    network = networks.networks["gru", 1]
    days = scored_days(network, networks.series, first)
    network.model.zero_grad()
    before = torch.from_numpy(days[:, None] + np.arange(-40, 0))
    outputs = network.model(network.features(networks.series)[before])[:, -1]
    labels = network.labels(networks.series)[torch.from_numpy(days - 1)]
    network.loss.of(outputs, labels).mean().backward()
    norm = torch.nn.utils.clip_grad_norm_(network.model.parameters(), 0.01).item()
    after = torch.nn.utils.get_total_norm([weight.grad for weight in network.model.parameters()]).item()
    app = open_page("memory", run=comparison.id, show="Backward", network="GRU", seed="1", clip="0.01")
    assert not app.exception
    table = app.dataframe[0].value.set_index("Network")
    assert list(table.index) == ["Vanilla RNN", "LSTM", "GRU"]
    assert table.loc["GRU", "Norm before"] == pytest.approx(norm, rel=1e-3)
    assert table.loc["GRU", "after"] == pytest.approx(after, rel=1e-3)


def test_the_spectral_radius_is_turned_by_hand(open_page: OpenPage, comparison: Run) -> None:
    networks, _ = networks_of()
    app = open_page("memory", run=comparison.id, show="Backward", network="RNN")
    own = app.dataframe[0].value.set_index("Network")["Radius"]["Vanilla RNN"]
    weight = networks.networks["rnn", 0].model.cell.weight_hh_l0.detach().numpy()
    assert own == pytest.approx(np.abs(np.linalg.eigvals(weight)).max(), abs=0.006)
    said = []
    for radius in ("0.2", "2.0"):
        app.select_slider(key="radius").set_value(radius).run()
        assert not app.exception
        assert (app.dataframe[0].value["Radius"] == float(radius)).all()
        said.append(next(one.value for one in app.markdown if "days back" in one.value))
    assert "vanishes" in said[0]
    assert said[0] != said[1]


def test_the_middle_of_the_training_needs_the_test(open_page: OpenPage, home: Lab, comparison: Run) -> None:
    app = open_page("memory", run=comparison.id, show="Backward", stage="middle", network="LSTM")
    assert "kept by the test under Memory" in app.info[0].value
    keep_test(home, comparison)
    app.run()
    assert not app.info
    assert list(app.dataframe[0].value["Network"]) == ["LSTM", "GRU"]
    assert any("vanishes, by 30 % a day" in one.value for one in app.markdown)  # the stored rate is 0.7


def test_a_step_of_gradient_descent_is_that_of_torch(open_page: OpenPage, comparison: Run) -> None:
    """Weight, slope and step of a GRU's recurrent weight, by torch's own optimiser."""
    import torch

    from core.rnn.dataset.splits import training_days
    from core.rnn.memory.gradients.descent import _examples
    from core.rnn.networks.learning import mean_loss

    networks, first = networks_of()
    network = networks.networks["gru", 0]
    inputs, labels = _examples(network, networks.series, training_days(first))
    parameter = network.model.cell.weight_hh_l0
    with torch.no_grad():
        parameter[4, 2] += 0.5
    mean_loss(network.loss, network.model(inputs), labels).backward()
    old, slope = parameter[4, 2].item(), parameter.grad[4, 2].item()
    torch.optim.SGD([parameter], lr=2.0).step()
    place = {"weight": "cell.weight_hh_l0", "row": "5", "column": "3", "offset": "0.5", "eta": "2"}
    app = open_page("memory", run=comparison.id, show="Descent", network="GRU", **place)
    assert not app.exception
    said = " ".join(one.value for one in app.latex)
    assert f"{slope:.4g}" in said or f"{slope:.2e}".split("e")[0] in said
    assert f"{old:.4g}" in said
    assert rf"\mathbf{{{parameter[4, 2].item():.4g}}}" in said


def test_the_rate_from_which_it_diverges_is_shown_on_demand(open_page: OpenPage, comparison: Run) -> None:
    app = open_page("memory", run=comparison.id, show="Descent", network="RNN")
    assert not [one for one in app.markdown if "ten steps end higher" in one.value]
    app.toggle(key="limit").set_value(True).run()
    [said] = [one.value for one in app.markdown if "ten steps end higher" in one.value]
    rate = float(said.partition("η = ")[2].partition("*")[0])
    rates = [float(option) for option in app.select_slider(key="eta").options]
    for eta, diverges in ((max(r for r in rates if r < rate), False), (min(r for r in rates if r > 1.02 * rate), True)):
        app.select_slider(key="eta").set_value(f"{eta:g}").run()
        assert any("η is too large" in one.value for one in app.markdown) == diverges


def test_a_row_that_another_weight_does_not_have_becomes_its_last(open_page: OpenPage, comparison: Run) -> None:
    app = open_page("memory", run=comparison.id, show="Descent", network="GRU", weight="cell.weight_hh_l0", row="9")
    assert app.number_input(key="row").value == 9
    app.selectbox(key="weight").set_value("head.linear.weight").run()
    assert not app.exception
    assert app.number_input(key="row").value == 1


def test_days_alike_are_those_of_the_command_and_lead_to_themselves(open_page: OpenPage, comparison: Run) -> None:
    networks, _ = networks_of()
    day = networks.series.days[250]
    plain = networks.alike_plain("gru", 0, day)
    app = open_page("memory", run=comparison.id, show="Days alike", network="GRU", day=str(day))
    assert not app.exception
    said = next(one.value for one in app.markdown if "days most like" in one.value)
    assert f"in {100 * plain['p']:.0f} of 100 cases" in said
    after = np.mean([one["after"] for one in plain["days"]])
    assert f"{100 * after:.2f}".lstrip("-") in said
    nearest = app.button(key="alike_1")
    assert np.datetime64(pd.Timestamp(nearest.label), "D") == np.datetime64(plain["days"][0]["date"])
    nearest.click().run()
    assert app.query_params["day"] in (plain["days"][0]["date"], [plain["days"][0]["date"]])
    assert any(f"days most like {nearest.label}" in one.value for one in app.markdown)


def test_a_comparison_leads_to_what_its_networks_remember(open_page: OpenPage, comparison: Run) -> None:
    app = open_page("run", run=comparison.id)
    assert not app.exception
    [link] = [one.proto for one in app.get("page_link") if "Look inside" in one.proto.label]
    assert f"run={comparison.id}" in link.query_string
    assert "show=Memory" in link.query_string
