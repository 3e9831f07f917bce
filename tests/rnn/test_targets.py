from __future__ import annotations

import numpy as np
import pytest

from core.rnn.targets import LOWEST, REACH, TARGETS, Scaler, TargetName, log_returns, price_path, target_values
from tests.rnn.series import garch

BOTH = list(TARGETS)


def test_log_returns_by_hand() -> None:
    assert log_returns(np.array([100.0, 110.0, 99.0])) == pytest.approx([np.log(1.1), np.log(0.9)])


def test_volatility_is_the_size_of_the_return() -> None:
    returns = np.array([0.01, -0.02, 0.0])
    assert target_values("volatility", returns).tolist() == [0.01, 0.02, 0.0]
    assert target_values("return", returns) is returns


def test_price_path_undoes_the_log_return() -> None:
    close = np.array([100.0, 110.0, 99.0])
    assert price_path(close[:-1], log_returns(close)) == pytest.approx(close[1:])
    assert price_path(close[:-1], np.zeros((3, 2))).tolist() == [[100.0, 110.0]] * 3


def test_scaler_never_sees_the_future() -> None:
    returns = garch(500)
    other = returns.copy()
    other[300:] *= 50
    assert Scaler.fit(returns, 300) == Scaler.fit(other, 300)
    assert Scaler.fit(returns, 300).days == 300


def test_level_of_a_day_knows_that_day_and_the_days_before_it() -> None:
    returns, scaler = garch(500), Scaler(300, 0.01)
    other = returns.copy()
    other[400:] *= 50
    np.testing.assert_array_equal(scaler.levels(returns)[:401], scaler.levels(other)[:401])
    assert (scaler.levels(returns)[401:] < scaler.levels(other)[401:]).all()


def test_level_by_hand() -> None:
    levels = Scaler(1, 0.01).levels(np.array([0.02, -0.03]))
    first = 0.94 * 0.01 + 0.06 * 0.02
    assert levels == pytest.approx([0.01, first, 0.94 * first + 0.06 * 0.03])


def test_level_of_a_ticker_that_stands_still_has_a_floor() -> None:
    levels = Scaler(1, 0.01).levels(np.zeros(2000))
    assert levels[-1] == pytest.approx(LOWEST * 0.01)


def test_a_wild_series_reads_like_a_calm_one() -> None:
    returns = garch(400)
    calm, wild = Scaler.fit(returns, 300), Scaler.fit(7 * returns, 300)
    np.testing.assert_allclose(calm.features(returns), wild.features(7 * returns), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(calm.labels("volatility", returns), wild.labels("volatility", 7 * returns), rtol=1e-5)


def test_moves_are_read_up_to_a_reach() -> None:
    returns = garch(400)
    returns[200] = 1.0
    assert np.abs(Scaler.fit(returns, 100).features(returns)[:, 1]).max() == REACH


@pytest.mark.parametrize("name", BOTH)
def test_forecasts_undo_labels(name: TargetName) -> None:
    returns = garch(400)
    scaler = Scaler.fit(returns, 300)
    labels = scaler.labels(name, returns)
    assert scaler.forecasts(labels[1:], returns[:-1]) == pytest.approx(target_values(name, returns)[1:], rel=1e-6)
    assert scaler.forecasts(labels[-7:], returns[:-1]) == pytest.approx(target_values(name, returns)[-7:], rel=1e-6)


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("returns", [np.full(300, 0.01), np.tile([0.01, -0.01], 150), np.eye(1, 300, 7)[0]])
def test_monotonous_returns_still_have_finite_features(name: TargetName, returns: np.ndarray) -> None:
    scaler = Scaler.fit(returns, 300)
    features = scaler.features(returns)
    assert np.isfinite(features).all()
    assert np.abs(features).max() < 100
    assert np.isfinite(scaler.labels(name, returns)).all()
