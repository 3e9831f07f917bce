from __future__ import annotations

import numpy as np
import pytest

from core.errors import InvalidRequest
from core.rnn.dataset.features import CLIP, FEATURES, Scaler
from core.rnn.dataset.level import LOWEST
from core.rnn.dataset.target import EDGE, TARGETS, Target, garman_klass, log_returns, parkinson, target_of
from core.rnn.networks.losses import LOSSES
from core.rnn.prices.samples import COMPANIES, fetch
from core.rnn.worth.accounts import RULES
from tests.rnn.series import garch

RETURNS = garch(500)
SIZES = np.abs(RETURNS)


def test_log_returns_by_hand() -> None:
    assert log_returns(np.array([100.0, 110.0, 99.0])) == pytest.approx([np.log(1.1), np.log(0.9)])


def test_parkinson_by_hand() -> None:
    assert parkinson(np.array([np.e]), np.array([1.0])) == pytest.approx([1 / np.sqrt(4 * np.log(2))])


def test_garman_klass_by_hand() -> None:
    open, high, low, close = (np.exp([value]) for value in (0.1, 0.5, 0.0, 0.3))
    assert garman_klass(open, high, low, close) == pytest.approx([np.sqrt(0.25 / 2 - (2 * np.log(2) - 1) * 0.04)])


def test_garman_klass_of_a_day_that_only_rises_is_not_negative() -> None:
    low, high = np.array([1.0, 1.0]), np.array([1.0, 1.1])
    assert garman_klass(low, high, low, high) == pytest.approx([0, np.log(1.1) * np.sqrt(1.5 - 2 * np.log(2))])


@pytest.mark.parametrize("measured", ["parkinson", "garman-klass"])
def test_measures_of_a_driftless_day_are_its_standard_deviation(measured: str) -> None:
    """On simulated Brownian days. Prices are seen 2,000 times a day, so that the range is a little too small."""
    path = np.cumsum(0.02 / np.sqrt(2000) * np.random.default_rng(0).standard_normal((1500, 2000)), axis=1)
    open, close = np.ones(1500), np.exp(path[:, -1])
    high, low = np.exp(np.maximum(path.max(axis=1), 0)), np.exp(np.minimum(path.min(axis=1), 0))
    volatility = parkinson(high, low) if measured == "parkinson" else garman_klass(open, high, low, close)
    assert np.sqrt(np.square(volatility).mean()) == pytest.approx(0.02, rel=0.05)


def test_measures_of_volatility_by_ranges_need_ranges_and_values_of_closes_do_not() -> None:
    assert {key for key, target in TARGETS.items() if target.needs_ranges} >= {
        ("volatility", "parkinson"),
        ("volatility", "garman-klass"),
    }
    assert not any(target_of(name).needs_ranges for name in ("return", "direction", "volatility"))
    assert target_of("volatility", "garman-klass").needs == ("open", "high", "low")


@pytest.mark.parametrize("name", ["return", "direction"])
def test_a_measure_of_volatility_is_refused_for_other_targets(name: str) -> None:
    with pytest.raises(InvalidRequest, match=f"parkinson measures volatility, but the target is {name}; choose one of them"):
        target_of(name, "parkinson")


def test_every_target_has_a_title_and_an_axis_of_its_own() -> None:
    assert (
        len({target.title for target in TARGETS.values()}) == len({target.axis for target in TARGETS.values()}) == len(TARGETS)
    )


def test_targets_say_in_a_sentence_what_is_forecast() -> None:
    assert target_of("return").about(1, "day") == "the next day's return"
    assert target_of("direction").about(5, "week") == "the directions of the next 5 weeks' moves"
    assert target_of("volatility", "parkinson").about(2, "bar") == "the sizes of the next 2 bars' moves"


@pytest.mark.parametrize("target", TARGETS.values(), ids=lambda target: target.title)
def test_every_target_names_rules_and_losses_that_there_are(target: Target) -> None:
    assert set(target.rules) <= set(RULES)
    assert target.losses[0] == "auto"
    assert {target.default_loss, *target.losses[1:]} <= set(LOSSES)


def test_sigma_of_a_size_by_hand() -> None:
    returns = np.array([0.03, -0.01, 0.0, 0.04])
    levels = [0.02, 0.94 * 0.02 + 0.06 * 0.03]  # before the first day and the second, and so on
    levels += [0.94 * levels[1] + 0.06 * 0.01, 0.94 * (0.94 * levels[1] + 0.06 * 0.01)]
    assert target_of("volatility").sigma_of(returns, np.abs(returns)) == pytest.approx(np.sqrt(0.0026 / sum(np.square(levels))))
    ranges = np.array([0.02, 0.02, 0.02, 0.04])
    flat = np.array([0.025, 0.94 * 0.025 + 0.06 * 0.02, 0.0, 0.0])
    flat[2] = 0.94 * flat[1] + 0.06 * 0.02
    flat[3] = 0.94 * flat[2] + 0.06 * 0.02
    assert target_of("volatility", "parkinson").sigma_of(returns, ranges) == pytest.approx(np.sqrt(0.0026 / (flat**2).sum()))
    assert np.isnan(target_of("volatility").sigma_of(np.zeros(4), np.zeros(4)))
    assert np.isnan([target_of(name).sigma_of(returns, returns) for name in ("return", "direction")]).all()


