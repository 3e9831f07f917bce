"""The causality check (look-ahead test): a forecast must not depend on anything after its origin.

Everything after a cutoff is replaced: the ticker's own prices, and those of other tickers that are read, from what is not over
at the close of the cutoff on. The series is made anew of them, further inputs included, and every forecast from that cutoff or
an earlier one has to stay the same to the last bit. Networks that read a window in both directions pass, because the window
ends at the cutoff; networks that read later days, whose scaler was fitted on them, or whose inputs hold them, fail.
"""

from __future__ import annotations

import numpy as np

from core.rnn.dataset.series import Series
from core.rnn.forecaster import FittedForecaster

PROBES = 3


def is_causal(forecaster: FittedForecaster, series: Series, first: int, seed: int = 0) -> bool:
    """Whether forecasts and quantiles from day `first` on stay bit-equal when later days change, for `PROBES` cutoffs."""
    forecasts = _all_of(forecaster, series, first)
    for probe, cutoff in enumerate(np.linspace(first, len(series) - 1, PROBES + 1).astype(int)[:-1]):
        changed = series.with_another_future(int(cutoff), seed + probe)
        rows = cutoff - first + 1
        pairs = zip(forecasts, _all_of(forecaster, changed, first), strict=True)
        if not all(np.array_equal(one[:rows], other[:rows]) for one, other in pairs):
            return False
    return True


def _all_of(forecaster: FittedForecaster, series: Series, first: int) -> list[np.ndarray]:
    """The forecasts, and the quantiles of a model that states them."""
    quantiles = forecaster.quantiles(series, first)
    return [forecaster.forecast(series, first), *([] if quantiles is None else [quantiles])]
