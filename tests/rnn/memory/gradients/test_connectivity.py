"""Connectivity against finite differences of forecasts whose every step is computed again, in numpy and float64."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from core.drive import returned
from core.errors import SeriesTooShort
from core.rnn.classical.autoregression import Autoregression
from core.rnn.classical.forecaster import Classical
from core.rnn.dataset.features import CLIP, QUIET
from core.rnn.dataset.level import DECAY, LOWEST
from core.rnn.dataset.series import Series, series_of
from core.rnn.dataset.target import target_of
from core.rnn.memory.equations import layers_of, sigmoid
from core.rnn.memory.gradients.connectivity import LAGS, RUN_IN, connectivity, origins_of
from core.rnn.memory.gradients.linear_weights import linear_weights
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.network import Network
from tests.rnn.memory.networks import fitted, name_of, possible, with_extras
from tests.rnn.series import ar1, as_series, garch, prices_of, with_ranges

DAYS, DAY = 320, 260


def features(network: Network, returns: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the network reads, in float64, and the levels after each day; by pandas."""
    scaler = network.scaler
    assert scaler is not None
    running = pd.Series([scaler.start, *sizes]).ewm(alpha=1 - DECAY, adjust=False).mean().to_numpy()[1:]
    level = np.maximum(running, LOWEST * scaler.start)
    clipped = np.clip(level, scaler.lowest, scaler.highest)
    read = (np.log(sizes / level + QUIET), np.clip(returns / level, -CLIP, CLIP), np.log(clipped / scaler.start))
    return np.stack(read, axis=1), level


def by_hand(network: Network, returns: np.ndarray, sizes: np.ndarray) -> float:
    """The forecast one step ahead of a vanilla, LSTM or GRU network that reads the last days, by the equations."""
    read, level = features(network, returns, sizes)
    weights = {name: value.double().numpy() for name, value in network.model.state_dict().items()}
    own = {name.removeprefix("cell."): value for name, value in weights.items() if name.startswith("cell.")}
    x = read[-(network.window or RUN_IN + LAGS) :]
    for directions in layers_of(network.model.cell, own):
        x = np.concatenate([layer.read(x)["h"] for layer in directions], axis=-1)
    units = network.architecture.hidden
    state = x[-1] if x.shape[1] == units else np.concatenate([x[-1, :units], x[0, units:]])
    y = (weights["head.linear.weight"] @ state + weights["head.linear.bias"])[0]
    target = network.architecture.target
    if target.is_probability:
        return float(sigmoid(y)) * network.scaler.start  # in units of the mean move
    return float(level[-1] * (y if target.is_signed else np.log1p(np.exp(y))))


@pytest.mark.parametrize("target", ["return", "direction", "volatility"])
@pytest.mark.parametrize(
    ("cell", "type"), [("rnn", "auto"), ("lstm", "auto"), ("gru", "auto"), ("bilstm", "many-to-one"), ("gru", "many-to-one")]
)
def test_connectivity_is_the_finite_difference_of_the_forecast(cell: str, type, target: str) -> None:
    series = as_series(garch(DAYS), target_of(target))
    network = fitted(Architecture(cell, series.target, type, hidden=5), series)
    slopes = connectivity(network, series, np.array([DAY]))[0]
    returns, step = series.returns[:DAY], 1e-9
    for k in (1, 2, 7, 30, 60):
        ends = []
        for sign in (1, -1):
            moved = returns.copy()
            moved[-k] += sign * step
            ends.append(by_hand(network, moved, np.abs(moved)))
        assert slopes[k - 1] == pytest.approx(abs(ends[0] - ends[1]) / (2 * step), rel=2e-3, abs=1e-6), k


