"""The traps: what flatters does, what is honest does not, and the lab tells them apart."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import pytest

from core.drive import returned
from core.errors import InvalidRequest, PriceError, SeriesTooShort
from core.rnn.dataset.series import Series, series_of
from core.rnn.dataset.target import target_of
from core.rnn.evaluation.causality import is_causal
from core.rnn.networks.architecture import Architecture
from core.rnn.prices.prices import Prices
from core.rnn.prices.samples import fetch
from core.rnn.traps import best_of_many, explanations, price_levels, reads_the_future
from core.rnn.traps.best_of_many import COUNT, Lottery, draw_forecasters
from core.rnn.traps.figures import caption, chart
from core.rnn.traps.price_levels import WINDOW, Levels, Variant, split
from core.rnn.traps.reads_the_future import CausalForecaster, Future, LeakyForecaster, ReadsBothWays
from core.rnn.traps.request import TrapsRequest
from core.rnn.traps.result import TRAPS, TrapsResult, accuracy, explained, number
from core.rnn.traps.run import FEWEST, Measured, assembled, prices_of_period, run
from core.runs.kinds import parse_request
from core.runs.request import Progress, key_of
from tests.drive import stopped
from tests.rnn.series import garch, prices_of, random_walk

DAYS, TEST = 700, 140


@pytest.fixture(scope="module")
def prices() -> Prices:
    return prices_of(garch(DAYS - 1, seed=3, size=0.02))


@pytest.fixture(scope="module")
def series(prices: Prices) -> Series:
    return series_of(prices, target_of())


def request(prices: Prices, **settings: Any) -> TrapsRequest:
    return TrapsRequest(symbol=prices.symbol, prices=prices.digest, **settings)


def asked(prices: Prices, **settings: Any) -> Prices:
    return prices_of_period(request(prices, **settings), {prices.digest: prices.to_bytes()})


def copied(close: np.ndarray, variant: Variant) -> Levels:
    """A network that says the close before, as if it had been trained."""
    cut = split(close, variant, TEST, 0)
    return Levels(cut, close[cut.test], close[cut.test - 1] * 1.001, close[cut.test - 1])


@pytest.fixture(scope="module")
def result(prices: Prices, series: Series) -> TrapsResult:
    """A result of one seed, without training."""
    actual = series.returns[-TEST:]
    future = Future(actual, 0.99 * actual, 0 * actual, flattering_causal=False, honest_causal=True)
    stat = np.sort(np.random.default_rng(0).standard_normal(COUNT))
    lottery = Lottery(stat, np.full(COUNT, 0.01), 1.0, 0.95, 0.4, better_before=False)
    leaking, honest, mixed = (copied(prices.close, variant) for variant in ("all-days", "training-days", "shuffled"))
    return assembled(request(prices, seeds=1), prices, Measured([future], [leaking], [honest], [mixed], lottery))


# -- on a real ticker --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def apple() -> TrapsResult:
    apple = fetch("AAPL")
    asked = TrapsRequest(symbol="AAPL", prices=apple.digest, start="2014-01-01", seeds=1)  # type: ignore[arg-type]
    return returned(run(asked, {apple.digest: apple.to_bytes()}))


@pytest.mark.slow
def test_the_network_that_reads_the_future_explains_nearly_all_and_honestly_nothing(apple: TrapsResult) -> None:
    future = apple.trap("future")
    assert future.flattering.value > 0.9
    assert future.honest.value < 0.1
    assert "those made after every day change, so they fail" in future.caught
    assert "those made at the last known day stay equal to the last bit, so they pass" in future.caught


@pytest.mark.slow
def test_prices_are_explained_and_the_last_close_still_errs_less(apple: TrapsResult) -> None:
    level = apple.trap("level")
    assert level.flattering.value > 0.5
    assert level.honest.value > 1
    lags = apple.lags.set_index("lag")["correlation"]
    assert lags[1] == lags.max()
    assert lags[1] > 0.3 > abs(lags[0])


@pytest.mark.slow
def test_days_drawn_at_random_score_more_than_days_to_come(apple: TrapsResult) -> None:
    shuffle = apple.trap("shuffle")
    assert shuffle.flattering.value > 0.98 > shuffle.honest.value


@pytest.mark.slow
def test_accuracy_is_high_and_that_of_the_last_close_higher(apple: TrapsResult) -> None:
    forgiving = apple.trap("accuracy")
    assert 80 < forgiving.flattering.value < forgiving.honest.value


@pytest.mark.slow
def test_the_best_of_many_is_not_significant_once_the_tries_are_counted(apple: TrapsResult) -> None:
    luck = apple.trap("luck")
    assert luck.flattering.value < 0.05 < luck.honest.value


# -- reading the future ------------------------------------------------------------------------------


def test_architecture_refuses_what_this_trap_is_made_of() -> None:
    with pytest.raises(InvalidRequest, match="it would see the future"):
        Architecture("bilstm", target_of(), "many-to-many")
    assert ReadsBothWays().cell.bidirectional


def test_read_after_every_day_it_fails_the_causality_check_and_at_the_origin_it_passes(series: Series) -> None:
    leaky = LeakyForecaster(seed=0)
    assert not is_causal(leaky, series, DAYS - TEST)
    assert is_causal(CausalForecaster(leaky), series, DAYS - TEST)


def test_both_readings_forecast_every_day_and_the_one_to_come(series: Series) -> None:
    leaky, first = LeakyForecaster(seed=0), len(series) - TEST
    assert leaky.forecast(series, first).shape == CausalForecaster(leaky).forecast(series, first).shape == (TEST + 1, 1)


def test_the_unit_of_returns_never_sees_the_test(series: Series) -> None:
    first, leaky = 500, LeakyForecaster(seed=0)
    next(leaky.fit(series, first), None)
    assert leaky.unit == series.returns[:first].std()


# -- prices, scalers, splits -------------------------------------------------------------------------


def test_the_honest_scaler_never_sees_the_test_and_the_other_sees_all(prices: Prices) -> None:
    honest, leaking = (split(prices.close, variant, TEST, 0) for variant in ("training-days", "all-days"))
    assert honest.fitted_to < honest.test.min()
    assert (honest.low, honest.high) == (prices.close[:-TEST].min(), prices.close[:-TEST].max())
    assert leaking.fitted_to == DAYS - 1
    assert (leaking.low, leaking.high) == (prices.close.min(), prices.close.max())


def test_in_time_the_test_follows_the_training_and_shuffled_it_lies_between(prices: Prices) -> None:
    in_time, shuffled = (split(prices.close, variant, TEST, 0) for variant in ("training-days", "shuffled"))
    for cut in (in_time, shuffled):
        assert sorted([*cut.train, *cut.test]) == list(range(WINDOW, DAYS))
        assert len(cut.test) == TEST
    assert in_time.train.max() < in_time.test.min()
    assert in_time.next_to_a_training_day == 0
    assert shuffled.next_to_a_training_day > 0.6


def test_the_scalers_of_a_result_say_to_which_day_they_were_fitted(result: TrapsResult) -> None:
    fitted = result.scalers.set_index("scaler")["fitted_to"]
    assert fitted["honest"].date() < result.test_first
    assert fitted["flattering"].date() == result.last


def test_a_leak_that_changes_nothing_is_told_as_such(result: TrapsResult) -> None:
    assert "Here it lowers R² by 0.00, and lifts it with 0 of 1 seeds" in result.trap("scaler").why


def test_explained_and_accuracy_by_hand() -> None:
    actual, forecast = np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0])
    assert explained(actual, forecast) == 0.5
    assert accuracy(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 2.0])) == pytest.approx(100 * (1 - np.sqrt(0.25 / 3)))


def test_a_price_of_one_day_ago_scores_as_the_last_close(result: TrapsResult) -> None:
    assert result.ages["accuracy"].iloc[0] == pytest.approx(result.trap("accuracy").honest.value)
    assert result.ages["accuracy"].is_monotonic_decreasing or result.ages["accuracy"].iloc[-1] < result.ages["accuracy"].iloc[0]


def test_a_copy_of_yesterday_is_found_one_day_late(result: TrapsResult) -> None:
    lags = result.lags.set_index("lag")["correlation"]
    assert lags[1] == pytest.approx(1)
    assert "as for a copy" in result.trap("level").caught


# -- the best of many --------------------------------------------------------------------------------------------


def test_forecasters_without_skill_spread_as_chance_does_and_after_correction_the_best_is_not_significant() -> None:
    lottery = returned(draw_forecasters(series_of(prices_of(random_walk(DAYS)), target_of()), DAYS - TEST, seed=0))
    assert lottery.stat.shape == lottery.p.shape == (COUNT,)
    assert lottery.stat[0] == lottery.stat.min()
    assert abs(lottery.stat.mean()) < 0.3
    assert 0.8 < lottery.stat.std() < 1.2
    assert lottery.p[0] < 0.05 < lottery.p_sidak <= lottery.p_holm


# -- the question ------------------------------------------------------------------------------------


def test_the_question_survives_json_and_keeps_its_key(prices: Prices) -> None:
    again = parse_request(request(prices, seed=7).model_dump_json())
    assert again == request(prices, seed=7)
    assert key_of(again) != key_of(request(prices))
    assert again.title == "Six traps on SIM"


def test_too_few_prices_say_how_many_are_needed() -> None:
    with pytest.raises(SeriesTooShort, match=f"SIM has 300 prices in this period; the traps need at least {FEWEST}"):
        asked(prices_of(random_walk(299)))


def test_prices_that_stand_still_in_the_test_are_refused() -> None:
    with pytest.raises(PriceError, match="does not move on any day of the test"):
        asked(prices_of(np.concatenate([random_walk(560), np.zeros(150)])))


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        ({"seeds": 0}, "the number of seeds is 0; choose between 1 and 5"),
        ({"start": "2012-01-02", "end": "2011-01-03"}, "swap the two dates"),
    ],
)
def test_impossible_questions_say_what_to_change(prices: Prices, settings: dict[str, Any], cause: str) -> None:
    with pytest.raises(InvalidRequest, match=cause):
        request(prices, **settings)


# -- the answer --------------------------------------------------------------------------------------


def test_every_trap_has_two_numbers_and_three_sentences(result: TrapsResult) -> None:
    assert tuple(trap.name for trap in result.traps) == TRAPS
    for trap in result.traps:
        assert trap.flattering.text
        assert trap.honest.text
        assert trap.done.endswith(".")
        assert trap.why.endswith(".")
        assert trap.caught.endswith(".")


def test_the_honest_network_is_judged_against_no_move_and_the_flattering_numbers_are_no_health(result: TrapsResult) -> None:
    actual, honest = (result.returns[name].to_numpy() for name in ("actual", "honest"))
    standing = result.standing
    assert (standing.error, standing.baseline) == pytest.approx((np.mean((actual - honest) ** 2), np.mean(actual**2)))
    assert standing.health != "healthy"
    knowing = result.model_copy(update={"returns": result.returns.assign(honest=0.8 * actual)})
    assert knowing.standing.health == "healthy"
    worse = result.model_copy(update={"returns": result.returns.assign(honest=-0.8 * actual)})
    assert worse.standing.health == "unhealthy"


def test_a_result_survives_its_file(result: TrapsResult) -> None:
    again = TrapsResult.from_bytes(result.to_bytes())
    assert again.traps == result.traps
    assert again.headline == "reading the future: R² 1.000, honestly R² −0.01"
    for name, table in result.tables.items():
        assert again.tables[name].equals(table)


def test_numbers_are_means_over_seeds_with_their_range() -> None:
    told = number([0.5, 0.7], lambda value: f"{value:.1f}", "of it")
    assert (told.value, told.low, told.high, told.text, told.spread) == (pytest.approx(0.6), 0.5, 0.7, "0.6", "0.5 to 0.7")
    assert number([0.5], lambda value: f"{value:.1f}", "of it").spread == ""


def test_how_old_a_price_scores_as_much_is_told(result: TrapsResult) -> None:
    ages = result.ages
    assert "The price of 1 day ago" in explanations._as_old(ages["accuracy"].iloc[0], ages)
    assert "more than the last close" in explanations._as_old(100.0, ages)
    assert "Even the price of 60 days ago" in explanations._as_old(0.0, ages)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_trap_is_drawn_with_units_on_its_axes(result: TrapsResult, mode: Any) -> None:
    for name in TRAPS:
        drawn = chart(result, name, mode)
        assert drawn.data
        assert drawn.layout.yaxis.title.text
        assert caption(name).endswith(".")


def test_stopped_it_keeps_the_seeds_that_are_done_and_says_how_many(
    result: TrapsResult, prices: Prices, series: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trained(close: np.ndarray, variant: Variant, test_days: int, seed: int) -> Generator[Progress, None, Levels]:
        yield Progress(phase="", step=seed)
        return copied(close, variant)

    def read(series: Series, first: int, seed: int) -> Generator[Progress, None, Future]:
        yield Progress(phase="")
        actual = series.returns[-TEST:]
        return Future(actual, 0.99 * actual, 0 * actual, flattering_causal=False, honest_causal=True)

    def drawn(*_: Any) -> Generator[Progress, None, Lottery]:
        yield Progress(phase="")
        return Lottery(np.zeros(COUNT), np.full(COUNT, 0.01), 1.0, 0.95, 0.4, better_before=False)

    monkeypatch.setattr(best_of_many, "draw_forecasters", drawn)
    monkeypatch.setattr(price_levels, "train_and_forecast", trained)
    monkeypatch.setattr(reads_the_future, "read_the_future", read)
    running = run(request(prices, seeds=5), {prices.digest: prices.to_bytes()})
    seen, kept = stopped(running, lambda progress: progress.phase == "A shuffled split, seed 3 of 5")
    assert (kept.seeds, kept.unfinished) == (2, "It was stopped with 2 of 5 seeds; the numbers are of these.")
    assert (seen[-1].phase, result.unfinished) == ("The best of many", "")
    assert [one.fraction for one in seen] == sorted(one.fraction for one in seen)
