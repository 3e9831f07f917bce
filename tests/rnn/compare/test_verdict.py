from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from core.rnn.compare.verdict import Verdict, judge
from core.rnn.dataset.target import DIRECTION, RETURN, VOLATILITY, Target
from core.rnn.evaluation.losses import Losses
from core.rnn.evaluation.metrics import Evidence, rank
from core.rnn.evaluation.power import days_needed, detectable_skill
from core.rnn.evaluation.significance import diebold_mariano, superior_ability
from tests.rnn.tables import forecast_table, horizon_table

DAYS = 500


def verdict_on(forecasts: pd.DataFrame, target: Target = RETURN) -> Verdict:
    evidence = Evidence(forecasts, 1.0)
    return judge(rank(evidence), evidence.losses, target)


def guesses(seed: int, models: tuple[str, ...], share: float = 0.0) -> pd.DataFrame:
    """Forecasts that know a share of what comes, and guess the rest; the random walk knows nothing."""
    random = np.random.default_rng(seed)
    actual = random.standard_normal(DAYS)
    forecasts = {model: share * actual + 0.1 * random.standard_normal(DAYS) for model in models}
    return forecast_table(actual, {"random-walk": np.zeros(DAYS)} | forecasts)


def test_a_model_that_knows_something_beats_the_random_walk() -> None:
    verdict = verdict_on(guesses(0, ("har",), share=0.5))
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
    forecasts = {model: rows.forecast.to_numpy() for model, rows in table.groupby("model")}
    table = forecast_table(actual, forecasts | {"gru": lucky})
    gru = rank(Evidence(table, 1.0)).set_index("model").loc["gru"]
    assert gru.dm_stat < 0
    assert gru.dm_p < 0.05 < gru.dm_p_holm
    assert not verdict_on(table).beats_random_walk


def test_a_model_that_is_surely_worse_does_not_win() -> None:
    verdict = verdict_on(guesses(0, ("drift",), share=-0.5))
    assert not verdict.beats_random_walk
    assert verdict.best == "random-walk"
    assert verdict.p is None


def test_what_the_test_could_have_found_is_told() -> None:
    table = guesses(1, ("har",))
    losses = Losses.of(table)
    expected = diebold_mariano(losses["har"], losses["random-walk"]).detectable() / losses["random-walk"].mean()
    verdict = verdict_on(table)
    assert verdict.detectable == pytest.approx(expected)
    assert verdict.minimum_detectable_skill == detectable_skill(DAYS)  # 500 days show no less than 6 %, whatever the model
    assert "; 500 test days would show a true skill of 6.1 % in 4 of 5 cases" in verdict.text


def test_the_days_that_the_best_skill_needs_are_told_unless_it_is_sure() -> None:
    actual = np.random.default_rng(3).standard_normal(DAYS)
    table = forecast_table(actual, {"random-walk": 0 * actual, "har": 0.05 * np.sign(actual + np.roll(actual, 1) * 30)})
    verdict, losses = verdict_on(table), Losses.of(table)
    gain = losses.skill("har")
    assert not verdict.beats_random_walk
    assert 0 < gain < 0.01
    assert verdict.days_needed == days_needed(gain, losses.detectable_skill("har"), DAYS)
    assert verdict.days_needed > 31 / gain - 10
    assert f", and one of {100 * gain:+.2f} % in {verdict.days_needed:,}." in verdict.text
    sure = verdict_on(guesses(0, ("har",), share=0.5))
    assert sure.days_needed is not None
    assert "and one of" not in sure.text


def test_no_number_of_days_shows_a_skill_below_zero() -> None:
    verdict = verdict_on(guesses(0, ("drift",), share=-0.5))
    assert verdict.days_needed is None
    assert "and one of" not in verdict.text


def test_the_first_sentence_says_what_how_much_how_sure_and_what_could_be_seen() -> None:
    first, *_ = verdict_on(guesses(0, ("har", "gru"), share=0.3)).text.split(". ")
    assert re.fullmatch(
        r"2 of 2 models beat the random walk at forecasting the next day's return; the lowest error is that of (HAR|GRU), "
        r"skill \+\d+\.\d\d %, p < 0\.001 after correction for 2 models; "
        r"500 test days would show a true skill of \d+\.\d % in 4 of 5 cases",
        first,
    )


def test_other_trials_on_the_ticker_make_a_winner_less_sure() -> None:
    table = guesses(0, ("har",), share=0.015)
    ranking = rank(Evidence(table, 1.0))
    p = float(ranking.dm_p.min())
    losses = Losses.of(table)
    alone, tired = judge(ranking, losses, RETURN), judge(ranking, losses, RETURN, trials=1001)
    assert alone.beats_random_walk
    assert (alone.trials, tired.trials) == (1, 1001)
    assert alone.p == p
    assert tired.p == pytest.approx(1 - (1 - p) ** 1001)
    assert not tired.beats_random_walk
    assert "after correction for 1,000 other trials on this ticker" in tired.text


def test_trials_of_this_comparison_are_not_counted_twice() -> None:
    table = guesses(0, ("har", "ar", "gru"), share=0.03)
    ranking = rank(Evidence(table, 1.0))
    losses = Losses.of(table)
    assert judge(ranking, losses, RETURN, trials=3) == judge(ranking, losses, RETURN)


def test_superior_ability_over_all_models_is_kept() -> None:
    table = guesses(0, ("har", "ar"))
    assert verdict_on(table).spa_p == superior_ability(Losses.of(table).by_model, "random-walk")
    assert verdict_on(guesses(0, ())).spa_p is None


def test_a_direction_is_called_a_direction() -> None:
    random = np.random.default_rng(0)
    odds = random.random(DAYS)
    up = (random.random(DAYS) < odds).astype(float)
    verdict = verdict_on(forecast_table(up, {"random-walk": np.full(DAYS, 0.5), "gru": odds}), DIRECTION)
    assert verdict.winners == ("gru",)
    assert verdict.text.startswith("GRU beats the random walk at forecasting the direction of the next day's move: skill +")


def test_several_days_ahead_are_said_and_tested_as_such() -> None:
    random = np.random.default_rng(0)
    actual = random.standard_normal(304)
    days = np.arange(300)[:, None] + np.arange(5)
    forecasts = actual[days][None] * 0.05 + 0.05 * random.standard_normal((1, 300, 1))
    table = horizon_table(actual, {"random-walk": 0 * forecasts, "ar": forecasts})
    ranking, losses = rank(Evidence(table, 1.0)), Losses.of(table)
    verdict = judge(ranking, losses, RETURN)
    assert "the returns of the next 5 days" in verdict.text
    assert judge(ranking, losses, RETURN, bar="week").text == verdict.text.replace("day", "week")
    assert verdict.spa_p == superior_ability(losses.by_model, "random-walk", horizon=5)
    expected = diebold_mariano(losses["ar"], losses["random-walk"], horizon=5).detectable() / losses["random-walk"].mean()
    assert verdict.detectable == pytest.approx(expected)


@pytest.mark.slow
@pytest.mark.parametrize("horizon", [1, 5])
def test_on_a_hundred_random_walks_something_beats_the_random_walk_at_most_five_times(horizon: int) -> None:
    assert sum(verdict_on(walk_forecasts(seed, horizon)).beats_random_walk for seed in range(100)) <= 5


def walk_forecasts(seed: int, horizon: int, days: int = 300) -> pd.DataFrame:
    """Forecasts of a random walk by honest fits on the 700 days before: means, autoregressions, and overfitted networks."""
    random = np.random.default_rng(seed)
    returns = random.standard_normal(700 + days)
    past, origins = returns[:700], np.arange(700, 700 + days - horizon + 1)
    running = np.cumsum(returns) / np.arange(1, len(returns) + 1)
    forecasts = {"random-walk": np.zeros((1, len(origins), horizon)), "mean": _repeated(running[origins - 1], horizon)}
    for model, lags in (("ar", 1), ("har", 22)):
        forecasts[model] = _repeated(_regressed(past, returns, lags, origins), horizon)
    for model in ("rnn", "birnn", "lstm", "gru"):
        mixes = np.random.default_rng([seed, len(forecasts)]).standard_normal((3, 20, 15))
        forecasts[model] = np.concatenate([_repeated(_regressed(past, returns, 20, origins, mix), horizon) for mix in mixes])
    return horizon_table(returns[700:], forecasts)


def _regressed(
    past: np.ndarray, returns: np.ndarray, lags: int, origins: np.ndarray, mix: np.ndarray | None = None
) -> np.ndarray:
    """Least squares on the last days, or on random features tanh(days @ mix) of them, fitted on the past."""
    rows = np.lib.stride_tricks.sliding_window_view(returns, lags)
    rows = rows if mix is None else np.tanh(0.3 * rows @ mix)
    fitted = np.linalg.lstsq(rows[: len(past) - lags], past[lags:], rcond=None)[0]
    return rows[origins - lags] @ fitted


def _repeated(forecasts: np.ndarray, horizon: int) -> np.ndarray:
    return np.repeat(forecasts[:, None], horizon, axis=1)[None]


def test_the_best_network_is_compared_with_the_best_classical_model() -> None:
    random = np.random.default_rng(0)
    actual = random.standard_normal(DAYS)
    sizes = {"random-walk": 1.0, "mean": 0.6, "har": 0.5, "rnn": 0.7, "gru": 0.4}
    table = forecast_table(actual, {model: actual + size * random.standard_normal(DAYS) for model, size in sizes.items()})
    verdict = verdict_on(table, VOLATILITY)
    assert verdict.duel is not None
    assert (verdict.duel.network, verdict.duel.classical) == ("gru", "har")
    assert verdict.duel.sure
    losses = Losses.of(table)
    assert verdict.duel.skill == pytest.approx(1 - losses["gru"].mean() / losses["har"].mean())
    assert "The best network, GRU, has a" in verdict.text
    assert "lower squared error than the best classical model, HAR: more than chance would explain" in verdict.text
    assert verdict.text.startswith("4 of 4 models beat the random walk at forecasting the size of the next day's move")


def test_a_network_like_the_classical_model_is_not_called_better() -> None:
    table = guesses(5, ("har", "gru"), share=0.4)
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
    verdict = verdict_on(guesses(0, ("har", "gru"), share=0.3))
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict
