from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest

from core.rnn.compare.verdict import Comparison, Verdict, judge
from core.rnn.dataset.target import DIRECTION, RETURN, VOLATILITY, Target
from core.rnn.evaluation.evidence import Evidence
from core.rnn.evaluation.loss_functions import by_which
from core.rnn.evaluation.losses import Losses, Scale
from core.rnn.evaluation.power import detectable_gain
from core.rnn.evaluation.significance import diebold_mariano, sidak, superior_ability
from core.rnn.words import SMALL, confirmation_in_words, p_in_words, say_percent, two_digits
from tests.rnn.tables import forecast_table, horizon_table

DAYS = 500


def verdict_on(forecasts: pd.DataFrame, target: Target = RETURN, trials: int = 0, **chosen: str) -> Verdict:
    names = {name.replace("_", "-"): model for name, model in chosen.items()}
    return judge(Evidence(forecasts, 1.0, target, chosen=names), trials)


def guesses(seed: int, models: tuple[str, ...], share: float = 0.0) -> pd.DataFrame:
    """Forecasts that know a share of what comes, and guess the rest; the random walk knows nothing."""
    random = np.random.default_rng(seed)
    actual = random.standard_normal(DAYS)
    forecasts = {model: share * actual + 0.1 * random.standard_normal(DAYS) for model in models}
    return forecast_table(actual, {"random-walk": np.zeros(DAYS)} | forecasts)


def against(verdict: Verdict, model: str, rival: str) -> Comparison:
    return next(row for row in verdict.comparisons if (row.model, row.reference) == (model, rival))


# -- what beats the reference ------------------------------------------------------------------------


def test_a_model_that_knows_something_beats_the_random_walk() -> None:
    verdict = verdict_on(guesses(0, ("har",), share=0.5))
    assert verdict.beats_random_walk
    assert verdict.beats_reference
    assert (verdict.reference, verdict.loss) == ("random-walk", "squared")
    assert verdict.winners == ("har",)
    assert verdict.best == "har"
    assert verdict.text.startswith("HAR beats the reference, the random walk, at forecasting the next day's return: skill +")
    assert "by MSE, p < 0.001" in verdict.text


@pytest.mark.parametrize(
    ("share", "but"), [(0.0, ", but not the reference, the random walk, at forecasting"), (0.5, ", at forecasting")]
)
def test_who_beats_a_bad_rival_alone_is_not_said_to_win(share: float, but: str) -> None:
    table = guesses(3, ("gru",), share)
    actual = table.loc[table.model == "gru", "actual"].to_numpy()
    forecasts = {model: rows.forecast.to_numpy() for model, rows in table.groupby("model")}
    verdict = verdict_on(forecast_table(actual, forecasts | {"ar": -actual}), classical="ar", network="gru")
    assert verdict.networks_beat_classical
    assert verdict.text.startswith(
        f"GRU beats AR, the best classical model before the test{but} the next day's return: skill +"
    )


def test_guessing_does_not_beat_the_random_walk() -> None:
    verdict = verdict_on(guesses(0, ("har", "ar")))
    assert not verdict.beats_random_walk
    assert verdict.winners == ()
    assert verdict.text.startswith("Nothing beats the reference, the random walk")
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
    verdict, raw = verdict_on(table), Losses.of(table).test("gru").p
    row = against(verdict, "gru", "random-walk")
    assert row.p is not None
    assert raw < 0.05 < row.p
    assert not verdict.beats_random_walk


def test_a_model_that_is_surely_worse_does_not_win() -> None:
    verdict = verdict_on(guesses(0, ("drift",), share=-0.5))
    assert not verdict.beats_random_walk
    assert verdict.best == "random-walk"
    assert verdict.p is None
    assert "the closest, the drift, is worse, skill −" in verdict.text


def test_the_numbers_are_those_of_the_model_that_the_sentence_speaks_of() -> None:
    """The drift has the lowest loss, but not surely; GRU surely beats the reference: the sentence quotes GRU."""
    random = np.random.default_rng(0)
    actual = random.standard_normal(DAYS)
    wild = actual.copy()
    wild[:3] += 9  # right but for three days, so that its test is unsure
    table = forecast_table(actual, {"random-walk": 0 * actual, "drift": wild, "gru": 0.1 * actual})
    verdict = verdict_on(table, all="gru", network="gru", classical="random-walk")
    assert verdict.best == "drift"
    assert verdict.winners == ("gru",)
    gru = against(verdict, "gru", "random-walk")
    assert gru.skill == pytest.approx(1 - 0.9**2)
    beats = "GRU, the best before the test, beats the reference, the random walk"
    assert f"{beats}: skill {100 * gru.skill:+.2f} %" in verdict.text


def test_volatility_is_judged_by_qlike_against_har() -> None:
    random = np.random.default_rng(2)
    sigma = np.exp(0.4 * random.standard_normal(DAYS))
    actual = sigma * np.abs(random.standard_normal(DAYS))
    forecasts = {
        "random-walk": np.roll(actual, 1) + 0.1,
        "mean": np.full(DAYS, 0.9),
        "har": np.full(DAYS, 0.85),
        "gru": 0.8 * sigma,
    }
    table = forecast_table(actual, forecasts)
    verdict = verdict_on(table, VOLATILITY, network="gru", classical="har")
    assert (verdict.reference, verdict.loss) == ("har", "qlike")
    assert verdict.networks_beat_classical
    qlike = {model: np.mean(np.log(one) + actual / one) for model, one in forecasts.items()}
    assert against(verdict, "gru", "har").skill == pytest.approx(qlike["har"] - qlike["gru"])
    assert against(verdict, "random-walk", "har").skill == pytest.approx(qlike["har"] - qlike["random-walk"])
    assert "random-walk" not in verdict.winners
    assert "beats the reference, HAR" in verdict.text


def test_a_stored_result_without_the_targets_reference_says_what_stands_for_it() -> None:
    actual = np.abs(np.random.default_rng(0).standard_normal(DAYS)) + 0.1
    verdict = verdict_on(forecast_table(actual, {"random-walk": np.roll(actual, 1), "gru": 0 * actual + 0.9}), VOLATILITY)
    assert verdict.reference == "random-walk"
    assert verdict.text.endswith("As HAR is not in this comparison, the random walk is the reference.")


def test_other_trials_on_the_ticker_make_a_winner_less_sure() -> None:
    table = guesses(0, ("har",), share=0.015)
    p = Losses.of(table).test("har").p
    alone, tired = verdict_on(table), verdict_on(table, trials=1001)
    assert alone.beats_random_walk
    assert (alone.trials, tired.trials) == (1, 1001)
    assert alone.p == p
    assert tired.p == pytest.approx(sidak(p, 1001))
    assert not tired.beats_random_walk
    assert "after correction for 1,000 other trials on this ticker" in tired.text


def test_trials_of_this_comparison_are_not_counted_twice() -> None:
    table = guesses(0, ("har", "ar", "gru"), share=0.03)
    assert verdict_on(table, trials=3) == verdict_on(table)


def test_superior_ability_over_all_models_is_kept() -> None:
    table = guesses(0, ("har", "ar"))
    assert verdict_on(table).spa_p == superior_ability(Losses.of(table).by_model, "random-walk")
    assert verdict_on(guesses(0, ())).spa_p is None


def test_a_direction_is_called_a_direction_and_scored_by_log_loss() -> None:
    random = np.random.default_rng(0)
    odds = np.clip(random.random(DAYS), 0.01, 0.99)
    up = (random.random(DAYS) < odds).astype(float)
    table = forecast_table(up, {"random-walk": np.full(DAYS, 0.5), "mean": np.full(DAYS, 0.51), "gru": odds})
    verdict = verdict_on(table, DIRECTION, network="gru", classical="mean")
    assert verdict.winners[0] == "gru"
    assert (verdict.reference, verdict.loss) == ("mean", "log")
    rival = "the historical mean (the share of rises so far), the best classical model before the test, at forecasting"
    assert verdict.text.startswith(f"GRU beats {rival} the direction of the next day's move, by both losses: skill +")
    coin = verdict_on(table, DIRECTION, network="gru", classical="random-walk")
    assert coin.text.startswith("GRU beats the random walk (a coin), the best classical model before the test, at forecasting")
    assert "beats the reference, the historical mean (the share of rises so far): skill +" in verdict.text


def test_several_days_ahead_are_said_and_tested_as_such() -> None:
    random = np.random.default_rng(0)
    actual = random.standard_normal(304)
    days = np.arange(300)[:, None] + np.arange(5)
    forecasts = actual[days][None] * 0.05 + 0.05 * random.standard_normal((1, 300, 1))
    table = horizon_table(actual, {"random-walk": 0 * forecasts, "ar": forecasts})
    evidence, losses = Evidence(table, 1.0), Losses.of(table)
    verdict = judge(evidence)
    assert "the returns of the next 5 days" in verdict.text
    assert judge(evidence, bar="week").text == verdict.text.replace("day", "week")
    assert verdict.spa_p == superior_ability(losses.by_model, "random-walk", horizon=5)
    assert verdict.p == diebold_mariano(losses["ar"], losses["random-walk"], horizon=5).p


@pytest.mark.slow
@pytest.mark.parametrize("horizon", [1, 5])
def test_on_a_hundred_random_walks_each_claim_is_made_at_most_five_times(horizon: int) -> None:
    """The choice before the test is any choice that does not depend on the test."""
    chosen = {"all": "ar", "network": "gru", "classical": "mean", "without_recurrence": "ar"}
    verdicts = [verdict_on(walk_forecasts(seed, horizon), **chosen) for seed in range(100)]
    assert sum(verdict.beats_random_walk for verdict in verdicts) <= 5
    assert sum(verdict.networks_beat_classical for verdict in verdicts) <= 5
    assert sum(verdict.networks_beat_without_recurrence for verdict in verdicts) <= 5


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


# -- the case study: networks against the best of the others -----------------------------------------


def of_sizes(sizes: dict[str, float], days: int = DAYS, seed: int = 0) -> pd.DataFrame:
    """Forecasts that are off by noise of these sizes."""
    random = np.random.default_rng(seed)
    actual = random.standard_normal(days)
    return forecast_table(actual, {model: actual + size * random.standard_normal(days) for model, size in sizes.items()})


def test_the_first_sentence_is_about_the_network_and_the_classical_model_that_were_chosen_before_the_test() -> None:
    table = of_sizes({"random-walk": 1.0, "mean": 0.6, "har": 0.5, "rnn": 0.35, "gru": 0.4})
    verdict, losses = verdict_on(table, network="gru", classical="mean", all="gru", without_recurrence="mean"), Losses.of(table)
    assert (verdict.best_network, verdict.best_classical, verdict.best_without_recurrence) == ("gru", "mean", "mean")
    assert verdict.networks_beat_classical
    assert verdict.networks_beat_without_recurrence
    gain = losses.skill("gru", "mean")
    first, second = verdict.text.split(" by MSE, ", 1)
    assert first == (
        "GRU beats the historical mean, the best classical model before the test, at forecasting the next day's return: "
        f"skill {100 * gain:+.2f} % against the historical mean"
    )
    assert second.startswith("p < 0.001 after correction for 2 networks. ")
    assert re.search(r"4 of 4 models beat the reference, the random walk: the best of them, the vanilla RNN, has skill", second)


def test_a_network_like_the_classical_model_is_not_called_better() -> None:
    verdict = verdict_on(guesses(5, ("har", "gru"), share=0.4), network="gru", classical="har")
    assert not verdict.networks_beat_classical
    assert verdict.text.startswith(
        "No recurrent network beats HAR, the best classical model before the test, at forecasting the next day's return"
    )
    assert "GRU, best on the validation days, has skill" in verdict.text


def test_another_network_than_the_chosen_one_that_surely_wins_is_named() -> None:
    table = of_sizes({"random-walk": 1.0, "har": 0.5, "rnn": 0.3, "gru": 0.55})
    verdict = verdict_on(table, network="gru", classical="har")
    assert verdict.networks_beat_classical
    assert verdict.text.startswith("The vanilla RNN beats HAR, the best classical model before the test")
    assert not against(verdict, "gru", "har").better
    skill = against(verdict, "rnn", "har").skill
    assert skill is not None
    assert f"{100 * skill:+.2f} %" in verdict.text


def test_a_feed_forward_network_is_no_recurrent_one_but_a_model_without_recurrence() -> None:
    table = of_sizes({"random-walk": 1.0, "har": 0.6, "gru": 0.5, "mlp": 0.3})
    verdict = verdict_on(table, network="gru", classical="har", without_recurrence="mlp")
    assert verdict.networks_beat_classical
    assert not verdict.networks_beat_without_recurrence
    assert against(verdict, "gru", "mlp").skill < 0  # type: ignore[operator]
    assert (
        "; it does not beat the feed-forward network, the best model without recurrence before the test: skill −"
        in verdict.text
    )
    both = verdict_on(of_sizes({"random-walk": 1.0, "har": 0.6, "gru": 0.2, "mlp": 0.4}))
    assert "; it also beats the feed-forward network, the best model without recurrence of the test: skill +" in both.text
    neither = verdict_on(of_sizes({"random-walk": 1.0, "har": 0.3, "gru": 0.5, "mlp": 0.2}))
    assert "; nor does it beat the feed-forward network, the best model without recurrence of the test: " in neither.text


def test_equal_forecasts_of_network_and_classical_model_cannot_be_told_apart() -> None:
    actual = np.random.default_rng(0).standard_normal(DAYS)
    verdict = verdict_on(forecast_table(actual, {"random-walk": 0 * actual, "har": 0.5 * actual, "gru": 0.5 * actual}))
    assert against(verdict, "gru", "har").p is None
    assert "GRU cannot be told from HAR" in verdict.text


def test_two_sentences_about_the_same_two_models_cannot_disagree() -> None:
    """Where the best classical model is the reference, networks are corrected for all models in both sentences."""
    models = ("mean", "ar", "har", "ets", "ewma", "theta", "gru", "lstm")
    for seed in range(30):
        verdict = verdict_on(guesses(seed, models, share=0.015), network="gru", classical="random-walk", all="gru")
        assert verdict.networks_beat_classical == any(model in ("gru", "lstm") for model in verdict.winners)
        rows = [row for row in verdict.comparisons if (row.model, row.reference) == ("gru", "random-walk")]
        assert len(set(rows)) == 1


def test_without_networks_only_the_reference_is_spoken_of() -> None:
    verdict = verdict_on(guesses(0, ("har", "ar")))
    assert verdict.best_network == ""
    assert not verdict.networks_beat_classical
    assert {row.reference for row in verdict.comparisons} == {"random-walk"}


def test_corrected_p_is_holms_over_the_networks_with_most_of_the_level_for_the_chosen_one() -> None:
    table = guesses(3, ("har", "rnn", "lstm", "gru"), share=0.03)
    verdict, losses = verdict_on(table, network="lstm", classical="har"), Losses.of(table)
    raw = {model: losses.test(model, "har").p for model in ("rnn", "lstm", "gru")}
    weights = {"rnn": 0.1, "lstm": 0.8, "gru": 0.1}
    order = sorted(raw, key=lambda model: raw[model] / weights[model])
    left = [sum(weights[model] for model in order[k:]) for k in range(3)]
    stepped = np.minimum(1, np.maximum.accumulate([left[k] / weights[m] * raw[m] for k, m in enumerate(order)]))
    for model, p in zip(order, stepped, strict=True):
        assert against(verdict, model, "har").p == pytest.approx(p)


def test_what_could_have_shown_is_stated_at_the_level_of_the_comparison() -> None:
    table = guesses(1, ("har", "rnn", "gru"), share=0.3)
    verdict, losses = verdict_on(table, network="gru", classical="har"), Losses.of(table)
    stated = against(verdict, "gru", "har").detectable_skill
    assert stated == pytest.approx(losses.detectable_skill("gru", "har", level=0.04))
    assert stated is not None
    skill = f"skill against HAR above {two_digits(100 * stated)} %"
    said = f"With {DAYS} test days only a {skill} would be found reliably (in 4 of 5 cases)."
    assert verdict.text.count(said) == 1
    other = against(verdict, "rnn", "har").detectable_skill
    assert other == pytest.approx(losses.detectable_skill("rnn", "har", level=0.01))
    tired = against(verdict_on(table, trials=200, network="gru", classical="har"), "gru", "har").detectable_skill
    assert tired == pytest.approx(losses.detectable_skill("gru", "har", level=1 - 0.95 ** (1 / (2 + 197))))


def test_a_test_that_could_have_shown_nothing_says_so() -> None:
    random = np.random.default_rng(0)
    actual = random.standard_normal(20)
    table = forecast_table(actual, {"random-walk": 0 * actual, "gru": 30 * random.standard_normal(20)})
    verdict = verdict_on(table)
    assert against(verdict, "gru", "random-walk").detectable_skill is None
    assert "With 20 test days no skill against the random walk could be found reliably." in verdict.text


def test_how_many_days_would_confirm_a_skill_that_may_be_chance() -> None:
    """As many that the test, with a standard error that falls with their root, would detect just this skill."""
    table = guesses(1, ("har", "gru"), share=0.01)
    verdict, losses = verdict_on(table, network="gru", classical="har"), Losses.of(table)
    row = against(verdict, "gru", "har")
    assert row.skill is not None
    assert row.skill > 0
    assert not row.better
    assert row.origins_to_confirm == pytest.approx(losses.origins_to_confirm("gru", "har"))
    test, gain = losses.test("gru", "har"), losses.mean("har") - losses.mean("gru")
    by_test = DAYS * (test.detectable() / gain) ** 2
    assert row.origins_to_confirm >= by_test * 0.999
    ideal = detectable_gain(losses.loss.noise(losses.scored(losses.committee["har"].to_numpy())), row.origins_to_confirm)
    assert row.origins_to_confirm == pytest.approx(by_test) or ideal == pytest.approx(gain)
    days = two_digits(row.origins_to_confirm)
    said = f"To confirm {100 * row.skill:+.2f} % of GRU against HAR you would need about {days} days."
    assert said in verdict.text
    worse = against(verdict, "har", "random-walk")
    assert (worse.origins_to_confirm is None) == ((worse.skill or 0) <= 0)


ZERO = "a skill of GRU against HAR that rounds to 0.00 %"
NEVER = "more than 100 years: no test is that long."


@pytest.mark.parametrize(
    ("skill", "needed", "bar", "sentence"),
    [
        (0.0012, 36_000.0, "day", "To confirm +0.12 % of GRU against HAR you would need about 36,000 days."),
        (0.0012, 37_000.0, "day", f"To confirm +0.12 % of GRU against HAR you would need about 37,000 days, {NEVER}"),
        (0.0012, 37_000.0, "bar", "To confirm +0.12 % of GRU against HAR you would need about 37,000 bars."),
        (0.0012, 5_300.0, "week", f"To confirm +0.12 % of GRU against HAR you would need about 5,300 weeks, {NEVER}"),
        (4e-5, 3.7e7, "day", f"To confirm {ZERO} you would need about 37,000,000 days, {NEVER}"),
        (4e-5, 900.0, "day", f"To confirm {ZERO} you would need about 900 days."),
        (0.0012, math.nan, "day", ""),
    ],
)
def test_more_days_than_a_century_has_are_said_to_be_too_many(skill: float, needed: float, bar: str, sentence: str) -> None:
    assert confirmation_in_words(skill, "GRU", "HAR", needed, bar) == sentence


def test_a_skill_that_is_sure_needs_no_confirmation() -> None:
    verdict = verdict_on(of_sizes({"random-walk": 1.0, "har": 0.5, "gru": 0.3}), network="gru", classical="har")
    assert verdict.networks_beat_classical
    assert "To confirm" not in verdict.text


def test_no_stated_skill_is_more_than_a_forecast_could_gain() -> None:
    for seed in range(20):
        table = guesses(seed, ("har", "gru"), share=-0.4)
        stated = [row.detectable_skill for row in verdict_on(table, trials=500).comparisons]
        assert all(one is None or 0 < one < 1 for one in stated)


def test_a_random_walk_alone_is_said_to_be_alone() -> None:
    verdict = verdict_on(guesses(0, ()))
    assert not verdict.beats_random_walk
    assert "nothing to compare it with" in verdict.text


def test_a_verdict_survives_as_json() -> None:
    verdict = verdict_on(guesses(0, ("har", "gru"), share=0.3))
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict
    assert not [row for row in verdict.comparisons if row.skill is None or math.isnan(row.skill)]


def test_the_outcome_is_what_the_first_sentence_says() -> None:
    actual, noise, other = (np.random.default_rng(seed).standard_normal(DAYS) for seed in (0, 1, 7))
    classical = 0.1 * noise
    networks = {"better": 0.5 * actual, "not sure": 0.1 * other, "worse": 0.9 * noise}
    for outcome, network in networks.items():
        table = forecast_table(actual, {"random-walk": np.zeros(DAYS), "har": classical, "gru": network})
        verdict = verdict_on(table, classical="har", without_recurrence="har", network="gru")
        assert verdict.outcome == outcome
        skill = against(verdict, "gru", "har").skill
        assert skill is not None
        assert (skill > 0) == (outcome != "worse")
        assert verdict.text.startswith("No recurrent network beats") == (outcome != "better")


# -- against what, and by which losses ----------------------------------------------------------------

PERCENT = r"[+−][\d,.]+ %"


@pytest.mark.parametrize(("share", "target"), [(0.03, RETURN), (0.5, RETURN), (-0.3, RETURN)])
def test_every_skill_in_the_words_says_against_what(share: float, target: Target) -> None:
    """Whether networks win, may win or lose: its rival follows "skill … %", and what would have to be confirmed."""
    verdict = verdict_on(guesses(5, ("har", "ar", "gru"), share=share), target, network="gru", classical="har")
    skills = re.findall(rf"skill {PERCENT}(.{{9}})", verdict.text)
    assert skills
    assert set(skills) == {" against "}
    assert "skill against HAR above" in verdict.text or "no skill against HAR" in verdict.text
    assert re.findall(rf"confirm {PERCENT} of GRU (.{{11}})", verdict.text) in ([], ["against HAR"])


def test_a_skill_with_another_sign_against_the_reference_is_said_with_it() -> None:
    """HAR, chosen before the test, is worse than the random walk: better than HAR is not better than the reference."""
    random = np.random.default_rng(1)
    actual = random.standard_normal(DAYS)
    known = {"har": -0.05 * actual + 0.25 * random.standard_normal(DAYS), "gru": 0.15 * random.standard_normal(DAYS)}
    worse = verdict_on(forecast_table(actual, {"random-walk": 0 * actual} | known), network="gru", classical="har")
    over, under = (against(worse, "gru", rival).skill or 0 for rival in ("har", "random-walk"))
    assert over > 0 > under
    assert f"; against the reference, the random walk, it has {say_percent(under)}" in worse.text
    same = verdict_on(guesses(0, ("har", "gru"), share=0.5), network="gru", classical="har")
    if (against(same, "gru", "har").skill or 0) > 0:
        assert "against the reference, the random walk, it has" not in same.text


