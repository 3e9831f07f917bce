from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.rnn.metrics import mean_losses, rank
from core.rnn.significance import diebold_mariano
from core.rnn.verdict import Verdict, judge
from tests.rnn.tables import forecast_table

DAYS = 500


def verdict_on(forecasts: pd.DataFrame, target: str = "return") -> Verdict:
    return judge(rank(forecasts, 1.0), forecasts, target)


def guesses(seed: int, models: tuple[str, ...], known: float = 0.0) -> pd.DataFrame:
    """Forecasts that know a share of what comes, and guess the rest; the random walk knows nothing."""
    random = np.random.default_rng(seed)
    actual = random.standard_normal(DAYS)
    told = {model: known * actual + 0.1 * random.standard_normal(DAYS) for model in models}
    return forecast_table(actual, {"random-walk": np.zeros(DAYS)} | told)


def test_a_model_that_knows_something_beats_the_random_walk() -> None:
    verdict = verdict_on(guesses(0, ("har",), known=0.5))
    assert verdict.beats_random_walk
    assert verdict.winners == ("har",)
    assert verdict.best == "har"
    assert verdict.text.startswith("HAR beats the random walk at forecasting the next day's return")
    assert "p < 0.001" in verdict.text


def test_guessing_does_not_beat_the_random_walk() -> None:
    verdict = verdict_on(guesses(0, ("har", "gru")))
    assert not verdict.beats_random_walk
    assert verdict.winners == ()
    assert verdict.text.startswith("Nothing beats the random walk")
    assert "after correction for 2 models" in verdict.text


def test_among_many_guessers_hardly_ever_one_is_called_better() -> None:
    models = ("drift", "mean", "ar", "har", "rnn", "birnn", "lstm", "gru")
    called = np.mean([verdict_on(guesses(seed, models)).beats_random_walk for seed in range(40)])
    assert called <= 0.05


def test_a_lucky_model_among_many_is_not_called_better() -> None:
    table = guesses(0, ("drift", "mean", "ar", "har", "rnn", "birnn", "lstm"))
    actual = table.loc[table.model == "har", "actual"].to_numpy()
    lucky = 0.017 * actual + 0.1 * np.random.default_rng(9).standard_normal(DAYS)
    told = {model: rows.forecast.to_numpy() for model, rows in table.groupby("model")}
    table = forecast_table(actual, told | {"gru": lucky})
    gru = rank(table, 1.0).set_index("model").loc["gru"]
    assert gru.dm_stat < 0
    assert gru.dm_p < 0.05 < gru.dm_p_holm
    assert not verdict_on(table).beats_random_walk


def test_a_model_that_is_surely_worse_does_not_win() -> None:
    verdict = verdict_on(guesses(0, ("drift",), known=-0.5))
    assert not verdict.beats_random_walk
    assert verdict.best == "random-walk"
    assert verdict.p is None


def test_the_smallest_detectable_skill_is_told_when_nothing_wins() -> None:
    table = guesses(1, ("har",))
    losses = mean_losses(table)
    expected = diebold_mariano(losses["har"], losses["random-walk"]).detectable / losses["random-walk"].mean()
    verdict = verdict_on(table)
    assert verdict.detectable == pytest.approx(expected)
    assert f"500 test days would show a true skill of {100 * expected:.1f} %" in verdict.text


def test_the_best_network_is_compared_with_the_best_classical_model() -> None:
    random = np.random.default_rng(0)
    actual = random.standard_normal(DAYS)
    sizes = {"random-walk": 1.0, "mean": 0.6, "har": 0.5, "rnn": 0.7, "gru": 0.4}
    table = forecast_table(actual, {model: actual + size * random.standard_normal(DAYS) for model, size in sizes.items()})
    verdict = verdict_on(table, "volatility")
    assert verdict.duel is not None
    assert (verdict.duel.network, verdict.duel.classical) == ("gru", "har")
    assert verdict.duel.sure
    losses = mean_losses(table)
    assert verdict.duel.skill == pytest.approx(1 - losses["gru"].mean() / losses["har"].mean())
    assert "The best network, GRU, has a" in verdict.text
    assert "lower squared error than the best classical model, HAR: more than chance would explain" in verdict.text
    assert verdict.text.startswith("4 of 4 models beat the random walk at forecasting the size of the next day's move")


def test_a_network_like_the_classical_model_is_not_called_better() -> None:
    table = guesses(5, ("har", "gru"), known=0.4)
    duel = verdict_on(table).duel
    assert duel is not None
    assert not duel.sure
    assert "which chance alone could explain" in duel.text


def test_equal_forecasts_of_network_and_classical_model_cannot_be_told_apart() -> None:
    actual = np.random.default_rng(0).standard_normal(DAYS)
    verdict = verdict_on(forecast_table(actual, {"random-walk": 0 * actual, "har": 0.5 * actual, "gru": 0.5 * actual}))
    assert verdict.duel is not None
    assert verdict.duel.p is None
    assert "cannot be told apart" in verdict.text


def test_a_comparison_without_networks_has_no_duel() -> None:
    assert verdict_on(guesses(0, ("har", "ar"))).duel is None


def test_a_random_walk_alone_is_said_to_be_alone() -> None:
    verdict = verdict_on(guesses(0, ()))
    assert not verdict.beats_random_walk
    assert "nothing to compare it with" in verdict.text


def test_a_verdict_survives_as_json() -> None:
    verdict = verdict_on(guesses(0, ("har", "gru"), known=0.3))
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict
