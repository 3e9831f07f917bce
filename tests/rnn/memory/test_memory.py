"""Memory as a whole: requests, results, figures and words, and runs on series whose truth is known."""

from __future__ import annotations

import io
import json
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from core.__main__ import main
from core.drive import returned
from core.errors import InvalidRequest
from core.rnn.compare import CompareRequest, CompareResult
from core.rnn.compare.run import run as compare
from core.rnn.memory.figures import agreement_chart, connectivity_chart, gradient_chart
from core.rnn.memory.inspection import OpenNetworks, followed, saturated
from core.rnn.memory.over_days import over_days
from core.rnn.memory.placebo import shuffled
from core.rnn.memory.request import MemoryRequest
from core.rnn.memory.result import MemoryResult
from core.rnn.memory.run import Days, Measured, check, days_of, run
from core.rnn.memory.trace import Part, trace
from core.rnn.models import TITLES
from core.rnn.prices.prices import Prices
from core.runs.kinds import parse_request
from core.runs.lab import Lab, lab
from core.runs.request import Inputs, Progress, key_of
from core.settings import settings
from tests.drive import stopped
from tests.rnn.memory.results import result
from tests.rnn.series import garch, prices_of, random_walk


def echo(days: int, lag: int, strength: float = 0.8, seed: int = 0) -> np.ndarray:
    """Returns (days,) that repeat those of `lag` days ago, in noise."""
    noise = 0.01 * np.random.default_rng(seed).standard_normal(days)
    returns = noise.copy()
    for day in range(lag, days):
        returns[day] = strength * returns[day - lag] + np.sqrt(1 - strength**2) * noise[day]
    return returns


def compared(prices: Prices, **settings) -> tuple[CompareRequest, Inputs, CompareResult]:
    fields = {"cells": ("lstm", "gru"), "classical": ("ar",), "test_days": 100, "seeds": 2, "hidden": 6} | settings
    request = CompareRequest(symbol=prices.symbol, prices=prices.digest, **fields)
    inputs = {prices.digest: prices.to_bytes()}
    return request, inputs, returned(compare(request, inputs))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """The lab of the command line, in a folder of its own."""
    monkeypatch.setenv("GRIDCAST_HOME", str(tmp_path))
    settings.cache_clear()
    lab.cache_clear()
    yield lab()
    lab().registry.close()
    settings.cache_clear()
    lab.cache_clear()


@pytest.fixture(scope="module")
def opened() -> tuple[CompareRequest, Inputs, CompareResult]:
    return compared(prices_of(garch(420)), cells=("rnn", "lstm", "gru", "mlp"))


def memory_of(request: CompareRequest, inputs: Inputs, compared: CompareResult, **settings) -> tuple[MemoryRequest, Inputs]:
    content = compared.to_bytes()
    return MemoryRequest(comparison=request, networks="digest", **settings), {**inputs, "digest": content}


def test_a_request_is_read_back_and_names_its_inputs(opened) -> None:
    request, _ = memory_of(*opened, seeds=2)
    assert parse_request(request.model_dump_json()) == request
    assert key_of(parse_request(request.model_dump_json())) == key_of(request)
    assert request.inputs == (*opened[0].inputs, "digest")
    assert "SIM" in request.title


@pytest.mark.parametrize(("settings", "why"), [({"placebos": 20}, "placebos is 20"), ({"seeds": 3}, "the comparison has 2")])
def test_what_could_not_be_tested_is_refused(opened, settings: dict, why: str) -> None:
    with pytest.raises(InvalidRequest, match=why):
        memory_of(*opened, **settings)


def test_a_comparison_without_networks_is_refused() -> None:
    request = CompareRequest(symbol="A", prices="x", cells=())
    with pytest.raises(InvalidRequest, match="no network"):
        MemoryRequest(comparison=request, networks="digest")


def test_a_request_whose_inputs_are_there_passes(opened) -> None:
    check(*memory_of(*opened))


def test_a_result_is_saved_and_read_back() -> None:
    first = result()
    again = MemoryResult.from_bytes(first.to_bytes())
    pd.testing.assert_frame_equal(again.trained, first.trained)
    assert again.scores == first.scores
    assert json.dumps(again.answers) == json.dumps(first.answers)


