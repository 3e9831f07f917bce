from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import InvalidRequest
from core.rnn.dataset.features import ExtraName
from core.rnn.dataset.series import Series, series_of
from core.rnn.dataset.target import Target, target_of
from core.rnn.prices.prices import Prices
from tests.rnn.series import garch, prices_of, with_ranges

TARGETS = [target_of("return"), target_of("direction"), target_of("volatility"), target_of("volatility", "garman-klass")]
RETURNS = garch(300)
COLUMNS = ("days", "returns", "values", "sizes", "extras")
every_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.title)


def full_prices(seed: int = 0) -> Prices:
    volume = np.random.default_rng(seed).uniform(1e6, 2e6, len(RETURNS) + 1)
    return with_ranges(prices_of(RETURNS)).model_copy(update={"volume": volume})


def test_values_are_what_is_forecast() -> None:
    prices = full_prices()
    by_target = {target.title: series_of(prices, target).values for target in TARGETS}
    returns = np.log(prices.close[1:] / prices.close[:-1])
    assert by_target["log return"] == pytest.approx(returns)
    assert by_target["direction of the log return"].tolist() == [float(r > 0) for r in returns]
    assert by_target["size of the log return"] == pytest.approx(np.abs(returns))
    assert len(by_target["volatility by Garman and Klass"]) == 300


def test_a_day_without_movement_is_neither_a_rise_nor_a_fall() -> None:
    close = np.array([100.0, 101.0, 101.0, 100.0])
    prices = Prices(symbol="X", source="sample", dates=np.arange(4), close=close)
    assert series_of(prices, target_of("direction")).values.tolist() == [1.0, 0.5, 0.0]


def test_sizes_are_the_volatility_where_that_is_the_target() -> None:
    prices = full_prices()
    measured = series_of(prices, TARGETS[3])
    assert np.array_equal(measured.sizes, measured.values)
    for target in TARGETS[:3]:
        series = series_of(prices, target)
        assert np.array_equal(series.sizes, np.abs(series.returns))


def test_every_return_has_the_day_of_its_close() -> None:
    prices = full_prices()
    series = series_of(prices, target_of())
    assert np.array_equal(series.days, prices.days[1:])
    assert len(series) == 300


@pytest.mark.parametrize("extras", [(), ("volume",), ("range", "weekday"), ("volume", "range", "weekday", "ticker")])
def test_until_is_the_series_of_the_first_prices(extras: tuple[ExtraName, ...]) -> None:
    prices, beside = full_prices(), prices_of(garch(300, seed=5), "OTHER")
    cut = {name: getattr(prices, name)[:201] for name in ("dates", "close", "open", "high", "low", "volume")}
    early = series_of(prices.model_copy(update=cut), TARGETS[3], extras, beside)
    until = series_of(prices, TARGETS[3], extras, beside).until(200)
    for column in COLUMNS:
        assert np.array_equal(getattr(until, column), getattr(early, column))


@every_target
def test_another_future_keeps_the_past_and_turns_every_rise_into_a_fall(target: Target) -> None:
    series = series_of(full_prices(), target, ("volume", "range", "ticker"), prices_of(garch(300, seed=5), "OTHER"))
    other = series.with_another_future(250, seed=3)
    for column in COLUMNS:
        assert np.array_equal(getattr(other, column)[:250], getattr(series, column)[:250])
        assert getattr(other, column).shape == getattr(series, column).shape
    for column in ("returns", "values", "sizes", "extras"):
        assert (getattr(other, column)[250:] != getattr(series, column)[250:]).all()
    assert ((other.returns[250:] > 0) == (series.returns[250:] <= 0)).all()


@every_target
def test_another_future_is_a_world_of_its_own(target: Target) -> None:
    other = series_of(full_prices(), target).with_another_future(250, seed=3)
    if target.name == "direction":
        assert np.array_equal(other.values, (other.returns > 0).astype(float))
    if target.name == "return":
        assert np.array_equal(other.values, other.returns)
    if not target.needs_ranges:
        assert np.array_equal(other.sizes, np.abs(other.returns))


def test_another_future_of_the_first_days_has_the_same_past() -> None:
    series = series_of(full_prices(), target_of())
    early = series.until(280).with_another_future(250, seed=3)
    assert len(early) == 280
    assert np.array_equal(early.returns, series.with_another_future(250, seed=3).returns[:280])


def test_a_series_that_was_made_by_hand_has_no_other_future() -> None:
    with pytest.raises(ValueError, match="does not know the prices"):
        replace(series_of(full_prices(), target_of()), another_future=None).with_another_future(250, 3)


def test_volume_by_hand() -> None:
    prices = full_prices().model_copy(update={"volume": np.full(301, 100.0)})
    prices.volume[1:] = 200.0
    extras = series_of(prices, target_of(), ("volume",)).extras[:, 0]
    assert extras[0] == pytest.approx(np.log(200 / (0.94 * 100 + 0.06 * 200)))
    assert extras[-1] == pytest.approx(0, abs=1e-6)


def test_range_by_hand() -> None:
    prices = full_prices()
    spread = np.log(prices.high / prices.low)
    running = 0.94 * spread[0] + 0.06 * spread[1]
    extras = series_of(prices, target_of(), ("range",)).extras[:, 0]
    assert extras[0] == pytest.approx(np.clip(np.log((spread[1] + 1e-6) / (running + 1e-6)), -3, 3))


def test_a_monday_is_a_monday_in_every_period() -> None:
    weekdays = series_of(full_prices(), target_of(), ("weekday",)).extras
    assert weekdays.shape == (300, 7)
    assert weekdays.argmax(axis=1).tolist()[:6] == [1, 2, 3, 4, 0, 1]  # 2010-01-05 was a Tuesday
    assert weekdays.sum(axis=1) == pytest.approx(np.zeros(300))


