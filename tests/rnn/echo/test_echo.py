from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from core.drive import returned
from core.errors import InvalidRequest
from core.rnn.echo import run as echoing
from core.rnn.echo.figures import curve_chart, lag_chart, skill_chart
from core.rnn.echo.request import EchoRequest
from core.rnn.echo.result import CURVES, ONCE, SCORES, EchoResult
from core.rnn.echo.run import SIZE, echo, run, series_of, skill_of
from core.runs.kinds import parse_request
from core.runs.request import Progress, key_of
from tests.drive import stopped


def result() -> EchoResult:
    """A vanilla network that learns lags 1 and 7, an LSTM that learns all, and one that learns nothing; two seeds each."""
    rows = [
        (lag, model, seed, skill + (0.1 if seed else -0.1), 1.0, 100, 0.04)
        for model, skills in (("rnn", (0.7, 0.5, 0.1)), ("lstm", (0.6, 0.6, 0.6)), ("gru", (0.0, 0.6, 0.6)))
        for lag, skill in zip((1, 7, 14), skills, strict=True)
        for seed in (0, 1)
    ]
    table = pd.DataFrame(rows, columns=list(SCORES))
    return EchoResult(strength=0.9, possible=0.81, days=2000, seeds=2, scores_by_lag=table)


def test_the_days_are_an_autoregression_at_the_lag_alone() -> None:
    returns = echo(20_000, 7, 0.8, seed=1)
    fitted = sm.tsa.AutoReg(returns, 10, trend="n").fit().params
    assert fitted[6] == pytest.approx(0.8, abs=0.02)
    assert np.abs(np.delete(fitted, 6)).max() < 0.02
    assert returns.std() == pytest.approx(SIZE, rel=0.03)
    assert 1 - np.var(returns[7:] - 0.8 * returns[:-7]) / np.var(returns) == pytest.approx(0.64, abs=0.02)  # a²


def test_the_series_holds_the_returns() -> None:
    returns = echo(900, 3, 0.5, seed=0)
    series = series_of(returns)
    assert np.array_equal(series.values, returns)
    assert np.array_equal(series.sizes, np.abs(returns))
    assert (np.diff(series.days) > np.timedelta64(0)).all()


def test_a_request_is_read_back_and_its_lags_are_in_order() -> None:
    request = EchoRequest(lags=(14, 1, 7, 7), cells=("gru", "rnn"))
    assert (request.lags, request.cells) == ((1, 7, 14), ("rnn", "gru"))
    assert key_of(parse_request(request.model_dump_json())) == key_of(request)
    assert request.title == "Echo of 1, 7, 14 days"
    assert EchoRequest(strength=0.9).possible == pytest.approx(0.81)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"lags": ()}, "at least one lag"),
        ({"lags": (0, 3)}, "the lag is 0"),
        ({"lags": (3, 61)}, "the lag is 61"),
        ({"strength": 1.5}, "strength of the echo is 1.5"),
        ({"days": 100}, "number of days is 100"),
    ],
)
def test_what_cannot_be_done_is_refused(settings: dict, why: str) -> None:
    with pytest.raises(InvalidRequest, match=why):
        EchoRequest(**settings)


def test_a_network_learned_up_to_the_last_lag_without_a_gap() -> None:
    assert [result().longest(model) for model in ("rnn", "lstm", "gru")] == [7, 14, 0]
    assert "vanilla RNN up to 7 days; LSTM up to 14 days; GRU not even the shortest" in result().text
    assert "81 % of the variance can be forecast" in result().text
    assert result().headline == "best: LSTM, skill 60 % of 81 %"


@pytest.mark.parametrize(
    ("skill", "se", "word"),
    [
        (0.6, 0.04, "healthy"),
        (0.3, 0.04, "in doubt"),  # less than half of what is possible
        (0.6, 0.31, "in doubt"),
        (-0.3, 0.1, "unhealthy"),
        (0.6, np.nan, "in doubt"),
    ],
)
def test_a_network_is_healthy_where_it_has_surely_learned_the_echo(skill: float, se: float, word: str) -> None:
    rows = [(7, "gru", 0, 0.7, 1.0, 100, 0.04), (7, "lstm", 0, skill, 1.0, 100, se)]
    table = pd.DataFrame(rows, columns=list(SCORES))
    standing = result().model_copy(update={"scores_by_lag": table}).standing
    assert standing.health == word
    assert standing.baseline == 100
    assert standing.error == pytest.approx(30 if word == "healthy" else 100 * (1 - skill))


def test_results_of_earlier_versions_do_not_know_how_sure_they_are() -> None:
    old = result().model_copy(update={"scores_by_lag": result().scores_by_lag.drop(columns="se")})
    assert old.standing.health == "in doubt"


def test_skill_and_its_standard_error_by_hand() -> None:
    actual, noise = np.random.default_rng(0).standard_normal((2, 4000))
    skill, error = skill_of(actual, 0.5 * actual + 0.1 * noise)
    differences = (0.5 * actual - 0.1 * noise) ** 2 - actual**2
    assert skill == pytest.approx(-differences.mean() / np.mean(actual**2))
    assert error == pytest.approx(differences.std() / np.sqrt(4000) / np.mean(actual**2), rel=0.1)