def test_a_variant_is_healthy_where_it_beats_chance_by_two_standard_errors() -> None:
    standing = result().standing
    assert (standing.error, standing.baseline) == (pytest.approx(1 - 0.01), pytest.approx(1 - 0.025))
    assert standing.health == "in doubt"  # the GRU: 0.01, orders 0.001 to 0.049 with a deviation of 0.0143
    variants = result((True, True)).variants
    sure = result((True, True)).model_copy(update={"variants": variants.assign(agreement=[0.4, 0.3])})
    assert sure.standing.health == "healthy"
    near = result((True, True)).model_copy(update={"variants": variants.assign(agreement=[0.4, 0.0536])})
    assert near.standing.health == "healthy"  # 2.0 deviations
    assert near.model_copy(update={"variants": variants.assign(agreement=[0.4, 0.0532])}).standing.health == "in doubt"


def test_the_answers_hold_the_mean_curves() -> None:
    answers = result().answers
    assert list(answers) == ["lstm", "gru"]
    lags = np.arange(1, 61)
    assert answers["gru"]["connectivity"] == pytest.approx((0.3 * 0.8**lags).tolist())
    assert answers["gru"]["placebo"] == pytest.approx((0.3 * 0.8**lags).tolist())  # orders 1 … 49 over 25, whose mean is 1
    assert answers["lstm"]["half_lag"] == 7
    assert answers["lstm"]["more_than_chance"]
    assert result().linear_answers["ar"]["half_lag"] == 7


@pytest.mark.parametrize(
    ("more", "said", "headline"),
    [
        ((True, False), "What the LSTM remembers is more than chance; of the GRU that cannot be said. Of 49", "1 of 2"),
        ((True, False), "none gave networks whose forecasts follow the test days as well (p = 0.020).", "1 of 2"),
        ((True, True), "What the LSTM and the GRU remember is more than chance. Of 49 shuffled orders of the", "2 of 2"),
        ((False, False), "is not more than chance. Of 49 shuffled orders of the same days, 29 gave networks", "0 of 2"),
    ],
)
def test_the_sentence_says_what_the_test_says(more: tuple[bool, bool], said: str, headline: str) -> None:
    assert said in result(more).text
    assert headline in result(more).headline


def test_figures_draw_what_was_measured() -> None:
    drawn = connectivity_chart(result(), "lstm", longest=30)
    lines = {one.name: one for one in drawn.data if one.mode == "lines"}
    assert set(lines) == {"placebo", "LSTM", "GRU", "AR"}
    assert int(np.argmax(lines["LSTM"].y)) + 1 == 7
    assert lines["AR"].y[6] == pytest.approx(0.6)  # sizes
    assert len(lines["LSTM"].x) == 30
    dots, *marks = agreement_chart(result(), "dark").data
    assert len(dots.x) == 2 * 49
    assert [one.x[0] for one in marks] == [0.4, 0.01]


def test_the_gradient_is_drawn_as_a_share_of_that_of_the_last_day() -> None:
    lines = {one.name: one for one in gradient_chart(result().gradients[result().gradients["stage"] == "middle"]).data}
    assert set(lines) == {"LSTM, h", "LSTM, c", "GRU, h"}
    assert lines["GRU, h"].y[10] == pytest.approx(0.7**10)


def test_a_unit_follows_what_it_correlates_with() -> None:
    random = np.random.default_rng(0)
    about = {"move": random.standard_normal(400), "level": random.standard_normal(400)}
    noise = random.standard_normal((400, 3))
    states = np.column_stack(
        [about["level"], 0.3 * noise[:, 0] - about["move"], 3 * noise[:, 1] + about["move"], np.zeros(400)]
    )
    table = followed(states, about)
    assert list(table["unit"]) == [2, 3, 1, 4]
    assert list(table["follows"]) == ["move", "move", "level", ""]
    assert table["correlation"][0] == pytest.approx(np.corrcoef(states[:, 1], about["move"])[0, 1])
    assert table["correlation"][3] == 0


def test_a_gate_is_saturated_near_its_bounds() -> None:
    half = np.full((4, 2), 0.5)
    held = {"input": np.array([[0.05, 0.5], [0.95, 0.5], [0.99, 0.5], [0.2, 0.8]]), "forget": half, "output": half}
    held |= {"candidate": np.array([[-0.95, 0.05], [0.0, 0.95], [0.5, -0.2], [0.1, 0.3]]), "c": half, "h": half}
    shares = saturated([Part("layer 1", np.arange(4), half, held, "LSTM")])
    assert shares["layer 1, input"] == {"low": 1 / 8, "high": 2 / 8}
    assert shares["layer 1, candidate"] == {"low": 1 / 8, "high": 1 / 8}
    assert shares["layer 1, forget"] == {"low": 0, "high": 0}
    assert saturated([Part("layer 1", np.arange(4), half, {"h": half}, "RNN_TANH")]) == {}