def test_another_ticker_is_read_on_our_days() -> None:
    ours = full_prices()
    theirs = prices_of(garch(300, seed=9), "OTHER")
    gone = np.ones(301, dtype=bool)
    gone[100] = False  # we did not trade on that day: its move is part of the next one
    fewer = Prices(symbol="SIM", source="sample", dates=ours.dates[gone], close=ours.close[gone])
    extras = series_of(fewer, target_of(), ("ticker",), theirs).extras[:, 0]
    moves = np.diff(np.log(theirs.close[gone]))
    level = np.abs(moves[0])
    for move, read in zip(moves, extras, strict=True):
        level = 0.94 * level + 0.06 * abs(move)
        assert read == pytest.approx(np.clip(move / (level + 1e-6), -5, 5))


def test_another_ticker_that_misses_our_days_is_refused_with_their_number() -> None:
    with pytest.raises(
        InvalidRequest, match=r"OTHER has no price near 192 of the 301 days of SIM; it runs from .* to .*: choose"
    ):
        series_of(full_prices(), target_of(), ("ticker",), prices_of(garch(100), "OTHER"))
    with pytest.raises(InvalidRequest, match="no other ticker was named; name one"):
        series_of(full_prices(), target_of(), ("ticker",))


def test_prices_without_highs_have_no_ranges() -> None:
    closes = prices_of(RETURNS)
    with pytest.raises(InvalidRequest, match="SIM has no open in this period, which volatility by Garman and Klass needs"):
        series_of(closes, TARGETS[3])
    with pytest.raises(
        InvalidRequest, match=r"SIM has no volume in this period, which volume against .* needs; choose another"
    ):
        series_of(closes, target_of(), ("volume",))


def test_a_measure_by_ranges_needs_no_open_and_nothing_of_the_day_before_the_first_return() -> None:
    prices, parkinson = full_prices(), target_of("volatility", "parkinson")
    without = prices.model_copy(update={"open": np.empty(0)})
    sizes = np.log(prices.high / prices.low)[1:] / np.sqrt(4 * np.log(2))
    assert series_of(without, parkinson).values == pytest.approx(sizes)
    columns = {name: np.append(np.nan, getattr(prices, name)[1:]) for name in ("open", "high", "low")}
    for target in (parkinson, TARGETS[3]):
        first_unknown = series_of(prices.model_copy(update=columns), target)
        assert np.array_equal(first_unknown.values, series_of(prices, target).values)
    columns["high"][7] = np.nan
    with pytest.raises(InvalidRequest, match="lacks the high on 1 days"):
        series_of(prices.model_copy(update=columns), parkinson)


def test_a_column_with_holes_is_refused_with_where_it_is_whole() -> None:
    prices = full_prices()
    volume = prices.volume.copy()
    volume[:10], volume[10] = np.nan, 0.0
    with pytest.raises(
        InvalidRequest, match=r"lacks the volume on 11 days of this period, .* from 19 .*: choose a period inside"
    ):
        series_of(prices.model_copy(update={"volume": volume}), target_of(), ("volume",))


def test_extras_are_finite_and_around_zero_even_when_nothing_moves() -> None:
    still = np.full(301, 5.0)
    prices = full_prices().model_copy(update={"close": still, "open": still, "high": still, "low": still, "volume": still})
    series: Series = series_of(prices, target_of(), ("volume", "range", "ticker"), prices)
    assert np.array_equal(series.extras, np.zeros((300, 3)))


def test_another_ticker_is_read_as_it_was_known_at_our_close() -> None:
    ours, theirs = prices_of(garch(300)), prices_of(garch(300, seed=5), "OTHER")
    holiday = np.delete(np.arange(301), 120)
    closed = theirs.model_copy(update={"dates": theirs.dates[holiday], "close": theirs.close[holiday]})
    read = series_of(ours, target_of(), ("ticker",), closed).extras[:, 0]
    assert read[119] == 0  # it did not trade on that day, so its price is the last one
    same = series_of(ours, target_of(), ("ticker",), theirs).extras[:, 0]
    assert np.array_equal(read[:119], same[:119])
    tokyo, later = ours.model_copy(update={"calendar": "XTKS"}), _earlier(theirs)
    late = series_of(tokyo, target_of(), ("ticker",), later).extras[:, 0]
    tomorrow = later.model_copy(update={"close": np.append(later.close[:-1], 1.0)})
    unmoved = series_of(tokyo, target_of(), ("ticker",), tomorrow).extras[:, 0]
    assert np.array_equal(late, unmoved)  # New York's close of the same day is not there yet when Tokyo closes
    tomorrow = _earlier(ours).model_copy(update={"close": np.append(ours.close, 1.0), "calendar": "XTKS"})
    moved = series_of(theirs, target_of(), ("ticker",), tomorrow).extras[:, 0]
    assert abs(moved[-1]) == 5  # Tokyo's of the same day is there when New York closes


def test_a_ticker_that_did_not_trade_then_cannot_be_read() -> None:
    ours, theirs = prices_of(garch(300)), prices_of(garch(300, seed=5), "OTHER")
    late = theirs.model_copy(update={"dates": theirs.dates[100:], "close": theirs.close[100:]})
    with pytest.raises(InvalidRequest, match="OTHER has no price near 100 of the 301 days of SIM"):
        series_of(ours, target_of(), ("ticker",), late)


def _earlier(prices: Prices) -> Prices:
    """With a close on the day before its first one, so that the first of our days has one to look back to."""
    dates, close = np.concatenate([prices.dates[:1] - 1, prices.dates]), np.concatenate([prices.close[:1], prices.close])
    return prices.model_copy(update={"dates": dates, "close": close})