def of_volatility(har: float, gru: float, wild: float = 1.0, classical: str = "har") -> Verdict:
    """Forecasts that miss the true size by so much noise, those of GRU `wild` times as large on the six wildest days."""
    random = np.random.default_rng(7)
    sizes = np.exp(0.2 * random.standard_normal(DAYS))
    actual = sizes * np.abs(random.standard_normal(DAYS))
    noises = {"har": har, classical: har, "gru": gru}
    forecasts = {model: sizes * np.exp(noise * random.standard_normal(DAYS)) for model, noise in noises.items()}
    forecasts["gru"][np.argsort(sizes)[-6:]] *= wild
    table = forecast_table(actual, {"random-walk": np.roll(actual, 1) + 0.01} | forecasts)
    squares = pd.Series(actual**2, pd.DatetimeIndex(table["date"].unique()))
    chosen = {"network": "gru", "classical": classical, "without-recurrence": classical}
    return judge(Evidence(table, 1.0, VOLATILITY, chosen=chosen, scale=Scale(squares, 1.0, 0.01)))


def test_a_network_that_wins_by_one_kind_of_loss_is_not_said_to_win_by_the_others() -> None:
    """It is right but for six wild days, which squared errors weigh most."""
    verdict = of_volatility(0.9, 0.05, wild=12.0)
    assert verdict.beating_by_loss == {"qlike": ("gru",), "squared": (), "qlike-variance": ("gru",), "squared-variance": ()}
    title = verdict.text.partition(": ")[0]
    assert title.startswith("GRU beats HAR, the best classical model before the test, at forecasting")
    assert title.endswith(", by QLIKE and QLIKE of r², not by the 2 other losses")


def test_the_loss_is_not_said_behind_a_model_that_is_named_by_it() -> None:
    for gru in (0.05, 0.9):
        text = of_volatility(0.5, gru, classical="har-qlike").text
        assert re.search(r"skill \S+ % by QLIKE against HAR by QLIKE, p", text)
        assert "by QLIKE by QLIKE" not in text


def test_a_network_that_wins_by_all_losses_or_by_none_is_said_to() -> None:
    assert ", by all 4 losses: skill +" in of_volatility(0.9, 0.05).text
    none = of_volatility(0.05, 0.9)
    assert none.text.startswith("No recurrent network beats HAR")
    assert ", by any of 4 losses: GRU" in none.text


@pytest.mark.parametrize(
    ("holds", "said"),
    [
        ({"squared": True}, "by MSE"),
        ({"log": True, "brier": False}, "by log loss only, not by Brier score"),
        ({"log": False, "brier": False}, "by either loss"),
        ({"qlike": True, "squared": False, "qlike-variance": False, "squared-variance": False},
         "by QLIKE only, not by the 3 other losses"),
        ({"squared": False, "qlike": True, "qlike-variance": True}, "by MSE, though one does by QLIKE and QLIKE of r²"),
    ],
)  # fmt: skip
def test_by_which_losses_something_holds_is_said_shortly(holds: dict[str, bool], said: str) -> None:
    assert by_which(holds) == said


def test_a_skill_that_is_sure_but_smaller_than_could_be_found_reliably_is_said_to_be_measured_too_high() -> None:
    small = next(
        one for one in (verdict_on(guesses(seed, ("har", "gru"), share=0.02)) for seed in range(60)) if SMALL in one.text
    )
    row = small.comparisons[0]
    assert small.networks_beat_classical
    assert (row.skill or 0) < (row.detectable_skill or 0)
    large = verdict_on(of_sizes({"random-walk": 1.0, "har": 0.5, "gru": 0.3}), network="gru", classical="har")
    assert large.networks_beat_classical
    assert SMALL not in large.text


@pytest.mark.parametrize(
    ("number", "text"), [(0.0463, "0.046"), (2.449, "2.4"), (9.96, "10"), (31.4, "31"), (203_417, "200,000")]
)
def test_a_number_is_written_to_the_two_digits_that_count(number: float, text: str) -> None:
    assert two_digits(number) == text


@pytest.mark.parametrize(
    ("p", "said"), [(0.0503, "0.0503"), (0.0497, "0.0497"), (0.05, "0.05"), (0.072, "0.07"), (0.034, "0.034")]
)
def test_a_p_value_shows_on_which_side_of_the_level_it_is(p: float, said: str) -> None:
    assert p_in_words(p) == said