def test_where_sizes_are_measured_apart_both_are_moved() -> None:
    series = series_of(with_ranges(prices_of(garch(DAYS))), target_of("volatility", "parkinson"))
    network = fitted(Architecture("gru", series.target, hidden=5), series)
    slopes = connectivity(network, series, np.array([DAY]))[0]
    step = 1e-9
    for k in (1, 5, 40):
        parts = []
        for moved in (0, 1):
            ends = []
            for sign in (1, -1):
                both = [series.returns[:DAY].copy(), series.sizes[:DAY].copy()]
                both[moved][-k] += sign * step
                ends.append(by_hand(network, *both))
            parts.append((ends[0] - ends[1]) / (2 * step))
        assert slopes[k - 1] == pytest.approx(np.hypot(*parts), rel=2e-3, abs=1e-6)


@pytest.mark.parametrize("architecture", possible(), ids=name_of)
def test_every_network_has_a_connectivity(architecture: Architecture) -> None:
    series = with_extras(as_series(garch(DAYS), architecture.target), 1)
    network = fitted(replace(architecture, extras=1), series)
    sizes = connectivity(network, series, origins_of(series, 250, 5))
    assert sizes.shape == (5, LAGS)
    assert np.isfinite(sizes).all()
    assert (sizes >= 0).all()


def test_all_days_at_once_are_each_day_for_itself() -> None:
    series = as_series(garch(DAYS))
    network = fitted(Architecture("lstm", series.target, hidden=5), series)
    days = origins_of(series, 200, 4)
    alone = np.concatenate([connectivity(network, series, days[n : n + 1]) for n in range(4)])
    assert connectivity(network, series, days) == pytest.approx(alone, rel=1e-4, abs=1e-9)


def test_connectivity_knows_no_later_day() -> None:
    series = as_series(garch(DAYS))
    network = fitted(Architecture("gru", series.target, hidden=5), series)
    cut = replace(series.until(201), another_future=None)
    assert np.array_equal(connectivity(network, series, np.array([200])), connectivity(network, cut, np.array([200])))


def test_the_days_looked_into_have_enough_days_before_them() -> None:
    series = as_series(garch(DAYS))
    days = origins_of(series, 0, 10)
    assert (days[0], days[-1], len(days)) == (LAGS + RUN_IN, DAYS - 1, 10)
    with pytest.raises(SeriesTooShort, match="connectivity needs more"):
        origins_of(series.until(90), 50)


def fitted_classical(name: str, series: Series) -> Classical:
    model = Classical(name, series.target, 1)
    returned(model.fit(series, len(series)))
    return model


def test_the_weights_of_ar_are_those_that_statsmodels_estimates() -> None:
    series = as_series(ar1(800, phi=0.5))
    order = len(Autoregression.fit(series.values).weights) - 1
    expected = sm.tsa.AutoReg(series.values, order, trend="c").fit().params[1:]
    weights = linear_weights(fitted_classical("ar", series), series)
    assert weights is not None
    assert weights[:order] == pytest.approx(expected, abs=1e-6)
    assert weights[order:] == pytest.approx(np.zeros(LAGS - order), abs=1e-9)


def test_the_weights_of_har_are_those_that_statsmodels_estimates() -> None:
    series = as_series(garch(800), target_of("volatility"))
    y = np.asarray(series.values)
    rows = [[y[t - days : t].mean() for days in (1, 5, 22)] for t in range(22, len(y))]
    day, week, month = sm.OLS(y[22:], sm.add_constant(np.array(rows))).fit().params[1:]
    expected = np.zeros(LAGS)
    expected[:22] += month / 22
    expected[:5] += week / 5
    expected[0] += day
    weights = linear_weights(fitted_classical("har", series), series)
    assert weights == pytest.approx(expected, abs=1e-6)


def test_the_weights_of_ewma_fall_by_its_decay() -> None:
    series = as_series(garch(800), target_of("volatility"))
    weights = linear_weights(fitted_classical("ewma", series), series)
    assert weights is not None
    assert weights[1:] / weights[:-1] == pytest.approx(np.full(LAGS - 1, DECAY), rel=1e-6)


def test_a_model_without_constant_weights_has_none() -> None:
    series = as_series(garch(800), target_of("volatility"))
    assert linear_weights(fitted_classical("mean", series), series) is None  # 1 / days
    assert linear_weights(fitted_classical("random-walk", as_series(garch(300))), as_series(garch(300))) is None  # always 0
