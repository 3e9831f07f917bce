from __future__ import annotations

import numpy as np
import pytest
from statsmodels.tsa.ar_model import AutoReg, ar_select_order

from core.rnn.classical.autoregression import Autoregression
from tests.rnn.series import ar1, as_series


def test_ar_of_a_known_process_finds_its_coefficient() -> None:
    weights = Autoregression.fit(ar1(5000, phi=0.7), most_lags=1).weights
    assert weights[1] == pytest.approx(0.7, abs=0.03)  # three standard errors, sqrt(1 - 0.49) / sqrt(5000) each


@pytest.mark.parametrize("seed", range(2))
def test_ar_has_the_order_and_weights_of_statsmodels(seed: int) -> None:
    past = ar1(800, seed=seed, phi=0.5) + 0.5 * np.roll(ar1(800, seed=seed + 10, phi=-0.4), 1)
    chosen = ar_select_order(past, 22, ic="aic", trend="c")
    order = 0 if chosen.ar_lags is None else len(chosen.ar_lags)
    oracle = AutoReg(past, order, trend="c").fit()
    assert Autoregression.fit(past).weights == pytest.approx(oracle.params, rel=1e-7)


def test_ar_paths_are_those_of_statsmodels_from_every_origin() -> None:
    series = as_series(ar1(430, phi=0.6))
    model = Autoregression.fit(series.values[:400])
    oracle = AutoReg(series.values[:400], len(model.weights) - 1, trend="c").fit()
    paths = model.forecasts(series, 400, 20)
    assert paths.shape == (31, 20)
    for row in (0, 7, 30):
        extended = oracle.append(series.values[400 : 400 + row]) if row else oracle
        assert paths[row] == pytest.approx(extended.forecast(20), rel=1e-7)


def test_ar_learns_a_sine() -> None:
    series = as_series(0.01 * np.sin(2 * np.pi * np.arange(600) / 25))
    paths = Autoregression.fit(series.values[:500]).forecasts(series, 500, 10)
    actual = np.lib.stride_tricks.sliding_window_view(series.values[500:], 10)
    assert paths[:91] == pytest.approx(actual, abs=1e-8)