def test_sigma_of_shares_is_larger_than_that_of_normal_returns() -> None:
    returns = [log_returns(fetch(name).close) for name in COMPANIES]
    factors = [target_of("volatility").sigma_of(one, np.abs(one)) for one in returns]
    assert np.mean(factors) == pytest.approx(1.34, abs=0.03)
    assert min(factors) > np.sqrt(np.pi / 2)


def test_forecasts_are_said_in_percent() -> None:
    assert target_of("return").said(-0.00125) == "−0.12 %"
    assert target_of("return").said(0.01) == "+1.00 %"
    assert target_of("volatility").said(0.0084) == "0.84 %"
    assert target_of("direction").said(0.531) == "53.10 %"
    assert target_of("volatility", "parkinson").quantity == "volatility by Parkinson"


def test_the_reference_errs_by_the_value_itself_or_by_its_change() -> None:
    values = np.array([0.2, 0.5, 0.4])
    assert target_of("return").reference_errors(values).tolist() == values.tolist()
    assert target_of("direction").reference_errors(values) == pytest.approx([-0.3, 0.0, -0.1])
    assert target_of("volatility").reference_errors(values) == pytest.approx([0.3, -0.1])


def test_forecasts_are_kept_in_the_range_of_their_target() -> None:
    wild = np.array([-2.0, 0.3, 2.0])
    assert target_of("return").bounded(wild).tolist() == wild.tolist()
    assert target_of("direction").bounded(wild).tolist() == [EDGE, 0.3, 1 - EDGE]
    assert target_of("volatility").bounded(wild).tolist() == [0.0, 0.3, 2.0]


def test_scaler_never_sees_the_future() -> None:
    other = SIZES.copy()
    other[300:] *= 50
    assert Scaler.fit(SIZES, 300) == Scaler.fit(other, 300)
    assert Scaler.fit(SIZES, 300).start == pytest.approx(SIZES[:300].mean())


def test_level_of_a_day_knows_that_day_and_the_days_before_it() -> None:
    scaler, other = Scaler(300, 0.01), SIZES.copy()
    other[400:] *= 50
    np.testing.assert_array_equal(scaler.levels(SIZES)[:401], scaler.levels(other)[:401])
    assert (scaler.levels(SIZES)[401:] < scaler.levels(other)[401:]).all()


def test_level_by_hand() -> None:
    levels = Scaler(1, 0.01).levels(np.array([0.02, 0.03]))
    first = 0.94 * 0.01 + 0.06 * 0.02
    assert levels == pytest.approx([0.01, first, 0.94 * first + 0.06 * 0.03])


def test_level_of_a_ticker_that_stands_still_has_a_floor() -> None:
    assert Scaler(1, 0.01).levels(np.zeros(2000))[-1] == pytest.approx(LOWEST * 0.01)


def test_features_by_hand() -> None:
    features = Scaler(1, 0.01).features(np.array([-0.02]), np.array([0.02]))
    level = 0.94 * 0.01 + 0.06 * 0.02
    expected = [np.log(0.02 / level + 0.1), -0.02 / level, np.log(level / 0.01)]
    assert features.shape == (1, FEATURES)
    assert features[0] == pytest.approx(expected, rel=1e-6)


def test_a_wild_series_reads_like_a_calm_one() -> None:
    calm, wild = (Scaler.fit(times * SIZES, 300).features(times * RETURNS, times * SIZES) for times in (1, 7))
    np.testing.assert_allclose(calm, wild, rtol=1e-5, atol=1e-5)


def test_a_level_is_read_as_far_as_the_training_days_went() -> None:
    """The reading of a crash stays where the network has been; its units, the level itself, follow all the way."""
    crash = SIZES.copy()
    crash[300:] *= 50
    scaler = Scaler.fit(crash, 300)
    read = scaler.features(RETURNS, crash)[:, 2]
    assert read[300:].max() == read[:300].max()
    assert scaler.levels(crash)[300:].max() > 5 * scaler.highest
    np.testing.assert_array_equal(read[:300], np.log(scaler.levels(crash)[1:301] / scaler.start).astype(np.float32))


def test_moves_are_read_up_to_a_reach() -> None:
    returns = RETURNS.copy()
    returns[200] = 1.0
    assert np.abs(Scaler.fit(SIZES, 100).features(returns, np.abs(returns))[:, 1]).max() == CLIP


@pytest.mark.parametrize(
    "returns",
    [np.full(300, 0.01), np.tile([0.01, -0.01], 150), np.eye(1, 300, 7)[0], np.zeros(300)],
    ids=["rising", "to and fro", "one jump", "still"],
)
def test_monotonous_returns_still_have_finite_features(returns: np.ndarray) -> None:
    features = Scaler.fit(np.abs(returns), 300).features(returns, np.abs(returns))
    assert np.isfinite(features).all()
    assert np.abs(features).max() < 100