def test_tables_and_json_of_a_day_hold_the_same_numbers(opened) -> None:
    networks = OpenNetworks.of(opened[2], opened[0], opened[1])
    day = networks.series.days[300]
    one = networks.inspected("lstm", 1, day)
    table, plain = one.table(steps=4), one.plain(steps=4)
    assert list(table.columns) == ["date", "variant", "seed", "part", "unit", "gate", "value"]
    assert set(table["gate"]) == {"x", "input", "forget", "candidate", "output", "c", "h", "y"}
    for number, step in enumerate(plain["parts"][0]["steps"]):
        assert step["date"] == str(networks.series.days[297 + number])
        for gate in ("x", "forget", "c", "h"):
            same = table[(table["gate"] == gate) & (table["date"] == np.datetime64(step["date"]))]
            assert same["value"].tolist() == step[gate]
            assert same["unit"].tolist() == list(range(1, len(same) + 1))
    assert table[table["gate"] == "y"]["value"].tolist() == [number for out in plain["outputs"] for number in out["y"]]
    assert plain["forecast"] == pytest.approx(
        networks.networks["lstm", 1].forecast(networks.series.until(301), 301)[-1].tolist(), rel=1e-4
    )
    assert one.inputs == ("size of the move", "move", "level")


def test_heat_maps_have_a_row_a_unit_in_the_order_of_what_it_follows(opened) -> None:
    networks = OpenNetworks.of(opened[2], opened[0], opened[1])
    for model in ("rnn", "lstm", "gru"):
        all_days = over_days(networks.tracer(model, 0))
        assert all_days.order == networks.follows(model, 0)["unit"].tolist()
        states = trace(networks.networks[model, 0], networks.series, 300).parts[0].held["h"][-30:]
        assert all_days.held["h"][np.isin(all_days.positions, np.arange(271, 301))] == pytest.approx(states)
        assert ("forget" in all_days.held) == (model == "lstm")


def test_a_day_without_trading_is_the_day_before_and_one_before_the_first_is_refused(opened) -> None:
    networks = OpenNetworks.of(opened[2], opened[0], opened[1], ["rnn"])
    friday = next(day for day in networks.series.days[100:] if day.astype(object).weekday() == 4)
    assert networks.position(friday + 1) == networks.position(friday)
    assert networks.series.days[networks.position(friday)] == friday
    with pytest.raises(InvalidRequest, match="the first day is"):
        networks.position(np.datetime64("1999-01-01"))
    with pytest.raises(InvalidRequest, match="it has rnn, lstm, gru, mlp"):
        OpenNetworks.of(opened[2], opened[0], opened[1], ["birnn"])


def test_placebos_learn_from_the_days_before_the_last_fit_alone(opened) -> None:
    request, inputs = memory_of(*opened)
    days = days_of(request, inputs)
    other = days.in_another_order(5)
    assert np.array_equal(other.series.returns, shuffled(days.series, days.fitted_until, 5).returns)
    assert days.fitted_until == days.test_start == opened[2].splits.test_start


def put(lab: Lab, prices: Prices, **settings) -> str:
    """A finished comparison in the lab; its id."""
    lab.store.put(prices.to_bytes())
    fields = {"cells": ("rnn",), "classical": ("ar",), "test_days": 100, "seeds": 1, "hidden": 4} | settings
    request = CompareRequest(symbol=prices.symbol, prices=prices.digest, **fields)
    for _ in lab.iterate(request):
        pass
    return key_of(request)


def test_the_commands_answer_alike(home: Lab) -> None:
    run_id = put(home, prices_of(garch(420)))
    answer = CliRunner().invoke(main, ["trace", run_id, "--day", "2011-03-01", "--steps", "2", "--json"])
    printed = json.loads(answer.stdout)
    assert printed["day"] == "2011-03-01"
    units = printed["variants"]["rnn"]["units"]
    assert sorted(one["unit"] for one in units) == [1, 2, 3, 4]
    assert {one["follows"] for one in units} <= {"size of the move", "move", "level"}
    alike = printed["variants"]["rnn"]["alike"]
    assert len(alike["days"]) == 20
    assert all(len(one["after"]) == 5 for one in alike["days"])
    as_csv = CliRunner().invoke(main, ["trace", run_id, "--day", "2011-03-01", "--steps", "2", "--format", "csv"])
    table = pd.read_csv(io.StringIO(as_csv.stdout))
    steps = printed["variants"]["rnn"]["parts"][0]["steps"]
    assert table[table["gate"] == "h"]["value"].tolist() == pytest.approx([value for step in steps for value in step["h"]])
    assert "forecast" in CliRunner().invoke(main, ["trace", run_id, "--day", "2011-03-01"]).stdout
    for words, why in ((["--day", "2000-01-01"], "the first day is"), (["--day", "2011-03-01", "--seed", "3"], "the seeds 0")):
        with pytest.raises(InvalidRequest, match=why):
            CliRunner().invoke(main, ["trace", run_id, *words], standalone_mode=False, catch_exceptions=False)


