from __future__ import annotations

import numpy as np
import pytest

from core.rnn.targets import REACH, TARGETS, Scaler, TargetName, log_returns, price_path, target_values
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


@pytest.mark.parametrize("name", BOTH)
def test_scaler_never_sees_the_future(name: TargetName) -> None:
    returns = garch(500)
    other = returns.copy()
    other[300:] *= 50
    assert Scaler.fit(name, returns, 300) == Scaler.fit(name, other, 300)
    assert Scaler.fit(name, returns, 300).days == 300


def test_training_days_are_standardised() -> None:
    returns = garch(2000)
    scaler = Scaler.fit("volatility", returns, 1500)
    sizes, moves = scaler.features(returns[:1500]).T
    assert sizes.mean() == pytest.approx(0, abs=1e-5)
    assert sizes.std() == pytest.approx(1, abs=1e-5)
    assert np.abs(moves).max() <= REACH
    assert scaler.labels(np.abs(returns[:1500])).mean() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("name", BOTH)
def test_forecasts_undo_labels(name: TargetName) -> None:
    values = target_values(name, garch(400))
    scaler = Scaler.fit(name, garch(400), 300)
    assert scaler.forecasts(scaler.labels(values)) == pytest.approx(values, rel=1e-6)


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("returns", [np.full(300, 0.01), np.tile([0.01, -0.01], 150), np.eye(1, 300, 7)[0]])
def test_monotonous_returns_still_have_finite_features(name: TargetName, returns: np.ndarray) -> None:
    scaler = Scaler.fit(name, returns, 300)
    features = scaler.features(returns)
    assert np.isfinite(features).all()
    assert np.abs(features).max() < 100
    assert np.isfinite(scaler.labels(returns)).all()
