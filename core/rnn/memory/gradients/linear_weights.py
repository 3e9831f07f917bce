"""What linear models weigh: ∂ŷ_t/∂y_{t−k} of a fitted classical model, its true coefficients, read off its own forecasts.

A model that is linear in the values of the days so far, with constant weights, changes its forecast by w_k · δ where the value
k days before is changed by δ, whatever δ and the day. Models for which that does not hold (GARCH, whose forecast is not
linear; the mean, whose weights depend on how many days there are) have no such weights and are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.rnn.dataset.series import Series
from core.rnn.evaluation.backtest import Candidate
from core.rnn.forecaster import FittedForecaster
from core.rnn.memory.gradients.connectivity import LAGS

_BUMP = 0.5  # of the value's own mean size, so that no bound of the target is met
_SAME = 1e-8  # two weights that differ by less are equal


def linear_weights(forecaster: FittedForecaster, series: Series, lags: int = LAGS) -> np.ndarray | None:
    """w_k for k = 1 … lags of the forecast one step ahead, (lags,); None where it has no constant weights, or all are 0."""
    size = _BUMP * float(np.abs(np.asarray(series.values)).mean())
    ends = len(series), (len(series) + lags) // 2
    weights = [
        _differences(forecaster, series.until(end), bump, lags) for end, bump in zip(ends, (size, size / 2), strict=True)
    ]
    constant = np.allclose(weights[0], weights[1], rtol=_SAME, atol=_SAME)
    return weights[0] if constant and np.abs(weights[0]).max() > _SAME else None


def weights_by_model(fitted: Sequence[Candidate], series: Series, lags: int = LAGS) -> dict[str, np.ndarray]:
    """Those of all fitted models that have some, by name."""
    weights = {one.model: linear_weights(one.forecaster, series, lags) for one in fitted}
    return {model: weight for model, weight in weights.items() if weight is not None}


def _differences(forecaster: FittedForecaster, series: Series, bump: float, lags: int) -> np.ndarray:
    """(ŷ with y_{t−k} + bump − ŷ) / bump for k = 1 … lags, t the day after the series."""
    before = forecaster.forecast(series, len(series))[0, 0]
    values = np.asarray(series.values, dtype=np.float64)
    weights = np.empty(lags)
    for k in range(1, lags + 1):
        changed = values.copy()
        changed[-k] += bump
        weights[k - 1] = (forecaster.forecast(replace(series, values=changed), len(series))[0, 0] - before) / bump
    return weights