def of_lag(lag: int) -> EchoResult:
    return result().model_copy(
        update={"scores_by_lag": result().scores_by_lag[lambda rows: rows["lag"] == lag].reset_index(drop=True)}
    )


def test_of_one_lag_it_says_who_learned_it() -> None:
    assert of_lag(14).text == (
        "Of the echo of 14 days, 81 % of the variance can be forecast. The LSTM (60 %) and the GRU (60 %) learned it. "
        "The vanilla RNN (10 %) did not."
    )
    assert of_lag(1).text.endswith("The vanilla RNN (70 %) and the LSTM (60 %) learned it. The GRU (0 %) did not.")


def test_a_skill_below_zero_has_a_minus_sign_and_one_that_is_nearly_zero_none() -> None:
    table = result().scores_by_lag
    below = {"rnn": -0.004, "lstm": -0.123, "gru": -0.13}
    low = of_lag(14).model_copy(
        update={"scores_by_lag": table[table["lag"] == 14].assign(skill=lambda row: row["model"].map(below))}
    )
    assert "The vanilla RNN (0 %), the LSTM (−12 %) and the GRU (−13 %) did not." in low.text
    assert low.headline == "best: vanilla RNN, skill 0 % of 81 %"
    assert list(lag_chart(low, 14).data[0].text) == ["0 %", "−12 %", "−13 %"]


def test_networks_that_were_trained_once_are_said_to_be() -> None:
    several = result()
    assert ONCE not in several.text
    assert all(one.model_copy(update={"seeds": 1}).text.endswith(ONCE) for one in (several, of_lag(1)))


def test_lags_of_several_runs_are_one_row() -> None:
    whole = EchoResult.together([of_lag(14), of_lag(1), of_lag(14), of_lag(7)])
    pd.testing.assert_frame_equal(
        whole.scores_by_lag.sort_values(["lag", "model", "seed"], ignore_index=True),
        result().scores_by_lag.sort_values(["lag", "model", "seed"], ignore_index=True),
    )
    assert [whole.longest(model) for model in ("rnn", "lstm", "gru")] == [7, 14, 0]


def test_bars_and_curves_show_one_lag() -> None:
    bars = lag_chart(of_lag(7), 7).data[0]
    assert list(bars.x) == pytest.approx([50, 60, 60])
    curves = pd.DataFrame({"lag": 7, "model": "gru", "seed": 0, "step": [5, 10], "validation": [0.9, 0.7]})
    [line] = curve_chart(of_lag(7).model_copy(update={"curves": curves}), 7, "dark").data
    assert (list(line.x), list(line.y), line.name) == ([5, 10], [0.9, 0.7], "GRU")


def test_a_result_of_an_earlier_version_has_no_curves() -> None:
    assert result().curves.empty
    assert EchoResult.from_bytes(result().to_bytes()).curves.empty


def test_a_result_is_saved_and_read_back() -> None:
    again = EchoResult.from_bytes(result().to_bytes())
    pd.testing.assert_frame_equal(again.scores_by_lag, result().scores_by_lag)
    assert again.scores == result().scores


def test_the_figure_draws_means_and_seeds() -> None:
    drawn = skill_chart(result())
    line = next(one for one in drawn.data if one.name == "vanilla RNN")
    assert list(line.x) == [1, 7, 14]
    assert list(line.y) == pytest.approx([70, 50, 10])
    assert drawn.layout.shapes[0].y0 == pytest.approx(81)


@pytest.mark.slow
def test_who_carries_a_state_or_sees_the_day_learns_the_echo_and_who_reads_one_day_does_not() -> None:
    found = returned(run(EchoRequest(lags=(1, 40), cells=("rnn", "mlp"), days=1600), {}))
    assert found.longest("rnn") == found.longest("mlp") == 1
    assert found.skills("rnn")[1] > 0.7  # of 0.81
    assert set(found.curves["lag"]) == {1, 40}
    assert abs(found.skills("mlp")[40]) < 0.1  # older than its window
    again = returned(run(EchoRequest(lags=(1,), cells=("rnn",), days=1600), {}))
    assert again.skills("rnn")[1] == found.skills("rnn")[1]  # whatever else is asked


def test_stopped_it_keeps_the_lags_that_are_done_or_else_the_networks_that_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def trained(request: EchoRequest, lag: int, cell: str, seed: int) -> Generator[Progress, None, Any]:
        yield Progress(phase="")
        return (lag, cell, seed, 0.5, 1.0, 10, 0.1), pd.DataFrame([(lag, cell, seed, 10, 1.0)], columns=list(CURVES))

    monkeypatch.setattr(echoing, "_trained", trained)
    request = EchoRequest(lags=(1, 2), cells=("mlp", "lstm"))
    _, both = stopped(run(request, {}), lambda progress: progress.phase == "feed-forward network, echo of 2 days")
    assert (set(both.scores_by_lag["lag"]), both.unfinished) == ({1}, "It was stopped: 2 of 4 networks are in.")
    _, one = stopped(run(request, {}), lambda progress: True)
    assert (one.models, one.unfinished) == (["lstm"], "It was stopped: 1 of 4 networks are in.")
    assert returned(run(request, {})).unfinished == ""