def test_stopped_it_is_tested_by_the_whole_orders_that_are_done(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is too early to tell with fewer than can give a small p."""

    def trained(request: MemoryRequest, cell: str, seed: int, days: Days) -> Generator[Progress, None, Measured]:
        yield Progress(phase="")
        return Measured(np.full((4, 60), 0.1), -1.0)  # worse than any network

    monkeypatch.setattr("core.rnn.memory.run.trained_on", trained)
    request, inputs = memory_of(*opened)
    last = TITLES[request.comparison.cells[-1]]
    steps, early = stopped(run(request, inputs), lambda progress: progress.phase == f"placebo 3 of 49, {last}")
    assert steps[-1].phase == f"placebo 3 of 49, {last}"
    assert (early.placebos, sorted(set(early.placebo["order"]))) == (2, [1, 2])
    assert early.unfinished == "It was stopped after 2 of 49 shuffled orders; the test is by these."
    assert list(early.variants["p"]) == pytest.approx([1 / 3] * len(request.comparison.cells))
    assert early.verdict.startswith("It is too early to tell")
    assert early.reason.endswith("With fewer than 49 no p can be as small as 0.02.")
    assert early.headline == "too early to tell: 2 shuffled orders"
    _, first = stopped(run(request, inputs), lambda progress: True)
    assert first.placebos == 1  # of one order all networks
    whole = returned(run(request, inputs))
    assert (whole.placebos, whole.unfinished) == (49, "")
    assert whole.verdict.endswith("remember is more than chance.")
    more = request.model_copy(update={"placebos": 199})
    _, enough = stopped(run(more, inputs), lambda progress: progress.phase.startswith("placebo 60 "))
    assert (enough.placebos, enough.enough) == (59, True)


@pytest.fixture
def few_placebos(monkeypatch: pytest.MonkeyPatch) -> int:
    """As few shuffled orders as can still tell of chance at 5 %."""
    monkeypatch.setattr("core.rnn.memory.request.PLACEBOS", (24, 199))
    for module in ("run", "result"):
        monkeypatch.setattr(f"core.rnn.memory.{module}.ALPHA", 0.05)
    return 24


@pytest.mark.slow
def test_memory_of_a_random_walk_is_not_more_than_chance(home: Lab, few_placebos: int) -> None:
    """Told by the command, which keeps the run."""
    words = ["memory", put(home, prices_of(random_walk(520, seed=2))), "--placebos", str(few_placebos), "--json"]
    answer = json.loads(CliRunner().invoke(main, words, catch_exceptions=False).stdout)
    [one] = answer["variants"].values()
    assert not one["more_than_chance"]
    assert len(one["connectivity"]) == len(one["placebo"]) == 60
    assert "not more than chance" in answer["text"]
    assert answer["comparison"] == words[1]
    again = json.loads(CliRunner().invoke(main, words).stdout)
    assert again["cached"]
    assert again["variants"] == answer["variants"]
    with pytest.raises(InvalidRequest, match="only the networks of a comparison"):
        CliRunner().invoke(main, ["memory", answer["run"]], standalone_mode=False, catch_exceptions=False)


@pytest.mark.slow
def test_an_echo_of_seven_days_is_kept_for_seven_days_and_its_placebo_keeps_nothing_of_it() -> None:
    comparison = compared(prices_of(echo(1400, 7)), cells=("lstm",), test_days=200, hidden=16, seeds=1)
    result = returned(run(*memory_of(*comparison)))
    answer = result.answers["lstm"]
    assert answer["peak"] == 7
    assert answer["placebo_peak"] != 7
    assert answer["placebo"][6] < answer["connectivity"][6] / 3
    assert answer["more_than_chance"]
    assert set(result.gradients["model"]) == set(result.stages["model"]) == {"lstm"}
    assert set(result.gradients["value"]) == {"h", "c"}
    assert result.linear_answers["ar"]["weights"][6] == pytest.approx(0.8, abs=0.1)
